"""The progress bar of training."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from minigraph.command_line.console import is_open, is_terminal


@contextlib.contextmanager
def progress_bar(epochs: int, wanted: bool | None) -> Iterator[Callable[[float], None]]:
    """A bar on stderr; calling what it gives, with the cost, says that an epoch is done.

    Args:
        epochs: how many there will be.
        wanted: whether to show it; None for in a terminal only. Without an open stderr there is none.
    """
    if not (is_terminal(sys.stderr) if wanted is None else wanted and is_open(sys.stderr)):
        yield lambda cost: None
        return
    from tqdm import tqdm  # only where it is shown

    with tqdm(total=epochs, unit="epoch", file=_Forgiving(sys.stderr)) as bar:

        def show(cost: float) -> None:
            bar.set_postfix_str(f"cost {cost:.4g}", refresh=False)
            bar.update()

        yield show


class _Forgiving:
    """A stream on which nothing that can't be written stops the training: a terminal that was closed, a full disk."""

    def __init__(self, stream: Any):
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.flush()
