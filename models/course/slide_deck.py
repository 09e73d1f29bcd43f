"""`slides_pdf`: the slides of a class as one PDF of pages 16:9, lines and letters, none of them small."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from minigraph.drawing import Diagram
from minigraph.drawing.rendering import to_svg
from minigraph.drawing.slides import fitted
from minigraph.drawing.theme import THEME

from .drawn_svg import draw_svg, size_of
from .taught_class import Slide, TaughtClass

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH, HEIGHT, MARGIN, FOOT = 960.0, 540.0, 40.0, 34.0
"""Of a page, in points: 13 1/3 by 7 1/2 inches, as slides are by default."""
ACROSS = WIDTH - 2 * MARGIN
"""The whole width of a line."""
PAD = 18.0
"""So many points are empty around a diagram."""
SMALLEST = 14
"""No letter has fewer points."""
FRONT_TITLE, TITLE, LINE, NUMBER = 44, 28, 22, 14
"""Points of headings, of lines at a picture, and of the number of a slide."""
LINES, ROOM = (30, 28, 26, 24, 22), 400.0
"""Points that the lines of a slide without a picture may have, and how high they may be together."""
SPACING, LEAST_GAP, CODE_GAP, LIST_GAP = 1.3, 0.2, 0.3, 0.6
"""From one row of letters to the next, and what is added between lines, of code, and of a list; in letters' heights."""
COLUMN = 260.0
"""So wide are lines that stand to the left of a picture."""
FRONT = 1_000_000
"""Before every part of a picture."""
FONT, MONOSPACED = "DejaVu Sans", "DejaVu Sans Mono"
"""They come with Matplotlib and have every letter of our formulas."""
_UNBROKEN = re.compile(r" (?=[=+−·×⊙/] )|(?<= [=+−·×⊙/]) |(?<=[\dᵀ]) (?=d?[A-Z]\d?\b)")
"""The spaces around a sign, and those in a product such as W1 X or W2ᵀ dZ2."""
NO_LOOK: Mapping[str, Any] = MappingProxyType({})
IN_CODE: Mapping[str, Any] = MappingProxyType({"family": MONOSPACED})
SETTINGS: Any = {  # Matplotlib's own types name each key
    "font.family": FONT,
    "font.size": 16,
    "axes.labelsize": 16,
    "xtick.labelsize": SMALLEST,
    "ytick.labelsize": 1 + SMALLEST / 0.7,  # exponents are 0.7 times as large
    "legend.fontsize": SMALLEST,
    "pdf.fonttype": 42,  # letters stay letters: they can be searched and copied
    "text.parse_math": True,
}
NEEDS = "slides are made by Matplotlib: pip install 'minigraph[plots]'"


def slides_pdf(taught: TaughtClass) -> bytes:
    """The slides; the same class, the same bytes.

    Raises:
        ImportError: without Matplotlib; the message names the extra that brings it.
        RenderingError: without Graphviz.
    """
    try:
        from matplotlib import rc_context
        from matplotlib.backends.backend_pdf import PdfPages
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError(NEEDS) from None
    file = io.BytesIO()
    told = {"Title": taught.heading, "Creator": "minigraph", "CreationDate": None}
    with rc_context(SETTINGS), PdfPages(file, metadata=told) as pages:
        for number, slide in enumerate(taught.slides, 1):
            figure = Figure(figsize=(WIDTH / 72, HEIGHT / 72))
            _fill(figure, slide, f"{number} / {len(taught.slides)}", is_first=number == 1)
            pages.savefig(figure)
    return file.getvalue()


