"""The progress bar of a training: a line in a terminal, a bar in Jupyter, VS Code and marimo."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from minigraph.command_line.console import is_open, is_terminal

DELAY = 0.5
"""In notebooks, where a bar stays on the page, a training of so few seconds has none."""

Show = Callable[[float], None]


@contextlib.contextmanager
def progress_bar(epochs: int, wanted: bool | None) -> Iterator[Show]:
    """A bar, by default in terminals and notebooks; calling what it gives, with the cost, says that an epoch is done."""
    marimo = sys.modules.get("marimo")
    if wanted is not False and marimo is not None and marimo.running_in_notebook():
        with marimo.status.progress_bar(total=epochs, title="training") as bar:
            yield lambda cost: bar.update(subtitle=f"cost {cost:.4g}")
    elif wanted is not False and in_jupyter():
        with _threadless(_jupyter_bar())(total=epochs, unit="epoch", delay=DELAY, file=_Forgiving(sys.stdout)) as bar:
            yield _showing(bar)
    elif is_terminal(sys.stderr) if wanted is None else wanted and is_open(sys.stderr):
        from tqdm import tqdm  # only where it is shown

        with _threadless(tqdm)(total=epochs, unit="epoch", file=_Forgiving(sys.stderr)) as bar:
            yield _showing(bar)
    else:
        yield lambda cost: None


def in_jupyter() -> bool:
    """Whether this is the kernel of a notebook."""
    return "ipykernel.zmqshell" in sys.modules


def _jupyter_bar() -> Any:
    """A bar of widgets; where ipywidgets is not installed a line of text, without the warning that it could be a widget."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tqdm.auto import tqdm
    return tqdm


def _threadless(kind: Any) -> Any:
    """This kind of bar without a thread that looks after it: a browser has no threads, and tqdm would warn."""
    return type(kind.__name__, (kind,), {"monitor_interval": 0})


def _showing(bar: Any) -> Show:
    def show(cost: float) -> None:
        bar.set_postfix_str(f"cost {cost:.4g}", refresh=False)
        bar.update()

    return show


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
