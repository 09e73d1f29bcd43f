"""The view with one box a step: formulas, values, gradients, and the chain rule on the edges."""

from __future__ import annotations

from minigraph.core.node import Node
from minigraph.drawing.frames import frames
from minigraph.drawing.scene import Scene, chain_rule_rows, value_text
from minigraph.drawing.view import Box, Edge, Kind, Row, View
from minigraph.formulas.rounding import format_shape
from minigraph.reading.names import shown_name
from minigraph.reading.steps import Step, StepEdge


def steps_view(scene: Scene) -> View:
    """One box a step."""
    operations = [step.node for step in scene.steps if step.node.op is not None]
    if scene.direction.shows_gradients:
        operations.reverse()
    numbers = {node: number for number, node in enumerate(operations, 1)}
    groups, frame_ids = frames(scene.steps, scene.frames_of)
    boxes = []
    edges = []
    for step in scene.steps:
        group = scene.frames_of[step.node]
        boxes.append(_box(scene, step.node, numbers.get(step.node), frame_ids[group] if group else None))
        drawn: set[Node] = set()
        for place, read in enumerate(step.edges):
            edge = _edge(scene, step, read, place)
            if edge.rows or read.source not in drawn:  # a value goes to a box once: the formula says how
                edges.append(edge)
            drawn.add(read.source)
    return View(scene.heading(), scene.direction, tuple(boxes), tuple(edges), groups)


def _box(scene: Scene, node: Node, number: int | None, frame: str | None) -> Box:
    direction = scene.direction
    rows = [Row(Kind.FORMULA, scene.formula(node))]
    if node.shape != ():
        rows.append(Row(Kind.SHAPE, format_shape(node.shape)))
    if direction.shows_values and scene.values:
        rows.append(Row(Kind.VALUE, value_text(node.value)))
    idle = False
    if direction.shows_gradients:
        assert scene.backward_pass is not None
        idle = not direction.shows_values and node not in scene.backward_pass.gradients
        rows += scene.gradient_rows(node)
    names = [shown_name(node.name)] if node.name is not None else []
    full = " · ".join([*names, *(row.text for row in rows)])
    return Box(scene.ids[node], scene.look(node), tuple(rows), full, number, frame, node, idle)


def _edge(scene: Scene, step: Step, edge: StepEdge, place: int) -> Edge:
    tail, head = scene.ids[edge.source], scene.ids[step.node]
    entries = [scene.ledger[primitive] for primitive in edge.path if primitive in scene.ledger]
    carries = bool(entries) and len(entries) == len(edge.path)
    rows: list[Row] = []
    if scene.direction.shows_gradients and carries:
        rows = chain_rule_rows(scene, step, edge, entries)
    idle = not scene.direction.shows_values and not carries
    return Edge(tail, head, place, tuple(rows), idle)
