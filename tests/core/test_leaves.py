"""Leaves: what they take, what they refuse, and that nobody else can change them."""

import re
from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from gradients import has_no_gradient

import minigraph as mg
from minigraph.core.node import literal


class Level(IntEnum):
    LOW = 1
    HIGH = 2


each_leaf = pytest.mark.parametrize("leaf", [mg.parameter, mg.data])


@each_leaf
def test_roles_names_and_shapes(leaf: Callable[..., mg.Node]) -> None:
    node = leaf([[1, 2, 3]], "X")
    assert (node.role, node.name, node.shape, node.ndim, node.size) == (leaf.__name__, "X", (1, 3), 2, 3)
    assert node.op is None
    assert node.inputs == ()
    assert has_no_gradient(node)
    assert leaf(1.0).name is None
    assert leaf(np.zeros((0, 3))).size == 0


def test_roles_are_text() -> None:
    assert mg.Role.PARAMETER == "parameter"
    assert literal(3.0).role is mg.Role.LITERAL
    assert (mg.data(1.0) + 1).role is mg.Role.OPERATION


@each_leaf
@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, np.float64),
        (True, np.float64),
        (1.5, np.float64),
        ([1, 2], np.float64),
        ([True, False], np.float64),
        (np.int32(3), np.float64),
        (np.arange(3, dtype=np.int8), np.float64),
        (np.ones(2, np.uint64), np.float64),
        (np.ones(2, np.float16), np.float64),
        (np.ones(2, np.longdouble), np.float64),
        (np.ones(2, np.float32), np.float32),
        (np.float32(1), np.float32),
        ([np.float32(1), np.float32(2)], np.float32),
        (np.ones(2, ">f4"), np.float32),
        (np.ones(2, ">f8"), np.float64),
        ((1.0, 2.0), np.float64),
        (range(3), np.float64),
        (2**64, np.float64),
        (-(2**70), np.float64),
        ([2**64, 0.5, True], np.float64),
        (Fraction(1, 3), np.float64),
        ([Fraction(1, 4), 2], np.float64),
        (Decimal("0.1"), np.float64),
        (np.array([[Decimal("0.1"), Fraction(1, 3)], [np.float32(0.5), np.True_]], object), np.float64),
        (np.array([], object), np.float64),
        (np.bool_(True), np.float64),
        (Level.HIGH, np.float64),
        ([Level.LOW, 2**64], np.float64),
    ],
)
def test_dtype_of_a_leaf(leaf: Callable[..., mg.Node], value: Any, dtype: Any) -> None:
    node = leaf(value)
    assert node.dtype == node.value.dtype == dtype
    assert node.dtype.isnative
    np.testing.assert_array_equal(node.value, np.asarray(value, float))


@each_leaf
@pytest.mark.parametrize("dtype", [np.float32, "float32", "f8", float])
def test_dtype_asked_for(leaf: Callable[..., mg.Node], dtype: Any) -> None:
    assert leaf([1, 2], dtype=dtype).dtype == np.dtype(dtype)


@each_leaf
@pytest.mark.parametrize("dtype", [int, np.float16, complex, "U3"])
def test_dtype_refused(leaf: Callable[..., mg.Node], dtype: Any) -> None:
    message = f"'W': dtype {np.dtype(dtype)} is refused. Values are float64 or float32."
    with pytest.raises(TypeError, match=re.escape(message)):
        leaf([1, 2], "W", dtype=dtype)


@each_leaf
@pytest.mark.parametrize(
    ("value", "message"),
    [
        (1j, "values of dtype complex128 are refused. Give real numbers."),
        ([1.0, 2j], "values of dtype complex128 are refused."),
        ("3", "values of dtype <U1 are refused. Write np.array(value, float), if it is numbers that are written there."),
        (None, "values of type NoneType are refused. None is no number: is a return missing"),
        ([1, None], "values of type NoneType are refused. None is no number"),
        (
            [["1"], ["2"]],
            "values of dtype <U1 are refused. Write np.array(value, float), if it is numbers that are written there.",
        ),
        (np.array(["a", 1.0], object), "values of type str are refused. Write np.array(value, float), if it"),
        ({1.0, 2.0}, "values of type set are refused. A set has no order: give a list."),
        (np.array([1, 1j], object), "values of type complex are refused. Give real numbers."),
        (10**400, "a number of type int is no float: int too large to convert to float."),
        ([Decimal("sNaN")], "a number of type Decimal is no float: cannot convert signaling NaN to float."),
        (np.datetime64("2020-01-01"), "values of dtype datetime64[D] are refused."),
        ([[1.0, 2.0], [3.0]], "the value is not a regular array of numbers ("),
    ],
)
def test_values_refused(leaf: Callable[..., mg.Node], value: Any, message: str) -> None:
    with pytest.raises(TypeError, match=re.escape(f"'W': {message}")):
        leaf(value, "W")
    with pytest.raises(TypeError, match=re.escape(f"{leaf.__name__}: {message}")):
        leaf(value)


