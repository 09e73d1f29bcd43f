"""`health`: is a net able to learn? Layer by layer from one backward pass, with findings in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node
from minigraph.explanation.health_findings.data import data_findings, size_findings
from minigraph.explanation.health_findings.features_and_targets import (
    Features,
    Targets,
    features_in,
    fixed_in,
    targets_in,
)
from minigraph.explanation.health_findings.layers_and_units import (
    Finding,
    Units,
    is_dead,
    signal_findings,
    symmetry_findings,
    unit_findings,
    units_of,
)
from minigraph.explanation.health_findings.learning_rate import SLOW, step_findings
from minigraph.explanation.health_findings.not_finite import non_finite
from minigraph.explanation.health_findings.nothing_to_learn import has_cancelled, is_perfect, is_settled
from minigraph.explanation.health_findings.outputs import are_learnt, output_findings
from minigraph.explanation.layers import Layer, costs_of, layers
from minigraph.reading.names import Names
from minigraph.reading.numbers import rounded
from minigraph.reading.pinned_notes import Pin
from minigraph.reading.report_parts import Part, Table, Told
from minigraph.reading.steps import pass_of
from minigraph.values import norm, real_number, truth_value

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
        layers: the numbers, one record per layer, in the order of computation.
        findings: what is wrong, or may be; empty if nothing is.
        fits: whether the gradient is 0 because every prediction is its target.
        not_looked_at: what may be wrong all the same.
        where: what names stand for that were made up for steps without names.
    """

    layers: tuple[LayerHealth, ...]
    findings: tuple[Finding, ...]
    fits: bool = False
    not_looked_at: tuple[str, ...] = ()
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
        parts: list[Part] = [Table((HEAD, *map(_row, self.layers)))] if self.layers else []
        if self.fits:
            parts.append("The gradient is 0: every prediction is its target, and nothing is left to learn.")
        if settled := [layer.title for layer in self.layers if layer.settled and not self.fits]:
            parts.append(
                f"In {', '.join(settled)} the terms of the gradient cancel: these weights are at a minimum, or nearly. "
                "Steps are small there with any rate."
            )
        if few := [x for layer in self.layers if (x := _few_dead(layer))]:
            parts.append(f"A few units are off for all examples, as is usual: {', '.join(few)}.")
        if not self.findings:
            looked = f"Nothing wrong was found. Not looked at: {'; '.join(self.not_looked_at)}."
            return [*parts, looked, *self.where]
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


def _few_dead(layer: LayerHealth) -> str:
    """How many units of a layer are off, if that is usual."""
    units = layer.units
    if units is None or not units.dead or is_dead(units):
        return ""
    return f"{len(units.dead)} of {units.count} in {layer.title}"


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
def health(J: Node | BackwardPass, rate: float | None = None, *, data: bool = False) -> Health:
    """Look at one backward pass for what keeps a net from learning.

    For each layer (a group, or what lies between two matrices of weights): the size of its gradients and how it
    changes from layer to layer, saturated and dead units, units that are alike; the first value that is not finite, and
    where it comes from; features of very different size; outputs that are certain and wrong, and targets that are out of
    their reach or of one class. Saturated and dead units are read off the local
    derivatives, so activations of your own are seen too; weights are seen in every form, such as wᵀ or θ[1:] reshaped.
    Where the gradient is 0 because every prediction is its target, the table says so, and it is no finding; nor is a
    small step at a minimum, where the terms of the gradient cancel.

    Args:
        J: the cost, a scalar node, or a backward pass from it.
        rate: the learning rate, a positive number: for the size of a step beside the weights, and whether J rises in some
            steps of plain gradient descent, which are tried on the side.
        data: look at the examples as well: constant and doubled features, codes for missing values, rare classes, equal
            columns with different labels.

    Returns:
        A `Health`: a table, and a sentence for each finding with what people do about it. Where nothing is found it says
        what was not looked at.

    Raises:
        TypeError: if the rate is not a finite real number, or data is not True or False.
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
        >>> x = np.array([[0.3, -1.2, 0.7, 2.0, -0.4, 1.1, -0.9, 0.1, -1.6, 0.5]])  # three examples may be alike by chance
        >>> twice, Y = mg.data(np.vstack([x, 2 * x]), "X"), mg.data((x > 0) * 1.0, "Y")
        >>> J = mg.bce_with_logits(mg.parameter([[0.1, 0.2]], "W") @ twice, Y).mean()
        >>> mg.health(J).ok, [finding.kind for finding in mg.health(J, data=True).findings]
        (True, ['doubled feature'])
    """
    if rate is not None and (rate := real_number(rate, "health: the rate")) <= 0:
        raise ValueError(f"health: the rate is a positive number, not {rate}. Give the learning rate, such as 0.1.")
    data = truth_value(data, "health: data")
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
        is_slow = update is not None and 0 < update < SLOW
        settled = is_slow and is_settled([backward_pass.gradient(node) for node in layer.weights])
        numbers.append(LayerHealth(layer.title, gradient, signals[i], ratio, units, update, settled))
    broken = list(non_finite(backward_pass, names))
    fits = not broken and is_perfect(backward_pass, [layer.signal for layer in found if layer.signal is not None])
    fixed = fixed_in(backward_pass.root)
    features, targets = features_in(found, fixed), list(targets_in(backward_pass, found, fixed))
    if broken:  # what is large may be why
        findings = [*broken, *size_findings(features, targets, names)]
    else:
        findings = list(_findings(found, numbers, backward_pass, names, rate, features, targets, fits=fits, data=data))
    said = [*(layer.title for layer in numbers), *map(str, findings)]
    return Health(tuple(numbers), tuple(findings), fits, _not_looked_at(rate, data), tuple(names.where("\n".join(said))))


