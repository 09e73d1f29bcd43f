"""Which operations are the same, so that one can be done for both.

One rule, for all who merge: two operations are the same if they are of one type and hold the same, bit for bit. What
they hold is their attributes, in slots or not: their options. Numbers, text, tuples, slices and NumPy's arrays are
compared by their bits, so that 0.0 is not −0.0, 1 is not True, and NaN is NaN; everything else is the same as itself
only, whatever an ``__eq__`` of its own may overlook. An operation that is not pure is not even the same as itself.
"""

from __future__ import annotations

import struct
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

if TYPE_CHECKING:
    from minigraph.core.node import Node
    from minigraph.core.op import Op

WRITTEN_IN_PYTHON = 1 << 9
"""In a type's ``__flags__``. What a type of C holds can't be seen."""


class Itself:
    """Equal for the same object only."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any):
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and self.thing is other.thing

    def __hash__(self) -> int:
        return id(self.thing)


def signature(op: Op) -> Any:
    """Equal for operations that compute the same."""
    if not op.pure:
        return Itself(object())
    slots = _slots(type(op))
    if slots is None:
        return Itself(op)
    options: list[Any] = [(name, bits(option)) for name, option in sorted(vars(op).items())]
    options += [(slot.__objclass__, slot.__name__, bits(slot.__get__(op))) for slot in slots if _is_filled(slot, op)]
    return (type(op), *options)


_known: WeakKeyDictionary[type, tuple[MemberDescriptorType, ...] | None] = WeakKeyDictionary()


def _slots(kind: type) -> tuple[MemberDescriptorType, ...] | None:
    """All slots of a type, its ancestors' too, also hidden ones of the same name; None if it may hold what can't be seen."""
    if kind not in _known:
        ancestors = kind.__mro__[:-1]
        found = [member for one in ancestors for member in vars(one).values() if isinstance(member, MemberDescriptorType)]
        seen = all(one.__flags__ & WRITTEN_IN_PYTHON for one in ancestors)
        _known[kind] = tuple(found) if seen else None
    return _known[kind]


def _is_filled(slot: MemberDescriptorType, op: Op) -> bool:
    try:
        slot.__get__(op)
    except AttributeError:
        return False
    return True


def bits(value: Any) -> Any:
    """Equal for values that are the same to the last bit, types included."""
    kind = type(value)
    if kind in (bool, int, str, bytes):
        return (kind, value)
    if kind is float:
        return (kind, struct.pack("d", value))
    if kind is complex:
        return (kind, struct.pack("dd", value.real, value.imag))
    if kind is tuple:
        return (kind, *map(bits, value))
    if kind is slice:
        return (kind, bits(value.start), bits(value.stop), bits(value.step))
    if kind is np.ndarray or (isinstance(value, np.generic) and kind is value.dtype.type):
        return Itself(value) if value.dtype.hasobject else (kind, value.shape, value.dtype, value.tobytes())
    return Itself(value)


def bits_of(literal: Node) -> Any:
    """Equal for literals of equal value."""
    return (literal.shape, literal.dtype, np.asarray(literal.value).tobytes())
