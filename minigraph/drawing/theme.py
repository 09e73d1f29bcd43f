"""How a diagram looks: one object that says every colour, size and shape.

Shape carries the meaning and colour repeats it, so that a print in grey and a colour-blind reader lose
nothing. Text is at least 4.5:1 against every fill it stands on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from minigraph.drawing.view import Kind, Look


@dataclass(frozen=True)
class BoxStyle:
    """The shape and colours of a kind of box, in Graphviz's terms."""

    shape: str
    fill: str
    line: str
    style: str = "filled"
    peripheries: int = 1
    width: float = 1.2
    margin: str = "0.1,0.04"
    least: str = "0.5"


@dataclass(frozen=True)
class TextStyle:
    """Colour, size in points and weight of a kind of row."""

    color: str
    size: int
    bold: bool = False


@dataclass(frozen=True)
class TextLimits:
    """After how many characters a row is broken, and after how many a formula is clipped; numbers never are."""

    width: int
    clip: int
    never: int = 200


@dataclass(frozen=True)
class Theme:
    """The look of diagrams: a theme of your own is ``mg.draw(J, theme=mg.Theme(value="#005f5f"))``.

    Texts take their colours from the roles, so that one word changes all of a role.

    Attributes:
        font: names of fonts: Graphviz measures with the first, and where a reader has not got it SVG takes the next.
        background, ink, secondary: the ground, formulas, and what is said in small letters.
        value, gradient, count: what the forward pass computes, what the backward pass does, and how many.
        quiet_line, frame_fill, frame_line: edges without a gradient, and groups.
        finding_fill, finding_line: what was found and is pinned on a box.
        forward_width, backward_width: points of a line.
        title_size, legend_size, frame_size: points of a letter.
        rank_gap: how far one step stands from the next, in inches.
        place_height: of a row with an empty place to fill in, in points at least.
        box_text, edge_text: where texts are broken and clipped.
        boxes: shape, fill and line of each kind of box.
        rows: the style of each kind of text, which follows from the colours.

    Example:
        >>> import minigraph as mg
        >>> w = mg.parameter(2.0, "w")
        >>> "#005f5f" in mg.draw(w * w, theme=mg.Theme(value="#005f5f")).source
        True
    """

    font: str = "Helvetica,Arial,sans-serif"
    background: str = "#ffffff"
    ink: str = "#1b1f24"
    secondary: str = "#57606a"
    value: str = "#0b5cad"
    gradient: str = "#a63a00"
    count: str = "#7a5500"
    quiet_line: str = "#c3ccd5"
    frame_fill: str = "#f7f9fb"
    frame_line: str = "#c3ccd5"
    finding_fill: str = "#ffe680"
    finding_line: str = "#6b4e00"
    forward_width: float = 1.2
    backward_width: float = 1.6
    title_size: int = 15
    legend_size: int = 10
    frame_size: int = 11
    rank_gap: float = 0.35
    place_height: int = 0
    box_text: TextLimits = TextLimits(22, 48)
    edge_text: TextLimits = TextLimits(30, 80)
    boxes: dict[Look, BoxStyle] = field(
        default_factory=lambda: {
            Look.DATA: BoxStyle("box", "#eef1f4", "#6e7781"),
            Look.PARAMETER: BoxStyle("box", "#fff3d1", "#8a6100", peripheries=2),
            Look.CONSTANT: BoxStyle("box", "#eef1f4", "#6e7781", style="filled,dashed"),
            Look.OPERATION: BoxStyle("box", "#ffffff", "#0b5cad", style="filled,rounded"),
            Look.OUTPUT: BoxStyle("box", "#fbe4f0", "#9b2166", style="filled,diagonals", width=2, margin="0.15,0.07"),
            Look.LOSS: BoxStyle("box", "#fbe4f0", "#9b2166", style="filled,diagonals", width=2, margin="0.15,0.07"),
            Look.GROUP: BoxStyle("box", "#ffffff", "#0b5cad", style="filled,rounded"),
            Look.TAG: BoxStyle("box", "#fff3d1", "#8a6100", style="filled,rounded", margin="0.06,0.02", least="0.2"),
            Look.ELSEWHERE: BoxStyle("plaintext", "#ffffff", "#ffffff", style="", width=0, margin="0.12,0.03", least="0.1"),
            Look.SYMBOL: BoxStyle("circle", "#ffffff", "#0b5cad", margin="0.02,0.02"),
            Look.WIRE: BoxStyle("plaintext", "#ffffff", "#ffffff", style="", width=0, margin="0.03,0.03", least="0.1"),
        }
    )
    rows: dict[Kind, TextStyle] = field(init=False)

    def __post_init__(self) -> None:
        rows = {
            Kind.NUMBER: TextStyle(self.secondary, 10),
            Kind.FORMULA: TextStyle(self.ink, 13, bold=True),
            Kind.SHAPE: TextStyle(self.secondary, 10),
            Kind.VALUE: TextStyle(self.value, 12),
            Kind.GRADIENT: TextStyle(self.gradient, 12, bold=True),
            Kind.NOTE: TextStyle(self.secondary, 10),
            Kind.LOCAL: TextStyle(self.secondary, 10),
            Kind.CONTRIBUTION: TextStyle(self.gradient, 11),
            Kind.COUNT: TextStyle(self.count, 11),
            Kind.SHARED: TextStyle(self.ink, 20, bold=True),
            Kind.TAG: TextStyle(self.ink, 11, bold=True),
            Kind.CARRIED: TextStyle(self.gradient, 11),
            Kind.BARS: TextStyle(self.gradient, 11),
            Kind.FINDING: TextStyle(self.ink, 11, bold=True),
        }
        object.__setattr__(self, "rows", rows)

    @property
    def fonts(self) -> list[str]:
        """The names of the fonts. Graphviz gets one: not all of its builds know how wide the letters of a list are."""
        return [name.strip() for name in self.font.split(",")]

    def with_letters_of(self, least: int) -> Theme:
        """The same look without letters that are smaller."""
        larger = replace(self, legend_size=max(least, self.legend_size), frame_size=max(least, self.frame_size))
        rows = {kind: replace(style, size=max(least, style.size)) for kind, style in self.rows.items()}
        object.__setattr__(larger, "rows", rows)
        return larger

    def faint(self, look: Look) -> BoxStyle:
        """The same shape with a quiet line, for what is off the paths that are shown."""
        style = self.boxes[look]
        dashed = style.style if "dashed" in style.style or not style.style else f"{style.style},dashed"
        line = self.quiet_line if style.width else self.background
        return replace(style, fill=self.background, line=line, style=dashed, peripheries=1, width=min(style.width, 1.2))


