// Draws the charts of a page from their JSON, and again in parts that htmx brings.
(() => {
  "use strict";
  const TONES = { bad: "#b3261e", warn: "#c97b12", good: "#2c9a5b", info: "#2c7be5", calm: "#7b8b9c" };
  const COLOURS = ["#0b6b62", "#2c7be5", "#c97b12", "#7a5bb0", "#2c9a5b", "#b3261e", "#4a5869", "#c2528b"];
  const number = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
  const short = (value) => document.documentElement.lang.startsWith("zh")
    ? (Math.abs(value) >= 1e8 ? `${number.format(value / 1e8)}亿` : Math.abs(value) >= 1e4 ? `${number.format(value / 1e4)}万` : number.format(value))
    : (Math.abs(value) >= 1e6 ? `${number.format(value / 1e6)}M` : Math.abs(value) >= 1e3 ? `${number.format(value / 1e3)}k` : number.format(value));

  function options(chart) {
    const names = { type: "category", data: chart.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: "#98a6b5" } }, axisLabel: { color: "#33414f", fontSize: 11, hideOverlap: true, width: chart.flat ? 110 : undefined, overflow: "truncate" }, inverse: chart.flat };
    const values = { type: "value", name: chart.unit, nameGap: chart.flat ? 6 : 15, nameTextStyle: { color: "#56657a", fontSize: 11, align: "left" }, axisLabel: { color: "#56657a", fontSize: 11, formatter: short }, splitLine: { lineStyle: { color: "#e6ebf0" } } };
    const series = [];
    chart.series.forEach((one, index) => {
      const colour = TONES[one.tone] || COLOURS[index % COLOURS.length];
      if (one.band.length) {
        const low = one.band.map((pair) => pair[0]);
        const wide = one.band.map((pair) => (pair[0] === null || pair[1] === null ? null : pair[1] - pair[0]));
        const plain = { type: "line", stack: `band-${index}`, symbol: "none", silent: true, lineStyle: { opacity: 0 }, tooltip: { show: false } };
        series.push({ ...plain, data: low }, { ...plain, data: wide, areaStyle: { color: colour, opacity: 0.13 } });
      }
      if (one.kind === "limit") {
        series.push({ name: one.name, type: "line", data: one.values, symbol: "none", lineStyle: { width: 1.5, type: "dashed", color: colour }, itemStyle: { color: colour } });
        return;
      }
      series.push({ name: one.name, type: one.kind, stack: one.stack || undefined, data: one.values, barMaxWidth: 22, symbol: one.values.length > 40 ? "none" : "circle", symbolSize: 5, itemStyle: { color: colour }, lineStyle: { width: 2 }, cursor: chart.links.length ? "pointer" : "default" });
    });
    return {
      animation: false,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily },
      grid: { left: 8, right: chart.flat && chart.unit ? 30 : 16, top: chart.series.length > 1 || (chart.unit && !chart.flat) ? 34 : 12, bottom: 6, containLabel: true },
      legend: chart.series.length > 1 ? { top: 0, right: 0, itemWidth: 12, itemHeight: 8, textStyle: { fontSize: 11 }, data: chart.series.map((one) => one.name) } : undefined,
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: "shadow" }, valueFormatter: (value) => (value === null || value === undefined ? "–" : `${number.format(value)} ${chart.unit}`) },
      xAxis: chart.flat ? values : names,
      yAxis: chart.flat ? names : values,
      series,
    };
  }
  function draw(root) {
    for (const place of root.querySelectorAll("[data-chart]")) {
      if (place.dataset.drawn) continue;
      place.dataset.drawn = "1";
      const chart = JSON.parse(place.dataset.chart);
      const drawn = window.echarts.init(place, null, { renderer: "canvas" });
      drawn.setOption(options(chart));
      if (chart.links.length) drawn.on("click", (event) => { const url = chart.links[event.dataIndex]; if (url) window.location.assign(url); });
      new ResizeObserver(() => drawn.resize()).observe(place);
    }
  }
  document.addEventListener("DOMContentLoaded", () => draw(document));
  document.addEventListener("htmx:afterSettle", (event) => draw(event.target));
})();
