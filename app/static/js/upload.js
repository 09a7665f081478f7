// Files: drag and drop or choose, several at once, each with its progress. The server answers with the row to show.
import { token } from "./http.js";

export function uploads(root) {
  root.querySelectorAll("[data-upload]").forEach((drop) => {
    if (drop.dataset.ready || !drop.dataset.upload) { return; }
    drop.dataset.ready = "1";
    const input = drop.querySelector("input[type=file]");
    drop.addEventListener("dragover", (e) => { e.preventDefault(); drop.classList.add("is-over"); });
    drop.addEventListener("dragleave", () => drop.classList.remove("is-over"));
    drop.addEventListener("drop", (e) => {
      e.preventDefault();
      drop.classList.remove("is-over");
      send(drop, e.dataTransfer.files);
    });
    input.addEventListener("change", () => { send(drop, input.files); input.value = ""; });
    drop.addEventListener("click", (e) => {
      const x = e.target.closest("[data-drop-row]");
      if (x) { x.closest("li").remove(); changed(drop); }
    });
  });
}

function changed(drop) {
  if (drop.closest("form")) { drop.dispatchEvent(new Event("change", { bubbles: true })); }
}

function send(drop, files) {
  [...files].forEach((file) => one(drop, file));
}

function one(drop, file) {
  const list = drop.querySelector("[data-upload-list]");
  const row = document.createElement("li");
  row.className = "up-row";
  const name = document.createElement("span");
  name.textContent = file.name;
  const said = document.createElement("span");
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name + " 上传进度");
  row.append(name, said, bar);
  list.append(row);
  const body = new FormData();
  body.append("file", file);
  const call = new XMLHttpRequest();
  call.open("POST", drop.dataset.upload);
  call.setRequestHeader("X-CSRFToken", token());
  call.setRequestHeader("X-Requested-With", "fetch");
  call.upload.addEventListener("progress", (e) => {
    if (e.lengthComputable) { bar.value = 100 * e.loaded / e.total; said.textContent = Math.round(bar.value) + "%"; }
  });
  call.addEventListener("load", () => done(drop, row, said, bar, call, file));
  call.addEventListener("error", () => failed(row, said, bar, "没有传上，请检查网络后再传"));
  call.send(body);
}

function failed(row, said, bar, text) {
  row.classList.add("is-bad");
  said.textContent = text;
  bar.remove();
}

function done(drop, row, said, bar, call, file) {
  if (call.status < 200 || call.status >= 300) {
    const words = { 413: "文件太大，不超过 50 MB", 401: "登录已过期，请重新登录后再传", 403: "没有上传权限" };
    const type = call.getResponseHeader("Content-Type") || "";
    const plain = type.startsWith("text/plain") ? call.responseText : "";
    failed(row, said, bar, plain || words[call.status] || "没有传上，请再试一次");
    return;
  }
  const box = document.createElement("template");
  box.innerHTML = call.responseText;
  const fresh = box.content.querySelector("[data-file-id]");
  bar.remove();
  if (drop.dataset.uploadName && fresh) {          // inside a form: the field carries the file's id
    said.textContent = "";
    const hidden = document.createElement("input");
    hidden.type = "hidden";
    hidden.name = drop.dataset.uploadName;
    hidden.value = fresh.dataset.fileId;
    const x = document.createElement("button");
    x.type = "button";
    x.className = "btn btn-sm btn-link";
    x.dataset.dropRow = "";
    x.setAttribute("aria-label", "去掉 " + file.name);
    x.textContent = "去掉";
    said.append(hidden, x);
    changed(drop);
  } else {
    row.remove();
  }
  const target = document.querySelector("[data-files]");
  if (target && box.content.children.length) {
    target.prepend(...box.content.children);
    document.querySelectorAll("[data-files-empty]").forEach((el) => { el.hidden = true; });
    document.querySelectorAll("[data-files-count]").forEach((el) => { el.textContent = target.children.length; });
  }
}