def _fill(figure: Figure, slide: Slide, number: str, is_first: bool) -> None:
    ax = figure.add_axes((0, 0, 1, 1), xlim=(0, WIDTH), ylim=(0, HEIGHT))
    ax.axis("off")
    if is_first:
        _write(ax, [slide.title], HEIGHT / 2 + 70, FRONT_TITLE, weight="bold")
        _write(ax, slide.lines, HEIGHT / 2 - 80, LINE, color=THEME.secondary)
        return
    ax.text(WIDTH - MARGIN, 14, number, fontsize=NUMBER, ha="right", color=THEME.secondary, zorder=FRONT)
    y = _write(ax, [slide.title], HEIGHT - FOOT, TITLE, weight="bold") - 0.2 * TITLE
    if slide.picture is not None:
        _picture(slide.picture(), slide.lines, ax, y)
    elif slide.plot is not None:
        y = _write(ax, slide.lines, y, LINE)
        low = 80.0
        slide.plot(figure.add_axes((0.1, low / HEIGHT, 0.85, (y - 20 - low) / HEIGHT)))
    else:
        size = _largest(slide)
        y = _write(ax, slide.lines, y - 14, size, LIST_GAP)
        _write(ax, slide.code, y, size, CODE_GAP, **IN_CODE)


def _picture(diagram: Diagram, lines: Sequence[str], ax: Axes, top: float) -> None:
    """The lines, and the diagram below or to the right of them: where it stays in one piece, and is largest."""
    view = replace(diagram.view, headed=False)
    below = top - _height(lines, LINE)
    places = [(0.0, below)] if not lines else [(0.0, below), (MARGIN + COLUMN, top)]
    fits = []
    for left, high in places:
        area = WIDTH + PAD - left, high - FOOT / 2 + PAD
        fits.append((left, high, area, *fitted(view, None, diagram.rankdir, replace(THEME, font=FONT), *area, SMALLEST)))
    left, high, area, shown, source, letters, _ = max(fits, key=lambda fit: (not fit[3].rows, fit[5]))
    if letters < SMALLEST:
        raise ValueError(f"{view.title!r} would have letters of {letters:.1f} points on a slide, and not {SMALLEST}")
    _write(ax, lines, top, LINE, width=COLUMN if left else ACROSS)
    svg = to_svg(source, shown.title)
    width, height = size_of(svg)
    draw_svg(svg, ax, left + (area[0] - PAD - width) / 2, high + PAD / 2 - (area[1] - height) / 2)


def _write(
    ax: Axes,
    lines: Sequence[str],
    top: float,
    size: float,
    gap: float = 0.0,
    width: float = ACROSS,
    **look: Any,
) -> float:
    """Write lines below one another, each wrapped, and give where the next would stand; ``gap`` is in letters' heights."""
    usual: dict[str, Any] = {"fontsize": size, "va": "top", "color": THEME.ink, "parse_math": False}
    for line in lines:
        for part in _wrapped(line, size, width, look):
            ax.text(MARGIN, top, part, **usual | look)
            top -= SPACING * size
        top -= (LEAST_GAP + gap) * size
    return top


def _height(lines: Sequence[str], size: float, gap: float = 0.0, look: Mapping[str, Any] = NO_LOOK) -> float:
    """How high lines of the whole width are."""
    rows = (len(_wrapped(line, size, ACROSS, look)) for line in lines)
    return sum(size * (SPACING * count + LEAST_GAP + gap) for count in rows)


def _largest(slide: Slide) -> float:
    """The largest letters in which the lines fit on a slide, and no line of code is broken."""
    for size in LINES:
        broken = any(_width(line, size, IN_CODE) > ACROSS for line in slide.code)
        high = _height(slide.lines, size, LIST_GAP) + _height(slide.code, size, CODE_GAP, IN_CODE)
        if high < ROOM and not broken:
            return size
    raise ValueError(f"{slide.title!r} has more than fits on a slide in letters of {LINES[-1]} points: make two of it")


def _wrapped(line: str, size: float, width: float, look: Mapping[str, Any]) -> list[str]:
    """A line in parts that are no wider; not broken before or behind a sign such as = or /."""
    parts = [""]
    for word in _UNBROKEN.sub("\N{NO-BREAK SPACE}", line).split(" "):
        longer = f"{parts[-1]} {word}".strip(" ")
        if parts[-1] and _width(longer, size, look) > width:
            parts.append(word)
        else:
            parts[-1] = longer
    return parts


def _width(text: str, size: float, look: Mapping[str, Any]) -> float:
    """How wide a text is in letters of that size."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    font = FontProperties(family=look.get("family", FONT), size=size, weight=look.get("weight", "normal"))
    return float(text_to_path.get_text_width_height_descent(text, font, ismath=False)[0])
