"""Curves: the cost epoch by epoch, activations with their derivatives, the size of gradients layer by layer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

import minigraph as mg

from .style import LINES, MARKERS, PALETTE, axes, colour, legend, pyplot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


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
                f"cost_curve: costs{f' of {label!r}' if label else ''} have shape {row.shape}: one cost per epoch"
            )
        epochs = np.arange(first_epoch, first_epoch + row.size)
        ax.plot(epochs, row, LINES[number % 4], color=colour(number), marker="o" if row.size == 1 else None, label=label)
    ax.set(xlabel="epoch", ylabel="cost J", yscale="log" if log else "linear")
    legend(ax)
    return ax


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


def layer_gradients(
    passes: mg.BackwardPass | Mapping[str, mg.BackwardPass],
    nodes: Sequence[mg.Node] | Mapping[str, Sequence[mg.Node]] | None = None,
    *,
    ax: Axes | None = None,
) -> Axes:
    """How large the gradient is in each layer, on a logarithmic scale: vanishing and exploding show as slopes.

    The size is the root mean square of the entries of ∂J/∂node. A gradient that is exactly 0 has no
    place on such a scale; a hollow triangle at the foot stands for it.

    Args:
        passes: a backward pass, or a dictionary of them to compare.
        nodes: the nodes to show, first layer first; a dictionary like ``passes`` where there are several.
            By default the pass's parameters that are not broadcast: the weights, but not the biases.
        ax: axes to draw into; new ones by default.

    Raises:
        ValueError: if there is nothing to show.
        KeyError: if a pass did not reach one of the nodes.
        ImportError: without Matplotlib.

    Example:
        >>> import minigraph as mg
        >>> from minigraph.models import plots
        >>> W1, W2 = mg.parameter([[1.0, 2.0]], "W1"), mg.parameter([[3.0, 4.0]], "W2")
        >>> J = (W2 @ mg.tanh(W1.T)).sum()
        >>> ax = plots.layer_gradients(J.backward())
        >>> [label.get_text() for label in ax.get_xticklabels()]
        ['W1', 'W2']
    """
    several = passes if isinstance(passes, Mapping) else {"": passes}
    shown = {
        label: nodes[label] if isinstance(nodes, Mapping) else _weights(one) if nodes is None else nodes
        for label, one in several.items()
    }
    if not shown or not all(shown.values()):
        raise ValueError("layer_gradients: there is no node to show; name some with nodes=[...]")
    sizes = {
        label: np.array([np.sqrt(np.mean(one.gradient(node).value ** 2)) for node in shown[label]])
        for label, one in several.items()
    }
    ax = axes(ax)
    foot = ax.get_xaxis_transform()
    for number, (label, heights) in enumerate(sizes.items()):
        look: dict[str, Any] = {"color": colour(number), "marker": MARKERS[number % 8], "linestyle": LINES[number % 4]}
        ax.plot(np.where(heights > 0, heights, np.nan), label=label, **look)
        for place in np.flatnonzero(heights == 0):
            ax.plot(place, 0.03, "v", color=colour(number), markerfacecolor="none", markersize=9, transform=foot)
            ax.annotate("0", (place, 0.03), (8, -3), xycoords=foot, textcoords="offset points", color=colour(number))
    ax.set(ylabel="size of the gradient (root mean square)", xlabel="first layer → last layer", yscale="log")
    longest = max(shown.values(), key=len)
    ax.set_xticks(range(len(longest)), [node.name or f"#{number}" for number, node in enumerate(longest, 1)])
    legend(ax)
    return ax


def _weights(backward_pass: mg.BackwardPass) -> list[mg.Node]:
    """The parameters that are not broadcast, else all of them, as they were made."""
    parameters = [node for node in backward_pass.gradients if node.role is mg.Role.PARAMETER]
    broadcast = {step.input for step in backward_pass if step.summed_axes}
    return sorted([node for node in parameters if node not in broadcast] or parameters, key=lambda node: node.number)
