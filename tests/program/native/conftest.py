"""The interpreter, if it was built; an interrupt that comes while steps are done."""

import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from minigraph.program import native
from minigraph.program.native.library import WIDEST, Library, library, library_path


@pytest.fixture(scope="session")
def interpreter() -> Library:
    """The interpreter; without a C compiler there is none to test."""
    found = library()
    if library_path(Path(native.__file__).parent / "c") is None:
        pytest.skip(str(found))
    assert not isinstance(found, str), found  # there is one: then it has to be loaded
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
def interrupted_when() -> Iterator[Callable[[Callable[[], bool]], None]]:
    """A function that has SIGINT sent, as Ctrl-C does, once something holds."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background is born ignoring it
    threads: list[threading.Thread] = []

    def send(holds: Callable[[], bool]) -> None:
        def wait() -> None:
            while not holds():
                time.sleep(0.01)
            signal.raise_signal(signal.SIGINT)

        threads.append(threading.Thread(target=wait, daemon=True))
        threads[-1].start()

    yield send
    for thread in threads:
        thread.join()
    signal.signal(signal.SIGINT, before)
