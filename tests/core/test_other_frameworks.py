"""What people type who come from elsewhere, or who slip: each message says what to write."""

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.operators import OPERATIONS
from minigraph.core.other_frameworks import INSTEAD

RNG = np.random.default_rng(0)
X, Y = mg.data(RNG.normal(size=(3, 5)), "X"), mg.data(np.ones((1, 5)), "Y")
W, w = mg.parameter(np.ones((4, 3)), "W"), mg.parameter(np.ones((3, 1)), "w")
b, row, v = mg.parameter(np.ones(4), "b"), mg.parameter(np.ones(3), "row"), mg.parameter([1.0, 2.0, 3.0], "v")
Z, s = mg.parameter(np.ones((10, 5)), "Z"), mg.data(1.0, "s")
A = mg.sigmoid(w.T @ X).named("A")
UNEQUAL = "a loss needs equal shapes, since broadcasting them would compare every prediction with every target. "
LABELS = (
    "The target has one number for each example, the prediction 10. For labels of 10 classes "
    "use mg.cross_entropy_with_logits(Z, labels)."
)
ONE_AXIS = (
    "The prediction has one axis only, as w of shape (n,) makes it: make w a row (1, n) for w @ X, "
    "or a column (n, 1) for w.T @ X."
)
JOIN = (
    "'s' is () and is not turned into an array silently. To put nodes together write mg.stack or mg.concatenate, which "
    "stay in the graph; node.value is the plain array, without a gradient."
)

WORDS: list[tuple[Callable[[], Any], str]] = [
    # matrix products
    (lambda: w @ X, "matmul: 'w' is (3, 1) and 'X' is (3, 5): inner sizes 1 and 3 differ. Did you mean w.T @ X?"),
    (lambda: W @ W, "inner sizes 3 and 4 differ. Did you mean W.T @ W?"),
    (lambda: X @ W, "inner sizes 5 and 4 differ. Did you mean W @ X?"),
    (lambda: W @ mg.data(np.ones((5, 3)), "X"), "inner sizes 3 and 5 differ. Examples are columns: is X transposed?"),
    (lambda: W @ mg.data(np.ones((4, 3)), "X"), "inner sizes 3 and 4 differ. Examples are columns: is X transposed?"),
    (lambda: W @ mg.data(np.ones((5, 2))), "Examples are columns: is it transposed?"),
    (lambda: (W * 1) @ (W * 1), "differ. Did you mean a.T @ b?"),
    (lambda: W * X, "or be 1. * works entry by entry; did you mean the matrix product W @ X?"),
    (lambda: W @ X * (W * 1), "multiply: an unnamed matmul"),
    (lambda: W @ X + b, "or be 1. 'b' counts as a row; for a column, one entry for each row, make it (4, 1): reshape("),
    (lambda: (W @ X) * (b * 2), "or be 1. a vector counts as a row; for a column, one entry for each row, make it (4, 1)"),
    # leaves
    (lambda: mg.parameter("W", np.zeros(3)), "parameter: the value comes first, then the name: mg.parameter(value, 'W')."),  # type: ignore[arg-type]
    (lambda: mg.data("X", 3.0), "data: the value comes first, then the name: mg.data(value, 'X')."),  # type: ignore[arg-type]
    (lambda: mg.parameter(np.zeros(3), np.float32), "a node's name is a non-empty string, not <class 'numpy.float32'>"),  # type: ignore[arg-type]
    # losses
    (lambda: mg.squared_error(Z, [0, 1, 2, 3, 4]), f"'Z' is (10, 5) and the target is (5,): {UNEQUAL}{LABELS}"),
    (lambda: mg.cross_entropy_with_logits(Z, [[0, 1, 2, 3]]), f"'Z' is (10, 5) and the target is (1, 4): {UNEQUAL}Each"),
    (lambda: mg.bce_with_logits(Z, Y), f"'Z' is (10, 5) and 'Y' is (1, 5): {UNEQUAL}{LABELS}"),
    (lambda: mg.cross_entropy_with_logits(Z, np.ones((5, 10))), UNEQUAL + "Examples are columns: turn the target, Y.T."),
    (lambda: mg.bce_with_logits(row @ X, Y), UNEQUAL + ONE_AXIS),
    (lambda: mg.bce_with_logits(w.T @ X, np.ones(5)), UNEQUAL + "Reshape the target to the prediction's shape."),
    (lambda: mg.squared_error(A, np.ones((5, 1))), UNEQUAL + "Reshape the target to the prediction's shape."),
    (lambda: mg.squared_error(A, np.ones((1, 6))), "'A' is (1, 5) and the target is (1, 6): " + UNEQUAL
        + "Each prediction needs one target: are they made from the same examples?"),
    # names of other frameworks
    (lambda: mg.mm, "module 'minigraph' has no attribute 'mm': use a @ b (mg.matmul)"),
    (lambda: mg.Sigmoid, "module 'minigraph' has no attribute 'Sigmoid': use mg.sigmoid."),
    (lambda: mg.Tensor, "module 'minigraph' has no attribute 'Tensor': use mg.parameter(value, name)"),
    (lambda: w.zero_grad(), "'Node' object has no attribute 'zero_grad': leave it out, every backward pass starts afresh."),
    (lambda: A.exp(), "'Node' object has no attribute 'exp': use mg.exp(node)."),
    (lambda: A.t(), "'Node' object has no attribute 't': use node.T."),
    (lambda: A.detach(), "'Node' object has no attribute 'detach': use mg.detach(node)."),
    (lambda: A.numpy(), "'Node' object has no attribute 'numpy': use node.value for the array"),
    (lambda: A.nonsense, "'Node' object has no attribute 'nonsense'"),
    (lambda: A._data, "'Node' object has no attribute '_data'"),
    (lambda: np.sinc(v), "np.sinc has no operation in minigraph: write an operation of your own"),
    (lambda: np.arctan2(v, v), "np.arctan2 has no operation in minigraph: write an operation of your own"),
    (lambda: np.unwrap(v), "np.unwrap has no operation in minigraph: build it from those in mg."),
    (lambda: s ^ 2, "'s' is (): ^ is not a power in Python. Write x**2, or mg.power(x, 2)."),
    (lambda: 2 ^ s, "^ is not a power in Python."),
    (lambda: round(s), "'s' is (): a node is not rounded, since that has no derivative. Round what is shown: "),
    (lambda: round(s, 2), "node.value.round(3), or f'{J:.3f}'."),
    # lists of nodes
    (lambda: np.array([s, s]), JOIN),
    (lambda: np.mean([s, s]), JOIN),
    (lambda: np.sum([v, v]), "To put nodes together write mg.stack or mg.concatenate"),
    # derivatives
    (lambda: mg.hvp(mg.sum(v * v), w, w), "hvp: an unnamed sum"),
    (lambda: mg.hvp(v * v, v, v), "hvp: an unnamed multiply"),
    (lambda: mg.hvp(mg.sum(v * v), v, [1.0]), "hvp: 'v' is (3,), but its vector is (1,). They must agree."),
    (lambda: mg.hvp(mg.sum(v * v), [v], [v, v]), "hvp: 2 vectors for 1 nodes. Give one for each node of wrt."),
    (lambda: mg.hvp(mg.sum(v * v), [v, v], [v, v]), "hvp: wrt names a node twice. Add its vectors up and name it once."),
    (lambda: mg.jacobian(v * v, w), "jacobian: an unnamed multiply"),
    # axes
    (lambda: v.sum(axis=-2), "sum: 'v' is (3,): axis -2 does not exist: a vector has axis 0 (or -1) only; "
        "as a column, reshape(-1, 1), it is (3, 1) and has two."),
    (lambda: W.max(axis=-3), "axis -3 does not exist: it has 2 axes, 0 to 1, or from the end -1 to -2."),
]  # fmt: skip


