// What every view of ours needs of the page it is in.

function whichDark(el) {
  for (let node = el; node; node = node.parentElement) {
    const [r, g, b, a = 1] = (getComputedStyle(node).backgroundColor.match(/[\d.]+/g) ?? []).map(Number);
    if (a > 0.5 && r !== undefined) return 0.299 * r + 0.587 * g + 0.114 * b < 128;
  }
  return false;
}

function element(tag, className = "", attributes = {}, words = "") {
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = words;
  return node;
}

// The same from properties, with what is inside.
function make(tag, properties = {}, ...inside) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...inside);
  return node;
}

// Words that are there already are not written again: a new text costs a layout, also when it says the same.
function write(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

const SVG = "http://www.w3.org/2000/svg";

// A part of a drawing made of SVG.
function svgPart(parent, tag, attributes, words) {
  const node = parent.appendChild(document.createElementNS(SVG, tag));
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (words !== undefined) node.textContent = words;
  return node;
}

// A sentence that Python wrote, its {slots} filled.
const filled = (sentence, slots) => sentence.replace(/\{(\w+)\}/g, (_, name) => slots[name]);

// The colours that the page gives a node.
function coloursOf(node) {
  const ink = getComputedStyle(node).color;
  const [r, g, b] = (ink.match(/[\d.]+/g) || [0, 0, 0]).map(Number);
  const dark = 0.3 * r + 0.59 * g + 0.11 * b > 140; // bright ink is for a dark page
  let paper = dark ? "#111" : "#fff";
  for (let up = node; up; up = up.parentElement) {
    const back = getComputedStyle(up).backgroundColor;
    if (back && back !== "transparent" && !/,\s*0\)$/.test(back)) { paper = back; break; }
  }
  return { ink, paper, dark };
}

/** Name a slider's handle, to which ipywidgets gives a number or nothing, and say its value as the label does.
 * `label` goes beside it: Colab's manager leaves that blank at a fraction. */
function nameHandles(row, { name, value, index, count, label }) {
  if (value === undefined) return; // its list has not arrived yet
  for (const handle of row?.querySelectorAll(".noUi-handle, .ui-slider-handle") ?? []) {
    const said = { role: "slider", "aria-label": name, "aria-valuetext": value, "aria-valuemin": 0, "aria-valuemax": count - 1, "aria-valuenow": index };
    for (const [attribute, now] of Object.entries(said)) if (handle.getAttribute(attribute) !== String(now)) handle.setAttribute(attribute, now);
  }
  const readout = row?.querySelector(".widget-readout");
  if (readout && label !== undefined) write(readout, label);
}

// The same for a slider that offers a list of labels.
function nameSlider(row, slider, name = slider.get("description")) {
  const labels = slider.get("_options_labels") ?? [], index = positionOf(slider);
  nameHandles(row, { name, value: labels[index], index, count: labels.length, label: labels[index] });
}

// Call `again` when the node's size, the theme or the browser's colour scheme changes; returns how to stop.
function whenLooksChange(node, again) {
  const size = new ResizeObserver(() => again()), late = () => { again(); setTimeout(again, 250); }; // a theme's colours arrive after its name
  const theme = new MutationObserver(late), bright = matchMedia("(prefers-color-scheme: dark)");
  size.observe(node);
  for (const page of [document.documentElement, document.body]) theme.observe(page, { attributes: true, attributeFilter: ["class", "style", "data-jp-theme-light", "data-jp-theme-name", "theme"] });
  bright.addEventListener?.("change", late);
  return () => { size.disconnect(); theme.disconnect(); bright.removeEventListener?.("change", late); };
}

// What a notebook does with keys and clicks stays out of a figure.
function ownKeys(node) {
  node.dataset.lmSuppressShortcuts = "true";
  for (const kind of ["keydown", "keyup", "keypress", "pointerdown", "mousedown", "dblclick"]) node.addEventListener(kind, (event) => event.stopPropagation());
}

// The model behind a reference of ipywidgets.
const modelOf = (model, reference) => model.widget_manager.get_model(String(reference).replace("IPY_MODEL_", ""));
