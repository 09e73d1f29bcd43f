"""Where nodes are made: the line of the user's code; and a pause of Python's garbage collector where there are thousands.

The collector looks at every object again and again while a graph grows, though a graph is no garbage: it is the only thing
that takes more than twice the time for twice the nodes.
"""

from __future__ import annotations

import gc
import sys
import threading
from contextvars import ContextVar, Token
from types import CodeType
from typing import TypeAlias

Line: TypeAlias = tuple[CodeType, int]
"""A function and an instruction in it; its line is looked up when asked for."""


class _Inside(dict[object, bool]):
    """For each name of a module whether it is one of this package."""

    def __missing__(self, name: object) -> bool:
        inside = self[name] = isinstance(name, str) and name.startswith("minigraph.")
        return inside


_inside = _Inside()
_known: ContextVar[Line | None] = ContextVar("minigraph line", default=None)


def calling_line() -> Line | None:
    """The instruction outside this package that led to the call."""
    known = _known.get()
    if known is not None:
        return known
    frame = sys._getframe(1)
    while _inside[frame.f_globals.get("__name__")]:
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return frame.f_code, frame.f_lasti


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
        self._token: Token[Line | None] = _known.set(calling_line())
        _Collector.wait(1)

    def __exit__(self, *_: object) -> None:
        _Collector.wait(-1)
        _known.reset(self._token)


class at_their_own_line:
    """``with at_their_own_line():`` within ``many_nodes``, for rules that the user wrote."""

    __slots__ = ("_token",)

    def __enter__(self) -> None:
        self._token: Token[Line | None] = _known.set(None)

    def __exit__(self, *_: object) -> None:
        _known.reset(self._token)
