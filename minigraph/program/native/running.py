"""`Steps`: rows that the interpreter runs again and again, in calls of about ten milliseconds."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import is_

import numpy as np
from numpy.lib.array_utils import byte_bounds

from minigraph.program.native.layouts import address, layout
from minigraph.program.native.library import BLAS_FROM, CALLBACK, Library, Program
from minigraph.program.native.rows import AnyCall, PythonCall, Rows
from minigraph.values import Array

SECONDS = 0.01
"""About so long a call takes: Python looks for an interrupt only between calls."""


class Steps:
    """Calls that are done again and again, as rows of the interpreter.

    Some arrays move: each run gives others in their place, laid out alike. Of a pair of them, the value of a state and
    the next one, the two are swapped after every step; an array of ``results`` is in the next row after every step.

    Attributes:
        done: how many steps have been done, since this was made.
        table: the rows of a step, of the dtype `ROW`.

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
        calls: Sequence[AnyCall],
        moving: Sequence[Array] = (),
        *,
        pairs: Sequence[tuple[int, int]] = (),
        results: Sequence[int] = (),
    ):
        """Look at the calls.

        Args:
            library: the interpreter.
            calls: what a step does: calls of the interpreter's functions, blocks of them, and functions of Python.
            moving: arrays that stand for those that a run gives.
            pairs: positions in ``moving`` of a state's value and the next one.
            results: positions in ``moving`` of rows.

        Raises:
            Lacking: if the interpreter can't do one of the calls.
            TypeError: for an unknown function, a wrong number of operands, or what is not an array.
            ValueError: for shapes that don't fit, memory that can't be written, or positions that there are not.
        """
        rows = Rows(library.functions, moving, np.inf if library.blas else BLAS_FROM)
        for call in calls:
            rows.add(call)
        named = [*(position for pair in pairs for position in pair), *results]
        if len(set(named)) < len(named) or not set(named) <= set(range(len(moving))):
            raise ValueError("a position of an array that moves is named twice, or there is none.")
        self._layouts = [layout(array) for array in moving]
        for first, second in pairs:
            if self._layouts[first] != self._layouts[second]:
                raise ValueError("the arrays of a pair are not laid out alike.")
        self._results, self._written = set(results), rows.written.union(*pairs)
        self.table = rows.table()
        self._kept = rows.fixed
        self._fixed = _joined(byte_bounds(array) for array in rows.fixed if array.size)
        self._slots = np.zeros(len(moving) + 1, np.uintp)
        self._ahead = np.array([0, *(x.nbytes if i in self._results else 0 for i, x in enumerate(moving))], np.int64)
        self._python = PythonCalls(rows.python, pairs, results)
        self._pairs = np.array(pairs, np.int64).reshape(-1, 2) + 1
        self._program = Program(
            self.table.ctypes.data, len(self.table), self._slots.ctypes.data, self._ahead.ctypes.data, len(self._slots),
            self._pairs.ctypes.data, len(self._pairs), library.blas or (0,) * 4, BLAS_FROM, CALLBACK(self._python), 0, 0
        )  # fmt: skip
        self._library, self._address = library, ctypes.addressof(self._program)
        self._at_once = 1  # steps in a call
        self._known: list[tuple[Array, Sequence[Array]]] = []  # arrays that were given, and where they begin
        self._placed = 0  # how many steps had been done then

    @property
    def done(self) -> int:
        """How many steps have been done."""
        return int(self._program.done)

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

    def one_more(self, arrays: Sequence[Array]) -> Callable[[], int] | None:
        """A function that does one more step on the same arrays, and tells whether it was done; None if Python does a part.

        It is as quick to call as can be, and must be called only while nothing else has been done by these steps.
        """
        if self._python.functions or len(self._pairs):
            return None
        begin = self.place(1, arrays)
        self._program.begin = begin.ctypes.data
        self._begin = begin, arrays  # kept
        return partial(self._library.again, self._address)

    def place(self, count: int, arrays: Sequence[Array]) -> Array:
        """Where the arrays that move begin, for at most so many steps."""
        if len(arrays) != len(self._layouts):
            raise ValueError(f"{len(self._layouts)} arrays move, and {len(arrays)} are given.")
        begin = next((begin for begin, known in self._known if all(map(is_, arrays, known))), None)
        if begin is None:
            begin = self._looked_at(arrays)
            self._known = [(begin, arrays), *self._known[:1]]  # two, since states are given in either order
        if any(len(arrays[position]) < count for position in self._results):
            raise ValueError(f"an array with {count} rows is needed, one after the other.")
        self._slots[:] = begin
        self._placed = self._program.done
        self._python.arrays = arrays
        return begin

    def _looked_at(self, arrays: Sequence[Array]) -> Array:
        """Where the arrays begin; refuse what lies in memory in another way than what was looked at before."""
        begin, bounds = [0], [*self._fixed]
        for position, (array, wanted) in enumerate(zip(arrays, self._layouts, strict=True)):
            if position in self._results:
                if array.ndim == 0 or (len(array) > 1 and array.strides[0] != self._ahead[position + 1]):
                    raise ValueError("rows are needed that lie one after the other.")
                if len(array) and layout(array[0, ...]) != wanted:
                    raise ValueError("the rows of an array are laid out in another way.")
            elif layout(array) != wanted:
                raise ValueError("an array is laid out in another way than the one that it stands for.")
            if position in self._written and not array.flags.writeable:
                raise ValueError("an array that is to be filled can't be written.")
            begin.append(address(array))
            if array.size:
                first, end = (begin[-1], begin[-1] + array.nbytes) if array.flags.forc else byte_bounds(array)
                bounds.append((first, end, position in self._written))
        end, end_of_written = 0, 0
        for first, last, written in sorted(bounds):
            if first < end_of_written or (written and first < end):
                raise ValueError("an array that is to be filled lies in the memory of another one.")
            end, end_of_written = max(end, last), max(end_of_written, last) if written else end_of_written
        return np.array(begin, np.uintp)

    def again(self, count: int) -> int:
        """So many steps where the last ones ended; see `run`. The arrays must be there still."""
        program, run = self._program, self._library.run
        before, end = program.done, program.done + count
        self._python.step = before - self._placed - 1
        failed = run(self._address, 1) if count == 1 else -1  # one need not be timed
        while failed < 0 and program.done < end:
            began, start = time.perf_counter(), program.done
            failed = run(self._address, min(self._at_once, end - start))
            taken = time.perf_counter() - began
            if taken < SECONDS / 2 and program.done - start == self._at_once:
                self._at_once *= 2
            elif taken > SECONDS * 2:
                self._at_once = max(1, self._at_once // 2)
        if failed >= 0 and self.table[failed]["function"] == self._library.functions["python"]:
            self._python.reraise()
        return int(program.done - before)


class PythonCalls:
    """What Python does in between. It knows nothing of the steps, which know it, so that both are freed at once.

    Attributes:
        functions: what they are.
        arrays: those that take the places of the ones that move.
        step: how many steps have been done since they did.
    """

    def __init__(self, functions: Sequence[PythonCall], pairs: Sequence[tuple[int, int]], results: Sequence[int]):
        self.functions, self._results = functions, frozenset(results)
        self._other = {one: other for pair in pairs for one, other in (pair, pair[::-1])}
        self._error: BaseException | None = None
        self.arrays: Sequence[Array] = ()
        self.step = -1

    def __call__(self, number: int) -> bool:
        """Do one; whether it was done."""
        try:
            self.step += number == 0  # the first one of a step
            self.functions[number](self._now)
        except BaseException as error:
            self._error = error
            return False
        return True

    def reraise(self) -> None:
        """Raise what ended the steps, where one of these calls did."""
        error, self._error = self._error, None
        raise error or KeyboardInterrupt  # which may come before anything is done

    def _now(self, position: int) -> Array:
        if self.step % 2:
            position = self._other.get(position, position)
        array = self.arrays[position]
        return array[self.step, ...] if position in self._results else array


def _joined(bounds: Iterable[tuple[int, int]]) -> list[tuple[int, int, bool]]:
    """The bounds of memory that arrays lie in, those that meet as one; it need not be told which of it is written."""
    joined: list[tuple[int, int, bool]] = []
    for first, end in sorted(bounds):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]), False)
        else:
            joined.append((first, end, False))
    return joined
