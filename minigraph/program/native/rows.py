"""Rows for the interpreter: a function of NumPy over arrays, looked at and told in numbers.

The interpreter trusts its rows. So whatever it can't do is found here: `Lacking` says what NumPy has to do instead, a
`TypeError` or `ValueError` what NumPy can't do either.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.lib.array_utils import byte_bounds

from minigraph.program.native.layouts import address, overlap, refuse_unwritable, same_entries, steps_of
from minigraph.values import Array, Shape, broadcast_shape

MOST_AXES = 4
TYPES = {np.dtype(np.float64): 0, np.dtype(np.float32): 1, np.dtype(bool): 2, np.dtype(np.int64): 3}
DOUBLE, SINGLE, TRUTH, WHOLE = TYPES
ARRAYS = ("out", "a", "b")  # of a row
ARRAY = np.dtype([("slot", np.int64), ("offset", np.int64), ("type", np.int64), ("step", np.int64, MOST_AXES)])
TOLD = [("function", np.int64), ("precision", np.int64), ("direct", np.int64), ("count", np.int64, MOST_AXES)]
ROW = np.dtype([*TOLD, *((name, ARRAY) for name in ARRAYS)])
"""A row and an array in it, as `interpreter.c` has them."""

NUMBER = np.dtype([("function", np.int32), ("slots", np.int32, 3), ("offsets", np.int64, 3)])
"""A function of single numbers: where the result and the two operands lie."""

UNARY = ["copyto", "negative", "absolute", "square", "sqrt", "ceil", "floor", "sign", "exp", "expm1", "log", "log1p", "tanh"]
COMPARISONS = ["equal", "not_equal", "greater", "greater_equal", "less", "less_equal"]
BINARY = ["add", "subtract", "multiply", "divide", "maximum", "minimum", "fmax", "fmin", "power", *COMPARISONS]
ENTRY_BY_ENTRY = {*UNARY, *BINARY}
REDUCTIONS = {"add.reduce": -0.0, "maximum.reduce": -math.inf}  # with what changes no entry
PRODUCTS = ["dot", "dot.add"]  # into an array, and added to what is there, which the interpreter alone has
APART = {*REDUCTIONS, *PRODUCTS, "add.accumulate", "take"}  # what is filled is apart from what is read, and of one type
OWN = ["numbers", "python", "blocks"]  # rows that stand for others
OPERANDS = {
    **dict.fromkeys([*UNARY, *REDUCTIONS, "add.accumulate", "finite"], 1),
    **dict.fromkeys([*BINARY, *PRODUCTS, "take"], 2),
    "clip": 3,
}


class Lacking(NotImplementedError):
    """What the interpreter has no way to do, and NumPy has."""


Now: TypeAlias = Callable[[int], Array]
"""The array that takes the place of the one at a position among those that move, in the step that is done."""

PythonCall: TypeAlias = Callable[[Now], None]


@dataclass(frozen=True, eq=False)
class Call:
    """A function with the arrays that it reads and the one that it fills.

    Attributes:
        function: a name in `OPERANDS`; ``finite`` ends the steps if an entry of its operand is not, and fills nothing.
        operands: arrays; they are broadcast as in NumPy.
        out: where the result goes: all of an operand, or memory that no operand lies in.
        axes: of a reduction the axes, all if there is none; of ``add.accumulate`` the axis; of ``take`` the first, if any.
        keepdims: of a reduction, whether the axes stay, of size 1.
        otherwise: a function of Python that does the same, for what the interpreter lacks; without it that is an error.
    """

    function: str
    operands: tuple[Array, ...]
    out: Array | None = None
    axes: tuple[int, ...] | int | None = None
    keepdims: bool = False
    otherwise: PythonCall | None = None

    @property
    def arrays(self) -> tuple[Array, ...]:
        """The operands, and what is filled."""
        return self.operands if self.out is None else (*self.operands, self.out)


@dataclass(frozen=True, eq=False)
class Blocks:
    """Calls that are done several times, each time as far further on in their arrays as the time before.

    Attributes:
        at: the calls of the time with this number.
        times: how many times they are done, two at least.
    """

    at: Callable[[int], Sequence[Call]]
    times: int


AnyCall: TypeAlias = Call | Blocks | PythonCall


class Rows:
    """Collects rows over arrays, some of which move from step to step or from run to run.

    Attributes:
        functions: the interpreter's number for each function.
        moving: arrays that others take the place of: an array that lies in one of them moves with it.
        largest_product: the most multiplications of a product, if the interpreter has no BLAS.
        rows: the rows so far.
        python: the functions of Python that they call.
        fixed: the arrays that stay where they are, which are to be kept.
        written: the positions in ``moving`` of what is written.
    """

    def __init__(self, functions: dict[str, int], moving: Sequence[Array], largest_product: float = math.inf):
        self.functions, self.moving, self.largest_product = functions, list(moving), largest_product
        self.rows: list[Any] = []
        self.python: list[PythonCall] = []
        self.fixed: list[Array] = []
        self.written: set[int] = set()
        for array in moving:
            _refuse_unfit(array)
        self._bounds = [byte_bounds(array) for array in moving]
        for (_, end), (first, _) in itertools.pairwise(sorted(self._bounds)):
            if first < end:
                raise ValueError("arrays that move lie in each other's memory.")

    def add(self, call: AnyCall) -> None:
        """One more call.

        Raises:
            Lacking: if the interpreter can't do this, and there is nothing to do otherwise; nothing is added then.
            TypeError: for an unknown function, a wrong number of operands, or what is not an array.
            ValueError: for shapes that don't fit, an array that can't be written, or blocks that do not go on evenly.
        """
        if isinstance(call, Blocks):
            self.rows += self._rows_of_blocks(call)
            return
        if isinstance(call, Call):
            try:
                self.rows += self._rows_of(call)
                return
            except Lacking:
                if call.otherwise is None:
                    raise
                call = call.otherwise
        self.rows.append(self._row_on_numbers("python", np.empty(0), len(self.python)))
        self.python.append(call)

    def _rows_of_blocks(self, blocks: Blocks) -> list[Any]:
        times = (0, 1, blocks.times - 1)
        rows = [[row for call in blocks.at(time) for row in self._rows_of(call)] for time in times]
        first, second, last = (np.array(each, ROW) for each in rows)
        ahead = np.stack([second[x]["offset"] - first[x]["offset"] for x in ARRAYS], axis=1)
        for x, by in zip(ARRAYS, ahead.T, strict=True):
            last[x]["offset"] -= (blocks.times - 1) * by
        if last.tobytes() != first.tobytes():
            raise ValueError("what is done by blocks does not go on evenly.")
        return [self._row_on_numbers("blocks", ahead, len(first), blocks.times), *rows[0]]

    def table(self) -> Array:
        """The rows as the interpreter reads them, those of single numbers that follow each other as one."""
        by_number = {self.functions[name] for name in ENTRY_BY_ENTRY - {"power"}}

        def of_numbers(row: Any) -> int | None:
            """The precision of a row that works on single numbers; else None."""
            function, precision, direct, counts, *_ = row
            return precision if function in by_number and direct and counts == (1,) * MOST_AXES else None

        table: list[Any] = []
        for precision, found in itertools.groupby(self.rows, of_numbers):
            rows = list(found)
            if precision is not None and len(rows) > 1:  # their places lie close together then
                numbers = [(row[0], [place[0] for place in row[4:]], [place[1] for place in row[4:]]) for row in rows]
                rows = [self._row_on_numbers("numbers", np.array(numbers, NUMBER), len(rows), precision=precision)]
            table += rows
        return np.array(table, ROW)

    def _row_on_numbers(self, function: str, numbers: Array, count: int, times: int = 0, precision: int = 0) -> Any:
        """A row of a function that is the interpreter's own, and reads numbers that are written here."""
        self.fixed.append(numbers)
        place = (0, address(numbers), 0, (0,) * MOST_AXES)
        return (self.functions[function], precision, False, (count, times, 0, 0), place, place, place)

    def _rows_of(self, call: Call) -> list[Any]:
        _refuse_malformed(call)
        out = call.arrays[-1]
        if call.function in APART:
            if out.dtype != call.operands[0].dtype or out.dtype not in (DOUBLE, SINGLE):
                raise Lacking(_with_types(call, out))
            if any(overlap(x, out) for x in call.operands):
                raise Lacking(f"{call.function} fills a part of an operand")
        rows = [self._row(*walk) for walk in WALKS[call.function](call, out)]
        slot = rows[0][4][0]
        if slot and call.out is not None:
            self.written.add(slot - 1)
        return rows

    def _row(self, function: str, counts: Shape, arrays: Sequence[Array], steps: Sequence[Shape]) -> Any:
        if len(counts) > MOST_AXES:
            raise Lacking(f"arrays that lie in memory along {len(counts)} axes")
        if function in PRODUCTS and math.prod(counts[:3]) >= self.largest_product:
            raise Lacking("a product as large as this is for BLAS, which only NumPy reaches here")
        read = {x.dtype for x in arrays[1:]}
        precision = SINGLE if SINGLE in read and DOUBLE not in read else DOUBLE
        last = {step[-1] for step in steps}
        direct = {*read, arrays[0].dtype} == {precision} and last != {0} and last <= {0, 1}
        places = map(self._place, arrays, steps)
        return (self.functions[function], TYPES[precision], direct, (1,) * (MOST_AXES - len(counts)) + counts, *places)

    def _place(self, array: Array, step: Shape) -> tuple[int, int, int, Shape]:
        """The array as the interpreter is told of it."""
        kind, step = TYPES[array.dtype], (0,) * (MOST_AXES - len(step)) + step
        low, high = byte_bounds(array)
        for position, (first, end) in enumerate(self._bounds) if array.size else ():
            if first <= low and high <= end:
                return position + 1, address(array) - address(self.moving[position]), kind, step
            if low < end and first < high:
                raise ValueError("an array lies in an array that moves and beside it.")
        self.fixed.append(array)
        return 0, address(array), kind, step


