"""Nets in minigraph and in NumPy by hand, with right backward passes into which tests put slips."""

from types import SimpleNamespace

import numpy as np

import minigraph as mg

M = 6


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z, axis=0):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


HIDDEN = {
    "tanh": (np.tanh, lambda z: 1 - np.tanh(z) ** 2),
    "sigmoid": (sigmoid, lambda z: sigmoid(z) * (1 - sigmoid(z))),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0) * 1.0),
}


def deep(hidden="tanh", outputs=1, logits=False, seed=4):
    """A 3-4-4-1 net, or one with softmax, in minigraph (``n``) and as arrays with a right backward pass by hand."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(3, M))
    labels = random.integers(0, max(outputs, 2), M)
    Y = (labels[None] == 1) * 1.0 if outputs == 1 else np.eye(outputs)[:, labels]
    shapes = [(4, 3), (4, 1), (4, 4), (4, 1), (outputs, 4), (outputs, 1)]
    W1, b1, W2, b2, W3, b3 = arrays = [random.normal(size=shape) * 0.7 for shape in shapes]
    g, slope = HIDDEN[hidden]
    Z1 = W1 @ X + b1
    A1 = g(Z1)
    Z2 = W2 @ A1 + b2
    A2 = g(Z2)
    Z3 = W3 @ A2 + b3
    A3 = sigmoid(Z3) if outputs == 1 else softmax(Z3)
    dZ3 = A3 - Y
    dA2 = W3.T @ dZ3
    dZ2 = dA2 * slope(Z2)
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * slope(Z1)

    n = dict(zip(("W1", "b1", "W2", "b2", "W3", "b3"), arrays, strict=True))
    n = {name: mg.parameter(value, name) for name, value in n.items()}
    n |= {"X": mg.data(X, "X"), "Y": mg.data(Y, "Y")}
    op = getattr(mg, hidden)
    n["Z1"] = (n["W1"] @ n["X"] + n["b1"]).named("Z1")
    n["A1"] = op(n["Z1"]).named("A1")
    n["Z2"] = (n["W2"] @ n["A1"] + n["b2"]).named("Z2")
    n["A2"] = op(n["Z2"]).named("A2")
    n["Z3"] = (n["W3"] @ n["A2"] + n["b3"]).named("Z3")
    if outputs > 1:
        losses = mg.cross_entropy_with_logits(n["Z3"], n["Y"])
    elif logits:
        losses = mg.bce_with_logits(n["Z3"], n["Y"])
    else:
        n["A3"] = mg.sigmoid(n["Z3"]).named("A3")
        losses = mg.bce(n["A3"], n["Y"])
    n["J"] = losses.mean().named("J")
    own = {key: value for key, value in locals().items() if key not in ("n", "random", "arrays", "shapes", "losses", "op")}
    return SimpleNamespace(n=SimpleNamespace(**n), **own)
