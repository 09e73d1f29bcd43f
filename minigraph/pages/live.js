// The page: what is moved, what follows.
const leaves = data.leaves.map(leaf => ({ ...leaf, now: Float64Array.from(leaf.values, Number), first: leaf.values.map(Number), chosen: 0 }));
const texts = [...document.querySelectorAll("#picture text[data-row]")];
const rows = texts.map(text => data.rows[text.dataset.row]);
const items = [...document.querySelectorAll("li.told")];
const at = values => computed(data.program, values);
const nowAt = () => at(leaves.map(leaf => leaf.now));
const fits = (leaf, value) => leaf.whole ? Math.fround(value) : value;
let costs = [], wait = 0;

// The page around a frame is told how high this one is, so that it can make room.
document.documentElement.classList.toggle("inside", parent !== window);
if (parent !== window)
  new ResizeObserver(() => parent.postMessage({ liveHeight: document.documentElement.offsetHeight }, "*")).observe(document.documentElement);

// A text that grows stays in the middle of its place, which is as wide as what stands there at first. A frame that is not
// displayed yet has no widths: then it is done as soon as it is drawn.
const holders = texts.map(text => text.textContent);
function centre() {
  const boxes = texts.map((text, i) => { const now = text.textContent; text.textContent = holders[i]; const box = text.getBBox(); text.textContent = now; return box; });
  if (boxes.some(box => box.width === 0)) { requestAnimationFrame(centre); return; }
  texts.forEach((text, i) => {
    text.setAttribute("x", boxes[i].x + boxes[i].width / 2);
    text.setAttribute("text-anchor", "middle");
  });
}
centre();

function trouble(outputs) {
  for (const check of data.checks) {
    const value = outputs[check.output][0];
    for (const [bound, end] of check.bounds ?? []) {
      if (end === "min" ? value < bound : value > bound)
        return [true, `${check.name} = ${rounded(value)}, but ${check.operation} needs ${end === "min" ? "at least" : "at most"} ${rounded(bound)}: there is no value.`];
    }
    for (const kink of check.kinks ?? [])
      if (value === kink) return [false, `${check.name} = ${rounded(value)} is a kink of ${check.operation}: there is no derivative there, and the one that is shown is a choice.`];
  }
  const broken = data.steps.findIndex(place => outputs[place].some(x => isNaN(x)));
  if (broken >= 0) return [false, `NaN: ${said(data.lines[broken].slice(0, 1), outputs)} has no value for these numbers, and nothing that depends on it has one.`];
  const endless = data.steps.findIndex(place => outputs[place].some(x => !isFinite(x)));
  if (endless >= 0) return [false, `${said(data.lines[endless].slice(0, 1), outputs)} is infinite for these numbers.`];
  return [false, ""];
}

