"""Recipes for what adds up: products of matrices, einsum, reductions, softmax; and for losses."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
from hypothesis import strategies as st

from minigraph.core.node import Node
from minigraph.operations import activations, losses, norms_and_variances, products, reductions, softmax
from minigraph.operations import einsum as einsums
from minigraph.testing.builder import RECIPES, Builder, broadcasts, recipe, whole_numbers_below
from minigraph.values import Shape


@recipe
def matmul(builder: Builder) -> Node:
    """Vectors, matrices and stacks of matrices on both sides."""
    a = builder.pick(lambda shape: len(shape) > 0, (2, 3))
    inner = a.shape[-1]
    size = builder.draw(st.integers(1, 3))
    new = builder.draw(st.sampled_from([(inner,), (inner, size), (2, inner, size)]))
    return a @ builder.pick(lambda shape: _multiplies(a.shape, shape), new if _multiplies(a.shape, new) else (inner, size))


def _multiplies(a: Shape, b: Shape) -> bool:
    return len(b) > 0 and b[-2:][0] == a[-1] and broadcasts(a[:-2], b[:-2])


@recipe
def dot(builder: Builder) -> Node:
    """Vectors and matrices, and more axes on the right, which `dot` does not broadcast."""
    a = builder.pick(lambda shape: len(shape) > 0, (2, 3))
    return products.dot(a, builder.pick(lambda shape: len(shape) > 0 and shape[-2:][0] == a.shape[-1], (a.shape[-1], 2)))


@recipe
def outer(builder: Builder) -> Node:
    """Any two, read row by row."""
    return products.outer(builder.pick(otherwise=(2,)), builder.pick(otherwise=(3,)))


@recipe
def einsum(builder: Builder) -> Node:
    """One to three operands, which may have axes in common or a letter twice, and a result in any order."""
    sizes: dict[str, int] = {}
    terms, picked = [], []
    for _ in range(builder.draw(st.integers(1, 3))):
        x = builder.pick(lambda shape: len(shape) < 3, (2, 3))
        term = ""
        for size in x.shape:
            fitting = [letter for letter, known in sizes.items() if known == size]
            letter = builder.draw(st.sampled_from([*fitting, "ijklmn"[len(sizes)]]))
            sizes[letter] = size
            term += letter
        terms.append(term)
        picked.append(x)
    kept = builder.draw(st.lists(st.sampled_from(sorted(sizes)), unique=True)) if sizes else []
    return einsums.einsum(f"{','.join(terms)}->{''.join(kept)}", *picked)


def _reduction(operation: Callable[..., Node], builder: Builder) -> Node:
    x = builder.pick()
    axes = builder.draw(st.none() | st.lists(st.sampled_from(range(-x.ndim, x.ndim)), max_size=1) if x.ndim else st.none())
    axis = None if axes is None else tuple(axes) if len(axes) != 1 else axes[0]
    return operation(x, axis, builder.draw(st.booleans()))


for _reduce in (
    reductions.sum, reductions.mean, reductions.max, reductions.min, reductions.prod, softmax.logsumexp,
    norms_and_variances.norm, norms_and_variances.var, norms_and_variances.std,
):  # fmt: skip
    RECIPES[_reduce.__name__] = partial(_reduction, _reduce)


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
    """Logits (classes, m), and columns of targets between 0 and 1, or labels."""
    z = builder.pick(lambda shape: len(shape) == 2, (3, 2))
    if z.shape[0] > 1 and builder.draw(st.booleans()):
        return losses.cross_entropy_with_logits(z, whole_numbers_below(builder, z.shape[1:], z.shape[0]))
    return losses.cross_entropy_with_logits(z, builder.constant(z.shape, 0, 1))
