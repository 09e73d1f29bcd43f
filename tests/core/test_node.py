"""A node among arrays and numbers: operators on both sides, NumPy functions, and what it refuses with which words."""
# ruff: noqa: E501  # messages stand in one piece, so that they can be searched for

import copy
import math
import operator
import pickle
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from unittest import mock

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.numpy_functions import NUMPY, numpy_words
from minigraph.core.other_frameworks import INSTEAD
from minigraph.operations.numpy_names import numpy_names

ARRAY = np.array([[4.0, 8.0], [2.0, 16.0]])
OTHERS: list[Any] = [
    ARRAY + 1,
    (ARRAY + 1).tolist(),
    2,
    2.0,
    True,
    np.float64(2),
    np.float32(2),
    np.int64(2),
    np.array(2.0),
    ARRAY[0],
]


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: f"{type(other).__name__}{np.shape(other)}")
@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_operators_with_numbers_and_arrays_on_either_side(op: Callable[[Any, Any], Any], other: Any) -> None:
    node = mg.data(ARRAY, "x")
    for result, expected in (
        (op(node, other), op(ARRAY, np.asarray(other))),
        (op(other, node), op(np.asarray(other), ARRAY)),
    ):
        assert isinstance(result, mg.Node)
        np.testing.assert_array_equal(result.value, expected)


@pytest.mark.parametrize("other", [ARRAY, ARRAY.tolist(), ARRAY[0], ARRAY[0].tolist()])
def test_matrix_products_with_arrays_on_either_side(other: Any) -> None:
    node = mg.data(ARRAY, "x")
    for result, expected in ((node @ other, ARRAY @ other), (other @ node, other @ ARRAY)):
        assert isinstance(result, mg.Node)
        np.testing.assert_array_equal(result.value, expected)


def test_operators_between_nodes_and_on_one() -> None:
    a, b = mg.data([3.0, -4.0], "a"), mg.data([2.0, 2.0], "b")
    assert [(n.op.name, n.value.tolist()) for n in (a + b, a - b, a * b, a / b, a**2, a @ b, -a, abs(a)) if n.op] == [
        ("add", [5, -2]), ("subtract", [1, -6]), ("multiply", [6, -8]), ("divide", [1.5, -2]), ("power", [9, 16]),
        ("matmul", -2), ("negative", [-3, 4]), ("abs", [3, 4]),
    ]  # fmt: skip
    assert +a is a
    assert (a + b).inputs == (a, b)
    assert (a * a).inputs == (a, a)


def test_methods_are_the_operations_of_their_names() -> None:
    x = mg.data(ARRAY, "x")
    for node, expected in (
        (x.sum(), ARRAY.sum()), (x.sum(0), ARRAY.sum(0)), (x.sum(axis=1, keepdims=True), ARRAY.sum(1, keepdims=True)),
        (x.mean(), ARRAY.mean()), (x.mean(1, True), ARRAY.mean(1, keepdims=True)), (x.max(), 16), (x.max((0,)), ARRAY.max(0)),
        (x.T, ARRAY.T), (x.reshape(4), ARRAY.ravel()), (x.reshape(4, 1), ARRAY.reshape(4, 1)), (x.reshape((1, -1)), ARRAY.reshape(1, 4)),
        (x.reshape([4]), ARRAY.ravel()), (x[0], ARRAY[0]), (x[:, 1], ARRAY[:, 1]),
        (x.clip(3, 9), ARRAY.clip(3, 9)), (x.clip(max=4.0), ARRAY.clip(max=4)), (x.dot(x), ARRAY.dot(ARRAY)),
        (x[0].dot([1.0, 2.0]), 20), (x.min(), 2), (x.min(0), [2, 8]), (x.min(1, keepdims=True), [[4], [2]]), (x.prod(), 1024), (x.prod(1), [32, 32]),
        (x.var(), ARRAY.var()), (x.var(0, ddof=1), ARRAY.var(0, ddof=1)), (x.std(1, keepdims=True), [[2], [7]]),
        (x.std(ddof=1), ARRAY.std(ddof=1)), (x.cumsum(), [4, 12, 14, 30]), (x.cumsum(0), [[4, 8], [6, 24]]),
        (x.transpose(), ARRAY.T), (x.transpose(1, 0), ARRAY.T), (x.transpose((0, 1)), ARRAY), (x.transpose(None), ARRAY.T),
        (x.swapaxes(0, 1), ARRAY.T), (x.ravel(), ARRAY.ravel()), (x.flatten(), ARRAY.ravel()), (x[:1].squeeze(), ARRAY[0]),
        (x[:, :1].squeeze(-1), ARRAY[:, 0]), (x.repeat(2), ARRAY.repeat(2)), (x.repeat([1, 2], 1), ARRAY.repeat([1, 2], 1)),
    ):  # fmt: skip
        assert isinstance(node, mg.Node)
        np.testing.assert_array_equal(node.value, expected)
    assert (x.ndim, x.size, mg.data(1.0).size, mg.data(np.zeros((3, 0))).size) == (2, 4, 1, 0)


