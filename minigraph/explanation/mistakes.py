"""The usual mistakes in a gradient, each as the array that it would give."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from minigraph.calculus.reverse_mode import look_back
from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import Scale
from minigraph.core.node import Node, Role, literal
from minigraph.core.pulling import ancestors
from minigraph.core.shape_maps import Broadcast
from minigraph.formulas import to_text
from minigraph.reading.names import Names
from minigraph.values import Array

MOST_EDGES = 200
"""In longer passes single steps are not left out."""
CONSTANT = 1e-6
"""A factor is 1/count but for this rounding, of float32 too."""

WRONG_SIGN = "the sign is wrong: it is −1 times the right one"
TWICE = "it is 2 times the right one"
HALF = "it is half of the right one"


@dataclass(frozen=True)
class Mistake:
    """What somebody may have computed instead of the gradient.

    Attributes:
        array: what the mistake gives.
        words: the mistake in words; "" for the right gradient, which may still be off by a factor.
        factors: constants that may be wrong as well, with words for them.
        simple: True if it needs no wrong step in the chain; then no more complicated reason is looked for.
    """

    array: Array
    words: str
    factors: Mapping[float, str]
    simple: bool = False


def mistakes(backward_pass: BackwardPass, node: Node, right: Array, names: Names) -> Iterator[Mistake]:
    """The mistakes, the simplest first."""
    factors = dict(_factors(backward_pass))
    if right.any():
        yield Mistake(0 * right, "it is 0 everywhere, as if nothing had been added to it", {1.0: ""}, simple=True)
    halves = {2.0: TWICE, 0.5: HALF}
    yield Mistake(right, "", {k: words for k, words in (halves | factors).items() if k != 1}, simple=True)
    yield from _other_shapes(backward_pass, node, right, factors, names)
    yield from _other_nodes(backward_pass, node, names)
    if len(backward_pass) <= MOST_EDGES:
        yield from _wrong_steps(backward_pass, node, factors, names)


def _factors(backward_pass: BackwardPass) -> Iterator[tuple[float, str]]:
    """Constants that gradients are off by: signs, and the counts that means divide by."""
    yield 1.0, ""
    yield -1.0, WRONG_SIGN
    scales = (factor.factor for line in backward_pass for factor in line.local.factors() if isinstance(factor, Scale))
    counts = {_count(x): any(part.name == "m" for part in (x, *x.inputs)) for x in scales}
    for count in sorted(counts.keys() - {0, 1}):
        what = f"{count} is the number {'m of examples' if counts[count] else 'of entries averaged'}"
        yield float(count), f"it is {count} times the right one: {what}, so 1/{count} of the mean is missing"
        yield 1 / count, f"it is 1/{count} of the right one: {what}, and was divided by once too often"
        yield -float(count), f"the sign is wrong and it is {count} times too large: {what}"
        yield -1 / count, f"the sign is wrong and it was divided by {count} once too often"


def _count(factor: Node) -> int:
    """The count that the local derivative 1/count divides by, or 0 if it is no such constant."""
    if factor.shape != () or any(x.role is not Role.LITERAL for x in factor.inputs or (factor,)):
        return 0
    value = float(factor.value)
    if not 0 < value < 1:
        return 0
    count = round(1 / value)
    return count if abs(count * value - 1) < CONSTANT else 0


def _other_shapes(
    backward_pass: BackwardPass, node: Node, right: Array, factors: Mapping[float, str], names: Names
) -> Iterator[Mistake]:
    """The right numbers in another shape, and what broadcasting leaves to be summed."""
    name = names.of(node)
    if right.ndim == 2 and right.size > 1:
        why = f"{names.gradient(node).name} has the shape of {name}"
        if right.shape[0] == right.shape[1]:
            why = f"{name} is square, so its shape does not tell"
        yield Mistake(right.T, f"it is transposed: {why}", factors, simple=True)
    lost = [axis for axis, size in enumerate(right.shape) if size == 1]
    for axis in lost:
        words = f"axis {axis} was lost: sum with keepdims=True, so that the shape stays {right.shape}"
        yield Mistake(np.squeeze(right, axis), words, factors, simple=True)
    if right.ndim > 1 and not lost:
        yield Mistake(right.reshape(-1), f"it was flattened: the shape must be {right.shape}", factors, simple=True)
    for line in backward_pass:
        if line.input is node and line.summed_axes and len(line.arrivals) == 1:
            product = np.asarray(line.product.value, np.float64)
            broadcast = f"{name} {node.shape} was broadcast to {line.consumer.shape}, so its gradient is summed back"
            yield Mistake(product, f"the sum is missing: {broadcast}", factors, simple=True)
            mean = product.mean(line.summed_axes).reshape(node.shape)
            yield Mistake(mean, f"the mean was taken where the sum belongs: {broadcast}", factors, simple=True)


def _other_nodes(backward_pass: BackwardPass, node: Node, names: Names) -> Iterator[Mistake]:
    root = backward_pass.root
    named = {x for x in ancestors([root]) if x.name is not None and x is not node and x is not root}
    everything = look_back(root, backward_pass.seed, "compare", named)
    for other, gradient in everything.gradients.items():
        if other in named:
            array = np.asarray(gradient.value, np.float64)
            yield Mistake(array, f"it is the gradient of another node, {names.of(other)}", {1.0: ""})


def _wrong_steps(backward_pass: BackwardPass, node: Node, factors: Mapping[float, str], names: Names) -> Iterator[Mistake]:
    """The pass with one step gone wrong: a factor of the chain forgotten, or a contribution left out at a fork."""
    for position, line in enumerate(backward_pass):
        above, below = names.of(line.consumer), names.of(line.input)
        if len(line.arrivals) > 1:
            words = f"{left_out(above, below)}: contributions at a fork add up"
            yield Mistake(_redone(backward_pass, node, position, left_out=True), words, factors)
        if any(isinstance(factor, Scale) for factor in line.local.factors()) and line.product.shape == line.upstream.shape:
            words = forgotten(names.derivative(line.consumer, line.input).name, _formula(line, names))
            yield Mistake(_redone(backward_pass, node, position, left_out=False), words, factors)


def forgotten(factor: str, formula: str) -> str:
    """A factor of the chain rule that was forgotten, and what it is."""
    return f"the factor {factor}{formula} was forgotten"


def left_out(above: str, below: str) -> str:
    """A path that brings nothing."""
    return f"the path from {above} to {below} is missing"


def _formula(line: Contribution, names: Names) -> str:
    factors = [factor.factor for factor in line.local.factors() if isinstance(factor, Scale)]
    return f" = {to_text(factors[0], budget=40, names=names)}" if len(factors) == 1 else ""


def _redone(backward_pass: BackwardPass, node: Node, position: int, *, left_out: bool) -> Array:
    """The gradient of the node when one line of the ledger brings nothing, or its upstream gradient unchanged."""
    totals: dict[Node, Node] = {backward_pass.root: backward_pass.seed}
    for i, line in enumerate(backward_pass):
        upstream = totals.get(line.consumer)
        if upstream is None or (i == position and left_out):
            continue
        pulled = upstream if i == position else line.local.pull(upstream)
        if pulled.shape != line.input.shape:
            pulled = Broadcast(line.input.shape, pulled.shape).pull(pulled)
        total = totals.get(line.input)
        totals[line.input] = pulled if total is None else total + pulled
    found = totals.get(node, literal(np.zeros(node.shape)))
    return np.asarray(found.value, np.float64)
