"""Each rule of simplifying, value numbering, constant folding, and that values stay what they were."""

from dataclasses import dataclass

import numpy as np
import pytest

import minigraph as mg
from minigraph.calculus.paper_rules import INFORMAL, ON_PAPER
from minigraph.calculus.simplification import RULES, Simplified, simplify
from minigraph.core.pulling import ancestors
from minigraph.operations.arithmetic import Accumulate


@pytest.fixture
def x():
    return mg.parameter([[1.0, -2.0, 3.0]], "x")


@pytest.fixture
def y():
    return mg.data([[4.0], [5.0]], "y")


EXACT = {
    "0 + x": lambda x: 0 + x,
    "x + 0": lambda x: x + 0,
    "x + an array of zeros": lambda x: x + np.zeros((1, 3)),
    "x - 0": lambda x: x - 0,
    "1 x": lambda x: 1 * x,
    "x 1": lambda x: x * 1.0,
    "x/1": lambda x: x / 1,
    "-(-x)": lambda x: mg.negative(-x),
    "x to the first": lambda x: x**1,
    "identity": lambda x: mg.identity(mg.identity(x)),
    "transposed twice": lambda x: x.T.T,
    "transposed in place": lambda x: mg.transpose(x, (0, 1)),
    "reshaped in place": lambda x: x.reshape(1, 3),
    "reshaped and back": lambda x: x.reshape(3).reshape(3, 1).reshape(1, 3),
    "repeated in place": lambda x: mg.broadcast_to(x, (1, 3)),
    "sum over one": lambda x: x.sum(axis=0, keepdims=True),
    "all at once": lambda x: (0 + 1 * (x.T / 1).T.reshape(3).reshape(1, 3)) - 0,
}


@pytest.mark.parametrize("case", EXACT)
def test_what_changes_nothing_is_left_out(case, x):
    assert simplify([node := EXACT[case](x)])[node] is x


REWRITTEN = {
    "0 - x": (lambda x, y: 0 - x, lambda x, y: -x),
    "x + (-y)": (lambda x, y: x + (-y), lambda x, y: x - y),
    "x - (-y)": (lambda x, y: x - (-y), lambda x, y: x + y),
    "sum over one, dropped": (lambda x, y: x.sum(axis=0), lambda x, y: x.reshape(3)),
    "transposed three times": (
        lambda x, y: mg.transpose(mg.transpose(x.reshape(1, 3, 1), (1, 2, 0)), (1, 2, 0)),
        lambda x, y: mg.transpose(x.reshape(1, 3, 1), (2, 0, 1)),
    ),
    "repeated twice": (
        lambda x, y: mg.broadcast_to(mg.broadcast_to(x, (2, 3)), (5, 2, 3)).sum(axis=0),
        lambda x, y: mg.broadcast_to(x, (5, 2, 3)).sum(axis=0),
    ),
    "repeated operand": (lambda x, y: mg.broadcast_to(x, (2, 3)) * y, lambda x, y: x * y),
    "folded": (lambda x, y: x * (mg.exp(0.0) + 2), lambda x, y: x * 3.0),
    "folded in an array": (lambda x, y: x + mg.sum([[1.0, 2.0]], axis=1, keepdims=True), lambda x, y: x + np.array([[3.0]])),
}


@pytest.mark.parametrize("case", REWRITTEN)
def test_rewritten_forms(case, x, y):
    long, short = (build(x, y) for build in REWRITTEN[case])
    became = simplify([long, short])
    assert became[long] is became[short]
    assert np.array_equal(became[long].value, long.value)
    assert became[long].shape == long.shape


KEPT = {
    "1 x that repeats": lambda x, y: x * np.ones((2, 1)),
    "0 + x that repeats": lambda x, y: np.zeros((2, 1)) + x,
    "0 - x that repeats": lambda x, y: np.zeros((2, 1)) - x,
    "2 x": lambda x, y: 2 * x,
    "x - y": lambda x, y: x - y,
    "x/x": lambda x, y: x / x,
    "0 x": lambda x, y: 0 * x,
    "x squared": lambda x, y: x**2,
    "sum over rows": lambda x, y: y.sum(axis=0),
    "max against a floor": lambda x, y: mg.maximum(x, 1e-12),
    "a quotient times its divisor": lambda x, y: (x / y) * y,
    "repeated, alone": lambda x, y: mg.broadcast_to(x, (2, 3)),
    "both repeated": lambda x, y: mg.broadcast_to(x, (2, 3)) * mg.broadcast_to(x, (2, 3)),
    "a mixture of precisions": lambda x, y: mg.data(np.ones((1, 3), np.float32), "z") * mg.Node.sum(x * 0),
}


