// Jupyter's widgets on a plain page: models that know their state, the few controls that the figures use, and the figures' own modules.
// Nothing is computed here, and nothing is asked of another host; what Python would answer lies in the figure's file.

const site = (globalThis.site = { modules: {}, files: {}, starts: {}, figures: {} });
const START = 0; // the place of a figure's own start in its list

class Model {
  constructor(manager, id, { kind, state, buffers }) {
    Object.assign(this, { manager, id, kind, state, changed: {}, heard: new Map(), widget_manager: manager, asked: { start: START } });
    for (const [name, text] of Object.entries(buffers)) state[name] = bytes(text);
  }
  get(name) { return this.state[name]; }
  set(name, value) {
    const values = typeof name === "string" ? { [name]: value } : name;
    this.changed = Object.fromEntries(Object.entries(values).filter(([n, v]) => this.state[n] !== v));
    Object.assign(this.state, this.changed);
    for (const n of Object.keys(this.changed)) this.tell(`change:${n}`);
    if (Object.keys(this.changed).length) this.tell("change");
  }
  on(names, f) { for (const n of names.split(" ")) this.heard.set(n, [...(this.heard.get(n) ?? []), f]); }
  off(names, f) { for (const n of names.split(" ")) this.heard.set(n, (this.heard.get(n) ?? []).filter((g) => g !== f)); }
  tell(name) { for (const f of this.heard.get(name) ?? []) f(this, this.state[name.slice(7)]); }
  save_changes() {}
  send(message) { // what Python would do; to nothing else there is an answer on a page
    if (message.kind === "start") moved(this, message.at);
    if (message.kind === "at") this.state.at = { ...message.at, by: "view" };
  }
}

function bytes(text) {
  const plain = atob(text), out = new Uint8Array(plain.length);
  for (let i = 0; i < plain.length; i++) out[i] = plain.charCodeAt(i);
  return new DataView(out.buffer);
}

function make(tag, className, attributes = {}, words) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (words !== undefined) node.textContent = words;
  return node;
}

// A thumb that scrolls the page over a slider has not moved it: the browser cancels the touch then.
let touched = null;
addEventListener("pointerdown", ({ target }) => { touched = target.matches?.('input[type="range"]') ? [target, target.value] : null; }, true);
addEventListener("pointercancel", ({ target }) => {
  if (touched?.[0] !== target || target.value === touched[1]) return;
  target.value = touched[1];
  target.dispatchEvent(new Event("input", { bubbles: true }));
}, true);

const reference = (text) => String(text).replace("IPY_MODEL_", "");

// the controls: native elements, so keyboard, touch and screen readers have what they know
const controls = {
  SelectionSliderModel(model) {
    const row = make("label", "control slider"), words = make("span", "name", {}, model.get("description")), out = make("output", "value", { "aria-live": "off" }); // the slider says its value itself
    const input = make("input", "", { type: "range", min: 0, max: model.get("_options_labels").length - 1, step: 1 });
    const show = () => {
      const index = positionOf(model), text = model.get("_options_labels")[index];
      input.value = index; out.textContent = text; input.setAttribute("aria-valuetext", text);
    };
    input.oninput = () => model.set("index", +input.value);
    model.on("change:index", show); show();
    row.append(words, input, out);
    return row;
  },
  DropdownModel(model) {
    const row = make("label", "control"), input = make("select");
    input.append(...model.get("_options_labels").map((text) => make("option", "", {}, text)));
    const show = () => { input.selectedIndex = positionOf(model); };
    input.onchange = () => model.set("index", input.selectedIndex);
    model.on("change:index", show); show();
    row.append(make("span", "name", {}, model.get("description")), input);
    return row;
  },
  ToggleButtonsModel(model) {
    const row = make("div", "control", { role: "group", "aria-label": model.get("description") || model.get("_options_labels").join(", ") });
    const buttons = model.get("_options_labels").map((text, i) => { const b = make("button", "", { type: "button" }, text); b.onclick = () => model.set("index", i); return b; });
    const show = () => buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(i === positionOf(model))));
    model.on("change:index", show); show();
    row.append(make("span", "name", {}, model.get("description")), ...buttons);
    return row;
  },
  CheckboxModel(model) {
    const row = make("label", "control"), input = make("input", "", { type: "checkbox" });
    const show = () => { input.checked = isOn(model); };
    input.onchange = () => model.set("value", input.checked);
    model.on("change:value", show); show();
    row.append(input, make("span", "name", {}, model.get("description")));
    return row;
  },
  ToggleButtonModel(model) {
    const button = make("button", "control", { type: "button" }, model.get("description"));
    const show = () => button.setAttribute("aria-pressed", String(isOn(model)));
    button.onclick = () => model.set("value", !isOn(model));
    model.on("change:value", show); show();
    return button;
  },
  TextModel(model) {
    const row = make("label", "control"), input = make("input", "", { type: "text", readonly: "", title: "A list of your own needs Python: open this notebook in Jupyter." });
    const show = () => { input.value = model.get("value"); };
    model.on("change:value", show); show();
    row.append(make("span", "name", {}, model.get("description")), input);
    return row;
  },
  HTMLModel(model) {
    const box = make("div", "widget-html");
    box.innerHTML = model.get("value");
    return box;
  },
};

