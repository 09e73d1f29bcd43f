"""NumPy's error handling is the user's: set to raise, it breaks nothing of ours, and nothing of ours warns."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from minigraph.models import DeepNet, LogisticRegression

import minigraph as mg
from minigraph.values import norm


@pytest.fixture(autouse=True)
def raising() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        yield


def net(scale: float, dtype: Any) -> tuple[mg.Node, list[mg.Node]]:
    generator = np.random.default_rng(0)
    with np.errstate(all="ignore"):
        W, b, w, X = ((generator.normal(size=shape) * scale).astype(dtype) for shape in ((3, 2), (3, 1), (1, 3), (2, 5)))
    leaves = [mg.parameter(W, "W1"), mg.parameter(b, "b1"), mg.parameter(w, "W2")]
    A = mg.tanh(leaves[0] @ mg.data(X, "X") + leaves[1]).named("A1")
    J = mg.bce_with_logits((leaves[2] @ A).named("Z2"), np.array([[0, 1, 0, 1, 1]], dtype)).mean()
    return J.named("J"), leaves


def extremes(values: Any, dtype: Any = np.float64) -> tuple[mg.Node, list[mg.Node]]:
    with np.errstate(all="ignore"):
        x = mg.parameter(np.array(values).astype(dtype), "x")
    return (x * x * x + mg.exp(-x * 3e4) + mg.sigmoid(x) / x).sum().named("J"), [x]


GRAPHS: dict[str, Callable[[], tuple[mg.Node, list[mg.Node]]]] = {
    "a net": lambda: net(1.0, np.float64),
    "a net of tiny numbers": lambda: net(1e-160, np.float64),
    "a net of large numbers": lambda: net(1e3, np.float64),
    "a tiny net in float32": lambda: net(1e-20, np.float32),
    "tiny and huge": lambda: extremes([1e-200, 1e200, -1e308, 0.0, 5e-324]),
    "tiny and huge in float32": lambda: extremes([1e-30, 1e30, -3e-3, 0.0, 1e-45], np.float32),
}


def not_finite(J: mg.Node, w: list[mg.Node], path: Path) -> None:
    try:
        with mg.check_finite():
            J.value  # noqa: B018
    except mg.NonFiniteError as error:
        assert str(error)


def compiled(J: mg.Node, w: list[mg.Node], path: Path) -> None:
    program = mg.compile(J, updates={x: x - 0.1 * gradient for x, gradient in zip(w, mg.grad(J, w), strict=True)})
    program()
    program.repeat(5)
    assert program.report()


def compared(J: mg.Node, w: list[mg.Node], path: Path) -> None:
    for x, gradient in zip(w, mg.grad(J, w), strict=True):
        assert str(mg.compare(J, x, np.full(x.shape, 1e-160)))
        assert str(mg.compare(J, x, gradient.value))


ENTRIES: dict[str, Callable[[mg.Node, list[mg.Node], Path], Any]] = {
    "value": lambda J, w, path: (J.value, repr(J), f"{J:.3f}"),
    "backward": lambda J, w, path: str(J.backward()),
    "jacobian": lambda J, w, path: mg.jacobian(mg.grad(J, w[0]), w[0]).value,
    "hvp": lambda J, w, path: mg.hvp(J, w[0], np.full(w[0].shape, 1e-3)).value,
    "evaluate": lambda J, w, path: mg.evaluate(J, given={w[0]: np.full(w[0].shape, 1e-200)}),
    "literals": lambda J, w, path: (w[0] * 1e-320 * 2**70 / 3 + np.full(w[0].shape, 1e-50)).value,
    "assign": lambda J, w, path: setattr(w[0], "value", np.full(w[0].shape, 1e-300)),
    "explain": lambda J, w, path: (str(mg.explain(J, wrt=w[0])), mg.explain(J, wrt=w[0]).latex),
    "draw": lambda J, w, path: mg.draw(J, "both").source,
    "step_through": lambda J, w, path: mg.step_through(J, path / "steps.html"),
    "health": lambda J, w, path: (str(mg.health(J)), str(mg.health(J, rate=0.1))),
    "nudge": lambda J, w, path: str(mg.nudge(J, w[0], 1e-3)),
    "check_gradients": lambda J, w, path: str(mg.check_gradients(J)),
    "check_finite": not_finite,
    "compare": compared,
    "compile": compiled,
}


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("entry", ENTRIES)
def test_what_is_asked_of_a_graph(entry: str, graph: str, tmp_path: Path) -> None:
    ENTRIES[entry](*GRAPHS[graph](), tmp_path)


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e90])
@pytest.mark.parametrize(
    "make",
    [LogisticRegression, lambda: DeepNet([2, 3, 1], hidden="relu"), lambda: DeepNet([2, 3, 3]),
     lambda: DeepNet([2, 3, 1], hidden="sigmoid", output="identity"), lambda: DeepNet([2, 3, 1], output="relu")],
    ids=["logistic regression", "sigmoid", "softmax", "identity", "relu"],
)  # fmt: skip
def test_what_is_asked_of_a_model(make: Callable[[], Any], scale: float, tmp_path: Path) -> None:
    X = np.random.default_rng(1).normal(size=(2, 30)) * scale
    model = make()
    Y = {"sigmoid": (X[:1] > 0).astype(int), "softmax": np.arange(30).reshape(1, -1) % 3}.get(model.head.name, np.abs(X[:1]))
    model.fit(X, Y, epochs=5, rate=0.1)
    model.score(X, Y)
    model.predict(X)
    model.save(tmp_path / "model.npz")
    assert repr(model)


@pytest.mark.parametrize("operation", [mg.exp, mg.log, mg.softplus, mg.divide, mg.bce_with_logits, mg.maximum])
def test_operations_are_checked(operation: Any) -> None:
    assert mg.check_op(operation).ok


@pytest.mark.parametrize(
    ("array", "size"),
    [([3.0, 4.0], 5), ([[3e200], [-4e200]], 5e200), ([3e-200, 4e-200], 5e-200), ([1.0, 1e-320], 1), ([1e-320, 1e308], 1e308),
     ([], 0), ([0.0, -0.0], 0), (-2.0, 2), ([np.inf, 1.0], np.inf), ([1e308] * 4, np.inf)],
)  # fmt: skip
def test_a_norm_is_right_for_numbers_of_any_size(array: Any, size: float) -> None:
    assert norm(array) == pytest.approx(size, rel=1e-15)
    assert np.isnan(norm([np.nan, 1.0]))
