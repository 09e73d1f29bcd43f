"""Questions that check themselves, in a notebook and on a page.

A lesson begins with ``from exercise import ask`` in a cell tagged ``remove-cell``; in the notebook that
readers download, this file is written out in its place. A question is the last line of a cell tagged
``remove-input``.
"""

import html
import itertools
import json

_ids = itertools.count(1)

NOT_YET = "Not yet. Try again."
NO_NUMBER = "Type a number, such as −0.25 or 1/4."
CHECK = """
const {known, tolerance, notYet, noNumber} = JSON.parse(this.dataset.answers);
const typed = this.previousElementSibling.value.trim().replaceAll(',', '.').replaceAll('−', '-');
const [answer, divisor = 1] = typed.split('/').map((text) => text.trim() === '' ? NaN : Number(text));
const given = answer / divisor;
const near = (value) => Math.abs(given - value) <= tolerance * Math.max(1, Math.abs(value));
const found = known.find(([value]) => near(value));
this.nextElementSibling.textContent = Number.isNaN(given) ? noNumber : found ? found[1] : notYet;
"""


class Ask:
    """A question with a number as its answer: a field to type into, and a word about what was typed.

    Args:
        question: plain text.
        right: the right answer, computed, not typed.
        wrong: {answer: what to say about it}, for slips that people make.
        why: said with the right answer.
        tolerance: relative to the answer, or absolute below 1.
    """

    def __init__(self, question, right, wrong=None, why="", tolerance=2e-3):
        self.question, self.tolerance = question, tolerance
        self.known = [[float(right), f"✓ Right. {why}"]]
        for value, hint in (wrong or {}).items():
            if self.check(value) != NOT_YET:
                raise ValueError(f"{question!r}: {value} can't be told apart from another answer")
            self.known.append([float(value), hint])

    def check(self, answer):
        """What there is to say about an answer; for those who would rather type Python."""
        for value, hint in self.known:
            if abs(answer - value) <= self.tolerance * max(1, abs(value)):
                return hint
        return NOT_YET

    def __repr__(self):
        return f"? {self.question}"

    def _repr_html_(self):
        answers = {
            "known": self.known,
            "tolerance": self.tolerance,
            "notYet": NOT_YET,
            "noNumber": NO_NUMBER,
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
