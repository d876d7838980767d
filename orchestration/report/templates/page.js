"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  data.values = JSON.parse(document.getElementById("values").textContent);
  Object.keys(data.rows).forEach((one) => { data.rows[one] = Object.fromEntries(data.rows[one].map((at, i) => [data.fields[i], data.texts[at]])); });
  const by = (id) => document.getElementById(id);
  const key = (measure, at) => [measure, at.year, at.peers, at.basis].join("|");
  const short = (v) => v.toLocaleString("en-GB", Math.abs(v) >= 100 ? { maximumFractionDigits: 0 } : Math.abs(v) >= 10
    ? { minimumFractionDigits: 1, maximumFractionDigits: 1 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 });

  function options(select, pairs, chosen) {
    select.replaceChildren(...pairs.map(([value, text]) => {
      const option = new Option(text, value);
      option.selected = value === chosen;
      return option;
    }));
  }
  const rowKeys = Object.keys(data.rows).map((one) => one.split("|"));
  const yearsOf = (measure) => [...new Set(rowKeys.filter((one) => one[0] === measure).map((one) => one[1]))].sort().reverse();

  function element(name, attributes, text) {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    Object.entries(attributes).forEach(([k, v]) => made.setAttribute(k, v));
    if (text !== undefined) { made.textContent = text; }
    return made;
  }

  // The bars of a choice, lowest first: the same rows the page opens with.
  function bars(at) {
    const peers = new Set([...(data.peers[at.peers + "|" + at.year] || []), data.council]);
    return (data.values[at.measure + "|" + at.year] || []).filter((one) => peers.has(one[0])).map(([code, value, ruled, aside]) => ({
      name: data.names[code], value: at.basis === "as_returned" || aside || ruled === null ? value : ruled, own: code === data.council, aside: Boolean(aside)
    })).sort((a, b) => a.value - b.value || (a.name < b.name ? -1 : 1));
  }

  function draw(rows, row) {
    const names = ["lowest quarter’s mean", "peers’ mean"];
    const levels = row.levels.map((value, i) => ({ value, text: names[i] + " " + (value === null ? "" : short(value)) })).filter((one) => one.value !== null).sort((a, b) => a.value - b.value);
    const all = rows.map((one) => one.value).concat(levels.map((one) => one.value));
    const top = (rows.some((one) => one.aside) ? 1.5 : 1.22) * Math.max(...all, 0.001), low = Math.min(0, ...all);
    return rows.length > 25 ? upright(rows, levels, low, top, row) : lying(rows, levels, low, top, row);
  }
  function svg(height, row) {
    return element("svg", { role: "img", "aria-label": row.sentence, viewBox: "0 0 440 " + height, "font-family": "Arial, Helvetica, sans-serif", "font-size": 13, fill: data.colours.text });
  }
  const fill = (one) => one.aside ? data.colours.paper : one.own ? data.colours.own : data.colours.peer;
  const look = (one) => ({ class: "bar", fill: fill(one), stroke: data.colours.outline, "stroke-width": 0.8, "stroke-dasharray": one.aside ? "3 2" : "none" });

  function lying(rows, levels, low, top, row) {
    const left = 165, start = 34, x = (v) => left + (v - low) / (top - low) * (436 - left), height = start + rows.length * 21;
    const made = svg(height + 42, row);
    ticks(low, top).forEach((v) => {
      made.append(element("line", { x1: x(v), x2: x(v), y1: start, y2: height, stroke: data.colours.grid }), element("text", { x: x(v), y: height + 16, "text-anchor": "middle" }, v.toLocaleString("en-GB")));
    });
    rows.forEach((one, i) => {
      const y = start + i * 21;
      made.append(element("text", { x: left - 5, y: y + 15, "text-anchor": "end", class: "name", "font-weight": one.own ? "bold" : "normal" }, one.name.length > 24 ? one.name.slice(0, 23) + "…" : one.name));
      made.append(element("rect", { x: Math.min(x(0), x(one.value)), y: y + 3, height: 15, width: Math.abs(x(one.value) - x(0)), ...look(one) }));
    });
    levels.forEach((one, i) => made.append(
      element("line", { x1: x(one.value), x2: x(one.value), y1: start, y2: height, stroke: data.colours.second, "stroke-width": 1.5, "stroke-dasharray": i ? "2 2" : "6 3" }),
      element("text", { x: Math.min(x(one.value) + 4, 300), y: start - 6 - 13 * i, fill: data.colours.second, "font-weight": "bold", "font-size": 11, class: "level" }, one.text)));
    rows.forEach((one, i) => made.append(element("text", { x: x(one.value) + 4, y: start + i * 21 + 15, class: "value" }, short(one.value) + (one.aside ? " set aside" : "") + (one.own ? " ◄" : ""))));
    made.append(element("text", { x: (left + 436) / 2, y: height + 36, "text-anchor": "middle" }, row.unit));
    return made;
  }

  function upright(rows, levels, low, top, row) {
    const left = 60, y = (v) => 255 - (v - low) / (top - low) * 240, wide = (436 - left) / rows.length, made = svg(290, row);
    ticks(low, top).forEach((v) => made.append(element("line", { x1: left, x2: 436, y1: y(v), y2: y(v), stroke: data.colours.grid }), element("text", { x: left - 5, y: y(v) + 4, "text-anchor": "end" }, v.toLocaleString("en-GB"))));
    rows.forEach((one, i) => made.append(element("rect", { x: left + i * wide, width: wide * 0.9, y: Math.min(y(0), y(one.value)), height: Math.abs(y(one.value) - y(0)), ...look(one) })));
    levels.forEach((one, i) => made.append(
      element("line", { x1: left, x2: 436, y1: y(one.value), y2: y(one.value), stroke: data.colours.second, "stroke-width": 1.5, "stroke-dasharray": i ? "2 2" : "6 3" }),
      element("text", { x: left + 2, y: y(one.value) + (i ? -5 : 13), fill: data.colours.second, "font-weight": "bold", "font-size": 11, class: "level" }, one.text)));
    rows.forEach((one, i) => { if (one.own) { made.append(element("text", { x: left + i * wide, y: y(one.value) - 8, "font-weight": "bold", "text-anchor": i > 0.6 * rows.length ? "end" : "start" }, "▼ " + one.name)); } });
    made.append(element("text", { x: (left + 436) / 2, y: 280, "text-anchor": "middle" }, counted(rows)), element("text", { transform: "translate(12 140) rotate(-90)", "text-anchor": "middle" }, row.unit));
    return made;
  }

  // How many councils are compared, and how many more are drawn without being compared; pictures.py says the same.
  function counted(rows) {
    const aside = rows.filter((one) => one.aside).length;
    return (rows.length - aside) + " councils, lowest first" + (aside ? ", and " + aside + " set aside (dashed)" : "");
  }

  function ticks(low, top) {
    const rough = (top - low) / 4, power = Math.pow(10, Math.floor(Math.log10(rough))), step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough), found = [];
    for (let v = Math.ceil(low / step) * step; v <= top; v += step) { found.push(Math.round(v * 1e6) / 1e6); }
    return found;
  }

  function cells(line, texts, numbers) {
    texts.forEach((text, i) => {
      const td = document.createElement(i ? "td" : "th");
      if (i) { if (numbers && i > 1 && i < 8) { td.className = "number"; } } else { td.scope = "row"; }
      if (text instanceof Node) { td.append(text); } else { td.textContent = text; }
      line.append(td);
    });
    return line;
  }
  function figure(text, id) {
    const made = document.createElement("button");
    made.type = "button"; made.className = "figure"; made.dataset.figure = id; made.title = "Where this figure comes from"; made.textContent = text;
    return made;
  }

  const chosen = () => ({ measure: by("measure").value, year: by("year").value, peers: by("peers").value, basis: by("basis").value });
  function show(redraw) {
    const at = chosen(), row = data.rows[key(at.measure, at)], rows = bars(at);
    by("standing-of").textContent = at.year + ", against the " + data.peerWords[at.peers] + ", " + by("basis").selectedOptions[0].textContent;
    by("councils").tBodies[0].replaceChildren(...rows.map((one) => {
      const line = cells(document.createElement("tr"), [one.name, short(one.value), one.own ? "this council" : one.aside ? "set aside" : ""]);
      line.className = one.own ? "own" : "";
      return line;
    }));
    if (!redraw) { return; }
    by("sentence").textContent = row ? row.sentence : "There is no such comparison for this council.";
    by("believed").textContent = data.believed[at.measure + "|" + at.year] || "";
    by("subtitle").textContent = row ? data.measures[at.measure].words + ", " + row.unit + ", " + at.year + ", " + row.n + " " + data.peerWords[at.peers] : "";
    by("picture").replaceChildren(...(row && rows.length ? [draw(rows, row)] : []));
    by("standing").tBodies[0].replaceChildren(...Object.entries(data.measures).filter(([id]) => data.rows[key(id, at)]).map(([id, measure]) => {
      const one = data.rows[key(id, at)];
      return cells(document.createElement("tr"), [measure.short, one.unit, figure(one.value, one.figure), one.mean, one.weighted_mean, one.median, one.lowest_quartile_mean, one.gap, one.rank, one.verdict], true);
    }));
    label(by("standing"));
  }
  function years() { options(by("year"), yearsOf(by("measure").value).map((one) => [one, one]), yearsOf(by("measure").value).includes(by("year").value) ? by("year").value : undefined); }

  // On a narrow screen a row is stacked, each cell under the heading of its column.
  function label(table) {
    const heads = [...table.tHead.rows[0].cells].map((one) => one.textContent);
    [...table.tBodies[0].rows].forEach((row) => [...row.cells].forEach((cell, at) => { if (at) { cell.dataset.label = heads[at]; } }));
    table.classList.add("stacked");
  }
  const has = new Set(rowKeys.map((one) => one[0]));
  options(by("measure"), Object.entries(data.measures).filter(([id]) => has.has(id)).map(([id, one]) => [id, one.short]), data.start.measure);
  options(by("year"), yearsOf(data.start.measure).map((one) => [one, one]), data.start.year);
  options(by("peers"), Object.entries(data.peerWords), data.start.peers);
  by("basis").value = data.start.basis;
  by("measure").addEventListener("change", () => { years(); show(true); });
  ["year", "peers", "basis"].forEach((id) => by(id).addEventListener("change", () => show(true)));
  show(false);
  document.querySelectorAll("table.stacks").forEach(label);

  // The same arithmetic as mart_saving.
  function saving(value, target, volume, scale, moves) {
    return Math.max(0, value - target) / scale * volume / (moves ? 1 - target / scale : 1);
  }
  function pounds(v) { return v >= 999500 ? "£" + (v / 1e6).toFixed(2) + " million" : v >= 9950 ? "£" + Math.round(v / 1e3) + " thousand" : "£" + Math.round(v); }
  function tryTarget() {
    const one = data.savings[by("saving").value], target = by("target").valueAsNumber, volume = by("volume").valueAsNumber;
    const bad = !isFinite(target) || !isFinite(volume) || volume < 0 || target < 0 || (one.scale === 100 && target >= 100);
    const found = bad ? null : saving(one.value, target, volume, one.scale, one.moves);
    by("result").textContent = bad ? "Enter a target and a volume of zero or more; a share stays below 100." : found > 0 ? "Saving: " + pounds(found) + " a year" : "No saving: the council is at or below this target.";
    by("result").dataset.saving = bad ? "" : found;
    by("formula").textContent = "Formula: " + one.formula + ", with value " + short(one.value) + " " + one.unit + ". A trial by the reader, not a published figure.";
  }
  if (by("saving")) {
    by("saving").addEventListener("change", () => {
      const one = data.savings[by("saving").value];
      by("target").value = one.target; by("volume").value = one.volume; by("target-unit").textContent = one.unit; by("volume-unit").textContent = one.volumeUnit;
      tryTarget();
    });
    ["target", "volume"].forEach((id) => by(id).addEventListener("input", tryTarget));
    tryTarget();
  }

  document.addEventListener("click", (event) => {
    const pressed = event.target.closest("[data-figure]");
    if (!pressed) { return; }
    by("lineage-text").textContent = data.lineage[pressed.dataset.figure] || "Run carequartile lineage " + pressed.dataset.figure + " to see where it comes from.";
    by("lineage").showModal();
  });
  by("close").addEventListener("click", () => by("lineage").close());
  document.querySelectorAll("form").forEach((one) => one.addEventListener("submit", (event) => event.preventDefault()));
}());
