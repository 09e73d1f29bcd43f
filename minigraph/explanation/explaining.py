"""`explain`: one gradient from J to a node, or the whole backward pass in order."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np

from minigraph.calculus.paper_rules import ON_PAPER
from minigraph.calculus.simplification import RULES, Rule, simplify
from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Expanded, Node, Role, literal
from minigraph.explanation.array_chain_rule import explain_array
from minigraph.explanation.health_findings.not_finite import non_finite
from minigraph.explanation.nudging import Nudge, checked_entry, try_nudge
from minigraph.explanation.report import FORMS, ExactForm, Explanation, Line
from minigraph.explanation.scalar_chain_rule import explain_scalar
from minigraph.explanation.whole_pass import explain_pass
from minigraph.formulas import Written, number, symbol, to_text
from minigraph.operations.arithmetic import Divide, Multiply
from minigraph.reading.derived_graphs import footnotes
from minigraph.reading.names import warn_of_twins
from minigraph.reading.numbers import DIGITS, array_text, cut, largest_entry, rounded, shape_text
from minigraph.reading.steps import BackwardSteps, Derivative, recognised_in, steps_of, steps_to
from minigraph.values import locked

LARGEST_GRAPH, MOST_PAIRS = 500, 60
"""In larger graphs, and among more pairs of steps, it is not looked for what cancels."""
SIMPLER = 0.7
"""What cancels is told if the formula gets shorter than so much of its length."""
SAME = 1e-6
"""And confirmed if the numbers differ by no more than this part of the largest."""
LONGEST_FORMULA = 72
"""J is written in one formula if it takes no more characters than this."""
MOST_VALUES = 8
"""The values of at most so many leaves are listed."""


def explain(
    J: Node | BackwardPass,
    wrt: Node | None = None,
    *,
    entry: Sequence[int] | None = None,
    form: str = "exact",
    rules: bool = False,
    digits: int = DIGITS,
) -> Explanation:
    """Explain ∂J/∂wrt by the chain rule, in sentences, formulas and numbers; without ``wrt``, the whole backward pass.

    Where all values are numbers, each path from J to wrt gives a product of local derivatives, and the products
    add up. For arrays it is said step by step, with shapes, and why the last step looks as it does.
    A formula of the explanation is checked at the end by nudging.

    Args:
        J: a scalar node, or a backward pass.
        wrt: the node to differentiate by; any node that J depends on.
        entry: one entry of wrt's gradient, to be written out as the sum that it is.
        form: "exact" for ∂J/∂Z, or "notes" for dZ as lecture notes write it, with 1/m in dW and db.
        rules: show each rule by which formulas were simplified.
        digits: how many significant digits are shown.

    Returns:
        An `Explanation`: ``print`` it, display it in a notebook, or take its ``.latex`` or ``.markdown``.

    Raises:
        ValueError: if J does not depend on wrt, the form is unknown, or entry or rules are given without wrt.
        ShapeError: if J is not a scalar.
        IndexError: if wrt has no such entry.

    Example:
        >>> import minigraph as mg
        >>> a, b, c = mg.parameter(5.0, "a"), mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
        >>> u = (b * c).named("u")
        >>> v = (a + u).named("v")
        >>> J = (3 * v).named("J")
        >>> print(mg.explain(J, wrt=b))
        J = 3(a + bc) at a = 5, b = 3, c = 2
        ∂J/∂b = ∂J/∂v · ∂v/∂u · ∂u/∂b = 3 · 1 · c = 3 · 1 · 2 = 6
        nudge: b + 0.001 moves J by 0.006 = 6 × 0.001 ✓
    """
    if form not in FORMS:
        raise ValueError(f"explain: form is {' or '.join(map(repr, FORMS))}, not {form!r}")
    if wrt is None and (entry is not None or rules):
        raise ValueError("explain: entry and rules need wrt, the node to differentiate by.")
    steps = steps_to(J, wrt)
    wrt = steps.wrt
    written = FORMS[form](steps)
    text = Explanation(names=steps.names)
    if wrt is not None and wrt not in steps.backward_pass.gradients:
        _nothing_flows_back(steps, written, text)
        return text
    warn_of_twins(steps.names, "explain")
    place = None if wrt is None or entry is None else checked_entry(wrt, entry)
    _introduce(steps, text, digits)
    _say_recognised(steps, text)
    introduced = len(text.lines)
    if wrt is steps.root:
        text.equate(written.gradient(wrt), number(steps.backward_pass.seed.value.sum(), digits))
        _say_where(steps, text, introduced)
        return text
    if wrt is None:
        explain_pass(steps, written, text, digits)
        _say_floors(text)
    else:
        for sentence in written.explained():
            text.say(sentence)
        if all(line.consumer.shape == () == line.input.shape for line in steps.backward_pass):
            explain_scalar(steps, written, text, digits)
        else:
            explain_array(steps, written, text, place, digits)
        _say_what_cancels(steps, written, text, rules)
        _say_floors(text)
        _say_nudge(steps, text, place)
        if not np.all(np.isfinite(steps.backward_pass.gradient(wrt).value)):
            for finding in non_finite(steps.backward_pass, steps.names):
                text.say(f"Where it comes from: {finding.evidence} {finding.advice}")
    _say_where(steps, text, introduced)
    return text


def _say_what_cancels(steps: BackwardSteps, form: ExactForm, text: Explanation, rules: bool) -> None:
    for cancelled in find_cancelled(steps, form):
        if len(text.text_of(cancelled.after)) > SIMPLER * len(text.text_of(cancelled.before)):
            continue
        text.say("Where did ", steps.names.derivative(cancelled.middle, cancelled.node), " go? It cancels:")
        text.equate(form.gradient(cancelled.node), cancelled.before, cancelled.after, depth=1)
        if rules:
            for rule in cancelled.rules:
                if text.text_of(rule.before) == text.text_of(rule.after):  # a floor that no formula shows
                    continue
                remark = "on paper: where nothing is divided by 0" if rule.on_paper_only else ""
                text.equate(rule.before, rule.after, remark=remark, depth=2)
        right = "Checked: the backward pass has the same numbers."
        paper = "On paper only: in the graph the two differ, since it keeps denominators from 0 and here they come near it."
        text.say(right if cancelled.difference < SAME else paper, depth=1)


def _say_floors(text: Explanation) -> None:
    """Where a denominator is kept from 0, which the formulas leave out."""
    for kept, counts in footnotes(text.met):
        text.say(kept, f" {counts}.")


def _say_nudge(steps: BackwardSteps, text: Explanation, entry: tuple[int, ...] | None) -> None:
    """Check the gradient by nudging the entry that is explained, or the one with the largest gradient."""
    wrt = steps.target
    if steps.root.size != 1 or wrt.size == 0 or float(steps.backward_pass.seed.value.sum()) != 1:
        return
    if entry is None and wrt.shape:
        entry = largest_entry(steps.backward_pass.gradient(wrt).value)
    found = try_nudge(steps.root, wrt, entry)
    if isinstance(found, Nudge):
        text.say(f"nudge: {found.line(steps.names.of(steps.root), steps.names.of(wrt))}")
    else:
        text.say(f"nudge: not possible here. {found}")


def _nothing_flows_back(steps: BackwardSteps, form: ExactForm, text: Explanation) -> None:
    names, wrt = steps.names, steps.target
    reached = {wrt}
    flat = []
    for node in names.order:
        if node.op is None or not any(x in reached for x in node.inputs):
            continue
        maps = node.op.derivatives(node, *node.inputs)
        if any(local is not None for local, x in zip(maps, node.inputs, strict=True) if x in reached):
            reached.add(node)
        else:
            flat.append(names.formula(node))
    why = f"because every path from {names.of(steps.root)} to {names.of(wrt)} goes through a step that is flat, "
    why += f"so that nothing flows back: {', '.join(dict.fromkeys(flat))}"
    text.equate(form.gradient(wrt), number(0), remark=why)
    for line in names.where(str(text)):
        text.say(line)


def _introduce(steps: BackwardSteps, text: Explanation, digits: int) -> None:
    """Say what J is: in one formula if it is short, else step by step; and the values of its leaves."""
    root = steps.root
    if root.op is None:
        text.say(steps.written(root), f" is a leaf: {array_text(root.value, digits)}")
        return
    values = _values(steps, digits)
    whole = Expanded(root)
    if len(to_text(whole, budget=LONGEST_FORMULA + 1, names=steps.names, juxtapose=True)) <= LONGEST_FORMULA:
        text.equate(steps.written(root), whole, remark=values)
        return
    text.say(steps.written(root), f" {values}")
    kept = [node for node in reversed(steps.nodes) if node.op is not None]
    for node, left_out in cut(kept, MOST_VALUES, 3, 3):
        if left_out:
            text.say(f"… and {left_out} more steps …", depth=1)
        text.equate(steps.written(node), node.formula(), remark="" if node.shape == () else shape_text(node.shape), depth=1)


def _say_recognised(steps: BackwardSteps, text: Explanation) -> None:
    """Say which steps are formulas with a name; their derivatives stay those of the formula."""
    for step in steps_of(steps.root):
        for node, idiom in recognised_in(step):
            text.say(steps.names.of(node), " is recognised as ", idiom.written, ".")


def _say_where(steps: BackwardSteps, text: Explanation, after: int) -> None:
    """Say, after so many lines, what the names stand for that were made up for steps, where that was not said."""
    said = {text.line_text(line).strip().partition(" = ")[0] for line in text.lines[:after]}
    made_up = [node for node in steps.names.mentioned(str(text)) if steps.names.of(node) not in said]
    key = [Line(("where ", symbol(short), " = ", symbol(full))) for short, full in steps.names.key_of(str(text))]
    text.lines[after:after] = key + [Line(("where ", steps.written(node), " = ", node.formula())) for node in made_up]


def _values(steps: BackwardSteps, digits: int) -> str:
    """at a = 5, b = 3, with W1 (4, 2): scalars by value, arrays by shape."""
    leaves = [node for node in steps.names.order if node.op is None and node.role is not Role.LITERAL]
    scalars = [f"{steps.names.of(leaf)} = {rounded(leaf.value, digits)}" for leaf in leaves if leaf.shape == ()]
    arrays = [f"{steps.names.of(leaf)} {leaf.shape}" for leaf in leaves if leaf.shape != ()]
    told = [("at", scalars), ("with", arrays)]
    return ", ".join(f"{word} {_listed(parts)}" for word, parts in told if parts)


def _listed(parts: list[str]) -> str:
    if len(parts) > MOST_VALUES:
        parts = [*parts[: MOST_VALUES - 1], f"… and {len(parts) - MOST_VALUES + 1} more"]
    return ", ".join(parts)


# What cancels when two local derivatives are multiplied: where σ′ goes between BCE and a sigmoid


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
    value = steps.backward_pass.gradient(above).value
    if above is steps.root and form.starts_with_one():
        start = form.start(upper)
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
