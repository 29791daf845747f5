// Load of each manager before and after a plan, in percent of capacity; over 100 % is ringed.
// [{"name": "周知遥", "role": "客户经理", "clients": 523, "before": 118, "after": 97, "href": "/…"}]
const range = (rows) => {
  const values = rows.flatMap((row) => [row.before, row.after, 100]);
  return { min: Math.floor(Math.min(...values) / 10 - 1) * 10, max: Math.ceil(Math.max(...values) / 10 + 1) * 10 };
};

const dumbbell = (color) => (_, api) => {
  const from = api.coord([api.value(1), api.value(0)]);
  const to = api.coord([api.value(2), api.value(0)]);
  return { type: "line", shape: { x1: from[0], y1: from[1], x2: to[0], y2: to[1] }, style: { stroke: color, lineWidth: 3 } };
};

window.crmCharts.add("load", (data, { token, text, ink, tip }) => {
  const rows = [...data].sort((one, other) => one.before - other.before);
  const { min, max } = range(rows);
  const before = (row) => ({
    value: [row.before, row.name], href: row.href,
    itemStyle: { color: token("--surface"), borderWidth: 2, borderColor: token(row.before > 100 ? "--st-crit" : "--c-0") },
  });
  return {
    grid: { left: 8, right: 32, top: 26, bottom: 4, containLabel: true },
    tooltip: {
      ...tip,
      trigger: "axis",
      formatter: (items) => {
        const row = rows[items[0].dataIndex];
        return `${row.name}（${row.role}，${row.clients} 位）\n调整前 ${row.before}%\n调整后 ${row.after}%`;
      },
    },
    xAxis: { type: "value", min: Math.max(min, 0), max, axisLabel: { ...text, formatter: "{value}%" } },
    yAxis: { type: "category", data: rows.map((row) => row.name), axisLabel: ink },
    series: [
      {
        type: "custom", silent: true, encode: { x: [1, 2], y: 0 }, renderItem: dumbbell(token("--tier-general")),
        data: rows.map((row, place) => [place, row.before, row.after]),
        markLine: {
          silent: true, symbol: "none", lineStyle: { color: token("--ink-2"), type: "dashed" },
          label: { ...text, formatter: "容量 100%", position: "end", distance: 4 }, data: [{ xAxis: 100 }],
        },
      },
      {
        type: "scatter", symbolSize: 9, data: rows.map(before),
        label: { show: true, position: "right", ...text, color: token("--st-crit"), formatter: ({ value }) => (value[0] > 100 ? `${value[0]}% 超` : "") },
      },
      { type: "scatter", symbolSize: 10, itemStyle: { color: token("--brand") }, data: rows.map((row) => ({ value: [row.after, row.name], href: row.href })) },
    ],
  };
});
