"""The floor under a(1 − a) in the derivative of `bce`: where it is known by, and where it acts."""

from __future__ import annotations

from minigraph.core.node import Node, Role
from minigraph.operations.arithmetic import Multiply, Subtract
from minigraph.operations.choices import Larger, Maximum
from minigraph.operations.losses import QUOTIENT_FLOOR


def guarded_by(node: Node) -> Node | None:
    """a(1 − a) of max(a(1 − a), 1e−12), or of where it is larger; None for all other nodes."""
    if not isinstance(node.op, Maximum | Larger) or node.name is not None:
        return None
    kept, floor = node.inputs
    if floor.role is not Role.LITERAL or floor.shape != () or floor.value != floor.dtype.type(QUOTIENT_FLOOR):
        return None
    if not isinstance(kept.op, Multiply) or not isinstance(kept.inputs[1].op, Subtract):
        return None
    return kept if kept.inputs[1].inputs[1] is kept.inputs[0] else None
