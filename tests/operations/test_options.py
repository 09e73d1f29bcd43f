"""Options of operations, given every wrong way: refused where NumPy refuses them, with what is expected."""
# ruff: noqa: E501  # messages stand in one piece, so that they can be searched for

import re
from collections.abc import Callable
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.operators import OPERATIONS

ARRAY = np.arange(6.0).reshape(2, 3)
x, v = mg.parameter(ARRAY, "x"), mg.parameter([1.0, 2.0, 3.0], "v")


TEXT = np.array("1")


class Axis(IntEnum):
    ROWS = 0
    COLUMNS = 1


ANYTHING: list[Any] = [
    0, 1, -1, -2, -3, 2, 5, 6, 2**70, -(2**70), np.int8(1), np.uint64(1), np.array(1), Axis.COLUMNS, True, False, np.True_,
    1.0, 1.9, 0.0, np.float64(1.0), np.float32(0.5), 1j, np.nan, np.inf, Fraction(1), Decimal(1), "0", "x", "01", b"0", None,
    Ellipsis, slice(0, 1), object, (), (0,), (0, 1), (1, 0), (0, 0), (0, -2), (-1, 0), (0, 5), (2, 3), (3, 2), (6,), (2, 2, 3),
    (2, -1), (-1, -1), (0.5,), (1.0, 0), (True,), ("0",), (None,), (2**70,), ((0, 1),), [0], [1, 0], [2, 3], [0.0], [[0]],
    range(2), range(2, 4), {0}, {0: 1}, np.array([0, 1]), np.array([2, 3]), np.array([0.0, 1.0]), np.array([[0]]),
    np.array([True, False]),
]  # fmt: skip


def shown(value: Any) -> str:
    return f"{type(value).__name__} {value!r}"[:30]


def one_axis(array: Any, axis: Any) -> Any:
    return np.concatenate([array, array], axis)


OPTIONS: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any], mg.Node]]] = {
    "sum": (lambda a, axis: np.sum(a, axis), lambda axis: mg.sum(x, axis)),
    "mean": (lambda a, axis: np.mean(a, axis), lambda axis: x.mean(axis)),
    "max": (lambda a, axis: np.max(a, axis), lambda axis: np.max(x, axis=axis)),  # type: ignore[arg-type, return-value]
    "min": (lambda a, axis: np.min(a, axis), lambda axis: x.min(axis)),
    "prod": (lambda a, axis: np.prod(a, axis), lambda axis: np.prod(x, axis)),  # type: ignore[return-value]
    "var": (lambda a, axis: np.var(a, axis), lambda axis: x.var(axis)),
    "std": (lambda a, axis: np.std(a, axis), lambda axis: mg.std(x, axis)),
    "norm": (lambda a, axis: np.sum(a, axis), lambda axis: mg.norm(x, axis)),
    "logsumexp": (lambda a, axis: np.logaddexp.reduce(a, axis), lambda axis: mg.logsumexp(x, axis)),
    "cumsum": (lambda a, axis: np.cumsum(a, axis), x.cumsum),
    "squeeze": (lambda a, axis: np.squeeze(a[None], axis), lambda axis: mg.squeeze(x[None], axis)),
    "expand_dims": (np.expand_dims, lambda axis: mg.expand_dims(x, axis)),
    "swapaxes": (lambda a, axis: np.swapaxes(a, axis, 0), lambda axis: x.swapaxes(axis, 0)),
    "stack": (lambda a, axis: np.stack([a, a], axis), lambda axis: mg.stack([x, x], axis)),
    "softmax": (one_axis, lambda axis: mg.concatenate([mg.softmax(x, axis)] * 2, axis)),
    "log_softmax": (one_axis, lambda axis: mg.concatenate([mg.log_softmax(x, axis)] * 2, axis)),
    "concatenate": (one_axis, lambda axis: mg.concatenate([x, x], axis)),
    "transpose": (np.transpose, lambda axes: mg.transpose(x, axes)),
    "reshape": (np.reshape, x.reshape),
    "broadcast_to": (np.broadcast_to, lambda shape: mg.broadcast_to(x, shape)),
    "keepdims of sum": (lambda a, keep: np.sum(a, 1, keepdims=keep), lambda keep: mg.sum(x, 1, keep)),
    "keepdims of mean": (lambda a, keep: np.mean(a, 1, keepdims=keep), lambda keep: x.mean(1, keepdims=keep)),
    "keepdims of max": (lambda a, keep: np.max(a, 1, keepdims=keep), lambda keep: mg.max(x, axis=1, keepdims=keep)),
}


