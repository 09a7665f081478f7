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

// The viewer's file warns that it was built with its view engine's development build. Nobody here can act on that.
async function quietly(load) {
  const say = console.error;
  console.error = (...words) => { if (!String(words[0]).includes("Inferno")) { say(...words); } };
  try { await load(); } finally { console.error = say; }
}

// Its logo comes as markup with style attributes, which the page's policy refuses; they only place the logo.
async function withoutStyles(work) {
  const own = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML");
  const set = function (html) { own.set.call(this, String(html).replaceAll(" style=\"", " data-style=\"")); };
  Object.defineProperty(Element.prototype, "innerHTML", { ...own, set });
  try { await work(); } finally { Object.defineProperty(Element.prototype, "innerHTML", own); }
}

// The viewer's own words in the language of the page.
const WORDS = {
  "Hit policy:": "命中方式：", Collect: "列出全部命中", "When": "条件", "And": "并且", "Then": "结论", "Annotations": "说明",
  "Input label": "条件", "Output label": "结论", "Input expression: ": "取值：", "Input type": "类型", "Output type": "类型",
};
function say(template, replacements) {
  const text = WORDS[template] || template;
  return text.replace(/{([^}]+)}/g, (_, key) => (replacements || {})[key] || "{" + key + "}");
}

async function show(box) {
  await quietly(() => script(box.dataset.viewer));
  const answer = await fetch(box.dataset.table, { credentials: "same-origin" });
  if (!answer.ok) { throw new Error(String(answer.status)); }
  const xml = await answer.text();
  const canvas = document.createElement("div");
  canvas.className = "dmn-canvas";
  box.append(canvas);
  await withoutStyles(async () => {
    const viewer = new window.DmnJS({ container: canvas, decisionTable: { additionalModules: [{ translate: ["value", say] }] } });
    await viewer.importXML(xml, { open: false });   // the diagram of decisions is not asked for
    const table = viewer.getViews().find((view) => view.type === "decisionTable");
    if (!table) { throw new Error("no table"); }
    await viewer.open(table);
  });
  const scrolled = canvas.querySelector(".tjs-table-container");
  if (scrolled) {                                   // wider than the page: to be scrolled by the keyboard, too
    scrolled.tabIndex = 0;
    scrolled.setAttribute("role", "region");
    scrolled.setAttribute("aria-label", "筛查表");
  }
  box.querySelector("[data-table-said]").remove();
}

for (const box of document.querySelectorAll("[data-table]")) {
  show(box).catch(() => { box.querySelector("[data-table-said]").textContent = "筛查表没有载入，请刷新页面，或者下载后查看。"; });
}
