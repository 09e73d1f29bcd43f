"""Which steps are drawn as one box: a group, equal groups in a row, the middle of a long sum, a stretch of a large graph."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from minigraph.core.groups import Group
from minigraph.core.node import Node, Role
from minigraph.drawing.scene import frames_of, outermost
from minigraph.formulas.spelling import as_drawn
from minigraph.reading.names import shown_name
from minigraph.reading.steps import Step

MOST_ALIKE = 8
"""Of more equal groups in a row than this, or more terms of a sum, those in the middle are one box."""
ENDS = 3
"""So many terms at either end of a long sum keep boxes of their own."""
FOLDED = 20
"""A graph with too many boxes is folded into about so many: they can be read on a slide."""
ARROWS_A_BOX = 4
"""With more arrows than this for each box that a picture may have, nobody follows one, and Graphviz takes minutes."""
NEAREST = 6
"""So many steps at the end of a large graph keep boxes of their own."""

_NUMBERED = re.compile(r"(.*?)(\d+)(\D*)", re.DOTALL)


@dataclass(frozen=True, eq=False)
class Fold:
    """Steps that are one box.

    Attributes:
        title: what the box is called.
        details: what is said of it below, such as ``ReLU · 5 → 4``.
        alike: the parameters that have the same place in each of equal groups; () if they have none.
        is_group: whether it is one group.
        is_run: whether it is equal groups in a row.
    """

    title: str
    details: str = ""
    alike: tuple[tuple[Node, ...], ...] = ()
    is_group: bool = False
    is_run: bool = False

    def takes_along(self, node: Node) -> bool:
        """Whether what only these steps read is drawn in their box, as beside a group it is not, nor in a run of groups."""
        return not self.is_group and not (self.is_run and node.group is not None)


Folds = dict[Node, Fold]
"""The box of each step that has none of its own."""


def folds_for(
    steps: list[Step], most: int, most_asked: int | None, keep: Collection[Node], *, grouped: bool, is_short: bool
) -> tuple[Folds, str]:
    """Which steps are one box so that a picture has ``most`` boxes, and what its title says of that: how to see more.

    A picture that ``is_short`` has one box for what repeats, one that is ``grouped`` has one for each group. Where what
    repeats is asked for, ``most_asked`` boxes are drawn; None if the picture was to be larger, and has no room.
    """
    groups = by_group(steps)
    whole = groups if grouped else {}
    folds = repeats(steps, keep, grouped) if is_short else whole
    is_shortened = count_boxes(steps, folds) < count_boxes(steps, whole)
    needed = _limit_for(steps, whole)
    if most_asked is None:
        options = "a larger picture"
    else:
        is_too_large = needed > (most_asked if is_shortened else most)
        options = ", ".join(["repeats=True"] * is_shortened + [f"max_boxes={needed}"] * is_too_large)
    if _limit_for(steps, folds) <= most:
        return folds, f"{'repeats=True' if most_asked is None else options} shows all" if is_shortened else ""
    if not grouped and groups and _limit_for(steps, groups) <= most:
        folds = repeats(steps, keep, True) if is_short else groups
        return folds, f"one box per group; {options} shows all {len(steps):,}"
    folds = stretches(steps, min(most, FOLDED), keep)
    return folds, f"{len(steps):,} steps in {count_boxes(steps, folds)} boxes; {options} shows all"


def _limit_for(steps: list[Step], folds: Folds) -> int:
    """The least ``max_boxes`` that allows a view, by its boxes and its arrows."""
    return max(count_boxes(steps, folds), -(-_count_arrows(steps, folds) // ARROWS_A_BOX))


def by_group(steps: list[Step]) -> Folds:
    """One box an outermost group."""
    made: dict[Group, Fold] = {}
    folds: Folds = {}
    for node, group in frames_of(steps).items():
        if (around := outermost(group)) is not None:
            if around not in made:
                title, _, details = shown_name(around.title).partition(" · ")
                made[around] = Fold(title, details, is_group=True)
            folds[node] = made[around]
    return folds


def repeats(steps: list[Step], keep: Collection[Node] = (), grouped: bool = False) -> Folds:
    """Equal groups in a row but for the first, and the middle of long sums; what holds a node to ``keep`` is not folded.

    If they are ``grouped``, every other group is one box too.
    """
    folds = {**(by_group(steps) if grouped else {}), **_equal_groups(steps, keep)}
    readers = readers_of(steps)
    for step in reversed(steps):
        sources = list(dict.fromkeys(edge.source for edge in step.edges))
        own = [x for x in sources if x not in folds and x not in keep and readers[x] == {step.node}]
        if step.node in folds or len(own) <= MOST_ALIKE:
            continue
        middle = own[ENDS:-ENDS]
        fold = Fold(f"… {len(middle)} more")
        folds.update(dict.fromkeys(middle, fold))
    taken = Counter(fold for node, fold in _take_along(steps, folds, readers, keep).items() if node.op is not None)
    told = {fold: replace(fold, details=" · ".join(filter(None, (fold.details, _with(taken[fold]))))) for fold in taken}
    return {node: told.get(fold, fold) for node, fold in folds.items()}


def _with(count: int) -> str:
    return f"with {count} step{'s' * (count > 1)} that no other box reads"


def stretches(steps: list[Step], most: int, keep: Collection[Node] = ()) -> Folds:
    """Boxes for stretches of a graph that is too large, cut where few values cross; the steps nearest to the end stay."""
    operations = [step for step in steps if step.node.op is not None]
    nearest = max(1, min(NEAREST, most // 4))
    far = [step for step in operations[:-nearest] if step.node not in keep]
    count = min(max(1, (most - nearest) // 2), len(far))
    folds: Folds = {}
    for start, end in pairwise(_cuts(steps, far, count) if far else []):
        part = [step.node for step in far[start:end]]
        ends = dict.fromkeys((part[0], part[-1]))
        names = [as_drawn(shown_name(node.name, 12)) for node in ends if node.name is not None]
        title = " … ".join(names) if len(names) == len(ends) else f"Stretch {len(set(folds.values())) + 1}"
        folds.update(dict.fromkeys(part, Fold(title, f"{len(part):,} step{'s' * (len(part) > 1)}")))
    readers = readers_of(steps)
    _take_along(steps, folds, readers, keep)
    leaves = [step.node for step in steps if step.node.op is None and step.node not in folds and step.node not in keep]
    if len(leaves) > MOST_ALIKE:
        middle = leaves[ENDS:-ENDS]
        folds.update(dict.fromkeys(middle, Fold(f"… {len(middle):,} more", "leaves")))
    return folds


def count_boxes(steps: list[Step], folds: Mapping[Node, Fold]) -> int:
    """How many boxes a view has."""
    return len({folds.get(step.node, step.node) for step in steps})


def _count_arrows(steps: list[Step], folds: Mapping[Node, Fold]) -> int:
    """How many arrows a view has: one for each use of a value, but to or from a fold one for all."""
    uses: Counter[tuple[Fold | Node, Fold | Node]] = Counter()
    for step in steps:
        head = folds.get(step.node, step.node)
        uses.update((tail, head) for edge in step.edges if (tail := folds.get(edge.source, edge.source)) is not head)
    return sum(1 if isinstance(tail, Fold) or isinstance(head, Fold) else count for (tail, head), count in uses.items())


def readers_of(steps: Iterable[Step]) -> dict[Node, set[Node]]:
    """The steps that read each step."""
    readers: dict[Node, set[Node]] = {}
    for step in steps:
        for edge in step.edges:
            readers.setdefault(edge.source, set()).add(step.node)
    return readers


def _equal_groups(steps: list[Step], keep: Collection[Node]) -> Folds:
    members: dict[Group, list[Step]] = {}
    groups = frames_of(steps)
    for step in steps:
        if (group := outermost(groups[step.node])) is not None:
            members.setdefault(group, []).append(step)
    order = [*members]
    folds: Folds = {}
    kinds = {group: object() if _holds(members[group], keep) else _kind(members[group]) for group in order}
    for _, run in groupby(order, lambda group: kinds[group]):
        alike = [*run]
        if len(alike) <= MOST_ALIKE:
            continue
        middle = alike[1 : -1 if alike[-1] is order[-1] else None]
        parameters = [[step.node for step in members[group] if step.node.role is Role.PARAMETER] for group in middle]
        title, details = _titled([shown_name(group.title) for group in middle])
        fold = Fold(title, details, tuple(zip(*parameters, strict=True)), is_run=True)
        folds.update((step.node, fold) for group in middle for step in members[group])
    return folds


def _holds(steps: list[Step], keep: Collection[Node]) -> bool:
    return any(step.node in keep for step in steps)


def _kind(steps: list[Step]) -> Hashable:
    """Equal for groups that do the same with arrays of the same shapes."""
    places = {step.node: place for place, step in enumerate(steps)}
    return tuple(
        (
            step.node.role,
            step.node.shape,
            tuple(
                (
                    places.get(edge.source),
                    edge.source.shape,
                    tuple((c.op.name, at) for c, at in edge.path if c.op is not None),
                )
                for edge in step.edges
            ),
        )
        for step in steps
    )


def _titled(titles: list[str]) -> tuple[str, str]:
    """``Layers 2 … 39 (× 38)`` and what all of them say after it."""
    first, last = titles[0].partition(" · "), titles[-1].partition(" · ")
    details = first[2] if first[2] == last[2] else ""
    numbered = [_NUMBERED.fullmatch(title) for title in (first[0], last[0])]
    count = f"(× {len(titles)})"
    if numbered[0] and numbered[1] and numbered[0].group(1, 3) == numbered[1].group(1, 3):
        stem, rest = numbered[0].group(1, 3)
        word = f"{stem.rstrip()}s " if stem.endswith(" ") and stem.strip().isalpha() else stem
        return f"{word}{numbered[0][2]} … {numbered[1][2]}{rest} {count}", details
    return f"{first[0]} … {last[0]} {count}", details


def _take_along(steps: list[Step], folds: Folds, readers: Mapping[Node, set[Node]], keep: Collection[Node]) -> Folds:
    """Put what only one fold reads into it; what was put is given back."""
    taken: Folds = {}
    for step in reversed(steps):
        node = step.node
        if node not in folds and node not in keep and readers.get(node):
            boxes = {folds.get(reader) for reader in readers[node]}
            if len(boxes) == 1 and (fold := boxes.pop()) is not None and fold.takes_along(node):
                folds[node] = taken[node] = fold
    return taken


def _cuts(steps: list[Step], far: list[Step], count: int) -> list[int]:
    """Where ``count`` stretches begin and end, no more than steps: near even lengths, where the fewest values cross."""
    place = {step.node: number for number, step in enumerate(far)}
    change = [0] * (len(far) + 1)
    last: dict[Node, int] = {}
    for step in steps:
        for edge in step.edges:
            if edge.source in place:
                last[edge.source] = max(last.get(edge.source, 0), place.get(step.node, len(far) - 1))
    for node, end in last.items():
        change[place[node] + 1] += 1
        change[min(end + 1, len(far))] -= 1
    carried = [0]
    for step_change in change[1:]:
        carried.append(carried[-1] + step_change)
    length = len(far) / count
    cuts = [0]
    for number in range(1, count):
        middle = round(number * length)
        around = range(max(cuts[-1] + 1, middle - round(length / 4)), min(len(far), middle + round(length / 4) + 1))
        cuts.append(min(around, key=lambda at: (carried[at], abs(at - middle))))
    return [*cuts, len(far)]