// A module is what it exports, or a function that makes it, once a figure.
function moduleOf(model) {
  const module = site.modules[model.get("_esm")];
  return (model.module ??= typeof module === "function" ? module() : module);
}

function view(manager, id) {
  const model = manager.models[id], box = (controls[model.kind] ?? (() => make("div", model.kind === "HBoxModel" ? "row" : "column")))(model);
  manager.boxes[id] = box;
  box.classList.add(...(model.get("_dom_classes") ?? []));
  for (const child of model.get("children") ?? []) box.append(view(manager, reference(child)));
  if (model.kind === "AnyModel") {
    manager.rendered.push(() => moduleOf(model).render({ model, el: box }));
    // where another start is still on its way, the view sees none moved, and its reset asks for nothing
    box.addEventListener("click", (event) => { if (event.target.closest("[aria-label^=reset]") && model.asked.start !== START) toStart(model, START); });
  }
  const layout = manager.models[reference(model.get("layout"))];
  if (layout) {
    const show = () => { box.style.display = layout.get("display") ?? ""; };
    layout.on("change:display", show); show();
  }
  return box;
}

// A message of the explorer begins with 4 bytes of length and a JSON header; an older generation would be dropped, so each gets the next number.
function renumbered(message, generation) {
  const raw = typeof message === "string" ? bytes(message) : message;
  if (raw.byteLength < 4) return null;
  const length = raw.getUint32(0, true), all = new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength);
  const header = JSON.parse(new TextDecoder().decode(all.subarray(4, 4 + length)));
  const head = new TextEncoder().encode(JSON.stringify({ ...header, generation }));
  const out = new Uint8Array(4 + head.length + all.length - 4 - length);
  new DataView(out.buffer).setUint32(0, head.length, true);
  out.set(head, 4); out.set(all.subarray(4 + length), 4 + head.length);
  return new DataView(out.buffer);
}

// Show what Python sent for another surface, or from another start, under the next number.
function shows(model, { spec, near, rest }) {
  model.generation = (model.generation ?? model.get("spec").generation) + 1;
  model.set("spec", spec ? { ...spec, generation: model.generation } : model.get("spec"));
  for (const [name, message] of [["near", near], ["rest", rest]]) if (message) model.set(name, renumbered(message, model.generation));
}

function follow(manager, { model: id, controls: ids, positions, field }) {
  const place = (m) => (m.kind === "CheckboxModel" ? +isOn(m) : positionOf(m));
  const model = manager.models[id], watched = ids.map((c) => manager.models[c]), began = watched.map(place).join();
  const change = () => {
    const here = watched.map(place).join(), now = positions[here] ?? (here === began ? model.first : null);
    if (!now) return;
    if (field) manager.models[field[0]].set("value", field[1][here]);
    if (!("near" in now)) { model.set(now); return; }
    Object.assign(model, { surface: here, now, asked: { start: START } });
    shows(model, now);
  };
  model.surface = began;
  for (const m of watched) m.on("change:index change:value", change);
}

const nearest = (all, difference) => all.reduce((best, one) => (Math.hypot(...difference(one)) < Math.hypot(...difference(best)) ? one : best));
const startAt = (model, at) => nearest(model.get("spec").starts, (s) => s.at.map((x, i) => x - at[i]));

const storeOf = (model) => globalThis.__explorerStores?.get(model.get("uid"));
const redraw = (model) => { for (const shown of storeOf(model)?.views ?? []) shown.later(); };

