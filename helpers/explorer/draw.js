// Drawing: lines and words on a canvas, from numbers in axis units.

function inks(dark) {
  return dark
    ? { text: "#e8e8e8", soft: "#b4b4b4", line: "#7d7d7d", grid: "#3a3a3a", paper: "#111111", alarm: "#ff7b72" }
    : { text: "#1f1f1f", soft: "#595959", line: "#8a8a8a", grid: "#e6e6e6", paper: "#ffffff", alarm: "#b3001b" };
}

let smallest = 10; // px: no word is smaller, 24 in lecture mode

const face = (fs, bold = false) => `${bold ? "600 " : ""}${Math.max(fs, smallest)}px system-ui, "Segoe UI", "DejaVu Sans", sans-serif`;

// How wide words are in a size.
function widthOf(ctx, words, fs, bold = false) {
  ctx.font = face(fs, bold);
  return ctx.measureText(words).width;
}

function text(ctx, s, x, y, { align = "left", base = "middle", ink, fs, bold = false, halo = null, within = null }) {
  fs = Math.max(fs, smallest);
  ctx.font = face(fs, bold);
  ctx.textAlign = align; ctx.textBaseline = base;
  if (within !== null) x = Math.max(0, Math.min(x, within - ctx.measureText(s).width)); // a long one begins further left
  if (halo) { ctx.strokeStyle = halo; ctx.lineWidth = fs * 0.3; ctx.lineJoin = "round"; ctx.setLineDash([]); ctx.strokeText(s, x, y); } // words over a picture keep their contrast
  ctx.fillStyle = ink; ctx.fillText(s, x, y);
  return ctx.measureText(s).width;
}

function frameBox(ctx, box, ax, ay, ink, fs, { xLabels = true, yLabels = true, grid = true } = {}) {
  ctx.lineWidth = 1;
  if (ay) for (const { u, text: s } of apart(ay.ticks, box.h, Math.max(fs * 0.92, smallest))) {
    const y = box.y + box.h * (1 - u);
    if (grid) { ctx.strokeStyle = ink.grid; ctx.beginPath(); ctx.moveTo(box.x, y); ctx.lineTo(box.x + box.w, y); ctx.stroke(); }
    if (yLabels) text(ctx, s, box.x - fs * 0.5, y, { align: "right", ink: ink.soft, fs: fs * 0.92 });
  }
  if (ax && xLabels) for (const { u, text: s } of ax.ticks) text(ctx, s, box.x + box.w * u, box.y + box.h + fs * 0.4, { align: "center", base: "top", ink: ink.soft, fs: fs * 0.92 });
  ctx.strokeStyle = ink.line; ctx.beginPath(); ctx.moveTo(box.x, box.y); ctx.lineTo(box.x, box.y + box.h); ctx.lineTo(box.x + box.w, box.y + box.h); ctx.stroke();
}

// Every tick, or every second, third … one, so that no word of a height covers the next.
function apart(ticks, room, height) {
  const least = ticks.reduce((gap, { u }, i) => (i ? Math.min(gap, u - ticks[i - 1].u) : gap), 1) * room;
  const every = least > 0 ? Math.ceil((height * 0.95) / least) : 1;
  return every > 1 ? ticks.filter((_, i) => i % every === 0) : ticks;
}

function inside(ctx, box, draw, slack = 0) {
  ctx.save(); ctx.beginPath(); ctx.rect(box.x - slack, box.y - slack, box.w + 2 * slack, box.h + 2 * slack); ctx.clip(); draw(); ctx.restore();
}

// The part of the segment from a to b that is inside a box; the same two points where all of it is, null where none is.
function within(a, b, box) {
  let from = 0, to = 1;
  for (const [i, low, high] of [[0, box.x, box.x + box.w], [1, box.y, box.y + box.h]]) {
    const d = b[i] - a[i];
    if (d === 0) { if (a[i] < low || a[i] > high) return null; continue; }
    const one = (low - a[i]) / d, other = (high - a[i]) / d;
    from = Math.max(from, Math.min(one, other)); to = Math.min(to, Math.max(one, other));
  }
  if (from > to) return null;
  const at = (s) => [a[0] + s * (b[0] - a[0]), a[1] + s * (b[1] - a[1])];
  return [from > 0 ? at(from) : a, to < 1 ? at(to) : b];
}

