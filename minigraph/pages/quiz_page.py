"""`quiz`: one HTML file that asks for the derivatives of a graph, names the usual slips, and prints as a worksheet."""

from __future__ import annotations

import html
import math
import os
import warnings
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from minigraph.core.node import Node
from minigraph.drawing.diagram import root_of
from minigraph.drawing.dot import to_dot
from minigraph.drawing.rendering import RenderingError, to_svg
from minigraph.drawing.scene import Scene
from minigraph.drawing.view import Direction
from minigraph.drawing.view_builders import steps_view
from minigraph.pages.moodle import BankQuestion, moodle_xml
from minigraph.pages.page import UnwrittenPage, one_file, part
from minigraph.pages.page_svg import for_page, step_numbers
from minigraph.pages.question import CLOSE, Asked, Question
from minigraph.pages.quiz_arrays import MOST_ENTRIES, questions_of_arrays
from minigraph.pages.quiz_bank import bank_question
from minigraph.pages.quiz_numbers import new_graph, with_new_numbers
from minigraph.pages.quiz_questions import questions_of
from minigraph.reading.derived_graphs import readable
from minigraph.reading.names import cleaned, warn_of_twins
from minigraph.reading.numbers import array_text, written_out
from minigraph.reading.steps import steps_of
from minigraph.values import whole_number

MAX_BOXES = 60
"""Nobody works through a larger graph by hand."""
MOST_QUESTIONS = 40
"""Of more questions so many are asked, from all of the pass."""
SHEETS = 3


class QuizPage(UnwrittenPage):
    """A quiz that is not written yet: a notebook displays it, `save` writes it.

    Attributes:
        worksheet: the questions as plain text.
        solutions: the answers, with the way to each, as plain text.
    """

    kind = "quiz"
    allowed = "allow-scripts allow-modals"  # to print is a modal

    def __init__(self, text: str, title: str, sheets: Sequence[Sheet]):
        super().__init__(text, title)
        self.worksheet = _text(sheets, solved=False)
        self.solutions = _text(sheets, solved=True)
        self._sheets = sheets

    def moodle(self, category: str | None = None) -> str:
        """The questions as XML that Moodle imports into its question bank; what is said to a slip becomes feedback there.

        Import it under "Question bank", "Import", with the format "Moodle XML". Moodle asks for decimal numbers, where the
        page takes fractions and formulas too.

        Args:
            category: the category in the bank; by default the title.

        Example:
            >>> import minigraph as mg
            >>> b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
            >>> text = mg.quiz((b * c).named("J"), title="Week 1").moodle()
            >>> text.count('<question type="numerical">')
            2
        """
        return moodle_xml({cleaned(self.title if category is None else category): self.bank()})

    def bank(self) -> list[BankQuestion]:
        """The questions of all sheets for a bank, each with its graph."""
        asked = []
        for number, sheet in enumerate(self._sheets, 1):
            picture, described = sheet.drawn(), "; ".join(map(cleaned, sheet.values()))
            for place, question in enumerate(sheet.questions, 1):
                name = f"{self.title} · {number}.{place:02} · {question.ask}"
                asked.append(bank_question(question, cleaned(name), picture, described))
        return asked

    def __repr__(self) -> str:
        return f"{super().__repr__()[:-1]}, .worksheet and .solutions are text>"


