"""`step_through`: one HTML file, without network, that goes through a pass step by step."""

from __future__ import annotations

import html
import json
import os
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.node import Node
from minigraph.drawing.diagram import make_scene, refuse_unknown_rankdir, root_of
from minigraph.drawing.dot import to_dot
from minigraph.drawing.rendering import RenderingError, to_svg
from minigraph.drawing.scene import LONGEST_SUM, MOST_TERMS, Scene, amount, chain_rule_rows, few, gradient_text, value_text
from minigraph.drawing.theme import THEME
from minigraph.drawing.view import Direction, Edge, Kind
from minigraph.drawing.view_builders import steps_view
from minigraph.files import replace_file
from minigraph.reading.derived_graphs import readable
from minigraph.reading.names import cleaned
from minigraph.reading.numbers import bracketed, norm_text, shape_text
from minigraph.reading.steps import Step, StepEdge, steps_of

MAX_BOXES = 300
"""By default a page has no more boxes than this."""
MOST_GIVEN = 12
"""The first sentence tells the values of at most so many leaves."""


def step_through(
    J: Node | BackwardPass,
    path: str | os.PathLike[str],
    *,
    fold: bool = True,
    rankdir: str | None = None,
    title: str | None = None,
    max_boxes: int = MAX_BOXES,
) -> Path:
    """Write a page that steps through the forward pass and then the backward pass, sums over paths growing.

    The page is one HTML file that loads nothing: buttons, arrow keys, Home and End, a click on a node or on a
    line; ``pass.html#5`` opens at step 5. Printed, it shows the whole list. Without Graphviz the page has the
    list but no picture, and a warning says so.

    Args:
        J: the node to go through, or a backward pass. Given a node, a pass of its own is made.
        path: the file to write, replaced as a whole; its folder must exist.
        fold: write unnamed nodes inside the step that uses them.
        rankdir: "LR", "TB", "RL" or "BT"; by default what suits the graph.
        title: the heading; by default the formula.
        max_boxes: the most boxes that the picture may have.

    Returns:
        The path of the page.

    Raises:
        ValueError: if there are more boxes than ``max_boxes``, J depends on no parameter, or rankdir is no direction.
        ShapeError: if J is not a scalar; give ``J.backward(seed)`` instead.
        OSError: if the file can't be written.

    Example:
        >>> import minigraph as mg, tempfile
        >>> b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     mg.step_through((b * c).named("u"), folder + "/pass.html").name
        'pass.html'
    """
    refuse_unknown_rankdir(rankdir, "step_through")
    path = Path(path)
    root_of(J, "step_through")
    J = readable(J, what="step_through")
    boxes = steps_of(root_of(J, "step_through"), fold)
    if len(boxes) > max_boxes:
        raise ValueError(
            f"step_through: a page of {len(boxes):,} boxes can't be read (max_boxes is {max_boxes}). "
            "Step through an inner node, or name fewer steps so that more are folded."
        )
    scene = make_scene(J, boxes, Direction.PAGE, "step_through", title=title)
    view = steps_view(scene)
    try:
        picture = to_svg(to_dot(view, rankdir), view.title)
    except RenderingError as error:
        warnings.warn(f"{path} has no picture: {error}", stacklevel=2)
        picture = f"<p>No picture: {html.escape(str(error))}.</p>"
    steps = [_cleaned(stage) for stage in stages(scene)]
    data = {
        "stages": list(map(asdict, steps)),
        "edges": {edge.id: [edge.tail, edge.head] for edge in view.edges},
        "colors": {"gradient": THEME.gradient},
    }
    page = Template(files("minigraph.pages").joinpath("step_through.html").read_text("utf-8")).substitute(
        vars(THEME),
        title=html.escape(cleaned(view.title)),
        picture=picture,
        list="\n".join(f'<li><button type="button">{html.escape(stage.say)}</button></li>' for stage in steps),
        steps=json.dumps(data, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c"),
    )
    return replace_file(path, lambda file: file.write(page.encode("utf-8")))


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the page.

    Attributes:
        phase: ``forward``, ``seed`` or ``backward``.
        boxes: ids of the boxes that it concerns; they stay lit from here on.
        gradients: for boxes whose gradient grows, what the gradient row says from here on; None is its final text.
    """

    phase: str
    say: str
    boxes: tuple[str, ...]
    edges: tuple[str, ...] = ()
    gradients: dict[str, str | None] = field(default_factory=dict)


def _cleaned(stage: Stage) -> Stage:
    """The stage, its texts without what can't be shown."""
    gradients = {box: text if text is None else cleaned(text) for box, text in stage.gradients.items()}
    return replace(stage, say=cleaned(stage.say), gradients=gradients)


def stages(scene: Scene) -> list[Stage]:
    """Forward steps, the seed, then one step for each contribution, in the order of the ledger."""
    return [*_forward(scene), _seed(scene), *_backward(scene)]


def _edge_id(scene: Scene, step: Step, place: int) -> str:
    return Edge(scene.ids[step.edges[place].source], scene.ids[step.node], place).id


def _forward(scene: Scene) -> Iterator[Stage]:
    leaves = [step.node for step in scene.steps if step.node.op is None]
    given = ", ".join(f"{scene.name(leaf)} {_said_value(leaf)}" for leaf in leaves[:MOST_GIVEN])
    more = f" and {len(leaves) - MOST_GIVEN} more" if len(leaves) > MOST_GIVEN else ""
    yield Stage("forward", f"Given: {given}{more}.", tuple(scene.ids[leaf] for leaf in leaves))
    for step in scene.steps:
        if step.node.op is not None:
            edges = tuple(_edge_id(scene, step, place) for place in range(len(step.edges)))
            text = f"{scene.formula(step.node)} {_said_value(step.node)}."
            yield Stage("forward", text, (scene.ids[step.node],), edges)


def _said_value(node: Node) -> str:
    text = value_text(node.value)
    return text if text.startswith("= ") else f"is {shape_text(node.shape)}, {text}"


def _seed(scene: Scene) -> Stage:
    said = scene.gradient(scene.root) + _said_gradient(scene.gradients[scene.root].value)
    box = scene.ids[scene.root]
    return Stage("seed", f"Seed: {said}. The backward pass starts here.", (box,), (), {box: None})


def _said_gradient(value: Any) -> str:
    text = few(value)
    return f" = {text}" if text is not None else f", shape {shape_text(value.shape)}, norm {norm_text(value)}"


def _backward(scene: Scene) -> Iterator[Stage]:
    rank = {entry: place for place, entry in enumerate(scene.ledger)}
    edges = [(step, place, edge) for step in scene.steps for place, edge in enumerate(step.edges)]
    carrying = [(step, place, edge) for step, place, edge in edges if all(primitive in rank for primitive in edge.path)]
    for step, place, edge in sorted(carrying, key=lambda carried: rank[carried[2].path[-1]]):
        yield _contribution(scene, step, place, edge)


def _contribution(scene: Scene, step: Step, place: int, edge: StepEdge) -> Stage:
    entries = [scene.ledger[primitive] for primitive in edge.path]
    last = entries[-1]
    name = scene.gradient(edge.source)
    rows = chain_rule_rows(scene, step, edge, entries)
    formula = next(row.text for row in rows if row.kind is Kind.CONTRIBUTION)
    if len(rows) > 1:  # scalars: symbols, then numbers
        formula = f"{scene.gradient(step.node)} × {scene.partial(step.node, edge.source)} = {formula}"
    else:
        formula += _said_gradient(last.contribution.value)
    arrived, total = last.rank + 1, len(last.arrivals)
    said = f"{scene.formula(step.node)}: {name} gets {formula}."
    row = None
    if total > 1:
        terms = [node.value for node in last.arrivals[:arrived]]
        done = arrived == total
        row = None if done else _so_far(name, last, terms)
        final = gradient_text(name, last.running_total, terms)[0]
        said += f" All {total} have arrived: {final}." if done else f" {arrived} of {total} contributions: {row}"
    box = scene.ids[edge.source]
    return Stage("backward", said, (scene.ids[step.node], box), (_edge_id(scene, step, place),), {box: row})


def _so_far(name: str, last: Contribution, terms: list[object]) -> str:
    """The gradient row of a box while contributions are still to come: the sum where it is short, else what it came to."""
    texts = [text for term in terms if (text := few(term)) is not None]
    whole = f"{name} = {' + '.join([*texts[:1], *map(bracketed, texts[1:])])}"
    if len(texts) == len(terms) <= MOST_TERMS and len(whole) <= LONGEST_SUM:
        return f"{whole} + …"
    norms_do_not_add = few(last.running_total) is None
    return f"{amount(name, last.running_total)} {'so far' if norms_do_not_add else '+ …'}"
