"""`Content`: what is on a live page: a picture with places for numbers that move, formulas, fields, and their program."""

from __future__ import annotations

import html
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from string import Template
from typing import Any

import numpy as np

from minigraph.core.node import Node, Role, literal
from minigraph.core.pulling import ancestors
from minigraph.drawing.dot import to_dot
from minigraph.drawing.rendering import RenderingError, to_svg
from minigraph.drawing.scene import Scene, few, summed_text
from minigraph.drawing.theme import THEME, TextLimits
from minigraph.drawing.view import Box, Edge, Kind, Row, View
from minigraph.drawing.view_builders import steps_view
from minigraph.formulas import to_text
from minigraph.formulas.spelling import ROUNDING
from minigraph.operations.indexing import Indexed
from minigraph.pages.live_map import Map
from minigraph.pages.live_program import program_of, written
from minigraph.pages.page import one_file, part
from minigraph.pages.page_svg import for_page, step_numbers
from minigraph.reading.names import cleaned
from minigraph.reading.numbers import IN_PICTURES, index_text, shape_text
from minigraph.reading.steps import Derivative, Step, StepEdge

ROOM = 3
"""So many characters longer than now may a text become before it is wider than its box."""
WIDE = 7
"""The characters of a number of the usual length, such as −0.1234: a text has room for as many."""
PROJECTED = 13
"""Points of the smallest letters of a picture, which is as wide as the window: they are read from a projector."""
MOST_MOVED = 24
"""Arrays of up to so many entries, 4 × 6, can be moved entry by entry."""

Piece = str | list[Any]
"""A text as it stands, or a value: how it is written, the number of the output, and its shape."""
Pieces = list[Piece]