@pytest.mark.parametrize(("act", "message"), WORDS, ids=[row[1][-50:] for row in WORDS])
def test_what_is_said(act: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError), match=re.escape(message)):
        act()


def test_the_advice_runs() -> None:
    """Following the advice gives what was meant."""
    assert (w.T @ X).shape == (1, 5)
    assert (W @ X + b.reshape(-1, 1)).shape == (4, 5)
    labels = np.array([0, 1, 2, 3, 9])
    assert mg.cross_entropy_with_logits(Z, labels).shape == (1, 5)
    assert mg.maximum(v, 1.5).value.tolist() == [1.5, 2, 3]
    assert (-mg.maximum(-v, -2.5)).value.tolist() == [1, 2, 2.5]
    u, M = mg.parameter([3.0, 1.0, 2.0], "u"), mg.parameter(np.arange(9.0).reshape(3, 3), "M")
    assert u[np.argsort(u.value)].value.tolist() == [1, 2, 3]
    assert u[np.argsort(u.value)[1]].value == np.median(u.value)
    assert mg.stack([u[: i + 1].prod() for i in range(len(u))]).value.tolist() == np.cumprod(u.value).tolist()
    assert mg.stack([u, v], axis=-1).value.tolist() == np.column_stack([u.value, v.value]).tolist()
    assert mg.norm(mg.stack([u, v]), axis=0).value.tolist() == np.hypot(u.value, v.value).tolist()
    assert (
        mg.where(M.value > 2, M, mg.where(M.value > 1, 5.0, 0)).value.tolist()
        == np.select([M.value > 2, M.value > 1], [M.value, 5.0 + 0 * M.value]).tolist()
    )
    assert [x.value.tolist() for x in np.array_split(M, 2, axis=1)] == [M.value[:, :2].tolist(), M.value[:, 2:].tolist()]
    pixels = mg.parameter(np.arange(16.0).reshape(4, 4))
    assert pixels.reshape(2, 2, 2, 2).max((1, 3)).value.tolist() == [[5, 7], [13, 15]], "pooling"
    with_nan = mg.parameter([1.0, np.nan, 3.0])
    assert with_nan[~np.isnan(with_nan.value)].mean().value == 2
    assert mg.where(np.isnan(with_nan.value), 0, with_nan).value.tolist() == [1, 0, 3]


