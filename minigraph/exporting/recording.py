"""`Recorder`: a module with NumPy's functions whose arrays note what is done with them, instead of doing it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from minigraph.core.node import Node
from minigraph.values import Array, Shape, broadcast_shape


class Value:
    """An array of which shape and dtype are known, and how it came about.

    Attributes:
        function: ``input``, ``constant``, the name of a ufunc, or one of the methods of `Recorder`.
        operands: the values that it is made of.
        options: what else the function is told, such as axes.
        node: the node that was being computed.
    """

    def __init__(
        self, recorder: Recorder, function: str, operands: tuple[Value, ...], shape: Shape, dtype: Any, **options: Any
    ):
        self.recorder, self.function, self.operands, self.options = recorder, function, operands, options
        self.shape, self.dtype, self.node = tuple(shape), np.dtype(dtype), recorder.node
        self.position = len(recorder.values)
        recorder.values.append(self)

    def astype(self, dtype: Any) -> Value:
        """Converted."""
        if self.dtype == dtype:
            return self
        return Value(self.recorder, "astype", (self,), self.shape, dtype)

    def reshape(self, shape: Sequence[int]) -> Value:
        """The same entries in another shape; one size may be −1."""
        found = np.empty(self.shape, np.void).reshape(shape).shape
        if found == self.shape:
            return self
        x = self.operands[0] if self.function == "reshape" else self
        return Value(self.recorder, "reshape", (x,), found, self.dtype)

    def transpose(self, axes: Sequence[int] | None) -> Value:
        """The axes in another order; reversed by default."""
        ndim = len(self.shape)
        order = tuple(axis % ndim for axis in axes) if axes is not None else tuple(reversed(range(ndim)))
        if order == tuple(range(ndim)):
            return self
        shape = tuple(self.shape[axis] for axis in order)
        return Value(self.recorder, "transpose", (self,), shape, self.dtype, axes=order)

    def __getitem__(self, index: Any) -> Value:
        index = index if isinstance(index, tuple) else (index,)
        if all(part is Ellipsis or (type(part) is slice and part == slice(None)) for part in index):
            return self
        parts = [np.zeros(part.shape, int) if isinstance(part, Value) else part for part in index]
        shape = np.empty(self.shape, np.void)[tuple(parts)].shape
        index, given = _with_gaps(index)
        return Value(self.recorder, "getitem", (self, *given), shape, self.dtype, index=index)

    @property
    def at(self) -> _At:
        """``x.at[index].set(value)``: x with other entries there."""
        return _At(self)

    def __mul__(self, other: Any) -> Value:
        return self.recorder.elementwise("multiply", self, other)


@dataclass(frozen=True)
class Gap:
    """The part of an index that is an operand, with its number of axes."""

    operand: int
    ndim: int


def _with_gaps(index: Sequence[Any]) -> tuple[tuple[Any, ...], list[Value]]:
    """The index with gaps where it has values, which are operands 1, 2, …; and these."""
    given = [part for part in index if isinstance(part, Value)]
    numbered = iter(range(1, len(given) + 1))
    return tuple(Gap(next(numbered), len(x.shape)) if isinstance(x, Value) else x for x in index), given


class _At:
    """Entries of an array, that shall be others."""

    def __init__(self, x: Value, index: Any = None):
        self.x, self.index = x, index

    def __getitem__(self, index: Any) -> _At:
        return _At(self.x, index if isinstance(index, tuple) else (index,))

    def add(self, value: Value) -> Value:
        """With the value added there, once for each time that an entry is named. The array is one of zeros."""
        x = self.x
        every, new = without_none_and_masks(spread_index(self.index, len(x.shape)))
        cuts = tuple(part if isinstance(part, slice) else slice(None) for part in every)
        arrays = tuple(slice(None) if isinstance(part, slice) else part for part in every)
        if not all(map(is_basic, every)) and any(cut != slice(None) for cut in cuts):  # arrays within a part of x
            whole = x.recorder.zeros(with_axes(x.shape, new), x.dtype)
            within = x.recorder.zeros(np.empty(whole.shape, np.void)[cuts].shape, x.dtype)
            return whole.at[cuts].add(within.at[arrays].add(value)).reshape(x.shape)
        index, given = _with_gaps(self.index)
        pads = paddings(index, x.shape)
        return Value(x.recorder, "scatter", (value, *given), x.shape, x.dtype, index=index, pads=pads)

    def set(self, value: Value) -> Value:
        """With the value there; the index is a slice along axis 0."""
        (entries,) = self.index
        start, stop, _ = entries.indices(self.x.shape[0])
        parts = [self.x[:start], value, self.x[stop:]]
        return self.x.recorder.concatenate([part for part in parts if part.shape[0]])


def is_basic(part: Any) -> bool:
    """Whether a part of an index is a whole number, a slice, ... or None."""
    return part is None or part is Ellipsis or type(part) in (int, slice)


def _is_mask(part: Any) -> bool:
    return isinstance(part, np.ndarray) and part.dtype == bool


def spread_index(index: Sequence[Any], ndim: int) -> tuple[Any, ...]:
    """The index with whole slices for ..., and for the axes that it does not name."""
    used = sum(part.ndim if _is_mask(part) else 1 for part in index if part is not None and part is not ...)
    rest = [slice(None)] * (ndim - used)
    if not any(part is ... for part in index):
        return (*index, *rest)
    at = next(i for i, part in enumerate(index) if part is ...)
    return (*index[:at], *rest, *index[at + 1 :])


def without_none_and_masks(index: Sequence[Any]) -> tuple[list[Any], list[int]]:
    """The same index into the array with a new axis wherever it has None, and these axes; a mask is where it is true."""
    parts: list[Any] = []
    for part in index:
        parts += part.nonzero() if _is_mask(part) else [part]
    return [slice(None) if part is None else part for part in parts], [i for i, part in enumerate(parts) if part is None]


def with_axes(shape: Sequence[Any], new: Iterable[int]) -> tuple[Any, ...]:
    """The shape with axes of size 1 in these places of the result, which ascend."""
    sizes = list(shape)
    for axis in new:
        sizes.insert(axis, 1)
    return tuple(sizes)


def paddings(index: Sequence[Any], shape: Shape) -> tuple[tuple[int, int], ...] | None:
    """How many zeros are before and after the entries of a basic index, along each axis; None for another index."""
    if not all(map(is_basic, index)):
        return None
    found = []
    parts = [part for part in spread_index(index, len(shape)) if part is not None]
    for part, size in zip(parts, shape, strict=True):
        start, stop, step = part.indices(size) if isinstance(part, slice) else (part % size, part % size + 1, 1)
        if step != 1:
            return None
        found.append((start, size - max(start, stop)))
    return tuple(found)


class Recorder:
    """Has the functions of NumPy that lowerings and forms ask for; every other one that it is asked for is a ufunc.

    Attributes:
        values: what was made, in order.
        node: the node that is being computed.
    """

    def __init__(self) -> None:
        self.values: list[Value] = []
        self.node: Node | None = None

    def input(self, node: Node) -> Value:
        """A value that the file is given."""
        self.node = node
        return Value(self, "input", (), node.shape, node.dtype)

    def asarray(self, value: Any, dtype: Any) -> Value:
        """A constant, or a value converted."""
        if isinstance(value, Value):
            return value.astype(np.dtype(dtype))
        array: Array = np.array(value, dtype)
        is_named = self.node is not None and self.node.op is None and self.node.name is not None  # to be found in the file
        if not is_named and array.size > 1 and array.tobytes() == array.flat[0].tobytes() * array.size:
            return self.full(array.shape, array.flat[0], array.dtype)
        return Value(self, "constant", (), array.shape, array.dtype, value=array)

    def full(self, shape: Shape, value: Any, dtype: Any) -> Value:
        """Equal entries."""
        return self.broadcast_to(Value(self, "constant", (), (), dtype, value=np.asarray(value, dtype)), shape)

    def zeros(self, shape: Shape, dtype: Any) -> Value:
        """Zeros."""
        return self.full(shape, 0.0, dtype)

    def broadcast_to(self, x: Any, shape: Shape) -> Value:
        """As NumPy has it."""
        value = x if isinstance(x, Value) else self.asarray(x, np.float64)
        return value if value.shape == shape else Value(self, "broadcast_to", (_narrow(value),), shape, value.dtype)

    def elementwise(self, function: str, *operands: Any) -> Value:
        """A ufunc. What is broadcast is left to it, so that no array is larger than it need be."""
        ufunc: np.ufunc = getattr(np, function)
        dtypes = [x.dtype for x in operands if isinstance(x, Value)]
        values = [x if isinstance(x, Value) else self.asarray(x, np.result_type(*dtypes)) for x in operands]
        *wanted, dtype = ufunc.resolve_dtypes((*(x.dtype for x in values), None))
        shape = broadcast_shape(*(x.shape for x in values))
        narrow = tuple(_narrow(x).astype(kind) for x, kind in zip(values, wanted, strict=True))
        if function == "multiply" and any(map(_is_one, narrow)):
            a, b = narrow
            return self.broadcast_to(b if _is_one(a) else a, shape)
        made = Value(self, function, narrow, broadcast_shape(*(x.shape for x in narrow)), dtype)
        return self.broadcast_to(made, shape)

    def __getattr__(self, name: str) -> Callable[..., Value]:
        if not isinstance(getattr(np, name, None), np.ufunc):
            raise AttributeError(name)
        return partial(self.elementwise, name)

    def matmul(self, a: Value, b: Value, **_: Any) -> Value:
        """The product of matrices."""
        shape = np.matmul(*(np.broadcast_to(np.zeros((), x.dtype), x.shape) for x in (a, b))).shape
        return Value(self, "matmul", (a, b), shape, np.result_type(a.dtype, b.dtype))

    def clip(self, x: Value, low: Value, high: Value) -> Value:
        """Kept between two numbers."""
        return self.elementwise("minimum", self.elementwise("maximum", x, low), high)

    def where(self, condition: Value, a: Any, b: Any) -> Value:
        """The one or the other."""
        dtype = np.result_type(*(x.dtype for x in (a, b) if isinstance(x, Value)))
        values = (condition.astype(np.dtype(bool)), *(self.asarray(x, dtype) for x in (a, b)))
        return Value(self, "where", values, broadcast_shape(*(x.shape for x in values)), dtype)

    def sum(self, x: Value, axis: Any, keepdims: bool) -> Value:
        """Along axes."""
        return self._reduced("sum", x, axis, keepdims)

    def max(self, x: Value, axis: Any, keepdims: bool) -> Value:
        """Along axes."""
        return self._reduced("max", x, axis, keepdims)

    def _reduced(self, function: str, x: Value, axis: Any, keepdims: bool) -> Value:
        axes = tuple(a % len(x.shape) for a in ((axis,) if isinstance(axis, int) else axis))
        if not axes:
            return x
        left = (1 if i in axes else size for i, size in enumerate(x.shape) if keepdims or i not in axes)
        return Value(self, function, (x,), tuple(left), x.dtype, axes=axes, keepdims=keepdims)

    def cumsum(self, x: Value, axis: int) -> Value:
        """Sums so far."""
        return Value(self, "cumsum", (x,), x.shape, x.dtype, axis=axis % len(x.shape))

    def take(self, x: Value, entries: Value, axis: int) -> Value:
        """Entries along axis 0."""
        return Value(self, "take", (x, entries), (*entries.shape, *x.shape[1:]), x.dtype)

    def concatenate(self, parts: Sequence[Value], axis: int = 0) -> Value:
        """Side by side."""
        if len(parts) == 1:
            return parts[0]
        dtype = np.result_type(*(x.dtype for x in parts))
        axis %= len(parts[0].shape)
        size = sum(x.shape[axis] for x in parts)
        shape = (*parts[0].shape[:axis], size, *parts[0].shape[axis + 1 :])
        return Value(self, "concatenate", tuple(x.astype(dtype) for x in parts), shape, dtype, axis=axis)


def _is_one(x: Value) -> bool:
    return x.function == "constant" and x.shape == () and x.options["value"] == 1


def _narrow(x: Value) -> Value:
    """What is broadcast, as it was before."""
    return x.operands[0] if x.function == "broadcast_to" else x
