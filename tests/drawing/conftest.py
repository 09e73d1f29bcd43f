"""A graph that many tests draw."""

import pytest

import minigraph as mg


@pytest.fixture
def layer():
    X = mg.data([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "X")
    W, b = mg.parameter([[1.0, -1.0]], "W1"), mg.parameter([[0.5]], "b1")
    with mg.group("Layer 1 · sigmoid · 2 → 1"):
        Z = (W @ X + b).named("Z1")
        A = mg.sigmoid(Z).named("A1")
    return mg.bce(A, mg.data([[1.0, 0.0, 1.0]], "Y")).mean().named("J")
