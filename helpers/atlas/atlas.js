// The view: buttons, a time slider, the maps, the histogram, the account of one weight. It needs no kernel.

const ROOM = [1060, 800]; // what it takes where the account stands beside the maps

function changed(store) { for (const view of store.views) view.later(); }

function begin(store, model) {
  const on = (event, f) => { model.on(event, f); store.off.push(() => model.off(event, f)); };
  const take = (bytes) => {
    const spec = { ...model.get("spec"), palette: paletteOf(model.get("spec").colours) };
    store.queue = store.queue.then(async () => {
      const lanes = await unpack(spec, bytes);
      if (!lanes) return;
      Object.assign(store, { spec, lanes, trouble: "" });
      if (!store.at || model.get("at")?.by !== "view") follow();
      store.at.frame = Math.min(store.at.frame, spec.frames.length - 1); store.at.network = Math.min(store.at.network, lanes.length - 1);
      changed(store);
    }).catch((error) => { store.trouble = String(error); changed(store); });
  };
  const heard = () => {
    const bytes = model.get("data");
    if (!bytes?.byteLength) return;
    take(bytes);
    // Out of what a notebook would save: the store has it now. (This model is never saved back, so the kernel keeps its copy.)
    store.queue = store.queue.then(() => { if (model.get("data") === bytes) model.set("data", null); });
  };
  const follow = () => {
    const { lanes, quantities, layers, frames, first } = store.spec, at = model.get("at") ?? {};
    const last = store.at ?? { ...first, frame: frames.length - 1 }, size = layers.reduce((n, layer) => n + layer.size, 0);
    const place = (name, count) => wholePosition(at[name], count) ?? last[name];
    store.at = {
      network: place("network", lanes.length), weight: place("weight", size), frame: place("frame", frames.length),
      quantity: quantities.includes(at.quantity) ? at.quantity : last.quantity,
    };
    store.told = JSON.stringify(store.at);
    changed(store);
  };
  on("change:data", heard);
  on("change:spec", () => { // another title; what comes with new data waits for it
    if (store.spec?.generation !== model.get("spec").generation) return;
    store.spec = { ...model.get("spec"), palette: store.spec.palette };
    changed(store);
  });
  on("change:at", () => { if (store.spec && model.get("at")?.by !== "view") follow(); });
  on("msg:custom", (message, buffers) => {
    if (message.kind === "data") take(buffers[0]);
    else if (message.kind === "trouble") { store.trouble = message.text; changed(store); }
  });
  heard();
  if (!model.get("data")?.byteLength) tellKernel(store, { kind: "data" });
}

function tellKernel(store, message) { try { store.model.send(message); } catch { /* nobody answers, and nobody needs to */ } }

function initialize({ model }) {
  const store = storeOf(model.get("uid"));
  store.model = model;
  begin(store, model);
  return () => { for (const off of store.off) off(); globalThis.__explorerStores.delete(store.uid); };
}

// What is shown: what was asked for, or the first quantity that this network has.
function shownOf(store) {
  const has = store.spec.lanes[store.at.network].has;
  return { ...store.at, quantity: has.includes(store.at.quantity) ? store.at.quantity : has[0] };
}

