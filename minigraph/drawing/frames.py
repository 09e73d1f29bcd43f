"""Which boxes stand in the frame of a group."""

from __future__ import annotations

from collections.abc import Mapping

from minigraph.core.groups import Group
from minigraph.core.node import Node, Role
from minigraph.drawing.view import Frame
from minigraph.reading.names import shown_name
from minigraph.reading.steps import Step


def outermost(group: Group | None) -> Group | None:
    """The group that no other group is around."""
    while group is not None and group.parent is not None:
        group = group.parent
    return group


def frames_of(steps: list[Step]) -> dict[Node, Group | None]:
    """The group in which each box is drawn: its own; a parameter without one goes where it is used, if that is one place."""
    readers: dict[Node, set[Group | None]] = {}
    for step in steps:
        for edge in step.edges:
            readers.setdefault(edge.source, set()).add(step.node.group)
    found: dict[Node, Group | None] = {}
    for step in steps:
        node = step.node
        places = readers.get(node, set())
        goes_along = node.role is Role.PARAMETER and node.group is None and len(places) == 1
        found[node] = next(iter(places)) if goes_along else node.group
    return found


def frames(steps: list[Step], frame_of: Mapping[Node, Group | None]) -> tuple[tuple[Frame, ...], dict[Group, str]]:
    """The frames of the groups that hold boxes, outer ones first, and the id of each group's frame."""
    ids: dict[Group, str] = {}
    found: list[Frame] = []
    for step in steps:
        chain = []
        group = frame_of[step.node]
        while group is not None and group not in ids:
            chain.append(group)
            group = group.parent
        for inner in reversed(chain):
            ids[inner] = f"g{len(ids)}"
            found.append(Frame(ids[inner], shown_name(inner.title), ids[inner.parent] if inner.parent else None))
    return tuple(found), ids
