"""A function of somebody else, called with a limit of time: what never ends is stopped, and where it was is told."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

TRIES, PATIENCE = 20, 0.05
"""So often, after so many seconds each, a function that does not stop is told to; then it is left alone."""


class TimeIsUp(Exception):
    """The function did not come back in time.

    Attributes:
        frame: where it was, or None if that is not known.
    """

    def __init__(self, frame: FrameType | None):
        super().__init__("time is up")
        self.frame = frame


class _Stop(BaseException):
    """Raised inside of the function, which does not catch it by ``except Exception``."""


def within(seconds: float, function: Callable[[], Any], *, stops: bool = True) -> Any:
    """What the function gives, or raises.

    It runs in a thread of its own, and is stopped by an exception there. One that catches even this, or waits for something
    outside of Python, is left behind: it goes on, but nobody waits for it. Where threads can't be started it runs
    without a limit.

    Args:
        seconds: how long it may take.
        function: what is called, without arguments.
        stops: False for what is known to wait for something outside of Python, such as another process: it is left behind
            at once. An exception would arrive only when the wait is over, and until then Python 3.11 does nothing else
            where functions are traced, as for coverage and by debuggers.

    Raises:
        TimeIsUp: if it takes longer.

    Example:
        >>> within(1.0, lambda: 6 * 7)
        42
    """
    given: list[Any] = []
    raised: list[BaseException] = []
    over, lock = threading.Event(), threading.Lock()
    tries = TRIES if stops else 0

    def work() -> None:
        try:
            try:
                given.append(function())
            finally:
                with lock:
                    over.set()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=work, daemon=True)
    try:
        thread.start()
    except RuntimeError:  # a Python in a browser has no threads
        return function()
    try:
        thread.join(max(seconds, 0.0))
    except BaseException:  # somebody else is impatient, as by Ctrl-C
        _stop(thread, over, lock, tries)
        raise
    if thread.is_alive():
        frame = sys._current_frames().get(thread.ident or 0)
        _stop(thread, over, lock, tries)
        raise TimeIsUp(frame)
    if raised:
        raise raised[0]
    return given[0]


def _stop(thread: threading.Thread, over: threading.Event, lock: threading.Lock, tries: int) -> None:
    """Raise an exception in the thread, again and again while it is caught there."""
    import ctypes  # only here: it takes a while, and few functions have to be stopped

    for _ in range(tries):
        with lock:
            if over.is_set():
                break
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(_Stop))
        thread.join(PATIENCE)
