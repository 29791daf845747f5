// Moves toasts to the corner and lets them go after 8 s, not while pointed at. <div class="toast-c" data-toast>
// From an htmx answer: HX-Trigger: {"toast": {"text": "已记日志", "href": "/…", "verb": "查看"}}
const LIFE_MS = 8000;
const corner = document.getElementById("toasts");

function keep(toast) {
  corner?.append(toast);
  const go = () => (toast.matches(":hover, :focus-within") ? setTimeout(go, 1000) : toast.remove());
  setTimeout(go, LIFE_MS);
}

function say({ text, href, verb }) {
  const template = document.getElementById("toast-template");
  if (!template) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.querySelector("span").textContent = text;
  if (href) Object.assign(toast.querySelector("a"), { href, textContent: verb ?? "查看", hidden: false });
  keep(toast);
}

const collect = () => document.querySelectorAll("#flash [data-toast]").forEach(keep);
collect();
document.addEventListener("htmx:afterSwap", collect);
document.addEventListener("toast", (event) => say(event.detail));
document.addEventListener("htmx:responseError", () => say({ text: "这一步没有完成，请稍后再试；其余内容不受影响" }));
document.addEventListener("htmx:sendError", () => say({ text: "网络不通，内容还在，请稍后再试" }));
