"""Questions that check themselves, in a notebook and on a page."""

import html
import itertools
import json

_ids = itertools.count(1)


class Ask:
    """A question with a number as its answer: a field to type into, and a word about what was typed.

    right: the right answer, computed. wrong: what to say about answers that are a known slip.
    """

    def __init__(self, question, right, wrong=None, why="", tolerance=2e-3):
        self.question, self.right, self.why, self.tolerance = question, float(right), why, tolerance
        self.wrong = {float(answer): hint for answer, hint in (wrong or {}).items()}

    def check(self, answer):
        """What there is to say about an answer."""
        close = lambda value: abs(answer - value) <= self.tolerance * max(1, abs(value))
        if close(self.right):
            return f"✓ Right. {self.why}"
        return next((hint for value, hint in self.wrong.items() if close(value)), "Not yet. Try again.")

    def __repr__(self):
        return f"? {self.question}"

    def _repr_html_(self):
        known = [[self.right, f"✓ Right. {self.why}"], *map(list, self.wrong.items())]
        script = (
            f"const answer = parseFloat(this.previousElementSibling.value.replace(',', '.').replace('−', '-'));"
            f"const known = {json.dumps(known, ensure_ascii=False)};"
            f"const near = known.find(([value]) => Math.abs(answer - value) <= {self.tolerance} * Math.max(1, Math.abs(value)));"
            "this.nextElementSibling.textContent = Number.isNaN(answer) ? 'Type a number.' : near ? near[1] : 'Not yet. Try again.';"
        )
        name = f"answer-{next(_ids)}"
        return (
            f'<div class="mg-ask"><label for="{name}"><b>?</b> {html.escape(self.question)}</label> '
            f'<input id="{name}" size="8" inputmode="decimal" autocomplete="off" '
            "onkeydown=\"if (event.key === 'Enter') this.nextElementSibling.click()\"> "
            f'<button type="button" onclick="{html.escape(script)}">Check</button> '
            '<span role="status" aria-live="polite"></span></div>'
        )


ask = Ask
