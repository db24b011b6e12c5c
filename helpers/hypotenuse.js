// Draws what helpers/hypotenuse.py computed: joins the points, fills the sentences. No formula, no default, no range lives here.

const INSETS = [1, 0.85, 0.7]; // shares of its full size that an inset may have
const HALO = 4, SMALL = "13px", FONT = "system-ui, -apple-system, 'Segoe UI', sans-serif";

const ROOM = [900, 860]; // what two panels take with their controls

// drawing: one panel a rule

function layout(width, panels, header) {
  const side = panels > 1 && width >= 640, beside = panels === 1 && width >= 560;
  const column = side ? (width - 24) / panels : width;
  const box = beside ? Math.min(420, width * 0.5) : Math.min(side ? 360 : 320, column), top = header(column);
  const strip = beside ? { x: box + 40, y: top + 40, w: Math.min(width - box - 52, 560), h: box - 60 } : { x: 0, y: top + box + 6, w: column, h: 146 };
  const tall = top + box + (beside ? 8 : 154);
  const place = (i) => (side ? { x: i * (column + 24), y: 0 } : { x: 0, y: i * (tall + 18) });
  const frames = [...Array(panels).keys()].map((i) => ({ ...place(i), w: column, box, top, strip, beside }));
  return { frames, height: side || beside ? tall : panels * (tall + 18) };
}

function say(ctx, text, x, y, colour, look, align = "left", font = `${SMALL} ${FONT}`) {
  ctx.font = font; ctx.textAlign = align; ctx.textBaseline = "middle"; ctx.lineJoin = "round";
  ctx.strokeStyle = look.paper; ctx.lineWidth = HALO; ctx.strokeText(text, x, y);
  ctx.fillStyle = colour; ctx.fillText(text, x, y);
}

function lines(ctx, text, width, font) {
  ctx.font = font;
  const told = [""];
  for (const word of text.split(" ")) {
    const longer = told.at(-1) ? told.at(-1) + " " + word : word;
    if (told.at(-1) && ctx.measureText(longer).width > width) told.push(word); else told[told.length - 1] = longer;
  }
  return told;
}

function path(ctx, points, { stroke, fill: inside, width = 1, alpha = 1, dash = [] }) {
  ctx.globalAlpha = alpha; ctx.beginPath(); ctx.setLineDash(dash);
  points.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  if (inside) { ctx.closePath(); ctx.fillStyle = inside; ctx.fill(); }
  if (stroke) { ctx.strokeStyle = stroke; ctx.lineWidth = width; ctx.lineCap = "round"; ctx.lineJoin = "round"; ctx.stroke(); }
  ctx.globalAlpha = 1; ctx.setLineDash([]);
}

const between = (a, b, s) => [a[0] + (b[0] - a[0]) * s, a[1] + (b[1] - a[1]) * s];
const length = (a, b) => Math.hypot(b[0] - a[0], b[1] - a[1]);