@pytest.mark.parametrize("case", KEPT)
def test_what_the_rules_must_leave(case, x, y):
    node = KEPT[case](x, y)
    became = simplify([node])[node]
    assert became.shape == node.shape
    assert became.dtype == node.dtype
    assert type(became.op) is type(node.op)
    assert np.array_equal(became.value, node.value)


ONLY_ON_PAPER = {
    "x/x": (lambda x, y: x / x, lambda x, y: mg.identity(np.ones((1, 3)))),
    "0 x": (lambda x, y: 0 * x, lambda x, y: mg.identity(np.zeros((1, 3)))),
    "x 0": (lambda x, y: x * 0, lambda x, y: mg.identity(np.zeros((1, 3)))),
    "(x/z) z": (lambda x, y: (x / (x + 1)) * (x + 1), lambda x, y: x),
    "z (x/z)": (lambda x, y: (x + 1) * (x / (x + 1)), lambda x, y: x),
    "(x z)/z": (lambda x, y: (x * (x + 1)) / (x + 1), lambda x, y: x),
    "a floor": (lambda x, y: mg.maximum(x, 1e-12), lambda x, y: x),
    "a floor on the left": (lambda x, y: mg.maximum(1e-12, x), lambda x, y: x),
    "log exp": (lambda x, y: mg.log(mg.exp(x)), lambda x, y: x),
    "exp log": (lambda x, y: mg.exp(mg.log(mg.exp(x))), lambda x, y: mg.exp(x)),
}


@pytest.mark.parametrize("case", ONLY_ON_PAPER)
def test_what_holds_on_paper_only(case, x, y):
    long, short = (build(x, y) for build in ONLY_ON_PAPER[case])
    became = simplify([long, short], rules=ON_PAPER)
    assert became[long] is became[short]
    became = simplify([long, short])
    assert became[long] is not became[short]


@pytest.mark.parametrize(
    "build",
    [
        lambda x, y: (x * y) / y,  # (1, 3) against (2, 3): the repeats would be lost
        lambda x, y: (x / y) * y,
        lambda x, y: mg.maximum(x, y),
        lambda x, y: mg.maximum(x, 0.0),
        lambda x, y: mg.maximum(x, np.full((2, 3), 1e-12)),
        lambda x, y: mg.maximum(x, mg.data(1e-12, "floor")),
        lambda x, y: mg.maximum(x, 1e-6),  # only smaller floors are there against dividing by 0
        lambda x, y: mg.log(x * x),
        lambda x, y: x / y,
        lambda x, y: x * (x + 1) / (x + 2),
    ],
)
def test_paper_rules_keep_shapes_and_other_forms(build, x, y):
    node = build(x, y)
    became = simplify([node], rules=ON_PAPER)[node]
    assert became.shape == node.shape
    assert type(became.op) is type(node.op)


def test_a_minus_y_falls_out_of_the_teaching_loss():
    z, y = mg.parameter([[0.3, -2.0]], "Z"), mg.data([[1.0, 0.0]], "Y")
    A = mg.sigmoid(z).named("A")
    dZ = mg.grad(mg.bce(A, y).sum(), z)
    became = simplify([dZ], rules=ON_PAPER, keep_names=False)
    kinds = {type(node.op).__name__ for node in ancestors([became[dZ]])}
    assert kinds == {"NoneType", "Sigmoid", "Subtract"}
    assert np.allclose(became[dZ].value, dZ.value, rtol=1e-12)


def test_tables_agree():
    assert set(ON_PAPER) == set(RULES) | set(INFORMAL)


# Value numbering


def test_equal_operations_are_shared(x, y):
    a, b = mg.tanh(x) * y, mg.tanh(x) * y
    became = simplify([a, b])
    assert became[a] is became[b]


def test_what_earlier_calls_found_is_known(x, y):
    found = Simplified()
    a, b = mg.tanh(x) * y, mg.tanh(x) * y
    first = simplify([a], simplified=found)[a]
    assert simplify([b], simplified=found)[b] is first
    assert simplify([b])[b] is b


def test_only_what_is_new_is_met(x, y):
    found = Simplified()
    a = mg.tanh(x) * y
    simplify([a], simplified=found)
    b = mg.exp(a)
    assert set(simplify([b], simplified=found)) == {a, b}
    assert set(simplify([b], keep={a})) == {a, b}
    assert set(simplify([b], keep={a}, simplified=found)) == {b}


def test_a_number_without_a_name_stays_itself_where_names_are_not_kept(x):
    y = x + 0.5
    number = y.inputs[1]
    assert simplify([y], keep_names=False) == {x: x, number: number, y: y}


def test_what_is_made_afterwards_is_in_no_group(x):
    with mg.group("Layer 1"):
        y = 1 * x + 0.5
    simplify([y])
    assert (x + 1).group is None


