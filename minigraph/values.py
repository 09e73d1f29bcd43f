"""Values: what may be the value of a node, and how it is kept from being written."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Shape = tuple[int, ...]


def to_array(value: npt.ArrayLike, dtype: npt.DTypeLike | None, what: str) -> Array:
    """A fresh float array of ``value``; integers and booleans become floats, float32 stays float32.

    Raises:
        TypeError: for complex numbers, objects, text and ragged lists, and for a dtype but float32 and float64.
    """
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise TypeError(f"{what}: the value is not a regular array of numbers ({error}).") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{what}: values of dtype {array.dtype} are refused. Give real numbers.")
    if dtype is None:
        dtype = np.float32 if array.dtype.newbyteorder("=") == np.float32 else np.float64
    dtype = float_dtype(dtype, what)
    return np.array(array, dtype=dtype, order="C", copy=True)


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
