"""`step_through`: one HTML file, without network, that goes through a pass step by step."""

from __future__ import annotations

import html
import os
import warnings
from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any, overload

from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node
from minigraph.drawing.diagram import make_scene, refuse_unknown_rankdir, root_of
from minigraph.drawing.rendering import RenderingError
from minigraph.drawing.theme import THEME
from minigraph.drawing.view import Direction
from minigraph.pages.page import UnwrittenPage, one_file, part
from minigraph.pages.step_pictures import Picture, paths, pictures
from minigraph.pages.step_stages import Stage, stages
from minigraph.reading.derived_graphs import readable
from minigraph.reading.names import cleaned
from minigraph.reading.steps import steps_of

MAX_BOXES = 300
"""By default a page has no more boxes than this."""
MOST_AT_FIRST = 40
"""With more steps than this the page begins with its groups closed."""
SCRIPTS = ("step_picture.js", "step_zoom.js", "quiz_judge.js", "step_show.js", "step_controls.js")


class StepPage(UnwrittenPage):
    """A page that is not written yet: a notebook displays it, `save` writes it."""

    kind = "step-through page"


@overload
def step_through(
    J: Node | BackwardPass,
    path: None = None,
    *,
    fold: bool = True,
    rankdir: str | None = None,
    title: str | None = None,
    max_boxes: int = MAX_BOXES,
) -> StepPage: ...
@overload
def step_through(
    J: Node | BackwardPass,
    path: str | os.PathLike[str],
    *,
    fold: bool = True,
    rankdir: str | None = None,
    title: str | None = None,
    max_boxes: int = MAX_BOXES,
) -> Path: ...
def step_through(
    J: Node | BackwardPass,
    path: str | os.PathLike[str] | None = None,
    *,
    fold: bool = True,
    rankdir: str | None = None,
    title: str | None = None,
    max_boxes: int = MAX_BOXES,
) -> Path | StepPage:
    """Make a page that steps through the forward pass and then the backward pass, sums over paths growing.

    The page is one HTML file that loads nothing. It is gone through by buttons, arrow keys, the keys of a presenter's
    remote, a swipe, or by itself; ``pass.html#5`` opens at step 5. A click on a box shows only the paths to it, with the
    chain rule along them. "Guess first" hides each number until it is answered, and names the slip behind a wrong answer;
    of an array it asks one entry, or the shape.
    Groups open and close on a click. Printed, it shows the whole list. Without Graphviz the page has the list but no
    picture, and a warning says so.

    Args:
        J: the node to go through, or a backward pass. Given a node, a pass of its own is made.
        path: the file to write, replaced as a whole; its folder must exist. Without it the page is given back, and a
            notebook displays it.
        fold: write unnamed nodes inside the step that uses them.
        rankdir: "LR", "TB", "RL" or "BT"; by default what suits the graph.
        title: the heading; by default the formula.
        max_boxes: the most boxes that the picture may have.

    Returns:
        The path of the page, or the page.

    Raises:
        ValueError: if there are more boxes than ``max_boxes``, J depends on no parameter, or rankdir is not a direction.
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
    root_of(J, "step_through")
    J = readable(J, what="step_through")
    boxes = steps_of(root_of(J, "step_through"), fold)
    if len(boxes) > max_boxes:
        raise ValueError(
            f"step_through: a page of {len(boxes):,} boxes can't be read (max_boxes is {max_boxes}). "
            "Step through an inner node, or name fewer steps so that more are folded."
        )
    scene = make_scene(J, boxes, Direction.PAGE, "step_through", title=title)
    steps = stages(scene)
    drawn = pictures(scene)
    view = drawn[0].view
    try:
        svgs = [picture.svg(rankdir, f"p{number}-" if number else "") for number, picture in enumerate(drawn)]
    except RenderingError as error:
        warnings.warn(f"{path or 'The page'} has no picture: {error}", stacklevel=2)
        svgs, drawn = [f"<p>No picture: {html.escape(str(error))}.</p>"], []
    along = paths(scene, view)
    data = {
        "stages": [step.data() for step in steps],
        "pictures": [picture.data() for picture in drawn],
        "start": 1 if len(drawn) > 1 and len(boxes) > MOST_AT_FIRST else 0,
        "colors": {"gradient": THEME.gradient, "value": THEME.value},
        "paths": along.edges,
        "titles": along.titles,
    }
    body = _body(steps, svgs, drawn)
    text = one_file(view.title, body, styles=["step_page.css"], scripts=SCRIPTS, data=_cleaned(data), packs=True)
    page = StepPage(text, cleaned(view.title))
    return page if path is None else page.save(path)


def _body(steps: Sequence[Stage], svgs: Sequence[str], drawn: Sequence[Picture]) -> str:
    """The parts of the page that are there without its script."""
    hidden = " hidden" if drawn else ""  # until the script opens one; it does not where there is none
    views = [f'<div class="view" id="view{number}"{hidden}>{svg}</div>' for number, svg in enumerate(svgs)]
    return Template(part("step_page.html")).substitute(
        pictures="\n".join(views),
        options="".join(
            f'<option value="{number}">{html.escape(cleaned(picture.title))}</option>'
            for number, picture in enumerate(drawn)
        ),
        list="\n".join(f'<li><button type="button">{html.escape(cleaned(stage.say))}</button></li>' for stage in steps),
    )


def _cleaned(part: Any) -> Any:
    """The data, its texts without what can't be shown."""
    if isinstance(part, str):
        return cleaned(part)
    if isinstance(part, dict):
        return {key: _cleaned(value) for key, value in part.items()}
    return [_cleaned(value) for value in part] if isinstance(part, list | tuple) else part
