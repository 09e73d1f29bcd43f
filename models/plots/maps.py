"""Maps: what a classifier says over two features, and the cost over two parameters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

import minigraph as mg

from .style import MARKERS, PALETTE, axes, colour, lighter, pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes


Coordinate: TypeAlias = "mg.Node | tuple[mg.Node, tuple[int, ...]]"
"""A number that a cost depends on: a node with one entry, or a node and the index of one of its entries."""


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


def cost_surface(
    J: mg.Node,
    first: Coordinate,
    second: Coordinate,
    *,
    path: npt.ArrayLike | None = None,
    ranges: Sequence[tuple[float, float]] | None = None,
    steps: int = 41,
    ax: Axes | None = None,
) -> Axes:
    """The cost as a map over two of its parameters, with the path that gradient descent took.

    Args:
        J: a scalar node.
        first: what to vary along x: a node with one entry, or ``(W1, (0, 2))`` for one entry of a node.
        second: what to vary along y.
        path: the points visited, (k, 2): first and second after each step.
        ranges: (from, to) for each of the two; by default around the path, or the present values ± 3.
        steps: points of the grid in each direction; J is evaluated steps² times.
        ax: axes to draw into; new ones by default.

    Raises:
        ValueError: if J is not a scalar, a coordinate is not one number, the path is not (k, 2), or no cost is finite.
        ImportError: without Matplotlib.

    Example:
        >>> import minigraph as mg
        >>> from minigraph.models import plots
        >>> w, b = mg.parameter(2.0, "w"), mg.parameter(-1.0, "b")
        >>> ax = plots.cost_surface(w**2 + b**2, w, b, path=[(2, -1), (1, -0.5)], steps=11)
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('w', 'b')
    """
    axis, other = _coordinate(first), _coordinate(second)
    if J.size != 1:
        raise ValueError(f"cost_surface: J is {J.shape}, not a scalar: take its mean or sum")
    visited = np.array([[float(node.value[index]) for node, index in (axis, other)]])
    if path is not None:
        visited = np.asarray(path, float)
        if visited.ndim != 2 or visited.shape[1] != 2 or not len(visited):
            raise ValueError(f"cost_surface: the path has shape {visited.shape}; it must be (k, 2), k ≥ 1")
    if ranges is None:
        low, high = visited.min(axis=0), visited.max(axis=0)
        margin = np.where(high > low, 0.4 * (high - low), 3.0)
        ranges = list(zip(low - margin, high + margin, strict=True))
    columns, rows = (np.linspace(*limits, steps) for limits in ranges)
    costs = np.array([[_cost_at(J, (*axis, x), (*other, y)) for x in columns] for y in rows])
    if not np.isfinite(costs).any():
        raise ValueError("cost_surface: no cost on this grid is finite: choose other ranges")
    ax = axes(ax)
    heights, levels = np.ma.masked_invalid(costs), _levels(costs)
    shades = pyplot().get_cmap("cividis")(np.linspace(0, 1, len(levels) - 1))
    area = ax.contourf(columns, rows, heights, levels, colors=shades)
    ax.contour(columns, rows, heights, levels, colors="black", linewidths=0.3)
    ax.figure.colorbar(area, ax=ax, label="cost J", format="%.3g")
    if path is not None:
        ax.plot(*visited.T, "-o", color="white", markersize=3, linewidth=1.2, label=f"{len(visited) - 1} steps")
        ax.plot(*visited[0], "s", color=PALETTE[1], markeredgecolor="white", markersize=8, label="start")
        ax.plot(*visited[-1], "*", color=PALETTE[4], markeredgecolor="white", markersize=13, label="end")
        ax.legend(facecolor="0.35", labelcolor="white", framealpha=0.8)
    ax.grid(False)
    ax.set(xlabel=_label(*axis), ylabel=_label(*other), xlim=ranges[0], ylim=ranges[1])
    return ax


def _coordinate(which: Coordinate) -> tuple[mg.Node, tuple[int, ...]]:
    node, index = which if isinstance(which, tuple) else (which, (0,) * len(which.shape))
    if (not isinstance(which, tuple) and node.size != 1) or np.shape(node.value[index]) != ():
        raise ValueError(f"cost_surface: {node!r} is not one number: name an entry, such as (node, (0, 0))")
    return node, index


def _label(node: mg.Node, index: tuple[int, ...]) -> str:
    name = node.name or "parameter"
    return name if node.size == 1 else f"{name}[{', '.join(map(str, index))}]"


def _cost_at(J: mg.Node, *settings: tuple[mg.Node, tuple[int, ...], float]) -> float:
    """J with some entries of some nodes set to something else."""
    given: dict[mg.Node, Any] = {}
    for node, index, value in settings:
        array = given.setdefault(node, np.array(node.value))
        array[index] = value
    return float(mg.evaluate(J, given=given))


def _levels(costs: Any) -> Any:
    """Contour levels that share the area evenly, so that a steep wall doesn't hide the valley."""
    levels = np.unique(np.quantile(costs[np.isfinite(costs)], np.linspace(0, 1, 16)))
    return levels if len(levels) > 1 else np.array([levels[0], levels[0] + 1])
