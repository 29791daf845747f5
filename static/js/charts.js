// Draws charts: one theme from the tokens, tooltips on the canvas (strict CSP), redrawn on theme change and for print.
// <div class="chart chart-m" data-chart="pareto" data-source="pareto-data" role="img" aria-label="the finding"></div>
// {{ data|json_script:"pareto-data" }}; a kind is added by crmCharts.add(name, (data, look) => option).
const kinds = new Map();
const drawn = new Map();
const still = matchMedia("(prefers-reduced-motion: reduce)").matches;

function readLook() {
  const css = getComputedStyle(document.documentElement);
  const token = (name) => css.getPropertyValue(name).trim();
  const text = { color: token("--ink-2"), fontFamily: token("--font-ui"), fontSize: 12 };
  const ink = { ...text, color: token("--ink") };
  const tip = {
    renderMode: "richText", backgroundColor: token("--surface"), borderColor: token("--line-strong"), borderWidth: 1,
    padding: 8, textStyle: ink,
  };
  return { token, text, ink, tip };
}

function registerTheme({ token, text }) {
  const line = { lineStyle: { color: token("--line") } };
  const axis = { axisLine: line, axisTick: { show: false }, axisLabel: text, splitLine: line, nameTextStyle: text };
  window.echarts.registerTheme("branch", {
    color: ["--c-a", "--c-b", "--c-c", "--tier-gold", "--c-0"].map(token),
    textStyle: text, categoryAxis: { ...axis, splitLine: { show: false } }, valueAxis: axis,
  });
}

function draw(box, look) {
  const kind = kinds.get(box.dataset.chart);
  const source = document.getElementById(box.dataset.source);
  if (!kind || !source) return;
  drawn.get(box)?.dispose();
  const chart = window.echarts.init(box, "branch", { renderer: "canvas" });
  chart.setOption({ animation: !still, animationDuration: 200, tooltip: look.tip, ...kind(JSON.parse(source.textContent), look) });
  chart.on("click", ({ data }) => { if (data?.href) location.assign(data.href); });
  drawn.set(box, chart);
}

function drawAll(root = document) {
  const look = readLook();
  registerTheme(look);
  drawn.forEach((chart, box) => { if (!box.isConnected) { chart.dispose(); drawn.delete(box); } });
  root.querySelectorAll("[data-chart]").forEach((box) => draw(box, look));
}

window.crmCharts = { add: (name, option) => kinds.set(name, option) };
addEventListener("DOMContentLoaded", () => drawAll());
document.addEventListener("htmx:load", (event) => { if (event.target.querySelector?.("[data-chart]")) drawAll(event.target); });
document.addEventListener("theme-changed", () => drawAll());
addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
addEventListener("beforeprint", () => drawn.forEach((chart) => chart.resize()));
