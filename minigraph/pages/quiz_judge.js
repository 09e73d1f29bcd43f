// Whether an answer is right, or which slips give it. All numbers are Python's: here they are only compared.
const ADVICE = { number: "Type a number, such as −0.25 or 1/4, or what gives it, such as 2·3.", shape: "Type a shape, such as 2 × 3.", choice: "Choose one." };

// What was typed or chosen, as the form of the question has it; null for what is none.
function answered(form, text) {
  if (form === "number") return Number.isFinite(typed(text)) ? typed(text) : null;
  if (form === "choice") return text === "" ? null : Number(text);
  if (/^\s*(scalar|\(\s*\))\s*$/i.test(text)) return [];
  const shape = /^[\s([]*(\d+(?:\s*(?:[x×*,;]|by)\s*\d+)*)\s*,?[\s)\]]*$/i.exec(text);
  return shape ? shape[1].match(/\d+/g).map(Number) : null;
}

// A number may be off by a part of its size, and by what the numbers that are shown are off by.
function isNear(given, value, { close, unsure }) {
  return typeof value === "number" ? Math.abs(given - value) <= close * Math.abs(value) + unsure : String(given) === String(value);
}

// right, or the words of every slip that gives the answer; no words at all if it is not an answer.
function judged(question, text) {
  const given = answered(question.form, text);
  if (given === null) return { right: false, words: null };
  if (isNear(given, question.answer, question)) return { right: true, words: [] };
  return { right: false, words: question.slips.filter(([value]) => isNear(given, value, question)).map(slip => slip[1]) };
}

// The judgement as a sentence. Where several slips give one number nobody knows which it was.
function verdict({ right, words }, question) {
  if (right) return `Right: ${question.prompt} ${question.shown}.`;
  if (words === null) return ADVICE[question.form];
  if (!words.length) return "Not yet, and none of the usual slips gives it.";
  if (words.length === 1) return `Not yet: ${words[0]}.`;
  return `Not yet. Several slips give this. Perhaps ${words.slice(0, 3).join("; or ")}.`;
}
