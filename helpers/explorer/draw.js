// What moves with the hand: the runs, their markers, their names. It is drawn over the ground (ground.js).

const FINE = 1; // px: what ran before, or beside; a line of one pixel costs a browser without a graphics card a fifth of a broader one

// `scene` = {spec, store, readings, frame, place, dark, ink, picture, stepTicks}
function drawScene(ctx, scene, plan) {
  const { fs } = plan;
  scene.runs = runsOf(scene);
  if (plan.path) drawPath(ctx, scene, plan.path, fs);
  if (plan.gauge) drawGauge(ctx, scene, plan.gauge, fs);
  for (const [id, box] of Object.entries(plan.panels)) id === "back" ? drawBars(ctx, scene, box, fs) : drawTime(ctx, scene, id, box, fs);
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
  const { spec, store, frame, place, dark, ink, runs } = scene, { path } = spec, T = spec.frames.length;
  const X = (u) => box.x + box.w * u, Y = (u) => box.y + box.h * (1 - u), curve = path.kind === "curve";
  const named = [];
  inside(ctx, box, () => {
    for (const { lane, r, pinned } of runs) {
      const colour = colourOf(lane, dark), behind = lane.ghost || pinned;
      const at = (t) => [X(r.units("x", t)), Y(r.units(curve ? "height" : "y", t))];
      ctx.strokeStyle = colour; ctx.lineWidth = behind ? FINE : 2.2; ctx.setLineDash(pinned ? [2, 3] : lane.dash);
      if (frame < T - 1) { ctx.globalAlpha = 0.28; line(ctx, at, frame, T - 1, box); ctx.globalAlpha = 1; }
      line(ctx, at, 0, frame, box); ctx.setLineDash([]);
      if (!behind && T <= 301) {
        ctx.beginPath();
        for (let t = 0; t < frame; t++) { const [x, y] = at(t); if (x > box.x - 2 && x < box.x + box.w + 2 && y > box.y - 2 && y < box.y + box.h + 2) ctx.rect(x - 1.6, y - 1.6, 3.2, 3.2); }
        ctx.fillStyle = colour; ctx.fill();
      }
    }
  });
  const mains = runs.filter(({ lane, pinned }) => !lane.ghost && !pinned).length;
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
        const s = mains > 1 ? `${spec.words.etaBox}, ${short(run)}` : spec.words.etaBox;
        if (hx > 4 && hx < box.w / 2) named.push({ s, at: [x, y], half: [hx, hy], ink: ink.soft, small: true });
      }
    }
    marker(ctx, x, y, out ? "s" : lane.marker, lane.ghost || pinned ? 3.6 : 5, colour, true, ink.paper);
    named.push({ s: run.name ?? r.label, at: [x, y], ink: wordsOf(lane, dark), bold: !lane.ghost && !pinned });
  }
  for (const [u, v] of path.minima[place] ?? []) if (path.minima[place].length === 1) named.push({ s: spec.words.minimum, at: [X(u), Y(v)], ink: ink.text, small: true });
  if (store.start) {
    const [u, v] = startAt(scene), x = X(u), y = Y(v);
    marker(ctx, x, y, "o", 5.5, ink.text, false, ink.paper);
    named.push({ s: spec.words.start, at: [x, y], ink: ink.text, small: true });
  }
  placeWords(ctx, box, named, fs, ink.paper, drawnBy(scene, X, Y, box));
}

// Where the start ring stands: under the hand while it is dragged.
function startAt(scene) {
  const { store } = scene, held = store.held ?? store.start;
  if (held.length === 2) return held;
  const r = scene.readings.find((x) => x && x.codes);
  const curve = scene.spec.path.curve, near = curve.reduce((a, b) => (Math.abs(b[0] - held[0]) < Math.abs(a[0] - held[0]) ? b : a));
  return [held[0], store.held || !r ? near[1] : r.units("height", 0)];
}

function etaUnits(store, r, lane, frame) {
  if (lane.eta.channel) return r.units("eta", frame);
  const u = lane.eta.control === null ? lane.eta.units[0] : lane.eta.units[indexOf(store, lane.eta.control)];
  return u ?? NaN;
}