class Sheet:
    """A graph with its numbers, and the questions on it."""

    def __init__(self, root: Node, fold: bool | None):
        if fold is None:  # of one unnamed expression every operation is a step
            fold = sum(step.node.op is not None for step in steps_of(root)) > 1
        if (boxes := len(steps_of(root, fold))) > MAX_BOXES:
            raise ValueError(
                f"quiz: {boxes:,} boxes are too many to work through by hand (at most {MAX_BOXES}). "
                "Ask for an inner node, or name fewer steps."
            )
        self.asked = asked = Asked(root, fold)
        with np.errstate(all="ignore"):
            questions = [*questions_of(asked), *questions_of_arrays(asked)]
        if not questions:
            why = "its derivatives are not finite, or it is a leaf, or its arrays are large"
            raise ValueError(f"quiz: there is nothing to ask of {asked.name(root)}: {why}.")
        few = min(len(questions), MOST_QUESTIONS)
        self.questions: list[Question] = [questions[place * len(questions) // few] for place in range(few)]

    def values(self) -> Iterator[str]:
        """The leaves and the steps of the forward pass, each with its value."""
        for step in self.asked.steps:
            value = step.node.value
            text = written_out(value, entries=MOST_ENTRIES) or array_text(value)
            yield f"{self.asked.defined(step.node)} = {text}"

    def drawn(self) -> str:
        """The forward pass as SVG; "" without Graphviz, which a warning tells."""
        try:
            scene = Scene(self.asked.root, self.asked.steps, Direction.FORWARD)
            view = steps_view(scene, numbers=step_numbers(scene))
            return to_svg(to_dot(view), view.title)
        except RenderingError as error:
            warnings.warn(f"the quiz has no picture: {error}", stacklevel=6)
            return ""


def quiz(
    J: Node | None = None,
    path: str | os.PathLike[str] | None = None,
    *,
    seed: int | None = None,
    keep: Collection[Node] = (),
    sheets: int = SHEETS,
    fold: bool | None = None,
    title: str | None = None,
) -> Path | QuizPage:
    """Make a page that asks for the backward pass of a graph: local derivatives, contributions, sums at forks, gradients.

    Of small matrices it asks for the shape of a gradient, the order of a product and one entry. If a wrong answer comes from
    a usual slip, such as a forgotten path, the page names it. There are hints, the solution by `explain`, a score,
    and a worksheet with a sheet of solutions to print. The answers are in the file, and it says so: it is for practising.
    Answers to three significant digits are right, written as 0.25, 0,25, 1/4 or 2.5e-1, or as an expression, such as
    0.5 · (1 − 0.5).

    Args:
        J: a node with one entry. Without it, each sheet is a small graph of its own, made by the seed.
        path: the file to write; its folder must exist. Without it the page is returned, and a notebook displays it.
        seed: a whole number from 0 on, for new numbers: whole ones and simple fractions where the graph allows it, in the
            domain of each operation and away from kinks. Without it J is asked with the numbers that it has.
        keep: leaves that keep their numbers; large arrays, masks and indices always do.
        sheets: with a seed, how many sets of numbers the page has.
        fold: write unnamed nodes inside the step that uses them; by default unless that leaves a single step.
        title: the heading; by default the formula.

    Returns:
        The path of the page, or the page.

    Raises:
        ValueError: if there is nothing to ask, more than 60 boxes, or seed or sheets are out of range.
        ShapeError: if J has more than one entry.
        TypeError: if J is not a node.
        OSError: if the file can't be written.

    Example:
        >>> import minigraph as mg
        >>> b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
        >>> u = (b * c).named("u")
        >>> page = mg.quiz((u + 4).named("J"))
        >>> print(page.worksheet.splitlines()[0])
        J = u + 4
    """
    count = _at_least(1, sheets, "sheets") if seed is not None or J is None else 1
    start = 0 if seed is None else _at_least(0, seed, "seed")
    if J is not None:
        root_of(J, "quiz")
        J = readable(J, what="quiz")
    made: list[Sheet] = []
    for number in range(count):
        generator = np.random.default_rng([start, number])
        root = new_graph(generator) if J is None else J
        sheet = Sheet(root if J is not None and seed is None else with_new_numbers(root, generator, keep), fold)
        made.append(sheet)
    warn_of_twins(made[0].asked.names, "quiz")
    heading = cleaned(title if title is not None else "Derivatives, by hand" if J is None else made[0].asked.defined(J))
    content = _page(heading, made)
    page = QuizPage(content, heading, made)
    return page if path is None else page.save(path)


def _at_least(least: int, value: Any, what: str) -> int:
    number = whole_number(value, what)
    if number < least:
        raise ValueError(f"quiz: {what} is a whole number from {least} on, not {number}")
    return number


# The page


def _page(title: str, sheets: Sequence[Sheet]) -> str:
    data = {"sheets": [[_data(question) for question in sheet.questions] for sheet in sheets]}
    body = Template(part("quiz.html")).substitute(
        title=html.escape(title),
        sheets="\n".join(_sheet(number, sheet, len(sheets)) for number, sheet in enumerate(sheets)),
        several="" if len(sheets) > 1 else "hidden",
        percent=f"{100 * CLOSE:g}",
    )
    return one_file(title, body, styles=["quiz.css"], scripts=["quiz_judge.js", "quiz.js"], data=data)


def _data(question: Question) -> dict[str, Any]:
    """What the script needs of a question."""
    told = {"given": question.given, "known": question.known, "hint": question.hint, "solution": question.solution}
    return {**question.judged(), **told, "choices": question.choices}


def _sheet(number: int, sheet: Sheet, count: int) -> str:
    """The graph of one sheet, and its questions and solutions as they are printed."""
    name = f"Sheet {number + 1}" if count > 1 else "Worksheet"
    values = "".join(f"<li>{html.escape(text)}</li>" for text in map(cleaned, sheet.values()))
    asked = "".join(f"<li>{_on_paper(question)}</li>" for question in sheet.questions)
    solved = "".join(f"<li>{_solved_on_paper(question)}</li>" for question in sheet.questions)
    picture = for_page(sheet.drawn(), tooltips=False) or "<p>No picture: there is no Graphviz here that could draw it.</p>"
    return (
        f'<section class="sheet" data-sheet="{number}" hidden><h2>{name}</h2><figure tabindex="0">{picture}</figure>'
        f'<ul class="values">{values}</ul>'
        f'<ol class="paper questions">{asked}</ol><ol class="paper solutions">{solved}</ol></section>'
    )


def _on_paper(question: Question) -> str:
    choices = "".join(f'<span class="box">&#9633; {html.escape(text)}</span> ' for text in question.choices)
    line = f"<p>{choices}</p>" if choices else '<span class="line"></span>'
    return f'<span class="hint">{html.escape(_told(question))}</span>{html.escape(question.prompt)} {line}'


def _told(question: Question) -> str:
    return f"{question.given}. " if question.given else ""


def _solved_on_paper(question: Question) -> str:
    first, *more = map(html.escape, _solved(question))
    return f"<b>{first}</b>" + (f"<pre>{chr(10).join(more)}</pre>" if more else "")


def _solved(question: Question) -> list[str]:
    """The lines of a solution; the first has the answer."""
    lines = question.solution.splitlines()
    first = [] if lines[0].startswith(f"{question.ask} ") else [f"{question.prompt} {question.shown}"]
    return [*first, *lines]


# Plain text


def _text(sheets: Sequence[Sheet], *, solved: bool) -> str:
    """The questions of each sheet, or their solutions."""
    blocks = []
    for number, sheet in enumerate(sheets):
        head = [cleaned(sheet.asked.defined(sheet.asked.root))]
        head += [f"Sheet {number + 1} of {len(sheets)}"] if len(sheets) > 1 else []
        values = [f"  {cleaned(text)}" for text in sheet.values()]
        width = math.floor(math.log10(len(sheet.questions))) + 1
        lines = []
        for place, question in enumerate(sheet.questions, 1):
            start = f"{place:>{width}}. "
            if solved:
                first, *more = _solved(question)
                lines += [start + first, *(" " * len(start) + line for line in more)]
            else:
                choices = f" one of: {'   '.join(question.choices)}" if question.choices else " ______"
                lines.append(f"{start}{_told(question)}{question.prompt}{choices}")
        blocks.append("\n".join([*head, *values, "", *lines]))
    return "\n\n".join(blocks)
