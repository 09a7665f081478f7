// Keys and clicks that every page has: "/" to search, Ctrl+Enter to submit, menus that close, toasts, back, print.
export function pageKeys(root) {
  root.addEventListener("keydown", (e) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName);
    const box = root.querySelector("[data-search]") || root.getElementById("q");
    if (e.key === "/" && box && !typing) { e.preventDefault(); box.focus(); }
    if (e.key === "Enter" && (e.ctrlKey || e.metaKey) && e.target.form) {
      const button = e.target.form.querySelector("[data-main]") || e.target.form.querySelector("button[type=submit]");
      if (button) { e.target.form.requestSubmit(button); }
    }
    if (e.key === "Escape") { closeMenus(root, null); }
  });
  root.addEventListener("click", (e) => {
    closeMenus(root, e.target.closest("details.menu, details.chip-menu"));
    if (e.target.closest("[data-back]")) { window.history.back(); }
    if (e.target.closest("[data-print]")) { window.print(); }
    const x = e.target.closest("[data-toast-close]");
    if (x) { x.closest(".note-toast").remove(); }
    const system = e.target.closest("[data-system-toggle]");
    if (system) { systemLines(root, system); }
    const opener = e.target.closest("[data-tab-open]");
    if (opener) { openTab(root, opener.dataset.tabOpen); }
  });
  const first = root.querySelector("[data-focus]");
  if (first) { first.focus(); }
  window.setTimeout(() => root.querySelectorAll("[data-toast=ok]").forEach((t) => t.remove()), 8000);
  if (window.location.hash) { openTab(root, window.location.hash.slice(1)); }
  printing(root);
}

function closeMenus(root, except) {
  root.querySelectorAll("details.menu[open], details.chip-menu[open]").forEach((d) => { if (d !== except) { d.open = false; } });
}

function openTab(root, id) {
  const tab = root.getElementById(id);
  if (tab && tab.getAttribute("role") === "tab") { tab.click(); }
}

function systemLines(root, button) {
  const open = button.getAttribute("aria-pressed") !== "true";
  const lines = root.querySelectorAll("[data-system]");
  lines.forEach((li) => { li.hidden = !open; });
  button.setAttribute("aria-pressed", String(open));
  button.textContent = (open ? "收起 " : "显示 ") + lines.length + " 条系统记录";
}

// On paper nothing is folded away.
function printing(root) {
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...root.querySelectorAll("details.answer-view:not([open])")];
    opened.forEach((d) => { d.open = true; });
  });
  window.addEventListener("afterprint", () => opened.forEach((d) => { d.open = false; }));
}

// A toast made by the page itself; bad ones stay until they are closed.
export function toast(text, bad) {
  const box = document.querySelector("[data-toasts]");
  if (!box) { return; }
  const one = document.createElement("div");
  one.className = "note-toast" + (bad ? " is-bad" : "");
  const icon = document.createElement("i");
  icon.className = "bi " + (bad ? "bi-exclamation-octagon-fill" : "bi-check-circle-fill");
  icon.setAttribute("aria-hidden", "true");
  const said = document.createElement("span");
  said.textContent = text;
  const x = document.createElement("button");
  x.type = "button";
  x.className = "toast-x";
  x.setAttribute("aria-label", "关闭提示");
  x.dataset.toastClose = "";
  x.textContent = "×";
  one.append(icon, said, x);
  box.append(one);
  if (!bad) { window.setTimeout(() => one.remove(), 8000); }
}