THEME = Theme()


def _coloured(colours: Mapping[Look, tuple[str, str]]) -> dict[Look, BoxStyle]:
    """The boxes with another fill and line, in the same shapes."""
    return {look: replace(THEME.boxes[look], fill=fill, line=line) for look, (fill, line) in colours.items()}


DARK = Theme(
    background="#0f141a",
    ink="#e6edf3",
    secondary="#a3adb8",
    value="#79b8ff",
    gradient="#ffab70",
    count="#e3b341",
    quiet_line="#4c5763",
    frame_fill="#161c24",
    frame_line="#3d4752",
    finding_fill="#5a4700",
    finding_line="#ffd84d",
    boxes=_coloured(
        {
            Look.DATA: ("#222a33", "#8b96a1"),
            Look.PARAMETER: ("#352a10", "#d9a941"),
            Look.CONSTANT: ("#222a33", "#8b96a1"),
            Look.OPERATION: ("#141b24", "#58a6ff"),
            Look.OUTPUT: ("#3a1a2f", "#ea86b6"),
            Look.LOSS: ("#3a1a2f", "#ea86b6"),
            Look.GROUP: ("#141b24", "#58a6ff"),
            Look.TAG: ("#352a10", "#d9a941"),
            Look.SYMBOL: ("#141b24", "#58a6ff"),
            Look.ELSEWHERE: ("#0f141a", "#0f141a"),
            Look.WIRE: ("#0f141a", "#0f141a"),
        }
    ),
)
"""The same on dark pages."""

PAPER = Theme(
    ink="#000000",
    secondary="#4a4a4a",
    value="#5a5a5a",
    gradient="#000000",
    count="#000000",
    quiet_line="#b0b0b0",
    frame_fill="#f6f6f6",
    frame_line="#b0b0b0",
    finding_fill="#ffffff",
    finding_line="#000000",
    boxes=_coloured(
        {
            Look.DATA: ("#ececec", "#5a5a5a"),
            Look.PARAMETER: ("#ffffff", "#000000"),
            Look.CONSTANT: ("#ececec", "#5a5a5a"),
            Look.OPERATION: ("#ffffff", "#000000"),
            Look.OUTPUT: ("#e6e6e6", "#000000"),
            Look.LOSS: ("#e6e6e6", "#000000"),
            Look.GROUP: ("#ffffff", "#000000"),
            Look.TAG: ("#ffffff", "#000000"),
            Look.SYMBOL: ("#ffffff", "#000000"),
            Look.ELSEWHERE: ("#ffffff", "#ffffff"),
            Look.WIRE: ("#ffffff", "#ffffff"),
        }
    ),
)
"""In greys, for print: gradients are black and bold, values grey."""

THEMES = {"light": THEME, "dark": DARK, "paper": PAPER}
"""The themes that have a name."""
