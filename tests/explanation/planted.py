"""Nets with one thing wrong, planted on purpose, and what `health` finds in them."""

from itertools import pairwise

import numpy as np

import minigraph as mg

M = 60
X = np.random.default_rng(0).normal(size=(3, M))
Y = (X[:1] + X[1:2] > 0) * 1.0


def by_hand(Z, Y):
    A = mg.sigmoid(Z).named("A")
    return -(Y * mg.log(A) + (1 - Y) * mg.log(1 - A)).mean()


HEADS = {
    "logits": lambda Z, Y: mg.bce_with_logits(Z, Y).mean(),
    "bce": lambda Z, Y: mg.bce(mg.sigmoid(Z).named("A"), Y).mean(),
    "by hand": by_hand,
    "squared": lambda Z, Y: mg.squared_error(mg.sigmoid(Z).named("A"), Y).mean(),
    "difference": lambda Z, Y: mg.square(Y - mg.sigmoid(Z).named("A")).mean(),
    "numbers": lambda Z, Y: mg.squared_error(Z, Y).mean(),
    "tanh": lambda Z, Y: mg.squared_error(mg.tanh(Z).named("A"), Y).mean(),
    "relu": lambda Z, Y: mg.squared_error(mg.relu(Z).named("A"), Y).mean(),
    "softmax": lambda Z, Y: mg.cross_entropy_with_logits(Z, Y).mean(),
    "log softmax": lambda Z, Y: -(Y * mg.log_softmax(Z)).sum() / M,
    "softmax by hand": lambda Z, Y: -(Y * mg.log(mg.softmax(Z).named("A"))).sum() / M,
}


def net(
    inputs=X,
    targets=Y,
    hidden="tanh",
    sizes=(3, 6, 1),
    scale=1.0,
    head="logits",
    bias=0.0,
    last=0.0,
    weights=None,
    dtype=None,
    by_rows=False,
):
    """J of a net with weights of a scale, or all equal; biases of hidden layers, and of the last. ``by_rows`` as A @ Wᵀ."""
    random, A = np.random.default_rng(1), mg.data(np.transpose(inputs) if by_rows else inputs, "X", dtype=dtype)
    for layer, (before, after) in enumerate(pairwise(sizes), 1):
        is_last = layer == len(sizes) - 1
        W = random.normal(size=(after, before)) * scale / np.sqrt(before)
        W = W if weights is None else np.full((after, before), weights)
        b = np.full((after, 1), last if is_last else bias)
        if by_rows:
            Z = A @ mg.parameter(W.T, f"W{layer}", dtype=dtype) + mg.parameter(b.T, f"b{layer}", dtype=dtype)
        else:
            Z = mg.parameter(W, f"W{layer}", dtype=dtype) @ A + mg.parameter(b, f"b{layer}", dtype=dtype)
        Z = Z.named(f"Z{layer}")
        A = Z if is_last else getattr(mg, hidden)(Z).named(f"A{layer}")
    return HEADS[head](Z, mg.data(np.transpose(targets) if by_rows else targets, "Y", dtype=dtype)).named("J")


def holed(array, value):
    """The array with one entry replaced."""
    array = np.array(array)
    array[-1, 5] = value
    return array