@each_leaf
def test_a_leaf_holds_no_node(leaf: Callable[..., mg.Node]) -> None:
    with pytest.raises(TypeError, match=rf"^{leaf.__name__}: a leaf holds numbers, not a node\. Write node\.value\.$"):
        leaf(mg.data(1.0))
    with pytest.raises(TypeError, match="is not turned into an array silently"):
        leaf([mg.data(1.0), 2.0])


@each_leaf
@pytest.mark.parametrize("name", ["", 3, b"W"])
def test_names_refused(leaf: Callable[..., mg.Node], name: Any) -> None:
    with pytest.raises(TypeError, match="a node's name is a non-empty string, not "):
        leaf(1.0, name)


@each_leaf
def test_a_leaf_copies_what_it_is_given(leaf: Callable[..., mg.Node]) -> None:
    array = np.array([1.0, 2.0])
    node = leaf(array)
    array[0] = 9
    assert node.value.tolist() == [1, 2]
    node.value = array
    array[0] = -1
    assert node.value.tolist() == [9, 2]
    assert array.flags.writeable


@each_leaf
def test_values_are_read_only(leaf: Callable[..., mg.Node]) -> None:
    node = leaf([1.0, 2.0], "w")
    with pytest.raises(ValueError, match="read-only"):
        node.value[0] = 5
    with pytest.raises(ValueError, match="read-only"):
        node.value -= 1
    with pytest.raises(ValueError, match="read-only"):
        (node * 2).value.sort()
    assert node.value.tolist() == [1, 2]


@each_leaf
def test_the_value_of_a_scalar_is_a_numpy_number(leaf: Callable[..., mg.Node]) -> None:
    node = leaf(np.array(2.0))
    assert type(node.value) is np.float64
    assert type((node * node).value) is np.float64
    assert type(leaf(np.float32(2)).value) is np.float32
    node.value -= 0.5  # a number can't be written into, so this assigns a new one
    assert node.value == 1.5


@each_leaf
def test_assigning_keeps_shape_and_dtype(leaf: Callable[..., mg.Node]) -> None:
    node = leaf(np.zeros(2, np.float32), "w")
    node.value = [1, 2]
    assert node.value.dtype == np.float32
    node.value = np.array([3.5, 4.5])
    assert (node.value.dtype, node.value.tolist()) == (np.float32, [3.5, 4.5])


@each_leaf
@pytest.mark.parametrize("value", [1.0, [1.0], [[1.0, 2.0]], [1.0, 2.0, 3.0], []])
def test_assigning_another_shape(leaf: Callable[..., mg.Node], value: Any) -> None:
    node = leaf([1.0, 2.0], "w")
    message = (
        f"'w' is (2,), but the value assigned to it has shape {np.shape(value)}. "
        "A graph's shapes are fixed: reshape the value, or build a graph for the new size."
    )
    with pytest.raises(mg.ShapeError, match=re.escape(message)) as caught:
        node.value = value
    assert caught.value.operands == (node,)
    assert node.value.tolist() == [1, 2]


@each_leaf
def test_assigning_what_is_no_array_of_numbers(leaf: Callable[..., mg.Node]) -> None:
    node = leaf([1.0, 2.0])
    for value in ([1j, 2], ["a", "b"], [[1], [2, 3]], node):
        with pytest.raises(TypeError):
            node.value = value
    assert node.value.tolist() == [1, 2]


def test_assigning_to_what_is_no_leaf() -> None:
    x = mg.data(1.0, "x")
    y = (x + 1).named("y")
    advice = "Set the data and parameters it depends on, or use mg.evaluate(nodes, given={node: value})."
    with pytest.raises(AttributeError, match=re.escape(f"'y' is (): the value of an operation can't be set. {advice}")):
        y.value = 3.0
    with pytest.raises(
        AttributeError, match=re.escape(f"the literal 1 is (): the value of a literal can't be set. {advice}")
    ):
        y.inputs[1].value = 3.0
    assert y.value == 2


def test_literals_are_read_only_copies() -> None:
    array = np.array([1.0, 2.0])
    y = mg.data(1.0) + array
    array[0] = 50
    assert y.value.tolist() == [2, 3]
    with pytest.raises(ValueError, match="read-only"):
        y.inputs[1].value[0] = 3


