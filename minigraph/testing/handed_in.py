"""A backward pass that somebody hands in: how it is called, and what is read from what it gives or raises."""

from __future__ import annotations

import contextlib
import inspect
import io
import linecache
import sys
import time
import traceback
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from minigraph.core.node import Node
from minigraph.testing.time_limit import TimeIsUp, within
from minigraph.values import Array, error_words

PARAMETERS = ("parameters", "params")
CACHES = ("cache", "caches", "cached", "values")
"""Arguments that get dicts: of the parameters, and of everything with a name."""
LONGEST_LINE = 80
ENGINE = "minigraph"


class Refused(Exception):
    """What was handed in gives no gradients: why, for the one who wrote it."""


class Stopped(Refused):
    """It was stopped: no other net is tried."""


class HandedIn:
    """A backward pass, called with the values of one net after the other.

    Attributes:
        name: what the function is called.
        remarks: what was seen beside the gradients.
    """

    def __init__(
        self, function: Callable[..., Any], call: Callable[..., Any] | None, wanted: Sequence[str], time_limit: float
    ):
        self._function, self._call, self._wanted = function, call, wanted
        self._limit = self._left = time_limit
        self._inner = _unwrapped(function)
        self._code = _attribute(self._inner, "__code__")
        self.name = str(_attribute(function, "__name__") or type(function).__name__)
        self.remarks: dict[str, None] = {}

    def gradients(self, arrays: Mapping[str, Array], parameters: Sequence[str]) -> Mapping[str, Any]:
        """What it gives for these values, by the names of the gradients.

        Args:
            arrays: the values of all nodes with names.
            parameters: which of them are parameters.

        Raises:
            Refused: if it raises an exception, or gives nothing that gradients can be read from.
            Stopped: if it was stopped.
        """
        copies = {name: np.array(array) for name, array in arrays.items()}
        if self._call is None:
            positional, by_name = self._arguments(copies, parameters)
            given = self._run(lambda: self._read(self._function(*positional, **by_name)))
        else:
            call = self._call
            given = self._run(lambda: self._read(call(self._function, copies)))
        if changed := [name for name, array in copies.items() if not _same(array, arrays[name])]:
            self._remark(f"It changes {', '.join(changed)} in place, which others still need: work on a copy.")
        return given

    def outside(self) -> list[str]:
        """The arrays, numbers and dicts that the function reads from outside of itself."""
        if self._code is None:
            return []
        there = _attribute(self._inner, "__globals__") or {}
        values = Mapping, np.ndarray, float, int
        return [name for name in self._code.co_names if isinstance(there.get(name), values)]

    def engine(self) -> list[str]:
        """What the function calls of minigraph, which has the right gradients."""
        there = _attribute(self._inner, "__globals__") or {}
        names = () if self._code is None else self._code.co_names
        return [name for name in names if name.partition(".")[0] == ENGINE or _home(there.get(name)) == ENGINE]

    def _remark(self, text: str) -> None:
        self.remarks[text] = None

    # Calling

    def _arguments(self, copies: Mapping[str, Array], parameters: Sequence[str]) -> tuple[list[Any], dict[str, Any]]:
        """An argument for each parameter of the function, by its name."""
        lower = {name.lower(): array for name, array in copies.items()}
        of_parameters, everything = {name: copies[name] for name in parameters}, dict(copies)
        there: dict[str, Any] = {
            **lower,
            **{name: of_parameters for name in PARAMETERS},
            **{name: everything for name in CACHES},
        }
        there |= copies
        positional: list[Any] = []
        by_name: dict[str, Any] = {}
        for name, asked in self._signature().items():
            found = there.get(name, there.get(name.lower()))
            if found is None and asked.default is asked.empty:
                raise Refused(
                    f"it asks for {name!r}, which does not exist. There are {', '.join(copies)}, each as an array, and "
                    f"dicts: {PARAMETERS[0]} and {CACHES[0]}"
                )
            if asked.kind is asked.POSITIONAL_ONLY:
                positional.append(asked.default if found is None else found)
            elif found is not None:
                by_name[name] = found
        return positional, by_name

    def _signature(self) -> Mapping[str, inspect.Parameter]:
        try:
            asked = inspect.signature(self._function).parameters
        except Exception:  # what it has for a signature is its own
            raise Refused(f"it is {type(self._function).__name__}, and a function is asked for") from None
        several = inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD
        if other := [str(x) for x in asked.values() if x.kind in several]:
            raise Refused(f"it has {other[0]} for an argument, and arguments are given by their names")
        return asked

    def _run(self, called: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
        """What it gives, within what is left of the time; what it prints is not shown, and nothing can be typed."""
        started = time.monotonic()
        own: list[BaseException] = []

        def noting() -> Mapping[str, Any]:
            try:
                return called()
            except BaseException as error:
                own.append(error)
                raise

        try:
            with _quiet(), warnings.catch_warnings(record=True) as warned:
                warnings.simplefilter("always")
                given: Mapping[str, Any] = within(self._left, noting)
        except TimeIsUp as error:
            raise Stopped(
                f"it was stopped, since {self._limit:g} s were over{self._place(error.frame)}. "
                "Is there a loop without an end?"
            ) from None
        except Refused:
            raise
        except BaseException as error:
            if not any(error is x for x in own):  # Ctrl-C, which comes to the thread that waits
                raise
            raise Refused(f"it raises {told(error)}{self._place(error.__traceback__)}") from None
        finally:
            self._left -= time.monotonic() - started
        for warning in warned:
            if issubclass(warning.category, RuntimeWarning):
                line = _line(warning.filename, warning.lineno)
                self._remark(f"NumPy warns: {warning.message}, in line {warning.lineno}{line}.")
        return given

    def _place(self, at: types.FrameType | types.TracebackType | None) -> str:
        """The line of the function's own file that was running."""
        walk = traceback.walk_tb(at) if isinstance(at, types.TracebackType) else traceback.walk_stack(at) if at else ()
        lines = [
            (frame, number) for frame, number in walk if self._code and frame.f_code.co_filename == self._code.co_filename
        ]
        if not lines:
            return ""
        frame, number = lines[-1 if isinstance(at, types.TracebackType) else 0]
        return f", in line {number}{_line(frame.f_code.co_filename, number)}"

    # Reading

    def _read(self, given: Any) -> Mapping[str, Any]:
        """The dict of gradients in what the function gives."""
        asked = f"a dict is asked for: {{{', '.join(f'{name!r}: {name}' for name in self._wanted)}}}"
        if given is None:
            raise Refused(f"it gives None: is the return missing? {asked[0].upper()}{asked[1:]}")
        if isinstance(given, Mapping):
            return {_printable(str(key)): value for key, value in given.items()}
        if isinstance(given, tuple | list):
            dicts = [part for part in given if isinstance(part, Mapping)]
            if dicts and (len(dicts) == 1 or len(dicts) == len(given)):  # gradients and the cost; a dict for each layer
                return {key: value for part in dicts for key, value in self._read(part).items()}
            if len(given) == len(self._wanted):
                return dict(zip(self._wanted, given, strict=True))
            raise Refused(f"it gives a {type(given).__name__} of {len(given)}, and {asked}")
        if len(self._wanted) == 1 and isinstance(given, np.ndarray | float | int | Node):
            return {self._wanted[0]: given}
        if isinstance(given, types.CoroutineType):
            given.close()
            raise Refused("it gives a coroutine: leave out async before def")
        if isinstance(given, types.GeneratorType):
            raise Refused("it gives a generator: write return in place of yield")
        raise Refused(f"it gives {type(given).__name__}, and {asked}")


def _attribute(function: Any, name: str) -> Any:
    """An attribute of what was handed in, or None: what it raises is no reason to stop."""
    try:
        return getattr(function, name, None)
    except Exception:
        return None


def _unwrapped(function: Any) -> Any:
    """The function inside of what decorators made of it."""
    try:
        return inspect.unwrap(function)
    except Exception:  # it may say of itself that it is inside itself
        return function


def told(error: BaseException) -> str:
    """The kind of an exception and its words, if it has some."""
    text = _printable(error_words(error)).rstrip(".")
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _printable(text: str) -> str:
    """A text that any file takes: halves of letters, which Python's strings may hold, are written out."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _home(value: Any) -> str:
    """The package that a module, a function or a class is of."""
    name = getattr(value, "__name__" if isinstance(value, types.ModuleType) else "__module__", None)
    return str(name).partition(".")[0]


def _line(file: str, number: int) -> str:
    """The text of a line, if it can be found."""
    text = linecache.getline(file, number).strip()
    return f", `{text[:LONGEST_LINE]}`" if text else ""


def _same(first: Array, second: Array) -> bool:
    return first.shape == np.shape(second) and np.array_equal(first, second, equal_nan=True)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Nothing is printed, and nothing can be typed."""
    typed, sys.stdin = sys.stdin, io.StringIO()
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
    finally:
        sys.stdin = typed
