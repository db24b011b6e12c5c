// The link to a figure: what can be set in it, read off, put back, and written as code. What a figure has to be set, Python listed (links.py).

const WAITS = "The figure of this link waits behind this question: answer it, or show the figure without an answer.";
const HOLD = 3000; // milliseconds in which what comes alive above a linked figure does not push it away

// A knob of each kind: `names()`, the positions as a link has them; `at()`, the one that it stands at; `put(i)`. A set of panels has texts instead.
const knobKinds = {
  widget({ models }, _, { widgets, names }) {
    const [main, zero] = widgets.map((id) => models[id]), box = main.kind === "CheckboxModel";
    return {
      names: () => names,
      at: () => {
        if (zero && isOn(zero)) return names.length - 1;
        return box ? +isOn(main) : positionOf(main);
      },
      put(i) {
        const none = zero !== undefined && i === names.length - 1;
        if (box) main.set("value", !!i);
        else if (!none) main.set("index", i);
        zero?.set("value", none);
      },
    };
  },
  step(_, model) {
    const frames = () => model.get("spec").frames, store = () => storeOf(model);
    return { names: () => frames().map(String), at: () => store()?.frame ?? frames().length - 1, put(i) { store().playing = false; store().frame = i; redraw(model); } };
  },
  start(_, model) {
    const starts = () => model.get("spec").starts ?? []; // on some surfaces a page has no other than the figure's own
    return {
      names: () => starts().map((s) => s.w.join()),
      at: () => model.asked.start, // it is drawn later
      put(i) { if (starts().length && i !== model.asked.start) toStart(model, i); },
    };
  },
  panels(_, model) {
    const { shown, panels } = model.get("spec"), ids = (always) => panels.filter((p) => !!p.always === always).map((p) => p.id), can = ids(false);
    const text = () => can.filter((id) => (storeOf(model).shown ?? new Set(shown)).has(id)).join();
    return { texts: true, can, first: text(), text, show(wanted) { storeOf(model).shown = new Set([...ids(true), ...wanted]); redraw(model); } };
  },
  leg(_, model) {
    const legs = () => model.get("data").g.length, at = () => wholePosition(model.get("cursor"), legs() + 1) ?? legs();
    return { names: () => Array.from({ length: legs() + 1 }, (_, i) => String(i)), at, put: (i) => model.set("cursor", i) };
  },
  place(_, model, { of }) {
    const spec = () => model.get("spec");
    const lists = { network: () => spec().lanes.map((_, i) => String(i)), quantity: () => spec().quantities, frame: () => spec().frames.map(String),
      weight: () => Array.from({ length: spec().layers.reduce((n, layer) => n + layer.size, 0) }, (_, i) => String(i)) };
    const names = lists[of];
    const value = () => model.get("at")[of];
    return { names, at: () => (of === "quantity" ? names().indexOf(value()) : value()),
      put: (i) => model.set("at", { ...model.get("at"), [of]: of === "quantity" ? names()[i] : i, by: "link" }) };
  },
  row(_, model, { row }) {
    const said = () => model.get("state").said, names = () => ["", ...model.get("spec").choices];
    return { names, at: () => names().indexOf(said()[row] ?? ""), put: (i) => model.set("state", { said: said().map((who, r) => (r === row ? names()[i] || null : who)) }) };
  },
};

// All knobs of a figure, each with what Python said of it, and with where it stood at first.
function knobsOf(manager, told) {
  const model = manager.models[told.canvas];
  return told.knobs.map((said) => {
    const knob = Object.assign(knobKinds[said.kind](manager, model, said), { said });
    if (!knob.texts) Object.assign(knob, { first: knob.at(), text: () => knob.names()[knob.at()] });
    return knob;
  });
}

