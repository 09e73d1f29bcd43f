"""Lowering of activation functions and of what has kinks: steps without comparisons, sigmoids by exponentials."""

from __future__ import annotations

import numpy as np

from minigraph.operations.activations import LeakyReLU, LogSigmoid, ReLU, Share, Sigmoid, Softplus, relu, sigmoid
from minigraph.operations.choices import Equal, Larger, Step, Where, minimum, where
from minigraph.operations.elementary import Sign, exp, log1p
from minigraph.operations.trigonometry import OneMinusSquare
from minigraph.program.inserted_operations import Positive, negative_size
from minigraph.program.instructions import Place
from minigraph.program.lowering.table import Lowering, Table, always
from minigraph.program.writer import Writer

LARGEST_APART = 8192
"""Up to so many entries the two bounds of a clip are quicker as two calls, with arrays of equal entries."""


def write_bounded(write: Writer, out: Place, function: str, x: Place, number: float) -> None:
    """The maximum or minimum of x and a number, which as an array is quicker."""
    write.call(function, x, write.filled(number, out.shape, out.dtype), out)


def write_positive(write: Writer, out: Place, x: Place, *, negative: bool) -> None:
    """1 where x > 0, NaN where x is NaN, else 0; ``negative`` if x may be. To compare is no quicker, and loses NaN."""
    if out.size > LARGEST_APART:
        write.clip(x, write.number(0.0, out.dtype), write.number(1.0, out.dtype), out)
    else:
        if negative:
            write_bounded(write, out, "maximum", x, 0.0)
        write_bounded(write, out, "minimum", out if negative else x, 1.0)
    write.call("ceil", out, out)


def _step(write: Writer, op: Step, out: Place, x: Place) -> None:
    if op.above == 1 and 0 <= op.below == op.at_zero <= 1:
        write_positive(write, out, x, negative=True)
        if op.below:
            write_bounded(write, out, "maximum", out, op.below)
        return
    under, at = write.scratch(out.shape, out.dtype), write.scratch(out.shape, out.dtype)
    write.call("sign", x, out)
    write_bounded(write, under, "minimum", out, 0.0)  # −1 where x < 0
    write.call("absolute", out, at)
    write.call("subtract", write.number(1.0, out.dtype), at, at)  # 1 where x = 0
    write_bounded(write, out, "maximum", out, 0.0)  # 1 where x > 0
    for part, height in ((out, op.above), (under, -op.below), (at, op.at_zero)):
        if height != 1:
            write.call("multiply", part, write.number(height, out.dtype), part)
    write.call("add", out, under, out)
    write.call("add", out, at, out)


def _larger(write: Writer, op: Larger, out: Place, a: Place, b: Place) -> None:
    undecided = write.scratch(out.shape, out.dtype)
    write.call("maximum", a, b, undecided)
    write.call("sign", undecided, undecided)
    write.call("multiply", undecided, write.number(0.0, out.dtype), undecided)  # NaN where a or b is, else 0
    at_least = write.scratch(out.shape, out.dtype)
    write.call("greater_equal", a, b, at_least)
    write.call("greater", a, b, out)
    write.call("add", out, at_least, out)
    write.call("multiply", out, write.number(0.5, out.dtype), out)
    write.call("add", out, undecided, out)


def _where(write: Writer, op: Where, out: Place, mask: Place, a: Place, b: Place) -> None:
    write.call("where", mask, a, b, out)
    if mask.value is None or np.isnan(mask.value).any():  # no constant, or one with NaN
        known = write.scratch(mask.shape, out.dtype)
        write.call("equal", mask, mask, known)  # but where it is NaN
        write.call("where", known, out, mask, out)


LOWERINGS: Table = {
    Sigmoid: Lowering(
        expansion=lambda op, z: exp(minimum(z, 0.0)) / (1 + exp(negative_size(z))),
        rough_expansion=lambda op, z: 1 / (1 + exp(-z)),  # where it overflows, 1/(1 + ∞) is 0
    ),
    ReLU: Lowering(lambda write, op, out, z: write_bounded(write, out, "maximum", z, 0.0), in_place=True),
    LeakyReLU: Lowering(expansion=lambda op, z: z * Step(op.slope, op.at_zero, 1.0)(z)),
    Softplus: Lowering(expansion=lambda op, z: relu(z) + log1p(exp(negative_size(z)))),
    LogSigmoid: Lowering(expansion=lambda op, z: minimum(z, 0.0) - log1p(exp(negative_size(z)))),
    Share: Lowering(expansion=lambda op, a, b: sigmoid(where(Equal()(a, b), 0.0, a - b))),
    OneMinusSquare: Lowering(expansion=lambda op, x: (1 - x) * (1 + x)),
    Sign: Lowering(magnifies=always),
    Step: Lowering(_step, magnifies=always),
    Positive: Lowering(lambda write, op, out, x: write_positive(write, out, x, negative=False)),
    Larger: Lowering(_larger, magnifies=always),
    Where: Lowering(_where, magnifies=lambda op, position: position == 0),
    Equal: Lowering(lambda write, op, out, a, b: write.call("equal", a, b, out), magnifies=always),
}
