"""`health`: is a net able to learn? Layer by layer from one backward pass, with findings in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from minigraph.derivatives import look_back
from minigraph.explanation.asking import root_and_seed
from minigraph.explanation.findings import (
    Finding,
    Units,
    non_finite,
    signal_findings,
    step_findings,
    symmetry_findings,
    unit_findings,
    units_of,
    users_of,
)
from minigraph.explanation.layers import Layer, is_matrix_product, layers
from minigraph.explanation.numbers import rounded
from minigraph.explanation.table import aligned
from minigraph.ledger import BackwardPass
from minigraph.node import Node

if TYPE_CHECKING:
    from matplotlib.axes import Axes


HEAD = ("layer", "‖∂J/∂W, b‖", "‖∂J/∂Z‖", "to the next", "saturated", "dead", "update/weights")


@dataclass(frozen=True)
class LayerHealth:
    """The numbers of one layer.

    Attributes:
        title: the layer's title.
        gradient: norm of the gradients of its parameters.
        signal: norm of ∂J/∂Z, where Z is what its parameters make.
        ratio: signal over that of the next layer; None for the last one.
        units: how its activation answers; None without an activation.
        update: rate · ‖∂J/∂W‖ / ‖W‖ for its weights; None without a rate, or if the weights are 0.
    """

    title: str
    gradient: float
    signal: float
    ratio: float | None
    units: Units | None
    update: float | None


@dataclass(frozen=True)
class Health:
    """What one backward pass tells about a net. ``print`` it, or ``plot`` it.

    Attributes:
        layers: the numbers, a record a layer, in the order of computation.
        findings: what is wrong, or may be; empty if nothing is.
    """

    layers: tuple[LayerHealth, ...]
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def __str__(self) -> str:
        lines = aligned([HEAD, *map(_row, self.layers)])
        if not self.findings:
            return "\n".join([*lines, "Nothing wrong was found."])
        by_kind: dict[str, list[Finding]] = {}
        for finding in self.findings:
            by_kind.setdefault(finding.kind, []).append(finding)
        for first, *others in by_kind.values():
            lines.append(f"! {first}")
            if others:
                lines.append(f"  The same in {', '.join(finding.where for finding in others)}.")
        return "\n".join(lines)

    def __repr__(self) -> str:
        return str(self)

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the size of the gradients, layer by layer, on a logarithmic scale.

        Args:
            ax: Matplotlib axes to draw into; by default new ones.

        Returns:
            The axes.

        Raises:
            ImportError: if Matplotlib is not installed.
        """
        try:
            import matplotlib.pyplot as plt
        except ImportError:
            raise ImportError("health.plot needs Matplotlib: pip install 'minigraph[plots]'") from None
        axes: Any = plt.subplots(layout="constrained")[1] if ax is None else ax
        places = np.arange(len(self.layers))
        for shift, label, sizes, colour in (
            (-0.2, "‖∂J/∂W, b‖", [layer.gradient for layer in self.layers], "#0072B2"),
            (0.2, "‖∂J/∂Z‖", [layer.signal for layer in self.layers], "#E69F00"),
        ):
            axes.bar(places + shift, [size if size > 0 else math.nan for size in sizes], 0.4, label=label, color=colour)
        axes.set_xticks(places, [layer.title for layer in self.layers], rotation=20, ha="right")
        axes.set_yscale("log")
        axes.set_ylabel("size of the gradient (norm)")
        axes.set_title("Gradients, layer by layer")
        axes.legend()
        return axes  # type: ignore[no-any-return]  # Matplotlib's own types leave it open


def _row(layer: LayerHealth) -> tuple[str, ...]:
    units = layer.units
    return (
        layer.title,
        rounded(layer.gradient, 3),
        rounded(layer.signal, 3),
        "" if layer.ratio is None else rounded(layer.ratio, 3),
        "" if units is None else f"{rounded(100 * units.saturated, 3)} %",
        "" if units is None else f"{len(units.dead)} of {units.count}",
        "" if layer.update is None else rounded(layer.update, 2),
    )


def health(J: Node | BackwardPass, rate: float | None = None) -> Health:
    """Look at one backward pass for what keeps a net from learning.

    For each layer (a group, or what lies between two matrices of weights): the size of its gradients and how it
    changes from layer to layer, saturated and dead units, units that are alike, the size of a step beside the
    weights; and the first value that is not finite. Saturated and dead units are read off the local
    derivatives, so activations of your own are seen too.

    Args:
        J: the cost, a scalar node, or a backward pass from it.
        rate: the learning rate, for the size of a step.

    Returns:
        A `Health`: a table, and a sentence for each finding with what people do about it.

    Raises:
        ValueError: if J depends on no parameter.
        ShapeError: if J is not a scalar.

    Example:
        >>> import numpy as np
        >>> import minigraph as mg
        >>> X, Y = mg.data([[1.0, -1.0, 2.0]], "X"), mg.data([[1.0, 0.0, 1.0]], "Y")
        >>> W1, W2 = mg.parameter(np.zeros((2, 1)), "W1"), mg.parameter(np.zeros((1, 2)), "W2")
        >>> A1 = mg.tanh((W1 @ X).named("Z1")).named("A1")
        >>> report = mg.health(mg.bce_with_logits((W2 @ A1).named("Z2"), Y).mean().named("J"))
        >>> [finding.kind for finding in report.findings]
        ['no gradient', 'symmetric']
    """
    backward_pass = J if isinstance(J, BackwardPass) else look_back(root_and_seed(J, "health")[0], None, "health")
    found = layers(backward_pass)
    users = users_of(backward_pass.root)
    signals = [_norm([x], backward_pass) if (x := layer.signal) is not None else 0.0 for layer in found]
    numbers = []
    for i, layer in enumerate(found):
        above = signals[i + 1] if i + 1 < len(found) else 0.0
        ratio = signals[i] / above if above else None
        gradient = _norm(layer.parameters, backward_pass)
        update = _update(layer, backward_pass, rate)
        numbers.append(LayerHealth(layer.title, gradient, signals[i], ratio, units_of(layer, users), update))
    findings = list(non_finite(backward_pass)) or list(_findings(found, numbers, backward_pass, rate))
    return Health(tuple(numbers), tuple(findings))


def _findings(
    found: list[Layer], numbers: list[LayerHealth], backward_pass: BackwardPass, rate: float | None
) -> Iterator[Finding]:
    signals = list(signal_findings([layer.title for layer in numbers], [layer.signal for layer in numbers]))
    yield from signals
    for layer, its in zip(found, numbers, strict=True):
        if its.units is not None:
            yield from unit_findings(its.title, its.units)
        yield from symmetry_findings(layer, backward_pass)
        if not signals:  # a vanished gradient makes small steps, and a higher rate does not mend it
            yield from step_findings(its.title, its.update, rate)


def _norm(nodes: list[Node], backward_pass: BackwardPass) -> float:
    """The norm of the gradients of all these nodes together."""
    return math.sqrt(sum(float(np.sum(np.square(backward_pass.gradient(node).value, dtype=np.float64))) for node in nodes))


def _update(layer: Layer, backward_pass: BackwardPass, rate: float | None) -> float | None:
    """The size of a step over the size of the weights."""
    own = set(layer.parameters)
    weights = list(dict.fromkeys(line.input for line in layer.lines if line.input in own and is_matrix_product(line)))
    size = math.sqrt(sum(float(np.sum(np.square(node.value, dtype=np.float64))) for node in weights))
    return None if rate is None or size == 0 else rate * _norm(weights, backward_pass) / size
