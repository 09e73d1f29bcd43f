// The size of the picture: fitted to its place, but never smaller than can be read; enlarged, dragged, pinched.
const LEAST = 1.2;  // the smallest text of a picture has 10 points: 12 pixels
const LARGEST = 8, FITTED = 2.4, PROJECTED = 6, ZOOM = 1.25;
const ACROSS = 800;  // on a projector a window shows so many points: text is a size larger than 12 points on a slide
const figure = byId("picture");
let scale = LEAST, isFitted = true;

const isProjected = () => document.body.classList.contains("large");
const least = () => isProjected() ? Math.max(LEAST, Math.min(innerWidth / ACROSS, LARGEST / 2)) : LEAST;

function fittedScale(size, wide, high, most, least) {
  return Math.max(least, Math.min(wide / size.width, high / size.height, most));
}

function resize(wanted, at) {
  const svg = currentSvg();
  if (!svg) return;
  const size = svg.viewBox.baseVal, before = scale;
  scale = Math.max(least(), Math.min(LARGEST, wanted));
  const spot = at ?? [figure.clientWidth / 2, figure.clientHeight / 2];
  const kept = [figure.scrollLeft + spot[0], figure.scrollTop + spot[1]].map(x => x * scale / before);
  svg.style.width = size.width * scale + "px";
  figure.scrollLeft = kept[0] - spot[0];
  figure.scrollTop = kept[1] - spot[1];
}

function fit() {
  document.documentElement.style.setProperty("--bar", document.querySelector("header").offsetHeight + "px");
  const svg = currentSvg();
  if (!svg || !isFitted) return;
  const size = svg.viewBox.baseVal;
  scale = fittedScale(size, figure.clientWidth - 4, figure.clientHeight - 4, isProjected() ? PROJECTED : FITTED, least());
  svg.style.width = size.width * scale + "px";
}

function zoom(factor, at) {
  isFitted = false;
  resize(scale * factor, at);
}

// Puts what a step is about in the middle, as far as the picture reaches; of more than fits, what it ends at.
function center(parts) {
  if (!parts.length) return;
  const frame = figure.getBoundingClientRect();
  let places = parts.map(part => part.getBoundingClientRect());
  const span = (low, high) => [Math.min(...places.map(place => place[low])), Math.max(...places.map(place => place[high]))];
  let across = span("left", "right"), down = span("top", "bottom");
  if (across[1] - across[0] > frame.width || down[1] - down[0] > frame.height) {
    places = places.slice(-1);
    [across, down] = [span("left", "right"), span("top", "bottom")];
  }
  figure.scrollTo({
    left: figure.scrollLeft + (across[0] + across[1]) / 2 - (frame.left + frame.right) / 2,
    top: figure.scrollTop + (down[0] + down[1]) / 2 - (frame.top + frame.bottom) / 2,
    behavior: wantsStill.matches ? "auto" : "smooth",
  });
}

const inFigure = event => { const frame = figure.getBoundingClientRect(); return [event.clientX - frame.left, event.clientY - frame.top]; };
figure.addEventListener("wheel", event => {
  if (!event.ctrlKey) return;
  event.preventDefault();
  zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, inFigure(event));
}, { passive: false });

// A mouse drags the picture; a click that moved is none.
let held = null, hasMoved = false;
figure.addEventListener("pointerdown", event => {
  hasMoved = false;
  if (event.pointerType === "mouse" && event.button === 0) held = [event.clientX, event.clientY, figure.scrollLeft, figure.scrollTop];
});
window.addEventListener("pointermove", event => {
  if (!held) return;
  const moved = [event.clientX - held[0], event.clientY - held[1]];
  hasMoved ||= Math.hypot(...moved) > 4;
  if (!hasMoved) return;
  figure.classList.add("dragged");
  figure.scrollLeft = held[2] - moved[0];
  figure.scrollTop = held[3] - moved[1];
});
window.addEventListener("pointerup", () => { held = null; figure.classList.remove("dragged"); });

// Two fingers enlarge it; one that swipes where nothing scrolls goes a step on or back.
let finger = null, pinch = null;
const apart = touches => Math.hypot(touches[0].clientX - touches[1].clientX, touches[0].clientY - touches[1].clientY);
for (const area of [figure, document.querySelector("header")]) {
  area.addEventListener("touchstart", event => {
    const first = event.touches[0];
    finger = event.touches.length === 1 ? [first.clientX, first.clientY, figure.scrollLeft] : null;
    pinch = event.touches.length === 2 && area === figure ? [apart(event.touches), scale] : null;
  }, { passive: true });
  area.addEventListener("touchmove", event => {
    if (!pinch || event.touches.length !== 2) return;
    event.preventDefault();
    isFitted = false;
    resize(pinch[1] * apart(event.touches) / pinch[0]);
  }, { passive: false });
  area.addEventListener("touchend", event => {
    const last = event.changedTouches[0];
    if (finger && figure.scrollLeft === finger[2]) {
      const moved = [last.clientX - finger[0], last.clientY - finger[1]];
      if (Math.abs(moved[0]) > 50 && Math.abs(moved[0]) > 2 * Math.abs(moved[1])) (moved[0] < 0 ? next : back)();
    }
    finger = pinch = null;
  });
}
