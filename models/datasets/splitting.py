"""Which examples are held out where each class is to give its share."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def held_out_by_class(labels: npt.NDArray[Any], aside: int) -> npt.NDArray[np.bool_]:
    """Which of shuffled examples are held out: about ``aside`` of them, of each class the same share, but never all.

    Where the shares are no whole numbers, the classes with the largest remainders give one more. Where every class has
    one example only, classes don't count, and the first examples are held out.

    Example:
        >>> held_out_by_class(np.array(list("aaaabab")), 3).astype(int)
        array([1, 1, 0, 0, 1, 0, 0])
    """
    _, classes, sizes = np.unique(labels.astype(str), return_inverse=True, return_counts=True)
    shares = sizes * aside / len(labels)
    counts = np.minimum(shares.astype(int), sizes - 1)
    for k in np.argsort(counts - shares, kind="stable"):
        counts[k] += counts.sum() < aside and counts[k] < sizes[k] - 1
    chosen = np.zeros(len(labels), dtype=np.bool_)
    for k, count in enumerate(counts):
        chosen[np.flatnonzero(classes == k)[:count]] = True
    if not chosen.any():
        chosen[:aside] = True
    return chosen
