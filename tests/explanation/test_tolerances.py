"""What float32 allows, and arguments that would be left unread."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.calculus.paper_rules import ON_PAPER
from minigraph.calculus.simplification import simplify


def test_one_wrong_entry_is_found_among_the_rounding_of_float32():
    random = np.random.default_rng(0)
    W = mg.parameter(random.normal(size=8).astype(np.float32), "W")
    J = (W * W * W).sum().named("J")
    mine = mg.grad(J, W).value.astype(float)
    mine *= 1 + 5e-5
    assert "every entry agrees to 0.0001 of its size" in str(mg.compare(J, W, mine))
    mine[2] += 1
    assert "only 1 of 8 entries is wrong: [2] is" in str(mg.compare(J, W, mine))


def test_a_quotient_of_negatives_cancels_for_arrays_too():
    x = mg.data([2.0, 3.0], "x")
    result = simplify([-x / x], rules=ON_PAPER)
    assert [node.value.tolist() for node in result.values()][-1] == [-1.0, -1.0]
    assert all(node.op is None or node.op.name != "divide" for node in result.values())


@pytest.mark.parametrize("arguments", [{"entry": (0,)}, {"rules": True}])
def test_what_needs_wrt_is_not_left_unread(arguments):
    x = mg.parameter(2.0, "x")
    with pytest.raises(ValueError, match="entry and rules need wrt"):
        mg.explain((x * x).named("J"), **arguments)


def test_a_number_of_steps_is_whole():
    x = mg.parameter(2.0, "x")
    with pytest.raises(TypeError):
        mg.compile(x * x, updates={x: x / 2}).repeat(2.7)
