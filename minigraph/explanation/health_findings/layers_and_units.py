"""What can be wrong with layers and units: each finding with its evidence and what people do about it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import MatMulLeft, MatMulRight, Scale
from minigraph.core.node import Node
from minigraph.explanation.layers import Layer
from minigraph.reading.names import Names
from minigraph.reading.numbers import rounded
from minigraph.reading.pinned_notes import Pin
from minigraph.reading.steps import is_flat
from minigraph.values import Array, norm

FLAT = 0.01
"""A local derivative below this is nearly 0: the unit is saturated."""
MANY = 0.5
"""From this share of saturated entries on it is a finding."""
VANISHED, EXPLODED = 1e-3, 1e3
"""The signal's size at the first layer over that at the last, from which on it has vanished or exploded."""
SAME_UNIT = 1e-12
"""Rows are equal but for this part of the largest entry."""
FAR = 2
"""A unit is far from being switched on if all its inputs are off by more than so many times their standard deviation."""


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or may be. ``print`` it for the sentence.

    Attributes:
        kind: non-finite, no gradient, vanishing, exploding, dead, saturated, symmetric; of the rate: large step, small step;
            of inputs and outputs: unscaled, certain, out of reach, one class, one output; and with ``data=True`` constant
            feature, doubled feature, missing values, rare class, contradicting.
        where: the layer or node.
        evidence: what was seen, in a sentence.
        advice: what people do about it.
        pins: the same in a few words, for the box of a node in a picture.
    """

    kind: str
    where: str
    evidence: str
    advice: str
    pins: tuple[Pin, ...] = field(default=(), repr=False, compare=False)

    def __str__(self) -> str:
        return f"{self.kind} in {self.where}: {self.evidence} {self.advice}"


@dataclass(frozen=True)
class Units:
    """How the units of a layer answer: read off the local derivative of its activation.

    Attributes:
        name: the node of the activation.
        saturated: share of entries at which the local derivative is nearly 0, though it changes smoothly.
        dead: units that are switched off, with a local derivative of 0, for every example.
        stuck: those of them that are far from being switched on, by more than their inputs vary.
        count: the number of units.
        examples: the number of examples.
        is_output: True for the activation of the last layer: it may be certain, and so flat.
        are_rows: whether the units are the rows of the activation; else they are the columns.
        node: the activation itself.
    """

    name: str
    saturated: float
    dead: tuple[int, ...]
    stuck: tuple[int, ...]
    count: int
    examples: int
    is_output: bool
    are_rows: bool
    node: Node = field(repr=False, compare=False)


def units_of(layer: Layer, costs: Collection[Node], names: Names, *, is_output: bool) -> Units | None:
    """The units of the layer's last elementwise step of one operand, such as A = g(Z); None if there is none.

    Of the costs that J adds up, such as (A − Y)², none is a unit.
    """
    steps = [line for line in layer.lines if _is_activation(line) and line.consumer not in costs]
    if not steps:
        return None
    line = max(steps, key=lambda line: line.consumer.number)
    assert isinstance(line.local, Scale)
    slope = np.abs(np.broadcast_to(line.local.factor.value, line.consumer.shape))
    rows = _by_unit(slope, layer.units_axis)
    off = is_flat(line.local.factor) & (rows == 0)
    dead = tuple(int(i) for i in np.flatnonzero(off.all(axis=1))) if rows.shape[1] > 1 else ()
    saturated = float(np.mean((rows < FLAT) & ~off)) if rows.size else 0.0
    before = _by_unit(np.asarray(line.input.value), layer.units_axis)
    stuck = tuple(i for i in dead if before[i].any() and np.abs(before[i]).min() > FAR * before[i].std())
    are_rows = layer.units_axis == 0
    count, examples = rows.shape
    return Units(names.of(line.consumer), saturated, dead, stuck, count, examples, is_output, are_rows, line.consumer)


def _by_unit(array: Array, axis: int) -> Array:
    """A row for each unit."""
    return np.moveaxis(array, axis, 0).reshape(array.shape[axis], -1) if array.ndim > 1 else array.reshape(1, -1)


def _is_activation(line: Contribution) -> bool:
    """Elementwise with one operand, and a derivative that is not the same everywhere."""
    op = line.consumer.op
    one = op is not None and op.broadcasts and len(line.consumer.inputs) == 1 and isinstance(line.local, Scale)
    return one and line.consumer.ndim > 0


def signal_findings(
    layers: Sequence[Layer], signals: Sequence[float], backward_pass: BackwardPass, names: Names
) -> Iterator[Finding]:
    """Whether the gradient vanishes or explodes on its way from the last layer to the first."""
    if not signals:
        return
    titles = [layer.title for layer in layers]
    first, last = signals[0], signals[-1]
    way = f"the gradient goes from {rounded(last)} at {titles[-1]!r} to {rounded(first)} at {titles[0]!r} (norm of ∂J/∂Z)."
    silent = [title for title, signal in zip(titles, signals, strict=True) if signal == 0]
    if silent:
        evidence = f"nothing comes back to {', '.join(map(repr, silent[:3]))}{' and others' if len(silent) > 3 else ''}: "
        evidence += "all entries of ∂J/∂Z are 0."
        stops = _blocked(backward_pass, layers)
        reasons = dict.fromkeys(_reason(line, names) for line in stops)
        pins = tuple(Pin(node, "blocked here") for node in dict.fromkeys(line.consumer for line in stops))
        yield Finding("no gradient", silent[0], evidence, " ".join(reasons), pins)
    elif first < VANISHED * last:
        advice = "Use ReLU or leaky ReLU in hidden layers, initialise with He or Xavier, or use fewer layers."
        yield Finding("vanishing", titles[0], way, advice, pinned(layers[0], "gradient has vanished"))
    elif first > EXPLODED * last:
        advice = "Initialise with He or Xavier, scale the inputs, and lower the learning rate."
        yield Finding("exploding", titles[0], way, advice, pinned(layers[0], "gradient has exploded"))


def pinned(layer: Layer, text: str) -> tuple[Pin, ...]:
    """A note on the box of a layer."""
    return () if layer.signal is None else (Pin(layer.signal, text),)


def _blocked(backward_pass: BackwardPass, layers: Sequence[Layer]) -> list[Contribution]:
    """Where a gradient arrives, and nothing of it goes on to a layer that learns nothing."""
    silent = {node for node, gradient in backward_pass.gradients.items() if norm(gradient.value) == 0}
    reached = silent.intersection(layer.signal for layer in layers if layer.signal is not None)
    stops: list[Contribution] = []
    for line in reversed(list(backward_pass)):
        if line.input in reached and line.consumer in silent:
            reached.add(line.consumer)
        elif line.input in reached:
            stops.append(line)
    return stops


def _reason(line: Contribution, names: Names) -> str:
    """Why nothing of a gradient goes on along a line, with what people do about it."""
    consumer, op = names.of(line.consumer), line.consumer.op
    for factor in line.local.factors():
        if isinstance(factor, MatMulLeft | MatMulRight) and not np.any(factor.matrix.value):
            weights = names.of(factor.matrix)
            return f"It stops at {consumer}, since {weights} is all 0: initialise weights with small random numbers."
        if isinstance(factor, Scale) and not np.any(factor.factor.value) and op is not None and not op.is_loss:
            return f"It stops at {consumer}, whose local derivative is 0 for every entry: look at the units there."
    return f"It stops at {consumer}: what arrives there cancels, or the step is so certain that it is flat."


def unit_findings(title: str, units: Units, cure: str) -> Iterator[Finding]:
    """Dead units, if they are many or stuck, and saturated ones; ``cure`` is what to do before all else, "" for nothing."""
    if is_dead(units):
        which = _listed(units.dead, units.count, "row" if units.are_rows else "column")
        off = f"{which} of {units.name} {'is' if len(units.dead) == 1 else 'are'} off for all {units.examples} examples: "
        advice = "Use leaky ReLU, a lower learning rate, He initialisation, or smaller biases."
        if units.is_output:
            advice = "Leave ReLU out of the last layer, or begin with a bias above 0 there."
        evidence = off + "the local derivative is 0, so nothing flows back there."
        short = f"{len(units.dead)} of {units.count} units dead" if units.count > 1 else "the only unit is dead"
        yield Finding("dead", title, evidence, cure + advice, (Pin(units.node, short),))
    if units.saturated >= MANY and not units.is_output:
        percent = rounded(100 * units.saturated, 3)
        share = f"at {percent} % of the entries of {units.name} the local derivative is below {FLAT}: "
        advice = cure or "Use smaller initial weights (Xavier), scaled inputs, or ReLU."
        yield Finding(
            "saturated",
            title,
            share + "the units are at the flat ends, and little flows back.",
            advice.strip(),
            (Pin(units.node, f"{percent} % saturated"),),
        )


def is_dead(units: Units) -> bool:
    """Whether units are dead that matter: half of the layer, or some that are far from being switched on.

    That a few of a layer are off just now is usual: what the layers below learn switches them on again.
    """
    return bool(units.stuck) or (len(units.dead) >= MANY * units.count and bool(units.dead))


def _listed(which: Sequence[int], count: int, line: str) -> str:
    if len(which) == count:
        return f"all {count} units" if count > 1 else "the only unit"
    some = ", ".join(map(str, which[:6])) + (", …" if len(which) > 6 else "")
    return f"{len(which)} of {count} units ({line}{'s' * (len(which) > 1)} {some})"


def symmetry_findings(layer: Layer, backward_pass: BackwardPass, names: Names) -> Iterator[Finding]:
    """Units with equal weights and equal gradients: they stay equal for ever."""
    for line in layer.lines:
        weights, factor = line.input, next(line.local.factors())
        if weights not in layer.held or not isinstance(factor, MatMulLeft | MatMulRight) or weights.ndim != 2:
            continue
        both = [np.asarray(x.value) for x in (weights, backward_pass.gradient(weights))]
        what = "rows"
        if isinstance(factor, MatMulLeft):
            what, both = "columns", [array.T for array in both]
        equal, count = _equal_rows(both), len(both[0])
        if len(equal) > 1:
            rows = f"all {what}" if len(equal) == count else f"the {what} {', '.join(map(str, equal[:6]))}"
            evidence = f"{rows} of {names.of(weights)} are equal, and so are those of its gradient: "
            advice = "Initialise weights with small random numbers; biases may start at 0."
            pin = Pin(line.consumer, f"{len(equal)} of {count} units alike")
            yield Finding("symmetric", layer.title, evidence + "these units stay alike and count as one.", advice, (pin,))


def _equal_rows(arrays: Sequence[Array]) -> list[int]:
    """The largest set of rows that are equal but for rounding in each of the arrays, which differ in size."""
    scales = [float(np.max(np.abs(array), initial=0.0)) for array in arrays]
    rows = np.hstack([array / scale if scale else array for array, scale in zip(arrays, scales, strict=True)])
    best: list[int] = []
    for row in rows[: min(len(rows), 50)]:
        alike = np.flatnonzero(np.all(np.abs(rows - row) <= SAME_UNIT, axis=1)).tolist()
        best = alike if len(alike) > len(best) else best
    return best
