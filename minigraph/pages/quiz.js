// The quiz: one question at a time. A question counts if it is right at the first try, without its solution.
const progress = data.sheets.map(sheet => sheet.map(() => ({ tries: 0, first: false, done: false, shown: false, text: "" })));
const sections = [...document.querySelectorAll(".sheet")];
let sheet = 0, place = 0;

const asked = () => data.sheets[sheet][place];
const state = () => progress[sheet][place];

function say(text, kind = "") {
  byId("said").textContent = text;
  byId("said").className = kind;
}

function show(moves) {
  const question = asked(), isChoice = question.form === "choice";
  sections.forEach((section, number) => { section.hidden = number !== sheet; });
  byId("given").textContent = `Question ${place + 1} of ${data.sheets[sheet].length}${question.given && `: ${question.given}`}`;
  byId("known").textContent = question.known;
  byId("known").hidden = !question.known;
  byId("ask").textContent = question.prompt;
  byId("field").value = state().text;
  byId("field").setAttribute("aria-invalid", "false");
  byId("typing").hidden = isChoice;
  byId("keys").hidden = isChoice || !byId("keys").childElementCount;
  byId("choices").hidden = !isChoice;
  byId("choices").querySelector("legend").textContent = question.prompt;
  byId("choices").querySelectorAll("label").forEach(label => label.remove());
  question.choices.forEach((text, number) => {
    const label = document.createElement("label"), button = document.createElement("input");
    Object.assign(button, { type: "radio", name: "choice", value: number, checked: state().text === String(number) });
    label.append(button, text);
    byId("choices").append(label);
  });
  byId("solution").hidden = true;
  byId("back").disabled = place === 0;
  byId("next").disabled = place === data.sheets[sheet].length - 1;
  say(state().done ? verdict({ right: true }, question) : "", state().done ? "good" : "");
  mark();
  if (moves) (isChoice ? byId("choices").querySelector("input") : byId("field")).focus();
}

function mark() {
  const list = byId("marks");
  list.replaceChildren(...progress[sheet].map((one, number) => {
    const item = document.createElement("li"), button = document.createElement("button");
    const said = one.done ? "right" : one.shown ? "shown" : "open";
    Object.assign(button, { type: "button", textContent: `${number + 1}${one.done ? "✓" : ""}`, className: said === "right" ? "done" : said });
    button.setAttribute("aria-label", `Question ${number + 1}, ${said}`);
    if (number === place) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => go(number));
    item.append(button);
    return item;
  }));
  const first = progress[sheet].filter(one => one.first).length, done = progress[sheet].filter(one => one.done).length;
  byId("score").textContent = `${first} of ${progress[sheet].length} right at the first try${done > first ? `, ${done} right in all` : ""}`;
}

function go(number) {
  place = Math.max(0, Math.min(data.sheets[sheet].length - 1, number));
  show(true);
}

function given() {
  if (asked().form !== "choice") return byId("field").value;
  return byId("choices").querySelector("input:checked")?.value ?? "";
}

// A phone shows digits, and the signs that go with them stand above its keyboard, under the thumb; the question comes up to
// the top of the window, so that what is said to the answer is seen above the keyboard.
if (matchMedia("(pointer: coarse)").matches) {
  const field = byId("field");
  field.inputMode = "decimal";
  for (const sign of "−/·()^") {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: sign });
    button.setAttribute("aria-label", { "−": "minus", "/": "divided by", "·": "times", "(": "open bracket", ")": "close bracket", "^": "to the power of" }[sign]);
    button.addEventListener("pointerdown", event => event.preventDefault());  // the field keeps the focus, and its keyboard
    button.addEventListener("click", () => field.setRangeText(sign, field.selectionStart, field.selectionEnd, "end"));
    byId("keys").append(button);
  }
  field.addEventListener("focus", () => byId("question").scrollIntoView());
}

// No form: the frame of a notebook forbids to send one, and its event with it.
function check() {
  const one = state(), question = asked(), found = judged(question, given());
  if (one.done && found.right) {  // Enter once more goes on
    if (!byId("next").disabled) go(place + 1);
    return;
  }
  one.text = given();
  byId("field").setAttribute("aria-invalid", String(!found.right));
  if (found.words !== null) one.tries += 1;
  if (found.right) {
    one.first = one.first || (one.tries === 1 && !one.shown);
    one.done = true;
  }
  say(verdict(found, question), found.right ? "good" : "bad");
  mark();
}
byId("check").addEventListener("click", check);
byId("question").addEventListener("keydown", event => { if (event.key === "Enter" && event.target.matches("input")) check(); });
byId("hint").addEventListener("click", () => say(asked().hint));
byId("solve").addEventListener("click", () => {
  state().shown = true;
  byId("solution").textContent = asked().solution;
  byId("solution").hidden = false;
  say(`${asked().prompt} ${asked().shown}.`);
  mark();
});
byId("back").addEventListener("click", () => go(place - 1));
byId("next").addEventListener("click", () => go(place + 1));
data.sheets.forEach((_, number) => byId("which").append(new Option(`sheet ${number + 1}`, number)));
byId("which").addEventListener("change", event => {
  sheet = Number(event.target.value);
  place = 0;
  show(false);
});
function printed(solved) {
  document.body.classList.toggle("solved", solved);
  window.print();
}
byId("paper").addEventListener("click", () => printed(false));
byId("solutions").addEventListener("click", () => printed(true));
document.querySelectorAll("figure svg").forEach(svg => keepReadable(svg));
window.addEventListener("afterprint", () => document.body.classList.remove("solved"));
show(false);
