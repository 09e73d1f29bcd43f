// Where the reader is: the step, whether its number is still asked for, the picture, and the box whose paths are shown.
const { stages } = data;
const lines = [...byId("list").children];
stages.forEach((stage, place) => { stage.say = lines[place].textContent; });
const drawn = data.pictures.map((_, number) => new Picture(number));
let now = 0, isGuessing = false, isAsked = false, end = null, isPrinting = false, picture = drawn[data.start];
const currentSvg = () => picture?.svg;

// All that has happened up to a step.
function happened(upTo) {
  const at = { upTo, seen: new Set(), forward: new Set(), returned: new Set(), gradients: {} };
  for (const past of stages.slice(0, upTo + 1)) {
    past.boxes.forEach(id => at.seen.add(id));
    past.edges.forEach(id => (past.phase === "backward" ? at.returned : at.forward).add(id));
    Object.assign(at.gradients, past.gradients);
  }
  return at;
}

// The boxes and edges on the way from J to a box.
function pathsTo(id) {
  const boxes = new Set([id]), edges = new Set(), ends = drawn[0].edges, waiting = [id];
  while (waiting.length) {
    const tail = waiting.pop();
    for (const edge of data.paths) {
      if (ends[edge][0] !== tail) continue;
      edges.add(edge);
      if (!boxes.has(ends[edge][1])) waiting.push(ends[edge][1]);
      boxes.add(ends[edge][1]);
    }
  }
  return { boxes, edges, end: id };
}

function draw() {
  const stage = stages[now], isWhole = isPrinting || (end !== null && !isGuessing);
  const at = happened(isWhole ? stages.length - 1 : isAsked ? now - 1 : now);
  at.isAsked = isAsked && !isPrinting;
  at.hides = isGuessing && !isPrinting;
  at.nowBoxes = new Set(isPrinting ? [] : stage.boxes);
  at.nowEdges = new Set(isPrinting ? [] : stage.edges);
  at.lit = new Set([...at.seen, ...at.nowBoxes]);
  at.paths = end === null || isPrinting ? null : pathsTo(end);
  picture?.show(at);
  const isBack = stage.phase !== "forward";
  document.body.classList.toggle("back", isBack);
  const said = end === null ? (isAsked ? stage.guess.question : stage.say) : toldPaths(at);
  if (byId("said").textContent !== said) byId("said").textContent = said;
  byId("ask").hidden = !isAsked || end !== null;
  byId("place").textContent = "Step " + (now + 1) + " of " + stages.length;
  byId("first").disabled = byId("back").disabled = now === 0;
  byId("last").disabled = byId("next").disabled = now === stages.length - 1 && !isAsked;
  lines.forEach((line, place) => {
    line.classList.toggle("now", place === now);
    line.classList.toggle("back", isBack);
    line.classList.toggle("unknown", isGuessing && (isAsked ? place >= now : place > now));
    if (place === now) line.setAttribute("aria-current", "step"); else line.removeAttribute("aria-current");
  });
}

// With their numbers, unless these are still to be guessed.
function toldPaths(at) {
  const title = data.titles[end] ?? stages.find(stage => stage.boxes.includes(end)).say;
  const isKnown = !isGuessing || at.upTo >= stages.length - 1;
  return isKnown ? title + "   (again, or Escape: back to step " + (now + 1) + ")" : "The paths to this box. Its chain rule is told when all is guessed.";
}

function show(step, { asks = false, moves = true } = {}) {
  now = Math.max(0, Math.min(stages.length - 1, step));
  end = null;
  isAsked = asks && isGuessing && Boolean(stages[now].guess);
  byId("verdict").textContent = byId("answer").value = "";
  draw();
  fit();
  if (isAsked) byId("answer").focus({ preventScroll: true });
  if (!moves) return;
  if (location.protocol !== "about:") history.replaceState(null, "", "#" + (now + 1));  // a page within a page has no address
  const side = byId("side");
  side.scrollTop = lines[now].offsetTop - side.clientHeight / 2;
  centerNow();
}

function centerNow() {
  if (picture && now === 0) figure.scrollTo(0, 0);  // what is given stands all over the picture: it begins with its title
  else if (picture) center([...new Set(stages[now].boxes.map(id => picture.home[id]))].map(id => picture.boxes[id].group));
}

// On, but where a number is asked for it is told first.
function next() {
  if (isAsked) show(now); else if (now < stages.length - 1) show(now + 1, { asks: true });
}

function back() {
  show(isAsked || end === null ? now - 1 : now);
}

function answer() {
  const { guess } = stages[now], judgement = judged(guess, byId("answer").value), say = verdict(judgement, guess);
  if (judgement.right) {
    const wasAt = document.activeElement === byId("answer");
    show(now);
    byId("said").textContent = say + " " + stages[now].say;
    if (wasAt) byId("next").focus({ preventScroll: true });
    return;
  }
  byId("verdict").textContent = say;
  byId("verdict").className = "bad";
  byId("answer").select();
  fit();
}

function guess(isOn) {
  isGuessing = isOn;
  byId("guess").setAttribute("aria-pressed", String(isOn));
  show(now);
}

function showPaths(id) {
  end = end === id ? null : id;
  draw();
}

// Another picture; what opens or closes with it, some steps, is put in the middle.
function open(number, steps = []) {
  if (!drawn.length) return;
  drawn.forEach((one, place) => one.open(place === number));
  picture = drawn[number];
  byId("level").value = String(number);
  end = null;
  isFitted = true;
  fit();
  draw();
  if (steps.length) center([...new Set(steps.map(id => picture.home[id]))].map(id => picture.boxes[id].group));
  else centerNow();
}
