// Opens the drawer when htmx filled it, closes it when the server says so (HX-Trigger: drawer-close).
// <a href="/contacts/new/?client=7" hx-get="/contacts/new/?client=7" hx-target="#drawer">联系</a>
const drawer = document.getElementById("drawer");
const pane = () => window.tabler.Offcanvas.getOrCreateInstance(drawer);
let opener = null;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target === drawer && !drawer.contains(event.detail.elt)) opener = event.detail.elt;
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === drawer && drawer.innerHTML.trim()) pane().show();
});

drawer?.addEventListener("shown.bs.offcanvas", () => {
  drawer.querySelector("[aria-invalid=true], [autofocus], input:not([type=hidden]), textarea, select")?.focus();
});

drawer?.addEventListener("hidden.bs.offcanvas", () => {
  drawer.replaceChildren();
  opener?.focus();
});

// The list below was drawn anew and took the opener with it: go on at the next line. <a data-next>
document.addEventListener("htmx:afterSettle", () => {
  if (document.activeElement === document.body && opener && !opener.isConnected) {
    opener = null;
    document.querySelector("[data-next]")?.focus();
  }
});

document.addEventListener("drawer-close", () => drawer && pane().hide());
