"""Nudging: change a node a little, see what moves, and compare with what its gradient predicts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minigraph.calculus.reverse_mode import look_back
from minigraph.core.errors import DomainError, ShapeError, describe
from minigraph.core.evaluation import evaluate
from minigraph.core.node import Node
from minigraph.core.pulling import ancestors
from minigraph.formulas import to_text
from minigraph.reading.names import Names
from minigraph.reading.numbers import index_text, largest_entry, relation, rounded, terms_of
from minigraph.reading.report_parts import Part, Told
from minigraph.reading.steps import is_cut, is_switch, refuse_unrelated, root_and_seed
from minigraph.values import Array

CLOSE = 1e-6
"""Predicted and actual change are called equal below this relative difference."""
CURVED = 0.01
"""And nearly equal below this one."""
ROUNDINGS = 8
"""So many roundings of J's terms may be in a change of J."""
SHRINK = 8
"""A step so many times smaller tells curvature from a wrong slope."""
MOST_MOVED = 8
"""So many of the nodes that moved are listed."""


@dataclass(frozen=True, repr=False)
class Nudge(Told):
    """What happened when a node was nudged.

    Attributes:
        J: the scalar that was watched.
        node: the node that was nudged.
        by: how far.
        entry: which entry of it; None if every entry.
        slope: ∂J/∂node, at the entry, or summed over all.
        predicted: slope · by.
        actual: how far J really moved.
        moved: the named nodes in between with their values before and after.
        kinks: the derivatives that jump on the way, in words.
        confirmed: True if predicted and actual agree, but for curvature, which goes with the square of ``by``.
        rounding: how much of a change of J may be its rounding.
        held: what `detach` cuts off and the node would move, as formulas: it was held fixed, as the gradient has it.
    """

    J: Node
    node: Node
    by: float
    entry: tuple[int, ...] | None
    slope: float
    predicted: float
    actual: float
    moved: tuple[tuple[Node, Any, Any], ...]
    kinks: tuple[str, ...]
    confirmed: bool
    rounding: float = 0.0
    held: tuple[str, ...] = ()

    @property
    def hidden(self) -> bool:
        """Whether both changes are too small to be seen beside the rounding of J."""
        return 0 < max(abs(self.predicted), abs(self.actual)) <= self.rounding

    def line(self, J: str, name: str) -> str:
        """In one line: ``b + 0.001 moves J by 0.006 = 6 × 0.001 ✓``."""
        name += index_text(self.entry or ())
        differs = abs(self.actual - self.predicted)
        near = self.confirmed or self.hidden or differs <= CURVED * abs(self.predicted)
        sign = "=" if differs <= CLOSE * abs(self.predicted) else "≈" if near else "≠"
        step = f"{'+' if self.by >= 0 else '−'} {rounded(abs(self.by))}"
        by = rounded(self.by) if self.by >= 0 else f"({rounded(self.by)})"
        told = f"{name} {step} moves {J} by {rounded(self.actual)} {sign} {rounded(self.slope)} × {by}"
        if self.held:
            told = f"with {' and '.join(self.held)} held fixed, {told}"
        if self.kinks:
            return f"{told}; there is a kink: {', '.join(self.kinks)}"
        if self.hidden:
            return f"{told}; that is less than the rounding of {J}"
        if not self.confirmed:
            return f"{told} ✗"
        curved = differs > CURVED * abs(self.predicted) + self.rounding
        return f"{told} ✓" + (" (the rest is curvature: halve the step and it is a quarter)" if curved else "")

    def _parts(self) -> list[Part]:
        names = Names(self.J, [self.node])
        J, name = names.of(self.J), names.of(self.node)
        lines = [f"nudge: {self.line(J, name)}"]
        for node, before, after in self.moved[:MOST_MOVED]:
            lines.append(f"  {names.of(node)}: {_change(before, after)}")
        if len(self.moved) > MOST_MOVED:
            lines.append(f"  … and {len(self.moved) - MOST_MOVED} more")
        entries = index_text(self.entry or ()) or (", summed over its entries," if self.node.shape else "")
        lines.append(
            f"predicted: {names.gradient(self.node).name}{entries} × {rounded(self.by)} = "
            f"{rounded(self.slope)} × {rounded(self.by)} "
            f"{relation([self.slope, self.predicted])} {rounded(self.predicted)}; actual: {rounded(self.actual)}"
        )
        return [*lines, *names.where("\n".join(lines))]


def _change(before: Any, after: Any) -> str:
    """11 → 11.001 for a number; the largest change for an array."""
    if np.shape(before) == ():
        return f"{rounded(before, 8)} → {rounded(after, 8)}"
    changes = after - before
    place = largest_entry(changes)
    count = int(np.count_nonzero(changes))
    most = f"{index_text(place)}: {rounded(before[place], 8)} → {rounded(after[place], 8)}"
    return f"{count} of {changes.size} entries move; most {most}"


