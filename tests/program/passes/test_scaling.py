"""Numbers move to the end of linear operations and meet there: the same value, with fewer multiplications."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.node import literal
from minigraph.program.passes import seeding


def operands():
    random = np.random.default_rng(11)
    return [mg.parameter(random.uniform(0.5, 2, (3, 3)), name) for name in "ab"]


def twice(a):
    return 2 * a


# What is computed, and with how many numbers a step multiplies (or divides) for it.
CASES = {
    "multiples of multiples": (lambda a, b: 2 * (a / 4) * 3 + b, 1),
    "a product of multiples": (lambda a, b: (2 * a) * (3 * b), 1),
    "a matrix product of multiples": (lambda a, b: (2 * a) @ (0.5 * b).T, 0),
    "a multiple by a multiple": (lambda a, b: (2 * a) / (3 * b), 2),
    "a multiple by itself": (lambda a, b: twice(a) / twice(a) + b, 1),
    "the square of a multiple": (lambda a, b: twice(a) * twice(a) * b, 1),
    "a sum of equal multiples": (lambda a, b: mg.tanh(2 * a + 2 * b), 1),
    "a difference of equal multiples": (lambda a, b: mg.tanh(2 * a - 2 * b), 1),
    "a sum of unequal multiples": (lambda a, b: mg.tanh(2 * a + 3 * b), 2),
    "a sum with one multiple": (lambda a, b: mg.tanh(2 * a + b), 1),
    "under what is not linear": (lambda a, b: mg.tanh(2 * a) * b, 1),
    "beside what is not linear": (lambda a, b: mg.tanh(a) * (2 * b) * 3, 1),
    "the opposite": (lambda a, b: mg.tanh(-a) * (-b), 0),
}


@pytest.mark.parametrize("name", CASES)
def test_the_value_stays_and_the_numbers_meet(name):
    build, numbers = CASES[name]
    node = build(*operands())
    program = mg.compile(node)
    np.testing.assert_allclose(program(), node.value, rtol=4e-15)
    assert program.source.count("(number_") + program.source.count("(two") + program.source.count(", number_") == numbers, (
        program.source
    )


def test_a_number_with_a_name_is_a_number_like_others():
    x = mg.parameter([1.0, 2.0, 3.0], "x")
    program = mg.compile((literal(0.5, name="half") + 1) * (3 * x))
    assert "add(" not in program.source and program.source.count("multiply(") == 1
    np.testing.assert_allclose(program(), [4.5, 9.0, 13.5], rtol=4e-15)


def descent(m, rates=(0.1, 0.1), last=mg.tanh):
    """A net whose last dZ has no number of its own for the rate and 1/m to go into."""
    random = np.random.default_rng(12)
    X = mg.data(random.standard_normal((6, m)), "X")
    W1, W2 = mg.parameter(random.standard_normal((4, 6)), "W1"), mg.parameter(random.standard_normal((1, 4)), "W2")
    Z2 = (W2 @ mg.tanh((W1 @ X).named("Z1"))).named("Z2")
    J = last(Z2).mean()
    return J, {W: W - rate * g for W, rate, g in zip((W1, W2), rates, mg.grad(J, [W1, W2]), strict=True)}


def numbers_of(source):
    """The lines of a step that multiply with a number."""
    step = source[source.index("for step in") :].splitlines()
    return [line.strip() for line in step if ("(number_" in line or ", number_" in line) and ".dot(" not in line]


def assert_steps_equal(J, updates, program):
    for _ in range(3):
        expected, following = J.value, [new.value for new in updates.values()]
        np.testing.assert_allclose(program(), expected, rtol=1e-13)
        for leaf, value in zip(updates, following, strict=True):
            np.testing.assert_allclose(leaf.value, value, rtol=1e-12, atol=1e-15)


def test_the_rate_goes_where_the_backward_pass_is_narrowest():
    J, updates = descent(m=5)
    program = mg.compile(J, updates=updates)
    (line,) = numbers_of(program.source)
    assert (
        program.source.index("# backward")
        < program.source.index(line)
        < program.source.index(".dot(", program.source.index(line))
    )
    assert program.graph.outputs == (J,) and "times 0.02 already" in program.source
    assert_steps_equal(J, updates, program)


def test_two_nets_have_two_seeds():
    (J, updates), (K, others) = descent(m=5), descent(m=5, rates=(0.3, 0.3))
    program = mg.compile([J, K], updates={**updates, **others})
    assert "times 0.02 or 0.06 already" in program.source and len(numbers_of(program.source)) == 2
    assert "gradients, " not in "".join(numbers_of(program.source))
    program()
    expected, following = [J.value, K.value], [new.value for new in (*updates.values(), *others.values())]
    np.testing.assert_allclose(program(), expected, rtol=1e-13)
    for leaf, value in zip((*updates, *others), following, strict=True):
        np.testing.assert_allclose(leaf.value, value, rtol=1e-12)


def test_no_more_numbers_move_than_are_tried(monkeypatch):
    monkeypatch.setattr(seeding, "MOST_NUMBERS", 1)
    (J, updates), (K, others) = descent(m=5), descent(m=5, rates=(0.3, 0.3))
    program = mg.compile([J, K], updates={**updates, **others})
    assert "times 0.02 already" in program.source or "times 0.06 already" in program.source
    expected, following = [J.value, K.value], [new.value for new in (*updates.values(), *others.values())]
    np.testing.assert_allclose(program(), expected, rtol=1e-13)
    for leaf, value in zip((*updates, *others), following, strict=True):
        np.testing.assert_allclose(leaf.value, value, rtol=1e-12)


def test_it_stays_at_the_end_where_that_is_smaller():
    J, updates = descent(m=50)
    program = mg.compile(J, updates=updates)
    assert numbers_of(program.source) == ["multiply(number_0_002, gradients, multiply_gradients)"]
    assert "already" not in program.source
    assert_steps_equal(J, updates, program)


@pytest.mark.parametrize("rates", [(0.1, 0.3), (0.1, -0.1), (1.0, 5.0), (5.0, 5.0), (-5.0, -5.0)])
@pytest.mark.parametrize("last", [mg.tanh, mg.sigmoid, mg.identity, lambda Z: mg.bce_with_logits(Z, np.ones(Z.shape))])
def test_each_leaf_has_its_own_rate(rates, last):
    J, updates = descent(5, rates, last)
    assert_steps_equal(J, updates, mg.compile(J, updates=updates))


def test_a_rate_that_1_m_cancels_costs_nothing():
    J, updates = descent(m=5, rates=(5.0, 5.0))
    program = mg.compile(J, updates=updates)
    assert numbers_of(program.source) == [] and "already" not in program.source


def test_many_numbers_and_many_ends_take_no_longer_each(monkeypatch):
    """Each try looks at the whole graph: so a few numbers are tried, and a few of their ends are followed back."""
    tries = []
    once = seeding._one_spread_back
    monkeypatch.setattr(seeding, "_one_spread_back", lambda graph: tries.append(graph) or once(graph))
    w = mg.parameter(np.ones(3), "w")
    J = mg.square(w).sum()
    for i in range(40):
        J = J + (0.01 * i + 0.5) * mg.exp(w * (0.02 * i + 0.25)).sum()
    leaves = [mg.parameter(np.full(3, 0.1 * i), f"b{i}") for i in range(90)]
    total = w
    for leaf in leaves:
        total = total + leaf
    J = J + mg.tanh(total).sum()
    updates = {x: x - 0.05 * g for x, g in zip([w, *leaves], mg.grad(J, [w, *leaves]), strict=True)}
    program = mg.compile(J, updates=updates)
    assert 1 <= len(tries) <= seeding.MOST_NUMBERS
    tries.clear()
    monkeypatch.setattr(seeding, "MOST_NUMBERS", 1)
    program = mg.compile(J, updates=updates)
    assert len(tries) == 1
    for _ in range(3):
        expected = [J.value, *(new.value for new in updates.values())]
        assert program() == pytest.approx(expected[0], rel=1e-12)
        for leaf, value in zip(updates, expected[1:], strict=True):
            np.testing.assert_allclose(leaf.value, value, rtol=1e-12)
