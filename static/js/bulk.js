// Ticks all rows of a page and shows the bulk bar from the first ticked row on.
// <form data-bulk> <div class="bulk" data-bulk-bar hidden>已选 <b data-bulk-count></b> 位 <button data-bulk-clear>
//   <input type="checkbox" data-bulk-all> … <tr><td><input type="checkbox" name="client" data-bulk-row>
const rows = (form) => [...form.querySelectorAll("[data-bulk-row]")];

function refresh(form) {
  const ticked = rows(form).filter((row) => row.checked);
  rows(form).forEach((row) => row.closest("tr")?.classList.toggle("sel", row.checked));
  const all = form.querySelector("[data-bulk-all]");
  if (all) {
    all.checked = ticked.length > 0 && ticked.length === rows(form).length;
    all.indeterminate = ticked.length > 0 && !all.checked;
  }
  const bar = form.querySelector("[data-bulk-bar]");
  if (bar) bar.hidden = ticked.length === 0;
  form.querySelectorAll("[data-bulk-count]").forEach((figure) => {
    figure.textContent = ticked.length.toLocaleString("zh-CN");
  });
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-bulk]");
  if (!form) return;
  if (event.target.matches("[data-bulk-all]")) {
    rows(form).forEach((row) => { row.checked = event.target.checked && !row.disabled; });
  }
  refresh(form);
});

document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-bulk-clear]")?.closest("[data-bulk]");
  if (!form) return;
  event.preventDefault();
  rows(form).forEach((row) => { row.checked = false; });
  refresh(form);
});

document.querySelectorAll("[data-bulk]").forEach(refresh);
document.addEventListener("htmx:load", () => document.querySelectorAll("[data-bulk]").forEach(refresh));
