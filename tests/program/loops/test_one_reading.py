"""What is carried so that X is read once a step; which program does how many steps, and what is said of that."""

import numpy as np
import pytest
from wide_data import FORMS, M, N, logistic, net

import minigraph as mg
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.loops import one_reading
from minigraph.program.native import by_blocks
from minigraph.program.native.library import library


@pytest.fixture(autouse=True)
def small(monkeypatch):
    monkeypatch.setattr(by_blocks, "LEAST_BYTES", 1)
    monkeypatch.setattr(by_blocks, "MOST_ROWS", 8)


@pytest.mark.parametrize("form", FORMS)
def test_products_from_the_left_are_carried_and_give_the_same_steps(form):
    w, b, J = logistic(form)
    dw, db = mg.grad(J, [w, b])
    graph = ProgramGraph((J,), {w: w - 0.05 * dw, b: b - 0.05 * db}, (), {w: Part(w), b: Part(b)})
    found = one_reading.find(graph)
    assert len(found) == (form in ("wᵀX", "WX"))
    for product, carried in found.items():
        changed = one_reading.rewrite(graph, found)
        carried.value = product.value
        costs = []
        for one in (changed, graph):
            before = {leaf: leaf.value for leaf in one.updates}
            costs.append([])
            for _ in range(3):
                values = mg.evaluate([*one.outputs, *one.updates.values()])
                costs[-1].append(values[0])
                for leaf, value in zip(one.updates, values[1:], strict=True):
                    leaf.value = value
            for leaf, value in before.items():
                leaf.value = value
        np.testing.assert_allclose(*costs, rtol=1e-13)
        assert product not in changed.nodes()


def test_what_is_never_pulled_back_or_changes_is_not_carried():
    random = np.random.default_rng(0)
    X, W = mg.data(random.standard_normal((N, M)), "X"), mg.parameter(random.standard_normal((2, N)), "W")
    J = (W @ X).sum()
    for updates in ({W: 0.9 * W}, {W: W - 0.1 * mg.grad(J, W), X: 0.5 * X}):
        assert one_reading.find(ProgramGraph((J,), updates, (), {})) == {}
    single = mg.parameter(np.ones((2, N), np.float32), "single")
    J = (single @ X).sum()
    assert one_reading.find(ProgramGraph((J,), {single: mg.grad(J, single)}, (), {})) == {}


def test_a_small_x_is_left_in_the_cache(monkeypatch):
    *_, J, _leaves, updates = net()
    graph = ProgramGraph((J,), updates, (), {})
    assert len(one_reading.find(graph)) == 1
    monkeypatch.setattr(by_blocks, "LEAST_BYTES", 1 << 22)
    assert one_reading.find(graph) == {}


def test_it_is_for_the_interpreter_and_can_be_left_out():
    *_, J, _leaves, updates = net()
    nothing = "reading  nothing to do: it is for the interpreter"
    assert nothing in mg.compile(J, updates=updates, backend="numpy").report()
    assert "reading  left out" in mg.compile(J, updates=updates, without=["reading"]).report()


@pytest.mark.skipif(isinstance(library(), str), reason="the interpreter needs a C compiler")
def test_which_program_does_how_many_steps():
    X, Y, J, _leaves, updates = net()
    program = mg.compile(J, [X, Y], updates=updates, gram=False, backend="native")
    assert "reading  repeat(10) and longer carries W1_times_X too" in program.report()
    assert "to read X once a step" in program.report() and "twice" not in program.report()
    assert program.source_for(9) == program.source
    assert program.source_for(10) != program.source and ".dot(X, " in program.source_for(10)
    with mg.check_finite():
        assert program.source_for(10) == program.source
    both = mg.compile(J, [X, Y], updates=updates, backend="native")
    assert both.uses_gram(1000) and both.source_for(1000) != program.source_for(1000)
    assert not both.uses_gram(10) or both.source_for(10) != both.source


@pytest.mark.skipif(isinstance(library(), str), reason="the interpreter needs a C compiler")
def test_the_report_says_where_x_is_read_twice():
    *_, J, leaves, _updates = net()
    gradients = mg.grad(J, leaves)
    length = mg.sqrt(mg.square(gradients[0]).sum())  # of all of D Xᵀ, before any of W is updated
    updates = {leaf: leaf - 0.1 * g / length for leaf, g in zip(leaves, gradients, strict=True)}
    report = mg.compile(J, updates=updates, gram=False, backend="native").report()
    assert "carries W1_times_X too, but X is read twice: what stands between D Xᵀ and W X" in report


@pytest.mark.skipif(isinstance(library(), str), reason="the interpreter needs a C compiler")
def test_arrays_that_are_given_leaves_that_are_set_and_programs_in_turn():
    found = []
    for backend in ("native", "numpy"):
        X, Y, J, leaves, updates = net()
        program = mg.compile(J, [X, Y], updates=updates, gram=False, backend=backend)
        costs = [*program.repeat(11), program(), *program.repeat(12, 2 * X.value, 1 - Y.value)]
        leaves[0].value = -leaves[0].value
        costs += [*program.repeat(11), *program.repeat(3), *program.repeat(10)]
        found.append([costs, *(leaf.value for leaf in leaves)])
    for native, numpy in zip(*found, strict=True):
        np.testing.assert_allclose(native, numpy, rtol=1e-11, atol=1e-12)


@pytest.mark.skipif(isinstance(library(), str), reason="the interpreter needs a C compiler")
def test_a_run_that_is_not_finite_is_ended_by_the_graph():
    found = []
    for without in ((), ("reading",)):
        *_, J, leaves, updates = net(rate=1e200)
        program = mg.compile(J, updates=updates, gram=False, backend="native", without=without)
        with np.errstate(all="ignore"):
            found.append([program.repeat(12), *(leaf.value for leaf in leaves)])
        assert "not finite" in program.report()
    for once, twice in zip(*found, strict=True):
        np.testing.assert_allclose(once, twice, rtol=1e-12)
