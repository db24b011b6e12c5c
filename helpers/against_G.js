// Draws what helpers/against_G.py computed: joins the points, fills the sentences. No formula, no default, no range lives here.

const FONT = "13px system-ui, -apple-system, 'Segoe UI', sans-serif", TALL = 360;
const NARROW = 700, ROW = 19, MOST = 4; // the key stands below, in two columns where there is room, so that it hides no line
const ROOM = [760, 700]; // what the figure takes with its controls
const columnsAt = (width) => (width < NARROW ? 1 : 2);
const heightAt = (width) => TALL + ROW * Math.ceil(MOST / columnsAt(width)) + 10;

const shaded = (look) => ({ ...look, grid: look.dark ? "#3a3a3a" : "#e6e6e6", guide: look.dark ? "#b4b4b4" : "#5c5c5c" });

function say(ctx, text, x, y, colour, look, align = "left") {
  ctx.font = FONT; ctx.textAlign = align; ctx.textBaseline = "middle"; ctx.lineJoin = "round";
  ctx.strokeStyle = look.paper; ctx.lineWidth = 4; ctx.strokeText(text, x, y);
  ctx.fillStyle = colour; ctx.fillText(text, x, y);
}

function line(ctx, points, colour, width, dash = []) {
  ctx.beginPath(); ctx.setLineDash(dash); ctx.strokeStyle = colour; ctx.lineWidth = width; ctx.lineJoin = "round";
  let pen = false;
  for (const p of points) {
    if (!p) { pen = false; continue; }
    if (pen) ctx.lineTo(p[0], p[1]); else ctx.moveTo(p[0], p[1]);
    pen = true;
  }
  ctx.stroke(); ctx.setLineDash([]);
}

// Words at the first of some places (x, y, side) where no line and no other words are, else where the fewest are.
function freely(ctx, text, places, lines, taken, box, colour, look) {
  ctx.font = FONT;
  const w = ctx.measureText(text).width, seen = [];
  for (const line of lines) for (let i = 1; i < line.length; i++) {
    const [a, b] = [line[i - 1], line[i]];
    if (a && b) for (let s = 0, many = Math.ceil(Math.hypot(b[0] - a[0], b[1] - a[1]) / 4) + 1; s <= many; s++) seen.push([a[0] + (b[0] - a[0]) * s / many, a[1] + (b[1] - a[1]) * s / many]);
  }
  let best = null;
  for (const [x, y, side] of places) {
    const left = side > 0 ? x : x - w, spot = { left: left - 3, right: left + w + 3, top: y - 10, bottom: y + 10 };
    const outside = spot.left < box.x || spot.right > box.x + box.w + 20 || spot.top < box.y || spot.bottom > box.y + box.h;
    const over = taken.filter((o) => o.left < spot.right && o.right > spot.left && o.top < spot.bottom && o.bottom > spot.top).length;
    const crossed = seen.filter(([px, py]) => px > spot.left && px < spot.right && py > spot.top && py < spot.bottom).length;
    const cost = crossed + 1000 * (over + outside);
    if (!best || cost < best.cost) best = { ...spot, x, y, side, cost };
  }
  taken.push(best);
  say(ctx, text, best.x, best.y, colour, look, best.side > 0 ? "left" : "right");
}

