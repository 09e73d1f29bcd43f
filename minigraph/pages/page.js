// What all pages use. Scripts of a page share one scope: a name is given once.
const byId = id => document.getElementById(id);
const data = JSON.parse((typeof unpacked === "function" ? unpacked : text => text)(byId("data").textContent));
const wantsStill = matchMedia("(prefers-reduced-motion: reduce)");

// A number as people type it: 1,5 and 3/4 and −2, and what can be worked out, 2·3 or (1 − 0.5)^2; NaN for what is none.
function typed(text) {
  if (text.length > 200) return NaN;
  const plain = text.replace(/[−–‒‐‑﹣－]/g, "-").replace(/[·×⋅∙✕*]/g, "*").replace(/[÷:∕⁄]/g, "/").replace(/\*\*/g, "^").replace(/²/g, "^2").replace(/³/g, "^3");
  const parts = plain.match(/(\d+[.,]?\d*|[.,]\d+)(e[-+]?\d+)?|[^\s]/gi) ?? [];
  let place = 0;
  const next = (...signs) => signs.includes(parts[place]) ? parts[place++] : "";
  function sum() {
    let total = product();
    for (let sign; (sign = next("+", "-"));) total += sign === "+" ? product() : -product();
    return total;
  }
  function product() {
    let total = signed();
    for (;;) {
      if (next("*")) total *= signed();
      else if (next("/")) total /= signed();
      else if (parts[place] === "(") total *= power();  // 3(1 − 0.5)
      else return total;
    }
  }
  function signed() {
    if (next("-")) return -signed();
    return next("+") ? signed() : power();
  }
  function power() {
    const base = single();
    return next("^") ? base ** signed() : base;
  }
  function single() {
    if (next("(")) {
      const inner = sum();
      return next(")") ? inner : NaN;
    }
    const part = parts[place++] ?? "";
    return /^[\d.,]/.test(part) ? Number(part.replace(",", ".")) : NaN;
  }
  const value = sum();
  return place === parts.length ? value : NaN;
}

// A picture that is fitted to its place is scrolled rather than made smaller than can be read: its smallest letters have 9 pixels.
const keepReadable = (svg, letters = 10) => svg.style.setProperty("--least", 9 / letters * svg.viewBox.baseVal.width + "px");

// Where a picture goes on to the side, its edge fades.
function showMore(figure) {
  const look = () => {
    const far = figure.scrollWidth - figure.clientWidth;
    figure.classList.toggle("more-left", figure.scrollLeft > 8);
    figure.classList.toggle("more-right", figure.scrollLeft < far - 8);
  };
  figure.addEventListener("scroll", look, { passive: true });
  const watched = new ResizeObserver(look);
  [figure, ...figure.querySelectorAll("svg")].forEach(part => watched.observe(part));
}
document.querySelectorAll("figure").forEach(showMore);

// A part of a picture is brought to the middle of the place in which it scrolls.
function inTheMiddle(part, figure) {
  const there = part.getBoundingClientRect(), here = figure.getBoundingClientRect();
  figure.scrollLeft += there.left + there.width / 2 - here.left - here.width / 2;
  figure.scrollTop += there.top + there.height / 2 - here.top - here.height / 2;
}

// Whether a key belongs to what has the focus: a field that takes text, or a button that is pressed by it.
function isTaken(event) {
  const focused = event.target;
  if (focused.matches("input, select, textarea")) return true;
  return (event.key === " " || event.key === "Enter") && focused.matches("button, summary, [role=button]");
}
