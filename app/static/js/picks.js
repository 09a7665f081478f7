// Petitions picked for a file: what is found by typing or offered beside the form is added to the list, and can be taken off again.
const list = document.querySelector("[data-picks]");
const blank = document.querySelector("[data-pick-blank]");

function add(value, label) {
  if (!value || [...list.querySelectorAll("input[name=petitions]")].some((one) => one.value === value)) { return; }
  const row = blank.content.cloneNode(true);
  row.querySelector("span").textContent = label;
  row.querySelector("input").value = value;
  row.querySelector("button").setAttribute("aria-label", "去掉：" + label);
  list.append(row);
}

if (list && blank) {
  document.addEventListener("lookup:chosen", (e) => {
    if (!e.target.hasAttribute("data-pick")) { return; }
    add(e.detail.value, e.detail.label);
    e.target.value = "";
  });
  document.addEventListener("click", (e) => {
    const drop = e.target.closest("[data-pick-drop]");
    const offer = e.target.closest("[data-pick-add]");
    if (drop) {
      drop.closest("li").remove();
      document.getElementById("pick").focus();
    } else if (offer) {
      e.preventDefault();
      add(offer.value, offer.dataset.pickAdd);
      offer.disabled = true;
      offer.textContent = "已选";
    }
  });
}
