"""What an operation is: a forward rule, a shape rule, local derivatives and a notation; and when two are the same.

Nothing else in the package asks "which operation is this?": evaluating, differentiating, checking,
drawing and explaining read these four. An operation of your own, written outside the package as a
subclass of `Op` or `Elementwise`, is differentiated to any order, drawn and checked like the others.
"""

from __future__ import annotations

import inspect
import math
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import MemberDescriptorType
from typing import Any, NoReturn
from weakref import WeakKeyDictionary

import numpy as np

from minigraph.core.errors import ShapeError, counted, describe
from minigraph.core.linear_maps import Maps
from minigraph.core.node import Node, Role, literal
from minigraph.formulas import Written, call
from minigraph.values import FLOAT64, Shape, broadcast_shape, shape_option

FLOAT32 = np.dtype(np.float32)
LITERAL = Role.LITERAL


class Op:
    """An operation. Subclass it for an operation of your own; call an instance with operands to get a node.

    The four rules are written with the operation's own operands: ``forward(self, a, b)`` on values,
    ``shape(self, a, b)`` and ``derivatives(self, result, a, b)`` on nodes, ``notation(self, a, b)`` on what
    is written. (The extra ``**_`` in the signatures below lets a type checker accept that.)

    Options of an operation, such as a slope, are attributes of the instance (a frozen dataclass is handy).

    An operation is taken to be *pure*: its value follows from its operands and its attributes alone, and asking for it
    changes nothing and keeps nothing, neither the operands nor the operation. So two of one type with equal attributes
    may be done once for both, a value may be kept or thrown away, and a program may do the work earlier or later. Say
    ``pure = False`` of one that draws random numbers, counts, remembers or reads a file: then each node of it is
    evaluated by itself, in a graph when one of its operands was set, in a program once a step.

    Attributes:
        name: the operation's name in formulas, diagrams and errors.
        pure: False if its value does not follow from operands and attributes alone; a property may decide it too.
        broadcasts: True if operands are broadcast as in NumPy; the engine then undoes it in the backward pass.
        is_loss: True for a loss; a diagram's root is then drawn as one.
        domain: open interval of the entries for which the operation is defined; what `check_op` draws from.
        kinks: entries at which it has no derivative; `check_op` keeps away from them.
        linear_in: the positions of the operands in each of which it is linear, the others held; for programs.
        checked: the positions of the operands whose values `check` looks at.
        held: the positions of the operands that are held fixed, whatever they are: diagrams draw them as cut off.
        operand_names: how errors call an operand that is an array without a name, such as "the target".
    """

    name = ""
    pure: bool = True
    broadcasts = False
    is_loss = False
    domain: tuple[float, float] = (-math.inf, math.inf)
    kinks: tuple[float, ...] = ()
    linear_in: tuple[int, ...] = ()
    checked: tuple[int, ...] = ()
    operand_names: tuple[str, ...] = ()
    held: tuple[int, ...] = ()
    _operands: int | None = None
    ours: bool = True

    def __init_subclass__(cls) -> None:
        cls.name = cls.__dict__.get("name") or cls.__name__.lower()
        cls.ours = cls.__module__.startswith("minigraph.")
        cls._operands = _operands_of(cls.derivatives)

    @property
    def rules(self) -> Op:
        """The operation whose rules these are: itself, unless it stands for another."""
        return self

    def forward(self, *values: Any, **_: Any) -> Any:
        """The value for the values of the operands, as real numbers; in NumPy, writing into none of them. It is copied."""
        raise NotImplementedError(f"{type(self).__name__} has no forward rule")

    def shape(self, *operands: Any, **_: Any) -> Shape:
        """The shape of the result; `refuse` says why operands don't fit."""
        raise NotImplementedError(f"{type(self).__name__} has no shape rule: define it, or subclass mg.Elementwise")

    def derivatives(self, result: Any, *operands: Any, **_: Any) -> Maps:
        """A list: for each operand the derivative of the result by it; None where the result does not depend on it."""
        raise NotImplementedError(f"{type(self).__name__} has no derivatives: return one linear map for each operand")

    def domain_of(self, position: int) -> tuple[float, float]:
        """The domain of one operand; define it where the operands differ, such as logits and targets."""
        return self.domain

    def distance_to_kink(self, *values: Any, **_: Any) -> float:
        """How near the values are to where there is no derivative; define it where kinks are no fixed numbers."""
        return min((float(np.min(np.abs(x - kink), initial=np.inf)) for x in values for kink in self.kinks), default=np.inf)

    def notation(self, *operands: Any, **_: Any) -> Written:
        """How the operation is written; by default name(operands)."""
        return call(self.name, *operands)

    def check(self, position: int, value: Any) -> None:
        """Raise the `DomainError` if the value of the operand is outside the domain."""

    def refuse(self, operands: Sequence[Node], why: str) -> NoReturn:
        """Raise the `ShapeError` that names the operation, the operands, their shapes and ``why``."""
        raise ShapeError(self._refusal(operands, why), self, tuple(operands), why)

    def _refusal(self, operands: Sequence[Node], why: str) -> str:
        group = operands[0].group if operands else None
        place = f" in group {group.title!r}" if group else ""
        called = self.operand_names or ["an array"] * len(operands)
        who = " and ".join(map(describe, operands, called)) + ": " if operands else ""
        return f"{self.name}{place}: {who}{why}"

    def __call__(self, *operands: Any) -> Node:
        """A node for the operation on these operands: nodes, numbers or arrays.

        Raises:
            TypeError: for a wrong number of operands, or operands that are no real numbers.
            ShapeError: if their shapes don't fit.
        """
        if self._operands is not None and len(operands) != self._operands:
            raise TypeError(f"{self.name} takes {counted(self._operands, 'operand')}, not {len(operands)}")
        if not operands:
            raise TypeError(f"{self.name} needs an operand. For a constant write mg.data(value).")
        nodes, dtype = as_nodes(operands, self.name)
        size = self.shape(*nodes)
        return Node(self, nodes, size if self.ours else shape_option(size, f"{type(self).__name__}.shape"), dtype)

    def __repr__(self) -> str:
        return f"<operation {self.name}>"


