"""Graphs that are mostly numbers: what is ready is done together, and gives what the graph gives."""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounding import differences

import minigraph as mg
from minigraph.core.errors import DomainError
from minigraph.program import passes
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.passes import levelling
from minigraph.program.scalar_levels import Levels, Picked
from minigraph.testing import graphs


@pytest.fixture
def always(monkeypatch):
    """However few calls it saves."""
    monkeypatch.setattr(levelling, "FEWEST", 1)
    monkeypatch.setattr(levelling, "LARGEST_SHARE", np.inf)
    monkeypatch.setattr(levelling, "LARGEST_SHARE_OF_QUICK", np.inf)


def net_of_numbers(points=6, sizes=(2, 5, 4, 1), activation=mg.relu, dtype=np.float64):
    """A net as micrograd writes it: each weight a parameter, each example a graph of its own; with a penalty on weights."""
    random = np.random.default_rng(1)

    def number(value):
        return mg.parameter(dtype(value))

    layers = [
        [([number(w) for w in random.uniform(-1, 1, before)], number(0.1)) for _ in range(after)]
        for before, after in pairwise(sizes)
    ]
    losses = []
    for x in random.standard_normal((points, sizes[0])).astype(dtype):
        values = [mg.data(number) for number in x]
        for layer in layers:
            sums = []
            for weights, bias in layer:
                total = bias
                for w, value in zip(weights, values, strict=True):
                    total = total + w * value
                sums.append(total)
            values = [activation(z) for z in sums] if layer is not layers[-1] else sums
        losses.append(mg.relu(1 - float(np.sign(x[0] * x[1])) * values[0]))
    leaves = [leaf for layer in layers for weights, bias in layer for leaf in (*weights, bias)]
    J = losses[0]
    for loss in losses[1:]:
        J = J + loss
    penalty = leaves[0] * leaves[0]
    for leaf in leaves[1:]:
        penalty = penalty + leaf * leaf
    return (J * (1 / points) + 1e-2 * penalty).named("J"), leaves


def descent(J, leaves, rate=0.1):
    return {w: w - rate * g for w, g in zip(leaves, mg.grad(J, leaves), strict=True)}


def calls(program):
    return int(re.search(r"a step is (\d+) instructions", program.report())[1])


def assert_steps_are_right(program, J, updates, count=4, tolerance=1e-12):
    for _ in range(count):
        expected = [J.value, *(new.value for new in updates.values())]
        found = [program(), *(leaf.value for leaf in updates)]
        np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("activation", [mg.relu, mg.tanh, mg.softplus, mg.leaky_relu, mg.sigmoid, mg.abs])
def test_a_net_of_numbers_is_the_graph_in_few_calls(activation):
    J, leaves = net_of_numbers(activation=activation)
    updates = descent(J, leaves)
    program, one_by_one = mg.compile(J, updates=updates), mg.compile(J, updates=updates, without=["levels"])
    assert calls(one_by_one) > 1_000 and calls(program) < calls(one_by_one) / 10
    assert re.search(r"levels +\d{3,4} → +\d{1,2} operations   operations on numbers grouped", program.report())
    assert_steps_are_right(program, J, updates)


def test_a_net_of_numbers_in_single_precision():
    J, leaves = net_of_numbers(dtype=np.float32)
    updates = descent(J, leaves)
    program = mg.compile(J, updates=updates)
    assert "take(" in program.source and "float32" in program.source
    assert_steps_are_right(program, J, updates, tolerance=1e-5)


def test_repeat_is_calling():
    J, leaves = net_of_numbers()
    updates = descent(J, leaves)
    before = [leaf.value for leaf in leaves]
    one = mg.compile(J, updates=updates)
    costs, after = [one() for _ in range(5)], [leaf.value for leaf in leaves]
    for leaf, value in zip(leaves, before, strict=True):
        leaf.value = value
    np.testing.assert_array_equal(mg.compile(J, updates=updates).repeat(5), costs)
    np.testing.assert_array_equal([leaf.value for leaf in leaves], after)


NUMBERS = [0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 1e-310, -1e-300, 1e300, -1e308, 5e-324, np.inf, -np.inf, np.nan, 40.0, -700.0]
OF_ONE = [
    mg.relu, mg.leaky_relu, mg.tanh, mg.sigmoid, mg.softplus, mg.exp, mg.log, mg.sqrt, mg.square, mg.abs, mg.sign,
    lambda x: -x, lambda x: 2.0 * x, lambda x: x - 1.0, lambda x: x**3, lambda x: x**-1.0, lambda x: x**0.5,
]  # fmt: skip
OF_TWO = [mg.add, mg.subtract, mg.multiply, mg.divide, mg.maximum, lambda a, b: mg.maximum(a, a), mg.squared_error]


