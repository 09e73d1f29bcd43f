"""How large the gradient is in each layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

import minigraph as mg

from .style import LINES, MARKERS, axes, colour, legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes


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
