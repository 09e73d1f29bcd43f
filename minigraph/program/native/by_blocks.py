"""D Xᵀ and the W X that follows it, done for some rows of X at a time, so that X goes through the cache once.

    dW = D Xᵀ                              for each block x of rows of X:
    W_next = W - rate dW            →          dw = D xᵀ, w_next = w - rate dw
    Z_next = W_next X                          Z_next += w_next x

What stands between the two is done on the block as well, if it goes entry by entry; what does not depend on dW is done
before. All stays as it is where something between needs the whole of dW, or lies in memory that would be written too early.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from minigraph.program.memory import empty
from minigraph.program.native.layouts import address, same_entries
from minigraph.program.native.library import BLAS_FROM, Library
from minigraph.program.native.rows import ENTRY_BY_ENTRY, AnyCall, Blocks, Call
from minigraph.values import Array

LEAST_BYTES = 1 << 22
"""A smaller X stays in the cache by itself."""
MOST_BYTES = 1 << 17
"""A block of X is not larger, so that it is in the cache still when it is read again."""
LEAST_ROWS, MOST_ROWS = 8, 64
"""With fewer rows of X at a time the products are too short; more gain nothing."""
LEAST_BLOCKS = 3
"""X has so many blocks at least: the first, which begins the sum, and two to see how they go on."""


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
        stretch = next(filter(None, (_stretch(found, begin, end) for begin in reversed(range(end)))), None)
        if stretch is not None:
            before, after = [*found[: stretch.begin], *stretch.before], found[end + 1 :]
            private = stretch.private([*before, *after], moving)
            found = [*before, *stretch.blocks(private, library.vectors), *after]
    return found


@dataclass(frozen=True)
class _Stretch:
    """From D Xᵀ to W X.

    Attributes:
        begin: where D Xᵀ stands.
        rows: how many rows of X are done at a time.
        first: D Xᵀ.
        between: what is done on each block: calls on matrices as large as W, a row for each unit, and on single numbers.
        last: W X.
        before: what does not depend on D Xᵀ.
    """

    begin: int
    rows: int
    first: Call
    between: list[Call]
    last: Call
    before: list[Call]

    def private(self, elsewhere: Iterable[AnyCall], moving: Sequence[Array]) -> set[int]:
        """The addresses of matrices that nothing else reads, so that memory for a block is enough."""
        read = list(moving)
        for call in elsewhere:
            if not isinstance(call, Call):
                return set()  # who knows what it reads
            read += call.operands
        found: dict[int, bool] = {}  # as a matrix is first met
        for call in [self.first, *self.between]:
            *operands, out = call.arrays
            for x in operands:
                found.setdefault(address(x), False)
            found.setdefault(address(out), not _meet([out], read))
        return {at for at, is_private in found.items() if is_private}

    def blocks(self, private: set[int], vectors: int) -> Iterator[Call | Blocks]:
        """The calls on each block, by vectors of so many bytes."""
        (pulled, _, made), (weights, features, product) = self.first.arrays, self.last.arrays
        (units, count), between, rows = made.shape, self.between, self.rows
        if units * made.itemsize >= vectors:  # so many units fill a vector, if they lie side by side; so in D and dW
            turned = empty(pulled.shape[::-1], made.dtype)
            yield Call("copyto", (pulled.T,), turned)
            pulled = turned.T
            if address(made) not in private:
                beside = np.empty_like(made)
                between = [Call("copyto", (beside,), made), *between]
                made, private = beside, {*private, address(beside)}
        scratch = {at: empty((rows, units), made.dtype).T for at in private}

        def at(start: int) -> list[Call]:
            end = min(start + rows, count)

            def part(x: Array) -> Array:
                if x.shape != made.shape:
                    return x
                return scratch[address(x)][:, : end - start] if address(x) in scratch else x[:, start:end]

            x = features[start:end]
            calls = [Call("dot", (pulled, x.T), part(made))]
            calls += [Call(call.function, tuple(map(part, call.operands)), part(call.arrays[-1])) for call in between]
            return [*calls, Call("dot.add" if start else "dot", (part(weights), x), product)]

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
    (a, b, gradient), (weights, features, _) = first.arrays, last.arrays
    if not features.flags.c_contiguous or {gradient.ndim, weights.ndim} != {2}:
        return None
    if same_entries(a, features):
        a, b, gradient = b.T, a.T, gradient.T
    elif not same_entries(b.T, features):
        return None
    count, examples = features.shape
    rows = rows_at_once(len(gradient), count, examples, features.itemsize)
    if not rows:
        return None
    made, others = [gradient], []
    chain = [(begin, Call("dot", (a, b), gradient))]
    for at, call in enumerate(calls[begin + 1 : end], begin + 1):
        if not isinstance(call, Call):
            return None
        reads = [x for x in call.operands if _meet([x], made)]
        if not reads:
            others.append((at, call))
            continue
        turned = not _is_one_of(reads[0], made)
        *operands, out = (x.T if turned and x.size > 1 else x for x in call.arrays)
        fit = all(x.dtype == out.dtype and (x.size == 1 or x.shape == gradient.shape) for x in operands)
        known = all(_is_one_of(x, made) for x in operands if _meet([x], made))
        if call.function not in ENTRY_BY_ENTRY or not fit or not known or out.shape != gradient.shape:
            return None
        chain.append((at, Call(call.function, tuple(operands), out)))
        made.append(out)
    chain.append((end, last))
    if not _is_one_of(weights, made) or not _in_order(chain, others):
        return None
    (_, first), *between, _ = chain
    return _Stretch(begin, rows, first, [call for _, call in between], last, [call for _, call in others])


def _in_order(chain: Sequence[tuple[int, Call]], others: Sequence[tuple[int, Call]]) -> bool:
    """Whether nothing is read or written too early or too late, if others, told with where they stand, are done before."""
    for at, call in chain:
        later = [x for where, other in others if where > at for x in other.arrays[len(other.operands) :]]
        if _meet(call.arrays, later):
            return False
    (*whole, gradient), *between, (weights, _, product) = (call.arrays for _, call in chain)
    outs = [gradient, *(arrays[-1] for arrays in between)]
    matrices = [gradient, weights, *itertools.chain(*between)]
    if _meet([product], [*whole, *matrices]) or _meet(outs, whole):
        return False
    return all(same_entries(out, x) or not _meet([out], [x]) for out in outs for x in matrices)


def _is_one_of(x: Array, arrays: Iterable[Array]) -> bool:
    return any(same_entries(x, y) for y in arrays)


def _meet(some: Iterable[Array], others: Iterable[Array]) -> bool:
    """Whether any of the ones may have memory in common with any of the others."""
    return any(np.may_share_memory(x, y) for x, y in itertools.product(some, others))
