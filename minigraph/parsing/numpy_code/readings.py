"""What takes a number or an array out of the graph while somebody's code is traced, and at which line.

``float(cost)`` that is returned is still the node, and printed it does no harm. What goes on computing with the number has
lost its gradient: that is said at the end.
"""

from __future__ import annotations

import dis
import linecache
from types import FrameType
from typing import Any

import numpy as np

from minigraph.core.errors import describe
from minigraph.core.node import Node

NUMBERS_ONLY = ("math.", "cmath.", "statistics.", "random.")
"""Modules whose functions ask for a number, and give one that is not part of the graph."""


class Readings:
    """The numbers that were taken out of the graph by ``float(node)``.

    Attributes:
        read: each node that was read, with the line that did it.
        refused: the error that was raised, which NumPy may hide behind another.
    """

    def __init__(self) -> None:
        self.read: list[tuple[Node, str]] = []
        self.refused: TypeError | None = None

    def note(self, node: Node, frame: FrameType) -> None:
        """Note that a line reads a node as a number.

        Raises:
            TypeError: if it would put the number into an array, or into a function of numbers.
        """
        call = called_at(frame)
        place = place_of(frame.f_code.co_filename, frame.f_lineno)
        if dis.opname[frame.f_code.co_code[frame.f_lasti]].startswith("STORE_SUBSCR"):
            why = "it would be written into an array as a plain number, without a gradient. Make the whole at once, with "
            why += "np.concatenate, np.stack or np.where."
        elif call.startswith(NUMBERS_ONLY):
            why = f"{call} takes plain numbers, so that its result has no gradient. Write np. in place of the module's name."
        else:
            self.read.append((node, place))
            return
        self.refused = TypeError(f"{describe(node)}: {why}")
        raise self.refused

    def node_of(self, number: Any) -> Node | None:
        """The node that was read last as this number."""
        if isinstance(number, float | np.floating):
            for node, _ in reversed(self.read):
                if node.size == 1 and float(np.asarray(node.value).item()).hex() == float(number).hex():
                    return node
        return None


def called_at(frame: FrameType) -> str:
    """The source of the call that a frame is in, on one line; nothing if it is not there."""
    line, last, start, end = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    if line is None or line != last:
        return ""
    source = linecache.getline(frame.f_code.co_filename, line).encode()
    return source[start:end].decode(errors="replace").partition("(")[0]


def place_of(file: str, line: int | None) -> str:
    """The line as messages show it: ``net.py:7: A = sigmoid(Z)``."""
    code = linecache.getline(file, line or 0).strip()
    return f"{file}:{line}" + (f": {code}" if code else "")