SEVERAL_AXES = ("sum", "mean", "max", "min", "prod", "var", "std", "norm", "logsumexp", "squeeze", "expand_dims")


def ours_alone(option: str, value: Any) -> bool | None:
    """True where minigraph takes what NumPy refuses, False where it refuses what NumPy takes."""
    if option in SEVERAL_AXES and isinstance(value, list | range | np.ndarray):
        return True  # several axes are any sequence of them
    if option in ("stack", "swapaxes", "expand_dims") and (isinstance(value, bool) or value == (True,)):
        return False  # NumPy takes True as 1 here
    if option.startswith("keepdims"):
        return isinstance(value, np.bool_)  # NumPy takes 2 as True, and refuses its own
    if value is None and option in ("softmax", "log_softmax", "concatenate", "reshape"):
        return False  # NumPy flattens, or leaves the shape as it is
    if option == "reshape" and type(value) is int and value < -1:
        return False  # NumPy takes -2 as -1
    return None


@pytest.mark.parametrize("value", ANYTHING, ids=shown)
@pytest.mark.parametrize("option", OPTIONS)
def test_an_option_is_taken_or_refused_as_numpy_has_it(option: str, value: Any) -> None:
    numpys, ours = OPTIONS[option]
    try:
        expected = np.shape(numpys(ARRAY, value))
        taken = True
    except (TypeError, ValueError, OverflowError):
        taken = False
    try:
        node = ours(value)
    except mg.ShapeError:
        assert not taken or ours_alone(option, value) is False
    except TypeError as error:
        assert re.match(rf"{option.split()[-1]}: .* is (a whole number|True or False), not ", str(error))
        assert not taken or ours_alone(option, value) is False
    else:
        assert (taken and node.shape == expected) or ours_alone(option, value)
        assert node.value.shape == node.shape
        assert mg.grad(node.sum(), x).shape == x.shape


NUMBERS: dict[str, Callable[[Any], mg.Node]] = {
    "relu: at_zero": lambda number: mg.relu(x, at_zero=number),
    "leaky_relu: the slope": lambda number: mg.leaky_relu(x, number),
    "leaky_relu: at_zero": lambda number: mg.leaky_relu(x, at_zero=number),
    "power: the exponent": lambda number: x**number,
}


@pytest.mark.parametrize(
    "number", [2, 2.0, -1, np.float32(0.5), np.int64(2), np.array(2.0), Fraction(1, 2), Decimal("0.5"), 2**70]
)
@pytest.mark.parametrize("option", NUMBERS)
def test_any_real_number_is_an_option(option: str, number: Any) -> None:
    node = NUMBERS[option](number)
    assert node.op is not None
    assert float(number) in vars(node.op).values()
    assert {type(value) for value in vars(node.op).values()} == {float}


@pytest.mark.parametrize(
    "value",
    ["1", b"1", 1j, np.complex128(1), [1.0], (1.0,), np.ones(1), TEXT, v, object, np.nan, -np.inf, 10**400,
     Decimal("sNaN"), Decimal("Infinity")],
    ids=shown,
)  # fmt: skip
@pytest.mark.parametrize("option", NUMBERS)
def test_what_is_no_real_number_is_no_option(option: str, value: Any) -> None:
    if option.startswith("power") and isinstance(value, mg.Node | list | tuple | np.ndarray) and value is not TEXT:
        assert NUMBERS[option](value).shape == (2, 3)  # an exponent may be an array, or a node
        return
    with pytest.raises(TypeError, match=f"^{option} is a finite real number, not "):
        NUMBERS[option](value)


@pytest.mark.parametrize("option", [name for name in NUMBERS if "power" not in name])
def test_a_truth_value_is_no_slope(option: str) -> None:
    for value in (True, np.False_):  # relu(x, True) is "in place" elsewhere
        with pytest.raises(TypeError, match=rf"^{option} is a finite real number, not (True|np\.False_)\.$"):
            NUMBERS[option](value)


