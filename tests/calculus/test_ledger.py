"""The ledger of a backward pass: what each line says, in which order, and that the lines add up to the gradients."""

from dataclasses import FrozenInstanceError, fields
from typing import Any

import numpy as np
import pytest
from gradients import has_no_gradient

import minigraph as mg
from minigraph.core.pulling import ancestors
from minigraph.core.shape_maps import Summation


def two_paths() -> tuple[mg.Node, mg.Node]:
    b = mg.parameter(3.0, "b")
    c, d = (2 + b).named("c"), (b + 1).named("d")
    return b, (c * d).named("e")


def test_the_lines_in_the_order_of_the_pass() -> None:
    b, e = two_paths()
    backward_pass = e.backward()
    lines = [
        (s.consumer.name, s.position, s.input.name, s.upstream.value, s.product.value, s.contribution.value, s.running_total)
        for s in backward_pass
    ]
    assert lines == [
        ("e", 0, "c", 1, 4, 4, 4),
        ("e", 1, "d", 1, 5, 5, 5),
        ("d", 0, "b", 5, 5, 5, 5),
        ("c", 1, "b", 4, 4, 4, 9),
    ]
    assert b.grad == 9
    assert backward_pass.root is e
    assert backward_pass.seed is backward_pass.gradient(e)
    assert list(backward_pass.gradients) == [e, *(s.consumer for s in list(backward_pass)[2:]), b]


def test_the_fields_of_a_line() -> None:
    b, e = two_paths()
    backward_pass = e.backward()
    first, _, third, _ = backward_pass
    assert [f.name for f in fields(mg.Contribution)] == [
        "consumer", "position", "input", "upstream", "local", "product", "summed_axes", "contribution", "arrivals", "rank",
    ]  # fmt: skip
    assert isinstance(first.local, mg.Scale)
    assert first.local.factor is e.inputs[1]
    assert isinstance(third.local, mg.Identity)
    assert first.upstream is backward_pass.seed
    assert first.upstream.name == "∂e/∂e"
    assert first.product is first.contribution
    assert first.summed_axes == ()
    assert [s.rank for s in backward_pass] == [0, 0, 0, 1]
    assert [s.contribution for s in backward_pass if s.input is b] == third.arrivals
    assert "arrivals" not in repr(first)
    with pytest.raises(FrozenInstanceError):
        first.position = 3  # type: ignore[misc]
    assert first == first
    assert len({*backward_pass}) == 4


def test_a_pass_as_a_collection() -> None:
    _, e = two_paths()
    backward_pass = e.backward()
    assert len(backward_pass) == 4
    assert list(backward_pass) == list(backward_pass) == list(backward_pass.ledger)
    assert repr(backward_pass) == "<backward pass from 'e' is (): 4 gradients, 4 contributions>"
    other = mg.data(1.0, "other")
    with pytest.raises(KeyError, match=r"'other' is \(\): this pass from 'e' is \(\) did not reach it"):
        backward_pass.gradient(other)


def test_parallel_edges_stay_two_lines() -> None:
    x = mg.parameter(3.0, "x")
    lines = [(s.position, s.contribution.value, s.running_total) for s in (x * x).backward()]
    assert lines == [(0, 3, 3), (1, 3, 6)]
    y = x + x
    assert [(s.position, s.running_total) for s in y.backward()] == [(0, 1), (1, 2)]
    assert x.grad == 2


def test_broadcasting_is_undone_and_said() -> None:
    W, X, b = mg.parameter(np.ones((4, 3)), "W"), mg.data(np.ones((3, 5)), "X"), mg.parameter(np.ones((4, 1)), "b")
    s = mg.parameter(2.0, "s")
    Z = (W @ X + b).named("Z")
    J = (s * Z).sum().named("J")
    lines = {s.input.name or "WX": s for s in J.backward()}
    assert (lines["b"].summed_axes, lines["b"].product.shape, lines["b"].contribution.shape) == ((1,), (4, 5), (4, 1))
    assert (lines["s"].summed_axes, lines["s"].contribution.shape) == ((0, 1), ())
    assert (lines["WX"].summed_axes, lines["W"].summed_axes) == ((), ())
    assert lines["b"].product is lines["b"].upstream, "the local derivative is the identity; only the repeats are summed"
    assert lines["b"].contribution.value.tolist() == [[10.0]] * 4
    new_axes = mg.parameter(np.ones(3), "v")
    (line,) = (new_axes + np.ones((2, 1, 3))).backward(seed=np.ones((2, 1, 3)))
    assert line.summed_axes == (0, 1)


