"""Equal operations on small arrays, side by side; sums of sums; factors that go into what is computed once."""

import re

import numpy as np
import pytest

import minigraph as mg
from minigraph.program.passes import batching


def deep_net(activation=mg.relu, layers=6, size=3, m=5):
    random = np.random.default_rng(4)
    X, Y = mg.data(random.standard_normal((size, m)), "X"), mg.data((random.random((1, m)) < 0.5).astype(float), "Y")
    A, leaves = X, []
    for layer in range(1, layers + 1):
        W = mg.parameter(random.standard_normal((size if layer < layers else 1, size)), f"W{layer}")
        b = mg.parameter(random.standard_normal((W.shape[0], 1)), f"b{layer}")
        Z = (W @ A + b).named(f"Z{layer}")
        A = activation(Z).named(f"A{layer}")
        leaves += [W, b]
    J = mg.bce_with_logits(Z, Y).mean().named("J")
    return J, {w: w - 0.1 * g for w, g in zip(leaves, mg.grad(J, leaves), strict=True)}


def loop_of(program):
    """The lines of a step."""
    return program.source.split("for step in range(count):")[1]


def assert_steps_are_right(program, J, updates, steps=3):
    for _ in range(steps):
        expected = [J.value, *(new.value for new in updates.values())]
        assert program() == pytest.approx(expected[0], rel=1e-13)
        for leaf, value in zip(updates, expected[1:], strict=True):
            np.testing.assert_allclose(leaf.value, value, rtol=1e-12, atol=1e-15)


def test_the_brackets_of_all_layers_are_computed_together():
    J, updates = deep_net()
    program, apart = (mg.compile(J, updates=updates, without=without) for without in ((), ("batch",)))
    assert loop_of(program).count("ceil(") == 1
    assert loop_of(apart).count("ceil(") == 5
    assert program.machine.instructions.calls < apart.machine.instructions.calls - 8
    assert_steps_are_right(program, J, updates)


def test_operations_that_depend_on_each_other_are_apart():
    x = node = mg.parameter([0.3, -0.2], "x")
    for _ in range(3):
        node = mg.tanh(node)
    program = mg.compile(node.sum(), updates={x: x - mg.grad(node.sum(), x)})
    assert loop_of(program).count("tanh(") == 3
    expected = node.sum().value
    assert program() == pytest.approx(expected, rel=1e-14)


def test_groups_that_cross_are_computed_in_turn():
    # exp of a needs tanh of b, and tanh of a needs exp of b: neither pair may be one call before the other
    a, b = mg.parameter([1.0, 2.0], "a"), mg.parameter([0.5, -1.0], "b")
    outputs = [mg.exp(mg.tanh(b * 2) * 3), mg.tanh(mg.exp(a * 2) * 3), mg.exp(a * 2), mg.tanh(b * 2)]
    J = sum((node.sum() for node in outputs[1:]), outputs[0].sum())
    updates = {w: w - 0.01 * g for w, g in zip((a, b), mg.grad(J, [a, b]), strict=True)}
    assert_steps_are_right(mg.compile(J, updates=updates), J, updates)


def test_what_is_shown_or_large_stays_where_it_is(monkeypatch):
    a, b = mg.parameter([1.0, 2.0], "a"), mg.parameter([0.5, -1.0], "b")
    first, second = 2 * a, 3 * b
    J = (mg.exp(first) * mg.exp(second)).sum()
    new = {a: a * 0.5, b: b * 0.5}
    assert loop_of(mg.compile(J, updates=new)).count("exp(") == 1
    assert loop_of(mg.compile([J, first], updates=new)).count("exp(") == 2
    monkeypatch.setattr(batching, "LARGEST_PART", 1)
    assert loop_of(mg.compile(J, updates=new)).count("exp(") == 2
    monkeypatch.undo()
    monkeypatch.setattr(batching, "LARGEST_WHOLE", 3)
    assert loop_of(mg.compile(J, updates=new)).count("exp(") == 2


