"""`instructions_for`: a graph as instructions: each node in the order of the schedule, on places where its value lies."""

from __future__ import annotations

import numpy as np

from minigraph.core.errors import describe, describe_operation
from minigraph.core.node import Node, Role
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.identifiers import wish_for
from minigraph.program.inserted_operations import Checked, Joining
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
        self.home: dict[Node, Place] = {}  # the memory of an owner
        self.body = self.instructions.step
        self.dying: dict[int, list[Node]] = {}
        for owner, position in plan.last_use.items():
            self.dying.setdefault(position, []).append(owner)

    def write(self) -> Instructions:
        """All instructions."""
        graph, plan, done = self.graph, self.plan, self.instructions
        self._leaves()
        for node in graph.outputs:
            if self._fills_a_row(node):
                self.places[node] = self._leaf(node, Kind.ROW)
        for position, node in enumerate(plan.order):
            if plan.in_place is not None and node is graph.updates[plan.in_place]:
                self._guard()
                self.body = done.last
            if node.role is Role.LITERAL:
                self.places[node] = self.constant(wish_for(node), np.asarray(node.value))
            elif node.op is not None:
                self._operation(node, position)
                self._free_after(position)
        if plan.in_place is None:
            self._guard()
        done.results = [self.places[node] for node in graph.outputs]
        return done

    # Leaves

    def _leaf(self, node: Node, kind: Kind, wish: str | None = None) -> Place:
        contiguous = node.shape == () or kind is not Kind.SOURCE
        return self.made(wish or wish_for(node), node.shape, node.dtype, kind, contiguous=contiguous)

    def _leaves(self) -> None:
        graph, done, kept = self.graph, self.instructions, self.plan.in_place
        settable = [node for node in self.plan.order if node.op is None and node.role is not Role.LITERAL]
        for node in dict.fromkeys([*graph.inputs, *(node for node in settable if node not in graph.updates)]):
            self.places[node] = done.sources[node] = self._leaf(node, Kind.SOURCE)
        for leaf, new in graph.updates.items():
            if leaf is not kept:
                place = self.places[leaf] = self._leaf(leaf, Kind.STATE)
                self.places[new] = self._leaf(leaf, Kind.NEXT, f"{place}_next")
                done.states.append(State(leaf, place, self.places[new]))
        if kept is not None:
            self.places[kept] = self.places[graph.updates[kept]] = self._leaf(kept, Kind.KEPT)
            done.kept = (kept, self.places[kept])

    # Nodes

    def _operation(self, node: Node, position: int) -> None:
        """The instructions of one node."""
        self.node = node
        self.lines = self.body if node in self.plan.changing else self.instructions.once
        operands = [self.places[x] for x in node.inputs]
        try:
            if node in self.plan.views:
                self.places[node] = self._seen(node, operands[0])
            else:
                self._computed(node, operands, position)
        except TypeError as error:
            error.add_note(f"while {describe_operation(node)} of {', '.join(map(describe, node.inputs))} became a program")
            raise
        self.done()

    def _computed(self, node: Node, operands: list[Place], position: int) -> None:
        assert node.op is not None
        out = self.places[node] = self._place_for(node, operands, position)
        write = lowering_of(node.op).write
        if isinstance(node.op, Joining):
            self._join(node, out, operands)
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
        turned = view == View().then("transpose", None)
        return self.view(x, view, f"{x}_T" if turned and node.name is None else wish_for(self._shown(node)))

    def _shown(self, node: Node) -> Node:
        """What a view without a name shows."""
        while node in self.plan.views and node.name is None:
            node = node.inputs[0]
        return node

    def _join(self, node: Node, out: Place, operands: list[Place]) -> None:
        assert isinstance(node.op, Joining)
        for x, place, entries in zip(node.inputs, operands, node.op.parts(*operands), strict=True):
            if self.plan.placed.get(x, (None,))[0] is not node:
                self.copy(place, self.part(out, entries, place.shape))

    # Memory

    def _place_for(self, node: Node, operands: list[Place], position: int) -> Place:
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
        if not (self.reuse and lowering_of(node.op).in_place):
            return None
        for x, place in zip(node.inputs, operands, strict=True):
            owner = self.plan.owner[x]
            whole = self.home.get(owner)
            same = (place.shape, place.dtype, place.contiguous) == (node.shape, node.dtype, True)
            if whole is not None and whole.size == place.size and same and self.plan.last_use[owner] == position:
                return self.again(wish_for(node), self.home.pop(owner), node.shape)
        return None

    def _fills_a_row(self, node: Node) -> bool:
        """Whether an output is computed where its row is."""
        own = not isinstance(node.op, Joining) and node not in self.places
        return own and node in self.plan.changing and node.shape != ()

    def _free_after(self, position: int) -> None:
        """Memory whose last reader was at this position is free."""
        for owner in self.dying.get(position, ()):
            if owner in self.home and owner in self.plan.changing and not isinstance(owner.op, Joining):
                self.give_back(self.home.pop(owner))

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
