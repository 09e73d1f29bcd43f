"""What cancels when two local derivatives are multiplied: where σ′ goes between BCE and a sigmoid."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import islice

import numpy as np

from minigraph.calculus.simplification import RULES, Rule, simplify
from minigraph.core.node import Node, Role, literal
from minigraph.explanation.gradient_forms import ExactForm
from minigraph.explanation.paper_rules import ON_PAPER
from minigraph.formulas import Written
from minigraph.operations.arithmetic import Divide, Multiply
from minigraph.reading.backward_steps import BackwardSteps, Derivative
from minigraph.values import locked

LARGEST_GRAPH = 500
MOST_PAIRS = 60


@dataclass(frozen=True)
class Simplification:
    """One application of a rule.

    Attributes:
        before: what stood there.
        after: what stands there now.
        on_paper_only: True for rules such as x/x = 1, which are right where nothing is 0, infinite or clamped.
    """

    before: Node
    after: Node
    on_paper_only: bool


def simplified_on_paper(node: Node, keep: Collection[Node]) -> tuple[Node, list[Simplification]]:
    """The node in a simpler form, right on paper, and each step that led there."""
    done: list[Simplification] = []
    rules = {op: _recorded(rule, RULES.get(op), done) for op, rule in ON_PAPER.items()}
    return simplify([node], fold=False, rules=rules, keep=keep)[node], done


def _recorded(rule: Rule, exact: Rule | None, done: list[Simplification]) -> Callable[..., Node | None]:
    def recording(node: Node, *operands: Node) -> Node | None:
        after = rule(node, *operands)
        if after is not None:
            done.append(Simplification(node, after, exact is None or exact(node, *operands) is None))
        return after

    return recording


@dataclass(frozen=True)
class Cancelled:
    """Two steps whose local derivatives cancel in part.

    Attributes:
        node: the node that is reached.
        middle: the node between the two steps.
        before: the product of the local derivatives, as written.
        after: what is left of it, a node.
        rules: how it was simplified, step by step.
        difference: the largest difference between what is left and ∂J/∂node in the graph, relative to its largest entry.
    """

    node: Node
    middle: Node
    before: Written
    after: Node
    rules: tuple[Simplification, ...]
    difference: float


def find_cancelled(steps: BackwardSteps, form: ExactForm) -> list[Cancelled]:
    """Where the product of two neighbouring steps is simpler than the two; looked for in graphs that one can read."""
    if len(steps.forward) > LARGEST_GRAPH:
        return []
    pairs = (
        (upper, lower) for node in steps.nodes for lower in steps.arrivals[node] for upper in steps.arrivals[lower.consumer]
    )
    found = (_between(upper, lower, steps, form) for upper, lower in islice(pairs, MOST_PAIRS))
    return [cancelled for cancelled in found if cancelled is not None]


def _between(upper: Derivative, lower: Derivative, steps: BackwardSteps, form: ExactForm) -> Cancelled | None:
    above = upper.consumer
    at_root = above is steps.root and form.starts_with_one()
    value = steps.backward_pass.gradient(above).value
    if at_root:
        scale = form.scale(upper.input)
        start = literal(scale, above.dtype, "m" if scale != 1 else None)
    else:
        start = Node(None, (), above.shape, above.dtype, Role.DATA, locked(np.asarray(value) * form.scale(above)))
        start.named(form.gradient(above).name)
    both = lower.pull(upper.pull(start))
    after, rules = simplified_on_paper(both, steps.forward)
    if not any(rule.on_paper_only and _cancels(rule) for rule in rules):
        return None
    actual = lower.pull(upper.pull(literal(value, above.dtype))).value * form.scale(node := lower.input)
    expected = np.asarray(after.value)
    largest = float(np.max(np.abs(actual), initial=0.0)) or 1.0
    difference = float(np.max(np.abs(expected - actual), initial=0.0)) / largest
    before = lower.written(form.contribution(upper))
    return Cancelled(node, lower.consumer, before, after, tuple(rules), difference)


def _cancels(rule: Simplification) -> bool:
    """Whether something that holds values was divided by and multiplied with; a floor or a number m is nothing to tell."""
    if not isinstance(rule.before.op, Multiply | Divide) or rule.after.op is None:
        return False
    return all(x.op is not None and not all(y.role is Role.LITERAL for y in x.inputs) for x in rule.before.inputs)
