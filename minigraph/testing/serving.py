"""What runs in the process of its own: it reads the file that was handed in, and calls its function as it is told to.

Whatever the file does here, to minigraph, to NumPy or to Python itself, changes only what is sent back: numbers, which
another process judges.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from minigraph.testing.handed_in import HandedIn, Refused, Stopped
from minigraph.testing.plain_data import MOST_NAMES, array_of, plain_gradient, receive, send
from minigraph.testing.submitted_file import submitted_function


def main() -> None:
    """Serve on the standard input and output, which the file that was handed in can't reach by print."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    with suppress(EOFError, OSError):  # nobody asks any longer
        serve(requests, answers)


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Say that it has begun, then answer each request until there are no more.

    Raises:
        EOFError: when there are no more.
    """
    first = receive(requests)
    limit_memory(first["memory"])
    with suppress(OSError):  # there is no such folder, as is told of the file
        os.chdir(Path(first["file"]).parent)
    send(answers, {"begun": True})
    try:
        function = submitted_function(Path(first["file"]), first["function"], first["seconds"])
        handed_in = HandedIn(function, None, first["wanted"], first["seconds"])
    except Refused as error:
        send(answers, {"refused": str(error)})
        return
    send(answers, {"name": handed_in.name, "outside": handed_in.outside(), "engine": handed_in.engine()})
    while True:
        send(answers, answered(handed_in, receive(requests)))


def answered(handed_in: HandedIn, request: dict[str, Any]) -> dict[str, Any]:
    """The gradients for the arrays of a request, or why there are none."""
    arrays = {name: array_of(array) for name, array in request["arrays"].items()}
    try:
        given = handed_in.gradients(arrays, request["parameters"])
    except Refused as error:
        answer: dict[str, Any] = {"stopped" if isinstance(error, Stopped) else "refused": str(error)}
    else:
        answer = {"gradients": {name: plain_gradient(given[name]) for name in list(given)[:MOST_NAMES]}}
    return answer | {"remarks": list(handed_in.remarks)}


def limit_memory(most: int) -> None:
    """No more than so many bytes for numbers and objects; Windows has no such limit."""
    try:
        import resource
    except ImportError:
        return
    with suppress(ValueError, OSError):  # a lower limit is set already
        resource.setrlimit(resource.RLIMIT_DATA, (most, most))
