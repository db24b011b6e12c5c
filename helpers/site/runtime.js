// Jupyter's widgets on a plain page: models that know their state, the few controls that the figures use, and the figures' own modules.
// Nothing is computed here, and nothing is asked of another host; what Python would answer lies in the figure's file.

const site = (globalThis.site = { modules: {}, files: {}, starts: {}, figures: {} });

class Model {
  constructor(manager, id, { kind, state, buffers }) {
    Object.assign(this, { manager, id, kind, state, changed: {}, heard: new Map(), widget_manager: manager });
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
  send(message) { if (message.kind === "start") moved(this, message.at); } // to nothing else there is an answer on a page
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

const reference = (text) => String(text).replace("IPY_MODEL_", "");

// the controls: native elements, so keyboard, touch and screen readers have what they know
const controls = {
  SelectionSliderModel(model) {
    const row = make("label", "control slider"), words = make("span", "name", {}, model.get("description")), out = make("output", "value");
    const input = make("input", "", { type: "range", min: 0, max: model.get("_options_labels").length - 1, step: 1 });
    const show = () => { const text = model.get("_options_labels")[model.get("index")]; input.value = model.get("index"); out.textContent = text; input.setAttribute("aria-valuetext", text); };
    input.oninput = () => model.set("index", +input.value);
    model.on("change:index", show); show();
    row.append(words, input, out);
    return row;
  },
  DropdownModel(model) {
    const row = make("label", "control"), input = make("select");
    input.append(...model.get("_options_labels").map((text) => make("option", "", {}, text)));
    const show = () => { input.selectedIndex = model.get("index"); };
    input.onchange = () => model.set("index", input.selectedIndex);
    model.on("change:index", show); show();
    row.append(make("span", "name", {}, model.get("description")), input);
    return row;
  },
  ToggleButtonsModel(model) {
    const row = make("div", "control", { role: "group", "aria-label": model.get("description") });
    const buttons = model.get("_options_labels").map((text, i) => { const b = make("button", "", { type: "button" }, text); b.onclick = () => model.set("index", i); return b; });
    const show = () => buttons.forEach((b, i) => b.setAttribute("aria-pressed", String(i === model.get("index"))));
    model.on("change:index", show); show();
    row.append(make("span", "name", {}, model.get("description")), ...buttons);
    return row;
  },
  CheckboxModel(model) {
    const row = make("label", "control"), input = make("input", "", { type: "checkbox" });
    const show = () => { input.checked = model.get("value"); };
    input.onchange = () => model.set("value", input.checked);
    model.on("change:value", show); show();
    row.append(input, make("span", "name", {}, model.get("description")));
    return row;
  },
  ToggleButtonModel(model) {
    const button = make("button", "control", { type: "button" }, model.get("description"));
    const show = () => button.setAttribute("aria-pressed", String(model.get("value")));
    button.onclick = () => model.set("value", !model.get("value"));
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
  box.classList.add(...(model.get("_dom_classes") ?? []));
  for (const child of model.get("children") ?? []) box.append(view(manager, reference(child)));
  if (model.kind === "AnyModel") {
    manager.rendered.push(() => moduleOf(model).render({ model, el: box }));
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
  const place = (m) => (m.kind === "CheckboxModel" ? +m.get("value") : m.get("index"));
  const model = manager.models[id], watched = ids.map((c) => manager.models[c]), began = watched.map(place).join();
  const change = () => {
    const here = watched.map(place).join(), now = positions[here] ?? (here === began ? model.first : null);
    if (!now) return;
    if (field) manager.models[field[0]].set("value", field[1][here]);
    if (!("near" in now)) { model.set(now); return; }
    Object.assign(model, { surface: here, now });
    shows(model, now);
  };
  model.surface = began;
  for (const m of watched) m.on("change:index change:value", change);
}

const nearest = (all, difference) => all.reduce((best, one) => (Math.hypot(...difference(one)) < Math.hypot(...difference(best)) ? one : best));
const startAt = (model, at) => nearest(model.get("spec").starts, (s) => s.at.map((x, i) => x - at[i]));

// The start was moved: what Python would have sent lies in a second file of the figure; the figure's own start is the first of the list.
async function moved(model, at) {
  const { starts } = model.get("spec"), { name } = model.manager;
  if (!starts) return;
  const i = starts.indexOf(startAt(model, at)), { surface } = model;
  if (i && !site.starts[name]) await loaded(`data/${name}.starts.js`).catch(() => null);
  if (surface !== model.surface) return; // another one was chosen meanwhile
  if (!i) shows(model, { ...model.now, spec: null });
  else if (site.starts[name]) shows(model, { near: site.starts[name][model.id][surface ?? ""][i - 1] });
}

// Text in the spec, as Python wrote it: "η = 0.12, averages over …" -> 0.12
const numberIn = (text) => parseFloat((text.match(/=\s*([-+.\de]+)/) ?? [])[1] ?? text);

const storeOf = (model) => globalThis.__explorerStores?.get(model.get("uid"));

function settings(manager) {
  for (const model of Object.values(manager.models)) {
    const spec = model.kind === "AnyModel" && model.get("spec");
    if (spec?.controls && model.get("widgets")) return { model, spec, widgets: model.get("widgets").map((w) => manager.models[reference(w)]) };
  }
  return null;
}

function whereIs({ spec, widgets }) {
  return spec.controls.map((control) => {
    const widget = widgets[control.widget];
    if (control.zero !== null && widgets[control.zero].get("value")) return control.count - 1;
    return control.kind === "box" ? +widget.get("value") : widget.get("index");
  });
}

function moveTo({ spec, widgets, model }, wanted) {
  spec.controls.forEach((control, c) => {
    if (!wanted.has(control.key)) return;
    const text = wanted.get(control.key), value = parseFloat(text), widget = widgets[control.widget];
    const words = control.texts.map((t) => t.split(" = ").pop()), exact = words.findIndex((t) => t.split(",")[0] === text);
    const far = (x) => (x > 0 && value > 0 ? Math.abs(Math.log(x / value)) : Math.abs(x - value) + (x === value ? 0 : 1e3));
    const index = exact >= 0 ? exact : control.texts.map(numberIn).reduce((best, x, i, all) => (far(x) < far(all[best]) ? i : best), 0);
    const zero = control.zero !== null && index === control.count - 1;
    if (control.kind === "box") widget.set("value", !!index);
    else if (!zero) widget.set("index", index);
    if (control.zero !== null) widgets[control.zero].set("value", zero);
  });
  const store = storeOf(model);
  if (wanted.has("start") && spec.starts) {
    const numbers = wanted.get("start").split(",").map(Number);
    moved(model, nearest(spec.starts, (s) => s.w.map((x, i) => x - (numbers[i] || 0))).at);
  }
  if (wanted.has("step") && store) {
    const step = +wanted.get("step");
    store.frame = spec.frames.reduce((best, f, i) => (Math.abs(f - step) < Math.abs(spec.frames[best] - step) ? i : best), 0);
    for (const shown of store.views) shown.later();
  }
}

function tools(id, manager, code) {
  const found = settings(manager), bar = make("div", "tools");
  if (!found) return bar;
  const told = make("span", "told", { role: "status" });
  const offer = (words, text) => {
    const button = make("button", "", { type: "button" }, words);
    button.onclick = async () => {
      try { await navigator.clipboard.writeText(text()); told.textContent = "copied"; } catch { told.textContent = text(); }
      setTimeout(() => { if (told.textContent === "copied") told.textContent = ""; }, 2000);
    };
    bar.append(button);
  };
  offer("copy link to this setting", () => {
    const at = whereIs(found), store = storeOf(found.model), link = new URLSearchParams({ fig: id });
    found.spec.controls.forEach((control, c) => link.set(control.key, String(control.texts[at[c]].split(" = ").pop().split(",")[0])));
    if (store?.spec) link.set("step", String(store.spec.frames[store.frame ?? 0]));
    if (store?.start && found.model.get("spec").starts) link.set("start", startAt(found.model, store.start).w.join());
    return `${location.href.split("#")[0]}#${link}`.replaceAll("%2C", ",");
  });
  if (code) offer("copy as code", () => {
    const at = whereIs(found);
    const now = found.spec.controls.map((control, c) => { const k = code.keys.indexOf(control.key); return `${JSON.stringify(control.key)}: ${code.values[k][at[c]]}`; });
    const text = code.text.replace("__settings__", `{${now.join(", ")}}`), start = storeOf(found.model)?.start, { starts } = found.model.get("spec");
    if (!start || !starts || startAt(found.model, start) === starts[0]) return text;
    return text.replace(/, start=(\[[^\]]*\]|\([^)]*\))/, "").replace(/\)$/, `, start=[${startAt(found.model, start).w.join(", ")}])`);
  });
  bar.append(told);
  return bar;
}

function mount(id) {
  const place = document.getElementById(`fig-${id}`), { root, models, variants, codes } = site.files[id];
  const manager = { name: id, models: {}, rendered: [], get_model: async (name) => { if (!manager.models[name]) throw new Error(`no model ${name}`); return manager.models[name]; } };
  for (const [name, entry] of Object.entries(models)) manager.models[name] = new Model(manager, name, entry);
  for (const model of Object.values(manager.models)) if (model.kind === "AnyModel") model.now = model.first = Object.fromEntries(["spec", "near", "rest"].map((part) => [part, model.get(part)]));
  for (const variant of variants) follow(manager, variant);
  for (const model of Object.values(manager.models)) if (model.kind === "AnyModel") moduleOf(model).initialize?.({ model });
  const box = view(manager, root), found = settings(manager);
  place.replaceChildren(box);
  for (const render of manager.rendered) render();
  if (found) (box.closest(".explorer") ?? box.querySelector(".explorer")).append(tools(id, manager, codes[0])); // hidden with it behind a card
  site.figures[id] = manager;
  place.dataset.live = "yes";
  return found;
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

async function load(id) {
  const place = document.getElementById(`fig-${id}`);
  if (!place || place.dataset.live) return;
  place.dataset.live = "loading";
  try { await loaded(place.dataset.file); } catch {
    place.dataset.live = "";
    place.append(make("p", "", { role: "status" }, "The data of this figure could not be loaded; the still picture remains."));
    return;
  }
  try { mount(id); } catch (error) { place.dataset.live = ""; console.error(error); }
}

async function restore() {
  const wanted = new URLSearchParams(location.hash.slice(1));
  if (![...wanted.keys()].some((k) => k !== "fig" && wanted.get(k))) return;
  const places = [...document.querySelectorAll(".live")].filter((p) => !wanted.has("fig") || p.id === `fig-${wanted.get("fig")}`);
  for (const place of places) {
    const id = place.id.slice(4);
    await load(id);
    const found = site.figures[id] && settings(site.figures[id]);
    const keys = [...wanted.keys()].filter((k) => !["fig", "step", "start"].includes(k));
    if (found && keys.every((k) => found.spec.controls.some((c) => c.key === k))) { moveTo(found, wanted); place.scrollIntoView({ block: "start" }); return; }
  }
}

addEventListener("DOMContentLoaded", () => {
  const near = new IntersectionObserver((entries) => { for (const e of entries) if (e.isIntersecting) { near.unobserve(e.target); load(e.target.id.slice(4)); } }, { rootMargin: "400px" });
  for (const place of document.querySelectorAll(".live")) near.observe(place);
  restore();
});
addEventListener("hashchange", restore);
