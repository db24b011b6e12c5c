// What Python sent, and what the controls say. No formula lives here: the only arithmetic is undoing an axis.

const MISSING = 65535, CODES = 65534; // 0 says on a logarithmic axis: exactly 0
const NEGATIVE = 8; // from this bit of the channel "turns" on: is the rate of this weight below 0?

// One store for all views of a figure, in whatever module copy they run.
function storeOf(uid) {
  const all = (globalThis.__explorerStores ??= new Map());
  if (!all.has(uid)) {
    all.set(uid, { uid, generation: 0, start: null, lanes: [], errors: [], sliders: [], views: new Set(), frame: null, playing: false, pins: [], before: null, forget: false,
                   shown: null, trouble: "", stood: [], asked: new Set(), queue: Promise.resolve(), off: [] });
  }
  return all.get(uid);
}

// Another surface of the menu, in the same axes: what ran on the one before stays in sight, at whatever setting the sliders show.
function swapped({ spec: old, lanes, errors, start }, spec, begins) {
  const same = JSON.stringify([old.axes, old.frames, start]) === JSON.stringify([spec.axes, spec.frames, begins]);
  return spec.swaps && old.swaps && same ? { spec: old, lanes, errors, name: old.swaps[old.surface[0][1]] } : null;
}

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function bytesOf(view) {
  if (!view || !view.byteLength) return null;
  return new Uint8Array(view.buffer ?? view, view.byteOffset ?? 0, view.byteLength);
}

// Take in one message: 4 bytes of length, a JSON header, deflated codes (differences along time, signs folded
// into the lowest bit, all low bytes before all high ones) and integers.
async function takeIn(store, spec, view) {
  const bytes = bytesOf(view);
  if (!bytes) return;
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  if (header.generation < store.generation) return;
  const body = await inflate(bytes.subarray(4 + length));
  if (header.generation < store.generation) return;
  if (header.generation > store.generation) {
    store.before = store.spec && store.spec !== spec && !store.forget ? swapped(store, spec, header.start) : null;
    if (store.spec !== spec) { store.pins = []; store.forget = false; }
    store.lanes = []; store.asked.clear();
  }
  store.generation = header.generation;
  Object.assign(store, { start: header.start, startText: header.startText, errors: header.errors, spec, trouble: "" });
  const T = spec.frames.length;
  let at = 0;
  header.lanes.forEach((part, l) => {
    const lane = spec.lanes[l], C = lane.channels.length, I = lane.ints.length, size = C * T;
    const kept = (store.lanes[l] ??= { codes: new Uint16Array(lane.count * size), ints: new Int32Array(lane.count * I), have: new Uint8Array(lane.count) });
    const many = part.count * size, codes = new Uint16Array(many);
    for (let i = 0; i < many; i++) { const folded = body[at + i] | (body[at + many + i] << 8); codes[i] = (folded >> 1) ^ -(folded & 1); }
    at += many * 2;
    const ints = new Int32Array(body.slice(at, at + part.count * I * 4).buffer);
    at += part.count * I * 4;
    for (let row = 0; row < codes.length; row += T) for (let t = 1; t < T; t++) codes[row + t] += codes[row + t - 1];
    for (let i = 0; i < part.count; i++) {
      const p = part.positions ? part.positions[i] : i;
      kept.codes.set(codes.subarray(i * size, (i + 1) * size), p * size);
      kept.ints.set(ints.subarray(i * I, (i + 1) * I), p * I);
      kept.have[p] = 1;
    }
  });
  store.frame ??= opening(store, spec);
  store.frame = Math.min(store.frame, T - 1);
}

// Is the switch beside a slider pressed that says 0?
const isZero = (store, { zero }) => zero !== null && !!store.sliders[zero] && isOn(store.sliders[zero]);

/** The position of control `c`, whole, as the figure's runs are counted. */
// The frame that a figure opens with, and goes back to: that of the step which Python asked for, else the last.
function opening(store, spec) {
  const step = store.model?.get("opens_at") ?? -1;
  return step < 0 ? spec.frames.length - 1 : nearest(spec.frames, step);
}