function draw(ctx, width, d, at, look) {
  const box = { x: 62, y: 46, w: width - 62 - 22, h: TALL - 46 - 48 };
  const X = (u) => box.x + u * box.w, Y = (u) => box.y + (1 - u) * box.h, put = (u, v) => (v === null ? null : [X(u), Y(v)]);
  const here = d.curves[`${at.eps},${+at.inside},${+at.hold}`], other = d.curves[`${at.eps},${+!at.inside},${+at.hold}`];
  const words = d.words, colour = look.dark ? d.dark : d.colour, tone = look.dark ? d.dark : d.ink;
  const slots = { name: here.name, ceiling: here.ceilingText, floor: here.floor };
  const step = width < 620 ? 2 : 1;
  for (const [i, t] of d.xTicks.entries()) {
    line(ctx, [[X(t.u), box.y], [X(t.u), box.y + box.h]], look.grid, 1);
    if (i % step === 0) say(ctx, t.text, X(t.u), box.y + box.h + 14, look.ink, look, "center");
  }
  for (const [i, t] of d.rootTicks.entries()) {
    line(ctx, [[X(t.u), box.y - 4], [X(t.u), box.y]], look.guide, 1);
    if (i % step === 0) say(ctx, t.text, X(t.u), box.y - 13, look.ink, look, "center");
  }
  for (const t of d.yTicks) {
    line(ctx, [[box.x, Y(t.u)], [box.x + box.w, Y(t.u)]], look.grid, 1);
    say(ctx, t.text, box.x - 7, Y(t.u), look.ink, look, "right");
  }
  say(ctx, words.x, X(0.5), box.y + box.h + 34, look.ink, look, "center");
  say(ctx, words.root, X(0.5), 12, look.ink, look, "center");
  say(ctx, words.y, 6, 12, look.ink, look);
  ctx.save();
  ctx.beginPath(); ctx.rect(box.x, box.y, box.w, box.h); ctx.clip();
  if (here.free[0] !== null) line(ctx, [put(d.x[0], here.free[0]), put(d.x.at(-1), here.free[1])], look.guide, 1.4, [2, 3]);
  if (here.ceiling !== null) line(ctx, [put(0, here.ceiling), put(1, here.ceiling)], look.guide, 1.4, [8, 4]);
  if (here.knee !== null) line(ctx, [[X(here.knee), box.y], [X(here.knee), box.y + box.h]], look.guide, 1.4);
  line(ctx, other.y.map((v, k) => put(d.x[k], v)), colour, 1.4, [6, 3]);
  line(ctx, here.y.map((v, k) => put(d.x[k], v)), colour, 3);
  ctx.restore();
  const v = here.y[at.probe], u = d.x[at.probe], lines = [here.y, other.y].map((those) => those.map((y, k) => put(d.x[k], y)));
  if (here.free[0] !== null) lines.push([put(d.x[0], here.free[0]), put(d.x.at(-1), here.free[1])]);
  if (here.ceiling !== null) lines.push([put(0, here.ceiling), put(1, here.ceiling)]);
  lines.push([[X(u), box.y], [X(u), box.y + box.h]]);
  const kneeShown = here.knee !== null && here.knee >= 0 && here.knee <= 1, taken = [];
  if (kneeShown) lines.push([[X(here.knee), box.y], [X(here.knee), box.y + box.h]]);
  if (kneeShown) {
    const foot = box.y + box.h - 12, aside = [[8, foot], [-8, foot], [8, foot - 24], [-8, foot - 24], [8, box.y + 12], [-8, box.y + 12]];
    freely(ctx, filled(words.knee, slots), aside.map(([dx, y]) => [X(here.knee) + dx, y, dx]), lines, taken, box, look.guide, look);
  }
  line(ctx, [[X(u), box.y], [X(u), box.y + box.h]], tone, 1, [1, 4]);
  if (v !== null && v >= 0 && v <= 1) {
    ctx.beginPath(); ctx.arc(X(u), Y(v), 6, 0, 2 * Math.PI); ctx.fillStyle = colour; ctx.fill(); ctx.strokeStyle = look.paper; ctx.lineWidth = 2; ctx.stroke();
    const aside = [16, -16, 30, -30, 48, -48].flatMap((dy) => [[11, dy], [-11, dy]]);
    freely(ctx, here.rate[at.probe], aside.map(([dx, dy]) => [X(u) + dx, Y(v) + dy, dx]), lines, taken, box, tone, look);
  }
  const key = [[`ε ${d.places[+at.inside]}: ${filled(words.where, { divisor: d.divisors[+at.inside] })}`, colour, 3, []]];
  if (d.places[+!at.inside]) key.push([`ε ${d.places[+!at.inside]}`, colour, 1.4, [6, 3]]);
  key.push([words.free, look.guide, 1.4, [2, 3]]);
  if (here.ceiling !== null) key.push([filled(words.ceiling, slots), look.guide, 1.4, [8, 4]]);
  const columns = columnsAt(width);
  key.forEach(([text, c, w, dash], i) => {
    const y = TALL + 8 + ROW * Math.floor(i / columns), left = columns > 1 ? box.x + (i % columns) * (box.w / 2) : 8;
    line(ctx, [[left, y], [left + 32, y]], c, w, dash);
    say(ctx, text, left + 40, y, look.ink, look);
  });
}

