// The number keys: presets that are recalled and stored.

/** @param {KeyboardEvent} event @returns {{i: number, stores: boolean} | null} which preset the key means, and whether it stores
 *
 * A digit that is typed recalls, on whatever keyboard; the key of a digit with shift that types none stores. Without its lock the numeric
 * pad types arrows: what they would move keeps them.
 */
function digitOf({ key, code, shiftKey, target }) {
  const i = +code.slice(-1) - 1, moved = target.matches?.("input, .noUi-handle, .ui-slider-handle, .xp-start");
  if (/^[1-4]$/.test(key)) return { i: +key - 1, stores: false };
  if (/^Numpad[1-4]$/.test(code)) return moved ? null : { i, stores: false };
  return /^Digit[1-4]$/.test(code) ? { i, stores: shiftKey } : null;
}

/** @param {object} store of the figure @param {number} i the preset that takes the present setting */
function storePreset(store, i) {
  store.presets[i] = store.spec.controls.map((_, c) => indexOf(store, c));
  store.trouble = `Setting stored under ${i + 1}.`;
  changed(store);
}
