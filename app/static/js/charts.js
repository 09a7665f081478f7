// Charts of the numbers: each box carries its numbers as JSON; the same numbers stand in a table beside it. Drawn as SVG with patterns,
// so that neither colour nor a mouse is needed.
const root = getComputedStyle(document.documentElement);
const token = (name) => root.getPropertyValue(name).trim();
const PRINT_WIDTH = 640;   // px: what a sheet of A4 holds beside its margins
const NARROW = 480;

start(document);

function start(page) {
  const boxes = [...page.querySelectorAll("[data-chart]")];
  if (!boxes.length) { return; }
  script(boxes[0].dataset.echarts).then(() => draw(boxes)).catch(() => boxes.forEach(fail));
}

function script(src) {
  return new Promise((good, bad) => {
    const el = document.createElement("script");
    el.src = src;
    el.onload = good;
    el.onerror = bad;
    document.head.append(el);
  });
}

function fail(box) {
  box.hidden = true;
  const said = box.parentElement.querySelector(".chart-said");
  if (said) { said.hidden = false; }
}

function draw(boxes) {
  const charts = boxes.map((box) => {
    const data = JSON.parse(box.dataset.chart);
    if (data.kind === "bar") { box.classList.toggle("chart-tall", data.labels.length > 8); }
    const chart = window.echarts.init(box, null, { renderer: "svg" });
    chart.setOption(options(data, box.clientWidth < NARROW));
    if (data.urls) { chart.on("click", (e) => { if (data.urls[e.dataIndex]) { window.location.assign(data.urls[e.dataIndex]); } }); }
    return chart;
  });
  const fit = () => charts.forEach((c) => c.resize());
  window.addEventListener("resize", fit);
  window.addEventListener("beforeprint", () => charts.forEach((c) => c.resize({ width: Math.min(PRINT_WIDTH, c.getDom().clientWidth) })));
  window.addEventListener("afterprint", fit);
}

function options(data, narrow) {
  const text = { color: token("--hx-ink-2"), fontFamily: token("--hx-sans"), fontSize: 12 };
  const line = { lineStyle: { color: token("--hx-line") } };
  const bar = data.kind === "bar";
  const labels = { type: "category", data: data.labels, axisLabel: { ...text, hideOverlap: !bar, interval: bar ? 0 : "auto" }, axisTick: { show: false }, axisLine: line, inverse: bar };
  const values = { type: "value", name: bar ? "" : data.unit, nameTextStyle: text, axisLabel: text, splitLine: line, minInterval: data.unit === "件" || data.unit === "次" ? 1 : 0, ...bounds(data) };
  return {
    animation: false,
    textStyle: text,
    color: [token("--hx-brand-700"), token("--hx-edge")],
    aria: { enabled: true, label: { description: data.said }, decal: { show: bar || data.series.length > 1 } },
    tooltip: { trigger: bar ? "item" : "axis", renderMode: "richText", valueFormatter: (v) => (v === null || v === undefined ? "—" : v + " " + data.unit), textStyle: { ...text, color: token("--hx-ink") } },
    legend: data.series.length > 1 ? { right: 0, top: 0, textStyle: text, itemWidth: 24 } : undefined,
    grid: { left: 4, right: bar ? 52 : 16, top: data.series.length > 1 || !bar ? 32 : 8, bottom: 4, containLabel: true },
    xAxis: bar ? values : { ...labels, axisLabel: { ...labels.axisLabel, formatter: narrow ? (m) => m.slice(2) : undefined } },
    yAxis: bar ? labels : values,
    series: data.series.map((s, n) => series(s, n, bar, data.unit, text)),
  };
}

// Bars begin at nothing; a line of rates or days shows the part of the scale it moves in.
function bounds(data) {
  const top = data.unit === "%" ? { max: 100 } : {};
  const zoomed = data.kind === "line" && (data.unit === "%" || data.unit === "天");
  return zoomed ? { ...top, min: (v) => Math.max(0, Math.floor((v.min - 5) / 10) * 10) } : top;
}

function series(s, n, bar, unit, text) {
  if (bar) {
    return { name: s.name, type: "bar", data: s.values, barMaxWidth: 16, label: { show: true, position: "right", ...text, formatter: (p) => (p.value === null || p.value === undefined ? "—" : p.value + (unit === "%" ? "%" : "")) } };
  }
  return { name: s.name, type: "line", data: s.values, connectNulls: false, symbolSize: 6, symbol: n ? "emptyCircle" : "circle", lineStyle: { width: 2, type: n ? "dashed" : "solid" } };
}