def test_precision_is_undone_as_well() -> None:
    narrow, wide = mg.parameter(np.ones(2, np.float32), "n"), mg.parameter(np.ones(2), "w")
    for step in (narrow * wide).sum().backward():
        assert step.contribution.dtype == step.input.dtype
        assert step.contribution.shape == step.input.shape


def random_net() -> tuple[list[mg.Node], mg.Node]:
    rng = np.random.default_rng(3)
    W1, b1 = mg.parameter(rng.normal(size=(4, 3)), "W1"), mg.parameter(rng.normal(size=(4, 1)), "b1")
    W2, b2 = mg.parameter(rng.normal(size=(1, 4)), "W2"), mg.parameter(0.1, "b2")
    A1 = mg.tanh(W1 @ rng.normal(size=(3, 6)) + b1)
    Z2 = W2 @ (A1 + A1**2) + b2
    J = mg.bce_with_logits(Z2, rng.integers(0, 2, (1, 6))).mean() + 0.1 * ((W1 * W1).sum() + (W2 * W2).sum())
    return [W1, b1, W2, b2], J.named("J")


def test_the_lines_of_an_input_add_up_to_its_gradient() -> None:
    parameters, J = random_net()
    backward_pass = J.backward()
    received: dict[mg.Node, Any] = {}
    last: dict[mg.Node, Any] = {}
    for step in backward_pass:
        received[step.input] = received.get(step.input, 0) + step.contribution.value
        last[step.input] = step.running_total
        np.testing.assert_allclose(step.running_total, received[step.input], rtol=1e-15)
        np.testing.assert_array_equal(step.upstream.value, backward_pass.gradient(step.consumer).value)
        assert step.consumer.inputs[step.position] is step.input
        assert len(step.arrivals) > step.rank
    for node, total in received.items():
        np.testing.assert_allclose(total, backward_pass.gradient(node).value, rtol=1e-15)
        np.testing.assert_allclose(last[node], node.grad, rtol=1e-15)
    for node in parameters:
        assert mg.check_gradients(J, wrt=[node]).ok


def test_a_line_for_each_edge_that_leads_to_a_parameter_and_no_other() -> None:
    parameters, J = random_net()
    leads = set(parameters)
    for node in ancestors([J]):
        if any(x in leads for x in node.inputs):
            leads.add(node)
    edges = {(node, position) for node in leads for position, x in enumerate(node.inputs) if x in leads}
    backward_pass = J.backward()
    assert [(s.consumer, s.position) for s in backward_pass] == list(
        dict.fromkeys((s.consumer, s.position) for s in backward_pass)
    )
    assert {(s.consumer, s.position) for s in backward_pass} == edges


def test_consumers_come_before_the_nodes_they_read() -> None:
    _, J = random_net()
    numbers = [step.consumer.number for step in J.backward()]
    assert numbers == sorted(numbers, reverse=True)


def test_the_ledger_follows_the_graph() -> None:
    b, e = two_paths()
    *_, last = e.backward()
    b.value = 0.0
    assert (last.contribution.value, last.running_total) == (1, 3)


def test_a_rule_is_asked_once_for_each_node() -> None:
    asked: list[mg.Node] = []

    class Asked(mg.Elementwise):
        def forward(self, a: Any, b: Any) -> Any:
            return a * b

        def derivatives(self, result: mg.Node, a: mg.Node, b: mg.Node) -> Any:
            asked.append(result)
            return [mg.Scale(b), mg.Scale(a)]

    x = mg.parameter(2.0)
    y = Asked()(x, x)
    z = Asked()(y, x)
    (z + z * y).backward()
    assert asked == [z, y]
    asked.clear()
    mg.grad(z, y)
    mg.jvp(z, y, 1.0)
    assert asked == [z, z], "not beyond the node that is asked for"


def test_local_maps_leave_broadcasting_to_the_engine() -> None:
    b = mg.parameter(np.ones((4, 1)), "b")
    outer, inner = (b + np.ones((4, 5))).sum().backward()
    assert isinstance(outer.local, Summation)
    assert isinstance(inner.local, mg.Identity)


def test_the_gradient_passes_of_mg_grad_leave_grad_alone() -> None:
    b, e = two_paths()
    mg.grad(e, b).value  # noqa: B018
    assert has_no_gradient(b)
