"""Dropout: while a net trains, hidden units are left out at random; the masks that do so are data of its graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minigraph.values import Array, real_number


def read_shares(given: Any, layers: int) -> tuple[float, ...]:
    """The share of units that each hidden layer leaves out: one number for all, or one for each; () for none at all."""
    each = [given] * layers if np.ndim(given) == 0 else list(given)
    shares = [real_number(share, "dropout") for share in ([given] if np.ndim(given) == 0 else each)]
    for share in shares:
        if not 0 <= share < 1:
            raise ValueError(
                f"dropout is {given!r}: it is the share of the units that is left out. "
                "Give a number from 0 up to 1, such as 0.2; with 1 no unit would stay."
            )
    if not any(shares):
        return ()
    if len(each) != layers or not layers:
        how_many = len(each) if layers else "a share"
        raise ValueError(
            f"dropout: {how_many} for {layers} hidden layers. Give one number for all hidden layers, or one for each."
        )
    return tuple(map(float, each))


def random_mask(share: float, units: int, examples: int, generator: np.random.Generator) -> Array:
    """0 where a unit is left out of an example, 1/(1 − share) where it stays, so that the mean over masks is 1."""
    stays = generator.random((units, examples)) >= share
    return stays / (1 - share)


def mask_name(layer: int) -> str:
    """What the mask of a hidden layer is called."""
    return f"D{layer}"


def mask_sizes(shares: Sequence[float], sizes: Sequence[int]) -> dict[str, tuple[float, int]]:
    """The share and the units of each mask that there is, by name; sizes are those of the net."""
    return {mask_name(layer): (share, sizes[layer]) for layer, share in enumerate(shares, start=1) if share}
