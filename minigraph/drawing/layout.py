"""Hints for Graphviz: which way a picture runs, what stands on its straight path, what beside it."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass

from minigraph.drawing.view import Direction, Look, View

LONG = 12
"""A chain with more boxes than this runs from top to bottom, where a page can scroll;"""
WIDE = 1300
"""so does one that would be wider than so many points from left to right."""
LETTER, BESIDE = 6.5, 24
"""About how many points a letter takes, and what stands around a text."""
_STEPS = (Look.OPERATION, Look.OUTPUT, Look.LOSS, Look.GROUP)


@dataclass(frozen=True)
class Layout:
    """Where it runs, the longest path from the root, and on which side, 0 or 1, a parameter stands beside its step."""

    rankdir: str
    main: tuple[str, ...]
    sides: dict[str, int]


def lay_out(view: View, rankdir: str | None = None) -> Layout:
    """Work out the hints; ``rankdir`` None chooses the drawing direction."""
    depth: dict[str, int] = {}
    readers: dict[str, list[str]] = defaultdict(list)
    sources: dict[str, list[str]] = defaultdict(list)
    for edge in view.edges:
        readers[edge.tail].append(edge.head)
        sources[edge.head].append(edge.tail)
    for box in view.boxes:
        depth[box.id] = 1 + max((depth.get(tail, 0) for tail in sources[box.id]), default=0)
    main = _main_path(view, sources, depth)
    if rankdir is None:
        has_arrays = any(box.node is not None and box.node.shape != () for box in view.boxes)
        has_steps = not any(box.look in (Look.GROUP, Look.WIRE) for box in view.boxes)
        layered = has_arrays and has_steps and view.direction is not Direction.FORWARD
        is_long = max(depth.values()) > LONG or _width(view, main) > WIDE
        rankdir = "TB" if is_long or layered else "LR"
    return Layout(rankdir, main, _sides(view, readers, sources, depth))


def _width(view: View, main: tuple[str, ...]) -> float:
    """About how wide the main path is from left to right, texts on its edges included."""
    path = set(main)
    boxes = [box.rows for box in view.boxes if box.id in path]
    edges = [edge.rows for edge in view.edges if path.issuperset((edge.tail, edge.head))]
    return sum(
        LETTER * max((min(len(row.text), width) for row in rows), default=0) + BESIDE
        for several, width in ((boxes, 22), (edges, 30))
        for rows in several
    )


def _main_path(view: View, sources: dict[str, list[str]], depth: dict[str, int]) -> tuple[str, ...]:
    path = [view.boxes[-1].id]
    met = set(path)
    while steps := [tail for tail in sources[path[-1]] if view.by_id[tail].look in _STEPS and tail not in met]:
        path.append(max(steps, key=lambda tail: depth[tail]))
        met.add(path[-1])
    ends = [tail for tail in sources[path[-1]] if view.by_id[tail].look is Look.DATA]
    return (*path, *ends[:1])


def _sides(
    view: View, readers: dict[str, list[str]], sources: dict[str, list[str]], depth: dict[str, int]
) -> dict[str, int]:
    """Parameters of an array step stand beside the one step that reads them, one on each side.

    Where several steps at one depth have their own, all stand above: beside them they would change places.
    """
    found: dict[str, list[str]] = {}
    for box in view.boxes:
        if box.look not in _STEPS or box.node is None or box.node.shape == ():
            continue
        beside = [
            tail
            for tail in sources[box.id]
            if view.by_id[tail].look in (Look.PARAMETER, Look.TAG) and readers[tail] == [box.id]
        ]
        if beside and len(beside) < len(sources[box.id]):
            found[box.id] = beside[:2]
    at = Counter(depth[step] for step in found)
    return {tail: side for step, beside in found.items() if at[depth[step]] == 1 for side, tail in enumerate(beside)}