// A line through points(t) for t in [from, to]; breaks where there is no number. What is far outside the box is left out: a browser
// that draws without a graphics card would lay every dash of it, for a tenth of a second a picture.
function line(ctx, points, from, to, box) {
  const room = { x: box.x - 20, y: box.y - 20, w: box.w + 40, h: box.h + 40 };
  ctx.beginPath();
  let last = null, pen = false, long = 0;
  for (let t = from; t <= to; t++) {
    const here = points(t);
    if (!(Number.isFinite(here[0]) && Number.isFinite(here[1]))) { last = null; pen = false; continue; }
    const part = last && within(last, here, room);
    if (part) {
      if (!pen || part[0] !== last) ctx.moveTo(...part[0]);
      ctx.lineTo(...part[1]);
      long += Math.abs(part[1][0] - part[0][0]) + Math.abs(part[1][1] - part[0][1]);
    }
    pen = !!part && part[1] === here;
    last = here;
  }
  const dash = ctx.getLineDash();
  if (dash.length && long > 4000) ctx.setLineDash(dash.map((d) => (d * long) / 4000)); // a path that swings a hundred times across the view: as many dashes as a quiet one
  ctx.stroke();
  ctx.setLineDash(dash);
}

function marker(ctx, x, y, shape, size, ink, filled, paper) {
  ctx.beginPath();
  if (shape === "D" || shape === "d") { ctx.moveTo(x, y - size * 1.25); ctx.lineTo(x + size * 1.25, y); ctx.lineTo(x, y + size * 1.25); ctx.lineTo(x - size * 1.25, y); ctx.closePath(); }
  else if (shape === "s") ctx.rect(x - size, y - size, 2 * size, 2 * size);
  else if (shape === "^") { ctx.moveTo(x, y - size * 1.2); ctx.lineTo(x + size * 1.1, y + size); ctx.lineTo(x - size * 1.1, y + size); ctx.closePath(); }
  else if (shape === "v") { ctx.moveTo(x, y + size * 1.2); ctx.lineTo(x + size * 1.1, y - size); ctx.lineTo(x - size * 1.1, y - size); ctx.closePath(); }
  else ctx.arc(x, y, size, 0, 7);
  ctx.fillStyle = filled ? ink : paper; ctx.fill();
  ctx.strokeStyle = ink; ctx.lineWidth = 1.5; ctx.setLineDash([]); ctx.stroke();
}

// Words at the ends of lines, pushed apart so that none covers another.
function endLabels(ctx, box, labels, fs) {
  labels = labels.filter((l) => Number.isFinite(l.y)).map((l) => ({ ...l, y: Math.max(box.y + fs * 0.5, Math.min(box.y + box.h - fs * 0.4, l.y)) })).sort((a, b) => a.y - b.y);
  if ((labels.length - 0.5) * smallest > box.h) labels = labels.filter((l) => !l.pinned); // the panel of the loss names the dotted lines, too
  const gap = Math.min(fs * 1.08, box.h / Math.max(1, labels.length - 0.5)), small = Math.min(fs * 0.94, gap * 0.9); // many names in a low panel are smaller, and none stands in the next panel
  for (let i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + gap);
  const over = labels.length ? labels[labels.length - 1].y - (box.y + box.h) : 0;
  if (over > 0) for (let i = labels.length - 1, edge = box.y + box.h; i >= 0; i--) { labels[i].y = Math.min(labels[i].y, edge); edge = labels[i].y - gap; }
  for (const l of labels) text(ctx, l.s, box.x + box.w + fs * 0.45, l.y, { ink: l.ink, fs: small });
}

function colourOf(lane, dark) { return dark ? lane.dark : lane.colour; }
function wordsOf(lane, dark) { return dark ? lane.dark : lane.text ?? lane.colour; }

