"""`questions_of_arrays`: what a quiz asks where gradients are arrays: their shape, the order of a product, one entry."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from zlib import crc32

import numpy as np

from minigraph.core.linear_maps import Identity, MatMulLeft, MatMulRight
from minigraph.core.node import Node, Role
from minigraph.explanation import explain
from minigraph.formulas import Written, to_text
from minigraph.formulas.tree import matrix_product, transposed
from minigraph.operations.shapes import Transpose
from minigraph.pages.question import ROUNDING, Asked, Question, Slip, unsureness
from minigraph.pages.quiz_questions import diagnosed
from minigraph.reading.names import cleaned
from minigraph.reading.numbers import index_text, largest_entry, rounded, shape_text, written_out
from minigraph.reading.steps import Derivative
from minigraph.reading.words import reason
from minigraph.values import Array, Shape

MOST_ENTRIES = 24
"""Arrays with more entries are not computed with by hand."""


def questions_of_arrays(asked: Asked) -> Iterator[Question]:
    """Orders of products, in the order of the pass, and for each parameter its gradient's shape and one entry of it."""
    for node, arrivals in asked.arrivals.items():
        if all(x.shape == () for x in (node, *(arrival.consumer for arrival in arrivals))):
            continue
        asking = [question for arrival in arrivals for question in _order(asked, arrival)]
        if node.role is Role.PARAMETER:
            asking = [*_shape(asked, node), *asking, *_entry(asked, node, arrivals)]
        for question in asking:
            yield question.told_apart()


# The order of a product


def _order(asked: Asked, arrival: Derivative) -> Iterator[Question]:
    """Which product of matrices pulls the gradient back."""
    pulls = [local for local, _ in arrival.pulls() if not isinstance(local, Identity)]
    upstream = asked.upstream(arrival)
    if len(pulls) != 1 or not isinstance(pulls[0], MatMulLeft | MatMulRight) or upstream.ndim != 2 or upstream.size == 0:
        return
    local = pulls[0]
    names, whole = asked.names, asked.gradient(arrival.input)
    symbol = names.gradient(arrival.consumer)
    matrix = local.matrix
    other = matrix.inputs[0] if isinstance(matrix.op, Transpose) else transposed(matrix)
    sides: list[tuple[Written, Written]] = [(x, symbol) for x in (matrix, other)] + [(symbol, x) for x in (matrix, other)]
    right = _written(asked, matrix_product(*((other, symbol) if isinstance(local, MatMulLeft) else (symbol, other))))
    products = {_written(asked, matrix_product(*pair)): pair for pair in sides}
    choices = tuple(sorted(products, key=lambda text: crc32(f"{whole}{text}".encode())))  # in no order that tells anything
    shaped = [f"{asked.name(arrival.input)} is {shape_text(arrival.input.shape)}", _shaped(asked, arrival.consumer)]
    shaped.append(f"{_written(asked, matrix)} is {shape_text(matrix.shape)}")
    yield Question(
        given=f"{asked.defined(arrival.consumer)}; {', '.join(shaped)}",
        known="",
        ask=whole,
        answer=choices.index(right),
        shown=right,
        slips=tuple(
            Slip(choices.index(text), _why_not(asked, arrival.input, *(side.shape for side in pair)))
            for text, pair in products.items()
            if text != right
        ),
        hint="Write the shapes below the factors: the inner sizes must agree, the outer ones are those of the gradient.",
        solution=f"{whole} = {right}\n{reason(local, upstream.shape)}",
        choices=choices,
    )


def _written(asked: Asked, formula: Written) -> str:
    return cleaned(to_text(formula, budget=60, names=asked.names, subscripts=True))


def _shaped(asked: Asked, node: Node) -> str:
    return f"{asked.gradient(node)} is {shape_text(node.shape)}"


def _why_not(asked: Asked, node: Node, left: Shape, right: Shape) -> str:
    if left[1] != right[0]:
        return f"the shapes {left}·{right} don't fit: {left[1]} and {right[0]} differ"
    if (left[0], right[1]) != node.shape:
        return f"{left}·{right} gives {(left[0], right[1])}, and {asked.gradient(node)} has the shape of {asked.name(node)}"
    return "the shapes fit, since sizes are equal here, but it is not what the sum over entries says: check one entry"


# The shape