// `grown`: how much of leg t is laid while it is played (1: all of it). First the old side shrinks, then the leg is drawn.
function spiral(ctx, frame, rule, at, t, grown, data, look) {
  const colour = look.dark ? rule.dark : rule.line, inner = frame.box - 70, mx = frame.beside ? frame.box / 2 : frame.w / 2, my = frame.top + frame.box / 2 - 6;
  const close = t ? at.close[t - 1] : null;
  const { times, centre, ruler } = close ?? { times: 1, centre: at.centre, ruler: at.ruler };
  const O = [mx + centre[0] * inner, my - centre[1] * inner];
  const put = (x, y) => [O[0] + x * inner * times, O[1] - y * inner * times];
  const corner = at.points.map((p) => put(p[0], p[1])), tip = at.points.map((p) => put(p[2], p[3]));
  const area = { left: Math.max(0, mx - frame.box / 2 - 30), right: Math.min(frame.beside ? frame.box + 20 : frame.w, mx + frame.box / 2 + 30), top: frame.top + 4, bottom: frame.top + frame.box - 24 };
  for (let k = t; k < tip.length && !close; k++) path(ctx, [corner[k], tip[k]], { stroke: look.ink, width: 1, alpha: 0.25 });
  const faint = t ? at.since[t - 1] : 0;
  for (let k = 0; k < t - 1; k++) {
    const old = k < faint;
    path(ctx, [O, corner[k], tip[k]], { fill: colour, alpha: old ? 0.03 : 0.12 });
    path(ctx, [O, tip[k]], { stroke: colour, width: 1, alpha: old ? 0.25 : 0.8 });
    path(ctx, [corner[k], tip[k]], { stroke: look.ink, width: 1.6, alpha: old ? 0.3 : 0.9 });
  }
  const ruled = ruler.length * inner, left = mx - inner / 2 - 14, base = frame.top + frame.box - 10;
  path(ctx, [[left, base - 4], [left, base], [left + ruled, base], [left + ruled, base - 4]], { stroke: look.ink, width: 1.3, alpha: 0.8 });
  say(ctx, ruler.text, left + ruled + 7, base - 1, look.ink, look);
  if (t) {
    const k = t - 1, from = k ? tip[k - 1] : O, shrink = rule.shrinks ? Math.min(1, grown / 0.4) : 1, laid = rule.shrinks ? Math.max(0, (grown - 0.4) / 0.6) : grown;
    const C = between(from, corner[k], shrink), T = between(C, tip[k], laid), whole = Math.max(length(O, from), length(O, corner[k]), length(O, tip[k]));
    const small = whole < Math.min(64, inner * 0.22) && whole > 1e-6;
    triangle(ctx, [O, from, C, T], rule, at, k, !small && grown >= 1, area, look);
    const seen = close ? tip.slice(0, t) : tip;
    if (small) enlarge(ctx, [O, from, C, T], whole, seen, corner, rule, at, k, grown, area, data, look);
  }
  ctx.beginPath(); ctx.fillStyle = look.ink; ctx.arc(...O, 3, 0, 7); ctx.fill();
}

// The triangle of the leg that is being laid, with its numbers.
function triangle(ctx, [O, from, C, T], rule, at, k, told, area, look) {
  const colour = look.dark ? rule.dark : rule.line, reach = length(O, T), leg = length(C, T), side = length(O, C);
  path(ctx, [O, C, T], { fill: colour, alpha: 0.35 });
  if (length(from, C) > 3) path(ctx, [O, from], { stroke: colour, width: 1.6, alpha: 0.9, dash: [4, 4] });
  path(ctx, [O, C], { stroke: colour, width: 2 });
  path(ctx, [O, T], { stroke: colour, width: 3.4 });
  path(ctx, [C, T], { stroke: look.ink, width: 3.4 });
  const u = side > 1 ? [(O[0] - C[0]) / side, (O[1] - C[1]) / side] : null, v = leg > 1 ? [(T[0] - C[0]) / leg, (T[1] - C[1]) / leg] : null;
  if (u && v && leg > 16 && side > 16) {
    const s = 8;
    path(ctx, [[C[0] + u[0] * s, C[1] + u[1] * s], [C[0] + (u[0] + v[0]) * s, C[1] + (u[1] + v[1]) * s], [C[0] + v[0] * s, C[1] + v[1] * s]], { stroke: look.ink, width: 1.2 });
  }
  if (u && reach > 44 && leg > 10 && side > 24) { // the angle whose sine is the step
    ctx.beginPath(); ctx.strokeStyle = look.ink; ctx.lineWidth = 2.2;
    ctx.arc(O[0], O[1], Math.min(26, side * 0.6), Math.atan2(C[1] - O[1], C[0] - O[0]), Math.atan2(T[1] - O[1], T[0] - O[0]), true);
    ctx.stroke();
  }
  if (!told) return;
  const taken = [], away = u ? [-u[0], -u[1]] : [0, 1], ahead = reach > 1 ? [(T[1] - O[1]) / reach, (O[0] - T[0]) / reach] : [1, 0];
  const place = (text, [x, y], [dx, dy], font) => { // beside its line, inside the area, never on the other label
    ctx.font = font;
    const w = ctx.measureText(text).width;
    let first;
    for (const [tx, ty] of [[dx, dy], [dx, dy + 0.8], [dx, dy - 0.8], [dx + 0.8, dy], [dx - 0.8, dy], [0, 1], [0, -1]]) for (const r of [5, 14, 26]) {
      const size = Math.hypot(tx, ty) || 1, ux = tx / size, uy = ty / size;
      const far = r + (w / 2) * Math.abs(ux) + 9 * Math.abs(uy); // so far from a line along its normal, a text of this size does not touch it
      const wish = { x: x + ux * far, y: y + uy * far };
      const spot = { x: Math.max(area.left + w / 2, Math.min(area.right - w / 2, wish.x)), y: Math.max(area.top + 8, Math.min(area.bottom - 8, wish.y)), w };
      first = first || spot;
      const room = Math.abs(spot.x - wish.x) < 1 && Math.abs(spot.y - wish.y) < 1 && !taken.some((o) => Math.abs(o.x - spot.x) < (o.w + w) / 2 + 6 && Math.abs(o.y - spot.y) < 18);
      if (room) { taken.push(spot); return spot; }
    }
    return first;
  };
  const label = (text, point, direction, tone, font) => { const spot = place(text, point, direction, font); say(ctx, text, spot.x, spot.y, tone, look, "center", font); };
  label(filled(rule.root, { root: at.root[k] }), between(O, T, 0.5), ahead, look.dark ? rule.dark : rule.colour, `600 14px ${FONT}`);
  if (leg > 1) label(filled(rule.leg, { leg: at.leg[k] }), between(C, T, 0.5), away, look.ink, `14px ${FONT}`);
}

