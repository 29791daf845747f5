// Changes between light and dark and keeps it in the cookie the server reads. <button data-theme-switch hidden>
const YEAR_SECONDS = 31536000;
document.querySelectorAll("[data-theme-switch]").forEach((button) => { button.hidden = false; });

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-theme-switch]")) return;
  const root = document.documentElement;
  root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
  document.cookie = `theme=${root.dataset.bsTheme}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
  document.dispatchEvent(new CustomEvent("theme-changed"));
});
