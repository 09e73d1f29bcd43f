"""`slides_pdf`: the slides of a class as one PDF of pages 16:9, lines and letters, none of them small."""

from __future__ import annotations

import io
import textwrap
from dataclasses import replace
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
PAD = 18.0
"""So many points are empty around a diagram."""
SMALLEST = 14
"""No letter has fewer points."""
TITLE, LINE, NUMBER = 28, 22, 14
"""Points of headings, lines and the number of a slide."""
LETTERS_A_LINE = 74
FRONT = 1_000_000
"""Before every part of a picture."""
FONT = "DejaVu Sans"
"""It comes with Matplotlib and has every letter of our formulas."""
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
        ax.text(
            MARGIN,
            HEIGHT / 2 + 20,
            _wrapped(slide.title, 30),
            fontsize=44,
            linespacing=1.2,
            weight="bold",
            va="center",
            color=THEME.ink,
        )
        ax.text(MARGIN, HEIGHT / 2 - 80, "\n".join(slide.lines), fontsize=LINE, va="top", color=THEME.secondary)
        return
    ax.text(WIDTH - MARGIN, 14, number, fontsize=NUMBER, ha="right", color=THEME.secondary, zorder=FRONT)
    y = HEIGHT - FOOT
    ax.text(MARGIN, y, slide.title, fontsize=TITLE, weight="bold", va="top", color=THEME.ink)
    is_list = slide.picture is None and slide.plot is None
    y -= 1.4 * TITLE + (18 if is_list else 0)
    for line in slide.lines:
        text = _wrapped(line, LETTERS_A_LINE)
        ax.text(MARGIN, y, text, fontsize=LINE, va="top", linespacing=1.25, color=THEME.ink, parse_math=False)
        y -= 1.5 * LINE * (1 + text.count("\n")) + (12 if is_list else 0)
    if slide.picture is not None:
        _picture(slide.picture(), ax, y)
    if slide.plot is not None:
        low = 80.0
        slide.plot(figure.add_axes((0.1, low / HEIGHT, 0.85, (y - 20 - low) / HEIGHT)))


def _picture(diagram: Diagram, ax: Axes, top: float) -> None:
    """The diagram, without a heading of its own, in what is left of the page, as large as it gets."""
    top += PAD / 2
    wide, high = WIDTH + PAD, top - FOOT / 2 + PAD / 2
    view = replace(diagram.view, headed=False)
    view, source, letters = fitted(view, None, diagram.rankdir, replace(THEME, font=FONT), wide, high, SMALLEST)
    if letters < SMALLEST:
        raise ValueError(f"{view.title!r} would have letters of {letters:.1f} points on a slide, and not {SMALLEST}")
    svg = to_svg(source, view.title)
    width, height = size_of(svg)
    draw_svg(svg, ax, (WIDTH - width) / 2, top - (high - height) / 2)


def _wrapped(line: str, letters: int) -> str:
    return "\n".join(textwrap.wrap(line, letters))
