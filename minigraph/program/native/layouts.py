"""How arrays lie in memory: where, by which steps, and whether they share some of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigraph.values import Array

MOST_WORK: Any = 1000


def address(array: Array) -> int:
    """Where its first entry lies."""
    return int(array.__array_interface__["data"][0])


def steps_of(array: Array) -> tuple[int, ...]:
    """By how many entries it is to the next one, along each axis."""
    return tuple(stride // array.itemsize for stride in array.strides)


def layout(array: Array) -> tuple[object, ...]:
    """How entries lie in memory; to an axis of one entry no step matters."""
    steps = tuple(step for size, step in zip(array.shape, array.strides, strict=True) if size > 1)
    return array.shape, steps, array.dtype, array.flags.aligned


def same_entries(x: Array, y: Array) -> bool:
    """Whether arrays have the same shape, and each entry in the same memory."""
    return x.shape == y.shape and address(x) == address(y) and layout(x) == layout(y)


def overlap(x: Array, y: Array) -> bool:
    """Whether they have memory in common, or it is too hard to tell."""
    try:
        return bool(np.shares_memory(x, y, max_work=MOST_WORK))
    except np.exceptions.TooHardError:
        return True


def refuse_unwritable(out: Array) -> None:
    """Raise a ValueError if the array can't be filled, entry by entry."""
    if not out.flags.writeable:
        raise ValueError("an array that is to be filled can't be written.")
    reach = 1  # entries that what lies within takes up
    for size, step in sorted(zip(out.shape, map(abs, steps_of(out)), strict=True), key=lambda axis: (axis[1], axis[0])):
        if size > 1 and out.size:
            if step < reach:
                raise ValueError("entries of an array that is to be filled lie in each other's memory.")
            reach += (size - 1) * step