def test_the_advice_for_functions_of_numpy_gives_what_they_give() -> None:
    a, b = mg.parameter([[3.0, 1.0, 2.0], [0.5, -1.0, 4.0]], "a"), mg.parameter([1.0, -2.0, 5.0], "b")
    p, q = a.value, b.value
    d = a - a.mean(1, keepdims=True)
    scaled = d / mg.norm(d, axis=1, keepdims=True)
    for ours, theirs in [
        (np.roll(a, -1, -1) * np.roll(b, -2, -1) - np.roll(a, -2, -1) * np.roll(b, -1, -1), np.cross(p, q)),
        (q[0] * a**2 + q[1] * a + q[2], np.polyval(q, p)),
        (d @ d.T / 2, np.cov(p)),
        (scaled @ scaled.T, np.corrcoef(p)),
        (np.sum(np.diff(b) * (b[1:] + b[:-1]) / 2), np.sum(np.diff(q) * (q[1:] + q[:-1]) / 2)),
        (mg.logaddexp(a * np.log(2), b * np.log(2)) / np.log(2), np.logaddexp2(p, q)),
        (b[np.argpartition(b.value, 1)], np.partition(q, 1)),
        (mg.vstack([mg.hstack([a, a]), mg.hstack([a, a])]), np.block([[p, p], [p, p]])),
        (mg.concatenate([b[:1], [7.0], b[1:]]), np.insert(q, 1, 7)),
        (b[[0, 2]], np.delete(q, 1)),
        (a[np.arange(2)[:, None], [[0, 1], [2, 0]]], np.take_along_axis(p, np.array([[0, 1], [2, 0]]), 1)),
        (mg.stack([row.sum() for row in a]), np.apply_along_axis(np.sum, 1, p)),
        (a.reshape(2, 3, 1), np.atleast_3d(p)),
        (a[0, 0] + (b[0] - a[0, 0]) * np.linspace(0, 1, 4), np.linspace(p[0, 0], q[0], 4)),
        ((b[2:] - b[:-2]) / 2, np.gradient(q)[1:-1]),
        (np.flip(a.T, 0), np.rot90(p)),
        (b[:, None] * b[None, :], np.multiply(*np.meshgrid(q, q))),
    ]:
        np.testing.assert_allclose(ours.value, theirs, rtol=1e-12)
    for word, given, theirs in [  # these are code as they stand
        ("cross", {"a": a, "b": b}, np.cross(p, q)),
        ("rot90", {"x": a}, np.rot90(p)),
        ("logaddexp2", {"a": a, "b": b}, np.logaddexp2(p, q)),
        ("trapezoid", {"x": b, "y": b**2}, np.sum(np.diff(q) * (q[1:] ** 2 + q[:-1] ** 2) / 2)),
    ]:
        ours = eval(INSTEAD[word].removeprefix("use "), {"np": np, "mg": mg, **given})
        np.testing.assert_allclose(ours.value, theirs, rtol=1e-12)


@pytest.mark.parametrize(
    ("word", "advice"),
    [
        ("label", "use node.name; node.named('x') gives the name."),
        ("_op", "use node.op.name, where node.op is not None."),
        ("_prev", "use node.inputs."),
        ("creator", "use node.inputs."),
        ("_backward", "use node.op, an operation knows its derivatives; J.backward() runs them all."),
        ("is_leaf", "use node.op is None."),
        ("numel", "use node.size."),
        ("null_grad", "leave it out, every backward pass starts afresh."),
    ],
)
def test_how_other_engines_call_the_parts_of_a_graph(word: str, advice: str) -> None:
    with pytest.raises(AttributeError, match=re.escape(f"'Node' object has no attribute {word!r}: {advice}")):
        getattr(A, word)


