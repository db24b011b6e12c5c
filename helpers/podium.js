// A table with a menu in every row; what was measured, and the conclusion, stay closed until all rows are filled.

function make(tag, className, words, attributes = {}) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (words !== undefined) node.textContent = words;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function render({ model, el }) {
  const spec = model.get("spec"), { words } = spec;
  el.classList.add("podium-view");
  el.setAttribute("data-lm-suppress-shortcuts", "true");
  el.addEventListener("keydown", (event) => event.stopPropagation());
  const table = make("table"), head = make("tr"), body = make("tbody"), top = make("thead");
  head.append(...words.columns.map((name) => make("th", "", name, { scope: "col" })));
  top.append(head); table.append(top, body);
  const change = (said) => { model.set("state", { said }); model.save_changes(); };
  const rows = spec.rows.map((row, r) => {
    const line = make("tr"), cell = make("td"), truth = make("td");
    const menu = make("select", "", undefined, { "aria-label": words.who.replace("{race}", row.race).replace("{steps}", row.steps) });
    menu.append(make("option", "", words.choose, { value: "" }), ...spec.choices.map((name) => make("option", "", name, { value: name })));
    menu.onchange = () => change(model.get("state").said.map((who, i) => (i === r ? menu.value || null : who)));
    cell.append(menu);
    line.append(make("th", "", row.race, { scope: "row" }), make("td", "", row.steps), cell, truth);
    body.append(line);
    return { menu, truth };
  });
  const told = make("p", "podium-told", "", { role: "status" }), end = make("p", "podium-end"), again = make("button", "", words.again, { type: "button" });
  again.onclick = () => change(spec.rows.map(() => null));
  el.append(table, told, end, again);

  function draw() {
    const { said } = model.get("state"), full = said.every((who) => who);
    rows.forEach(({ menu, truth }, r) => {
      menu.value = said[r] ?? "";
      const row = spec.rows[r];
      truth.textContent = full ? words[said[r] === row.truth ? "right" : "wrong"].replace("{truth}", row.truth) : "";
      truth.title = full ? row.told : "";
    });
    told.hidden = full; told.textContent = full ? "" : words.open.replace("{n}", said.filter(Boolean).length).replace("{all}", said.length);
    end.hidden = !full; end.textContent = full ? spec.conclusion : "";
    again.hidden = !said.some(Boolean);
  }
  model.on("change:state", draw);
  draw();
  return () => model.off("change:state", draw);
}

export default { render };