def _refuse_malformed(call: Call) -> None:
    """Refuse a call that has not the arrays that its function needs."""
    function, operands, out = call.function, call.operands, call.out
    if function not in OPERANDS:
        raise Lacking(f"the interpreter has no function {function}")
    if len(operands) != OPERANDS[function]:
        raise TypeError(f"{function} takes {OPERANDS[function]} operands, not {len(operands)}.")
    for array in call.arrays:
        _refuse_unfit(array)
    if function == "finite" and out is not None:
        raise TypeError("finite fills no array: it only looks at one.")
    if function != "finite" and out is None:
        raise TypeError(f"{function} needs an array that it fills.")
    if out is not None:
        refuse_unwritable(out)


def _refuse_unfit(array: Any) -> None:
    """Refuse what is not an array, or is none that the interpreter can read."""
    if not isinstance(array, np.ndarray):
        raise TypeError(f"the interpreter works on arrays, not on a value of type {type(array).__name__}.")
    if array.dtype not in TYPES or not array.dtype.isnative:
        raise Lacking(f"arrays of {array.dtype}")
    if not array.flags.aligned or any(stride % array.itemsize for stride in array.strides):
        raise Lacking("an array whose entries do not begin at multiples of their size")
    owner, base = array, array.base
    while base is not None:  # what strides were invented for has a base that is not an array, and that one has a base
        owner = base if isinstance(base, np.ndarray) else owner
        base = getattr(base, "base", None)
    (low, high), (first, end) = byte_bounds(array), byte_bounds(owner)
    if array.size and not (first <= low and high <= end):
        raise ValueError("an array reaches beyond the memory that it is a view of.")