NUMPY_CALLS: list[tuple[Any, Callable[[Any], Any]]] = [
    (np.add, lambda x: np.add(x, ARRAY)), (np.add, lambda x: np.add(ARRAY, x)), (np.subtract, lambda x: np.subtract(1, x)),
    (np.multiply, lambda x: np.multiply(ARRAY, x)), (np.divide, lambda x: np.divide(x, 2)), (np.negative, np.negative),
    (np.power, lambda x: np.power(x, 3)), (np.matmul, lambda x: np.matmul(ARRAY, x)), (np.exp, lambda x: np.exp(-x)),
    (np.log, np.log), (np.sqrt, np.sqrt), (np.square, np.square), (np.abs, np.abs), (np.sign, np.sign), (np.tanh, np.tanh),
    (np.power, lambda x: np.power(2.0, x)), (np.power, lambda x: np.power(ARRAY, x)), (np.minimum, lambda x: np.minimum(x, 5.0)),
    (np.clip, lambda x: np.clip(x, 2.0, 5.0)), (np.clip, lambda x: np.clip(x, a_min=2.0, a_max=5.0)), (np.clip, lambda x: np.clip(x, None, 5.0)),
    (np.log1p, np.log1p), (np.expm1, lambda x: np.expm1(-x)), (np.logaddexp, lambda x: np.logaddexp(x, 1.0)),
    (np.sin, np.sin), (np.cos, np.cos), (np.tan, np.tan), (np.arctan, np.arctan), (np.arcsin, lambda x: np.arcsin(x / 32)),
    (np.arccos, lambda x: np.arccos(x / 32)), (np.sinh, np.sinh), (np.cosh, np.cosh),
    (np.where, lambda x: np.where(ARRAY > 2, x, 0.0)), (np.where, lambda x: np.where(x, ARRAY, -1.0)),
    (np.maximum, lambda x: np.maximum(5.0, x)), (np.sum, np.sum), (np.sum, lambda x: np.sum(x, 0)),
    (np.sum, lambda x: np.sum(x, axis=1, keepdims=True)), (np.mean, np.mean), (np.mean, lambda x: np.mean(x, 1)), (np.max, np.max),
    (np.max, lambda x: np.max(x, axis=0)), (np.amax, lambda x: np.amax(x, 0)), (np.reshape, lambda x: np.reshape(x, (1, -1))),
    (np.transpose, np.transpose), (np.transpose, lambda x: np.transpose(x, (1, 0))), (np.concatenate, lambda x: np.concatenate([x, ARRAY])),
    (np.concatenate, lambda x: np.concatenate((ARRAY, x), axis=1)), (np.broadcast_to, lambda x: np.broadcast_to(x, (3, 2, 2))),
    (np.take, lambda x: np.take(x, [1, 0, 1], axis=0)),
    (np.dot, lambda x: np.dot(ARRAY, x)), (np.outer, lambda x: np.outer(x, ARRAY)), (np.einsum, lambda x: np.einsum("ij,kj->ik", x, ARRAY)),
    (np.sum, lambda x: np.sum(x, 0, None, None, True)), (np.sum, lambda x: np.sum(a=x, axis=-1)), (np.max, lambda x: np.max(x, (0, 1), None)),
    (np.min, np.min), (np.min, lambda x: np.min(x, axis=-1, keepdims=True)), (np.amin, lambda x: np.amin(x, (0, -1))),
    (np.prod, np.prod), (np.prod, lambda x: np.prod(x, (0,), keepdims=True)), (np.cumsum, np.cumsum), (np.cumsum, lambda x: np.cumsum(x, -1)),
    (np.var, np.var), (np.var, lambda x: np.var(x, 0, None, None, 1, True)), (np.var, lambda x: np.var(x, axis=(0, 1), ddof=1)),
    (np.std, np.std), (np.std, lambda x: np.std(x, axis=-1, ddof=1, keepdims=True)), (np.ravel, np.ravel), (np.ravel, lambda x: np.ravel(x, "C")),
    (np.squeeze, lambda x: np.squeeze(x[None])), (np.squeeze, lambda x: np.squeeze(x[:, None], axis=1)),
    (np.expand_dims, lambda x: np.expand_dims(x, 1)), (np.expand_dims, lambda x: np.expand_dims(x, axis=(0, -1))),
    (np.swapaxes, lambda x: np.swapaxes(x, 0, 1)), (np.swapaxes, lambda x: np.swapaxes(x, axis1=-1, axis2=0)),
    (np.transpose, lambda x: np.transpose(x, axes=(1, 0))), (np.repeat, lambda x: np.repeat(x, 3)), (np.repeat, lambda x: np.repeat(x, [2, 1], axis=0)),
    (np.repeat, lambda x: np.repeat(x, 2, 1)), (np.tile, lambda x: np.tile(x, 2)), (np.tile, lambda x: np.tile(x, (2, 1))),
    (np.stack, lambda x: np.stack([x, ARRAY])), (np.stack, lambda x: np.stack((ARRAY, x), axis=-1)), (np.stack, lambda x: np.stack([x, x], 1)),
    (np.vstack, lambda x: np.vstack([x, ARRAY[0]])), (np.hstack, lambda x: np.hstack([ARRAY, x])), (np.hstack, lambda x: np.hstack((x[0], x[1]))),
    (np.linalg.norm, np.linalg.norm), (np.linalg.norm, lambda x: np.linalg.norm(x, axis=0)), (np.linalg.norm, lambda x: np.linalg.norm(x, None, 1, True)),
    (np.linalg.norm, lambda x: np.linalg.norm(x, 2, axis=-1, keepdims=True)), (np.linalg.norm, lambda x: np.linalg.norm(x, "fro")),
    (np.nansum, np.nansum), (np.nansum, lambda x: np.nansum(np.where(ARRAY > 2, x, np.nan), 1, keepdims=True)),
    (np.linalg.norm, lambda x: np.linalg.norm(x, 1, 0)), (np.linalg.norm, lambda x: np.linalg.norm(x[0] - 6, np.inf)),
]  # fmt: skip


