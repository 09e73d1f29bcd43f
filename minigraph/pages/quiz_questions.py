"""`questions_of`: what a quiz asks of a backward pass, with the right answers and what the usual slips give instead."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from minigraph.calculus.reverse_mode import look_back
from minigraph.calculus.simplification import RULES, simplify
from minigraph.core.node import Node
from minigraph.explanation import explain
from minigraph.explanation.mistakes.constants import WRONG_SIGN
from minigraph.explanation.mistakes.search import mistakes
from minigraph.formulas.text_printer import Met
from minigraph.operations.arithmetic import Multiply, Negative
from minigraph.pages.question import Asked, Question, Slip, number_of, off_as_shown, unsureness
from minigraph.reading.derived_graphs import footnotes
from minigraph.reading.numbers import bracketed, relation, rounded, sum_text
from minigraph.reading.steps import Derivative


def questions_of(asked: Asked) -> Iterator[Question]:
    """Local derivatives, contributions, sums at forks and gradients of numbers, in the order of the pass."""
    for node, arrivals in asked.arrivals.items():
        if not _is_scalar(node, *(arrival.consumer for arrival in arrivals)):
            continue
        asking = [question for arrival in arrivals for question in _about_an_edge(asked, arrival, len(arrivals))]
        if len(arrivals) > 1:
            asking.append(_about_a_fork(asked, node, arrivals))
        for question in asking:
            if math.isfinite(question.answer):
                yield question.told_apart()


def _is_scalar(*nodes: Node) -> bool:
    return all(node.shape == () for node in nodes)


# Along an edge


def _about_an_edge(asked: Asked, arrival: Derivative, arriving: int) -> Iterator[Question]:
    """Its local derivative, and what it carries back."""
    if not _is_at_kink(arrival):
        yield _local(asked, arrival, arriving)
    if arrival.consumer is not asked.root:
        yield _carried(asked, arrival, arriving)


def _is_at_kink(arrival: Derivative) -> bool:
    """Whether there is no derivative here, but for a convention."""
    consumers = [line.consumer for line in arrival.lines]
    return any(x.op is not None and x.op.distance_to_kink(*(y.value for y in x.inputs)) == 0 for x in consumers)


def _local(asked: Asked, arrival: Derivative, arriving: int) -> Question:
    above, below = asked.name(arrival.consumer), asked.name(arrival.input)
    partial, right = asked.partial(arrival), number_of(arrival.slope)
    met = Met()
    factors, formula = _factors_of(asked, arrival, met)
    ask, others = partial, _twins(asked, arrival)
    if arrival.consumer is asked.root and arriving > 1:  # ∂J/∂u is the name of the sum
        ask = f"the part of {partial} that comes straight from {_place(asked, arrival)}"
        others = asked.arrivals[arrival.input]
    elif len(others) > 1:
        ask = f"the part of {partial} by place {others.index(arrival) + 1} of {len(others)} in the formula of {above}"
    slips = [
        Slip(-right, WRONG_SIGN),
        *_forgotten(factors, partial),
        Slip(number_of(arrival.consumer), f"it is {above} itself, not its derivative"),
        Slip(number_of(arrival.input), f"it is the value of {below}; ask how fast {above} changes when {below} does"),
        Slip(right * number_of(asked.upstream(arrival)), "it is multiplied by the upstream gradient already"),
    ]
    if ask != partial:
        whole = sum(number_of(x.lines[-1].contribution if x.consumer is asked.root else x.slope) for x in others)
        slips.append(Slip(whole, f"it is all of {partial}; here one part of it is asked for"))
    if right:
        slips.append(Slip(1 / right, f"it is upside down: how fast {below} changes with {above}"))
    return Question(
        given=asked.told(arrival.consumer),
        known="",
        ask=ask,
        answer=right,
        shown=rounded(right),
        slips=tuple(slips),
        hint=f"Hold everything else fixed: how fast does {above} change when only {below} does?",
        solution="\n".join(
            [
                _chain([partial, formula] if ask == partial else [formula], right),
                *(f"{asked.name(kept)} {counts}." for kept, counts in footnotes(met)),
            ]
        ),
        unsure=unsureness([right]) + off_as_shown(asked.shown, arrival.slope),
    )


def _factors_of(asked: Asked, arrival: Derivative, met: Met) -> tuple[list[tuple[str, float]], str]:
    """The factors of the local derivative with their values, and its formula; ``met`` takes note of what it leaves out."""
    slope = arrival.slope
    simple = simplify([slope], rules=RULES, keep=asked.names.order)[slope]
    waiting, factors = [simple], []
    while waiting:
        node = waiting.pop()
        if isinstance(node.op, Multiply | Negative) and node not in asked.names:
            waiting += reversed(node.inputs)
        else:
            factors.append((asked.name(node, met), number_of(node)))
    return factors, asked.name(simple, met)


def _forgotten(factors: Sequence[tuple[str, float]], partial: str) -> Iterator[Slip]:
    """What is left of a product when one factor is forgotten."""
    if len(factors) > 1:
        for place, (text, _) in enumerate(factors):
            rest = math.prod(value for _, value in [*factors[:place], *factors[place + 1 :]])
            yield Slip(rest, f"the factor {text} of {partial} is forgotten")
            yield Slip(-rest, f"the factor {text} of {partial} is forgotten, and the sign is wrong")


def _carried(asked: Asked, arrival: Derivative, arriving: int) -> Question:
    """What comes to a node along one edge; its whole gradient if it is the only one."""
    upstream, local = number_of(asked.upstream(arrival)), number_of(arrival.slope)
    right = number_of(arrival.lines[-1].contribution)
    partial, whole = asked.partial(arrival), asked.gradient(arrival.input)
    above, below = asked.gradient(arrival.consumer), asked.name(arrival.input)
    factors, _ = _factors_of(asked, arrival, Met())
    slips = [
        Slip(-right, WRONG_SIGN),
        Slip(local, f"it is the local derivative {partial} alone: the upstream gradient {above} is forgotten"),
        Slip(upstream, f"it is the upstream gradient {above} alone: the local derivative {partial} is forgotten"),
        Slip(upstream + local, "upstream and local are multiplied, not added"),
        *(Slip(upstream * slip.answer, slip.words) for slip in _forgotten(factors, partial)),
        Slip(upstream * number_of(arrival.consumer), f"{asked.name(arrival.consumer)} itself is taken, not its derivative"),
        Slip(upstream * number_of(arrival.input), f"the value of {below} is taken for {partial}"),
    ]
    if local:
        slips.append(Slip(upstream / local, "it is divided by the local derivative, not multiplied"))
    solution = _product(f"{above} · {partial}", [upstream, local], right)
    if arriving > 1:
        total = number_of(asked.backward_pass.gradients[arrival.input])
        place = _place(asked, arrival)
        slips.append(Slip(total, f"it is all of {whole}; here what comes through {place} alone is asked for"))
        ask = f"the part of {whole} that comes through {place}"
    else:
        ask, solution = whole, f"{whole} = {solution}"
        slips += diagnosed(asked, arrival.input)
        solution += _explained(asked, arrival.input)
    given = asked.told(arrival.consumer)
    if _is_at_kink(arrival):
        given = f"{asked.defined(arrival.consumer)}, at its kink, where {partial} is taken for {rounded(local)}"
    return Question(
        given=given,
        known=f"{above} {relation([upstream])} {rounded(upstream)}",
        ask=ask,
        answer=right,
        shown=rounded(right),
        slips=tuple(slips),
        hint=f"The chain rule: upstream times local, {above} · {partial}.",
        solution=solution,
        unsure=unsureness([right]) + abs(upstream) * off_as_shown(asked.shown, arrival.slope),
    )


def _place(asked: Asked, arrival: Derivative) -> str:
    """The consumer, and by which of its operands if there are several edges between the two."""
    twins, where = _twins(asked, arrival), asked.name(arrival.consumer)
    return where if len(twins) == 1 else f"{where} (place {twins.index(arrival) + 1} of {len(twins)} in its formula)"


def _twins(asked: Asked, arrival: Derivative) -> list[Derivative]:
    """All edges between the same two nodes."""
    return [other for other in asked.arrivals[arrival.input] if other.consumer is arrival.consumer]


# At a fork


def _about_a_fork(asked: Asked, node: Node, arrivals: Sequence[Derivative]) -> Question:
    terms = [number_of(arrival.lines[-1].contribution) for arrival in arrivals]
    right = number_of(asked.backward_pass.gradients[node])
    whole, texts = asked.gradient(node), [rounded(x) for x in terms]
    places = [_place(asked, arrival) for arrival in arrivals]
    slips = [
        Slip(-right, WRONG_SIGN),
        *(
            Slip(right - term, f"the path from {place} to {asked.name(node)} is missing: contributions at a fork add up")
            for term, place in zip(terms, places, strict=True)
        ),
        *(
            Slip(term, f"it is the contribution through {place} alone: contributions at a fork add up")
            for term, place in zip(terms, places, strict=True)
            if len(terms) > 2
        ),
        Slip(math.prod(terms), "contributions at a fork are added, not multiplied"),
        Slip(right / len(terms), "contributions at a fork are added, not averaged"),
        *(
            Slip(right - 2 * term, f"the contribution through {place} has the wrong sign")
            for term, place in zip(terms, places, strict=True)
        ),
        *diagnosed(asked, node),
    ]
    arrived = ", ".join(f"{text} through {place}" for text, place in zip(texts, places, strict=True))
    solution = f"{whole} {relation([*terms, right])} {sum_text(texts, rounded(right))}{_explained(asked, node)}"
    return Question(
        given=f"{asked.name(node)} is used in {len(terms)} places",
        known=f"{whole} gets {arrived}",
        ask=whole,
        answer=right,
        shown=rounded(right),
        slips=tuple(slips),
        hint=f"{asked.name(node)} is used in {len(terms)} places: what comes back from them adds up.",
        solution=solution,
        unsure=unsureness(terms),
    )


# What a whole gradient may be taken for


def diagnosed(asked: Asked, node: Node, entry: tuple[int, ...] = ()) -> Iterator[Slip]:
    """What `compare` knows of wrong gradients, for one entry: each with one thing gone wrong."""
    if node not in asked.names:
        return
    to_node = look_back(asked.root, None, "quiz", {node})
    right = np.asarray(to_node.gradients[node].value, np.float64)
    with np.errstate(all="ignore"):
        for mistake in mistakes(to_node, node, right, asked.names):
            shape = mistake.array.shape
            if len(shape) != len(entry) or any(i >= size for i, size in zip(entry, shape, strict=True)):
                continue
            for factor, words in ((1.0, ""), *mistake.factors):
                if bool(mistake.words) != bool(words):
                    said = (mistake.words or words).replace("it is 0 everywhere", "it is 0")
                    yield Slip(float(mistake.array[entry] * factor), asked.spelled(said))


def _explained(asked: Asked, node: Node) -> str:
    """The same from J on, in the words of `explain`."""
    return "\n" + asked.spelled(explain(asked.root, node)) if node in asked.names else ""


def _chain(sides: Sequence[str], value: float) -> str:
    """``∂v/∂u = c = 2``; what is already there is not said twice."""
    said = [side for side in sides if side != rounded(value)]
    return " = ".join(said) + f" {relation([value])} {rounded(value)}" if said else rounded(value)


def _product(name: str, factors: Sequence[float], value: float) -> str:
    texts = [rounded(factors[0]), *(bracketed(rounded(x)) for x in factors[1:])]
    return f"{name} {relation(factors)} {' · '.join(texts)} {relation([*factors, value])} {rounded(value)}"