// A picture of everything at one frame. `scene` = {spec, store, readings, frame, dark, pictures, shown}
function drawScene(ctx, scene, plan, least) {
  smallest = least;
  const { spec, dark } = scene, ink = inks(dark), { fs } = plan;
  scene.ink = ink;
  if (plan.path) drawPath(ctx, scene, plan.path, fs);
  if (plan.gauge) drawGauge(ctx, scene, plan.gauge, fs);
  const ids = Object.keys(plan.panels);
  ids.forEach((id, i) => {
    const box = plan.panels[id], last = i === ids.length - 1;
    text(ctx, box.label, box.x, box.y - fs * 0.8, { ink: ink.text, fs, within: box.x + box.w }); // the names at the ends of the lines may stand as high
    id === "back" ? drawBars(ctx, scene, box, fs) : drawTime(ctx, scene, id, box, fs, last || ids[i + 1] === "back");
  });
}

function runsOf(scene) {
  const runs = [];
  const { before } = scene.store;
  for (const pin of scene.store.pins) runs.push({ ...pin, pinned: true });
  if (before) before.spec.lanes.forEach((lane, l) => runs.push({ lane, r: settingOf({ ...scene.store, ...before }, l), pinned: true, name: before.name, short: before.name }));
  scene.spec.lanes.forEach((lane, l) => { if (lane.ghost) runs.push({ lane, r: scene.readings[l] }); });
  scene.spec.lanes.forEach((lane, l) => { if (!lane.ghost) runs.push({ lane, r: scene.readings[l] }); });
  return runs.filter(({ r }) => r && r.codes && !r.error);
}

function drawPath(ctx, scene, box, fs) {
  const { spec, store, frame, dark, ink } = scene, { path } = spec, T = spec.frames.length;
  const X = (u) => box.x + box.w * u, Y = (u) => box.y + box.h * (1 - u), curve = path.kind === "curve";
  const place = path.of ? path.of[frame] : 0, picture = scene.pictures[place];
  if (picture) { ctx.globalAlpha = dark ? 0.8 : 1; ctx.drawImage(picture, box.x, box.y, box.w, box.h); ctx.globalAlpha = 1; }
  frameBox(ctx, box, spec.axes.x, curve ? spec.axes.height : spec.axes.y, ink, fs, { grid: false });
  text(ctx, spec.axes.x.label, box.x + box.w / 2, box.y + box.h + fs * 1.6, { align: "center", base: "top", ink: ink.text, fs });
  ctx.save(); ctx.translate(box.x - fs * 3.3, box.y + box.h / 2); ctx.rotate(-Math.PI / 2);
  text(ctx, curve ? spec.axes.height.label : spec.axes.y.label, 0, 0, { align: "center", ink: ink.text, fs }); ctx.restore();
  if (curve) inside(ctx, box, () => { ctx.strokeStyle = ink.line; ctx.lineWidth = 1.5; ctx.setLineDash([]); line(ctx, (t) => [X(path.curve[t][0]), Y(path.curve[t][1])], 0, path.curve.length - 1, box); });
  const named = [], runs = runsOf(scene);
  inside(ctx, box, () => {
    for (const [u, v] of path.minima[place] ?? []) {
      ctx.strokeStyle = ink.text; ctx.lineWidth = 1.5; ctx.setLineDash([]);
      ctx.beginPath(); ctx.moveTo(X(u) - 6, Y(v)); ctx.lineTo(X(u) + 6, Y(v)); ctx.moveTo(X(u), Y(v) - 6); ctx.lineTo(X(u), Y(v) + 6); ctx.stroke();
    }
    for (const { lane, r, pinned } of runs) {
      const colour = colourOf(lane, dark), behind = lane.ghost || pinned;
      const at = (t) => [X(r.units("x", t)), Y(r.units(curve ? "height" : "y", t))];
      ctx.strokeStyle = colour; ctx.lineWidth = behind ? 1.4 : 2.2; ctx.setLineDash(pinned ? [2, 3] : lane.dash);
      ctx.globalAlpha = 0.28; line(ctx, at, frame, T - 1, box);
      ctx.globalAlpha = behind ? 0.75 : 1; line(ctx, at, 0, frame, box); ctx.setLineDash([]);
      if (!behind && T <= 257) {
        ctx.beginPath();
        for (let t = 0; t < frame; t++) { const [x, y] = at(t); if (x > box.x - 2 && x < box.x + box.w + 2 && y > box.y - 2 && y < box.y + box.h + 2) ctx.rect(x - 1.6, y - 1.6, 3.2, 3.2); }
        ctx.fillStyle = colour; ctx.fill();
      }
      ctx.globalAlpha = 1;
    }
  });
  for (const run of runs) {
    const { lane, r, pinned } = run, colour = colourOf(lane, dark);
    let x = X(r.units("x", frame)), y = Y(r.units(curve ? "height" : "y", frame));
    if (!Number.isFinite(x + y)) continue;
    const out = x < box.x || x > box.x + box.w || y < box.y || y > box.y + box.h;
    x = Math.max(box.x, Math.min(box.x + box.w, x)); y = Math.max(box.y, Math.min(box.y + box.h, y));
    if (!pinned && !lane.ghost && lane.box && !out) {
      const eta = etaUnits(store, r, lane, frame);
      if (Number.isFinite(eta)) {
        const size = undo(spec.axes.rate, eta), hx = size * lane.box[0] * box.w, hy = size * lane.box[1] * box.h;
        inside(ctx, box, () => { ctx.strokeStyle = ink.text; ctx.lineWidth = 1.2; ctx.setLineDash([3, 3]); ctx.strokeRect(x - hx, y - hy, 2 * hx, 2 * hy); ctx.setLineDash([]); });
        if (hx > 4 && hx < box.w / 2) named.push({ s: spec.words.etaBox, x: x + hx + fs * 0.3, y: y + hy + fs * 0.6, ink: ink.soft, small: true });
      }
    }
    marker(ctx, x, y, out ? "s" : lane.marker, lane.ghost || pinned ? 3.6 : 5, colour, true, ink.paper);
    named.push({ s: run.name ?? lane.label, x, y: y - fs * (lane.ghost ? -1.1 : 1.1), ink: wordsOf(lane, dark), bold: !lane.ghost && !pinned });
  }
  for (const [u, v] of path.minima[place] ?? []) if (path.minima[place].length === 1) named.push({ s: spec.words.minimum, x: X(u) + fs * 0.5, y: Y(v) + fs * 1.0, ink: ink.text, small: true });
  if (store.start) {
    const [u, v] = startAt(scene), x = X(u), y = Y(v);
    marker(ctx, x, y, "o", 5.5, ink.text, false, ink.paper);
    named.push({ s: spec.words.start, x, y: y + fs * 1.2, ink: ink.text, small: true });
  }
  placeWords(ctx, box, named, fs, ink.paper);
}

