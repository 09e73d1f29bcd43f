"""The pictures of the step-through page: all steps, the groups closed, and each group opened; and the paths to each node."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from minigraph.calculus.reverse_mode import look_back
from minigraph.core.node import Node, Role
from minigraph.drawing.dot import to_dot
from minigraph.drawing.folding import Fold, Folds, by_group
from minigraph.drawing.rendering import to_svg
from minigraph.drawing.scene import Scene
from minigraph.drawing.view import View
from minigraph.drawing.view_builders import folded_view, steps_view
from minigraph.pages.page_svg import for_page, step_numbers

MOST_OPENED = 12
"""Of more groups than this there are pictures of all closed and all open, but none for each: a click leads to all open."""
MOST_TOLD = 60
"""In larger graphs the chain rule along the paths to a node is not written out."""


@dataclass(frozen=True)
class Picture:
    """One way to draw the steps.

    Attributes:
        title: what the menu calls it.
        view: what is shown.
        home: the box of each step, both by their ids.
        along: for each edge that is drawn, the edges between steps that it stands for.
        opens: the number of the picture that a click on a box leads to.
        closes: that to which a click on the frame of the opened group leads.
    """

    title: str
    view: View
    home: dict[str, str]
    along: dict[str, list[str]]
    opens: dict[str, int]
    closes: int | None = None

    def svg(self, rankdir: str | None, prefix: str) -> str:
        """The picture, with no style of its own: the page sizes it.

        Raises:
            RenderingError: if there is no Graphviz, or it can't draw it.
        """
        svg = to_svg(to_dot(self.view, rankdir), self.view.title, prefix)
        return for_page(re.sub(r'^(<svg [^>]*?) style="[^"]*"', r"\1", svg), tooltips=True)

    def data(self) -> dict[str, Any]:
        """What the page's script reads."""
        edges = {edge.id: [edge.tail, edge.head, self.along[edge.id]] for edge in self.view.edges}
        return {"home": self.home, "edges": edges, "opens": self.opens, "closes": self.closes}


def pictures(scene: Scene) -> list[Picture]:
    """All steps first; with two groups or more then all groups closed, and each of them opened."""
    steps = steps_view(scene, numbers=step_numbers(scene))
    ids = {box.id: box.id for box in steps.boxes}
    found = [Picture("All steps", steps, ids, {edge.id: [edge.id] for edge in steps.edges}, {})]
    folds = by_group(scene.steps)
    groups = list(dict.fromkeys(folds.values()))
    if len(groups) < 2:
        return found
    first = len(found) + 1
    opened = groups if len(groups) <= MOST_OPENED else []
    places = {group: first + number for number, group in enumerate(opened)}
    found.append(_folded(scene, steps, folds, places, "Groups"))
    for group in opened:
        others = {node: fold for node, fold in folds.items() if fold is not group}
        found.append(_folded(scene, steps, others, places, f"{group.title} opened", closes=first - 1))
    return found


def _folded(
    scene: Scene,
    steps: View,
    folds: Folds,
    places: Mapping[Fold, int],
    title: str,
    closes: int | None = None,
) -> Picture:
    view = folded_view(scene, folds, numbers=step_numbers(scene))
    last = {folds.get(step.node, step.node): rank for rank, step in enumerate(scene.steps)}
    boxes = dict(zip(sorted(last, key=lambda unit: last[unit]), view.boxes, strict=True))
    home = {scene.ids[step.node]: boxes[folds.get(step.node, step.node)].id for step in scene.steps}
    between: dict[tuple[str, str], list[str]] = {}
    for edge in steps.edges:
        between.setdefault((home[edge.tail], home[edge.head]), []).append(edge.id)
    parallel: dict[tuple[str, str], list[str]] = {}
    for edge in view.edges:
        parallel.setdefault((edge.tail, edge.head), []).append(edge.id)
    along: dict[str, list[str]] = {}
    for ends, drawn in parallel.items():
        stand_for = between.get(ends, [])
        each = len(drawn) == len(stand_for)
        along.update({name: [stand_for[place]] if each else stand_for for place, name in enumerate(drawn)})
    opens = {boxes[fold].id: places.get(fold, 0) for fold in dict.fromkeys(folds.values())}
    return Picture(title, view, home, along, opens, closes)


@dataclass(frozen=True)
class Paths:
    """The paths from J: on which edges a derivative comes back, and what is said of the paths to each box."""

    edges: list[str]
    titles: dict[str, str]


def paths(scene: Scene, view: View) -> Paths:
    """The paths from the root to every node of the picture, data too."""
    assert scene.backward_pass is not None
    root, seed = scene.root, scene.backward_pass.seed
    ends = [step.node for step in scene.steps if step.node is not root and step.node.role is not Role.LITERAL]
    whole = look_back(root, seed, "step_through", set(ends))
    reached = {(line.consumer, line.position) for line in whole.ledger}
    carrying = {
        (scene.ids[edge.source], scene.ids[step.node], place)
        for step in scene.steps
        for place, edge in enumerate(step.edges)
        if edge.path and all(primitive in reached for primitive in edge.path)
    }
    edges = [edge.id for edge in view.edges if (edge.tail, edge.head, edge.place) in carrying]
    return Paths(edges, dict(_titles(scene, ends, whole.gradients)))


def _titles(scene: Scene, ends: list[Node], reached: Mapping[Node, Node]) -> Iterator[tuple[str, str]]:
    assert scene.backward_pass is not None
    for step in scene.steps:
        node, name = step.node, scene.name(step.node)
        if node is scene.root:
            continue
        if node not in reached:
            yield scene.ids[node], f"Nothing flows back from {scene.name(scene.root)} to {name}."
        elif len(ends) > MOST_TOLD:
            yield scene.ids[node], f"Paths from {scene.name(scene.root)} to {name}"
        else:
            back = look_back(scene.root, scene.backward_pass.seed, "step_through", {node})
            yield scene.ids[node], Scene(scene.root, scene.steps, scene.direction, back, wrt=[node]).heading()
