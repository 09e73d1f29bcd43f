"""A parameter that is used in many places stands once, with its sum as a row of bars; a small tag stands at each use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from minigraph.core.node import Node
from minigraph.drawing.gradient_sizes import added_up
from minigraph.drawing.scene import Scene, few
from minigraph.drawing.view import Box, Edge, Kind, Look, Row
from minigraph.reading.numbers import norm_text
from minigraph.values import norm

FEWEST_USES = 3
"""A parameter that so many boxes read has tags."""
MOST_BARS = 60
"""Of more contributions than this no bars are drawn."""


def with_tags(scene: Scene, boxes: list[Box], edges: list[Edge]) -> tuple[list[Box], list[Edge]]:
    """The boxes and edges, with a tag in place of each edge from a parameter that many boxes read."""
    readers: dict[str, dict[str, list[Edge]]] = {}
    for edge in edges:
        readers.setdefault(edge.tail, {}).setdefault(edge.head, []).append(edge)
    shared = {
        box.id: box
        for box in boxes
        if box.look is Look.PARAMETER and len(readers.get(box.id, ())) >= FEWEST_USES
    }  # fmt: skip
    if not shared:
        return boxes, edges
    ids: dict[str, str] = {}
    tag_of: dict[tuple[str, str], str] = {}
    found: list[Box] = []
    for box in boxes:
        for tail, parameter in shared.items():
            if box.id in readers[tail]:
                tag_of[tail, box.id] = f"n{len(found)}"
                found.append(_tag(scene, parameter, readers[tail][box.id], f"n{len(found)}", box.frame))
        ids[box.id] = f"n{len(found)}"
        box = _large(scene, box) if box.id in shared else box
        found.append(replace(box, id=ids[box.id]))
    moved = [replace(edge, tail=tag_of.get((edge.tail, edge.head)) or ids[edge.tail], head=ids[edge.head]) for edge in edges]
    return [replace(box, stands_for=ids[box.stands_for]) if box.stands_for else box for box in found], moved


def _tag(scene: Scene, box: Box, uses: list[Edge], tag_id: str, frame: str | None) -> Box:
    assert box.node is not None
    rows = [Row(Kind.TAG, scene.name(box.node))]
    brought = [contribution.value for edge in uses for contribution in edge.brought]
    says_numbers = any(row.numbers or row.kind is Kind.GRADIENT for edge in uses for row in edge.rows)
    if scene.values and brought and not says_numbers:
        total = added_up(brought)
        rows.append(Row(Kind.CARRIED, few(total) or f"‖·‖ = {norm_text(total)}"))
    idle = all(edge.idle for edge in uses)
    full = " · ".join(row.text for row in rows)
    return Box(tag_id, Look.TAG, tuple(rows), full, frame=frame, idle=idle, faint=box.faint, stands_for=box.id)


def _large(scene: Scene, box: Box) -> Box:
    assert box.node is not None
    rows = [Row(Kind.SHARED, box.rows[0].text), *box.rows[1:], *_bars(scene, box.node)]
    return replace(box, rows=tuple(rows), frame=None)


def _bars(scene: Scene, node: Node) -> Iterator[Row]:
    """The sizes of the contributions in the order of the pass; of numbers with their signs."""
    terms = scene.arrivals.get(node, ())
    if scene.values and scene.direction.shows_gradients and 1 < len(terms) <= MOST_BARS:
        sizes = tuple(float(term.value.item() if term.size == 1 else norm(term.value)) for term in terms)
        if np.isfinite(sizes).all() and any(sizes):
            yield Row(Kind.BARS, "", bars=sizes)
