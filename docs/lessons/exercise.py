"""Questions that check themselves, in a notebook and on a page.

A lesson begins with ``from exercise import ask`` in a cell tagged ``remove-cell``; in the notebook that
readers download, this file is written out in its place. A question is the last line of a cell tagged
``remove-input``.
"""

import html
import itertools
import json

NOT_YET = "Not yet. Try again."
NO_NUMBER = "Type a number, such as −0.25, 1/4 or 3·2."
SIGN = "Not yet. The size is right: check the sign."
CLOSE = "Close. Work it out with more digits."
CHECK = r"""
const {known, tolerance, notYet, noNumber, sign, close} = JSON.parse(this.dataset.answers);
const glyphs = {'½': '(1/2)', '¼': '(1/4)', '¾': '(3/4)', '⅓': '(1/3)', '⅛': '(1/8)', '²': '^2', '³': '^3', '⁴': '^4',
  '−': '-', '–': '-', '·': '*', '×': '*', '⋅': '*', '÷': '/', ':': '/', '√': 'sqrt', 'π': 'pi', '**': '^'};
const text = this.previousElementSibling.value.toLowerCase().replace(/\*\*|[^\x00-\x7f:]|:/g, (c) => glyphs[c] ?? c)
  .replace(/(\d),(\d)/g, '$1.$2').replace(/^.*=/, '').replace(/,?\s*([\])])/g, '$1');
const tokens = text.match(/\d*\.?\d+(?:e[-+]?\d+)?|[a-z]+|\S/g) ?? [];
const functions = {sqrt: Math.sqrt, exp: Math.exp, log: Math.log, ln: Math.log, tanh: Math.tanh};
const atom = () => {
  const token = tokens.shift() ?? '';
  if (token === '-') return -power();
  if (token === '+') return power();
  if (token === '(' || token === '[') {
    const inside = sum();
    return tokens.shift() === {'(': ')', '[': ']'}[token] ? inside : NaN;
  }
  if (Object.hasOwn(functions, token)) return functions[token](atom());
  return {e: Math.E, pi: Math.PI}[token] ?? (/^[\d.]/.test(token) ? Number(token) : NaN);
};
const power = () => {
  const base = tokens[0] === '-' ? (tokens.shift(), -1) : 1, value = atom();
  return base * (tokens[0] === '^' ? (tokens.shift(), value ** power()) : value);
};
const product = () => {
  let value = power();
  while (tokens[0] === '*' || tokens[0] === '/') value = tokens.shift() === '*' ? value * power() : value / power();
  return value;
};
const sum = () => {
  let value = product();
  while (tokens[0] === '+' || tokens[0] === '-') value = tokens.shift() === '+' ? value + product() : value - product();
  return value;
};
const given = sum();
const near = (value) => Math.abs(given - value) <= tolerance * Math.max(1, Math.abs(value));
const found = known.find(([value]) => near(value));
const right = known[0][0];
this.nextElementSibling.textContent = Number.isNaN(given) || tokens.length ? noNumber : found ? found[1]
  : near(-right) ? sign : Math.abs(given - right) <= 10 * tolerance * Math.abs(right) ? close : notYet;
"""

_ids = itertools.count(1)


class Ask:
    """A question with a number as its answer: a field to type into, and a word about what was typed.

    Args:
        question: plain text. Numbers, fractions and formulas such as 3·2² or √2/4 are taken as answers.
        right: the right answer, computed, not typed.
        wrong: {answer: what to say about it}, for slips that people make.
        why: said with the right answer.
        tolerance: relative to the answer, or absolute below 1.
    """

    def __init__(self, question, right, wrong=None, why="", tolerance=2e-3):
        self.question, self.tolerance = question, tolerance
        self.known = [[float(right), f"✓ Right. {why}"]]
        for value, hint in (wrong or {}).items():
            if self.check(value) not in (NOT_YET, SIGN, CLOSE):
                raise ValueError(f"{question!r}: {value} can't be told apart from another answer")
            self.known.append([float(value), hint])

    def check(self, answer):
        """What there is to say about an answer; for those who would rather type Python."""

        def near(value):
            return abs(answer - value) <= self.tolerance * max(1, abs(value))

        right = self.known[0][0]
        for value, hint in self.known:
            if near(value):
                return hint
        if near(-right):
            return SIGN
        return CLOSE if abs(answer - right) <= 10 * self.tolerance * abs(right) else NOT_YET

    def __repr__(self):
        return f"? {self.question}"

    def _repr_html_(self):
        answers = {
            "known": self.known,
            "tolerance": self.tolerance,
            "notYet": NOT_YET,
            "noNumber": NO_NUMBER,
            "sign": SIGN,
            "close": CLOSE,
        }
        answers = html.escape(json.dumps(answers, ensure_ascii=False))
        name = f"answer-{next(_ids)}"
        return (
            f'<div class="mg-ask"><label for="{name}"><b>?</b> {html.escape(self.question)}</label> '
            f'<input id="{name}" size="8" inputmode="decimal" autocomplete="off" '
            "onkeydown=\"if (event.key === 'Enter') this.nextElementSibling.click()\"> "
            f'<button type="button" data-answers="{answers}" onclick="{html.escape(CHECK)}">Check</button> '
            '<span role="status" aria-live="polite"></span></div>'
        )


ask = Ask
