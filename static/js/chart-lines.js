// Lines or bars over named steps.
// {"kind": "line"|"bar", "unit": "万元", "steps": ["3月", …], "percent": false,
//  "series": [{"name": "资产", "token": "--brand", "values": [1, …], "hrefs": ["/…", …]}], "limit": {"value": 80, "name": "容量"}}
window.crmCharts.add("lines", (data, { token, text, tip }) => ({
  grid: { left: 8, right: 32, top: 24, bottom: 4, containLabel: true },
  tooltip: {
    ...tip,
    trigger: "axis",
    formatter: (items) => [items[0].axisValue, ...items.map((item) => (
      `${item.seriesName} ${Number(item.value).toLocaleString("zh-CN")}${data.percent ? "%" : ` ${data.unit}`}`
    ))].join("\n"),
  },
  xAxis: { type: "category", data: data.steps, boundaryGap: data.kind === "bar" },
  yAxis: { type: "value", axisLabel: { ...text, formatter: data.percent ? "{value}%" : undefined } },
  series: data.series.slice(0, 5).map((series, place) => ({
    name: series.name,
    type: data.kind,
    data: series.values.map((value, step) => ({ value, href: series.hrefs?.[step] })),
    showSymbol: false,
    barMaxWidth: 28,
    itemStyle: { color: token(series.token) },
    lineStyle: { color: token(series.token), width: 2.5 },
    markLine: place === 0 && data.limit ? {
      silent: true, symbol: "none", lineStyle: { color: token("--ink-2"), type: "dashed" },
      label: { ...text, formatter: data.limit.name, position: "insideEndTop" }, data: [{ yAxis: data.limit.value }],
    } : undefined,
  })),
}));
