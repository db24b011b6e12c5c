// Drawing an atlas: the map of each layer, the histogram over the scale of colours, the account of one weight.

const PAD = 5, GAP = 6; // px: round a map, for the ring; between two tiles

// Where the cells of a layer stand in its canvas, for cells of w × h px.
function mapOf(layer, across, w, h, fs) {
  const { cols, rows, side } = layer, matrix = rows > 1, left = PAD + (matrix ? Math.ceil(fs * 1.5) : 0),
    top = PAD + (matrix && !side && w >= 9 && cols <= 26 ? Math.ceil(fs * 1.2) : 0);
  const wide = side ? Math.min(across, cols) : cols, down = side ? Math.ceil(cols / wide) : rows, 
    pitchX = side ? side * w + GAP : w, pitchY = side ? side * h + GAP : h;
  const box = { left, top, w, h, width: left + wide * pitchX - (side ? GAP : 0) + PAD, height: top + down * pitchY - (side ? GAP : 0) + PAD };
  // a cell as (row, column) of the picture without gaps, and back
  const placeOf = (k) => {
    const at = Math.floor(k / cols), to = k % cols;
    return side ? [Math.floor(to / wide) * side + Math.floor(at / side), (to % wide) * side + (at % side)] : [at, to];
  };
  const weightAt = (y, x) => {
    if (!side) return x < 0 || y < 0 || x >= cols || y >= rows ? -1 : y * cols + x;
    const to = Math.floor(y / side) * wide + Math.floor(x / side);
    return x < 0 || y < 0 || x >= wide * side || to >= cols ? -1 : ((y % side) * side + (x % side)) * cols + to;
  };
  const cornerOf = (y, x) => [left + (side ? Math.floor(x / side) * pitchX + (x % side) * w : x * w),
    top + (side ? Math.floor(y / side) * pitchY + (y % side) * h : y * h)];
  const hit = (px, py) => {
    const along = (p, pitch, size) => (side ? Math.floor(p / pitch) * side + Math.min(side - 1, Math.floor((p - Math.floor(p / pitch) * pitch) / size))
      : Math.floor(p / size));
    return px < left || py < top ? -1 : weightAt(along(py - top, pitchY, h), along(px - left, pitchX, w));
  };
  const order = Int32Array.from({ length: layer.size }, (_, k) => { const [y, x] = placeOf(k); return y * wide * (side || 1) + x; });
  return { ...box, wide, down, pitchX, pitchY, placeOf, weightAt, cornerOf, hit, order, columns: wide * (side || 1), lines: down * (side || 1) };
}

function sized(canvas, width, height) {
  const ratio = globalThis.devicePixelRatio || 1, w = Math.round(width * ratio), h = Math.round(height * ratio);
  if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; }
  canvas.style.width = `${width}px`; canvas.style.height = `${height}px`;
  const ctx = canvas.getContext("2d");
  ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
  ctx.clearRect(0, 0, width, height);
  return ctx;
}

function mark(ctx, kind, codes, x, y, w, h) {
  const r = Math.min(w, h) * 0.27, cx = x + w / 2, cy = y + h / 2;
  if (kind === codes.zero) { ctx.moveTo(cx - r, cy - r); ctx.lineTo(cx + r, cy + r); ctx.moveTo(cx - r, cy + r); ctx.lineTo(cx + r, cy - r); }
  else if (kind === codes.none) { ctx.moveTo(cx - r, cy + r); ctx.lineTo(cx + r, cy - r); }
  else { ctx.moveTo(cx - r, cy); ctx.lineTo(cx + r, cy); ctx.moveTo(cx, cy - r); ctx.lineTo(cx, cy + r); }
}

