
// The card: a question, a form, what is said back. Python wrote every sentence; here the one that fits is found.

// What was typed, read as in arithmetic.py: { said, value }, { unclear: what has two meanings }, or null.
function readNumber(said, spec) {
  const how = spec.numbers;
  const bare = spec.units.reduce((text, unit) => (text.endsWith(unit) ? text.slice(0, -unit.length).trim() : text), said.trim());
  let text = bare.replace(new RegExp(`^${how.roughly}`, "i"), "");
  for (const [sign, plain] of Object.entries(how.alike)) text = text.replaceAll(sign, plain);
  const spaced = new RegExp(how.spaced, "g");
  text = text.replace(spaced, (all, before, digits) => before + digits.replace(/\s/g, ""));
  const unclear = text.match(new RegExp(how.unclear));
  if (unclear) return { unclear: unclear[1] };
  if (!text.includes(".")) text = text.replaceAll(",", ".");
  text = text.replace(new RegExp(how.mixed, "g"), "$1($2+$3)");
  for (const [sign, fraction] of Object.entries(how.signs)) text = text.replaceAll(sign, `(${fraction})`);
  const value = text.length <= how.longest ? arithmetic(text, how.token) : NaN;
  return Number.isFinite(value) ? { said: `${bare} ${spec.unit}`.trim(), value } : null;
}

// Sums of products of powers; NaN for what is none.
function arithmetic(text, token) {
  const next = new RegExp(`\\s*(${token})\\s*`, "iy"), tokens = [];
  while (next.lastIndex < text.length) {
    const found = next.exec(text);
    if (!found) return NaN;
    tokens.push(found[1].toLowerCase());
  }
  const take = (...wanted) => (wanted.includes(tokens[0]) ? tokens.shift() : "");
  const sum = () => {
    let result = product();
    for (let sign = take("+", "-"); sign; sign = take("+", "-")) {
      const more = product();
      result = sign === "+" ? result + more : result - more;
    }
    return result;
  };
  const product = () => {
    let result = signed();
    for (let sign = take("*", "/"); sign; sign = take("*", "/")) {
      const by = signed();
      result = sign === "*" ? result * by : result / (by || NaN);
    }
    return result;
  };
  const signed = () => (take("+", "-") === "-" ? -power() : power());
  const power = () => {
    const base = atom();
    if (!take("**", "^")) return base;
    const result = base ** signed();
    return Number.isFinite(result) ? result : NaN;
  };
  const atom = () => {
    if (take("√", "sqrt")) return Math.sqrt(atom());
    if (!take("(")) return tokens.length ? Number(tokens.shift()) : NaN;
    const result = sum();
    return take(")") ? result : NaN;
  };
  const result = sum();
  return tokens.length ? NaN : result;
}

const fits = (band, value) => ("choice" in band ? band.choice === value : (band.low === null || value >= band.low) && (band.high === null || value <= band.high));

// What was answered; while it loads, nothing was.
function stateOf(model) {
  const { said = null, value = null, open = false } = model.get("state") ?? {};
  const isText = !model.get("spec").choices.length && typeof value === "string";
  return { said, value: isText ? Number(value) : value, open: open === true };
}

async function initialize({ model }) {
  const follow = async () => {
    for (const id of model.get("layouts")) {
      try {
        const layout = await model.widget_manager.get_model(id.replace("IPY_MODEL_", ""));
        layout.set("display", stateOf(model).open ? null : "none");
      } catch { /* the figure is gone with its cell */ }
    }
  };
  model.on("change:state", follow);
  follow();
  return () => model.off("change:state", follow);
}

let forms = 0;

