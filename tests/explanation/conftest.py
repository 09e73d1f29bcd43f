"""Graphs that many tests explain."""

from types import SimpleNamespace

import numpy as np
import pytest

import minigraph as mg


@pytest.fixture
def chain():
    """J = 3(a + bc), in named steps."""
    a, b, c = mg.parameter(5.0, "a"), mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
    u = (b * c).named("u")
    v = (a + u).named("v")
    return SimpleNamespace(a=a, b=b, c=c, u=u, v=v, J=(3 * v).named("J"))


@pytest.fixture
def unit():
    """One logistic unit and its loss."""
    w, b = mg.parameter(0.5, "w"), mg.parameter(0.0, "b")
    x, y = mg.data(2.0, "x"), mg.data(1.0, "y")
    z = (w * x + b).named("z")
    a = mg.sigmoid(z).named("a")
    return SimpleNamespace(w=w, b=b, x=x, y=y, z=z, a=a, L=mg.bce(a, y).named("L"))


@pytest.fixture
def net():
    """A 2-4-1 net with ReLU in its teaching form, m = 7."""
    rng = np.random.default_rng(3)
    X, Y = mg.data(rng.normal(size=(2, 7)), "X"), mg.data((rng.random((1, 7)) > 0.5) * 1.0, "Y")
    W1, b1 = mg.parameter(rng.normal(size=(4, 2)), "W1"), mg.parameter(np.full((4, 1), 0.1), "b1")
    W2, b2 = mg.parameter(rng.normal(size=(1, 4)), "W2"), mg.parameter(np.zeros((1, 1)), "b2")
    Z1 = (W1 @ X + b1).named("Z1")
    A1 = mg.relu(Z1).named("A1")
    Z2 = (W2 @ A1 + b2).named("Z2")
    A2 = mg.sigmoid(Z2).named("A2")
    J = mg.bce(A2, Y).mean().named("J")
    return SimpleNamespace(X=X, Y=Y, W1=W1, b1=b1, W2=W2, b2=b2, Z1=Z1, A1=A1, Z2=Z2, A2=A2, J=J, m=7)
