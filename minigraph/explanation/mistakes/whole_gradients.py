"""Gradients that are replaced whole: A − Y with something else in it, another node's gradient, the parts of a sum."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

import numpy as np

from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node, literal
from minigraph.core.pulling import ancestors
from minigraph.explanation.mistakes.at_one_step import Apply, Cached, Slip, value_of
from minigraph.explanation.mistakes.constants import Factors
from minigraph.operations.losses import Loss
from minigraph.operations.softmax import Softmax
from minigraph.values import Array

PROPORTIONAL = 1e-6
"""Arrays are proportional but for this rounding, relative to the largest entry."""
FEWEST = 3
"""Of fewer examples none is missed: one of two is half of the gradient."""


class Replaced:
    """For a node and its right gradient, what people put in its place."""

    def __init__(self, backward_pass: BackwardPass, node: Node, cached: Cached, factors: Factors, costs: Collection[Node]):
        self.backward_pass = backward_pass
        self.node = node
        self.cached = cached
        self.factors = [pair for pair in factors if pair[0] not in (-1.0, 2.0, 0.5)]
        self.parts = self._parts(costs)

    def __call__(self, node: Node, right: Array) -> Iterator[Slip]:
        """The slips, the most usual first."""
        yield from self._errors(node, right)
        if node in self.parts:
            yield from self._of_part(node)
        if node not in (self.node, self.backward_pass.root):
            for other, gradient in self.cached.gradients.items():
                one_step_on = other in node.inputs  # then its derivative is put in twice, and called so
                if other is not node and gradient.shape == right.shape and not one_step_on:
                    what = self.cached.names.gradient(other).name
                    yield Slip(f"{what} stands where {self.cached.names.gradient(node).name} belongs", _constant(gradient))

    # A − Y

    def _errors(self, node: Node, right: Array) -> Iterator[Slip]:
        """Where the gradient is A − Y but for a constant: what else may stand there."""
        targets = [x for x in self.cached.values if x[0] in self.cached.fixed and x[2].shape == right.shape]
        for name, A, other_axis in self._predictions(node) if targets else ():
            for _, y, Y in targets:
                scale = _scale(right, A - Y)
                if scale is None:
                    continue
                error, z, Z = f"{name} − {y}", self.cached.called(node), value_of(node)
                belongs = f"where {error} belongs"
                yield Slip(f"{y} was forgotten: {name} stands {belongs}", _constant(scale * A), common=True)
                yield Slip(f"{name} was forgotten: −{y} stands {belongs}", _constant(-scale * Y))
                if name != z:
                    yield Slip(f"{z} − {y} stands {belongs}", _constant(scale * (Z - Y)), common=True)
                    twice = f"the derivative {name}(1 − {name}) was put in once more: {error} has it already"
                    yield Slip(twice, _constant(scale * (A - Y) * A * (1 - A)), common=True)
                    yield Slip(f"{y} − {name}² stands {belongs}", _constant(scale * (Y - A * A)))
                if other_axis is not None:
                    yield Slip(
                        f"softmax was taken over the wrong axis in {error}", _constant(scale * (other_axis - Y)), common=True
                    )
                yield Slip(f"the plus of {name} + {y} stands {belongs}", _constant(scale * (A + Y)))
                yield Slip(f"{name} − (1 − {y}) stands {belongs}", _constant(scale * (A - 1 + Y)))
                yield Slip(
                    f"the predicted classes [{name} > 0.5] − {y} stand {belongs}", _constant(scale * ((A > 0.5) * 1.0 - Y))
                )
                yield Slip(f"the square ({error})² stands {belongs}", _constant(scale * (A - Y) ** 2))
                yield Slip(f"the absolute error |{error}| stands {belongs}", _constant(scale * np.abs(A - Y)))
                if other_axis is not None:
                    yield from _of_softmax(z, y, Z, Y, scale, belongs)
                yield from _of_examples(scale * (A - Y))
                return

    def _predictions(self, node: Node) -> Iterator[tuple[str, Array, Array | None]]:
        """What the node may be in A − Y: what its activation makes of it, or the loss itself, or the node."""
        above = dict.fromkeys(line.consumer for line in self.backward_pass if line.input is node)
        for consumer in above:
            op = consumer.op
            assert op is not None
            if len(consumer.inputs) == 1 and consumer.shape == node.shape:
                yield self.cached.called(consumer), value_of(consumer), _softmax_over_rows(node, op.rules)
            if isinstance(op, Loss) and op.squashes is not None:
                squash = op.squashes(0) if op.squashes is Softmax else op.squashes()
                squashed = squash(literal(value_of(node)))
                sign = "softmax" if op.squashes is Softmax else "σ"
                yield f"{sign}({self.cached.names.of(node)})", value_of(squashed), _softmax_over_rows(node, squash)
        yield self.cached.called(node), value_of(node), None

    # Parts of J

    def _parts(self, costs: Collection[Node]) -> dict[Node, bool]:
        """The largest summands of J, each with whether it is a penalty; none where J has no penalty."""
        penalties = self.cached.penalties
        lines = [line for line in self.backward_pass if line.consumer in costs and line.consumer not in penalties]
        found = {line.input: line.input in penalties for line in lines if line.input in costs}
        forks = {line.consumer for line in lines if line.input in penalties}
        if not forks:
            return {}
        return {line.input: found[line.input] for line in lines if line.consumer in forks and line.input in found}

    def _of_part(self, node: Node) -> Iterator[Slip]:
        what = (
            f"the regulariser {self.cached.names.of(node)}"
            if self.parts[node]
            else f"the part of {self.cached.names.of(node)}"
        )
        if self.parts[node]:
            yield Slip(f"{what} was forgotten", np.zeros_like, common=True, forgets=what)
        else:
            yield Slip(f"{what} was forgotten: only the regulariser is left", np.zeros_like)
        yield Slip(f"the sign of {what} is wrong", np.negative, common=True)
        yield Slip(f"{what} is 2 times the right one", partial(np.multiply, 2), common=True)
        yield Slip(f"{what} is half of the right one", partial(np.multiply, 0.5), common=True)
        for factor, words in self.factors:
            yield Slip(f"of {what} alone, {words}", partial(np.multiply, factor))


def _of_softmax(z: str, y: str, Z: Array, Y: Array, scale: float, belongs: str) -> Iterator[Slip]:
    """What people take for softmax(Z) in softmax(Z) − Y."""
    powers = np.exp(Z - Z.max())
    softmax = powers / powers.sum(axis=0)
    largest = (Z.max(axis=0) == Z) * 1.0
    for words, A in (
        (f"exp({z}) − {y}, which is not divided by its sum, stands", powers * np.exp(Z.max())),
        (f"softmax over all entries of {z} at once, less {y}, stands", powers / powers.sum()),
        (f"log softmax({z}) − {y} stands", np.log(softmax)),
        (f"the predicted class as a one-hot column, less {y}, stands", largest),
    ):
        yield Slip(f"{words} {belongs}", _constant(scale * (A - Y)))


def _of_examples(error: Array) -> Iterator[Slip]:
    """What a loop over the examples leaves out."""
    if error.ndim != 2 or error.shape[1] < FEWEST:
        return
    place = np.arange(error.shape[1])
    for words, kept in (
        ("only the last example counts, as if a loop over them had = where += belongs", place == place[-1]),
        ("only the first example counts", place == 0),
        ("the last example was left out, as by range(m - 1)", place < place[-1]),
        ("the first example was left out, as by range(1, m)", place > 0),
    ):
        yield Slip(words, _constant(error * kept))


def regularised_too(node: Node, cached: Cached) -> Array | None:
    """What a penalty would add if it held this node as it holds others; None without a penalty, or if it is held."""
    if node in ancestors(list(cached.penalties)) or not cached.penalties:
        return None
    return value_of(node)


def _softmax_over_rows(node: Node, op: object) -> Array | None:
    """Softmax along the other axis of a matrix, if this is a softmax."""
    if not isinstance(op, Softmax) or node.ndim != 2:
        return None
    return value_of(Softmax(1 - op.axis % 2)(literal(value_of(node))))


def _scale(right: Array, error: Array) -> float | None:
    """The constant that the right gradient is of the error; for few entries only 1 or 2 count, since any is one."""
    size = float(np.vdot(error, error))
    if not size or not np.isfinite(size):
        return None
    scale = float(np.vdot(right, error)) / size
    fits = np.max(np.abs(right - scale * error)) <= PROPORTIONAL * np.max(np.abs(right))
    return scale if fits and scale and (right.size > 2 or any(abs(scale - x) < PROPORTIONAL for x in (1, 2))) else None


def _constant(array: Array) -> Apply:
    return lambda stack: np.repeat(array[None], len(stack), 0)