function indexOf(store, c) {
  const control = store.spec.controls[c], model = store.sliders[control.widget];
  if (!model) return control.start;
  if (isZero(store, control)) return control.count - 1;
  if (control.kind === "box") return +isOn(model, control.start === 1);
  return positionOf(model, control.start, control.count - (control.zero !== null));
}

function setIndex(store, c, index) {
  const control = store.spec.controls[c], model = store.sliders[control.widget], zero = control.zero === null ? null : store.sliders[control.zero];
  if (!model) return;
  const toZero = zero && index === control.count - 1;
  if (control.kind === "box") model.set("value", !!index);
  else if (!toZero) model.set("index", index);
  model.save_changes();
  if (zero) { zero.set("value", !!toZero); zero.save_changes(); }
}

// What one rule did at the setting that the sliders show; null where that has not been computed.
function reading(store, l) {
  return store.spec.surface.some(([c, i]) => indexOf(store, c) !== i) ? null : settingOf(store, l);
}

function settingOf(store, l) {
  const spec = store.spec, lane = spec.lanes[l], kept = store.lanes[l], T = spec.frames.length;
  let p = 0;
  lane.dims.forEach((c, d) => { p += lane.strides[d] * indexOf(store, c); });
  if (!kept || !kept.have[p]) return { missing: p };
  const C = lane.channels.length, I = lane.ints.length;
  const r = readerOf(store, lane, kept.codes.subarray(p * C * T, (p + 1) * C * T), kept.ints.subarray(p * I, (p + 1) * I), T);
  if (!lane.told) return { ...r, position: p };
  const [sentence, label, etaLabel] = lane.told.texts[lane.told.at[p]];
  return { ...r, position: p, told: () => sentence, label: label || lane.label, etaLabel };
}

function readerOf(store, lane, codes, ints, T) {
  const place = Object.fromEntries(lane.channels.map((c, i) => [c.name, i]));
  const int = (name) => ints[lane.ints.indexOf(name)];
  const units = (name, t) => {
    const c = place[name];
    if (c === undefined) return NaN;
    const code = codes[c * T + t], [low, high] = lane.channels[c].carried ?? [0, 1];
    return code === MISSING ? NaN : low + (code * (high - low)) / CODES;
  };
  const percent = (name, t) => { const share = undo(store.spec.axes[name], units(name, t)); return Number.isFinite(share) ? `${(100 * share).toFixed(1)} %` : "not a number"; };
  const turn = (i, t) => (codes[place.turns * T + t] >> (2 * i)) & 3;
  const uphill = (i, t) => Boolean((codes[place.turns * T + t] >> (NEGATIVE + i)) & 1);
  const beyond = (name, t) => ({ 0: "below ", 1: "below ", [CODES]: "above " })[codes[place[name] * T + t]] ?? "";
  // What stands before a number; with a minus sign, the size that is above an end is below it.
  const signed = (name, i, t) => (uphill(i, t) ? { "below ": "above −", "above ": "below −" }[beyond(name, t)] ?? "−" : beyond(name, t));
  const spoken = (name, t) => {
    const c = lane.channels[place[name]], axis = store.spec.axes[c.axis];
    if (axis.log && codes[place[name] * T + t] === 0) return number(0);
    const value = undo(axis, units(name, t)), grain = axis.log ? 0 : ((c.carried[1] - c.carried[0]) * (axis.high - axis.low)) / CODES;
    const before = c.axis === "rate" && name !== "eta" ? signed(name, +name.at(-1), t) : beyond(name, t);
    return Math.abs(value) < grain ? "about 0" : number(value, before); // between two codes no digit is known
  };
  // the channel of the rate, scaled and shifted: the power of ten of rate × curvature
  const gauge = (i, t) => 10 ** (units(`rate${i}`, t) * store.spec.gauge.scale + store.spec.gauge.shift[i]);
  const past = (i, t) => !uphill(i, t) && gauge(i, t) >= store.spec.gauge.past;
  const spokenGauge = (i, t) => {
    const said = number(gauge(i, t), signed(`rate${i}`, i, t));
    return said === store.spec.gauge.edgeSaid && !past(i, t) ? store.spec.gauge.nearly + said : said; // two digits alone would not tell
  };
  const outside = (t) => ["x", "y"].some((name) => { const u = units(name, t); return u < -0.001 || u > 1.001; });
  const shown = (panel) => (store.shown ?? new Set(store.spec.shown)).has(panel);
  return { lane, codes, ints, int, units, turn, spoken, percent, gauge, past, spokenGauge, uphill, outside, shown, told: () => "", label: lane.label, etaLabel: "", has: (name) => name in place, error: int("error") >= 0 ? store.errors[int("error")] : "" };
}

