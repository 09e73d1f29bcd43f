"""What a classifier of two features says everywhere, and the examples it learnt from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .style import MARKERS, axes, colour, lighter

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def decision_boundary(
    predict: Callable[[Any], Any],
    X: npt.ArrayLike,
    Y: npt.ArrayLike,
    *,
    names: Sequence[str] = ("x1", "x2"),
    classes: Sequence[Any] | None = None,
    steps: int = 200,
    ax: Axes | None = None,
) -> Axes:
    """What a classifier of two features says everywhere, the boundary where it changes its mind, and the examples.

    Args:
        predict: takes X of shape (2, k), examples in columns; gives the probability of class 1, (1, k), or
            a probability for each class, (classes, k). For a net: ``net.predict_probability``.
        X: the examples, (2, m).
        Y: their classes, (1, m) or (m,): numbers or texts.
        names: what the two features are called, with their units.
        classes: the classes in the order in which ``predict`` gives them; by default those in Y, sorted.
        steps: points of the grid in each direction.
        ax: axes to draw into; new ones by default.

    Raises:
        ValueError: if X is not (2, m), or Y or what ``predict`` gives does not fit.
        ImportError: without Matplotlib.

    Example:
        >>> import numpy as np
        >>> from minigraph.models import plots
        >>> X, Y = np.array([[-1.0, 1.0, 2.0], [0.0, 1.0, -1.0]]), np.array([[0, 1, 1]])
        >>> ax = plots.decision_boundary(lambda X: 1 / (1 + np.exp(-X[:1])), X, Y, steps=20)
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('x1', 'x2')
    """
    X, Y = np.asarray(X, float), np.asarray(Y).ravel()
    if X.ndim != 2 or len(X) != 2 or X.shape[1] != Y.size or not Y.size:
        raise ValueError(f"decision_boundary: X is {X.shape} and Y has {Y.size} entries; they must be (2, m) and (1, m)")
    labels = list(np.unique(Y) if classes is None else classes)
    ax = axes(ax)
    low, high = X.min(axis=1), X.max(axis=1)
    margin = 0.1 * np.where(high > low, high - low, 1.0)
    columns, rows = (np.linspace(a, b, steps) for a, b in zip(low - margin, high + margin, strict=True))
    points = np.stack([part.ravel() for part in np.meshgrid(columns, rows)])
    given = np.asarray(predict(points), float).reshape(-1, points.shape[1])
    if len(given) == 1 and len(labels) <= 2:
        probability = given.reshape(steps, steps)
        area = ax.contourf(columns, rows, probability, np.linspace(0, 1, 11), colors=_blend(10))
        ax.contour(columns, rows, probability, [0.5], colors="black", linewidths=1.5)
        ax.figure.colorbar(area, ax=ax, label=f"probability of class {labels[-1]}", ticks=[0, 0.5, 1])
    elif len(given) == len(labels):
        winner = given.argmax(axis=0).reshape(steps, steps)
        shades = [lighter(colour(number)) for number in range(len(given))]
        ax.contourf(columns, rows, winner, np.arange(len(given) + 1) - 0.5, colors=shades)
        for number in np.unique(winner):
            ax.contour(columns, rows, winner == number, [0.5], colors="black", linewidths=0.8)
    else:
        raise ValueError(
            f"decision_boundary: there are {len(labels)} classes, but predict gave {given.shape}: a row for each"
        )
    for number, label in enumerate(labels):
        x1, x2 = X[:, label == Y]
        look: dict[str, Any] = {
            "color": colour(number),
            "marker": MARKERS[number % 8],
            "edgecolor": "white",
            "linewidth": 0.5,
        }
        ax.scatter(x1, x2, 26, label=f"{label}", **look)
    ax.grid(False)
    ax.set(xlabel=names[0], ylabel=names[1])
    ax.legend(title="class", framealpha=0.9)
    return ax


def _blend(steps: int) -> list[tuple[float, ...]]:
    """From the first class's colour over near-white to the second's."""
    shares = np.linspace(-1, 1, steps)
    return [lighter(colour(int(share > 0)), 1 - 0.55 * abs(share)) for share in shares]
