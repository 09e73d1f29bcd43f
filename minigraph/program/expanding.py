"""Operations written by smaller ones where that lets a program compute once what they share.

ReLU is z ⊙ [Z > 0] where the backward pass needs the mask anyway; softmax and cross-entropy share their
exponentials. What an operation demands of its operands' values is checked by a node of its own, so that
targets that don't change are checked once.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigraph.node import Node
from minigraph.operations.arithmetic import Multiply
from minigraph.operations.emission import Place
from minigraph.operations.powers import Square
from minigraph.operations.reductions import Sum
from minigraph.program.graph import Graph, rewritten
from minigraph.program.own_operations import Checked, Inner
from minigraph.pulling import ancestors
from minigraph.simplification import rebuilt, signature
from minigraph.values import Shape

MOST_ROUNDS = 8
"""An expansion may hold operations that expand in turn; a chain of more than this is left as it is."""


class Dry:
    """A `Writer` that writes nothing: it finds out whether an operation can be written."""

    def call(self, function: str, *arguments: Place | str) -> None: ...
    def copy(self, x: Place, out: Place) -> None: ...
    def dot(self, a: Place, b: Place, out: Place) -> None: ...
    def fill(self, x: Place, value: float) -> None: ...

    def number(self, value: float, dtype: np.dtype[Any]) -> Place:
        return Place("number", (), dtype)

    def filled(self, value: float, shape: Shape, dtype: np.dtype[Any]) -> Place:
        return Place("filled", shape, dtype)

    def prepared(self, function: str, *arguments: Place) -> Place:
        return Place("prepared", arguments[-1].shape, arguments[-1].dtype)

    def scratch(self, shape: Shape, dtype: np.dtype[Any]) -> Place:
        return Place("scratch", shape, dtype)

    def reshaped(self, x: Place, shape: Shape) -> Place:
        return Place("reshaped", shape, x.dtype)

    def part(self, x: Place, entries: slice, shape: Shape) -> Place:
        return Place("part", shape, x.dtype)


def can_be_written(node: Node) -> bool:
    """Whether the operation has an ``out=`` form."""
    assert node.op is not None
    places = [Place("x", x.shape, x.dtype) for x in (node, *node.inputs)]
    return node.op.emission(Dry(), *places) or (len(places) == 2 and node.op.view(places[1]) is not None)


def inner_products(graph: Graph) -> Graph:
    """Σ a ⊙ b as one product of vectors."""

    def inner(node: Node) -> Node:
        if not isinstance(node.op, Sum) or node.shape != ():
            return node
        (x,) = node.inputs
        pair = x.inputs if isinstance(x.op, Multiply) else (*x.inputs, *x.inputs) if isinstance(x.op, Square) else ()
        if not pair or pair[0].shape != pair[1].shape:
            return node
        made = Node(Inner(), pair, (), node.dtype)
        return made if node.name is None else made.named(node.name)

    return rewritten(graph, inner)


def check_once(graph: Graph) -> Graph:
    """Checks of operands' values as nodes of their own."""

    def checked(node: Node) -> Node:
        if node.op is None or not node.op.checked:
            return node
        inputs = tuple(
            Checked(node, i)(x) if i in node.op.checked and not isinstance(x.op, Checked) else x
            for i, x in enumerate(node.inputs)
        )
        made = Node(node.op, inputs, node.shape, node.dtype)
        return made if node.name is None else made.named(node.name)

    return rewritten(graph, checked)


def expand(graph: Graph) -> Graph:
    """Operations by their expansions, where a part of it is in the graph already or there is no other form."""
    for _ in range(MOST_ROUNDS):
        nodes = graph.nodes()
        known = {(signature(node.op), node.inputs) for node in nodes if node.op is not None}
        found = {node: made for node in nodes if (made := _expansion(node, known)) is not None}
        if not found:
            break
        became: dict[Node, Node] = {}
        for node in nodes:
            became[node] = rebuilt(node, became)
            if node in found:
                for x in ancestors([found[node]], stop=node.inputs.__contains__):
                    if x not in became:
                        became[x] = rebuilt(x, became)
                made = became[found[node]]
                became[node] = made if node.name is None or made.name is not None else made.named(node.name)
        graph = graph.replaced(became)
    return graph


def _expansion(node: Node, known: set[Any]) -> Node | None:
    """The expansion, if a part of it is known or the operation can't be written otherwise."""
    made = node.op.expansion(*node.inputs) if node.op is not None else None
    if made is None or made.shape != node.shape or made.dtype != node.dtype:
        return None
    inner = ancestors([made], stop=node.inputs.__contains__)
    shared = any((signature(x.op), x.inputs) in known for x in inner if x.op is not None and x not in node.inputs)
    return made if shared or not can_be_written(node) else None
