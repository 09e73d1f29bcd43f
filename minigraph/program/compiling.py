"""`compile`: from nodes, or from a function that builds them, to a program."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypedDict, Unpack, overload

import numpy as np
import numpy.typing as npt

from minigraph.core.evaluation import placeholder, tracing
from minigraph.core.node import Node
from minigraph.operations.arithmetic import cast
from minigraph.program.arguments import (
    input_leaves,
    left_out,
    output_nodes,
    refuse_unfit,
    returned,
    update_nodes,
)
from minigraph.program.backends import backend_named
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.program import Program
from minigraph.values import Shape, to_array

Outputs = Node | Sequence[Node]
Maker = Callable[[ProgramGraph, bool], Program]
"""Makes a program of a graph, told whether its outputs are one node."""
MOST_PROGRAMS = 16
"""A built program keeps this many shapes; the one that was not used for the longest time is dropped."""


class BuiltProgram:
    """Programs from one function that builds the graph: one for each shape and dtype of the arrays given.

    Attributes:
        build: the function.
        programs: the programs so far, the last used last.
    """

    def __init__(self, build: Callable[..., Any], make: Maker):
        self.build = build
        self.programs: dict[Any, Program] = {}
        self._make = make
        self._read: dict[Any, dict[Node, Any]] = {}  # data whose values went into a program, with these values
        self._warned: set[Node] = set()

    def program_for(self, *arrays: npt.ArrayLike) -> Program:
        """The program for arrays of these shapes and dtypes; traced if it is new."""
        values = [x if isinstance(x, np.ndarray) and x.dtype.kind == "f" else to_array(x, None, "compile") for x in arrays]
        key = tuple((x.shape, "f4" if x.dtype == np.float32 else "f8") for x in values)
        program = self.programs.pop(key, None)
        if program is None or any(leaf.value is not value for leaf, value in self._read[key].items()):
            program = self._traced(key)
        self.programs[key] = program  # the last one
        if len(self.programs) > MOST_PROGRAMS:
            oldest = next(iter(self.programs))
            del self.programs[oldest], self._read[oldest]
        return program

    def _traced(self, key: Sequence[tuple[Shape, str]]) -> Program:
        names = _argument_names(self.build, len(key))
        inputs = [placeholder(shape, np.dtype(dtype), name) for (shape, dtype), name in zip(key, names, strict=True)]
        with tracing(self._warned) as reads:
            outputs, updates, single = returned(self.build(*inputs))
        for node, name in zip(inputs, names, strict=True):
            if node.name is None:
                node.named(name)  # for the source
        program = _program(outputs, inputs, updates, single, self._make)
        self._read[key] = reads.settle(updates)
        return program

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


class Options(TypedDict, total=False):
    """What `compile` may be told besides what to compile."""

    gram: bool
    memory: str
    without: Collection[str]
    backend: str
    devices: Any
    split: Mapping[Any, int] | None


@overload
def compile(
    outputs: Outputs,
    inputs: Sequence[Node] = (),
    updates: Mapping[Node, Node] | None = None,
    **options: Unpack[Options],
) -> Program: ...


@overload
def compile(outputs: Callable[..., Any], **options: Unpack[Options]) -> BuiltProgram: ...


def compile(
    outputs: Any,
    inputs: Sequence[Node] = (),
    updates: Mapping[Node, Node] | None = None,
    *,
    gram: bool = True,
    memory: str = "more",
    without: Collection[str] = (),
    backend: str = "auto",
    devices: Any = None,
    split: Mapping[Any, int] | None = None,
) -> Program | BuiltProgram:
    """Turn a graph into a program, which computes outputs and updates leaves in one call, or many steps of it.

    All updates are computed from the values before the step, then assigned together. Values equal those
    of the graph to rounding; a step that is not finite is done by the graph itself.

    Args:
        outputs: a node, or a sequence of nodes, such as the cost; or a function that takes data nodes and
            returns outputs, or ``(outputs, updates)`` with a dict of updates. It is traced: it runs once for each shape
            and dtype, on nodes that have no values yet, so that what depends on them is written with nodes.
        inputs: data nodes that a call gives arrays for.
        updates: leaves (parameters, or data that holds state such as a velocity), each with the node of its
            next value.
        gram: let `repeat` carry W X instead of W where that pays (see the performance page of the docs); False leaves
            out the pass of that name.
        memory: "less" to keep only some of what the forward pass computes, and compute the rest again in the backward pass:
            of a deep net about half the memory for a quarter more time, to the same bits. "more" to keep all of it.
        without: names of passes to leave out.
        backend: what runs it: "native", an interpreter in C, which is there if a compiler was when minigraph was installed;
            "numpy", the Python text that ``program.source`` shows; "auto", one of these two; or "jax", which needs the
            extra of that name. They differ by rounding.
        devices: for JAX: how many devices, a list of them, or a mesh; by default one, or all of them if data are split.
        split: for JAX: data, or their names, each with the axis along which the devices share them, such as
            ``{X: 1, Y: 1}``: each device has its own examples, and they add up their gradients once a step.

    Returns:
        A `Program`; for a function a `BuiltProgram`.

    Raises:
        TypeError: if anything but nodes is given, an input or an updated node is not a leaf, or devices are named for
            another backend than JAX.
        ValueError: for a name in ``without``, a backend or a ``memory`` that does not exist, or more devices than there are.
        ShapeError: if a new value does not have its leaf's shape, an input has no entries, or devices can't share an
            axis equally.
        ImportError: if the backend "jax" is not there.
        RuntimeError: if the backend "native" is not there; when a function is traced, if it reads the value of an argument,
            calls ``backward`` or assigns.

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
    name = backend_named(backend)
    builds = callable(outputs) and not isinstance(outputs, Node)
    make = _maker(name, left_out(without, memory, gram, name), devices, split, fixed=not builds)
    if builds:
        if updates is not None or not isinstance(inputs, list | tuple) or inputs:
            raise TypeError("compile: with a function, inputs are its arguments and updates are what it returns.")
        return BuiltProgram(outputs, make)
    single = isinstance(outputs, Node)
    return _program(output_nodes(outputs), input_leaves(inputs), update_nodes(updates), single, make)


def _program(
    outputs: Sequence[Node], inputs: Sequence[Node], updates: Mapping[Node, Node], single: bool, make: Maker
) -> Program:
    refuse_unfit(outputs, inputs, updates)
    following = {leaf: cast(new, leaf.dtype) for leaf, new in updates.items()}
    graph = ProgramGraph(tuple(outputs), following, tuple(inputs), {leaf: Part(leaf) for leaf in updates})
    return make(graph, single)


def _maker(name: str, without: Collection[str], devices: Any, split: Any, fixed: bool) -> Maker:
    """What makes the programs of a backend; ``fixed`` if all will be of one size."""
    if name == "jax":
        from minigraph.program.jax.jax_program import jax_maker  # JAX takes a second to load, if it is there

        return jax_maker(without, devices, split, fixed)
    for option, given in (("devices", devices), ("split", split)):
        if given is not None:
            raise TypeError(f"compile: {option} is for backend='jax'; {name!r} runs on this processor.")
    return partial(Program, without=without, backend=name)


def _argument_names(build: Callable[..., Any], count: int) -> list[str]:
    """How the function calls its arguments, as many as are given."""
    try:
        named = list(inspect.signature(build).parameters)[:count]
    except (TypeError, ValueError):  # a function written in C may not say
        named = []
    return [*named, *(f"argument {i}" for i in range(len(named), count))]