def _operands_of(derivatives: Any) -> int | None:
    """How many operands a rule takes beside ``self`` and ``result``; None for any number."""
    code = getattr(derivatives, "__code__", None)
    if code is not None and not vars(derivatives):  # nothing on it says otherwise; this takes a tenth of the time
        return None if code.co_flags & inspect.CO_VARARGS else code.co_argcount + code.co_kwonlyargcount - 2
    kinds = [p.kind for p in inspect.signature(derivatives).parameters.values()]
    return None if inspect.Parameter.VAR_POSITIONAL in kinds else len(kinds) - 2


class Composed(Op):
    """What is made of other operations, by its name: it refuses operands that don't fit, and is not a node's operation."""

    def __init__(self, name: str):
        self.name = name

    def refuse(self, operands: Sequence[Node], why: str) -> NoReturn:
        """The same; there is no operation that could be asked what would fit."""
        raise ShapeError(self._refusal(operands, why), None, tuple(operands), why)


@contextmanager
def refusing_as(name: str, *operands: Any) -> Iterator[None]:
    """Refuse shapes by the name that the user wrote, and by what was given, whatever it is made of."""
    try:
        yield
    except ShapeError as error:
        why = error.why
    else:
        return
    Composed(name).refuse(as_nodes(operands, name)[0], why)


