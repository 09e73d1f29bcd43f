"""What a NumPy user expects of a node: operators, methods, NumPy functions; and what it refuses."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from numbers import Number
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import numpy as np

from minigraph.core.errors import describe
from minigraph.core.lazy_imports import later
from minigraph.core.numpy_functions import IN_A_TRACE, NUMPY, arguments_of, numpy_words, operation_of
from minigraph.core.other_frameworks import JOIN, LEAVE_GRAPH, no_attribute
from minigraph.values import Shape

if TYPE_CHECKING:
    from minigraph.core.ledger import BackwardPass
    from minigraph.core.node import Node, Operand, Role

OPERATIONS: dict[str, Callable[..., Node]] = {}
"""What `Node`'s operators and methods do, by name. Operations fill it, so that a node knows none of them."""

IN_PLACE = {np.add: "+", np.subtract: "-", np.multiply: "*", np.divide: "/", np.power: "**", np.matmul: "@"}
"""How what an array does to itself, ``a += b``, is written."""

Function = TypeVar("Function", bound="Callable[..., Node]")


def operation(*numpy_functions: Any) -> Callable[[Function], Function]:
    """Enter a function into the table of operations, and as the meaning of these NumPy functions on nodes."""

    def enter(function: Function) -> Function:
        OPERATIONS[function.__name__] = function
        NUMPY.update(dict.fromkeys(numpy_functions, function))
        return function

    return enter


def _of_two(name: str) -> tuple[Callable[[Any, Any], Node], Callable[[Any, Any], Node]]:
    """An operator of Python, with the node on its left and on its right."""
    return lambda node, other: OPERATIONS[name](node, other), lambda node, other: OPERATIONS[name](other, node)


def _compared(ufunc: np.ufunc, sign: str) -> Callable[[Any, Any], Any]:
    """A comparison of Python, which has a meaning in a trace; elsewhere it says what to write."""

    def compare(node: Any, other: Any) -> Any:
        if ufunc in (meanings := IN_A_TRACE.get()):
            return meanings[ufunc](node, other)
        raise TypeError(
            f"{describe(node)}: nodes have no order. Compare values: node.value {sign} other. To choose within a graph "
            f"write mg.where(node.value {sign} other, a, b), which keeps the choice as it is now, or mg.maximum or mg.relu."
        )

    return compare


def _in_a_trace(sign: str, node: Any, other: Any) -> Any:
    """What an operator of Python means on a node in a trace; None where it means nothing else there."""
    meanings = IN_A_TRACE.get()
    return meanings[sign](node, other) if sign in meanings else None


def _logical(sign: str) -> Callable[..., Any]:
    """And, or, not of masks, which have a meaning in a trace; elsewhere they say what to write."""

    def combined(node: Any, other: Any = None) -> Any:
        mask = _in_a_trace(sign, node, other)
        if mask is None:
            raise TypeError(
                f"{describe(node)}: {sign} is for masks. Make the mask of values, (x.value > 0) & (x.value < 1), and choose "
                "by it with mg.where."
            )
        return mask

    return combined


