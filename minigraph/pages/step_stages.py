"""What the step-through page says, step by step: forward, the seed, then each contribution as it arrives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from minigraph.core.ledger import Contribution
from minigraph.core.node import Node
from minigraph.drawing.scene import LONGEST_SUM, MOST_TERMS, Scene, amount, chain_rule_rows, few, gradient_text, value_text
from minigraph.drawing.view import Edge, Kind
from minigraph.pages.question import Question
from minigraph.pages.step_questions import StepQuestions
from minigraph.reading.numbers import bracketed, norm_text, shape_text
from minigraph.reading.steps import Step, StepEdge

MOST_GIVEN = 12
"""The first sentence tells the values of at most so many leaves."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the page.

    Attributes:
        phase: ``forward``, ``seed`` or ``backward``.
        say: what it says.
        boxes: ids of the boxes that it concerns; they stay lit from here on.
        gradients: for boxes whose gradient grows, what the gradient row says from here on; None is its final text.
        guess: what may be asked before the step is shown; None where there is no finite number.
    """

    phase: str
    say: str
    boxes: tuple[str, ...]
    edges: tuple[str, ...] = ()
    gradients: dict[str, str | None] = field(default_factory=dict)
    guess: Question | None = None

    def data(self) -> dict[str, Any]:
        """What the page's script reads; it finds what is said in the list."""
        told = {"phase": self.phase, "boxes": self.boxes, "edges": self.edges, "gradients": self.gradients}
        return {**told, "guess": self.guess and {**self.guess.judged(), "question": self.guess.given}}


def stages(scene: Scene) -> list[Stage]:
    """Forward steps, the seed, then one step for each contribution, in the order of the ledger."""
    questions = StepQuestions(scene)
    return [*_forward(scene, questions), _seed(scene), *_backward(scene, questions)]


def _edge_id(scene: Scene, step: Step, place: int) -> str:
    return Edge(scene.ids[step.edges[place].source], scene.ids[step.node], place).id


def _forward(scene: Scene, questions: StepQuestions) -> Iterator[Stage]:
    leaves = [step.node for step in scene.steps if step.node.op is None]
    given = ", ".join(f"{scene.name(leaf)} {_said_value(leaf)}" for leaf in leaves[:MOST_GIVEN])
    more = f" and {len(leaves) - MOST_GIVEN} more" if len(leaves) > MOST_GIVEN else ""
    yield Stage("forward", f"Given: {given}{more}.", tuple(scene.ids[leaf] for leaf in leaves))
    for step in scene.steps:
        if step.node.op is not None:
            edges = tuple(_edge_id(scene, step, place) for place in range(len(step.edges)))
            text = f"{scene.formula(step.node)} {_said_value(step.node)}."
            yield Stage("forward", text, (scene.ids[step.node],), edges, guess=questions.of_value(step))


def _said_value(node: Node) -> str:
    text = value_text(node.value)
    return text if text.startswith("= ") else f"is {shape_text(node.shape)}, {text}"


def _seed(scene: Scene) -> Stage:
    said = scene.gradient(scene.root) + _said_gradient(scene.gradients[scene.root].value)
    box = scene.ids[scene.root]
    return Stage("seed", f"Seed: {said}. The backward pass starts here.", (box,), (), {box: None})


def _said_gradient(value: Any) -> str:
    text = few(value)
    return f" = {text}" if text is not None else f", shape {shape_text(value.shape)}, norm {norm_text(value)}"


def _backward(scene: Scene, questions: StepQuestions) -> Iterator[Stage]:
    rank = {entry: place for place, entry in enumerate(scene.ledger)}
    edges = [(step, place, edge) for step in scene.steps for place, edge in enumerate(step.edges)]
    carrying = [(step, place, edge) for step, place, edge in edges if all(primitive in rank for primitive in edge.path)]
    for step, place, edge in sorted(carrying, key=lambda carried: rank[carried[2].path[-1]]):
        yield _contribution(scene, questions, step, place, edge)


def _contribution(scene: Scene, questions: StepQuestions, step: Step, place: int, edge: StepEdge) -> Stage:
    entries = [scene.ledger[primitive] for primitive in edge.path]
    last = entries[-1]
    name = scene.gradient(edge.source)
    rows = chain_rule_rows(scene, step, edge, entries)
    formula = next(row.text for row in rows if row.kind is Kind.CONTRIBUTION)
    if len(rows) > 1:  # scalars: symbols, then numbers
        formula = f"{scene.gradient(step.node)} × {scene.partial(step.node, edge.source)} = {formula}"
    else:
        formula += _said_gradient(last.contribution.value)
    arrived, total = last.rank + 1, len(last.arrivals)
    said = f"{scene.formula(step.node)}: {name} gets {formula}."
    row = None
    if total > 1:
        terms = [node.value for node in last.arrivals[:arrived]]
        done = arrived == total
        final = gradient_text(name, scene.gradients[edge.source].value, [node.value for node in last.arrivals])[0]
        so_far = _so_far(name, last, terms)
        if not done:  # the box has room for what it says in the end
            row = so_far if len(so_far) <= len(final) + len(" + …") else _came_to(name, last)
        said += f" All {total} have arrived: {final}." if done else f" {arrived} of {total} contributions: {so_far}"
    box = scene.ids[edge.source]
    guess = questions.of_contribution(step, edge, entries)
    return Stage("backward", said, (scene.ids[step.node], box), (_edge_id(scene, step, place),), {box: row}, guess)


def _so_far(name: str, last: Contribution, terms: list[object]) -> str:
    """What is known of a gradient while contributions are still to come: the sum where it is short, else what it came to."""
    texts = [text for term in terms if (text := few(term)) is not None]
    whole = f"{name} = {' + '.join([*texts[:1], *map(bracketed, texts[1:])])}"
    if len(texts) == len(terms) <= MOST_TERMS and len(whole) <= LONGEST_SUM:
        return f"{whole} + …"
    return _came_to(name, last)


def _came_to(name: str, last: Contribution) -> str:
    norms_do_not_add = few(last.running_total) is None
    return f"{amount(name, last.running_total)} {'so far' if norms_do_not_add else '+ …'}"