// Where an inset covers the least of what is drawn: in a corner, and smaller where that leaves more free.
function emptiest(O, whole, tip, corner, k, area) {
  let best = null;
  for (const share of INSETS) {
    const w = Math.min(210, (area.right - area.left) * 0.72) * share, h = 150 * share;
    const times = Math.max(2, Math.floor((88 * share) / whole)), right = area.right - w, low = area.bottom - h;
    const corners = [[right, low], [area.left, area.top], [right, area.top], [area.left, low]];
    for (const [x, y] of corners) {
      const covers = ([px, py]) => px > x - 6 && px < x + w + 6 && py > y - 6 && py < y + h + 6;
      const along = (a, b) => [...Array(41).keys()].filter((s) => covers(between(a, b, s / 40))).length;
      const busy = tip.reduce((sum, T, i) => sum + (along(corner[i], T) + along(O, T)) * (i === k ? 9 : 1), 0);
      if (!best || busy < best.busy) best = { x, y, w, h, times, busy };
    }
    if (best.busy === 0) break;
  }
  return best;
}

// A triangle too small to read is drawn once more, larger, in the emptiest corner.
function enlarge(ctx, points, whole, tip, corner, rule, at, k, grown, area, data, look) {
  const { x, y, w, h, times } = emptiest(points[0], whole, tip, corner, k, area), [O] = points;
  const xs = points.map((p) => (p[0] - O[0]) * times), ys = points.map((p) => (p[1] - O[1]) * times);
  const dx = x + w / 2 - (Math.min(...xs) + Math.max(...xs)) / 2, dy = y + h / 2 + 8 - (Math.min(...ys) + Math.max(...ys)) / 2;
  ctx.globalAlpha = 0.94; ctx.fillStyle = look.paper; ctx.fillRect(x, y, w, h); ctx.globalAlpha = 1;
  path(ctx, [[x, y], [x + w, y], [x + w, y + h], [x, y + h], [x, y]], { stroke: look.ink, width: 1, alpha: 0.45 });
  say(ctx, filled(data.words.enlarged, { times }), x + 8, y + 12, look.ink, look, "left", `12px ${FONT}`);
  triangle(ctx, points.map((_, i) => [xs[i] + dx, ys[i] + dy]), rule, at, k, grown >= 1, { left: x + 4, right: x + w - 4, top: y + 22, bottom: y + h - 2 }, look);
}

