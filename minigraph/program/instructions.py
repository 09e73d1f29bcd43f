"""Instructions: what a program does in a step, as records that every machine reads.

An instruction is a function of a small set, places that it reads and a place that it fills. A place is an array, or a
view of one. Nothing behind this list knows an operation or a derivative: `lowering` writes it, and each machine reads it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

import numpy as np

from minigraph.core.node import Node
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.identifiers import Names
from minigraph.values import Array, Shape

FUNCTIONS: dict[str, int] = {
    **dict.fromkeys(("negative", "absolute", "sign", "square", "sqrt", "exp", "log", "log1p", "tanh", "ceil"), 1),
    **dict.fromkeys(("add", "subtract", "multiply", "divide", "maximum", "minimum", "fmax", "power"), 2),
    **dict.fromkeys(("equal", "greater", "greater_equal", "dot"), 2),
    **dict.fromkeys(("add.reduce", "maximum.reduce"), 3),  # an array, its axes, keepdims
    "add.accumulate": 2,  # an array, and an axis
    "clip": 3,  # an array, and its bounds
    "where": 3,  # a mask, true where it is not 0, and what to take where it is, and where it is not
    "copyto": 1,  # broadcast and converted
    "take": 2,  # an array, and whole numbers along axis 0, each of which is there
}
"""The functions that every machine has, each with the number of its operands; of NumPy, and named as there.

Besides these an instruction may name another ufunc of NumPy; or it is ``forward``, its node's own forward rule, or
``check``, which only looks at its operand's values. A machine that lacks one of them calls NumPy, or Python.
"""


def checked_function(function: str, operands: int) -> str:
    """The name of a function for so many operands.

    Raises:
        TypeError: if there is none.
    """
    name = str.__str__(function)
    ufunc = getattr(np, name, None)
    wanted = FUNCTIONS.get(name, ufunc.nin if isinstance(ufunc, np.ufunc) and ufunc.nout == 1 else None)
    if wanted is None:
        raise TypeError("a program calls functions of NumPy by their names, such as 'add' or 'add.reduce'.")
    if wanted != operands:
        raise TypeError(f"{name} has {wanted} operands in a program, not {operands}.")
    return name


Plain: TypeAlias = bool | int | float | tuple[Any, ...] | slice | None
"""What may be an operand besides places, or say how an array is seen: see `plain`."""


def plain(value: Any) -> Any:
    """The value in Python's own types: a number, a truth value, None, Ellipsis, a tuple or a slice of them.

    A program is written as text that runs, so nobody's ``repr`` may be asked: what comes in is of a known type, by content.

    Raises:
        TypeError: for anything else; text too.
    """
    kind = type(value)
    if kind is int or value is None or kind is float or kind is bool or value is Ellipsis:
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int.__int__(value) if isinstance(value, int) else int(value)
    if isinstance(value, float | np.floating):
        return exact_float(value)
    if isinstance(value, tuple):
        return tuple(map(plain, tuple.__iter__(value)))
    if isinstance(value, slice):
        return slice(*map(plain, (value.start, value.stop, value.step)))
    raise TypeError(
        f"a program is made of numbers, truth values, None, tuples and slices, not of a value of type {_kind(value)}."
    )


def exact_float(value: Any) -> float:
    """The number as a plain float.

    Raises:
        TypeError: if it is not a real number; text is none, though it may look like one.
    """
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, int | np.number | np.bool_):
        return float(value)
    raise TypeError(f"a number of a program is a real number, not a value of type {_kind(value)}.")


def _kind(value: Any) -> str:
    return str(type.__getattribute__(type(value), "__name__"))


WAYS: dict[str, Callable[[Array, Any], Array]] = {
    "index": lambda array, index: array[index],
    "reshape": lambda array, shape: array.reshape(shape),
    "transpose": lambda array, axes: array.transpose(axes),
    "broadcast": lambda array, shape: np.broadcast_to(array, shape),
}
"""How an array is seen in another way."""


@dataclass(frozen=True, slots=True)
class View:
    """A way to see an array in its own memory: some of its entries, another shape; without steps, as it is.

    Attributes:
        steps: a way of `WAYS` and its argument, and again of that.
    """

    steps: tuple[tuple[str, Any], ...] = ()

    def then(self, way: str, argument: Plain) -> View:
        """One more step.

        Raises:
            TypeError: for an argument that is no plain value.
        """
        return View((*self.steps, (way, plain(argument))))

    def of(self, array: Array) -> Array:
        """The array, seen so."""
        for way, argument in self.steps:
            array = WAYS[way](array, argument)
        return array


class Kind(Enum):
    """What a place is, and with it when its address is known."""

    BUFFER = "memory of the program's own; with a base, memory that is free by then"
    CONSTANT = "entries that never change"
    KEPT = "the value of the state leaf that is written over"
    SOURCE = "a leaf's array, for one call"
    STATE = "a state leaf's value, which each step swaps with the next"
    NEXT = "a state leaf's next value"
    ROW = "an output's row of this step"


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """An array of a program, or a view of one.

    Attributes:
        name: an identifier that no other place of the program has.
        shape: its shape.
        dtype: its dtype.
        contiguous: whether its entries lie row by row in memory.
        kind: what it is; of a view, what is seen.
        value: of a constant its entries: one number for all of them, or an array.
        base: what it is a view of, or whose memory it uses again.
        view: how it is seen there.
    """

    name: str
    shape: Shape
    dtype: np.dtype[Any]
    contiguous: bool = True
    kind: Kind = Kind.BUFFER
    value: float | Array | None = None
    base: Place | None = None
    view: View = View()

    def __str__(self) -> str:
        return self.name

    @property
    def size(self) -> int:
        """The number of entries."""
        return math.prod(self.shape)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One call.

    Attributes:
        function: a name of `FUNCTIONS`, or what is said there.
        operands: what it reads: places and plain values.
        out: what it fills; of a check the place that is looked at.
        node: the node that it serves.
    """

    function: str
    operands: tuple[Place | Plain, ...]
    out: Place
    node: Node


