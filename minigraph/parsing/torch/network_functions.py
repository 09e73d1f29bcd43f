"""What PyTorch has as one function of a network, and is written with several operations here; examples are rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from minigraph.core.node import Node
from minigraph.core.operators import OPERATIONS
from minigraph.operations.arithmetic import detach
from minigraph.operations.choices import where
from minigraph.operations.losses import bce, bce_with_logits, cross_entropy_with_logits
from minigraph.operations.powers import sqrt, square
from minigraph.operations.softmax import log_softmax, softmax
from minigraph.parsing.torch.elementary_functions import equal

# Layers


def linear(x: Any, W: Any, b: Any = None) -> Any:
    """x Wᵀ + b."""
    return _affine(x @ W.T, None, b)


def bilinear(x: Any, y: Any, W: Any, b: Any = None) -> Any:
    """For each matrix in W the product x W y, plus b."""
    return _affine(OPERATIONS["einsum"]("ni,oij,nj->no", x, W, y), None, b)


def _affine(x: Any, w: Any, b: Any) -> Any:
    x = x if w is None else x * w
    return x if b is None else x + b


def embedding(W: Any, index: Any, padding: int = -1, by_frequency: bool = False, *_: Any) -> Any:
    """The rows of W with these numbers; the row of the padding is not learned."""
    if by_frequency:
        raise ValueError("scale_grad_by_freq divides gradients, which is no part of what is computed")
    if padding >= 0 and isinstance(W, Node):
        W = where(np.arange(W.shape[0])[:, None] == padding, detach(W), W)
    return W[index]


def _standardized(x: Any, axes: Sequence[int], eps: float) -> Any:
    """Less the mean over axes, divided by the deviation."""
    centred = x - x.mean(axes, keepdims=True)
    return centred / sqrt(square(centred).mean(axes, keepdims=True) + eps)


def layer_norm(x: Any, shape: Sequence[int], w: Any = None, b: Any = None, eps: float = 1e-5, *_: Any) -> Any:
    """Each example less its mean, divided by its deviation; times w, plus b."""
    return _affine(_standardized(x, range(-len(shape), 0), eps), w, b)


def group_norm(x: Any, groups: int, w: Any = None, b: Any = None, eps: float = 1e-5, *_: Any) -> Any:
    """The same for groups of features, which are on axis 1."""
    parts = _standardized(x.reshape((x.shape[0], groups, -1)), (2,), eps)
    return _affine(parts.reshape(x.shape), *(_on_axis_1(value, x) for value in (w, b)))


def batch_norm(x: Any, w: Any, b: Any, mean: Any, variance: Any, *options: Any) -> tuple[Any]:
    """Each feature less its running mean, divided by its running deviation; times w, plus b."""
    w, b, mean, variance = (_on_axis_1(value, x) for value in (w, b, mean, variance))
    return (_affine((x - mean) / sqrt(variance + options[-1]), w, b),)


def _on_axis_1(value: Any, x: Any) -> Any:
    """One number per feature, in the shape that fits features on axis 1."""
    return value if value is None or x.ndim == 2 else value.reshape((-1, *[1] * (x.ndim - 2)))


def attention(
    q: Any,
    k: Any,
    v: Any,
    mask: Any = None,
    dropout: float = 0.0,
    causal: bool = False,
    scale: float | None = None,
    **_: Any,
) -> Any:
    """Softmax(q kᵀ/√d + mask) v."""
    if dropout:
        raise ValueError("it draws random numbers for its dropout")
    scores = q @ OPERATIONS["swapaxes"](k, -1, -2) * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    if causal:
        mask = np.where(np.tril(np.ones(scores.shape[-2:])), 0.0, -np.inf)
    return softmax(_affine(scores, None, mask), -1) @ v


# Sums


def norm(x: Any, order: float = 2, axis: Any = None, keepdims: bool = False, **_: Any) -> Any:
    """The root of the sum of squares, or the sum of absolute values."""
    if order not in (1, 2):
        raise ValueError(f"of norms there are those of order 1 and 2, not {order}")
    return OPERATIONS["norm"](x, axis, keepdims) if order == 2 else abs(x).sum(axis, keepdims)


def variance(x: Any, axis: Any = None, correction: float | None = 1, keepdim: bool = False) -> Any:
    """The mean square of the distance from the mean, for one entry less if nothing else is said."""
    return OPERATIONS["var"](x, axis, keepdim, 1 if correction is None else correction)


# Losses

_NONE, _MEAN = 0, 1
_IGNORED = -100


def _reduced(losses: Any, reduction: int, count: Any = None) -> Any:
    """The losses as they are, their mean, or their sum; a mean may have a count of its own."""
    if reduction == _NONE:
        return losses
    if reduction == _MEAN and count is None:
        return losses.mean()
    return losses.sum() / count if reduction == _MEAN else losses.sum()


def squared_error(a: Any, y: Any, reduction: int = _MEAN) -> Any:
    """(a − y)², which is twice ours."""
    return _reduced(square(a - y), reduction)


def binary_cross_entropy(p: Any, y: Any, weight: Any = None, reduction: int = _MEAN) -> Any:
    """The cross-entropy of probabilities."""
    return _reduced(_affine(bce(p, y), weight, None), reduction)


def binary_cross_entropy_with_logits(
    z: Any, y: Any, weight: Any = None, positive: Any = None, reduction: int = _MEAN
) -> Any:
    """The cross-entropy of logits; the loss of a positive target may have a weight of its own."""
    loss = bce_with_logits(z, y)
    if positive is not None:
        softplus = OPERATIONS["softplus"]
        loss = positive * y * softplus(-z) + (1 - y) * softplus(z)
    return _reduced(_affine(loss, weight, None), reduction)


def cross_entropy(
    z: Any, y: Any, weight: Any = None, reduction: int = _MEAN, ignored: int = _IGNORED, smoothing: float = 0.0
) -> Any:
    """The cross-entropy of logits, for targets that are labels or probabilities."""
    _refuse_axes(z)
    if y.shape != z.shape and z.ndim == 2 and weight is None and ignored == _IGNORED and not smoothing:
        return _reduced(cross_entropy_with_logits(z.T, y).reshape(-1), reduction)
    logs = log_softmax(z, -1)
    if y.shape != z.shape:
        return negative_log_likelihood(logs, y, weight, reduction, ignored, smoothing)
    targets = y * (1 - smoothing) + smoothing / z.shape[-1] if smoothing else y
    return _reduced(-_affine(targets * logs, weight, None).sum(-1), reduction)


def negative_log_likelihood(
    logs: Any, y: Any, weight: Any = None, reduction: int = _MEAN, ignored: int = _IGNORED, smoothing: float = 0.0
) -> Any:
    """Less the logarithm of the probability of the label, in each row."""
    _refuse_axes(logs)
    labels = y.reshape((*y.shape, 1))
    chosen = equal(labels, np.arange(logs.shape[-1])) * (1 - equal(labels, ignored))
    losses = -_affine(OPERATIONS["where"](chosen, logs, 0.0), weight, None).sum(-1)
    if smoothing:
        others = -_affine(logs * (1 - equal(labels, ignored)), weight, None).sum(-1)
        losses = (1 - smoothing) * losses + smoothing / logs.shape[-1] * others
    return _reduced(losses, reduction, _affine(chosen, weight, None).sum())


def _refuse_axes(z: Any) -> None:
    if z.ndim > 2:
        raise ValueError("it is there for rows of logits only: z.flatten(0, -2), with the classes on the last axis")
