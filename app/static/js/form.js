// Fields that appear when others have a value, rows that are added and taken away, and one submit per click.
export function forms(root) {
  const all = root.matches && root.matches("form") ? [root] : [...root.querySelectorAll("form")];
  all.forEach((form) => {
    if (form.dataset.ready) { return; }
    form.dataset.ready = "1";
    rows(form);
    if (form.querySelector("[data-show]")) {
      const refresh = () => show(form);
      form.addEventListener("change", refresh);
      form.addEventListener("input", refresh);
      refresh();
    }
    if (form.dataset.reload) { reloads(form); }
    form.addEventListener("submit", (e) => {
      if (form.dataset.sent) { e.preventDefault(); return; }
      if (form.method.toLowerCase() === "post" && !form.hasAttribute("hx-post")) {
        form.dataset.sent = "1";
        window.setTimeout(() => delete form.dataset.sent, 4000);   // the way back from an error page stays open
      }
    });
  });
  window.addEventListener("pageshow", (e) => { if (e.persisted) { all.forEach((f) => delete f.dataset.sent); } });
}

// ---- rows ----
function rows(form) {
  form.addEventListener("click", (e) => {
    const add = e.target.closest("[data-rows-add]");
    const drop = e.target.closest("[data-rows-drop]");
    if (add) {
      const box = add.closest("[data-rows]");
      const blank = box.querySelector(":scope > template");
      const next = nextIndex(box);
      const copy = blank.content.cloneNode(true);
      copy.querySelectorAll("*").forEach((el) => [...el.attributes].forEach((a) => {
        if (a.value.includes("__i__")) { el.setAttribute(a.name, a.value.split("__i__").join(next)); }
      }));
      box.insertBefore(copy, blank);
      const fresh = blank.previousElementSibling;
      fresh.setAttribute("aria-label", "第 " + box.querySelectorAll(":scope > [data-row]").length + " 行");
      const first = fresh.querySelector("input, select, textarea");
      if (first) { first.focus(); }
      form.dispatchEvent(new CustomEvent("hxt:added", { bubbles: true, detail: fresh }));   // uploads and look-ups of the new row
      form.dispatchEvent(new Event("change", { bubbles: true }));
    } else if (drop) {
      drop.closest("[data-row]").remove();
      form.dispatchEvent(new Event("change", { bubbles: true }));
    }
  });
}

function nextIndex(box) {
  const seen = [...box.querySelectorAll(":scope > [data-row] [name]")].map((el) => Number((el.name.match(/-(\d+)-/) || [])[1] || 0));
  return seen.length ? Math.max(...seen) + 1 : 0;
}

// ---- conditions: a tree of lists made by the server from the form's definition, e.g. ["==", ["field", "way"], "post"] ----
function show(form) {
  form.querySelectorAll("[data-show]").forEach((box) => {
    let wanted = true;
    try { wanted = Boolean(value(JSON.parse(box.dataset.show), form)); } catch (e) { wanted = true; }
    box.hidden = !wanted;
    box.querySelectorAll("input, select, textarea").forEach((el) => { el.disabled = !wanted || el.dataset.locked === "1"; });
  });
}

function read(form, name) {
  const boxes = [...form.elements].filter((el) => el.name === name);
  if (!boxes.length) {
    const listed = form.querySelectorAll("[data-rows='" + name + "'] > [data-row]").length;
    return listed ? new Array(listed).fill(1) : null;
  }
  const kind = boxes[0].type;
  if (kind === "checkbox") { return boxes.filter((b) => b.checked).map((b) => b.value); }
  if (kind === "hidden" && boxes[0].closest("[data-upload-list]")) { return boxes.map((b) => b.value); }
  const one = kind === "radio" ? boxes.find((b) => b.checked) : boxes[0];
  const text = one ? one.value : "";
  if (text === "") { return null; }
  if (text === "true") { return true; }
  if (text === "false") { return false; }
  return boxes[0].inputMode === "numeric" || boxes[0].inputMode === "decimal" ? Number(text) : text;
}

const COMPARE = {
  "==": (a, b) => a === b,
  "!=": (a, b) => a !== b,
  "<": (a, b) => a !== null && b !== null && a < b,
  "<=": (a, b) => a !== null && b !== null && a <= b,
  ">": (a, b) => a !== null && b !== null && a > b,
  ">=": (a, b) => a !== null && b !== null && a >= b,
  "in": (a, b) => b !== null && b.includes(a),
  "not in": (a, b) => b === null || !b.includes(a),
};

function truth(v) { return Array.isArray(v) ? v.length > 0 : Boolean(v); }

function value(node, form) {
  if (!Array.isArray(node)) { return node; }
  const [op, ...rest] = node;
  if (op === "field") { return read(form, rest[0]); }
  if (op === "list") { return rest; }
  if (op === "not") { return !truth(value(rest[0], form)); }
  if (op === "and" || op === "or") { return chain(op, rest, form); }
  if (op === "if") { return value(truth(value(rest[0], form)) ? rest[1] : rest[2], form); }
  if (op === "len") { const v = value(rest[0], form); return v === null ? 0 : v.length; }
  return COMPARE[op](value(rest[0], form), value(rest[1], form));
}

// As in the server's language, "and" and "or" give the value that decided: (visitors or 1) > 4.
function chain(op, nodes, form) {
  let last = null;
  for (const node of nodes) {
    last = value(node, form);
    if (truth(last) === (op === "or")) { return last; }
  }
  return last;
}

// ---- conditions the browser cannot judge: the server draws the fields again ----
function reloads(form) {
  form.addEventListener("change", (e) => {
    const field = e.target.closest("[data-field]");
    if (!field || !window.htmx) { return; }
    const target = form.querySelector("[data-form]");
    window.htmx.ajax("POST", form.dataset.reload, { source: form, target, swap: "outerHTML", values: {} });
  });
}
