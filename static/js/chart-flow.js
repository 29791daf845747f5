// Who moved between tiers; those who stayed are left out, they would drown the rest.
// {"order": [["diamond", "钻石", "--tier-diamond"], …], "flows": [["silver", "gold", 17, "/clients/?…"], …]}  (clients)
window.crmCharts.add("flow", (data, { token, text, ink, tip }) => {
  const words = new Map(data.order.map(([key, label]) => [key, label]));
  const sum = (side, key) => data.flows.filter((flow) => flow[side] === key).reduce((all, flow) => all + flow[2], 0);
  const node = (side, [key, label, colour]) => ({
    name: `${side}:${key}`, itemStyle: { color: token(colour) },
    label: { position: side === 0 ? "left" : "right", formatter: `${label} ${sum(side, key)}` },
  });
  const nodes = [0, 1].flatMap((side) => data.order.filter(([key]) => sum(side, key)).map((tier) => node(side, tier)));
  return {
    tooltip: {
      ...tip,
      formatter: ({ dataType, data: link }) => (dataType !== "edge" ? ""
        : `${words.get(link.source.slice(2))} → ${words.get(link.target.slice(2))}\n${link.value} 位`),
    },
    series: [{
      type: "sankey", left: 78, right: 78, top: 12, bottom: 12, nodeWidth: 10, nodeGap: 15, layoutIterations: 0,
      draggable: false, emphasis: { focus: "adjacency" }, label: { ...ink, ...text, color: token("--ink") },
      lineStyle: { color: "gradient", opacity: .45, curveness: .5 }, data: nodes,
      links: data.flows.map(([from, to, value, href]) => ({ source: `0:${from}`, target: `1:${to}`, value, href })),
    }],
  };
});
