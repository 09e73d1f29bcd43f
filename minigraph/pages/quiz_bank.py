"""`bank_question`: what a quiz asks, as a question of a bank, in which slips become feedback."""

from __future__ import annotations

from collections.abc import Iterator

from minigraph.pages.moodle import ANY_OTHER, BankAnswer, BankQuestion
from minigraph.pages.question import Question, Slip
from minigraph.values import Shape

SEVERAL = "several slips give this. Perhaps {}"
MOST_TOLD = 3
"""As on the page."""
DIGITS = "Write a decimal number; three digits are enough."


def bank_question(question: Question, name: str, picture: str, described: str) -> BankQuestion:
    """The question, with the graph above it, since a bank deals its questions out one by one.

    Args:
        question: of a quiz.
        name: what the bank calls it.
        picture: the graph as SVG, or "".
        described: the graph in words.
    """
    form = "multichoice" if question.choices else "shortanswer" if isinstance(question.answer, tuple) else "numerical"
    told = [f"{text}." for text in (question.given, question.known) if text]
    if not picture:
        told.insert(0, described)
    if form == "numerical":
        told.append(DIGITS)
    answers = [*_answers(question, Slip(question.answer, ""), True)]
    for slip in _reached(question):
        answers += _answers(question, slip, False)
    if form != "multichoice":
        answers.append(BankAnswer(ANY_OTHER, question.hint))
    lines = (*told, question.prompt)
    return BankQuestion(form, name, lines, tuple(answers), question.solution, picture, described)


def _reached(question: Question) -> Iterator[Slip]:
    """The slips, those of one answer as one: of several answers that fit, a bank takes the first alone."""
    found: list[Slip] = []
    for slip in question.slips:
        if not any(question.is_near(slip.answer, other.answer) for other in found):
            words = [other.words for other in question.slips if question.is_near(slip.answer, other.answer)]
            found.append(slip)
            yield slip if len(words) == 1 else Slip(slip.answer, SEVERAL.format("; or ".join(words[:MOST_TOLD])))


def _answers(question: Question, slip: Slip, is_right: bool) -> list[BankAnswer]:
    """The ways in which one answer is given."""
    feedback = f"{slip.words[:1].upper()}{slip.words[1:]}" + ("" if slip.words.endswith(".") or not slip.words else ".")
    if question.choices:
        return [BankAnswer(question.choices[slip.answer], feedback, is_right)]
    if isinstance(slip.answer, tuple):
        return [BankAnswer(text, feedback, is_right) for text in _spelled(slip.answer)]
    return [BankAnswer(repr(slip.answer), feedback, is_right, question.room(slip.answer))]


def _spelled(shape: Shape) -> list[str]:
    """A shape as it may be typed: (4, 3), (4,3), 4,3, 4x3, 4×3."""
    sizes = list(map(str, shape))
    return list(dict.fromkeys([str(shape), *(mark.join(sizes).join(ends) for mark, ends in _SPELLINGS)]))


_SPELLINGS = ((",", ("(", ")")), (", ", ("", "")), (",", ("", "")), ("x", ("", "")), (" x ", ("", "")), ("×", ("", "")))
