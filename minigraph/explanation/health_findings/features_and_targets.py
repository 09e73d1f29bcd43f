"""The examples that a cost is made of: the features that meet weights, and the targets that meet predictions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from minigraph.calculus.reverse_mode import local_derivatives
from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import Identity, MatMulLeft, MatMulRight, Negation, Scale
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.explanation.layers import Layer
from minigraph.operations.softmax import LogSoftmax
from minigraph.values import Array


@dataclass(frozen=True, eq=False)
class Features:
    """What weights are multiplied by that no parameter has made.

    Attributes:
        node: the array, such as X.
        values: its values with examples as columns.
        used_by: the node that the weights make of it.
        line: what a feature is in the array: a row, or a column in X @ W.
    """

    node: Node
    values: Array
    used_by: Node
    line: str


@dataclass(frozen=True, eq=False)
class Targets:
    """What predictions are compared with.

    Attributes:
        prediction: the node that is compared, such as A; or the logits, where the loss squashes them itself.
        node: the targets, such as Y.
        line: where they meet, in the ledger.
        are_classes: whether the loss is one for classes.
        by_rows: whether each row is an example, as in X @ W; else each column is.
    """

    prediction: Node
    node: Node
    line: Contribution
    are_classes: bool
    by_rows: bool

    @property
    def values(self) -> Array:
        """The targets with examples as columns."""
        return self.columns(self.node.value)

    def columns(self, array: npt.ArrayLike) -> Array:
        """An array of the shape of the targets, with examples as columns."""
        values = np.asarray(array)
        turned: Array = values.reshape(1, -1) if values.ndim < 2 else np.moveaxis(values, 0, -1) if self.by_rows else values
        return turned


def fixed_in(root: Node) -> set[Node]:
    """The nodes that depend on no parameter."""
    trained: set[Node] = set()
    order = ancestors([root])
    for node in order:
        if node.role is Role.PARAMETER or not trained.isdisjoint(node.inputs):
            trained.add(node)
    return set(order) - trained


def features_in(layers: Sequence[Layer], fixed: set[Node]) -> list[Features]:
    """The arrays that weights are multiplied by, each once."""
    found: dict[Node, Features] = {}
    for layer in layers:
        for line in layer.lines:
            factor = next(line.local.factors())
            if line.input in layer.held and isinstance(factor, MatMulLeft | MatMulRight):
                node = factor.matrix
                if node in fixed and node.ndim == 2:
                    values = np.asarray(node.value, np.float64)
                    turned = isinstance(factor, MatMulLeft)
                    columns, feature = (values.T, "column") if turned else (values, "row")
                    found.setdefault(node, Features(node, columns, line.consumer, feature))
    return list(found.values())


def targets_in(backward_pass: BackwardPass, layers: Sequence[Layer], fixed: set[Node]) -> Iterator[Targets]:
    """Where a prediction meets a target of its shape: in a loss, in a difference, or beside a logarithm."""
    by_rows = bool(layers) and layers[-1].units_axis != 0
    for line in backward_pass:
        inputs = line.consumer.inputs
        if len(inputs) != 2 or inputs[0].shape != inputs[1].shape or line.input.size < 2:
            continue
        other = inputs[1 - line.position]
        op = line.consumer.op
        assert op is not None
        if op.is_loss and line.position == 0 and other in fixed:
            squashes = getattr(op.rules, "squashes", None) is not None
            yield Targets(line.input, other, line, squashes or op.domain == (0.0, 1.0), by_rows)
        elif other in fixed and line.input.op is not None and _is_difference(line):
            yield Targets(line.input, other, line, False, by_rows)
        elif other in fixed and line.input.op is not None and _is_of_logarithm(line, other):
            yield Targets(line.input.inputs[0], other, line, True, by_rows)


def _is_difference(line: Contribution) -> bool:
    """Whether the consumer is A − Y or Y − A."""
    if not isinstance(line.local, Identity | Negation):
        return False
    return {type(local) for local in local_derivatives(line.consumer)} == {Identity, Negation}


def _is_of_logarithm(line: Contribution, other: Node) -> bool:
    """Whether the consumer is Y log A, or Y log softmax(Z), as people write a cross-entropy."""
    op = line.input.op
    assert op is not None
    of_positive = (op.domain == (0.0, np.inf) and len(line.input.inputs) == 1) or isinstance(op.rules, LogSoftmax)
    return of_positive and isinstance(line.local, Scale) and line.local.factor is other
