"""The operations of programs alone compute as nodes what they compute in programs."""

import re

import numpy as np
import pytest

import minigraph as mg
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.inserted_operations import Again, Checked, Copy, Flat, Joining, Piece, Positive, WithOnes
from minigraph.program.passes.expanding import check_once
from minigraph.program.passes.joined_leaves import flatten
from minigraph.program.passes.stacking import stack


@pytest.fixture
def x():
    return mg.parameter([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "x")


def test_as_nodes_and_in_programs(x):
    y = mg.exp(x)
    nodes = [Flat()(y, x, 2 * y), WithOnes()(y), WithOnes()(x), Copy()(x)]
    nodes += [Piece(slice(16, 22), (3, 2))(nodes[0]), Positive()(mg.relu(x - 3)), Again()(y)]
    for node in nodes:
        assert np.allclose(mg.compile(node)(), node.value, rtol=1e-14), node
    flat = nodes[0].value
    parts = Flat().parts(y, x, y)
    assert [part.start % 8 for part in parts] == [0, 0, 0]
    assert np.array_equal(flat[parts[1]], x.value.ravel())
    assert nodes[1].value[-1].tolist() == [1.0, 1.0, 1.0]
    assert nodes[4].value.tolist() == [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
    assert nodes[5].value.tolist() == [[0, 0, 0], [1, 1, 1]]


def test_a_joining_operation_says_where_its_parts_are():
    with pytest.raises(NotImplementedError, match="Joining does not say"):
        Joining().parts()


def test_checked_lets_good_values_through():
    z, y = mg.data([0.5], "z"), mg.data([1.0], "y")
    node = Checked(mg.bce_with_logits(z, y), 1)(y)
    assert node.value.tolist() == [1.0]
    y.value = [3.0]
    with pytest.raises(mg.DomainError, match="bce_with_logits: 'y' is"):
        _ = node.value


def test_what_is_checked_is_not_checked_again(x):
    loss = mg.bce(mg.sigmoid(x), np.ones((2, 3)))
    once = check_once(graph_of([loss], {}))
    assert sum(isinstance(node.op, Checked) for node in once.nodes()) == 2
    assert len(check_once(once).nodes()) == len(once.nodes())


def test_an_identity_is_seen_in_its_operands_memory(x):
    y = mg.identity(mg.exp(x).named("y")).named("also y")
    program = mg.compile(mg.tanh(y), updates={x: x + 1}, without=["share", "stack", "flatten"])
    assert np.allclose(program(), np.tanh(np.exp([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])), rtol=1e-15)
    assert not re.search(r"\balso_y\b", program.source)


def graph_of(outputs, updates):
    return ProgramGraph(tuple(outputs), updates, (), {leaf: Part(leaf) for leaf in updates})


def test_flatten_groups_what_is_updated_alike():
    a, b, c, d = (mg.parameter(np.full(size, float(size)), name) for size, name in zip((2, 3, 4, 5), "abcd", strict=True))
    v = mg.data(np.zeros(2), "v")
    alike = {a: a - 0.1 * mg.exp(a), b: b - 0.1 * mg.exp(b)}
    assert len(flatten(graph_of([a.sum()], alike)).updates) == 1
    other = {**alike, c: c - 0.2 * mg.exp(c)}  # another rate: the last operation is still the same
    assert len(flatten(graph_of([], other)).updates) == 1
    single = {**alike, d: mg.tanh(d), v: v + a}
    assert len(flatten(graph_of([], single)).updates) == 3
    assert len(flatten(graph_of([], {a: a - b[:2], b: b - mg.exp(b)})).updates) == 1
    assert len(flatten(graph_of([], {a: a - v, b: b - np.ones(3)})).updates) == 2  # no gradients: nothing to compute


def test_flatten_takes_along_what_the_updates_read_or_takes_nothing():
    a, b = mg.parameter(np.ones(2), "a"), mg.parameter(np.ones(3), "b")
    v, w = mg.data(np.zeros(2), "v"), mg.data(np.zeros(3), "w")
    moving = {a: a - 0.1 * v, b: b - 0.1 * w}
    assert len(flatten(graph_of([], {**moving, v: 0.9 * v + mg.exp(a), w: 0.9 * w + mg.exp(b)})).updates) == 2
    assert len(flatten(graph_of([], {**moving, v: 0.9 * v + mg.exp(a), w: mg.tanh(w)})).updates) == 4


def test_what_was_found_in_vain_is_found_anew():
    """The updates of a and b read v and w alike, but p and q not; v and w are then joined without them."""

    def deep(x):  # so that a and b come first
        return 0.9 * x - mg.sin(mg.cos(mg.sin(mg.cos(x))))

    def make():
        a, b = mg.parameter(np.ones(2), "a"), mg.parameter(np.ones(3), "b")
        v, w, p, q = (mg.data(np.full(2 + i % 2, 0.1 * i), name) for i, name in enumerate("vwpq"))
        updates = {a: a - 0.1 * v - p, b: b - 0.1 * w - q, v: deep(v), w: deep(w)}
        return a.sum() + b.sum(), {**updates, p: p * 2, q: mg.tanh(q)}

    _, apart = make()
    J, updates = make()
    assert len(flatten(graph_of([J], updates)).updates) == 5
    mg.compile(J, updates=updates).repeat(3)
    mg.compile([], updates=apart, without=["flatten"]).repeat(3)
    for leaf, expected in zip(updates, apart, strict=True):
        np.testing.assert_allclose(leaf.value, expected.value, rtol=1e-14)


def test_what_shares_a_leaf_twice_is_left_apart():
    a, b = mg.parameter(np.ones(2), "a"), mg.parameter(np.ones(2), "b")
    assert len(flatten(graph_of([], {a: a - b, b: b - b})).updates) == 2
    assert len(flatten(graph_of([], {a: a - b, b: b - a})).updates) == 2
    assert len(flatten(graph_of([], {a: b * 1.0, b: mg.exp(a)})).updates) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda W, b, gW, gb: (W - gW - 0.01 * W, b - gb),
        lambda W, b, gW, gb: (W - gW, b - 2 * gb),
        lambda W, b, gW, gb: (W - gW, b - gb.sum(axis=1, keepdims=True)),
        lambda W, b, gW, gb: (W - gb @ np.ones((1, 2)), b - gb),
        lambda W, b, gW, gb: (W - mg.tanh(gW) @ np.eye(2), b - gb),
    ],
)
def test_stack_leaves_layers_whose_updates_differ(change):
    W, b, X = mg.parameter(np.eye(2), "W"), mg.parameter(np.ones((2, 1)), "b"), mg.data(np.ones((2, 3)), "X")
    J = mg.tanh(b + W @ X).sum()
    new_W, new_b = change(W, b, *mg.grad(J, [W, b]))
    assert len(stack(graph_of([J], {W: new_W, b: new_b})).updates) == 2
    gW, gb = mg.grad(J, [W, b])
    assert len(stack(graph_of([J], {W: W - gW, b: b - gb})).updates) == 1