function undo(axis, u) {
  const value = axis.low + u * (axis.high - axis.low);
  return axis.log ? 10 ** value : value;
}

// The title where the sliders stand.
function titleNow(store) {
  const { titles, title, controls } = store.spec;
  if (!titles) return title;
  return titles.texts[titles.at[titles.of.reduce((p, c) => p * controls[c].count + indexOf(store, c), 0)]];
}

// The drawn frame that is nearest to a step.
function nearest(frames, step) {
  let best = 0;
  frames.forEach((f, i) => { if (Math.abs(f - step) < Math.abs(frames[best] - step)) best = i; });
  return best;
}

// Two digits: 0.28, 23, 4.1e-9.
function number(x, beyond = "") {
  if (Number.isNaN(x)) return "not a number";
  if (!Number.isFinite(x)) return "infinite";
  if (x === 0) return beyond + "0";
  const [digits, exponent] = x.toExponential(1).split("e"), e = +exponent;
  return beyond + (e >= -4 && e < 4 ? (+digits * 10 ** e).toFixed(Math.max(0, 1 - e)) : `${digits}e${e}`);
}

// The sentences of the read-out: Python's templates, slots filled.
function fill(store, l, r, frame) {
  if (!r || "missing" in r) return store.spec.words.waiting + " ";
  if (r.error) return r.error + " ";
  return store.spec.lanes[l].cases[caseOf(store, r, frame)].map((part) => said(store, r, part, frame)).join("");
}

function caseOf(store, r, frame) {
  const step = store.spec.frames[frame], undefinedAt = r.int("undefined"), diverged = r.int("diverged");
  if (undefinedAt >= 0 && undefinedAt <= step) return `undefined${r.int("why")}`;
  if (diverged >= 0 && diverged <= step) return `diverged${r.int("ended") || ""}`;
  return step ? "ok" : "start";
}

// One part of a sentence, its slot filled.
function said(store, r, part, frame) {
  if (typeof part === "string") return part;
  const inner = (parts) => parts.map((one) => said(store, r, one, frame)).join(""), step = store.spec.frames[frame];
  if ("panel" in part) return r.shown(part.panel) ? inner(part.parts) : "";
  if ("outside" in part) return r.outside(frame) ? inner(part.outside) : "";
  if ("step" in part) return `${step} ${part.step[+(step !== 1)]}`;
  if ("channel" in part) return r.spoken(part.channel, part.frame ?? frame);
  if ("percent" in part) return r.percent(part.percent, frame);
  if ("gauge" in part) return r.spokenGauge(part.gauge, frame);
  if ("past" in part) return part.past[part.weights.map((i) => +r.past(i, frame)).join("")];
  if ("uphill" in part) return part.uphill[part.weights.map((i) => +r.uphill(i, frame)).join("")];
  if ("turn" in part) return store.spec.turns[r.turn(part.turn, frame)];
  if ("told" in part) return r.told();
  const value = r.int("from" in part ? part.from : part.int);
  if ("from" in part) return value ? `from step ${value} on` : "at the start";
  return value < 0 && "none" in part ? part.none : String(value);
}
