"""What can be wrong with a net: each finding with its evidence and what people do about it; and when 0 is right."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from minigraph.core.errors import NonFiniteError, describe
from minigraph.core.evaluation import check_finite, refuse_non_finite
from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import MatMulRight, Scale
from minigraph.core.node import Node
from minigraph.explanation.layers import Layer
from minigraph.reading.names import Names
from minigraph.reading.numbers import index_text, rounded, terms_of
from minigraph.reading.pins import Pin
from minigraph.reading.steps import is_flat
from minigraph.values import Array, norm

FLAT = 0.01
"""A local derivative below this is nearly 0: the unit is saturated."""
MANY = 0.5
"""From this share of saturated entries on it is a finding."""
VANISHED, EXPLODED = 1e-3, 1e3
"""The signal's size at the first layer over that at the last, from which on it has vanished or exploded."""
FAST, SLOW = 0.1, 1e-6
"""The size of an update over the size of the weights, from which on a step is too large or too small."""
FAR = 10
"""A step that would lower J by so many times J is too large."""
SMALL = 1e-3
"""Below this part of what it is made of, a value is small: its terms cancel."""
ROUNDINGS = 64
"""Up to so many roundings of its terms, a difference is 0."""


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or may be. ``print`` it for the sentence.

    Attributes:
        kind: one of non-finite, vanishing, exploding, dead, saturated, symmetric, large step, small step, no gradient.
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
        count: the number of units.
        examples: the number of examples.
        is_output: True for the activation of the last layer: it may be certain, and so flat.
        node: the activation itself.
    """

    name: str
    saturated: float
    dead: tuple[int, ...]
    count: int
    examples: int
    is_output: bool
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
    rows = slope.reshape(slope.shape[0], -1) if slope.ndim > 1 else slope.reshape(1, -1)
    off = is_flat(line.local.factor) & (rows == 0)
    dead = tuple(int(i) for i in np.flatnonzero(off.all(axis=1))) if rows.shape[1] > 1 else ()
    saturated = float(np.mean((rows < FLAT) & ~off)) if rows.size else 0.0
    return Units(names.of(line.consumer), saturated, dead, rows.shape[0], rows.shape[1], is_output, line.consumer)


def _is_activation(line: Contribution) -> bool:
    """Elementwise with one operand, and a derivative that is not the same everywhere."""
    op = line.consumer.op
    one = op is not None and op.broadcasts and len(line.consumer.inputs) == 1 and isinstance(line.local, Scale)
    return one and line.consumer.ndim > 0


def non_finite(backward_pass: BackwardPass, names: Names) -> Iterator[Finding]:
    """The first NaN or infinity, in the values or else in the gradients; none where it does no harm.

    An infinity that ends in finite numbers does none, such as −∞ for the places that a softmax shall not see.
    """
    if all(map(_is_finite, (backward_pass.root, *backward_pass.gradients.values()))):
        return
    what_to_do = "Lower the learning rate, scale the inputs, and use losses of logits."
    try:
        if _is_finite(backward_pass.root):
            with check_finite():
                _ = backward_pass.root.value
        else:
            source = _source(backward_pass.root)
            refuse_non_finite([source], {}, dict.fromkeys(source.inputs))
    except NonFiniteError as error:
        first = Pin(error.node, f"{_broken(error.node.value)} first here")
        yield Finding("non-finite", names.of(error.node), str(error), what_to_do, (first,))
        return
    node = next(node for node, gradient in backward_pass.gradients.items() if not _is_finite(gradient))
    value = np.asarray(backward_pass.gradients[node].value)
    place = tuple(map(int, np.argwhere(~np.isfinite(value))[0]))
    at = f" at {index_text(place)}" if place else ""
    evidence = (
        f"{describe(node)}; its gradient is {rounded(value[place])}{at}, the first in the pass that is not finite, though "
    )
    evidence += "all values are."
    first = Pin(node, f"gradient {_broken(value)} first here")
    yield Finding("non-finite", names.of(node), evidence, what_to_do, (first,))


def _broken(value: Array) -> str:
    return "NaN" if np.isnan(value).any() else "∞"


def _is_finite(node: Node) -> bool:
    return bool(np.isfinite(node.value).all())


def _source(node: Node) -> Node:
    """Where what is not finite in the value of a node arose; an infinity elsewhere in the graph is another matter."""
    while (broken := next((x for x in node.inputs if not _is_finite(x)), None)) is not None:
        node = broken
    return node


def signal_findings(layers: Sequence[Layer], signals: Sequence[float], backward_pass: BackwardPass) -> Iterator[Finding]:
    """Whether the gradient vanishes or explodes on its way from the last layer to the first."""
    if not signals:
        return
    titles = [layer.title for layer in layers]
    first, last = signals[0], signals[-1]
    way = f"the gradient goes from {rounded(last)} at {titles[-1]!r} to {rounded(first)} at {titles[0]!r} (norm of ∂J/∂Z)."
    silent = [title for title, signal in zip(titles, signals, strict=True) if signal == 0]
    if silent:
        evidence = f"nothing comes back to {', '.join(map(repr, silent[:3]))}{' and others' if len(silent) > 3 else ''}: "
        advice = "Look for dead units, weights that are all 0, and a loss that is flat where it is certain."
        yield Finding(
            "no gradient", silent[0], evidence + "all entries of ∂J/∂Z are 0.", advice, _blocked(backward_pass, layers)
        )
    elif first < VANISHED * last:
        advice = "Use ReLU or leaky ReLU in hidden layers, initialise with He or Xavier, or use fewer layers."
        yield Finding("vanishing", titles[0], way, advice, _pinned(layers[0], "gradient has vanished"))
    elif first > EXPLODED * last:
        advice = "Initialise with He or Xavier, scale the inputs, and lower the learning rate."
        yield Finding("exploding", titles[0], way, advice, _pinned(layers[0], "gradient has exploded"))


def _pinned(layer: Layer, text: str) -> tuple[Pin, ...]:
    """A note on the box of a layer."""
    return () if layer.signal is None else (Pin(layer.signal, text),)


def _blocked(backward_pass: BackwardPass, layers: Sequence[Layer]) -> tuple[Pin, ...]:
    """Where a gradient arrives, and nothing of it goes on to a layer that learns nothing."""
    silent = {node for node, gradient in backward_pass.gradients.items() if norm(gradient.value) == 0}
    reached = silent.intersection(layer.signal for layer in layers if layer.signal is not None)
    stops: dict[Node, None] = {}
    for line in reversed(list(backward_pass)):
        if line.input in reached and line.consumer in silent:
            reached.add(line.consumer)
        elif line.input in reached:
            stops[line.consumer] = None
    return tuple(Pin(node, "blocked here") for node in stops)


def unit_findings(title: str, units: Units) -> Iterator[Finding]:
    """Dead and saturated units."""
    if units.dead:
        which = _listed(units.dead, units.count)
        off = f"{which} of {units.name} {'is' if len(units.dead) == 1 else 'are'} off for all {units.examples} examples: "
        advice = "Use leaky ReLU, a lower learning rate, He initialisation, or smaller biases."
        evidence = off + "the local derivative is 0, so nothing flows back through them."
        short = f"{len(units.dead)} of {units.count} units dead" if units.count > 1 else "the only unit is dead"
        yield Finding("dead", title, evidence, advice, (Pin(units.node, short),))
    if units.saturated >= MANY and not units.is_output:
        percent = rounded(100 * units.saturated, 3)
        share = f"at {percent} % of the entries of {units.name} the local derivative is below {FLAT}: "
        advice = "Use smaller initial weights (Xavier), scaled inputs, or ReLU."
        yield Finding(
            "saturated",
            title,
            share + "the units are at the flat ends, and little flows back.",
            advice,
            (Pin(units.node, f"{percent} % saturated"),),
        )


def _listed(which: Sequence[int], count: int) -> str:
    if len(which) == count:
        return f"all {count} units" if count > 1 else "the only unit"
    some = ", ".join(map(str, which[:6])) + (", …" if len(which) > 6 else "")
    return f"{len(which)} of {count} units (row{'s' * (len(which) > 1)} {some})"


def symmetry_findings(layer: Layer, backward_pass: BackwardPass, names: Names) -> Iterator[Finding]:
    """Units with equal weights and equal gradients: they stay equal for ever."""
    for line in layer.lines:
        weights = line.input
        rows_are_units = isinstance(next(line.local.factors()), MatMulRight) and weights.ndim == 2 and weights.shape[0] > 1
        if weights not in layer.held or not rows_are_units:
            continue
        both = np.hstack([weights.value, backward_pass.gradient(weights).value])
        equal = _equal_rows(both)
        if len(equal) > 1:
            rows = "all rows" if len(equal) == len(both) else f"the rows {', '.join(map(str, equal[:6]))}"
            evidence = f"{rows} of {names.of(weights)} are equal, and so are those of its gradient: "
            advice = "Initialise weights with small random numbers; biases may start at 0."
            pin = Pin(line.consumer, f"{len(equal)} of {len(both)} units alike")
            yield Finding("symmetric", layer.title, evidence + "these units stay alike and count as one.", advice, (pin,))


def _equal_rows(rows: Array) -> list[int]:
    """The largest set of rows that are equal but for rounding."""
    scale = float(np.max(np.abs(rows), initial=0.0))
    best: list[int] = []
    for row in rows[: min(len(rows), 50)]:
        alike = np.flatnonzero(np.all(np.abs(rows - row) <= 1e-12 * scale, axis=1)).tolist()
        best = alike if len(alike) > len(best) else best
    return best


def is_slow(ratio: float | None) -> bool:
    """Whether a step of gradient descent is small beside the weights, but a step."""
    return ratio is not None and 0 < ratio < SLOW


def step_findings(layer: Layer, ratio: float | None, rate: float | None) -> Iterator[Finding]:
    """Whether a step of gradient descent is large or small beside the weights."""
    if ratio is None or not np.isfinite(ratio):
        return
    percent = 100 * ratio if ratio < 0.1 else round(100 * ratio)
    share = f"a step with the rate {rounded(rate or 0)} changes the weights by {rounded(percent, 2)} % of their size"
    if ratio > FAST:
        pins = _pinned(layer, f"a step is {rounded(percent, 2)} % of the weights")
        yield Finding("large step", layer.title, f"{share}; about 0.1 % is usual.", "Lower the learning rate.", pins)
    elif is_slow(ratio):
        pins = _pinned(layer, f"a step is {rounded(percent, 2)} % of the weights")
        yield Finding("small step", layer.title, f"{share}; about 0.1 % is usual.", "Raise the learning rate.", pins)


def first_step_findings(layer: Layer, gradient: float, cost: float, rate: float | None) -> Iterator[Finding]:
    """Whether a step from weights that are all 0 is large: beside J, since it can't be compared with them."""
    lowered = (rate or 0) * gradient * gradient
    if FAR * abs(cost) < lowered:
        evidence = f"the weights are 0; along the gradient, a step with the rate {rounded(rate or 0)} would lower J by "
        evidence += f"{rounded(lowered, 2)}, but J is {rounded(cost, 2)}."
        pins = _pinned(layer, "a step is too large")
        yield Finding("large step", layer.title, evidence, "Lower the learning rate, or scale the inputs.", pins)


