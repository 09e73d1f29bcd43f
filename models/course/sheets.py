"""`worksheets`: a sheet of paper for each student, with numbers of their own, and the sheets that solve them."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

import minigraph as mg
from minigraph.drawing import Diagram
from minigraph.drawing.rendering import to_svg
from minigraph.drawing.slides import Arrangement, Fitted, fitted
from minigraph.drawing.theme import THEME, Theme
from minigraph.drawing.view import View
from minigraph.pages.handout_page import figure, handout_page, section
from minigraph.pages.quiz_numbers import with_new_numbers
from minigraph.reading.numbers import rounded

from .taught_class import Found, TaughtClass

AREAS = {"wide": (774.0, 345.0), "upright": (527.0, 580.0)}
"""The two ways to lay A4, and how wide and high a picture is there, in points, so that the questions have their place."""
SMALLEST, ENOUGH = 10, 7.5
"""Points of the smallest letters, and those with which a picture in one piece is better than a larger one in rows."""
BLANK = replace(THEME, place_height=25)
"""How a picture looks that is filled in with a pen."""
SHEETS = 1
"""Sets their numbers apart from those of the quizzes, which have their solutions in them."""


def worksheets(taught: TaughtClass, students: int, seed: int) -> tuple[str, str]:
    """The page of worksheets and the page of their solutions; student 1 of a seed has always the same numbers.

    Args:
        taught: the class.
        students: how many sheets there are.
        seed: which numbers are chosen.
    """
    graphs = [numbers_of(taught, number, seed) for number in range(1, students + 1)]
    blank, full = Pictures(BLANK), Pictures(THEME)
    asked = (_asked(taught, J, number, blank) for number, J in enumerate(graphs, 1))
    solved = (_solved(taught, J, number, full) for number, J in enumerate(graphs, 1))
    told = "Print it: a sheet on each page, A4. Every sheet has numbers of its own; the solutions have the same numbers."
    return (
        handout_page(f"Worksheets · {taught.heading}", [f'<p class="screen who">{told}</p>', *asked]),
        handout_page(f"Solutions of the worksheets · {taught.heading}", solved),
    )


def numbers_of(taught: TaughtClass, number: int, seed: int) -> mg.Node:
    """The graph of a student's sheet."""
    return with_new_numbers(taught.sheet.graph(), np.random.default_rng([seed, number, SHEETS]))


class Pictures:
    """Pictures of graphs that differ in their numbers only: how the first is laid out is found once, for all."""

    def __init__(self, theme: Theme):
        self._theme = theme
        self._found: tuple[str, Arrangement] | None = None

    def drawn(self, diagram: Diagram, prefix: str) -> tuple[str, str]:
        """Which way a sheet lies, and its picture as large as it gets there, without its heading, which the page has."""
        view = replace(diagram.view, headed=False)
        if self._found is None:
            self._found = self._largest(view, diagram.rankdir)
        shape, arrangement = self._found
        shown, source = arrangement.filling(view, self._theme, *AREAS[shape], SMALLEST)
        return shape, figure(to_svg(source, shown.title, prefix, diagram.description))

    def _largest(self, view: View, rankdir: str | None) -> tuple[str, Arrangement]:
        fits = [(shape, fitted(view, None, rankdir, self._theme, *area, SMALLEST)) for shape, area in AREAS.items()]

        def worth(fit: tuple[str, Fitted]) -> tuple[bool, float]:
            return fit[1].letters >= ENOUGH and not fit[1].view.rows, fit[1].letters

        shape, found = max(fits, key=worth)
        return shape, found.arrangement


def _asked(taught: TaughtClass, J: mg.Node, number: int, pictures: Pictures) -> str:
    questions = "".join(
        f'<li>{html.escape(question)}<span class="answer"></span></li>' for question in taught.sheet.questions
    )
    shape, picture = pictures.drawn(mg.draw(J, "both", blank=True, title=f"Sheet {number}"), f"mg{number}-")
    parts = [
        '<p class="name"><span>Name</span><span>Date</span></p>',
        f"<p>{html.escape(taught.sheet.text)}</p>",
        picture,
        f"<ol>{questions}</ol>",
    ]
    return section(f"Sheet {number} · {taught.heading}", parts, f"sheet {shape}")


def _solved(taught: TaughtClass, J: mg.Node, number: int, pictures: Pictures) -> str:
    answers = "".join(f"<li>{html.escape(answer)}</li>" for answer in taught.sheet.answers(Found(J)))
    shape, picture = pictures.drawn(mg.draw(J, "both", title=f"Solution of sheet {number}"), f"mg{number}-")
    return section(f"Solution of sheet {number}", [picture, f"<ol>{answers}</ol>", *_gradients(J)], f"sheet {shape}")


def _gradients(J: mg.Node) -> Iterator[str]:
    """The gradients in a line, to tick off."""
    found = J.backward().gradients
    leaves = sorted((node for node in found if node.role is mg.Role.PARAMETER), key=lambda node: node.number)
    told = ", ".join(f"∂{J.name}/∂{leaf.name} = {rounded(found[leaf].value)}" for leaf in leaves)
    yield f"<p><b>{html.escape(told)}</b></p>"
