"""Gradients by the chain rule against finite differences."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from minigraph.checking.differences import EntryCheck, Probe, compare, rounding_of
from minigraph.checking.twins import twin
from minigraph.derivatives import grad, nodes_of, refuse_other_than_node
from minigraph.errors import ShapeError, describe
from minigraph.node import Node, Role
from minigraph.notation import to_text
from minigraph.pulling import ancestors


@dataclass(frozen=True, repr=False)
class GradientReport:
    """What `check_gradients` found. It is true in an ``if`` or ``assert`` if all entries agree; ``str()`` is a table.

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
        """Whether the chain rule and the finite differences agree at every entry."""
        return all(entry.agrees for entry in self.entries)

    @property
    def worst(self) -> EntryCheck | None:
        """The entry that is furthest out of what is allowed, or nearest to it; None if there are no entries."""
        return max(self.entries, key=_badness, default=None)

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        header = ("node", "shape", "agree", "worst at", "chain rule", "difference", "error", "allowed", "")
        rows: list[tuple[str, ...]] = [header]
        for node in self.nodes:
            entries = [entry for entry in self.entries if entry.node is node]
            agree = f"{sum(entry.agrees for entry in entries)}/{len(entries)}"
            rows.append((to_text(node, budget=30), str(node.shape), agree, *_worst_cells(entries)))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
        return "\n".join(lines)

    __repr__ = __str__


def _badness(entry: EntryCheck) -> tuple[bool, float]:
    return not entry.agrees, entry.error / entry.allowed if entry.allowed else entry.error


def _worst_cells(entries: Sequence[EntryCheck]) -> tuple[str, ...]:
    if not entries:
        return ("",) * 6
    worst = max(entries, key=_badness)
    numbers = f"{worst.chain_rule:.10g}", f"{worst.difference:.10g}", f"{worst.error:.1e}", f"{worst.allowed:.1e}"
    remarks = sorted({entry.remark for entry in entries if entry.remark})
    remark = worst.remark or (remarks[0] if remarks else "")
    others = len(set(remarks) - {remark})
    more = f", and {others} more remark{'s' if others > 1 else ''}" if others else ""
    return str(worst.index), *numbers, ("" if worst.agrees else "WRONG ") + remark + more


def _indices(node: Node, entries: int | None) -> list[tuple[int, ...]]:
    """All indices of the node's entries, or some of them, spread at random."""
    indices = list(itertools.product(*map(range, node.shape)))
    if entries is None or entries >= len(indices):
        return indices
    chosen = np.random.default_rng(0).choice(len(indices), entries, replace=False)
    return [indices[i] for i in sorted(chosen)]


def check_gradients(J: Node, wrt: Node | Sequence[Node] | None = None, entries: int | None = None) -> GradientReport:
    """Compare the gradients of J by the chain rule with finite differences, entry by entry.

    Central differences in float64, with the step 6e-6 · max(1, |x|); a float32 graph is checked by its twin in
    float64. The step is made smaller, and the report says so, where it leaves the domain or crosses a kink. At a
    kink itself, such as ReLU at 0, any number between the slopes on both sides counts as right.

    Entries agree if they differ by at most 1e-6 of their size, plus 1e-8 (or 1e-8 of the largest entry, if that is
    smaller than 1) or the rounding of J over the step, whichever is larger. J is evaluated at least twice for
    each entry.

    Args:
        J: a scalar node.
        wrt: a node or several, data and intermediate nodes too; by default all parameters that J depends on.
        entries: check this many entries of each node, always the same ones; by default all, which takes long for
            thousands of them.

    Returns:
        A `GradientReport`: ``.ok``, ``.worst``, and a table as ``str()``. It is true if all entries agree.

    Raises:
        ShapeError: if J is not a scalar.
        ValueError: if J depends on no parameter, or not on a node of ``wrt``.

    Example:
        >>> import minigraph as mg
        >>> w, x = mg.parameter([2.0, -1.0], "w"), mg.data([0.5, 3.0], "x")
        >>> report = mg.check_gradients(mg.tanh(w * x).sum())
        >>> report.ok
        True
        >>> print(report)
        node  shape  agree  worst at  chain rule    difference    error    allowed
        w     (2,)   2/2    (1,)      0.0295981...  0.0295981...  ...      ...
    """
    refuse_other_than_node(J, "check_gradients")
    if J.size != 1:
        raise ShapeError(
            f"check_gradients: {describe(J)}, not a scalar. Check its mean or sum, or the sum of (weights * it).",
            operands=(J,),
        )
    order = ancestors([J])
    nodes = [x for x in order if x.role is Role.PARAMETER] if wrt is None else nodes_of(wrt, "check_gradients")
    if not nodes:
        why = "wrt names no node" if wrt is not None else f"{describe(J)} and depends on no parameter"
        raise ValueError(f"check_gradients: {why}. Name the nodes: wrt=[x].")
    double = np.dtype(np.float64)
    twins = twin([J], double) if any(x.dtype != double for x in order) else {x: x for x in order}
    gradients = grad(twins.get(J, J), [twins.get(x, x) for x in nodes])
    rounding = rounding_of(twins[J])
    checked: list[EntryCheck] = []
    for node, gradient in zip(nodes, gradients, strict=True):
        probe = Probe(twins[J], twins[node])
        slopes = np.asarray(gradient.value)
        scale = float(np.max(np.abs(slopes), initial=0.0, where=np.isfinite(slopes)))
        for index in _indices(node, entries):
            found = compare(probe, index, float(slopes[index]), scale, rounding)
            checked.append(found if probe.node is node else replace(found, node=node))
    return GradientReport(J, tuple(nodes), tuple(checked))
