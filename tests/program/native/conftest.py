"""The interpreter, if it was built; an interrupt that comes while steps are done."""

import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from minigraph.program.native.library import WIDEST, Library, library


@pytest.fixture(scope="session")
def interpreter() -> Library:
    """The interpreter; without a C compiler there is none to test."""
    found = library()
    if isinstance(found, str):
        pytest.skip(found)
    return found


@pytest.fixture(params=[16, 32, 64], ids="vectors of {} bytes".format)
def vectors(interpreter: Library, request: pytest.FixtureRequest) -> Iterator[Library]:
    """The interpreter with each of its sets of loops that this processor can run."""
    if interpreter.compute_with(request.param) != request.param:
        interpreter.compute_with(WIDEST)
        pytest.skip(f"this processor has no vectors of {request.param} bytes")
    yield interpreter
    interpreter.compute_with(WIDEST)


@pytest.fixture
def interrupted_after() -> Iterator[Callable[[float], None]]:
    """A function that has SIGINT sent after so many seconds, as Ctrl-C does."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is born ignoring it
    timers: list[threading.Timer] = []

    def send(seconds: float) -> None:
        timers.append(threading.Timer(seconds, signal.raise_signal, [signal.SIGINT]))
        timers[-1].start()

    yield send
    for timer in timers:
        timer.join()
    signal.signal(signal.SIGINT, before)
