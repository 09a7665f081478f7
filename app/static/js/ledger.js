// The ledger: a click on a cell opens its history beside the table; arrows move between cells, one of them is in the tab order.
const table = document.querySelector("[data-ledger]");

function grid() {
  return [...table.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("[data-cell]")]);
}

function show() {
  const panel = document.getElementById("cell");
  if (panel && window.bootstrap) { window.bootstrap.Offcanvas.getOrCreateInstance(panel).show(); }
}

function hide() {
  const panel = document.getElementById("cell");
  if (panel && panel.classList.contains("show")) { window.bootstrap.Offcanvas.getOrCreateInstance(panel).hide(); }
}

function step(rows, here, key) {
  const y = rows.findIndex((row) => row.includes(here));
  const x = rows[y].indexOf(here);
  const at = { ArrowLeft: [y, x - 1], ArrowRight: [y, x + 1], ArrowUp: [y - 1, x], ArrowDown: [y + 1, x], Home: [y, 0], End: [y, rows[y].length - 1] }[key];
  return rows[at[0]] ? rows[at[0]][at[1]] : null;
}

function move(from, to) {
  from.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
  to.scrollIntoView({ block: "nearest", inline: "nearest" });
}

if (table) {
  const rows = grid();
  rows.flat().forEach((cell, i) => { cell.tabIndex = i === 0 ? 0 : -1; });
  table.addEventListener("keydown", (e) => {
    const here = e.target.closest("[data-cell]");
    if (!here || !["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(e.key)) { return; }
    const to = step(rows, here, e.key);
    e.preventDefault();
    if (to) { move(here, to); }
  });
  document.addEventListener("keydown", (e) => { if (e.key === "Escape") { hide(); } });
  table.addEventListener("click", (e) => {
    const here = e.target.closest("[data-cell]");
    if (!here) { return; }
    rows.flat().forEach((cell) => { cell.tabIndex = -1; cell.classList.remove("is-open"); });
    here.tabIndex = 0;
    here.classList.add("is-open");
    document.getElementById("cell-body").textContent = "正在读取…";
    window.htmx.ajax("GET", here.closest("tr").dataset.cells + here.dataset.cell, "#cell-body");
    show();
  });
}
