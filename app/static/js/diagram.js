// The procedure as drawn: bpmn-js shows the version the case runs on; done is green, current orange with the name, overdue red.
const READABLE = 0.75;   // below this scale the labels of a drawing cannot be read

export function diagrams(root) {
  const box = root.querySelector("[data-diagram]");
  if (!box) { return; }
  const tab = root.querySelector("[data-bs-target='#" + box.closest("[role=tabpanel]")?.id + "']");
  let started = false;
  const begin = () => { if (!started) { started = true; start(box).catch(() => fail(box)); } };
  if (tab && tab.getAttribute("aria-selected") !== "true") {
    tab.addEventListener("shown.bs.tab", begin);
  } else {
    begin();
  }
  window.addEventListener("beforeprint", begin);
}

function fail(box) {
  box.querySelector("[data-diagram-said]").textContent = "流程图没有载入，请刷新页面。轨迹里有全部步骤。";
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

async function start(box) {
  await script(box.dataset.viewer);
  const canvas = box.querySelector(".dia-canvas");
  const viewer = new window.BpmnJS({ container: canvas });
  const state = { box, viewer, canvas, data: null, drawn: "" };
  const choice = box.querySelector("[data-diagram-instance]");
  const page = box.querySelector("[data-diagram-page]");
  await load(state, choice ? choice.value : "");
  if (choice) { choice.addEventListener("change", () => load(state, choice.value).catch(() => fail(box))); }
  page.addEventListener("change", () => draw(state, page.value).catch(() => fail(box)));
  box.addEventListener("click", (e) => {
    if (e.target.closest("[data-full]")) {
      if (document.fullscreenElement) { document.exitFullscreen(); } else if (box.requestFullscreen) { box.requestFullscreen(); }
    }
    const zoom = e.target.closest("[data-zoom]");
    if (!zoom) { return; }
    const view = viewer.get("canvas");
    if (zoom.dataset.zoom === "fit") { view.zoom("fit-viewport", "auto"); } else { view.zoom(view.zoom() * Number(zoom.dataset.zoom)); }
  });
}

async function load(state, instance) {
  const url = new URL(state.box.dataset.diagram, window.location.href);
  if (instance) { url.searchParams.set("instance", instance); }
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!answer.ok) { throw new Error(String(answer.status)); }
  state.data = await answer.json();
  const page = state.box.querySelector("[data-diagram-page]");
  page.replaceChildren(...state.data.pages.map((one) => {
    const option = document.createElement("option");
    option.value = one.process;
    option.textContent = one.label + (one.now ? "（办理中）" : "");
    return option;
  }));
  const first = state.data.pages.find((one) => one.now) || state.data.pages[0];
  if (!first) { throw new Error("no page"); }
  page.value = first.process;
  await draw(state, first.process);
}

async function draw(state, process) {
  const page = state.data.pages.find((one) => one.process === process);
  if (state.drawn !== page.file) {
    const answer = await fetch(page.file, { credentials: "same-origin" });
    if (!answer.ok) { throw new Error(String(answer.status)); }
    await state.viewer.importXML(await answer.text());
    state.drawn = page.file;
  }
  paint(state, page);
}

function paint(state, page) {
  const view = state.viewer.get("canvas");
  const registry = state.viewer.get("elementRegistry");
  const overlays = state.viewer.get("overlays");
  overlays.clear();
  const lines = [];
  const states = new Map(page.elements.map((one) => [one.id, one.status]));
  page.elements.forEach((one) => {
    const drawn = registry.get(one.id);
    if (!drawn) { return; }
    if (drawn.children && drawn.children.length) {   // an open sub-process is a frame: as far as what is inside it
      view.addMarker(one.id, "hxt-frame");
      view.addMarker(one.id, "hxt-" + inside(drawn, states));
      return;
    }
    view.addMarker(one.id, "hxt-" + one.status);
    if (one.badge) {
      const badge = document.createElement("div");
      badge.className = "hxt-badge is-" + one.status;
      badge.textContent = one.badge;
      overlays.add(one.id, { position: { bottom: -2, left: 0 }, html: badge });
    }
    if (one.status !== "done" && one.badge) { lines.push(one.label + " " + one.badge); }
  });
  look(view, page.elements.find((one) => one.status !== "done" && one.badge && registry.get(one.id)), registry);
  state.box.querySelector("[data-diagram-said]").textContent = lines.length ? lines.join("；") : page.ended || "这一页没有正在办理的步骤。";
}

// The worst state of what a frame holds.
function inside(frame, states) {
  const found = [];
  const walk = (el) => (el.children || []).forEach((child) => { found.push(states.get(child.id)); walk(child); });
  walk(frame);
  return found.includes("overdue") ? "overdue" : found.includes("current") ? "current" : "done";
}

// The whole page if it can be read so, else large enough to read, with the step at work in the middle.
function look(view, here, registry) {
  view.zoom("fit-viewport", "auto");
  if (view.zoom() > 1) { view.zoom(1); return; }
  if (view.zoom() >= READABLE || !here) { return; }
  view.zoom(READABLE);
  const shape = registry.get(here.id);
  const box = view.viewbox();
  view.viewbox({ x: shape.x + shape.width / 2 - box.width / 2, y: shape.y + shape.height / 2 - box.height / 2, width: box.width, height: box.height });
}
