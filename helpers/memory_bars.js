// Bars that Python computed for every position of the sliders; this picks the ones that the sliders point at.

const HIGH = 330, LEFT = 70, TOP = 48, BASE = 280; // above the bars stand the names of the two marks
const ROWS = [14, 34], TEXT = 150;
const ROOM = [760, 560]; // what it takes with its controls

async function render({ model, el }) {
  const data = model.get("data"), { words } = data, many = data.bars[0][0].length;
  el.classList.add("memory-bars-view");
  const svg = svgPart(el, "svg", { role: "img" });
  const read = el.appendChild(document.createElement("p")), spoken = el.appendChild(document.createElement("div"));
  read.className = "memory-bars-read"; read.textContent = words.waiting;
  const [reset, lecture] = [words.reset, ""].map((textContent) => make("button", { type: "button", className: "memory-bars-reset", textContent }));
  el.insertBefore(make("div", {}, reset, lecture), spoken);
  reset.dataset.lmSuppressShortcuts = "true";
  spoken.className = "memory-bars-spoken"; spoken.setAttribute("aria-live", "polite");
  const y = (v) => BASE - v * (BASE - TOP);
  let wide = 0, x, bars, marks, levels, ghosts;

  // Drawn for the width that there is, so that words keep their size on a phone.
  function lay() {
    const step = (wide - LEFT - 10) / many;
    x = (k) => LEFT + k * step;
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${wide} ${HIGH}`);
    bars = Array.from({ length: many }, (_, k) => svgPart(svg, "rect", { x: x(k + 0.1), width: 0.8 * step }));
    svgPart(svg, "line", { x1: LEFT, x2: wide - 10, y1: BASE, y2: BASE, class: "axis" });
    svgPart(svg, "line", { x1: LEFT, x2: LEFT, y1: BASE, y2: TOP, class: "axis" });
    levels = [0, 0.5, 1].map((v) => svgPart(svg, "text", { x: LEFT - 8, y: y(v) + 5, "text-anchor": "end" }, "0"));
    ghosts = Array.from({ length: many }, (_, k) => svgPart(svg, "rect", { x: x(k + 0.1), width: 0.8 * step, class: "ghost" }));
    for (let k = 0; k < many; k += 10) svgPart(svg, "text", { x: x(k + 0.5), y: BASE + 19, "text-anchor": "middle" }, String(k));
    svgPart(svg, "text", { x: (LEFT + wide) / 2, y: BASE + 40, "text-anchor": "middle" }, words.across);
    svgPart(svg, "text", { x: -(TOP + BASE) / 2, y: 14, transform: "rotate(-90)", "text-anchor": "middle" }, words.up);
    marks = Object.fromEntries(["half", "memory"].map((name) => [name, { line: svgPart(svg, "line", { y2: BASE, class: `mark ${name}` }), text: svgPart(svg, "text", {}) }]));
  }

  // The names of the marks stand in two rows: the lower line ends below the upper name, and no name reaches the other's line.
  function mark(b, k) {
    const placed = Object.entries(marks).map(([name, its]) => ({ name, its, at: data[name][b], px: Math.min(x(data[name][b] + data.shift), wide - 12) }));
    const turned = placed[1].at < many && placed[1].px > wide - TEXT; // no room at the right of the second one
    placed.forEach(({ name, its, at, px }, i) => {
      const inside = at < many, row = turned ? 1 - i : i, right = inside && !turned;
      its.line.style.display = inside ? "" : "none";
      for (const [key, value] of Object.entries({ x1: px, x2: px, y1: ROWS[row] - 10 })) its.line.setAttribute(key, value);
      const beyond = inside ? "" : ` →${wide > 560 ? ` ${words.beyond}` : ""}`;
      write(its.text, `${name === "memory" ? data.memoryNames[k] : words[name]} ${+at.toPrecision(3)}${beyond}`);
      for (const [key, value] of Object.entries({ x: right ? px + 6 : px - 6, y: ROWS[row], "text-anchor": right ? "start" : "end" })) its.text.setAttribute(key, value);
    });
  }

  const models = {}, heard = [];
  let settled = 0, waiting = 0;

  function draw() {
    waiting = 0;
    const room = Math.round(el.clientWidth);
    if (!models.beta || !models.last || !models.kind || !room) return;
    if (room !== wide) { wide = room; lay(); }
    el.style.setProperty("--paper", coloursOf(el).paper); // behind words that stand on bars
    const b = positionOf(models.beta, 0, data.bars.length), n = positionOf(models.last, 0, data.last.length);
    const k = positionOf(models.kind, 0, data.texts.length);
    bars.forEach((bar, i) => {
      const v = data.bars[b][k][i];
      bar.setAttribute("y", y(v)); bar.setAttribute("height", Math.max(0, BASE - y(v))); bar.setAttribute("class", i < data.last[n] ? "in" : "out");
    });
    ghosts.forEach((bar, i) => { // in the sum: the same steps in the average, on the same axis
      const v = k ? data.bars[b][0][i] * data.ghost[b] : 0;
      bar.setAttribute("y", y(v)); bar.setAttribute("height", Math.max(0, BASE - y(v))); bar.style.display = k ? "" : "none";
    });
    ["0", data.middles[b][k], data.firsts[b][k]].forEach((text, i) => write(levels[i], text));
    mark(b, k);
    const text = data.texts[k][b][n] + silenceOf(Object.values(models));
    if (text !== read.textContent) {
      read.textContent = text;
      clearTimeout(settled);
      settled = setTimeout(() => { svg.setAttribute("aria-label", text); spoken.textContent = text; }, 500);
    }
    name();
  }

  function name() {
    const rows = el.closest(".memory-bars")?.querySelectorAll(".memory-bars-controls > *"), keys = Object.keys(models);
    for (const [key, title] of Object.entries(data.names)) if (models[key]) nameSlider(rows?.[keys.indexOf(key)], models[key], title);
  }

  reset.addEventListener("click", () => {
    for (const [key, place] of Object.entries(data.begin)) if (models[key]) { models[key].set("index", place); models[key].save_changes(); }
  });
  const later = () => { waiting ||= requestAnimationFrame(draw); };
  svg.setAttribute("aria-label", words.across);
  for (const [key, id] of Object.entries(model.get("controls"))) {
    try {
      models[key] = await modelOf(model, id);
      models[key].on("change:index", later);
      heard.push(() => models[key].off("change:index", later));
    } catch (error) { read.textContent = `A control of this figure is missing: ${error}`; }
  }
  const still = whenLooksChange(el, later), alone = offerLecture(el, ".memory-bars", lecture, ROOM);
  return () => { still(); alone(); for (const off of heard) off(); clearTimeout(settled); };
}

export default { render };
