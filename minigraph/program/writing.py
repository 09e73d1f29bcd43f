"""The last pass: from nodes in order to the text of a Python function."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigraph.node import Node, Role
from minigraph.operations.emission import Place
from minigraph.program.graph import Graph
from minigraph.program.memory import Memory
from minigraph.program.names import Names, wish_for, wish_for_number
from minigraph.program.own_operations import Joining, entries_of
from minigraph.program.scheduling import Schedule, checks, seen_as
from minigraph.program.text import Check, Forward, Sections, Text
from minigraph.values import Shape

# When the address of an array is known: for good, in each call, in each step.
ALWAYS, CALL, STEP = range(3)

OUT_BY_NAME = ("maximum", "minimum")
"""NumPy wants the last argument of these by name; by position it costs less."""

LARGEST_BY_DOT = 16_000
"""Products of more entries are written by ``matmul``: ``dot``, quicker to call, fills them with zeros first."""


class Emitter:
    """The `Writer` of a program: one pass over the nodes in order."""

    def __init__(self, graph: Graph, plan: Schedule, reuse: bool):
        self.graph, self.plan = graph, plan
        self.names = Names()
        for reserved in ("steps", "count", "fresh", "step", "published", "empty", "array", "full"):
            self.names.new(reserved)
        self.memory = Memory(self.names, reuse)
        self.constants: list[str] = []
        self.views: list[str] = []  # of arrays that stay where they are
        self.fills: list[str] = []
        self.call_views: list[str] = []  # of the arrays of a call
        self.head: list[str] = []  # what is computed once for the same data
        self.body: list[str] = []
        self.lines = self.body
        self.functions: set[str] = {"array"}
        self.namespace: dict[str, Any] = {}
        self.places: dict[Node, Place] = {}
        self.home: dict[Node, Place] = {}  # the memory of an owner
        self.address: dict[str, int] = {}
        self.known: dict[Any, Place] = {}
        self.borrowed: list[Place] = []
        self.calls = 0

    # What operations ask for

    def call(self, function: str, *arguments: Place | str) -> None:
        """A line that calls a function of NumPy."""
        self.functions.add(function.partition(".")[0])
        named = "out=" if function in OUT_BY_NAME else ""
        self._line(f"{function}({', '.join(map(str, arguments[:-1]))}, {named}{arguments[-1]})")

    def copy(self, x: Place, out: Place) -> None:
        """A line that copies."""
        self.call("copyto", out, x)

    def dot(self, a: Place, b: Place, out: Place) -> None:
        """A line with a matrix product."""
        if out.size > LARGEST_BY_DOT and 1 not in (*a.shape, *b.shape):  # matmul has no BLAS for outer products
            self.call("matmul", a, b, out)
        else:
            self._line(f"{a}.dot({b}, {out})")

    def fill(self, x: Place, value: float) -> None:
        """A line before the first step."""
        self.fills.append(f"{x}.fill({value})")

    def number(self, value: float, dtype: np.dtype[Any]) -> Place:
        """A constant of shape ()."""
        key = ("number", float(value).hex(), dtype)
        if key not in self.known:
            name = self.names.new(wish_for_number(float(value)))
            single = "" if dtype == np.float64 else ", float32"
            text = repr(float(value)) if np.isfinite(value) else f"float('{float(value)}')"
            self.constants.append(f"{name} = array({text}{single})")
            self._know(key, Place(name, (), dtype), ALWAYS)
        return self.known[key]

    def filled(self, value: float, shape: Shape, dtype: np.dtype[Any]) -> Place:
        """A constant array with equal entries."""
        key = ("filled", float(value).hex(), shape, dtype)
        if key not in self.known:
            self.functions.add("full")
            kind = {0.0: "zeros", 1.0: "ones"}.get(float(value), "filled")
            name = self.names.new(f"{kind}_{'x'.join(map(str, shape))}")
            single = "" if dtype == np.float64 else ", float32"
            self.constants.append(f"{name} = full({shape}, {float(value)!r}{single})")
            self._know(key, Place(name, shape, dtype), ALWAYS)
        return self.known[key]

    def scratch(self, shape: Shape, dtype: np.dtype[Any]) -> Place:
        """An array until the operation is done."""
        place = self._take("scratch", shape, dtype)
        self.borrowed.append(place)
        return place

    def reshaped(self, x: Place, shape: Shape) -> Place:
        """The same memory in another shape."""
        return x if x.shape == shape else self.view(x, f"x.reshape({shape})", f"{x}_flat")

    def part(self, x: Place, entries: slice, shape: Shape, wish: str | None = None) -> Place:
        """Some entries along axis 0, in a shape."""
        return self.view(x, entries_of("x", entries, shape), wish or f"{x}_{entries.start}")

    def view(self, x: Place, text: str, wish: str) -> Place:
        """A view of x, written once, where x's address is known. ``text`` says it of x."""
        key = ("view", x.name, text)
        if key not in self.known:
            seen = seen_as(text, x)
            level = self.address[x.name]
            name = self.names.new(wish)
            if "broadcast_to" in text:
                self.functions.add("broadcast_to")
            written = f"{name} = {text.replace('x', x.name, 1) if text[0] == 'x' else text.replace('(x', f'({x.name}', 1)}"
            (self.views, self.call_views, self.body)[level].append(written)
            self._know(key, Place(name, seen.shape, x.dtype, x.contiguous and seen.flags.c_contiguous), level)
        return self.known[key]

    # Nodes

    def leaf(self, node: Node, level: int) -> Place:
        """A place for a leaf."""
        place = Place(self.names.new(wish_for(node)), node.shape, node.dtype, contiguous=node.shape == () or level != CALL)
        self.address[place.name] = level
        self.places[node] = place
        return place

    def literal(self, node: Node) -> None:
        """A literal: a number, or an array that the text finds by name."""
        value = np.asarray(node.value)
        if node.shape == ():
            self.places[node] = self.number(float(value), node.dtype)
        elif value.size and np.isfinite(value.flat[0]) and np.all(value == value.flat[0]):
            self.places[node] = self.filled(float(value.flat[0]), node.shape, node.dtype)
        else:
            place = self.leaf(node, ALWAYS)
            self.namespace[place.name] = value
            self.constants.append(f"# {place}: a constant array {node.shape}")

    def operation(self, node: Node, position: int) -> None:
        """The lines of one node."""
        assert node.op is not None
        changing = node in self.plan.changing
        self.lines = self.body if changing else self.head
        operands = [self.places[x] for x in node.inputs]
        if node in self.plan.views:
            self._seen(node, operands[0])
        else:
            out = self._place(node, operands, position)
            self.places[node] = out
            before = len(self.lines)
            if isinstance(node.op, Joining):
                self._join(node, out, operands)
            elif not node.op.emission(self, out, *operands):
                self._forward(node, out, operands)
            if changing:
                self.calls += len(self.lines) - before
        while self.borrowed:
            self.memory.give_back(self.borrowed.pop())

    def _seen(self, node: Node, x: Place) -> None:
        assert node.op is not None
        if checks(node):
            name = self.names.new(f"check_{x}")
            self.namespace[name] = Check(node)
            self._line(f"{name}({x})")
        text = node.op.view(Place("x", x.shape, x.dtype, x.contiguous))
        assert text is not None
        wish = wish_for(node) if node.name is not None else f"{x}_T" if text == "x.T" else wish_for(self._seen_in(node))
        self.places[node] = x if text == "x" else self.view(x, text, wish)

    def _seen_in(self, node: Node) -> Node:
        """What a view shows."""
        while node in self.plan.views and node.name is None:
            node = node.inputs[0]
        return node

    def _forward(self, node: Node, out: Place, operands: list[Place]) -> None:
        assert node.op is not None
        name = self.names.new(f"forward_{node.op.name}")
        self.namespace[name] = Forward(node)
        self._line(f"{name}({', '.join(map(str, [*operands, out]))})")

    def _join(self, node: Node, out: Place, operands: list[Place]) -> None:
        assert isinstance(node.op, Joining)
        for x, place, entries in zip(node.inputs, operands, node.op.parts(*operands), strict=True):
            if self.plan.placed.get(x, (None,))[0] is not node:
                self.copy(place, self.part(out, entries, place.shape))

    def _place(self, node: Node, operands: list[Place], position: int) -> Place:
        """Where the node's value goes: into its joined array, over a dying operand, or into a buffer."""
        plan = self.plan
        if node in self.places:
            return self.places[node]
        if node in plan.placed:
            joined, entries = plan.placed[node]
            if joined not in self.places:
                self.places[joined] = self._joined(joined)
            return self.part(self.places[joined], entries, node.shape, wish_for(node))
        if isinstance(node.op, Joining):
            return self._joined(node)
        if node not in plan.changing:
            return self._take(wish_for(node), node.shape, node.dtype, own=True)
        place = self._over_an_operand(node, operands, position) or self._take(wish_for(node), node.shape, node.dtype)
        self.home[node] = place
        return place

    def _joined(self, node: Node) -> Place:
        """Memory for arrays side by side."""
        assert isinstance(node.op, Joining)
        place = self._take(wish_for(node), node.shape, node.dtype, own=True)
        node.op.begun(self, place)
        return place

    def _over_an_operand(self, node: Node, operands: list[Place], position: int) -> Place | None:
        assert node.op is not None
        if not (node.op.in_place and self.memory.reuse):
            return None
        for x, place in zip(node.inputs, operands, strict=True):
            owner = self.plan.owner[x]
            whole = self.home.get(owner)
            same = (place.shape, place.dtype, place.contiguous) == (node.shape, node.dtype, True)
            if whole is not None and whole.size == place.size and same and self.plan.last_use[owner] == position:
                name = self.names.new(wish_for(node))
                again = self.memory.again(name, self.home.pop(owner), node.shape)
                self.address[name] = ALWAYS
                return again
        return None

    def _fills_a_row(self, node: Node) -> bool:
        """Whether an output is computed where its row is."""
        own = not isinstance(node.op, Joining) and node not in self.places
        return own and node in self.plan.changing and node.shape != ()

    def _row(self, node: Node) -> str:
        """A place for an output in its row; the name of all rows."""
        place = self.leaf(node, STEP)
        rows = self.names.new(f"{place}_of_step")
        self.body.append(f"{place} = {rows}[step]")
        return rows

    def free(self, position: int) -> None:
        """Memory whose last reader was at this position."""
        for owner in self._dying.get(position, ()):
            if owner in self.home and owner in self.plan.changing and not isinstance(owner.op, Joining):
                self.memory.give_back(self.home.pop(owner))

    # The whole

    def write(self) -> Text:
        """Write the program."""
        graph, plan = self.graph, self.plan
        self._dying: dict[int, list[Node]] = {}
        for owner, position in plan.last_use.items():
            self._dying.setdefault(position, []).append(owner)
        states = [leaf for leaf in graph.updates if leaf is not plan.in_place]
        sources = [*graph.inputs, *(node for node in plan.order if node.op is None and node.role is not Role.LITERAL
                                    and node not in graph.updates and node not in graph.inputs)]  # fmt: skip
        arguments = [self.leaf(node, CALL) for node in sources]
        nexts = {}
        for leaf in states:
            place = self.leaf(leaf, STEP)
            nexts[leaf] = Place(self.names.new(f"{place}_next"), leaf.shape, leaf.dtype)
            self.address[nexts[leaf].name] = STEP
            self.places[graph.updates[leaf]] = nexts[leaf]
        in_place = None
        if plan.in_place is not None:
            place = self.leaf(plan.in_place, ALWAYS)
            self.memory.lines.append(f"{place} = empty({place.shape}{'' if place.dtype == np.float64 else ', float32'})")
            self.places[graph.updates[plan.in_place]] = place
            in_place = (plan.in_place, place.name)
        rows = {node: self._row(node) for node in graph.outputs if self._fills_a_row(node)}
        sections = Sections(graph)
        for position, node in enumerate(plan.order):
            if node.op is None:
                if node.role is Role.LITERAL:
                    self.literal(node)
                continue
            before = len(self.body)
            self.operation(node, position)
            if len(self.body) > before:
                self.body[before:before] = sections.titles(node)
            self.free(position)
        results, end = [], []
        for node in graph.outputs:
            row = rows.pop(node, None)  # the second time the same output is copied
            results.append(row or self.names.new(f"{self.places[node]}_of_step"))
            if row is None:
                end.append(f"{results[-1]}[step] = {self.places[node]}")
        end += [f"{self.places[leaf]}, {new} = {new}, {self.places[leaf]}" for leaf, new in nexts.items()]
        if states:
            kept = "".join(f"{self.places[leaf]}, " for leaf in states)
            end.append(f"published[0] = ({kept})  # in one store: an interrupt leaves whole steps")
        swapped = [name for leaf in states for name in (self.places[leaf].name, nexts[leaf].name)]
        signature = ", ".join(["count", "fresh", *(place.name for place in arguments), *swapped, "published", *results])
        source = self._text(signature, end)
        return Text(source, self.namespace, sources, states, in_place, self.calls, self.memory)

    def _text(self, signature: str, end: list[str]) -> str:
        head = ["    " + line for line in self.call_views]
        if self.head:
            head += ["    if fresh:  # the data are not those of the last call", *("        " + line for line in self.head)]
        body = ["        " + line if line else "" for line in [*self.body, *end]]
        blocks = [
            [
                f"from numpy import {', '.join(sorted(self.functions | ({'float32'} if self._single() else set())))}",
                "from minigraph.program.memory import empty  # like NumPy's, at the beginning of a cache line",
            ],
            self.constants,
            self.memory.lines,
            [*self.views, *self.fills],
            ["", f"def steps({signature}):", *head, "    for step in range(count):", *(body or ["        pass"])],
        ]
        return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"

    def _single(self) -> bool:
        return any("float32" in line for line in [*self.constants, *self.memory.lines])

    def _line(self, text: str) -> None:
        self.lines.append(text)

    def _know(self, key: Any, place: Place, level: int) -> None:
        self.known[key] = place
        self.address[place.name] = level

    def _take(self, wish: str, shape: Shape, dtype: np.dtype[Any], own: bool = False) -> Place:
        place = self.memory.take(wish, shape, dtype, own)
        self.address[place.name] = ALWAYS
        return place
