// The pen: inks, words, axes, lines and markers on a canvas.

function inks(dark) {
  return dark
    ? { text: "#e8e8e8", soft: "#b4b4b4", line: "#7d7d7d", grid: "#3a3a3a", paper: "#111111", alarm: "#ff7b72" }
    : { text: "#1f1f1f", soft: "#595959", line: "#8a8a8a", grid: "#e6e6e6", paper: "#ffffff", alarm: "#b3001b" };
}

let smallest = 10; // px: no word is smaller, 24 in lecture mode

const face = (fs, bold = false) => `${bold ? "600 " : ""}${Math.max(fs, smallest)}px system-ui, "Segoe UI", "DejaVu Sans", sans-serif`;

const widths = new Map(); // by face and words: to choose a font and to measure cost as much as to draw, and a figure says the same words in every picture

// How wide words are in a size.
function widthOf(ctx, words, fs, bold = false) {
  const font = face(fs, bold), key = font + words;
  let width = widths.get(key);
  if (width === undefined) {
    ctx.font = font;
    if (widths.size > 2000) widths.clear();
    widths.set(key, (width = ctx.measureText(words).width));
  }
  return width;
}

function text(ctx, s, x, y, { align = "left", base = "middle", ink, fs, bold = false, halo = null, within = null }) {
  fs = Math.max(fs, smallest);
  ctx.font = face(fs, bold);
  ctx.textAlign = align; ctx.textBaseline = base;
  if (within !== null) x = Math.max(0, Math.min(x, within - widthOf(ctx, s, fs, bold))); // a long one begins further left
  if (halo) { ctx.strokeStyle = halo; ctx.lineWidth = fs * 0.3; ctx.lineJoin = "round"; ctx.setLineDash([]); ctx.strokeText(s, x, y); } // words over a picture keep their contrast
  ctx.fillStyle = ink; ctx.fillText(s, x, y);
  return widthOf(ctx, s, fs, bold);
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

const NEAR = 0.2; // px: points that lie so near to a straight line are not seen to bend it

// Takes the points of a line and draws its corners: every point left out spares a browser without a graphics card two edges and a join.
// From the last corner a cone is held open that reaches every point since within NEAR; the point before the first that leaves it, or turns back, is a corner.
function cornersOf(ctx) {
  let corner = null, held = null, ux = 0, uy = 0, reach = 0, low = 0, high = 0;
  const end = () => { if (held) ctx.lineTo(held[0], held[1]); held = null; };
  const move = (p) => { end(); ctx.moveTo(p[0], p[1]); corner = p; };
  const add = (p) => {
    const dx = p[0] - corner[0], dy = p[1] - corner[1];
    if (held) {
      const along = dx * ux + dy * uy, slope = (dy * ux - dx * uy) / along;
      if (along >= reach && slope >= low && slope <= high) {
        held = p; reach = along; low = Math.max(low, slope - NEAR / along); high = Math.min(high, slope + NEAR / along);
        return;
      }
      corner = held; end(); add(p);
      return;
    }
    const far = Math.hypot(dx, dy);
    if (far < NEAR) return;
    held = p; ux = dx / far; uy = dy / far; reach = far; high = NEAR / far; low = -high;
  };
  return { move, add, end };
}

// A line through points(t) for t in [from, to]; breaks where there is no number. What is far outside the box is left out: a browser
// that draws without a graphics card would lay every dash of it, for a tenth of a second a picture.
function line(ctx, points, from, to, box) {
  const room = { x: box.x - 20, y: box.y - 20, w: box.w + 40, h: box.h + 40 }, right = room.x + room.w, foot = room.y + room.h;
  ctx.beginPath();
  const corners = cornersOf(ctx);
  let last = null, inside = false, pen = false, long = 0;
  for (let t = from; t <= to; t++) {
    const here = points(t), [x, y] = here;
    if (!(Number.isFinite(x) && Number.isFinite(y))) { last = null; pen = false; continue; }
    const before = inside;
    inside = x >= room.x && x <= right && y >= room.y && y <= foot;
    const part = !last ? null : before && inside ? [last, here] : within(last, here, room);
    if (part) {
      if (!pen || part[0] !== last) corners.move(part[0]);
      corners.add(part[1]);
      long += Math.abs(part[1][0] - part[0][0]) + Math.abs(part[1][1] - part[0][1]);
    }
    pen = !!part && part[1] === here;
    last = here;
  }
  corners.end();
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
  if ((labels.length - 0.5) * Math.max(smallest, fs * 0.8) > box.h) labels = together(labels).sort((a, b) => a.y - b.y);
  const gap = Math.min(fs * 1.08, box.h / Math.max(1, labels.length - 0.5)), small = Math.min(fs * 0.94, gap * 0.9); // many names in a low panel are smaller, and none stands in the next panel
  for (let i = 1; i < labels.length; i++) labels[i].y = Math.max(labels[i].y, labels[i - 1].y + gap);
  const over = labels.length ? labels[labels.length - 1].y - (box.y + box.h) : 0;
  if (over > 0) for (let i = labels.length - 1, edge = box.y + box.h; i >= 0; i--) { labels[i].y = Math.min(labels[i].y, edge); edge = labels[i].y - gap; }
  for (const l of labels) text(ctx, l.s, box.x + box.w + fs * 0.45, l.y, { ink: l.ink, fs: small });
}

// In a panel too low for all names, the weights of a rule share its own.
function together(labels) {
  const shared = new Map();
  for (const label of labels) shared.set(label.who || label.s, [...(shared.get(label.who || label.s) ?? []), label]);
  return [...shared.values()].map((group) => (group.length < 2 ? group[0] : {
    ...group[0], y: group.reduce((sum, { y }) => sum + y, 0) / group.length, s: group[0].who,
  }));
}

function colourOf(lane, dark) { return dark ? lane.dark : lane.colour; }
function wordsOf(lane, dark) { return dark ? lane.dark : lane.text ?? lane.colour; }
