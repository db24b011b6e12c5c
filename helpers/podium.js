// A table with a menu in every row; what was measured, and the conclusion, stay closed until all rows are filled.

const ROOM = [780, 620]; // what the table takes when it is full

function render({ model, el }) {
  const spec = model.get("spec"), { words } = spec;
  el.classList.add("podium-view");
  ownKeys(el);
  const table = element("table"), head = element("tr"), body = element("tbody"), top = element("thead");
  head.append(...words.columns.map((name) => element("th", "", { scope: "col" }, name)));
  top.append(head); table.append(top, body);
  const saidNow = () => { // one a row, from the list
    const said = model.get("state")?.said ?? [];
    return spec.rows.map((_, r) => (spec.choices.includes(said[r]) ? said[r] : null));
  };
  const change = (said) => { model.set("state", { said }); model.save_changes(); };
  const rows = spec.rows.map((row, r) => {
    const line = element("tr"), cell = element("td"), truth = element("td");
    const menu = element("select", "", { "aria-label": words.who.replace("{race}", row.race).replace("{steps}", row.steps) });
    menu.append(element("option", "", { value: "" }, words.choose), ...spec.choices.map((name) => element("option", "", { value: name }, name)));
    menu.onchange = () => change(saidNow().map((who, i) => (i === r ? menu.value || null : who)));
    cell.append(menu);
    line.append(element("th", "", { scope: "row" }, row.race), element("td", "", {}, row.steps), cell, truth);
    const below = element("tr", "podium-why"), why = element("td", "", { colspan: words.columns.length }); // how it was measured
    below.append(why);
    body.append(line, below);
    return { menu, truth, below, why };
  });
  const status = element("div", "", { role: "status" }), told = element("p", "podium-told"), end = element("p", "podium-end"), again = element("button", "", { type: "button" }, words.again);
  const lecture = element("button", "", { type: "button" });
  again.onclick = () => { change(spec.rows.map(() => null)); rows[0].menu.focus(); }; // the button goes
  status.append(told, end);
  el.append(table, status, lecture, again);

  function draw() {
    const said = saidNow(), full = said.every((who) => who);
    rows.forEach(({ menu, truth, below, why }, r) => {
      menu.value = said[r] ?? "";
      const row = spec.rows[r];
      truth.textContent = full ? words[said[r] === row.truth ? "right" : "wrong"].replace("{truth}", row.truth) : "";
      below.hidden = !full; why.textContent = full ? row.told : "";
    });
    told.hidden = full; told.textContent = full ? "" : words.open.replace("{n}", said.filter(Boolean).length).replace("{all}", said.length);
    end.hidden = !full; end.textContent = full ? spec.conclusion : "";
    again.hidden = !said.some(Boolean);
  }
  model.on("change:state", draw);
  draw();
  const alone = offerLecture(el, ".podium-view", lecture, ROOM);
  return () => { model.off("change:state", draw); alone(); };
}

export default { render };
