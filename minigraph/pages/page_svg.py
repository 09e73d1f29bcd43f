"""`for_page`: a picture as pages have it: with nothing that their policy forbids, and without what they say once for all.

`step_numbers` are the numbers that its boxes have on every page.
"""

from __future__ import annotations

import re

from minigraph.core.node import Node
from minigraph.drawing.scene import Scene

_SAID_ONCE = re.compile(r' (?:font-family="[^"]*"|xml:space="[^"]*"|text-anchor="start")')
_TOOLTIP = re.compile(r' xlink:title="[^"]*"')
_PATH = re.compile(r' d="M([-\d.,]+)C([-\d., ]+)"')


def step_numbers(scene: Scene) -> dict[Node, int]:
    """The number of each operation, on every page, in pictures and lists: in the order of the forward pass.

    Operations begin at 2, since the first step of a page tells what is given.
    """
    return {step.node: number for number, step in enumerate((step for step in scene.steps if step.node.op is not None), 2)}


def for_page(svg: str, *, tooltips: bool) -> str:
    """A picture of Graphviz without ``style=``, which the policy of a page forbids, and without fonts, which the page has.

    Curves go on from where they are, so that equal boxes are written equally, wherever they stand, and pack well.

    Args:
        svg: as `minigraph.drawing.rendering.to_svg` gives it.
        tooltips: keep what is shown under the mouse; in a page whose numbers move it would be wrong.
    """
    svg = re.sub(
        r' height="[^"]*"( viewBox=.*?) style="width:[^"]*"', r"\1", svg, count=1
    )  # the page decides how high it is
    svg = _SAID_ONCE.sub("", svg)
    return _PATH.sub(_going_on, svg if tooltips else _TOOLTIP.sub("", svg))


def _going_on(path: re.Match[str]) -> str:
    """A path of curves whose points are told from where each curve begins.

    Example:
        >>> _going_on(_PATH.search(' d="M10,-20C10,-20 16.5,-20 16.5,-20"'))
        ' d="M10,-20c0,0 6.5,0 6.5,0"'
    """
    (x, y), points, told = _point(path[1]), [_point(text) for text in path[2].split()], []
    for place, (right, down) in enumerate(points):
        told.append(f"{round(right - x, 2):.10g},{round(down - y, 2):.10g}")
        if place % 3 == 2:  # two points that pull, then where the curve ends
            x, y = right, down
    return f' d="M{path[1]}c{" ".join(told)}"'


def _point(text: str) -> tuple[float, float]:
    x, y = text.split(",")
    return float(x), float(y)
