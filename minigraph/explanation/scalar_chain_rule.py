"""The chain rule where all is numbers: each path a product ∂J/∂v · ∂v/∂u · ∂u/∂b, and their sum."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice

import numpy as np

from minigraph.calculus.simplification import RULES, simplify
from minigraph.core.node import Node
from minigraph.explanation.report import MOST_PATHS, ExactForm, Explanation
from minigraph.formulas import Written, number, plus, symbol, times
from minigraph.reading.numbers import count, cut, is_exact, relation
from minigraph.reading.steps import BackwardSteps, Derivative

MOST_FACTORS = 12
"""Products with more factors than this are written with … in the middle."""
MOST_TERMS = 6
"""Longer running totals are cut short."""
MOST_TOTALS = 12
"""At so many nodes the running total of the backward pass is shown."""


def _simplified(derivatives: list[Node], steps: BackwardSteps) -> list[Node]:
    """The local derivatives as simple formulas, such as c for 1·c; those of them that are shown."""
    shown = _shortened(derivatives)
    became = simplify([node for node in shown if isinstance(node, Node)], rules=RULES, keep=steps.forward)
    return [became.get(node, node) for node in derivatives]


def explain_scalar(steps: BackwardSteps, form: ExactForm, text: Explanation, digits: int) -> None:
    """Write ∂J/∂wrt as the sum over paths of the products along them."""
    paths = steps.counts()[steps.target]
    if paths == 1:
        _product(steps, form, next(steps.paths()), text, digits, alone=True)
        return
    shown = list(islice(steps.paths(), paths if paths <= MOST_PATHS else 2))
    gradient = form.gradient(steps.target)
    told = f" along {count(paths)} paths. Each gives a product{'' if len(shown) == paths else f'; {len(shown)} of them'}:"
    text.say(steps.written(steps.target), " reaches ", steps.written(steps.root), told)
    products = [_product(steps, form, path, text, digits, alone=False) for path in shown]
    total = steps.backward_pass.gradient(steps.target).value
    if len(shown) == paths:
        text.say("A change travels along all paths at once, so the products add up:")
        text.equate(
            gradient, plus([number(x, digits) for x in products]), number(total, digits),
            relations=("=", relation([*products, total], digits)), depth=1,
        )  # fmt: skip
    else:
        text.say("All of them add up to ", gradient, " = ", number(total, digits), ", but nobody has to list them:")
    _running_totals(steps, form, text, digits)


def _product(
    steps: BackwardSteps, form: ExactForm, path: Sequence[Derivative], text: Explanation, digits: int, *, alone: bool
) -> float:
    """Write the product along one path: symbols, formulas, numbers. Give its value."""
    seed = steps.backward_pass.seed
    # A step into which others were folded is shown factor by factor where it is the whole path.
    single = [Derivative((line,)) for line in path[0].lines] if len(path) == 1 else path
    locals_ = [step.slope for step in single]
    values = [float(node.value) for node in locals_]
    whole, stands_for = steps.start(path)
    names: list[Written] = [form.gradient(whole)] if whole else []
    names += [steps.names.derivative(step.consumer, step.input) for step in path[stands_for:]]
    formulas: list[Written] = [*_simplified(locals_, steps)]
    if not steps.has_unit_seed:
        formulas.insert(0, number(seed.value, digits))
        values.insert(0, float(seed.value))
    value = math.prod(values)
    rounds = relation(values, digits)
    sides: list[tuple[str, Written]] = [("=", times(_shortened(formulas)))]
    sides.append((rounds, times(_shortened([number(x, digits) for x in values]))))
    sides.append(("=" if rounds == "=" and is_exact(value, digits) else "≈", number(value, digits)))
    way = steps.way(path)
    if len(names) > 1 and not way:
        sides.insert(0, ("=", times(_shortened(names))))
    if alone:
        sides.insert(0, ("=", form.gradient(steps.target)))
    label = f"by {way}: " if way else ""
    text.equate(
        *[side for _, side in sides], relations=[sign for sign, _ in sides[1:]], label=label, depth=0 if alone else 1
    )
    return value


def _shortened(factors: Sequence[Written]) -> list[Written]:
    """The factors; of very many the first and last few, with … between them."""
    if len(factors) <= MOST_FACTORS:
        return [*factors]
    return [*factors[:4], symbol("…"), *factors[-4:]]


def _running_totals(steps: BackwardSteps, form: ExactForm, text: Explanation, digits: int) -> None:
    """Say how the backward pass gets the sum without listing paths."""
    text.say("The backward pass gets the same sum without listing paths: it visits each node once, when all nodes")
    text.say("that use it are done, and keeps a running total of what has arrived there:")
    forks = [node for node in steps.nodes if len(steps.arrivals[node]) > 1]
    for node, left_out in cut(forks, MOST_TOTALS, 3, 3):
        if left_out:
            text.say(f"… {left_out} more nodes …", depth=1)
        terms = [float(step.lines[-1].contribution.value) for step in steps.arrivals[node]]
        told: list[str | Written] = [form.gradient(node), " = ", number(terms[0], digits)]
        for length in range(2, len(terms) + 1) if len(terms) <= MOST_TERMS else (2, 3, len(terms)):
            before, last, now = float(np.sum(terms[: length - 1])), terms[length - 1], float(np.sum(terms[:length]))
            addition = plus([number(before, digits), number(last, digits)])
            told += [", then ", addition, f" {relation([before, last, now], digits)} ", number(now, digits)]
        text.say(*told, depth=1)