// Where the start ring stands: under the hand while it is dragged.
function startAt(scene) {
  const { store } = scene, held = store.held ?? store.start;
  if (held.length === 2) return held;
  const r = scene.readings.find((x) => x && x.codes);
  const curve = scene.spec.path.curve, near = curve.reduce((a, b) => (Math.abs(b[0] - held[0]) < Math.abs(a[0] - held[0]) ? b : a));
  return [held[0], store.held || !r ? near[1] : r.units("height", 0)];
}

// Words near points, moved until they are in the box and cover no other.
function placeWords(ctx, box, named, fs, halo) {
  const taken = [];
  for (const word of named) {
    const size = Math.max(smallest, fs * (word.small ? 0.9 : 1));
    const w = widthOf(ctx, word.s, size, word.bold), h = size * 1.15;
    let x = Math.max(box.x + 4, Math.min(box.x + box.w - w - 4, word.x)), y = Math.max(box.y + h * 0.6, Math.min(box.y + box.h - h * 0.6, word.y));
    const hits = () => taken.some((b) => x < b.x + b.w && b.x < x + w && Math.abs(y - b.y) < (h + b.h) / 2);
    for (const shift of [0, -1.2, 1.2, -2.4, 2.4, -3.6, 3.6]) {
      const tryY = Math.max(box.y + h * 0.6, Math.min(box.y + box.h - h * 0.6, word.y + shift * fs)), keep = y;
      y = tryY;
      if (!hits()) break;
      y = keep;
    }
    if (hits() && word.small) continue;
    taken.push({ x, y, w, h });
    text(ctx, word.s, x, y, { ink: word.ink, fs: size, bold: word.bold, halo });
  }
}

function etaUnits(store, r, lane, frame) {
  if (lane.eta.channel) return r.units("eta", frame);
  const u = lane.eta.control === null ? lane.eta.units[0] : lane.eta.units[indexOf(store, lane.eta.control)];
  return u ?? NaN;
}