@st.composite
def graphs_of_numbers(draw):
    """Leaves with nasty values, operations on them, and some of the results as outputs."""
    leaves = [mg.parameter(draw(st.sampled_from(NUMBERS)), f"x{i}") for i in range(draw(st.integers(1, 4)))]
    fixed = [mg.data(draw(st.sampled_from(NUMBERS))) for _ in range(draw(st.integers(0, 2)))]
    nodes = [*leaves, *fixed]
    for _ in range(draw(st.integers(2, 14))):
        a, b = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes[-6:]))
        nodes.append(draw(st.sampled_from(OF_ONE))(b) if draw(st.booleans()) else draw(st.sampled_from(OF_TWO))(a, b))
    outputs = [nodes[-1], *draw(st.lists(st.sampled_from(nodes), max_size=2))]
    if draw(st.booleans()):  # what is infinite on the way is then finite at the end
        outputs[0] = draw(st.sampled_from([mg.tanh, mg.sign, lambda x: mg.exp(-mg.abs(x)), lambda x: 1 / (1 + mg.abs(x))]))(
            outputs[0]
        )
    gradients = mg.grad(outputs[0], leaves, allow_unused=True)
    return outputs, {w: w - 0.1 * g for w, g in zip(leaves, gradients, strict=True) if draw(st.booleans())}


@given(graphs_of_numbers(), st.integers(1, 2), st.lists(st.sampled_from(["share", "flatten"])))
@pytest.mark.usefixtures("always")
def test_numbers_nasty_or_not_are_those_of_the_graph(case, count, without):
    outputs, updates = case
    before = {leaf: leaf.value for leaf in updates}
    program = mg.compile(outputs, updates=updates, without=without)
    rows = program.repeat(count)
    found = [row[step] for step in range(count) for row in rows] + [leaf.value for leaf in updates]
    for leaf, value in before.items():
        leaf.value = value
    wrong = differences(found, outputs, updates, count)
    assert not wrong, "\n".join([f"{p}: {a} is not {b}" for p, a, b in wrong] + [program.source])


@given(graphs(), st.lists(st.sampled_from(passes.names()), unique=True))
@pytest.mark.usefixtures("always")
def test_numbers_among_arrays(graph, without):
    leaves = list(graph.parameters)
    updates = descent(graph.root, leaves, 0.01)
    program = mg.compile([graph.root, *leaves], updates=updates, without=without)
    expected = [graph.root.value, *(w.value for w in leaves), *(new.value for new in updates.values())]
    for found, value in zip([*program(), *(w.value for w in leaves)], expected, strict=True):
        np.testing.assert_allclose(found, value, rtol=1e-9, atol=1e-9 * np.max(np.abs(value), initial=1.0))


@pytest.mark.usefixtures("always")
def test_numbers_that_arrays_lie_between():
    """The mean depends on numbers, and other numbers on the mean: they can't all be done at once."""
    a, b, X = mg.parameter(0.5, "a"), mg.parameter(-0.25, "b"), mg.data([[1.0, -2.0, 3.0]], "X")
    p, q = mg.exp(a) * b, mg.tanh(a) - b
    middle = mg.mean(X * p + q)
    J = mg.square(middle) * p + mg.exp(middle) / (1 + q * q)
    updates = descent(J, [a, b])
    program = mg.compile(J, updates=updates)
    assert sum(isinstance(node.op, Levels) for node in program._passed.graph.nodes()) >= 3
    assert_steps_are_right(program, J, updates)


@pytest.mark.usefixtures("always")
def test_what_does_not_change_is_computed_once():
    w, c = mg.parameter(0.5, "w"), [mg.data(value) for value in (1.0, 2.0, 3.0)]
    fixed = [mg.exp(x) * 2.0 for x in c]
    J = w * fixed[0] + w * fixed[1] + w * fixed[2]
    updates = {w: w - 0.01 * mg.grad(J, w)}
    program = mg.compile(J, updates=updates)
    once, step = program.source.split("for step in range(count):")
    assert "exp(" in once and "exp(" not in step
    assert_steps_are_right(program, J, updates)
    c[1].value = -1.0
    assert_steps_are_right(program, J, updates)


