// Bars that Python computed for every position of the sliders; this picks the ones that the sliders point at.

const HIGH = 300, LEFT = 54, TOP = 14, BASE = 250;

async function render({ model, el }) {
  const data = model.get("data"), { words } = data, many = data.bars[0][0].length;
  el.classList.add("memory-bars-view");
  const svg = svgPart(el, "svg", { role: "img" });
  const read = el.appendChild(document.createElement("p")), spoken = el.appendChild(document.createElement("div"));
  read.className = "memory-bars-read"; read.textContent = words.waiting;
  spoken.className = "memory-bars-spoken"; spoken.setAttribute("aria-live", "polite");
  const y = (v) => BASE - v * (BASE - TOP);
  let wide = 0, x, bars, marks;

  // Drawn for the width that there is, so that words keep their size on a phone.
  function lay() {
    const step = (wide - LEFT - 10) / many;
    x = (k) => LEFT + k * step;
    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${wide} ${HIGH}`);
    bars = Array.from({ length: many }, (_, k) => svgPart(svg, "rect", { x: x(k + 0.1), width: 0.8 * step }));
    svgPart(svg, "line", { x1: LEFT, x2: wide - 10, y1: BASE, y2: BASE, class: "axis" });
    svgPart(svg, "line", { x1: LEFT, x2: LEFT, y1: BASE, y2: TOP, class: "axis" });
    for (const v of [0, 0.5, 1]) svgPart(svg, "text", { x: LEFT - 8, y: y(v) + 5, "text-anchor": "end" }, String(v));
    for (let k = 0; k < many; k += 10) svgPart(svg, "text", { x: x(k + 0.5), y: BASE + 19, "text-anchor": "middle" }, String(k));
    svgPart(svg, "text", { x: (LEFT + wide) / 2, y: BASE + 40, "text-anchor": "middle" }, words.across);
    svgPart(svg, "text", { x: -(TOP + BASE) / 2, y: 14, transform: "rotate(-90)", "text-anchor": "middle" }, words.up);
    marks = Object.fromEntries([["half", 30], ["memory", 60]].map(([name, at]) => [name, { line: svgPart(svg, "line", { y1: TOP, y2: BASE, class: `mark ${name}` }), text: svgPart(svg, "text", { y: at }) }]));
  }

  const models = {}, heard = [];
  let settled = 0, waiting = 0;

  function draw() {
    waiting = 0;
    const room = Math.round(el.clientWidth);
    if (!models.beta || !models.last || !models.kind || !room) return;
    if (room !== wide) { wide = room; lay(); }
    const b = positionOf(models.beta, 0, data.bars.length), n = positionOf(models.last, 0, data.last.length);
    const k = positionOf(models.kind, 0, data.texts.length);
    bars.forEach((bar, i) => {
      const v = data.bars[b][k][i];
      bar.setAttribute("y", y(v)); bar.setAttribute("height", Math.max(0, BASE - y(v))); bar.setAttribute("class", i < data.last[n] ? "in" : "out");
    });
    for (const [name, mark] of Object.entries(marks)) {
      const at = data[name][b], inside = at < many, px = Math.min(x(at + data.shift[name]), wide - 12);
      mark.line.style.display = inside ? "" : "none";
      mark.line.setAttribute("x1", px); mark.line.setAttribute("x2", px);
      mark.text.textContent = `${name === "memory" ? data.memoryNames[k] : words[name]} ${+at.toPrecision(3)}${inside ? "" : ` →${wide > 560 ? ` ${words.beyond}` : ""}`}`;
      const right = inside && px < wide - 150;
      mark.text.setAttribute("x", right ? px + 6 : px - 6); mark.text.setAttribute("text-anchor", right ? "start" : "end");
    }
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

  const later = () => { waiting ||= requestAnimationFrame(draw); };
  svg.setAttribute("aria-label", words.across);
  for (const [key, id] of Object.entries(model.get("controls"))) {
    try {
      models[key] = await modelOf(model, id);
      models[key].on("change:index", later);
      heard.push(() => models[key].off("change:index", later));
    } catch (error) { read.textContent = `A control of this figure is missing: ${error}`; }
  }
  const still = whenLooksChange(el, later);
  return () => { still(); for (const off of heard) off(); clearTimeout(settled); };
}

export default { render };
