"""Formulas that are known by a name: what NumPy code writes out, and what it is called.

A graph may hold σ as an operation, or written out as 1/(1 + e^−z). Views tell of the second, where it was asked for, that it
is σ; its value and its derivatives stay those of the formula. A pattern is a function of a node; each is tried in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from weakref import WeakSet

import numpy as np

from minigraph.core.node import Node, Role
from minigraph.core.op import Op, signature
from minigraph.formulas import Written, call, negation
from minigraph.operations.activations import Sigmoid, leaky_relu, relu, sigmoid, tanh
from minigraph.operations.arithmetic import Add, Divide, Multiply, Negative, Subtract, negative
from minigraph.operations.choices import Maximum, Step, Where
from minigraph.operations.functions import Exp, Log
from minigraph.operations.losses import bce, bce_with_logits
from minigraph.operations.powers import Power, Square
from minigraph.operations.products import MatMul
from minigraph.operations.reductions import Max, Mean, Sum
from minigraph.operations.shapes import Transpose
from minigraph.operations.softmax import softmax

SMALL = 1e-3
"""A number up to this, added to the argument of a logarithm, keeps it from 0; the formula is known all the same."""

DEEPEST = 4
"""Two nodes are seen to be computed alike up to so many steps back."""
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


# What nodes are


def _is(node: Node, *kinds: type[Op]) -> bool:
    return isinstance(node.op, kinds)


def _constant(node: Node) -> float | None:
    """The number that a node is, everywhere."""
    if node.role is not Role.LITERAL or node.size == 0:
        return None
    first = float(np.ravel(node.value)[0])
    return first if np.all(np.asarray(node.value) == first) else None


def _both(node: Node, *kinds: type[Op]) -> Iterator[tuple[Node, Node]]:
    """The operands in either order."""
    if _is(node, *kinds):
        a, b = node.inputs
        yield a, b
        yield b, a


def _same(a: Node, b: Node, depth: int = DEEPEST) -> bool:
    """Whether two nodes are one, or computed alike by a few steps."""
    if a is b:
        return True
    if a.op is None or b.op is None or depth == 0 or a.shape != b.shape:
        return _constant(a) is not None and _constant(a) == _constant(b) and a.shape == b.shape
    return signature(a.op) == signature(b.op) and all(map(_same, a.inputs, b.inputs, [depth - 1] * len(a.inputs)))


def _opposite(node: Node) -> Node | None:
    """x of −x."""
    if _is(node, Negative):
        return node.inputs[0]
    return next((x for number, x in _both(node, Multiply) if _constant(number) == -1), None)


def _one_plus(node: Node) -> Node | None:
    return next((x for number, x in _both(node, Add) if _constant(number) == 1), None)


def scaled(node: Node) -> tuple[float, Node]:
    """A factor, and what it stands in front of."""
    factor = 1.0
    while True:
        opposite = _opposite(node)
        number = None
        if opposite is not None:
            number, node = -1.0, opposite
        elif _is(node, Divide) and (divisor := _constant(node.inputs[1])):
            number, node = 1 / divisor, node.inputs[0]
        else:
            for constant, other in _both(node, Multiply):
                if (number := _constant(constant)) is not None:
                    node = other
                    break
        if number is None:
            return factor, node
        factor *= number


# Patterns


def _sigmoid(node: Node) -> Idiom | None:
    """1/(1 + e^−z) or eᶻ/(1 + eᶻ)."""
    z = None
    if _is(node, Divide):
        top, bottom = node.inputs
        e = _one_plus(bottom)
        if e is not None and _is(e, Exp):
            z = _opposite(e.inputs[0]) if _constant(top) == 1 else e.inputs[0] if _same(top, e) else None
    elif isinstance(node.op, Power) and node.op.exponent == -1:
        e = _one_plus(node.inputs[0])
        z = _opposite(e.inputs[0]) if e is not None and _is(e, Exp) else None
    if z is None:
        return None
    remark = "where |z| > 709 the formula overflows, and its gradient can be NaN; that of σ is right for all z"
    return Idiom("σ", (z,), call("σ", z), sigmoid, remark)


def _tanh(node: Node) -> Idiom | None:
    """(eᶻ − e^−z)/(eᶻ + e^−z)."""
    if not (_is(node, Divide) and _is(node.inputs[0], Subtract)):
        return None
    (up, down), bottom = node.inputs[0].inputs, node.inputs[1]
    falling = _opposite(down.inputs[0]) if _is(up, Exp) and _is(down, Exp) else None
    if falling is None or not _same(falling, z := up.inputs[0]):
        return None
    if not any(_same(up, a) and _same(down, b) for a, b in _both(bottom, Add)):
        return None
    return Idiom("tanh", (z,), call("tanh", z), tanh, "where |z| > 709 the formula is NaN")


def _relu(node: Node) -> Idiom | None:
    """max(0, z), z [z > 0], or max(az, z) for a slope a between 0 and 1; also by `where`."""
    found: tuple[Node, float] | None = None
    remark = ""
    for a, z in _both(node, Maximum):
        if (slope := _slope(a, z)) is not None:
            found = z, slope
            remark = f"at z = 0 the formula has the derivative {(1 + slope) / 2:g}, the operation {slope:g}"
    for mask, z in _both(node, Multiply):
        if _is_positive(mask, z):
            found = z, 0.0
    if _is(node, Where) and _is_positive(node.inputs[0], node.inputs[1]):
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
    if _constant(node) == 0:
        return 0.0
    factor, of = scaled(node)
    return factor if _same(of, z) and 0 < factor < 1 else None


def _is_positive(mask: Node, z: Node) -> bool:
    """[z > 0] or [z ≥ 0]."""
    return isinstance(mask.op, Step) and (mask.op.below, mask.op.above) == (0, 1) and _same(mask.inputs[0], z)


def _softmax(node: Node) -> Idiom | None:
    """eᶻ / Σ eᶻ, with or without the largest z subtracted before."""
    if not (_is(node, Divide) and _is(node.inputs[0], Exp) and isinstance(node.inputs[1].op, Sum)):
        return None
    e, total = node.inputs
    if not _same(total.inputs[0], e) or node.shape != e.shape or not (axes := node.inputs[1].op.axes(e)):
        return None
    axis = max(axes, key=lambda axis: e.shape[axis])
    kept = tuple(1 if k in axes else size for k, size in enumerate(e.shape))
    if any(e.shape[k] != 1 for k in axes if k != axis) or (1,) * (len(kept) - total.ndim) + total.shape != kept:
        return None
    z, remark = e.inputs[0], "where z > 709 the formula overflows to NaN; with the largest z subtracted it does not"
    if _is(z, Subtract) and isinstance(z.inputs[1].op, Max) and _same(z.inputs[1].inputs[0], z.inputs[0]):
        largest, z = z.inputs[1], z.inputs[0]
        if largest.size == 1 or largest.shape == kept:
            remark = "the largest z is subtracted, so that it can't overflow"
        else:
            z = e.inputs[0]
    written = call("softmax", z, axis=axis) if axis else call("softmax", z)
    return Idiom("softmax", (z,), written, lambda z: softmax(z, axis), remark)


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
    if abs(outer) != 1 or not _is(node, Add, Subtract):
        return None
    one, two = map(_log_term, node.inputs)
    if one is None or two is None:
        return None
    signs = [one.sign, -two.sign if _is(node, Subtract) else two.sign]
    if not (_complement(two.y, one.y) and _complement(two.a, one.a)):
        one, two = two, one
    if not (_complement(two.y, one.y) and _complement(two.a, one.a)):
        return None
    if signs[0] != signs[1] or one.summed != two.summed or one.a.shape != one.y.shape:
        return None
    return _Core(-outer * signs[0], one.a, one.y, one.summed)


def _logits_or_not(a: Node, y: Node) -> Node:
    """The loss, entry by entry: of the logits, where a is the σ of them."""
    return bce_with_logits(a.inputs[0], y) if _is(a, Sigmoid) else bce(a, y)


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
    of_sum = factor * core.sign / (core.a.size if _is(inner, Mean) else 1)
    shape = node.shape

    def stable(a: Node, y: Node) -> Node:
        loss = _logits_or_not(a, y)
        loss = loss.sum() if name == "Σ BCE" else loss.mean()
        return loss if loss.shape == shape else loss.reshape(shape)

    for name, part in (("mean BCE", 1 / core.a.size), ("Σ BCE", 1.0)):
        if abs(of_sum - part) <= CLOSE * part:
            return Idiom(name, (core.a, core.y), call(name, core.a, core.y, shape=shape), stable, BCE_REMARK)
    return None


@dataclass(frozen=True)
class _LogTerm:
    """±y log a, entry by entry or summed."""

    sign: float
    y: Node
    a: Node
    summed: bool


def _log_term(node: Node) -> _LogTerm | None:
    outer, node = scaled(node)
    summed = _is(node, MatMul)
    if abs(outer) != 1 or not (_is(node, Multiply) or (summed and node.size == 1)):
        return None
    for y, log in _both(node, Multiply, MatMul):
        if summed:
            y, log = (x.inputs[0] if _is(x, Transpose) else x for x in (y, log))
        factor, y = scaled(y)
        if _is(log, Log) and abs(factor) == 1:
            return _LogTerm(outer * factor, y, _without_small(log.inputs[0]), summed)
    return None


def _without_small(node: Node) -> Node:
    """a of a + 1e-8."""
    for number, x in _both(node, Add):
        small = _constant(number)
        if small is not None and abs(small) <= SMALL:
            return x
    return node


def _complement(node: Node, x: Node) -> bool:
    """Whether a node is 1 − x."""
    return _is(node, Subtract) and _constant(node.inputs[0]) == 1 and _same(node.inputs[1], x)


def _mean_squared_error(node: Node) -> Idiom | None:
    """The mean of (a − y)², or half of it."""
    factor, inner = scaled(node)
    if not isinstance(inner.op, Sum | Mean) or inner.size != 1:
        return None
    square = inner.inputs[0]
    power = square.op.exponent if isinstance(square.op, Power) else 2 if _is(square, Square) else 0
    if power == 0 and _is(square, Multiply) and _same(square.inputs[0], square.inputs[1]):
        power = 2
    error = square.inputs[0] if square.inputs else square
    if power != 2 or not _is(error, Subtract):
        return None
    share = factor * (1 if _is(inner, Mean) else square.size)
    for part, name in ((1.0, "mean squared error"), (0.5, "half the mean squared error")):
        if abs(share - part) < CLOSE:
            a, y = error.inputs
            return Idiom(name, (a, y), call(name, a, y))
    return None


PATTERNS: tuple[Callable[[Node], Idiom | None], ...] = (
    _sigmoid, _tanh, _relu, _softmax, _bce, _whole_bce, _mean_squared_error,
)  # fmt: skip
"""In the order in which they are tried."""
