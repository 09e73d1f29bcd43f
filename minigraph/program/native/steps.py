"""`Steps`: rows that the interpreter runs again and again, in calls of about ten milliseconds."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Sequence

import numpy as np
from numpy.lib.array_utils import byte_bounds

from minigraph.program.native.library import BLAS_FROM, Library, Program
from minigraph.program.native.rows import Call, Rows
from minigraph.values import Array

SECONDS = 0.01
"""About so long a call takes: Python looks for an interrupt only between calls."""


class Steps:
    """Calls that are done again and again, as rows of the interpreter.

    Some arrays move: each run gives others in their place, laid out alike. Of a pair of them, the value of a state and
    the next one, the two are swapped after every step; an array of ``results`` is in the next row after every step.

    Attributes:
        done: how many steps have been done, since this was made.

    Example:
        >>> import numpy as np
        >>> from minigraph.program.native.library import library
        >>> from minigraph.program.native.rows import Call
        >>> w, after, rate, row = np.array([1.0]), np.zeros(1), np.array(0.5), np.zeros(1)
        >>> calls = [Call("multiply", (w, rate), after), Call("copyto", (w,), row)]
        >>> if not isinstance(library(), str):  # a compiler was there
        ...     steps, rows = Steps(library(), calls, [w, after, row], pairs=[(0, 1)], results=[2]), np.zeros((3, 1))
        ...     assert steps.run(3, [w, after, rows]) == 3 and rows.ravel().tolist() == [1.0, 0.5, 0.25]
    """

    def __init__(
        self,
        library: Library,
        calls: Sequence[Call],
        moving: Sequence[Array] = (),
        *,
        pairs: Sequence[tuple[int, int]] = (),
        results: Sequence[int] = (),
    ):
        """Look at the calls.

        Args:
            library: the interpreter.
            calls: what a step does.
            moving: arrays that stand for those that a run gives.
            pairs: positions in ``moving`` of a state's value and the next one.
            results: positions in ``moving`` of rows.

        Raises:
            Lacking: if the interpreter can't do one of the calls.
            TypeError: for an unknown function, a wrong number of operands, or what is no array.
            ValueError: for shapes that don't fit, memory that can't be written, or positions that there are not.
        """
        rows = Rows(library.functions, moving, np.inf if library.blas else BLAS_FROM)
        for call in calls:
            rows.add(call)
        named = [*(position for pair in pairs for position in pair), *results]
        if len(set(named)) < len(named) or not set(named) <= set(range(len(moving))):
            raise ValueError("a position of an array that moves is named twice, or there is none.")
        for first, second in pairs:
            if _layout(moving[first]) != _layout(moving[second]):
                raise ValueError("the arrays of a pair are not laid out alike.")
        self._layouts = [_layout(array) for array in moving]
        self._results, self._written = set(results), rows.written.union(position for pair in pairs for position in pair)
        self._kept = rows.fixed, rows.table()
        self._table = self._kept[1]
        self._fixed = sorted(byte_bounds(array) for array in rows.fixed if array.size)
        self._slots = np.zeros(len(moving) + 1, np.uintp)
        self._ahead = np.zeros(len(moving) + 1, np.int64)
        for position in results:
            self._ahead[position + 1] = moving[position].nbytes
        self._pairs = np.array(pairs, np.int64).reshape(-1, 2) + 1
        self._program = Program(
            self._table.ctypes.data, len(self._table), self._slots.ctypes.data, self._ahead.ctypes.data, len(self._slots),
            self._pairs.ctypes.data, len(self._pairs), library.blas or (0, 0), BLAS_FROM, 0)  # fmt: skip
        self._run, self._address = library.run, ctypes.addressof(self._program)
        self._at_once = 1  # steps in a call

    @property
    def done(self) -> int:
        """How many steps have been done."""
        count: int = self._program.done
        return count

    def run(self, count: int, arrays: Sequence[Array] = ()) -> int:
        """So many steps, or those before one in which an entry that is looked at is not finite, or taken and not there.

        Args:
            count: how many steps.
            arrays: what takes the place of each array that moves; of rows an array with a row for each step.

        Returns:
            How many steps were done.

        Raises:
            ValueError: for arrays that are laid out in another way, or what is written and lies in other arrays.
        """
        self.place(count, arrays)
        return self.again(count)

    def place(self, count: int, arrays: Sequence[Array]) -> None:
        """Where the arrays that move are; they must be kept as long as steps are done."""
        if len(arrays) != len(self._layouts):
            raise ValueError(f"{len(self._layouts)} arrays move, and {len(arrays)} are given.")
        bounds = []
        for position, (array, layout) in enumerate(zip(arrays, self._layouts, strict=True)):
            if position in self._results:
                if array.ndim == 0 or len(array) < count or (array.ndim and array.strides[0] != self._ahead[position + 1]):
                    raise ValueError(f"an array with {count} rows is needed, one after the other.")
                array = array[:count]
                if count and _layout(array[0]) != layout:
                    raise ValueError("the rows of an array are laid out in another way.")
            elif _layout(array) != layout:
                raise ValueError("an array is laid out in another way than the one that it stands for.")
            if position in self._written and not array.flags.writeable:
                raise ValueError("an array that is to be filled can't be written.")
            bounds.append((*(byte_bounds(array) if array.size else (0, 0)), position))
            self._slots[position + 1] = array.__array_interface__["data"][0]
        self._refuse_overlap(bounds)

    def _refuse_overlap(self, bounds: Sequence[tuple[int, int, int]]) -> None:
        """Refuse memory that is written in one array and lies in another one too."""
        for low, high, position in bounds:
            if position not in self._written:
                continue
            others = [(first, end) for first, end, other in bounds if other != position]
            if any(first < high and low < end for first, end in (*others, *self._fixed)):
                raise ValueError("an array that is to be filled lies in the memory of another one.")

    def again(self, count: int) -> int:
        """So many steps where the last ones ended; see `run`."""
        program, run, address = self._program, self._run, self._address
        before, end = program.done, program.done + count
        while program.done < end:
            began, start = time.perf_counter(), program.done
            failed = run(address, min(self._at_once, end - start))
            if failed >= 0:
                break
            taken = time.perf_counter() - began
            if taken < SECONDS / 2 and program.done - start == self._at_once:
                self._at_once *= 2
            elif taken > SECONDS * 2:
                self._at_once = max(1, self._at_once // 2)
        done: int = program.done - before
        return done


def _layout(array: Array) -> tuple[object, ...]:
    return array.shape, array.strides, array.dtype