@pytest.mark.parametrize("call", [call for _, call in NUMPY_CALLS])
def test_a_numpy_function_means_the_operation(call: Callable[[Any], Any]) -> None:
    node = call(mg.data(ARRAY, "x"))
    assert isinstance(node, mg.Node)
    np.testing.assert_allclose(node.value, call(ARRAY), rtol=1e-15)


def test_every_numpy_function_that_has_an_operation_is_tried() -> None:
    assert {function for function, _ in NUMPY_CALLS} == set(NUMPY) - set(numpy_names()), (
        "those are tested with the operations"
    )


def test_functions_of_c_without_a_signature_take_what_the_operation_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    class Unsigned:
        __module__, __name__ = "numpy", "concatenate"

        @property
        def __signature__(self) -> Any:
            raise ValueError

        def __call__(self) -> None: ...

    function, x = Unsigned(), mg.data(ARRAY, "x")
    monkeypatch.setitem(NUMPY, function, mg.concatenate)
    for operands, options in ((([x, x], 1), {}), (([x, x],), {"axis": 1}), (([x, x],), {"axis": 1, "out": None})):
        node = x.__array_function__(function, (mg.Node,), operands, options)
        assert node.value.tolist() == np.concatenate([ARRAY, ARRAY], 1).tolist()
    with pytest.raises(TypeError, match=r"np\.concatenate of a node takes axis, but not dtype\."):
        x.__array_function__(function, (mg.Node,), ([x, x],), {"dtype": np.float32})


