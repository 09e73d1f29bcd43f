"""The interpreter, if it was built."""

from collections.abc import Iterator

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
