// Whether an answer is right, and if not which slip gives it. A number that rounds to what was typed is right too.
function judge(guess, text, close) {
  const value = typed(text);
  if (Number.isNaN(value)) return { isRight: false, say: "That is not a number. Write it such as 6, −1.5 or 3/4." };
  const off = wanted => Math.abs(value - wanted);
  const isNear = wanted => off(wanted) <= close * Math.abs(wanted) || off(wanted) <= halfOfLastPlace(text);
  const slip = guess.slips.filter(one => isNear(one.value)).sort((one, other) => off(one.value) - off(other.value))[0];
  if (isNear(guess.answer) && !(slip && off(slip.value) < off(guess.answer))) return { isRight: true, say: "Right: " + guess.shown + "." };
  return { isRight: false, say: slip ? "No: " + slip.words + "." : "No: none of the usual mistakes gives it, so I can't name what is wrong." };
}

// 0.005 for 1.45: what a number may be off by when it is rounded to the places typed; 0 for fewer than two digits.
function halfOfLastPlace(text) {
  const parts = /^[-+−]?0*(\d*)[.,]?(\d*)(?:e([-+]?\d+))?$/i.exec(text.trim());
  if (!parts || (parts[1] + parts[2]).replace(/^0+/, "").length < 2 || !parts[2]) return 0;
  return 0.5 * 10 ** (Number(parts[3] ?? 0) - parts[2].length) * (1 + 1e-9);
}