const quoted = (words) => words.map((word) => `“${word}”`).join(", ");
const isFirst = (knob) => (knob.texts ? knob.text() === knob.first : knob.at() === knob.first);
const numbersIn = (text) => (/^[-+.\de,\s]+$/i.test(text) ? text.split(",").map((part) => (part.trim() ? Number(part) : NaN)) : [NaN]);

// How far what is asked is from a position, a number or a point. On a logarithmic scale nothing is near 0, so a switch that says 0 is meant by 0 only.
function apart(asked, position, log) {
  if (asked.length !== position.length) return Infinity;
  if (asked.every((x, i) => x === position[i])) return 0;
  return log ? Math.abs(Math.log(asked[0] / position[0])) : Math.hypot(...asked.map((x, i) => x - position[i]));
}

// Put a knob where a link wants it; returns what there is to say about that.
function follows(knob, wanted) {
  const { key } = knob.said, text = wanted.trim();
  if (knob.texts) {
    const asked = text ? text.split(",") : [], unknown = asked.filter((id) => !knob.can.includes(id));
    knob.show(asked.filter((id) => knob.can.includes(id)));
    return unknown.length ? `The link opens ${quoted(unknown)}, which is no panel of this figure.` : "";
  }
  const names = knob.names();
  if (!names.length) return `The link sets ${key}, which stands fast here: the page has no others on this surface.`;
  const word = names.findIndex((name) => name.toLowerCase() === text.toLowerCase());
  if (word >= 0) { knob.put(word); return ""; }
  const said = numbersIn(text), away = names.map((name) => apart(said, numbersIn(name), knob.said.log));
  const best = away.reduce((b, d, i) => (d < away[b] ? i : b), 0);
  if (!Number.isFinite(away[best])) { knob.put(knob.first); return `“${text}” in the link is no value of ${key}, which stands where it began, at ${names[knob.first]}.`; }
  knob.put(best);
  return away[best] > 1e-9 ? `The link asks for ${key} = ${text}; the nearest position of this page is shown, ${names[best]}.` : "";
}

// All settings of a link, those that it does not name as they were at first; returns what there is to say.
function moveTo(knobs, wanted) {
  const known = new Set(knobs.map((knob) => knob.said.key)), said = [];
  for (const knob of knobs) {
    const { key } = knob.said;
    if (wanted.has(key)) said.push(follows(knob, wanted.get(key)));
    else if (knob.texts) knob.show(knob.first ? knob.first.split(",") : []);
    else if (!isFirst(knob)) knob.put(knob.first);
  }
  const unknown = [...wanted.keys()].filter((key) => key !== "fig" && !known.has(key));
  if (unknown.length) said.push(`${quoted(unknown)} in the link cannot be set in this figure${known.size ? `, only ${[...known].join(", ")}` : ""}.`);
  return said.filter(Boolean);
}

function linkTo(id, knobs) {
  const link = new URLSearchParams({ fig: id });
  for (const knob of knobs) if (!knob.said.brief || !isFirst(knob)) link.set(knob.said.key, knob.text());
  return `${location.href.split("#")[0]}#${link}`.replaceAll("%2C", ",").replaceAll("+", "%20");
}

// The figure as code for its notebook, at the present settings.
function codeOf({ head, was }, knobs) {
  const values = (knob) => knob.said.values?.[knob.at()];
  const python = { start: (knob) => `[${knob.text().replaceAll(",", ", ")}]`, panels: (knob) => JSON.stringify(knob.text() ? knob.text().split(",") : []) };
  const written = (knob) => values(knob) ?? python[knob.said.kind]?.(knob) ?? (knob.said.kind === "row" || knob.said.of === "quantity" ? JSON.stringify(knob.text()) : knob.text());
  const parts = [], entries = [], lines = [];
  for (const knob of knobs) {
    const { argument, entry, line } = knob.said;
    if (entry) entries.push(`${JSON.stringify(entry)}: ${written(knob)}`);
    else if (argument && !isFirst(knob)) parts.push(`${argument}=${written(knob)}`);
    else if (argument && was[argument]) parts.push(`${argument}=${was[argument]}`);
    else if (line && !isFirst(knob)) lines.push(line.replace("{}", written(knob)));
  }
  if (entries.length) parts.push(`start_at={${entries.join(", ")}}`);
  const call = head + (head.endsWith("(") ? "" : parts.length ? ", " : "") + parts.join(", ") + ")";
  return lines.length ? [`figure = ${call}`, ...lines, "figure"].join("\n") : call;
}

