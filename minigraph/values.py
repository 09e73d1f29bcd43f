"""What may be given: values of nodes, and how they are kept from being written; options of operations."""

from __future__ import annotations

import math
import operator
from collections.abc import Iterator, Mapping, Sequence, Set, ValuesView
from contextlib import suppress
from functools import lru_cache
from numbers import Complex, Number, Real
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]
else:
    Array = np.ndarray  # numpy.typing is for type checkers, and costs time at the start
Shape = tuple[int, ...]
FLOAT64 = np.dtype(np.float64)

MOST_AXES = 64
"""So many axes NumPy's arrays have."""
LONGEST_WORDS = 500
"""Of what an exception of somebody else says."""


def to_array(value: npt.ArrayLike, dtype: npt.DTypeLike | None, what: str) -> Array:
    """A fresh float array of ``value``; integers and booleans become floats, float32 stays float32.

    Any real number is one: of Python (2**64, a Fraction, a Decimal), of NumPy, in arrays, tables and lists.

    Raises:
        TypeError: for complex numbers, objects, text and ragged lists, for what can't be read as an array, for arrays
            whose meaning would be lost (masked ones, np.matrix, tensors that track gradients of their own), and for a
            dtype but float32 and float64.
    """
    array = _array(value, what, "{}: the value is")
    if dtype is None and array.dtype is FLOAT64:  # most are, and what follows takes longer than the copy
        kind: Any = type(value)
        return array if kind is list else np.array(array, order="C", copy=True)  # what was read from a list is a copy
    if array.dtype.kind == "O":
        array = _numbers_of_objects(array, value, what)
    if array.dtype.kind not in "fiub":
        kind = array.dtype.str if array.dtype.kind in "US" else array.dtype.name
        raise TypeError(f"{what}: values of dtype {array.dtype} are refused. {_advice(value, kind)}")
    if dtype is None:
        dtype = np.float32 if array.dtype.newbyteorder("=") == np.float32 else np.float64
    dtype = float_dtype(dtype, what)
    if array.dtype == dtype:
        return np.array(array, dtype=dtype, order="C", copy=True)
    with np.errstate(under="ignore", over="warn"):  # 1e-50 is 0 in float32, 1e50 is infinite: that is worth a warning
        return np.array(array, dtype=dtype, order="C", copy=True)


def taken(value: Any, dtype: np.dtype[Any], what: str) -> Array:
    """What a forward rule gave, as an array of its own: the rule may keep what it gave, and write into it later.

    Raises:
        TypeError: if it is not an array of real numbers.
    """
    array = _array(value, what, "{} gave what is")
    if array.dtype.kind not in "fiub":
        given = type(value).__name__ if array.shape == () else f"an array of dtype {array.dtype}"
        raise TypeError(
            f"{what} gave {given}. It must return an array of real numbers, of the shape that the shape rule says."
        )
    return np.array(array, dtype=dtype)


@lru_cache(maxsize=256)
def broadcast_shape(*shapes: Shape) -> Shape:
    """The shape that arrays of these shapes are broadcast to, as NumPy has it, which takes ten times as long to say.

    Raises:
        ValueError: if they don't fit.
    """
    return np.broadcast_shapes(*shapes)


def norm(array: npt.ArrayLike) -> float:
    """The root of the sum of squares, for numbers of any size.

    Example:
        >>> f"{norm([3e200, 4e200]):.6g}"
        '5e+200'
    """
    values = np.ravel(array).astype(np.float64)
    largest = float(np.max(np.abs(values), initial=0.0))
    if not 0 < largest < math.inf:
        return largest
    with np.errstate(all="ignore"):
        return largest * float(np.linalg.norm(values / largest))


def _array(value: Any, what: str, beginning: str) -> Array:
    """The value as an array, if that loses nothing of what it means; how errors begin, with a place for ``what``."""
    if type(value) is np.ndarray:
        return value
    if getattr(value, "requires_grad", False) is True:
        raise TypeError(f"{what}: the tensor tracks gradients of its own, which would be lost. Write value.detach().")
    if _is_without_end(value):
        raise TypeError(f"{beginning.format(what)} not a regular array of numbers (it holds itself).")
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise TypeError(f"{beginning.format(what)} not a regular array of numbers ({error_reason(error)}).") from None
    except MemoryError:
        raise
    except (Exception, SystemExit) as error:  # whatever __array__ of somebody else raises
        raise TypeError(f"{beginning.format(what)} not an array of numbers: {error_reason(error)}") from None
    if array is value or not isinstance(value, np.ndarray):
        return array
    if hasattr(value, "mask") and hasattr(value, "filled"):
        raise TypeError(
            f"{what}: a masked array is refused, since its mask would be lost. Write value.filled(number) to replace the "
            "masked entries, or value.compressed() to leave them out."
        )
    if isinstance(value, np.matrix):
        raise TypeError(
            f"{what}: a matrix of np.matrix is refused, since its * is a product of matrices and a node's is not. "
            "Write np.asarray(value), and @ for the product."
        )
    return array


def _is_without_end(value: Any) -> bool:
    """Whether a list is its own first element, or that of one of its elements: NumPy would go on for ever."""
    for _ in range(MOST_AXES + 1):
        if not (isinstance(value, list | tuple) and value):
            return False
        value = value[0]
    return True


def error_words(error: BaseException) -> str:
    """The words of an exception in one line, whoever raised it; "" if it has none."""
    try:
        words = " ".join(str(error).split())
    except Exception:  # its text is somebody else's, too
        return ""
    return words if len(words) <= LONGEST_WORDS else f"{words[:LONGEST_WORDS]}…"


