"""`health`: is a net able to learn? Layer by layer from one backward pass, with findings in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node
from minigraph.explanation.health_findings import (
    Finding,
    Units,
    first_step_findings,
    is_perfect,
    is_settled,
    is_slow,
    non_finite,
    signal_findings,
    step_findings,
    symmetry_findings,
    unit_findings,
    units_of,
)
from minigraph.explanation.layers import Layer, costs_of, layers
from minigraph.reading.names import Names
from minigraph.reading.numbers import rounded
from minigraph.reading.parts import Part, Table, Told
from minigraph.reading.pins import Pin
from minigraph.reading.steps import pass_of
from minigraph.values import norm, real_number

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
        settled: whether the update is small because the terms of the gradient cancel, as they do at a minimum.
    """

    title: str
    gradient: float
    signal: float
    ratio: float | None
    units: Units | None
    update: float | None
    settled: bool = False


@dataclass(frozen=True, repr=False)
class Health(Told):
    """What one backward pass tells about a net. ``print`` it, or ``plot`` it.

    Attributes:
        layers: the numbers, a record a layer, in the order of computation.
        findings: what is wrong, or may be; empty if nothing is.
        fits: whether the gradient is 0 because every prediction is its target.
        where: what names stand for that were made up for steps without names.
    """

    layers: tuple[LayerHealth, ...]
    findings: tuple[Finding, ...]
    fits: bool = False
    where: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def pins(self) -> tuple[Pin, ...]:
        """The findings in a few words each, for pictures: ``mg.draw(J, "backward", findings=mg.health(J))``."""
        return tuple(pin for finding in self.findings for pin in finding.pins)

    def _parts(self) -> list[Part]:
        parts: list[Part] = [Table((HEAD, *map(_row, self.layers)))]
        if self.fits:
            parts.append("The gradient is 0: every prediction is its target, and nothing is left to learn.")
        if settled := [layer.title for layer in self.layers if layer.settled and not self.fits]:
            parts.append(
                f"In {', '.join(settled)} the terms of the gradient cancel: these weights are at a minimum, or nearly. "
                "Steps are small there with any rate."
            )
        if not self.findings:
            return [*parts, "Nothing wrong was found.", *self.where]
        by_kind: dict[str, list[Finding]] = {}
        for finding in self.findings:
            by_kind.setdefault(finding.kind, []).append(finding)
        for first, *others in by_kind.values():
            parts.append(f"! {first}")
            if others:
                parts.append(f"  The same in {', '.join(finding.where for finding in others)}.")
        return [*parts, *self.where]

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


@np.errstate(all="ignore")
def health(J: Node | BackwardPass, rate: float | None = None) -> Health:
    """Look at one backward pass for what keeps a net from learning.

    For each layer (a group, or what lies between two matrices of weights): the size of its gradients and how it
    changes from layer to layer, saturated and dead units, units that are alike, the size of a step beside the
    weights; and the first value that is not finite. Saturated and dead units are read off the local
    derivatives, so activations of your own are seen too; weights are seen in every form, such as wᵀ or θ[1:] reshaped.
    Where the gradient is 0 because every prediction is its target, that is said, and is nothing wrong; nor is a
    small step at a minimum, where the terms of the gradient cancel.

    Args:
        J: the cost, a scalar node, or a backward pass from it.
        rate: the learning rate, for the size of a step: a positive number.

    Returns:
        A `Health`: a table, and a sentence for each finding with what people do about it.

    Raises:
        TypeError: if the rate is not a finite real number.
        ValueError: if J depends on no parameter, or the rate is not positive.
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
    if rate is not None and (rate := real_number(rate, "health: the rate")) <= 0:
        raise ValueError(f"health: the rate is a positive number, not {rate}. Give the learning rate, such as 0.1.")
    backward_pass = pass_of(J, "health")
    names = Names(backward_pass.root)
    found = layers(backward_pass, names)
    costs = costs_of(backward_pass)
    signals = [0.0 if (x := layer.signal) is None else _size([backward_pass.gradient(x)]) for layer in found]
    numbers = []
    for i, layer in enumerate(found):
        above = signals[i + 1] if i + 1 < len(found) else 0.0
        ratio = signals[i] / above if above else None
        gradient = _size(map(backward_pass.gradient, layer.parameters))
        update = _update(layer, backward_pass, rate)
        units = units_of(layer, costs, names, is_output=i == len(found) - 1)
        settled = is_slow(update) and is_settled([backward_pass.gradient(node) for node in layer.weights])
        numbers.append(LayerHealth(layer.title, gradient, signals[i], ratio, units, update, settled))
    broken = list(non_finite(backward_pass, names))
    fits = not broken and is_perfect(backward_pass, [layer.signal for layer in found if layer.signal is not None])
    findings = broken or list(_findings(found, numbers, backward_pass, names, rate, fits=fits))
    said = [*(layer.title for layer in numbers), *map(str, findings)]
    return Health(tuple(numbers), tuple(findings), fits, tuple(names.where("\n".join(said))))


def _findings(
    found: list[Layer], numbers: list[LayerHealth], backward_pass: BackwardPass, names: Names, rate: float | None, fits: bool
) -> Iterator[Finding]:
    signals = [] if fits else list(signal_findings(found, [layer.signal for layer in numbers], backward_pass))
    yield from signals
    for layer, its in zip(found, numbers, strict=True):
        if its.units is not None:
            yield from unit_findings(its.title, its.units)
        yield from symmetry_findings(layer, backward_pass, names)
        if not signals and not fits:  # a vanished gradient makes small steps, and a higher rate does not mend it
            if not its.settled:
                yield from step_findings(layer, its.update, rate)
            if layer.weights and its.update is None:
                cost = float(np.sum(backward_pass.root.value))
                yield from first_step_findings(layer, its.gradient, cost, rate)


def _size(nodes: Iterable[Node]) -> float:
    """The norm of the values of all these nodes together."""
    return math.hypot(*(norm(node.value) for node in nodes))


def _update(layer: Layer, backward_pass: BackwardPass, rate: float | None) -> float | None:
    size = _size(layer.weights)
    return None if rate is None or size == 0 else rate * _size(map(backward_pass.gradient, layer.weights)) / size