@dataclass
class Content:
    """What is on the page of a scene.

    Attributes:
        view: the picture, with markers where numbers move.
        rows: what stands at each marker.
        outputs: the nodes whose values the page computes.
        leaves: the leaves that can be moved.
        products: for each node what comes to it, if they are scalars: ∂J/∂z · ∂z/∂w, and its numbers.
    """

    scene: Scene
    rows: list[Pieces] = field(default_factory=list)
    outputs: dict[Node, int] = field(default_factory=dict)
    products: dict[Node, list[tuple[str, Pieces]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        nodes = [step.node for step in self.scene.steps]
        indices = {x for node in ancestors([self.scene.root]) if isinstance(node.op, Indexed) for x in node.inputs[1:]}
        self.leaves = [
            node
            for node in nodes
            if node.size and node not in indices
            and (_has_fields(node) or (node.role is Role.PARAMETER and node in self.scene.gradients))
        ]  # fmt: skip
        plain = steps_view(self.scene, numbers=step_numbers(self.scene))
        self.mark = _unused(plain)
        place_of = {
            (self.scene.ids[step.node], place): (step, edge)
            for step in self.scene.steps
            for place, edge in enumerate(step.edges)
        }
        boxes = tuple(self._box(box) for box in plain.boxes)
        edges = tuple(self._edge(edge, *place_of[edge.head, edge.place]) for edge in plain.edges)
        self.view: View = replace(plain, boxes=boxes, edges=edges)

    def output(self, node: Node) -> int:
        """The number of the output that a node is."""
        return self.outputs.setdefault(node, len(self.outputs))

    def piece(self, node: Node, way: str = "few") -> Piece:
        """A value that moves."""
        return [way, self.output(node), list(node.shape)]

    # Texts

    def _box(self, box: Box) -> Box:
        node = box.node
        assert node is not None
        rows: list[Row] = []
        for row in box.rows:
            if row.kind is Kind.VALUE:
                row = self._marked(row, [self.piece(node, "value")])
            elif row.kind is Kind.GRADIENT and node is not self.scene.root and rows and rows[-1].kind is not Kind.GRADIENT:
                row = self._marked(row, self.gradient(node))
            rows.append(row)
        return replace(box, rows=tuple(rows))

    def gradient(self, node: Node) -> Pieces:
        """∂J/∂node and what makes it, as `gradient_text` writes it."""
        scene, total = self.scene, self.scene.gradients[node]
        name, terms = scene.gradient(node), scene.arrivals.get(node, ())
        if summed_text(name, total.value, [term.value for term in terms]) is None:
            is_large = few(total.value) is None
            return [f"‖{name}‖ = ", self.piece(total, "norm")] if is_large else [f"{name} = ", self.piece(total)]
        summed: Pieces = [f"{name} = ", self.piece(terms[0])]
        for term in terms[1:]:
            summed += [" + ", self.piece(term, "bracketed")]
        return [*summed, " = ", self.piece(total)]

    def _edge(self, edge: Edge, step: Step, read: StepEdge) -> Edge:
        if not edge.rows or edge.held or step.node.shape != () or read.source.shape != ():
            return edge
        entries = [self.scene.ledger[primitive] for primitive in read.path]
        slope = Derivative(tuple(entries)).local.pull(literal(1.0, step.node.dtype))
        local, contribution = edge.rows
        upstream = self.scene.gradients[step.node]
        product: Pieces = [
            self.piece(upstream),
            " × ",
            self.piece(slope, "bracketed"),
            " = ",
            self.piece(entries[-1].contribution),
        ]
        rule = f"{self.scene.gradient(step.node)} · {local.text.split(' = ')[0]}"
        self.products.setdefault(read.source, []).append((rule, product[:3]))
        written_rows = (
            self._marked(local, [local.text.removesuffix(local.numbers) + " = ", self.piece(slope)]),
            self._marked(contribution, product),
        )
        return replace(edge, rows=written_rows)

    def _marked(self, row: Row, pieces: Pieces) -> Row:
        """A row in whose place the page writes the pieces; it takes as much room as now, and a little more."""
        self.rows.append(pieces)
        usual = sum(len(piece) if isinstance(piece, str) else WIDE for piece in pieces)
        return Row(row.kind, f"{self.mark}{len(self.rows) - 1}{self.mark}".ljust(max(len(row.text) + ROOM, usual), "0"))

    def formulas(self) -> list[Pieces]:
        """A line for each step: its formula, with numbers in the place of names where they are scalars, and its value."""
        lines: list[Pieces] = []
        for step in self.scene.steps:
            node = step.node
            if node.op is None:
                continue
            sources = list(dict.fromkeys(edge.source for edge in step.edges))
            numbers = self._with_numbers(node, sources) if all(x.shape == () for x in sources) and node.shape == () else []
            lines.append([self.scene.formula(node), *numbers, " ", self.piece(node, "value")])
        return lines

    def sums(self) -> list[Pieces]:
        """A line for each gradient, in the order of the backward pass: the chain rule, its numbers, their sum."""
        lines: list[Pieces] = []
        for step in reversed(self.scene.steps):
            node, products = step.node, self.products.get(step.node, [])
            if node is self.scene.root or node not in self.scene.gradients:
                continue
            if node.shape != () or len(products) < len(self.scene.arrivals[node]):  # some came by way of arrays
                lines.append(self.gradient(node))
                continue
            line: Pieces = [f"{self.scene.gradient(node)} = {' + '.join(rule for rule, _ in products)}"]
            for place, (_, numbers) in enumerate(products):
                line += [" + " if place else " = ", *numbers]
            lines.append([*line, " = ", self.piece(self.scene.gradients[node])])
        return lines

    def _with_numbers(self, node: Node, sources: Sequence[Node]) -> Pieces:
        names = {source: f"{self.mark}{place}{self.mark}" for place, source in enumerate(sources)}
        text = to_text(node.formula(), names=names)
        parts = re.split(rf"{self.mark}(\d+){self.mark}", text)
        pieces: Pieces = [" = "]
        for place, text in enumerate(parts):
            if place % 2:
                enclosed = parts[place - 1].endswith(("(", ", ")) and parts[place + 1].startswith((")", ","))
                pieces.append(self.piece(sources[int(text)], "few" if enclosed else "bracketed"))
            else:
                pieces.append(text)
        return [piece for piece in pieces if piece != ""]

    def checks(self) -> list[dict[str, Any]]:
        """Where an operation has no value or no derivative, for scalars: what is looked at, and what is said."""
        found: list[dict[str, Any]] = []
        for node in ancestors([self.scene.root]):
            for position, x in enumerate(node.inputs):
                op = node.op
                if op is None or x.role is Role.LITERAL or x.shape != ():
                    continue
                low, high = op.domain_of(position)
                name = self.scene.text(x)
                if position in op.checked and np.isfinite([low, high]).any():
                    bounds = [[b, "min" if b == low else "max"] for b in (low, high) if np.isfinite(b)]
                    found.append({"output": self.output(x), "bounds": bounds, "name": name, "operation": op.name})
                if op.kinks:
                    found.append({"output": self.output(x), "kinks": list(op.kinks), "name": name, "operation": op.name})
        return found

    # The page

    def page(self, rankdir: str | None, rate: float, note: str, boundary: Map | None) -> str:
        """The whole file."""
        scene, view = self.scene, self.view
        theme = replace(THEME, box_text=TextLimits(60, 120), edge_text=TextLimits(60, 120), rank_gap=0.2)
        theme = theme.with_letters_of(PROJECTED)
        try:
            picture = _live_texts(to_svg(to_dot(view, rankdir, theme), view.title), self.mark)
        except RenderingError as error:
            warnings.warn(f"the page has no picture: {error}", stacklevel=3)
            picture = f"<p>No picture: {html.escape(str(error))}.</p>"
        root = self.output(scene.root)
        leaves = [
            {
                "name": scene.name(leaf),
                "values": written(leaf.value),
                "gradient": self.output(scene.gradients[leaf]) if leaf in scene.gradients else None,
                "moves": leaf.role is Role.PARAMETER and leaf in scene.gradients,
                "fields": _has_fields(leaf),
                "entries": _entries(leaf) if _has_fields(leaf) else [],
                "whole": bool(leaf.dtype == np.float32),
            }
            for leaf in self.leaves
        ]
        lines, sums, checks = self.formulas(), self.sums(), self.checks()
        drawn = None if boundary is None else {**boundary.content(self.leaves), "output": self.output(boundary.output)}
        data = {
            "program": program_of(list(self.outputs), self.leaves),
            "rows": self.rows,
            "lines": lines + sums,
            "leaves": leaves,
            "checks": checks,
            "steps": [self.output(step.node) for step in scene.steps if step.node.op is not None],
            "root": root,
            "rootName": scene.name(scene.root),
            "same": ROUNDING,
            "few": IN_PICTURES,
            "letters": PROJECTED,
            "map": drawn,
            "rate": rate,
        }
        forward, backward = ("\n".join('<li class="told"></li>' for _ in part) for part in (lines, sums))
        given = html.escape(cleaned(", ".join(scene.name(step.node) for step in scene.steps if step.node.op is None)))
        fields = "\n".join(self._field(number, leaf) for number, leaf in enumerate(self.leaves) if _has_fields(leaf))
        title = html.escape(cleaned(view.title))
        exact = f"{rate:g}" if float(f"{rate:g}") == rate else repr(rate)
        said = f'<p id="note">{html.escape(cleaned(note))}</p>' if note else ""
        body = Template(part("live.html")).substitute(
            title=title,
            note=said,
            picture=picture,
            given=given,
            forward=forward,
            backward=backward,
            fields=fields,
            rate=exact,
        )
        scripts = ["live_machine.js", "live_numbers.js", "live_map.js", "live.js"]
        return one_file(view.title, body, styles=["live.css"], scripts=scripts, data=data, packs=True)

    def _field(self, number: int, leaf: Node) -> str:
        """A slider and a field for a number; for an array a field for each entry, and one slider for the chosen one."""
        name = html.escape(cleaned(self.scene.name(leaf)), quote=True)
        what = html.escape(f"{leaf.role}, {shape_text(leaf.shape)}" if leaf.shape else str(leaf.role))
        rows = np.arange(leaf.size).reshape(leaf.shape if leaf.ndim == 2 else (1, -1))
        inputs = [_entry(number, entry, f"{name}{index}") for entry, index in enumerate(_entries(leaf))]
        cells = "".join("<tr>" + "".join(f"<td>{inputs[entry]}</td>" for entry in row) + "</tr>" for row in rows)
        table = f"<table>{cells}</table>" if leaf.shape else inputs[0]
        slider = f'<input type="range" id="slide{number}" min="0" max="1000" step="1" aria-label="{name}">'
        return f'<fieldset><legend><b>{name}</b> <span class="hint">{what}</span></legend>{slider}{table}</fieldset>'


def _has_fields(leaf: Node) -> bool:
    """Whether a leaf is small enough to be moved by hand."""
    return leaf.role in (Role.PARAMETER, Role.DATA) and leaf.size <= MOST_MOVED and leaf.ndim <= 2


def _entries(leaf: Node) -> list[str]:
    """What stands behind the name of a leaf for each of its entries, as in an explanation; nothing where there is one."""
    return [index_text(place) if leaf.size > 1 else "" for place in np.ndindex(leaf.shape)]


def _entry(number: int, entry: int, label: str) -> str:
    return f'<input type="text" inputmode="decimal" id="leaf{number}_{entry}" aria-label="{label}" size="7">'


def _unused(view: View) -> str:
    """A sign that no text of the view has: what stands between two of them is the number of a text that moves."""
    texts = [view.title, *(box.full for box in view.boxes), *(row.text for edge in view.edges for row in edge.rows)]
    mark = "@"
    while any(mark in text for text in texts):
        mark += "@"
    return mark


def _live_texts(svg: str, mark: str) -> str:
    """The picture with markers that the script finds; without tooltips, whose numbers stand still, and ``style=``."""
    return re.sub(
        rf"<text ([^>]*)>({mark}(\d+){mark}0*)</text>", r'<text \1 data-row="\3">\2</text>', for_page(svg, tooltips=False)
    )
