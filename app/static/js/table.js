// A decision table as it is deployed, shown by dmn-js. Reading only; without it the page still says every hit in words.
function script(src) {
  return new Promise((good, bad) => {
    const el = document.createElement("script");
    el.src = src;
    el.onload = good;
    el.onerror = bad;
    document.head.append(el);
  });
}

async function show(box) {
  await script(box.dataset.viewer);
  const answer = await fetch(box.dataset.table, { credentials: "same-origin" });
  if (!answer.ok) { throw new Error(String(answer.status)); }
  const canvas = document.createElement("div");
  canvas.className = "dmn-canvas";
  const viewer = new window.DmnJS({ container: canvas });
  box.append(canvas);
  await viewer.importXML(await answer.text());
  const table = viewer.getViews().find((view) => view.type === "decisionTable");
  if (table && viewer.getActiveView() !== table) { await viewer.open(table); }
  box.querySelector("[data-table-said]").remove();
}

for (const box of document.querySelectorAll("[data-table]")) {
  show(box).catch(() => { box.querySelector("[data-table-said]").textContent = "筛查表没有载入，请刷新页面，或者下载后查看。"; });
}