class Elementwise(Op):
    """An operation that works entry by entry, on operands that are broadcast as in NumPy.

    Its derivatives are `Scale` (or `Identity`) maps at the result's shape; broadcasting is undone for it.

    Example:
        >>> import numpy as np
        >>> import minigraph as mg
        >>> class Swish(mg.Elementwise):
        ...     def forward(self, z):
        ...         return z / (1 + np.exp(-z))
        ...     def derivatives(self, y, z):
        ...         return [mg.Scale(y + mg.sigmoid(z) * (1 - y))]
        >>> z = mg.parameter([0.0, 1.0], "z")
        >>> y = Swish()(z)
        >>> y
        <swish(z) (2,) float64>
        >>> mg.check_gradients(y.sum()).ok
        True
    """

    broadcasts = True

    def shape(self, *operands: Node) -> Shape:
        """The shape that the operands broadcast to."""
        first = operands[0]._shape
        for x in operands:
            if x._shape != first and x._shape != ():
                break
        else:
            return first
        try:
            return broadcast_shape(*[x._shape for x in operands])
        except ValueError:
            why = "these shapes don't broadcast. Sizes must agree from the right, or be 1."
            self.refuse(operands, f"{why}{self.likely_slip(*operands)}")

    def likely_slip(self, *operands: Node) -> str:
        """A sentence, after a blank, on what was probably meant where shapes don't broadcast; or nothing."""
        for x in operands:
            if x.ndim == 1 and any(other.ndim == 2 and other.shape[0] == x.size for other in operands):
                it = repr(x.name) if x.name else "a vector"
                return f" {it} counts as a row; for a column, one entry for each row, make it {(x.size, 1)}: reshape(-1, 1)."
        return ""


def as_nodes(operands: Sequence[Any], what: str) -> tuple[tuple[Node, ...], np.dtype[Any]]:
    """The operands as nodes, and the dtype of a result of them.

    Literals take the dtype of the nodes they meet, so that ``1 - a`` stays float32. Where there are only
    literals, arrays decide, then literals of one number, then NumPy's numbers; Python's never do.
    """
    decided = False
    for x in operands:  # the most frequent case, in a quarter of the time: nodes of float64 and Python's numbers
        if type(x) is Node and x._dtype is FLOAT64:
            decided = decided or x.role is not LITERAL
        elif type(x) is not float and type(x) is not int:
            break
    else:
        if decided:
            return tuple([x if type(x) is Node else literal(x, FLOAT64, what=what) for x in operands]), FLOAT64
    dtypes = [x.dtype for x in operands if isinstance(x, Node) and x.role is not Role.LITERAL] or _literal_dtypes(operands)
    dtype = FLOAT32 if dtypes and all(x == FLOAT32 for x in dtypes) else FLOAT64
    return tuple(
        (x if x.dtype == dtype or x.role is not Role.LITERAL else literal(x.value, dtype, x.name))
        if isinstance(x, Node)
        else literal(x, dtype, what=what)
        for x in operands
    ), dtype  # fmt: skip


def _literal_dtypes(operands: Sequence[Any]) -> list[np.dtype[Any]]:
    nodes = [x for x in operands if isinstance(x, Node)]
    arrays = [x for x in operands if isinstance(x, np.ndarray | np.generic)]
    return [x.dtype for x in (*nodes, *arrays) if x.shape] or [x.dtype for x in nodes or arrays]


# Which operations are the same, so that one can be done for both: one rule, for all who merge. Two operations are the same
# if they are of one type and hold the same, bit for bit. What they hold is their attributes, in slots or not: their options.
# Numbers, text, tuples, slices and NumPy's arrays are compared by their bits, so that 0.0 is not −0.0, 1 is not True, and
# NaN is NaN; everything else is the same as itself only, whatever an ``__eq__`` of its own may overlook. An operation that
# is not pure is not even the same as itself.

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
    if not slots and not op.__dict__:
        return (type(op),)
    options: list[Any] = [(name, bits(option)) for name, option in sorted(vars(op).items())]
    options += [(slot.__objclass__, slot.__name__, bits(slot.__get__(op))) for slot in slots if _is_filled(slot, op)]
    return (type(op), *options)


_known: WeakKeyDictionary[type, tuple[MemberDescriptorType, ...] | None] = WeakKeyDictionary()


def _slots(kind: type) -> tuple[MemberDescriptorType, ...] | None:
    """All slots of a type, its ancestors' too, also hidden ones of the same name; None if it may hold what can't be seen."""
    try:
        return _known[kind]
    except KeyError:
        ancestors = kind.__mro__[:-1]
        found = [member for one in ancestors for member in vars(one).values() if isinstance(member, MemberDescriptorType)]
        seen = all(one.__flags__ & WRITTEN_IN_PYTHON for one in ancestors)
        slots = _known[kind] = tuple(found) if seen else None
        return slots


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
