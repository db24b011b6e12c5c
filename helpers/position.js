// What a control of ipywidgets says of where it stands, and what that comes to. A front end may say a fraction (Colab's
// writes 20.000000000000004 of 35), text, nothing while it loads, or a place that the list no longer has.

const NUMERAL = /^\s*[-+]?[0-9.]+(e[-+]?[0-9]+)?\s*$/i;
const YES_OR_NO = { true: true, 1: true, false: false, 0: false };
const lastTold = new WeakMap(); // by model: what it last said that could be used

/** The position in a list of `count` nearest to `said`, a number or text that holds one; null where it says none. */
function wholePosition(said, count = Infinity) {
  const isNumber = typeof said === "number" || (typeof said === "string" && NUMERAL.test(said));
  const place = isNumber ? Number(said) : NaN;
  if (!Number.isFinite(place) || count < 1) return null;
  return Math.min(Math.max(Math.floor(place + 0.5), 0), count - 1);
}

// What was said now, or else what this model said last, or else what it began with.
function toldBy(model, now, begins) {
  if (now !== null) lastTold.set(model, now);
  return now ?? lastTold.get(model) ?? begins;
}

/** Where a slider, menu or row of buttons stands in its list, of which the figure knows `count` positions; at `begins`
 * where it has not said it yet. */
function positionOf(model, begins = 0, count = Infinity) {
  const many = Math.min(count, model.get("_options_labels")?.length ?? count);
  const place = toldBy(model, wholePosition(model.get("index"), many), begins);
  return Math.max(0, Math.min(place, many - 1)); // the list may have become shorter
}

/** Is a box ticked, or a switch pressed? As it began where it has not said it yet. */
function isOn(model, begins = false) {
  return toldBy(model, YES_OR_NO[String(model.get("value")).trim().toLowerCase()] ?? null, begins);
}

function isSilent(model) {
  const index = model.get("index"), isList = index !== undefined || model.get("_options_labels") !== undefined;
  return isList ? wholePosition(index) === null : (model.get("value") ?? null) === null;
}

/** Which controls the figure waits for, as a sentence with a space before it; "" where all say where they stand. */
function silenceOf(models) {
  const names = models.filter((model) => model && isSilent(model)).map((model) => `“${model.get("description")}”`);
  if (!names.length) return "";
  const what = names.length > 1 ? "these controls have not said where they stand" : "this control has not said where it stands";
  return ` Waiting for ${names.join(", ")}: ${what}.`;
}