function bars(ctx, frame, rule, at, t, data, look) {
  const colour = look.dark ? rule.dark : rule.line, { x, y, w, h } = frame.strip, n = at.bars.length, top = y + 36, base = y + h - 4, high = base - top;
  const tall = (s) => base - (s / data.top) * high, slot = Math.min((w - 34) / n, 46), thick = Math.max(1.5, slot * 0.66);
  let free = x; // where the next number of a cut bar finds room
  say(ctx, data.words.strip, x, y + 8, look.ink, look);
  path(ctx, [[x, base], [x + w - 34, base]], { stroke: look.ink, width: 1, alpha: 0.6 });
  at.bars.forEach((s, k) => {
    const bx = x + k * slot + (slot - thick) / 2, now = k === t - 1;
    if (s === null) return say(ctx, data.words.undefined, bx + thick / 2, base - 9, look.ink, look, "center");
    const cut = s > data.top, up = tall(Math.min(s, data.top));
    ctx.globalAlpha = k < t ? (now ? 1 : 0.55) : 0.15; ctx.fillStyle = colour; ctx.fillRect(bx, up, thick, base - up); ctx.globalAlpha = 1;
    if (now) { ctx.strokeStyle = look.ink; ctx.lineWidth = 1.5; ctx.strokeRect(bx, up, thick, base - up); }
    if (!cut) return;
    path(ctx, [[bx - 1, up + 9], [bx + thick + 1, up + 5]], { stroke: look.paper, width: 3 });
    if (bx < free) return;
    say(ctx, at.step[k], bx, up - 9, look.ink, look);
    free = bx + ctx.measureText(at.step[k]).width + 10;
  });
  path(ctx, [[x, tall(1)], [x + w - 30, tall(1)]], { stroke: look.ink, width: 1.3, dash: [6, 4] });
  say(ctx, data.words.eta, x + w - 24, tall(1), look.ink, look);
}

// the view

