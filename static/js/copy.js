// Copies what a field holds. <button type="button" data-copy="text"><span data-copied="已复制">复制正文</span></button>
// Where the browser lends no clipboard, the field is selected instead.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  const field = button && document.getElementById(button.dataset.copy);
  if (!field) return;
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    const words = button.querySelector("[data-copied]");
    if (words) words.textContent = words.dataset.copied;
  } catch {
    field.focus();
  }
});