def _with_types(call: Call, out: Array) -> str:
    return f"{call.function} of {' and '.join(str(x.dtype) for x in call.operands)} into {out.dtype}"


Walk: TypeAlias = tuple[str, Shape, Sequence[Array], Sequence[Shape]]
"""How a row goes through memory: a function, entries along few axes, what is filled and two operands, and their steps."""


def _entry_by_entry(call: Call, out: Array) -> list[Walk]:
    function, operands = call.function, call.operands
    types = {x.dtype for x in operands}
    of_truth = types == {TRUTH}
    if WHOLE in types or out.dtype == WHOLE or (of_truth and function not in ("copyto", *COMPARISONS)):
        raise Lacking(_with_types(call, out))
    if out.dtype == TRUTH and function not in COMPARISONS and not of_truth:
        raise TypeError(f"{function} gives numbers, which an array of truth values can't hold.")
    shape = broadcast_shape(*(x.shape for x in operands))
    if not _fills(shape, out.shape):
        raise ValueError(f"{function} gives an array of shape {shape}, but is to fill one of {out.shape}.")
    seen = [np.broadcast_to(x, out.shape) for x in operands]
    for x, whole in zip(operands, seen, strict=True):
        if not same_entries(whole, out) and overlap(x, out):
            raise Lacking(f"{function} fills a part of an operand")
    counts, steps = _merged(out.shape, steps_of(out), steps_of(seen[0]), steps_of(seen[-1]))
    return [(function, counts, (out, operands[0], operands[-1]), steps)]


def _clip(call: Call, out: Array) -> list[Walk]:
    x, low, high = call.operands
    if overlap(high, out):
        raise Lacking("clip fills the array of its upper bound")
    return _entry_by_entry(Call("maximum", (x, low)), out) + _entry_by_entry(Call("minimum", (out, high)), out)


def _reduction(call: Call, out: Array) -> list[Walk]:
    """What changes no entry fills the array; then each entry is added to it, which lies still along the axes."""
    function, (x,) = call.function, call.operands
    axes = _axes(call.axes, x.ndim)
    kept = tuple(1 if axis in axes else size for axis, size in enumerate(x.shape))
    shape = kept if call.keepdims else tuple(size for axis, size in enumerate(x.shape) if axis not in axes)
    if shape != out.shape:
        raise ValueError(f"{function} gives an array of shape {shape}, but is to fill one of {out.shape}.")
    if not x.size and function == "maximum.reduce":
        raise ValueError("there is no largest entry where there are no entries.")
    start = np.array(REDUCTIONS[function] if x.size else 0.0, out.dtype)
    still = np.broadcast_to(out.reshape(kept), x.shape)
    counts, (steps, to) = _merged(x.shape, steps_of(x), steps_of(still))
    return [*_entry_by_entry(Call("copyto", (start,)), out), (function, counts, (out, x, x), (to, steps, steps))]


