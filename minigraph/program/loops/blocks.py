"""What only the outputs need, for many steps at once.

No update needs the cost, only its gradient. So in `repeat` a step leaves its Z in a row, and the costs of a
block of steps take as many calls of NumPy as those of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from minigraph.calculus.simplification import standing_for
from minigraph.core.node import Node, data
from minigraph.core.op import Elementwise
from minigraph.core.pulling import ancestors
from minigraph.operations.reductions import WeightedSum
from minigraph.operations.repeating import BroadcastTo
from minigraph.operations.shapes import Reshape
from minigraph.program.graph import ProgramGraph
from minigraph.program.inserted_operations import Copy
from minigraph.program.loops.gram_form import affine
from minigraph.program.lowering.table import lowering_of
from minigraph.program.machine import Machine
from minigraph.program.memory import empty
from minigraph.values import Array, Shape

LARGEST_BLOCK = 1 << 17
"""Bytes of an array of a block: it stays in the cache."""
LONGEST, SHORTEST = 64, 8
"""Steps in a block. Where fewer fill it, calls are not what takes the time."""
SMALLEST_SHARE = 1 / 5
"""Of all operations, those that only outputs need; with fewer there is little to save."""
PAYS_FROM = 4_000
"""Steps after which two more programs would have saved as much time as it takes to make them."""


@dataclass(frozen=True)
class Blocks:
    """A step in two graphs.

    Attributes:
        steps: the updates; its outputs are what the ends read.
        ends: the outputs of a block of steps; its first inputs are those of the steps, one above the other.
        length: how many steps a block has.
    """

    steps: ProgramGraph
    ends: ProgramGraph
    length: int


def in_blocks(graph: ProgramGraph) -> Blocks | None:
    """The step in two graphs; None if that is not possible, or gains nothing."""
    if not graph.updates:
        return None
    nodes = graph.nodes()
    changing = graph.changing()
    needed = changing.intersection([*graph.updates, *ancestors(graph.updates.values())])
    late = set(changing.difference(needed))
    if len(late) < max(1, SMALLEST_SHARE * sum(node.op is not None for node in changing)):
        return None
    if not changing.issuperset(graph.outputs) or not all(map(_row_by_row, late)):
        return None
    kept = {x for node in late for x in node.inputs if x in needed}.union(needed.intersection(graph.outputs))
    for node in reversed([node for node in nodes if node in kept]):
        if _row_by_row(node) and all(x in kept or x not in changing for x in node.inputs):
            kept.remove(node)  # it follows from the others: −Z from Z
            late.add(node)
    rows = [node for node in nodes if node in kept]
    largest = max(sum(map(_bytes, rows)), *map(_bytes, late))
    length = min(LONGEST, LARGEST_BLOCK // largest)
    if length < SHORTEST:
        return None
    stacked = {node: data(np.zeros((length, *node.shape), node.dtype), node.name) for node in rows}
    outputs = _outputs([node for node in nodes if node in late], stacked, graph.outputs, length)
    inputs = tuple(stacked.values())
    return Blocks(
        replace(graph, outputs=tuple(rows)), ProgramGraph(outputs, {}, (*inputs, *graph.inputs), {}, varying=inputs), length
    )


def _bytes(node: Node) -> int:
    return node.size * node.dtype.itemsize


def _row_by_row(node: Node) -> bool:
    """Whether the operation can be done for many steps, one above the other."""
    if isinstance(node.op, Elementwise):
        return node.op.broadcasts and lowering_of(node.op).write is not None
    return isinstance(node.op, WeightedSum)


def _outputs(late: Sequence[Node], stacked: Mapping[Node, Node], outputs: Iterable[Node], length: int) -> tuple[Node, ...]:
    """The outputs of a block of steps, by the late nodes with one more axis in front."""
    ndim = max(x.ndim for node in late for x in (node, *node.inputs))

    def of_all_steps(shape: Shape) -> Shape:
        return (length, *(1,) * (ndim - len(shape)), *shape)  # so that shapes go on being aligned from the right

    became = {node: _reshaped(rows, of_all_steps(node.shape)) for node, rows in stacked.items()}
    for node in late:
        op = node.op
        if isinstance(op, WeightedSum):
            (x,) = node.inputs
            axes = tuple(1 + ndim - x.ndim + axis for axis in op.axes(x))
            made = _reshaped(type(op)(axes, True)(became[x]), of_all_steps(node.shape))
        else:
            for x in node.inputs:
                if x not in became and x.shape == node.shape != ():  # fixed; quicker to read with a row for each step
                    became[x] = Copy()(BroadcastTo(of_all_steps(x.shape))(x))
            made = Node(op, tuple(became.get(x, x) for x in node.inputs), of_all_steps(node.shape), node.dtype)
        became[node] = standing_for(made, node)
    return tuple(standing_for(_reshaped(became[node], (length, *node.shape)), node) for node in outputs)


def _reshaped(node: Node, shape: Shape) -> Node:
    return node if node.shape == shape else Reshape(shape)(node)


class BlockLoop:
    """Many steps, block by block."""

    def __init__(self, blocks: Blocks, make: Callable[[ProgramGraph, bool], Machine]):
        self.length = blocks.length
        self._blocks = blocks
        self._make = make

    @cached_property
    def steps(self) -> Machine:
        """What runs in each step.

        It looks at no step's values, if what is not finite stays so to the end of the block and is found there.
        """
        steps = self._blocks.steps
        stays = all(affine(new, steps.updates).states.get(leaf) for leaf, new in steps.updates.items())
        return self._make(steps, not stays)

    @cached_property
    def ends(self) -> Machine:
        """What runs after each block."""
        return self._make(self._blocks.ends, True)

    @cached_property
    def _rows(self) -> list[Array]:
        return [empty((self.length, *node.shape), node.dtype) for node in self._blocks.steps.outputs]

    def run(self, arrays: Sequence[Array], results: Sequence[Array]) -> int:
        """The steps of one block; how many were done: if they are not all finite, none."""
        steps = self.steps
        before = steps.kept()
        done = steps.run(self.length, arrays, self._rows)
        if done == self.length and steps.is_finite():
            done *= self.ends.run(1, [*self._rows, *arrays], [result[np.newaxis] for result in results])
            if done:
                return done
        steps.restore(before)
        return 0
