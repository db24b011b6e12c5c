// The view: a canvas, a row of buttons, a read-out; it listens to the sliders' models and needs no kernel.

function changed(store) { for (const view of store.views) view.later(); }

function begin(store, model) {
  const later = () => changed(store);
  const take = (name) => {
    const bytes = model.get(name), spec = model.get("spec");
    if (!bytes?.byteLength) return;
    store.queue = store.queue.then(() => takeIn(store, spec, bytes)).then(later).catch((error) => { store.trouble = String(error); later(); });
    // Out of what a notebook would save: the store has it now. (This model is never saved back, so the kernel keeps its copy.)
    store.queue = store.queue.then(() => { if (name === "rest" && model.get(name) === bytes) model.set(name, null); });
  };
  const on = (event, f) => { model.on(event, f); store.off.push(() => model.off(event, f)); };
  on("change:near", () => take("near"));
  on("change:rest", () => take("rest"));
  on("msg:custom", (message, buffers) => {
    if (message.kind === "blobs") {
      const spec = model.get("spec");
      for (const b of buffers) store.queue = store.queue.then(() => takeIn(store, spec, b)).then(later);
    } else if (message.kind === "trouble") { store.trouble = message.text; store.held = null; store.flying = false; later(); }
    else if (message.kind === "step") { store.frame = nearest(model.get("spec").frames, message.step); later(); }
    else if (message.kind === "reset") { store.pins = []; store.frame = null; store.queue = store.queue.then(() => { store.before = null; }).then(later); }
  });
  take("near"); take("rest");
  if (!model.get("near")?.byteLength) ask(store, { kind: "data" });
  model.get("widgets").forEach(async (id, i) => {
    try {
      const slider = await model.widget_manager.get_model(id.replace("IPY_MODEL_", ""));
      store.sliders[i] = slider; store.stood[i] = wholePosition(slider.get("index"));
      const heard = () => { freeZero(store, i); later(); };
      for (const event of ["change:index", "change:value"]) { slider.on(event, heard); store.off.push(() => slider.off(event, heard)); }
      later();
    } catch (error) { store.trouble = `A slider of this figure is missing: ${error}`; later(); }
  });
}

// Moving a slider leaves its "= 0".
function freeZero(store, i) {
  const control = store.spec?.controls.find((c) => c.widget === i), before = store.stood[i], now = wholePosition(store.sliders[i].get("index"));
  store.stood[i] = now ?? before; // a fraction beside the same position has moved nothing
  if (before === null || now === null || now === before || !control || !isZero(store, control)) return;
  store.sliders[control.zero].set("value", false); store.sliders[control.zero].save_changes();
}

function ask(store, message) { try { store.model.send(message); } catch { store.trouble = store.spec?.words.noKernel ?? ""; } }

function initialize({ model }) {
  const store = storeOf(model.get("uid"));
  store.model = model;
  begin(store, model);
  return () => { for (const off of store.off) off(); globalThis.__explorerStores.delete(store.uid); };
}

