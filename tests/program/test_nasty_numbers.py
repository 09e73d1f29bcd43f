"""Zeros of both signs, subnormal, huge and infinite numbers and NaN: programs give what the graph gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rounding import differences

import minigraph as mg
from minigraph.core.pulling import ancestors
from minigraph.program import passes
from minigraph.testing import graphs

NASTY = {
    np.float64: [
        0.0,
        -0.0,
        5e-324,
        -1e-310,
        1e-300,
        -1e-300,
        1e300,
        -1e300,
        np.inf,
        -np.inf,
        np.nan,
        1.0,
        -1.0,
        40.0,
        -720.0,
    ],
    np.float32: [0.0, -0.0, 1e-45, -1e-40, 1e-30, -1e-30, 1e30, -1e30, np.inf, -np.inf, np.nan, 1.0, -1.0, 17.0, -95.0],
}


@st.composite
def nasty_graphs(draw):
    """Random graphs over all operations; some entries of their leaves are nasty, targets still between 0 and 1."""
    dtype = draw(st.sampled_from([np.float64, np.float32]))
    graph = draw(graphs(dtype=dtype, max_operations=draw(st.integers(1, 5))))
    targets = {node.inputs[i] for node in graph.nodes if node.op is not None for i in node.op.checked}
    for leaf in (*graph.parameters, *graph.data):
        value = np.array(leaf.value)
        numbers = [0.0, 1.0, 0.5] if leaf in targets else NASTY[dtype]
        for place in draw(st.lists(st.integers(0, value.size - 1), max_size=6)) if value.size else ():
            value.flat[place] = draw(st.sampled_from(numbers))
        leaf.value = value
    return graph


HIDING = [mg.tanh, mg.sigmoid, mg.sign, lambda x: mg.exp(-mg.abs(x)), lambda x: 1 / (1 + mg.abs(x))]

RULES = {
    "descent": lambda w, g: {w: w - 0.1 * g},
    "a large rate": lambda w, g: {w: w - 1e12 * g},
    "weight decay": lambda w, g: {w: 0.9 * w - 0.1 * g},
    "forgotten": lambda w, g: {w: mg.tanh(g)},
}


@st.composite
def cases(draw):
    graph = draw(nasty_graphs())
    leaves = list(graph.parameters)
    gradients = mg.grad(graph.root, leaves)
    rule = RULES[draw(st.sampled_from(sorted(RULES)))]
    updates = {}
    for w, g in zip(leaves, gradients, strict=True):
        updates |= rule(w, g) if draw(st.booleans()) else {}
    inner = [node for node in ancestors([graph.root, *gradients]) if node.op is not None]
    outputs = [graph.root, *draw(st.lists(st.sampled_from(inner), max_size=2))]
    if draw(st.booleans()):  # what is infinite on the way is then finite at the end
        outputs = [draw(st.sampled_from(HIDING))(node) for node in outputs]
    without = draw(st.lists(st.sampled_from(passes.names()), max_size=2))
    return outputs, updates, draw(st.sampled_from([1, 2, 5])), without


def run(case):
    """What a program gives: the outputs of each step and the last values of the leaves, which are then as before."""
    outputs, updates, count, left_out = case
    before = {leaf: leaf.value for leaf in updates}
    program = mg.compile(outputs, updates=updates, without=left_out)
    rows = program.repeat(count)
    found = [row[step] for step in range(count) for row in rows] + [leaf.value for leaf in updates]
    for leaf, value in before.items():
        leaf.value = value
    return found, program


@given(cases())
def test_programs_give_what_the_graph_gives(case):
    outputs, updates, count, _ = case
    found, program = run(case)
    wrong = differences(found, outputs, updates, count)
    assert not wrong, "\n".join([f"{p}: {a} is not {b}" for p, a, b in wrong] + [program.source_for(count)])


# The differences that the performance page lists


def test_listed_a_mean_that_does_not_overflow_on_the_way():
    node = mg.mean(mg.abs(mg.parameter(np.full(3, -1.7e308), "x")))
    assert np.isinf(node.value)
    assert mg.compile(node)() == pytest.approx(1.7e308)


@pytest.mark.parametrize(("dtype", "z"), [(np.float32, -95.0), (np.float64, -720.0)])
def test_listed_a_probability_below_the_smallest_normal_number(dtype, z):
    node = mg.sigmoid(mg.parameter(dtype(z), "z"))
    assert 0 < node.value < np.finfo(dtype).tiny
    assert mg.compile(node)() == 0


@pytest.mark.parametrize(
    "reader",
    [
        mg.sign,
        lambda x: mg.sign(mg.relu(x)),
        lambda x: mg.log(mg.abs(x)),
        lambda x: mg.grad(mg.relu(x).sum(), x),
        lambda x: mg.grad(mg.maximum(x, 0.0).sum(), x),
        mg.log,
    ],
)
def test_who_tells_the_smallest_numbers_from_0_gets_them(reader):
    z = mg.data([-720.0, -740.0, 0.0, 3.0], "z")
    node = reader(mg.sigmoid(z))
    np.testing.assert_allclose(mg.compile(node)(), node.value, rtol=1e-12)
