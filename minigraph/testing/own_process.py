"""`InOwnProcess`: a backward pass that was handed in as a file, run in another process, which gives back plain numbers.

That process has the rights of whoever grades: it is no sandbox. What it can't do is change how it is judged, or end the
grading.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from minigraph.testing.handed_in import Refused, Stopped
from minigraph.testing.plain_data import MOST_NAMES, gradient_of, list_of_words, plain, receive, send, words_of
from minigraph.testing.time_limit import TimeIsUp, within
from minigraph.values import Array

MEMORY = 4 * 2**30
"""Bytes that what was handed in may take, where the system can limit that."""
START = 120.0
"""Seconds for Python and minigraph to begin, on a machine that is busy."""
PATIENCE = 3.0
"""So many seconds after its time is over it is ended from outside, if it didn't stop by itself."""
BEGIN = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from minigraph.testing.serving import main; main()"
"""Packages are found as here; nothing is imported from the folder of what was handed in."""
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


class InOwnProcess:
    """A backward pass in a file, called with the values of one net after the other, each time in the same other process.

    Attributes:
        name: what the function is called.
        remarks: what was seen beside the gradients, as the other process tells.
    """

    def __init__(self, file: Path, function: str, wanted: Sequence[str], time_limit: float):
        self.name = function
        self.remarks: dict[str, None] = {}
        self._file, self._wanted = file.absolute(), list(wanted)
        self._limit = self._left = time_limit
        self._outside: list[str] = []
        self._engine: list[str] = []
        self._stopped: Stopped | None = None
        self._over = False

    def __enter__(self) -> Self:
        words = [sys.executable, "-I", "-X", "utf8", "-c", BEGIN, json.dumps([os.path.abspath(path) for path in sys.path])]
        self._process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | ONE_THREAD,
            start_new_session=True,
        )  # fmt: skip
        try:
            self._begin()
        except Stopped as error:
            self._stopped = error
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def gradients(self, arrays: Mapping[str, Array], parameters: Sequence[str]) -> Mapping[str, Any]:
        """As `HandedIn.gradients`: arrays, and `Unreadable` for what is none.

        Raises:
            Refused: if it raises an exception, or gives nothing that gradients can be read from.
            Stopped: if it was stopped, ended Python, or is not there: no other net is tried.
        """
        if self._stopped is not None:
            raise self._stopped
        started = time.monotonic()
        try:
            request = {"arrays": {name: plain(np.asarray(array)) for name, array in arrays.items()}}
            answer = self._ask(request | {"parameters": list(parameters)}, self._left)
        finally:
            self._left -= time.monotonic() - started
        self.remarks |= dict.fromkeys(list_of_words(answer.get("remarks")))
        if "stopped" in answer:
            raise Stopped(words_of(answer["stopped"]))
        given = answer.get("gradients")
        if not isinstance(given, dict):
            raise Refused(words_of(answer.get("refused", "what came back is no answer")))
        return {words_of(name): gradient_of(given[name]) for name in list(given)[:MOST_NAMES]}

    def outside(self) -> list[str]:
        """The arrays, numbers and dicts that the function reads from outside of itself."""
        return self._outside

    def engine(self) -> list[str]:
        """What the function calls of minigraph, if it did nothing to hide it."""
        return self._engine

    def _begin(self) -> None:
        first = {"file": str(self._file), "function": self.name, "wanted": self._wanted, "seconds": self._limit}
        try:
            self._exchange(first | {"memory": MEMORY}, START)
        except (EOFError, OSError, TimeIsUp):
            self._process.kill()
            assert self._process.stderr is not None
            why = self._process.stderr.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise OSError(f"check_backward: no other Python can be started here. {why}") from None
        loaded = self._ask(None, self._limit)
        if "refused" in loaded:
            raise Stopped(words_of(loaded["refused"]))
        self._outside, self._engine = list_of_words(loaded.get("outside")), list_of_words(loaded.get("engine"))

    def _ask(self, request: Mapping[str, Any] | None, seconds: float) -> dict[str, Any]:
        """The answer to a request; without one, the next answer.

        Raises:
            Stopped: if there is none.
        """
        try:
            return self._exchange(request, seconds + PATIENCE)
        except TimeIsUp:
            self._end()
            why = f"it was stopped from outside, since {self._limit:g} s were over. Is there a loop without an end?"
        except (EOFError, OSError):
            why = self._how_it_ended()
        self._stopped = Stopped(why)
        raise self._stopped

    def _exchange(self, request: Mapping[str, Any] | None, seconds: float) -> dict[str, Any]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None

        def exchanged() -> dict[str, Any]:
            if request is not None:
                send(stdin, request)
            return receive(stdout)

        answer: dict[str, Any] = within(seconds, exchanged, stops=False)
        return answer

    def _how_it_ended(self) -> str:
        """How Python came to its end, in words."""
        try:
            code = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return "it closed the way back, and gave no gradients"
        finally:
            self._end()
        if code >= 0:
            return (
                f"it ended Python, with the code {code}, and gave no gradients. Is there exit(), quit() or os._exit() in it?"
            )
        with contextlib.suppress(ValueError):
            return (
                f"Python was ended by {signal.Signals(-code).name}, before there were gradients. Does it need more than "
                f"{MEMORY / 2**30:g} GiB?"
            )
        return f"Python was ended by the signal {-code}, before there were gradients"

    def _end(self) -> None:
        """End the process, and what it started."""
        if self._over:
            return
        self._over, process = True, self._process
        with contextlib.suppress(OSError, AttributeError):  # Windows has neither groups of processes nor this signal
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            assert stream is not None
            with contextlib.suppress(OSError, TimeIsUp):  # another process may hold it, and a thread here read from it
                within(PATIENCE, stream.close, stops=False)
