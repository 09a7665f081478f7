// 环信通: starts the small behaviours. Every page reads and works without them, except uploads and the diagram.
import { popovers } from "./pop.js";
import { list } from "./list.js";
import { drafts } from "./draft.js";
import { forms } from "./form.js";
import { uploads } from "./upload.js";
import { lookups } from "./lookup.js";
import { diagrams } from "./diagram.js";
import { pageKeys } from "./keys.js";

function start(root) {
  popovers(root);
  forms(root);
  uploads(root);
  lookups(root);
}

start(document);
list(document);
drafts(document);
diagrams(document);
pageKeys(document);
document.addEventListener("hxt:added", (e) => start(e.detail));
document.body.addEventListener("htmx:load", (e) => { if (e.target !== document.body) { start(e.target); } });
