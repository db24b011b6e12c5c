// Lecture mode of the figures without a time bar: the figure and its controls fill the window, enlarged.

const LARGEST = 2.5, SIDE = 16; // how many times as large, at most; pixels beside the figure
const TOO_NARROW = 640; // on a window so narrow nobody lectures
const ENTER = "lecture mode: fill the screen (F)", LEAVE = "leave (F) lecture mode";
const TYPED = "select, textarea, input:not([type=range], [type=checkbox])"; // letters belong to these

/** The pixels of the screen that one pixel of a node takes. @param {Element} node */
const dotsOf = (node) => (globalThis.devicePixelRatio || 1) * (node.currentCSSZoom ?? 1);

/** Where an event is in a node, in the node's own pixels.
 * @param {PointerEvent} event @param {HTMLElement} node */
function pointIn(event, node) {
  const box = node.getBoundingClientRect();
  const scale = node.offsetWidth && box.width ? node.offsetWidth / box.width : 1;
  return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
}

/** Let a button, and the key F in the figure, fill the window with it; F or Escape gives the page back.
 * @param {HTMLElement} el the view @param {HTMLElement} button
 * @param {string} around selector of the box of the view and its controls (or of the view)
 * @param {[number, number]} room width and height at which nothing of the figure is hidden
 * @returns {() => void} how to end */
function offerLecture(el, around, button, [width, height]) {
  let on = false, style = "", tries = 0;
  const box = () => el.closest(around) ?? el;
  function enlarge() { // the figure keeps the layout that it has at this width, in the middle of the window
    if (!on) return;
    const zoom = Math.max(1, Math.min(LARGEST, innerWidth / width, innerHeight / height));
    const side = Math.max(SIDE, (innerWidth / zoom - width) / 2 + SIDE);
    Object.assign(box().style, { zoom, padding: `10px ${side}px` });
  }
  function say() {
    button.textContent = on ? "leave (F)" : "lecture";
    button.title = on ? LEAVE : ENTER;
    button.setAttribute("aria-label", button.title); button.setAttribute("aria-pressed", String(on));
    button.style.display = !on && innerWidth <= TOO_NARROW ? "none" : "";
  }
  function turn(to) {
    const root = box();
    on = to;
    root.classList.toggle("xp-lecture", on); // a page stops holding what has this class
    if (on) {
      style = root.getAttribute("style") ?? "";
      Object.assign(root.style, { position: "fixed", inset: "0", zIndex: "100000", boxSizing: "border-box" });
      Object.assign(root.style, { width: "auto", maxWidth: "none", margin: "0", overflow: "auto" });
      root.style.background = coloursOf(root).paper;
      enlarge();
      root.requestFullscreen?.().catch(() => {}); // where the page may not, the figure still fills the window
    } else {
      root.setAttribute("style", style);
      if (document.fullscreenElement === root) document.exitFullscreen();
    }
    say();
  }
  const keys = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !(on || box().contains(event.target))) return;
    const isF = event.key.toLowerCase() === "f" && !event.target.matches?.(TYPED);
    if (!(event.key === "Escape" ? on : isF)) return;
    event.preventDefault(); event.stopPropagation();
    turn(!on);
  };
  const left = () => { if (on && !document.fullscreenElement) turn(false); };
  const settle = () => { // the box round the view and its controls exists only once the view is in the page
    if (!el.closest(around) && tries++ < 60) { requestAnimationFrame(settle); return; }
    const root = box();
    root.dataset.lmSuppressShortcuts = "true"; root.style.outline = "none";
    root.tabIndex = -1; // a click into the figure makes the keys its own
  };
  const heard = [[document, "keydown", keys, true], [document, "fullscreenchange", left]];
  heard.push([globalThis, "resize", enlarge]);
  button.addEventListener("click", () => turn(!on));
  for (const [node, ...what] of heard) node.addEventListener(...what);
  say(); settle();
  return () => {
    if (on) turn(false);
    for (const [node, ...what] of heard) node.removeEventListener(...what);
  };
}
