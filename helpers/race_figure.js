// Curves and lanes that Python computed for every surface, horizon and η; this picks the ones that the controls point at.

const SVG = "http://www.w3.org/2000/svg", WIDE = 1000, HIGH = 400, TOP = 30, BASE = 340, LEFT = 70, RIGHT = 560, FROM = 620, TO = 965;

function put(parent, tag, attributes, words) {
  const node = parent.appendChild(document.createElementNS(SVG, tag));
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (words !== undefined) node.textContent = words;
  return node;
}

// Is the page behind the figure dark?
function isDark(node) {
  const said = document.body.dataset.jpThemeLight;
  if (said !== undefined) return said === "false";
  const [r, g, b] = (getComputedStyle(node).color.match(/\d+/g) ?? [0, 0, 0]).map(Number);
  return r + g + b > 380; // the text is bright
}

async function render({ model, el }) {
  const first = model.get("data"), { words, rules } = first;
  el.classList.add("fair-race-view");
  const head = el.appendChild(document.createElement("p"));
  head.className = "fair-race-title"; head.textContent = first.title;
  const svg = put(el, "svg", { viewBox: `0 0 ${WIDE} ${HIGH}`, role: "img" });
  const read = el.appendChild(document.createElement("p")), spoken = el.appendChild(document.createElement("div"));
  read.className = "fair-race-read"; read.textContent = words.waiting;
  spoken.className = "fair-race-spoken"; spoken.setAttribute("aria-live", "polite");

  const x = (i) => LEFT + first.across[i] * (RIGHT - LEFT), y = (u) => BASE - u / 1000 * (BASE - TOP), along = (u) => TO - u / 1000 * (TO - FROM);
  put(svg, "text", { x: LEFT, y: 16, class: "soft" }, words.valleys);
  for (const [at, text] of first.decades) {
    put(svg, "line", { x1: LEFT + at * (RIGHT - LEFT), x2: LEFT + at * (RIGHT - LEFT), y1: TOP, y2: BASE, class: "grid" });
    put(svg, "text", { x: LEFT + at * (RIGHT - LEFT), y: BASE + 19, "text-anchor": "middle", class: "soft" }, text);
  }
  put(svg, "text", { x: (LEFT + RIGHT) / 2, y: BASE + 42, "text-anchor": "middle" }, words.eta);
  const ticks = put(svg, "g", {}), up = put(svg, "text", { x: -(TOP + BASE) / 2, y: 14, transform: "rotate(-90)", "text-anchor": "middle" });
  const right = put(svg, "g", {}), laneTicks = put(right, "g", {}); // on a narrow page it stands below
  const over = put(right, "text", { x: (FROM + TO) / 2, y: BASE + 42, "text-anchor": "middle" }), lanes = put(right, "text", { x: FROM, y: 16, class: "soft" });
  put(svg, "line", { x1: LEFT, x2: RIGHT, y1: BASE, y2: BASE, class: "axis" });
  put(svg, "line", { x1: LEFT, x2: LEFT, y1: BASE, y2: TOP, class: "axis" });
  const shared = put(svg, "line", { y1: TOP, y2: BASE, class: "shared" });
  const drawn = rules.map((rule, r) => {
    const lane = TOP + 42 + r * (BASE - TOP - 30) / rules.length, dash = rule.dash ? { "stroke-dasharray": rule.dash } : {};
    return {
      lane, band: put(svg, "path", { "fill-opacity": 0.16 }), line: put(svg, "path", { fill: "none", "stroke-width": 2, ...dash }), mark: put(svg, "path", { d: rule.marker }),
      track: put(right, "line", { x1: FROM, x2: TO, y1: lane, y2: lane, class: "grid" }), spread: put(right, "rect", { y: lane - 5, height: 10, "fill-opacity": 0.35 }),
      run: put(right, "line", { x1: FROM, y1: lane, y2: lane, "stroke-width": 2, ...dash }), end: put(right, "path", { d: rule.marker }),
      name: put(right, "text", { x: FROM, y: lane - 14 }), place: put(right, "text", { x: TO, y: lane - 14, "text-anchor": "end", class: "soft" }),
    };
  });
  const fit = () => {
    const narrow = el.clientWidth > 0 && el.clientWidth < 560;
    svg.setAttribute("viewBox", narrow ? `0 0 ${RIGHT + 20} ${2 * HIGH}` : `0 0 ${WIDE} ${HIGH}`);
    right.setAttribute("transform", narrow ? `translate(${LEFT - FROM + 40},${HIGH})` : "");
  };
  const size = new ResizeObserver(fit);
  size.observe(el);
  const models = {}, heard = [];
  let settled = 0, waiting = 0;

  function draw() {
    waiting = 0;
    const data = model.get("data");
    head.textContent = data.title;
    if (!models.horizon || !models.mode || !models.eta) return;
    const surface = data.surfaces[models.surface ? models.surface.get("index") : 0], h = models.horizon.get("index"), entry = surface.horizons[h];
    const one = models.mode.get("index") === 1, e = models.eta.get("index"), at = one ? e + 1 : 0, dark = isDark(el);
    const when = words.after.replace("{n}", data.horizons[h]);
    up.textContent = `${surface.up} ${when}`;
    over.textContent = `${surface.up} ${when}`;
    lanes.textContent = `${words.lanes}, ${when}`;
    ticks.replaceChildren(); laneTicks.replaceChildren();
    for (const [unit, text] of surface.ticks) {
      put(ticks, "line", { x1: LEFT, x2: RIGHT, y1: y(1000 * unit), y2: y(1000 * unit), class: "grid" });
      put(ticks, "text", { x: LEFT - 6, y: y(1000 * unit) + 5, "text-anchor": "end", class: "soft" }, text);
      put(laneTicks, "line", { x1: along(1000 * unit), x2: along(1000 * unit), y1: TOP, y2: BASE, class: "grid" });
      put(laneTicks, "text", { x: along(1000 * unit), y: BASE + 19, "text-anchor": "middle", class: "soft" }, text);
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
    const text = entry.texts[at];
    if (text !== read.textContent) {
      read.textContent = text;
      clearTimeout(settled);
      settled = setTimeout(() => { svg.setAttribute("aria-label", text); spoken.textContent = text; }, 500);
    }
    name();
  }

  // ipywidgets gives its handles a number or nothing: name them, and say the value as the label does.
  function name() {
    const root = el.closest(".fair-race");
    for (const key of ["horizon", "eta"]) {
      const row = root?.querySelectorAll(".fair-race-controls > *")[Object.keys(models).indexOf(key)], control = models[key], labels = control.get("_options_labels");
      for (const handle of row?.querySelectorAll(".noUi-handle, .ui-slider-handle") ?? []) {
        handle.setAttribute("role", "slider"); handle.setAttribute("aria-label", control.get("description"));
        handle.setAttribute("aria-valuetext", labels[control.get("index")]);
        handle.setAttribute("aria-valuemin", "0"); handle.setAttribute("aria-valuemax", String(labels.length - 1)); handle.setAttribute("aria-valuenow", String(control.get("index")));
      }
    }
  }

  const later = () => { waiting ||= requestAnimationFrame(draw); };
  svg.setAttribute("aria-label", words.valleys);
  for (const [key, id] of Object.entries(model.get("controls"))) {
    try {
      models[key] = await model.widget_manager.get_model(String(id).replace("IPY_MODEL_", ""));
      models[key].on("change:index", later);
      heard.push(() => models[key].off("change:index", later));
    } catch (error) { read.textContent = `A control of this figure is missing: ${error}`; }
  }
  model.on("change:data", later);
  const theme = new MutationObserver(() => { later(); setTimeout(later, 250); }), bright = matchMedia("(prefers-color-scheme: dark)");
  for (const node of [document.documentElement, document.body]) theme.observe(node, { attributes: true, attributeFilter: ["class", "style", "data-jp-theme-light", "data-jp-theme-name", "theme"] });
  bright.addEventListener("change", later);
  later(); setTimeout(later, 300); // the sliders' own views may come later than this one
  return () => { for (const off of heard) off(); model.off("change:data", later); theme.disconnect(); size.disconnect(); bright.removeEventListener("change", later); clearTimeout(settled); };
}

export default { render };
