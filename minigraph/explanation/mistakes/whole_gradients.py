"""Gradients that are replaced whole: A − Y with something else in it, another node's gradient, the parts of a sum."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial

import numpy as np

from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node, Role, literal
from minigraph.core.pulling import ancestors
from minigraph.explanation.mistakes.along_a_chain import constant
from minigraph.explanation.mistakes.constants import Factors
from minigraph.explanation.mistakes.slip import Cached, Slip, value_of
from minigraph.operations.losses import Loss
from minigraph.operations.softmax import LogSoftmax, Softmax
from minigraph.values import Array

PROPORTIONAL = 1e-6
"""Arrays are proportional but for this rounding, relative to the largest entry."""
FEWEST = 3
"""Of fewer examples none is missed: one of two is half of the gradient. Nor do fewer signs tell anything."""


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
                    yield Slip(f"{what} stands where {self.cached.names.gradient(node).name} belongs", constant(gradient))

    # A − Y

    def _errors(self, node: Node, right: Array) -> Iterator[Slip]:
        """Where the gradient is A − Y but for a constant: what else may stand there."""
        targets = [x for x in self.cached.values if x[0] in self.cached.fixed and x[2].shape == right.shape]
        for name, A, axis in self._predictions(node) if targets else ():
            for _, y, Y in targets:
                scale = _scale(right, A - Y)
                if scale is None:
                    continue
                error, z, Z = f"{name} − {y}", self.cached.called(node), value_of(node)
                belongs = f"where {error} belongs"
                yield Slip(f"{y} was forgotten: {name} stands {belongs}", constant(scale * A), common=True)
                yield Slip(f"{name} was forgotten: −{y} stands {belongs}", constant(-scale * Y))
                if name != z:
                    yield Slip(f"{z} − {y} stands {belongs}", constant(scale * (Z - Y)), common=True)
                    twice = f"the derivative {name}(1 − {name}) was put in once more: {error} has it already"
                    yield Slip(twice, constant(scale * (A - Y) * A * (1 - A)), common=True)
                    yield Slip(f"{y} − {name}² stands {belongs}", constant(scale * (Y - A * A)))
                if axis is not None and node.ndim == 2:
                    other = value_of(Softmax(1 - axis)(literal(Z)))
                    yield Slip(
                        f"softmax was taken over the wrong axis in {error}", constant(scale * (other - Y)), common=True
                    )
                yield Slip(f"the plus of {name} + {y} stands {belongs}", constant(scale * (A + Y)))
                yield Slip(f"{name} − (1 − {y}) stands {belongs}", constant(scale * (A - 1 + Y)))
                yield Slip(
                    f"the predicted classes [{name} > 0.5] − {y} stand {belongs}", constant(scale * ((A > 0.5) * 1.0 - Y))
                )
                yield Slip(f"the square ({error})² stands {belongs}", constant(scale * (A - Y) ** 2))
                yield Slip(f"({error})(1 − ({error})) stands {belongs}", constant(scale * (A - Y) * (1 - A + Y)))
                if right.size > FEWEST:
                    signs = f"the sign of {error} stands {belongs}, as of an absolute error"
                    yield Slip(signs, constant(scale * np.sign(A - Y)))
                yield Slip(f"the absolute error |{error}| stands {belongs}", constant(scale * np.abs(A - Y)))
                if axis is not None:
                    yield from _of_softmax(z, y, Z, Y, axis, scale, belongs)
                yield from _of_examples(scale * (A - Y), 0 if axis == 1 else -1)
                return

    def _predictions(self, node: Node) -> Iterator[tuple[str, Array, int | None]]:
        """What the node may be in A − Y: what its activation makes of it, or the loss itself, or the node.

        Each with the axis of softmax, or None.
        """
        z = self.cached.names.of(node)
        above = dict.fromkeys(line.consumer for line in self.backward_pass if line.input is node)
        for consumer in above:
            op = consumer.op
            assert op is not None
            if isinstance(op.rules, LogSoftmax) or (isinstance(op, Loss) and op.squashes is Softmax):
                along = op.rules.axis % node.ndim if isinstance(op.rules, LogSoftmax) else 0
                yield f"softmax({z})", value_of(Softmax(along)(literal(value_of(node)))), along
            elif isinstance(op, Loss) and op.squashes is not None:
                yield f"σ({z})", value_of(op.squashes()(literal(value_of(node)))), None
            elif len(consumer.inputs) == 1 and consumer.shape == node.shape:
                axis = op.rules.axis % node.ndim if isinstance(op.rules, Softmax) else None
                yield self.cached.called(consumer), value_of(consumer), axis
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


def _of_softmax(z: str, y: str, Z: Array, Y: Array, axis: int, scale: float, belongs: str) -> Iterator[Slip]:
    """What people take for softmax(Z) in softmax(Z) − Y."""
    powers = np.exp(Z - Z.max())
    softmax = powers / powers.sum(axis, keepdims=True)
    twice = np.exp(softmax) / np.exp(softmax).sum(axis, keepdims=True)
    largest = (Z.max(axis, keepdims=True) == Z) * 1.0
    for words, A in (
        (f"exp({z}) − {y}, which is not divided by its sum, stands", powers * np.exp(Z.max())),
        (f"softmax over all entries of {z} at once, less {y}, stands", powers / powers.sum()),
        (f"log softmax({z}) − {y} stands", np.log(softmax)),
        (f"the predicted class as a one-hot column, less {y}, stands", largest),
        (f"σ({z}) − {y} stands", 1 / (1 + np.exp(-Z))),
        (f"softmax of softmax({z}), less {y}, stands", twice),
    ):
        yield Slip(f"{words} {belongs}", constant(scale * (A - Y)))
    for words, error in (
        (
            f"1 was taken from all entries, and not from that of the right class only: softmax({z}) − 1 stands",
            softmax - 1,
        ),
        (f"only the entry of the right class counts: {y}(softmax({z}) − 1) stands", Y * (softmax - 1)),
        (f"−{y}/softmax({z}), which is not taken through softmax, stands", -Y / softmax),
    ):
        yield Slip(f"{words} {belongs}", constant(scale * error))


def _of_examples(error: Array, axis: int) -> Iterator[Slip]:
    """What a loop over the examples leaves out."""
    if error.ndim != 2 or error.shape[axis] < FEWEST:
        return
    place = np.arange(error.shape[axis]).reshape((-1, 1) if axis == 0 else (1, -1))
    for words, kept in (
        ("only the last example counts, as if a loop over them had = where += belongs", place == place.max()),
        ("only the first example counts", place == 0),
        ("the last example was left out, as by range(m - 1)", place < place.max()),
        ("the first example was left out, as by range(1, m)", place > 0),
    ):
        yield Slip(words, constant(error * kept))


def regularised_too(node: Node, right: Array, cached: Cached) -> Array | None:
    """What a penalty would add if it held this parameter; None if one does, or if the gradient is a multiple of it."""
    values = value_of(node)
    held = node.role is not Role.PARAMETER or node in ancestors(list(cached.penalties))
    return None if held or not values.any() or is_multiple(right, values) else values


def is_multiple(array: Array, other: Array) -> bool:
    """Whether the array is a multiple of the other: what is off by a multiple of either then tells nothing."""
    size = float(np.vdot(other, other))
    rest = array - other * (np.vdot(other, array) / size) if size else array
    return bool(np.max(np.abs(rest), initial=0.0) <= PROPORTIONAL * np.max(np.abs(array), initial=0.0))


def _scale(right: Array, error: Array) -> float | None:
    """The constant that the right gradient is of the error; for few entries only 1 or 2 count, since any is one."""
    size = float(np.vdot(error, error))
    if not size or not np.isfinite(size):
        return None
    scale = float(np.vdot(right, error)) / size
    fits = np.max(np.abs(right - scale * error)) <= PROPORTIONAL * np.max(np.abs(right))
    return scale if fits and scale and (right.size > 2 or any(abs(scale - x) < PROPORTIONAL for x in (1, 2))) else None
