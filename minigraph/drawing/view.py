"""What a diagram shows, as plain data: boxes, edges and frames with rows of text, nothing of Graphviz or colours."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from minigraph.core.node import Node
from minigraph.drawing.typesetting import Typeset


class Direction(StrEnum):
    """Which pass is shown; ``PAGE`` is both with everything on the edges, for the step-through page."""

    FORWARD = "forward"
    BACKWARD = "backward"
    BOTH = "both"
    PAGE = "page"

    @property
    def shows_values(self) -> bool:
        """Whether boxes say their values."""
        return self is not Direction.BACKWARD

    @property
    def shows_gradients(self) -> bool:
        """Whether boxes say their gradients, and edges local derivatives."""
        return self is not Direction.FORWARD


class Look(StrEnum):
    """What a box is for; the theme gives each its shape and colour."""

    DATA = "data"
    PARAMETER = "parameter"
    CONSTANT = "constant"
    OPERATION = "operation"
    GROUP = "group"
    OUTPUT = "output"
    LOSS = "loss"
    TAG = "tag"
    ELSEWHERE = "elsewhere"
    SYMBOL = "symbol"
    WIRE = "wire"


class Kind(StrEnum):
    """What a row of text says; the theme gives each its size and colour."""

    NUMBER = "number"
    FORMULA = "formula"
    SHAPE = "shape"
    VALUE = "value"
    GRADIENT = "gradient"
    NOTE = "note"
    LOCAL = "local"
    CONTRIBUTION = "contribution"
    COUNT = "count"
    SHARED = "shared"
    TAG = "tag"
    CARRIED = "carried"
    BARS = "bars"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of text in a box or on an edge; ``numbers`` is its end: where the formula before it is clipped, this stays.

    ``bars`` are the sizes of contributions, drawn in place of text.
    """

    kind: Kind
    text: str
    numbers: str = ""
    bars: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Cells:
    """An array to be seen: each entry as a part of the largest one, from −1 to 1; NaN where there is none.

    Attributes:
        kind: of a value or of a gradient.
        averaged: whether entries stand for means of several.
    """

    kind: Kind
    shares: tuple[tuple[float, ...], ...]
    averaged: bool


@dataclass(frozen=True, slots=True)
class Box:
    """One step, leaf or layer.

    Attributes:
        id: ``n0``, ``n1``, … in topological order.
        rows: its text, from the top.
        full: all that it says, unclipped.
        number: the place of an operation in the pass, from 1.
        frame: id of the frame that it is in.
        node: the node that it shows; None for a layer.
        idle: whether it has no part in the pass that is shown, as data in a backward pass.
        faint: whether it is off the paths that are shown.
        stands_for: of a tag, the id of the box of its parameter.
        cells: its arrays, to be seen below its text.
    """

    id: str
    look: Look
    rows: tuple[Row, ...]
    full: str
    number: int | None = None
    frame: str | None = None
    node: Node | None = None
    idle: bool = False
    faint: bool = False
    stands_for: str = ""
    cells: tuple[Cells, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """From the box that is read, the tail, to the box that reads it, the head, whatever the direction of the pass.

    Attributes:
        place: its place among the edges into the head, from 0.
        idle: whether the pass that is shown does not go along it.
        held: whether no pass ever does: what is read is held fixed.
        returns: whether a gradient comes back along it.
        brought: the contributions that do.
        size: their norm, where the line shows it; None where it does not.
    """

    tail: str
    head: str
    place: int
    rows: tuple[Row, ...] = ()
    idle: bool = False
    held: bool = False
    returns: bool = False
    brought: tuple[Node, ...] = ()
    size: float | None = None

    @property
    def id(self) -> str:
        """``e0_2_1`` from ``n0`` into ``n2``, where it is the second: what the picture and the page call it."""
        return f"e{self.tail[1:]}_{self.head[1:]}_{self.place}"


@dataclass(frozen=True, slots=True)
class Frame:
    """A titled frame around boxes: a group such as a layer."""

    id: str
    title: str
    parent: str | None = None


@dataclass(frozen=True)
class View:
    """Everything that a diagram says: boxes in topological order, edges by head and place, outer frames first.

    Where it ``names_roles`` there is a legend; in circuits shapes speak for themselves. One that is not ``headed``
    has neither title nor legend nor keys: it stands below a heading of its own, as on a slide.
    The ``symbols`` are signs that occur, each with what it means. A view in rows has the ids of each row's boxes; the
    first one begins it.
    Its texts can be ``typeset`` in LaTeX.
    """

    title: str
    direction: Direction
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    frames: tuple[Frame, ...] = ()
    names_roles: bool = True
    symbols: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    headed: bool = True
    typeset: Typeset = field(default_factory=Typeset, repr=False, compare=False)
    by_id: dict[str, Box] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_id", {box.id: box for box in self.boxes})
