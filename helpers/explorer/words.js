// Words in the picture and in the panels: at their things, off the lines, and an arrow for what has left a panel.

const SIDES = [[0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [1, 1], [-1, -1], [-1, 1]];
const FARTHER = [1, 1.6, 2.2]; // heights of a word, from its thing
const FAR_OFF = 1.3; // of those: what is small and would stand farther off is left out
const FARTHER_COSTS = 8, ON_A_WORD = 40, ON_A_POINT = 3, MOST_POINTS = 8; // what speaks against a place; more points of a line count as these
const SPACING = 6, MOST_DRAWN = 3000; // px between points along a line, and how many there are at most
const ALONG = [1, 0.8, 0.6, 0.4, 0.2, 0]; // shares of a panel's width where the name of a dashed line may stand

const between = (low, x, high) => Math.max(low, Math.min(high, x));

/** @returns {number[][]} points a few pixels apart along everything that is drawn in the picture: where no word should stand */
function drawnBy({ spec, runs }, X, Y, box) {
  const { path } = spec, points = [], up = path.kind === "curve" ? "height" : "y";
  for (const { r } of runs) pointsAlong(points, (t) => [X(r.units("x", t)), Y(r.units(up, t))], spec.frames.length, box);
  if (path.kind === "curve") pointsAlong(points, (t) => [X(path.curve[t][0]), Y(path.curve[t][1])], path.curve.length, box);
  return points;
}

function pointsAlong(points, at, count, box) {
  let last = null;
  for (let t = 0; t < count && points.length < MOST_DRAWN; t++) {
    const here = at(t), part = last && Number.isFinite(here[0] + here[1]) ? within(last, here, box) : null;
    if (part) {
      const [[x, y], [x2, y2]] = part, many = between(1, Math.ceil(Math.hypot(x2 - x, y2 - y) / SPACING), 60);
      for (let k = 1; k <= many; k++) points.push([x + ((x2 - x) * k) / many, y + ((y2 - y) * k) / many]);
    }
    last = Number.isFinite(here[0] + here[1]) ? here : null;
  }
}

/** Words beside their points (or their boxes), at the side where the least is drawn; a small one that finds no room there is left out.
 * @param {{s: string, at: number[], half?: number[], ink: string, small?: boolean, bold?: boolean}[]} named
 * @param {number[][]} points of what is drawn */
function placeWords(ctx, box, named, fs, halo, points) {
  const taken = named.map(({ at }) => ({ x: at[0] - 6, y: at[1], w: 12, h: 12 })); // the markers
  for (const word of named) {
    const size = Math.max(smallest, fs * (word.small ? 0.9 : 1)), h = size * 1.15;
    const w = widthOf(ctx, word.s, size, word.bold), [x, y] = word.at;
    const near = points.filter((p) => Math.abs(p[0] - x) < w + 4 * h && Math.abs(p[1] - y) < 5 * h);
    const best = bestPlace(word, w, h, box, taken, near);
    if (word.small && (best.cost >= ON_A_WORD || best.gap > FAR_OFF * h)) continue;
    taken.push({ x: best.x, y: best.y, w, h });
    text(ctx, word.s, best.x, best.y, { ink: word.ink, fs: size, bold: word.bold, halo });
  }
}

function bestPlace(word, w, h, box, taken, near) {
  let best = null;
  for (const reach of FARTHER) for (const side of SIDES) {
    const place = besideIt(word, side, reach, w, h, box), { x, y } = place;
    const words = taken.filter((b) => x < b.x + b.w && b.x < x + w && Math.abs(y - b.y) < (h + b.h) / 2).length;
    const hits = near.filter((p) => p[0] > x - 2 && p[0] < x + w + 2 && Math.abs(p[1] - y) < h / 2 + 1).length;
    place.cost += ON_A_WORD * words + ON_A_POINT * Math.min(MOST_POINTS, hits);
    if (!best || place.cost < best.cost) best = place;
  }
  return best;
}

// Where a word stands at this side of its thing (`half`: half a box's width and height), kept in the picture; farther costs more.
function besideIt({ at, half = [0, 0] }, [dx, dy], reach, w, h, box) {
  const aside = half[0] + reach * h * (dy ? 0.5 : 0.9), middle = at[0] + dx * (aside + w / 2);
  const level = at[1] + dy * (half[1] + reach * h);
  const x = between(box.x + 4, middle - w / 2, box.x + box.w - w - 4);
  const y = between(box.y + h * 0.6, level, box.y + box.h - h * 0.6);
  const off = [Math.max(0, x - at[0] - half[0], at[0] - half[0] - x - w), Math.max(0, Math.abs(y - at[1]) - half[1] - h / 2)];
  const moved = Math.abs(x + w / 2 - middle) + Math.abs(y - level);
  return { x, y, gap: Math.hypot(...off), cost: FARTHER_COSTS * (reach - 1) + moved / 10 };
}

/** @returns {string[]} the channels of a panel: one, or one a weight */
function partsOf(spec, id, single) { return single ? [id] : spec.weights.map((_, i) => `${id}${i}`); }

/** An arrow with its number at the edge that a curve has left the panel by, where the cursor stands. */
function nameWhatLeft(ctx, { spec, runs, frame, dark, ink }, id, single, box, X, fs) {
  const rows = { "▲": 0, "▼": 0 }, size = fs * 0.9;
  for (const { lane, r, pinned } of runs) if (!pinned) partsOf(spec, id, single).forEach((name, i) => {
    const u = r.has(name) ? r.units(name, frame) : NaN;
    if (!(u < -0.001 || u > 1.001)) return;
    const arrow = u > 1 ? "▲" : "▼", words = `${arrow} ${single ? "" : `${spec.weights[i]} `}${r.spoken(name, frame)}`;
    const wide = widthOf(ctx, words, size), down = size * (0.8 + 1.2 * rows[arrow]++);
    const x = between(box.x + 4, X(frame) - wide - 6, box.x + box.w - wide - 4), y = u > 1 ? box.y + down : box.y + box.h - down;
    text(ctx, words, x, y, { ink: wordsOf(lane, dark), fs: size, halo: ink.paper });
  });
}

/** A flag at every step that the surface counts: a pole there, and whose it is, where no curve runs.
 * @param {((t: number) => number)[]} curves heights of the lines, in px */
function raiseFlags(ctx, { spec, runs, frame, dark, ink }, box, X, curves, fs) {
  const { names, since } = spec.milestones, size = fs * 0.9, placed = [];
  for (const run of runs.filter(({ pinned }) => !pinned)) names.forEach((name, i) => {
    const steps = run.r.int(`mark${i}`);
    if (steps < 0) return;
    const words = [short(run), name].filter(Boolean).join(" ") + `: ${steps}`, wide = widthOf(ctx, words, size);
    const pole = box.x + (box.w * (since + steps)) / spec.steps;
    const x = pole + 5 + wide > box.x + box.w ? pole - 5 - wide : pole + 5;
    const y = freeRow(x, wide, size, box, X, spec.frames.length, curves, placed);
    ctx.globalAlpha = spec.frames[frame] >= since + steps ? 1 : 0.45;
    ctx.strokeStyle = colourOf(run.lane, dark); ctx.lineWidth = 1.2; ctx.setLineDash([2, 2]);
    ctx.beginPath(); ctx.moveTo(pole, box.y + box.h); ctx.lineTo(pole, y); ctx.stroke(); ctx.setLineDash([]);
    text(ctx, words, x, y, { ink: wordsOf(run.lane, dark), fs: size, halo: ink.paper });
    ctx.globalAlpha = 1;
    placed.push({ x, y, wide });
  });
}

/** @returns {number} the height, from the top down, at which words from x on strike the fewest curves and no other word */
function freeRow(x, wide, size, box, X, T, curves, placed) {
  const high = size * 1.25, rows = Math.max(1, Math.floor((box.h - size * 0.4) / high)), frames = [];
  for (let t = 0; t < T; t++) if (X(t) > x - 4 && X(t) < x + wide + 4) frames.push(t);
  const costs = Array.from({ length: rows }, (_, row) => {
    const y = box.y + size * 0.8 + row * high;
    const over = placed.some((b) => x < b.x + b.wide + 6 && b.x < x + wide + 6 && Math.abs(b.y - y) < size);
    const struck = (curve) => frames.filter((t) => Math.abs(curve(t) - y) < size * 0.62).length;
    const hits = curves.reduce((sum, curve) => sum + struck(curve), 0) / Math.max(1, frames.length);
    return { y, cost: 3 * over + hits + row * 0.01 };
  });
  return costs.reduce((best, one) => (one.cost < best.cost ? one : best)).y;
}

/** Every dashed η has its name, where no curve runs through it.
 * @param {((t: number) => number)[]} curves heights of the other lines, in px */
function nameEtas(ctx, scene, box, X, Y, curves, fs) {
  const { spec, store, runs, ink } = scene, size = fs * 0.9, lines = new Map(), placed = [];
  for (const { lane, r, pinned } of runs) {
    if (pinned || (lane.ghost && spec.etaShared)) continue;
    const words = r.etaLabel || (spec.etaShared ? spec.words.eta : `η, ${short({ lane })}`);
    if (!lines.has(words)) lines.set(words, (t) => Y(etaUnits(store, r, lane, t)));
  }
  for (const [words, line] of lines) {
    const wide = widthOf(ctx, words, size), best = placeOnLine(line, curves, wide, size, box, X, spec.frames.length, placed);
    if (!best) continue;
    placed.push({ ...best, wide });
    text(ctx, words, best.x, best.y, { ink: ink.soft, fs: size, halo: ink.paper });
  }
}

// Above or below a dashed line, as far right as the fewest curves cross the words.
function placeOnLine(line, curves, wide, size, box, X, T, placed) {
  let best = null;
  for (const share of ALONG) for (const up of [true, false]) {
    const x = box.x + 4 + share * (box.w - wide - 8), frames = [];
    for (let t = 0; t < T; t++) if (X(t) > x - 6 && X(t) < x + wide + 6) frames.push(t);
    const y = line(frames[frames.length >> 1] ?? T - 1) + (up ? -0.75 : 0.8) * size;
    if (!(y > box.y + size * 0.4 && y < box.y + box.h - size * 0.4)) continue;
    const struck = (curve) => frames.filter((t) => Math.abs(curve(t) - y) < size * 0.62).length;
    const hits = [line, ...curves].reduce((sum, curve) => sum + struck(curve), 0) / Math.max(1, frames.length);
    const over = placed.some((b) => x < b.x + b.wide + 6 && b.x < x + wide + 6 && Math.abs(b.y - y) < size);
    const cost = 3 * over + hits + (1 - share) * 0.05 + (up ? 0 : 0.02);
    if (!best || cost < best.cost) best = { x, y, cost };
  }
  return best;
}
