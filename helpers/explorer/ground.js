// The ground: what stands still while a slider moves, which is the backdrop, the axes and their words. It is a picture of its own, laid under every frame.

// Gives the ground of a scene, and draws it anew only where something in it has changed: to draw it costs as much as all that moves on it.
function groundKeeper() {
  const canvas = document.createElement("canvas"), ctx = canvas.getContext("2d");
  let drawn = [];
  return (scene, plan, { ratio, width, height }) => {
    const now = [plan, scene.dark, scene.place, scene.picture, ratio, width, height];
    if (now.some((x, i) => x !== drawn[i])) {
      drawn = now;
      if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.clearRect(0, 0, width, height);
      ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
      drawGround(ctx, scene, plan);
    }
    return canvas;
  };
}

function drawGround(ctx, scene, plan) {
  const { ink, dark, spec } = scene, { fs } = plan, ids = Object.keys(plan.panels);
  if (plan.path) groundOfPath(ctx, scene, plan.path, fs);
  if (plan.gauge) groundOfGauge(ctx, scene, plan.gauge, fs);
  ids.forEach((id, i) => {
    const box = plan.panels[id], withSteps = id !== "back" && (i === ids.length - 1 || ids[i + 1] === "back");
    text(ctx, box.label, box.x, box.y - fs * 0.8, { ink: ink.text, fs, within: box.x + box.w }); // the names at the ends of the lines may stand as high
    if (id === "back") frameBox(ctx, box, null, { ticks: [0, 0.5, 1].map((u) => ({ u, text: String(Math.round(u * spec.jumps.every)) })) }, ink, fs);
    else frameBox(ctx, box, { ticks: scene.stepTicks }, spec.axes[id], ink, fs, { xLabels: withSteps });
    if (withSteps) text(ctx, "step", box.x + box.w / 2, box.y + box.h + fs * 1.6, { align: "center", base: "top", ink: ink.text, fs });
    if (id === "loss" && spec.goal?.zone) drawZone(ctx, spec.goal.zone, box, dark, fs);
  });
}

function groundOfPath(ctx, { spec, place, picture, dark, ink }, box, fs) {
  const { path } = spec, curve = path.kind === "curve", X = (u) => box.x + box.w * u, Y = (u) => box.y + box.h * (1 - u), up = curve ? spec.axes.height : spec.axes.y;
  if (picture) { ctx.globalAlpha = dark ? 0.8 : 1; ctx.drawImage(picture, box.x, box.y, box.w, box.h); ctx.globalAlpha = 1; }
  frameBox(ctx, box, spec.axes.x, up, ink, fs, { grid: false });
  text(ctx, spec.axes.x.label, box.x + box.w / 2, box.y + box.h + fs * 1.6, { align: "center", base: "top", ink: ink.text, fs });
  ctx.save(); ctx.translate(box.x - fs * 3.3, box.y + box.h / 2); ctx.rotate(-Math.PI / 2);
  text(ctx, up.label, 0, 0, { align: "center", ink: ink.text, fs }); ctx.restore();
  inside(ctx, box, () => {
    ctx.lineWidth = 1.5; ctx.setLineDash([]);
    if (curve) { ctx.strokeStyle = ink.line; line(ctx, (t) => [X(path.curve[t][0]), Y(path.curve[t][1])], 0, path.curve.length - 1, box); }
    ctx.strokeStyle = ink.text; ctx.beginPath();
    for (const [u, v] of path.minima[place] ?? []) { ctx.moveTo(X(u) - 6, Y(v)); ctx.lineTo(X(u) + 6, Y(v)); ctx.moveTo(X(u), Y(v) - 6); ctx.lineTo(X(u), Y(v) + 6); }
    ctx.stroke();
  });
}

// Where the loss has to go: below the line, between these steps.
function drawZone(ctx, zone, box, dark, fs) {
  const y = box.y + box.h * (1 - zone.u), x = box.x + box.w * zone.from, w = box.w * (zone.to - zone.from), ink = dark ? "#5fd38a" : "#14632e"; // readable on its own shade
  ctx.globalAlpha = 0.14; ctx.fillStyle = ink; ctx.fillRect(x, y, w, box.y + box.h - y); ctx.globalAlpha = 1;
  ctx.strokeStyle = ink; ctx.lineWidth = 1.6; ctx.setLineDash([3, 3]);
  ctx.beginPath(); ctx.moveTo(x, y); ctx.lineTo(x + w, y); ctx.stroke(); ctx.setLineDash([]);
  text(ctx, zone.text, x + w - 4, y + fs * 0.75, { align: "right", ink, fs: fs * 0.9 });
}

// Where the gauge's bars lie: the numbers stand beside them.
function gaugeBar({ lanes }, box, fs) { return { x: box.x, w: box.w - fs * (lanes.filter((lane) => !lane.ghost && lane.rate).length > 1 ? 10.5 : 7.5) }; }
// Its ticks stand below the rows.
function gaugeTicks(ctx, gauge, bar, y, fs, ink) {
  const roomy = bar.w * (gauge.axis.ticks[1].u - gauge.axis.ticks[0].u) > Math.max(smallest, fs * 0.8) * 2.4;
  for (const { u, text: s } of gauge.axis.ticks.filter((_, i) => roomy || i % 2 === 0)) text(ctx, s, bar.x + bar.w * u, y, { align: "center", ink: ink.soft, fs: fs * 0.8 });
}
function gaugeRow(box, fs, i) { return { y: box.y + fs * (1.9 + 1.5 * i), h: fs * 0.8 }; }

function groundOfGauge(ctx, { spec, ink }, box, fs) {
  const { gauge } = spec, bar = gaugeBar(spec, box, fs), named = text(ctx, "rate × curvature", box.x, box.y + fs * 0.5, { ink: ink.text, fs: fs * 0.94 });
  text(ctx, gauge.edgeText, Math.max(bar.x + bar.w * gauge.edge - fs * 0.3, box.x + named + fs), box.y + fs * 0.5, { ink: ink.alarm, fs: fs * 0.92 });
  spec.weights.forEach((name, i) => {
    const { y, h } = gaugeRow(box, fs, i);
    text(ctx, name, bar.x - fs * 0.5, y, { align: "right", ink: ink.text, fs: fs * 0.94 });
    ctx.fillStyle = ink.grid; ctx.fillRect(bar.x, y - h / 2, bar.w, h);
  });
  gaugeTicks(ctx, gauge, bar, gaugeRow(box, fs, spec.weights.length).y - fs * 0.4, fs, ink);
}
