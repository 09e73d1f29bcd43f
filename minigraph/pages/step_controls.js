// Buttons, keys, clicks on the picture, the address, and printing.
let playing = null;
function play(isOn) {
  clearTimeout(playing);
  playing = isOn ? setTimeout(tick, Number(byId("speed").value)) : null;
  byId("play").textContent = isOn ? "Pause" : "Play";
  byId("play").setAttribute("aria-pressed", String(isOn));
}
function tick() {
  next();
  play(!isAsked && now < stages.length - 1);
}
// What the reader does by hand ends playing.
const byHand = move => () => { play(false); move(); };

function fill(isOn) {
  document.body.classList.toggle("large", isOn);
  byId("full").setAttribute("aria-pressed", String(isOn));
  if (isOn) document.documentElement.requestFullscreen?.().catch(() => {});  // refused in a frame: large all the same
  else if (document.fullscreenElement) document.exitFullscreen();
  fit();
  centerNow();
}
document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement && isProjected()) fill(false); });

const actions = {
  first: byHand(() => show(0)),
  back: byHand(back),
  next: byHand(next),
  last: byHand(() => show(stages.length - 1)),
  play: () => play(playing === null),
  guess: byHand(() => guess(!isGuessing)),
  check: byHand(answer),
  reveal: byHand(() => show(now)),
  smaller: () => zoom(1 / ZOOM),
  larger: () => zoom(ZOOM),
  fit: () => { isFitted = true; fit(); centerNow(); },
  full: () => fill(!isProjected()),
  more: () => {
    const isOpen = document.querySelector("header").classList.toggle("open");
    byId("more").setAttribute("aria-expanded", String(isOpen));
    fit();
  },
  escape: () => { if (end !== null) showPaths(end); else if (isProjected()) fill(false); },
};
for (const [id, action] of Object.entries(actions)) byId(id)?.addEventListener("click", action);
byId("level").addEventListener("change", event => open(Number(event.target.value)));
byId("speed").addEventListener("change", () => { if (playing !== null) play(true); });

const keys = {
  ArrowRight: "next", ArrowDown: "next", PageDown: "next", " ": "next", ArrowLeft: "back", ArrowUp: "back", PageUp: "back",
  Home: "first", End: "last", "+": "larger", "=": "larger", "-": "smaller", "−": "smaller", 0: "fit",
  f: "full", p: "play", g: "guess", Escape: "escape",
};
document.addEventListener("keydown", event => {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target === byId("answer") && event.key === "Enter") {
    event.preventDefault();  // it would press the button that gets the focus
    return answer();
  }
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key, isRemote = key === "PageDown" || key === "PageUp" || key === "Escape";
  if (!(key in keys) || (isTaken(event) && !isRemote)) return;
  event.preventDefault();
  actions[keys[key]]();
});

// A click, Enter or Space on a box: paths to it, or a group opens; the frame of an opened group closes it.
function press(group, act) {
  group.setAttribute("tabindex", "0");
  group.setAttribute("role", "button");
  group.addEventListener("click", event => { event.preventDefault(); if (!hasMoved) byHand(act)(); });
  group.addEventListener("keydown", event => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    byHand(act)();
  });
}
drawn.forEach((one, number) => {
  one.open(true);
  for (const [id, box] of Object.entries(one.boxes)) {
    if (id in one.opens) press(box.group, () => open(one.opens[id], box.members));
    else if (!box.isFold) press(box.group, () => showPaths(box.members[0]));
  }
  const { frame } = one;
  if (frame) {
    const closed = drawn[one.closes], members = Object.keys(closed.home).filter(step => closed.opens[closed.home[step]] === number);
    frame.setAttribute("aria-expanded", "true");
    frame.setAttribute("aria-label", "Close " + frame.textContent.trim());
    press(frame, () => open(one.closes, members));
  }
  one.open(number === data.start);
});
lines.forEach((line, place) => line.querySelector("button").addEventListener("click", byHand(() => show(place))));
byId("level").hidden = drawn.length < 2;
byId("guess").hidden = !stages.some(stage => stage.guess);
for (const id of ["smaller", "fit", "larger"]) byId(id).hidden = !drawn.length;
document.body.classList.toggle("bare", !drawn.length);

window.addEventListener("beforeprint", () => { isPrinting = true; draw(); });
window.addEventListener("afterprint", () => { isPrinting = false; draw(); });
window.addEventListener("resize", () => { fit(); centerNow(); });
const fromAddress = () => (parseInt(location.hash.slice(1), 10) || 1) - 1;
window.addEventListener("hashchange", () => show(fromAddress(), { moves: false }));
open(data.start);
show(fromAddress(), { moves: location.hash !== "" });
