"""`live`: one HTML file, without network and without Python, in which the numbers of a graph can be moved."""

from __future__ import annotations

import os
from pathlib import Path

from minigraph.core.node import Node
from minigraph.drawing.diagram import make_scene, refuse_unknown_rankdir, root_of
from minigraph.drawing.view import Direction
from minigraph.pages.live_content import MOST_MOVED, Content
from minigraph.pages.live_map import Map
from minigraph.pages.page import UnwrittenPage
from minigraph.reading.derived_graphs import readable
from minigraph.reading.names import cleaned
from minigraph.reading.steps import steps_of
from minigraph.values import real_number

MAX_BOXES = 100
"""More boxes can't be watched at once."""


class LivePage(UnwrittenPage):
    """A page that is not written yet: a notebook displays it, `save` writes it."""

    kind = "live page"


def live(
    J: Node,
    path: str | os.PathLike[str] | None = None,
    *,
    rate: float = 0.1,
    fold: bool = True,
    rankdir: str | None = None,
    title: str | None = None,
    note: str = "",
    boundary: Map | None = None,
) -> Path | LivePage:
    """Make a page whose numbers move: drag a slider, and every value, local derivative and gradient follows at once.

    Each scalar leaf has a slider and a field, each array of up to 4 × 6 entries a field for every entry; larger parameters
    are moved by descent alone, and other larger arrays keep their values. The page takes steps of gradient descent, draws
    the cost over them, and compares a nudge with the derivative. It is one HTML file that loads nothing and needs no
    Python: it computes the same graph, gradients included, by the same instructions as `minigraph.export`. Without
    Graphviz it has the formulas but no picture, and a warning says so.

    Args:
        J: a node with one entry.
        path: the file to write; its folder must exist. Without it the page is returned, and a notebook displays it.
        rate: the learning rate α that the page begins with.
        fold: write unnamed nodes inside the step that uses them.
        rankdir: "LR", "TB", "RL" or "BT"; by default what suits the graph.
        title: the heading; by default the formula.
        note: a sentence below the heading, such as where the numbers come from.
        boundary: what a classifier says over two features, drawn too; nets give it, see `minigraph.models.Net.live`.

    Returns:
        The path of the page, or the page.

    Raises:
        ValueError: if there are more than 100 boxes, nothing that can be moved, or rankdir is not a direction.
        ShapeError: if J has more than one entry.
        TypeError: for an operation whose forward rule is only known to Python, by its name.
        OSError: if the file can't be written.

    Example:
        >>> import minigraph as mg, tempfile
        >>> b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     mg.live((b * c).named("J"), folder + "/live.html").name
        'live.html'
    """
    refuse_unknown_rankdir(rankdir, "live")
    start = real_number(rate, "rate", "It is the learning rate α that the page begins with.")
    root_of(J, "live")
    J = readable(J, what="live")
    boxes = steps_of(J, fold)
    if len(boxes) > MAX_BOXES:
        raise ValueError(
            f"live: {len(boxes):,} boxes can't be watched at once (at most {MAX_BOXES}). "
            "Show an inner node, or name fewer steps."
        )
    scene = make_scene(J, boxes, Direction.PAGE, "live", title=title)
    content = Content(scene)
    if not content.leaves:
        raise ValueError(
            f"live: there is nothing to move. Give J a parameter with entries, or data of up to {MOST_MOVED}; "
            "an index, and what J does not depend on, can't be moved."
        )
    page = LivePage(content.page(rankdir, start, note, boundary), cleaned(content.view.title))
    return page if path is None else page.save(path)
