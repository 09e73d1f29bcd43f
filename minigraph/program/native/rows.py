"""Rows for the interpreter: a function of NumPy over arrays, looked at and told in numbers.

The interpreter trusts its rows. So whatever it can't do is found here: `Lacking` says what NumPy has to do instead, a
`TypeError` or `ValueError` what NumPy can't do either.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from minigraph.program.native.layouts import address, matrix_steps, overlap, refuse_unwritable, same_entries, steps_of
from minigraph.values import Array, Shape

MOST_AXES = 4
TYPES = {np.dtype(np.float64): 0, np.dtype(np.float32): 1, np.dtype(bool): 2, np.dtype(np.int64): 3}
FLOATS = (np.float64, np.float32)
ARRAY = np.dtype([("slot", np.int64), ("offset", np.int64), ("type", np.int64), ("step", np.int64, MOST_AXES)])
ROW = np.dtype(
    [
        ("function", np.int64),
        ("precision", np.int64),
        ("direct", np.int64),
        ("count", np.int64, MOST_AXES),
        ("out", ARRAY),
        ("a", ARRAY),
        ("b", ARRAY),
    ]
)
"""A row and an array in it, as `interpreter.c` has them."""

NUMBER = np.dtype([("function", np.int32), ("slots", np.int32, 3), ("offsets", np.int64, 3)])
"""A function of single numbers: where the result and the two operands lie."""

UNARY = [
    *("copyto", "negative", "absolute", "square", "sqrt", "ceil", "floor", "sign"),
    *("exp", "expm1", "log", "log1p", "tanh"),
]
COMPARISONS = ["equal", "not_equal", "greater", "greater_equal", "less", "less_equal"]
BINARY = ["add", "subtract", "multiply", "divide", "maximum", "minimum", "fmax", "fmin", "power", *COMPARISONS]
ENTRY_BY_ENTRY = {*UNARY, *BINARY}
REDUCTIONS = {"add.reduce": -0.0, "maximum.reduce": -math.inf}  # with what changes no entry
PRODUCTS = ["dot", "dot.add"]  # into an array, and added to what is there, which the interpreter alone has
OPERANDS = {
    **dict.fromkeys([*UNARY, *REDUCTIONS, "add.accumulate", "finite"], 1),
    **dict.fromkeys([*BINARY, *PRODUCTS, "take"], 2),
    "clip": 3,
}


class Lacking(NotImplementedError):
    """What the interpreter has no way to do, and NumPy has."""


@dataclass(frozen=True, eq=False)
class Call:
    """A function with the arrays that it reads and the one that it fills.

    Attributes:
        function: a name in `OPERANDS`; ``finite`` ends the steps if an entry of its operand is not, and fills nothing.
        operands: arrays; they are broadcast as in NumPy.
        out: where the result goes: all of an operand, or memory that no operand lies in.
        axes: of a reduction the axes, of ``take`` and ``add.accumulate`` the axis.
        keepdims: of a reduction, whether the axes stay, of size 1.
        otherwise: a function of Python that does the same, for what the interpreter lacks; without it that is an error.
    """

    function: str
    operands: tuple[Array, ...]
    out: Array | None = None
    axes: tuple[int, ...] | None = None
    keepdims: bool = False
    otherwise: Callable[..., None] | None = None


@dataclass(frozen=True, eq=False)
class Blocks:
    """Calls that are done several times, each time as far further on in their arrays as the time before.

    Attributes:
        at: the calls of the time with this number.
        times: how many times they are done, two at least.
    """

    at: Callable[[int], Sequence[Call]]
    times: int


class Rows:
    """Collects rows over arrays, some of which move from step to step or from run to run.

    Attributes:
        functions: the interpreter's number for each function.
        moving: arrays that others take the place of: an array that lies in one of them moves with it.
        largest_product: the most multiplications of a product, if the interpreter has no BLAS.
        rows: the rows so far.
        fixed: the arrays that stay where they are, which are to be kept.
        written: the positions in ``moving`` of what is written.
    """

    def __init__(self, functions: dict[str, int], moving: Sequence[Array], largest_product: float = math.inf):
        self.functions, self.moving, self.largest_product = functions, list(moving), largest_product
        self.rows: list[Any] = []
        self.fixed: list[Array] = []
        self.written: set[int] = set()
        for array in moving:
            _refuse_unfit(array)
        self._bounds = [byte_bounds(array) for array in moving]
        for (_, end), (first, _) in itertools.pairwise(sorted(self._bounds)):
            if first < end:
                raise ValueError("arrays that move lie in each other's memory.")

    def add_python(self, number: int) -> None:
        """One more call, of a function of Python that has this number."""
        nowhere = (0, 0, 0, (0,) * MOST_AXES)
        self.rows.append((self.functions["python"], 0, False, (number, 0, 0, 0), nowhere, nowhere, nowhere))

    def table(self) -> Array:
        """The rows as the interpreter reads them, those of single numbers that follow each other as one."""
        names = ENTRY_BY_ENTRY - {"power"} if "numbers" in self.functions else {}
        by_number = {self.functions[name] for name in names}
        table: list[Any] = []
        for (precision, single), found in itertools.groupby(self.rows, lambda row: (row[1], _is_of_numbers(row, by_number))):
            rows = list(found)
            table += [self._numbers(rows, precision)] if single and len(rows) > 1 else rows
        return np.array(table, ROW)

    def _numbers(self, rows: Sequence[Any], precision: int) -> Any:
        """One row for many that work on single numbers, whose places lie close together then."""
        numbers = [(row[0], [place[0] for place in row[4:]], [place[1] for place in row[4:]]) for row in rows]
        self.fixed.append(np.array(numbers, NUMBER))
        where = (0, address(self.fixed[-1]), 0, (0,) * MOST_AXES)
        return (self.functions["numbers"], precision, False, (len(rows), 0, 0, 0), where, where, where)

    def add_blocks(self, blocks: Blocks) -> None:
        """Calls that are done several times.

        Raises:
            ValueError: if they do not go on evenly; else as `add`.
        """
        first, second, last = ([self._row_of(call) for call in blocks.at(time)] for time in (0, 1, blocks.times - 1))
        ahead = [[y[1] - x[1] for x, y in zip(a[4:], b[4:], strict=True)] for a, b in zip(first, second, strict=True)]
        for row, by, reached in zip(first, ahead, last, strict=True):
            places = [
                (slot, offset + (blocks.times - 1) * b, *rest) for (slot, offset, *rest), b in zip(row[4:], by, strict=True)
            ]
            if (*row[:4], *map(tuple, places)) != reached:
                raise ValueError("what is done by blocks does not go on evenly.")
        self.fixed.append(np.array(ahead, np.int64))
        where = (0, address(self.fixed[-1]), 0, (0,) * MOST_AXES)
        self.rows.append((self.functions["blocks"], 0, False, (len(first), blocks.times, 0, 0), where, where, where))
        self.rows += first

    def _row_of(self, call: Call) -> Any:
        """The row of a call that takes only one, which is not added."""
        self.add(call)
        return self.rows.pop()

    def add(self, call: Call) -> None:
        """One more call.

        Raises:
            Lacking: if the interpreter can't do this; nothing is added then.
            TypeError: for an unknown function, a wrong number of operands, or what is not an array.
            ValueError: for shapes that don't fit, or an array that can't be written.
        """
        before = len(self.rows)
        try:
            self._add(call)
        except BaseException:
            del self.rows[before:]
            raise

    def _add(self, call: Call) -> None:
        function, operands, out = call.function, call.operands, call.out
        if function not in OPERANDS:
            raise Lacking(f"the interpreter has no function {function}")
        if len(operands) != OPERANDS[function]:
            raise TypeError(f"{function} takes {OPERANDS[function]} operands, not {len(operands)}.")
        for array in (*operands, *(() if out is None else (out,))):
            _refuse_unfit(array)
        if function == "finite":
            if out is not None:
                raise TypeError("finite fills no array: it only looks at one.")
            self._looked_at(operands[0])
            return
        if out is None:
            raise TypeError(f"{function} needs an array that it fills.")
        refuse_unwritable(out)
        if function == "clip":
            x, low, high = operands
            if overlap(high, out):
                raise Lacking("clip fills the array of its upper bound")
            self._entry_by_entry("maximum", (x, low), out)
            self._entry_by_entry("minimum", (out, high), out)
        elif function in PRODUCTS:
            self._product(function, operands[0], operands[1], out)
        elif function == "take":
            self._take(operands[0], operands[1], out, call.axes)
        elif function == "add.accumulate":
            self._accumulate(operands[0], out, call.axes)
        elif function in REDUCTIONS:
            self._reduction(function, operands[0], out, call)
        else:
            self._entry_by_entry(function, operands, out)

    def _looked_at(self, x: Array) -> None:
        precision = _precision("finite", (x,))
        counts, (steps,) = _merged(x.shape, [steps_of(x)], [0])
        self._row("finite", precision, counts, x.dtype == FLOATS[precision] and steps[-1] == 1, (x, x, x), (steps,) * 3)

    def _entry_by_entry(self, function: str, operands: Sequence[Array], out: Array) -> None:
        precision = _precision(function, operands)
        if out.dtype == np.int64:
            raise Lacking(f"{function} into whole numbers")
        if out.dtype == bool and function not in COMPARISONS and not all(x.dtype == bool for x in operands):
            raise TypeError(f"{function} gives numbers, which an array of truth values can't hold.")
        shape = np.broadcast_shapes(*(x.shape for x in operands))
        if not _fills(shape, out.shape):
            raise ValueError(f"{function} gives an array of shape {shape}, but is to fill one of {out.shape}.")
        shape = out.shape
        seen = [np.broadcast_to(x, shape) for x in operands]
        for x, whole in zip(operands, seen, strict=True):
            if not same_entries(whole, out) and overlap(x, out):
                raise Lacking(f"{function} fills a part of an operand")
        counts, (to, *steps) = _merged(shape, [steps_of(out), *map(steps_of, seen)], [0, 1])
        direct = all(x.dtype == FLOATS[precision] for x in (*operands, out)) and to[-1] == 1
        direct = direct and all(step[-1] in (0, 1) for step in steps)
        self._row(function, precision, counts, direct, (out, *operands, operands[0]), (to, *steps, steps[0]))

    def _reduction(self, function: str, x: Array, out: Array, call: Call) -> None:
        precision = _precision(function, (x,))
        axes = range(x.ndim) if call.axes is None else {_axis(axis, x.ndim) for axis in call.axes}
        kept = tuple(1 if axis in axes else size for axis, size in enumerate(x.shape))
        shape = kept if call.keepdims else tuple(size for axis, size in enumerate(x.shape) if axis not in axes)
        if shape != out.shape:
            raise ValueError(f"{function} gives an array of shape {shape}, but is to fill one of {out.shape}.")
        if not x.size and function == "maximum.reduce":
            raise ValueError("there is no largest entry where there are no entries.")
        if x.dtype == bool or out.dtype != x.dtype:
            raise Lacking(f"{function} of {x.dtype} into {out.dtype}")
        if overlap(x, out):
            raise Lacking(f"{function} fills a part of its operand")
        given = iter(steps_of(out))
        of_out = steps_of(out) if call.keepdims else tuple(0 if axis in axes else next(given) for axis in range(x.ndim))
        of_out = tuple(0 if axis in axes else step for axis, step in enumerate(of_out))
        counts, (steps, to) = _merged(x.shape, [steps_of(x), of_out], [0])
        start = np.array(REDUCTIONS[function] if x.size else 0.0, out.dtype)
        self._entry_by_entry("copyto", (start,), out)
        # one entry into one: as many as there are
        direct = steps[-1] == 1 and to[-1] in (0, 1)
        self._row(function, precision, counts, direct, (out, x, x), (to, steps, steps))

    def _accumulate(self, x: Array, out: Array, axes: tuple[int, ...] | None) -> None:
        if axes is None or len(axes) != 1:
            raise TypeError("add.accumulate goes along one axis.")
        axis = _axis(axes[0], x.ndim)
        if x.shape != out.shape:
            raise ValueError(f"add.accumulate gives an array of shape {x.shape}, but is to fill one of {out.shape}.")
        if x.dtype not in FLOATS or out.dtype != x.dtype:
            raise Lacking(f"add.accumulate of {x.dtype} into {out.dtype}")
        if overlap(x, out):
            raise Lacking("add.accumulate fills a part of its operand")
        others, last = (
            [np.moveaxis(array, axis, -1)[..., :1] for array in (out, x)],
            [steps_of(out)[axis], steps_of(x)[axis]],
        )
        counts, steps = _merged(others[0].shape, [steps_of(array) for array in others], [0], MOST_AXES - 1)
        to, of_x = ((*step, along) for step, along in zip(steps, last, strict=True))
        count = (*counts, x.shape[axis])
        self._row("add.accumulate", _precision("add.accumulate", (x,)), count, False, (out, x, x), (to, of_x, of_x))

    def _product(self, function: str, a: Array, b: Array, out: Array) -> None:
        if a.ndim not in (1, 2) or b.ndim not in (1, 2):
            raise Lacking(f"a product of arrays of {a.ndim} and {b.ndim} axes")
        if not (a.dtype == b.dtype == out.dtype) or a.dtype not in FLOATS:
            raise Lacking(f"a product of {a.dtype} and {b.dtype} into {out.dtype}")
        if a.shape[-1] != b.shape[0] or out.shape != (*a.shape[:-1], *b.shape[1:]):
            raise ValueError(f"shapes {a.shape}, {b.shape} and {out.shape} are not those of a product.")
        if overlap(a, out) or overlap(b, out):
            raise Lacking("a product fills a part of a factor")
        m, k, n = math.prod(a.shape[:-1]), a.shape[-1], math.prod(b.shape[1:])
        if m * k * n >= self.largest_product:
            raise Lacking("a product as large as this is for BLAS, which only NumPy reaches here")
        rows, columns = steps_of(out)[:1] if a.ndim == 2 else (0,), steps_of(out)[-1:] if b.ndim == 2 else (0,)
        steps = (
            matrix_steps((m, n), (*rows, *columns)),
            matrix_steps((m, k), steps_of(a) if a.ndim == 2 else (0, *steps_of(a))),
            matrix_steps((k, n), steps_of(b) if b.ndim == 2 else (*steps_of(b), 0)),
        )
        self._row(
            function, _precision(function, (a, b)), (m, n, k, 0), False, (out, a, b), [(0, 0, *step) for step in steps]
        )

    def _take(self, x: Array, chosen: Array, out: Array, axes: tuple[int, ...] | None) -> None:
        if chosen.dtype.kind not in "iu":
            raise TypeError(f"entries are taken by whole numbers, not by {chosen.dtype}.")
        if axes != (0,) or not x.ndim:
            raise Lacking("entries are taken along the first axis only")
        if chosen.dtype != np.int64 or x.dtype not in FLOATS or out.dtype != x.dtype:
            raise Lacking(f"entries of {x.dtype} by {chosen.dtype} into {out.dtype}")
        if out.shape != (*chosen.shape, *x.shape[1:]):
            raise ValueError(f"taken entries have the shape {(*chosen.shape, *x.shape[1:])}, not {out.shape}.")
        if overlap(x, out) or overlap(chosen, out):
            raise Lacking("take fills a part of an operand")
        count, (by, to) = _merged(chosen.shape, [steps_of(chosen), steps_of(out)[: chosen.ndim]], [0])
        size, (of_x, along) = _merged(x.shape[1:], [steps_of(x)[1:], steps_of(out)[chosen.ndim :]], [0])
        if math.prod(count[:-1]) != 1 or math.prod(size[:-1]) != 1:
            raise Lacking("entries are taken from rows that lie in more than one step")
        steps = ((0, 0, to[-1], along[-1]), (0, 0, steps_of(x)[0], of_x[-1]), (0, 0, by[-1], 0))
        self._row("take", 0, (x.shape[0], 0, count[-1], size[-1]), False, (out, x, chosen), steps)

    def _row(
        self,
        function: str,
        precision: int,
        counts: Sequence[int],
        direct: bool,
        arrays: Sequence[Array],
        steps: Sequence[tuple[int, ...]],
    ) -> None:
        places = [self._place(array, step) for array, step in zip(arrays[:3], steps, strict=False)]
        if function != "finite" and places[0][0]:
            self.written.add(places[0][0] - 1)
        self.rows.append((self.functions[function], precision, direct, tuple(counts), *places))

    def _place(self, array: Array, step: tuple[int, ...]) -> tuple[int, int, int, tuple[int, ...]]:
        """The array as the interpreter is told of it."""
        low, high = byte_bounds(array)
        for position, (first, end) in enumerate(self._bounds) if array.size else ():
            if first <= low and high <= end:
                return position + 1, address(array) - address(self.moving[position]), TYPES[array.dtype], step
            if low < end and first < high:
                raise ValueError("an array lies in an array that moves and beside it.")
        self.fixed.append(array)
        return 0, address(array), TYPES[array.dtype], step


def _is_of_numbers(row: Any, by_number: Collection[int]) -> bool:
    function, _, direct, counts, *_ = row
    return function in by_number and direct and counts == (1,) * MOST_AXES


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


def _fills(shape: Shape, whole: Shape) -> bool:
    """Whether an array of a shape fills one of another, as in NumPy: one entry may fill many."""
    return len(shape) <= len(whole) and all(a in (1, b) for a, b in zip(shape[::-1], whole[::-1], strict=False))


def _precision(function: str, operands: Sequence[Array]) -> int:
    """What it is computed in."""
    types = {x.dtype for x in operands}
    if np.dtype(np.int64) in types:
        raise Lacking(f"{function} of whole numbers")
    if types == {np.dtype(bool)} and function not in ("copyto", *COMPARISONS):
        raise Lacking(f"{function} of truth values")
    return 1 if np.dtype(np.float32) in types and np.dtype(np.float64) not in types else 0


def _axis(axis: int, count: int) -> int:
    if not -count <= axis < count:
        raise ValueError(f"there is no axis {axis} among {count}.")
    return axis % count


def _merged(
    shape: Shape, steps: list[tuple[int, ...]], order: list[int], most: int = MOST_AXES
) -> tuple[Shape, list[tuple[int, ...]]]:
    """The same entries along few axes, those of one entry first: the one with the smallest step last, neighbours as one.

    Args:
        shape: how many entries along each axis.
        steps: for each array its steps.
        order: the arrays whose steps decide which axis comes last.
        most: how many axes there are to be.
    """
    axes = [(size, *(step[axis] for step in steps)) for axis, size in enumerate(shape) if size != 1]
    axes.sort(key=lambda axis: [-abs(axis[1 + array]) for array in order])
    merged: list[tuple[int, ...]] = []
    for size, *step in axes:
        if merged and all(before == size * now for before, now in zip(merged[-1][1:], step, strict=True)):
            merged[-1] = (merged[-1][0] * size, *step)
        else:
            merged.append((size, *step))
    if len(merged) > most:
        raise Lacking(f"arrays that lie in memory along {len(merged)} axes")
    if not merged:
        merged = [(1, *(1 for _ in steps))]
    padded = [(1, *(0 for _ in steps))] * (most - len(merged)) + merged
    return tuple(axis[0] for axis in padded), [tuple(axis[1 + i] for axis in padded) for i in range(len(steps))]
