// Arrows walk the suggestions under the search box. <input data-search> <div id="suggestions"><div class="sugg"><a class="sg">
const box = document.querySelector("[data-search]");
const list = document.getElementById("suggestions");
const lines = () => [...(list?.querySelectorAll("a.sg") ?? [])];

function move(step) {
  const all = lines();
  const present = all.findIndex((line) => line.classList.contains("on"));
  const next = all[(present + step + all.length + (present < 0 && step < 0 ? 1 : 0)) % all.length];
  all.forEach((line) => line.classList.toggle("on", line === next));
  next.scrollIntoView({ block: "nearest" });
}

box?.addEventListener("keydown", (event) => {
  if (!lines().length) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    move(event.key === "ArrowDown" ? 1 : -1);
  }
  const chosen = list.querySelector("a.sg.on");
  if (event.key === "Enter" && chosen) {
    event.preventDefault();
    chosen.click();
  }
  if (event.key === "Escape") list.replaceChildren();
});

document.addEventListener("click", (event) => {
  if (list && !event.target.closest(".find")) list.replaceChildren();
});
