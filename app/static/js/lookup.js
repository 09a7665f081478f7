// Typeahead: a text box over a hidden id. The address in data-lookup answers [{value, label, note}].
// With data-lookup-free the typed text itself is the value, and choosing only helps.
const PAUSE = 200;

export function lookups(root) {
  root.querySelectorAll("[data-lookup]").forEach((box) => {
    const input = box.querySelector("input[role=combobox]");
    const list = box.querySelector("[role=listbox]");
    if (!input || !list || box.dataset.ready) { return; }
    box.dataset.ready = "1";
    const state = { found: [], at: -1, timer: 0, asked: 0 };
    input.addEventListener("input", () => {
      const hidden = box.querySelector("input[type=hidden]");
      if (hidden) { hidden.value = ""; }
      window.clearTimeout(state.timer);
      state.timer = window.setTimeout(() => ask(box, input, list, state), PAUSE);
    });
    input.addEventListener("keydown", (e) => keys(e, box, input, list, state));
    input.addEventListener("blur", () => window.setTimeout(() => close(input, list), 150));
  });
}

async function ask(box, input, list, state) {
  const text = input.value.trim();
  if (text.length < 2) { close(input, list); return; }
  const turn = ++state.asked;
  const url = new URL(box.dataset.lookup, window.location.href);
  url.searchParams.set("q", text);
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } });
  if (!answer.ok || turn !== state.asked) { return; }
  state.found = await answer.json();
  state.at = -1;
  list.replaceChildren(...state.found.map((one, i) => option(one, i, input, box, list)));
  list.hidden = state.found.length === 0;
  input.setAttribute("aria-expanded", String(!list.hidden));
}

function option(one, i, input, box, list) {
  const li = document.createElement("li");
  li.id = input.id + "-o" + i;
  li.setAttribute("role", "option");
  li.textContent = one.label;
  if (one.note) {
    const note = document.createElement("span");
    note.className = "note";
    note.textContent = one.note;
    li.append(note);
  }
  li.addEventListener("mousedown", (e) => { e.preventDefault(); choose(one, input, box, list); });
  return li;
}

function choose(one, input, box, list) {
  input.value = one.label;
  const hidden = box.querySelector("input[type=hidden]");
  if (hidden) { hidden.value = one.value; }
  close(input, list);
  input.dispatchEvent(new CustomEvent("lookup:chosen", { bubbles: true, detail: one }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function close(input, list) {
  list.hidden = true;
  input.setAttribute("aria-expanded", "false");
  input.removeAttribute("aria-activedescendant");
}

function keys(e, box, input, list, state) {
  if (list.hidden) { return; }
  if (e.key === "ArrowDown" || e.key === "ArrowUp") {
    e.preventDefault();
    state.at = Math.max(0, Math.min(state.found.length - 1, state.at + (e.key === "ArrowDown" ? 1 : -1)));
    [...list.children].forEach((li, i) => li.setAttribute("aria-selected", String(i === state.at)));
    input.setAttribute("aria-activedescendant", list.children[state.at].id);
  } else if (e.key === "Enter" && state.at >= 0) {
    e.preventDefault();
    choose(state.found[state.at], input, box, list);
  } else if (e.key === "Escape") {
    close(input, list);
    e.stopPropagation();
  }
}
