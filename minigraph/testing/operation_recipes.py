"""How a random graph applies each operation: one recipe for each says to what, and with which options.

A recipe takes a `Builder`, picks operands there, and gives the new node.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import numpy as np
from hypothesis import strategies as st

from minigraph.core.node import Node
from minigraph.operations import activations, arithmetic, functions, losses, reductions, shapes, softmax
from minigraph.values import Shape


class Builder(Protocol):
    """A random graph in the making, where a recipe finds its operands."""

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:
        """A value of the strategy."""

    def pick(self, fits: Callable[[Shape], bool] = ..., otherwise: Shape = ...) -> Node:
        """A node of the graph whose shape fits; where there is none, a new leaf of the shape ``otherwise``."""

    def constant(self, shape: Shape, low: float, high: float) -> Node:
        """A leaf of data between low and high, such as targets."""


Recipe = Callable[[Builder], Node]
RECIPES: dict[str, Recipe] = {}
MARGIN = 0.05
"""How far the operands of log, sqrt and the like stay from the end of the domain."""


def recipe(function: Recipe) -> Recipe:
    """Enter a recipe under the name of its operation."""
    RECIPES[function.__name__.rstrip("_")] = function
    return function


def positive(x: Node) -> Node:
    """A node of numbers above the margin: x itself, or softplus of it."""
    return x if np.min(x.value, initial=1.0) > MARGIN else activations.softplus(x) + MARGIN


def apart_from_zero(x: Node) -> Node:
    """A node of numbers that can be divided by: x itself, or 1 + x²."""
    return x if np.min(np.abs(x.value), initial=1.0) > 4 * MARGIN else 1 + functions.square(x)


def _unary(operation: Callable[[Node], Node], prepare: Callable[[Node], Node], builder: Builder) -> Node:
    return operation(prepare(builder.pick()))


def _binary(operation: Callable[[Any, Any], Node], prepare: Callable[[Node], Node], builder: Builder) -> Node:
    a = builder.pick()
    if builder.draw(st.booleans()):
        return operation(a, builder.draw(st.sampled_from([0.5, -2.0, 3])))
    shapes = [shape for shape in ((), a.shape[1:], (1,) * len(a.shape), (*a.shape[:-1], 1)[: len(a.shape)], a.shape)]
    b = prepare(builder.pick(lambda shape: _broadcasts(a.shape, shape), builder.draw(st.sampled_from(shapes))))
    return operation(*builder.draw(st.sampled_from([(a, b), (b, a)])) if prepare is as_it_is else (a, b))


def _broadcasts(a: Shape, b: Shape) -> bool:
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(a), reversed(b), strict=False))


def as_it_is(x: Node) -> Node:
    """The node itself."""
    return x


for _operation in (
    arithmetic.negative, functions.exp, functions.square, functions.abs, functions.sign, arithmetic.identity,
    activations.sigmoid, activations.tanh, activations.relu, activations.leaky_relu, activations.softplus,
):  # fmt: skip
    RECIPES[_operation.__name__] = partial(_unary, _operation, as_it_is)
for _operation in (functions.log, functions.sqrt):
    RECIPES[_operation.__name__] = partial(_unary, _operation, positive)
for _two in (arithmetic.add, arithmetic.subtract, arithmetic.multiply, functions.maximum):
    RECIPES[_two.__name__] = partial(_binary, _two, as_it_is)
RECIPES["divide"] = partial(_binary, arithmetic.divide, apart_from_zero)


@recipe
def power(builder: Builder) -> Node:
    """Whole, negative and fractional exponents."""
    exponent: float = builder.draw(st.sampled_from([2, 3, 1, 0, -1, 0.5]))
    base = builder.pick()
    return (positive(base) if exponent < 0 or exponent % 1 else base) ** exponent


@recipe
def matmul(builder: Builder) -> Node:
    """Vectors and matrices on both sides."""
    a = builder.pick(lambda shape: len(shape) in (1, 2), (2, 3))
    inner = a.shape[-1]
    size = builder.draw(st.integers(1, 3))
    return a @ builder.pick(
        lambda shape: len(shape) in (1, 2) and shape[0] == inner, builder.draw(st.sampled_from([(inner,), (inner, size)]))
    )


def _reduction(operation: Callable[..., Node], builder: Builder) -> Node:
    x = builder.pick()
    axes = builder.draw(st.none() | st.lists(st.sampled_from(range(-x.ndim, x.ndim)), max_size=1) if x.ndim else st.none())
    axis = None if axes is None else tuple(axes) if len(axes) != 1 else axes[0]
    return operation(x, axis, builder.draw(st.booleans()))


for _reduce in (reductions.sum, reductions.mean, reductions.max):
    RECIPES[_reduce.__name__] = partial(_reduction, _reduce)


@recipe
def reshape(builder: Builder) -> Node:
    """Flat, a column, a row, an axis more."""
    x = builder.pick()
    return shapes.reshape(x, builder.draw(st.sampled_from([(x.size,), (-1, 1), (1, -1), (*x.shape, 1)])))


@recipe
def transpose(builder: Builder) -> Node:
    """Reversed axes, and any order."""
    x = builder.pick()
    return shapes.transpose(x, builder.draw(st.none() | st.permutations(range(x.ndim))))


@recipe
def broadcast_to(builder: Builder) -> Node:
    """A new first axis, and axes of size 1 made larger."""
    x = builder.pick()
    wider = tuple(2 if size == 1 else size for size in x.shape)
    return shapes.broadcast_to(x, builder.draw(st.sampled_from([wider, (2, *x.shape), (1, *wider)])))


@recipe
def concatenate(builder: Builder) -> Node:
    """Two parts, or the same one twice, along any axis."""
    x = builder.pick(lambda shape: len(shape) > 0, (2, 3))
    axis = builder.draw(st.integers(0, x.ndim - 1))

    def fits(shape: Shape) -> bool:
        return len(shape) == x.ndim and all(m == n or i == axis for i, (m, n) in enumerate(zip(shape, x.shape, strict=True)))

    return shapes.concatenate([x, builder.pick(fits, x.shape)], axis - builder.draw(st.sampled_from([0, x.ndim])))


@recipe
def getitem(builder: Builder) -> Node:
    """Numbers, slices, ..., None, arrays of positions with repeats, masks."""
    x = builder.pick(lambda shape: len(shape) > 0, (2, 3))
    mask = np.arange(x.size).reshape(x.shape) % 2 == 0
    indices: list[Any] = [
        0,
        -1,
        slice(None, None, -1),
        slice(0, 2),
        ...,
        None,
        (..., 0),
        (None, ..., slice(1)),
        [0, -1, 0],
        mask,
    ]
    return x[builder.draw(st.sampled_from(indices))]


def _along_axis(operation: Callable[..., Node], builder: Builder) -> Node:
    z = builder.pick(lambda shape: len(shape) > 0, (3, 2))
    return operation(z, builder.draw(st.integers(-z.ndim, z.ndim - 1)))


RECIPES["softmax"] = partial(_along_axis, softmax.softmax)
RECIPES["log_softmax"] = partial(_along_axis, softmax.log_softmax)


@recipe
def bce(builder: Builder) -> Node:
    """Probabilities that a sigmoid made, neither 0 nor 1 to the last digits, and targets between 0 and 1."""
    z = builder.pick()
    p = activations.sigmoid(z if np.max(np.abs(z.value), initial=0.0) < 4 else activations.tanh(z))
    return losses.bce(p, builder.constant(p.shape, 0, 1))


@recipe
def bce_with_logits(builder: Builder) -> Node:
    """Any logits, and targets between 0 and 1."""
    z = builder.pick()
    return losses.bce_with_logits(z, builder.constant(z.shape, 0, 1))


@recipe
def squared_error(builder: Builder) -> Node:
    """Any prediction and target."""
    a = builder.pick()
    return losses.squared_error(a, builder.constant(a.shape, -math.inf, math.inf))


@recipe
def cross_entropy_with_logits(builder: Builder) -> Node:
    """Logits (classes, m), and columns of targets between 0 and 1."""
    z = builder.pick(lambda shape: len(shape) == 2, (3, 2))
    return losses.cross_entropy_with_logits(z, builder.constant(z.shape, 0, 1))