function render({ model, el }) {
  const store = storeOf(model.get("uid"));
  if (!store.model) { store.model = model; begin(store, model); }
  const calm = matchMedia("(prefers-reduced-motion: reduce)"), words = model.get("spec").words;
  el.classList.add("at");
  el.dataset.lmSuppressShortcuts = "true";
  const title = element("div", "at-title", { role: "heading", "aria-level": "3" }), sub = element("div", "at-sub"), choose = element("div", "at-bar");
  const networks = element("div", "at-group", { role: "group", "aria-label": words.networks }),
    quantities = element("div", "at-group", { role: "group", "aria-label": words.quantities });
  const why = element("p", "at-why"), bar = element("div", "at-bar at-time", { role: "group", "aria-label": words.time }), stage = element("div", "at-stage");
  const button = (label, s = label) => element("button", "at-button", { type: "button", "aria-label": label }, s);
  const play = button(words.play, "▶"), reset = button("reset", words.reset), lecture = button("lecture"), where = element("span", "at-where");
  const scrub = element("input", "at-scrub", { type: "range", min: "0", step: "1", "aria-label": words.time });
  const maps = element("div", "at-maps", { tabindex: "0", role: "application", "aria-label": words.map });
  const scale = element("canvas", "at-scale", { role: "img", "aria-label": words.histogram }), account = element("canvas", "at-account", { role: "img" });
  const read = element("p", "at-read", { "aria-hidden": "true" }), note = element("p", "at-note", { role: "status" }),
    spoken = element("div", "at-spoken", { "aria-live": "polite" });
  const hint = element("p", "at-hint");
  const scaleBox = element("div", "at-scale-box"), accountBox = element("div", "at-account-box");
  scaleBox.append(scale); accountBox.append(account);
  choose.append(networks, quantities, why); bar.append(play, scrub, where, reset, lecture); stage.append(maps, scaleBox, accountBox);
  el.append(title, sub, choose, bar, stage, read, hint, note, spoken);
  let waiting = 0, settled = 0, builtFor = null, layers = [], plan = null, said = "";
  const view = { later() { waiting ||= requestAnimationFrame(() => { waiting = 0; draw(); }); } };
  store.views.add(view);

  function build(spec) {
    builtFor = spec;
    title.textContent = spec.title; sub.textContent = spec.sub; hint.textContent = spec.words.hint;
    const sign = (lane) => { const c = element("canvas", "at-sign", { "aria-hidden": "true" }); c.lane = lane; return c; };
    networks.replaceChildren(...spec.lanes.map((lane, i) => {
      const b = button(lane.label, "");
      b.append(sign(lane), lane.label);
      b.onclick = () => { store.at.network = i; changed(store); };
      return b;
    }));
    quantities.replaceChildren(element("span", "at-name", {}, spec.words.quantities), ...spec.quantities.map((name) => {
      const b = button(spec.axes[name].label);
      b.dataset.quantity = name;
      b.onclick = () => { if (b.getAttribute("aria-disabled") !== "true") { store.at.quantity = name; changed(store); } };
      return b;
    }));
    const blocks = new Map();
    layers = spec.layers.map((layer) => {
      const place = layer.name.slice(1), block = blocks.get(place) ?? element("div", "at-block"), box = element("div", "at-layer"),
        canvas = element("canvas", "at-map");
      blocks.set(place, block);
      const caption = element("div", "at-words", {}, layer.words);
      box.append(caption, canvas);
      block.append(box);
      const part = { layer, caption, canvas, cells: document.createElement("canvas"), map: null };
      const pick = (event) => {
        const k = part.map.hit(...pointIn(event, canvas));
        if (k >= 0) { store.at.weight = layer.first + k; changed(store); }
      };
      canvas.addEventListener("pointerdown", (event) => {
        canvas.setPointerCapture(event.pointerId);
        pick(event);
        maps.focus({ preventScroll: true });
        event.preventDefault();
      });
      canvas.addEventListener("pointermove", (event) => { if (event.buttons) pick(event); });
      return part;
    });
    maps.replaceChildren(...blocks.values());
    scrub.max = String(spec.frames.length - 1);
    const every = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000].find((k) => spec.steps / k <= 4) ?? spec.steps;
    view.ticks = Array.from({ length: Math.floor(spec.steps / every) + 1 }, (_, i) => ({ u: (i * every) / spec.steps, text: String(i * every) }));
    view.sizedFor = 0;
  }

  // Cells of whole pixels, as large as the page allows.
  function fit(spec, width, fs) {
    const first = layers[0].layer, side = first.side, beside = width >= 560 && layers.length > 2 ? 200 : 0, wide = Math.min(spec.across, first.cols);
    const room = width - beside - PAD * 2 - fs * 2, whole = (x, low, high) => Math.max(low, Math.min(high, Math.floor(x)));
    const c = side ? whole((room - (wide - 1) * GAP) / (wide * side), 3, 11) : 0;
    const tall = Math.min(320, side ? Math.ceil(first.cols / wide) * (side * c + GAP) : 260);
    for (const part of layers) {
      const { layer } = part;
      if (layer.rows > 1) {
        const own = (part === layers[0] ? room : beside || width) - PAD * 2 - fs * 2, w = whole(own / layer.cols, 2, beside ? 16 : 28);
        part.map = layer.side ? mapOf(layer, spec.across, c, c, fs) : mapOf(layer, spec.across, w, whole(tall / layer.rows, 2, 14), fs);
      } else { // a strip as wide as the matrix above it, its cells under that one's columns
        const above = layers[layers.indexOf(part) - 1].map, wideAbove = above.width - above.left - PAD, w = wideAbove / layer.cols;
        part.map = mapOf(layer, spec.across, w, 13, fs);
        part.canvas.style.marginLeft = `${above.left - PAD}px`;
      }
      part.caption.style.maxWidth = `${Math.max(beside ? part.map.width : width, 150)}px`;
    }
  }

  function draw() {
    if (!store.spec || !store.lanes.length || !el.isConnected) { read.textContent = store.trouble || (store.spec ? "" : words.waiting); return; }
    const spec = store.spec, width = stage.clientWidth;
    if (!width) return;
    if (builtFor?.generation !== spec.generation || builtFor.title !== spec.title) build(spec);
    const began = performance.now(), dark = whichDark(el), fs = width < 520 ? 12 : 13, ink = { ...inks(dark), empty: dark ? "#2c2c2c" : "#e3e3e3" },
      at = shownOf(store);
    for (const [name, tone] of Object.entries({ ink: ink.text, soft: ink.soft, line: ink.line, paper: ink.paper })) el.style.setProperty(`--at-${name}`, tone);
    smallest = 10;
    if (view.sizedFor !== maps.clientWidth) { view.sizedFor = maps.clientWidth; fit(spec, maps.clientWidth, fs); }
    const scene = { ...at, spec, lanes: store.lanes, kept: store.lanes[at.network].quantities[at.quantity], ink, fs, dark, ticks: view.ticks };
    for (const { canvas, cells, layer, map } of layers) drawMap(canvas, cells, layer, map, scene);
    drawScale(scale, scaleBox.clientWidth, scene);
    plan = drawAccount(account, accountBox.clientWidth, scene, getComputedStyle(stage).gridTemplateAreas.includes("maps account")
      ? Math.min(680, maps.offsetHeight + scaleBox.offsetHeight) : 430);
    for (const canvas of networks.querySelectorAll("canvas")) {
      const ctx = sized(canvas, 30, 14), { lane } = canvas;
      ctx.strokeStyle = colourOf(lane, dark); ctx.lineWidth = 2; ctx.setLineDash(lane.dash); ctx.beginPath(); ctx.moveTo(0, 7); ctx.lineTo(30, 7); ctx.stroke();
      marker(ctx, 15, 7, lane.marker, 4, colourOf(lane, dark), true, ink.paper);
    }
    tell(spec, at);
    el.dataset.drawn = (performance.now() - began).toFixed(1);
  }

  function tell(spec, at) {
    const lane = spec.lanes[at.network], t = spec.frames[at.frame], words_ = sentence(spec, store.lanes, at);
    read.textContent = words_;
    why.textContent = spec.quantities.filter((name) => name in lane.why).map((name) => `${lane.why[name]}.`).join(" ");
    [...networks.children].forEach((b, i) => b.setAttribute("aria-pressed", String(i === at.network)));
    for (const b of quantities.querySelectorAll("button")) {
      const missing = lane.why[b.dataset.quantity];
      b.setAttribute("aria-pressed", String(b.dataset.quantity === at.quantity));
      missing ? b.setAttribute("aria-disabled", "true") : b.removeAttribute("aria-disabled");
      b.title = missing ?? "";
    }
    note.textContent = store.trouble; note.hidden = !store.trouble;
    scrub.value = String(at.frame);
    where.textContent = slotted(spec.words.at, { t, steps: spec.steps });
    scrub.setAttribute("aria-valuetext", where.textContent);
    play.textContent = store.playing ? "❚❚" : "▶"; play.setAttribute("aria-label", store.playing ? spec.words.pause : spec.words.play);
    if (!account.hasAttribute("aria-label")) account.setAttribute("aria-label", words_);
    if (words_ === said) return;
    said = words_;
    clearTimeout(settled);
    settled = setTimeout(() => {
      if (store.playing) { said = ""; return; }
      spoken.textContent = words_; account.setAttribute("aria-label", words_);
      const told = JSON.stringify(store.at);
      if (store.told !== told) { store.told = told; tellKernel(store, { kind: "at", generation: spec.generation, at: store.at }); }
    }, 400);
  }

  // the ring

  const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  maps.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !store.lanes.length) return;
    const here = layers.findIndex(({ layer }) => store.at.weight < layer.first + layer.size), { layer, map } = layers[here],
      [y, x] = map.placeOf(store.at.weight - layer.first);
    const far = event.shiftKey ? layer.side || 4 : 1, move = moves[event.key];
    let k = -1;
    if (move) k = map.weightAt(Math.max(0, Math.min(map.lines - 1, y + move[0] * far)), Math.max(0, Math.min(map.columns - 1, x + move[1] * far)));
    else if (event.key === "Home") k = 0;
    else if (event.key === "End") k = layer.size - 1;
    else if (event.key === "PageDown" || event.key === "PageUp") {
      const next = layers[here + (event.key === "PageDown" ? 1 : -1)];
      event.preventDefault();
      if (next) { store.at.weight = next.layer.first; changed(store); }
      return;
    } else return;
    event.preventDefault();
    if (k >= 0) { store.at.weight = layer.first + k; changed(store); }
  });

  // time

  function go(frame) { store.at.frame = Math.max(0, Math.min(store.spec.frames.length - 1, frame)); changed(store); }
  function playOn() {
    const last = store.spec.frames.length - 1, began = performance.now(), from = store.at.frame, a_second = calm.matches ? 1 : Math.max(6, last / 10);
    const mine = (store.clock = (store.clock ?? 0) + 1);
    const tick = () => {
      if (mine !== store.clock) return; // Play was pressed anew meanwhile, so another clock runs
      if (!store.playing || !el.isConnected) { store.playing = false; return; }
      const jump = calm.matches ? Math.ceil(last / 10) : 1; // reduced motion: a few still pictures instead of an animation
      go(from + Math.floor(((performance.now() - began) / 1000) * a_second) * jump);
      if (store.at.frame >= last) { store.playing = false; changed(store); return; }
      calm.matches ? setTimeout(tick, 1000) : requestAnimationFrame(tick);
    };
    tick();
  }
  play.onclick = () => {
    if (!store.spec) return;
    store.playing = !store.playing;
    if (store.playing) { if (store.at.frame >= store.spec.frames.length - 1) store.at.frame = 0; playOn(); }
    changed(store);
  };
  scrub.addEventListener("input", () => { if (store.spec) { store.playing = false; go(+scrub.value); } });
  reset.onclick = () => {
    if (!store.spec) return;
    const { network, quantity, weight } = store.spec.first;
    store.playing = false; store.trouble = "";
    store.at = { network: Math.min(network, store.lanes.length - 1), quantity, weight, frame: store.spec.frames.length - 1 };
    changed(store);
  };
  const drag = (event) => {
    store.playing = false;
    go(nearest(store.spec.frames, ((pointIn(event, account)[0] - plan.left) / plan.w) * store.spec.steps));
  };
  account.addEventListener("pointerdown", (event) => { if (plan) { account.setPointerCapture(event.pointerId); drag(event); } });
  account.addEventListener("pointermove", (event) => { if (plan && event.buttons) drag(event); });

  ownKeys(el); // the notebook's own shortcuts stay out of it
  const still = whenLooksChange(stage, view.later), alone = offerLecture(el, ".atlas", lecture, ROOM);
  view.later();
  return () => {
    store.views.delete(view); still(); alone();
    cancelAnimationFrame(waiting); clearTimeout(settled);
    if (!store.views.size) store.playing = false;
  };
}

export default { initialize, render };
