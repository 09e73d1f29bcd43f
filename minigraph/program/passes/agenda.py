"""The agenda of `levelling`: in which order operations on numbers are done so that many of a kind are ready together."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

from minigraph.core.node import Node
from minigraph.core.op import signature
from minigraph.operations.arithmetic import Add
from minigraph.program.lowering.table import signs
from minigraph.program.scalar_levels import Entries, Level

MOST_ORDERS = 2
"""By so many operands a group is ordered to see whether they lie side by side then."""


def entries_at(places: list[int], *, share: bool = True) -> Entries:
    """The entries at these places: a slice, also one for all if they may ``share`` it, or the places."""
    count, first = len(places), places[0]
    if places == [*range(first, first + count)]:
        return slice(first, first + count)
    return slice(first, first + 1) if share and places == [first] * count else places


def is_picked(entries: Entries) -> bool:
    """Whether the entries lie in no order."""
    return not isinstance(entries, slice)


class Agenda:
    """Puts operations into levels.

    Of the kinds of which an operation is ready, the next is that behind whose operations, all that are left, the longest way
    lies on average. What nothing waits for, such as the local derivatives of a long chain, waits until all of it is ready.

    Attributes:
        levels: what is done, in order.
        size: how many numbers there are then.
    """

    def __init__(self, members: Sequence[Node], at: dict[Node, int]):
        self.levels: list[Level] = []
        self.size = len(at)
        self._at = at
        self._readers: dict[Node, list[Node]] = {node: [] for node in members}
        self._missing: dict[Node, int] = {}
        self._behind: dict[Node, int] = {}
        self._kind: dict[Node, Any] = {}
        self._left: dict[Any, tuple[int, int]] = {}  # of a kind how many, and what is behind them added up
        self._ready: dict[Any, list[Node]] = {}
        self._next: list[tuple[float, int, Any]] = []
        self._count = 0
        for node in members:
            missing = [x for x in node.inputs if x in self._readers]
            self._missing[node] = len(missing)
            for x in missing:
                self._readers[x].append(node)
        for node in reversed(members):
            self._enter(node)
        for node in members:
            if not self._missing[node]:
                self._is_ready(node)
        while self._next:
            group = self._ready.pop(heappop(self._next)[-1])
            self._do(group)

    def _enter(self, node: Node) -> None:
        behind = self._behind[node] = 1 + max([self._behind[x] for x in self._readers[node]], default=0)
        kind = self._kind[node] = (signature(node.op) if node.op is not None else None, len(node.inputs))
        count, total = self._left.get(kind, (0, 0))
        self._left[kind] = count + 1, total + behind

    def _is_ready(self, node: Node) -> None:
        kind = self._kind[node]
        if kind in self._ready:
            self._ready[kind].append(node)
            return
        self._ready[kind] = [node]
        count, total = self._left[kind]
        self._count += 1  # so that kinds are not compared
        heappush(self._next, (-total / count, self._count, kind))

    def _do(self, group: list[Node]) -> None:
        op = group[0].op
        assert op is not None
        run = self._run(group)
        rows = [group, *(row for row, _ in run)]
        terms = [*_columns(group), *(row for _, row in run)]
        if len(terms) > 2 and all(sign == 1 for sign in signs(group[0])):
            entries = entries_at(self._places([x for row in terms for x in row]), share=False)
            if 1 + is_picked(entries) < (len(terms) - 1) * (1 + (len(group) > 1)):
                terms_shape = len(terms), len(group)
                self._add(rows, Level(op, self.size, terms_shape if run else terms_shape[1:], (entries,), terms_shape))
                return
        group = self._in_order(group)
        apart = len(group) > 1 and len(group) <= 1 + self._picked(group)  # then single ones, which need not be picked
        for part in [[node] for node in group] if apart else [group]:
            self._add([part], Level(op, self.size, (len(part),), self._operands(part)))

    def _add(self, rows: list[list[Node]], level: Level) -> None:
        """A level, at whose end the rows lie: in a run of sums the first term, which is no sum, lies before them."""
        self.levels.append(level)
        self.size = level.slice.stop
        done = [node for row in rows for node in row]
        self._at |= zip(done, range(self.size - len(done), self.size), strict=True)
        self._are_done(done)

    def _run(self, group: list[Node]) -> list[tuple[list[Node], list[Node]]]:
        """The sums that follow a sum, each of the one before and a term that is there: in rows, and their terms."""
        rows: list[tuple[list[Node], list[Node]]] = []
        last = group
        while type(group[0].op) is Add:
            row: list[Node] = []
            terms: list[Node] = []
            for node in last:
                for reader in self._readers[node]:
                    if type(reader.op) is Add and self._missing[reader] == 1:
                        a, b = reader.inputs
                        row.append(reader)
                        terms.append(b if a is node else a)
                        break
                else:
                    return rows
            rows.append((row, terms))
            last = row
        return rows

    def _places(self, nodes: Sequence[Node]) -> list[int]:
        return [self._at[x] for x in nodes]

    def _operands(self, group: list[Node]) -> tuple[Entries, ...]:
        """For each operand where those of the group lie."""
        return tuple([entries_at(self._places(column)) for column in _columns(group)])

    def _in_order(self, group: list[Node]) -> list[Node]:
        """The group so ordered that as few operands as possible have to be picked."""
        best, fewest = group, self._picked(group)
        for position in range(min(len(group[0].inputs), MOST_ORDERS)):
            if fewest:
                other = sorted(group, key=lambda node: self._at[node.inputs[position]])
                if (picked := self._picked(other)) < fewest:
                    best, fewest = other, picked
        return best

    def _picked(self, group: list[Node]) -> int:
        return sum(map(is_picked, self._operands(group)))

    def _are_done(self, done: list[Node]) -> None:
        """See what is ready then."""
        kind = self._kind[done[0]]
        count, total = self._left[kind]
        self._left[kind] = count - len(done), total - sum([self._behind[node] for node in done])
        for node in done:
            for reader in self._readers[node]:
                self._missing[reader] -= 1
                if not self._missing[reader] and reader not in self._at:
                    self._is_ready(reader)


def _columns(group: list[Node]) -> list[tuple[Node, ...]]:
    """For each position the operands that stand there."""
    return list(zip(*(node.inputs for node in group), strict=True))
