"""The view with one box a group: each layer with its parameters and their gradients."""

from __future__ import annotations

from collections import Counter

import numpy as np

from minigraph.core.groups import Group
from minigraph.core.ledger import Contribution
from minigraph.core.node import Node, Role
from minigraph.drawing.frames import frames_of, outermost
from minigraph.drawing.scene import Scene, amount, value_text
from minigraph.drawing.view import Box, Edge, Kind, Look, Row, View
from minigraph.formulas.rounding import format_shape
from minigraph.reading.names import shown_name
from minigraph.reading.numbers import norm_text, rounded
from minigraph.reading.steps import Step

MOST_GRADIENTS = 4
"""A box lists the gradients of at most so many parameters."""

Unit = Group | Node
"""What is one box: an outermost group, or a step outside of groups."""


def groups_view(scene: Scene) -> View:
    """One box an outermost group; steps outside of groups stay boxes of their own."""
    unit_of: dict[Node, Unit] = {}
    members: dict[Unit, list[Node]] = {}
    for step in scene.steps:
        unit: Unit = outermost(scene.frames_of[step.node]) or step.node
        unit_of[step.node] = unit
        members.setdefault(unit, []).append(step.node)
    order = _in_order(scene, unit_of)
    ids = {unit: f"n{rank}" for rank, unit in enumerate(order)}
    boxes = [_box(scene, ids[unit], unit, members[unit]) for unit in order]
    crossing: dict[tuple[Unit, Node], list[Contribution]] = {}
    for step in scene.steps:
        head = unit_of[step.node]
        for edge in step.edges:
            if unit_of[edge.source] is not head:
                brought = crossing.setdefault((head, edge.source), [])
                brought += [scene.ledger[primitive] for primitive in edge.path[-1:] if primitive in scene.ledger]
    places: Counter[Unit] = Counter()
    edges = []
    for (head, source), brought in crossing.items():
        tail = unit_of[source]
        rows = _on_edge(scene, source, brought, is_told=tail is source)
        idle = not scene.direction.shows_values and not brought
        edges.append(Edge(ids[tail], ids[head], places[head], rows, idle))
        places[head] += 1
    edges.sort(key=lambda edge: (int(edge.head[1:]), edge.place))
    return View(scene.heading(), scene.direction, tuple(boxes), tuple(edges))


def count_units(steps: list[Step]) -> int:
    """How many boxes `groups_view` would draw."""
    if all(step.node.group is None for step in steps):
        return len(steps)
    groups = frames_of(steps)
    return len({outermost(groups[step.node]) or step.node for step in steps})


def _in_order(scene: Scene, unit_of: dict[Node, Unit]) -> list[Unit]:
    """Units by the place of their last step: the root's comes last."""
    last = {unit_of[step.node]: rank for rank, step in enumerate(scene.steps)}
    return sorted(last, key=lambda unit: last[unit])


def _box(scene: Scene, box_id: str, unit: Unit, nodes: list[Node]) -> Box:
    if isinstance(unit, Group):
        title, *rest = map(shown_name, unit.title.split(" · "))
        rows = [Row(Kind.FORMULA, title)]
        if rest:
            rows.append(Row(Kind.SHAPE, " · ".join(rest)))
        parameters = [node for node in nodes if node.role is Role.PARAMETER]
        if parameters:
            count = sum(node.size for node in parameters)
            rows.append(Row(Kind.COUNT, f"{count} parameter{'s' if count > 1 else ''}"))
        if scene.direction.shows_gradients and scene.values:
            rows += [_gradient(scene, node) for node in parameters[:MOST_GRADIENTS]]
            if len(parameters) > MOST_GRADIENTS:
                rows.append(Row(Kind.NOTE, f"and {len(parameters) - MOST_GRADIENTS} more"))
        if scene.root in nodes:
            rows += _of_root(scene)
        full = " · ".join([shown_name(unit.title), *(row.text for row in rows)])
        return Box(box_id, Look.GROUP, tuple(rows), full)
    rows = [Row(Kind.FORMULA, scene.formula(unit))]
    if unit.shape != ():
        rows.append(Row(Kind.SHAPE, format_shape(unit.shape)))
    if scene.values and scene.direction.shows_values:
        rows.append(Row(Kind.VALUE, value_text(unit.value)))
    idle = False
    if scene.direction.shows_gradients:
        rows += scene.gradient_rows(unit)
        idle = not scene.direction.shows_values and not _has_gradient(scene, unit)
    return Box(box_id, scene.look(unit), tuple(rows), " · ".join(row.text for row in rows), node=unit, idle=idle)


def _of_root(scene: Scene) -> list[Row]:
    rows = [Row(Kind.VALUE, f"{scene.name(scene.root)} {value_text(scene.root.value)}")] if scene.values else []
    return rows + (scene.gradient_rows(scene.root) if scene.direction.shows_gradients else [])


def _gradient(scene: Scene, node: Node) -> Row:
    assert scene.backward_pass is not None
    if not _has_gradient(scene, node):
        return scene.gradient_rows(node)[0]
    value = scene.backward_pass.gradients[node].value
    name = scene.gradient(node)
    return Row(Kind.GRADIENT, amount(name, value) if node.size == 1 else f"‖{name}‖ = {norm_text(value)}")


def _has_gradient(scene: Scene, node: Node) -> bool:
    return scene.backward_pass is not None and node in scene.backward_pass.gradients


def _on_edge(scene: Scene, source: Node, brought: list[Contribution], is_told: bool) -> tuple[Row, ...]:
    """What goes from one box to another: the value that is handed on, and what comes back for its gradient.

    A box that reads a shared node brings a part of its gradient. Where all of it comes along one edge, and the box
    of the node tells it, the edge does not tell it again.
    """
    rows = []
    if scene.direction.shows_values:
        rows.append(Row(Kind.VALUE, f"{scene.name(source)} {format_shape(source.shape)}"))
    is_part = bool(brought) and len(brought) < len(brought[0].arrivals)
    if brought and (is_part or not is_told):
        rows.append(Row(Kind.GRADIENT, f"{'part of ' if is_part else ''}{scene.gradient(source)}"))
        if scene.values:
            value = np.sum([entry.contribution.value for entry in brought], axis=0)
            rows.append(Row(Kind.GRADIENT, f"= {rounded(value.item())}" if value.size == 1 else f"‖·‖ = {norm_text(value)}"))
    return tuple(rows)
