"""What cancels on paper, across whole products."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.calculus.paper_rules import ON_PAPER
from minigraph.calculus.simplification import simplify
from minigraph.core.pulling import ancestors
from minigraph.formulas import to_text

X, Y, Z = (mg.data([value, value + 1], name) for value, name in ((2.0, "x"), (3.0, "y"), (5.0, "z")))


@pytest.mark.parametrize(
    "node, written",
    [
        (X * Y / Y, "x"),
        (X * X / X, "x"),
        (-(X * Y) / Y, "−x"),
        (-(X / Y) * -Y, "x"),
        (X / Y * (Y * Z), "x ⊙ z"),
        (X * Y / (Y * Z), "x/z"),
        ((X / (Y * Z)) * (Z * (1 - X)) * Y, "x ⊙ (1 − x)"),
        ((X + Y) / (X + Y), "literal"),
        (X * Y, "x ⊙ y"),
    ],
)
def test_what_is_left(node, written):
    left = simplify([node], rules=ON_PAPER)[node]
    assert to_text(left) == written
    np.testing.assert_allclose(left.value, node.value)


def test_what_would_lose_its_shape_is_kept():
    s = mg.data(2.0, "s")
    node = s * X / X
    left = simplify([node], rules=ON_PAPER)[node]
    assert left.shape == node.shape
    s.value = 3.0  # what s was then is no constant
    np.testing.assert_allclose(left.value, [3.0, 3.0])


def test_what_is_made_on_the_way_is_of_the_group_of_what_it_stands_for():
    with mg.group("a step"):
        node = X * (Y * Z) / (Y * (1 - Z) * (1 + X))
    left = simplify([node], rules=ON_PAPER)[node]
    inner = [x for x in ancestors([left]) if x.op is not None]
    assert to_text(left) == "(x ⊙ z)/((1 − z) ⊙ (1 + x))"
    assert {x.group and x.group.title for x in inner} == {"a step"}


def test_very_long_products_are_left():
    node = X
    for _ in range(40):
        node = Y * node
    node = node / X
    np.testing.assert_allclose(simplify([node], rules=ON_PAPER)[node].value, node.value)


def test_nodes_that_are_kept_are_not_looked_beyond():
    kept = (1 * X).named("kept")
    node = 1 * kept
    assert simplify([node], keep={kept})[node] is kept
    assert simplify([node])[node] is X
