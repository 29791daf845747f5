// Share of clients against share of contribution, with the finding written in.
// {"points": [[0, 0], [1.5, 22.1], …, [100, 100]], "at": [16.9, 80.1], "amount": "1,937.3 万元", "is_core": true, "line": 80}  (percent)
window.crmCharts.add("pareto", (data, { token, text, ink, tip }) => {
  const [clients, share] = data.at;
  const heading = { ...ink, fontWeight: 600, fontSize: 14, lineHeight: 20 };
  const dashed = { color: token("--ink-3"), type: "dashed" };
  const mark = token(data.is_core === false ? "--st-warn" : "--brand");
  return {
    grid: { left: 8, right: 20, top: 30, bottom: 26, containLabel: true },
    tooltip: {
      ...tip,
      trigger: "axis",
      formatter: ([item]) => `前 ${item.value[0].toFixed(1)}% 的客户\n贡献 ${item.value[1].toFixed(1)}%`,
    },
    xAxis: {
      type: "value", max: 100, name: "客户累计（按贡献从高到低）", nameLocation: "middle", nameGap: 24,
      axisLabel: { ...text, formatter: "{value}%" }, splitLine: { show: false },
    },
    yAxis: {
      type: "value", max: 100, name: "贡献累计", nameTextStyle: { ...text, align: "left" },
      axisLabel: { ...text, formatter: "{value}%" },
    },
    series: [{
      type: "line", data: data.points, showSymbol: false, lineStyle: { color: token("--brand"), width: 2.5 },
      markArea: { silent: true, itemStyle: { color: token("--brand-soft") }, data: [[{ xAxis: 0 }, { xAxis: clients }]] },
      markLine: {
        silent: true, symbol: "none", lineStyle: dashed,
        label: { ...text, position: "insideEndTop", formatter: `${data.line ?? 80}%` }, data: [{ yAxis: data.line ?? 80 }],
      },
      markPoint: {
        symbol: "circle", symbolSize: 9, itemStyle: { color: mark }, data: [{ coord: [clients, share] }],
        label: {
          show: true, position: "right", distance: 10, offset: [0, 34], align: "left", padding: [2, 6],
          backgroundColor: token("--surface"),
          formatter: `{b|${clients}% 的客户}\n{a|贡献 ${share}%，${data.amount}}`,
          rich: { b: heading, a: { ...text, lineHeight: 18 } },
        },
      },
    }],
  };
});