def test_a_truth_value_is_an_exponent_as_in_numpy() -> None:
    assert (x**True).value.tolist() == ARRAY.tolist()
    assert (x**np.False_).value.tolist() == np.ones((2, 3)).tolist()


HINTS: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: mg.max(x, v),
        "max: an axis is a whole number, not a node of shape (3,). For the larger of two, entry by entry, write mg.maximum(a, b).",
    ),
    (lambda: mg.max(x, np.zeros(3)), "max: an axis is a whole number, not an array of shape (3,). For the larger of two"),
    (lambda: mg.max(x, 0.0), "max: an axis is a whole number, not 0.0. For the larger of two"),
    (
        lambda: mg.sum(x, x),
        "sum: an axis is a whole number, not a node of shape (2, 3). For the sum of two, entry by entry, write a + b.",
    ),
    (
        lambda: mg.mean(x, x),
        "mean: an axis is a whole number, not a node of shape (2, 3). For the mean of two, entry by entry, write (a + b) / 2.",
    ),
    (lambda: x.sum("0"), "sum: an axis is a whole number, not '0'."),
    (lambda: x.sum(0, 1), "sum: keepdims is True or False, not 1. Several axes are given as axis=(0, 1)."),
    (lambda: x.mean(0, np.float32), "mean: keepdims is True or False, not <class 'numpy.float32'>. Several"),
    (lambda: x.max(1, keepdims="print('RAN') or True"), "max: keepdims is True or False, not \"print('RAN') or True\"."),
    (lambda: x.sum("1" * 50), "sum: an axis is a whole number, not a str."),
    (
        lambda: mg.softmax(x, None),
        "softmax: the axis is a whole number, not None. For all entries together, give z.reshape(-1).",
    ),
    (lambda: mg.log_softmax(x, 0.7), "log_softmax: the axis is a whole number, not 0.7. For all entries together"),
    (
        lambda: mg.concatenate([x, x], None),
        "concatenate: the axis is a whole number, not None. To join all entries, give x.reshape(-1) for each.",
    ),
    (
        lambda: mg.concatenate(x, x),
        "concatenate: the axis is a whole number, not a node of shape (2, 3). Put the parts into a list: mg.concatenate([a, b]).",
    ),
    (lambda: mg.concatenate(5), "concatenate: the parts are a list of nodes or arrays, not 5. Put the parts into a list"),
    (lambda: mg.concatenate("ab"), "concatenate: the parts are a list of nodes or arrays, not 'ab'."),
    (
        lambda: mg.concatenate(part for part in [x, x]),
        "concatenate: the parts are a list of nodes or arrays, not a generator.",
    ),
    (lambda: x.reshape(), "'x' is (2, 3): reshape needs the new shape: x.reshape(2, 3), or x.reshape(-1) for one axis."),
    (lambda: x.reshape((2, 3), 1), "reshape: a size is a whole number, not (2, 3). A shape is written as (2, 3)."),
    (lambda: mg.reshape(x, v), "reshape: a size is a whole number, not a node of shape (3,)."),
    (lambda: OPERATIONS["cast"](x, int), "cast: dtype int64 is refused. Values are float64 or float32."),
]


@pytest.mark.parametrize(("act", "message"), HINTS, ids=[row[1][:40] for row in HINTS])
def test_what_is_said(act: Callable[[], Any], message: str) -> None:
    with pytest.raises(TypeError, match="^" + re.escape(message)):
        act()


def test_a_part_of_a_list_is_shown_alone() -> None:
    with pytest.raises(TypeError, match=r"^transpose: an axis is a whole number, not 0\.5\.$"):
        mg.transpose(x, (0.5, 1))  # type: ignore[arg-type]


def test_rows_of_an_array_are_joined_as_numpy_joins_them() -> None:
    assert mg.concatenate(x).value.tolist() == np.concatenate(ARRAY).tolist()
    assert mg.concatenate(ARRAY, axis=-1).value.tolist() == np.concatenate(ARRAY).tolist()


def test_an_index_of_an_enumeration_is_a_plain_number() -> None:
    node = x.sum(Axis.COLUMNS)
    assert node.op is not None
    assert repr(vars(node.op)["axis"]) == "(1,)"
