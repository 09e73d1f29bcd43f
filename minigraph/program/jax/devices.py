"""Which devices a program runs on, and which arrays are split over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from minigraph.core.errors import ShapeError, counted, describe
from minigraph.core.node import Node
from minigraph.program.arguments import leaf_axes
from minigraph.program.jax.loading import jax_for
from minigraph.values import shown, whole_number

AXIS = "devices"
"""What the only axis of the mesh of devices is called."""


def chosen(devices: Any, many: bool) -> list[Any]:
    """The devices that are meant by a number, a list of them, or a mesh; by None one, or all where ``many`` are wanted.

    Raises:
        TypeError: for anything else.
        ValueError: for more devices than there are.
    """
    jax = jax_for("compile with backend='jax'")
    if devices is None:
        return list(jax.devices()) if many or jax.process_count() > 1 else [jax.local_devices()[0]]
    if isinstance(devices, jax.sharding.Mesh):
        return list(devices.devices.flat)
    if isinstance(devices, Sequence) and not isinstance(devices, str):
        found = list(devices)
        if not found or not all(isinstance(device, jax.Device) for device in found):
            raise TypeError(f"compile: devices is a number, a list such as jax.devices(), or a mesh; not {shown(devices)}.")
        return found
    count, there = whole_number(devices, "compile: the number of devices"), list(jax.devices())
    if not 1 <= count <= len(there):
        raise ValueError(
            f"compile: {count} devices are asked for, and JAX has {len(there)}, of kind {there[0].platform}. To make 8 of "
            "one processor, set JAX_NUM_CPU_DEVICES=8 in the environment, or write "
            "jax.config.update('jax_num_cpu_devices', 8) before anything else of JAX."
        )
    return there[:count]


def split_axes(split: Any, leaves: Iterable[Node], count: int, fixed: bool) -> dict[Node, int]:
    """For each leaf that is split the axis.

    Args:
        split: from nodes, or their names, to axes.
        leaves: those that a step reads and does not update.
        count: how many devices there are.
        fixed: whether the sizes are for good; else an axis that the devices don't divide, as that of a last, smaller
            mini-batch, is left whole on each of them.

    Raises:
        TypeError: if it is not a dict, or a key is no leaf that a step reads, or an axis no whole number.
        ShapeError: if an axis is not there, or the devices don't divide a fixed one.
    """
    if split is None:
        return {}
    found: dict[Node, int] = {}
    asked = leaf_axes(split, leaves, "compile", "split", "data", " that a step reads and does not update")
    for leaf, axis in asked.items():
        size = leaf.shape[axis]
        if size % count == 0:
            found[leaf] = axis
        elif fixed:
            raise ShapeError(
                f"compile: {describe(leaf)}, and {size} entries along axis {axis} can't be shared equally by {count} "
                f"devices. Take {size - size % count} of them, or other devices.",
                operands=(leaf,),
            )
    return found


class Placement:
    """Puts arrays on devices: parts of those that are split, the whole of all others on each.

    Attributes:
        devices: the devices, in order.
        axes: for each leaf that is split, the axis.
        whole: the sharding of what is whole on each device.
    """

    def __init__(self, devices: Sequence[Any], axes: Mapping[Node, int]):
        self.jax = jax_for("compile with backend='jax'")
        self.devices, self.axes = list(devices), dict(axes)
        self._mesh = self.jax.sharding.Mesh(np.array(self.devices), (AXIS,))
        self.whole = self.sharding(None)
        self._together = self.jax.process_count() > 1

    def sharding(self, leaf: Node | None) -> Any:
        """How the leaf's array lies on the devices."""
        axis = None if leaf is None else self.axes.get(leaf)
        spec = () if axis is None else (*[None] * axis, AXIS)
        return self.jax.sharding.NamedSharding(self._mesh, self.jax.sharding.PartitionSpec(*spec))

    def put(self, array: Any, leaf: Node) -> Any:
        """The array on the devices; one of JAX that lies there already is taken as it is."""
        sharding, by_jax = self.sharding(leaf), isinstance(array, self.jax.Array)
        array = array if by_jax else np.asarray(array)
        if self._together and not by_jax:  # each process puts what its own devices hold
            return self.jax.make_array_from_callback(array.shape, sharding, lambda index: array[index])
        return self.jax.device_put(array, sharding)

    def __str__(self) -> str:
        """For the report."""
        there = f"{counted(len(self.devices), 'device')} of kind {self.devices[0].platform}"
        parts = [f"axis {axis} of {leaf.name or 'an unnamed leaf'}" for leaf, axis in self.axes.items()]
        return there + (f"; split over them: {', '.join(parts)}" if parts else "")
