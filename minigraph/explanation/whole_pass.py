"""The whole backward pass in order: which node is visited when and why it is ready, in sentences; and as a table."""

from __future__ import annotations

from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.node import Node, literal
from minigraph.explanation.array_chain_rule import MOST_TERMS, gradient_line
from minigraph.explanation.gradient_forms import ExactForm
from minigraph.explanation.report import Explanation
from minigraph.explanation.scalar_chain_rule import local_derivative
from minigraph.formulas import Written, number, plus, symbol, times, to_text
from minigraph.reading.names import Names
from minigraph.reading.numbers import aligned, array_text, bracketed, relation, rounded
from minigraph.reading.steps import BackwardSteps
from minigraph.reading.words import told

MOST_VISITS = 40
"""So many nodes of a pass are written out."""
MOST_LINES = 60
"""Longer passes are cut in the middle."""
WIDEST = 40
"""Cells are cut after so many characters."""

HEAD = ("", "from", "to", "upstream, through the local derivative", "brings", "total so far")


def explain_pass(steps: BackwardSteps, written: ExactForm, text: Explanation, digits: int) -> None:
    """Go through the pass node by node."""
    root = steps.root
    text.say(
        "The backward pass starts at ", steps.written(root), " and goes back through the graph. A node is visited when all"
    )
    text.say("that uses it has been visited: then its gradient is complete, and it can be passed on.")
    for sentence in written.explained():
        text.say(sentence)
    text.say(
        "1. ",
        steps.written(root),
        ": the start. ",
        written.gradient(root),
        f" = {array_text(steps.backward_pass.seed.value, digits)}",
    )
    visited = steps.nodes[1:]
    shown = visited if len(visited) <= MOST_VISITS else [*visited[: MOST_VISITS // 2], *visited[-5:]]
    for rank, node in enumerate(visited, start=2):
        if node not in shown:
            if node is visited[MOST_VISITS // 2]:
                text.say(f"… {len(visited) - len(shown)} more nodes …")
            continue
        _visit(rank, node, steps, written, text, digits)


def _visit(rank: int, node: Node, steps: BackwardSteps, form: ExactForm, text: Explanation, digits: int) -> None:
    users = list(dict.fromkeys(steps.names.of(step.consumer) for step in steps.arrivals[node]))
    if len(users) == 1:
        ready = f"ready, since its only user {users[0]} is done."
    else:
        names = ", ".join(users[:-1]) + f" and {users[-1]}" if len(users) <= 5 else f"{users[0]} … {users[-1]}"
        ready = f"ready, since all of its {len(users)} users are done: {names}."
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
        pair = [float(steps.backward_pass.gradient(step.consumer).value), float(local_derivative(step).value)]
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
    lines = list(enumerate(backward_pass, start=1))
    cut = len(lines) - MOST_LINES
    shown = lines if cut <= 0 else [*lines[: MOST_LINES // 2], *lines[-MOST_LINES // 2 :]]
    names = Names(backward_pass.root)
    printed = aligned([HEAD, *(_row(number, line, names) for number, line in shown)])
    if cut > 0:
        printed.insert(1 + MOST_LINES // 2, f"… {cut} more lines …")
    start = f"Backward pass from {names.of(backward_pass.root)}: it starts with "
    start += f"{names.gradient(backward_pass.root).name} = {array_text(backward_pass.seed.value)}"
    return "\n".join([start, *printed, *names.where("\n".join(printed))])


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