x, w, s = mg.data([1.0, 2.0], "x"), mg.parameter([1.0, 2.0], "w"), mg.data(1.0, "s")
LEAVE = "Write node.value where the plain array is meant; the result is then not part of the graph."
ORDER = "nodes have no order. Compare values: node.value < other. To choose within a graph write mg.where(node.value < other, a, b),"
UPDATE = "an in-place update would make a new node and leave the parameter as it is. Assign its value: w.value = w.value - rate * w.grad."
REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: x < 1, f"'x' is (2,): {ORDER}"),
    (lambda: x <= x, ORDER.replace("<", "<=")),
    (lambda: operator.gt(1, x), ORDER),
    (lambda: x >= 1, ORDER.replace("<", ">=")),
    (lambda: np.sign(x > 0), "which keeps the choice as it is now, or mg.maximum or mg.relu."),
    (lambda: 1 if s > 0 else 2, ORDER.replace("<", ">")),
    (lambda: sorted([s, s * 2]), ORDER),
    (lambda: np.ones(2) < x, "np.less has no operation in minigraph: compare values, node.value < other."),
    (lambda: np.ones(2) == x, "np.equal has no operation in minigraph: compare values, node.value == other."),
    (lambda: np.float64(1) != s, "np.not_equal has no operation in minigraph: compare values, node.value == other."),
    (lambda: len(s), "'s' is (): a scalar has no len. Use node.size or node.shape."),
    (lambda: iter(s), "'s' is (): a scalar has no entries to iterate over. Use float(node)."),
    (lambda: list(s + 1), "a scalar has no entries to iterate over"),
    (lambda: 1.0 in x, "'x' is (2,): `in` does not look inside a node. Write: item in node.value."),
    (lambda: float(x), "'x' is (2,): float() needs a single number. Use node.value for the array."),
    (lambda: bool(x), "'x' is (2,): bool() needs a single number."),
    (lambda: bool(mg.data([])), "bool() needs a single number."),
    (lambda: f"{x:.2f}", "'x' is (2,): format() needs a single number."),
    (lambda: copy.copy(x), "'x' is (2,): a graph is neither copied nor pickled, since its nodes are told apart by identity. "
        "Save the values of its parameters, and build the graph again."),
    (lambda: copy.deepcopy(x * 2), "a graph is neither copied nor pickled"),
    (lambda: copy.deepcopy({"layer": [w]}), "'w' is (2,): a graph is neither copied nor pickled"),
    (lambda: pickle.dumps(x), "a graph is neither copied nor pickled"),
    (lambda: np.asarray(x), "'x' is (2,) and is not turned into an array silently. To put nodes together write mg.stack or mg.concatenate"),
    (lambda: np.array([s, s]), "is not turned into an array silently"),
    (lambda: np.array(x, dtype=np.float32), "is not turned into an array silently"),
    (lambda: np.argmax(x), f"np.argmax has no operation in minigraph: use NumPy on node.value: it has no derivative. {LEAVE}"),
    (lambda: x.argmax(), "'Node' object has no attribute 'argmax': use NumPy on node.value: it has no derivative."),
    (lambda: np.sort(x), "np.sort has no operation in minigraph: use x[np.argsort(x.value)], which keeps the order as it is now."),
    (lambda: np.isnan(x), "np.isnan has no operation in minigraph: use NumPy on node.value"),
    (lambda: np.linalg.inv(x), "np.linalg.inv has no operation in minigraph: there are no decompositions of matrices here: write an"),
    (lambda: np.fft.fft(x), "np.fft.fft has no operation in minigraph: there are real numbers only: write an"),
    (lambda: np.linalg.norm(x.reshape(1, 2), 2), "np.linalg.norm of a node is the root of the sum of squares, or for vectors of order 1 or np.inf; not ord=2."),
    (lambda: np.linalg.norm(x, 3), "not ord=3."),
    (lambda: x.item(), "'x' is (2,): item() needs a single number."),
    (lambda: np.unwrap(x), "np.unwrap has no operation in minigraph: build it from those in mg."),
    (lambda: np.float_power(x, 2), "np.float_power has no operation in minigraph"),
    (lambda: np.testing.assert_allclose(x, [1, 2]), "is not turned into an array silently"),
    (lambda: np.add.reduce(x), f"np.add.reduce can't be part of a graph. {LEAVE}"),
    (lambda: np.multiply.outer(x, x), "np.multiply.outer can't be part of a graph."),
    (lambda: np.add(x, 1, out=np.zeros(2)), "np.add would write a node into an array"),
    (lambda: np.add(x, 1, np.zeros(2)), "np.add would write a node into an array"),
    (lambda: np.exp(x, where=[True, False]), "np.exp with where can't be part of a graph."),
    (lambda: np.add(x, 1, dtype=np.float32), "np.add with dtype can't be part of a graph."),
    (lambda: np.where(x), f"np.where of a node needs mask, a, b. {LEAVE}"),
    (lambda: np.sum(x, dtype=np.float32), f"np.sum of a node takes axis, keepdims, but not dtype. {LEAVE}"),
    (lambda: np.sum(x, 0, np.float32), "np.sum of a node takes axis, keepdims, but not dtype."),
    (lambda: np.mean(x, out=np.zeros(())), "np.mean of a node takes axis, keepdims, but not out."),
    (lambda: np.reshape(x, (2,), order="A"), 'reshape: the order is "C", row by row, or "F"'),
    (lambda: np.concatenate([x, x], dtype=np.float32), "np.concatenate of a node takes axis, but not dtype."),
    (lambda: np.ravel(x, "K"), 'ravel: the order is "C", row by row, or "F"'),
    (lambda: np.var(x, correction=1), "np.var of a node takes axis, keepdims, ddof, but not correction."),
    (lambda: np.max(x, initial=0), "np.max of a node takes axis, keepdims, but not initial."),
    (lambda: np.clip(x, 0, 1, np.zeros(2)), "np.clip of a node takes a_min, a_max, min, max, but not out."),
    (lambda: operator.isub(w, 1), f"'w' is (2,): {UPDATE}"),
    (lambda: operator.iadd(w, x), UPDATE),
    (lambda: operator.imul(w, 2), UPDATE),
    (lambda: operator.itruediv(w, 2), UPDATE),
    (lambda: operator.ipow(w, 2), UPDATE),
    (lambda: operator.imatmul(w, w), UPDATE),
    (lambda: operator.iadd(np.ones(2), x), "np.add would write a node into an array"),
    (lambda: setattr(w, "gradient", 3), "'Node' object has no attribute 'gradient'"),
]  # fmt: skip


