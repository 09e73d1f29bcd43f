"""The heading of a picture in DOT: its title, the legend, what the colours and widths in it mean, and the symbols."""

from __future__ import annotations

from collections.abc import Iterator

from minigraph.drawing import heat_map
from minigraph.drawing.dot_text import clipped_title, escaped, font
from minigraph.drawing.gradient_sizes import MEANING, Scale
from minigraph.drawing.theme import Theme
from minigraph.drawing.view import Box, Edge, Kind, Look, View

LEGEND = (
    (Kind.VALUE, "value → (forward)"),
    (Kind.LOCAL, "local derivative"),
    (Kind.CONTRIBUTION, "← upstream × local = contribution; a node adds up its contributions"),
    (Kind.GRADIENT, "gradient ← (backward)"),
)
"""What the colours of texts mean."""

WIDEST_STRIP = 110
"""A line of the strip of symbols has at most so many characters."""

Key = tuple[str, str]
"""The cells of a line that explains something, and what it says, to know how wide it is."""


class Heading:
    """Title, legend and keys of a view in the look of a theme."""

    def __init__(self, view: View, theme: Theme, sizes: Scale | None):
        self.view = view
        self.theme = theme
        self.sizes = sizes

    def label(self) -> str:
        """Title and legend; the legend names only the roles that occur."""
        theme = self.theme
        title = escaped(clipped_title(self.view.title))
        parts: list[Box | Edge] = [*self.view.boxes, *self.view.edges]
        said = {row.kind for part in parts for row in part.rows}
        if Kind.CONTRIBUTION in said:
            said.discard(Kind.GRADIENT)
        texts = [(kind, text) for kind, text in LEGEND if kind in said]
        looks = (
            [
                look
                for look in Look
                if look is not Look.ELSEWHERE and any(box.look is look and not box.faint for box in self.view.boxes)
            ]
            if self.view.names_roles
            else []
        )
        cells = [
            f'<TD BORDER="{min(style.peripheries, 2)}" COLOR="{style.line}" BGCOLOR="{style.fill}">'
            f"{font(look, theme.legend_size, theme.ink)}</TD>"
            for look, style in ((look, theme.boxes[look]) for look in looks)
        ]
        cells += [f"<TD>{font(escaped(text), theme.legend_size, theme.rows[kind].color)}</TD>" for kind, text in texts]
        letters = sum(map(len, [*looks, *(text for _, text in texts)]))
        strip = [" ".join(f"{sign} {meaning}  " for sign, meaning in line) for line in self._strip_lines()]
        widest = max(0.72 * theme.title_size * len(title), *(0.72 * theme.legend_size * len(line) for line in strip), 0)
        keys = [*self._sizes(), *self._scale()]
        widest = max([widest, *(0.6 * theme.legend_size * len(said) + 80 for _, said in keys)])
        legend_width = 0.62 * theme.legend_size * letters + 12 * len(cells)
        missing, widest = widest - legend_width, max(widest, legend_width)
        if missing > 0 or not cells:  # a table fills its place: without this cell the others would be stretched
            cells.append(f'<TD WIDTH="{max(1, missing):.0f}"></TD>')
        legend = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3" CELLPADDING="3"><TR>{"".join(cells)}</TR></TABLE>'
        lines = "".join(self._at_the_left(cells, said, widest) for cells, said in keys)
        return (
            '<<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">'
            f'<TR><TD ALIGN="LEFT" CELLPADDING="4">{font(f"<B>{title}</B>", theme.title_size, theme.ink)}</TD></TR>'
            f'<TR><TD ALIGN="LEFT">{legend}</TD></TR>{lines}{self._strip()}</TABLE>>'
        )

    def _strip(self) -> str:
        """What the signs in the picture mean."""
        theme = self.theme
        texts = (
            "&#160;&#160; ".join(
                f"<B>{escaped(sign)}</B>{f'&#160;{escaped(meaning)}' if meaning else ''}" for sign, meaning in line
            )
            for line in self._strip_lines()
        )
        return "".join(
            f'<TR><TD ALIGN="LEFT" CELLPADDING="3">{font(text, theme.legend_size, theme.secondary)}</TD></TR>'
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

    def _scale(self) -> Iterator[Key]:
        """What the colours of cells mean, once for the whole picture."""
        if shown := [cells for box in self.view.boxes for cells in box.cells]:
            scale, meaning = heat_map.legend(shown)
            yield f"{scale}<TD>{self._small(meaning)}</TD>", meaning

    def _sizes(self) -> Iterator[Key]:
        """What the widths of lines mean."""
        if self.sizes is None:
            return
        cells, said = [f"<TD>{self._small(MEANING)}</TD>"], MEANING
        for size, meaning in self.sizes.key():
            width, color, style = self.sizes.line(size, self.theme.gradient)
            bar = f'<TD FIXEDSIZE="TRUE" WIDTH="24" HEIGHT="{max(2, round(width))}" BGCOLOR="{color}"></TD>'
            line = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{bar}</TR></TABLE>'
            cells += [
                f"<TD>{line if style == 'solid' else font('· · ·', self.theme.legend_size, color)}</TD>",
                f"<TD>{self._small(meaning)}</TD>",
            ]
            said += 6 * " " + meaning
        yield "".join(cells), said

    def _small(self, text: str) -> str:
        return font(escaped(text), self.theme.legend_size, self.theme.secondary)

    def _at_the_left(self, cells: str, said: str, widest: float) -> str:
        """A line of the heading: what fills its place stands behind it, so that it is not stretched."""
        rest = f'<TD WIDTH="{max(1, widest - 0.6 * self.theme.legend_size * len(said) - 80):.0f}"></TD>'
        inner = f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="3"><TR>{cells}{rest}</TR></TABLE>'
        return f'<TR><TD ALIGN="LEFT">{inner}</TD></TR>'
