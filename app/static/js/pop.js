// Citations behind a clock: open on hover and focus, stay open while pointed at, Esc closes.
export function popovers(root) {
  root.querySelectorAll(".pop").forEach((pop) => {
    const button = pop.querySelector("button");
    const body = pop.querySelector(".pop-body");
    if (!button || !body || pop.dataset.ready) { return; }
    pop.dataset.ready = "1";
    const open = () => {
      body.classList.add("is-open");
      const at = button.getBoundingClientRect();
      const left = Math.max(12, Math.min(at.left, window.innerWidth - body.offsetWidth - 12));
      const below = at.bottom + 4;
      const top = below + body.offsetHeight > window.innerHeight - 8 ? at.top - body.offsetHeight - 4 : below;
      body.style.setProperty("left", left + "px");
      body.style.setProperty("top", Math.max(8, top) + "px");
    };
    const close = () => body.classList.remove("is-open");
    pop.addEventListener("mouseenter", open);
    pop.addEventListener("mouseleave", close);
    button.addEventListener("focus", open);
    button.addEventListener("blur", close);
    button.addEventListener("click", open);
    pop.addEventListener("keydown", (e) => { if (e.key === "Escape") { close(); e.stopPropagation(); } });
  });
}