def _not_looked_at(rate: float | None, data: bool) -> tuple[str, ...]:
    return (
        *([] if rate is not None else ["the size of a step (give rate=)"]),
        *([] if data else ["constant and doubled features and the like (give data=True)"]),
        "whether each label is that of its example (shuffled labels look sound here)",
        "examples that J does not hold: new ones, and whether held-out ones are copies of these",
    )


def _findings(
    found: list[Layer],
    numbers: list[LayerHealth],
    backward_pass: BackwardPass,
    names: Names,
    rate: float | None,
    features: list[Features],
    targets: list[Targets],
    *,
    fits: bool,
    data: bool,
) -> Iterator[Finding]:
    unscaled = list(size_findings(features, targets, names))
    inputs = {names.of(x.node) for x in features}
    cure = "Standardise the inputs first, as said above. " if any(finding.where in inputs for finding in unscaled) else ""
    yield from unscaled
    yield from output_findings(backward_pass, targets, names)
    alike = [finding for layer in found for finding in symmetry_findings(layer, backward_pass, names)]
    signals = [] if fits else list(signal_findings(found, [layer.signal for layer in numbers], backward_pass, names))
    if alike and _has_cancelled(found, backward_pass):
        signals = []  # equal weights of the layer above have cancelled it
    of_units = [
        finding
        for its in numbers
        if its.units is not None and not (alike and _is_at_zero(its.units))
        for finding in unit_findings(its.title, its.units, cure)
    ]
    is_saturated = any(finding.kind == "saturated" for finding in of_units)
    yield from (finding for finding in signals if not (is_saturated and finding.kind == "vanishing"))  # it is why
    yield from of_units
    yield from alike
    if rate is not None and not signals and not fits:  # a vanished gradient makes small steps: no higher rate mends it
        updates, learnt = [its.update for its in numbers], are_learnt(targets)
        settled = [its.settled or learnt for its in numbers]
        yield from step_findings(found, updates, backward_pass, rate, settled=settled, cure=cure)
    if data:
        yield from data_findings(features, targets, names)


def _has_cancelled(found: list[Layer], backward_pass: BackwardPass) -> bool:
    """Whether what comes back to the first layer is 0 but for rounding, its terms being none."""
    signal = found[0].signal
    gradient = None if signal is None else backward_pass.gradient(signal)
    return gradient is not None and norm(gradient.value) > 0 and has_cancelled(gradient)


def _is_at_zero(units: Units) -> bool:
    """Whether the units are off because all that comes in is 0."""
    return len(units.dead) == units.count and not np.any(units.node.inputs[0].value)


def _size(nodes: Iterable[Node]) -> float:
    """The norm of the values of all these nodes together."""
    return math.hypot(*(norm(node.value) for node in nodes))


def _update(layer: Layer, backward_pass: BackwardPass, rate: float | None) -> float | None:
    size = _size(layer.weights)
    return None if rate is None or size == 0 else rate * _size(map(backward_pass.gradient, layer.weights)) / size
