"""Whatever the graph: every product and sum that an explanation writes is right, read back from its text."""

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.explanation.explaining import find_cancelled
from minigraph.explanation.report import ExactForm, NotesForm
from minigraph.formulas.index_sums import Letters, numbers
from minigraph.formulas.index_sums import entry_of as index_of
from minigraph.reading.steps import steps_to
from minigraph.testing import arrays, graphs

NUMERIC = re.compile(r"[\d.e+\-*() ]+")


def numeric_sides(line):
    """What stands between = and ≈ in a line, where it is made of numbers only, evaluated."""
    line = re.split(r"   |, because", line)[0]
    found = []
    for side in re.split(r" [=≈] |, then |: ", line):
        plain = side.strip().rstrip(".").replace("·", "*").replace("−", "-")
        if NUMERIC.fullmatch(plain) and any(c.isdigit() for c in plain):
            found.append(eval(plain, {"__builtins__": {}}))  # digits, signs and parentheses only
    return found


def formulas(text):
    return [line for line in str(text).splitlines() if not line.startswith("nudge")]


def entry_of(draw, node):
    return tuple(draw(st.integers(0, size - 1)) for size in node.shape)


@pytest.mark.parametrize("form", ["exact", "notes"])
@given(graph=graphs(), data=st.data())
def test_every_product_and_sum_in_the_text_is_right(form, graph, data):
    J = graph.root
    node = data.draw(st.sampled_from(graph.parameters))
    assume(node.size)
    entry = entry_of(data.draw, node)
    text = mg.explain(J, node, entry=entry, digits=17, form=form)
    right = float(mg.grad(J, node).value[entry])
    totals = []
    for line in formulas(text):
        sides = numeric_sides(line)
        if "…" not in line:
            running = ", then" in line
            pairs = zip(sides[1::2], sides[2::2], strict=True) if running else pairwise(sides)
            for a, b in pairs:
                np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12, err_msg=line)
        if sides and re.match(r"\s*(∂J/∂|d)" + node.name + r"(\[[\d, ]*\])? [=≈]", line):
            totals.append(sides[-1])
    assert totals, f"no total of the gradient is told:\n{text}"
    np.testing.assert_allclose(totals, right, rtol=1e-9, atol=1e-12, err_msg=str(text))


@given(graph=graphs(), data=st.data())
def test_what_is_told_agrees_with_finite_differences(graph, data):
    J = graph.root
    node = data.draw(st.sampled_from(graph.parameters))
    assume(node.size)
    entry = entry_of(data.draw, node)
    told = mg.nudge(J, node, 1e-6, entry)
    assert told.confirmed or told.kinks or told.hidden, str(told)


def test_a_zero_slope_beside_rounding_is_neither_confirmed_nor_denied():
    w = mg.parameter(2.4375, "w1")
    J = (mg.sum(0.5 * -mg.parameter(2.5625, "w2")) + mg.sum(0.5 * -(w + 3)) + mg.sum(0.5 * mg.abs(w))).named("J")
    told = mg.nudge(J, w, 1e-6)
    assert told.predicted == 0 and told.hidden and "✗" not in str(told) and "≠" not in str(told)


@given(graph=graphs(), data=st.data())
def test_entry_forms_give_every_entry_of_every_contribution(graph, data):
    node = data.draw(st.sampled_from(graph.parameters))
    steps = steps_to(graph.root, node)
    for line in steps.backward_pass if steps else ():
        upstream = np.asarray(line.upstream.value)
        pulled = np.asarray(line.product.value)
        for place in list(np.ndindex(pulled.shape))[:6]:
            entry = line.local.entry(index_of(pulled.shape, place), Letters())
            total = sum(entry.factor(places) * upstream[numbers(entry.index, places)] for places in entry.places())
            np.testing.assert_allclose(total, pulled[place], rtol=1e-9, atol=1e-12)


@given(graph=graphs(), data=st.data())
def test_every_simplified_formula_has_the_value_of_what_it_stands_for(graph, data):
    node = data.draw(st.sampled_from(graph.parameters))
    steps = steps_to(graph.root, node)
    assume(steps is not None)
    for form in (ExactForm(steps), NotesForm(steps)):
        for kept in steps.nodes[1:]:
            for step in steps.arrivals[kept]:
                if step.consumer is steps.root:
                    written = form.contribution(step)
                    if isinstance(written, mg.Node):
                        right = step.lines[-1].contribution.value * form.scale(kept)
                        np.testing.assert_allclose(written.value, right, rtol=1e-9, atol=1e-12)
        for cancelled in find_cancelled(steps, form):
            alone = len(steps.arrivals[cancelled.node]) == len(steps.arrivals[cancelled.middle]) == 1
            if alone and cancelled.difference < 1e-6:
                right = steps.backward_pass.gradient(cancelled.node).value * form.scale(cancelled.node)
                np.testing.assert_allclose(cancelled.after.value, right, rtol=1e-6, atol=1e-9)


@given(z=arrays((2, 3)), y=st.booleans())
def test_bce_after_a_sigmoid_always_leaves_the_difference(z, y):
    Z = mg.parameter(z, "Z")
    Y = mg.data(np.full((2, 3), float(y)), "Y")
    A = mg.sigmoid(Z).named("A")
    steps = steps_to(mg.bce(A, Y).sum().named("J"), Z)
    (cancelled,) = find_cancelled(steps, ExactForm(steps))
    np.testing.assert_allclose(cancelled.after.value, A.value - Y.value, rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(data=st.data())
def test_every_tool_has_an_answer_for_every_graph(dtype, data):
    graph = data.draw(graphs(dtype=dtype))
    J, node = graph.root, data.draw(st.sampled_from(graph.parameters))
    right = np.asarray(mg.grad(J, node).value)
    assert mg.compare(J, node, right).ok
    wrong = mg.compare(J, node, right + 1)
    assert wrong.ok == (right.size == 0)
    told = [mg.explain(J, node, form="notes", rules=True), mg.explain(J), wrong, mg.why_shape(J), mg.health(J, rate=0.1)]
    assert all(str(text) for text in (*told, J.backward(), mg.nudge(J, node)))
    assert told[0].latex and told[1].markdown
