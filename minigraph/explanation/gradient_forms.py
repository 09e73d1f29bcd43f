"""How a gradient is written: exactly, as ∂J/∂Z, or as lecture notes do, dZ; and what cancels in it on paper."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import reduce
from itertools import chain, islice
from typing import NamedTuple

import numpy as np

from minigraph.calculus.simplification import RULES, Rule, first_of, is_number, simplify
from minigraph.core.node import Node, Role, literal
from minigraph.core.op import Op
from minigraph.core.pulling import ancestors
from minigraph.formulas import Symbol, Written, number, quotient, symbol
from minigraph.formulas.builders import in_front
from minigraph.operations.arithmetic import Divide, Multiply, Negative
from minigraph.operations.functions import Exp, Log, Maximum
from minigraph.reading.steps import BackwardSteps, Derivative
from minigraph.values import locked

MOST_FACTORS = 32
"""Longer products are not looked through for what cancels."""
LARGEST_GRAPH, MOST_PAIRS = 500, 60
"""Nor larger graphs, nor more pairs of steps."""


def _filled(node: Node, value: float) -> Node:
    return literal(np.full(node.shape, value, node.dtype))


def _cancelled(node: Node, a: Node, b: Node) -> Node | None:
    """x/x = 1, also where the two stand apart in a product: c · (a/b) · b = c · a."""
    above, below, negative = _factors(node)
    shared = [factor for factor in above if factor in below]
    if not shared:
        return None
    for factor in shared:
        if factor in below:
            above.remove(factor)
            below.remove(factor)
    ones = [factor for factor in above if is_number(factor, 1)]
    above = [factor for factor in above if factor not in ones] or ones[:1] or [literal(1.0, node.dtype)]
    result = reduce(Multiply(), above)
    if below:
        result = Divide()(result, reduce(Multiply(), below))
    if result.shape == () != node.shape and result.role is Role.LITERAL:
        result = _filled(node, float(result.value))
    result = Negative()(result) if negative else result
    return result if result.shape == node.shape else None


def _factors(node: Node) -> tuple[list[Node], list[Node], bool]:
    """The factors of a product above and below the bar, in their order, and whether it is negative."""
    above: list[Node] = []
    below: list[Node] = []
    negative = False
    waiting = [(node, True)]
    while waiting:
        factor, is_above = waiting.pop()
        if isinstance(factor.op, Negative):
            negative = not negative
            waiting.append((factor.inputs[0], is_above))
        elif isinstance(factor.op, Multiply | Divide) and len(waiting) < MOST_FACTORS:
            left, right = factor.inputs
            waiting += [(right, is_above == isinstance(factor.op, Multiply)), (left, is_above)]
        else:
            (above if is_above else below).append(factor)
    return above, below, negative


def _zero_times(node: Node, a: Node, b: Node) -> Node | None:
    """0 · x = 0."""
    return _filled(node, 0) if is_number(a, 0) or is_number(b, 0) else None


def _clamped(node: Node, a: Node, b: Node) -> Node | None:
    """max(x, 1e-12) = x: a floor that only guards against dividing by 0."""
    for x, floor in ((a, b), (b, a)):
        if x.shape == node.shape and floor.role is Role.LITERAL and np.all((floor.value > 0) & (floor.value < 1e-6)):
            return x
    return None


def _undone(inner: type[Op]) -> Rule:
    """An operation after its inverse."""

    def rule(node: Node, x: Node) -> Node | None:
        return x.inputs[0] if isinstance(x.op, inner) else None

    return rule


INFORMAL: Mapping[type[Op], Rule] = {
    Multiply: first_of(_zero_times, _cancelled),
    Divide: _cancelled,
    Maximum: _clamped,
    Log: _undone(Exp),
    Exp: _undone(Log),
}
"""Rules that are right on paper only."""

ON_PAPER: Mapping[type[Op], Rule] = {
    op: first_of(*[table[op] for table in (RULES, INFORMAL) if op in table]) for op in dict.fromkeys(chain(RULES, INFORMAL))
}
"""`RULES` and `INFORMAL` together, for explanations: ``simplify(nodes, rules=ON_PAPER)``."""


class ExactForm:
    """∂J/∂Z is the derivative of J by Z, nothing else."""

    rules = RULES

    def __init__(self, steps: BackwardSteps):
        self.steps = steps
        self.m = examples(steps)

    def explained(self) -> tuple[str, ...]:
        """What this form does, in sentences; none where there is no mean."""
        if self.m is None:
            return ()
        return (f'1/m = 1/{self.m} is part of every gradient here; form="notes" moves it into those of the parameters.',)

    def gradient(self, node: Node) -> Symbol:
        """∂J/∂Z for Z."""
        return self.steps.names.gradient(node)

    def scale(self, node: Node) -> float:
        """What ∂J/∂node is multiplied by in this form."""
        return 1.0

    def contribution(self, step: Derivative) -> Written:
        """What a step contributes, written on the gradient above it."""
        if step.consumer is self.steps.root and self.starts_with_one():  # which need not be written
            pulled = step.pull(self._start(step))
            return simplify([pulled], fold=False, rules=self.rules, keep=self.steps.forward)[pulled]
        return self.scaled(step, step.written(self.gradient(step.consumer)))

    def starts_with_one(self) -> bool:
        """Whether ∂J/∂J is 1, as it is without a seed."""
        return bool(np.all(self.steps.backward_pass.seed.value == 1))

    def _start(self, step: Derivative) -> Node:
        """∂J/∂J for a step from J."""
        return literal(np.ones(step.consumer.shape), step.consumer.dtype)

    def scaled(self, step: Derivative, written: Written) -> Written:
        """What a step contributes in this form, given how it is written with the gradient above in this form."""
        return written


class NotesForm(ExactForm):
    """dZ is m · ∂J/∂Z: the derivative of the sum of the losses. The gradients of parameters get 1/m, and are exact."""

    rules = ON_PAPER

    def explained(self) -> tuple[str, ...]:
        """What this form does, in sentences."""
        if self.m is None:
            last = self.steps.nodes[-1]
            return (
                f"Notes' form: {self.gradient(last).name} is short for {self.steps.names.gradient(last).name}. "
                "There is no mean over m examples here, so nothing else changes.",
            )
        return (
            f"Notes' form: with m = {self.m} examples, dZ means m · ∂J/∂Z, the gradient of the sum of the losses.",
            "1/m comes in where a parameter is reached, so dW and db are ∂J/∂W and ∂J/∂b themselves.",
        )

    def gradient(self, node: Node) -> Symbol:
        """dZ for Z."""
        return symbol(f"d{self.steps.names.of(node)}", node.shape)

    def scale(self, node: Node) -> float:
        """What ∂J/∂node is multiplied by: m where the node has a column for each example, else 1."""
        return float(self.m or 1) if self._per_example(node) else 1.0

    def _per_example(self, node: Node) -> bool:
        return self.m is not None and node.ndim > 0 and node.shape[-1] == self.m and node.role is not Role.PARAMETER

    def scaled(self, step: Derivative, written: Written) -> Written:
        """With 1/m in front, where a parameter is reached."""
        above, below = self._per_example(step.consumer), self._per_example(step.input)
        if above == below:
            return written
        m = symbol("m")
        return in_front(quotient(number(1), m) if above else m, written)

    def _start(self, step: Derivative) -> Node:
        """m · ∂J/∂J, where the step leads to what has a column for each example."""
        start = super()._start(step)
        return literal(self.scale(step.input), start.dtype, "m") if self._per_example(step.input) else start


FORMS: dict[str, type[ExactForm]] = {"exact": ExactForm, "notes": NotesForm}


def examples(steps: BackwardSteps) -> int | None:
    """The number m of examples, if J is a mean over them: the count that the mean's derivative divides by."""
    last = (step for node in steps.nodes[1:] for step in steps.arrivals[node] if step.consumer is steps.root)
    counts = (x for step in last for x in ancestors([line.product for line in step.lines]) if x.name == "m")
    return next((int(x.value) for x in counts if x.role is Role.LITERAL), None)


class Simplification(NamedTuple):
    """One application of a rule; on paper only such as x/x = 1, which is right where nothing is 0, infinite or clamped."""

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


class Cancelled(NamedTuple):
    """Two steps, to a node by way of a middle one, whose local derivatives cancel in part.

    ``before`` is the product of the local derivatives, ``after`` what is left of it by the ``rules``; ``difference`` is
    the largest between what is left and ∂J/∂node in the graph, relative to the largest entry.
    """

    node: Node
    middle: Node
    before: Written
    after: Node
    rules: Sequence[Simplification]
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
    return Cancelled(node, lower.consumer, before, after, rules, difference)


def _cancels(rule: Simplification) -> bool:
    """Whether something that holds values was divided by and multiplied with; a floor or a number m is nothing to tell."""
    if not isinstance(rule.before.op, Multiply | Divide) or rule.after.op is None:
        return False
    return all(x.op is not None and not all(y.role is Role.LITERAL for y in x.inputs) for x in rule.before.inputs)