// One layer at one frame; `cells` is its picture with one dot a weight.
function drawMap(canvas, cells, layer, map, scene) {
  const { spec, kept, frame, weight, ink, fs } = scene, { codes } = spec, T = spec.frames.length, ctx = sized(canvas, map.width, map.height);
  cells.width = map.columns; cells.height = map.lines;
  const small = cells.getContext("2d"), image = small.createImageData(map.columns, map.lines), dots = new Uint32Array(image.data.buffer), marks = [];
  const early = kept.late && !spec.frames[frame], ground = paletteOf(ink.empty.slice(1))[0];
  for (let k = 0; k < layer.size; k++) {
    const code = kept.codes[(layer.first + k) * T + frame], kind = early ? codes.none : kept.kinds[code];
    if (kind === codes.first) dots[map.order[k]] = kept.paint[code];
    else { dots[map.order[k]] = ground; marks.push(k, kind); }
  }
  small.putImageData(image, 0, 0);
  ctx.imageSmoothingEnabled = false;
  const { side, cols } = layer;
  if (side) for (let to = 0; to < cols; to++) {
    const x = to % map.wide, y = Math.floor(to / map.wide);
    ctx.drawImage(cells, x * side, y * side, side, side, map.left + x * map.pitchX, map.top + y * map.pitchY, side * map.w, side * map.h);
  }
  else ctx.drawImage(cells, map.left, map.top, cols * map.w, layer.rows * map.h);
  if (Math.min(map.w, map.h) >= 3) {
    ctx.strokeStyle = ink.soft; ctx.lineWidth = 0.9; ctx.setLineDash([]); ctx.beginPath();
    for (let i = 0; i < marks.length; i += 2) { const [x, y] = map.cornerOf(...map.placeOf(marks[i])); mark(ctx, marks[i + 1], codes, x, y, map.w, map.h); }
    ctx.stroke();
  }
  // numbers of units: of the first tile in each row of tiles, of every eighth row of a grid, of the columns
  if (side) for (let y = 0; y < map.down; y++) text(ctx, String(y * map.wide), map.left - fs * 0.4, map.top + y * map.pitchY + (side * map.h) / 2,
    { align: "right", ink: ink.soft, fs: fs * 0.84 });
  else if (layer.rows > 1) {
    const every = map.h * layer.rows < fs * 2 ? layer.rows : [1, 2, 4, 8, 16, 32, 64].find((e) => e * map.h >= fs * 2) ?? 128;
    for (let y = 0; y < layer.rows; y += every) text(ctx, String(y), map.left - fs * 0.4, map.top + (y + 0.5) * map.h,
      { align: "right", ink: ink.soft, fs: fs * 0.84 });
    if (map.top > PAD) for (let x = 0; x < cols; x += map.w >= fs * (cols > 10 ? 1.5 : 0.9) ? 1 : 2) text(ctx, String(x), map.left + (x + 0.5) * map.w,
      map.top - fs * 0.6, { align: "center", ink: ink.soft, fs: fs * 0.84 });
  }
  const k = weight - layer.first;
  if (k < 0 || k >= layer.size) return;
  const [x, y] = map.cornerOf(...map.placeOf(k)), w = Math.max(map.w, 4), h = Math.max(map.h, 4);
  for (const [colour, width] of [["#000000", 4.4], ["#ffffff", 2]]) {
    ctx.strokeStyle = colour; ctx.lineWidth = width; ctx.strokeRect(x - 2, y - 2, w + 4, h + 4);
  }
}

function paintOf(palette, u) {
  const c = palette[Math.max(0, Math.min(255, Math.floor(u * 256)))];
  return `rgb(${c & 255},${(c >> 8) & 255},${(c >> 16) & 255})`;
}

function percent(share) { return share >= 0.1 ? `${Math.round(100 * share)} %` : `${(100 * share).toFixed(1)} %`; }