// The buttons under a figure; `knobs` is empty where nothing can be set in it.
function tools(id, knobs, code) {
  const bar = make("div", "tools"), told = make("span", "told", { role: "status" });
  const offer = (words, text) => {
    const button = make("button", "", { type: "button" }, words);
    button.onclick = async () => {
      try { await navigator.clipboard.writeText(text()); told.textContent = "copied"; } catch { told.textContent = text(); }
      setTimeout(() => { if (told.textContent === "copied") told.textContent = ""; }, 2000);
    };
    bar.append(button);
  };
  offer(knobs.length ? "copy link to this setting" : "copy link to this figure", () => linkTo(id, knobs));
  if (code) offer("copy as code", () => codeOf(code, knobs));
  bar.append(told);
  return bar;
}

// The settings in the address of the page; null where it holds none. Mail programs encode all of it at times.
function wantedNow() {
  let text = location.hash.slice(1);
  if (!text.includes("=")) try { text = decodeURIComponent(text); } catch { return null; }
  return text.includes("=") ? new URLSearchParams(text.replaceAll("+", "%2B")) : null;
}

function note(place, said) {
  for (const old of document.querySelectorAll(".from-link")) old.remove();
  if (said.length) place.prepend(make("p", "from-link", { role: "status" }, said.join(" ")));
}

let letGo = () => {}; // of the figure that is held

// Scroll to a figure, and hold it there while what stands above it comes alive, unless the reader moves on.
function hold(place) {
  const size = new ResizeObserver(() => place.scrollIntoView({ block: "start" })), moves = ["wheel", "touchstart", "pointerdown", "keydown"];
  const stop = (letGo = () => { size.disconnect(); for (const type of moves) removeEventListener(type, stop, true); });
  for (const type of moves) addEventListener(type, stop, true);
  size.observe(document.querySelector("main"));
  setTimeout(stop, HOLD);
  place.tabIndex = -1;
  place.focus({ preventScroll: true }); // the keyboard goes on from here
}

// The place that a link means: the one it names, or the first on the page that knows most of what it sets.
function meant(wanted) {
  if (wanted.has("fig")) return document.getElementById(`fig-${wanted.get("fig")}`);
  const keys = [...wanted.keys()], known = (place) => keys.filter((key) => place.dataset.keys.split(",").includes(key)).length;
  const best = [...document.querySelectorAll(".live")].reduce((b, place) => (known(place) > (b ? known(b) : 0) ? place : b), null);
  return best;
}

let latest = null; // what the address asks for
let linked; // says again what there is to say of that, when a card has opened

async function restore() {
  const wanted = (latest = wantedNow());
  linked = () => {};
  letGo();
  note(null, []);
  if (!wanted) return;
  const place = meant(wanted), main = document.querySelector("main");
  if (!place?.classList.contains("live")) {
    note(main, [wanted.has("fig") ? `The link leads to a figure “${wanted.get("fig")}”; this page has none of that name.` : `The link sets ${quoted([...wanted.keys()])}; no figure of this page knows that.`]);
    return;
  }
  hold(place);
  const manager = await load(place.id.slice(4));
  if (!manager || wanted !== latest) return; // the page says that it could not be loaded; or another link was followed meanwhile
  const said = moveTo(manager.knobs, wanted);
  linked = () => note(place, manager.closed() ? [...said, WAITS] : said);
  linked();
}

addEventListener("DOMContentLoaded", restore);
addEventListener("hashchange", restore);
