"""`check_gradients`: gradients by the chain rule against finite differences, as a table."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt

from minigraph.calculus.reverse_mode import grad, nodes_of, refuse_other_than_node
from minigraph.checking.finite_differences import EPSILON, Probe, gradients_of_all
from minigraph.checking.verdicts import SEVERITY, EntryCheck, judge
from minigraph.core.errors import ShapeError, describe
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors, pull
from minigraph.formulas import to_text
from minigraph.reading.numbers import terms_of
from minigraph.reading.report_parts import Part, Table, Told
from minigraph.values import Array, whole_number

WIDEST = 30
"""A node without a name is told by so much of its formula, for the sake of the columns beside it."""
MARGIN = 8
"""So many times the rounding of single values, since there are many on the way."""


@dataclass(frozen=True, repr=False)
class GradientReport(Told):
    """What `check_gradients` found. It is true in an ``if`` or ``assert`` if it is ``ok``; ``str()`` is a table.

    Attributes:
        root: the node J that was differentiated.
        nodes: the nodes by which it was differentiated.
        entries: one `EntryCheck` for each entry of each of them.
    """

    root: Node
    nodes: tuple[Node, ...]
    entries: tuple[EntryCheck, ...]

    @property
    def ok(self) -> bool:
        """Whether no entry is wrong, and at least one is right: an undecided entry proves nothing."""
        return not self.wrong and any(entry.agrees for entry in self.entries)

    @property
    def wrong(self) -> tuple[EntryCheck, ...]:
        """The entries that are wrong."""
        return tuple(entry for entry in self.entries if entry.verdict == "wrong")

    @property
    def undecided(self) -> tuple[EntryCheck, ...]:
        """The entries that finite differences can't decide; the ``remark`` of each says why."""
        return tuple(entry for entry in self.entries if entry.verdict == "undecided")

    @property
    def worst(self) -> EntryCheck | None:
        """A wrong entry if there is one, else an undecided one, and of those the furthest out; None without entries."""
        return max(self.entries, key=_badness, default=None)

    def __bool__(self) -> bool:
        return self.ok

    def _parts(self) -> list[Part]:
        header = ("node", "shape", "agree", "verdict", "worst at", "chain rule", "difference", "error", "allowed", "")
        rows: list[tuple[str, ...]] = [header]
        for node in self.nodes:
            entries = [entry for entry in self.entries if entry.node is node]
            agree = f"{sum(entry.agrees for entry in entries)}/{len(entries)}"
            rows.append((to_text(node, budget=WIDEST), str(node.shape), agree, _verdict(entries), *_worst_cells(entries)))
        return [Table(tuple(rows))]


def _badness(entry: EntryCheck) -> tuple[int, float]:
    out = entry.error / entry.allowed if 0 < entry.allowed < math.inf else entry.error
    return SEVERITY[entry.verdict], out


def _verdict(entries: Sequence[EntryCheck]) -> str:
    """The verdict on a node: wrong if one entry is, and how many are undecided."""
    undecided = sum(entry.verdict == "undecided" for entry in entries)
    if any(entry.verdict == "wrong" for entry in entries):
        return "WRONG"
    if undecided == len(entries):
        return "undecided" if entries else "nothing to check"
    return f"right, {undecided} undecided" if undecided else "right"


def _worst_cells(entries: Sequence[EntryCheck]) -> tuple[str, ...]:
    if not entries:
        return ("",) * 6
    worst = max(entries, key=_badness)
    numbers = f"{worst.chain_rule:.10g}", f"{worst.difference:.10g}", f"{worst.error:.1e}", f"{worst.allowed:.1e}"
    remarks = sorted({entry.remark for entry in entries if entry.remark})
    remark = worst.remark or (remarks[0] if remarks else "")
    others = len(set(remarks) - {remark})
    more = f", and {others} more remark{'s' if others > 1 else ''}" if others else ""
    return str(worst.index), *numbers, remark + more


def in_precision(nodes: Sequence[Node], dtype: npt.DTypeLike) -> dict[Node, Node]:
    """A copy of the graph in another precision: by node, one of the same operation, name and role.

    Its leaves hold what the leaves hold now, rounded to ``dtype``.
    """
    kind = np.dtype(dtype)
    copies: dict[Node, Node] = {}
    order = ancestors(nodes)
    pull(order)
    for node in order:
        value = None if node.op else np.asarray(node.value).astype(kind)[()]
        made = Node(node.op, tuple(copies[x] for x in node.inputs), node.shape, kind, node.role, value)
        copies[node] = made if node.name is None else made.named(node.name)
    return copies


