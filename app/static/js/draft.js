// What is typed survives: it is saved as a draft on the server a moment after typing stops, and kept in this tab
// (sessionStorage) when a form is sent, so that a lost session or a broken connection gives it back after signing in again.
import { post } from "./http.js";

const PREFIX = "hxt:sent:";
const PAUSE = 1200;

export function drafts(root) {
  const forms = [...root.querySelectorAll("form[data-draft]")];
  const here = new Set(forms.map((f) => PREFIX + f.dataset.draft));
  forms.forEach(watch);
  // Another page of the signed-in app means the form went through: nothing is left lying in the tab.
  if (root.body.hasAttribute("data-signed-in") && !forms.length) {
    Object.keys(sessionStorage).filter((k) => k.startsWith(PREFIX) && !here.has(k)).forEach((k) => sessionStorage.removeItem(k));
  }
}

function watch(form) {
  const key = PREFIX + form.dataset.draft;
  const said = form.querySelector("[data-draft-said]") || document.querySelector("[data-draft-said]");
  const say = (text) => { if (said) { said.textContent = text; } };
  restore(form, key, say);
  let timer = 0;
  let sending = false;
  const save = () => {
    if (sending) { return; }
    const body = new FormData(form);
    [...body.entries()].forEach(([name, value]) => { if (value instanceof File) { body.delete(name); } });
    post(form.dataset.draft, body).then((answer) => {
      if (answer.ok) {
        const now = new Date();
        say(String(now.getHours()).padStart(2, "0") + ":" + String(now.getMinutes()).padStart(2, "0") + " 已自动保存");
      } else if (answer.type === "opaqueredirect" || answer.status === 401) {
        keep(form, key);
        say("登录已过期，内容留在本页，提交后登录即可继续");
      } else {
        say("草稿没有存上，请检查网络");
      }
    }).catch(() => { keep(form, key); say("草稿没有存上，请检查网络"); });
  };
  const later = () => { window.clearTimeout(timer); timer = window.setTimeout(save, PAUSE); };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("draft:refused", () => { sending = false; });  // sent without leaving the page, and not taken: typing goes on
  form.addEventListener("submit", () => { sending = true; window.clearTimeout(timer); keep(form, key); });
  const button = form.querySelector("[data-save-draft]");
  if (button) { button.addEventListener("click", () => { window.clearTimeout(timer); save(); }); }
}

function keep(form, key) {
  const entries = [...new FormData(form).entries()].filter(([name, value]) => typeof value === "string" && name !== "csrf_token");
  try { sessionStorage.setItem(key, JSON.stringify(entries)); } catch (e) { /* a full store only loses the second copy */ }
}

function restore(form, key, say) {
  const kept = sessionStorage.getItem(key);
  if (!kept) { return; }
  sessionStorage.removeItem(key);
  if (form.querySelector(".err-sum")) { return; }   // the server has just answered with what was typed
  const values = new Map();
  JSON.parse(kept).forEach(([name, value]) => values.set(name, (values.get(name) || []).concat(value)));
  let changed = false;
  [...form.elements].forEach((field) => {
    if (!field.name || field.name === "csrf_token" || field.type === "file" || !values.has(field.name)) { return; }
    const wanted = values.get(field.name);
    if (field.type === "radio" || field.type === "checkbox") {
      if (field.checked !== wanted.includes(field.value)) { field.checked = !field.checked; changed = true; }
    } else if (field.value !== wanted[0]) {
      field.value = wanted[0];
      changed = true;
    }
  });
  if (changed) {
    say("已恢复上次没有提交成功的内容");
    form.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