def _shape(asked: Asked, node: Node) -> Iterator[Question]:
    if node.shape == ():
        return
    whole, name = asked.gradient(node), asked.name(node)
    others = {arrival.consumer.shape: asked.name(arrival.consumer) for arrival in asked.arrivals[node]}
    yield Question(
        given=f"{name} is {shape_text(node.shape)}",
        known="",
        ask=f"the shape of {whole}",
        answer=node.shape,
        shown=shape_text(node.shape),
        slips=tuple(slips_of_shape(node.shape, whole, name, others, asked.name(asked.root))),
        hint=f"There is one derivative for each entry of {name}.",
        solution=f"{whole} has the shape of {name}, {shape_text(node.shape)}: one derivative for each entry.",
    )


def slips_of_shape(shape: Shape, whole: str, name: str, others: Mapping[Shape, str], root: str) -> Iterator[Slip]:
    """What may be said of the shape of a gradient, ``whole``, other than that it is the shape of the node ``name``."""
    yield Slip(shape[::-1], f"it is transposed: {whole} has the shape of {name}, {shape_text(shape)}")
    for other_shape, other in others.items():
        yield Slip(other_shape, f"that is the shape of {other}; {whole} has that of {name}")
    yield Slip((), f"{root} is a number, but there is a derivative for each entry of {name}")
    size = math.prod(shape)
    yield Slip((size,), f"{whole} has the {size} entries, in the shape of {name}")


# One entry


def _entry(asked: Asked, node: Node, arrivals: list[Derivative]) -> Iterator[Question]:
    """One entry of a parameter's gradient, if all that it is computed from can be written out."""
    upstream = {asked.gradient(x.consumer): asked.upstream(x) for x in arrivals}
    texts = {name: written_out(without_residues(x.value), entries=MOST_ENTRIES) for name, x in upstream.items()}
    gradient = np.asarray(asked.backward_pass.gradients[node].value, np.float64)
    if not 0 < node.size <= MOST_ENTRIES or None in texts.values() or not np.isfinite(gradient).all():
        return
    entry = telling_entry(gradient)
    place, right, whole = index_text(entry), float(gradient[entry]), asked.gradient(node)
    slips = [*diagnosed(asked, node, entry)]
    slips += [
        Slip(float(x.value[entry]), f"it is the entry of {name}, the upstream gradient, itself")
        for name, x in upstream.items()
        if x.shape == node.shape
    ]
    slips.append(Slip(float(node.value[entry]), f"it is the entry of {asked.name(node)}, not of its gradient"))
    slips += [slip for arrival in arrivals for slip in first_term(arrival, asked.upstream(arrival), entry)]
    formulas = "; ".join(dict.fromkeys(asked.defined(arrival.consumer) for arrival in arrivals))
    yield Question(
        given=f"{formulas}; {', '.join(f'{name} = {text}' for name, text in texts.items())}",
        known="",
        ask=f"{whole}{place}",
        answer=right,
        shown=rounded(right),
        slips=tuple(slips),
        hint=f"Which entries does {asked.name(node)}{place} reach? What comes back from them adds up.",
        solution=asked.spelled(explain(asked.root, node, entry=entry or None)),
        unsure=unsureness([right, *(float(value) for x in upstream.values() for value in np.ravel(x.value))]),
    )


def without_residues(value: Array) -> Array:
    """The array with 0 where rounding left next to nothing: 4.4e−16 beside 11."""
    with np.errstate(under="ignore"):
        return np.where(np.abs(value) < ROUNDING * np.max(np.abs(value), initial=0.0), 0, value)


def telling_entry(array: Array) -> tuple[int, ...]:
    """The largest entry; of a square matrix, one that the transpose has not in its place."""
    if array.ndim == 2 and array.shape[0] == array.shape[1] and (array != array.T).any():
        return largest_entry(np.where(array != array.T, array, 0))
    return largest_entry(array)


def first_term(derivative: Derivative, upstream: Node, entry: tuple[int, ...]) -> Iterator[Slip]:
    """What is got if the sum of a product of matrices is cut after its first term."""
    pulls = [local for local, _ in derivative.pulls() if not isinstance(local, Identity)]
    array = np.asarray(upstream.value, np.float64)
    if len(pulls) != 1 or not isinstance(pulls[0], MatMulLeft | MatMulRight) or array.ndim != 2:
        return
    matrix, (i, k) = np.asarray(pulls[0].matrix.value, np.float64), entry
    terms = matrix[:, i] * array[:, k] if isinstance(pulls[0], MatMulLeft) else array[i, :] * matrix[k, :]
    if len(terms) > 1:
        yield Slip(float(terms[0]), f"it is the first of {len(terms)} terms alone: the entry is their sum")
