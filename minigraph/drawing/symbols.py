"""The strip "Symbols" of a picture: what the signs in it mean, those that occur and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from minigraph.core.node import Node, Role
from minigraph.drawing.view import Box, Edge, Kind, Look
from minigraph.formulas.text_printer import Met
from minigraph.formulas.tree import Bracket, Transpose
from minigraph.formulas.tree import Kind as ProductKind
from minigraph.reading.numbers import rounded

Symbol = tuple[str, str]
"""A sign, and what it means."""

MOST_ALIKE = 2
"""Of more short names such as dW1 only the first is explained."""


def symbols(boxes: Iterable[Box], edges: Iterable[Edge], met: Met) -> Iterator[Symbol]:
    """Each sign that is in the picture, with what it means."""
    boxes = list(boxes)
    parts: list[Box | Edge] = [*boxes, *edges]
    rows = [row for part in parts for row in part.rows]
    meanings = (
        ("#1", "order of the pass", any(box.number is not None for box in boxes)),
        ("⊙", "entry by entry", ProductKind.ELEMENTWISE in met.forms),
        ("ᵀ", "transposed", Transpose in met.forms),
        ("[Z > 0]", "1 where it holds, else 0", Bracket in met.forms),
        ("‖·‖", "norm: √ of the sum of squares", any(row.text.startswith("‖") for row in rows)),
        ("range", "smallest … largest entry", any(row.kind is Kind.VALUE and row.text.startswith("range ") for row in rows)),
        ("tag", "a use of a parameter that stands elsewhere", any(box.look is Look.TAG for box in boxes)),
        ("bars", "sizes of the contributions, in the order of the pass", any(row.bars for row in rows)),
        ("!", "what health found", any(row.kind is Kind.FINDING for row in rows)),
        ("seed", "what the backward pass starts with", any(row.text.endswith(" (seed)") for row in rows)),
    )
    yield from ((sign, meaning) for sign, meaning, occurs in meanings if occurs)
    if examples := [x for x, name in met.named.items() if name == "m" and isinstance(x, Node) and x.role is Role.LITERAL]:
        yield "m", f"= {rounded(examples[-1].value)}, the number of examples"


def short_names(key: Iterable[Symbol]) -> Iterator[Symbol]:
    """What short names of gradients stand for; many of one kind are told by one of them."""
    key = list(key)
    alike = [short for short, _ in key if short.startswith("d")]
    for short, full in key:
        if short not in alike or len(alike) <= MOST_ALIKE:
            yield short, f"= {full}"
        elif short == alike[0]:
            yield short, f"= {full}, and so on"
