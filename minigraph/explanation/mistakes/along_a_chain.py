"""The chain rule with one or two steps gone wrong: what would have come out at the end of the chain."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.node import Node
from minigraph.explanation.mistakes.at_choices import slips_at_choices
from minigraph.explanation.mistakes.at_one_step import contribution, left_out, slips_of
from minigraph.explanation.mistakes.slip import Apply, Cached, Slip, value_of
from minigraph.values import Array, Shape

MOST_ENTRIES = 150_000_000
"""So many numbers are worked out; in larger nets fewer slips are looked for, or one at a time."""
MOST_COMMON = 150
"""Of more common slips no two are looked for at once."""
MOST_ADDED = 20
"""Of more contributions at a fork none is looked at by itself."""
USUAL = 40
"""About so many slips can be made at a step."""

Key: TypeAlias = tuple[int, ...]
"""The numbers of the slips that were made on the way, the first made first."""
Whole: TypeAlias = Callable[[Node, Array], Iterator[Slip]]
"""For a node and its right gradient, the slips that replace it whole."""


@dataclass(frozen=True)
class Outcome:
    """What comes out at the end, with the slips that were made; and whether others at the same step give it, too."""

    array: Array
    slips: tuple[Slip, ...]
    is_alike: bool = False


def with_one_slip(backward_pass: BackwardPass, node: Node, cached: Cached, whole: Whole) -> list[Outcome]:
    """What one slip gives; in large nets one of those that are common."""
    return _Walk(backward_pass, node, cached, whole, only_common=_work(backward_pass) > MOST_ENTRIES).run()


def with_two_slips(
    backward_pass: BackwardPass, node: Node, cached: Cached, whole: Whole, one: Sequence[Outcome]
) -> list[Outcome]:
    """What two slips give that are common; nothing where that were too many numbers."""
    common = sum(slip.common for outcome in one for slip in outcome.slips if not outcome.is_alike)
    if common > MOST_COMMON or common**2 / 2 * sum(line.product.size for line in backward_pass) > MOST_ENTRIES:
        return []
    return [x for x in _Walk(backward_pass, node, cached, whole, only_common=True, pairs=True).run() if len(x.slips) == 2]


def _work(backward_pass: BackwardPass) -> int:
    """About how many numbers are worked out with the usual slips at each step, each carried on to the end."""
    return sum(USUAL * place * line.product.size for place, line in enumerate(backward_pass, 1))


@dataclass
class _States:
    """A gradient as it is with each set of slips: a stack of arrays, the right one first; at the end also other shapes."""

    keys: list[Key]
    stack: Array
    others: list[tuple[Key, Array]] = field(default_factory=list)

    @property
    def right(self) -> Array:
        right: Array = self.stack[0]
        return right

    def places(self, keys: Sequence[Key]) -> list[int]:
        """Where the arrays are that were made with these slips, as far as they lie on this way."""
        index = {key: place for place, key in enumerate(self.keys)}
        return [next(index[part] for part in (key, *((x,) for x in reversed(key)), ()) if part in index) for key in keys]


@dataclass
class _Walk:
    """The pass once more, with many states of each gradient side by side: the right one, and one for each slip."""

    backward_pass: BackwardPass
    node: Node
    cached: Cached
    whole: Whole
    only_common: bool = False
    pairs: bool = False
    slips: list[Slip] = field(default_factory=list)
    alike: dict[int, list[Slip]] = field(default_factory=dict)
    """By the number of a slip, the others at the same step that give the same array."""

    def run(self) -> list[Outcome]:
        root = self.backward_pass.root
        arrived: dict[Node, list[_States]] = {root: [_States([()], value_of(self.backward_pass.seed)[None])]}
        states: dict[Node, _States] = {}
        for line in self.backward_pass:
            above = line.consumer
            if above not in states:
                states[above] = self._at(above, arrived.pop(above))
            arrived.setdefault(line.input, []).append(self._along(line, states[above]))
        last = self._at(self.node, arrived.pop(self.node))
        found = [*zip(last.keys, last.stack, strict=True), *last.others]
        outcomes = [Outcome(array, tuple(self.slips[i] for i in key)) for key, array in found if key]
        alone = [(key[0], array) for key, array in found if len(key) == 1]
        return outcomes + [Outcome(array, (slip,), True) for number, array in alone for slip in self.alike.get(number, ())]

    def _at(self, node: Node, arrived: Sequence[_States]) -> _States:
        """The sum of what arrived, for each slip that was made in any of it; and the slips that replace it whole."""
        states = arrived[0] if len(arrived) == 1 else _added(arrived)
        known = states.stack[[place for place, key in enumerate(states.keys) if len(key) < 2]]
        found = [*self.whole(node, states.right), *self._kept(node, [each.right for each in arrived])]
        return self._made(states, states, ((slip, slip.apply) for slip in found), known)

    def _kept(self, node: Node, arrived: Sequence[Array]) -> Iterator[Slip]:
        """Of three contributions or more only the last, or the first ones; one that is missing is a path that is."""
        if not 3 <= len(arrived) <= MOST_ADDED:
            return
        name = self.cached.names.of(node)
        users = [self.cached.called(line.consumer) for line in self.backward_pass if line.input is node]
        last = f"of {len(arrived)} contributions to {name} only the last is left, as with = where += belongs"
        yield Slip(last, constant(arrived[-1]))
        total = arrived[0]
        for count, share in enumerate(arrived[1:-1], 1):
            first = "only the first was" if count == 1 else f"only the first {count} were"
            missing = f": what comes from {' and '.join(users[count:])} is missing" if len(users) - count < 3 else ""
            yield Slip(
                f"of {len(arrived)} contributions to {name} {first} added, as of a loop that ends too early{missing}",
                constant(total),
            )
            total = total + share

    def _along(self, line: Contribution, above: _States) -> _States:
        """What the line brings, for each state; and with each slip that can be made there."""
        states = _States(above.keys, contribution(line, above.stack))
        is_last = line.input is self.node and len(line.arrivals) == 1
        found: list[tuple[Slip, Apply]] = []
        if len(line.arrivals) > 1 and line.consumer not in self.cached.penalties:
            words = left_out(self.cached.names.of(line.consumer), self.cached.names.of(line.input))
            missing = Slip(
                f"{words}: contributions at a fork add up", lambda g: np.zeros((len(g), *line.input.shape)), leaves_out=True
            )
            found.append((missing, missing.apply))
        at_factors = [*slips_of(line, self.cached, is_last), *slips_at_choices(line, self.cached)]
        found += [(slip, _at_factor(line, place, slip)) for place, slip in at_factors]
        return self._made(states, above, found, states.stack[:1], is_last=is_last)

    def _made(
        self,
        states: _States,
        above: _States,
        found: Iterable[tuple[Slip, Apply]],
        known: Array,
        is_last: bool = False,
    ) -> _States:
        """The states, and those with each slip made on the right gradient, and on what one common slip has made."""
        shape = states.right.shape
        seen: dict[tuple[Shape, str], int | None] = dict.fromkeys(marks(known))
        bases = [place for place, key in enumerate(above.keys) if len(key) == 1] if self.pairs else []
        keys, arrays, others = list(states.keys), [states.stack], list(states.others)
        for slip, apply in found:
            if self.only_common and not slip.common:
                continue
            try:
                made = apply(above.stack[[0, *bases]])
            except ValueError:  # shapes that don't fit together
                continue
            if made.shape[1:] != shape and not is_last:
                continue
            if (mark := marks(made[:1])[0]) in seen:
                if (first := seen[mark]) is not None and slip.words != self.slips[first].words:
                    self.alike.setdefault(first, []).append(slip)
                continue
            seen[mark] = number = len(self.slips)
            self.slips.append(slip)
            new = [(*above.keys[place], number) for place in (0, *bases)]
            if made.shape[1:] == shape:
                keys += new
                arrays.append(made)
            else:
                others += zip(new, made, strict=True)
        return _States(keys, np.concatenate(arrays), others) if len(arrays) > 1 else _States(keys, states.stack, others)


def constant(array: Array) -> Apply:
    """The same array, whatever comes from above."""
    return lambda stack: np.repeat(array[None], len(stack), 0)


def _at_factor(line: Contribution, place: int, slip: Slip) -> Apply:
    return lambda g: contribution(line, g, place, slip)


def marks(stack: Array) -> list[tuple[Shape, str]]:
    """For each array its shape and a weighted sum of its entries: equal for arrays that are equal but for rounding."""
    shape = stack.shape[1:]
    return [(shape, f"{x:.8e}") for x in stack.reshape(len(stack), -1) @ _weights(math.prod(shape))]


@lru_cache(8)
def _weights(size: int) -> Array:
    weights: Array = np.random.default_rng(0).uniform(1, 2, size)
    return weights


def _added(arrived: Sequence[_States]) -> _States:
    """For each set of slips the sum over the lines, each with those of the slips that were made on its way."""
    keys = list(dict.fromkeys(key for states in arrived for key in states.keys))
    stack = sum((states.stack[states.places(keys)] for states in arrived), np.zeros(()))
    return _States(keys, np.asarray(stack))