def is_perfect(backward_pass: BackwardPass, signals: Collection[Node]) -> bool:
    """Whether the cost reaches the signals only through errors that are 0.

    An error is 0 where the derivative of a loss is, or where a difference and the derivative of what is made of it are,
    as with (A − Y)². A dead unit is none: its derivative is 0 for want of terms, whatever the target.
    """
    reached, errors = {backward_pass.root}, 0
    for line in backward_pass:
        if line.consumer in reached:
            if _is_error(line):
                errors += 1
            else:
                reached.add(line.input)
    return errors > 0 and reached.isdisjoint(signals)


def is_settled(gradients: Sequence[Node]) -> bool:
    """Whether the gradients are small because their terms cancel, as at a minimum, and not because the terms are small."""
    terms = math.hypot(*map(norm, terms_of(gradients)))
    return math.hypot(*(norm(gradient.value) for gradient in gradients)) <= SMALL * terms


def _is_error(line: Contribution) -> bool:
    """Whether nothing flows back along the line, since what flows is an error that is 0."""
    op = line.consumer.op
    if op is None or not op.is_loss:
        scaled = isinstance(line.local, Scale) and _is_small(line.input)
        if not (scaled and _cancels(line.input)):
            return False
    return _cancels(line.product)


def _is_small(node: Node) -> bool:
    """Whether the values are small beside those that they are made of: what is cheap to ask first."""
    largest = max((float(np.max(np.abs(x.value), initial=0.0)) for x in node.inputs), default=0.0)
    return bool(np.all(np.abs(node.value) <= SMALL * largest))


def _cancels(node: Node) -> bool:
    """Whether the node is a difference that is 0 but for rounding, and not 0 for want of terms."""
    (terms,) = terms_of([node])
    return bool(np.all((np.abs(node.value) <= ROUNDINGS * np.finfo(node.dtype).eps * terms) & (terms > 0)))
