// Places: the path, the panels under or beside it, and the room that their words need.

// Where everything goes for a width, a height (0: free; given: a lecture's), a font size and the room for the names at the lines' ends.
function layout(spec, shown, width, height, fs, names) {
  const narrow = width < (height ? 900 : 640), side = spec.panels.filter((p) => shown.has(p.id)), gaugeRows = spec.gauge ? spec.weights.length : 0;
  const gauge = gaugeRows ? fs * (3 + 1.5 * gaugeRows) : 0, left = fs * 4.2, bottom = fs * 2.9, top = fs * 0.8, head = fs * 1.9;
  const total = side.reduce((sum, p) => sum + p.share, 0);
  const above = (id) => (id === "back" ? head + fs * 2.4 : head); // room for the steps under the panel above
  const heads = side.reduce((sum, p) => sum + above(p.id), 0), flat = spec.path.kind === "none", ends = Math.max(fs * 7.2, names);
  const out = { panels: {}, fs, width };
  if (narrow) {
    let y = top;
    if (!flat) {
      const h = Math.min(width * 0.72, 360);
      out.path = { x: left, y, w: width - left - fs, h };
      y += h + bottom + fs * 0.4;
      if (gauge) { out.gauge = { x: left, y, w: width - left - fs, h: gauge }; y += gauge; }
    }
    for (const p of side) {
      const h = Math.max(p.share > 1 ? 80 + 55 * p.share : 110, fs * 4.2 * p.share);
      out.panels[p.id] = { x: left, y: y + above(p.id), w: width - left - ends, h, label: p.text };
      y += above(p.id) + h + fs * 0.6;
    }
    out.height = y + bottom;
    return out;
  }
  const each = height ? fs * 2.4 : 0; // a hall sees all panels and the sliders in one window: there each panel is at least two words high, and the rest is shared
  const least = top + bottom + heads + fs * 0.6 * side.length + (each ? each * side.length : fs * 4.2 * total);
  const H = Math.max(height || Math.min(width * 0.4, 470), 340, least, gauge + bottom + fs * (height ? 8 : 12));
  const split = flat ? 0 : width * 0.47;
  if (!flat) {
    out.path = { x: left, y: top, w: split - left - fs * 1.2, h: H - top - bottom - gauge };
    if (gauge) out.gauge = { x: left, y: H - gauge, w: split - left - fs * 1.2, h: gauge };
  }
  const room = H - top - bottom - heads - fs * 0.6 * (side.length - 1) - each * side.length;
  let y = top;
  for (const p of side) {
    const h = each + (room * p.share) / total;
    out.panels[p.id] = { x: split + left, y: y + above(p.id), w: width - split - left - ends, h, label: p.text };
    y += above(p.id) + h + fs * 0.6;
  }
  out.height = H;
  return out;
}

// What the longest name at a line's end needs, from the box to its last letter.
function roomForNames(ctx, { lanes, weights }, pins, fs) {
  const runs = [...lanes.map((lane) => ({ lane })), ...pins], several = runs.length > 1;
  const names = runs.flatMap((run) => [whole(run), several ? "" : weights.join(", "), ...weights.map((weight) => (several ? `${short(run)} ${weight}` : weight))]);
  return fs * 0.6 + Math.max(...names.map((name) => widthOf(ctx, name, fs)));
}

const ROUND_STEPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000];

/** @param {number} steps of a run @returns {{u: number, text: string}[]} the ticks of its time axis */
function stepTicks(steps) {
  const every = ROUND_STEPS.find((k) => steps / k <= 6) ?? steps;
  return Array.from({ length: Math.floor(steps / every) + 1 }, (_, i) => ({ u: (i * every) / steps, text: String(i * every) }));
}
