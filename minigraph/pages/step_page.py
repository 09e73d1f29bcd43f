"""`step_through`: one HTML file, without network, that goes through a pass step by step."""

from __future__ import annotations

import html
import json
import os
import warnings
from dataclasses import asdict
from importlib.resources import files
from pathlib import Path
from string import Template

from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node
from minigraph.drawing.diagram import MAX_BOXES, make_scene, refuse_unknown_rankdir, root_of
from minigraph.drawing.dot import to_dot
from minigraph.drawing.rendering import RenderingError, to_svg
from minigraph.drawing.steps_view import steps_view
from minigraph.drawing.theme import THEME
from minigraph.drawing.view import Direction
from minigraph.files import replace_file
from minigraph.pages.stages import Stage, stages
from minigraph.reading.names import cleaned
from minigraph.reading.steps import steps_of


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
    steps = stages(scene)
    data = {
        "stages": [_cleaned(stage) for stage in steps],
        "edges": {edge.id: [edge.tail, edge.head] for edge in view.edges},
        "colors": {"gradient": THEME.gradient},
    }
    page = Template(files("minigraph.pages").joinpath("step_through.html").read_text("utf-8")).substitute(
        title=html.escape(cleaned(view.title)),
        picture=picture,
        list="\n".join(_line(stage) for stage in steps),
        steps=json.dumps(data, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c"),
        ink=THEME.ink,
        background=THEME.background,
        font=THEME.font,
        secondary=THEME.secondary,
        quiet=THEME.quiet_line,
        value=THEME.value,
        gradient=THEME.gradient,
    )
    return replace_file(path, lambda file: file.write(page.encode("utf-8")))


def _line(stage: Stage) -> str:
    return f'<li><button type="button">{html.escape(cleaned(stage.say))}</button></li>'


def _cleaned(stage: Stage) -> dict[str, object]:
    """The stage as JSON takes it, its texts without what can't be shown."""
    gradients = {box: text if text is None else cleaned(text) for box, text in stage.gradients.items()}
    return {**asdict(stage), "say": cleaned(stage.say), "gradients": gradients}