def test_given_numbers_are_those_of_the_call():
    inputs = [mg.data(0.0, f"x{i}") for i in range(20)]
    w = mg.parameter(1.0, "w")
    J = mg.exp(w * inputs[0])
    for x in inputs[1:]:
        J = J + mg.exp(w * x)
    program = mg.compile(J, inputs=inputs, updates={w: w - 0.01 * mg.grad(J, w)})
    assert "add.accumulate(" in program.source
    values = np.linspace(-1, 1, 20)
    for arrays in (values, values[::-1] / 2, values):
        expected, after = mg.evaluate([J, w - 0.01 * mg.grad(J, w)], given=dict(zip(inputs, arrays, strict=True)))
        assert program(*arrays) == pytest.approx(expected, rel=1e-13)
        assert w.value == pytest.approx(after, rel=1e-13)


def test_a_chain_of_numbers_stays_as_it_is():
    y = mg.parameter(0.5, "x")
    for _ in range(40):
        y = mg.tanh(1.5 * y)
    program = mg.compile(y)
    assert program.source == mg.compile(y, without=["levels"]).source
    assert re.search(r"levels +80 → +80 operations", program.report())


def test_few_numbers_stay_as_they_are():
    a, b = mg.parameter(2.0, "a"), mg.parameter(3.0, "b")
    J = mg.square(a * b) + mg.square(a + b)
    assert "take(" not in mg.compile(J, updates=descent(J, [a, b])).source


def test_a_run_of_sums_adds_in_the_order_of_the_graph():
    random = np.random.default_rng(5)
    leaves = [mg.parameter(value) for value in random.standard_normal(50) * 10.0 ** random.integers(-15, 15, 50)]
    J = mg.square(leaves[0])
    partial = []
    for leaf in leaves[1:]:
        J = J - -mg.square(leaf)
        partial.append(J)
    program = mg.compile([J, *partial[::10]], backend="numpy")
    assert program.source.count("add.accumulate(") == 1 and program.source.count(" add(") == 0
    assert program() == [J.value, *(node.value for node in partial[::10])]  # to the bit


@pytest.mark.usefixtures("always")
def test_a_tie_of_two_shares_the_derivative():
    leaves = [mg.parameter(float(i % 3), f"x{i}") for i in range(24)]
    J = mg.maximum(leaves[0], leaves[3])
    for a, b in zip(leaves[1:12], leaves[12:23], strict=True):
        J = J + mg.maximum(a, b)
    gradients = mg.grad(J, leaves[:23])
    program = mg.compile(gradients)
    assert "greater(scratch" in program.source and "forward_larger" not in program.source
    np.testing.assert_array_equal(program(), [g.value for g in gradients])
    assert {0.0, 0.5, 1.0} <= set(program())
    leaves[0].value = np.nan
    np.testing.assert_array_equal(program(), [g.value for g in gradients])
    assert np.isnan(program()[0])


def test_a_loss_refuses_a_number_outside_its_domain():
    w = mg.parameter(0.2, "w")
    targets = [mg.data(0.5) for _ in range(20)]
    losses = [mg.bce(mg.sigmoid(w * float(i)), y) for i, y in enumerate(targets)]
    J = losses[0]
    for loss in losses[1:]:
        J = J + loss
    updates = {w: w - 0.01 * mg.grad(J, w)}
    program = mg.compile(J, updates=updates)
    assert "take(" in program.source
    assert_steps_are_right(program, J, updates)
    targets[7].value = 1.5
    before = w.value
    with pytest.raises(DomainError, match="target"):
        program()
    assert w.value == before


class Count(mg.Elementwise):
    """x plus how often it was asked."""

    pure = False

    def __init__(self):
        self.asked = 0

    def forward(self, x):
        self.asked += 1
        return x + self.asked

    def derivatives(self, result, x):
        return [mg.Identity()]


@pytest.mark.usefixtures("always")
def test_what_is_not_pure_is_done_by_itself_once_a_step():
    w = mg.parameter(1.0, "w")
    counting = [Count() for _ in range(3)]
    J = mg.exp(-w)
    for count in counting:
        J = J + mg.tanh(count(mg.square(w)) * 0.1)
    program = mg.compile(J, updates={w: w - 0.1 * mg.grad(J, w)})
    program.repeat(4)
    assert [count.asked for count in counting] == [4, 4, 4]


class Swish(mg.Elementwise):
    """An operation of one's own, whose forward rule is asked about numbers only."""

    def forward(self, z):
        assert np.shape(z) == ()
        return z / (1 + np.exp(-z))

    def derivatives(self, y, z):
        return [mg.Scale(y + mg.sigmoid(z) * (1 - y))]


def test_an_operation_of_ones_own_is_done_by_itself():
    J, leaves = net_of_numbers(points=3, activation=Swish())
    updates = descent(J, leaves)
    program = mg.compile(J, updates=updates)
    assert "take(" in program.source and "forward_swish(" in program.source
    assert_steps_are_right(program, J, updates)