// Where the loss has to go: below the line, between these steps.
function drawZone(ctx, zone, box, dark, fs) {
  const y = box.y + box.h * (1 - zone.u), x = box.x + box.w * zone.from, w = box.w * (zone.to - zone.from), ink = dark ? "#5fd38a" : "#14632e"; // readable on its own shade
  ctx.globalAlpha = 0.14; ctx.fillStyle = ink; ctx.fillRect(x, y, w, box.y + box.h - y); ctx.globalAlpha = 1;
  ctx.strokeStyle = ink; ctx.lineWidth = 1.6; ctx.setLineDash([3, 3]);
  ctx.beginPath(); ctx.moveTo(x, y); ctx.lineTo(x + w, y); ctx.stroke(); ctx.setLineDash([]);
  text(ctx, zone.text, x + w - 4, y + fs * 0.75, { align: "right", ink, fs: fs * 0.9 });
}

function drawTime(ctx, scene, id, box, fs, withSteps) {
  const { spec, store, frame, dark, ink } = scene, axis = spec.axes[id], T = spec.frames.length, steps = spec.steps, { single } = spec.panels.find((p) => p.id === id);
  const X = (t) => box.x + (box.w * spec.frames[t]) / steps, Y = (u) => box.y + box.h * (1 - u);
  const stepTicks = scene.stepTicks;
  frameBox(ctx, box, { ticks: stepTicks }, axis, ink, fs, { xLabels: withSteps });
  if (withSteps) text(ctx, "step", box.x + box.w / 2, box.y + box.h + fs * 1.6, { align: "center", base: "top", ink: ink.text, fs });
  const runs = runsOf(scene), labels = [], several = runs.length > 1;
  const main = runs.filter(({ lane, pinned }) => !lane.ghost && !pinned)[0];
  const limit = id === "step" && main?.lane.eta.steps ? main.lane.eta.steps[main.lane.eta.control === null ? 0 : indexOf(store, main.lane.eta.control)] : null;
  if (id === "rate" && main && spec.n <= 2) shadeRises(ctx, scene, main, box, X, fs);
  if (id === "loss" && spec.goal?.zone) drawZone(ctx, spec.goal.zone, box, dark, fs);
  inside(ctx, box, () => {
    if (id === "rate") for (const { lane, r, pinned } of runs) {
      if (pinned || lane.ghost && spec.etaShared) continue;
      ctx.strokeStyle = ink.text; ctx.lineWidth = 1.4; ctx.setLineDash([7, 4]);
      line(ctx, (t) => [X(t), Y(etaUnits(store, r, lane, t))], 0, T - 1, box); ctx.setLineDash([]);
    }
    if (limit !== null) { // where η is a length, it is one that a step can be held against
      ctx.strokeStyle = ink.text; ctx.lineWidth = 1.2; ctx.setLineDash([7, 4]);
      ctx.beginPath(); ctx.moveTo(box.x, Y(limit)); ctx.lineTo(box.x + box.w, Y(limit)); ctx.stroke(); ctx.setLineDash([]);
    }
    for (const { lane, r, pinned } of runs) {
      const parts = single ? [id] : spec.weights.map((_, i) => `${id}${i}`), behind = lane.ghost || pinned;
      parts.forEach((name, i) => {
        if (!r.has(name)) return;
        const at = (t) => [X(t), Y(r.units(name, t))];
        ctx.strokeStyle = colourOf(lane, dark); ctx.lineWidth = behind ? 1.3 : 2;
        ctx.setLineDash(pinned ? [2, 3, ...(single ? [] : spec.weightLooks[i].dash)].slice(0, 4) : single ? lane.dash : spec.weightLooks[i].dash); // pinned runs are dotted, here as on the path
        ctx.globalAlpha = behind ? 0.3 : 0.4; line(ctx, at, frame, T - 1, box);
        ctx.globalAlpha = behind ? 0.8 : 1; line(ctx, at, 0, frame, box);
        ctx.setLineDash([]); ctx.globalAlpha = 1;
      });
    }
  });
  ctx.strokeStyle = ink.line; ctx.lineWidth = 1.2; ctx.beginPath(); ctx.moveTo(X(frame), box.y); ctx.lineTo(X(frame), box.y + box.h); ctx.stroke();
  for (const run of runs) {
    const { lane, r, pinned } = run, parts = single ? [id] : spec.weights.map((_, i) => `${id}${i}`), last = parts.map((name) => r.units(name, T - 1));
    const one = !single && last.length === 2 && Math.abs(last[0] - last[1]) * box.h < 0.5; // lines that end in one point share a label
    parts.forEach((name, i) => {
      if (!r.has(name)) return;
      const u = r.units(name, frame), style = single ? { marker: lane.marker, filled: true } : spec.weightLooks[i];
      if (u >= -0.001 && u <= 1.001) marker(ctx, X(frame), Y(u), style.marker, lane.ghost || pinned ? 3 : 4, colourOf(lane, dark), style.filled, ink.paper);
      let end = T - 1;
      while (end > 0 && !Number.isFinite(r.units(name, end))) end--;
      const s = single ? whole(run) : one ? (several ? whole(run) : spec.weights.join(", ")) : several ? `${short(run)} ${spec.weights[i]}` : spec.weights[i];
      if ((several || !single) && !(one && i)) labels.push({ y: Y(r.units(name, end)), s, ink: wordsOf(lane, dark), pinned: pinned && !single });
    });
  }
  if (id === "rate" && main) {
    const u = etaUnits(store, main.r, main.lane, T - 1);
    if (u >= 0 && u <= 1) {
      if (main.lane.eta.channel) { // beside its middle, where a falling line leaves room above
        const mid = T >> 1, v = etaUnits(store, main.r, main.lane, mid);
        text(ctx, spec.words.eta, X(mid) + fs * 0.6, Math.max(box.y + fs * 0.6, Y(v) - fs * 0.8), { ink: ink.soft, fs: fs * 0.9 });
      }
      const crowded = main.lane.eta.channel || runs.some(({ r }) => spec.weights.some((_, i) => Math.abs(r.units(`rate${i}`, T - 1) - u) * box.h < fs));
      const y = Y(u) + (u > 0.9 ? fs * 0.8 : -fs * 0.7);
      if (!main.lane.eta.channel && (!crowded || spec.lanes.length === 1)) text(ctx, spec.words.eta, box.x + box.w - 4, y, { align: "right", ink: ink.soft, fs: fs * 0.9 });
    }
  }
  endLabels(ctx, box, labels, fs);
}

