"""Evaluating with nodes set to something else, and finding the node that made the first NaN."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from gradients import has_no_gradient

import minigraph as mg


def graph() -> tuple[mg.Node, mg.Node, mg.Node, mg.Node]:
    a, b = mg.parameter(5.0, "a"), mg.parameter(3.0, "b")
    v = (a + b * 2).named("v")
    return a, b, v, (3 * v + a).named("J")


def test_intermediates_can_be_given() -> None:
    a, b, v, J = graph()
    assert mg.evaluate(J, given={v: 1.0}) == 8
    assert mg.evaluate([J, v, a], given={a: 1.0}) == [22, 7, 1]
    assert mg.evaluate([J, v], given={a: 0.0, v: 1.0}) == [3, 1]
    assert mg.evaluate(b, given={v: 1.0}) == 3
    assert mg.evaluate(J) == mg.evaluate(J, {}) == float(J) == 38
    assert mg.evaluate([]) == []


def test_the_graph_is_not_touched() -> None:
    a, _, v, J = graph()
    y = mg.evaluate(J, given={v: 1.0})
    assert (float(v), float(J), float(a), y) == (11, 38, 5, 8)
    first = J.value
    mg.evaluate(J, given={a: 1.0})
    assert J.value is first


def test_given_values_are_copied_and_read_only() -> None:
    x = mg.data(np.zeros(2, np.float32), "x")
    array = np.array([1.0, 2.0])
    value = mg.evaluate(x, given={x: array})
    array[0] = 9
    assert value.tolist() == [1, 2]
    assert value.dtype == np.float32
    assert not value.flags.writeable
    assert not mg.evaluate(x + 1, given={x: array}).flags.writeable


def test_what_is_not_needed_is_not_evaluated() -> None:
    p = mg.data(2.0, "p")
    loss = mg.bce(p, 1.0).named("loss")
    assert mg.evaluate(loss * 2, given={loss: 4.0}) == 8
    with pytest.raises(mg.DomainError, match=r"^bce for 'loss': 'p' is \(\), but it has the entry 2\.0"):
        mg.evaluate(loss * 2)


def test_stale_nodes_are_brought_up_to_date() -> None:
    a, b, v, J = graph()
    assert float(J) == 38
    b.value = 0.0
    assert mg.evaluate([J, v], given={a: 1.0}) == [4, 1]
    assert float(J) == 20


def test_refusals() -> None:
    a, _, v, J = graph()
    with pytest.raises(mg.ShapeError, match=r"evaluate: 'v' is \(\), but the value given for it is \(1,\)\.") as caught:
        mg.evaluate(J, given={v: [1.0]})
    assert caught.value.operands == (v,)
    with pytest.raises(TypeError, match=r"evaluate: values of dtype complex128 are refused"):
        mg.evaluate(J, given={a: 1j})
    with pytest.raises(TypeError, match="evaluate: given is a dict from nodes to values, but 'a' is not a node"):
        mg.evaluate(J, given={"a": 1.0})  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="evaluate: the first argument holds nodes, not float64"):
        mg.evaluate([J.value])


def broken() -> tuple[mg.Node, mg.Node]:
    x = mg.parameter([1.0, 0.0, -1.0], "x")
    log = mg.log(x).named("l")
    return x, (log * 2).sum().named("J")


def names(read: Callable[[], Any]) -> str:
    with mg.check_finite(), pytest.raises(mg.NonFiniteError) as caught:
        read()
    return str(caught.value)


def test_the_first_node_is_named_in_the_forward_pass() -> None:
    _, J = broken()
    message = "'l' is (3,): log gave -inf at entry (1,) of l = log(x). There 'x' is 0.0."
    assert names(lambda: J.value) == message
    assert names(lambda: float(J)) == message


def test_the_error_holds_the_node() -> None:
    _, J = broken()
    with mg.check_finite(), pytest.raises(mg.NonFiniteError) as caught:
        float(J)
    assert caught.value.node.name == "l"
    assert isinstance(caught.value, ArithmeticError)


def test_values_that_were_computed_before_are_looked_at_too() -> None:
    _, J = broken()
    assert np.isnan(J.value)
    assert "'l' is (3,)" in names(lambda: J.value)


def test_the_first_node_is_named_in_evaluate() -> None:
    x, J = broken()
    x.value = [1.0, 1.0, 1.0]
    given = {x: [1.0, 2.0, 0.0]}
    assert (
        names(lambda: mg.evaluate(J, given=given))
        == "'l' is (3,): log gave -inf at entry (2,) of l = log(x). There 'x' is 0.0."
    )
    assert names(lambda: mg.evaluate([x, J], given=given)).startswith("'l' is (3,)")
    with mg.check_finite():
        assert mg.evaluate(J) == 0


def test_above_a_given_value_nothing_matters() -> None:
    x, J = broken()
    log = J.inputs[0].inputs[0]
    with mg.check_finite():
        assert mg.evaluate(J, given={log: [1.0, 2.0, 3.0]}) == 12
        assert mg.evaluate(x, given={log: [1.0, 2.0, 3.0]}).tolist() == [1, 0, -1]


def test_a_value_that_is_given_or_held_by_a_leaf() -> None:
    _, J = broken()
    log = J.inputs[0].inputs[0]
    assert names(lambda: mg.evaluate(J, given={log: [1.0, np.nan, 2.0]})) == (
        "'l' is (3,): its value is nan at entry (1,). Check where it comes from."
    )
    s = mg.data(np.inf, "s")
    assert names(lambda: (s * 2).value) == "'s' is (): its value is inf. Check where it comes from."
    assert names(lambda: s.value) == "'s' is (): its value is inf. Check where it comes from."


def test_the_first_node_is_named_in_the_backward_pass() -> None:
    w = mg.parameter(0.0, "w")
    J = mg.sqrt(w).named("J")
    message = names(J.backward)
    assert message.startswith("an unnamed divide made at ")
    assert message.endswith("is (): divide gave inf of 0.5/J. There '0.5' is 0.5 and 'J' is 0.0.")
    assert has_no_gradient(w)
    assert has_no_gradient(J), "a pass that fails leaves no gradients at all"
    gradient = mg.grad(J, w)
    assert "divide gave inf of 0.5/J" in names(lambda: gradient.value)


def test_entries_are_quoted_for_operands_of_the_same_shape_only() -> None:
    x, y = mg.data([1.0, 0.0], "x"), mg.data(0.0, "y")
    assert names(lambda: (x / y).value).endswith("divide gave inf at entry (0,) of x/y. There 'x' is 1.0.")
    assert names(lambda: mg.log(y).sum().value).endswith("log gave -inf of log(y). There 'y' is 0.0.")
    big = mg.data(np.full((1, 2), 1e308), "big")
    assert names(lambda: big.sum().named("total").value) == "'total' is (): sum gave inf of total = sum big."


def test_the_context_ends_and_nests() -> None:
    _, J = broken()
    with mg.check_finite():
        with mg.check_finite():
            pass
        with pytest.raises(mg.NonFiniteError):
            float(J)
    assert np.isnan(J.value)
    with pytest.raises(KeyError), mg.check_finite():
        raise KeyError
    assert np.isnan(J.value)


def test_finite_values_pass() -> None:
    x = mg.parameter([1.0, 2.0], "x")
    with mg.check_finite():
        J = mg.log(x).sum()
        assert float(J) == pytest.approx(np.log(2))
        J.backward()
    assert x.grad is not None
    assert re.match(r"\[1\. +0\.5\]", str(x.grad))


def test_check_finite_is_for_the_thread_that_opens_it() -> None:
    x = mg.data([1.0, 0.0], "x")
    bad = mg.log(x)
    program = mg.compile(bad)
    with ThreadPoolExecutor(1) as others, mg.check_finite():
        assert others.submit(lambda: bad.value.tolist()).result() == [0, -np.inf]
        assert others.submit(lambda: mg.evaluate(bad, {x: [0.0, 1.0]}).tolist()).result() == [-np.inf, 0]
        assert others.submit(lambda: program().tolist()).result() == [0, -np.inf]
        for read in (lambda: bad.value, lambda: mg.evaluate(bad, {x: [0.0, 1.0]}), program):
            with pytest.raises(mg.NonFiniteError):
                read()
        with mg.check_finite():
            pass
        with pytest.raises(mg.NonFiniteError):
            bad.value  # noqa: B018
    assert bad.value.tolist() == program().tolist() == [0, -np.inf]


def test_a_thread_that_checks_leaves_this_one_alone() -> None:
    bad = mg.log(mg.data([1.0, 0.0], "x"))
    opened, done = threading.Event(), threading.Event()

    def check() -> None:
        with mg.check_finite():
            opened.set()
            done.wait(10)
            with pytest.raises(mg.NonFiniteError):
                bad.value  # noqa: B018

    with ThreadPoolExecutor(1) as other:
        checked = other.submit(check)
        assert opened.wait(10)
        assert bad.value.tolist() == [0, -np.inf]
        done.set()
        checked.result()