@pytest.mark.usefixtures("always")
def test_the_levels_by_their_forward_rules():
    J, leaves = net_of_numbers(points=3, sizes=(2, 3, 1))
    updates = descent(J, leaves)
    graph = ProgramGraph((J,), updates, (), {leaf: Part(leaf) for leaf in leaves})
    (without_flatten,) = passes.transformed(graph, ["flatten"]).graph.outputs
    assert float(without_flatten) == pytest.approx(float(J), rel=1e-14)
    passed = passes.transformed(graph, []).graph
    kinds = {type(node.op) for node in passed.nodes()}
    assert {Levels, Picked} <= kinds
    (theta,) = passed.updates
    values = np.zeros(theta.shape)
    for leaf, part in passed.parts.items():
        part.of(values)[...] = leaf.value
    found, new = mg.evaluate([passed.outputs[0], passed.updates[theta]], given={theta: values})
    assert found == pytest.approx(float(J), rel=1e-14)
    for leaf, part in passed.parts.items():
        assert part.of(new) == pytest.approx(float(updates[leaf]), rel=1e-12)


def test_gradients_that_lie_side_by_side_are_not_picked():
    leaves = [mg.parameter(0.1 * i, f"w{i}") for i in range(40)]
    factors = [mg.data(1.0 / (i + 1)) for i in range(40)]
    J = factors[0] * mg.exp(leaves[0])
    for w, factor in zip(leaves[1:], factors[1:], strict=True):
        J = J + factor * mg.exp(w)
    updates = descent(J, leaves)
    program = mg.compile(J, updates=updates)
    kinds = {type(node.op) for node in program._passed.graph.nodes()}
    assert Levels in kinds and Picked not in kinds
    assert_steps_are_right(program, J, updates)


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("operation", [mg.exp, mg.sqrt, mg.relu, lambda w: mg.maximum(w, w), lambda w: w * w])
def test_equal_operations_on_one_number_that_are_not_shared_are_one_call(operation):
    w = mg.parameter(0.25)
    J = operation(w) + operation(w)
    expected = J.value, w.value - 0.5 * mg.grad(J, w).value
    program = mg.compile(J, updates={w: w - 0.5 * mg.grad(J, w)}, without=["share"])
    np.testing.assert_allclose([program(), w.value], expected, rtol=1e-14)


def test_in_c_single_numbers_are_levelled_only_where_that_saves_far_more():
    """Half the calls are worth it for NumPy, and not for the interpreter, which goes through single numbers quickly."""
    x = [mg.parameter(0.1 * i) for i in range(3)]
    nodes = x[:]
    for _ in range(40):
        nodes[-3:] = [mg.tanh(node) for node in nodes[-3:]]
        nodes[-3:] = [nodes[-2] * nodes[-1], nodes[-1] * nodes[-3], nodes[-3] * nodes[-2]]
    graph = ProgramGraph((nodes[-1],), {x[0]: x[0] - nodes[-1]}, (), {x[0]: Part(x[0])})
    assert any(isinstance(node.op, Levels) for node in levelling.level(graph).nodes())
    in_c = replace(graph, quick_calls=True)
    assert levelling.level(in_c) is in_c


def test_three_operands_are_no_sum_of_three():
    """`where` of many numbers is one call of `where`; only sums of many terms become rows that are added."""
    random = np.random.default_rng(5)
    leaves = [mg.parameter(value) for value in random.uniform(-1, 1, 12)]
    picked = [[leaves[i] for i in random.integers(0, 12, 3)] for _ in range(60)]
    terms = [mg.where(mg.relu(a), mg.sin(b), b * c) + mg.abs(a) ** c + mg.logaddexp(b, c) for a, b, c in picked]
    J = sum(terms[1:], terms[0])
    found = [J, *mg.grad(J, leaves)]
    program = mg.compile(found, backend="numpy")
    assert any(isinstance(node.op, Levels) for node in program.machine.instructions.graph.nodes())
    for own, node in zip(program(), found, strict=True):
        np.testing.assert_allclose(own, node.value, rtol=1e-12, atol=1e-14)


def test_the_scratch_memory_of_a_level_is_that_of_the_next():
    J, leaves = net_of_numbers()
    program = mg.compile([J, *mg.grad(J, leaves)], backend="numpy")
    assert program.source.count("take(") > 10  # each into scratch memory
    assert len([place for place in program.machine.instructions.buffers if place.name.startswith("scratch")]) == 2