def test_a_users_operation_is_not_asked_about_zeros_that_are_not_its_own():
    class Inverse(mg.Elementwise):
        def forward(self, x):
            assert np.all(x != 0)
            return 1 / x

        def derivatives(self, y, x):
            return [mg.Scale(-y * y)]

    inverse = Inverse()
    a, b = mg.parameter([1.0, 2.0], "a"), mg.parameter([0.5, -1.0], "b")
    J = (inverse(2 * a) * inverse(3 * b)).sum()
    updates = {w: w - 0.01 * g for w, g in zip((a, b), mg.grad(J, [a, b]), strict=True)}
    assert_steps_are_right(mg.compile(J, updates=updates), J, updates)


def test_both_exponentials_of_the_loss_and_its_gradient_are_one_call():
    J, updates = deep_net(layers=2)
    assert len(re.findall(r"\bexp\(", loop_of(mg.compile(J, updates=updates)))) == 1


@pytest.mark.parametrize("reduce", [mg.sum, mg.mean])
def test_the_sum_of_a_sum_needs_no_addition(reduce):
    a, b = mg.parameter([1.0, 2.0, 3.0], "a"), mg.parameter([0.5, -1.0, 2.0], "b")
    J = reduce(mg.exp(a) + mg.tanh(b))
    updates = {a: a * 0.5, b: b * 0.25}
    program = mg.compile(J, updates=updates)
    assert "add(" not in program.source
    assert_steps_are_right(program, J, updates)


@pytest.mark.parametrize(
    "cost",
    [
        lambda a, b: (mg.exp(a) - mg.tanh(b)).sum(),
        lambda a, b: (mg.exp(a) + b).sum(),
        lambda a, b: (mg.exp(a) + mg.tanh(b)).sum() * (mg.exp(a) + mg.tanh(b))[0],
        lambda a, b: (mg.exp(a) + mg.tanh(b).sum()).sum(),
        lambda a, b: (mg.exp(a) + mg.tanh(b)).sum(axis=0, keepdims=True)[0],
        lambda a, b: (mg.exp(mg.concatenate([a] * 3000)) + mg.tanh(mg.concatenate([b] * 3000))).mean(),
    ],
)
def test_other_sums_stay_sums(cost):
    a, b = mg.parameter([1.0, 2.0, 3.0], "a"), mg.parameter([0.5, -1.0, 2.0], "b")
    J = cost(a, b)
    updates = {a: a * 0.5, b: b * 0.25}
    program = mg.compile(J, updates=updates)
    assert re.search(r"\b(add|subtract)\(", program.source)
    assert_steps_are_right(program, J, updates)


def test_numbers_go_into_what_is_computed_once():
    J, updates = deep_net(layers=2, m=40)
    program = mg.compile(J, updates=updates)
    before, loop = program.source.split("for step in range(count):")
    assert re.search(r"multiply\(number_0_0025, Y, ", before)  # the rate and 1/m, in the targets and in 1/(1 + exp(−z))
    assert re.search(r"divide\(number_0_0025, ", loop)
    assert not re.search(r"multiply\(number", loop)
    assert_steps_are_right(program, J, updates)


def test_numbers_do_not_go_into_what_is_shown():
    z, y = mg.parameter([[0.3, -2.0, 1.0]], "z"), mg.data([[1.0, 0.0, 0.5]], "y")
    J = mg.bce_with_logits(z, y).mean()
    probabilities = mg.sigmoid(z)
    dz = mg.grad(J, z)
    program = mg.compile([J, probabilities], updates={z: z - 0.1 * dz})
    expected, following = probabilities.value, (z - 0.1 * dz).value
    assert loop_of(program).count("divide(") == 1  # not once for what is shown and once for its multiple
    assert np.allclose(program()[1], expected, rtol=1e-15)
    assert np.allclose(z.value, following, rtol=1e-15)


def test_the_same_targets_of_two_losses_are_checked_once():
    z, y = mg.parameter([[0.3, -2.0]], "z"), mg.data([[1.0, 0.0]], "y")
    J = (mg.bce_with_logits(z, y) + mg.bce_with_logits(2 * z, y)).mean()
    program = mg.compile(J, updates={z: z - mg.grad(J, z)})
    assert len(re.findall(r"check_\w+\(", program.source)) == 1
    y.value = [[1.0, 2.0]]
    with pytest.raises(mg.DomainError, match="a target of bce_with_logits"):
        program()
