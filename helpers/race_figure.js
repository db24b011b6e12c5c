// Curves and lanes that Python computed for every surface, horizon and η; this picks the ones that the controls point at.

const WIDE = 1000, HIGH = 400, TOP = 30, BASE = 340, LEFT = 70, RIGHT = 560, FROM = 620, TO = 965;

async function render({ model, el }) {
  const first = model.get("data"), { words, rules } = first;
  el.classList.add("fair-race-view");
  const head = el.appendChild(document.createElement("p"));
  head.className = "fair-race-title"; head.textContent = first.title;
  const svg = svgPart(el, "svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" });
  const read = el.appendChild(document.createElement("p")), spoken = el.appendChild(document.createElement("div"));
  read.className = "fair-race-read"; read.textContent = words.waiting;
  spoken.className = "fair-race-spoken"; spoken.setAttribute("aria-live", "polite");

  const x = (i) => LEFT + first.across[i] * (RIGHT - LEFT), y = (u) => BASE - u / 1000 * (BASE - TOP), along = (u) => TO - u / 1000 * (TO - FROM);
  svgPart(svg, "text", { x: LEFT, y: 16, class: "soft" }, words.valleys);
  for (const [at, text] of first.decades) {
    svgPart(svg, "line", { x1: LEFT + at * (RIGHT - LEFT), x2: LEFT + at * (RIGHT - LEFT), y1: TOP, y2: BASE, class: "grid" });
    svgPart(svg, "text", { x: LEFT + at * (RIGHT - LEFT), y: BASE + 19, "text-anchor": "middle", class: "soft" }, text);
  }
  svgPart(svg, "text", { x: (LEFT + RIGHT) / 2, y: BASE + 42, "text-anchor": "middle" }, words.eta);
  const ticks = svgPart(svg, "g", {}), up = svgPart(svg, "text", { x: -(TOP + BASE) / 2, y: 14, transform: "rotate(-90)", "text-anchor": "middle" });
  const right = svgPart(svg, "g", {}), laneTicks = svgPart(right, "g", {}); // on a narrow page it stands below
  const over = svgPart(right, "text", { x: (FROM + TO) / 2, y: BASE + 42, "text-anchor": "middle" }), lanes = svgPart(right, "text", { x: FROM, y: 16, class: "soft" });
  svgPart(svg, "line", { x1: LEFT, x2: RIGHT, y1: BASE, y2: BASE, class: "axis" });
  svgPart(svg, "line", { x1: LEFT, x2: LEFT, y1: BASE, y2: TOP, class: "axis" });
  const shared = svgPart(svg, "line", { y1: TOP, y2: BASE, class: "shared" });
  const drawn = rules.map((rule, r) => {
    const lane = TOP + 42 + r * (BASE - TOP - 30) / rules.length, dash = rule.dash ? { "stroke-dasharray": rule.dash } : {};
    return {
      lane, band: svgPart(svg, "path", { "fill-opacity": 0.16 }), line: svgPart(svg, "path", { fill: "none", "stroke-width": 2, ...dash }), mark: svgPart(svg, "path", { d: rule.marker }),
      track: svgPart(right, "line", { x1: FROM, x2: TO, y1: lane, y2: lane, class: "grid" }), spread: svgPart(right, "rect", { y: lane - 5, height: 10, "fill-opacity": 0.35 }),
      run: svgPart(right, "line", { x1: FROM, y1: lane, y2: lane, "stroke-width": 2, ...dash }), end: svgPart(right, "path", { d: rule.marker }),
      name: svgPart(right, "text", { x: FROM, y: lane - 14 }), place: svgPart(right, "text", { x: TO, y: lane - 14, "text-anchor": "end", class: "soft" }),
    };
  });
  const fit = () => {
    const narrow = el.clientWidth > 0 && el.clientWidth < 560;
    svg.setAttribute("viewBox", narrow ? `0 0 ${RIGHT + 20} ${2 * HIGH}` : `0 0 ${WIDE} ${HIGH}`);
    right.setAttribute("transform", narrow ? `translate(${LEFT - FROM + 40},${HIGH})` : "");
  };
  const models = {}, heard = [];
  let settled = 0, waiting = 0;

  function draw() {
    waiting = 0;
    const data = model.get("data");
    head.textContent = data.title;
    if (!models.horizon || !models.mode || !models.eta) return;
    const surface = data.surfaces[models.surface ? positionOf(models.surface, 0, data.surfaces.length) : 0];
    const h = positionOf(models.horizon, 0, surface.horizons.length), entry = surface.horizons[h];
    const one = positionOf(models.mode) === 1, e = positionOf(models.eta, 0, data.etas.length);
    const at = one ? e + 1 : 0, { dark } = coloursOf(el);
    const when = words.after.replace("{n}", data.horizons[h]);
    up.textContent = `${surface.up} ${when}`;
    over.textContent = `${surface.up} ${when}`;
    lanes.textContent = `${words.lanes}, ${when}`;
    ticks.replaceChildren(); laneTicks.replaceChildren();
    for (const [unit, text] of surface.ticks) {
      svgPart(ticks, "line", { x1: LEFT, x2: RIGHT, y1: y(1000 * unit), y2: y(1000 * unit), class: "grid" });
      svgPart(ticks, "text", { x: LEFT - 6, y: y(1000 * unit) + 5, "text-anchor": "end", class: "soft" }, text);
      svgPart(laneTicks, "line", { x1: along(1000 * unit), x2: along(1000 * unit), y1: TOP, y2: BASE, class: "grid" });
      svgPart(laneTicks, "text", { x: along(1000 * unit), y: BASE + 19, "text-anchor": "middle", class: "soft" }, text);
    }
    shared.style.display = one ? "" : "none";
    shared.setAttribute("x1", x(e)); shared.setAttribute("x2", x(e));
    drawn.forEach((parts, r) => {
      const [middle, low, high] = entry.curves[r], place = one ? e : entry.own[r], colour = dark ? rules[r].dark : rules[r].colour;
      const curve = middle.map((u, i) => `${i ? "L" : "M"}${x(i).toFixed(1)},${y(u).toFixed(1)}`).join("");
      parts.line.setAttribute("d", curve);
      parts.band.setAttribute("d", high.map((u, i) => `${i ? "L" : "M"}${x(i).toFixed(1)},${y(u).toFixed(1)}`).join("") + low.map((u, i) => `L${x(i).toFixed(1)},${y(u).toFixed(1)}`).reverse().join("") + "Z");
      parts.mark.setAttribute("transform", `translate(${x(place)},${y(middle[place])})`);
      parts.end.setAttribute("transform", `translate(${along(middle[place])},${parts.lane}) scale(1.15)`);
      parts.run.setAttribute("x2", along(middle[place]));
      parts.spread.setAttribute("x", along(high[place])); parts.spread.setAttribute("width", Math.max(0, along(low[place]) - along(high[place])));
      for (const node of [parts.line, parts.run]) node.setAttribute("stroke", colour);
      for (const node of [parts.band, parts.mark, parts.end, parts.spread]) node.setAttribute("fill", colour);
      const leads = entry.first[at].includes(r), alone = entry.first[at].length === 1;
      parts.name.textContent = `${rules[r].label}, η = ${data.etas[place]}`;
      parts.name.setAttribute("class", leads && alone ? "first" : "");
      parts.place.textContent = [middle[place] >= 1000 ? words.off : entry.arrived[r][place] ? words.arrived : "", leads ? words[alone ? "first" : "level"] : ""].filter(Boolean).join(", ");
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

  const later = () => { waiting ||= requestAnimationFrame(draw); };
  svg.setAttribute("aria-label", words.valleys);
  for (const [key, id] of Object.entries(model.get("controls"))) {
    try {
      models[key] = await modelOf(model, id);
      models[key].on("change:index", later);
      heard.push(() => models[key].off("change:index", later));
    } catch (error) { read.textContent = `A control of this figure is missing: ${error}`; }
  }
  model.on("change:data", later);
  const still = whenLooksChange(el, () => { fit(); later(); });
  later(); setTimeout(later, 300); // the sliders' own views may come later than this one
  return () => { for (const off of heard) off(); model.off("change:data", later); still(); clearTimeout(settled); };
}

export default { render };
