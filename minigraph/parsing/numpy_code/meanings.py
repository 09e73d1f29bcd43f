"""What functions mean on nodes while somebody's code is traced, where they mean nothing elsewhere.

Shapes are numbers, known at once. A comparison is a mask, held fixed, that follows its operands: ``Z * (Z > 0)``. What
takes a number out of the graph is noted: ``float(cost)`` that is returned is still the node. A branch is refused.
"""

from __future__ import annotations

import dis
import linecache
from collections.abc import Callable
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from minigraph.core.errors import describe
from minigraph.core.node import Node, Operand
from minigraph.operations.arithmetic import subtract
from minigraph.operations.choices import Step
from minigraph.operations.shapes import squeeze

NUMBERS_ONLY = ("math.", "cmath.", "statistics.", "random.")
"""Modules whose functions ask for a number, and give one that is not part of the graph."""


def _mask(below: float, at_zero: float, above: float) -> Callable[[Any, Any], Node]:
    """A comparison, as 1 where it holds and 0 where not: a step of the difference."""

    def compare(a: Operand, b: Operand) -> Node:
        plain = not isinstance(b, Node) and np.ndim(b) == 0 and b == 0
        return Step(below, at_zero, above)(a if plain else subtract(a, b))

    return compare


def _zeros_like(a: Node, dtype: Any = None) -> Any:
    return np.zeros(a.shape, dtype or a.dtype)


def _ones_like(a: Node, dtype: Any = None) -> Any:
    return np.ones(a.shape, dtype or a.dtype)


def _full_like(a: Node, fill_value: Any, dtype: Any = None) -> Any:
    return np.full(a.shape, fill_value, dtype or a.dtype)


def _shape(a: Node) -> Any:
    return a.shape


def _size(a: Node, axis: Any = None) -> Any:
    return a.size if axis is None else a.shape[axis]


def _ndim(a: Node) -> Any:
    return a.ndim


def _squeezed(a: Node, axis: Any = None) -> Node:
    return squeeze(a, axis) if 1 in a.shape or axis is not None else a


def _copied(a: Node) -> Any:
    return a


def _refuse_branch(node: Node) -> NoReturn:
    raise TypeError(
        f"{describe(node)}: whether it is true depends on its value, and a graph has one way only. Choose entry by entry, "
        "with np.where(mask, a, b), np.maximum or np.clip; a number that only decides, such as a rate of dropout, is handed "
        "over as it is with fixed='name'."
    )


MEANINGS: dict[Any, Callable[..., Any]] = {
    np.greater: _mask(0.0, 0.0, 1.0),
    np.greater_equal: _mask(0.0, 1.0, 1.0),
    np.less: _mask(1.0, 0.0, 0.0),
    np.less_equal: _mask(1.0, 1.0, 0.0),
    np.zeros_like: _zeros_like,
    np.ones_like: _ones_like,
    np.full_like: _full_like,
    np.shape: _shape,
    np.size: _size,
    np.ndim: _ndim,
    np.squeeze: _squeezed,
    np.copy: _copied,
    "bool": _refuse_branch,
}
"""By the function of NumPy, or the name of Python's."""


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