// The start is to be moved: what Python would have sent lies in a second file of the figure. That may come late; `model.asked` is what was asked last, and only that is shown.
async function moved(model, at) {
  const { starts, words } = model.get("spec"), { name } = model.manager;
  if (!starts) return;
  const i = starts.indexOf(startAt(model, at)), asked = (model.asked = { start: i });
  let lost = false;
  try { if (i !== START && !site.starts[name]) await loaded(`data/${name}.starts.js`); } catch { lost = true; }
  if (asked !== model.asked) return;
  if (lost) { // without that file no other start was ever shown
    model.asked = { start: START };
    storeOf(model).trouble = words.noKernel;
    redraw(model);
  } else shows(model, i === START ? { ...model.now, spec: null } : { near: site.starts[name][model.surface ?? ""][i - 1] });
}

// To a start of the list at the page's own word: a hand that holds another one lets go of it.
function toStart(model, i) {
  storeOf(model).held = null;
  moved(model, model.get("spec").starts[i].at);
}

async function mount(id) {
  const place = document.getElementById(`fig-${id}`), { root, models, variants, told } = site.files[id];
  const manager = { name: id, models: {}, boxes: {}, rendered: [], get_model: async (name) => { if (!manager.models[name]) throw new Error(`no model ${name}`); return manager.models[name]; } };
  for (const [name, entry] of Object.entries(models)) manager.models[name] = new Model(manager, name, entry);
  for (const model of Object.values(manager.models)) if (model.kind === "AnyModel") model.now = model.first = Object.fromEntries((model.get("widgets") ? ["spec", "near", "rest"] : ["data", "cursor", "problem"]).map((part) => [part, model.get(part)]));
  for (const variant of variants) follow(manager, variant);
  for (const model of Object.values(manager.models)) if (model.kind === "AnyModel") moduleOf(model).initialize?.({ model });
  const box = view(manager, root);
  manager.cards = Object.values(manager.models).filter((model) => model.get("layouts"));
  manager.knobs = told ? knobsOf(manager, told) : [];
  for (const card of manager.cards) card.on("change:state", () => linked());
  manager.closed = () => manager.cards.some((card) => !card.get("state").open);
  const still = [...place.childNodes];
  place.replaceChildren(box); // a view measures its place
  try { await Promise.all(manager.rendered.map((render) => render())); } catch (error) { place.replaceChildren(...still); throw error; }
  (told ? manager.boxes[told.figure] : place).append(tools(id, manager.knobs, told?.code)); // hidden with the figure behind a card
  site.figures[id] = manager;
  place.dataset.live = "yes";
}

// A figure's data is a script, not a fetch: that also works where the page was opened from a folder.
const scripts = new Map();
function loaded(src) {
  if (!scripts.has(src)) scripts.set(src, new Promise((done, failed) => {
    const script = document.createElement("script");
    Object.assign(script, { src, onload: done, onerror: () => { scripts.delete(src); failed(new Error(`${src} could not be loaded`)); } });
    document.head.append(script);
  }));
  return scripts.get(src);
}

// The figure, alive; null where it cannot be. Asked for again, it is the same one.
const coming = new Map();
function load(id) {
  if (!coming.has(id)) coming.set(id, bring(id).then((manager) => { if (!manager) coming.delete(id); return manager; }));
  return coming.get(id);
}

async function bring(id) {
  const place = document.getElementById(`fig-${id}`);
  place.dataset.live = "loading";
  place.querySelector(".failed")?.remove();
  try {
    await loaded(place.dataset.file);
    await mount(id);
  } catch (error) {
    console.error(error);
    place.dataset.live = "";
    place.append(make("p", "failed", { role: "status" }, "The data of this figure could not be loaded; the still picture remains."));
    return null;
  }
  return site.figures[id];
}

addEventListener("DOMContentLoaded", () => {
  const near = new IntersectionObserver((entries) => { for (const e of entries) if (e.isIntersecting) { near.unobserve(e.target); load(e.target.id.slice(4)); } }, { rootMargin: "400px" });
  for (const place of document.querySelectorAll(".live")) near.observe(place);
  // what does not scroll is no stop of the tab key
  const stops = new ResizeObserver((boxes) => { for (const { target } of boxes) target.tabIndex = target.scrollWidth > target.clientWidth ? 0 : -1; });
  for (const box of document.querySelectorAll("pre[tabindex], .wide[tabindex]")) stops.observe(box);
});
