"""The cost: epoch by epoch, and as a map over two parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

import minigraph as mg

from .style import LINES, PALETTE, axes, colour, legend, pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Coordinate: TypeAlias = "mg.Node | tuple[mg.Node, tuple[int, ...]]"
"""A number that a cost depends on: a node with one entry, or a node and the index of one of its entries."""


def cost_curve(
    costs: npt.ArrayLike | Mapping[str, npt.ArrayLike], *, first_epoch: int = 0, log: bool = False, ax: Axes | None = None
) -> Axes:
    """The cost after each epoch, or several such curves to compare.

    Args:
        costs: a cost for each epoch, or a dictionary of them: the keys label the curves.
        first_epoch: the epoch that the first cost belongs to.
        log: a logarithmic scale for the cost.
        ax: axes to draw into; new ones by default.

    Raises:
        ValueError: if there is no cost at all, or costs are no row of numbers.
        ImportError: without Matplotlib.

    Example:
        >>> from minigraph.models import plots
        >>> ax = plots.cost_curve({"rate 0.1": [0.69, 0.5, 0.4], "rate 1": [0.69, 0.3, 0.2]})
        >>> ax.get_xlabel(), ax.get_ylabel()
        ('epoch', 'cost J')
    """
    ax = axes(ax)
    curves = costs if isinstance(costs, Mapping) else {"": costs}
    if not curves:
        raise ValueError("cost_curve: there is no curve to draw: costs is empty")
    for number, (label, values) in enumerate(curves.items()):
        row = np.asarray(values, float)
        if row.ndim != 1 or row.size == 0:
            raise ValueError(
                f"cost_curve: costs{f' of {label!r}' if label else ''} have shape {row.shape}: one cost an epoch"
            )
        epochs = np.arange(first_epoch, first_epoch + row.size)
        ax.plot(epochs, row, LINES[number % 4], color=colour(number), marker="o" if row.size == 1 else None, label=label)
    ax.set(xlabel="epoch", ylabel="cost J", yscale="log" if log else "linear")
    legend(ax)
    return ax


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
