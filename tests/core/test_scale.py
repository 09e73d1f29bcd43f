"""Large graphs: linear in work, without recursion, and freed without the cycle collector."""

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.node import next_number
from minigraph.core.pulling import ancestors
from minigraph.formulas import to_latex, to_text
from minigraph.operations.arithmetic import Accumulate

LONG = 100_000


class Counting(mg.Elementwise):
    """a + b, counting how often its rules are asked."""

    def __init__(self) -> None:
        self.forwards = self.derivations = 0

    def forward(self, a: Any, b: Any) -> Any:
        self.forwards += 1
        return a + b

    def derivatives(self, result: mg.Node, a: mg.Node, b: mg.Node) -> Any:
        self.derivations += 1
        return [mg.Identity(), mg.Identity()]


def nodes_made(act: Callable[[], Any]) -> tuple[int, Any]:
    before = next_number()
    result = act()
    return next_number() - before - 1, result


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def test_a_chain_of_100_000(no_collector: None) -> None:
    x = mg.parameter(1.0, "x")
    y: mg.Node = x
    for _ in range(LONG // 2):
        y = (y + 0.5) * 0.99999
    expected, slope = 1.0, 1.0
    for _ in range(LONG // 2):
        expected, slope = (expected + 0.5) * 0.99999, slope * 0.99999
    assert float(y) == expected
    made, backward_pass = nodes_made(y.backward)
    assert made <= 2 * LONG
    assert len(backward_pass) == LONG
    assert x.grad == pytest.approx(slope, rel=1e-9)
    x.value = 2.0
    assert float(y) > expected
    assert mg.evaluate(y, given={x: 1.0}) == expected
    with mg.check_finite():
        float(y)
    assert repr(y).endswith("… () float64>")
    assert len(to_text(y, budget=50)) <= 51
    assert len(to_latex(y, budget=50)) <= 51
    middle = weakref.ref(y.inputs[0].inputs[0])
    del backward_pass, y
    assert middle() is None


def test_forward_mode_and_second_derivatives_of_a_long_chain() -> None:
    x = mg.parameter(0.5, "x")
    y: mg.Node = x
    n = 3_000
    for _ in range(n):
        y = mg.tanh(y)
    assert float(mg.jvp(y, x, 1.0)) == pytest.approx(float(mg.grad(y, x)), rel=1e-9)
    made, product = nodes_made(lambda: mg.hvp(y, x, 1.0))
    assert made < 60 * n
    assert np.isfinite(product.value)


def test_a_ladder_of_2_000_diamonds() -> None:
    op, n = Counting(), 2_000
    x = mg.parameter(1.0, "x")
    y: mg.Node = x
    for _ in range(n):
        y = op(y * 0.5, y * 0.5)
    assert float(y) == 1
    assert op.forwards == n, "2^2000 paths, each node once"
    made, backward_pass = nodes_made(y.backward)
    assert made <= 6 * n
    assert (op.derivations, len(backward_pass)) == (n, 4 * n)
    assert x.grad == 1
    assert len(ancestors(backward_pass.gradients.values())) < 12 * n
    assert float(mg.jvp(y, x, 1.0)) == 1
    assert op.forwards == n


def test_a_sum_of_10_000_terms() -> None:
    n = 10_000
    leaves = [mg.parameter(float(i)) for i in range(n)]
    y: mg.Node = leaves[0]
    for leaf in leaves[1:]:
        y = y + leaf
    assert float(y) == n * (n - 1) / 2
    made, backward_pass = nodes_made(y.backward)
    assert made <= 3
    assert len(backward_pass) == 2 * (n - 1)
    assert {leaf.grad for leaf in leaves} == {1.0}
    at_once = Accumulate()(*leaves)
    assert float(at_once) == float(y)
    assert mg.grad(at_once, leaves[7]).value == 1


def test_a_leaf_used_10_000_times() -> None:
    n = 10_000
    x = mg.parameter(3.0, "x")
    y = mg.concatenate([(x * float(i)).reshape(1) for i in range(n)]).sum()
    made, backward_pass = nodes_made(y.backward)
    assert made < 6 * n
    assert x.grad == n * (n - 1) / 2
    last = backward_pass.ledger[-1]
    assert len(last.arrivals) == n
    assert last.running_total == x.grad
    total = backward_pass.gradient(x)
    assert len(total.inputs) == n, "the contributions meet in one node"


def test_many_names_and_groups() -> None:
    x = mg.parameter(1.0, "x")
    y: mg.Node = x
    for i in range(5_000):
        with mg.group(f"Layer {i}"):
            y = (y * 1.0).named(f"A{i}")
    assert mg.grad(y, x).name == "∂A4999/∂x"
    assert float(y) == 1


def fails(act: Callable[[], Any]) -> None:
    with pytest.raises(mg.DomainError):
        act()


def life(w: mg.Node) -> list[Any]:
    """All that can be done with a graph, and what it leaves behind: gradients, passes, errors."""
    A = mg.softmax(mg.tanh(w @ w + w).named("A"))
    J = mg.bce_with_logits(A * A.max(), A.value).mean().named("J")
    backward_pass = J.backward()
    first = mg.grad(J, w)
    left = [A, J, backward_pass, first, mg.hvp(J, w, np.ones(w.shape)), mg.jacobian(A[0], w), mg.jvp(A, w, np.ones(w.shape))]
    left += [mg.grad((first * first).sum(), w), mg.evaluate(J, given={A: A.value}), list(backward_pass)]
    for node in left:
        if isinstance(node, mg.Node):
            node.value  # noqa: B018
    fails(lambda: mg.bce(A + 2, A).value)
    return left


def test_a_graph_is_freed_without_the_collector(no_collector: None) -> None:
    w = mg.parameter(np.eye(2) / 2, "w")
    left = life(w)
    seen = [
        weakref.ref(node) for thing in left if isinstance(thing, mg.Node) for node in ancestors([thing]) if node is not w
    ]
    seen += [weakref.ref(step.product) for step in left[2] if step.product is not w]
    assert len(seen) > 300
    del left
    assert not [ref() for ref in seen if ref() is not None]
    assert w.grad is not None
