"""Activations that the backward pass reads, computed again there, so that only some of them are kept until then.

    A1, A2, …, A9 kept                 →     A3, A6 kept
    dW5 = dZ5.dot(A4.T)                →     Z4_again = W4.dot(A3) + b4, A4_again = relu(Z4_again), dW5 = dZ5.dot(A4_again.T)

It takes more time and less memory, so it is done only for ``memory="less"``. The forward pass stays as it is, and with it
the cost, to the bit.
"""

from __future__ import annotations

import math
from collections import ChainMap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from minigraph.calculus.simplification import rebuilt
from minigraph.core.node import Node
from minigraph.core.pulling import ancestors
from minigraph.program.graph import ProgramGraph
from minigraph.program.inserted_operations import Again, Joining
from minigraph.program.passes.compiler_pass import Pass
from minigraph.program.schedule import schedule

SMALLEST = 4096
"""Bytes of an array that is worth computing again."""


def recompute(graph: ProgramGraph) -> ProgramGraph:
    """The graph with what the backward pass reads computed again, as far as that takes less memory."""
    forward = _forward(graph)
    kept = min(forward.choices(), key=forward.bytes_with, default=forward.saved)
    if forward.bytes_with(kept) >= forward.bytes_with(forward.saved):
        return graph
    return _rewritten(graph, forward, kept)


@dataclass(frozen=True)
class Forward:
    """What is computed before the most memory is in use.

    Attributes:
        order: all that a step does, in order.
        before: that part of it.
        saved: those of them that are read afterwards and could be computed again.
    """

    order: Sequence[Node]
    before: Collection[Node]
    saved: Sequence[Node]

    def choices(self) -> Iterator[Sequence[Node]]:
        """Which of the saved nodes to keep: some that lie evenly, and the last ones, which are read first."""
        total = sum(map(_bytes, self.saved))
        for parts in range(2, 2 * math.isqrt(len(self.saved)) + 2):
            kept: list[Node] = []
            between: list[Node] = []
            since = 0
            for node in self.saved:
                between.append(node)
                since += _bytes(node)
                if since * parts >= total and node is not self.saved[-1]:
                    kept.append(node)
                    between, since = [], 0
            yield [*kept, *between]

    def bytes_with(self, kept: Collection[Node]) -> int:
        """What is kept, and the most that is computed again between two that are."""
        kept = set(kept)
        most = since = 0
        for node in self.saved:
            since = 0 if node in kept else since + _bytes(node)
            most = max(most, since)
        return sum(map(_bytes, kept)) + most


def _forward(graph: ProgramGraph) -> Forward:
    plan = schedule(graph)
    fixed = {plan.owner[node] for node in graph.roots()}

    def is_kept_a_while(node: Node) -> bool:
        own = plan.owner[node] is node and node not in fixed and node not in plan.placed
        return own and node.op is not None and node in plan.changing and not isinstance(node.op, Joining)

    living = [0] * (len(plan.order) + 1)  # by how much what is kept grows at each position
    for position, node in enumerate(plan.order):
        if is_kept_a_while(node):
            living[position] += _bytes(node)
            living[plan.last_use[node] + 1] -= _bytes(node)
    most = list(accumulate(living))
    fullest = most.index(max(most))
    before = plan.order[: fullest + 1]
    saved = [node for node in before if is_kept_a_while(node) and _can_be_again(node) and plan.last_use[node] > fullest]
    return Forward(plan.order, set(before), saved)


def _can_be_again(node: Node) -> bool:
    return node.op is not None and node.op.pure and not isinstance(node.op, Joining) and _bytes(node) >= SMALLEST


def _bytes(node: Node) -> int:
    return node.size * node.dtype.itemsize


def _rewritten(graph: ProgramGraph, forward: Forward, kept: Collection[Node]) -> ProgramGraph:
    """The graph in which the rest of the order reads what is kept, and copies of the operations that lead from it."""
    kept, changing = {*kept, *graph.roots()}, graph.changing()

    def again(node: Node) -> bool:
        return node in forward.before and node in changing and node not in kept and _can_be_again(node)

    after = [node for node in forward.order if node not in forward.before]
    needed = set(ancestors([x for node in after for x in node.inputs if again(x)], stop=lambda node: not again(node)))
    copies: dict[Node, Node] = {}
    for node in forward.order:
        if node in needed and again(node):
            inputs = tuple([copies[x] if x in copies else Again()(x) if x in changing else x for x in node.inputs])
            copies[node] = Node(node.op, inputs, node.shape, node.dtype)
            if node.name is not None:
                copies[node].named(f"{node.name} again")
    became = {node: node for node in forward.before}
    for node in after:
        became[node] = rebuilt(node, ChainMap(copies, became))
    return graph.replaced(became)


RECOMPUTE = Pass(
    "recompute",
    "what the backward pass reads computed again, for memory='less'",
    (recompute,),
    after=("relu",),
)
