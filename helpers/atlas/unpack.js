// What Python packed, brought back: for each run and quantity a code per weight and drawn step, and what the codes mean.

async function unpack(spec, view) {
  const body = await inflate(bytesOf(view)), T = spec.frames.length, layers = spec.layers, n = layers[layers.length - 1].first + layers[layers.length - 1].size;
  const size = new DataView(body.buffer).getUint32(0, true), header = JSON.parse(new TextDecoder().decode(body.subarray(4, 4 + size)));
  if (header.generation !== spec.generation) return null; // another message is on its way
  const wide = spec.extra[0].length + spec.bins + spec.extra[1].length;
  let at = 4 + size;
  const take = (bytes) => body.slice(at, (at += bytes));
  return header.lanes.map(({ channels, facts }) => {
    const parts = {}, lane = { facts, quantities: {} };
    for (const [name, how] of Object.entries(channels)) parts[name] = take(how.bytes);
    for (const name of Object.keys(channels)) lane.quantities[name] = { counts: new Uint32Array(take(4 * T * layers.length * wide).buffer), wide };
    let held = null;
    for (const [name, how] of Object.entries(channels)) {
      const kept = lane.quantities[name];
      kept.late = spec.late.includes(name);
      if (how.kind === "one") Object.assign(kept, { codes: new Uint16Array(n * T), kinds: [spec.codes.first], logs: [how.low] });
      else {
        const table = how.kind === "table" ? new Uint16Array(parts[name].buffer) : null;
        kept.codes = table ? held : codesOf(parts[name], T, how.differences);
        if (name === "G") held = kept.codes;
        const count = table ? table.length : kept.codes.reduce((a, b) => Math.max(a, b), 0) + 1;
        const meant = table ?? Uint16Array.from({ length: count }, (_, code) => code), { first } = spec.codes;
        kept.kinds = Uint8Array.from(meant, (code) => Math.min(code, first));
        kept.logs = Float64Array.from(meant, (code) => (code < first ? NaN : how.low + (code - first) * how.grain));
      }
      // the colour of every code, once
      const axis = spec.axes[name], colours = spec.palette;
      kept.units = Float64Array.from(kept.logs, (log) => (log - axis.low) / (axis.high - axis.low));
      kept.paint = Uint32Array.from(kept.units, (u) => colours[Math.max(0, Math.min(255, Math.floor((u || 0) * 256)))]);
    }
    return lane;
  });
}

// Weight by weight, high bytes behind low ones; differences along time are folded to small numbers.
function codesOf(bytes, T, differences) {
  const n = bytes.length / 2, codes = new Uint16Array(n);
  for (let i = 0; i < n; i++) codes[i] = bytes[i] | (bytes[n + i] << 8);
  if (differences) for (let row = 0; row < n; row += T) for (let t = 0, last = 0; t < T; t++) {
    const folded = codes[row + t];
    last = codes[row + t] = last + ((folded >> 1) ^ -(folded & 1));
  }
  return codes;
}

// Colours as they stand in a picture's memory: red first, opaque.
function paletteOf(hex) {
  const part = (i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16);
  return Uint32Array.from({ length: hex.length / 6 }, (_, i) => (0xff000000 | (part(3 * i + 2) << 16) | (part(3 * i + 1) << 8) | part(3 * i)) >>> 0);
}

function kindOf(spec, kept, weight, frame) {
  if (kept.late && !spec.frames[frame]) return spec.codes.none; // no step has been taken yet
  return kept.kinds[kept.codes[weight * spec.frames.length + frame]];
}

function unitsOf(spec, kept, weight, frame) {
  return kindOf(spec, kept, weight, frame) === spec.codes.first ? kept.units[kept.codes[weight * spec.frames.length + frame]] : NaN;
}

function toldOf(spec, kept, weight, frame) {
  const kind = kindOf(spec, kept, weight, frame), { zero, infinite, none } = spec.codes;
  return number(kind === zero ? 0 : kind === infinite ? Infinity : kind === none ? NaN : 10 ** kept.logs[kept.codes[weight * spec.frames.length + frame]]);
}

// Sentences: Python's templates, slots filled.

function slotted(template, slots) { return template.replace(/\{(\w+)\}/g, (_, name) => slots[name]); }

function whereOf(spec, weight) {
  const layer = spec.layers.find((l) => weight < l.first + l.size), k = weight - layer.first, at = Math.floor(k / layer.cols), to = k % layer.cols;
  const slots = { at, to, row: layer.side ? Math.floor(at / layer.side) : at, column: layer.side ? at % layer.side : 0 };
  return { layer, name: slotted(layer.call, slots), where: slotted(layer.where, slots) };
}

function sentence(spec, lanes, { network, quantity, weight, frame }) {
  const { words } = spec, lane = lanes[network], t = spec.frames[frame], when = t ? "ok" : "start", told = lane.facts[quantity][frame];
  let said = slotted(words.lead[when], { who: spec.lanes[network].label, t, steps: spec.steps, epoch: spec.epochs[frame] });
  said += slotted(words.spread[told.case], { ...told, what: quantity, What: words.alone[quantity] });
  if (told.case !== "none" && told.case !== "zero") {
    said += slotted(words.zeros[Math.min(told.zeros, 2)], told);
    for (const [name, template] of Object.entries(words.stray)) if (name in told) said += slotted(template, told);
  }
  const has = words.order.filter((name) => name in lane.quantities), value = (name) => toldOf(spec, lane.quantities[name], weight, frame);
  const each = has.map((name) => `${words.shown[name]} ${value(name)}`).join(", "), G = has.includes("G") ? slotted(words.account, { G: value("G") }) : "";
  return said + slotted(words.weight[when], { ...whereOf(spec, weight), each, G });
}
