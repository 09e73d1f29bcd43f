"""The progress bar of training."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def progress_bar(epochs: int, wanted: bool | None) -> Iterator[Callable[[float], None]]:
    """A bar on stderr; calling what it gives, with the cost, says that an epoch is done.

    Args:
        epochs: how many there will be.
        wanted: whether to show it; None for in a terminal only.
    """
    if not (sys.stderr.isatty() if wanted is None else wanted):
        yield lambda cost: None
        return
    from tqdm import tqdm  # only where it is shown

    with tqdm(total=epochs, unit="epoch", file=sys.stderr) as bar:

        def show(cost: float) -> None:
            bar.set_postfix_str(f"cost {cost:.4g}", refresh=False)
            bar.update()

        yield show