def error_reason(error: BaseException) -> str:
    """Why something can't be read, by the exception that this raised: its words, or its kind."""
    kind, words = type(error).__name__, error_words(error)
    if "inhomogeneous" in words:
        return "its parts are of different shapes"
    return words if isinstance(error, TypeError | ValueError) and words else f"{kind}: {words}" if words else kind


def _numbers_of_objects(array: npt.NDArray[np.object_], value: Any, what: str) -> Array:
    """The objects as float64, if each of them is a real number."""
    numbers = np.empty(array.shape)
    for index in np.ndindex(array.shape):
        entry = array[index]
        if not (is_real(entry) or isinstance(entry, np.bool_)):
            kind = type(entry).__name__
            raise TypeError(f"{what}: values of type {kind} are refused. {_advice(value, kind)}")
        try:
            numbers[index] = float(entry)
        except (OverflowError, ValueError) as error:
            raise TypeError(f"{what}: a number of type {type(entry).__name__} is no float: {error}.") from None
    return numbers


def is_real(value: object) -> bool:
    """Whether it is a real number of any kind; a Decimal calls itself a number, but not a real one."""
    return isinstance(value, Real) or (isinstance(value, Number) and not isinstance(value, Complex))


def _advice(value: Any, kind: str) -> str:
    """What to write instead of what is not an array of real numbers."""
    if hasattr(value, "to_numpy"):
        return "Choose the columns that hold numbers, and write frame.to_numpy(float)."
    if hasattr(value, "toarray"):
        return "Write matrix.toarray()."
    if kind.startswith(("str", "<U", "bytes", "|S")):
        comma = isinstance(value, str) and "," in value
        also = ", with a point for the decimal comma" if comma else ""
        return f"Write np.array(value, float), if it is numbers that are written there{also}."
    if kind == "NoneType":
        return "None is no number: is a return missing where it is computed?"
    if kind.startswith(("bfloat", "float8", "void")):
        return "Write value.astype('float32'), if they are numbers of fewer digits."
    if isinstance(value, Mapping):
        return "Give one of its arrays, such as gradients['dW1']."
    if isinstance(value, Set):
        return "A set has no order: give a list."
    if isinstance(value, Iterator | ValuesView):
        return "Write list(value)."
    if callable(value):
        return "It has to be called to give an array: write () after it."
    return "Give real numbers."


def float_dtype(dtype: npt.DTypeLike, what: str) -> np.dtype[Any]:
    """The dtype, or a `TypeError` if it is neither float64 nor float32."""
    found = np.dtype(dtype)
    if found not in (np.float32, np.float64):
        raise TypeError(f"{what}: dtype {found} is refused. Values are float64 or float32.")
    return found


def locked(array: Array) -> Any:
    """The array read-only; a NumPy scalar, which can't be written anyway, for shape ()."""
    if array.ndim == 0:
        return array[()]
    array.flags.writeable = False
    return array


# Options: sizes, axes, truth values, real numbers

LONGEST_REPR = 40
"""What is longer is not written out in an error."""


def whole_number(value: Any, what: str, hint: str = "") -> int:
    """A whole number, as Python's indices have it: no text, no fraction, not 2.0, no truth value.

    Errors call it ``what``, such as "softmax: the axis", and say what to do, the ``hint``.
    """
    if not isinstance(value, bool | np.bool_):
        with suppress(TypeError):
            return operator.index(value)
    raise TypeError(f"{what} is a whole number, not {shown(value)}.{hint and f' {hint}'}")


def whole_numbers(value: Any, what: str, hint: str = "") -> tuple[int, ...]:
    """One whole number, or a list, tuple, range or array of them."""
    several = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    if several or (isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iu"):
        return tuple(whole_number(one, what, hint) for one in value)
    return (whole_number(value, what, hint),)


def axes_option(value: Any, what: str, hint: str = "") -> tuple[int, ...] | None:
    """One axis, several, or None. ``hint`` is for those who give an operand instead: a node, an array, 0.0."""
    operand = isinstance(getattr(value, "shape", None), tuple) or isinstance(value, float)
    return None if value is None else whole_numbers(value, f"{what}: an axis", hint if operand else "")


def shape_option(value: Any, what: str) -> Shape:
    """A shape: one size, or several."""
    return whole_numbers(value, f"{what}: a size", "A shape is written as (2, 3).")


def truth_value(value: Any, what: str, hint: str = "") -> bool:
    """True or False, and nothing that merely counts as one."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{what} is True or False, not {shown(value)}.{hint and f' {hint}'}")
    return bool(value)


def real_number(value: Any, what: str, hint: str = "") -> float:
    """A finite real number, as a float: no text, no complex number, no array, no truth value."""
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    number = math.nan
    if is_real(value) and not isinstance(value, bool):
        with suppress(OverflowError, ValueError):  # 10**400; a Decimal that signals
            number = float(value)
    if not math.isfinite(number):
        raise TypeError(f"{what} is a finite real number, not {shown(value)}.{hint and f' {hint}'}")
    return number


def shown(value: Any) -> str:
    """What was given, as errors say it."""
    kind = type(value).__name__
    kind = {"ndarray": "array", "Node": "node"}.get(kind, kind)
    article = "an" if kind[0] in "aeiouAEIOU" else "a"
    size = getattr(value, "shape", None)
    if isinstance(size, tuple) and not isinstance(value, np.generic):  # arrays, nodes, columns of tables
        return f"{article} {kind} of shape {size}"
    try:
        text = repr(value)
    except Exception:  # it is somebody else's
        return f"{article} {kind}"
    return text if len(text) <= LONGEST_REPR else f"{article} {kind}"
