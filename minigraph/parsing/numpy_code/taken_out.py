"""What takes a number or an array out of the graph while somebody's code is traced, and at which line.

``float(cost)`` that is returned is still the node, and printed it does no harm. What goes on computing with the number has
lost its gradient: that is said at the end.
"""

from __future__ import annotations

import dis
import linecache
from collections.abc import Sequence
from types import FrameType
from typing import Any

import numpy as np

from minigraph.core.errors import describe
from minigraph.core.node import Node, Role
from minigraph.parsing.numpy_code.calls import call_at
from minigraph.parsing.numpy_code.meanings import Masks

NUMBERS_ONLY = ("math.", "cmath.", "statistics.", "random.")
"""Modules whose functions ask for a number, and give one that is not part of the graph."""


AT_ONCE = (
    ", without a gradient. Make the whole at once: the parts in a list, with np.stack or np.concatenate; or choose with "
    "np.where."
)
ARRAYS = ("array", "asarray", "asanyarray")
SHOWN_BY = ("print(", "print (", "append(", "log(", "logging.", '"', "'")
"""A line that has one of these shows or keeps a number, and does not compute with it."""


def _is_learned(node: Node) -> bool:
    """Whether a node depends on a parameter, and not by masks alone."""
    seen, left = set(), [node]
    while left:
        x = left.pop()
        if x.role is Role.PARAMETER:
            return True
        if x not in seen and x not in Masks.made:
            seen.add(x)
            left.extend(x.inputs)
    return False


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
        called = call_at(frame)
        call = called.text if called else ""
        place = place_of(frame.f_code.co_filename, frame.f_lineno)
        if _instruction(frame).startswith("STORE_SUBSCR"):
            why = f"it would be written into an array as a plain number{AT_ONCE}"
        elif call.startswith(NUMBERS_ONLY):
            why = f"{call} takes plain numbers, so that its result has no gradient. Write np. in place of the module's name."
        else:
            self.read.append((node, place))
            return
        self.refused = TypeError(f"{describe(node)}: {why}")
        raise self.refused

    def refuse_array(self, node: Node, frame: FrameType) -> None:
        """Refuse that a line makes a plain array of a node, with what to write there.

        Raises:
            TypeError: unless the line can't be read; the error then has other words.
        """
        call = call_at(frame)
        if _instruction(frame).startswith("BINARY"):
            why = (
                "it would serve as an index of a plain array. Hand it over as it is, with fixed='name'; for one-hot columns "
            )
            why += "mg.one_hot(labels, classes) takes a node."
        elif _instruction(frame).startswith("STORE_SUBSCR"):
            why = f"it would be written into a plain array{AT_ONCE}"
        elif call is None:
            return
        elif call.of_a_list:
            why = f"{call.text} makes a plain array of a list of nodes, without a gradient. "
            why += "Write np.stack(list)." if call.name in ARRAYS else f"Write {call.text}(np.stack(list))."
        elif call.owner:
            why = (
                f"{call.owner} is a plain array, whose method {call.name} takes no node. Write np.{call.name}({call.owner}, "
            )
            why += f"...). If it shall have a gradient, hand it over, or say outside={call.variable!r}."
        elif isinstance(getattr(np, call.name, None), type):
            why = (
                f"{call.text} makes plain numbers of it, without a gradient. Leave it out: a mask, Z > 0, is one of 0 and 1."
            )
        else:
            why = f"{call.text} makes a plain array of it, without a gradient. Leave it out; of a list write np.stack(list)."
        self.refused = TypeError(f"{describe(node)}: {why}")
        raise self.refused

    def lost(self, order: Sequence[Node]) -> list[tuple[Node, str]]:
        """The readings whose numbers go on in the graph, without a gradient, as far as can be seen.

        A number does if it is a literal made later; or if its node, which depends on a parameter, is not part of the graph
        and was not read to be shown.
        """
        graph = set(order)
        numbers = [node for node in order if node.role is Role.LITERAL and node.shape == ()]
        found = []
        for node, place in self.read:
            value = float(np.asarray(node.value).item())
            again = any(x.number > node.number and float(x.value).hex() == value.hex() for x in numbers)
            gone = node not in graph and _is_learned(node) and not any(shown in place for shown in SHOWN_BY)
            if (again and abs(value) not in (0.0, 1.0, 2.0)) or gone:
                found.append((node, place))
        return found

    def node_of(self, number: Any) -> Node | None:
        """The node that was read last as this number."""
        if isinstance(number, float | np.floating):
            for node, _ in reversed(self.read):
                if node.size == 1 and float(np.asarray(node.value).item()).hex() == float(number).hex():
                    return node
        return None


def _instruction(frame: FrameType) -> str:
    """What the interpreter is doing in a frame, such as BINARY_SUBSCR."""
    return dis.opname[frame.f_code.co_code[frame.f_lasti]]


def place_of(file: str, line: int | None) -> str:
    """The line as messages show it: ``net.py:7: A = sigmoid(Z)``."""
    code = linecache.getline(file, line or 0).strip()
    return f"{file}:{line}" + (f": {code}" if code else "")
