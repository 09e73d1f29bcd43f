"""Slips of people who write dZ = A − Y and put 1/m into dW and db: they are told the slip, and not that m is too much."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.explanation.notes_form import factors_meant
from minigraph.testing import RandomNets, check_backward, grade

M = 6


@pytest.fixture
def net():
    """A 3-4-1 net, J and its nodes by name."""
    generator = np.random.default_rng(0)
    X, Y = mg.data(generator.normal(size=(3, M)), "X"), mg.data([[1, 0, 1, 0, 0, 1]], "Y")
    W1, b1 = mg.parameter(generator.normal(size=(4, 3)), "W1"), mg.parameter(np.zeros((4, 1)), "b1")
    W2, b2 = mg.parameter(generator.normal(size=(1, 4)), "W2"), mg.parameter([[0.0]], "b2")
    Z1 = (W1 @ X + b1).named("Z1")
    A1 = mg.tanh(Z1).named("A1")
    Z2 = (W2 @ A1 + b2).named("Z2")
    A2 = mg.sigmoid(Z2).named("A2")
    J = mg.bce(A2, Y).mean().named("J")
    return J, {node.name: node for node in (X, Y, W1, b1, W2, b2, Z1, A1, Z2, A2)}


def six(nodes, start=lambda v: v["A2"] - v["Y"], slope=lambda v: 1 - v["A1"] ** 2, divided=M):
    """The six lines of the course, with slips in them."""
    v = {name: np.asarray(node.value) for name, node in nodes.items()}
    dZ2 = start(v)
    dZ1 = v["W2"].T @ dZ2 * slope(v)
    one = {"dZ2": dZ2, "dW2": dZ2 @ v["A1"].T / divided, "db2": dZ2.sum(axis=1, keepdims=True) / divided}
    return one | {"dZ1": dZ1, "dW1": dZ1 @ v["X"].T / divided, "db1": dZ1.sum(axis=1, keepdims=True) / divided}


SLIPS = {
    "the sign is wrong: it is −1 times the right one.": {"start": lambda v: v["Y"] - v["A2"]},
    "the factor ∂A2/∂Z2 = A2 ⊙ (1 − A2) was put in twice.": {
        "start": lambda v: (v["A2"] - v["Y"]) * v["A2"] * (1 - v["A2"])
    },
    "Y was forgotten: A2 stands where A2 − Y belongs.": {"start": lambda v: v["A2"]},
    "1 − A1 stands where ∂A1/∂Z1 = 1 − A1² belongs.": {"slope": lambda v: 1 - v["A1"]},
    "the factor ∂A1/∂Z1 = 1 − A1² was forgotten.": {"slope": lambda v: 1.0},
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_dZ_is_told_and_no_factor_of_m(net, slip):
    J, nodes = net
    given = six(nodes, **SLIPS[slip])
    before = {"dZ2", "dW2", "db2"} if "slope" in SLIPS[slip] else set()
    for found in (mg.compare(J, given), grade(J, given, dict.fromkeys(given, 1))):
        for name, one in found.items():
            assert one.ok if name in before else slip in one.diagnoses, (name, one.diagnoses)
            assert "number m" not in str(one)


def test_numbers_are_those_that_were_written(net):
    J, nodes = net
    wrong = six(nodes)
    wrong["dZ2"] = wrong["dZ2"].copy()
    wrong["dZ2"][0, 2] = 0.25
    one = mg.compare(J, wrong)["dZ2"]
    right = six(nodes)["dZ2"][0, 2]
    assert one.diagnoses == (f"only 1 of 6 entries is wrong: [0, 2] is 0.25 instead of {right:.4f}.".replace("-", "−"),)
    assert "at entry [0, 2]: 0.25" in one.evidence and one.evidence.endswith("without 1/m, as lecture notes write it")


def test_1_m_forgotten_altogether_or_put_in_twice_is_told_in_the_parameters(net):
    J, nodes = net
    found = mg.compare(J, six(nodes, divided=1))
    assert all("6 is the number m of examples" in one.diagnoses[0] for one in found.values())
    twice = mg.compare(J, six(nodes, start=lambda v: (v["A2"] - v["Y"]) / M))
    assert twice["dZ2"].ok and twice["dZ1"].ok
    assert all("divided by once too often" in twice[name].diagnoses[0] for name in ("dW1", "db1", "dW2", "db2"))
    assert all("lecture notes" not in str(one) for one in (*found.values(), *twice.values()))


def test_what_tells_the_form_and_what_does_not(net):
    J, nodes = net
    given = {nodes[name[1:]]: array for name, array in six(nodes, start=lambda v: v["A2"]).items()}
    Z1, Z2, W2 = nodes["Z1"], nodes["Z2"], nodes["W2"]
    assert factors_meant(J, given) == {Z1: M, Z2: M}
    assert factors_meant(J, {Z2: given[Z2], W2: given[W2]}) == {Z2: M}
    assert factors_meant(J, {Z1: given[Z1], W2: given[W2]}) == {}, "W2 is not made of dZ1"
    assert factors_meant(J, {Z2: given[Z2].T, W2: given[W2]}) == factors_meant(J, {Z2: given[Z2], W2: given[W2].T}) == {}
    for factor in (np.nan, 0):
        assert factors_meant(J, {Z2: factor * given[Z2], W2: factor * given[W2]}) == {}
    assert factors_meant(mg.sum(mg.bce(nodes["A2"], nodes["Y"])), given) == {}, "where there is no mean, m has no place"
    assert factors_meant((W2 * W2).mean(), {W2: given[W2]}) == {}
    assert factors_meant(J, {Z1: 0 * given[Z1], Z2: given[Z2], W2: given[W2]}) == {Z1: M, Z2: M}, "nobody writes in two ways"
    one = mg.data(1.0, "one")
    assert factors_meant((W2 * one).sum(), {one: np.ones(()), W2: given[W2]}) == {}


def test_that_a_bias_of_zeros_may_be_the_new_one_hides_no_wrong_sign(net):
    J, nodes = net
    (first, second) = mg.compare(J, nodes["b1"], -mg.grad(J, nodes["b1"]).value).diagnoses
    assert first == "the sign is wrong: it is −1 times the right one." and second.startswith("it is the new b1")


def test_a_grade_on_many_nets_says_the_same():
    def cost(X, Y, w, b):
        A = mg.sigmoid((w.T @ X + b).named("Z")).named("A")
        return mg.bce(A, Y).mean()

    def backward(X, A, Y):
        dZ = (A - Y) * A
        return {"dZ": dZ, "dw": X @ dZ.T / X.shape[1], "db": dZ.sum() / X.shape[1]}

    nets = RandomNets(cost, X="n m", Y="1 m: 0 or 1", w="n 1", b="")
    found = check_backward(backward, nets, {"dZ": 1, "dw": 1, "db": 1})
    assert found.points == 0 and found["dZ"].diagnoses == found["dw"].diagnoses
    assert "number m" not in str(found)


def test_what_cancels_in_the_notes_form_has_the_numbers_of_the_pass():
    Y = mg.data([[1.0, 0.0, 1.0, 1.0, 0.0]], "Y")
    Z = (mg.parameter([[0.5, -1.0]], "W") @ np.linspace(-1.0, 1.0, 10).reshape(2, 5)).named("Z")
    J = mg.mean(mg.bce(mg.sigmoid(Z).named("A"), Y)).named("J")
    told = str(mg.explain(J, Z, form="notes"))
    assert "= A − Y\n  Checked: the backward pass has the same numbers." in told
