"""The form that the Gram rewrite needs: leaves read as products W X, and updates that are sums of leaves and of D Xᵀ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from minigraph.core.node import Node, Role, literal
from minigraph.operations.arithmetic import Multiply
from minigraph.operations.products import MatMul
from minigraph.operations.shapes import Reshape, Transpose
from minigraph.program.lowering.table import signs

SMALLEST_MOVED, LARGEST_MOVED = 2.0**-32, 2.0**32
"""The sizes of numbers that meet in other products than in the graph: rates and 1/m are between, 0, ∞ and 1e30 are not."""

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

    def product(self, w: Node) -> Node:
        """W F, as it is read."""
        seen, features = oriented((w, self.flipped)), oriented(self.features)
        return seen @ features if self.left else features @ seen

    def gram(self, d: Node) -> Node:
        """What D adds to the product: D (FᵀF), or (F Fᵀ) D."""
        features = oriented(self.features)
        return d @ (features.T @ features) if self.left else (features @ features.T) @ d

    def back(self, c: np.ndarray, features: np.ndarray) -> np.ndarray:
        """What C = Σ D adds to the leaf."""
        added: np.ndarray = c @ features.T if self.left else features.T @ c
        return added.T if self.flipped else added

    def factor(self, term: Node, shape: tuple[int, ...]) -> Node | None:
        """D, in the product's shape, if the term is D Fᵀ (or its transpose, as the leaf is read); else None.

        The term may be a multiple by a number that only the step knows, such as a learning rate that is data:
        then D is that multiple.
        """
        op = term.op
        for position in op.linear_in if op is not None and op.broadcasts else ():
            multiplied, others = term.inputs[position], [*term.inputs[:position], *term.inputs[position + 1 :]]
            if (multiplied.shape, multiplied.dtype) == (term.shape, term.dtype) and all(x.size == 1 for x in others):
                d = self.factor(multiplied, shape)
                if d is not None:
                    numbers = [x.reshape(()) for x in others]
                    return Node(op, (*numbers[:position], d, *numbers[position:]), d.shape, d.dtype)
        return self._factor_of_product(term, shape)

    def _factor_of_product(self, term: Node, shape: tuple[int, ...]) -> Node | None:
        vector = term.ndim == 1
        if vector and isinstance(term.op, Reshape):
            term = term.inputs[0]
        inner, flipped = stripped(term)
        if not isinstance(inner.op, MatMul):
            return None
        a, b = (stripped(x) for x in inner.inputs)
        if flipped != self.flipped and not vector:
            a, b = (b[0], not b[1]), (a[0], not a[1])
        node, turned = self.features
        against = (node, not turned)
        found = (a if b == against else None) if self.left else (b if a == against else None)
        if found is None and vector:
            found = (b if a == self.features else None) if self.left else (a if b == self.features else None)
        if found is None:
            return None
        d = oriented(found)
        return d if d.shape == shape else d.reshape(shape)


@dataclass
class Affine:
    """An update as Σ factor · state + Σ factor · term."""

    states: dict[Node, float] = field(default_factory=dict)
    terms: list[tuple[float, Node]] = field(default_factory=list)
    inside: set[Node] = field(default_factory=set)


def _fits(factor: float) -> bool:
    """Whether a sum may have the factor: weight decay of 0 is none."""
    return factor == 0 or may_move(factor)


def affine(root: Node, states: Mapping[Node, Node]) -> Affine:
    """The update taken apart through sums, differences and multiples."""
    found = Affine()
    waiting = [(1.0, root)]
    while waiting:
        factor, node = waiting.pop()
        if node in states:
            found.states[node] = found.states.get(node, 0.0) + factor
            continue
        constant = constant_factor(node, _fits)
        if constant is not None:
            waiting.append((factor * constant[0], constant[1]))
        elif node.op is not None and all(signs(node)) and all(x.shape == node.shape for x in node.inputs):
            waiting += reversed([(factor * sign, x) for sign, x in zip(signs(node), node.inputs, strict=True)])
        else:
            found.terms.append((factor, node))
            continue
        found.inside.add(node)
    return found


def may_move(factor: float) -> bool:
    """Whether the number is of a size that is moved."""
    return SMALLEST_MOVED <= abs(factor) <= LARGEST_MOVED


def constant_factor(node: Node, fits: Callable[[float], bool] = may_move) -> tuple[float, Node] | None:
    """c and x if the node is c · x, entry by entry, with a number c that may be moved: whatever operation says so."""
    op = node.op
    if op is None or not op.broadcasts or (len(node.inputs) > 1 and not any([x.role is Role.LITERAL for x in node.inputs])):
        return None
    for position in op.linear_in:
        x = node.inputs[position]
        others = [y for y in node.inputs if y is not x]
        if x.shape != node.shape or len(others) < len(node.inputs) - 1 or x.dtype != node.dtype:
            continue
        if all(y.role is Role.LITERAL and y.size and np.all(y.value == np.ravel(y.value)[0]) for y in others):
            with np.errstate(all="ignore"):
                factor = op.forward(*(np.float64(1) if y is x else np.float64(np.ravel(y.value)[0]) for y in node.inputs))
            if fits(float(factor)):
                return float(factor), x
    return None


def times(factor: float, node: Node) -> Node:
    """The node Number · node, of the node's dtype."""
    made = Node(Multiply(), (literal(factor, node.dtype), node), node.shape, node.dtype)
    made.group = node.group
    return made
