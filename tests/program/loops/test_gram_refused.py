"""Where the Gram rewrite is not used: where it would be wrong, and where it does not pay."""

import re

import numpy as np
import pytest
from wide_data import M, N, data, net

import minigraph as mg
from minigraph.program.loops.gram_form import affine


def refused(J, updates, count=400):
    program = mg.compile(J, updates=updates)
    assert not program.uses_gram(count)
    return program


def test_few_steps_or_many_examples_do_not_pay():
    _X, _Y, J, _leaves, updates = net()
    program = mg.compile(J, updates=updates)
    assert not program.uses_gram(1)
    (least,) = re.findall(r"repeat\((\d+)\) and longer carries W1_times_X", program.report())
    # multiplications of c steps: 2 · 4·60·5 c without, 4·5·5 c + 3 · 4·60·5 + 60·5·5 with; half as many from c = 5 on
    assert least == "5" and program.uses_gram(5) and not program.uses_gram(4)
    assert program.source_for(1) == program.source
    assert "W1_times_X" in program.source_for(400) and "W1_times_X" not in program.source
    wide = mg.data(np.ones((3, 200)), "X")
    w = mg.parameter(np.ones((1, 3)), "w")
    J = mg.tanh(w @ wide).mean()
    program = refused(J, {w: w - 0.1 * mg.grad(J, w)})
    assert "repeat does not carry" in program.report()


def test_it_can_be_switched_off():
    _X, _Y, J, _leaves, updates = net()
    assert "gram     left out" in mg.compile(J, updates=updates, gram=False).report()
    assert "gram     left out" in mg.compile(J).report()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda J, W: J + 0.01 * (W * W).sum() ** 2,  # a norm in the cost that is no weight decay
        lambda J, W: J + mg.abs(W).sum(),
        lambda J, W: J + mg.tanh(W.T).sum(),
        lambda J, W: J + (W @ np.ones((N, 1))).sum(),  # two kinds of features
    ],
)
def test_another_reader_of_w_rules_it_out(spoil):
    _X, _Y, J, _leaves, updates = net(cost=spoil)
    assert "not possible" in refused(J, updates).report()


def test_an_output_of_w_or_of_its_next_value_rules_it_out():
    _X, _Y, J, leaves, updates = net()
    refused([J, leaves[0]], updates)
    refused([J, updates[leaves[0]]], updates)
    refused([J, leaves[0].T], updates)
    refused([J, mg.abs(leaves[0]).sum()], updates)


def test_a_product_with_what_changes_rules_it_out():
    _X, _Y, J, leaves, updates = net()
    v = mg.data(np.ones((N, 1)), "v")
    refused([J, (leaves[0] @ v).sum()], {**updates, v: 0.5 * v})


def test_updates_of_other_forms_rule_it_out():
    _X, _Y, J, leaves, updates = net()
    W = leaves[0]
    g = mg.grad(J, W)
    refused(J, {**updates, W: W - 0.1 * mg.sign(g)})
    refused(J, {**updates, W: W - 0.1 * g * g})
    refused(J, {**updates, W: W - g * mg.data(np.full(W.shape, 0.1))})
    refused(J, {**updates, W: W - g / (1 + mg.square(W).sum())})
    refused(J, {**updates, W: W - mg.data(0.1) * mg.sign(g)})
    refused(J, {**updates, W: W - 0.1 * (np.ones((4, 2)) @ np.ones((2, N)))})
    refused(J, {**updates, W: W - 0.1 * mg.reshape(g.T, (4, N))})
    other = mg.data(np.ones((1, 1)), "other")
    refused(J, {**updates, W: W + other * W, other: other})
    size = mg.data(np.ones((4, 1)), "size")
    refused(J, {**updates, W: W * size, size: size})


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("left", [False, True])
def test_with_as_many_examples_as_features_the_orientation_decides(left, flat):
    """The gradient of Σ tanh(w X) is D Xᵀ. D X has the same shape then, and is no reason to carry w X."""
    random = np.random.default_rng(3)
    X = mg.data(random.standard_normal((M, M)), "X")
    w = mg.parameter(random.standard_normal(M if flat else (1, M) if left else (M, 1)), "w")
    Z = w @ X if left else X @ w
    D = mg.square(mg.tanh(Z))
    right, wrong = [D @ X.T, D @ X] if left else [X.T @ D, X @ D]
    assert "repeat does not carry" in mg.compile(Z.sum(), updates={w: w - 0.1 * right}).report()
    assert "not possible" in mg.compile(Z.sum(), updates={w: w - 0.1 * wrong}).report()
    if flat:  # a vector is its own transpose
        right, wrong = [X @ D, X.T @ D] if left else [D @ X, D @ X.T]
        assert "repeat does not carry" in mg.compile(Z.sum(), updates={w: w - 0.1 * right}).report()
        assert "not possible" in mg.compile(Z.sum(), updates={w: w - 0.1 * wrong}).report()


def test_features_that_change_rule_it_out():
    X, _Y, J, _leaves, updates = net()
    refused(J, {**updates, X: X * 0.99})


def test_a_momentum_that_others_read_rules_it_out():
    _X, _Y, J, leaves, updates = net()
    W = leaves[0]
    v = mg.data(np.zeros(W.shape), "v")
    following = 0.9 * v + mg.grad(J, W)
    refused([J, v.sum()], {**updates, v: following, W: W - 0.1 * following})
    copy = mg.data(np.zeros(W.shape), "copy")
    refused(J, {**updates, copy: W - 0.1 * following, v: following, W: W - 0.1 * following})


def test_it_is_not_used_while_check_finite_looks():
    _X, _Y, J, _leaves, updates = net()
    program = mg.compile(J, updates=updates)
    with mg.check_finite():
        assert not program.uses_gram(400)
        assert program.repeat(3).shape == (3,)


def test_affine_takes_updates_apart():
    w, v, g = mg.parameter([1.0], "w"), mg.data([2.0], "v"), mg.data([3.0], "g")
    taken = affine(-(w - 2 * (v / 4 - g * 3)) + w, {w: w, v: v})
    assert taken.states == {w: 0.0, v: 0.5}
    assert [(factor, node) for factor, node in taken.terms] == [(-6.0, g)]


def test_leaves_of_different_precision_are_left_alone():
    features, _, start = data()
    v, w = mg.data(start.reshape(1, N), "v"), mg.parameter(np.ones((1, N), np.float32), "w")
    J = mg.tanh(v @ features).sum()
    refused(J, {v: v - 0.1 * mg.grad(J, v) + 0.1 * w, w: w * 0.5})
