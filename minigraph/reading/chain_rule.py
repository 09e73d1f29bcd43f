"""The chain rule from J to one node in one line: the sum over paths of their products, or for arrays the nested pulls."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from minigraph.core.node import Node
from minigraph.formulas import Symbol, Written, plus, to_text
from minigraph.formulas.tree import UNIT
from minigraph.reading.names import Names
from minigraph.reading.numbers import bracketed, is_exact, relation, rounded
from minigraph.reading.steps import BackwardSteps, Derivative

MOST_IN_A_LINE = 4
"""A sum over more paths than this is not written in one line."""
MOST_LEVELS = 8
"""Nested pulls go back over at most so many steps."""
LONGEST = 400
"""No formula in a line has more characters."""


def chain_rule(steps: BackwardSteps, names: Names, longest: int) -> str:
    """The longest of the forms that fit, without what it is equal to before the first sign; "" if none does.

    Example:
        >>> import minigraph as mg
        >>> from minigraph.reading.steps import steps_to
        >>> b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
        >>> u = (b * c).named("u")
        >>> steps = steps_to((3 * u).named("J"), b)
        >>> chain_rule(steps, steps.names, 60)
        '∂J/∂b = ∂J/∂u · ∂u/∂b = 3 · 2 = 6'
    """
    if steps.target not in steps.backward_pass.gradients:
        return ""
    gradient = to_text(names.gradient(steps.target), subscripts=True)
    forms = _of_numbers if all(node.shape == () for node in steps.nodes) else _of_arrays
    fitting = (text for right in forms(steps, names) if len(text := f"{gradient} {right}") <= longest)
    return next(fitting, "")


def _of_numbers(steps: BackwardSteps, names: Names) -> Iterator[str]:
    """Symbols and numbers; numbers alone; the contributions alone."""
    total = steps.backward_pass.gradient(steps.target).value
    if steps.counts()[steps.target] <= MOST_IN_A_LINE:
        paths = list(steps.paths())
        seed = [] if steps.has_unit_seed else [steps.backward_pass.seed.value]
        slopes = [[*seed, *(step.slope.value for step in path)] for path in paths]
        symbols = [[to_text(x, subscripts=True) for x in _factors(steps, path, names)] for path in paths]
        flat = [slope for path in slopes for slope in path]
        sign = relation([*flat, total])
        products = _sum([" · ".join([rounded(x[0]), *(bracketed(rounded(y)) for y in x[1:])]) for x in slopes])
        known = "" if len(flat) == 1 else f" {sign} {rounded(total)}"
        if len(symbols) > 1 or len(symbols[0]) > 1:
            yield f"= {_sum([' · '.join(path) for path in symbols])} {relation(flat)} {products}{known}"
        yield f"{relation(flat)} {products}{known}"
        if len(paths) > 1:
            yield f"{sign} {_sum([rounded(math.prod(map(float, path))) for path in slopes])} {sign} {rounded(total)}"
    yield f"{'=' if is_exact(total) else '≈'} {rounded(total)}"


def _factors(steps: BackwardSteps, path: Sequence[Derivative], names: Names) -> list[Symbol]:
    """∂J/∂v, ∂v/∂u, … along a path."""
    whole, stands_for = steps.start(path)
    head = [names.gradient(whole)] if whole else []
    return head + [names.derivative(step.consumer, step.input) for step in path[stands_for:]]


def _sum(terms: Sequence[str]) -> str:
    return " + ".join([terms[0], *map(bracketed, terms[1:])])


def _of_arrays(steps: BackwardSteps, names: Names) -> Iterator[str]:
    """What pulls do, nested as deep as possible: ((W₂ᵀ · ∂J/∂Z₂) ⊙ [Z₁ > 0]) · Xᵀ."""
    nested = _nested(steps, names)
    for written in reversed(nested):
        yield f"= {to_text(written, subscripts=True, names=names, budget=LONGEST)}"


def _nested(steps: BackwardSteps, names: Names) -> list[Written]:
    """The gradient in terms of gradients one, two, … steps nearer to J; what is reached on two paths is built once."""
    known: dict[Node, Written] = {node: names.gradient(node) for node in steps.nodes}
    if steps.has_unit_seed:
        known[steps.root] = UNIT
    found: list[Written] = []
    for _ in range(min(MOST_LEVELS, len(steps.nodes) - 1)):
        before = dict(known)
        for node in steps.nodes[1:]:
            known[node] = plus([step.local.notation(before[step.consumer]) for step in steps.arrivals[node]])
        found.append(known[steps.target])
    return found
