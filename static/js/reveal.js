// Shows a field only while its choice is chosen. <input type="radio" name="next" value="date">
// <div data-shown-by="next=date">…</div>, or several choices: "q1=d|e"; without JavaScript the field simply stays in sight.
function refresh(root) {
  root.querySelectorAll("[data-shown-by]").forEach((part) => {
    const [name, value] = part.dataset.shownBy.split("=");
    const chosen = [...(part.closest("form")?.querySelectorAll(`[name="${name}"]:checked`) ?? [])];
    const isMeant = chosen.some((box) => value.split("|").includes(box.value));
    part.hidden = !isMeant && !part.querySelector("[aria-invalid=true]");
  });
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form");
  if (form) refresh(form);
});
document.addEventListener("htmx:load", (event) => refresh(event.target));
refresh(document);
