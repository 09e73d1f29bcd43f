"""One move of a random graph for each operation: what it is applied to, and with which options.

A move takes a `Workshop`, picks operands there, and gives the new node.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import numpy as np
from hypothesis import strategies as st

from minigraph.core.node import Node
from minigraph.operations import activations, arithmetic, kinks, losses, powers, reductions, shapes, softmax
from minigraph.values import Shape


class Workshop(Protocol):
    """Where a move finds its operands."""

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:
        """A value of the strategy."""

    def pick(self, fits: Callable[[Shape], bool] = ..., otherwise: Shape = ...) -> Node:
        """A node of the graph whose shape fits; where there is none, a new leaf of the shape ``otherwise``."""

    def constant(self, shape: Shape, low: float, high: float) -> Node:
        """A leaf of data between low and high, such as targets."""


Move = Callable[[Workshop], Node]
MOVES: dict[str, Move] = {}
MARGIN = 0.05
"""How far the operands of log, sqrt and the like stay from the end of the domain."""


def move(function: Move) -> Move:
    """Enter a move under the name of its operation."""
    MOVES[function.__name__.rstrip("_")] = function
    return function


def positive(x: Node) -> Node:
    """A node of numbers above the margin: x itself, or softplus of it."""
    return x if np.min(x.value, initial=1.0) > MARGIN else activations.softplus(x) + MARGIN


def apart_from_zero(x: Node) -> Node:
    """A node of numbers that can be divided by: x itself, or 1 + x²."""
    return x if np.min(np.abs(x.value), initial=1.0) > 4 * MARGIN else 1 + powers.square(x)


def _unary(operation: Callable[[Node], Node], prepare: Callable[[Node], Node], shop: Workshop) -> Node:
    return operation(prepare(shop.pick()))


def _binary(operation: Callable[[Any, Any], Node], prepare: Callable[[Node], Node], shop: Workshop) -> Node:
    a = shop.pick()
    if shop.draw(st.booleans()):
        return operation(a, shop.draw(st.sampled_from([0.5, -2.0, 3])))
    shapes = [shape for shape in ((), a.shape[1:], (1,) * len(a.shape), (*a.shape[:-1], 1)[: len(a.shape)], a.shape)]
    b = prepare(shop.pick(lambda shape: _broadcasts(a.shape, shape), shop.draw(st.sampled_from(shapes))))
    return operation(*shop.draw(st.sampled_from([(a, b), (b, a)])) if prepare is as_it_is else (a, b))


def _broadcasts(a: Shape, b: Shape) -> bool:
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(a), reversed(b), strict=False))


def as_it_is(x: Node) -> Node:
    """The node itself."""
    return x


for _operation in (
    arithmetic.negative, powers.exp, powers.square, kinks.abs, kinks.sign, arithmetic.identity,
    activations.sigmoid, activations.tanh, activations.relu, activations.leaky_relu, activations.softplus,
):  # fmt: skip
    MOVES[_operation.__name__] = partial(_unary, _operation, as_it_is)
for _operation in (powers.log, powers.sqrt):
    MOVES[_operation.__name__] = partial(_unary, _operation, positive)
for _two in (arithmetic.add, arithmetic.subtract, arithmetic.multiply, kinks.maximum):
    MOVES[_two.__name__] = partial(_binary, _two, as_it_is)
MOVES["divide"] = partial(_binary, arithmetic.divide, apart_from_zero)


@move
def power(shop: Workshop) -> Node:
    """Whole, negative and fractional exponents."""
    exponent: float = shop.draw(st.sampled_from([2, 3, 1, 0, -1, 0.5]))
    base = shop.pick()
    return (positive(base) if exponent < 0 or exponent % 1 else base) ** exponent


@move
def matmul(shop: Workshop) -> Node:
    """Vectors and matrices on both sides."""
    a = shop.pick(lambda shape: len(shape) in (1, 2), (2, 3))
    inner = a.shape[-1]
    size = shop.draw(st.integers(1, 3))
    return a @ shop.pick(
        lambda shape: len(shape) in (1, 2) and shape[0] == inner, shop.draw(st.sampled_from([(inner,), (inner, size)]))
    )


def _reduction(operation: Callable[..., Node], shop: Workshop) -> Node:
    x = shop.pick()
    axes = shop.draw(st.none() | st.lists(st.sampled_from(range(-x.ndim, x.ndim)), max_size=1) if x.ndim else st.none())
    axis = None if axes is None else tuple(axes) if len(axes) != 1 else axes[0]
    return operation(x, axis, shop.draw(st.booleans()))


for _reduce in (reductions.sum, reductions.mean, reductions.max):
    MOVES[_reduce.__name__] = partial(_reduction, _reduce)


@move
def reshape(shop: Workshop) -> Node:
    """Flat, a column, a row, an axis more."""
    x = shop.pick()
    return shapes.reshape(x, shop.draw(st.sampled_from([(x.size,), (-1, 1), (1, -1), (*x.shape, 1)])))


@move
def transpose(shop: Workshop) -> Node:
    """Reversed axes, and any order."""
    x = shop.pick()
    return shapes.transpose(x, shop.draw(st.none() | st.permutations(range(x.ndim))))


@move
def broadcast_to(shop: Workshop) -> Node:
    """A new first axis, and axes of size 1 made larger."""
    x = shop.pick()
    wider = tuple(2 if size == 1 else size for size in x.shape)
    return shapes.broadcast_to(x, shop.draw(st.sampled_from([wider, (2, *x.shape), (1, *wider)])))


@move
def concatenate(shop: Workshop) -> Node:
    """Two parts, or the same one twice, along any axis."""
    x = shop.pick(lambda shape: len(shape) > 0, (2, 3))
    axis = shop.draw(st.integers(0, x.ndim - 1))

    def fits(shape: Shape) -> bool:
        return len(shape) == x.ndim and all(m == n or i == axis for i, (m, n) in enumerate(zip(shape, x.shape, strict=True)))

    return shapes.concatenate([x, shop.pick(fits, x.shape)], axis - shop.draw(st.sampled_from([0, x.ndim])))


@move
def getitem(shop: Workshop) -> Node:
    """Numbers, slices, ..., None, arrays of positions with repeats, masks."""
    x = shop.pick(lambda shape: len(shape) > 0, (2, 3))
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
    return x[shop.draw(st.sampled_from(indices))]


def _along_axis(operation: Callable[..., Node], shop: Workshop) -> Node:
    z = shop.pick(lambda shape: len(shape) > 0, (3, 2))
    return operation(z, shop.draw(st.integers(-z.ndim, z.ndim - 1)))


MOVES["softmax"] = partial(_along_axis, softmax.softmax)
MOVES["log_softmax"] = partial(_along_axis, softmax.log_softmax)


@move
def bce(shop: Workshop) -> Node:
    """Probabilities that a sigmoid made, neither 0 nor 1 to the last digits, and targets between 0 and 1."""
    z = shop.pick()
    p = activations.sigmoid(z if np.max(np.abs(z.value), initial=0.0) < 4 else activations.tanh(z))
    return losses.bce(p, shop.constant(p.shape, 0, 1))


@move
def bce_with_logits(shop: Workshop) -> Node:
    """Any logits, and targets between 0 and 1."""
    z = shop.pick()
    return losses.bce_with_logits(z, shop.constant(z.shape, 0, 1))


@move
def squared_error(shop: Workshop) -> Node:
    """Any prediction and target."""
    a = shop.pick()
    return losses.squared_error(a, shop.constant(a.shape, -math.inf, math.inf))


@move
def cross_entropy_with_logits(shop: Workshop) -> Node:
    """Logits (classes, m), and columns of targets between 0 and 1."""
    z = shop.pick(lambda shape: len(shape) == 2, (3, 2))
    return losses.cross_entropy_with_logits(z, shop.constant(z.shape, 0, 1))