function short({ lane, name }) { return name ?? (lane.label.length > 9 ? lane.label.split(" ").map((word) => word[0]).join("").toUpperCase() : lane.label); }

// The name at the end of a line that is a rule's own: whole where there is room for it.
function whole(run) { return run.short ?? (run.lane.label.length > 13 ? short(run) : run.lane.label); }

// Faint shade where a rate of the first rule rises, and which weight's it is at the cursor.
function shadeRises(ctx, scene, { lane, r }, box, X, fs) {
  const { spec, frame, dark, ink } = scene, T = spec.frames.length;
  ctx.fillStyle = colourOf(lane, dark); ctx.globalAlpha = dark ? 0.16 : 0.08;
  for (let t = 1; t < T; t++) {
    if (!spec.weights.some((_, i) => r.turn(i, t) === 1)) continue;
    let to = t;
    while (to + 1 < T && spec.weights.some((_, i) => r.turn(i, to + 1) === 1)) to++;
    ctx.fillRect(X(t - 1), box.y, X(to) - X(t - 1), box.h);
    t = to;
  }
  ctx.globalAlpha = 1;
  const rising = spec.weights.filter((_, i) => r.turn(i, frame) === 1);
  if (!rising.length) return;
  const words = `${rising.join(" and ")}: ${spec.words.rising}`, room = box.w - widthOf(ctx, box.label, fs) - fs, fits = widthOf(ctx, words, fs * 0.94) < room;
  if (!fits && box.h < fs * 3.2) return; // in a low panel they would cover the lines; the read-out says it too
  text(ctx, words, box.x + box.w - 4, fits ? box.y - fs * 0.8 : box.y + fs * 0.7, { align: "right", ink: fits ? wordsOf(lane, dark) : ink.text, fs: fs * 0.94, halo: fits ? null : ink.paper }); // over lines and shade
}

