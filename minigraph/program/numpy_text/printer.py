"""`printed`: instructions as a Python function over NumPy, which can be read, and runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minigraph.core.node import Node
from minigraph.core.pulling import ancestors
from minigraph.program.graph import ProgramGraph
from minigraph.program.identifiers import Names
from minigraph.program.instructions import Instruction, Instructions, Kind, Place
from minigraph.program.numpy_text.source_text import dtype_source, in_one_line, source_text, view_source
from minigraph.program.python_calls import AllFinite, Check, Forward
from minigraph.values import Array

FORMS = {
    "add.accumulate": "add.accumulate({0}, {1}, None, {out})",
    "add.reduce": "add.reduce({0}, {1}, None, {out}, {2})",
    "clip": "{0}.clip({1}, {2}, {out})",  # methods are quicker to call than functions
    "copyto": "copyto({out}, {0})",
    "dot": "{0}.dot({1}, {out})",
    "maximum": "maximum({0}, {1}, out={out})",  # NumPy wants it by name; by position it costs less
    "maximum.reduce": "maximum.reduce({0}, {1}, None, {out}, {2})",
    "minimum": "minimum({0}, {1}, out={out})",
    "take": "{0}.take({1}, 0, {out}, 'clip')",  # in this mode no index is looked at twice
    "where": "{out}[...] = where({0}, {1}, {2})",
}
"""How functions are called that are not just given their operands and what they fill."""

LARGEST_BY_DOT = 16_000
"""Products of more entries are written by ``matmul``: ``dot``, quicker to call, fills them with zeros first."""

EACH_STEP = (Kind.STATE, Kind.NEXT, Kind.ROW)
"""What lies elsewhere in each step."""


def printed(instructions: Instructions) -> tuple[str, dict[str, Any]]:
    """The instructions as text, and what the text finds by name: constant arrays, forward rules, checks.

    The text defines ``steps``, which does steps until the first that is not finite, and returns how many.
    """
    printer = Printer(instructions)
    return printer.text(), printer.namespace


def linked(instructions: Instructions) -> tuple[Callable[..., int], Array | None]:
    """The function of the text, and the array of the state leaf that it writes over, if there is one."""
    text, namespace = printed(instructions)
    exec(compile(text, f"<program {id(instructions):x}>", "exec"), namespace)
    return namespace["steps"], namespace[instructions.kept[1].name] if instructions.kept else None


class Printer:
    """Prints one program. A view is defined before it is read for the first time, where its array's address is known."""

    def __init__(self, instructions: Instructions):
        self.instructions = instructions
        self.names = Names(instructions.names.taken)
        self.namespace: dict[str, Any] = {}
        self.functions = {"array"}
        self.views: list[str] = []  # of arrays that stay where they are
        self.call_views: list[str] = []  # of the arrays of a call
        self.body: list[str] = []
        self.defined: set[Place] = set()
        self.forward = set(ancestors(instructions.graph.outputs))
        self.update = _of_updates(instructions.graph) - self.forward
        self.title = ""  # of the part of a step that is printed

    def text(self) -> str:
        """The whole."""
        done = self.instructions
        constants = [self._constant(place) for place in done.constants]
        memory = [self._memory(place) for place in [*([done.kept[1]] if done.kept else []), *done.buffers]]
        once = [self._line(instruction) for instruction in done.once]
        results, end = self._rows()
        self._step(done.step)
        self._guard()
        self._step(done.last)
        end += [f"{state.value}, {state.following} = {state.following}, {state.value}" for state in done.states]
        if done.states:
            kept = "".join(f"{state.value}, " for state in done.states)
            end.append(f"published[0] = ({kept})  # in one store: an interrupt leaves whole steps")
        fills = [f"{self._name(place)}.fill({source_text(value)})" for place, value in done.fills]
        states = [str(place) for state in done.states for place in (state.value, state.following)]
        signature = ", ".join(["count", "fresh", *map(str, done.sources.values()), *states, "published", *results])
        imports = [
            f"from numpy import {', '.join(sorted(self.functions))}",
            "from minigraph.program.memory import empty  # like NumPy's, at the beginning of a cache line",
            *(["from math import isfinite"] if done.guard else []),
        ]
        steps = [
            "",
            f"def steps({signature}):",
            *_indented(1, self.call_views),
            *_indented(1, ["if fresh:  # the data are not those of the last call"] if once else []),
            *_indented(2, once),
            "    for step in range(count):",
            *_indented(2, [*self.body, *end] or ["pass"]),
            "    return count",
        ]
        blocks = [imports, constants, memory, [*self.views, *fills], steps]
        return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"

    def _constant(self, place: Place) -> str:
        if isinstance(place.value, np.ndarray):
            self.namespace[place.name] = place.value
            return f"# {place}: a constant array {source_text(place.shape)}"
        if place.shape == ():
            return self._made(place, "array", place.value)
        self.functions.add("full")
        return self._made(place, "full", place.shape, place.value)

    def _memory(self, place: Place) -> str:
        if place.base is None:
            return self._made(place, "empty", place.shape)
        self.defined.add(place)
        return f"{place} = {view_source(place.view, place.base.name)}  # its memory is free by then"

    def _made(self, place: Place, function: str, *arguments: Any) -> str:
        """The line that makes an array."""
        if place.dtype == np.float32:
            self.functions.add("float32")
        return f"{place} = {function}({', '.join(map(source_text, arguments))}{dtype_source(place.dtype)})"

    def _rows(self) -> tuple[list[str], list[str]]:
        """The names of the outputs' rows, and the lines that copy into them what is computed elsewhere."""
        rows, end = [], []
        for place in self.instructions.results:
            rows.append(self.names.new(f"{place}_of_step"))
            if place.kind is Kind.ROW and place not in self.defined:
                self.defined.add(place)  # the second time the same output is copied
                self.body.append(f"{place} = {rows[-1]}[step]")
            else:
                end.append(f"{rows[-1]}[step] = {self._name(place)}")
        return rows, end

    def _step(self, instructions: Sequence[Instruction]) -> None:
        for instruction in instructions:
            if (title := self._title(instruction.node)) != self.title:
                self.title = title
                self.body += ["", title]
            self.body.append(self._line(instruction))

    def _title(self, node: Node) -> str:
        """The comment before a part of a step: forward, backward or update, and the group."""
        phase = "forward" if node in self.forward else "update" if node in self.update else "backward"
        return f"# {phase}" + (f" · {in_one_line(node.group.title)}" if node.group is not None else "")

    def _line(self, instruction: Instruction) -> str:
        """One call."""
        function, node = instruction.function, instruction.node
        operands = [self._name(x) if isinstance(x, Place) else source_text(x) for x in instruction.operands]
        out = self._name(instruction.out)
        if function == "check":
            return f"{self._called(Check(node), f'check_{out}')}({operands[0]})"
        if function == "forward":
            assert node.op is not None
            return f"{self._called(Forward(node), f'forward_{node.op.name}')}({', '.join([*operands, out])})"
        if function == "dot" and instruction.out.size > LARGEST_BY_DOT and not _outer(instruction):
            function = "matmul"
        form = FORMS.get(function, "")
        if not form.startswith("{0}."):
            self.functions.add(function.partition(".")[0])
        return form.format(*operands, out=out) if form else f"{function}({', '.join([*operands, out])})"

    def _called(self, function: Any, wish: str) -> str:
        name = self.names.new(wish)
        self.namespace[name] = function
        return name

    def _name(self, place: Place) -> str:
        """The place's name; a view is defined if it is read for the first time."""
        if place.base is not None and place not in self.defined:
            text = view_source(place.view, self._name(place.base))
            if text.startswith("broadcast_to("):
                self.functions.add("broadcast_to")
            self.defined.add(place)
            lines = self.call_views if place.kind is Kind.SOURCE else self.body if place.kind in EACH_STEP else self.views
            lines.append(f"{place} = {text}")
        return place.name

    def _guard(self) -> None:
        """The lines that end the steps before one that is not finite, while nothing of it has been published."""
        guard = self.instructions.guard
        if not guard:
            return
        self.namespace["all_finite"] = AllFinite([parts for _, parts in guard])
        sizes = " and ".join(f"isfinite({self._size(place)})" for place, _ in guard)
        self.body += [
            "",
            "# a step that is not finite is left to the graph",
            f"if not ({sizes} or all_finite({', '.join(self._name(place) for place, _ in guard)})):",
            "    return step",
        ]

    def _size(self, x: Place) -> str:
        """A number that is finite only if all entries are."""
        name = self._name(x)
        if x.shape == ():
            return name
        if len(x.shape) == 1:
            return f"{name}.dot({name})"
        self.functions.add("vdot")
        return f"vdot({name}, {name})"


def _indented(levels: int, lines: Sequence[str]) -> list[str]:
    return ["    " * levels + line if line else "" for line in lines]


def _outer(instruction: Instruction) -> bool:
    """Whether a product has sums of one term only: matmul has no BLAS for it."""
    return any(1 in x.shape for x in instruction.operands if isinstance(x, Place))


def _of_updates(graph: ProgramGraph) -> set[Node]:
    """The next values, and what is done entry by entry on the way from the gradients, which have names."""
    found: set[Node] = set()
    waiting = list(graph.updates.values())
    while waiting:
        node = waiting.pop()
        if node.op is not None and node not in found:
            found.add(node)
            waiting += [x for x in node.inputs if node.op.broadcasts and _is_between(x) and x.shape in (node.shape, ())]
    return found


def _is_between(node: Node) -> bool:
    return node.op is not None and node.op.broadcasts and node.name is None
