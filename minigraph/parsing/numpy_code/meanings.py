"""What functions and operators mean on nodes while somebody's code is traced, where they mean something else elsewhere.

Shapes are numbers, known at once. A comparison is a mask, held fixed, that follows its operands: ``Z * (Z > 0)``, and
``p == Y`` too. A branch is refused.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from numbers import Number
from types import FrameType
from typing import Any, ClassVar, NoReturn
from weakref import WeakSet

import numpy as np

from minigraph.core.errors import describe
from minigraph.core.node import Node, Operand
from minigraph.operations.arithmetic import multiply, subtract
from minigraph.operations.choices import Equal, Step, maximum
from minigraph.operations.shapes import squeeze


class Masks:
    """The comparisons of a trace, which are 1 where they hold and 0 where not."""

    made: ClassVar[WeakSet[Node]] = WeakSet()

    @classmethod
    def add(cls, mask: Node) -> Node:
        """Note that a node is a mask."""
        cls.made.add(mask)
        return mask

    @classmethod
    def truth(cls, of: Any) -> Operand:
        """Where something is true: a mask where it is, numbers where they are not 0."""
        if isinstance(of, Node):
            return of if of in cls.made else subtract(1.0, Equal()(of, 0.0))
        return np.where(of, 1.0, 0.0)


def _mask(below: float, at_zero: float, above: float) -> Callable[[Any, Any], Node]:
    """A comparison, as 1 where it holds and 0 where not: a step of the difference."""

    def compare(a: Operand, b: Operand) -> Node:
        plain = not isinstance(b, Node) and np.ndim(b) == 0 and b == 0
        return Masks.add(Step(below, at_zero, above)(a if plain else subtract(a, b)))

    return compare


def _equal(a: Any, b: Any) -> Node:
    return Masks.add(Equal()(a, b))


def _not_equal(a: Any, b: Any) -> Node:
    return Masks.add(subtract(1.0, Equal()(a, b)))


def _both_hold(a: Any, b: Any) -> Node:
    return Masks.add(multiply(Masks.truth(a), Masks.truth(b)))


def _one_holds(a: Any, b: Any) -> Node:
    return Masks.add(maximum(Masks.truth(a), Masks.truth(b)))


def _holds_not(a: Any, _: Any = None) -> Node:
    return Masks.add(subtract(1.0, Masks.truth(a)))


def _operator(compare: Callable[[Any, Any], Node]) -> Callable[[Any, Any], Node | None]:
    """``==`` or ``!=`` in the user's code; elsewhere, and of what is not an array, Python's own question for identity."""

    def asked(a: Node, b: Any) -> Node | None:
        numbers = isinstance(b, Node | Number | np.generic | np.ndarray | list | tuple)
        return compare(a, b) if numbers and is_users(sys._getframe(3)) else None

    return asked


def is_users(frame: FrameType) -> bool:
    """Whether a frame runs the user's code, neither Python's own nor NumPy's nor minigraph's."""
    package = str(frame.f_globals.get("__name__")).partition(".")[0]
    return package not in ("minigraph", "numpy") and package not in sys.stdlib_module_names


def _refuse_mask(node: Node, index: Any) -> None:
    for part in index if isinstance(index, tuple) else (index,):
        if isinstance(part, Node) and part in Masks.made:
            raise TypeError(
                f"{describe(node)}: a mask as an index takes as many entries as it finds, but the shapes of a graph are "
                "fixed. Write np.where(mask, a, 0.0), or a * mask; a mean of some is np.sum(a * mask) / np.sum(mask). One "
                "that stays what it is may be handed over with fixed='name'."
            )


def _astype(a: Node, dtype: Any, *_: Any, **__: Any) -> Node:
    """A mask is a number already; a dtype is that of what the function was given."""
    wanted = np.dtype(dtype)
    if wanted == a.dtype or (a in Masks.made and wanted.kind in "biuf"):
        return a
    if wanted.kind == "f":
        why = f"it is {a.dtype}, like what it is made of. Leave .astype out, and give the function arrays of {wanted}."
    else:
        why = (
            f"as {wanted} it would lose its derivative. A mask, Z > 0, needs no .astype; hand what serves as an index over "
        )
        why += "as it is, with fixed='name'."
    raise TypeError(f"{describe(a)}: {why}")


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
    np.squeeze: _squeezed,
    np.copy: _copied,
    np.equal: _equal,
    np.not_equal: _not_equal,
    np.logical_and: _both_hold,
    np.logical_or: _one_holds,
    np.logical_not: _holds_not,
    "==": _operator(_equal),
    "!=": _operator(_not_equal),
    "&": _both_hold,
    "|": _one_holds,
    "~": _holds_not,
    "[]": _refuse_mask,
    ".astype": _astype,
    ".copy": _copied,
    "bool": _refuse_branch,
}
"""By the function of NumPy, or by what is written: an operator of Python, the name of a function, of a method."""
