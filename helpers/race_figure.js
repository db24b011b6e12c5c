// Curves and lanes that Python computed for every surface, horizon and η; this picks the ones that the controls point at.

const TOP = 30, LEFT = 86, BESIDE = 900; // narrower than that, the lanes stand below the curves
const CHART = 310, LANE = 48, FOOT = 58, LETTER = 7.6; // heights of the curves, of a lane, of what stands under an axis; a letter's width
const ROOM = [960, 640]; // what the figure with its controls takes where lanes stand beside curves
const BOTH = 340; // a lane shorter than this has no room for two texts above it

// Where things stand, in pixels of the page: words keep their size at every width.
function layout(width, lanes) {
  const beside = width >= BESIDE, right = beside ? Math.round(0.56 * width) : width - 20, base = TOP + CHART;
  const down = beside ? 0 : base + FOOT, from = beside ? right + 60 : LEFT, to = width - 36;
  const laneBase = beside ? base : TOP + 12 + LANE * lanes, gap = beside ? (CHART - 30) / lanes : LANE;
  return { width, right, base, down, from, to, laneBase, gap, high: beside ? base + FOOT : down + laneBase + FOOT };
}

// Of labels along an axis, those that there is room for: [[place, text], ...] in order of their places.
function spaced(labels, room) {
  const kept = [];
  for (const label of labels) {
    const last = kept.at(-1);
    if (!last || Math.abs(label[0] - last[0]) >= room(label[1], last[1])) kept.push(label);
  }
  return kept;
}
const beneath = (one, other) => (one.length + other.length) * LETTER / 2 + 8;

