"""What notebooks show of a node, a pass, a diagram, a report: made here for all of them, bounded, and never an error.

A notebook asks for a display behind the user's back. So nothing here raises, warns, or takes long: a value that would take
long to compute, a graph that is large, a picture that is not there soon are left out, and the text says so where it matters.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np

from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node
from minigraph.core.pulling import Clock
from minigraph.drawing import Diagram, draw
from minigraph.drawing.rendering import RenderingError
from minigraph.explanation.whole_pass import parts_of_pass
from minigraph.formulas import Written, to_latex, to_text
from minigraph.pages.notebook_html import Markup, html_of
from minigraph.reading.numbers import array_text, cut, range_text, rounded, shape_text
from minigraph.reading.report_parts import Formula, Part, Picture, Table
from minigraph.reading.steps import steps_of

PATIENCE = 0.6
"""Seconds that a picture gets which nobody asked for; without it the display is as good as there."""
MOST_NODES, MOST_ENTRIES = 3_000, 2_000_000
"""Values are computed for a display if no more nodes than this, and no more entries in all, have to be."""
MOST_CONTRIBUTIONS = 600
"""A longer pass has no table: reading it would take too long."""
MOST_DRAWN, MOST_BOXES = 100, 16
"""A graph of so many nodes, in so many boxes, is small: it is drawn."""
MOST_RANGED = 10_000_000
"""Of arrays with more entries only the shape is told."""
LONGEST_FORMULA = 400
ROWS, COLUMNS = 8, 8
"""Arrays with more rows or columns are shown with their first and last ones."""


def in_notebook(thing: Any) -> dict[str, str]:
    """What a notebook can show of a thing, by the kind of text; its plain text alone where nothing else can be made."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            bundle = _diagram(thing) if isinstance(thing, Diagram) else {"text/html": html_of(_drawn(_parts_of(thing)))}
            if isinstance(thing, Node):
                bundle["text/latex"] = f"$\\displaystyle {_equation(thing, partial(to_latex, budget=LONGEST_FORMULA))}$"
            return {"text/plain": repr(thing), **bundle}
        except Exception:
            return {}


def _diagram(diagram: Diagram) -> dict[str, str]:
    """A picture that was asked for gets all the time that it takes."""
    try:
        return {"text/html": html_of([Markup(diagram.svg_for_pages)]), "image/svg+xml": diagram.svg}
    except RenderingError as error:
        return {"text/plain": f"{diagram!r}\nNo picture: {error}."}


def _parts_of(thing: Any) -> Iterable[Part]:
    if isinstance(thing, Node):
        return _parts_of_node(thing)
    if isinstance(thing, BackwardPass):
        return _parts_of_backward_pass(thing)
    parts: Iterable[Part] = thing._parts()
    return parts


def _drawn(parts: Iterable[Part]) -> list[Part | Markup]:
    """The parts, with pictures drawn where they can be, and left out where not."""
    drawn: list[Part | Markup] = []
    for part in parts:
        if isinstance(part, Picture):
            drawn += [markup] if (markup := _soon(part.draw)) else []
        else:
            drawn.append(part)
    return drawn


def _soon(make: Callable[[], Diagram]) -> Markup | None:
    """A picture as HTML if it is there within `PATIENCE`; whoever renders is not waited for any longer."""
    made: list[Markup] = []

    def render() -> None:
        with suppress(RenderingError):  # then there is no picture
            made.append(Markup(diagram.svg_for_pages))

    try:
        diagram = make()  # what reads nodes is done here, so that no other thread does
    except Exception:  # a value that can't be computed, which is told already
        return None
    thread = threading.Thread(target=render, daemon=True)
    thread.start()
    thread.join(PATIENCE)
    return made[0] if made else None


# Nodes


def _parts_of_node(node: Node) -> Iterable[Part]:
    yield Formula(_equation(node, partial(to_text, budget=LONGEST_FORMULA, subscripts=True)))
    yield f"{node.role}, {shape_text(node.shape)}, {node.dtype}"
    yield from _value_of(node)
    if node._grad is not None:
        yield f"gradient in the last backward pass: {array_text(node._grad)}"
    if node.op is not None and _is_small(node):
        yield Picture(lambda: draw(node))


def _equation(node: Node, written: Callable[[Written], str]) -> str:
    """``J = 3·v``; a leaf's name, and an unnamed node's formula."""
    formula = written(node.formula())
    return formula if node.op is None or node.name is None else f"{written(node)} = {formula}"


def _value_of(node: Node) -> Iterable[Part]:
    if not _is_near([node]):
        yield "value not computed yet: .value computes it"
        return
    try:
        value = np.asarray(node.value)
    except Exception as error:
        yield f"no value: {type(error).__name__}: {error}"
        return
    if value.size == 1:
        yield f"value {rounded(value.item())}" if value.shape == () else f"value [{rounded(value.item())}]"
    elif 0 < value.ndim <= 2 and value.size:
        yield _grid(value)
    if value.size != 1 and value.size <= MOST_RANGED:
        yield range_text(value)


def _grid(value: np.ndarray[Any, Any]) -> Table:
    """The entries of a vector or matrix, of a large one those at its ends."""
    matrix = value.reshape(1, -1) if value.ndim == 1 else value
    rows = []
    for row, rows_left_out in cut(range(matrix.shape[0]), ROWS, ROWS // 2, ROWS // 2):
        cells: list[str] = []
        for column, left_out in cut(range(matrix.shape[1]), COLUMNS, COLUMNS // 2, COLUMNS // 2):
            cells += ["…", rounded(matrix[row, column])] if left_out else [rounded(matrix[row, column])]
        if rows_left_out:
            rows.append(("…",) * len(cells))
        rows.append(tuple(cells))
    return Table(tuple(rows), is_counted=True, has_head=False)


# Backward passes


def _parts_of_backward_pass(backward_pass: BackwardPass) -> Iterable[Part]:
    if len(backward_pass) > MOST_CONTRIBUTIONS or not _is_near([line.contribution for line in backward_pass]):
        yield repr(backward_pass).strip("<>")
        return
    yield from parts_of_pass(backward_pass)
    if _is_small(backward_pass.root):
        yield Picture(lambda: draw(backward_pass, "backward"))


# How much there is to do


def _is_near(nodes: Iterable[Node]) -> bool:
    """Whether the values of the nodes are there, or soon computed."""
    waiting = [node for node in nodes if node._checked < Clock.time]
    seen = set(waiting)
    entries = sum(node.size for node in waiting)
    while waiting and len(seen) <= MOST_NODES and entries <= MOST_ENTRIES:
        for node in waiting.pop().inputs:
            if node not in seen and node.op is not None and node._checked < Clock.time:
                seen.add(node)
                waiting.append(node)
                entries += node.size
    return len(seen) <= MOST_NODES and entries <= MOST_ENTRIES


def _is_small(root: Node) -> bool:
    """Whether a picture of the graph has few boxes."""
    seen, waiting = {root}, [root]
    while waiting and len(seen) <= MOST_DRAWN:
        new = {*waiting.pop().inputs} - seen
        seen |= new
        waiting += new
    return len(seen) <= MOST_DRAWN and len(steps_of(root)) <= MOST_BOXES
