"""Questions that check themselves, in a notebook and on a page.

A lesson begins with ``from exercise import ask`` in a cell tagged ``remove-cell``; in the notebook that
readers download, this file is written out in its place. A question is the last line of a cell tagged
``remove-input``.
"""

import html
import itertools
import json

import numpy as np

SAYS = {
    "notYet": "Not yet. Try again.",
    "unread": "Type a number, such as −0.25, 1/4 or 3·2. This can't be read: ",
    "sign": "Not yet. The size is right: check the sign.",
    "close": "Close. Work it out with more digits.",
    "double": "Not yet. It is twice the right answer: where does a factor of 2 come in, or go?",
    "half": "Not yet. It is half of the right answer: where does a factor of 2 come in, or go?",
    "over": "Not yet. It is 1 over the right answer: which of the two is divided by the other?",
    "point": "Not yet. The digits are right: check the decimal point.",
    "signs": "Not yet. The sizes are right: check the signs.",
    "turned": "Not yet. These are the right numbers, but rows and columns are swapped.",
    "order": "Not yet. These are the right numbers in another order.",
    "count": "Not yet. This many numbers are wanted: ",
    "finite": "Not yet. The answer is a finite number.",
    "some": "Not yet. Entries that are right: ",
}
"""What is said about answers for which the question has no words of its own."""
CHECK = r"""
const {known, tolerance, names, says, shape} = JSON.parse(this.dataset.answers);
const glyphs = {'½': '(1/2)', '¼': '(1/4)', '¾': '(3/4)', '⅓': '(1/3)', '⅔': '(2/3)', '⅛': '(1/8)', '⅜': '(3/8)',
  '⅝': '(5/8)', '⅞': '(7/8)', '−': '-', '–': '-', '—': '-', '·': '*', '×': '*', '⋅': '*', '∗': '*', '÷': '/', ':': '/',
  '⁄': '/', '√': 'sqrt ', 'π': 'pi', '**': '^', '≈': '=', '→': '=', '⇒': '=', '∞': 'inf',
  '~': '', '€': '', '$': '', '’': '', "'": ''};
const sigmoid = (z) => 1 / (1 + Math.exp(-z));
const functions = {sqrt: Math.sqrt, exp: Math.exp, log: Math.log, ln: Math.log, log2: Math.log2, log10: Math.log10,
  tanh: Math.tanh, abs: Math.abs, σ: sigmoid, sigma: sigmoid, sigmoid, relu: (z) => Math.max(z, 0),
  sigmaslope: (z) => sigmoid(z) * (1 - sigmoid(z)), tanhslope: (z) => 1 - Math.tanh(z) ** 2,
  reluslope: (z) => Number(z > 0)};
const values = {e: Math.E, pi: Math.PI, inf: Infinity, infinity: Infinity, ...names}, raised = '⁰¹²³⁴⁵⁶⁷⁸⁹';
('zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen '
  + 'nineteen twenty').split(' ').forEach((word, number) => { values[word] = number; });
Object.entries({half: 2, third: 3, quarter: 4, fifth: 5, sixth: 6, eighth: 8, tenth: 10, sixteenth: 16, hundredth: 100,
  thousandth: 1000}).forEach(([word, parts]) => { values[word] = values[word + 's'] = 1 / parts; });
values.halves = 0.5;
const plain = this.previousElementSibling.value.trim().toLowerCase().replace(/\b(?:np|numpy|math|mg)\./g, '')
  .replace(/\\[dt]?frac *{([^{}]*)} *{([^{}]*)}/g, '(($1)/($2))').replace(/\\(?:cdot|times)\b/g, '*')
  .replace(/\bpow\(([^(),]*),([^(),]*)\)/g, '(($1)^($2))').replace(/ to the (?:power (?:of )?)?(?=\d)/g, '^')
  .replace(/\b(twenty)[- ](?=(?:one|two|three|four|five|six|seven|eight|nine)$)/, '$1+').replace(/\btwice */g, '2*')
  .replace(/^an? (?=[a-z]{3})/, '').replace(/\s*\(=[^()]*\)$/, '')
  .replace(/(?:σ|sigma|sigmoid)['′’](?= *\()/g, 'sigmaslope').replace(/(tanh|relu)['′’](?= *\()/g, '$1slope');
const listed = (text) => text.replace(/[{<]/g, '(').replace(/[}>]/g, ')').replace(/\)\s*(?:\^t|ᵀ|\.t)$/, ')')
  .replace(/\band\b|\|/g, ',').replace(/\p{L}[\p{L}\p{N}_.'′]*\s*[=:]/gu, '');
const typed = (shape.length === 0 ? plain : listed(plain))
  .replace(/^(?:array|shape|tuple|list|about|roughly|(?:by )?(?:a )?factor(?: of)?)\b/, '')
  .replace(/^×|×$|-?fold$/g, '').replace(/ *per ?cent\b/, '%')
  .replace(/[⁻⁰¹²³⁴-⁹]+/g, (all) => '^' + [...all].map((c) => c === '⁻' ? '-' : raised.indexOf(c)).join(''))
  .replace(/[₀-₉]/g, (c) => c.charCodeAt(0) - 0x2080).replace(/(\d+)([½¼¾⅓⅔⅛⅜⅝⅞])/g, '($1+$2)')
  .replace(/(\d) *x *(?=\d)/g, '$1*').replace(/(\d) +(?:out +)?of +(?=\d)/g, '$1/')
  .replace(/\*\*|[^\x00-\x7f]|[:$~']/g, (c) => glyphs[c] ?? c)
  .replace(/^.*=\s*/, '').replace(/[.!]+$/, '').replace(/(\d)\s+\((?:[a-z]{3,} ?)+\)$/, '$1');
const unread = (what) => { throw says.unread + (what || typed || '…'); };
const spelt = [...Object.keys(values), ...Object.keys(functions)].sort((a, b) => b.length - a.length);
const taken = (word) => {
  const [digits] = word.match(/^\d+/) ?? [''];
  if (word === digits) return digits ? [digits] : [];
  if (digits) return [digits, ...taken(word.slice(digits.length)) ?? ['?']];
  for (const name of spelt.filter((name) => word.startsWith(name))) {
    const rest = taken(word.slice(name.length));
    if (rest) return [name, ...rest];
  }
  return null;
};
const read = (text) => {
  const tokens = (text.match(/(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?|\p{L}[\p{L}\p{N}_]*|\S/gu) ?? [])
    .flatMap((token) => /^\p{L}/u.test(token) ? taken(token) ?? [token] : [token]);
  const atom = () => {
    const token = tokens.shift() ?? unread();
    if (token === '-') return -power();
    if (token === '+') return power();
    if (token === '(') {
      const inside = sum();
      return tokens.shift() === ')' ? inside : unread();
    }
    if (Object.hasOwn(functions, token)) return functions[token](atom());
    return Object.hasOwn(values, token) ? values[token] : /^[\d.]/.test(token) ? Number(token) : unread(token);
  };
  const share = () => {
    let value = atom();
    while (tokens[0] === '%') value /= (tokens.shift(), 100);
    return value;
  };
  const power = () => {
    const base = tokens[0] === '-' ? (tokens.shift(), -1) : 1, value = share();
    return base * (tokens[0] === '^' ? (tokens.shift(), value ** power()) : value);
  };
  const product = () => {
    let value = power();
    for (;;) {
      if (tokens[0] === '*') value *= (tokens.shift(), power());
      else if (tokens[0] === '/') value /= (tokens.shift(), power());
      else if (tokens[0] === '(' || spelt.includes(tokens[0])) value *= power();
      else return value;
    }
  };
  const sum = () => {
    let value = product();
    while (tokens[0] === '+' || tokens[0] === '-') value = tokens.shift() === '+' ? value + product() : value - product();
    return value;
  };
  const value = sum(), isUnit = tokens.every((token) => /^\p{L}{3,}$/u.test(token));
  return isUnit && !Number.isNaN(value) ? value : unread(tokens.join(' '));
};
const depths = (text) => [...text].map(((depth) => (c) => depth += '(['.includes(c) - ')]'.includes(c))(0));
const nested = (text, separator) => {
  text = text.trim();
  const depth = depths(text), first = depth.indexOf(0), pairs = ['()', '[]'];
  const isWrapped = first > 0 && first === text.length - 1 && pairs.includes(text[0] + text[first]);
  const inside = isWrapped ? text.slice(1, -1) : text, level = depths(inside), parts = [''];
  for (const [i, c] of [...inside].entries()) {
    if (level[i] === 0 && separator.test(c)) parts.push('');
    else parts[parts.length - 1] += c;
  }
  const full = parts.filter((part) => part.trim() !== '');
  if (full.length > 1) return full.map((part) => nested(part, separator));
  return isWrapped ? nested(full[0] ?? unread(), separator) : read(full[0] ?? unread());
};
const mixed = typed.replace(/(\d) +(\d+ *\/ *\d+)/g, '($1+$2)');
const readings = shape.length === 0
  ? [[mixed.replace(/(\d),(?=\d)/g, '$1.'), /,/], [typed.replace(/(\d)[, ](?=\d{3}(?!\d))/g, '$1'), /,/]]
  : typed.includes(';') ? [[typed.replace(/(\d),(?=\d)/g, '$1.'), /;/], [typed, /[,;]/]]
    : [[typed, /,/], [typed, /[,\s]/], [typed.replace(/\s*(?:[x*/]|by)\s*/g, ','), /,/]];
const measure = (value) => Array.isArray(value) ? [value.length, ...measure(value[0])] : [];
const about = (value) => {
  const given = [value].flat(Infinity), right = known[0][0];
  const near = (x, y) => x === y || Math.abs(x - y) <= tolerance * (Math.abs(y) || 1);
  const same = (xs, ys) => xs.length === ys.length && ys.every((y, i) => near(xs[i], y));
  const is = (change) => same(given, right.map(change)), sorted = (xs) => [...xs].sort((a, b) => a - b);
  const turned = (rows) => given.map((_, i) => given[(i % rows) * (given.length / rows) + Math.floor(i / rows)]);
  const sizes = measure(value).filter((n) => n > 1), wanted = shape.filter((n) => n > 1), isMatrix = wanted.length === 2;
  if (isMatrix && sizes.length === 2 && sizes[0] !== wanted[0])
    return same(turned(sizes[0]), right) ? says.turned : says.count + wanted.join(' × ');
  const hint = known.find(([entries]) => same(given, entries));
  if (hint) return hint[1];
  if (given.length !== right.length) return says.count + (shape.join(' × ') || 1);
  const good = right.filter((y, i) => near(given[i], y)).length;
  if (!given.every(Number.isFinite)) return says.finite;
  if (is((y) => -y)) return says.sign;
  if (good === 0 && right.every((y) => y === 0)) return says.notYet;
  if (given.length > 1 && same(given.map(Math.abs), right.map(Math.abs))) return says.signs;
  if (isMatrix && same(turned(wanted[1]), right)) return says.turned;
  if (given.length > 1 && same(sorted(given), sorted(right))) return says.order;
  const digit = (y) => Number.isInteger(y) ? 0 : 0.5 * 10 ** (Math.floor(Math.log10(Math.abs(y))) - 1);
  const rounded = (x, y) => Math.abs(x - y) <= Math.max(10 * tolerance * Math.abs(y), digit(y) * (1 + 1e-9));
  if (right.every((y, i) => rounded(given[i], y))) return says.close;
  if (is((y) => 2 * y)) return says.double;
  if (is((y) => y / 2)) return says.half;
  if ([1e-4, 1e-3, 0.01, 0.1, 10, 100, 1e3, 1e4].some((power) => is((y) => power * y))) return says.point;
  if (is((y) => 1 / y)) return says.over;
  return good ? `${says.some}${good} of ${right.length}.` : says.notYet;
};
const attempt = ([text, separator]) => {
  try { return about(nested(text, separator)); } catch (said) { if (typeof said !== 'string') throw said; return {said}; }
};
const found = readings.map(attempt), told = found.filter((one) => typeof one === 'string');
this.nextElementSibling.textContent = told.find((one) => one.startsWith('✓')) ?? told[0] ?? found[0].said;
"""

