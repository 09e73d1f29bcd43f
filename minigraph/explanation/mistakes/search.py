"""The usual mistakes in a gradient, each as the array that it would give.

What may be wrong, a `Slip` each, stands in `at_one_step` (of the chain), `at_choices` (of entries), `whole_gradients` (one
is replaced by something else) and `constants`; `along_a_chain` goes on from a wrong step to the end. They are put together
here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from minigraph.calculus.reverse_mode import look_back
from minigraph.core.errors import DomainError
from minigraph.core.evaluation import evaluate
from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.explanation.layers import costs_of
from minigraph.explanation.mistakes.along_a_chain import Outcome, with_one_slip, with_two_slips
from minigraph.explanation.mistakes.at_every_step import at_every_step
from minigraph.explanation.mistakes.axes import transposed
from minigraph.explanation.mistakes.constants import RATES, Factors, common_factors, rare_factors
from minigraph.explanation.mistakes.slip import Cached, cached_in, value_of
from minigraph.explanation.mistakes.whole_gradients import Replaced, is_multiple, regularised_too
from minigraph.reading.names import Names
from minigraph.reading.numbers import rounded
from minigraph.values import Array, norm

MOST_EDGES = 200
"""In longer passes single steps are not tried."""
ALIKE = 2
"""What is made alike at several steps counts as two things that went wrong."""
MULTIPLE = "\0"
"""In the words of a mistake, where the multiple is written."""
UNIT = 1e-10
"""What was divided by its norm agrees to this part of its size."""
FEWEST_SIGNS = 3
"""Fewer entries may all be 1 or −1 by chance."""
SIGN = 1e-3
"""But for so much an entry is 1 or −1: Adam adds a small number to what it divides by."""
MOST_DIGITS = 7
"""Who rounds leaves so many digits or fewer."""


@dataclass(frozen=True)
class Mistake:
    """What somebody may have computed instead of the gradient.

    Attributes:
        array: what the mistake gives.
        words: the mistake in words; "" for the right gradient, which may still be off by a factor.
        wrong: how many steps of the chain went wrong; 0 for what needs none.
        factors: constants that may be wrong as well, with words for them.
        direction: an array of which any multiple may be added, called `MULTIPLE` in the words; None if there is none.
    """

    array: Array
    words: str
    wrong: int = 0
    factors: Factors = ()
    direction: Array | None = None


class Mistakes:
    """The mistakes that can be made on the way from J to one node, the simplest first, a list for each degree."""

    def __init__(self, backward_pass: BackwardPass, node: Node, right: Array, names: Names, given: Mapping[Node, Array]):
        """``given`` are the gradients that are compared, all of one step of descent."""
        self.backward_pass, self.node, self.right, self.names = backward_pass, node, right, names
        self.given = {x: array for x, array in given.items() if x.op is None and array.shape == x.shape}
        self.factors = common_factors(backward_pass)

    def degrees(self) -> Iterator[list[Mistake]]:
        """What needs no wrong step; what needs one; what needs two."""
        yield [*self.simple()]
        if len(self.backward_pass) > MOST_EDGES:
            yield [*self._of_other_nodes(self._everything()[0])]
            return
        gradients, costs = self._everything()
        cached = cached_in(self.backward_pass, self.names, gradients, costs)
        replaced = Replaced(self.backward_pass, self.node, cached, self.factors, costs)
        one = with_one_slip(self.backward_pass, self.node, cached, replaced)
        alike = at_every_step(self.backward_pass, self.node, cached)
        yield [
            *self._of_other_nodes(gradients),
            *self._told(one, 1),
            *self._in_a_direction(one, cached),
            *self._before_any_step(),
            *self._told(alike, ALIKE),
        ]
        yield [*self._told(with_two_slips(self.backward_pass, self.node, cached, replaced, one), 2)]

    def with_something_left_out(self) -> Iterator[Mistake]:
        """Another node's gradient, a factor that was forgotten, a path that is missing."""
        gradients, costs = self._everything()
        yield from self._of_other_nodes(gradients)
        if len(self.backward_pass) <= MOST_EDGES:
            cached = cached_in(self.backward_pass, self.names, gradients, costs)
            one = with_one_slip(self.backward_pass, self.node, cached, lambda node, right: iter(()))
            yield from self._told([outcome for outcome in one if outcome.slips[0].leaves_out], 1)

    def _told(self, found: list[Outcome], wrong: int) -> Iterator[Mistake]:
        for outcome in found:
            yield Mistake(outcome.array, ", and ".join(slip.words for slip in outcome.slips), wrong, self.factors)

    def _of_other_nodes(self, gradients: Mapping[Node, Array]) -> Iterator[Mistake]:
        own = value_of(self.node)
        if own.size != 1 or abs(own.item()) not in (0, 1):  # a single 1 is most often something else
            yield Mistake(own, f"it is {self.names.of(self.node)} itself, and not its gradient", 1)
        for other, gradient in gradients.items():
            if other is not self.node:
                yield Mistake(gradient, f"it is the gradient of another node, {self.names.of(other)}", 1)

    # No wrong step

    def simple(self) -> Iterator[Mistake]:
        """The right gradient off by a constant, or summed wrongly, or of another time."""
        right, name = self.right, self.names.of(self.node)
        if right.any():
            yield Mistake(0 * right, "it is 0 everywhere, as if nothing had been added to it")
        yield Mistake(right, "", 0, [*self.factors, *rare_factors(self.backward_pass)])
        for line in self.backward_pass:
            if line.input is self.node and line.summed_axes and len(line.arrivals) == 1:
                product = value_of(line.product)
                why = f"{name} {self.node.shape} was broadcast to {line.consumer.shape}, so its gradient is summed back"
                yield Mistake(product, f"the sum is missing: {why}", 0, self.factors)
                mean = product.mean(line.summed_axes).reshape(self.node.shape)
                yield Mistake(mean, f"the mean was taken where the sum belongs: {why}", 0, self.factors)
        yield from self._of_another_time()

    def _of_another_time(self) -> Iterator[Mistake]:
        """What was right before the values were assigned, or is what a step makes of the node."""
        name, node, gradient = self.names.of(self.node), self.node, self.names.gradient(self.node).name
        stale = "it was taken before the values were last assigned: it is "
        if (left := node._grad) is not None and np.shape(left) == node.shape:
            yield Mistake(np.asarray(left, np.float64), f"{stale}what the last backward pass left there")
        if node.op is None:
            for before, (rate, *others) in self._before_a_step:
                what = f"the gradient at {name} + {rate} · this array, before a step with the rate {rate}"
                if not others:
                    yield Mistake(before, stale + what)
            yield Mistake(
                value_of(node),
                f"it is the new {name}: {name} − {MULTIPLE} · {gradient}, and not the gradient",
                0,
                (),
                -self.right,
            )

    @cached_property
    def _before_a_step(self) -> list[tuple[Array, list[float]]]:
        """The gradients before a step of descent that made the values what they are, each with the rates that give it."""
        found: dict[bytes, tuple[Array, list[float]]] = {}
        for rate in RATES:
            step = {x: value_of(x) + rate * array for x, array in self.given.items()}
            try:
                before = np.asarray(evaluate(self.backward_pass.gradients[self.node], given=step), np.float64)
            except DomainError:
                continue
            found.setdefault(before.tobytes(), (before, []))[1].append(rate)
        return [*found.values()]

    def _before_any_step(self) -> Iterator[Mistake]:
        """The gradient before a step with many a rate: near a kink each would do, so that it tells less than a slip."""
        name = self.names.of(self.node)
        for before, rates in self._before_a_step if self.node.op is None else ():
            if len(rates) > 1:
                what = f"the gradient at {name} + a small multiple of this array, before a step with a small rate"
                yield Mistake(before, f"it was taken before the values were last assigned: it is {what}", 1)

    def _everything(self) -> tuple[dict[Node, Array], set[Node]]:
        """The gradients of all nodes with names, but J; and the costs that J adds up."""
        root = self.backward_pass.root
        wanted = {x for x in ancestors([root]) if x is not root and (x.name is not None or x.role is Role.PARAMETER)}
        everything = look_back(root, self.backward_pass.seed, "compare", wanted)
        named = {x: value_of(gradient) for x, gradient in everything.gradients.items() if x in wanted and x.name is not None}
        return named, costs_of(everything)

    def _in_a_direction(self, one: list[Outcome], cached: Cached) -> Iterator[Mistake]:
        """What is off by any multiple of an array: a step of descent that came too early, a penalty with another factor."""
        for outcome in one:
            (slip,) = outcome.slips
            if slip.of_gradient and outcome.array.shape == self.right.shape and not is_multiple(outcome.array, self.right):
                early = f"{slip.of_gradient} had been updated before it was used: less {MULTIPLE} times its gradient"
                yield Mistake(self.right, early, 1, (), -outcome.array)
            if slip.forgets:
                rest = self.right - outcome.array
                yield Mistake(outcome.array, f"of {slip.forgets}, {MULTIPLE} times the right one was added", 2, (), rest)
        if (values := regularised_too(self.node, self.right, cached)) is not None:
            name = self.names.of(self.node)
            not_held = "the regulariser of J does not hold it" if cached.penalties else "J has no regulariser"
            too = f"{name} was regularised as well, and {not_held}: {MULTIPLE} · {name} was added"
            yield Mistake(self.right, too, 1, (), values)


