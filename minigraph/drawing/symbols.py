"""The strip "Symbols" of a picture: what the signs in it mean, those that occur and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from minigraph.core.node import Node, Role
from minigraph.drawing.view import Box, Edge, Kind, Look
from minigraph.formulas import Written
from minigraph.formulas.tree import Bracket, Product, Transpose
from minigraph.formulas.tree import Kind as ProductKind
from minigraph.reading.derived_graphs import Guards
from minigraph.reading.numbers import rounded

Symbol = tuple[str, str]
"""A sign, and what it means."""

MOST_ALIKE = 2
"""Of more short names such as dW1 only the first is explained."""


@dataclass
class Occurring:
    """What a picture's formulas hold: it reads along while they are written.

    Attributes:
        forms: signs that occur in a formula.
        examples: the number m, if a formula holds it.
        guards: floors that keep a denominator from 0, left out of the formulas.
    """

    forms: set[str] = field(default_factory=set)
    examples: Node | None = None
    guards: Guards = field(default_factory=Guards)

    def read(self, thing: Written) -> Written:
        """What is written in the place of a part of a formula: for max(a(1 − a), 1e−12) only a(1 − a)."""
        if isinstance(thing, Product) and thing.kind is ProductKind.ELEMENTWISE:
            self.forms.add("⊙")
        elif isinstance(thing, Transpose):
            self.forms.add("ᵀ")
        elif isinstance(thing, Bracket):
            self.forms.add("[ ]")
        elif isinstance(thing, Node) and thing.role is Role.LITERAL and thing.name == "m":
            self.examples = thing
        return self.guards.read(thing)


def symbols(boxes: Iterable[Box], edges: Iterable[Edge], occurring: Occurring) -> Iterator[Symbol]:
    """Each sign that is in the picture, with what it means."""
    boxes = list(boxes)
    parts: list[Box | Edge] = [*boxes, *edges]
    rows = [row for part in parts for row in part.rows]
    meanings = (
        ("#1", "order of the pass", any(box.number is not None for box in boxes)),
        ("⊙", "entry by entry", "⊙" in occurring.forms),
        ("ᵀ", "transposed", "ᵀ" in occurring.forms),
        ("[Z > 0]", "1 where it holds, else 0", "[ ]" in occurring.forms),
        ("‖·‖", "norm: √ of the sum of squares", any(row.text.startswith("‖") for row in rows)),
        ("range", "smallest … largest entry", any(row.kind is Kind.VALUE and row.text.startswith("range ") for row in rows)),
        ("tag", "a use of a parameter that stands elsewhere", any(box.look is Look.TAG for box in boxes)),
        ("bars", "sizes of the contributions, in the order of the pass", any(row.bars for row in rows)),
        ("!", "what health found", any(row.kind is Kind.FINDING for row in rows)),
        ("seed", "what the backward pass starts with", any(row.text.endswith(" (seed)") for row in rows)),
    )
    yield from ((sign, meaning) for sign, meaning, occurs in meanings if occurs)
    if occurring.examples is not None:
        yield "m", f"= {rounded(occurring.examples.value)}, the number of examples"


def short_names(key: Iterable[Symbol]) -> Iterator[Symbol]:
    """What short names of gradients stand for; many of one kind are told by one of them."""
    key = list(key)
    alike = [short for short, _ in key if short.startswith("d")]
    for short, full in key:
        if short not in alike or len(alike) <= MOST_ALIKE:
            yield short, f"= {full}"
        elif short == alike[0]:
            yield short, f"= {full}, and so on"
