"""`printed`: instructions as a Python function over NumPy, which can be read, and runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.node import Node
from minigraph.core.pulling import ancestors
from minigraph.program.graph import ProgramGraph
from minigraph.program.instructions import Instruction, Instructions, Kind, Place, Plain
from minigraph.program.numpy_text.source_text import dtype_source, in_one_line, source_text, view_source
from minigraph.program.python_calls import AllFinite, Check, Forward
from minigraph.values import Array

OUT_BY_NAME = ("maximum", "minimum")
"""NumPy wants the last argument of these by name; by position it costs less."""

LARGEST_BY_DOT = 16_000
"""Products of more entries are written by ``matmul``: ``dot``, quicker to call, fills them with zeros first."""


@dataclass(frozen=True)
class Text:
    """A printed program.

    Attributes:
        source: the Python text; it defines ``steps``, which does steps until the first that is not finite, and
            returns how many.
        namespace: what the text finds by name: constant arrays, forward rules, checks.
    """

    source: str
    namespace: dict[str, Any]


def printed(instructions: Instructions) -> Text:
    """The instructions as text."""
    return Printer(instructions).text()


def linked(instructions: Instructions) -> tuple[Callable[..., int], Array | None]:
    """The function of the text, and the array of the state leaf that it writes over, if there is one."""
    text = printed(instructions)
    namespace = dict(text.namespace)
    exec(compile(text.source, f"<program {id(instructions):x}>", "exec"), namespace)
    return namespace["steps"], namespace[instructions.kept[1].name] if instructions.kept else None


class Printer:
    """Prints one program. A view is defined before it is read for the first time, where its array's address is known."""

    def __init__(self, instructions: Instructions):
        self.instructions = instructions
        self.names = instructions.names.copy()
        self.namespace: dict[str, Any] = {}
        self.functions = {"array"}
        self.views: list[str] = []  # of arrays that stay where they are
        self.call_views: list[str] = []  # of the arrays of a call
        self.body: list[str] = []
        self.defined: set[Place] = set()

    def text(self) -> Text:
        """The whole."""
        done = self.instructions
        constants = [self._constant(place) for place in done.constants]
        memory = [f"{place} = {self._empty(place)}" for place in ([done.kept[1]] if done.kept else [])]
        memory += [f"{place} = {self._buffer(place)}" for place in done.buffers]
        once = [self._line(instruction) for instruction in done.once]
        results, end = self._rows()
        sections = Sections(done.graph)
        self._step(done.step, sections)
        self._guard()
        self._step(done.last, sections)
        for state in done.states:
            end.append(f"{state.value}, {state.following} = {state.following}, {state.value}")
        if done.states:
            kept = "".join(f"{state.value}, " for state in done.states)
            end.append(f"published[0] = ({kept})  # in one store: an interrupt leaves whole steps")
        fills = [f"{self._name(place)}.fill({source_text(value)})" for place, value in done.fills]
        head = ["    " + line for line in self.call_views]
        if once:
            head += ["    if fresh:  # the data are not those of the last call", *("        " + line for line in once)]
        body = ["        " + line if line else "" for line in [*self.body, *end]]
        states = [str(place) for state in done.states for place in (state.value, state.following)]
        signature = ", ".join(["count", "fresh", *map(str, done.sources.values()), *states, "published", *results])
        steps = [
            "",
            f"def steps({signature}):",
            *head,
            "    for step in range(count):",
            *(body or ["        pass"]),
            "    return count",
        ]
        blocks = [self._imports(constants + memory), constants, memory, [*self.views, *fills], steps]
        return Text("\n\n".join("\n".join(block) for block in blocks if block) + "\n", self.namespace)

    def _imports(self, lines: list[str]) -> list[str]:
        single = {"float32"} if any("float32" in line for line in lines) else set()
        return [
            f"from numpy import {', '.join(sorted(self.functions | single))}",
            "from minigraph.program.memory import empty  # like NumPy's, at the beginning of a cache line",
            *(["from math import isfinite"] if self.instructions.guard else []),
        ]

    def _constant(self, place: Place) -> str:
        if isinstance(place.value, np.ndarray):
            self.namespace[place.name] = place.value
            return f"# {place}: a constant array {source_text(place.shape)}"
        number, dtype = source_text(place.value), dtype_source(place.dtype)
        if place.shape == ():
            return f"{place} = array({number}{dtype})"
        self.functions.add("full")
        return f"{place} = full({source_text(place.shape)}, {number}{dtype})"

    def _empty(self, place: Place) -> str:
        return f"empty({source_text(place.shape)}{dtype_source(place.dtype)})"

    def _buffer(self, place: Place) -> str:
        if place.base is None:
            return self._empty(place)
        self.defined.add(place)
        return f"{view_source(place.view, place.base.name)}  # its memory is free by then"

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

    def _step(self, instructions: list[Instruction], sections: Sections) -> None:
        for instruction in instructions:
            self.body += sections.titles(instruction.node)
            self.body.append(self._line(instruction))

    def _line(self, instruction: Instruction) -> str:
        """One call."""
        function, operands, out = instruction.function, [*map(self._argument, instruction.operands)], instruction.out
        if function == "check":
            return f"{self._called(Check(instruction.node), f'check_{out}')}({operands[0]})"
        result = self._name(out)
        if function == "forward":
            assert instruction.node.op is not None
            name = self._called(Forward(instruction.node), f"forward_{instruction.node.op.name}")
            return f"{name}({', '.join([*operands, result])})"
        if function == "clip":  # the method is quicker to call than the function
            return f"{operands[0]}.clip({operands[1]}, {operands[2]}, {result})"
        if function == "dot" and (out.size <= LARGEST_BY_DOT or _outer(instruction)):
            return f"{operands[0]}.dot({operands[1]}, {result})"
        function = "matmul" if function == "dot" else function
        if function == "take":  # in this mode no index is looked at twice
            return f"{operands[0]}.take({operands[1]}, 0, {result}, 'clip')"
        self.functions.add(function.partition(".")[0])
        if function == "where":
            return f"{result}[...] = where({', '.join(operands)})"
        if function == "copyto":
            return f"copyto({result}, {operands[0]})"
        if function.endswith(".accumulate"):
            return f"{function}({operands[0]}, {operands[1]}, None, {result})"
        if function.endswith(".reduce"):
            return f"{function}({operands[0]}, {operands[1]}, None, {result}, {operands[2]})"
        return f"{function}({', '.join(operands)}, {'out=' if function in OUT_BY_NAME else ''}{result})"

    def _called(self, function: Any, wish: str) -> str:
        name = self.names.new(wish)
        self.namespace[name] = function
        return name

    def _argument(self, argument: Place | Plain) -> str:
        return self._name(argument) if isinstance(argument, Place) else source_text(argument)

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