function drawTime(ctx, scene, id, box, fs) {
  const { spec, store, frame, dark, ink, runs } = scene, T = spec.frames.length, steps = spec.steps, { single } = spec.panels.find((p) => p.id === id);
  const X = (t) => box.x + (box.w * spec.frames[t]) / steps, Y = (u) => box.y + box.h * (1 - u);
  const labels = [], several = runs.length > 1;
  const main = runs.filter(({ lane, pinned }) => !lane.ghost && !pinned)[0];
  const limit = id === "step" && main?.lane.eta.steps ? main.lane.eta.steps[main.lane.eta.control === null ? 0 : indexOf(store, main.lane.eta.control)] : null;
  if (id === "rate" && main && spec.n <= 2) shadeRises(ctx, scene, main, box, X, fs);
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
        ctx.strokeStyle = colourOf(lane, dark); ctx.lineWidth = behind ? FINE : 2;
        ctx.setLineDash(pinned ? [2, 3, ...(single ? [] : spec.weightLooks[i].dash)].slice(0, 4) : single ? lane.dash : spec.weightLooks[i].dash); // pinned runs are dotted, here as on the path
        if (frame < T - 1) { ctx.globalAlpha = 0.4; line(ctx, at, frame, T - 1, box); ctx.globalAlpha = 1; }
        line(ctx, at, 0, frame, box); ctx.setLineDash([]);
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
      if ((several || !single) && !(one && i)) labels.push({ y: Y(r.units(name, end)), s, ink: wordsOf(lane, dark), pinned: pinned && !single, who: several && !single && !one ? short(run) : "" });
    });
  }
  const curves = runs.flatMap(({ r }) => partsOf(spec, id, single).filter((name) => r.has(name)).map((name) => (t) => Y(r.units(name, t))));
  if (id === "rate") nameEtas(ctx, scene, box, X, Y, curves, fs);
  if (id === "rate" && runs.some(({ r }) => spec.weights.some((_, i) => r.uphill(i, frame)))) {
    text(ctx, spec.words.uphill, box.x + 4, box.y + fs * 0.7, { ink: ink.alarm, fs: fs * 0.9, halo: ink.paper });
  }
  const flagged = spec.panels.some((p) => p.id === "rate") ? "rate" : "loss";
  if (spec.milestones && id === flagged) raiseFlags(ctx, scene, box, X, curves, fs);
  nameWhatLeft(ctx, scene, id, single, box, X, fs);
  endLabels(ctx, box, labels, fs);
}

function short({ lane, name }) { return name ?? (lane.label.length > 12 ? lane.label.split(" ").map((word) => word[0]).join("").toUpperCase() : lane.label); }

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
  const { spec, frame, ink, dark } = scene, { gauge } = spec, bar = gaugeBar(spec, box, fs);
  const mains = scene.runs.filter(({ lane, pinned }) => !lane.ghost && !pinned && lane.rate);
  spec.weights.forEach((name, i) => {
    const { y, h } = gaugeRow(box, fs, i);
    const values = mains.map(({ lane, r }) => ({ lane, r, u: r.uphill(i, frame) ? 0 : r.gauge(i, frame) / gauge.axis.high })).filter(({ u }) => !Number.isNaN(u));
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
  const { spec, ink, dark, frame } = scene, { count, every } = spec.jumps, runs = scene.runs.filter(({ pinned }) => !pinned);
  const slot = box.w / count, w = (slot * 0.76) / Math.max(1, runs.length), now = Math.floor(Math.min(spec.frames[frame], spec.steps - 1) / every);
  const labels = [];
  for (let j = 0; j < count; j++) {
    text(ctx, j || widthOf(ctx, "start", fs * 0.86) > slot ? String(j) : "start", box.x + slot * (j + 0.5), box.y + box.h + fs * 0.4, { align: "center", base: "top", ink: j === now ? ink.text : ink.soft, fs: fs * 0.86, bold: j === now });
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
