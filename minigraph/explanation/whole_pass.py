"""The whole backward pass in order: which node is visited when and why it is ready, in sentences; and as a table."""

from __future__ import annotations

from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.node import Node, literal
from minigraph.explanation.array_chain_rule import MOST_TERMS, gradient_line
from minigraph.explanation.report import ExactForm, Explanation
from minigraph.formulas import Written, number, plus, symbol, times, to_text
from minigraph.reading.names import Names
from minigraph.reading.numbers import array_text, bracketed, cut, relation, rounded
from minigraph.reading.report_parts import Part, Table, text_of
from minigraph.reading.steps import BackwardSteps
from minigraph.reading.words import told

MOST_VISITS = 40
"""So many nodes of a pass are written out."""
MOST_LINES, WIDEST = 60, 40
"""Longer passes are cut in the middle, wider cells at their end."""

HEAD = ("", "from", "to", "upstream, through the local derivative", "brings", "total so far")


def explain_pass(steps: BackwardSteps, written: ExactForm, text: Explanation, digits: int) -> None:
    """Go through the pass node by node."""
    root = steps.root
    text.say(
        "The backward pass starts at ",
        steps.written(root),
        " and goes back through the graph. A node is visited once all nodes",
    )
    text.say("that use it have been visited: then its gradient is complete, and can be passed on.")
    for sentence in written.explained():
        text.say(sentence)
    start = f" = {array_text(steps.backward_pass.seed.value, digits)}"
    text.say("1. ", steps.written(root), ": the start. ", written.gradient(root), start)
    visited = list(enumerate(steps.nodes, start=1))[1:]
    for (rank, node), left_out in cut(visited, MOST_VISITS, MOST_VISITS // 2, 5):
        if left_out:
            text.say(f"… {left_out} more nodes …")
        _visit(rank, node, steps, written, text, digits)


def _visit(rank: int, node: Node, steps: BackwardSteps, form: ExactForm, text: Explanation, digits: int) -> None:
    users = list(dict.fromkeys(steps.names.of(step.consumer) for step in steps.arrivals[node]))
    if len(users) == 1:
        ready = f"ready, since its only user {users[0]} is done."
    else:
        names = ", ".join(users[:-1]) + f" and {users[-1]}" if len(users) <= 5 else f"{users[0]} … {users[-1]}"
        ready = f"ready, since all its users are done: {names}."
    text.say(f"{rank}. ", steps.written(node), f": {ready}")
    gradient_line(node, steps, form, text, depth=2)
    value = steps.backward_pass.gradient(node).value * form.scale(node)
    if node.shape or any(step.consumer.shape for step in steps.arrivals[node]):
        text.say("= " + array_text(value, digits), depth=2)
    else:
        _in_numbers(node, steps, form, text, digits)


def _in_numbers(node: Node, steps: BackwardSteps, form: ExactForm, text: Explanation, digits: int) -> None:
    """∂J/∂z = −1.368 · 0.1966 ≈ −0.2689: the same line in numbers."""
    factors: list[float] = []
    terms: list[Written] = []
    for step in steps.arrivals[node][:MOST_TERMS]:
        pair = [float(steps.backward_pass.gradient(step.consumer).value), float(step.slope.value)]
        factors += pair
        terms.append(times([number(x, digits) for x in pair]))
    if len(terms) < len(steps.arrivals[node]):
        terms.append(symbol(f"… {len(steps.arrivals[node]) - len(terms)} more"))
    value = float(steps.backward_pass.gradient(node).value)
    last = "=" if relation([*factors, value], digits) == "=" else "≈"
    text.equate(
        form.gradient(node), plus(terms), number(value, digits), relations=(relation(factors, digits), last), depth=2
    )


def table(backward_pass: BackwardPass) -> str:
    """The table as text."""
    return text_of(parts_of_pass(backward_pass))


def parts_of_pass(backward_pass: BackwardPass) -> list[Part]:
    """Where the pass starts, a row for each contribution, and what made-up names stand for."""
    names = Names(backward_pass.root)
    rows: list[tuple[str, ...]] = [HEAD]
    for (place, line), left_out in cut(list(enumerate(backward_pass, 1)), MOST_LINES, MOST_LINES // 2, MOST_LINES // 2):
        if left_out:
            rows.append((f"… {left_out} more lines …",))
        rows.append(_row(place, line, names))
    start = f"Backward pass from {names.of(backward_pass.root)}: it starts with "
    start += f"{names.gradient(backward_pass.root).name} = {array_text(backward_pass.seed.value)}"
    if len(rows) == 1:
        return [f"{start}, and goes no further: that is a leaf."]
    shown = Table(tuple(rows))
    return [start, shown, *names.where("\n".join(shown.lines()))]


def _row(number: int, line: Contribution, names: Names) -> tuple[str, ...]:
    formula = to_text(told(line.local, names.gradient(line.consumer)), budget=WIDEST, names=names)
    if line.summed_axes:
        formula += f", summed to {line.input.shape or 'a scalar'}"
    total = array_text(line.running_total) if len(line.arrivals) > 1 else ""
    return str(number), names.of(line.consumer), names.of(line.input), formula, _brings(line), total


def _brings(line: Contribution) -> str:
    """3 · 2 = 6 for numbers, else the array in short."""
    brought = array_text(line.contribution.value)
    if line.upstream.shape or line.contribution.shape:
        return brought
    local = line.local.pull(literal(1.0, line.upstream.dtype)).value
    product = f"{rounded(line.upstream.value)} · {bracketed(rounded(local))}"
    return f"{product} {relation([line.upstream.value, local])} {brought}"