EACH_STEP = (Kind.STATE, Kind.NEXT, Kind.ROW)
"""What lies elsewhere in each step."""


def _outer(instruction: Instruction) -> bool:
    """Whether a product has sums of one term only: matmul has no BLAS for it."""
    return any(1 in x.shape for x in instruction.operands if isinstance(x, Place))


class Sections:
    """Comments that name the parts of a step: forward, backward, update, and the groups."""

    def __init__(self, graph: ProgramGraph):
        self.forward = set(ancestors(graph.outputs))
        self.update = self._update(list(graph.updates.values()))
        self.last = ""

    def _update(self, waiting: list[Node]) -> set[Node]:
        """The next values, and what is done entry by entry on the way from the gradients, which have names."""
        found: set[Node] = set()
        while waiting:
            node = waiting.pop()
            if node in found or node.op is None:
                continue
            found.add(node)
            for x in node.inputs if node.op.broadcasts else ():
                if x.op is not None and x.op.broadcasts and x.name is None and x.shape in (node.shape, ()):
                    waiting.append(x)
        return found - self.forward

    def titles(self, node: Node) -> list[str]:
        """The comment before a node, if it begins a part."""
        phase = "forward" if node in self.forward else "update" if node in self.update else "backward"
        title = f"# {phase}" + (f" · {in_one_line(node.group.title)}" if node.group is not None else "")
        if title == self.last:
            return []
        self.last = title
        return ["", title]