f32, f64 = np.ones(2, np.float32), np.ones(2)


@pytest.mark.parametrize(
    ("build", "dtype"),
    [
        (lambda: 3 * mg.data(f32), np.float32),
        (lambda: mg.data(f32) - 1.5, np.float32),
        (lambda: f64 * mg.data(f32), np.float32),
        (lambda: np.float64(2) * mg.data(f32), np.float32),
        (lambda: mg.data(f32) / np.arange(1, 3), np.float32),
        (lambda: mg.data(f32) + mg.data(f32), np.float32),
        (lambda: mg.data(f32) + mg.data(f64), np.float64),
        (lambda: f32 + mg.data(f64), np.float64),
        (lambda: mg.data(f32) ** 0.5, np.float32),
        (lambda: literal(2.0) * mg.data(f32), np.float32),
        (lambda: mg.exp(f32), np.float32),
        (lambda: mg.exp(f64), np.float64),
        (lambda: mg.exp([1, 2]), np.float64),
        (lambda: mg.exp(1), np.float64),
        (lambda: mg.exp(np.float32(1)), np.float32),
        (lambda: mg.add(np.float32(1), 2), np.float32),
        (lambda: mg.add(f32, 2), np.float32),
        (lambda: mg.add(f32, np.float64(2)), np.float32),
        (lambda: mg.add(f32, f64), np.float64),
        (lambda: mg.add(literal(f32), f64), np.float64),
        (lambda: mg.add(literal(f32), literal(2.0)), np.float32),
        (lambda: mg.add(literal(np.float32(1)), 2), np.float32),
        (lambda: 1 / literal(4, np.float32), np.float32),
        (lambda: mg.add(np.int64(1), 2), np.float64),
        (lambda: mg.add(np.arange(2), 2), np.float64),
        (lambda: mg.concatenate([mg.data(f32), f64]), np.float32),
        (lambda: mg.concatenate([mg.data(f32), mg.data(f64)]), np.float64),
        (lambda: mg.matmul(mg.data(f32), mg.data(f64)), np.float64),
    ],
)
def test_dtype_of_a_result(build: Callable[[], mg.Node], dtype: Any) -> None:
    node = build()
    assert node.dtype == node.value.dtype == dtype


def test_a_literal_takes_the_dtype_of_what_it_meets() -> None:
    y = mg.data(f32) * 0.1
    assert y.inputs[1].dtype == y.inputs[1].value.dtype == np.float32
    shared = literal(0.1, name="rate")
    z = mg.data(f32) * shared
    assert (z.inputs[1].dtype, z.inputs[1].name) == (np.float32, "rate")
    assert (shared * mg.data(f64)).inputs[0] is shared


def test_a_float32_graph_is_float32_all_the_way_back() -> None:
    W, X = mg.parameter(np.ones((1, 2), np.float32), "W"), mg.data(np.ones((2, 3), np.float32), "X")
    J = mg.bce_with_logits(2 * mg.tanh(W @ X) - 1, np.ones((1, 3))).mean()
    backward_pass = J.backward()
    from minigraph.core.pulling import ancestors

    everything = ancestors(backward_pass.gradients.values())
    assert {node.dtype for node in everything} == {np.dtype(np.float32)}
    assert not any(node.op is not None and node.op.name == "cast" for node in everything)


def test_mixed_precision_gradients_have_their_nodes_dtype() -> None:
    a, b = mg.parameter(f32, "a"), mg.parameter(f64, "b")
    J = (a * b * a).sum()
    J.backward()
    for node in (a, b):
        assert node.grad is not None
        assert node.grad.dtype == node.dtype
    assert a.grad is not None
    assert a.grad.tolist() == [2, 2]
    assert mg.jvp(J, a, np.ones(2)).dtype == np.float64


@pytest.mark.parametrize("make", [lambda: mg.data([[1.0, 2.0]], "X"), lambda: (2 * mg.data([[1.0, 2.0]])).named("X")])
def test_shape_and_dtype_stay_and_it_is_said_what_to_write_instead(make):
    X = make()
    with pytest.raises(AttributeError, match=r"'X' is \(1, 2\).*node\.reshape\(\(2, 1\)\) is a node of another shape"):
        X.shape = (2, 1)
    with pytest.raises(AttributeError, match=r"'X' is \(1, 2\).*mg\.parameter\(value, dtype=\"float32\"\)"):
        X.dtype = "float32"
    assert X.shape == X.value.shape == (1, 2) and X.dtype == np.float64
