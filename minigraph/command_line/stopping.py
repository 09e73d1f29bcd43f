"""How a command is stopped: SIGTERM, and a terminal that is closed, as Ctrl-C; never while a result is being saved."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

ENDING = ("SIGTERM", "SIGHUP", "SIGBREAK")
"""The signals that ask a process to end, beside SIGINT; each system has some of them."""


def _numbers(*names: str) -> list[int]:
    """Those of the signals that this system has; none outside the main thread, which alone handles signals."""
    is_main = threading.current_thread() is threading.main_thread()
    return [getattr(signal, name) for name in names if is_main and hasattr(signal, name)]


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[list[int]]:
    """In the block a signal to end raises KeyboardInterrupt, as Ctrl-C does; afterwards handlers are as before.

    Signals that are ignored, or handled by the program around, stay so. The block is given a list of those that came.
    """
    came: list[int] = []

    def stop(number: int, _: FrameType | None) -> None:
        came.append(number)
        raise KeyboardInterrupt

    changed = [number for number in _numbers(*ENDING) if signal.getsignal(number) == signal.SIG_DFL]
    for number in changed:
        signal.signal(number, stop)
    try:
        yield came
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def uninterrupted() -> Iterator[None]:
    """Ctrl-C and signals to end wait until the block is done."""
    waiting: list[int] = []
    before = {number: signal.getsignal(number) for number in _numbers("SIGINT", *ENDING)}
    before = {number: handler for number, handler in before.items() if callable(handler)}
    for number in before:
        signal.signal(number, lambda number, _: waiting.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    for number in waiting[:1]:
        signal.raise_signal(number)