// One row of bars a layer over the scale of colours, all on the axis of the map.
function drawScale(canvas, width, scene) {
  const { spec, kept, quantity, frame, weight, ink, fs } = scene, axis = spec.axes[quantity], row = fs * 2.5, head = fs * 1.9, L = spec.layers.length,
    bar = fs * 1.1;
  const left = fs * 2.4, right = fs * 4.6, end = fs * 1.3, w = width - left - right - 2 * end, x0 = left + end, bottom = head + L * row + fs * 0.7;
  const height = bottom + bar + fs * 4.6, ctx = sized(canvas, width, height), B = spec.bins, [before, after] = spec.extra, full = spec.full[quantity];
  text(ctx, spec.words.histogram, 0, fs * 0.7, { ink: ink.text, fs });
  const colour = (u) => paintOf(spec.palette, u);
  ctx.fillStyle = ink.grid;
  for (const { u } of axis.ticks) ctx.fillRect(x0 + w * u - 0.5, head, 1, bottom - head);
  spec.layers.forEach((layer, l) => {
    const y = head + (l + 1) * row, tall = row * 0.8, from = (frame * L + l) * kept.wide, count = (name) =>
      kept.counts[from + (before.includes(name) ? before.indexOf(name) : before.length + B + after.indexOf(name))];
    text(ctx, layer.name, left - fs * 0.5, y - row * 0.3, { align: "right", ink: ink.text, fs });
    const outline = [];
    let most = null;
    for (let b = -1; b <= B; b++) {
      const share = (b < 0 ? count("below") : b === B ? count("above") : kept.counts[from + before.length + b]) / layer.size,
        h = tall * Math.min(1, share / full[l]);
      const x = b < 0 ? x0 - end : b === B ? x0 + w : x0 + (w * b) / B, wide = b < 0 || b === B ? end * 0.9 : w / B;
      outline.push([x + (b === B ? end - wide : 0), y - h, wide]);
      if (h <= 0) continue;
      ctx.fillStyle = colour((b + 0.5) / B); ctx.fillRect(outline[b + 1][0], y - h, wide + (b >= 0 && b < B - 1 ? 0.4 : 0), h);
      if (share > full[l] * 1.1 && share > (most?.share ?? 0)) most = { share, x: outline[b + 1][0], wide };
    }
    ctx.strokeStyle = ink.text; ctx.lineWidth = 1; ctx.setLineDash(layer.rows > 1 ? [] : [3, 2]); ctx.beginPath();
    for (const [i, [x, top, wide]] of outline.entries()) {
      if (i < 2 || i === B + 1) ctx.moveTo(x, y); // the bars within the scale share an outline, those beyond stand apart
      ctx.lineTo(x, top); ctx.lineTo(x + wide, top);
      if (!i || i >= B) ctx.lineTo(x + wide, y);
    }
    ctx.stroke(); ctx.setLineDash([]);
    ctx.strokeStyle = ink.line; ctx.beginPath(); ctx.moveTo(x0 - end, y); ctx.lineTo(x0 + w + end, y); ctx.stroke();
    const tell = (s, dy, tone) => text(ctx, s, width - right + fs * 0.5, y - dy, { ink: tone, fs: fs * 0.86 });
    ctx.beginPath(); ctx.moveTo(width - right, y - tall); ctx.lineTo(width - right + fs * 0.3, y - tall); ctx.stroke();
    tell(percent(full[l]), tall, ink.soft);
    if (count("zero")) tell(`× ${count("zero")}`, tall * 0.35, ink.text);
    if (most) { // a bar that is cut carries its share
      const s = percent(most.share), after = most.x < x0 + w * 0.7;
      text(ctx, s, after ? most.x + most.wide + 5 : most.x - 5, y - tall * 0.82, { align: after ? "left" : "right", ink: ink.text, fs: fs * 0.86,
        halo: ink.paper });
    }
  });
  for (let i = 0; i < 256; i++) { ctx.fillStyle = colour((i + 0.5) / 256); ctx.fillRect(x0 + (w * i) / 256, bottom, w / 256 + 0.6, bar); }
  for (const [x, tip, u] of [[x0, x0 - end, 0], [x0 + w, x0 + w + end, 0.999]]) { ctx.fillStyle = colour(u); ctx.beginPath(); ctx.moveTo(x, bottom);
    ctx.lineTo(tip, bottom + bar / 2); ctx.lineTo(x, bottom + bar); ctx.fill(); }
  for (const { u, text: s } of axis.ticks) text(ctx, s, x0 + w * u, bottom + bar + fs * 0.35, { align: "center", base: "top", ink: ink.soft, fs: fs * 0.92 });
  const u = unitsOf(spec, kept, weight, frame);
  if (Number.isFinite(u)) { // where the ringed weight stands
    const x = x0 + w * Math.max(-end / w, Math.min(1 + end / w, u));
    ctx.fillStyle = ink.text; ctx.beginPath(); ctx.moveTo(x, bottom - 1); ctx.lineTo(x - 4.5, bottom - 8); ctx.lineTo(x + 4.5, bottom - 8); ctx.fill();
  }
  text(ctx, axis.label, x0 + w / 2, bottom + bar + fs * 2.3, { align: "center", ink: ink.text, fs });
  let x = left;
  const legend = (s, draw) => { ctx.strokeStyle = ink.text; ctx.lineWidth = 1.2; draw(x, bottom + bar + fs * 3.9); x += fs * 1.4;
    x += text(ctx, s, x, bottom + bar + fs * 3.9, { ink: ink.soft, fs: fs * 0.92 }) + fs * 1.4; };
  for (const name of spec.marks[quantity]) legend(spec.words[name], (at, y) => { ctx.fillStyle = ink.empty; ctx.fillRect(at, y - fs * 0.5, fs, fs);
    ctx.beginPath(); mark(ctx, spec.codes[name], spec.codes, at, y - fs * 0.5, fs, fs); ctx.stroke(); });
  legend(spec.words.beyond, (at, y) => { for (const [u_, a, b] of [[0, at + fs * 0.4, at], [0.999, at + fs * 0.6, at + fs]]) { ctx.fillStyle = colour(u_);
    ctx.beginPath(); ctx.moveTo(a, y - fs * 0.45); ctx.lineTo(b, y); ctx.lineTo(a, y + fs * 0.45); ctx.fill(); } });
}