function put(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

function show(outputs) {
  const [none, why] = trouble(outputs);
  byId("trouble").textContent = why;
  texts.forEach((text, i) => put(text, none ? "no value" : said(rows[i], outputs)));
  items.forEach((item, i) => put(item, none ? said(data.lines[i].slice(0, 1), outputs).replace(/ = $/, "") : said(data.lines[i], outputs)));
  nudge(outputs, none);
  if (data.map) drawMap(leaves.map(leaf => leaf.now), outputs);
}

function nudge(outputs, none) {
  if (byId("nudging").hidden) return;
  const [number, entry] = byId("which").value.split(" ").map(Number), by = typed(byId("by").value), leaf = leaves[number];
  if (none || !isFinite(by) || leaf === undefined) { byId("nudge").textContent = none ? "" : "a nudge is a number, such as 0.001"; return; }
  const moved = leaves.map(other => other.now);
  moved[number] = Float64Array.from(leaf.now);
  moved[number][entry] = fits(leaf, moved[number][entry] + by);
  const change = at(moved)[data.root][0] - outputs[data.root][0], slope = leaf.gradient === null ? null : outputs[leaf.gradient][entry];
  const told = slope === null ? `${nameOf(number, entry)} has no gradient here` : `∂${data.rootName}/∂${nameOf(number, entry)} × ${rounded(by)} = ${rounded(slope)} × ${bracketed(rounded(by))} = ${rounded(slope * by)}`;
  const differs = isNaN(change) ? `Δ${data.rootName} has no value, since ${data.rootName} has none or is infinite` : `Δ${data.rootName} = ${rounded(change)}`;
  byId("nudge").textContent = `${differs};  ${told}`;
}

const nameOf = (number, entry) => leaves[number].name + leaves[number].entries[entry];

// At most one update a frame, however fast the hand is.
function soon() {
  if (!wait) wait = requestAnimationFrame(() => { wait = 0; show(nowAt()); });
}

// Fields and sliders

const field = (number, entry) => byId(`leaf${number}_${entry}`);
const ranges = leaves.map(leaf => leaf.first.map(range));
function range(value) {
  const around = isFinite(value) ? value : 0, far = Math.max(2, 2 * Math.abs(around));
  return [around - far, around + far];
}
const shown = value => String(value).replace("-", MINUS);

function tellSlider(number) {
  if (!leaves[number].fields) return;
  const leaf = leaves[number], slider = byId(`slide${number}`), entry = leaf.chosen, [low, high] = ranges[number][entry];
  slider.value = Math.round(1000 * (leaf.now[entry] - low) / (high - low));
  slider.setAttribute("aria-valuetext", `${nameOf(number, entry)} ${rounded(leaf.now[entry])}`);
  leaf.now.forEach((_, i) => field(number, i).classList.toggle("chosen", leaf.now.length > 1 && i === entry));
}

function tellField(number, entry) {
  if (!leaves[number].fields) return;
  const input = field(number, entry), value = leaves[number].now[entry];
  input.value = Math.abs(value) < 1e-4 && value !== 0 || !isFinite(value) ? shown(value) : shown(Number(value.toPrecision(6)));
  input.removeAttribute("aria-invalid");
}

function set(number, entry, value) {
  leaves[number].now[entry] = fits(leaves[number], value);
  tellSlider(number);
}

leaves.forEach((leaf, number) => {
  if (!leaf.fields) return;
  byId(`slide${number}`).addEventListener("input", event => {
    const [low, high] = ranges[number][leaf.chosen], value = low + (high - low) * event.target.value / 1000;
    set(number, leaf.chosen, Number(value.toPrecision(4)));  // with fewer digits a key would move it by nothing
    tellField(number, leaf.chosen);
    soon();
  });
  leaf.now.forEach((_, entry) => {
    const input = field(number, entry);
    input.addEventListener("focus", () => { leaf.chosen = entry; tellSlider(number); });
    input.addEventListener("input", () => {
      const value = typed(input.value);
      input.setAttribute("aria-invalid", String(!isFinite(value)));
      if (!isFinite(value)) return;
      const first = range(leaf.first[entry]), isNear = value >= first[0] && value <= first[1];
      ranges[number][entry] = isNear ? first : range(value);  // what was typed on the way, such as 1e30, leaves no trace
      set(number, entry, value);
      soon();
    });
    input.addEventListener("change", () => tellField(number, entry));
    byId("which").add(new Option(nameOf(number, entry), `${number} ${entry}`));
  });
});
const firstMoved = leaves.findIndex(leaf => leaf.moves && leaf.fields);
byId("nudging").hidden = !byId("which").options.length;
if (firstMoved >= 0) byId("which").value = `${firstMoved} 0`;
byId("which").addEventListener("change", soon);
byId("by").addEventListener("input", soon);

// Descent

function descend(count) {
  const rate = typed(byId("rate").value);
  byId("rate").setAttribute("aria-invalid", String(isNaN(rate)));
  if (isNaN(rate)) { byId("descent").textContent = "α is a number, such as 0.1"; return; }
  for (let i = 0; i < count; i++) {
    const outputs = nowAt();
    if (trouble(outputs)[0]) break;
    if (!costs.length) costs.push(outputs[data.root][0]);
    leaves.forEach(leaf => {
      if (leaf.moves) leaf.now = leaf.now.map((value, entry) => fits(leaf, value - rate * outputs[leaf.gradient][entry]));
    });
    costs.push(nowAt()[data.root][0]);
  }
  tellAll();
  byId("descent").textContent = `${costs.length - 1} step${costs.length === 2 ? "" : "s"}: ${data.rootName} ${rounded(costs[0])} → ${rounded(costs[costs.length - 1])}`;
  draw();
}

function draw() {
  const drawn = costs.map((cost, i) => [i, cost]).filter(([, cost]) => isFinite(cost));
  const low = Math.min(...drawn.map(([, cost]) => cost)), high = Math.max(...drawn.map(([, cost]) => cost));
  const points = drawn.map(([i, cost]) => `${4 + 292 * i / Math.max(1, costs.length - 1)},${76 - 72 * (high > low ? (cost - low) / (high - low) : 0.5)}`);
  byId("curve").firstElementChild.setAttribute("points", points.join(" "));
  byId("curve").toggleAttribute("hidden", costs.length < 2);
}

function tellAll() {
  leaves.forEach((leaf, number) => {
    leaf.now.forEach((value, entry) => {
      const [low, high] = ranges[number][entry];
      if (value < low || value > high) ranges[number][entry] = range(value);
      tellField(number, entry);
    });
    tellSlider(number);
  });
  show(nowAt());
}

if (data.map) {
  const { labels, names, limits } = data.map;
  byId("plane").hidden = false;
  byId("map").setAttribute("aria-label", `what the net says over ${names.join(" and ")}`);
  byId("axes").textContent = `across: ${names[0]}, ${limits[0].map(x => rounded(x, 2)).join(" … ")}; up: ${names[1]}, ${limits[1].map(x => rounded(x, 2)).join(" … ")}; ${labels.map((label, i) => `${i % 2 ? "■" : "●"} ${label}`).join(", ")}`;
}
byId("step").disabled = byId("ten").disabled = byId("hundred").disabled = !leaves.some(leaf => leaf.moves);
byId("step").addEventListener("click", () => descend(1));
byId("ten").addEventListener("click", () => descend(10));
byId("hundred").addEventListener("click", () => descend(100));
byId("reset").addEventListener("click", () => {
  leaves.forEach((leaf, number) => { leaf.now = Float64Array.from(leaf.first); ranges[number] = leaf.first.map(range); });
  costs = [];
  byId("descent").textContent = "";
  draw();
  tellAll();
});
document.querySelectorAll("#picture svg").forEach(svg => keepReadable(svg, data.letters));

// Where the picture is larger than its place, it begins at the result: that is what moves whatever is dragged.
const result = texts.find((_, i) => rows[i].some(piece => Array.isArray(piece) && piece[1] === data.root));
if (result) inTheMiddle(result, byId("picture"));
addEventListener("resize", soon);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
tellAll();
