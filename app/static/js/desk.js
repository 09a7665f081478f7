// The leader's desk: a decision is opened on its card, sent to the same address as the task page, and refused with what was typed kept.
// One by one: there is no way here to send two.
import { post } from "./http.js";
import { toast } from "./keys.js";

function setOpen(root, id, open) {
  const form = root.getElementById(id);
  const opener = root.querySelector('[data-decide-open="' + id + '"]');
  if (!form || !opener) { return; }
  form.hidden = !open;
  opener.setAttribute("aria-expanded", String(open));
  if (open) {
    const first = form.querySelector(".form-control, .form-select, .choice input") || form.querySelector("[type=submit]");
    first.focus();
  } else if (form.contains(root.activeElement)) {
    opener.focus();
  }
}

function toggle(root, opener) {
  const id = opener.dataset.decideOpen;
  const open = root.getElementById(id).hidden;
  opener.closest(".ask").querySelectorAll("[data-decide-open]").forEach((other) => {
    if (other !== opener) { setOpen(root, other.dataset.decideOpen, false); }
  });
  setOpen(root, id, open);
}

async function send(form) {
  if (form.dataset.busy) { return; }
  form.dataset.busy = "1";
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  try {
    const answer = await post(form.action, new FormData(form));
    if (answer.type === "opaqueredirect" || answer.ok) {
      window.location.assign(form.dataset.decide);
      return;
    }
    refuse(form, new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch (e) {
    form.dispatchEvent(new Event("draft:refused"));
    toast("没有提交上，请检查网络后再试。填写的内容还在。", true);
  } finally {
    delete form.dataset.busy;
    button.disabled = false;
  }
}

// The answer is the task page with its errors: each goes beside its field here, the others on top.
function refuse(form, page) {
  form.dispatchEvent(new Event("draft:refused"));
  form.querySelectorAll(".has-err").forEach((box) => clear(box));
  const rest = [];
  page.querySelectorAll("#step-form [data-field].has-err").forEach((there) => {
    const said = there.querySelector(".err").textContent.trim();
    const box = form.querySelector('[data-field="' + there.dataset.field + '"]');
    if (box) { mark(box, said); } else { rest.push(said); }
  });
  const top = page.querySelector("#step-form .panel-body > .err-sum p") || page.querySelector("#closed ~ .panel-body p, .panel-body > p b, main p");
  if (!form.querySelector(".has-err") && !rest.length) { rest.push(top ? top.textContent.trim() : "没有提交成功，请刷新后再试。"); }
  const sum = form.querySelector("[data-decide-errors]");
  sum.hidden = !rest.length;
  sum.textContent = rest.join("；");
  const first = form.querySelector(".has-err .form-control, .has-err .form-select, .has-err input") || sum;
  first.focus();
}

function mark(box, said) {
  const control = box.querySelector(".form-control, .form-select, input");
  const note = document.createElement("p");
  note.className = "err";
  note.id = box.dataset.field + "-" + box.closest("form").id + "-e";
  note.textContent = said;
  box.classList.add("has-err");
  box.append(note);
  if (control) {
    control.classList.add("is-bad");
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", note.id);
  }
}

function clear(box) {
  box.classList.remove("has-err");
  box.querySelectorAll(".err").forEach((one) => one.remove());
  box.querySelectorAll(".is-bad").forEach((one) => {
    one.classList.remove("is-bad");
    one.removeAttribute("aria-invalid");
    one.removeAttribute("aria-describedby");
  });
}

document.addEventListener("click", (e) => {
  const opener = e.target.closest("[data-decide-open]");
  if (opener) { toggle(document, opener); }
  const closer = e.target.closest("[data-decide-close]");
  if (closer) { setOpen(document, closer.dataset.decideClose, false); }
});
document.addEventListener("keydown", (e) => {
  const form = e.target.closest && e.target.closest("form[data-decide]");
  if (form && e.key === "Escape") { setOpen(document, form.id, false); }
});
document.addEventListener("submit", (e) => {
  const form = e.target.closest("form[data-decide]");
  if (form) { e.preventDefault(); send(form); }
});
