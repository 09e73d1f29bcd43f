"""How the plots look: the palette, markers and line styles, and axes without needless ink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#F0E442", "#000000")
"""Colours that colour-blind people can tell apart (Okabe and Ito, 2008), strongest contrast first."""

MARKERS = "os^DvPX*"
LINES = ("-", "--", "-.", ":")


def pyplot() -> Any:
    """matplotlib.pyplot, imported when something is drawn."""
    try:
        from matplotlib import pyplot
    except ImportError:
        raise ImportError("minigraph.models.plots needs Matplotlib: pip install 'minigraph[plots]'") from None
    return pyplot


def axes(ax: Axes | None) -> Axes:
    """The axes to draw into, new ones for None; without the upper and right side of the frame."""
    drawn: Axes = ax or pyplot().subplots(figsize=(5.5, 3.8), layout="constrained")[1]
    drawn.spines[["top", "right"]].set_visible(False)
    return drawn


def legend(ax: Axes) -> None:
    """A legend, if anything has a label."""
    if any(ax.get_legend_handles_labels()[1]):
        ax.legend()


def colour(number: int) -> str:
    """The colour of the curve or class of this number; the palette begins again after the last."""
    return PALETTE[number % len(PALETTE)]


def lighter(shade: str, amount: float = 0.65) -> tuple[float, ...]:
    """A colour such as ``#0072B2`` mixed with this amount of white, as three numbers from 0 to 1."""
    parts = (int(shade[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return tuple(part + (1 - part) * amount for part in parts)
