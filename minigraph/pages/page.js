// What all pages use. Scripts of a page share one scope: a name is given once.
const byId = id => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const wantsStill = matchMedia("(prefers-reduced-motion: reduce)");

// A number as people type it: 1,5 and 3/4 and −2 too; NaN for what is none.
function typed(text) {
  const plain = text.trim().replace(/−/g, "-").replace(",", ".");
  const parts = /^([^/]+)\/([^/]+)$/.exec(plain);
  if (parts) return typed(parts[1]) / typed(parts[2]);
  return /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(plain) ? Number(plain) : NaN;
}

// Whether a key belongs to what has the focus: a field that takes text, or a button that is pressed by it.
function isTaken(event) {
  const focused = event.target;
  if (focused.matches("input, select, textarea")) return true;
  return (event.key === " " || event.key === "Enter") && focused.matches("button, summary, [role=button]");
}
