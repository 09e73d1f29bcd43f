"""The list of instructions says all that a machine needs: another machine, thirty lines long, gives the same bits."""

import numpy as np
import plain_machine
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.program.instructions import FUNCTIONS, Kind, View, checked_function, plain
from minigraph.program.machine import Machine
from minigraph.program.passes import transformed
from minigraph.testing import graphs


def net():
    """A program of two layers, and its nodes."""
    random = np.random.default_rng(0)
    X, Y = mg.data(random.standard_normal((2, 5)), "X"), mg.data([[0.0, 1.0, 1.0, 0.0, 1.0]], "Y")
    W, b = mg.parameter(random.standard_normal((1, 2)), "W"), mg.parameter([[0.0]], "b")
    J = mg.bce_with_logits(W @ X + b, Y).mean().named("J")
    return X, Y, J, {w: w - 0.1 * g for w, g in zip((W, b), mg.grad(J, [W, b]), strict=True)}


def instructions_of(*arguments, **options):
    return mg.compile(*arguments, **options).machine.instructions


@given(
    graphs(),
    st.lists(st.sampled_from(["stack", "flatten", "expand", "reuse", "share"]), unique=True),
    st.booleans(),
)
def test_another_machine_gives_the_same(graph, without, moving):
    leaves = list(graph.parameters)
    gradients = mg.grad(graph.root, leaves)
    following = [(mg.tanh(w) if moving else w) - 0.01 * g for w, g in zip(leaves, gradients, strict=True)]
    program = mg.compile(
        [graph.root, *leaves], inputs=graph.data, updates=dict(zip(leaves, following, strict=True)), without=without
    )
    passed = transformed(program.graph, without)
    other = Machine(passed.graph, "reuse" not in without, link=plain_machine.linked)
    results = [[np.empty((3, *node.shape), node.dtype) for node in program.graph.outputs] for _ in range(2)]
    used = {one.function for one in [*other.instructions.once, *other.instructions.step, *other.instructions.last]}
    assert {one for one in used if not isinstance(getattr(np, one, None), np.ufunc)} <= {*FUNCTIONS, "forward", "check"}
    before = [w.value for w in leaves]
    ends = []
    for machine, rows in zip((program.machine, other), results, strict=True):
        for w, value in zip(leaves, before, strict=True):
            w.value = value
        done = machine.run(3, [], rows)
        ends.append((done, [w.value for w in leaves], [row[:done] for row in rows]))
    (done, values, rows), (done_there, values_there, rows_there) = ends
    assert done == done_there
    for a, b in zip([*values, *rows], [*values_there, *rows_there], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-14)


def test_a_step_of_a_net():
    X, Y, J, updates = net()
    done = instructions_of(J, [X, Y], updates, without=["stack", "flatten"])
    assert list(done.sources) == [X, Y] and [place.name for place in done.sources.values()] == ["X", "Y"]
    assert [state.leaf for state in done.states] == list(updates) and done.kept is None
    assert [(s.value.kind, s.following.kind, s.following.name) for s in done.states] == [
        (Kind.STATE, Kind.NEXT, "W_next"),
        (Kind.STATE, Kind.NEXT, "b_next"),
    ]
    first, second = done.step[:2]
    assert (first.function, [x.name for x in first.operands]) == ("dot", ["W", "X"])
    assert (second.function, second.operands) == ("add", (first.out, done.states[1].value))
    assert [i.function for i in done.once] == ["check", "subtract", "negative"] and done.last == []
    assert [place.name for place, _ in done.guard] == ["J", "W_next", "b_next"]
    assert {i.function for i in done.step} <= set(FUNCTIONS)
    assert done.calls == len(done.step)


def test_a_leaf_that_is_written_over_is_so_after_the_guard():
    w = mg.parameter([1.0, 2.0], "w")
    J = mg.square(w).sum().named("J")
    done = instructions_of(J, updates={w: w - mg.grad(J, w)})
    assert done.states == [] and done.kept == (w, done.last[0].out) and done.last[0].out.kind is Kind.KEPT
    assert [(i.function, i.out.name) for i in done.last] == [("subtract", "w")]
    assert [place.name for place, _ in done.guard] == ["J", done.last[0].operands[1].name]


def test_memory_that_is_used_again_is_a_buffer_with_a_base():
    x = node = mg.parameter(np.ones((2, 3)), "x")
    for _ in range(4):
        node = mg.exp(node + x)
    done, apart = (instructions_of(node.sum(), without=without) for without in ([], ["reuse"]))
    bases = [place.base for place in done.buffers]
    assert done.owned == bases.count(None) < len(bases) and apart.owned == len(apart.buffers)
    assert done.bytes + done.saved == apart.bytes and apart.saved == 0


def test_the_kind_of_a_view_is_that_of_what_is_seen():
    x, y = mg.data(np.ones((2, 3)), "x"), mg.parameter(np.ones((3, 2)), "y")
    done = instructions_of(x.T + y, [x], {y: mg.exp(y)})
    (turned,) = [place for i in done.step for place in i.operands if getattr(place, "name", "") == "x_T"]
    assert (turned.kind, turned.base, turned.contiguous) == (Kind.SOURCE, done.sources[x], False)
    assert (turned.view, turned.shape) == (View().then("transpose", None), (3, 2))


def test_a_result_that_fills_its_row_is_there_once():
    x = mg.parameter([1.0, 2.0], "x")
    y = mg.exp(x)
    program = mg.compile([y, y], updates={x: x + 1})
    first, second = program.machine.instructions.results
    assert first.kind is Kind.ROW and second is first
    np.testing.assert_allclose(program.repeat(2), [np.exp([[1.0, 2.0], [2.0, 3.0]])] * 2, rtol=1e-15)


def test_functions_have_so_many_operands():
    assert checked_function("add", 2) == "add" and checked_function("cbrt", 1) == "cbrt"
    with pytest.raises(TypeError, match="add has 2 operands in a program, not 1"):
        checked_function("add", 1)
    for name in ("modf", "argsort", "steps", "add.outer", "linalg.inv"):
        with pytest.raises(TypeError, match="calls functions of NumPy by their names"):
            checked_function(name, 1)


def test_plain_values_are_in_python_s_own_types():
    given = (np.int8(3), np.float32(0.5), np.True_, None, ..., slice(np.int64(1), None), (2, -0.0))
    assert repr(plain(given)) == "(3, 0.5, True, None, Ellipsis, slice(1, None, None), (2, -0.0))"
    with pytest.raises(TypeError, match="not of a value of type list"):
        plain([1])


def test_what_is_seen_of_entries_that_lie_apart_lies_apart():
    """To flatten it would copy it, once and for all."""
    w = mg.parameter([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "w")
    J = mg.square(w).T[0:1].sum().named("J")
    program = mg.compile(J, updates={w: w + 1})
    assert program.repeat(2).tolist() == [1.0 + 9 + 25, 4.0 + 16 + 36]
    (seen,) = [one.operands[0] for one in program.machine.instructions.step if one.function == "add.reduce"]
    assert (seen.shape, seen.contiguous) == ((1, 3), False)