_ids = itertools.count(1)


class Ask:
    """A question whose answer is a number or an array: a field to type into, and a word about what was typed.

    An answer can be written as people write it: 0.75, 0,75, 3/4, ¾, 75 %, 3·2², √2/4, 7.5e-1, with a unit
    behind it; an array as (1, 2), [[1], [2]], np.array([1, 2]) or 1; 2. Whether it lies or stands is all one.

    Args:
        question: plain text.
        right: the right answer, computed, not typed: a number, a vector or a matrix.
        wrong: {answer: what to say about it}, for slips that people make; vectors as tuples.
        why: said with the right answer.
        tolerance: relative to each entry of the answer; absolute where it is 0.
        names: {letter: value}, so that formulas such as 3x² can be typed.
    """

    def __init__(self, question, right, wrong=None, why="", tolerance=2e-3, names=None):
        self.question, self.tolerance = question, tolerance
        self.names = {name.lower(): float(value) for name, value in (names or {}).items()}
        self.shape = np.shape(right)
        self.known = [(self._entries(right), f"✓ Right. {why}")]
        for value, hint in (wrong or {}).items():
            if any(self._agree(self._entries(value), entries) for entries, _ in self.known):
                raise ValueError(f"{question!r}: {value} can't be told apart from another answer")
            self.known.append((self._entries(value), hint))

    @staticmethod
    def _entries(answer):
        return [float(entry) for entry in np.ravel(answer)]

    def _agree(self, given, entries):
        return len(given) == len(entries) and all(
            x == y or abs(x - y) <= self.tolerance * (abs(y) or 1) for x, y in zip(given, entries, strict=True)
        )

    def check(self, answer):
        """What there is to say about an answer; for those who would rather type Python."""
        given = self._entries(answer)
        for entries, hint in self.known:
            if self._agree(given, entries):
                return hint
        if not np.all(np.isfinite(given)):
            return SAYS["finite"]
        right = self.known[0][0]
        if self._agree([-entry for entry in given], right):
            return SAYS["sign"]
        if len(given) == len(right) and np.allclose(given, right, rtol=10 * self.tolerance, atol=0):
            return SAYS["close"]
        return SAYS["notYet"]

    def __repr__(self):
        return f"? {self.question}"

    def _repr_html_(self):
        answers = {
            "known": self.known,
            "tolerance": self.tolerance,
            "names": self.names,
            "shape": self.shape,
            "says": SAYS,
        }
        answers = html.escape(json.dumps(answers, ensure_ascii=False))
        name = f"answer-{next(_ids)}"
        return (
            f'<div class="mg-ask"><label for="{name}"><b>?</b> {html.escape(self.question)}</label> '
            f'<input id="{name}" size="14" autocomplete="off" autocapitalize="off" spellcheck="false" '
            "onkeydown=\"if (event.key === 'Enter') this.nextElementSibling.click()\"> "
            f'<button type="button" data-answers="{answers}" onclick="{html.escape(CHECK)}">Check</button> '
            '<span role="status" aria-live="polite"></span></div>'
        )


ask = Ask
