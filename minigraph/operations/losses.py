"""Losses: binary cross-entropy on probabilities and on logits, squared error, cross-entropy for many classes.

The elementwise ones give one loss an entry. The cost is the sum over outputs and the mean over columns.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.errors import DomainError, warn
from minigraph.core.linear_maps import Maps, Scale, compose
from minigraph.core.node import Node, Operand, Role
from minigraph.core.op import Elementwise, Op, as_nodes
from minigraph.core.operators import operation
from minigraph.core.pulling import ancestors
from minigraph.core.shape_maps import Summation
from minigraph.formulas import Written, call, infix, number, power, product, tree
from minigraph.operations.activations import Sigmoid, sigmoid
from minigraph.operations.choices import Maximum, maximum
from minigraph.operations.elementary import log
from minigraph.operations.gathering import one_hot_of
from minigraph.operations.softmax import Softmax, exact_sum, log_softmax, log_softmax_of, softmax
from minigraph.values import Shape


class Loss(Elementwise):
    """One loss an entry, of a prediction and a target of the same shape.

    Attributes:
        squashes: the operation that the loss itself applies to its logits; None where it takes predictions as they are.
        symmetric: True if prediction and target may be exchanged.
    """

    is_loss = True
    broadcasts = False
    operand_names = ("the prediction", "the target")
    squashes: type[Op] | None = None
    symmetric = False

    def __call__(self, *operands: Any) -> Node:
        """The loss of a prediction and a target, with a warning where these look exchanged, or squashed twice."""
        loss = super().__call__(*operands)
        prediction, target = loss.inputs
        if self.squashes is not None and isinstance(prediction.op, self.squashes):
            what, who = prediction.op.name, repr(prediction.name) if prediction.name else "the prediction"
            warn(f"{self.name} applies {what} itself, and {who} is a {what} already. Give it the logits, before the {what}.")
        elif not self.symmetric and prediction.op is None and _is_trained(target) and not _is_trained(prediction):
            names = f"{target.name or 'A'}, {prediction.name or 'Y'}"
            slip = "the second operand depends on parameters and the first does not"
            warn(f"{self.name}: {slip}. The prediction comes first, then the target: mg.{self.name}({names}).")
        return loss

    def shape(self, *operands: Node) -> Shape:
        """The shape that both have."""
        prediction, target = operands
        if prediction.shape != target.shape:
            self.refuse(
                operands,
                "a loss needs equal shapes, since broadcasting them would compare every prediction with every target. "
                + self.how_they_would_fit(prediction, target),
            )
        return prediction.shape

    def how_they_would_fit(self, prediction: Node, target: Node) -> str:
        """What to do about a prediction and a target of unequal shapes."""
        if prediction.ndim == 1 and target.shape in ((1, prediction.size), (prediction.size, 1)):
            return (
                "The prediction has one axis only, as w of shape (n,) makes it: make w a row (1, n) for w @ X, "
                "or a column (n, 1) for w.T @ X."
            )
        if prediction.size == target.size:
            if prediction.ndim == 2 and 1 not in prediction.shape and target.shape == prediction.shape[::-1]:
                return "Examples are columns: turn the target, Y.T."
            return "Reshape the target to the prediction's shape."
        if prediction.ndim == 2 and prediction.shape[0] > 1 and target.size == prediction.shape[1]:
            classes = prediction.shape[0]
            return (
                f"The target has one number for each example, the prediction {classes}. For labels of {classes} classes "
                "use mg.cross_entropy_with_logits(Z, labels)."
            )
        return "Each prediction needs one target: are they made from the same examples?"


def _is_trained(node: Node) -> bool:
    return any(x.role is Role.PARAMETER for x in ancestors([node]))


def refuse_outside_unit_interval(values: Any, operand: int, what: str) -> None:
    """Raise the `DomainError` of a loss unless all values are in [0, 1]; NaN passes, to be found by check_finite."""
    low, high = np.minimum.reduce(values, None, initial=0.0), np.maximum.reduce(values, None, initial=1.0)
    if low < 0 or high > 1:
        raise DomainError(f"it has the entry {low if low < 0 else high}: {what}", operand)


LOG_FLOOR = -100.0
"""Logarithms in `bce` are not smaller than this, so that a wrong and certain prediction costs 100, not ∞."""
QUOTIENT_FLOOR = 1e-12
"""p(1 − p) in the derivative of `bce` is not smaller than this."""


class Floored(Maximum):
    """The larger of a and a floor that keeps it from 0 in a denominator, which formulas may leave out and tell below."""

    name = "maximum"

    def notation(self, a: Written, b: Written) -> Written:
        return tree.Floored(a, b, shape=a.shape)


class BCE(Loss):
    """−(y log p + (1 − y) log(1 − p))."""

    domain = (0.0, 1.0)
    checked = (0, 1)

    def check(self, position: int, value: Any) -> None:
        what = ("a probability lies in [0, 1]. For logits use mg.bce_with_logits.", "a target of bce lies in [0, 1].")
        refuse_outside_unit_interval(value, position, what[position])

    def forward(self, p: Any, y: Any) -> Any:
        self.check(0, p)
        self.check(1, y)
        return y * np.minimum(-np.log(p), -LOG_FLOOR) + (1 - y) * np.minimum(-np.log1p(-p), -LOG_FLOOR)

    def derivatives(self, loss: Node, p: Node, y: Node) -> Maps:
        by_p = (p - y) / Floored()(p * (1 - p), QUOTIENT_FLOOR)
        return Scale(by_p), Scale(maximum(log(1 - p), LOG_FLOOR) - maximum(log(p), LOG_FLOOR))

    def notation(self, p: Written, y: Written) -> Written:
        return call("BCE", p, y)


@operation()
def bce(p: Operand, y: Operand) -> Node:
    """Binary cross-entropy of probabilities: −(y log p + (1 − y) log(1 − p)), entry by entry.

    For teaching: the derivative is the quotient (p − y)/(p(1 − p)), so that A − Y can be seen to fall out
    after a sigmoid. Logarithms are clamped at −100 and p(1 − p) at 1e-12, so the gradient dies where p is
    0 or 1 to the last digit. Train with `bce_with_logits`.

    Args:
        p: probabilities in [0, 1].
        y: targets in [0, 1], of p's shape.

    Raises:
        ShapeError: if the shapes differ.
        DomainError: when a value outside [0, 1] is read.

    Example:
        >>> import minigraph as mg
        >>> mg.bce(0.5, 1.0).value.round(4)
        np.float64(0.6931)
    """
    return BCE()(p, y)


class BCEWithLogits(Loss):
    """bce(σ(z), y), exact for any z."""

    name = "bce_with_logits"
    squashes = Sigmoid

    def domain_of(self, position: int) -> tuple[float, float]:
        return (0.0, 1.0) if position == 1 else self.domain

    checked = (1,)

    def check(self, position: int, value: Any) -> None:
        refuse_outside_unit_interval(value, position, "a target of bce_with_logits lies in [0, 1].")

    def forward(self, z: Any, y: Any) -> Any:
        self.check(1, y)
        # max(z, 0) − z y = |z| (1 − y or y): a sum of terms ≥ 0 loses no digits.
        size, share = np.abs(z), np.where(z > 0, 1 - y, y)
        return np.where(share == 0, 0, size * share) + np.log1p(np.exp(-size))  # 0 · ∞ counts as 0

    def derivatives(self, loss: Node, z: Node, y: Node) -> Maps:
        return Scale(sigmoid(z) - y), Scale(-z)

    def notation(self, z: Written, y: Written) -> Written:
        return call("BCE", call("σ", z), y)


@operation()
def bce_with_logits(z: Operand, y: Operand) -> Node:
    """Binary cross-entropy of logits: bce(σ(z), y) = max(z, 0) − z y + log(1 + e^−|z|), entry by entry.

    Right to the last digits for any z, with the derivative σ(z) − y: the loss to train with.

    Args:
        z: logits, any real numbers.
        y: targets in [0, 1], of z's shape.

    Raises:
        ShapeError: if the shapes differ.
        DomainError: when a target outside [0, 1] is read.

    Example:
        >>> import minigraph as mg
        >>> mg.bce_with_logits([-1000.0, 1000.0], [1.0, 1.0]).value
        array([1000.,    0.])
    """
    return BCEWithLogits()(z, y)


class SquaredError(Loss):
    """½(a − y)²."""

    name = "squared_error"
    symmetric = True

    def forward(self, a: Any, y: Any) -> Any:
        return np.square(a - y) / 2

    def derivatives(self, loss: Node, a: Node, y: Node) -> Maps:
        return Scale(a - y), Scale(y - a)

    def notation(self, a: Written, y: Written) -> Written:
        from fractions import Fraction  # not at the start, where it costs a tenth of the time

        return product(number(Fraction(1, 2)), power(infix(a, "−", y), 2))


@operation()
def squared_error(a: Operand, y: Operand) -> Node:
    """½(a − y)², entry by entry. Derivative by a: a − y.

    Raises:
        ShapeError: if the shapes differ.

    Example:
        >>> import minigraph as mg
        >>> mg.squared_error([3.0], [1.0]).value
        array([2.])
    """
    return SquaredError()(a, y)


@dataclass(frozen=True, repr=False, eq=False)
class CrossEntropyWithLogits(Loss):
    """−Σ y log softmax(z) over the rows: one loss a column.

    Attributes:
        of_labels: whether the targets are made of labels, so that every column is 1 once and else 0.
    """

    of_labels: bool = False

    name = "cross_entropy_with_logits"
    squashes = Softmax

    def domain_of(self, position: int) -> tuple[float, float]:
        return (0.0, 1.0) if position == 1 else self.domain

    def shape(self, *operands: Node) -> Shape:
        shape = super().shape(*operands)
        if len(shape) != 2 or shape[0] == 0:
            self.refuse(operands, "examples are columns and classes are rows: both must be (classes, m).")
        return (1, shape[1])

    def __post_init__(self) -> None:
        object.__setattr__(self, "checked", () if self.of_labels else (1,))

    def check(self, position: int, value: Any) -> None:
        what = "one-hot columns are made of 0 and 1. Labels 0, 1, 2 … have the shape (m,) or (1, m)."
        refuse_outside_unit_interval(value, position, what)

    def forward(self, z: Any, y: Any) -> Any:
        for position in self.checked:
            self.check(position, y)
        terms = np.where(y == 0, 0.0, y * -log_softmax_of(z, 0))  # 0 · log 0 counts as 0
        return exact_sum(terms, 0).astype(z.dtype)

    def derivatives(self, loss: Node, z: Node, y: Node) -> Maps:
        over_classes = Summation(z.shape, (0,), True)
        by_z = (softmax(z) if self.of_labels else softmax(z) * y.sum(axis=0, keepdims=True)) - y
        return compose(over_classes, Scale(by_z)), compose(over_classes, Scale(-log_softmax(z)))

    def notation(self, z: Written, y: Written) -> Written:
        return call("CE", call("softmax", z), y)


@operation()
def cross_entropy_with_logits(z: Operand, y: Operand) -> Node:
    """Cross-entropy of logits for many classes: −Σ y log softmax(z) over the classes, one loss per example.

    Derivative by z: softmax(z) Σ y − y, which is softmax(z) − y for one-hot columns. Labels stand for their one-hot columns;
    nothing is differentiated by them.

    Args:
        z: logits (classes, m); examples are columns.
        y: labels from 0 to classes − 1, of shape (m,) or (1, m); or one-hot columns (classes, m), or probabilities that
            sum to 1 in each column. A node of data may change from call to call.

    Returns:
        A node of shape (1, m).

    Raises:
        ShapeError: if the logits are not (classes, m), or the targets neither labels nor of the logits' shape.
        DomainError: when a target outside [0, 1] is read, or a label that is not a whole number from 0 to classes − 1.

    Example:
        >>> import minigraph as mg
        >>> z = mg.data([[1000.0, 0.0], [0.0, 0.0]])
        >>> mg.cross_entropy_with_logits(z, [[1, 1], [0, 0]]).value.round(4)
        array([[0.    , 0.6931]])
        >>> mg.cross_entropy_with_logits(z, [0, 0]).value.round(4)
        array([[0.    , 0.6931]])
    """
    (z, target), _ = as_nodes((z, y), CrossEntropyWithLogits.name)
    if z.ndim == 2 and target.shape != z.shape and target.shape in ((z.shape[1],), (1, z.shape[1])):
        return CrossEntropyWithLogits(of_labels=True)(z, one_hot_of(target, z.shape[0], z.dtype))
    return CrossEntropyWithLogits()(z, target)