// What stands still at one width: axes, the decades of η, names of the axes. Returns the parts that change.
function ground(svg, frame, first) {
  const { words } = first, { right, base, down, from, to, laneBase } = frame, u = (at) => LEFT + at * (right - LEFT);
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${frame.width} ${frame.high}`);
  svgPart(svg, "text", { x: LEFT, y: 16, class: "soft" }, words.valleys);
  for (const [at] of first.decades) svgPart(svg, "line", { x1: u(at), x2: u(at), y1: TOP, y2: base, class: "grid" });
  for (const [x, text] of spaced(first.decades.map(([at, text]) => [u(at), text]), beneath)) {
    svgPart(svg, "text", { x, y: base + 19, "text-anchor": "middle", class: "soft" }, text);
  }
  svgPart(svg, "text", { x: (LEFT + right) / 2, y: base + 42, "text-anchor": "middle" }, words.eta);
  svgPart(svg, "line", { x1: LEFT, x2: right, y1: base, y2: base, class: "axis" });
  svgPart(svg, "line", { x1: LEFT, x2: LEFT, y1: base, y2: TOP, class: "axis" });
  const lanes = svgPart(svg, "g", { transform: `translate(0,${down})` });
  return {
    ticks: svgPart(svg, "g", {}), up: svgPart(svg, "text", { x: -(TOP + base) / 2, y: 14, transform: "rotate(-90)", "text-anchor": "middle" }),
    shared: svgPart(svg, "line", { y1: TOP, y2: base, class: "shared" }), lanes, laneTicks: svgPart(lanes, "g", {}),
    over: svgPart(lanes, "text", { x: (from + to) / 2, y: laneBase + 42, "text-anchor": "middle" }),
    title: svgPart(lanes, "text", { x: from, y: 16, class: "soft" }),
  };
}

// The parts of one rule: its curve with band and mark, and its lane.
function ruleParts(svg, lanes, frame, rule, r) {
  const lane = TOP + 42 + r * frame.gap, dash = rule.dash ? { "stroke-dasharray": rule.dash } : {}, { from, to } = frame;
  return {
    lane, band: svgPart(svg, "path", { "fill-opacity": 0.16 }), line: svgPart(svg, "path", { fill: "none", "stroke-width": 2, ...dash }),
    mark: svgPart(svg, "path", { d: rule.marker }), track: svgPart(lanes, "line", { x1: from, x2: to, y1: lane, y2: lane, class: "grid" }),
    spread: svgPart(lanes, "rect", { y: lane - 5, height: 10, "fill-opacity": 0.35 }),
    run: svgPart(lanes, "line", { x1: from, y1: lane, y2: lane, "stroke-width": 2, ...dash }), end: svgPart(lanes, "path", { d: rule.marker }),
    name: svgPart(lanes, "text", { x: from, y: lane - 14 }),
    place: svgPart(lanes, "text", { x: to + 12, y: to - from < BOTH ? lane + 18 : lane - 14, "text-anchor": "end", class: "soft" }),
  };
}

// Losses up the left axis and along the lanes.
function drawTicks(parts, frame, ticks, y, along) {
  const { right, laneBase } = frame;
  parts.ticks.replaceChildren(); parts.laneTicks.replaceChildren();
  for (const [unit, text] of ticks) {
    svgPart(parts.ticks, "line", { x1: LEFT, x2: right, y1: y(1000 * unit), y2: y(1000 * unit), class: "grid" });
    svgPart(parts.ticks, "text", { x: LEFT - 6, y: y(1000 * unit) + 5, "text-anchor": "end", class: "soft" }, text);
    svgPart(parts.laneTicks, "line", { x1: along(1000 * unit), x2: along(1000 * unit), y1: TOP, y2: laneBase, class: "grid" });
  }
  for (const [x, text] of spaced(ticks.map(([unit, text]) => [along(1000 * unit), text]), beneath)) {
    svgPart(parts.laneTicks, "text", { x, y: laneBase + 19, "text-anchor": "middle", class: "soft" }, text);
  }
}

// One rule's curve and lane at `place`, the place of η.
function drawRule(parts, [middle, low, high], place, colour, { x, y, along }) {
  const forth = (units) => units.map((u, i) => `${i ? "L" : "M"}${x(i).toFixed(1)},${y(u).toFixed(1)}`).join("");
  const back = low.map((u, i) => `L${x(i).toFixed(1)},${y(u).toFixed(1)}`).reverse().join("");
  parts.line.setAttribute("d", forth(middle));
  parts.band.setAttribute("d", `${forth(high)}${back}Z`);
  parts.mark.setAttribute("transform", `translate(${x(place)},${y(middle[place])})`);
  parts.end.setAttribute("transform", `translate(${along(middle[place])},${parts.lane}) scale(1.15)`);
  parts.run.setAttribute("x2", along(middle[place]));
  parts.spread.setAttribute("x", along(high[place]));
  parts.spread.setAttribute("width", Math.max(0, along(low[place]) - along(high[place])));
  for (const node of [parts.line, parts.run]) node.setAttribute("stroke", colour);
  for (const node of [parts.band, parts.mark, parts.end, parts.spread]) node.setAttribute("fill", colour);
}

// The title of the setting that is shown; what was found at the first setting stands over that one alone.
function headed(data, { surface, horizon, mode, eta }) {
  const { begin, words } = data;
  const began = surface === begin.surface && horizon === begin.horizon && mode === begin.mode && (!mode || eta === begin.eta);
  if (data.title && began) return data.title;
  return filled(mode ? words.shared : words.own, { surface: data.names[surface], n: data.horizons[horizon], eta: data.etas[eta] });
}

async function render({ model, el }) {
  const first = model.get("data"), { words, rules } = first;
  el.classList.add("fair-race-view");
  const head = make("p", { className: "fair-race-title", textContent: first.title }), svg = svgPart(el, "svg", { role: "img" });
  const read = make("p", { className: "fair-race-read", textContent: words.waiting }), spoken = make("div", { className: "fair-race-spoken" });
  const reset = make("button", { type: "button", className: "fair-race-reset", textContent: words.reset });
  const lecture = make("button", { type: "button", className: "fair-race-reset" });
  spoken.setAttribute("aria-live", "polite");
  svg.setAttribute("aria-label", words.valleys);
  reset.dataset.lmSuppressShortcuts = "true";
  el.prepend(head);
  el.append(read, make("div", {}, reset, lecture), spoken);

  const models = {}, heard = [];
  let settled = 0, waiting = 0, frame = null, parts = null, drawn = [];
  const index = (key, begins, count) => (models[key] ? positionOf(models[key], begins, count) : begins);

  function lay(width) {
    frame = layout(width, rules.length);
    parts = ground(svg, frame, first);
    drawn = rules.map((rule, r) => ruleParts(svg, parts.lanes, frame, rule, r));
  }

  function draw() {
    waiting = 0;
    const data = model.get("data"), room = Math.round(el.clientWidth - 8);
    if (!models.horizon || !models.mode || !models.eta || room < 100) return;
    if (room !== frame?.width) lay(room);
    el.style.setProperty("--paper", coloursOf(el).paper); // behind words that stand on lines
    const { begin } = data, choice = index("surface", 0, data.surfaces.length), surface = data.surfaces[choice];
    const horizon = index("horizon", begin.horizon, surface.horizons.length), mode = index("mode", begin.mode, 2);
    const now = { surface: choice, horizon, mode, eta: index("eta", begin.eta, data.etas.length) };
    const entry = surface.horizons[now.horizon], at = now.mode ? now.eta + 1 : 0, { dark } = coloursOf(el);
    const { right, from, to, base } = frame, when = filled(words.after, { n: data.horizons[now.horizon] });
    const x = (i) => LEFT + first.across[i] * (right - LEFT), y = (u) => base - u / 1000 * CHART, along = (u) => to - u / 1000 * (to - from);
    write(head, headed(data, now));
    write(parts.up, `${surface.up} ${when}`); write(parts.over, `${surface.up} ${when}`); write(parts.title, `${words.lanes}, ${when}`);
    drawTicks(parts, frame, surface.ticks, y, along);
    parts.shared.style.display = now.mode ? "" : "none";
    parts.shared.setAttribute("x1", x(now.eta)); parts.shared.setAttribute("x2", x(now.eta));
    drawn.forEach((its, r) => {
      const place = now.mode ? now.eta : entry.own[r], off = entry.curves[r][0][place] >= 1000, stands = entry.places[at][r];
      drawRule(its, entry.curves[r], place, dark ? rules[r].dark : rules[r].colour, { x, y, along });
      write(its.name, `${rules[r].label}, η = ${data.etas[place]}`);
      its.name.setAttribute("class", stands === "wins" ? "first" : "");
      const came = entry.arrived[r][place] ? words.arrived : "";
      write(its.place, [off ? words.off : came, stands].filter(Boolean).join(", "));
    });
    const text = entry.texts[at] + silenceOf(Object.values(models));
    if (text !== read.textContent) {
      read.textContent = text;
      clearTimeout(settled);
      settled = setTimeout(() => { svg.setAttribute("aria-label", text); spoken.textContent = text; }, 500);
    }
    name();
  }

  function name() {
    const rows = el.closest(".fair-race")?.querySelectorAll(".fair-race-controls > *"), keys = Object.keys(models);
    for (const key of ["horizon", "eta"]) nameSlider(rows?.[keys.indexOf(key)], models[key]);
  }

  reset.addEventListener("click", () => {
    for (const [key, place] of Object.entries(first.begin)) if (models[key]) { models[key].set("index", place); models[key].save_changes(); }
  });
  const later = () => { waiting ||= requestAnimationFrame(draw); };
  for (const [key, id] of Object.entries(model.get("controls"))) {
    try {
      models[key] = await modelOf(model, id);
      models[key].on("change:index", later);
      heard.push(() => models[key].off("change:index", later));
    } catch (error) { read.textContent = `A control of this figure is missing: ${error}`; }
  }
  model.on("change:data", later);
  const still = whenLooksChange(el, later), alone = offerLecture(el, ".fair-race", lecture, ROOM);
  later(); setTimeout(later, 300); // the sliders' own views may come later than this one
  return () => { for (const off of heard) off(); model.off("change:data", later); still(); alone(); clearTimeout(settled); };
}

export default { render };