@np.errstate(all="ignore")
def nudge(J: Node, node: Node, by: float = 1e-3, entry: Sequence[int] | None = None) -> Nudge:
    """Change a node a little, and compare how far J moves with what the gradient predicts.

    The graph is not touched. Intermediate nodes can be nudged like leaves: what they are computed from
    stays as it is then, and only what is computed from them moves. What `detach` cuts off stays too.

    Args:
        J: the scalar to watch.
        node: any node that J depends on.
        by: how far; small, since a gradient predicts small changes.
        entry: which entry of an array; by default all of them by the same amount.

    Returns:
        A `Nudge`: what moved, predicted against actual, and kinks on the way.

    Raises:
        ShapeError: if J is not a scalar.
        ValueError: if J does not depend on the node.
        IndexError: if the node has no such entry.

    Example:
        >>> import minigraph as mg
        >>> a, b, c = mg.parameter(5.0, "a"), mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
        >>> v = (a + b * c).named("v")
        >>> J = (3 * v).named("J")
        >>> print(mg.nudge(J, b))
        nudge: b + 0.001 moves J by 0.006 = 6 × 0.001 ✓
          v: 11 → 11.002
          J: 33 → 33.006
        predicted: ∂J/∂b × 0.001 = 6 × 0.001 = 0.006; actual: 0.006
    """
    J, _ = root_and_seed(J, "nudge")
    refuse_unrelated(J, node, "nudge")
    if J.size != 1:
        raise ShapeError(f"nudge: {describe(J)}, not a scalar. Watch its mean or sum.", operands=(J,))
    place = None if entry is None else checked_entry(node, entry)
    step = np.zeros(node.shape)
    step[... if place is None else place] = by
    backward_pass = look_back(J, None, "nudge", {node})
    gradient = backward_pass.gradients.get(node)
    slope = 0.0 if gradient is None or not by else float((gradient * (step / by)).sum().value)
    base = np.asarray(node.value)
    order = ancestors([J])
    cuts = [x for x in _reached(order, node) if is_cut(x) and x is not node]
    held = {x: x.value for x in cuts}

    def at(share: float, nodes: list[Node]) -> list[Any]:
        return evaluate(nodes, held | {node: base + share * step})  # type: ignore[no-any-return]  # a list for a list

    reached = _reached(order, node)
    between = [x for x in reached if x.name is not None and x is not J and x is not node]
    named = [*between, J]
    before, after = at(0, named), at(1, named)
    moved = tuple((x, a, b) for x, a, b in zip(named, before, after, strict=True) if np.any(a != b) and x is not node)
    start, end = float(np.ravel(before[-1])[0]), float(np.ravel(after[-1])[0])
    nearer = float(np.ravel(at(1 / SHRINK, [J])[0])[0])
    actual, predicted = end - start, slope * by
    rounding = ROUNDINGS * float(np.finfo(J.dtype).eps * np.max(terms_of([J])[0]))
    error, smaller = abs(actual - predicted), abs(nearer - start - predicted / SHRINK)
    confirmed = error <= CLOSE * abs(predicted) + rounding or smaller <= error / SHRINK**1.5 + rounding
    switches = _switches(list(backward_pass.gradients.values()), node)
    names = Names(J, [node])
    kinks = _kinks(switches, names, *(at(share, switches) for share in (-1, 0, 1)))
    told = tuple(to_text(x, budget=60, names=names) for x in cuts)
    found = Nudge(J, node, by, place, slope, predicted, actual, moved, kinks, bool(confirmed) and not kinks, rounding, told)
    return replace(found, confirmed=False) if found.hidden else found


def checked_entry(node: Node, entry: Sequence[int]) -> tuple[int, ...]:
    """The entry with all places counted from 0.

    Raises:
        IndexError: if the node has no such entry.
    """
    places = tuple(int(place) for place in entry)
    if len(places) != node.ndim or any(not -size <= place < size for place, size in zip(places, node.shape, strict=True)):
        raise IndexError(f"{describe(node)}: it has no entry {list(places)}")
    return tuple(place % size for place, size in zip(places, node.shape, strict=True))


def _reached(order: list[Node], node: Node) -> list[Node]:
    """What depends on the node, in order of computation."""
    reached = {node}
    for x in order:
        if any(operand in reached for operand in x.inputs):
            reached.add(x)
    return [x for x in order if x in reached]


def _switches(gradients: list[Node], node: Node) -> list[Node]:
    """The parts of the local derivatives that depend on the node, but are constant but for jumps: [Z > 0]."""
    reached = _reached(ancestors([*gradients, node]), node)
    return [x for x in reached if x is not node and is_switch(x)]


def _kinks(switches: list[Node], names: Names, *values: list[Array]) -> tuple[str, ...]:
    """Which of the switches change within the step to either side."""
    told = []
    for switch, (below, here, above) in zip(switches, zip(*values, strict=True), strict=True):
        jumps = np.argwhere((below != here) | (here != above))
        if len(jumps) == 0:
            continue
        place = tuple(map(int, jumps[0]))
        jump = [rounded(x[place]) for x in (below, here, above)]
        steps = [x for i, x in enumerate(jump) if i == 0 or x != jump[i - 1]]
        more = f" and at {len(jumps) - 1} more" if len(jumps) > 1 else ""
        where = f" at entry {index_text(place)}{more}" if place else ""
        told.append(f"{to_text(switch, budget=60, names=names)} jumps {' → '.join(steps)}{where}")
    return tuple(dict.fromkeys(told))


def try_nudge(J: Node, node: Node, entry: tuple[int, ...] | None) -> Nudge | str:
    """A nudge for an explanation: smaller where a kink is near, back where the domain ends; else why not."""
    found: list[Nudge] = []
    reason = ""
    for by in (1e-3, -1e-3, 1e-5, -1e-5, 1e-6):
        try:
            found.append(nudge(J, node, by, entry))
        except DomainError as error:
            reason = str(error)
        if found and found[-1].confirmed:
            return found[-1]
    return found[0] if found else reason