export default {
  async render({ model, el }) {
    const canvas = make("canvas"), title = make("div", { className: "title" }), reset = make("button", { type: "button" }), lecture = make("button", { type: "button" });
    const readout = make("p", { className: "readout" }), spoken = make("span", { className: "spoken" });
    canvas.setAttribute("role", "img");
    title.setAttribute("role", "heading"); title.setAttribute("aria-level", "3");
    spoken.setAttribute("aria-live", "polite");
    readout.setAttribute("aria-hidden", "true"); // the same words are spoken when the hand rests
    const root = make("div", { className: "against-G-view" }, title, canvas, readout, make("div", {}, reset, lecture), spoken);
    ownKeys(root);
    el.append(root);

    const models = {}, stops = [];
    let alive = true, frame = 0, rest = 0;
    const listen = (target, event, act) => { target.on(event, act); stops.push(() => target.off(event, act)); };
    const ask = () => { if (!frame && alive) frame = requestAnimationFrame(() => { frame = 0; paint(); }); };
    const first = () => model.get("first");
    const begins = (name) => !!first()[name];
    const many = () => model.get("data").eps.length;

    function place() {
      const f = first(), startsAtZero = f.eps === many() - 1;
      const zero = models.zero ? isOn(models.zero, startsAtZero) : startsAtZero;
      const box = (name) => (models[name] ? isOn(models[name], begins(name)) : begins(name));
      const place = (name, count) => (models[name] ? positionOf(models[name], f[name], count) : f[name]);
      return {
        eps: zero ? many() - 1 : place("eps", many() - 1), probe: place("G", model.get("data").G.length),
        inside: box("inside"), hold: box("hold"),
      };
    }

    function sentence(d, at) {
      const here = d.curves[`${at.eps},${+at.inside},${+at.hold}`], k = at.probe, found = here.case[k];
      const slots = { eps: d.eps[at.eps], place: d.places[+at.inside], eta: here.eta, root: d.root[k], G: d.G[k], floor: here.floor, rate: here.rate[k], ceiling: here.ceilingText, name: here.name };
      const lead = at.hold ? d.words.held : d.words.lead;
      let said = filled(found < 3 ? lead : d.words.zero, slots) + filled(d.words.cases[found], slots);
      if (found < 3) said += filled(d.words.compared, { place: d.places[+!at.inside], other: d.curves[`${at.eps},${+!at.inside},${+at.hold}`].rate[k], times: here.times[k] });
      return said.trim();
    }

    function paint() {
      const d = model.get("data"), width = root.clientWidth - 8;
      if (!alive || !d.curves || width < 40) return;
      const tall = heightAt(width), at = place(), look = shaded(coloursOf(root)), dots = dotsOf(canvas), ctx = canvas.getContext("2d");
      if (canvas.width !== Math.round(width * dots) || canvas.height !== Math.round(tall * dots)) {
        canvas.width = Math.round(width * dots); canvas.height = Math.round(tall * dots);
        canvas.style.width = `${width}px`; canvas.style.height = `${tall}px`;
      }
      ctx.setTransform(dots, 0, 0, dots, 0, 0);
      ctx.clearRect(0, 0, width, tall);
      draw(ctx, width, d, at, look);
      const said = sentence(d, at) + silenceOf(Object.values(models));
      const f = first(), began = at.eps === f.eps && at.probe === f.G && at.inside === begins("inside") && at.hold === begins("hold");
      title.textContent = began ? model.get("title") : d.words.title; readout.textContent = said; reset.textContent = d.words.reset;
      clearTimeout(rest);
      rest = setTimeout(() => { canvas.setAttribute("aria-label", said); if (spoken.textContent !== said) spoken.textContent = said; }, 350);
      if (!canvas.hasAttribute("aria-label")) canvas.setAttribute("aria-label", said);
      name(d, at);
    }

    // the sliders around the picture: name and value as words, and no key of theirs for the notebook
    function name(d, at) {
      const around = el.closest(".against-G");
      if (!around) return;
      if (!around.dataset.named) {
        around.dataset.named = "true"; around.dataset.lmSuppressShortcuts = "true";
        around.addEventListener("keydown", (event) => event.stopPropagation());
      }
      const told = { eps: [at.eps, many() - 1, `ε = ${d.eps[at.eps]}`], G: [at.probe, d.G.length, `√G = ${d.root[at.probe]}`] };
      for (const [key, [index, count, text]] of Object.entries(told)) {
        const label = models[key]?.get("_options_labels")?.[positionOf(models[key])], name = models[key]?.get("description") ?? key;
        nameHandles(around.querySelector(`.against-G-${key}`), { name, value: text, index, count, label });
      }
    }

    const set = (key, trait, value) => { if (models[key] && models[key].get(trait) !== value) { models[key].set(trait, value); models[key].save_changes(); } };
    reset.addEventListener("click", () => {
      const f = first();
      if (f.eps < many() - 1) set("eps", "index", f.eps);
      set("zero", "value", f.eps === many() - 1); set("G", "index", f.G);
      set("inside", "value", begins("inside")); set("hold", "value", begins("hold"));
      ask();
    });

    listen(model, "change:data", ask);
    listen(model, "change:title", ask);
    const still = whenLooksChange(root, ask), alone = offerLecture(el, ".against-G", lecture, ROOM);
    ask();
    for (const [key, id] of Object.entries(model.get("controls"))) {
      try {
        models[key] = await modelOf(model, id);
      } catch { continue; } // the picture stands without it
      if (!alive) break;
      if (key === "eps") {
        let stood = wholePosition(models.eps.get("index"));
        listen(models.eps, "change:index", () => { // who moves ε leaves zero; a fraction beside it moves nothing
          const now = wholePosition(models.eps.get("index")) ?? stood;
          if (stood !== null && now !== stood) set("zero", "value", false);
          stood = now; ask(); setTimeout(ask, 60);
        });
      }
      else if (key === "G") listen(models.G, "change:index", () => { ask(); setTimeout(ask, 60); });
      else listen(models[key], "change:value", ask);
    }
    const rested = setTimeout(ask, 300); // the sliders' own views may come later than this one
    ask();

    return () => {
      alive = false;
      stops.forEach((off) => off());
      still(); alone();
      cancelAnimationFrame(frame); clearTimeout(rest); clearTimeout(rested);
      root.remove();
    };
  },
};
