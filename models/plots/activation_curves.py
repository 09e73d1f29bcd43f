"""Activations with their derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

import minigraph as mg

from .style import PALETTE, axes, pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def activation(
    function: Callable[[mg.Node], mg.Node],
    *,
    span: tuple[float, float] = (-4.0, 4.0),
    name: str = "",
    ax: Axes | None = None,
) -> Axes:
    """An activation and its derivative, which `mg.grad` works out: any function of one node, yours too.

    Where the derivative jumps, a dot shows the value that is taken by convention.

    Args:
        function: such as ``mg.tanh`` or ``lambda z: mg.leaky_relu(z, slope=0.1)``.
        span: the range of z.
        name: what the function is called; by default the name of its operation.
        ax: axes to draw into; new ones by default.

    Raises:
        ImportError: without Matplotlib.

    Example:
        >>> import minigraph as mg
        >>> from minigraph.models import plots
        >>> plots.activation(mg.tanh).get_title()
        'tanh'
    """
    z = mg.data(np.linspace(*span, 801), "z")
    a = function(z)
    slope = mg.grad(a, z, seed=np.ones(a.shape)).value
    kinks = [k for k in (a.op.kinks if a.op else ()) if span[0] <= k <= span[1]]
    ax = axes(ax)
    ax.axhline(0, color="0.6", linewidth=0.8)
    ax.axvline(0, color="0.6", linewidth=0.8)
    ax.plot(z.value, a.value, color=PALETTE[0], linewidth=2, label="g(z)")
    smooth = slope.copy()
    for kink in kinks:
        smooth[np.abs(z.value - kink).argmin()] = np.nan
    ax.plot(z.value, smooth, "--", color=PALETTE[1], linewidth=2, label="g′(z)")
    if kinks:
        at = mg.data(kinks, "z")
        taken = mg.grad(function(at), at, seed=np.ones(len(kinks))).value
        ax.plot(kinks, taken, "o", color=PALETTE[1], label="g′ by convention")
    ax.set(xlabel="z", ylabel="g(z) and g′(z)", title=name or (a.op.name.replace("_", " ") if a.op else "z"))
    ax.legend()
    return ax


def activations(*functions: Callable[[mg.Node], mg.Node], span: tuple[float, float] = (-4.0, 4.0)) -> Figure:
    """Several activations with their derivatives, side by side; by default sigmoid, tanh, ReLU and leaky ReLU.

    Args:
        functions: each as in `activation`.
        span: the range of z.

    Raises:
        ImportError: without Matplotlib.

    Example:
        >>> import minigraph as mg
        >>> from minigraph.models import plots
        >>> len(plots.activations(mg.sigmoid, mg.tanh).axes)
        2
    """
    functions = functions or (mg.sigmoid, mg.tanh, mg.relu, mg.leaky_relu)
    columns = 3 if len(functions) % 3 == 0 else min(2, len(functions))
    rows = -(-len(functions) // columns)
    size = (4.2 * columns, 3.0 * rows)
    figure, panels = pyplot().subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    for ax in panels.flat[len(functions) :]:
        ax.remove()
    for ax, function in zip(panels.flat, functions, strict=False):
        activation(function, span=span, ax=axes(ax))
    result: Figure = figure
    return result
