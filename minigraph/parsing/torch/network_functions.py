"""What PyTorch has as one function of a network and is written with several operations here; rows are examples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigraph.core.linear_maps import Maps, Scale
from minigraph.core.node import Node
from minigraph.core.op import Elementwise
from minigraph.core.operators import OPERATIONS
from minigraph.operations.activations import tanh
from minigraph.operations.functions import exp
from minigraph.operations.losses import bce, bce_with_logits
from minigraph.operations.powers import sqrt, square
from minigraph.operations.softmax import log_softmax, softmax

# Entries along an axis


def along(x: Node, axis: int, index: int | slice) -> Node:
    """x[…, index, …]: the index on one axis."""
    if isinstance(index, slice) and range(x.shape[axis])[index] == range(x.shape[axis]):
        return x
    return x[(*[slice(None)] * (axis % x.ndim), index)]


def split(x: Node, sizes: Sequence[int], axis: int = 0) -> list[Node]:
    """Parts of these sizes, one after the other."""
    ends = np.cumsum(sizes).tolist()
    return [along(x, axis, slice(end - size, end)) for size, end in zip(sizes, ends, strict=True)]


def expand(x: Node, shape: Sequence[int], implicit: bool = False) -> Node:
    """x repeated to a shape, in which −1 is a size that stays."""
    kept = [1] * (len(shape) - x.ndim) + list(x.shape)
    return OPERATIONS["broadcast_to"](x, [old if new == -1 else new for old, new in zip(kept, shape, strict=True)])


# Layers


def linear(x: Any, W: Any, b: Any = None) -> Any:
    """x Wᵀ + b."""
    y = x @ W.T
    return y if b is None else y + b


def embedding(W: Node, index: Any, *_: Any) -> Node:
    """The rows of W with these numbers."""
    return W[index]


def layer_norm(x: Any, shape: Sequence[int], w: Any = None, b: Any = None, eps: float = 1e-5, *_: Any) -> Any:
    """Each example less its mean, divided by its deviation; times w, plus b."""
    axes = tuple(range(-len(shape), 0))
    centred = x - x.mean(axes, keepdims=True)
    return _affine(centred / sqrt(square(centred).mean(axes, keepdims=True) + eps), w, b)


def batch_norm(x: Any, w: Any, b: Any, mean: Any, var: Any, *options: Any) -> tuple[Any]:
    """Each feature less the running mean, divided by the running deviation; times w, plus b."""
    column = [-1, *[1] * (x.ndim - 2)]
    w, b, mean, var = (value if value is None else value.reshape(column) for value in (w, b, mean, var))
    return (_affine((x - mean) / sqrt(var + options[-1]), w, b),)


def _affine(x: Any, w: Any, b: Any) -> Any:
    x = x if w is None else x * w
    return x if b is None else x + b


def attention(
    q: Any,
    k: Any,
    v: Any,
    mask: Any = None,
    dropout: float = 0.0,
    causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Any:
    """Softmax(q kᵀ/√d) v, where the mask lets it."""
    if dropout:
        raise ValueError("it draws random numbers for its dropout.")
    scores = (
        q
        @ OPERATIONS["transpose"](k, (*range(k.ndim - 2), -1, -2))
        * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    )
    if causal:
        mask = np.tril(np.ones(scores.shape[-2:], bool))
    if mask is not None:
        allowed = isinstance(mask, np.ndarray) and mask.dtype.kind == "b"
        scores = scores + (np.where(mask, 0.0, -np.inf) if allowed else mask)
    return softmax(scores, -1) @ v


# Activations


class Erf(Elementwise):
    """The error function, 2/√π times the integral of e^−t² from 0 to x."""

    def forward(self, x: Any) -> Any:
        return np.asarray(np.frompyfunc(math.erf, 1, 1)(x), x.dtype)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Scale(2 / math.sqrt(math.pi) * exp(-square(x))),)


def gelu(z: Any, approximate: str = "none") -> Any:
    """z Φ(z), with the normal distribution Φ; or with its approximation by tanh."""
    if approximate == "tanh":
        return z * (0.5 * (1 + tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3))))
    return z * (0.5 * (1 + Erf()(z / math.sqrt(2))))


def softplus(z: Any, beta: float = 1.0, threshold: float = 20.0) -> Any:
    """log(1 + e^βz)/β; exact, while PyTorch takes z itself above a threshold."""
    return OPERATIONS["softplus"](z) if beta == 1 else OPERATIONS["softplus"](beta * z) / beta


# Losses

_NONE, _MEAN, _SUM = range(3)


def reduced(losses: Any, reduction: int) -> Any:
    """The losses themselves, their mean or their sum."""
    return losses if reduction == _NONE else losses.mean() if reduction == _MEAN else losses.sum()


def squared_error(a: Any, y: Any, reduction: int = _MEAN) -> Any:
    """(a − y)², which is twice ours."""
    return reduced(square(a - y), reduction)


def binary_cross_entropy(p: Any, y: Any, weight: Any = None, reduction: int = _MEAN) -> Any:
    """The cross-entropy of probabilities."""
    return reduced(_affine(bce(p, y), weight, None), reduction)


def binary_cross_entropy_with_logits(
    z: Any, y: Any, weight: Any = None, positive: Any = None, reduction: int = _MEAN
) -> Any:
    """The cross-entropy of logits."""
    if positive is not None:
        raise ValueError("pos_weight has no operation.")
    return reduced(_affine(bce_with_logits(z, y), weight, None), reduction)


def cross_entropy(
    z: Any, y: Any, weight: Any = None, reduction: int = _MEAN, ignored: int = -100, smoothing: float = 0.0
) -> Any:
    """The cross-entropy of logits whose classes are on axis 1, for targets that are probabilities."""
    if z.shape != y.shape or weight is not None or smoothing:
        raise ValueError("the targets must be probabilities, one for each logit, without weights and without smoothing.")
    losses = -(y * log_softmax(z, 1 if z.ndim > 1 else 0)).sum(1 if z.ndim > 1 else 0)
    return reduced(losses, reduction)
