"""Formulas that are known by a name: what NumPy code writes out, and what it is called.

A graph may hold σ as an operation, or written out as 1/(1 + e^−z). Views tell of the second, where it was asked for, that it
is σ; its value and its derivatives stay those of the formula. A pattern is a function of a node; each is tried in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakSet

from minigraph.core.node import Node
from minigraph.formulas import Written, call, negation
from minigraph.operations.activations import Sigmoid, leaky_relu, relu, sigmoid, tanh
from minigraph.operations.arithmetic import Add, Divide, Multiply, Subtract, negative
from minigraph.operations.choices import Maximum, Step, Where
from minigraph.operations.elementary import Exp, Log
from minigraph.operations.idiom_parts import both, constant, is_a, one_plus, opposite, same, scaled
from minigraph.operations.losses import bce, bce_with_logits, cross_entropy_with_logits
from minigraph.operations.powers import Power, Square
from minigraph.operations.products import MatMul
from minigraph.operations.reductions import Max, Mean, Sum
from minigraph.operations.shapes import Transpose
from minigraph.operations.softmax import Softmax, softmax
from minigraph.values import Shape

SMALL = 1e-3
"""A number up to this, added to the argument of a logarithm, keeps it from 0; the formula is known all the same."""

CLOSE = 1e-12
"""A factor is 1/m if it differs by no more than this part."""

SHOWN: WeakSet[Node] = WeakSet()
"""The nodes of which views tell what they are recognised as."""


@dataclass(frozen=True)
class Idiom:
    """What a formula is called.

    Attributes:
        name: the name alone.
        operands: what it is applied to.
        written: the name with the operands.
        stable: the operation of minigraph that computes the same, on such operands; None if the formula is as good.
        remark: where formula and operation differ.
    """

    name: str
    operands: tuple[Node, ...]
    written: Written
    stable: Callable[..., Node] | None = None
    remark: str = ""


def idiom_of(node: Node) -> Idiom | None:
    """What views tell a node is recognised as."""
    return recognised(node) if node in SHOWN else None


def recognised(node: Node) -> Idiom | None:
    """What the formula of a node is called, if it has a name.

    Example:
        >>> import minigraph as mg
        >>> z = mg.parameter([1.0, 2.0], "z")
        >>> recognised(1 / (1 + mg.exp(-z))).name, recognised(z + 1)
        ('σ', None)
    """
    for pattern in PATTERNS:
        idiom = pattern(node)
        if idiom is not None:
            return idiom
    return None


# Patterns


def _sigmoid(node: Node) -> Idiom | None:
    """1/(1 + e^−z) or eᶻ/(1 + eᶻ)."""
    z = None
    if is_a(node, Divide):
        top, bottom = node.inputs
        e = one_plus(bottom)
        if e is not None and is_a(e, Exp):
            z = opposite(e.inputs[0]) if constant(top) == 1 else e.inputs[0] if same(top, e) else None
    elif isinstance(node.op, Power) and node.op.exponent == -1:
        e = one_plus(node.inputs[0])
        z = opposite(e.inputs[0]) if e is not None and is_a(e, Exp) else None
    if z is None:
        return None
    remark = "where |z| > 709 the formula overflows, and its gradient can be NaN; that of σ is right for all z"
    return Idiom("σ", (z,), call("σ", z), sigmoid, remark)


def _tanh(node: Node) -> Idiom | None:
    """(eᶻ − e^−z)/(eᶻ + e^−z)."""
    if not (is_a(node, Divide) and is_a(node.inputs[0], Subtract)):
        return None
    (up, down), bottom = node.inputs[0].inputs, node.inputs[1]
    falling = opposite(down.inputs[0]) if is_a(up, Exp) and is_a(down, Exp) else None
    if falling is None or not same(falling, z := up.inputs[0]):
        return None
    if not any(same(up, a) and same(down, b) for a, b in both(bottom, Add)):
        return None
    return Idiom("tanh", (z,), call("tanh", z), tanh, "where |z| > 709 the formula is NaN")


def _relu(node: Node) -> Idiom | None:
    """max(0, z), z [z > 0], or max(az, z) for a slope a between 0 and 1; also by `where`."""
    found: tuple[Node, float] | None = None
    remark = ""
    for a, z in both(node, Maximum):
        if (slope := _slope(a, z)) is not None:
            found = z, slope
            remark = f"at z = 0 the formula has the derivative {(1 + slope) / 2:g}, the operation {slope:g}"
    for mask, z in both(node, Multiply):
        if _is_positive(mask, z):
            found = z, 0.0
    if is_a(node, Where) and _is_positive(node.inputs[0], node.inputs[1]):
        z = node.inputs[1]
        slope = _slope(node.inputs[2], z)
        found = None if slope is None else (z, slope)
    if found is None:
        return None
    z, slope = found
    if slope == 0:
        return Idiom("ReLU", (z,), call("ReLU", z), relu, remark)
    written = call("leaky ReLU", z) if slope == 0.01 else call("leaky ReLU", z, slope=slope)
    return Idiom("leaky ReLU", (z,), written, lambda z: leaky_relu(z, slope), remark)


def _slope(node: Node, z: Node) -> float | None:
    """The slope from 0 to below 1 of a multiple of z."""
    if constant(node) == 0:
        return 0.0
    factor, of = scaled(node)
    return factor if same(of, z) and 0 < factor < 1 else None


def _is_positive(mask: Node, z: Node) -> bool:
    """[z > 0] or [z ≥ 0]."""
    return isinstance(mask.op, Step) and (mask.op.below, mask.op.above) == (0, 1) and same(mask.inputs[0], z)


def _softmax(node: Node) -> Idiom | None:
    """eᶻ / Σ eᶻ, with or without the largest z subtracted before."""
    found = _written_softmax(node)
    if found is None:
        return None
    z, axis, remark = found
    written = call("softmax", z, axis=axis) if axis else call("softmax", z)
    return Idiom("softmax", (z,), written, lambda z: softmax(z, axis), remark)


def _written_softmax(node: Node) -> tuple[Node, int, str] | None:
    """z, the axis, and where formula and operation differ."""
    if not (is_a(node, Divide) and is_a(node.inputs[0], Exp) and isinstance(node.inputs[1].op, Sum)):
        return None
    e, total = node.inputs
    if not same(total.inputs[0], e) or node.shape != e.shape or not (axes := node.inputs[1].op.axes(e)):
        return None
    axis = max(axes, key=lambda axis: e.shape[axis])
    kept = tuple(1 if k in axes else size for k, size in enumerate(e.shape))
    if any(e.shape[k] != 1 for k in axes if k != axis) or _as_row(total, kept) != kept:
        return None
    z = e.inputs[0]
    x, largest = z.inputs if is_a(z, Subtract) else (z, z)
    if isinstance(largest.op, Max) and same(largest.inputs[0], x) and (largest.size == 1 or _as_row(largest, kept) == kept):
        return x, axis, "the largest z is subtracted, so that it can't overflow"
    return z, axis, "where z > 709 the formula overflows to NaN; with the largest z subtracted it does not"


def _as_row(node: Node, kept: Shape) -> Shape:
    """The shape as broadcasting reads it beside another."""
    return (1,) * (len(kept) - node.ndim) + node.shape


@dataclass(frozen=True)
class _Core:
    """±(y log a + (1 − y) log(1 − a)): BCE, entry by entry or summed, with a sign."""

    sign: float
    a: Node
    y: Node
    summed: bool


def _core(node: Node) -> _Core | None:
    """In any order and with any signs; as products of a row and a column, it is a sum."""
    outer, node = scaled(node)
    if abs(outer) != 1 or not is_a(node, Add, Subtract):
        return None
    one, two = map(_log_term, node.inputs)
    if one is None or two is None:
        return None
    signs = [one.sign, -two.sign if is_a(node, Subtract) else two.sign]
    if not (_complement(two.y, one.y) and _complement(two.a, one.a)):
        one, two = two, one
    if not (_complement(two.y, one.y) and _complement(two.a, one.a)):
        return None
    if signs[0] != signs[1] or one.summed != two.summed or one.a.shape != one.y.shape:
        return None
    return _Core(-outer * signs[0], one.a, one.y, one.summed)


def _logits_or_not(a: Node, y: Node) -> Node:
    """The loss, entry by entry: of the logits, where a is the σ of them."""
    return bce_with_logits(a.inputs[0], y) if is_a(a, Sigmoid) else bce(a, y)


BCE_REMARK = "where a rounds to 0 or 1 the formula is infinite or NaN; the loss of the logits is right there"


def _bce(node: Node) -> Idiom | None:
    """BCE entry by entry, or what is minus that."""
    core = _core(node)
    if core is None or core.summed or node.shape != core.a.shape:
        return None
    written = call("BCE", core.a, core.y, shape=node.shape)
    if core.sign > 0:
        return Idiom("BCE", (core.a, core.y), written, _logits_or_not, BCE_REMARK)
    return Idiom("BCE", (core.a, core.y), negation(written), lambda a, y: negative(_logits_or_not(a, y)), BCE_REMARK)


def _whole_bce(node: Node) -> Idiom | None:
    """The sum of BCE over all entries, or its mean."""
    factor, inner = scaled(node)
    reduces = isinstance(inner.op, Sum | Mean) and inner.size == 1
    core = _core(inner.inputs[0] if reduces else inner)
    if core is None or core.summed == reduces or (reduces and inner.inputs[0].name is not None):
        return None
    of_sum = factor * core.sign / (core.a.size if is_a(inner, Mean) else 1)
    shape = node.shape

    def stable(a: Node, y: Node) -> Node:
        loss = _logits_or_not(a, y)
        loss = loss.sum() if name == "Σ BCE" else loss.mean()
        return loss if loss.shape == shape else loss.reshape(shape)

    for name, part in (("mean BCE", 1 / core.a.size), ("Σ BCE", 1.0)):
        if abs(of_sum - part) <= CLOSE * part:
            return Idiom(name, (core.a, core.y), call(name, core.a, core.y, shape=shape), stable, BCE_REMARK)
    return None


CROSS_ENTROPY_REMARK = "where a rounds to 0 the formula is infinite or NaN; the loss of the logits is right there"


@dataclass(frozen=True)
class _LogTerm:
    """±y log a, entry by entry or summed."""

    sign: float
    y: Node
    a: Node
    summed: bool


def _log_term(node: Node) -> _LogTerm | None:
    outer, node = scaled(node)
    summed = is_a(node, MatMul)
    if abs(outer) != 1 or not (is_a(node, Multiply) or (summed and node.size == 1)):
        return None
    for y, log in both(node, Multiply, MatMul):
        if summed:
            y, log = (x.inputs[0] if is_a(x, Transpose) else x for x in (y, log))
        factor, y = scaled(y)
        if is_a(log, Log) and abs(factor) == 1:
            return _LogTerm(outer * factor, y, _without_small(log.inputs[0]), summed)
    return None


def _without_small(node: Node) -> Node:
    """a of a + 1e-8."""
    for number, x in both(node, Add):
        small = constant(number)
        if small is not None and abs(small) <= SMALL:
            return x
    return node


def _complement(node: Node, x: Node) -> bool:
    """Whether a node is 1 − x."""
    return is_a(node, Subtract) and constant(node.inputs[0]) == 1 and same(node.inputs[1], x)


def _cross_entropy(node: Node) -> Idiom | None:
    """−Σ y log a over the classes, over all, or its mean over the examples, where a is a softmax."""
    factor, inner = scaled(node)
    mean = isinstance(inner.op, Mean) and inner.size == 1
    if mean:
        if inner.inputs[0].name is not None:
            return None
        more, inner = scaled(inner.inputs[0])
        factor *= more
    term = _log_term(inner.inputs[0]) if isinstance(inner.op, Sum) else None
    if term is None or term.summed or term.a.ndim != 2 or term.a.shape != term.y.shape or same(term.a, term.y):
        return None
    found = (term.a.inputs[0], term.a.op.axis) if isinstance(term.a.op, Softmax) else _written_softmax(term.a)
    if found is None:
        return None
    a, y, axis, share = term.a, term.y, found[1] % 2, -factor * term.sign
    if isinstance(inner.op, Sum) and inner.op.axes(inner.inputs[0]) == (axis,):
        name = "mean cross-entropy" if mean else "cross-entropy"
        share = share if mean or inner.size != 1 else 0.0
    elif inner.size != 1:
        return None
    else:
        name = "Σ cross-entropy" if abs(share - 1) < CLOSE else "mean cross-entropy"
        share = 0.0 if mean else share if name[0] == "Σ" else share * a.shape[1 - axis]
    if abs(share - 1) > CLOSE:
        return None

    def stable(a: Node, y: Node) -> Node:
        z = a.inputs[0]
        loss = cross_entropy_with_logits(z.T, y.T) if axis else cross_entropy_with_logits(z, y)
        if name != "cross-entropy":
            loss = loss.mean() if name[0] == "m" else loss.sum()
        return loss if loss.shape == node.shape else loss.reshape(node.shape)

    return Idiom(name, (a, y), call(name, a, y, shape=node.shape), stable, CROSS_ENTROPY_REMARK)


def _mean_squared_error(node: Node) -> Idiom | None:
    """The mean of (a − y)², or half of it."""
    factor, inner = scaled(node)
    if not isinstance(inner.op, Sum | Mean) or inner.size != 1:
        return None
    square = inner.inputs[0]
    power = square.op.exponent if isinstance(square.op, Power) else 2 if is_a(square, Square) else 0
    if power == 0 and is_a(square, Multiply) and same(square.inputs[0], square.inputs[1]):
        power = 2
    error = square.inputs[0] if square.inputs else square
    if power != 2 or not is_a(error, Subtract):
        return None
    share = factor * (1 if is_a(inner, Mean) else square.size)
    for part, name in ((1.0, "mean squared error"), (0.5, "half the mean squared error")):
        if abs(share - part) < CLOSE:
            a, y = error.inputs
            return Idiom(name, (a, y), call(name, a, y))
    return None


PATTERNS: tuple[Callable[[Node], Idiom | None], ...] = (
    _sigmoid, _tanh, _relu, _softmax, _bce, _whole_bce, _cross_entropy, _mean_squared_error,
)  # fmt: skip
"""In the order in which they are tried."""
