"""`instructions_for`: a graph as instructions: each node in the order of the schedule, on places where its value lies."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigraph.core.errors import describe, describe_operation
from minigraph.core.node import Node, Role
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.identifiers import wish_for
from minigraph.program.inserted_operations import Checked, Flat, Joining
from minigraph.program.instructions import Instruction, Instructions, Kind, Place, State, View
from minigraph.program.lowering.table import lowering_of
from minigraph.program.schedule import Schedule, own_memory, schedule
from minigraph.program.writer import Writer


def instructions_for(graph: ProgramGraph, reuse: bool = True) -> Instructions:
    """The instructions of a step; ``reuse`` memory or not."""
    graph = own_memory(graph)
    return StepWriter(graph, schedule(graph), reuse).write()


class StepWriter(Writer):
    """Writes a scheduled graph: where each value lies, what computes it, what must be finite."""

    def __init__(self, graph: ProgramGraph, plan: Schedule, reuse: bool):
        super().__init__(graph, reuse)
        self.graph, self.plan = graph, plan
        self.places: dict[Node, Place] = {}
        self.home: dict[Node, Place] = {}  # the memory of an owner, which others may have after it
        self.padded: dict[Node, Place] = {}  # or only a multiple of it, since zeros must stay between its parts
        self.dying: Sequence[Node] = ()  # the owners whose memory this node is the last to read

    def write(self) -> Instructions:
        """All instructions."""
        self._given_places()
        dying: dict[int, list[Node]] = {}
        for owner, position in self.plan.last_use.items():
            dying.setdefault(position, []).append(owner)
        for position, node in enumerate(self.plan.order):
            if node.role is Role.LITERAL:
                self.places[node] = self.constant(wish_for(node), np.asarray(node.value))
            elif node.op is not None:
                self.dying = dying.get(position, ())
                self._operation(node)
        self._guard()
        self.instructions.results = [self.places[node] for node in self.graph.outputs]
        return self.instructions

    def _given_places(self) -> None:
        """Places of the leaves, of their next values, and of outputs that are computed in their rows."""
        graph, done, plan = self.graph, self.instructions, self.plan
        read = [node for node in plan.order if node.op is None and node.role is not Role.LITERAL]
        for leaf in dict.fromkeys([*graph.inputs, *(node for node in read if node not in graph.updates)]):
            self.places[leaf] = done.sources[leaf] = self._given(leaf, Kind.SOURCE)
        for leaf, new in graph.updates.items():
            if leaf is plan.in_place:
                self.places[leaf] = self.places[new] = self._given(leaf, Kind.KEPT)
                done.kept = (leaf, self.places[leaf])
            else:
                place = self.places[leaf] = self._given(leaf, Kind.STATE)
                self.places[new] = self._given(leaf, Kind.NEXT, f"{place}_next")
                done.states.append(State(leaf, place, self.places[new]))
        for node in graph.outputs:
            if node in plan.changing and node.shape != () and node not in self.places and not isinstance(node.op, Joining):
                self.places[node] = self._given(node, Kind.ROW)

    def _given(self, node: Node, kind: Kind, wish: str | None = None) -> Place:
        contiguous = node.shape == () or kind is not Kind.SOURCE
        return self.made(wish or wish_for(node), node.shape, node.dtype, kind, contiguous=contiguous)

    # Nodes

    def _operation(self, node: Node) -> None:
        """The instructions of one node."""
        done, operands = self.instructions, [self.places[x] for x in node.inputs]
        self.node, self.lines = node, done.step if node in self.plan.changing else done.once
        if done.kept is not None and self.places.get(node) is done.kept[1]:
            self.lines = done.last
        try:
            if node in self.plan.views:
                self.places[node] = self._seen(node, operands[0])
            else:
                self._computed(node, operands)
        except TypeError as error:
            error.add_note(f"while {describe_operation(node)} of {', '.join(map(describe, node.inputs))} became a program")
            raise
        self.done()
        for owner in self.dying:
            if owner in self.home:
                self.give_back(self.home.pop(owner))

    def _computed(self, node: Node, operands: list[Place]) -> None:
        assert node.op is not None
        out, write = self._place_for(node), lowering_of(node.op).write
        if isinstance(node.op, Joining):
            for x, entries in zip(operands, node.op.parts(*operands), strict=True):
                if x is not (there := self.part(out, entries, x.shape)):
                    self.copy(x, there)
        elif write is None:
            self.lines.append(Instruction("forward", tuple(operands), out, node))
        else:
            write(self, node.op, out, *operands)

    def _seen(self, node: Node, x: Place) -> Place:
        """The operand, seen in another way."""
        if isinstance(node.op, Checked):
            self.lines.append(Instruction("check", (x,), x, node))
        view = self.plan.views[node]
        if not view.steps:
            return x
        if node.name is None and view == View().then("transpose", None):
            return self.view(x, view, f"{x}_T")
        while node in self.plan.views and node.name is None:  # a view without a name is called as what it shows
            node = node.inputs[0]
        return self.view(x, view, wish_for(node))

    # Memory

    def _place_for(self, node: Node) -> Place:
        """Where the node's value goes: what is given, a part of its joined array, memory that dies with it, or a buffer."""
        if node not in self.places:
            self.places[node] = self._memory_for(node)
        return self.places[node]

    def _memory_for(self, node: Node) -> Place:
        assert node.op is not None
        if node in self.plan.placed:
            joined, entries = self.plan.placed[node]
            return self.part(self._place_for(joined), entries, node.shape, wish_for(node))
        changes, joins, flat = node in self.plan.changing, isinstance(node.op, Joining), isinstance(node.op, Flat)
        home = self._make_way(node) if lowering_of(node.op).in_place else self.padded if flat else self.home
        place = self.take(wish_for(node), node.shape, node.dtype, own=joins or not changes)
        if isinstance(node.op, Joining):
            node.op.begun(self, place)
        if changes and (flat or not joins):
            home[node] = place
        return place

    def _make_way(self, node: Node) -> dict[Node, Place]:
        """Give back the memory of the first operand that the node may write over: it is what it takes then.

        Returns:
            Where that memory is known from then on.
        """
        assert node.op is not None
        for position, x in enumerate(node.inputs):
            place, owner = self.places[x], self.plan.owner[x]
            home = self.padded if owner in self.padded else self.home
            same = (place.shape, place.dtype, place.contiguous) == (node.shape, node.dtype, True)
            if not same or owner not in self.dying or owner not in home or home[owner].size != place.size:
                continue
            if home is self.home or (position in node.op.linear_in and not self._is_read_in_parts(owner)):
                self.give_back(home.pop(owner))
                return home
        return self.home

    def _is_read_in_parts(self, joined: Node) -> bool:
        """Whether something reads a part of a joined array when or after the whole of it is read for the last time."""
        parts = [x for x in joined.inputs if self.plan.placed.get(x, (None,))[0] is joined]
        return any(self.plan.last_use[x] >= self.plan.last_use[joined] for x in parts)

    def _guard(self) -> None:
        """What must be finite before anything is published: outputs, and next values, or what is added to the last one."""
        seen: dict[Place, list[Part]] = {self.places[node]: [] for node in self.graph.outputs}
        parts: dict[Node, list[Part]] = {}
        for part in self.graph.parts.values():
            parts.setdefault(part.state, []).append(part)
        for leaf, new in self.graph.updates.items():
            added = [x for x in new.inputs if x is not leaf and x.role is not Role.LITERAL]
            for node in added if leaf is self.plan.in_place else [new]:
                seen[self.places[node]] = parts.get(leaf, []) if node.shape == leaf.shape else []
        self.instructions.guard = list(seen.items())
