"""The view with one box a step: formulas, values, gradients, and the chain rule on the edges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from minigraph.core.groups import Group
from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import LinearMap
from minigraph.core.node import Node, Role, literal
from minigraph.core.shape_maps import format_shape
from minigraph.drawing.folding import FoldedEdge, Primitive, Step, frames_of
from minigraph.drawing.markup import shown
from minigraph.drawing.number_text import array_text, enclosed_if_negative, norm, number_text, sum_text, value_text
from minigraph.drawing.view import Box, Direction, Edge, Frame, Kind, Look, Row, View
from minigraph.drawing.wording import UNIT, Wording, composed, expanded, without_unit
from minigraph.formulas.notation import Written

LONGEST_SUM = 60
"""A sum of contributions with more characters than this is not written out."""
MOST_TERMS = 4
"""Nor is one of more contributions than this."""

LOOKS = {
    Role.DATA: Look.DATA,
    Role.PARAMETER: Look.PARAMETER,
    Role.LITERAL: Look.CONSTANT,
    Role.OPERATION: Look.OPERATION,
}


@dataclass
class Scene:
    """What the builders of views share: the steps of one graph, their names, and its backward pass.

    Attributes:
        root: the node that is drawn.
        steps: its boxes, in topological order.
        direction: which pass is shown.
        backward_pass: the pass, None for a forward diagram.
        values: whether numbers are shown.
        title: the heading; None makes one.
    """

    root: Node
    steps: list[Step]
    direction: Direction
    backward_pass: BackwardPass | None = None
    values: bool = True
    title: str | None = None
    wording: Wording = field(init=False)
    ledger: dict[Primitive, Contribution] = field(init=False)
    arrivals: dict[Node, Sequence[Node]] = field(init=False)

    def __post_init__(self) -> None:
        self.wording = Wording.of([step.node for step in self.steps], self.root)
        entries = self.backward_pass.ledger if self.backward_pass else ()
        self.ledger = {(entry.consumer, entry.position): entry for entry in entries}
        self.arrivals = {entry.input: entry.arrivals for entry in entries}
        self.frames_of = frames_of(self.steps)
        self.ids = {step.node: f"n{rank}" for rank, step in enumerate(self.steps)}

    def heading(self) -> str:
        """The title: the pass, and the whole formula where it is short."""
        if self.title is not None:
            return shown(self.title)
        name = self.wording.name(self.root)
        formula = expanded(self.root, sum(len(step.edges) + 1 for step in self.steps), self.wording)
        what = f"   {name} = {formula}" if formula else f" of {name}"
        passes = {Direction.FORWARD: "Forward pass", Direction.BACKWARD: "Backward pass"}
        return passes.get(self.direction, "Forward and backward pass") + what

    def look(self, node: Node) -> Look:
        """What a box is for; the root is a loss or an output."""
        if node is not self.root or node.op is None:
            return LOOKS[node.role]
        return Look.LOSS if is_loss(node) else Look.OUTPUT

    def gradient_rows(self, node: Node) -> list[Row]:
        """∂J/∂node with its value, and the sum over paths it came from; or why there is none."""
        assert self.backward_pass is not None
        name = self.wording.gradient_name(node)
        if node not in self.backward_pass.gradients:
            why = "no gradient" if node.role is not Role.PARAMETER else f"{name}: nothing flows here"
            return [Row(Kind.NOTE, why)]
        if not self.values:
            return [Row(Kind.GRADIENT, name)]
        value = self.backward_pass.gradients[node].value
        if node is self.root and node not in self.arrivals:
            return [Row(Kind.GRADIENT, f"{amount(name, value)} (seed)")]
        terms = [term.value for term in self.arrivals.get(node, ())]
        return [Row(Kind.GRADIENT, row) for row in gradient_text(name, value, terms)]


def gradient_text(name: str, value: object, terms: Sequence[object]) -> list[str]:
    """``∂e/∂b = 3 + 2 = 5``: a gradient with the contributions that make it, or its norm and their number."""
    total = array_text(value)
    if total is not None and len(terms) <= MOST_TERMS:
        whole = f"{name} = {sum_text([str(array_text(term)) for term in terms], total)}"
        if len(terms) == 1 or len(whole) <= LONGEST_SUM:
            return [whole]
    several = [f"sum of {len(terms)} contributions"] if len(terms) > 1 else []
    return [amount(name, value), *several]


def amount(name: str, value: object) -> str:
    """``∂J/∂b = 3`` for small arrays, ``‖∂J/∂W‖ = 0.0819`` for larger ones."""
    text = array_text(value)
    return f"‖{name}‖ = {norm(value)}" if text is None else f"{name} = {text}"


def is_loss(node: Node) -> bool:
    """Whether the node is a loss, or comes from one through operations on it alone, such as a mean."""
    while node.op is not None:
        if node.op.is_loss:
            return True
        operands = [x for x in node.inputs if x.role is not Role.LITERAL]
        if len(operands) != 1:
            return False
        node = operands[0]
    return False


def steps_view(scene: Scene) -> View:
    """One box a step."""
    operations = [step.node for step in scene.steps if step.node.op is not None]
    if scene.direction.shows_gradients:
        operations.reverse()
    numbers = {node: number for number, node in enumerate(operations, 1)}
    groups, frame_ids = frames(scene)
    boxes = []
    edges = []
    for step in scene.steps:
        group = scene.frames_of[step.node]
        boxes.append(_box(scene, step.node, numbers.get(step.node), frame_ids[group] if group else None))
        drawn: set[Node] = set()
        for place, folded in enumerate(step.edges):
            edge = _edge(scene, step, folded, place)
            if edge.rows or folded.source not in drawn:  # a value goes to a box once: the formula says how
                edges.append(edge)
            drawn.add(folded.source)
    return View(scene.heading(), scene.direction, tuple(boxes), tuple(edges), groups)


def frames(scene: Scene) -> tuple[tuple[Frame, ...], dict[Group, str]]:
    """The frames of the groups that hold boxes, outer ones first, and the id of each group's frame."""
    ids: dict[Group, str] = {}
    found: list[Frame] = []
    for step in scene.steps:
        chain = []
        group = scene.frames_of[step.node]
        while group is not None and group not in ids:
            chain.append(group)
            group = group.parent
        for inner in reversed(chain):
            ids[inner] = f"g{len(ids)}"
            found.append(Frame(ids[inner], shown(inner.title), ids[inner.parent] if inner.parent else None))
    return tuple(found), ids


