"""The text of a program: each node, in the order of the schedule, becomes lines of a Python function."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigraph.core.errors import describe, describe_operation
from minigraph.core.node import Node, Role
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.inserted_operations import Joining
from minigraph.program.instructions import Place, View
from minigraph.program.lowering.table import lowering_of
from minigraph.program.numpy_text.identifiers import wish_for
from minigraph.program.numpy_text.lines import ALWAYS, CALL, STEP, Lines
from minigraph.program.numpy_text.program_text import AllFinite, Check, Forward, Sections, Text
from minigraph.program.numpy_text.source_text import dtype_source, source_text
from minigraph.program.schedule import Schedule, checks, view_of


class Emitter(Lines):
    """Writes a scheduled graph: where each value lies, the lines that compute it, the guard against what is not finite."""

    def __init__(self, graph: ProgramGraph, plan: Schedule, reuse: bool, guarded: bool):
        super().__init__(reuse)
        self.graph, self.plan, self.guarded = graph, plan, guarded
        self.namespace: dict[str, Any] = {}
        self.places: dict[Node, Place] = {}
        self.home: dict[Node, Place] = {}  # the memory of an owner
        self.calls = 0

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
        elif value.size and np.isfinite(value.flat[0]) and value.tobytes() == value.flat[0].tobytes() * value.size:
            self.places[node] = self.filled(float(value.flat[0]), node.shape, node.dtype)
        else:
            place = self.leaf(node, ALWAYS)
            self.namespace[place.name] = value
            self.constants.append(f"# {place}: a constant array {source_text(node.shape)}")

    def operation(self, node: Node, position: int) -> None:
        """The lines of one node."""
        try:
            self._operation(node, position)
        except TypeError as error:
            error.add_note(f"while {describe_operation(node)} of {', '.join(map(describe, node.inputs))} became a program")
            raise

    def _operation(self, node: Node, position: int) -> None:
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
            elif (write := lowering_of(node.op).write) is None:
                self._forward(node, out, operands)
            else:
                write(self, node.op, out, *operands)
            if changing:
                self.calls += len(self.lines) - before
        while self.borrowed:
            self.memory.give_back(self.borrowed.pop())

    def _seen(self, node: Node, x: Place) -> None:
        if checks(node):
            name = self.names.new(f"check_{x}")
            self.namespace[name] = Check(node)
            self.line(f"{name}({x})")
        view = view_of(node, x)
        assert view is not None
        turned = view == View().then("transpose", None)
        wish = wish_for(node) if node.name is not None else f"{x}_T" if turned else wish_for(self._seen_in(node))
        self.places[node] = self.view(x, view, wish) if view.steps else x

    def _seen_in(self, node: Node) -> Node:
        """What a view shows."""
        while node in self.plan.views and node.name is None:
            node = node.inputs[0]
        return node

    def _forward(self, node: Node, out: Place, operands: list[Place]) -> None:
        assert node.op is not None
        name = self.names.new(f"forward_{node.op.name}")
        self.namespace[name] = Forward(node)
        self.line(f"{name}({', '.join(map(str, [*operands, out]))})")

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
            return self.take(wish_for(node), node.shape, node.dtype, own=True)
        place = self._over_an_operand(node, operands, position) or self.take(wish_for(node), node.shape, node.dtype)
        self.home[node] = place
        return place

    def _joined(self, node: Node) -> Place:
        """Memory for arrays side by side."""
        assert isinstance(node.op, Joining)
        place = self.take(wish_for(node), node.shape, node.dtype, own=True)
        node.op.begun(self, place)
        return place

    def _over_an_operand(self, node: Node, operands: list[Place], position: int) -> Place | None:
        assert node.op is not None
        if not (lowering_of(node.op).in_place and self.memory.reuse):
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

    # The guard

    def guard(self) -> None:
        """The lines that end the steps before one that is not finite, while nothing of it has been published."""
        seen: dict[str, tuple[Place, list[Part]]] = {}
        for node in self.graph.outputs:
            seen[self.places[node].name] = self.places[node], []
        for leaf, new in self.graph.updates.items():
            parts = [part for part in self.graph.parts.values() if part.state is leaf]
            for node in (
                [x for x in new.inputs if x is not leaf and x.role is not Role.LITERAL]
                if leaf is self.plan.in_place
                else [new]
            ):
                seen[self.places[node].name] = self.places[node], parts if node.shape == leaf.shape else []
        if not seen or not self.guarded:
            return
        self.namespace["all_finite"] = AllFinite([parts for _, parts in seen.values()])
        sizes = " and ".join(f"isfinite({self._size(place)})" for place, _ in seen.values())
        self.body += [
            "",
            "# a step that is not finite is left to the graph",
            f"if not ({sizes} or all_finite({', '.join(seen)})):",
            "    return step",
        ]

    def _size(self, x: Place) -> str:
        """A number that is finite only if all entries are."""
        if x.shape == ():
            return x.name
        if len(x.shape) == 1:
            return f"{x}.dot({x})"
        self.functions.add("vdot")
        return f"vdot({x}, {x})"

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
            self.memory.lines.append(f"{place} = empty({source_text(place.shape)}{dtype_source(place.dtype)})")
            self.places[graph.updates[plan.in_place]] = place
            in_place = (plan.in_place, place.name)
        rows = {node: self._row(node) for node in graph.outputs if self._fills_a_row(node)}
        sections = Sections(graph)
        for position, node in enumerate(plan.order):
            if node.op is None:
                if node.role is Role.LITERAL:
                    self.literal(node)
                continue
            if plan.in_place is not None and node is graph.updates[plan.in_place]:
                self.guard()
            before = len(self.body)
            self.operation(node, position)
            if len(self.body) > before:
                self.body[before:before] = sections.titles(node)
            self.free(position)
        if plan.in_place is None:
            self.guard()
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
        source = self.whole(signature, end)
        return Text(source, self.namespace, sources, states, in_place, self.calls, self.memory)
