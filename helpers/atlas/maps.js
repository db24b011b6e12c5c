// Drawing an atlas: the map of each layer, and the account of one weight.

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
  const ratio = dotsOf(canvas), w = Math.round(width * ratio), h = Math.round(height * ratio);
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
  // numbers of units: of the first tile in each row of tiles; of a grid, of as many rows and columns as there is room for
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

// What one weight had at every step, in each network: returns where time stands in the canvas.
function drawAccount(canvas, width, scene, tall) {
  const { spec, lanes, weight, ink, fs } = scene, panels = spec.words.order.filter((what) => lanes.some((lane) => what in lane.quantities));
  const head = fs * 2.2, above = fs * 1.7, foot = fs * 2.9, h = Math.max(fs * 5, (tall - head - foot) / panels.length - above);
  const height = head + panels.length * (above + h) + foot, ctx = sized(canvas, width, height), left = fs * 3.9;
  const right = Math.min(width * 0.34, Math.max(...spec.lanes.map((lane) => widthOf(ctx, lane.short, fs * 0.94))) + fs * 0.9), w = width - left - right;
  const named = text(ctx, slotted(spec.words.account_of, whereOf(spec, weight)), 0, fs * 0.7, { ink: ink.text, fs, bold: true });
  if (panels.some((what) => axisFor(scene, what).wide)) text(ctx, spec.words.widened, named + fs * 0.6, fs * 0.7, { ink: ink.soft, fs: fs * 0.92 });
  panels.forEach((what, p) => drawPanel(ctx, scene, what, { x: left, y: head + above + p * (above + h), w, h }, p === panels.length - 1));
  text(ctx, spec.words.time, left + w / 2, height - fs * 0.7, { align: "center", ink: ink.text, fs });
  return { left, w };
}

// The axis of a panel: that of the colours, widened by whole decades where the ringed weight's own lines leave it.
function axisFor({ spec, lanes, weight }, what) {
  const known = (lanes.axes ??= new Map()), key = `${what} ${weight}`, axis = spec.axes[what], span = axis.high - axis.low; // asked for at every frame
  if (known.has(key)) return known.get(key);
  let { low, high } = axis;
  for (const lane of lanes) for (let t = 0; what in lane.quantities && t < spec.frames.length; t++) {
    const log = axis.low + unitsOf(spec, lane.quantities[what], weight, t) * span;
    if (Number.isFinite(log)) { low = Math.min(low, Math.floor(log + 1e-6)); high = Math.max(high, Math.ceil(log - 1e-6)); }
  }
  const { first, texts } = spec.powers, stride = Math.max(1, Math.ceil((high - low + 1) / 5)), ticks = [];
  for (let k = Math.ceil(low); k <= high; k++) if (k % stride === 0) ticks.push({ u: (k - low) / (high - low), text: texts[k - first] });
  const wide = low < axis.low || high > axis.high;
  known.set(key, { ...axis, wide, ticks: wide ? ticks : axis.ticks, from: (u) => (axis.low + u * span - low) / (high - low), back: (u) => (low + u * (high - low) - axis.low) / span });
  return known.get(key);
}

// Single steps between zeros, which no line joins, stand on the foot of the panel.
function stems(ctx, box, at, T, size) {
  const seen = (t) => t >= 0 && t < T && Number.isFinite(at(t)[1]);
  ctx.setLineDash([]); ctx.fillStyle = ctx.strokeStyle;
  for (let t = 0; t < T; t++) {
    if (!seen(t) || seen(t - 1) || seen(t + 1)) continue;
    const [x, y] = at(t);
    ctx.beginPath(); ctx.moveTo(x, box.y + box.h); ctx.lineTo(x, y); ctx.stroke();
    ctx.beginPath(); ctx.arc(x, y, size, 0, 7); ctx.fill();
  }
}

// One quantity over time: the shown network's line in front of the others'.
function drawPanel(ctx, scene, what, box, last) {
  const { spec, lanes, network, quantity, frame, weight, ink, fs, dark } = scene, axis = axisFor(scene, what), T = spec.frames.length, labels = [];
  const X = (t) => box.x + (box.w * spec.frames[t]) / spec.steps, Y = (u) => box.y + box.h * (1 - Math.max(0, Math.min(1, u)));
  frameBox(ctx, box, { ticks: scene.ticks }, axis, ink, fs, { xLabels: last });
  const shown = lanes[network].quantities[what], early = shown?.late && !spec.frames[frame];
  const now = !shown ? spec.words.lacks : early ? spec.words.nothing : toldOf(spec, shown, weight, frame);
  const name = text(ctx, axis.label, box.x, box.y - fs * 0.8, { ink: ink.text, fs, bold: what === quantity });
  text(ctx, now, box.x + name + fs * 0.8, box.y - fs * 0.8, { ink: wordsOf(spec.lanes[network], dark), fs, bold: true });
  if (what === quantity) for (let i = 0; i < 64; i++) { // the scale of colours stands beside its own axis
    ctx.fillStyle = paintOf(spec.palette, axis.back((i + 0.5) / 64)); ctx.fillRect(box.x - 5, box.y + (box.h * (63 - i)) / 64, 4, box.h / 64 + 0.5);
  }
  const order = lanes.map((_, i) => i).filter((i) => what in lanes[i].quantities).sort((a, b) => (a === network) - (b === network));
  for (const i of order) {
    const kept = lanes[i].quantities[what], like = spec.lanes[i], main = i === network, units = (t) => axis.from(unitsOf(spec, kept, weight, t));
    const at = (t) => [X(t), Y(units(t))];
    ctx.strokeStyle = colourOf(like, dark);
    inside(ctx, box, () => {
      ctx.lineWidth = main ? 2.2 : 1.2; ctx.setLineDash(like.dash);
      ctx.globalAlpha = main ? 0.45 : 0.3; line(ctx, at, frame, T - 1, box);
      ctx.globalAlpha = main ? 1 : 0.8; line(ctx, at, 0, frame, box);
      stems(ctx, box, at, T, main ? 2.6 : 1.6);
    }, 2);
    if (main) { // exact zeros have no place on a logarithmic axis: they are marked at its foot
      const { zero } = spec.codes;
      ctx.lineWidth = 1; ctx.beginPath();
      for (let t = 0; t < T; t++) if (kindOf(spec, kept, weight, t) === zero) mark(ctx, zero, spec.codes, X(t) - 4, box.y + box.h - 8, 8, 8);
      ctx.stroke();
    }
    if (Number.isFinite(units(frame))) marker(ctx, ...at(frame), like.marker, main ? 4.4 : 3, colourOf(like, dark), true, ink.paper);
    let end = T - 1;
    while (end > 0 && !Number.isFinite(units(end))) end--;
    labels.push({ y: Number.isFinite(units(end)) ? at(end)[1] : box.y + box.h, s: like.short, ink: wordsOf(like, dark) });
  }
  ctx.strokeStyle = ink.line; ctx.lineWidth = 1.2; ctx.beginPath(); ctx.moveTo(X(frame), box.y); ctx.lineTo(X(frame), box.y + box.h); ctx.stroke();
  endLabels(ctx, { ...box, h: box.h - fs * 0.4 }, labels, fs);
}
