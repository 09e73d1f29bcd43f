"""`draw_svg`: a diagram's SVG as lines and letters of a Matplotlib figure, at a size in points.

Of SVG it knows what Graphviz writes: polygons, lines of straight and of bent pieces, ellipses, and texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as xml

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SVG = "{http://www.w3.org/2000/svg}"
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_MOVED = re.compile(r"scale\((\S+) \S+\) rotate\(0\) translate\((\S+) (\S+)\)")
_SIDES = {"start": "left", "middle": "center", "end": "right"}


@dataclass(frozen=True)
class Place:
    """Where a picture's points come to lie: scaled, moved, and with y upwards.

    Attributes:
        left, top: where its upper left corner is, in points.
        scale, right, down: how it is scaled and moved by its own statement.
    """

    left: float
    top: float
    scale: float
    right: float
    down: float

    def points(self, text: str) -> list[tuple[float, float]]:
        """The points that a text such as ``1,2 3,4`` lists."""
        numbers = [float(number) for number in _NUMBER.findall(text)]
        return [
            (self.left + self.scale * (x + self.right), self.top - self.scale * (y + self.down))
            for x, y in zip(numbers[::2], numbers[1::2], strict=True)
        ]


def size_of(svg: str) -> tuple[float, float]:
    """Width and height of a picture, in points."""
    found = re.search(r'viewBox="\S+ \S+ (\S+) (\S+)"', svg)
    assert found is not None
    return float(found[1]), float(found[2])


def draw_svg(svg: str, ax: Axes, left: float, top: float) -> float:
    """Draw a picture with its upper left corner at a point of axes whose unit is the point; gives its smallest letters.

    Args:
        svg: as `minigraph.drawing.Diagram` gives it.
        ax: axes that fill a figure, with one unit a point.
        left: the corner, in points from the left.
        top: the corner, in points from below.

    Returns:
        The size of the smallest letters, in points; ∞ without any.
    """
    root = xml.fromstring(svg)
    graph = root.find(f"{SVG}g")
    assert graph is not None
    moved = _MOVED.fullmatch(graph.get("transform", ""))
    assert moved is not None
    place = Place(left, top, *map(float, moved.groups()))
    smallest = float("inf")
    for order, element in enumerate(graph.iter()):
        if element.tag == f"{SVG}text":
            smallest = min(smallest, _write(element, ax, place, order))
        else:
            for shape in _shapes(element, place):
                shape.set_zorder(order)
                ax.add_patch(shape)
    return smallest


def _write(element: xml.Element, ax: Axes, place: Place, order: int) -> float:
    size = place.scale * float(element.get("font-size", "14"))
    ((x, y),) = place.points(f"{element.get('x')},{element.get('y')}")
    ax.text(
        x,
        y,
        element.text or "",
        fontsize=size,
        ha=_SIDES[element.get("text-anchor", "start")],
        va="baseline",
        color=element.get("fill", "black"),
        weight=element.get("font-weight", "normal"),
        zorder=order,
        parse_math=False,
    )
    return size


def _shapes(element: xml.Element, place: Place) -> Iterator[Any]:
    """The patches of one element; none for one that only holds others."""
    from matplotlib.patches import Ellipse, PathPatch
    from matplotlib.path import Path

    look = _look(element, place.scale)
    kind = element.tag.removeprefix(SVG)
    if kind in ("polygon", "polyline"):
        points = place.points(element.get("points", ""))
        yield PathPatch(Path(points, closed=kind == "polygon"), **look)
    elif kind == "path":
        points = place.points(element.get("d", ""))
        yield PathPatch(Path(points, [Path.MOVETO, *[Path.CURVE4] * (len(points) - 1)]), **look)
    elif kind == "ellipse":
        (middle,) = place.points(f"{element.get('cx')},{element.get('cy')}")
        width, height = (2 * place.scale * float(element.get(name, "0")) for name in ("rx", "ry"))
        yield Ellipse(middle, width, height, **look)


def _look(element: xml.Element, scale: float) -> dict[str, Any]:
    from matplotlib.colors import to_rgba

    def colour(name: str) -> tuple[float, ...]:
        value = element.get(name, "none")
        if value in ("none", "transparent"):
            return (0.0, 0.0, 0.0, 0.0)
        return to_rgba(value, float(element.get(f"{name}-opacity", "1")))

    dashes = [scale * float(length) for length in element.get("stroke-dasharray", "").split(",") if length]
    width = scale * float(element.get("stroke-width", "1"))
    return {
        "facecolor": colour("fill"),
        "edgecolor": colour("stroke"),
        "linewidth": width if element.get("stroke", "none") not in ("none", "transparent") else 0.0,
        "linestyle": (0, dashes) if dashes else "-",
    }