def test_what_other_engines_set_and_take() -> None:
    with pytest.raises(
        AttributeError, match=re.escape("'A' is (1, 5): a name is given once, by the node's method: node.named('B').")
    ):
        A.name = "B"  # type: ignore[misc]
    assert A.name == "A"
    for option in ("create_graph", "retain_graph", "retain_grad", "inputs"):
        with pytest.raises(TypeError, match=f"backward takes a seed, but not {option}. Gradients that are"):
            A.sum().backward(**{option: True})


def test_no_advice_for_what_there_is() -> None:
    """A word that works somewhere in minigraph is not in the table, but where it works elsewhere only."""
    assert not set(INSTEAD) & set(OPERATIONS)
    assert {word for word in INSTEAD if hasattr(mg, word)} == {"data"}, "node.data"
    assert {word for word in INSTEAD if hasattr(mg.Node, word)} == {"flatten"}, "mg.flatten, not node.flatten"


def test_python_still_suggests_names_that_are_nearly_right() -> None:
    with pytest.raises(AttributeError) as caught:
        A.shapes  # noqa: B018
    assert (caught.value.name, caught.value.obj) == ("shapes", A)
    assert not hasattr(A, "numpy")
    assert getattr(A, "numpy", 3) == 3


SUSPICIOUS: list[tuple[Callable[[], mg.Node], str]] = [
    (lambda: mg.bce(Y, A), "bce: the second operand depends on parameters and the first does not. "
        "The prediction comes first, then the target: mg.bce(A, Y)."),
    (lambda: mg.bce_with_logits(np.ones((1, 5)), w.T @ X), "then the target: mg.bce_with_logits(A, Y)."),
    (lambda: mg.bce_with_logits(A, Y), "bce_with_logits applies sigmoid itself, and 'A' is a sigmoid already. "
        "Give it the logits, before the sigmoid."),
    (lambda: mg.cross_entropy_with_logits(mg.softmax(Z), np.eye(10)[:, :5]),
        "cross_entropy_with_logits applies softmax itself, and the prediction is a softmax already."),
]  # fmt: skip


@pytest.mark.parametrize(("act", "message"), SUSPICIOUS, ids=[row[1][:40] for row in SUSPICIOUS])
def test_what_can_be_computed_but_is_hardly_meant(act: Callable[[], mg.Node], message: str) -> None:
    with pytest.warns(mg.GraphWarning, match=re.escape(message)) as caught:
        act()
    assert [warning.filename for warning in caught] == [__file__], "once, at the user's line"


def test_a_slip_in_a_loop_is_said_once() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()  # as Python has it by default: once for each line
        for _ in range(3):
            mg.bce(Y, A)
    assert len(caught) == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda: mg.bce(A, Y),
        lambda: mg.bce(mg.data(0.5), 1.0),
        lambda: mg.bce(mg.parameter(0.5), mg.parameter(1.0)),
        lambda: mg.bce_with_logits(w.T @ X, Y),
        lambda: mg.squared_error(Y, A),  # the same both ways
        lambda: mg.grad(mg.bce_with_logits(w.T @ X, Y).mean(), w).value,
        lambda: mg.compile(mg.bce_with_logits(w.T @ X, Y).mean())(),
    ],
)
def test_what_is_meant_is_not_warned_of(act: Callable[[], Any]) -> None:
    with warnings.catch_warnings(action="error"):
        act()


def test_why_there_is_no_gradient() -> None:
    u = mg.parameter(2.0, "u")
    J = (u * s).named("J")
    before = "'u' is () and has no gradient: no backward pass has reached it. Call J.backward() first, with a J that"
    with pytest.warns(mg.GraphWarning, match="^" + re.escape(before)):
        assert u.grad is None
    J.backward()
    with pytest.warns(
        mg.GraphWarning, match=re.escape("'s' is () and has no gradient: backward() differentiates by parameters.")
    ):
        assert s.grad is None
    assert u.grad == 1
    u = u - 0.1 * u.grad  # the slip: u is another node now
    J.backward()
    lost = "A parameter is updated with w.value = w.value - rate * w.grad; w = w - rate * w.grad makes w another node"
    with pytest.warns(mg.GraphWarning, match=re.escape(lost)), pytest.raises(TypeError):
        0.1 * u.grad  # type: ignore[operator]


@pytest.mark.parametrize("slip", ["v.value -= 0.1", "v.grad.value"])
def test_what_numpy_itself_says_is_answered_in_the_docs(slip: str) -> None:
    """An array that was handed out speaks for itself: minigraph can only explain what it says."""
    mg.sum(v * v).backward()
    with pytest.raises((ValueError, AttributeError)) as caught:
        exec(slip, {"v": v})
    page = Path(__file__).parents[2] / "docs" / "guides" / "errors.md"
    assert f'## "{caught.value}"' in page.read_text(encoding="utf-8")