def _accumulate(call: Call, out: Array) -> list[Walk]:
    (x,) = call.operands
    axes = _axes(call.axes, x.ndim)
    if call.axes is None or len(axes) != 1:
        raise TypeError("add.accumulate goes along one axis.")
    if x.shape != out.shape:
        raise ValueError(f"add.accumulate gives an array of shape {x.shape}, but is to fill one of {out.shape}.")
    *others, count = np.moveaxis(x, axes, (-1,)).shape
    (*to, ahead), (*of_x, on) = (steps_of(np.moveaxis(array, axes, (-1,))) for array in (out, x))
    counts, (filled, read) = _merged(others, to, of_x)
    return [("add.accumulate", (*counts, count), (out, x, x), ((*filled, ahead), (*read, on), (*read, on)))]


def _product(call: Call, out: Array) -> list[Walk]:
    a, b = call.operands
    if a.ndim not in (1, 2) or b.ndim not in (1, 2):
        raise Lacking(f"a product of arrays of {a.ndim} and {b.ndim} axes")
    if a.dtype != b.dtype:
        raise Lacking(_with_types(call, out))
    if a.shape[-1] != b.shape[0] or out.shape != (*a.shape[:-1], *b.shape[1:]):
        raise ValueError(f"shapes {a.shape}, {b.shape} and {out.shape} are not those of a product.")
    m, k, n = math.prod(a.shape[:-1]), a.shape[-1], math.prod(b.shape[1:])
    matrices = out.reshape(m, n), a.reshape(m, k), b.reshape(k, n)
    return [(call.function, (m, n, k, 0), (out, a, b), [steps_of(matrix) for matrix in matrices])]


def _take(call: Call, out: Array) -> list[Walk]:
    x, chosen = call.operands
    if chosen.dtype != WHOLE:
        raise TypeError(f"entries are taken by whole numbers, not by {chosen.dtype}.")
    if call.axes not in (None, (0,)) or not x.ndim:
        raise Lacking("entries are taken along the first axis only")
    if out.shape != (*chosen.shape, *x.shape[1:]):
        raise ValueError(f"taken entries have the shape {(*chosen.shape, *x.shape[1:])}, not {out.shape}.")
    count, (by, to) = _merged(chosen.shape, steps_of(chosen), steps_of(out)[: chosen.ndim])
    size, (of_x, along) = _merged(x.shape[1:], steps_of(x)[1:], steps_of(out)[chosen.ndim :])
    if len(count) > 1 or len(size) > 1:
        raise Lacking("entries are taken from rows that lie in more than one step")
    steps = (*to, *along), (steps_of(x)[0], *of_x), (*by, 0)
    return [("take", (x.shape[0], 0, *count, *size), (out, x, chosen), steps)]


WALKS: dict[str, Callable[[Call, Array], list[Walk]]] = {
    **dict.fromkeys([*ENTRY_BY_ENTRY, "finite"], _entry_by_entry),
    **dict.fromkeys(REDUCTIONS, _reduction),
    **dict.fromkeys(PRODUCTS, _product),
    "add.accumulate": _accumulate,
    "take": _take,
    "clip": _clip,
}


def _fills(shape: Shape, whole: Shape) -> bool:
    """Whether an array of a shape fills one of another, as in NumPy: one entry may fill many."""
    return len(shape) <= len(whole) and all(a in (1, b) for a, b in zip(shape[::-1], whole[::-1], strict=False))


def _axes(axes: tuple[int, ...] | int | None, count: int) -> tuple[int, ...]:
    """Axes of so many, numbered from 0; None are all of them."""
    named = range(count) if axes is None else (axes,) if isinstance(axes, int) else axes
    for axis in named:
        if not -count <= axis < count:
            raise ValueError(f"there is no axis {axis} among {count}.")
    return tuple(axis % count for axis in named)


def _merged(shape: Sequence[int], *steps: Sequence[int]) -> tuple[Shape, list[Shape]]:
    """The same entries along fewer axes: neighbours as one, those of one entry left out; the smallest step comes last.

    Args:
        shape: how many entries along each axis.
        steps: for each array its steps; those of the first decide which axis comes last.
    """
    axes = [axis for axis in zip(shape, *steps, strict=True) if axis[0] != 1]
    merged: list[Shape] = []
    for size, *step in sorted(axes, key=lambda axis: -abs(axis[1])):
        if merged and merged[-1][1:] == tuple(size * one for one in step):
            size *= merged.pop()[0]
        merged.append((size, *step))
    counts, *found = zip(*merged or [(1,) * (1 + len(steps))], strict=True)
    return counts, found
