"""The chain rule explained: from a graph and its backward pass to sentences, formulas and numbers."""

from minigraph.explanation.comparing import compare
from minigraph.explanation.comparison import Comparison, Comparisons
from minigraph.explanation.explaining import explain
from minigraph.explanation.health import Health, health
from minigraph.explanation.nudging import Nudge, nudge
from minigraph.explanation.report import Explanation
from minigraph.explanation.shape_reasons import why_shape

__all__ = [
    "Comparison",
    "Comparisons",
    "Explanation",
    "Health",
    "Nudge",
    "compare",
    "explain",
    "health",
    "nudge",
    "why_shape",
]
