"""Recipes for what is computed entry by entry: elementary functions, arithmetic, powers, choices."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from hypothesis import strategies as st

from minigraph.core.node import Node
from minigraph.operations import activations, arithmetic, choices, elementary, powers, trigonometry
from minigraph.testing.builder import RECIPES, Builder, broadcasts, recipe, unary

MARGIN = 0.05
"""How far the operands of log, sqrt and the like stay from the end of the domain."""


def positive(x: Node) -> Node:
    """A node of numbers above the margin: x itself, or softplus of it."""
    return x if np.min(x.value, initial=1.0) > MARGIN else activations.softplus(x) + MARGIN


def inside_one(x: Node) -> Node:
    """A node of numbers between −0.9 and 0.9: x itself, or 0.9 tanh(x)."""
    return x if np.max(np.abs(x.value), initial=0.0) < 0.9 else 0.9 * activations.tanh(x)


def apart_from_zero(x: Node) -> Node:
    """A node of numbers that can be divided by: x itself, or 1 + x²."""
    return x if np.min(np.abs(x.value), initial=1.0) > 4 * MARGIN else 1 + powers.square(x)


def _binary(operation: Callable[[Any, Any], Node], prepare: Callable[[Node], Node] | None, builder: Builder) -> Node:
    a = builder.pick()
    if builder.draw(st.booleans()):
        return operation(a, builder.draw(st.sampled_from([0.5, -2.0, 3])))
    shapes = [(), a.shape[1:], (1,) * a.ndim, (*a.shape[:-1], 1)[: a.ndim], a.shape]
    b = builder.pick(lambda shape: broadcasts(a.shape, shape), builder.draw(st.sampled_from(shapes)))
    return operation(a, prepare(b)) if prepare else operation(*builder.draw(st.sampled_from([(a, b), (b, a)])))


for _operation in (
    arithmetic.negative, elementary.exp, powers.square, elementary.abs, elementary.sign, arithmetic.identity,
    activations.sigmoid, activations.tanh, activations.relu, activations.leaky_relu, activations.softplus,
):  # fmt: skip
    RECIPES[_operation.__name__] = partial(unary, _operation, None)
for _operation in (
    elementary.expm1, trigonometry.sin, trigonometry.cos, trigonometry.arctan, trigonometry.sinh, trigonometry.cosh,
    activations.log_sigmoid,
):  # fmt: skip
    RECIPES[_operation.__name__] = partial(unary, _operation, None)
for _operation in (trigonometry.tan, trigonometry.arcsin, trigonometry.arccos):
    RECIPES[_operation.__name__] = partial(unary, _operation, inside_one)
for _operation in (elementary.log, elementary.log1p, powers.sqrt):
    RECIPES[_operation.__name__] = partial(unary, _operation, positive)
for _two in (
    arithmetic.add,
    arithmetic.subtract,
    arithmetic.multiply,
    choices.maximum,
    choices.minimum,
    activations.logaddexp,
):
    RECIPES[_two.__name__] = partial(_binary, _two, None)
RECIPES["divide"] = partial(_binary, arithmetic.divide, apart_from_zero)


@recipe
def power(builder: Builder) -> Node:
    """Whole, negative and fractional exponents, and nodes."""
    if builder.draw(st.booleans()):
        return _binary(lambda a, b: positive(a) ** b, None, builder)
    exponent: float = builder.draw(st.sampled_from([2, 3, 1, 0, -1, 0.5]))
    base = builder.pick()
    return (positive(base) if exponent < 0 or exponent % 1 else base) ** exponent


@recipe
def clip(builder: Builder) -> Node:
    """One bound, or both."""
    return choices.clip(builder.pick(), *builder.draw(st.sampled_from([(-0.7,), (None, 1.3), (-1.7, 0.6)])))


@recipe
def where(builder: Builder) -> Node:
    """A constant mask, or one that depends on what it chooses."""

    def chosen(a: Node, b: Any) -> Node:
        pattern = np.arange(a.size).reshape(a.shape) % 2 == 0
        return choices.where(activations.relu(a) if builder.draw(st.booleans()) else pattern, a, b)

    return _binary(lambda a, b: chosen(a, b) if isinstance(a, Node) else chosen(b, a), None, builder)


@recipe
def detach(builder: Builder) -> Node:
    """A number, as nothing that is differentiated may depend on what is held fixed."""
    return builder.pick() * arithmetic.detach(np.array(builder.draw(st.sampled_from([0.5, -2.0])), builder.dtype))
