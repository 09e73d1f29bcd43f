"""The agenda of `levelling`: in which order operations on numbers are done so that many of a kind are ready together."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Any

from minigraph.core.node import Node
from minigraph.core.op import Op, signature
from minigraph.operations.arithmetic import Add
from minigraph.program.lowering.table import signs
from minigraph.program.scalar_levels import Entries, Level

MOST_ORDERS = 2
"""By so many operands a group is ordered to see whether they lie side by side then."""


def entries_at(places: Sequence[int], indices: list[int], *, share: bool = True) -> Entries:
    """The entries at these places: a slice, one for all if they may ``share`` it, or indices, which join the others."""
    count, first = len(places), places[0]
    if places == [*range(first, first + count)]:
        return Entries(first, count)
    if share and places == [first] * count:
        return Entries(first, 1)
    indices.extend(places)
    return Entries(len(indices) - count, count, picked=True)


class Agenda:
    """Puts operations into levels.

    Of the kinds of which an operation is ready, the next is that behind whose operations, all that are left, the longest way
    lies on average. What nothing waits for, such as the local derivatives of a long chain, waits until all of it is ready.

    Attributes:
        levels: what is done, in order.
        size: how many numbers there are then.
    """

    def __init__(self, members: Sequence[Node], at: dict[Node, int], indices: list[int]):
        self.levels: list[Level] = []
        self.size = len(at)
        self._at, self._indices = at, indices
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
        terms = [list(column) for column in zip(*(node.inputs for node in group), strict=True)]
        rows = [group]
        if type(op) is Add and (run := self._run(group)):
            terms += [row_terms for _, row_terms in run]
            rows = [[], group, *(row for row, _ in run)]
        is_sum = all(sign == 1 for sign in signs(group[0]))
        if is_sum and len(terms) > 2 and self._calls_for_rows(terms) < (len(terms) - 1) * (1 + (len(group) > 1)):
            self._add_rows(op, terms, rows)
            return
        group = self._in_order(group)
        apart = len(group) > 1 and len(group) <= 1 + self._picked(group)  # then single ones, which need not be picked
        for part in [[node] for node in group] if apart else [group]:
            entries = tuple(entries_at(places, self._indices) for places in self._places(part))
            self.levels.append(Level(op, self.size, (len(part),), entries))
            self._are_placed(part)
        self._are_done(group)

    def _run(self, group: list[Node]) -> list[tuple[list[Node], list[Node]]]:
        """The sums that follow, each of the one before and a term that is there: in rows, and their terms."""
        rows: list[tuple[list[Node], list[Node]]] = []
        last = group
        while True:
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

    def _add_rows(self, op: Op, terms: list[list[Node]], rows: list[list[Node]]) -> None:
        """A sum of rows, or a run of sums, whose first row is no sum yet."""
        width = len(terms[0])
        entries = entries_at([self._at[x] for row in terms for x in row], self._indices, share=False)
        shape = (width,) if len(rows) == 1 else (len(terms), width)
        self.levels.append(Level(op, self.size, shape, (entries,), (len(terms), width)))
        if not rows[0]:
            self.size += width
        for row in rows:
            self._are_placed(row)
        self._are_done([node for row in rows for node in row])

    def _calls_for_rows(self, terms: list[list[Node]]) -> int:
        """How many calls their sum takes."""
        return 1 + entries_at([self._at[x] for row in terms for x in row], [], share=False).picked

    def _places(self, group: list[Node]) -> list[list[int]]:
        """For each operand where those of the group lie."""
        at = self._at
        return [[at[x] for x in column] for column in zip(*(node.inputs for node in group), strict=True)]

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
        return sum(entries_at(places, []).picked for places in self._places(group))

    def _are_placed(self, nodes: list[Node]) -> None:
        """Put them side by side behind what is there."""
        for node in nodes:
            self._at[node] = self.size
            self.size += 1

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
