"""The paths from J to a node: where each goes, and what it brings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from minigraph.explanation.report import Explanation
from minigraph.formulas import number, plus, to_text
from minigraph.formulas.index_sums import entry_at, entry_of
from minigraph.reading.backward_steps import BackwardSteps, Derivative
from minigraph.reading.numbers import count, index_text, largest_entry, relation

MOST_PATHS = 6
"""So many paths are written out, no more."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "next")
MOST_TURNS = 3
"""Where a path goes is told for so many turns."""


def way_of(steps: BackwardSteps, path: Sequence[Derivative]) -> str:
    """Where a path goes, as far as the nodes on it don't tell: by which folded node, by which operand."""
    turns: list[str] = []
    count = 0
    for step in path:
        last = step.lines[-1]
        ends = [other.lines[-1] for other in steps.arrivals[step.input] if other.consumer is step.consumer]
        if len(ends) == 1:
            continue
        count += 1
        if count > MOST_TURNS:
            continue
        formula = to_text(last.consumer.formula(), budget=30, names=steps.names, juxtapose=True)
        if sum(end.consumer is last.consumer for end in ends) > 1:
            formula = f"the {ORDINALS[min(last.position, len(ORDINALS) - 1)]} operand of {formula}"
        turns.append(formula)
    if count > MOST_TURNS:
        turns[-1] = f"and so on, {count} times a choice"
    return ", ".join(turns)


def explain_paths(steps: BackwardSteps, text: Explanation, entry: tuple[int, ...] | None, digits: int) -> None:
    """If there are several paths: what each brings to one entry, and their sum."""
    wrt = steps.target
    paths = steps.counts()[wrt]
    if paths == 1:
        return
    text.say(steps.written(wrt), " reaches ", steps.written(steps.root), f" along {count(paths)} paths.")
    text.say("A change travels along all of them at once, so what they bring adds up.")
    if paths > MOST_PATHS:
        text.say("The backward pass adds up at each node on the way, as above, and lists no paths.", depth=1)
        return
    value = steps.backward_pass.gradient(wrt).value
    place = largest_entry(value) if entry is None else entry
    parts = []
    for path in islice(steps.paths(), MOST_PATHS):
        upstream = steps.backward_pass.seed
        for step in path:
            upstream = step.pull(upstream)
        parts.append(float(upstream.value[place]))
        route = " → ".join([steps.names.of(steps.root), *(steps.names.of(step.input) for step in path)])
        way = f" (by {way})" if (way := way_of(steps, path)) else ""
        text.say(f"{route}{way}: ", number(parts[-1], digits), f" at entry {index_text(place)}" if place else "", depth=1)
    whole = float(value[place])
    text.equate(
        entry_at(steps.names.gradient(wrt), entry_of(wrt.shape, place)), plus([number(x, digits) for x in parts]),
        number(whole, digits), relations=("=", relation([*parts, whole], digits)), depth=1,
    )  # fmt: skip