def _indices(node: Node, entries: int | None) -> list[tuple[int, ...]]:
    """All indices of the node's entries, or some of them, spread at random."""
    indices = list(itertools.product(*map(range, node.shape)))
    if entries is None or entries >= len(indices):
        return indices
    chosen = np.random.default_rng(0).choice(len(indices), entries, replace=False)
    return [indices[i] for i in sorted(chosen)]


def _rounding_of_entries(gradient: Node) -> Callable[[], Array]:
    """What gives, when it is first asked, how far rounding may put each entry of a gradient off."""
    return cache(lambda: MARGIN * EPSILON * terms_of([gradient])[0])


@np.errstate(all="ignore")
def check_gradients(J: Node, wrt: Node | Sequence[Node] | None = None, entries: int | None = None) -> GradientReport:
    """Compare the gradients of J by the chain rule with finite differences, entry by entry.

    Each entry is *right*, *wrong*, or *undecided* for a reason that the table gives. J is evaluated in float64 at steps
    to both sides, of 6e-6 · max(1, |x|) and, where that does not tell, from a tenth of x or of 1 down to a small part of
    x, and the slopes are extrapolated to the step 0; a float32 graph is checked by a copy of it in float64.

    - An entry is right if a difference that is known to 1e-4 of the entry or better agrees with it: to 1e-6, or to the
      error of the difference if that is larger; and if no difference that is better known excludes it. Errors are
      relative to the entry itself, never to J or to other entries.
      An entry of exactly 0 is right where J does not move, and where its slope is 0 to 1e-6 of the slopes nearby.
    - An entry is wrong if the finest differences that can tell exclude it, or it is NaN or infinite where J has a slope.
    - At a kink, such as ReLU at 0, the slopes on the two sides differ, and any number between them is right: each is
      a subgradient, and frameworks choose differently. Where only the second derivative jumps there is no kink.
    - What `detach` cuts off is held fixed in the differences too.
    - It is undecided at the edge of a domain, where J or the entry is infinite, where J jumps or its slope grows
      without bound, and where rounding is larger than the entry: in J = 1e8 + 1e-6 x, or where terms cancel.

    Args:
        J: a scalar node.
        wrt: a node or several, data and intermediate nodes too; by default all parameters that J depends on.
        entries: check this many entries of each node, always the same ones; by default all, which takes long for
            thousands of them.

    Returns:
        A `GradientReport`: ``.ok``, ``.wrong``, ``.undecided``, ``.worst``, and a table as ``str()``. It is ok, and true,
        if no entry is wrong and at least one is right.

    Raises:
        ShapeError: if J is not a scalar.
        TypeError: if ``entries`` is not a whole number.
        ValueError: if J depends on no parameter, or not on a node of ``wrt``, or if ``entries`` is below 1.

    Example:
        >>> import minigraph as mg
        >>> w, x = mg.parameter([2.0, -1.0], "w"), mg.data([0.5, 3.0], "x")
        >>> report = mg.check_gradients(mg.tanh(w * x).sum())
        >>> report.ok
        True
        >>> print(report)
        node  shape  agree  verdict  worst at  chain rule    difference    error    allowed
        w     (2,)   2/2    right    (1,)      0.0295981...  0.0295981...  ...      ...
    """
    refuse_other_than_node(J, "check_gradients")
    if J.size != 1:
        raise ShapeError(
            f"check_gradients: {describe(J)}, not a scalar. Check its mean or sum, or the sum of (weights * it).",
            operands=(J,),
        )
    if entries is not None and (entries := whole_number(entries, "check_gradients: the number of entries")) < 1:
        raise ValueError(f"check_gradients: entries={entries} would check nothing. Give at least 1, or None for all.")
    order = ancestors([J])
    nodes = [x for x in order if x.role is Role.PARAMETER] if wrt is None else nodes_of(wrt, "check_gradients")
    if not nodes:
        why = "wrt names no node" if wrt is not None else f"{describe(J)} and depends on no parameter"
        raise ValueError(f"check_gradients: {why}. Name the nodes: wrt=[x].")
    copies = in_precision([J], np.float64) if any(x.dtype != np.float64 for x in order) else {x: x for x in order}
    gradients = grad(copies.get(J, J), [copies.get(x, x) for x in nodes])
    every = gradients_of_all(copies[J])
    checked: list[EntryCheck] = []
    for node, gradient in zip(nodes, gradients, strict=True):
        probe = Probe(copies[J], copies[node], every)
        slopes, rounding = np.asarray(gradient.value), _rounding_of_entries(gradient)
        for index in _indices(node, entries):
            found = judge(probe, index, float(slopes[index]), rounding)
            checked.append(found if probe.node is node else replace(found, node=node))
    return GradientReport(J, tuple(nodes), tuple(checked))