def mistakes(backward_pass: BackwardPass, node: Node, right: Array, names: Names) -> Iterator[Mistake]:
    """Those that a beginner meets first, each with one thing gone wrong: constants, shapes, and what was left out."""
    search = Mistakes(backward_pass, node, right, names, {})
    yield Mistake(right, "", 0, search.factors)
    yield from (mistake for mistake in search.simple() if mistake.words and mistake.direction is None)
    if right.ndim == 2 and right.size > 1:
        yield Mistake(right.T, transposed(node, names))
    yield from search.with_something_left_out()


def worked_over(mine: Array, right: Array) -> str:
    """What was done to the right gradient when it was there: rounded, clipped, scaled to the norm 1; "" if nothing was."""
    if not mine.any() or mine.shape != right.shape or not np.all(np.isfinite(right)):
        return ""
    limit = float(np.max(np.abs(mine)))
    cut = np.abs(right) > limit
    if np.count_nonzero(cut) > 1 and not cut.all() and np.allclose(np.clip(right, -limit, limit), mine, UNIT, 0):
        return f"it is the right one clipped to [−{rounded(limit)}, {rounded(limit)}]"
    if mine.size > 1 and np.allclose(right / norm(right), mine, UNIT, 0):
        return "it is the right one divided by its norm"
    if mine.size > FEWEST_SIGNS and np.all(np.abs(np.sign(right) - mine) < SIGN):
        return "only the signs of the right one are left, as in the first step of Adam"
    with np.errstate(over="ignore"):
        if np.array_equal(right.astype(np.float16).astype(np.float64), mine):
            return "it is the right one rounded to half precision, float16"
    for digits in range(1, MOST_DIGITS + 1):
        if np.array_equal(np.round(right, digits), mine):
            return f"it is the right one rounded to {digits} decimal{'s' * (digits > 1)}"
        if all(float(f"{x:.{digits - 1}e}") == y for x, y in zip(right.flat, mine.flat, strict=True)):
            return f"it is the right one rounded to {digits} significant digit{'s' * (digits > 1)}"
    return ""
