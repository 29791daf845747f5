// Asks in a dialog instead of on a page of its own. <a href="/plans/7/undo/" data-dialog="#undo">撤销方案…</a>
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.querySelector(opener.dataset.dialog);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
  }
  if (event.target.closest("[data-dialog-close]")) event.target.closest("dialog")?.close();
});
