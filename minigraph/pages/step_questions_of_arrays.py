"""`of_array`, `of_array_contribution`: of an array the step-through page asks one entry, or its shape if it is large."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.evaluation import evaluate
from minigraph.core.ledger import Contribution
from minigraph.core.node import Node, Role
from minigraph.drawing.scene import Scene
from minigraph.explanation.mistakes.constants import HALF, TWICE, WRONG_SIGN
from minigraph.pages.question import Question, Slip, unsureness
from minigraph.pages.quiz_arrays import first_term, slips_of_shape, telling_entry, without_residues
from minigraph.reading.numbers import index_text, rounded, shape_text, written_out
from minigraph.reading.steps import Derivative, Step, StepEdge
from minigraph.values import Array

Entry = tuple[int, ...]

MOST_TOLD = 16
"""A question tells the entries of arrays if there are no more of them in all: on a phone, too, it stands above a picture."""


def of_array(scene: Scene, step: Step) -> Question | None:
    """``Z = W·X with W = [1 2; 3 4], X = [5; 6]: Z[1, 0] = ?``, or its shape."""
    node, name = step.node, scene.name(step.node)
    goes_in = {edge.source: scene.name(edge.source) for edge in step.edges}
    value = np.asarray(node.value, np.float64)
    entry = telling_entry(value)
    given = _given(goes_in, node, entry)
    if given is None:
        told = ", ".join(f"{text} is {shape_text(x.shape)}" for x, text in goes_in.items() if x.role is not Role.LITERAL)
        slips = [
            Slip(x.shape, f"that is the shape of {text}, which goes in: {name} comes out") for x, text in goes_in.items()
        ]
        slips.append(Slip(node.shape[::-1], "it is transposed"))
        slips.append(Slip((node.size,), f"{name} has so many entries; its shape says how they are arranged"))
        return _of_shape(f"{scene.formula(node)}; {told}: the shape of {name} is ?", name, node.shape, slips)
    right, place = float(value[entry]), index_text(entry)
    slips = [*slips_of_size(right), *_turned(value, entry)]
    for x, text in goes_in.items():
        if x.shape == node.shape:
            slips.append(Slip(float(x.value[entry]), f"that is {text}{place}, which goes in: {name} comes out"))
    about = f"{scene.formula(node)}{given.text}: {name}{place} = ?"
    return asked(about, f"{name}{place}", right, slips, unsureness([right, *given.numbers]))


def of_array_contribution(scene: Scene, step: Step, edge: StepEdge, entries: Sequence[Contribution]) -> Question | None:
    """``Z = W·X with ∂J/∂Z = [1; 2], X = [5; 6]: ∂J/∂W[1, 0] = ?``, or its shape."""
    last, source, above = entries[-1], edge.source, scene.gradient(step.node)
    name, whole, upstream = scene.name(source), scene.gradient(source), scene.gradients[step.node]
    contribution = np.asarray(last.contribution.value, np.float64)
    entry = telling_entry(contribution)
    given = _given({upstream: above, **_read(scene, last.contribution, upstream)}, last.contribution, entry)
    if given is None:
        about = f"{scene.formula(step.node)}; {above} is {shape_text(upstream.shape)}: what comes to {whole} has the shape ?"
        others = {step.node.shape: scene.name(step.node)}
        slips = [*slips_of_shape(source.shape, whole, name, others, scene.name(scene.root))]
        return _of_shape(about, f"what comes to {whole}", source.shape, slips)
    right = float(contribution[entry])
    slips = [*slips_of_size(right), *_turned(contribution, entry)]
    if upstream.shape == source.shape:
        slips.append(Slip(float(upstream.value[entry]), f"it is the entry of {above}, the upstream gradient, itself"))
    slips.append(Slip(float(source.value[entry]), f"it is the entry of {name}, not of its gradient"))
    slips += first_term(Derivative(tuple(entries)), upstream, entry)
    slips += _not_summed(last, name, entry)
    slips += sums_for_terms(scene, step, edge, last, entry)
    ask = arriving(scene, step, edge, last, entry)
    about = f"{scene.formula(step.node)}{given.text}: {ask} = ?"
    return asked(about, ask, right, slips, unsureness([right, *given.numbers]))


@dataclass(frozen=True)
class _Given:
    """What a question tells: in words, and all numbers in it."""

    text: str
    numbers: Sequence[float]


def _given(named: Mapping[Node, str], result: Node, entry: Entry) -> _Given | None:
    """`` with W = [1 2; 3 4]``: what it takes to find an entry of the result; None if that is too much to be told.

    Of arrays that meet entry by entry it is that entry of each.
    """
    value = np.asarray(result.value, np.float64)
    if not value.size or not np.isfinite(value).all():
        return None
    if _is_entrywise(named, result, entry):
        told = {f"{name}{index_text(entry)}": x.value[entry] for x, name in named.items()}
    elif sum(node.size for node in named) <= MOST_TOLD:
        told = {name: x.value for x, name in named.items()}
    else:
        return None
    texts = {name: written_out(without_residues(x), entries=MOST_TOLD) for name, x in told.items()}
    said = ", ".join(f"{name} = {text}" for name, text in texts.items() if name != text)
    return _Given(f" with {said}" if said else "", [float(y) for x in told.values() for y in np.ravel(x)])


def _is_entrywise(named: Mapping[Node, str], result: Node, entry: Entry) -> bool:
    """Whether an entry of the result comes of that entry of each array: it stays where all other entries change to it."""
    if not entry or any(node.shape != result.shape for node in named):
        return False
    given = {node: np.full_like(node.value, node.value[entry]) for node in named}
    with np.errstate(all="ignore"):
        return bool(evaluate(result, given=given)[entry] == result.value[entry])


def _read(scene: Scene, contribution: Node, upstream: Node) -> dict[Node, str]:
    """The nodes with a box of their own that a contribution is worked out of, besides the upstream gradient."""
    found: list[Node] = []
    seen, waiting = {contribution, upstream}, [] if contribution is upstream else [contribution]
    while waiting:
        new = dict.fromkeys(node for node in waiting.pop().inputs if node not in seen)
        seen.update(new)
        found += [node for node in new if node in scene.ids]
        waiting += [node for node in new if node not in scene.ids]
    return {node: scene.name(node) for node in found if node.role is not Role.LITERAL}


def _of_shape(about: str, name: str, shape: Entry, slips: Sequence[Slip]) -> Question:
    return _question(about, f"the shape of {name}", shape, shape_text(shape), slips)


def _turned(array: Array, entry: Entry) -> Iterator[Slip]:
    """The entry that stands in its place after a transpose."""
    if array.ndim == 2 and array.shape[0] == array.shape[1]:
        yield Slip(float(array[entry[::-1]]), f"it is entry {index_text(entry[::-1])}: row and column are exchanged")


def _not_summed(last: Contribution, name: str, entry: Entry) -> Iterator[Slip]:
    """One term of the sum that undoes a broadcast, or the mean in its place."""
    if not last.summed_axes:
        return
    product = np.asarray(last.product.value, np.float64)
    inner = (0,) * (product.ndim - len(entry)) + entry
    first = product[tuple(0 if axis in last.summed_axes else place for axis, place in enumerate(inner))]
    count = product.size // last.contribution.size
    why = f"{name} is used {count} times, so its gradient is summed over them"
    yield Slip(float(first), f"the sum is missing: {why}")
    yield Slip(float(last.contribution.value[entry]) / count, f"the mean was taken where the sum belongs: {why}")


# What questions on numbers and on arrays share


def asked(about: str, ask: str, answer: float, slips: Sequence[Slip], unsure: float) -> Question:
    """A question for a number; what is asked is in ``about``, with ``?`` for what is hidden."""
    return _question(about, ask, answer, rounded(answer), slips, unsure)


def _question(about: str, ask: str, answer: Any, shown: str, slips: Sequence[Slip], unsure: float = 0.0) -> Question:
    return Question(about, "", ask, answer, shown, tuple(slips), hint="", solution="", unsure=unsure).told_apart()


def slips_of_size(right: float) -> Iterator[Slip]:
    """The sign, and a 2 too many or too few."""
    yield Slip(-right, WRONG_SIGN)
    yield Slip(2 * right, TWICE)
    yield Slip(right / 2, HALF)


def arriving(scene: Scene, step: Step, edge: StepEdge, last: Contribution, entry: Entry = ()) -> str:
    """What comes to a gradient along an edge: all of it, or one of its parts."""
    whole = f"{scene.gradient(edge.source)}{index_text(entry)}"
    return whole if len(last.arrivals) == 1 else f"the part of {whole} that comes from {scene.name(step.node)}"


def sums_for_terms(scene: Scene, step: Step, edge: StepEdge, last: Contribution, entry: Entry = ()) -> Iterator[Slip]:
    """The sum at a fork, where one of its terms is asked."""
    terms = [np.asarray(node.value, np.float64)[entry] for node in last.arrivals]
    if len(terms) > 1:
        above, below = scene.name(step.node), scene.name(edge.source)
        only = f"only what comes along this edge is asked, from {above} to {below}"
        if last.rank + 1 < len(terms):
            yield Slip(float(sum(terms[: last.rank + 1])), f"that is the sum of what has arrived: {only}")
        yield Slip(float(sum(terms)), f"that is the sum over all paths: {only}")
