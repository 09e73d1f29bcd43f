"""At which line of the user's code nodes are made, also where many are made at once.

While a graph grows, Python's garbage collector looks at every object again and again, though a graph is no garbage: it is
the only thing that takes more than twice the time for twice the nodes. So it waits where there are thousands.
"""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from types import CodeType, FrameType
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")

Line: TypeAlias = tuple[CodeType | None, int]
"""A function, if it is known, and an instruction in it; its line is looked up when asked for."""


class _Inside(dict[object, bool]):
    """For each name of a module whether it is one of this package."""

    def __missing__(self, name: object) -> bool:
        inside = self[name] = isinstance(name, str) and name.startswith("minigraph.")
        return inside


_inside = _Inside()
_known: ContextVar[Line | Callable[[FrameType], None] | None] = ContextVar("minigraph line", default=None)


def calling_line() -> Line:
    """The instruction outside this package that led to the call."""
    known = _known.get()
    frame = sys._getframe(1)
    if known is not None:
        if isinstance(known, tuple):
            return known
        known(frame)
    while _inside[frame.f_globals.get("__name__")]:
        if frame.f_back is None:
            return None, 0
        frame = frame.f_back
    return frame.f_code, frame.f_lasti


@contextmanager
def at_line(file: str, number: int) -> Iterator[None]:
    """Make nodes that stand at a line of a file, whoever reads the file for us."""
    token = _known.set((_anywhere.__code__.replace(co_filename=file, co_firstlineno=number), 0))
    try:
        yield
    finally:
        _known.reset(token)


@contextmanager
def observing(observer: Callable[[FrameType], None]) -> Iterator[None]:
    """Hand the calling frame to an observer whenever a node is made."""
    token = _known.set(observer)
    try:
        yield
    finally:
        _known.reset(token)


def _anywhere() -> None:
    """Its code stands for lines of other files."""


# Thousands of nodes


class _Collector:
    """Python's garbage collector, which may wait for several at once."""

    lock = threading.Lock()
    waits_for = 0
    was_on = False

    @classmethod
    def wait(cls, change: int) -> None:
        """One more, or one fewer, to wait for."""
        with cls.lock:
            if cls.waits_for == 0:
                cls.was_on = gc.isenabled()
                gc.disable()
            cls.waits_for += change
            if cls.waits_for == 0 and cls.was_on:
                gc.enable()


class many_nodes:
    """``with many_nodes():`` the collector waits, and all nodes are made at the line that led here."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token: Token[Any] = _known.set(calling_line())
        _Collector.wait(1)

    def __exit__(self, *_: object) -> None:
        _Collector.wait(-1)
        _known.reset(self._token)


def at_their_own_line(rule: Callable[..., T], *operands: Any) -> T:
    """What a rule that the user wrote gives, within `many_nodes`: its nodes are made at its own lines."""
    token = _known.set(None)
    try:
        return rule(*operands)
    finally:
        _known.reset(token)
