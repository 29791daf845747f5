// Opens the print dialog. <button type="button" data-print>打印台账</button>
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) print();
});
