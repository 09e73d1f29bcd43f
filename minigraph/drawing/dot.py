"""A view written as DOT, the language of Graphviz, in the look of a theme; what a user wrote comes out as itself.

Graphviz places the boxes. Hints make it look like a blackboard: a straight path, parameters beside it, where it runs.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence

import graphviz
from graphviz import Digraph

from minigraph.drawing import heat_map
from minigraph.drawing.layout import Layout, lay_out
from minigraph.drawing.theme import THEME, TextLimits, Theme
from minigraph.drawing.view import Box, Direction, Edge, Frame, Kind, Look, Row, View
from minigraph.reading.names import ISOLATE, ISOLATE_END, cleaned

LEGEND = (
    (Kind.VALUE, "value → (forward)"),
    (Kind.LOCAL, "local derivative"),
    (Kind.CONTRIBUTION, "← upstream × local = contribution; a node adds up its contributions"),
    (Kind.GRADIENT, "gradient ← (backward)"),
)
"""What the colours of texts mean."""

TALLEST = 30
"""The height of the longest bar of a row, in points."""
WIDEST_STRIP = 110
"""A line of the strip of symbols has at most so many characters."""
LONGEST_TITLE = 100
"""A longer title would be wider than most pictures."""
ARROWS = {Direction.FORWARD: "forward", Direction.BACKWARD: "back", Direction.BOTH: "forward", Direction.PAGE: "both"}
_OPPOSITE = {"forward": "back", "back": "forward", "both": "both", "none": "none"}
_LEFT_TO_RIGHT = "\u200e"
_BLANK = re.compile(r"(?<!^=) (?!=$)")  # one that does not part an = from what it stands beside
_DIGITS = re.compile(r"[0-9₀-₉.]+$")


def to_dot(view: View, rankdir: str | None = None, theme: Theme = THEME) -> str:
    """The view as DOT; the same view gives the same text to the byte."""
    return _Writer(view, lay_out(view, rankdir), theme).source()


class _Writer:
    def __init__(self, view: View, layout: Layout, theme: Theme):
        self.view = view
        self.layout = layout
        self.theme = theme
        self.main = frozenset(layout.main)
        self.runs_across = layout.rankdir in ("LR", "RL")
        self.beside = {edge.tail: edge for edge in view.edges if edge.tail in layout.sides}  # a box beside has one edge

    def source(self) -> str:
        theme = self.theme
        graph = Digraph("minigraph")
        graph.attr(
            "graph",
            label=self._heading(),
            labelloc="t",
            labeljust="l",
            rankdir=self.layout.rankdir,
            bgcolor=theme.background,
            fontname=theme.font,
            nodesep=".28",
            ranksep=".35",
            pad=".25",
            newrank="true",
            splines="spline",
            id="mg",
            tooltip=plain(self.view.title),
        )
        graph.attr("node", fontname=theme.font, label="")
        graph.attr("edge", fontname=theme.font, label="", arrowsize=".7")
        self._boxes(graph, None)
        for edge in self.view.edges:
            self._edge(graph, edge)
        text: str = graph.source
        return text

    def _boxes(self, graph: Digraph, frame: Frame | None) -> None:
        """The boxes in a frame, and the frames in it; frames nest only a few deep."""
        theme = self.theme
        for box in self.view.boxes:
            if box.frame == (frame.id if frame else None):
                self._box(graph, box)
        for inner in self.view.frames:
            if inner.parent != (frame.id if frame else None):
                continue
            with graph.subgraph(name=f"cluster_{inner.id}") as cluster:
                title = f"<B>{escaped(clipped_title(inner.title))}</B>"
                cluster.attr(
                    label=f"<{_font(title, theme.frame_size, theme.secondary)}>",
                    id=inner.id,
                    style="rounded,filled",
                    fillcolor=theme.frame_fill,
                    color=theme.frame_line,
                    margin="10",
                    tooltip=plain(inner.title),
                )  # fmt: skip
                self._boxes(cluster, inner)

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
        attributes = {"weight": str(self._weight(edge))}
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
            self._table(rows, self.theme.edge_text, indent=indent) if rows else "",
            id=edge.id,
            **{"class": "mg-edge mg-idle" if edge.idle else "mg-edge"},
            dir=arrow,
            color=":".join(colors),
            style="dashed" if edge.idle or edge.held else "solid",
            penwidth=str(width),
            edgetooltip=" ",
            **attributes,
        )

    def _weight(self, edge: Edge) -> int:
        """How much Graphviz strives to keep the edge short and straight."""
        if self.main.issuperset((edge.tail, edge.head)):
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
            cells.append(f"<TR>{indent}<TD>{text}</TD></TR>")
        return f'<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="1">{"".join(cells)}{below}</TABLE>>'

    def _cells(self, box: Box) -> str:
        """The arrays of a box side by side, each in a frame of its colour."""
        tables = "".join(heat_map.table(cells, self.theme.rows[cells.kind].color) for cells in box.cells)
        inner = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="4" CELLPADDING="0"><TR>{tables}</TR></TABLE>'
        return f"<TR><TD>{inner}</TD></TR>" if box.cells else ""

    def _scale(self, widest: float) -> str:
        """What the colours of cells mean, once for the whole picture, at the left of a heading so wide."""
        if not (shown := [cells for box in self.view.boxes for cells in box.cells]):
            return ""
        scale, meaning = heat_map.legend(shown)
        text = _font(escaped(meaning), self.theme.legend_size, self.theme.secondary)
        rest = f'<TD WIDTH="{max(1, widest - 0.6 * self.theme.legend_size * len(meaning) - 80):.0f}"></TD>'
        inner = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3"><TR>{scale}<TD>{text}</TD>{rest}</TR></TABLE>'
        return f'<TR><TD ALIGN="LEFT">{inner}</TD></TR>'

    def _row(self, row: Row, limits: TextLimits, *, faint: bool = False) -> str:
        style = self.theme.rows[row.kind]
        color = self.theme.secondary if faint else style.color
        clip = limits.clip if row.kind in (Kind.FORMULA, Kind.LOCAL, Kind.CONTRIBUTION) else limits.never
        text = "<BR/>".join(map(escaped, lines(row.text.removesuffix(row.numbers), limits.width, clip, row.numbers)))
        return _font(f"<B>{text}</B>" if style.bold and not faint else text, style.size, color)

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

    def _heading(self) -> str:
        """Title and legend; the legend names only the roles that occur."""
        theme = self.theme
        title = escaped(clipped_title(self.view.title))
        parts: list[Box | Edge] = [*self.view.boxes, *self.view.edges]
        said = {row.kind for part in parts for row in part.rows}
        if Kind.CONTRIBUTION in said:
            said.discard(Kind.GRADIENT)
        texts = [(kind, text) for kind, text in LEGEND if kind in said]
        looks = (
            [look for look in Look if any(box.look is look and not box.faint for box in self.view.boxes)]
            if self.view.names_roles
            else []
        )
        cells = [
            f'<TD BORDER="{min(style.peripheries, 2)}" COLOR="{style.line}" BGCOLOR="{style.fill}">'
            f"{_font(look, theme.legend_size, theme.ink)}</TD>"
            for look, style in ((look, theme.boxes[look]) for look in looks)
        ]
        cells += [f"<TD>{_font(escaped(text), theme.legend_size, theme.rows[kind].color)}</TD>" for kind, text in texts]
        letters = sum(map(len, [*looks, *(text for _, text in texts)]))
        strip = [" ".join(f"{sign} {meaning}  " for sign, meaning in line) for line in self._strip_lines()]
        widest = max(0.72 * theme.title_size * len(title), *(0.72 * theme.legend_size * len(line) for line in strip), 0)
        legend_width = 0.62 * theme.legend_size * letters + 12 * len(cells)
        missing, widest = widest - legend_width, max(widest, legend_width)
        if missing > 0 or not cells:  # a table fills its place: without this cell the others would be stretched
            cells.append(f'<TD WIDTH="{max(1, missing):.0f}"></TD>')
        legend = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3" CELLPADDING="3"><TR>{"".join(cells)}</TR></TABLE>'
        return (
            '<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
            f'<TR><TD ALIGN="LEFT" CELLPADDING="4">{_font(f"<B>{title}</B>", theme.title_size, theme.ink)}</TD></TR>'
            f'<TR><TD ALIGN="LEFT">{legend}</TD></TR>{self._scale(widest)}{self._strip()}</TABLE>>'
        )

    def _strip(self) -> str:
        """What the signs in the picture mean."""
        theme = self.theme
        texts = (
            "&#160;&#160; ".join(
                f"<B>{escaped(sign)}</B> {escaped(meaning) if meaning else ''}".strip() for sign, meaning in line
            )
            for line in self._strip_lines()
        )
        return "".join(
            f'<TR><TD ALIGN="LEFT" CELLPADDING="3">{_font(text, theme.legend_size, theme.secondary)}</TD></TR>'
            for text in texts
        )

    def _strip_lines(self) -> list[list[tuple[str, str]]]:
        """The strip of symbols in lines that are no wider than most pictures."""
        lines: list[list[tuple[str, str]]] = []
        length = WIDEST_STRIP
        for sign, meaning in [("Symbols", ""), *self.view.symbols] if self.view.symbols else []:
            length += len(f"{sign} {meaning}   ")
            if length > WIDEST_STRIP:
                lines.append([])
                length = len(f"{sign} {meaning}   ")
            lines[-1].append((sign, meaning))
        return lines


def _bar(width: int, share: float, color: str, *, is_up: bool) -> str:
    """One bar, and what is empty above or below it: together `TALLEST` points high."""
    height = round(share * (TALLEST - 1)) if share else 0
    parts = [f'HEIGHT="{TALLEST - height}"', f'HEIGHT="{height}" BGCOLOR="{color}"'][: 2 if height else 1]
    rows = [f'<TR><TD FIXEDSIZE="TRUE" WIDTH="{width}" {part}></TD></TR>' for part in (parts if is_up else parts[::-1])]
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{"".join(rows)}</TABLE>'


def _font(text: str, size: int, color: str) -> str:
    return f'<FONT POINT-SIZE="{size}" COLOR="{color}">{text}</FONT>'


def clipped_title(title: str) -> str:
    """A title on one line."""
    title = cleaned(title)
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"


def escaped(text: str) -> str:
    """The text for an HTML-like label; its backslashes are escapes there too, however they are written."""
    return html.escape(_from_the_left(cleaned(text)), quote=True).replace("\\", "&#92;&#92;") or "&#160;"


def plain(text: str) -> str:
    """The text for a tooltip; Graphviz reads entities in it, and backslashes twice."""
    twice = _from_the_left(cleaned(text)).replace("&", "&amp;").replace("\\", "\\\\")
    marked: str = graphviz.escape(twice or " ")
    return marked


def _from_the_left(text: str) -> str:
    """The line with a mark that it runs from left to right, if it begins with what does not: renderers guess by that."""
    return _LEFT_TO_RIGHT + text if ISOLATE in text else text


def lines(text: str, width: int, clip: int, numbers: str = "") -> list[str]:
    """The text clipped, with numbers after it that never are, broken into lines: at ``=`` if it can be, else at a blank.

    Example:
        >>> lines("A = softmax(W X + b) = 0.5", 18, 48)
        ['A =', 'softmax(W X + b)', '= 0.5']
    """
    text = cleaned(text)
    if len(text) > clip:
        cut = _DIGITS.sub("", text[: clip - 1]) if _DIGITS.match(text[clip - 1]) else text[: clip - 1]
        text = cut + "…"  # half a number would be another number
    text += cleaned(numbers)
    if len(text) <= width:
        return list(_each_isolated([text]))
    left, equals, right = text.partition(" = ")
    if equals and len(left.rpartition(" ")[2]) + len(" =") > width:
        right = f"= {right}"
    elif equals:
        left += " ="
    sides = [left, *right.replace(" = ", "\n= ").split("\n")] if equals else [text]
    found: list[str] = []
    for side in sides:
        line = ""
        for word in [side] if len(side) <= width else _BLANK.split(side):
            if line and len(line) + 1 + len(word) > width:
                found.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        found.append(line)
    return list(_each_isolated(found))


def _each_isolated(lines: Iterable[str]) -> Iterator[str]:
    """The lines, with what is isolated on two of them isolated on each."""
    is_open = False
    for line in lines:
        whole = ISOLATE + line if is_open else line
        is_open = whole.rfind(ISOLATE) > whole.rfind(ISOLATE_END)
        yield whole + ISOLATE_END if is_open else whole
