// A list with a keyboard: j / k move, x chooses, Enter opens; choosing rows shows the bulk bar.
const typing = (e) => /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName) && e.target.type !== "checkbox";

export function list(root) {
  const table = root.querySelector("[data-list]");
  if (!table) { return; }
  const rows = [...table.querySelectorAll("tbody tr")];
  choosing(root, table, rows);
  let here = rows.findIndex((r) => r.classList.contains("is-here"));
  root.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e) || !rows.length) { return; }
    if (e.key === "j" || e.key === "k") {
      if (here >= 0) { rows[here].classList.remove("is-here"); }
      here = Math.max(0, Math.min(rows.length - 1, here + (e.key === "j" ? 1 : -1)));
      rows[here].classList.add("is-here");
      rows[here].scrollIntoView({ block: "nearest" });
    } else if (e.key === "x" && here >= 0) {
      const box = rows[here].querySelector("input[type=checkbox]");
      if (box) { box.click(); }
    } else if (e.key === "Enter" && here >= 0 && e.target === document.body) {
      const link = rows[here].querySelector(".c-title a");
      if (link) { link.click(); }
    }
  });
}

function choosing(root, table, rows) {
  const bar = root.querySelector("[data-bulk]");
  const all = table.querySelector("[data-all]");
  const boxes = rows.map((r) => r.querySelector("input[type=checkbox]")).filter(Boolean);
  if (!bar || !all || !boxes.length) { return; }
  const said = bar.querySelector("[data-bulk-count]");
  const show = () => {
    const n = boxes.filter((b) => b.checked).length;
    boxes.forEach((b) => b.closest("tr").classList.toggle("is-on", b.checked));
    bar.hidden = n === 0;
    said.textContent = "已选 " + n + " 件";
    all.checked = n === boxes.length;
    all.indeterminate = n > 0 && n < boxes.length;
  };
  table.addEventListener("change", (e) => {
    if (e.target === all) { boxes.forEach((b) => { b.checked = all.checked; }); }
    show();
  });
  bar.querySelector("[data-bulk-clear]").addEventListener("click", () => {
    boxes.forEach((b) => { b.checked = false; });
    show();
  });
  show();
}