function render({ model, el }) {
  const spec = model.get("spec"), { words } = spec, id = `predict-${++forms}-${Math.random().toString(36).slice(2)}`;
  el.classList.add("pc");
  el.setAttribute("data-lm-suppress-shortcuts", "true");
  const form = element("form", "pc-form", { novalidate: "" }), set = element("fieldset", "pc-set"), legend = element("legend", "pc-question");
  legend.append(element("span", "pc-label", {}, words.label), document.createTextNode(" "), element("span", "", {}, spec.question));
  set.append(legend);
  const options = spec.choices.map((choice, i) => {
    const label = element("label", "pc-choice"), input = element("input", "", { type: "radio", name: id, value: String(i) }), mark = element("span", "pc-mark");
    label.append(input, document.createTextNode(choice), mark);
    set.append(label);
    return { choice, input, mark, label };
  });
  const number = element("input", "pc-number", { type: "text", inputmode: "decimal", autocomplete: "off", "aria-describedby": `${id}-told`, "aria-label": spec.unit ? `${words.number}, in ${spec.unit}` : words.number });
  if (!spec.choices.length) { const row = element("div", "pc-row"); row.append(number, element("span", "", { "aria-hidden": "true" }, spec.unit)); set.append(row); }
  const lock = element("button", "pc-button pc-lock", { type: "submit" }, words.lock), show = element("button", "pc-button", { type: "button" }, words.show);
  const again = element("button", "pc-button", { type: "button" }, words.again), bar = element("div", "pc-bar");
  const told = element("p", "pc-told", { id: `${id}-told`, role: "status", tabindex: "-1" });
  bar.append(lock, show, again);
  form.append(set, told, bar);
  el.append(form);

  const change = (state) => { model.set("state", state); model.save_changes(); };
  const say = (text) => { told.textContent = text; };

  const notRead = (typed, answer) => {
    if (answer) return `${words.comma.replace("{}", answer.unclear)}.`;
    return `${typed ? words.not.replace("{}", typed) : ""}${words.how}`;
  };

  const tone = () => el.classList.toggle("pc-dark", whichDark(el));

  function draw() {
    const { said, value, open } = stateOf(model);
    tone();
    set.disabled = open; lock.hidden = show.hidden = open; again.hidden = !open;
    const band = said === null ? null : spec.bands.find((b) => fits(b, value));
    el.dataset.state = !open ? "open" : !band ? "unsaid" : band.right ? "right" : "other";
    for (const { choice, input, mark } of options) {
      const mine = said !== null && choice === value;
      if (open) input.checked = mine;
      const right = choice === spec.truth;
      mark.textContent = open ? [right ? `✓ ${words.true}` : mine ? "✗" : "", mine ? words.yours : ""].filter(Boolean).join(right ? ", " : " ") : "";
      mark.classList.toggle("pc-other", !right);
    }
    if (open) number.value = spec.unit && said?.endsWith(spec.unit) ? said.slice(0, -spec.unit.length).trim() : said ?? "";
    say(!open ? words.open : band ? band.text.replace("{said}", said) : words.unsaid);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (stateOf(model).open) return;
    const chosen = options.find(({ input }) => input.checked);
    const answer = options.length ? chosen && { said: chosen.choice, value: chosen.choice } : readNumber(number.value, spec);
    if (!answer || answer.unclear) {
      say(options.length ? words.choose : notRead(number.value.trim(), answer));
      (options[0]?.input ?? number).focus();
      return;
    }
    change({ ...answer, open: true });
    told.focus(); // the button is gone: the reader goes on from the answer
  });
  show.onclick = () => { change({ said: null, value: null, open: true }); told.focus(); };
  again.onclick = () => {
    change({ said: null, value: null, open: false });
    for (const { input } of options) input.checked = false;
    number.value = "";
    (options[0]?.input ?? number).focus();
  };
  for (const type of ["keydown", "keyup", "keypress", "paste"]) el.addEventListener(type, (event) => event.stopPropagation()); // the notebook's own shortcuts stay out of it
  model.on("change:state", draw);
  const still = whenLooksChange(el, tone); // a system that turns dark in the evening, too
  draw();
  requestAnimationFrame(draw); // only in the page are its colours known
  return () => { model.off("change:state", draw); still(); };
}

export default { initialize, render };
