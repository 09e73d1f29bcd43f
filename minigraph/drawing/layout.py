"""Where things go: the main path that is kept straight, parameters beside their step, and the drawing direction.

Graphviz places the boxes; these hints are what makes the result look like a blackboard.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigraph.drawing.view import Direction, Look, View

LONG = 12
"""A chain with more boxes than this runs from top to bottom, where a page can scroll."""

_STEPS = (Look.OPERATION, Look.OUTPUT, Look.LOSS, Look.GROUP)


@dataclass(frozen=True)
class Layout:
    """The hints for one view.

    Attributes:
        main: ids of the boxes on the longest path to the root, the root first.
        sides: for each parameter that stands beside its step the side, 0 or 1.
    """

    rankdir: str
    main: tuple[str, ...]
    sides: dict[str, int]


def lay_out(view: View, rankdir: str | None = None) -> Layout:
    """Work out the hints; ``rankdir`` None chooses the drawing direction."""
    depth: dict[str, int] = {}
    readers: dict[str, list[str]] = {}
    sources: dict[str, list[str]] = {}
    for edge in view.edges:
        readers.setdefault(edge.tail, []).append(edge.head)
        sources.setdefault(edge.head, []).append(edge.tail)
    for box in view.boxes:
        depth[box.id] = 1 + max((depth.get(tail, 0) for tail in sources.get(box.id, ())), default=0)
    main = _main_path(view, sources, depth)
    if rankdir is None:
        has_arrays = any(box.node is not None and box.node.shape != () for box in view.boxes)
        has_steps = not any(box.look in (Look.GROUP, Look.WIRE) for box in view.boxes)
        layered = has_arrays and has_steps and view.direction is not Direction.FORWARD
        rankdir = "TB" if max(depth.values()) > LONG or layered else "LR"
    return Layout(rankdir, main, _sides(view, readers, sources))


def _main_path(view: View, sources: dict[str, list[str]], depth: dict[str, int]) -> tuple[str, ...]:
    path = [view.boxes[-1].id]
    met = set(path)
    while steps := [tail for tail in sources.get(path[-1], ()) if view.by_id[tail].look in _STEPS and tail not in met]:
        path.append(max(steps, key=lambda tail: depth[tail]))
        met.add(path[-1])
    ends = [tail for tail in sources.get(path[-1], ()) if view.by_id[tail].look is Look.DATA]
    return (*path, *ends[:1])


def _sides(view: View, readers: dict[str, list[str]], sources: dict[str, list[str]]) -> dict[str, int]:
    """Parameters of an array step stand beside the one step that reads them, one on each side."""
    sides: dict[str, int] = {}
    for box in view.boxes:
        if box.look not in _STEPS or box.node is None or box.node.shape == ():
            continue
        beside = [
            tail
            for tail in dict.fromkeys(sources.get(box.id, ()))
            if view.by_id[tail].look is Look.PARAMETER and readers[tail] == [box.id]
        ]
        if set(sources.get(box.id, ())) - set(beside):
            sides.update((tail, side) for side, tail in enumerate(beside[:2]))
    return sides
