// Drawing an atlas: the scale of colours, and over it, on the same axis, how many weights of each layer stand where.

function percent(share) { return share >= 0.1 ? `${Math.round(100 * share)} %` : `${(100 * share).toFixed(1)} %`; }

function drawScale(canvas, width, scene) {
  const { spec, quantity, ink, fs } = scene, axis = spec.axes[quantity], L = spec.layers.length, row = fs * 2.5, head = fs * 1.9;
  const left = fs * 2.4, right = fs * 4.6, end = fs * 1.3; // beyond both ends of the axis there is room for what lies there
  const box = { x: left + end, w: width - left - right - 2 * end, y: head, bottom: head + L * row + fs * 0.7, end, left, right: width - right, bar: fs * 1.1 };
  const ctx = sized(canvas, width, box.bottom + box.bar + fs * 4.6);
  text(ctx, spec.words.histogram, 0, fs * 0.7, { ink: ink.text, fs });
  ctx.fillStyle = ink.grid;
  for (const { u } of axis.ticks) ctx.fillRect(box.x + box.w * u - 0.5, head, 1, box.bottom - head);
  spec.layers.forEach((layer, l) => drawBarsOf(ctx, scene, l, box, head + (l + 1) * row, row * 0.8));
  drawColours(ctx, scene, axis, box);
  drawLegend(ctx, scene, box);
}

// The bars of one layer on the line y, at most `tall` high.
function drawBarsOf(ctx, { spec, kept, quantity, frame, ink, fs }, l, box, y, tall) {
  const layer = spec.layers[l], full = spec.full[quantity][l], B = spec.bins, [before, after] = spec.extra, from = (frame * spec.layers.length + l) * kept.wide;
  const count = (name) => kept.counts[from + (before.includes(name) ? before.indexOf(name) : before.length + B + after.indexOf(name))];
  const bars = [{ x: box.x - box.end, wide: box.end * 0.9, count: count("below"), beyond: true, u: 0 }];
  for (let b = 0; b < B; b++) bars.push({ x: box.x + (box.w * b) / B, wide: box.w / B, count: kept.counts[from + before.length + b], u: (b + 0.5) / B });
  bars.push({ x: box.x + box.w + box.end * 0.1, wide: box.end * 0.9, count: count("above"), beyond: true, u: 1 });
  for (const bar of bars) {
    bar.share = bar.count / layer.size;
    bar.top = y - tall * Math.min(1, bar.share / full);
    if (!bar.count) continue;
    ctx.fillStyle = paintOf(spec.palette, bar.u);
    ctx.fillRect(bar.x, bar.top, bar.wide + (bar.beyond ? 0 : 0.4), y - bar.top); // neighbours overlap a little, so that no seam shows
  }
  ctx.strokeStyle = ink.text; ctx.lineWidth = 1; ctx.setLineDash(layer.rows > 1 ? [] : [3, 2]); ctx.beginPath();
  bars.forEach((bar, i) => {
    if (bar.beyond || i === 1) ctx.moveTo(bar.x, y); // the bars within the scale share an outline, those beyond stand apart
    ctx.lineTo(bar.x, bar.top); ctx.lineTo(bar.x + bar.wide, bar.top);
    if (bar.beyond || i === B) ctx.lineTo(bar.x + bar.wide, y);
  });
  ctx.stroke(); ctx.setLineDash([]);
  ctx.strokeStyle = ink.line; ctx.beginPath();
  ctx.moveTo(box.x - box.end, y); ctx.lineTo(box.x + box.w + box.end, y);
  ctx.moveTo(box.right, y - tall); ctx.lineTo(box.right + fs * 0.3, y - tall);
  ctx.stroke();
  text(ctx, layer.name, box.left - fs * 0.5, y - tall * 0.38, { align: "right", ink: ink.text, fs });
  text(ctx, percent(full), box.right + fs * 0.5, y - tall, { ink: ink.soft, fs: fs * 0.86 });
  if (count("zero")) text(ctx, `× ${count("zero")}`, box.right + fs * 0.5, y - tall * 0.35, { ink: ink.text, fs: fs * 0.86 });
  const cut = bars.filter((bar) => bar.share > full * 1.1).sort((a, b) => b.share - a.share)[0];
  if (!cut) return;
  const behind = cut.x < box.x + box.w * 0.7; // a bar that is cut carries its share
  const how = { align: behind ? "left" : "right", ink: ink.text, fs: fs * 0.86, halo: ink.paper };
  text(ctx, percent(cut.share), behind ? cut.x + cut.wide + 5 : cut.x - 5, y - tall * 0.82, how);
}

// The scale itself: pointed where it stands for all that lies beyond, with a pointer at the ringed weight.
function drawColours(ctx, { spec, kept, frame, weight, ink, fs }, axis, { x: x0, w, bottom, end, bar }) {
  for (let i = 0; i < 256; i++) { ctx.fillStyle = paintOf(spec.palette, (i + 0.5) / 256); ctx.fillRect(x0 + (w * i) / 256, bottom, w / 256 + 0.6, bar); }
  tip(ctx, paintOf(spec.palette, 0), x0, x0 - end, bottom, bar);
  tip(ctx, paintOf(spec.palette, 1), x0 + w, x0 + w + end, bottom, bar);
  for (const { u, text: s } of axis.ticks) text(ctx, s, x0 + w * u, bottom + bar + fs * 0.35, { align: "center", base: "top", ink: ink.soft, fs: fs * 0.92 });
  text(ctx, axis.label, x0 + w / 2, bottom + bar + fs * 2.3, { align: "center", ink: ink.text, fs });
  const u = unitsOf(spec, kept, weight, frame);
  if (!Number.isFinite(u)) return;
  const x = Math.max(x0 - end, Math.min(x0 + w + end, x0 + w * u));
  ctx.fillStyle = ink.text; ctx.beginPath(); ctx.moveTo(x, bottom - 1); ctx.lineTo(x - 4.5, bottom - 8); ctx.lineTo(x + 4.5, bottom - 8); ctx.fill();
}

function tip(ctx, colour, x, to, y, h) {
  ctx.fillStyle = colour; ctx.beginPath(); ctx.moveTo(x, y); ctx.lineTo(to, y + h / 2); ctx.lineTo(x, y + h); ctx.fill();
}

// What the marks in the map mean.
function drawLegend(ctx, { spec, quantity, ink, fs }, { left, bottom, bar }) {
  const y = bottom + bar + fs * 3.9, say = (s, x) => x + text(ctx, s, x, y, { ink: ink.soft, fs: fs * 0.92 }) + fs * 1.4;
  let x = left;
  for (const name of spec.marks[quantity]) {
    ctx.fillStyle = ink.empty; ctx.fillRect(x, y - fs * 0.5, fs, fs);
    ctx.strokeStyle = ink.text; ctx.lineWidth = 1.2; ctx.beginPath(); mark(ctx, spec.codes[name], spec.codes, x, y - fs * 0.5, fs, fs); ctx.stroke();
    x = say(spec.words[name], x + fs * 1.4);
  }
  tip(ctx, paintOf(spec.palette, 0), x + fs * 0.4, x, y - fs * 0.45, fs * 0.9);
  tip(ctx, paintOf(spec.palette, 1), x + fs * 0.6, x + fs, y - fs * 0.45, fs * 0.9);
  say(spec.words.beyond, x + fs * 1.4);
}
