"""`compile`: from nodes, or from a function that builds them, to a program."""

from __future__ import annotations

import inspect
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from minigraph.errors import ShapeError, describe
from minigraph.node import Node, Role, data
from minigraph.operations.arithmetic import cast
from minigraph.program.graph import Graph, Part
from minigraph.program.program import Program
from minigraph.pulling import ancestors
from minigraph.values import to_array

Outputs = Node | Sequence[Node]
MOST_PROGRAMS = 16
"""A built program keeps this many shapes; the one that was not used for the longest time is dropped."""


class BuiltProgram:
    """Programs from one function that builds the graph: one for each shape and dtype of the arrays given.

    Attributes:
        build: the function.
        programs: the programs so far, the last used last.
    """

    def __init__(self, build: Callable[..., Any], gram: bool, without: Collection[str]):
        self.build = build
        self.programs: OrderedDict[Any, Program] = OrderedDict()
        self._options = (gram, tuple(without))

    def program_for(self, *arrays: npt.ArrayLike) -> Program:
        """The program for arrays of these shapes and dtypes; traced if it is new."""
        values = [x if isinstance(x, np.ndarray) and x.dtype.kind == "f" else to_array(x, None, "compile") for x in arrays]
        key = tuple((x.shape, x.dtype == np.float32) for x in values)
        program = self.programs.get(key)
        if program is None:
            program = self._traced(values)
            self.programs[key] = program
            if len(self.programs) > MOST_PROGRAMS:
                self.programs.popitem(last=False)
        self.programs.move_to_end(key)
        return program

    def _traced(self, values: Sequence[Any]) -> Program:
        inputs = [data(np.zeros(x.shape, np.float32 if x.dtype == np.float32 else np.float64)) for x in values]
        built = self.build(*inputs)
        for node, name in zip(inputs, inspect.signature(self.build).parameters, strict=False):
            if node.name is None:
                node.named(name)  # for the source
        outputs, updates = built if isinstance(built, tuple) else (built, None)
        return _program(outputs, inputs, updates, *self._options)

    def __call__(self, *arrays: npt.ArrayLike) -> Any:
        """One step on these arrays; see `Program`."""
        return self.program_for(*arrays)(*arrays)

    def repeat(self, count: int, *arrays: npt.ArrayLike) -> Any:
        """Many steps on these arrays; see `Program.repeat`."""
        return self.program_for(*arrays).repeat(count, *arrays)

    @property
    def source(self) -> str:
        """The text of the program used last."""
        return self._last().source

    def report(self) -> str:
        """The report of the program used last."""
        return self._last().report()

    def _last(self) -> Program:
        if not self.programs:
            raise RuntimeError("no program yet: it is traced for the shapes of the first call.")
        return next(reversed(self.programs.values()))


@overload
def compile(
    outputs: Outputs,
    inputs: Sequence[Node] = (),
    updates: Mapping[Node, Node] | None = None,
    *,
    gram: bool = True,
    without: Collection[str] = (),
) -> Program: ...


@overload
def compile(outputs: Callable[..., Any], *, gram: bool = True, without: Collection[str] = ()) -> BuiltProgram: ...


def compile(
    outputs: Any,
    inputs: Sequence[Node] = (),
    updates: Mapping[Node, Node] | None = None,
    *,
    gram: bool = True,
    without: Collection[str] = (),
) -> Program | BuiltProgram:
    """Turn a graph into a program: a Python function over NumPy that computes outputs and updates leaves.

    All updates are computed from the values before the step, then assigned together. Values equal those
    of the graph to rounding.

    Args:
        outputs: a node, or a sequence of nodes, such as the cost; or a function that takes data nodes and
            returns outputs, or ``(outputs, updates)``. The function is traced once for each shape and dtype.
        inputs: data nodes that a call gives arrays for.
        updates: leaves (parameters, or data that holds state such as a velocity), each with the node of its
            next value.
        gram: let `repeat` carry W X instead of W where that pays (see the performance page of the docs).
        without: names of passes to leave out.

    Returns:
        A `Program`; for a function a `BuiltProgram`.

    Raises:
        TypeError: if something else than nodes is given, or an input or an updated node is no leaf.
        ShapeError: if a new value has not its leaf's shape, or an input has no entries.

    Example:
        >>> import minigraph as mg
        >>> w = mg.parameter(3.0, "w")
        >>> J = (w * w).named("J")
        >>> step = mg.compile(J, updates={w: w - 0.25 * mg.grad(J, w)})
        >>> step(), w.value
        (np.float64(9.0), np.float64(1.5))
        >>> step.repeat(2)
        array([2.25  , 0.5625])
    """
    if callable(outputs) and not isinstance(outputs, Node):
        if inputs or updates:
            raise TypeError("compile: with a function, inputs are its arguments and updates are what it returns.")
        return BuiltProgram(outputs, gram, without)
    return _program(outputs, inputs, updates, gram, without)


def _program(
    outputs: Outputs, inputs: Sequence[Node], updates: Mapping[Node, Node] | None, gram: bool, without: Collection[str]
) -> Program:
    wanted = [outputs] if isinstance(outputs, Node) else list(outputs)
    given = dict(updates or {})
    for what, nodes in (("outputs", wanted), ("inputs", inputs), ("updates", [*given, *given.values()])):
        for node in nodes:
            if not isinstance(node, Node):
                raise TypeError(f"compile: {what} are nodes, not {type(node).__name__}.")
    for what, leaves in (("an input", inputs), ("an updated node", given)):
        for leaf in leaves:
            if leaf.role not in (Role.DATA, Role.PARAMETER):
                raise TypeError(f"compile: {what} is a leaf made by mg.data or mg.parameter. {describe(leaf)}.")
    for leaf in inputs:
        if leaf in given:
            raise TypeError(f"compile: {describe(leaf)} and is both an input and updated. It can be one of them.")
    if len(set(inputs)) < len(inputs):
        raise TypeError("compile: an input is given twice.")
    for node in ancestors([*wanted, *given.values()]):
        if node.op is None and node.size == 0:
            raise ShapeError(f"compile: {describe(node)}: there are no entries, so nothing to compute.", operands=(node,))
    for leaf, new in given.items():
        if new.shape != leaf.shape:
            raise ShapeError(f"compile: {describe(leaf)}, but its next value is {new.shape}.", operands=(leaf, new))
    graph = Graph(
        tuple(wanted),
        {leaf: cast(new, leaf.dtype) for leaf, new in given.items()},
        tuple(inputs),
        {leaf: Part(leaf) for leaf in given},
    )
    return Program(graph, isinstance(outputs, Node), gram, without)