function render({ model, el }) {
  const store = storeOf(model.get("uid"));
  if (!store.model) { store.model = model; begin(store, model); }
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  el.classList.add("xp");
  const title = element("div", "xp-title", { role: "heading", "aria-level": "3" }), sub = element("div", "xp-sub"), stage = element("div", "xp-stage");
  const canvas = element("canvas", "xp-canvas", { role: "img", tabindex: "-1" }), hold = element("button", "xp-start", { type: "button" });
  const bar = element("div", "xp-bar", { role: "group", "aria-label": "time, panels and lecture mode" });
  const button = (words, label) => element("button", "xp-button", { type: "button", "aria-label": label, title: label }, words);
  const play = button("▶", "play"), reset = button("↺ reset", "reset: every slider, the start and the pins back to where they began"), pin = button("pin", "pin: this run stays as a ghost");
  const lecture = button("lecture", "lecture mode: fill the screen (F)"), toggles = element("span", "xp-toggles"), presets = element("span", "xp-presets");
  const scrub = element("input", "xp-scrub", { type: "range", min: "0", step: "1", "aria-label": "step" }), where = element("span", "xp-where");
  const read = element("p", "xp-read"), goal = element("p", "xp-goal"), note = element("p", "xp-note", { role: "status" }), spoken = element("div", "xp-spoken", { "aria-live": "polite" });
  stage.append(canvas, hold);
  const names = { lecture: lecture.title, pin: pin.title };
  lecture.classList.add("xp-lecturer"); lecture.setAttribute("aria-pressed", "false");
  bar.append(play, scrub, where, reset, pin, toggles, lecture, presets);
  el.append(title, sub, goal, stage, bar, read, note, spoken);
  const ctx = canvas.getContext("2d"), pictures = new Map(), groundOf = groundKeeper();
  let plan = null, planned = [], waiting = 0, settled = 0, builtFor = null, lectureOn = false, root = el, said = "";
  let room = 0, dark = null; // asked of the page when its looks change or the hand rests: every question costs a layout

  let fault = ""; // why the figure could not be drawn, said where it happened: an empty figure tells nobody anything
  const attempt = (work) => {
    try { work(); return ""; } catch (error) { console.error(error); return `This figure could not be drawn: ${error}`; }
  };
  // A change is drawn at once, so that the frame that shows it has less left to do; a second change before that frame waits for it.
  // The words come a frame after the picture: they have the browser lay out the page, and a hand that moves does not read.
  let telling = 0, drawnIn = NaN;
  const tellNow = () => { telling = 0; fault = attempt(tell) || fault; showNote(); };
  const drawNow = (inFrame) => {
    waiting = 0; drawnIn = document.timeline.currentTime; fault = attempt(draw);
    telling ||= requestAnimationFrame(inFrame ? tellNow : () => requestAnimationFrame(tellNow));
  };
  const showNote = () => { write(note, fault || (store.lanes.length ? store.trouble + silenceOf(store.sliders) : "").trim()); note.hidden = !note.textContent; }; // before there are runs, the read-out says it
  const view = { later() {
    if (waiting) return;
    waiting = 1;
    drawnIn === document.timeline.currentTime ? requestAnimationFrame(drawNow) : queueMicrotask(drawNow);
  } };
  store.views.add(view);

  function picturesOf(spec) {
    return (spec.path.backdrops ?? []).map((url) => {
      if (!pictures.has(url)) { const image = new Image(); image.onload = () => view.later(); image.src = url; pictures.set(url, image); }
      const image = pictures.get(url);
      return image.complete && image.naturalWidth ? image : null;
    });
  }

  function build(spec) {
    builtFor = spec;
    title.textContent = spec.title;
    canvas.setAttribute("aria-label", spec.title); // until the hand rests
    store.shown ??= new Set(spec.shown);
    toggles.replaceChildren(...spec.panels.filter((p) => !p.always).map((p) => {
      const b = button(`+ ${p.label}`, `show or hide the panel: ${p.text}`);
      b.onclick = () => { store.shown.has(p.id) ? store.shown.delete(p.id) : store.shown.add(p.id); changed(store); };
      b.dataset.panel = p.id;
      return b;
    }));
    presets.replaceChildren(...spec.presets.map((_, i) => {
      const b = button(String(i + 1), `preset ${i + 1} (key ${i + 1}; shift with it, or with a click, stores the present setting)`);
      b.onclick = (event) => (event.shiftKey ? storePreset(store, i) : recall(i));
      return b;
    }));
    store.presets ??= spec.presets.map((p) => [...p]);
    scrub.max = String(spec.frames.length - 1);
    view.ticks = stepTicks(spec.steps);
  }

  function recall(i) { store.presets[i]?.forEach((index, c) => { if (indexOf(store, c) !== index) setIndex(store, c, index); }); changed(store); }

  // Asked here and kept as classes: with container queries the browser would lay out the page whenever the canvas is asked for a font.
  function roomNow() {
    for (const [name, most] of [["xp-small", 640], ["xp-narrow", 760]]) root.classList.toggle(name, root.clientWidth <= most);
    return stage.clientWidth || el.clientWidth;
  }

  function wear(dark) {
    for (const [name, ink] of Object.entries({ ink: "text", soft: "soft", line: "line", paper: "paper" })) el.style.setProperty(`--xp-${name}`, inks(dark)[ink]);
    if (root !== el) root.style.setProperty("--xp-paper", inks(dark).paper);
  }

  function ready() {
    if (!store.lanes.length || !store.spec || !el.isConnected) return false;
    store.frame ??= opening(store, store.spec);
    return true;
  }

  function draw() {
    if (store.spec && builtFor !== store.spec) build(store.spec);
    if (!ready()) return;
    const spec = store.spec, width = (room ||= roomNow());
    if (!width) return;
    if (dark === null) wear(dark = whichDark(el));
    const fs = lectureOn ? Math.max(25, Math.min(34, width / 55)) : width < 640 ? 12 : 13;
    const readings = spec.lanes.map((_, l) => reading(store, l)), place = spec.path.of ? spec.path.of[store.frame] : 0;
    const scene = { spec, store, readings, frame: store.frame, place, dark, ink: inks(dark), picture: picturesOf(spec)[place], stepTicks: view.ticks };
    smallest = lectureOn ? 24 : 10;
    planFor(spec, width, fs);
    placeStart(scene);
    const ratio = globalThis.devicePixelRatio || 1, w = Math.round(width * ratio), h = Math.round(plan.height * ratio);
    if (canvas.width !== w || canvas.height !== h) { canvas.width = w; canvas.height = h; canvas.style.height = `${h / ratio}px`; } // pixel for pixel: the browser would stretch it otherwise, in every frame
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.clearRect(0, 0, w, h);
    ctx.imageSmoothingEnabled = false; // pixel for pixel here, too
    ctx.drawImage(groundOf(scene, plan, { ratio, width: w, height: h }), 0, 0);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawScene(ctx, scene, plan);
    if (spec.tag !== null) { ctx.fillStyle = readings.some((r) => !r || "missing" in r) ? "rgb(0,0,255)" : `rgb(${6 * indexOf(store, spec.tag) + 3},0,255)`; ctx.fillRect(0, 0, 24, 24); }
  }

  // The same plan as long as nothing asks for another: the ground is drawn anew with each.
  function planFor(spec, width, fs) {
    const height = lectureOn ? view.lectureHeight ?? 480 : 0, now = [spec, width, height, fs, roomForNames(ctx, spec, store.pins, fs), [...store.shown].join()];
    if (now.some((x, i) => x !== planned[i])) { planned = now; plan = layout(spec, store.shown, width, height, fs, now[4]); }
  }

  function tell() {
    if (!ready()) { if (!store.lanes.length) write(read, store.trouble || model.get("spec")?.words?.idle || ""); return; }
    const spec = store.spec, readings = spec.lanes.map((_, l) => reading(store, l));
    write(title, titleNow(store));
    const away = spec.surface.filter(([c, i]) => indexOf(store, c) !== i).map(([c]) => c); // another surface is asked for, and not here yet
    const setting = away.length ? away.map((c) => spec.controls[c].texts[indexOf(store, c)])
      : [spec.subtitle, spec.words.sampled, store.before && `${spec.words.before} ${store.before.name}`];
    write(sub, setting.filter(Boolean).join("   ·   "));
    const waits = readings.some((r) => !r || "missing" in r);
    const words = waits ? spec.words.waiting : readings.map((r, l) => fill(store, l, r, store.frame)).join("").trim();
    write(read, words);
    if (!waits && store.late) { store.late = false; store.trouble = ""; } // what was waited for is here
    read.classList.toggle("xp-alarm", readings.some((r) => r?.error));
    if (waits) need(spec, readings);
    scrub.value = String(store.frame);
    const step = `${spec.frames[store.frame]} of ${spec.steps}`;
    scrub.setAttribute("aria-valuetext", `step ${step}`); write(where, `step ${step}`);
    write(play, store.playing ? "❚❚" : "▶"); play.setAttribute("aria-label", store.playing ? "pause" : "play");
    for (const b of toggles.children) b.setAttribute("aria-pressed", String(store.shown.has(b.dataset.panel)));
    const pinned = store.pins.length ? `pinned: ${store.pins.length}` : "pin";
    if (pin.textContent !== pinned) { pin.textContent = pinned; pin.setAttribute("aria-pressed", String(store.pins.length > 0)); pin.setAttribute("aria-label", store.pins.length ? `${pinned}; ${names.pin}` : names.pin); }
    nameSliders(spec);
    const target = tellGoal(spec, readings[0]);
    if (words + target === said) return;
    said = words + target;
    clearTimeout(settled);
    settled = setTimeout(() => {
      if (whichDark(el) !== dark) { dark = null; view.later(); }
      canvas.setAttribute("aria-label", `${titleNow(store)}. ${words}`); spoken.textContent = `${words} ${target}`.trim();
      if (!store.playing && store.told !== spec.frames[store.frame]) { store.told = spec.frames[store.frame]; ask(store, { kind: "step", step: store.told }); }
    }, 500);
  }

  // The goal is told from the integers of the position, so it needs no kernel; the kernel is told once, to remember it.
  function tellGoal(spec, r) {
    goal.hidden = !spec.goal;
    if (!spec.goal) return "";
    const waits = !r || "missing" in r, met = !waits && r.int("met") >= 0, { cases, moved, words } = spec.goal;
    const which = waits || r.error ? "none" : met ? "yes" : r.int("missed") === moved ? "moved" : r.int("missed") < 0 ? "none" : "no";
    const told = cases[which].map((part) => (typeof part === "string" ? part : String(r.int(part.int)))).join("");
    if (met && !store.reached) {
      const lane = spec.lanes[0];
      store.reached = lane.dims.map((c) => spec.controls[c].texts[indexOf(store, c)].split(",")[0]).join(", ");
      ask(store, { kind: "goal", generation: store.generation, position: r.position });
    }
    const before = store.reached || spec.goal.done;
    const state = met ? "✓ " : before ? "(✓) " : "○ ";
    goal.dataset.state = met ? "met" : before ? "before" : "open";
    write(goal, `${state}${words} ${told}${!met && before ? ` You reached it with ${before}.` : ""}`);
    return goal.textContent;
  }

  // Settings that were not swept are asked for once; without an answer the figure says that no kernel is there.
  function need(spec, readings) {
    const wanted = readings.map((r, l) => [l, r && "missing" in r ? [r.missing] : []]).filter(([, p]) => p.length);
    const key = `${store.generation}:${JSON.stringify(wanted)}`;
    if (!wanted.length || store.asked.has(key) || spec.starts) return; // a page says in the read-out what it has not
    store.asked.add(key);
    ask(store, { kind: "need", positions: wanted });
    setTimeout(() => { if (store.asked.has(key) && spec.lanes.some((_, l) => "missing" in (reading(store, l) ?? { missing: 0 }))) { store.asked.delete(key); store.late = true; store.trouble = spec.words.noKernel; changed(store); } }, 4000);
  }

  function nameSliders(spec) {
    if (root === el) return;
    for (const e of root.querySelectorAll('[title="null"]')) e.removeAttribute("title"); // ipywidgets 8 writes that where no tooltip is set
    spec.controls.forEach((control, c) => {
      const index = indexOf(store, c);
      if (control.kind !== "slider") return;
      const row = root.querySelector(`.explorer-control-${c}`), none = isZero(store, control), slider = store.sliders[control.widget];
      nameHandles(row, { name: control.name, value: control.texts[index], index, count: control.count, label: slider?.get("_options_labels")?.[positionOf(slider, control.start)] });
      row?.classList.toggle("xp-off", none); // the number beside the slider does not count now
      if (control.zero !== null) root.querySelector(`.explorer-zero-${c}`)?.setAttribute("aria-pressed", String(none));
    });
  }

  // the start point: mouse, touch, keyboard

  function placeStart(scene) {
    hold.hidden = !store.start || !plan.path;
    if (hold.hidden) return;
    const [u, v] = startAt(scene), { x, y, w, h } = plan.path;
    hold.style.left = `${x + w * u}px`; hold.style.top = `${y + h * (1 - v)}px`;
    hold.setAttribute("aria-label", `start point, w = ${store.startText}; the arrow keys move it`);
  }
  function sendStart(final) {
    if (!store.held) return;
    if (store.flying && !final) { store.again = true; return; }
    store.flying = true; store.again = false;
    const generation = store.generation;
    ask(store, { kind: "start", at: store.held, final });
    const arrived = setInterval(() => {
      if (store.generation <= generation) return;
      clearInterval(arrived); clearTimeout(lost); store.flying = false;
      if (store.again) sendStart(false); else if (final) store.held = null;
      changed(store);
    }, 8);
    const lost = setTimeout(() => { clearInterval(arrived); store.flying = false; store.held = null; store.trouble = `The start point cannot be moved now. ${store.spec.words.noKernel}`; changed(store); }, 3000);
  }
  // Where only some starts are at hand (a page without a kernel), the ring goes from one to the next.
  function holdAt(u, v, final) {
    const clip = (x) => Math.max(0.01, Math.min(0.99, x)), { starts } = store.spec, at = store.start.length === 1 ? [clip(u)] : [clip(u), clip(v)];
    const far = (s) => Math.hypot(...s.at.map((x, i) => x - at[i]));
    const held = starts ? starts.reduce((best, s) => (far(s) < far(best) ? s : best)).at : at;
    if (starts && !final && String(held) === String(store.held ?? store.start)) return;
    store.held = held;
    sendStart(final); changed(store);
  }
  const beside = (move) => { // the next of those starts, the way that an arrow points
    const here = store.held ?? store.start, along = (s) => s.at.reduce((sum, x, i) => sum + (x - here[i]) * move[i], 0), off = (s) => s.at.reduce((sum, x, i) => sum + (move[i] ? 0 : Math.abs(x - here[i])), 0);
    const ahead = store.spec.starts.filter((s) => along(s) > 1e-3);
    return ahead.length ? ahead.reduce((best, s) => (along(s) + 3 * off(s) < along(best) + 3 * off(best) ? s : best)).at : here;
  };
  let dragging = false;
  const fromEvent = (event) => { const r = canvas.getBoundingClientRect(), p = plan.path; return [(event.clientX - r.left - p.x) / p.w, 1 - (event.clientY - r.top - p.y) / p.h]; };
  hold.addEventListener("pointerdown", (event) => { dragging = true; hold.setPointerCapture(event.pointerId); event.stopPropagation(); });
  hold.addEventListener("pointermove", (event) => { if (dragging) holdAt(...fromEvent(event), false); });
  for (const end of ["pointerup", "pointercancel"]) hold.addEventListener(end, (event) => { if (dragging) { dragging = false; holdAt(...fromEvent(event), true); } });
  let rest = 0;
  hold.addEventListener("keydown", (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!move) return;
    event.preventDefault();
    const size = event.shiftKey ? 0.1 : 0.02, [u, v = 0] = store.held ?? store.start;
    if (store.spec.starts) holdAt(...beside(move), false);
    else holdAt(u + move[0] * size, v + move[1] * size, false);
    clearTimeout(rest); rest = setTimeout(() => sendStart(true), 350);
  });

  // time

  function go(frame) { store.frame = Math.max(0, Math.min(store.spec.frames.length - 1, frame)); changed(store); }
  function playOn() {
    if (!store.playing) return;
    const last = store.spec.frames.length - 1, began = performance.now(), from = store.frame, a_second = calm.matches ? 1 : Math.max(8, last / 7);
    const mine = (store.clock = (store.clock ?? 0) + 1);
    const tick = () => {
      if (mine !== store.clock) return; // Play was pressed anew meanwhile, so another clock runs
      if (!store.playing || !el.isConnected) { store.playing = false; return; }
      const jump = calm.matches ? Math.ceil(last / 10) : 1; // reduced motion: a few still pictures instead of an animation
      go(from + Math.floor(((performance.now() - began) / 1000) * a_second) * jump);
      if (store.frame >= last) { store.playing = false; changed(store); return; }
      calm.matches ? setTimeout(tick, 1000) : requestAnimationFrame(tick);
    };
    tick();
  }
  play.onclick = () => { store.playing = !store.playing; if (store.playing && store.frame >= store.spec.frames.length - 1) store.frame = 0; playOn(); changed(store); };
  scrub.addEventListener("input", () => { store.playing = false; go(+scrub.value); });
  reset.onclick = () => {
    store.playing = false; store.pins = []; store.before = null; store.trouble = "";
    store.forget = store.spec.surface.some(([c]) => indexOf(store, c) !== store.spec.controls[c].start); // its answer comes from the kernel
    store.spec.controls.forEach((control, c) => { if (indexOf(store, c) !== control.start) setIndex(store, c, control.start); });
    const first = store.spec.starts ? store.spec.starts[0].at : store.first, here = store.held ?? store.start; // a moved start may still be on its way
    clearTimeout(rest);
    if (first && here && first.some((x, i) => Math.abs(x - here[i]) > 1e-6)) { store.held = [...first]; sendStart(true); }
    go(store.spec.frames.length - 1);
  };
  pin.onclick = () => {
    if (store.pins.length >= 3) { store.pins = []; changed(store); return; }
    store.spec.lanes.forEach((lane, l) => {
      const r = reading(store, l);
      if (lane.ghost || !r?.codes) return;
      const name = `pinned: ${lane.dims.slice(0, 1).map((c) => store.spec.controls[c].texts[indexOf(store, c)].split(",")[0]).join(" ")}`;
      const copy = readerOf(store, lane, r.codes.slice(), r.ints.slice(), store.spec.frames.length);
      store.pins.push({ lane, r: copy, name, short: name });
    });
    changed(store);
  };

  // lecture mode

  function lectureMode(on) {
    lectureOn = on;
    view.lectureHeight = undefined;
    root.classList.toggle("xp-lecture", on); lecture.setAttribute("aria-pressed", String(on)); lecture.textContent = on ? "leave (F)" : "lecture";
    lecture.setAttribute("aria-label", on ? "leave (F) lecture mode" : names.lecture);
    if (!on && presets.contains(document.activeElement)) lecture.focus(); // the presets go with the mode
    if (on) root.requestFullscreen?.().catch(() => {}); // where the page may not, the figure still fills the window
    else if (document.fullscreenElement === root) document.exitFullscreen();
    for (const later of [60, 400]) setTimeout(() => { // the canvas gets what words and sliders leave, once the screen has its size
      if (!lectureOn) { view.later(); return; }
      canvas.style.height = "60px";
      const others = [...root.children].reduce((sum, child) => sum + child.scrollHeight, 0) - 60;
      view.lectureHeight = Math.max(300, root.clientHeight - others - 40);
      view.later();
      canvas.height = 0;
    }, later);
  }
  lecture.onclick = () => lectureMode(!lectureOn);
  const left = () => { if (lectureOn && !document.fullscreenElement) lectureMode(false); };
  const keys = (event) => {
    event.stopPropagation(); // the notebook's own shortcuts stay out of it
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typed = event.target.matches?.("select, textarea, input:not([type=range], [type=checkbox])"); // letters belong to a menu and a field
    if (typed && event.key !== "Escape") return;
    if (event.key === "f" || event.key === "F") { lectureMode(!lectureOn); event.preventDefault(); }
    else if (event.key === "Escape" && lectureOn) lectureMode(false);
    else if (digitOf(event)) {
      const { i, stores } = digitOf(event);
      stores ? storePreset(store, i) : recall(i);
      event.preventDefault();
    }
  };
  const everywhere = (event) => { if (lectureOn && !root.contains(event.target)) keys(event); };
  const named = () => { if (store.spec) nameSliders(store.spec); };
  const swallow = (event) => event.stopPropagation();
  const still = whenLooksChange(stage, () => { room = 0; dark = null; view.later(); });
  document.addEventListener("fullscreenchange", left);
  document.addEventListener("keydown", everywhere, true);

  let tries = 0;
  const settle = () => { // the box round picture and sliders exists only once the view is in the page
    const box = el.closest(".explorer");
    if (!box && tries++ < 60) { requestAnimationFrame(settle); return; }
    root = box ?? el; dark = null; room = 0;
    root.setAttribute("data-lm-suppress-shortcuts", "true");
    root.addEventListener("keydown", keys);
    root.addEventListener("keyup", named); // a key that moves nothing has some sliders write their bare position all the same
    stage.addEventListener("pointerdown", swallow);
    store.first ??= store.start;
    view.later();
  };
  settle();
  return () => {
    store.views.delete(view); still();
    document.removeEventListener("fullscreenchange", left); document.removeEventListener("keydown", everywhere, true); root.removeEventListener("keydown", keys); root.removeEventListener("keyup", named);
    if (!store.views.size) store.playing = false;
  };
}

export default { initialize, render };