@pytest.mark.parametrize(("act", "message"), REFUSED, ids=[row[1][:50] for row in REFUSED])
def test_what_a_node_refuses(act: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, AttributeError), match=re.escape(message)):
        act()


def test_advice_is_given_only_where_there_is_no_operation() -> None:
    assert not set(numpy_words()) & set(INSTEAD)


def test_an_update_in_place_of_another_node_makes_a_node() -> None:
    y = x
    y += 1
    y *= 2
    assert y is not x
    assert y.value.tolist() == [4, 6]
    assert x.value.tolist() == [1, 2]


def test_equality_and_hash_are_identity() -> None:
    a, b = mg.data(1.0), mg.data(1.0)
    assert a == a
    assert a != b
    assert (a == b, a != a) == (False, False)
    assert len({a, b, a}) == 2
    assert {a: "a"}[a] == "a"
    assert [a, b].index(b) == 1
    assert a in [b, a]
    assert a not in [b]


@pytest.mark.parametrize(
    "number",
    [1, 1.0, True, 1j, np.float64(1), np.float32(1), np.bool_(True), Fraction(1), Decimal(1), [1.0], [], (1.0,), ARRAY,
     np.array(1.0), np.ma.array([1.0]), np.ones((1, 1)).view(np.matrix)],
    ids=lambda number: f"{type(number).__name__} {number}",
)  # fmt: skip
def test_numbers_lists_and_arrays_are_not_compared_with_a_node(number: Any) -> None:
    compared: list[Callable[[], Any]] = [
        lambda: x == number, lambda: number == x, lambda: x != number, lambda: number != x, lambda: number in [x],
        lambda: x in [number], lambda: [x].index(number), lambda: x == pytest.approx(1.0),
    ]  # fmt: skip
    for compare in compared:
        with pytest.raises(TypeError, match=r"node\.value"):
            compare()
    message = "'x' is (2,): a node equals itself and nothing else. Compare values: node.value == other, or np.array_equal(node.value, other)."
    with pytest.raises(TypeError, match="^" + re.escape(message)):
        x == number  # noqa: B015


@pytest.mark.parametrize("other", [None, "x", b"x", np.str_("x"), object(), {}, {1.0}, int, len, Ellipsis, mock.MagicMock()])
def test_other_objects_are_unequal_to_a_node(other: Any) -> None:
    assert x != other
    assert other != x
    assert (x == other, other == x) == (False, False)
    assert x in [other, x]


def test_what_equals_anything_equals_a_node() -> None:
    anything = mock.ANY
    assert (x == anything, anything == x, x != anything) == (True, True, False)


def test_objects_that_hold_nodes_are_compared_as_python_has_it() -> None:
    @dataclass(frozen=True)
    class Layer:
        W: mg.Node
        rate: float = 0.5

    assert Layer(w) == Layer(w)
    assert Layer(w) != Layer(x)
    assert hash(Layer(w)) == hash(Layer(w))
    assert {"W": w} == {"W": w}
    assert (w, x) != (x, w)
    assert mg.Scale(w) == mg.Scale(w)
    assert mg.Scale(w) != mg.Scale(x)


