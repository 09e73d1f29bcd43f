"""Arrays and tables of others among nodes: masked arrays, np.matrix, columns and frames as pandas has them, sparse matrices."""
# ruff: noqa: E501  # messages stand in one piece, so that they can be searched for

import operator
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import minigraph as mg

x = mg.parameter([1.0, 2.0, 3.0], "x")
MASKED = np.ma.array([1.0, 2.0, 3.0], mask=[False, True, False])
MATRIX = np.array([[1.0, 2.0, 3.0]]).view(np.matrix)
MASKED_SAYS = "a masked array is refused, since its mask would be lost. Write value.filled(number) to replace the masked entries, or value.compressed() to leave them out."
MATRIX_SAYS = "a matrix of np.matrix is refused, since its * is a product of matrices and a node's is not. Write np.asarray(value), and @ for the product."


def assign(value: Any) -> None:
    x.value = value


DOORS: dict[str, Callable[[Any], Any]] = {
    "'W'": lambda value: mg.parameter(value, "W"),
    "data": mg.data,
    "'x'": assign,
    "evaluate": lambda value: mg.evaluate(x, given={x: value}),
    "multiply": lambda value: x * value,
    "exp": mg.exp,
    "concatenate": lambda value: mg.concatenate([value, x]),
    "grad": lambda value: mg.grad(x, x, seed=value),
    "jvp": lambda value: mg.jvp(x, x, value),
    "maximum": lambda value: np.maximum(x, value),
    "add": lambda value: np.add(value, x),
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("value", "message"),
    [(MASKED, MASKED_SAYS), (np.ma.array([1.0] * 3), MASKED_SAYS), (np.ma.masked, MASKED_SAYS), (MATRIX, MATRIX_SAYS)],
)
def test_what_would_lose_its_meaning_is_refused_at_every_door(door: str, value: Any, message: str) -> None:
    with pytest.raises(TypeError, match="^" + re.escape(f"{door}: {message}")):
        DOORS[door](value)
    assert x.value.tolist() == [1, 2, 3]


@pytest.mark.parametrize("value", [MASKED, MATRIX], ids=["masked", "matrix"])
@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv, operator.matmul])
def test_they_are_refused_on_the_left_too(op: Callable[[Any, Any], Any], value: Any) -> None:
    with pytest.raises(TypeError, match=r"is refused, since|is not turned into an array silently"):
        op(value, x)
    with pytest.raises(TypeError, match="is refused, since"):
        op(x, value)


def test_a_program_refuses_them() -> None:
    program = mg.compile(x * 2, inputs=[x])
    for value, message in ((MASKED, MASKED_SAYS), (MATRIX, MATRIX_SAYS)):
        with pytest.raises(TypeError, match=re.escape(message)):
            program(value)


def test_other_subclasses_of_arrays_are_arrays() -> None:
    class Named(np.ndarray):
        pass

    assert (x * np.ones(3).view(Named)).value.tolist() == [1, 2, 3]
    assert type(mg.data(np.ones(3).view(Named)).value) is np.ndarray


class Column:
    """Stands for a Series of pandas: it asks others that count for more than itself, and else computes by itself."""

    __pandas_priority__ = 3000
    __array_priority__ = 1000

    def __init__(self, entries: Any):
        self.entries = np.array(entries)
        self.shape = self.entries.shape

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return np.array(self.entries, dtype)

    def to_numpy(self, dtype: Any = None) -> Any:
        return np.array(self.entries, dtype)

    def _computed(self, other: Any, op: Callable[[Any, Any], Any]) -> Any:
        if getattr(other, "__pandas_priority__", 0) > self.__pandas_priority__:
            return NotImplemented
        return Column(op(self.entries, np.asarray(other)))

    def __add__(self, other: Any) -> Any:
        return self._computed(other, operator.add)

    def __sub__(self, other: Any) -> Any:
        return self._computed(other, operator.sub)

    def __mul__(self, other: Any) -> Any:
        return self._computed(other, operator.mul)

    def __truediv__(self, other: Any) -> Any:
        return self._computed(other, operator.truediv)


@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_a_column_on_the_left_is_an_operand_as_on_the_right(op: Callable[[Any, Any], Any]) -> None:
    entries = np.array([4.0, 5.0, 6.0])
    for result, expected in ((op(Column(entries), x), op(entries, x.value)), (op(x, Column(entries)), op(x.value, entries))):
        assert isinstance(result, mg.Node)
        assert result.value.tolist() == expected.tolist()


def test_a_frame_is_no_subclass_of_what_counts_for_more() -> None:
    assert x.__pandas_priority__ > 4000, "a DataFrame has 4000, a Series 3000"


def test_a_column_is_not_compared_with_a_node() -> None:
    with pytest.raises(TypeError, match=re.escape("a node equals itself and nothing else. Compare values")):
        x == Column([1.0, 2.0, 3.0])  # noqa: B015


class Sparse:
    def toarray(self) -> Any:
        return np.eye(3)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            Column(["a", "b", 1.0]),
            "values of dtype <U32 are refused. Choose the columns that hold numbers, and write frame.to_numpy(float).",
        ),
        (Column(np.array([1.0, "b"], object)), "values of type str are refused. Choose the columns that hold numbers"),
        (Column(np.array([1.0, None], object)), "values of type NoneType are refused. Choose the columns that hold numbers"),
        (Sparse(), "values of type Sparse are refused. Write matrix.toarray()."),
        ((number for number in (1.0, 2.0)), "values of type generator are refused. Write list(value)."),
    ],
    ids=["text", "mixed", "missing", "sparse", "generator"],
)
def test_what_to_write_is_said(value: Any, message: str) -> None:
    with pytest.raises(TypeError, match="^" + re.escape(f"add: {message}")):
        x + value


def test_a_column_of_objects_that_are_numbers_is_one_of_numbers() -> None:
    column = Column(np.array([Decimal("0.5"), 2**70, Fraction(1, 4)], object))
    assert (x * column).value.tolist() == [0.5, 2.0**71, 0.75]


@pytest.mark.parametrize("number", [2**64, -(2**80), Fraction(1, 3), Decimal("0.1"), np.longdouble(3), np.True_])
@pytest.mark.parametrize("op", [operator.add, operator.sub, operator.mul, operator.truediv])
def test_a_number_is_a_number_on_either_side(op: Callable[[Any, Any], Any], number: Any) -> None:
    assert op(x, number).value.tolist() == op(x.value, float(number)).tolist()
    assert op(number, x).value.tolist() == op(float(number), x.value).tolist()
    single = mg.data(np.ones(2, np.float32))
    assert op(number, single).dtype == np.float32


@pytest.mark.parametrize("number", [10**400, -(10**400)])
def test_a_number_that_no_float_can_hold_is_refused(number: int) -> None:
    with pytest.raises(TypeError, match=r"^add: a number of type int is no float: int too large to convert to float\.$"):
        mg.data(1.0) + number


def test_what_float32_can_not_hold_is_warned_of_and_nothing_else(recwarn: pytest.WarningsRecorder) -> None:
    single = mg.data(np.ones(2, np.float32))
    with np.errstate(all="raise"):
        assert (single * 1e-300).value.tolist() == [0, 0]
    assert not recwarn.list
    with pytest.warns(RuntimeWarning, match="overflow encountered in cast"), np.errstate(all="raise"):
        assert np.isinf((single * 1e300).value).all()
