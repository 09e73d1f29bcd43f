"""`worksheets`: a sheet of paper for each student, with numbers of their own, and the sheets that solve them."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

import minigraph as mg
from minigraph.drawing import Diagram
from minigraph.drawing.dot import to_dot
from minigraph.drawing.rendering import to_svg
from minigraph.drawing.slides import wrapped
from minigraph.pages.handout_page import figure, handout_page, section
from minigraph.pages.quiz_numbers import with_new_numbers

from .taught_class import TaughtClass


def worksheets(taught: TaughtClass, students: int, seed: int) -> tuple[str, str]:
    """The page of worksheets and the page of their solutions; student 1 of a seed has always the same numbers.

    Args:
        taught: the class.
        students: how many sheets there are.
        seed: which numbers are chosen.
    """
    graphs = [numbers_of(taught, number, seed) for number in range(1, students + 1)]
    asked = (_asked(taught, J, number) for number, J in enumerate(graphs, 1))
    solved = (_solved(taught, J, number) for number, J in enumerate(graphs, 1))
    told = "Print it: a sheet a page. Every sheet has numbers of its own; the solutions have the same numbers."
    return (
        handout_page(f"Worksheets · {taught.heading}", [f'<p class="screen who">{told}</p>', *asked]),
        handout_page(f"Solutions of the worksheets · {taught.heading}", solved),
    )


def numbers_of(taught: TaughtClass, number: int, seed: int) -> mg.Node:
    """The graph of a student's sheet."""
    return with_new_numbers(taught.sheet.graph(), np.random.default_rng([seed, number]))


def _asked(taught: TaughtClass, J: mg.Node, number: int) -> str:
    questions = "".join(
        f'<li>{html.escape(question)}<span class="answer"></span></li>' for question in taught.sheet.questions
    )
    parts = [
        '<p class="who">Name: ______________________________</p>',
        f"<p>{html.escape(taught.sheet.text)}</p>",
        _picture(mg.draw(J, "both", blank=True, title=f"Sheet {number}"), taught.sheet.rows, f"mg{number}-"),
        f"<ol>{questions}</ol>",
    ]
    return section(f"Sheet {number} · {taught.heading}", parts, "sheet")


def _solved(taught: TaughtClass, J: mg.Node, number: int) -> str:
    answers = "".join(f"<li>{html.escape(answer)}</li>" for answer in taught.sheet.answers)
    key = mg.draw(J, "both", title=f"Solution of sheet {number}")
    parts = [_picture(key, taught.sheet.rows, f"mg{number}-"), f"<ol>{answers}</ol>", *_gradients(J)]
    return section(f"Solution of sheet {number}", parts, "sheet")


def _gradients(J: mg.Node) -> Iterator[str]:
    """The gradients in a line, to tick off."""
    found = J.backward().gradients
    leaves = sorted((node for node in found if node.role is mg.Role.PARAMETER), key=lambda node: node.number)
    told = ", ".join(f"∂{J.name}/∂{leaf.name} = {float(found[leaf].value):.4g}" for leaf in leaves)
    yield f"<p><b>{html.escape(told.replace('-', '−'))}</b></p>"


def _picture(diagram: Diagram, rows: int, prefix: str) -> str:
    """The diagram in so many rows, without its heading, which the page has; its ids begin with the prefix."""
    view = replace(diagram.view if rows == 1 else wrapped(diagram.view, rows), headed=False)
    return figure(to_svg(to_dot(view, diagram.rankdir, diagram.theme), view.title, prefix, diagram.description))