class Operators:
    """The part of `Node` that other arrays have too. It looks operations up by name, and knows none of them."""

    __slots__ = ()
    __pandas_priority__ = 5000
    """Above that of pandas' own, so that ``column * node`` asks the node, as ``array * node`` does."""

    shape: Shape
    role: Role
    value: Any

    # Shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return math.prod(self.shape)

    @property
    def T(self) -> Node:
        """The transpose: all axes in reverse order."""
        return OPERATIONS["transpose"](self)

    # Operations

    def sum(self, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Node:
        """Sum over ``axis``; see `minigraph.sum`."""
        return OPERATIONS["sum"](self, axis, keepdims)

    def mean(self, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Node:
        """Mean over ``axis``; see `minigraph.mean`."""
        return OPERATIONS["mean"](self, axis, keepdims)

    def max(self, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Node:
        """Largest entry over ``axis``; see `minigraph.max`."""
        return OPERATIONS["max"](self, axis, keepdims)

    def min(self, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Node:
        """Smallest entry over ``axis``; see `minigraph.min`."""
        return OPERATIONS["min"](self, axis, keepdims)

    def prod(self, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Node:
        """Product over ``axis``; see `minigraph.prod`."""
        return OPERATIONS["prod"](self, axis, keepdims)

    def var(self, axis: int | Sequence[int] | None = None, keepdims: bool = False, ddof: float = 0) -> Node:
        """Variance over ``axis``; see `minigraph.var`."""
        return OPERATIONS["var"](self, axis, keepdims, ddof)

    def std(self, axis: int | Sequence[int] | None = None, keepdims: bool = False, ddof: float = 0) -> Node:
        """Standard deviation over ``axis``; see `minigraph.std`."""
        return OPERATIONS["std"](self, axis, keepdims, ddof)

    def cumsum(self, axis: int | None = None) -> Node:
        """Running sum along ``axis``; see `minigraph.cumsum`."""
        return OPERATIONS["cumsum"](self, axis)

    def clip(self, min: Operand | None = None, max: Operand | None = None) -> Node:
        """Between two bounds; see `minigraph.clip`."""
        return OPERATIONS["clip"](self, min, max)

    def dot(self, other: Operand) -> Node:
        """The product of vectors and matrices; see `minigraph.dot`."""
        return OPERATIONS["dot"](self, other)

    def reshape(self, *shape: int | Sequence[int], order: str = "C") -> Node:
        """The same entries in another shape, given as one tuple or as sizes; see `minigraph.reshape`."""
        if not shape:
            raise TypeError(
                f"{self._described()}: reshape needs the new shape: x.reshape(2, 3), or x.reshape(-1) for one axis."
            )
        return OPERATIONS["reshape"](self, shape[0] if len(shape) == 1 else shape, order)

    def transpose(self, *axes: int | Sequence[int] | None) -> Node:
        """The axes in another order, given as one tuple or one by one, by default reversed; see `minigraph.transpose`."""
        return OPERATIONS["transpose"](self, axes[0] if len(axes) == 1 else axes or None)

    def swapaxes(self, axis1: int, axis2: int) -> Node:
        """Two axes exchanged; see `minigraph.swapaxes`."""
        return OPERATIONS["swapaxes"](self, axis1, axis2)

    def ravel(self, order: str = "C") -> Node:
        """All entries along one axis; see `minigraph.ravel`."""
        return OPERATIONS["ravel"](self, order)

    def flatten(self, order: str = "C") -> Node:
        """The same as `ravel`: a node is never a copy."""
        return OPERATIONS["ravel"](self, order)

    def squeeze(self, axis: int | Sequence[int] | None = None) -> Node:
        """Without axes of size 1; see `minigraph.squeeze`."""
        return OPERATIONS["squeeze"](self, axis)

    def repeat(self, repeats: int | Sequence[int], axis: int | None = None) -> Node:
        """Each entry several times; see `minigraph.repeat`."""
        return OPERATIONS["repeat"](self, repeats, axis)

    def item(self) -> float:
        """The value of a single number, as Python's float: the same as ``float(node)``, outside the graph.

        Raises:
            TypeError: if there is not exactly one entry.
        """
        return float(self._single("item"))

    __add__, __radd__ = _of_two("add")
    __sub__, __rsub__ = _of_two("subtract")
    __mul__, __rmul__ = _of_two("multiply")
    __truediv__, __rtruediv__ = _of_two("divide")
    __pow__, __rpow__ = _of_two("power")
    __matmul__, __rmatmul__ = _of_two("matmul")

    def __neg__(self) -> Node:
        return OPERATIONS["negative"](self)

    def __pos__(self) -> Node:
        return cast("Node", self)

    def _no_remainder(self, other: Any) -> NoReturn:
        raise TypeError(
            f"{self._described()}: %, // and divmod jump at whole numbers. Fix how often it goes in, as it is now: "
            "x - 2 * np.floor(x.value / 2) for x % 2; x // 2 is np.floor(x.value / 2), which has no derivative."
        )

    __mod__ = __rmod__ = __floordiv__ = __rfloordiv__ = __divmod__ = __rdivmod__ = _no_remainder

    def __xor__(self, other: Any) -> NoReturn:
        raise TypeError(f"{self._described()}: ^ is not a power in Python. Write x**2, or mg.power(x, 2).")

    __rxor__ = __xor__

    def __round__(self, digits: int | None = None) -> NoReturn:
        raise TypeError(
            f"{self._described()}: a node is not rounded, since that has no derivative. Round what is shown: "
            "round(float(J), 3), node.value.round(3), or f'{J:.3f}'."
        )

    def __abs__(self) -> Node:
        return OPERATIONS["abs"](self)

    def __getitem__(self, index: Any) -> Node:
        _in_a_trace("[]", self, index)
        return OPERATIONS["getitem"](self, index)

    def backward(self, seed: Operand | None = None, **others: Any) -> BackwardPass:
        """Run the backward pass from this node; see `minigraph.backward`. What other frameworks take is refused."""
        if others:
            raise TypeError(
                f"{self._described()}: backward takes a seed, but not {next(iter(others))}. Gradients that are "
                "differentiated again are nodes, mg.grad(J, x). Nothing is retained or freed: every pass starts afresh."
            )
        backward_pass: BackwardPass = later("backward")(self, seed)
        return backward_pass

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        if method == "__call__" and "out" in options:
            sign = IN_PLACE.get(ufunc)
            instead = f"Write a = a {sign} b in place of a {sign}= b" if sign else "Leave out= away"
            raise TypeError(
                f"np.{ufunc.__name__} would write a node into an array, which holds plain numbers only. {instead}."
            )
        if method != "__call__" or options:
            used = f"np.{ufunc.__name__}" + (f".{method}" if method != "__call__" else f" with {', '.join(options)}")
            raise TypeError(f"{used} can't be part of a graph. {LEAVE_GRAPH}")
        return operation_of(ufunc)(*operands)

    def __array_function__(self, function: Any, types: Any, operands: Any, options: Any) -> Any:
        operation = operation_of(function)
        return operation(*arguments_of(function, operation, operands, options))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
        if "array" in (meanings := IN_A_TRACE.get()):
            meanings["array"](self)
        raise TypeError(
            f"{self._described()} and is not turned into an array silently. {JOIN}; node.value is the plain array, "
            "without a gradient."
        )

    def __float__(self) -> float:
        return float(self._single("float"))

    def __bool__(self) -> bool:
        return bool(self._single("bool"))

    def __format__(self, specification: str) -> str:
        return format(self._single("format"), specification) if specification else str(self)

    def __getattr__(self, word: str) -> Any:
        if f".{word}" in (meanings := IN_A_TRACE.get()):
            return partial(meanings[f".{word}"], self)
        there = {name: f"mg.{name}(node)" for name in OPERATIONS} | {name: f"node.{name}" for name in dir(type(self))}
        there = numpy_words() | there
        raise no_attribute("'Node' object", word, there, obj=self)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError(f"{self._described()}: a scalar has no len. Use node.size or node.shape.")
        return self.shape[0]

    def __iter__(self) -> Iterator[Node]:
        if not self.shape:
            raise TypeError(f"{self._described()}: a scalar has no entries to iterate over. Use float(node).")
        return (self[i] for i in range(len(self)))

    # What a node refuses, with what to do instead

    def _described(self) -> str:
        return describe(cast("Node", self))

    def _single(self, function: str) -> Any:
        if function in (meanings := IN_A_TRACE.get()):
            meanings[function](self)
        if self.size != 1:
            raise TypeError(f"{self._described()}: {function}() needs a single number. Use node.value for the array.")
        return self.value if self.shape == () else self.value.item()

    def __eq__(self, other: object) -> Any:
        mask = _in_a_trace("==", self, other)
        if mask is not None:
            return mask
        if isinstance(other, Operators):
            return self is other
        if isinstance(other, str | bytes) or not _is_numbers(other):
            return NotImplemented
        raise TypeError(
            f"{self._described()}: a node equals itself and nothing else. Compare values: node.value == other, "
            "or np.array_equal(node.value, other)."
        )

    def __ne__(self, other: object) -> Any:
        mask = _in_a_trace("!=", self, other)
        if mask is not None:
            return mask
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    __hash__ = object.__hash__

    __and__ = __rand__ = _logical("&")
    __or__ = __ror__ = _logical("|")
    __invert__ = _logical("~")

    __lt__, __le__ = _compared(np.less, "<"), _compared(np.less_equal, "<=")
    __gt__, __ge__ = _compared(np.greater, ">"), _compared(np.greater_equal, ">=")

    def __setitem__(self, index: Any, value: Any) -> NoReturn:
        raise TypeError(
            f"{self._described()}: nothing is written into a node, since its steps would be lost. Make the whole at once: "
            "np.where(mask, a, b) to replace entries, np.concatenate or np.stack to put parts together."
        )

    def __int__(self) -> NoReturn:
        raise TypeError(
            f"{self._described()}: a node is not made a whole number, since rounding has no derivative. For a number to "
            "show, write int(node.value)."
        )

    def __contains__(self, item: Any) -> NoReturn:
        raise TypeError(f"{self._described()}: `in` does not look inside a node. Write: item in node.value.")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(
            f"{self._described()}: a graph is neither copied nor pickled, since its nodes are told apart by identity. "
            "Save the values of its parameters, and build the graph again."
        )

    def _no_update(self, other: Any) -> Node:
        if self.role == "parameter":
            raise TypeError(
                f"{self._described()}: an in-place update would make a new node and leave the parameter as it is. "
                "Assign its value: w.value = w.value - rate * w.grad."
            )
        return NotImplemented  # type: ignore[no-any-return]  # Python falls back to x = x + other, which makes a node as always

    __iadd__ = __isub__ = __imul__ = __itruediv__ = __ipow__ = __imatmul__ = _no_update


def _is_numbers(other: object) -> bool:
    """Whether it is a number, a list, or some kind of array."""
    return isinstance(other, Number | np.bool_ | list | tuple) or hasattr(type(other), "__array__")
