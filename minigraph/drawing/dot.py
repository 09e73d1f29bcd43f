"""A view written as DOT, the language of Graphviz, in the look of a theme; what a user wrote comes out as itself.

Graphviz places the boxes. Hints make it look like a blackboard: a straight path, parameters beside it, where it runs.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from graphviz import Digraph

from minigraph.drawing import heat_map
from minigraph.drawing.blanks import PLACE
from minigraph.drawing.dot_text import clipped_title, escaped, font, lines, plain
from minigraph.drawing.gradient_sizes import scale_of
from minigraph.drawing.heading import Heading
from minigraph.drawing.layout import Layout, lay_out
from minigraph.drawing.theme import THEME, TextLimits, Theme
from minigraph.drawing.view import Box, Direction, Edge, Frame, Kind, Look, Row, View

TALLEST = 30
"""The height of the longest bar of a row, in points."""
ARROWS = {Direction.FORWARD: "forward", Direction.BACKWARD: "back", Direction.BOTH: "forward", Direction.PAGE: "both"}
_OPPOSITE = {"forward": "back", "back": "forward", "both": "both", "none": "none"}


def to_dot(view: View, rankdir: str | None = None, theme: Theme = THEME, size: tuple[float, float] | None = None) -> str:
    """The view as DOT, scaled to a size in points if one is given; the same view gives the same text to the byte."""
    return _Writer(view, lay_out(view, rankdir), theme).source(size)


class _Writer:
    def __init__(self, view: View, layout: Layout, theme: Theme):
        self.view = view
        self.layout = layout
        self.theme = theme
        self.main = frozenset(layout.main)
        self.runs_across = layout.rankdir in ("LR", "RL")
        self.sizes = scale_of(view.edges) if view.direction is Direction.BACKWARD else None
        self.beside = {edge.tail: edge for edge in view.edges if edge.tail in layout.sides}  # a box beside has one edge

    def source(self, size: tuple[float, float] | None) -> str:
        theme = self.theme
        graph = Digraph("minigraph")
        graph.attr(
            "graph",
            label=Heading(self.view, theme, self.sizes).label() if self.view.headed else "",
            labelloc="t",
            labeljust="l",
            rankdir=self.layout.rankdir,
            bgcolor=theme.background,
            fontname=theme.fonts[0],
            nodesep=".28",
            ranksep=f"{theme.rank_gap:g}".lstrip("0"),
            pad=".25",
            newrank="true",
            splines="spline",
            id="mg",
            tooltip=plain(self.view.title),
            **({"size": f"{size[0] / 72:.3f},{size[1] / 72:.3f}!"} if size else {}),
        )
        graph.attr("node", fontname=theme.fonts[0], label="")
        graph.attr("edge", fontname=theme.fonts[0], label="", arrowsize=".7")
        if self.view.rows:
            for number, row in [*enumerate(self.view.rows)][::-1]:  # the first that is written lies lowest
                with graph.subgraph(name=f"cluster_row{number}") as cluster:  # keeps the rows apart
                    cluster.attr(id=f"row{number}", style="invis", label="", margin="0")
                    self._boxes(cluster, None, frozenset(row))
        else:
            self._boxes(graph, None)
        for edge in self.view.edges:
            self._edge(graph, edge)
        self._rows(graph)
        text: str = graph.source
        return text

    def _rows(self, graph: Digraph) -> None:
        """Rows below one another, each begun at the same side."""
        starts = [row[0] for row in self.view.rows]
        if len(starts) > 1:
            with graph.subgraph() as same:
                same.attr(rank="same")
                for above, below in pairwise(starts):
                    same.edge(above, below, style="invis")

    def _boxes(self, graph: Digraph, frame: Frame | None, row: Container[str] | None = None) -> None:
        """The boxes in a frame, and the frames in it; frames nest only a few deep. With a row, what is in it alone."""
        theme = self.theme
        for box in self.view.boxes:
            if box.frame == (frame.id if frame else None) and (row is None or box.id in row):
                self._box(graph, box)
        for inner in self.view.frames:
            if inner.parent != (frame.id if frame else None) or not self._is_in(inner, row):
                continue
            with graph.subgraph(name=f"cluster_{inner.id}") as cluster:
                title = f"<B>{escaped(clipped_title(inner.title))}</B>"
                cluster.attr(
                    label=f"<{font(title, theme.frame_size, theme.secondary)}>",
                    id=inner.id,
                    style="rounded,filled",
                    fillcolor=theme.frame_fill,
                    color=theme.frame_line,
                    margin="10",
                    tooltip=plain(inner.title),
                )  # fmt: skip
                self._boxes(cluster, inner)

    def _is_in(self, frame: Frame, row: Container[str] | None) -> bool:
        """Whether a box in the frame, or in a frame in it, is in the row: then all are."""
        parents = {inner.id: inner.parent for inner in self.view.frames}
        return row is None or any(box.id in row and frame.id in _around(box.frame, parents) for box in self.view.boxes)

    def _box(self, graph: Digraph, box: Box) -> None:
        style = self.theme.faint(box.look) if box.faint else self.theme.boxes[box.look]
        rows = list(box.rows)
        if self.runs_across and box.id in self.beside:
            rows[-1:-1] = self.beside[box.id].rows
        attributes = {"group": "main"} if box.id in self.main else {}
        fade = box.idle and box.look in (Look.DATA, Look.OPERATION)
        graph.node(
            box.id,
            self._table(rows, self.theme.box_text, box.number, faint=box.faint, below=self._cells(box)),
            id=box.id,
            **{"class": f"mg-node mg-{box.look}"},
            shape=style.shape,
            style=f"{style.style},dashed" if fade and "dashed" not in style.style else style.style,
            fillcolor=style.fill,
            color=style.line,
            peripheries=str(style.peripheries),
            penwidth=str(style.width),
            margin=style.margin,
            tooltip=plain(box.full),
            width=style.least,
            height=style.least,
            **attributes,
        )
        beside = [tail for tail, edge in self.beside.items() if edge.head == box.id]
        if beside:
            with graph.subgraph() as same:
                same.attr(rank="same")
                for name in sorted([box.id, *beside], key=lambda name: int(name[1:])):
                    same.node(name)

    def _edge(self, graph: Digraph, edge: Edge) -> None:
        theme, view = self.theme, self.view
        tail, head = edge.tail, edge.head
        arrow = "none" if edge.idle else ARROWS[view.direction]
        backward = view.direction is Direction.BACKWARD
        colors = [theme.quiet_line if edge.idle else theme.gradient if backward else theme.value]
        if view.direction is Direction.BOTH and edge.returns:  # two lines, each with an arrow of its own
            arrow, colors = "both", [theme.value, theme.gradient]
        width = theme.backward_width if backward and not edge.idle else theme.forward_width
        style = "dashed" if edge.idle or edge.held else "solid"
        attributes = {"weight": str(self._weight(edge))}
        if self.sizes and edge.size is not None:
            width, color, style = self.sizes.line(edge.size, theme.gradient)
            colors = [color]
        rows: Sequence[Row] = edge.rows
        # so that the text on an edge that runs down does not touch the line
        indent = "" if self.runs_across or tail in self.layout.sides else '<TD WIDTH="5"></TD>'
        if tail in self.layout.sides:
            rows = () if self.runs_across else rows
            attributes = {}
            if self.layout.sides[tail]:
                tail, head, arrow = head, tail, _OPPOSITE[arrow]
                colors.reverse()
        graph.edge(
            tail,
            head,
            self._table(rows, self.theme.edge_text, indent=indent, below=self._clear_of(width, len(colors))) if rows else "",
            id=edge.id,
            **{"class": "mg-edge mg-idle" if edge.idle else "mg-edge"},
            dir=arrow,
            color=":".join(colors),
            style=style,
            penwidth=str(width),
            edgetooltip=" ",
            **attributes,
        )

    def _clear_of(self, width: float, lines: int) -> str:
        """What keeps the text on an edge that runs across off a line that is wide, or double."""
        height = round(width / 2 + lines - 1 + self.theme.place_height / 3) if self.runs_across else 0
        return f'<TR><TD HEIGHT="{height}"></TD></TR>' if height > 1 else ""

    def _weight(self, edge: Edge) -> int:
        """How much Graphviz strives to keep the edge short and straight."""
        if self.main.issuperset((edge.tail, edge.head)) or self.view.by_id[edge.tail].look is Look.ELSEWHERE:
            return 50
        return 1 if self.view.by_id[edge.tail].look in (Look.PARAMETER, Look.TAG) else 5

    def _table(
        self,
        rows: Iterable[Row],
        limits: TextLimits,
        number: int | None = None,
        indent: str = "",
        *,
        faint: bool = False,
        below: str = "",
    ) -> str:
        cells: list[str] = []
        for row in rows:
            if row.bars:
                cells.append(f"<TR>{indent}<TD>{self._bars(row)}</TD></TR>")
                continue
            text = self._row(row, limits, faint=faint)
            if number is not None and not cells:
                text = self._row(Row(Kind.NUMBER, f"#{number}"), limits) + " " + text
            cells.append(f"<TR>{indent}<TD{self._frame(row)}{self._height(row)}>{text}</TD></TR>")
        return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{"".join(cells)}{below}</TABLE>>'

    def _frame(self, row: Row) -> str:
        """What was found is framed, as a note that is pinned on."""
        found = row.kind is Kind.FINDING
        return f' BORDER="1" COLOR="{self.theme.finding_line}" BGCOLOR="{self.theme.finding_fill}"' if found else ""

    def _height(self, row: Row) -> str:
        """An empty place is as high as a pen needs it."""
        height = self.theme.place_height
        return f' HEIGHT="{height}" VALIGN="BOTTOM"' if height and PLACE in row.text else ""

    def _cells(self, box: Box) -> str:
        """The arrays of a box side by side, each in a frame of its colour."""
        tables = "".join(heat_map.table(cells, self.theme.rows[cells.kind].color) for cells in box.cells)
        inner = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="4" CELLPADDING="0"><TR>{tables}</TR></TABLE>'
        return f"<TR><TD>{inner}</TD></TR>" if box.cells else ""

    def _row(self, row: Row, limits: TextLimits, *, faint: bool = False) -> str:
        style = self.theme.rows[row.kind]
        color = self.theme.secondary if faint else style.color
        clip = limits.clip if row.kind in (Kind.FORMULA, Kind.LOCAL, Kind.CONTRIBUTION) else limits.never
        text = "<BR/>".join(map(escaped, lines(row.text.removesuffix(row.numbers), limits.width, clip, row.numbers)))
        return font(f"<B>{text}</B>" if style.bold and not faint else text, style.size, color)

    def _bars(self, row: Row) -> str:
        """A bar for each size, up from a line if it is positive and down if it is negative."""
        color, width = self.theme.rows[row.kind].color, max(2, min(10, 150 // len(row.bars)))
        largest = max(map(abs, row.bars))
        halves = []
        for sign in (1, -1):
            if any(sign * size > 0 for size in row.bars):
                shares = [max(0.0, sign * size) / largest for size in row.bars]
                cells = [f'<TD CELLPADDING="0">{_bar(width, share, color, is_up=sign > 0)}</TD>' for share in shares]
                halves.append(f"<TR>{''.join(cells)}</TR>")
        return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="1" CELLPADDING="0">{"<HR/>".join(halves)}</TABLE>'


def _around(frame: str | None, parents: Mapping[str, str | None]) -> Iterator[str]:
    """The frame and those around it."""
    while frame is not None:
        yield frame
        frame = parents[frame]


def _bar(width: int, share: float, color: str, *, is_up: bool) -> str:
    """One bar, and what is empty above or below it: together `TALLEST` points high."""
    height = round(share * (TALLEST - 1)) if share else 0
    parts = [f'HEIGHT="{TALLEST - height}"', f'HEIGHT="{height}" BGCOLOR="{color}"'][: 2 if height else 1]
    rows = [f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{width}" {part}></TD></TR>' for part in (parts if is_up else parts[::-1])]
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{"".join(rows)}</TABLE>'
