// How numbers and arrays are written: letter by letter as in every picture and text of minigraph.
const MINUS = "−", DIGITS = 4, SAME = data.same;

// The number to so many significant digits, halves to even digits: [digits, exponent of the first one].
function digitsOf(number, digits) {
  const [near] = number.toExponential(digits).split("e");
  if (!near.endsWith("5")) { // no half: the shorter text is rounded right, and is made much faster
    const [short, exponent] = number.toExponential(digits - 1).split("e");
    return [short.replace(".", ""), Number(exponent)];
  }
  const [mantissa, exponent] = number.toExponential(100).split("e");
  const all = mantissa.replace(".", ""), rest = all.slice(digits);
  let first = BigInt(all.slice(0, digits)), power = Number(exponent);
  const above = rest[0] > "5" || (rest[0] === "5" && /[1-9]/.test(rest.slice(1)));
  if (above || (rest[0] === "5" && first % 2n === 1n)) first += 1n;
  let text = String(first);
  if (text.length > digits) { text = text.slice(0, digits); power += 1; }
  return [text, power];
}

// As Python's "g" has it: with an exponent where it is below −4 or no digit would be left; zeros at the end only if asked for.
function general(number, digits, zeros) {
  const [text, power] = digitsOf(Math.abs(number), digits), sign = number < 0 ? "-" : "";
  const trimmed = plain => zeros || !plain.includes(".") ? plain : plain.replace(/\.?0+$/, "");
  if (power < -4 || power >= digits) {
    const mantissa = trimmed(digits > 1 ? `${text[0]}.${text.slice(1)}` : zeros ? `${text}.` : text);
    return [sign + mantissa, power];
  }
  const plain = power < 0 ? `0.${"0".repeat(-power - 1)}${text}` : power === digits - 1 ? text : `${text.slice(0, power + 1)}.${text.slice(power + 1)}`;
  return [sign + trimmed(plain), null];
}

function rounded(number, digits = DIGITS) {
  if (!isFinite(number)) return isNaN(number) ? "NaN" : number > 0 ? "∞" : MINUS + "∞";
  if (Number.isInteger(number) && Math.abs(number) < 1e6) return String(number === 0 ? 0 : number).replace("-", MINUS);
  let [mantissa, power] = general(number, digits, false);
  const shown = Number(power === null ? mantissa : `${mantissa}e${power}`);
  if (!(Math.abs(shown - number) <= SAME * Math.abs(number))) [mantissa, power] = general(number, digits, true);
  return `${mantissa.replace(/\.$/, "")}${power === null ? "" : `e${power}`}`.replaceAll("-", MINUS);
}

const bracketed = text => text.startsWith(MINUS) ? `(${text})` : text;

// A small array as [1 2; 3 4], by its shape; null for a larger one.
function writtenOut(values, shape, entries) {
  if (values.length === 1) return rounded(values[0]);
  if (values.length === 0 || values.length > entries || shape.length > 2) return null;
  const columns = shape[shape.length - 1], rows = [];
  for (let i = 0; i < values.length; i += columns) rows.push([...values.slice(i, i + columns)].map(x => rounded(x)).join(" "));
  return `[${rows.join("; ")}]`;
}

function rangeText(values) {
  const finite = values.filter(isFinite).length;
  if (finite < values.length) return `${values.length - finite} of ${values.length} entries NaN or ∞`;
  if (!values.length) return "no entries";
  const low = Math.min(...values), high = Math.max(...values);
  return low === high ? `all ${rounded(low)}` : `range ${rounded(low, DIGITS - 2)} … ${rounded(high, DIGITS - 2)}`;
}

function normText(values) {
  const largest = values.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  if (!isFinite(largest) || largest === 0) return rounded(largest, DIGITS - 1);
  return rounded(largest * Math.sqrt(values.reduce((sum, x) => sum + (x / largest) ** 2, 0)), DIGITS - 1);
}

// What a piece of a text says now: a text as it is, or a value written in one of four ways.
const WAYS = {
  value: (values, shape) => { const text = writtenOut(values, shape, data.few); return text === null ? rangeText(values) : `= ${text}`; },
  few: (values, shape) => writtenOut(values, shape, data.few) ?? rangeText(values),
  bracketed: (values, shape) => bracketed(writtenOut(values, shape, data.few) ?? rangeText(values)),
  norm: values => normText(values),
};
// A value is written once, though it stands in boxes and lines: what was written is kept beside the outputs.
function saidPiece([way, place, shape], outputs) {
  const kept = (outputs.texts ??= new Map()), key = way + place;
  if (!kept.has(key)) kept.set(key, WAYS[way](outputs[place], shape));
  return kept.get(key);
}
const said = (pieces, outputs) => pieces.map(piece => typeof piece === "string" ? piece : saidPiece(piece, outputs)).join("");