// What one weight had at every step, in each network: returns where time stands in the canvas.
function drawAccount(canvas, width, scene, tall) {
  const { spec, lanes, network, quantity, frame, weight, ink, fs, dark, ticks } = scene, T = spec.frames.length,
    panels = spec.words.order.filter((name) => lanes.some((lane) => name in lane.quantities));
  const { name } = whereOf(spec, weight), head = fs * 2.2, above = fs * 1.7, foot = fs * 2.9,
    h = Math.max(fs * 5, (tall - head - foot) / panels.length - above);
  const height = head + panels.length * (above + h) + foot, ctx = sized(canvas, width, height), left = fs * 3.9;
  ctx.font = `${fs * 0.94}px system-ui, "Segoe UI", "DejaVu Sans", sans-serif`;
  const right = Math.min(width * 0.34, Math.max(...spec.lanes.map((lane) => ctx.measureText(lane.short).width)) + fs * 0.9), w = width - left - right,
    X = (t) => left + (w * spec.frames[t]) / spec.steps;
  text(ctx, slotted(spec.words.account_of, { name }), 0, fs * 0.7, { ink: ink.text, fs, bold: true });
  panels.forEach((what, p) => {
    const axis = spec.axes[what], box = { x: left, y: head + above + p * (above + h), w, h }, last = p === panels.length - 1, labels = [];
    const Y = (u) => box.y + box.h * (1 - Math.max(0, Math.min(1, u)));
    frameBox(ctx, box, { ticks }, axis, ink, fs, { xLabels: last });
    const shown = lanes[network].quantities[what], now = shown ? toldOf(spec, shown, weight, frame) : spec.words.lacks;
    const said = text(ctx, axis.label, box.x, box.y - fs * 0.8, { ink: ink.text, fs, bold: what === quantity });
    text(ctx, spec.frames[frame] || what === "G" || !shown ? now : spec.words.nothing, box.x + said + fs * 0.8, box.y - fs * 0.8,
      { ink: wordsOf(spec.lanes[network], dark), fs, bold: true });
    if (what === quantity) for (let i = 0; i < 64; i++) { // the scale of colours stands beside its own axis
      ctx.fillStyle = paintOf(spec.palette, (i + 0.5) / 64); ctx.fillRect(box.x - 5, box.y + (box.h * (63 - i)) / 64, 4, box.h / 64 + 0.5);
    }
    const order = lanes.map((_, i) => i).filter((i) => what in lanes[i].quantities).sort((a, b) => (a === network) - (b === network));
    for (const i of order) {
      const kept = lanes[i].quantities[what], like = spec.lanes[i], main = i === network, at = (t) => [X(t), Y(unitsOf(spec, kept, weight, t))];
      inside(ctx, box, () => {
        ctx.strokeStyle = colourOf(like, dark); ctx.lineWidth = main ? 2.2 : 1.2; ctx.setLineDash(like.dash);
        ctx.globalAlpha = main ? 0.45 : 0.3; line(ctx, at, frame, T - 1); ctx.globalAlpha = main ? 1 : 0.8; line(ctx, at, 0, frame); ctx.setLineDash([]);
        ctx.globalAlpha = 1;
      }, 2);
      if (main) { // exact zeros have no place on a logarithmic axis: they are marked at its foot
        ctx.strokeStyle = colourOf(like, dark); ctx.lineWidth = 1; ctx.beginPath();
        const { zero } = spec.codes;
        for (let t = 0; t < T; t++) if (kindOf(spec, kept, weight, t) === zero) mark(ctx, zero, spec.codes, X(t) - 4, box.y + box.h - 8, 8, 8);
        ctx.stroke();
      }
      const u = unitsOf(spec, kept, weight, frame);
      if (Number.isFinite(u)) marker(ctx, X(frame), Y(u), like.marker, main ? 4.4 : 3, colourOf(like, dark), true, ink.paper);
      let end = T - 1;
      while (end > 0 && !Number.isFinite(unitsOf(spec, kept, weight, end))) end--;
      const last_ = unitsOf(spec, kept, weight, end);
      labels.push({ y: Number.isFinite(last_) ? Y(last_) : box.y + box.h, s: like.short, ink: wordsOf(like, dark) });
    }
    ctx.strokeStyle = ink.line; ctx.lineWidth = 1.2; ctx.beginPath(); ctx.moveTo(X(frame), box.y); ctx.lineTo(X(frame), box.y + box.h); ctx.stroke();
    endLabels(ctx, { ...box, h: box.h - fs * 0.4 }, labels, fs);
  });
  text(ctx, spec.words.time, left + w / 2, height - fs * 0.7, { align: "center", ink: ink.text, fs });
  return { left, w, top: head, height };
}
