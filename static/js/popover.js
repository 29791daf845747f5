// Closes an open menu by Escape or a click beside it. <details class="me-menu"><summary>…
const openMenus = () => document.querySelectorAll("details.me-menu[open], details[data-pop][open]");

document.addEventListener("click", (event) => {
  openMenus().forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  openMenus().forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});
