"""`Lowering`: what programs know of an operation, and how they find it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minigraph.core.node import Node
from minigraph.core.op import Op
from minigraph.program.instructions import Place, View


def no_sum(position: int) -> int:
    """The sign of an operand of what is no sum."""
    return 0


def by_domain(op: Any, position: int) -> bool:
    """Whether the operand's domain begins at 0, as that of logarithms and roots does."""
    found: Op = op
    return found.domain_of(position)[0] == 0


@dataclass(frozen=True, slots=True)
class Lowering:
    """What programs know of an operation; each function takes the operation itself first.

    Attributes:
        write: gives the writer the instructions that fill a place from those of the operands: ``write(writer, op, out,
            *operands)``; None to call the forward rule.
        view: how the result is seen in the memory of the only operand, a `Place`; None if it needs memory of its own.
        expansion: the same value by smaller operations on the operands, which are nodes, so that programs compute once
            what it shares with others.
        rough_expansion: an expansion that may give 0 for results below the smallest normal number, where no reader
            magnifies them.
        sign: 1 or −1 if the result is a sum in which the operand at a position stands with this sign; 0 if it is no sum.
        in_place: whether it is one instruction that may write over an operand of the result's shape.
        magnifies: whether it tells a very small operand from 0, as logarithms, roots and divisions by it do.
    """

    write: Callable[..., None] | None = None
    view: Callable[[Any, Place], View | None] | None = None
    expansion: Callable[..., Node] | None = None
    rough_expansion: Callable[..., Node] | None = None
    sign: Callable[[int], int] = no_sum
    in_place: bool = False
    magnifies: Callable[[Any, int], bool] = by_domain