function drawGauge(ctx, scene, box, fs) {
  const { spec, frame, ink, dark } = scene, { gauge } = spec;
  const mains = runsOf(scene).filter(({ lane, pinned }) => !lane.ghost && !pinned && lane.rate);
  const bar = { x: box.x, w: box.w - fs * (mains.length > 1 ? 10.5 : 7.5) }; // beside it stand the numbers
  const named = text(ctx, "rate × curvature", box.x, box.y + fs * 0.5, { ink: ink.text, fs: fs * 0.94 });
  text(ctx, gauge.edgeText, Math.max(bar.x + bar.w * gauge.edge - fs * 0.3, box.x + named + fs), box.y + fs * 0.5, { ink: ink.alarm, fs: fs * 0.92 });
  spec.weights.forEach((name, i) => {
    const y = box.y + fs * (1.9 + 1.5 * i), h = fs * 0.8;
    text(ctx, name, bar.x - fs * 0.5, y, { align: "right", ink: ink.text, fs: fs * 0.94 });
    ctx.fillStyle = ink.grid; ctx.fillRect(bar.x, y - h / 2, bar.w, h);
    const values = mains.map(({ lane, r }) => ({ lane, r, u: r.gauge(i, frame) })).filter(({ u }) => Number.isFinite(u));
    values.forEach(({ lane, r, u }, k) => {
      const thick = h / values.length;
      ctx.fillStyle = r.past(i, frame) ? ink.alarm : colourOf(lane, dark);
      ctx.fillRect(bar.x, y - h / 2 + k * thick, bar.w * Math.max(0.005, Math.min(1, u)), thick * (values.length > 1 ? 0.85 : 1));
    });
    const told = values.map(({ r }) => r.spokenGauge(i, frame) + (r.past(i, frame) ? " !" : "")).join(" · ");
    text(ctx, told, bar.x + bar.w + fs * 0.5, y, { ink: values.some(({ r }) => r.past(i, frame)) ? ink.alarm : ink.text, fs: fs * 0.94 });
  });
  const x = bar.x + bar.w * gauge.edge;
  ctx.strokeStyle = ink.alarm; ctx.lineWidth = 1.5; ctx.beginPath(); ctx.moveTo(x, box.y + fs * 1.2); ctx.lineTo(x, box.y + fs * (1.3 + 1.5 * spec.weights.length)); ctx.stroke();
}

// How many steps each rule needs after every jump of the minimum; a bar that reaches the top did not get there in time.
function drawBars(ctx, scene, box, fs) {
  const { spec, ink, dark, frame } = scene, { count, every } = spec.jumps, runs = runsOf(scene).filter(({ pinned }) => !pinned);
  const ticks = [0, 0.5, 1].map((u) => ({ u, text: String(Math.round(u * every)) }));
  frameBox(ctx, box, null, { ticks }, ink, fs);
  const slot = box.w / count, w = (slot * 0.76) / Math.max(1, runs.length), now = Math.floor(Math.min(spec.frames[frame], spec.steps - 1) / every);
  const labels = [];
  for (let j = 0; j < count; j++) {
    text(ctx, j ? String(j) : "start", box.x + slot * (j + 0.5), box.y + box.h + fs * 0.4, { align: "center", base: "top", ink: j === now ? ink.text : ink.soft, fs: fs * 0.86, bold: j === now });
    runs.forEach(({ lane, r }, k) => {
      const back = r.int(`back${j}`), done = back >= 0, h = done ? (back / every) * box.h : box.h, x = box.x + slot * (j + 0.12) + k * w;
      ctx.globalAlpha = j <= now ? 1 : 0.3; ctx.fillStyle = ctx.strokeStyle = colourOf(lane, dark); ctx.lineWidth = 1.3;
      if (done) ctx.fillRect(x, box.y + box.h - h, w * 0.9, h); else { ctx.setLineDash([3, 2]); ctx.strokeRect(x, box.y + 1, w * 0.9, h - 1); ctx.setLineDash([]); }
      if (j <= now && w > fs * 1.5 && done) text(ctx, String(back), x + w * 0.45, box.y + box.h - h - fs * 0.5, { align: "center", ink: wordsOf(lane, dark), fs: fs * 0.8 });
      ctx.globalAlpha = 1;
      if (j === count - 1) labels.push({ y: box.y + box.h - h, s: whole({ lane }), ink: wordsOf(lane, dark) });
    });
  }
  endLabels(ctx, box, labels, fs);
}