@dataclass(frozen=True, slots=True)
class State:
    """A state leaf with the places of its value and of its next one, which are swapped at the end of a step."""

    leaf: Node
    value: Place
    following: Place


@dataclass
class Instructions:
    """All that a machine needs to run a program.

    A step does ``step``, is given up if an entry of the guard is not finite, does ``last``, copies the results that
    are not in their rows already, swaps the states and publishes them.

    Attributes:
        graph: the nodes that they do.
        names: those of the places; who needs more names takes them from a copy.
        constants: the places of constants.
        buffers: the program's memory, in order: a place with a base uses again what an earlier one had.
        fills: places that are filled with a number before anything else.
        sources: the leaves whose arrays a call gives, with their places.
        states: the state leaves that are swapped.
        kept: the state leaf that ``last`` writes over, with its place; or None.
        once: what is done when the data of a call are not those of the last one.
        step: what is done in each step.
        guard: the places whose entries must be finite before anything is published, each with the parts of it that
            are seen, or none for all of it; empty if steps are not looked at.
        last: what is done after the guard: the update of the leaf that is written over.
        results: for each output its place; one of kind ROW, and there for the first time, is the row of its output.
    """

    graph: ProgramGraph
    names: Names = field(default_factory=Names)
    constants: list[Place] = field(default_factory=list)
    buffers: list[Place] = field(default_factory=list)
    fills: list[tuple[Place, float]] = field(default_factory=list)
    sources: dict[Node, Place] = field(default_factory=dict)
    states: list[State] = field(default_factory=list)
    kept: tuple[Node, Place] | None = None
    once: list[Instruction] = field(default_factory=list)
    step: list[Instruction] = field(default_factory=list)
    guard: list[tuple[Place, Sequence[Part]]] = field(default_factory=list)
    last: list[Instruction] = field(default_factory=list)
    results: list[Place] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How many functions a step calls."""
        return sum(instruction.function != "check" for instruction in [*self.step, *self.last])

    @property
    def owned(self) -> int:
        """How many buffers there are, those that are used again counted once."""
        return sum(place.base is None for place in self.buffers)

    @property
    def bytes(self) -> int:
        """The size of all buffers together."""
        return sum(place.size * place.dtype.itemsize for place in self.buffers if place.base is None)

    @property
    def saved(self) -> int:
        """The bytes that using memory again has saved."""
        return sum(place.size * place.dtype.itemsize for place in self.buffers if place.base is not None)