def test_options_tell_operations_apart(x):
    pairs = [
        (x.sum(axis=1), x.sum(axis=0)),
        (mg.relu(x), mg.relu(x, at_zero=1.0)),
        (mg.leaky_relu(x, 0.1), mg.leaky_relu(x, 0.2)),
        (x[:, 0:2], x[:, 1:3]),
        (x[:, [0, 1]], x[:, [1, 2]]),
        (x[np.array([[True, False, True]])], x[np.array([[True, True, False]])]),
        (x[0], x[False]),
        (x**2, x**3),
    ]
    for a, b in pairs:
        became = simplify([a, b])
        assert became[a] is not became[b]
    same = [x[:, [0, 1]], x[:, [0, 1]], x[:, [0, 1]]]
    assert len(set(map(simplify(same).get, same))) == 1


def test_numbers_of_different_type_are_different():
    a, b = mg.data(np.float32(2.0), "a", dtype=np.float32), mg.data(2.0, "b")
    left, right = a + 1, b + 1
    became = simplify([left, right])
    assert became[left].inputs[1] is not became[right].inputs[1]


def test_an_operation_that_cannot_be_compared_is_itself_only(x):
    class Tabled(mg.Elementwise):
        def __init__(self, table):
            self.table = table

        def forward(self, x):
            return x * self.table["factor"]

        def derivatives(self, y, x):
            return [None]

    op = Tabled({"factor": 2.0})
    a, b, c, d = op(x), op(x), Tabled({"factor": 3.0})(x), Tabled({"factor": 2.0})(x)
    became = simplify([a, b, c, d])
    assert became[a] is became[b] is not became[c]
    assert became[a] is not became[d]


def test_a_users_own_operation_is_shared_by_its_options(x):
    @dataclass(frozen=True, repr=False)
    class Shift(mg.Elementwise):
        by: float

        def forward(self, x):
            return x + self.by

        def derivatives(self, y, x):
            return [mg.Identity()]

    a, b, c = Shift(1.0)(x), Shift(1.0)(x), Shift(2.0)(x)
    became = simplify([a, b, c])
    assert became[a] is became[b] is not became[c]


# Folding


def test_folding_can_be_switched_off_and_spares_names(x):
    folded = x * (mg.exp(0.0) + 2)
    assert simplify([folded], fold=False)[folded] is folded
    J = (x * x).mean()
    dx = mg.grad(J, x)
    m = [node for node in ancestors([dx]) if node.name == "m"]
    became = simplify([dx])[dx]
    assert all(node in ancestors([became]) for node in m)
    assert len(m) == 1
    became = simplify([dx], keep_names=False)[dx]
    assert not any(node.name for node in ancestors([became]) if node.role is mg.Role.LITERAL)
    assert np.allclose(became.value, dx.value, rtol=1e-15)


def test_large_constants_are_left_to_be_computed(x):
    big = mg.broadcast_to(3.0, (100, 100))
    assert simplify([big])[big] is big
    assert simplify([small := mg.broadcast_to(3.0, (4, 4))])[small].op is None


@pytest.mark.parametrize(("columns", "folded"), [(32, True), (33, False)])
def test_the_transpose_of_a_large_constant_stays_one(columns, folded):
    transposed = mg.exp(np.ones((2, columns))).T
    simple = simplify([transposed])[transposed]
    assert (simple.op is None) is folded
    np.testing.assert_array_equal(simple.value, transposed.value)


def test_folding_warns_of_nothing_and_leaves_refusals_to_the_reader():
    infinite = mg.log(0.0)
    assert simplify([infinite])[infinite].value == -np.inf
    refused = mg.bce(1.5, 1.0)
    became = simplify([refused])[refused]
    assert became is refused
    with pytest.raises(mg.DomainError):
        _ = became.value


# What the graph sees


def test_the_graph_is_left_as_it_was(x, y):
    node = (1 * (0 + x) * y).named("z")
    before = ancestors([node])
    became = simplify([node])[node]
    assert ancestors([node]) == before
    assert became is not node
    assert became.name == "z"
    assert simplify([became])[became] is became


def test_names_and_groups_stay(x, y):
    with mg.group("Layer 1"):
        node = (mg.broadcast_to(x, (2, 3)) * y).named("product")
        other = (1 * x + y).named("total")
    for long in (node, other):
        became = simplify([long])[long]
        assert (became.name, became.group) == (long.name, long.group)


def test_a_long_chain_takes_one_walk():
    x = node = mg.parameter(1.0, "x")
    for _ in range(20_000):
        node = 1 * node + 0
    assert simplify([node])[node] is x


def test_many_terms_may_be_equal(x):
    node = Accumulate()(x + 1, x + 1, 1 * x)
    became = simplify([node])[node]
    assert became.inputs[0] is became.inputs[1]
    assert became.inputs[2] is x
