"""Local derivatives in words: what their pull does, what shapes have to do with it, and what they do to a shape.

Each question is one function with an answer for every map, and answers of their own for some kinds of maps. A map of
your own is told by its notation; to say more of it, register an answer: ``@remark.register(MyMap)``.
"""

from __future__ import annotations

import math
from functools import singledispatch

from minigraph.core.linear_maps import LinearMap, MatMulLeft, MatMulRight
from minigraph.core.shape_maps import Broadcast, Placing, Reshaping, Selection, Summation, Transposition
from minigraph.formulas import Written, indexed, phrase, symbol, to_text
from minigraph.formulas.spelling import axes_text
from minigraph.operations.einsum import Contraction
from minigraph.operations.einsum_subscripts import once
from minigraph.values import Shape


@singledispatch
def told(local: LinearMap, upstream: Written) -> Written:
    """What the pull does to the gradient upstream, in the words of an explanation; by default its notation."""
    return local.notation(upstream)


@told.register
def _(local: Broadcast, upstream: Written) -> Written:
    """Σ over examples of ∂J/∂Z: examples are columns."""
    if not local.axes:
        return upstream
    of_matrix: dict[tuple[int, ...], str] = {(0,): "rows", (1,): "examples", (0, 1): "all entries"}
    summed = "{axis}" if len(local.shape_out) != 2 else of_matrix[local.axes]
    return phrase(f"Σ over {summed} of", upstream, axis=local.axes)


@singledispatch
def remark(local: LinearMap, input_name: str, cotangent: Shape) -> str:
    """What the shapes have to do with the pull of a cotangent of this shape, in words; "" if nothing."""
    return ""


@remark.register
def _(local: Broadcast, input_name: str, cotangent: Shape) -> str:
    return f"because {input_name} {local.shape_in} was broadcast to {local.shape_out}"


@remark.register
def _(local: MatMulLeft | MatMulRight, input_name: str, cotangent: Shape) -> str:
    *stack, rows, columns = local.matrix.shape
    left, right = _sides(local, (*stack, columns, rows), cotangent)
    return f"{left}·{right} → {(*cotangent[:-2], left[-2], right[-1])}"


def _sides(local: MatMulLeft | MatMulRight, matrix: Shape, other: Shape) -> tuple[Shape, Shape]:
    """What stands on the left and on the right in a matrix product."""
    return (matrix, other) if isinstance(local, MatMulLeft) else (other, matrix)


def reason(local: LinearMap, cotangent: Shape) -> str:
    """For a product of matrices, whether shapes alone would tell the order and the transpose; for other maps ""."""
    if not isinstance(local, MatMulLeft | MatMulRight) or len(cotangent) > 2:
        return ""
    a, b = cotangent, local.matrix.shape
    wanted = (b[1], a[1]) if isinstance(local, MatMulLeft) else (a[0], b[0])
    orders = [(left, right) for x, y in ((a, b), (b, a)) for left in (x, x[::-1]) for right in (y, y[::-1])]
    fitting = sum(left[1] == right[0] and (left[0], right[1]) == wanted for left, right in orders)
    if fitting == 1:
        return f"No other order of the two, and no other transposes, give the shape {wanted}."
    return f"The shapes alone would allow {fitting} ways to get {wanted} here, since sizes are equal: the sum decides."


@singledispatch
def shape_story(local: LinearMap, shape: Shape) -> str:
    """What the map does to the shape of its input, in words; "" if it keeps it."""
    return ""


@shape_story.register
def _(local: MatMulLeft | MatMulRight, shape: Shape) -> str:
    left, right = _sides(local, local.matrix.shape, shape)
    return f"the inner sizes of {left}·{right}, {left[-1]} and {right[-2]}, are equal and fall away; the outer ones stay"


@shape_story.register
def _(local: Contraction, shape: Shape) -> str:
    letters = once(local.einsum.terms[local.position])
    summed = " and ".join(letter for letter in letters if letter not in local.einsum.output)
    named = f"the axes of {shape} are called {', '.join(local.einsum.terms[local.position])}" if shape else ""
    return f"{named}; over {summed} it is added up" if summed else named


@shape_story.register
def _(local: Broadcast, shape: Shape) -> str:
    return f"{shape or 'a scalar'} is repeated to {local.shape_out}, sizes from the right being equal or 1"


@shape_story.register
def _(local: Summation, shape: Shape) -> str:
    if not local.axes:
        return ""
    one = len(local.axes) == 1
    rest = f"stay{'s' * one} with size 1" if local.keepdims else f"fall{'s' * one} away"
    return f"{axes_text(local.axes)} of {shape} {rest}"


@shape_story.register
def _(local: Reshaping, shape: Shape) -> str:
    count = math.prod(shape)
    return f"the same {count} {'entry' if count == 1 else 'entries'}, row by row, as {local.shape_out}"


@shape_story.register
def _(local: Transposition, shape: Shape) -> str:
    return f"the axes of {shape} in the order {local.axes}"


@shape_story.register
def _(local: Selection, shape: Shape) -> str:
    return f"what [{_index(local)}] takes of {shape}"


@shape_story.register
def _(local: Placing, shape: Shape) -> str:
    return f"{shape} is put at [{_index(local.selection)}] of {local.selection.shape_in}"


def _index(local: Selection) -> str:
    """The index, with its nodes by their formulas."""
    return to_text(indexed(symbol(""), local.text, gaps=local.nodes))[1:-1]
