"""D Xᵀ and the W X that follows it, done for some rows of X at a time, so that X goes through the cache once.

    dW = D Xᵀ                              for each block x of rows of X:
    W_next = W - rate dW            →          dw = D xᵀ, w_next = w - rate dw
    Z_next = W_next X                          Z_next += w_next x

What stands between the two is done on the block as well, if it goes entry by entry; what does not depend on dW is done
before. All stays as it is where something between needs the whole of dW, or lies in memory that would be written too early.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

import numpy as np

from minigraph.program.memory import empty
from minigraph.program.native.layouts import address, same_entries
from minigraph.program.native.library import BLAS_FROM, Library
from minigraph.program.native.rows import ENTRY_BY_ENTRY, Blocks, Call
from minigraph.program.native.running import PythonCall
from minigraph.values import Array

LEAST_BYTES = 1 << 22
"""A smaller X stays in the cache by itself."""
MOST_BYTES = 1 << 17
"""A block of X is not larger, so that it is in the cache still when it is read again."""
LEAST_ROWS, MOST_ROWS = 8, 64
"""With fewer rows of X at a time the products are too short; more gain nothing."""
LEAST_BLOCKS = 3
"""X has so many blocks at least: the first, which begins the sum, and two to see how they go on."""

AnyCall: TypeAlias = Call | Blocks | PythonCall


def rows_at_once(units: int, features: int, examples: int, itemsize: int) -> int:
    """How many of the rows of X are done at a time; 0 if it does not pay.

    Products of a block are left to the interpreter's own loops, which don't copy X as BLAS does: so D is small, too.

    Args:
        units: the rows of W and of D.
        features: the rows of X.
        examples: the columns of X.
        itemsize: the bytes of an entry.
    """
    if features * examples * itemsize < LEAST_BYTES:
        return 0
    rows = min(MOST_ROWS, MOST_BYTES // (examples * itemsize), (BLAS_FROM - 1) // (units * examples))
    rows -= rows % LEAST_ROWS
    return rows if features >= LEAST_BLOCKS * rows else 0


def by_blocks(calls: Sequence[AnyCall], moving: Sequence[Array], library: Library) -> list[AnyCall]:
    """The calls, with each pair D Xᵀ and W X done by blocks of rows of X where that is possible.

    Args:
        calls: what a step does, in order.
        moving: arrays of which others take the place, and which are read after the step.
        library: the interpreter.
    """
    found = list(calls)
    for call in calls:
        if not isinstance(call, Call) or call.function != "dot" or call.operands[1].ndim != 2:
            continue
        end = found.index(call)
        stretches = (_stretch(found, begin, end) for begin in range(end - 1, -1, -1))
        stretch = next((each for each in stretches if each is not None), None)
        if stretch is not None and stretch.can_be_done():
            before = [*found[: stretch.begin], *(other for other, _ in stretch.others)]
            private = stretch.private([*before, *found[end + 1 :]], moving)
            found = [*before, *stretch.blocks(private, library.vectors), *found[end + 1 :]]
    return found


@dataclass(frozen=True)
class _OnBlocks:
    """What is done on each block: a call on matrices with a row for each unit, as large as W, and on arrays of one entry."""

    function: str
    operands: tuple[Array, ...]
    out: Array
    at: int


@dataclass
class _Stretch:
    """From D Xᵀ to W X.

    Attributes:
        begin: where D Xᵀ stands.
        features: X.
        rows: how many rows of X are done at a time.
        first: D Xᵀ.
        last: W X.
        between: what is done on each block between these.
        others: what is done before, and where it stood.
    """

    begin: int
    features: Array
    rows: int
    first: _OnBlocks
    last: _OnBlocks
    between: list[_OnBlocks] = field(default_factory=list)
    others: list[tuple[Call, int]] = field(default_factory=list)

    def can_be_done(self) -> bool:
        """Whether nothing is read or written too early or too late."""
        entry_by_entry = [self.first, *self.between]
        matrices = [self.last.operands[0], *(x for each in self.between for x in each.operands)]
        matrices += [each.out for each in entry_by_entry]
        if _meet([self.last.out], [*matrices, *self.first.operands]):
            return False
        for each in [*entry_by_entry, self.last]:
            later = [x for other, at in self.others if at > each.at for x in _written(other)]
            if _meet([*each.operands, each.out], later) or _meet([each.out], self.first.operands):
                return False
        return all(_are_same(each.out, x) or not _meet([each.out], [x]) for each in entry_by_entry for x in matrices)

    def private(self, elsewhere: Iterable[AnyCall], moving: Sequence[Array]) -> set[int]:
        """The addresses of matrices that nothing else reads, so that memory for a block is enough."""
        read = list(moving)
        for call in elsewhere:
            if not isinstance(call, Call):
                return set()  # who knows what it reads
            read += call.operands
        found, seen = set(), {address(x) for x in self.first.operands}
        for each in [self.first, *self.between]:
            seen |= {address(x) for x in each.operands}
            if address(each.out) not in seen and not _meet([each.out], read):
                found.add(address(each.out))
            seen.add(address(each.out))
        return found

    def blocks(self, private: set[int], vectors: int) -> Iterator[Call | Blocks]:
        """The calls on each block, by vectors of so many bytes."""
        (pulled, _), gradient, rows = self.first.operands, self.first.out, self.rows
        (units, count), dtype = gradient.shape, gradient.dtype
        wide = units * gradient.itemsize >= vectors  # so many units fill a vector, if they lie side by side; so in D
        if wide:
            turned = empty(pulled.shape[::-1], dtype)
            yield Call("copyto", (pulled.T,), turned)
            pulled = turned.T
        scratch = {at: empty((rows, units), dtype).T for at in private}
        apart = empty((rows, units), dtype).T if wide and address(gradient) not in private else None

        def at(start: int) -> list[Call]:
            end = min(start + rows, count)

            def part(x: Array) -> Array:
                if x.shape != gradient.shape:
                    return x
                return scratch[address(x)][:, : end - start] if address(x) in scratch else x[:, start:end]

            features = self.features[start:end]
            made = part(gradient) if apart is None else apart[:, : end - start]
            calls = [Call("dot", (pulled, features.T), made)]
            calls += [] if apart is None else [Call("copyto", (made,), part(gradient))]
            calls += [Call(each.function, tuple(map(part, each.operands)), part(each.out)) for each in self.between]
            return [*calls, Call("dot.add" if start else "dot", (part(self.last.operands[0]), features), self.last.out)]

        yield from at(0)
        whole = count // rows
        yield Blocks(lambda time: at((1 + time) * rows), whole - 1)
        if whole * rows < count:
            yield from at(whole * rows)


def _stretch(calls: Sequence[AnyCall], begin: int, end: int) -> _Stretch | None:
    """The stretch between two calls, if they are D Xᵀ, or X Dᵀ, and W X, and W comes entry by entry from the first."""
    first, last = calls[begin], calls[end]
    if not isinstance(first, Call) or first.function != "dot" or not isinstance(last, Call):
        return None
    (a, b), (weights, features) = first.operands, last.operands
    (gradient,), (product_,) = _written(first), _written(last)
    if not features.flags.c_contiguous or {gradient.ndim, weights.ndim} != {2}:
        return None
    if _are_same(a, features):
        a, b, gradient = b.T, a.T, gradient.T
    elif not _are_same(b.T, features):
        return None
    count, examples = features.shape
    rows = rows_at_once(len(gradient), count, examples, features.itemsize)
    if not rows:
        return None
    found = _Stretch(
        begin,
        features,
        rows,
        _OnBlocks("dot", (a, b), gradient, begin),
        _OnBlocks("dot", (weights, features), product_, end),
    )
    made = [gradient]
    for at, call in enumerate(calls[begin + 1 : end], begin + 1):
        if not isinstance(call, Call):
            return None
        if not _meet(call.operands, made):
            found.others.append((call, at))
            continue
        reads = [x for x in call.operands if _meet([x], made)]
        turned = not _is_one_of(reads[0], made)
        *operands, out = (x.T if turned and x.size > 1 else x for x in _arrays(call))
        fit = all(x.dtype == out.dtype and (x.size == 1 or x.shape == gradient.shape) for x in operands)
        known = all(_is_one_of(x, made) for x in operands if _meet([x], made))
        if call.function not in ENTRY_BY_ENTRY or not fit or not known or out.shape != gradient.shape:
            return None
        found.between.append(_OnBlocks(call.function, tuple(operands), out, at))
        made.append(out)
    return found if _is_one_of(weights, made) else None


def _are_same(x: Array, y: Array) -> bool:
    return x.shape == y.shape and same_entries(x, y)


def _is_one_of(x: Array, arrays: Iterable[Array]) -> bool:
    return any(_are_same(x, y) for y in arrays)


def _arrays(call: Call) -> list[Array]:
    return [*call.operands, *_written(call)]


def _written(call: Call) -> list[Array]:
    return [] if call.out is None else [call.out]


def _meet(some: Iterable[Array], others: Iterable[Array]) -> bool:
    """Whether any of the ones may have memory in common with any of the others."""
    return any(np.may_share_memory(x, y) for x, y in product(some, others))