def test_numbers_out_of_nodes() -> None:
    for node in (mg.data(2.5), mg.data([2.5]), mg.data([[2.5]])):
        assert float(node) == 2.5
        assert type(float(node)) is type(node.item()) is float
        assert node.item() == 2.5
        assert bool(node)
        assert f"{node:.3f}" == "2.500"
        assert math.floor(float(node * 2)) == 5
    assert not mg.data(0.0)
    assert f"{mg.data(2.5, 'x')}" == "<data 'x' () float64>" == str(mg.data(2.5, "x"))


def test_length_and_iteration_go_over_the_first_axis() -> None:
    X = mg.data(ARRAY, "X")
    assert len(X) == 2
    assert [row.value.tolist() for row in X] == ARRAY.tolist()
    first, second = X
    assert (first.shape, second.inputs) == ((2,), (X,))
    assert list(mg.data(np.zeros((0, 2)))) == []


def test_representation() -> None:
    a, b = mg.parameter(3.0, "a"), mg.data([1.0], "b")
    assert repr(a) == "<parameter 'a' () float64>"
    assert repr(mg.data([1.0])) == "<data (1,) float64>"
    assert repr(a * b) == "<a·b (1,) float64>"
    assert repr((a * b).named("c")) == "<c = a·b (1,) float64>"
    assert repr((a * 2).inputs[1]) == "<literal 2 () float64>"
    assert repr((b * [2.0]).inputs[1]) == "<literal (1,) float64>"
    assert repr(mg.mean(np.ones((1, 3), np.float32))) == "<mean literal () float32>"


def test_naming() -> None:
    y = (a := mg.data(1.0, "a")) * 2
    assert y.name is None
    assert y.named("y") is y
    assert y.named("y").name == "y"  # the same name again is no second name
    message = "'y' is (): it is named 'y' already and can't be named 'z' too. A node has one name; for a second one make a "
    with pytest.raises(ValueError, match=re.escape(message + "second node: mg.identity(node).named('z').")):
        y.named("z")
    with pytest.raises(ValueError, match="it is named 'a' already"):
        a.named("b")
    for name in ("", None, 3):
        with pytest.raises(TypeError, match="a node's name is a non-empty string, not "):
            y.named(name)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        y.name = "z"  # type: ignore[misc]


def test_many_names_at_once() -> None:
    u, v = s + 1, s + 2
    mg.name(u=u, v=v)
    assert (u.name, v.name) == ("u", "v")
    mg.name()
    y, z = s + 3, s + 4
    with pytest.raises(ValueError, match="it is named 'u' already and can't be named 'other' too"):
        mg.name(y=y, other=u)
    with pytest.raises(ValueError, match="it is named 'y' already and can't be named 'z' too"):
        mg.name(y=y, z=y)
    with pytest.raises(TypeError, match=r"name: z is to be a node's name, but was given 3\.0"):
        mg.name(y=y, z=3.0)  # type: ignore[arg-type]
    assert (y.name, z.name) == (None, None), "all or none are named"


def test_a_node_knows_the_line_that_made_it() -> None:
    y = mg.sigmoid(x)
    z = abs(x.sum() + 1)
    leaf = mg.data(1.0)
    line = test_a_node_knows_the_line_that_made_it.__code__.co_firstlineno
    made = [node.made_at for node in (y, z, leaf)]
    assert made == [f"{__file__}:{line + after}" for after in (1, 2, 3)]


def test_a_node_made_by_the_package_alone_has_no_line() -> None:
    import _thread
    import threading

    made: list[mg.Node] = []
    done = threading.Event()
    namespace = {"__name__": "minigraph.elsewhere", "mg": mg, "made": made, "done": done}
    # Coverage follows threads of `threading` by itself, but not this one.
    follow = "    import sys, threading; sys.settrace(threading.gettrace())\n"
    exec(f"def make():\n{follow}    made.append(mg.data(1.0))\n    done.set()", namespace)
    _thread.start_new_thread(namespace["make"], ())  # type: ignore[arg-type]
    assert done.wait(10)
    assert made[0].made_at is None
    assert (made[0] + 1).inputs[0] is made[0]
    with pytest.raises(mg.ShapeError, match=r"an unnamed data is \(\), but the value"):
        made[0].value = [1.0, 2.0]
