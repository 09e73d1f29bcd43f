"""Backward passes as students hand them in: the right one of a net with one hidden layer, and changes that make it wrong."""

import itertools
import linecache

import numpy as np

import minigraph as mg
from minigraph.testing import RandomNets

BACKWARD = """
def backward(parameters, cache, X, Y):
    m = X.shape[1]
    W2 = parameters["W2"]
    A1, A2 = cache["A1"], cache["A2"]
    dZ2 = A2 - Y
    dW2 = np.dot(dZ2, A1.T) / m
    db2 = np.sum(dZ2, axis=1, keepdims=True) / m
    dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))
    dW1 = np.dot(dZ1, X.T) / m
    db1 = np.sum(dZ1, axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
"""
files = itertools.count()


def cost(X, Y, W1, b1, W2, b2):
    Z1 = (W1 @ X + b1).named("Z1")
    A1 = mg.tanh(Z1).named("A1")
    Z2 = (W2 @ A1 + b2).named("Z2")
    A2 = mg.sigmoid(Z2).named("A2")
    return mg.bce(A2, Y).mean().named("J")


def one_hidden_layer():
    return RandomNets(cost, X="n m", Y="1 m: 0 or 1", W1="h n", b1="h 1", W2="1 h", b2="1 1")


def handed_in(*changes, code=BACKWARD, **outside):
    """The function, with each of the pairs of texts exchanged, in a file of its own; what it can use from outside."""
    for old, new in changes:
        assert code.count(old) == 1, old
        code = code.replace(old, new)
    file = f"<handed in {next(files)}>"
    linecache.cache[file] = (len(code), None, code.splitlines(True), file)
    there = {"np": np, **outside}
    exec(compile(code, file, "exec"), there)
    return there["backward"]
