"""The whole backward pass in order: which node is visited when, why it is ready, and what it sends back."""

from __future__ import annotations

from minigraph.calculus.reverse_mode import look_back
from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node
from minigraph.explanation.array_chain_rule import MOST_TERMS, gradient_line
from minigraph.explanation.gradient_forms import ExactForm
from minigraph.explanation.introduction import introduce, say_where
from minigraph.explanation.report import Explanation
from minigraph.explanation.scalar_chain_rule import local_derivative
from minigraph.formulas import Written, number, plus, symbol, times
from minigraph.reading.backward_steps import BackwardSteps, root_and_seed
from minigraph.reading.names import warn_of_twins
from minigraph.reading.numbers import array_text, relation

MOST_VISITS = 40
"""So many nodes of a pass are written out."""


def explain_pass(J: Node | BackwardPass, form: type[ExactForm], digits: int) -> Explanation:
    """Go through the pass node by node."""
    backward_pass = J if isinstance(J, BackwardPass) else look_back(root_and_seed(J, "explain")[0], None, "explain")
    steps = BackwardSteps(backward_pass)
    warn_of_twins(steps.names, "explain")
    written = form(steps)
    text = Explanation(names=steps.names)
    introduce(steps, text, digits)
    introduced = len(text.lines)
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
        f" = {array_text(backward_pass.seed.value, digits)}",
    )
    visited = steps.nodes[1:]
    shown = visited if len(visited) <= MOST_VISITS else [*visited[: MOST_VISITS // 2], *visited[-5:]]
    for rank, node in enumerate(visited, start=2):
        if node not in shown:
            if node is visited[MOST_VISITS // 2]:
                text.say(f"… {len(visited) - len(shown)} more nodes …")
            continue
        _visit(rank, node, steps, written, text, digits)
    say_where(steps, text, introduced)
    return text


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
