"""The form that the Gram rewrite needs: leaves read as products W X, and updates that are sums of leaves and of D Xᵀ."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from minigraph.core.node import Node, Role, literal
from minigraph.operations.arithmetic import Multiply
from minigraph.operations.products import MatMul
from minigraph.operations.shapes import Reshape, Transpose
from minigraph.program.graph import ProgramGraph
from minigraph.program.lowering.table import signs
from minigraph.values import Array, Shape

SMALLEST_MOVED, LARGEST_MOVED = 2.0**-32, 2.0**32
"""The sizes of numbers that meet in other products than in the graph: rates and 1/m are between, 0, ∞ and 1e30 are not."""

Matrix = TypeVar("Matrix", Node, Array)
Flagged = tuple[Node, bool]
"""A matrix, and whether its transpose is meant."""


def stripped(node: Node) -> Flagged:
    """The node without the transpositions around it."""
    flipped = False
    while isinstance(node.op, Transpose) and node.ndim == 2:
        node, flipped = node.inputs[0], not flipped
    return node, flipped


def oriented(matrix: Flagged) -> Node:
    """The matrix as a node."""
    node, flipped = matrix
    return node.T if flipped else node


def _turned(matrix: Flagged) -> Flagged:
    """Its transpose."""
    node, flipped = matrix
    return node, not flipped


@dataclass(frozen=True)
class Reading:
    """How a leaf w is read: as w F, wᵀ F, F w or F wᵀ, with features F that don't change.

    Attributes:
        features: F.
        left: whether w stands on the left.
        flipped: whether wᵀ is meant.
    """

    features: Flagged
    left: bool
    flipped: bool

    def shape(self) -> tuple[int, ...]:
        """F's shape."""
        node, flipped = self.features
        return node.shape[::-1] if flipped else node.shape

    def product(self, w: Matrix, features: Matrix) -> Matrix:
        """W F, as it is read; of nodes or of arrays."""
        seen: Any = w.T if self.flipped else w
        found: Matrix = seen @ features if self.left else features @ seen
        return found

    def gram(self, d: Node) -> Node:
        """What D adds to the product: D (FᵀF), or (F Fᵀ) D."""
        features = oriented(self.features)
        return d @ (features.T @ features) if self.left else (features @ features.T) @ d

    def back(self, c: Array, features: Array) -> Array:
        """What C = Σ D adds to the leaf."""
        added = c @ features.T if self.left else features.T @ c
        return added.T if self.flipped else added

    def factor(self, term: Node, shape: Shape) -> Node | None:
        """D, in the product's shape, if the term is D Fᵀ (or its transpose, as the leaf is read); else None.

        The term may be a multiple by a number that only the step knows, such as a learning rate that is data:
        then D is that multiple.
        """
        for position, x, others in multiplied(term):
            if all(y.size == 1 for y in others) and (d := self.factor(x, shape)) is not None:
                numbers = [y.reshape(()) for y in others]
                return Node(term.op, (*numbers[:position], d, *numbers[position:]), d.shape, d.dtype)
        vector = term.ndim == 1
        inner, flipped = stripped(term.inputs[0] if vector and isinstance(term.op, Reshape) else term)
        if not isinstance(inner.op, MatMul):
            return None
        a, b = (stripped(x) for x in inner.inputs)
        ways = [(a, b), (_turned(b), _turned(a))]  # (A B)ᵀ = Bᵀ Aᵀ; a vector is its own transpose
        for first, second in ways if vector else [ways[flipped != self.flipped]]:
            found, features = (first, second) if self.left else (second, first)
            if features == _turned(self.features):
                return oriented(found).reshape(shape)
        return None


def products(graph: ProgramGraph) -> Iterator[tuple[Node, Node, Reading]]:
    """The products of leaves that are updated with features that don't change: each with its leaf, and how that is read."""
    changing = graph.changing()
    for node in graph.nodes():
        if isinstance(node.op, MatMul):
            for left in (True, False):
                mine, other = node.inputs if left else node.inputs[::-1]
                leaf, flipped = stripped(mine)
                if leaf in graph.updates and other not in changing and other.ndim == 2:
                    yield node, leaf, Reading(stripped(other), left, flipped)


@dataclass
class Affine:
    """An update as Σ factor · state + Σ factor · term."""

    states: dict[Node, float] = field(default_factory=dict)
    terms: list[tuple[float, Node]] = field(default_factory=list)


def affine(root: Node, states: Collection[Node]) -> Affine:
    """The update taken apart through sums, differences and multiples."""
    found = Affine()
    waiting = [(1.0, root)]
    while waiting:
        factor, node = waiting.pop()
        if node in states:
            found.states[node] = found.states.get(node, 0.0) + factor
        elif (constant := _constant_factor(node)) is not None:
            waiting.append((factor * constant[0], constant[1]))
        elif node.op is not None and all(signs(node)) and all(x.shape == node.shape for x in node.inputs):
            waiting += reversed([(factor * sign, x) for sign, x in zip(signs(node), node.inputs, strict=True)])
        else:
            found.terms.append((factor, node))
    return found


def multiplied(node: Node) -> Iterator[tuple[int, Node, list[Node]]]:
    """The operands of which a node is a multiple entry by entry: each with its position, and the other operands."""
    for position in node.op.linear_in if node.op is not None and node.op.broadcasts else ():
        x = node.inputs[position]
        others = [y for y in node.inputs if y is not x]
        if (x.shape, x.dtype) == (node.shape, node.dtype) and len(others) == len(node.inputs) - 1:
            yield position, x, others


def _constant_factor(node: Node) -> tuple[float, Node] | None:
    """c and x if the node is c · x, entry by entry, with a number c that may be moved: whatever operation says so."""
    for _, x, others in multiplied(node):
        if all(y.role is Role.LITERAL and y.size and np.all(y.value == np.ravel(y.value)[0]) for y in others):
            assert node.op is not None
            with np.errstate(all="ignore"):
                factor = node.op.forward(*(np.float64(1 if y is x else np.ravel(y.value)[0]) for y in node.inputs))
            if factor == 0 or SMALLEST_MOVED <= abs(factor) <= LARGEST_MOVED:  # weight decay of 0 is none
                return float(factor), x
    return None


def times(factor: float, node: Node) -> Node:
    """The node Number · node, of the node's dtype."""
    made = Node(Multiply(), (literal(factor, node.dtype), node), node.shape, node.dtype)
    made.group = node.group
    return made