export default () => {
  const shared = { views: new Set(), playing: false, since: 0, grown: 1 }; // of one picture: all its views play together

  async function render({ model, el }) {
    const still = matchMedia("(prefers-reduced-motion: reduce)");
    const problem = make("p", { className: "problem", hidden: true });
    problem.setAttribute("role", "status");
    const canvas = make("canvas");
    canvas.setAttribute("role", "img");
    const play = make("button", { type: "button" }), reset = make("button", { type: "button" }), lecture = make("button", { type: "button" });
    const range = make("input", { type: "range", min: 0, step: 1 }), word = make("span"), where = make("output");
    const table = make("table"), readout = make("p", { className: "readout" }), spoken = make("span", { className: "spoken" }), note = make("p", { className: "note" });
    spoken.setAttribute("aria-live", "polite");
    readout.setAttribute("aria-hidden", "true"); // the same words are spoken when the hand rests
    const root = make("div", { className: "hypotenuse-view" }, problem, make("div", { className: "bar" }, play, reset, make("label", {}, word, range, where), lecture), canvas, readout, table, note, spoken);
    ownKeys(root);
    el.append(root);

    const models = {}, stops = [];
    let alive = true, frame = 0, rest = 0, late = 0, waiting = "";
    const listen = (target, event, act) => { target.on(event, act); stops.push(() => target.off(event, act)); };
    const data = () => model.get("data");
    const beta = () => (models.beta ? positionOf(models.beta, data().start, data().betas.length) : data().start);
    const cursor = () => wholePosition(model.get("cursor"), data().g.length + 1) ?? data().g.length;
    const ask = () => { if (!frame && alive) frame = requestAnimationFrame(() => { frame = 0; paint(); }); };
    const everywhere = () => shared.views.forEach((view) => view());

    function sentence(t, i) {
      const d = data();
      if (!t) return d.words.start.trim();
      const slots = { t, n: d.g.length, g: d.g[t - 1] };
      let said = filled(d.g[t - 1].startsWith("−") ? d.words.minus : d.words.lead, slots);
      for (const rule of d.rules) {
        const at = rule.positions[rule.positions.length > 1 ? i : 0], k = t - 1;
        const numbers = Object.fromEntries(["before", "root", "old", "leg", "step"].map((name) => [name, at[name][k]]));
        said += filled(rule.cases[at.case[k]], { who: rule.label, part: at.part, move: d.words.moves[at.move[k]], ...numbers });
      }
      return said.trim();
    }

    function paint() {
      if (!alive || !data().g) return;
      const d = data(), t = cursor(), i = beta(), look = coloursOf(root), width = root.clientWidth - 8;
      if (width < 40) return;
      const dots = dotsOf(canvas), ctx = canvas.getContext("2d"), bold = `600 16px ${FONT}`, plain = `${SMALL} ${FONT}`;
      const here = (rule) => rule.positions[rule.positions.length > 1 ? i : 0];
      const inFont = (text, w, font) => lines(ctx, text, w, font).map((line) => [line, font]);
      const heads = (w) => d.rules.map((rule) => [...inFont(rule.title, w, bold), ...inFont(here(rule).aside, w, plain)]);
      const { frames, height } = layout(width, d.rules.length, (w) => 6 + 19 * Math.max(...heads(w).map((head) => head.length)));
      if (canvas.width !== Math.round(width * dots) || canvas.height !== Math.round(height * dots)) {
        canvas.width = Math.round(width * dots); canvas.height = Math.round(height * dots);
        canvas.style.width = `${width}px`; canvas.style.height = `${height}px`;
      }
      ctx.setTransform(dots, 0, 0, dots, 0, 0);
      ctx.clearRect(0, 0, width, height);
      const said = sentence(t, i);
      d.rules.forEach((rule, r) => {
        const at = here(rule);
        ctx.save(); ctx.translate(frames[r].x, frames[r].y);
        spiral(ctx, frames[r], rule, at, t, shared.playing ? shared.grown : 1, d, look);
        bars(ctx, frames[r], rule, at, t, d, look);
        const tone = look.dark ? rule.dark : rule.colour;
        heads(frames[r].w)[r].forEach(([text, font], l) => say(ctx, text, 0, 11 + 19 * l, font === bold ? tone : look.ink, look, "left", font));
        ctx.restore();
      });
      write(play, (shared.playing ? "❚❚ " : "▶ ") + (shared.playing ? d.words.pause : d.words.play));
      reset.textContent = "↺ " + d.words.reset;
      word.textContent = d.words.leg;
      range.max = d.g.length; range.value = t;
      write(where, filled(d.words.at, { t, n: d.g.length }));
      range.setAttribute("aria-valuetext", `${d.words.leg} ${where.textContent}`);
      const cells = [d.words.columns.map((c) => filled(c, { t }))];
      for (const rule of d.rules) {
        const at = here(rule);
        cells.push([rule.label, ...(t ? [d.g[t - 1], at.root[t - 1], at.step[t - 1]] : [d.words.none, "0", d.words.none])]);
      }
      table.replaceChildren(...cells.map((row, r) => make("tr", {}, ...row.map((text, c) => {
        const cell = make(r && c ? "td" : "th", { textContent: text });
        if (cell.tagName === "TH") cell.scope = r ? "row" : "col";
        return cell;
      }))));
      readout.textContent = said;
      readout.classList.toggle("short", d.rules.length === 1);
      note.textContent = d.note;
      const trouble = model.get("problem") || waiting || silenceOf(Object.values(models)).trim();
      problem.hidden = !trouble; if (problem.textContent !== trouble) problem.textContent = trouble;
      clearTimeout(rest);
      rest = setTimeout(() => { if (!shared.playing) { canvas.setAttribute("aria-label", said); if (spoken.textContent !== said) spoken.textContent = said; } }, 350);
      if (!canvas.hasAttribute("aria-label")) { canvas.setAttribute("aria-label", said); }
      name();
    }

    // the sliders around the picture: name and value as words, and no key of theirs for the notebook
    function name() {
      const around = el.closest(".hypotenuse");
      if (!around) return;
      if (!around.dataset.hypotenuse) {
        around.dataset.hypotenuse = "true";
        around.dataset.lmSuppressShortcuts = "true";
        around.addEventListener("keydown", (event) => event.stopPropagation());
      }
      const d = data();
      nameHandles(around.querySelector(".hypotenuse-beta"), { name: d.words.beta, value: d.betas[beta()], index: beta(), count: d.betas.length, label: models.beta?.get("_options_labels")?.[beta()] });
    }

    // the time cursor

    const move = (t, tell = true) => { model.set("cursor", t); if (tell) model.save_changes(); };
    function stop() {
      if (!shared.playing) return;
      shared.playing = false; shared.grown = 1;
      model.save_changes();
      everywhere();
    }
    function start() {
      shared.playing = true; shared.since = performance.now(); shared.grown = 0;
      move(cursor() >= data().g.length ? 1 : cursor() + 1, false);
      const tick = (now) => {
        if (!shared.playing || !shared.views.size) return;
        const part = (now - shared.since) / data().beat;
        shared.grown = still.matches ? 1 : Math.min(1, Math.max(0, part / 0.7)); // drawn, then at rest for a moment
        if (part >= 1) {
          if (cursor() >= data().g.length) return stop();
          shared.since = now; shared.grown = still.matches ? 1 : 0;
          move(cursor() + 1, false);
        }
        everywhere();
        requestAnimationFrame(tick);
      };
      requestAnimationFrame(tick);
      everywhere();
    }
    play.addEventListener("click", () => (shared.playing ? stop() : start()));
    range.addEventListener("input", () => { const t = Number(range.value); stop(); move(t, false); });
    range.addEventListener("change", () => model.save_changes());
    reset.addEventListener("click", () => {
      stop();
      const d = data();
      if (models.beta) { models.beta.set("index", d.start); models.beta.save_changes(); }
      if (models.text && models.text.get("value") !== d.first) { models.text.set("value", d.first); models.text.save_changes(); }
      move(d.g.length);
    });

    // what the picture hears

    // a list that the kernel has not laid yet: say so, and never show another list's legs as its own
    function behind() {
      const d = data(), listed = models.presets && d.lists[positionOf(models.presets, d.lists.length)];
      return (models.text && models.text.get("value") !== d.asked) || (listed !== undefined && listed !== d.asked);
    }
    function asked() {
      clearTimeout(late);
      waiting = "";
      if (behind()) late = setTimeout(() => { waiting = behind() ? filled(data().words.waiting, { shown: data().shown }) : ""; ask(); }, 500);
      ask();
    }
    listen(model, "change:data", () => { stop(); asked(); });
    listen(model, "change:cursor", ask);
    listen(model, "change:problem", ask);
    shared.views.add(ask);
    const calm = whenLooksChange(root, ask), alone = offerLecture(el, ".hypotenuse", lecture, ROOM);
    ask();
    for (const [key, id] of Object.entries(model.get("controls"))) {
      try {
        models[key] = await modelOf(model, id);
      } catch { continue; } // the picture stands without it
      if (!alive) break;
      if (key === "beta") listen(models[key], "change:index", () => { ask(); setTimeout(name, 0); });
      if (key === "text") listen(models[key], "change:value", asked);
      if (key === "presets") listen(models[key], "change:index", asked);
    }
    const rested = setTimeout(ask, 300); // the sliders' own views may come later than this one
    ask();

    return () => {
      alive = false;
      shared.views.delete(ask);
      if (!shared.views.size) shared.playing = false;
      stops.forEach((off) => off());
      calm(); alone();
      cancelAnimationFrame(frame); clearTimeout(rest); clearTimeout(late); clearTimeout(rested);
      root.remove();
    };
  }
  return { render };
};
