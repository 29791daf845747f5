// Asks before a half-filled form is left. <form data-guard>
const dirty = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-guard]");
  if (form) dirty.add(form);
});

document.addEventListener("submit", (event) => dirty.delete(event.target));
document.addEventListener("htmx:afterSwap", () => dirty.forEach((form) => form.isConnected || dirty.delete(form)));

addEventListener("beforeunload", (event) => {
  if ([...dirty].some((form) => form.isConnected)) event.preventDefault();
});
