"""Graphs that the Gram rewrite is for: logistic regression in every form of its product, and a net."""

import itertools

import numpy as np

import minigraph as mg

N, M = 60, 5
"""Features and examples."""


def data():
    random = np.random.default_rng(5)
    return random.standard_normal((N, M)), (random.random(M) < 0.5).astype(float), random.standard_normal(N)


# w's shape, and its product with X or Xᵀ, which are both data.
PRODUCTS = {
    "wᵀX": ((N, 1), lambda w, X, Xt: w.T @ X),
    "WX": ((1, N), lambda w, X, Xt: w @ X),
    "Xw": ((N, 1), lambda w, X, Xt: Xt @ w),
    "XWᵀ": ((1, N), lambda w, X, Xt: Xt @ w.T),
    "W Xtᵀ": ((1, N), lambda w, X, Xt: w @ Xt.T),
    "Xᵀw": ((N, 1), lambda w, X, Xt: X.T @ w),
    "1-D wX": ((N,), lambda w, X, Xt: w @ X),
    "1-D Xw": ((N,), lambda w, X, Xt: Xt @ w),
    "1-D Xᵀw": ((N,), lambda w, X, Xt: X.T @ w),
}
FORMS = list(PRODUCTS)


def logistic(form):
    """Logistic regression with w in one of its forms: w, b, and the cost of a Z of shape (1, m), (m, 1) or (m,)."""
    features, targets, start = data()
    shape, product = PRODUCTS[form]
    w, b = mg.parameter(start.reshape(shape), "w"), mg.parameter(0.1, "b")
    Z = product(w, mg.data(features, "X"), mg.data(features.T, "Xt")) + b
    J = mg.bce_with_logits(Z, mg.data(targets.reshape(Z.shape), "Y")).mean()
    return w, b, J


def net(rate=0.05, sizes=(N, 4, 1), dtype=np.float64, cost=lambda J, W1: J):
    features, targets, _ = data()
    random = np.random.default_rng(2)
    X, Y = mg.data(features.astype(dtype), "X"), mg.data(targets.reshape(1, M).astype(dtype), "Y")
    A, leaves = X, []
    for layer, (before, after) in enumerate(itertools.pairwise(sizes), 1):
        W = mg.parameter((random.standard_normal((after, before)) / np.sqrt(before)).astype(dtype), f"W{layer}")
        b = mg.parameter(np.zeros((after, 1), dtype), f"b{layer}")
        Z = W @ A + b
        A = mg.relu(Z)
        leaves += [W, b]
    J = cost(mg.bce_with_logits(Z, Y).mean(), leaves[0])
    return X, Y, J, leaves, {w: w - rate * g for w, g in zip(leaves, mg.grad(J, leaves), strict=True)}
