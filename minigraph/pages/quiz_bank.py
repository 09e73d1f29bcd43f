"""`bank_question`: what a quiz asks, as a question of a bank, in which slips become feedback."""

from __future__ import annotations

from minigraph.pages.moodle import ANY_OTHER, BankAnswer, BankQuestion
from minigraph.pages.quiz_asked import Question, Slip
from minigraph.values import Shape

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
    for slip in question.slips:
        answers += _answers(question, slip, False)
    if form != "multichoice":
        answers.append(BankAnswer(ANY_OTHER, question.hint))
    lines = (*told, question.prompt)
    return BankQuestion(form, name, lines, tuple(answers), question.solution, picture, described)


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