def _box(scene: Scene, node: Node, number: int | None, frame: str | None) -> Box:
    direction = scene.direction
    rows = [Row(Kind.FORMULA, scene.wording.formula(node))]
    if node.shape != ():
        rows.append(Row(Kind.SHAPE, format_shape(node.shape)))
    if direction.shows_values and scene.values:
        rows.append(Row(Kind.VALUE, value_text(node.value)))
    idle = False
    if direction.shows_gradients:
        assert scene.backward_pass is not None
        idle = not direction.shows_values and node not in scene.backward_pass.gradients
        rows += scene.gradient_rows(node)
    names = [shown(node.name)] if node.name is not None else []
    full = " · ".join([*names, *(row.text for row in rows)])
    return Box(scene.ids[node], scene.look(node), tuple(rows), full, number, frame, node, idle)


def _edge(scene: Scene, step: Step, edge: FoldedEdge, place: int) -> Edge:
    tail, head = scene.ids[edge.source], scene.ids[step.node]
    entries = [scene.ledger[primitive] for primitive in edge.path if primitive in scene.ledger]
    carries = bool(entries) and len(entries) == len(edge.path)
    rows: list[Row] = []
    if scene.direction.shows_gradients and carries:
        rows = chain_rule_rows(scene, step, edge, entries)
    idle = not scene.direction.shows_values and not carries
    return Edge(tail, head, place, tuple(rows), idle)


def chain_rule_rows(scene: Scene, step: Step, edge: FoldedEdge, entries: Sequence[Contribution]) -> list[Row]:
    """The chain rule on one edge: local derivative and upstream × local for scalars, what the pull does for arrays."""
    local = composed(entries)
    if step.node.shape == edge.source.shape == ():
        return _scalar_rows(scene, step, edge, local, entries)
    assert scene.backward_pass is not None
    upstream: Written = scene.wording.gradient(step.node)
    if step.node is scene.root and scene.root.size == 1 and _is_one(scene.backward_pass.seed):
        upstream = UNIT
    return [Row(Kind.CONTRIBUTION, scene.wording.text(without_unit(local.notation(upstream))))]


def _scalar_rows(scene: Scene, step: Step, edge: FoldedEdge, local: LinearMap, entries: Sequence[Contribution]) -> list[Row]:
    partial = scene.wording.partial(step.node, edge.source)
    twins = [other for other in step.edges if other.source is edge.source]
    if len(twins) > 1:
        partial += f" (path {twins.index(edge) + 1} of {len(twins)})"
    formula = scene.wording.text(without_unit(local.notation(UNIT)))
    if not scene.values:
        return [Row(Kind.LOCAL, f"{partial} = {formula}")]
    slope = number_text(local.pull(literal(1.0, step.node.dtype)).value)
    rows = [Row(Kind.LOCAL, " = ".join([partial, *([] if formula == slope else [formula]), slope]), f" = {slope}")]
    if scene.direction.shows_contributions:
        assert scene.backward_pass is not None
        upstream = number_text(scene.backward_pass.gradients[step.node].value)
        contribution = number_text(entries[-1].contribution.value)
        factors = f"{upstream} × {enclosed_if_negative(slope)}"
        numbers = f"{factors} = {contribution}"
        rows.append(Row(Kind.CONTRIBUTION, numbers, numbers))
    return rows


def _is_one(seed: Node) -> bool:
    return seed.role is Role.LITERAL and bool(np.all(seed.value == 1))
