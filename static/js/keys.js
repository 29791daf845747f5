// "/" goes to the search box; Ctrl+Enter saves the form in hand. <input data-search> <form data-save>
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !event.ctrlKey && !event.metaKey && !event.target.closest("input, textarea, select")) {
    const box = document.querySelector("[data-search]");
    if (box) {
      event.preventDefault();
      box.focus();
    }
  }
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest("form") ?? document.querySelector(".drawer.show form, form[data-save]");
    form?.requestSubmit(form.querySelector("[type=submit].btn-primary") ?? undefined);
  }
});
