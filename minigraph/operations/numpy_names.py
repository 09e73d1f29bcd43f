"""Functions of NumPy that are other operations put together: on nodes they give a graph of these.

They have NumPy's name only. What is drawn and explained is what they are made of.
"""

from __future__ import annotations

import math
import string
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import numpy as np

from minigraph.core.node import Node, Operand
from minigraph.core.op import Composed, as_nodes
from minigraph.operations.arithmetic import divide, multiply
from minigraph.operations.choices import where
from minigraph.operations.einsum import einsum
from minigraph.operations.elementary import abs, log
from minigraph.operations.joining import concatenate
from minigraph.operations.powers import power
from minigraph.operations.repeating import broadcast_to
from minigraph.operations.shapes import normalized_axes, transpose
from minigraph.values import axes_option, whole_number, whole_numbers

MEANINGS: dict[Any, Callable[..., Any]] = {}
Function = TypeVar("Function", bound=Callable[..., Any])


def numpy_names() -> dict[Any, Callable[..., Any]]:
    """What they mean on nodes, by the function of NumPy."""
    return MEANINGS


def _means(*functions: Any) -> Callable[[Function], Function]:
    def enter(function: Function) -> Function:
        MEANINGS.update(dict.fromkeys(functions, function))
        return function

    return enter


def _node(x: Operand, what: str) -> Node:
    return as_nodes([x], what)[0][0]


def _axis(x: Node, axis: Any, what: str) -> int:
    return normalized_axes(Composed(what), x, whole_number(axis, f"{what}: an axis"))[0]


def _part(x: Node, axis: int, start: int | None, stop: int | None) -> Node:
    """The places from start to stop along an axis."""
    return x[(slice(None),) * axis + (slice(start, stop),)]


# Numbers about an array, and plain arrays of its shape: no nodes


@_means(np.shape)
def shape(x: Node) -> tuple[int, ...]:
    """The sizes, known at once."""
    return x.shape


@_means(np.ndim)
def ndim(x: Node) -> int:
    """How many axes there are."""
    return x.ndim


@_means(np.size)
def size(x: Node, axis: Any = None) -> int:
    """How many entries there are, in all or along an axis."""
    return x.size if axis is None else x.shape[_axis(x, axis, "np.size")]


@_means(np.zeros_like, np.empty_like)
def zeros_like(x: Node, dtype: Any = None) -> Any:
    """Zeros, as an array."""
    return np.zeros(x.shape, dtype or x.dtype)


@_means(np.ones_like)
def ones_like(x: Node, dtype: Any = None) -> Any:
    """Ones, as an array."""
    return np.ones(x.shape, dtype or x.dtype)


@_means(np.full_like)
def full_like(x: Node, fill_value: Any, dtype: Any = None) -> Any:
    """One number everywhere: an array, or a node if the number is one."""
    if isinstance(fill_value, Node):
        return broadcast_to(fill_value, x.shape)
    return np.full(x.shape, fill_value, dtype or x.dtype)


# Entry by entry


@_means(np.reciprocal)
def reciprocal(x: Operand) -> Node:
    """1 / x."""
    return divide(1.0, x)


@_means(np.fabs)
def fabs(x: Operand) -> Node:
    """|x|."""
    return abs(x)


@_means(np.log2)
def log2(x: Operand) -> Node:
    """log x / log 2; the last digit may differ from NumPy's."""
    return divide(log(x), math.log(2))


@_means(np.log10)
def log10(x: Operand) -> Node:
    """log x / log 10; the last digit may differ from NumPy's."""
    return divide(log(x), math.log(10))


@_means(np.exp2)
def exp2(x: Operand) -> Node:
    """2 to the power of x."""
    return power(2.0, x)


@_means(np.radians, np.deg2rad)
def radians(x: Operand) -> Node:
    """An angle in degrees, in radians."""
    return multiply(math.pi / 180, x)


@_means(np.degrees, np.rad2deg)
def degrees(x: Operand) -> Node:
    """An angle in radians, in degrees."""
    return multiply(180 / math.pi, x)


# The same entries in other places


@_means(np.moveaxis)
def moveaxis(x: Operand, source: Any, destination: Any) -> Node:
    """Axes moved to other places, the others in their order."""
    node = _node(x, "np.moveaxis")
    moved, places = (
        [_axis(node, axis, "np.moveaxis") for axis in whole_numbers(axes, "np.moveaxis: an axis")]
        for axes in (source, destination)
    )
    if len(moved) != len(places) or len(set(moved)) < len(moved) or len(set(places)) < len(places):
        Composed("np.moveaxis").refuse([node], f"{source} to {destination}: each axis is named once, with its own place.")
    order = [axis for axis in range(node.ndim) if axis not in moved]
    for place, axis in sorted(zip(places, moved, strict=True)):
        order.insert(place, axis)
    return transpose(node, order)


@_means(np.flip)
def flip(x: Operand, axis: Any = None) -> Node:
    """The entries in reverse order along axes, by default along all: an index with step −1."""
    node = _node(x, "np.flip")
    axes = normalized_axes(Composed("np.flip"), node, axes_option(axis, "np.flip"))
    return node[tuple(slice(None, None, -1 if place in axes else None) for place in range(node.ndim))]


@_means(np.flipud)
def flipud(x: Operand) -> Node:
    """The rows in reverse order."""
    return flip(x, 0)


@_means(np.fliplr)
def fliplr(x: Operand) -> Node:
    """The columns in reverse order."""
    return flip(x, 1)


@_means(np.roll)
def roll(x: Operand, shift: Any, axis: Any = None) -> Node:
    """Entries moved on by ``shift`` places; those that fall off at the end come in at the start."""
    node = _node(x, "np.roll")
    if axis is None:
        return roll(node.reshape(-1), shift, 0).reshape(node.shape)
    shifts, axes = whole_numbers(shift, "np.roll: the shift"), whole_numbers(axis, "np.roll: an axis")
    for by, along in np.broadcast(shifts, axes):
        place = _axis(node, int(along), "np.roll")
        if by := int(by) % max(node.shape[place], 1):
            node = concatenate([_part(node, place, -by, None), _part(node, place, None, -by)], place)
    return node


@_means(np.split)
def split(x: Operand, indices_or_sections: Any, axis: int = 0) -> list[Node]:
    """Parts along an axis: so many of one size, or cut before each of the given places."""
    return _cut(_node(x, "np.split"), indices_or_sections, axis, "np.split", equal=True)


@_means(np.array_split)
def array_split(x: Operand, indices_or_sections: Any, axis: int = 0) -> list[Node]:
    """The same; the first parts are larger by one where the number of places can't be divided."""
    return _cut(_node(x, "np.array_split"), indices_or_sections, axis, "np.array_split", equal=False)


@_means(np.vsplit)
def vsplit(x: Operand, indices_or_sections: Any) -> list[Node]:
    """Parts of the rows."""
    return _cut(_node(x, "np.vsplit"), indices_or_sections, 0, "np.vsplit", equal=True)


@_means(np.hsplit)
def hsplit(x: Operand, indices_or_sections: Any) -> list[Node]:
    """Parts of the columns; of a vector, of its entries."""
    node = _node(x, "np.hsplit")
    return _cut(node, indices_or_sections, min(1, node.ndim - 1), "np.hsplit", equal=True)


def _cut(x: Node, sections: Any, axis: int, what: str, equal: bool) -> list[Node]:
    place = _axis(x, axis, what)
    count = x.shape[place]
    if isinstance(sections, int | np.integer) and (sections < 1 or (equal and count % sections)):
        Composed(what).refuse([x], f"axis {place} has {count} places, which can't be cut into {sections} equal parts.")
    parts = np.array_split(np.arange(count), sections)  # NumPy's own rule, on the places
    return [_part(x, place, int(part[0]) if part.size else 0, int(part[-1]) + 1 if part.size else 0) for part in parts]


@_means(np.atleast_1d)
def atleast_1d(*xs: Operand) -> Any:
    """With one axis at least."""
    return _with_axes(xs, "np.atleast_1d", lambda x: x if x.ndim else x.reshape(1))


@_means(np.atleast_2d)
def atleast_2d(*xs: Operand) -> Any:
    """With two axes at least: a vector is a row."""
    return _with_axes(xs, "np.atleast_2d", lambda x: x if x.ndim > 1 else x.reshape(1, -1))


def _with_axes(xs: Sequence[Operand], what: str, shaped: Callable[[Node], Node]) -> Any:
    nodes = tuple(shaped(_node(x, what)) for x in xs)
    return nodes[0] if len(nodes) == 1 else nodes


@_means(np.column_stack)
def column_stack(tup: Any) -> Node:
    """Vectors as columns, and matrices, side by side."""
    nodes = [_node(x, "np.column_stack") for x in tup]
    return concatenate([x.reshape(-1, 1) if x.ndim < 2 else x for x in nodes], 1)


@_means(np.append)
def append(x: Operand, values: Operand, axis: Any = None) -> Node:
    """The values behind the others along an axis; by default all entries in one line."""
    nodes = [_node(x, "np.append"), _node(values, "np.append")]
    return concatenate([node.reshape(-1) for node in nodes]) if axis is None else concatenate(nodes, axis)


@_means(np.pad)
def pad(x: Operand, pad_width: Any, mode: Any = "constant", constant_values: Any = 0) -> Node:
    """A number, by default 0, around the entries: so many places before and after them along each axis."""
    node = _node(x, "np.pad")
    if mode != "constant":
        raise TypeError(f'np.pad of a node puts one number around it, mode="constant", and not mode={mode!r}.')
    widths = np.broadcast_to(np.asarray(pad_width), (node.ndim, 2))
    if (widths < 0).any():
        raise ValueError(f"np.pad: a width is 0 or more, not {widths.min()}.")
    values = np.broadcast_to(np.asarray(constant_values, node.dtype), (node.ndim, 2))
    for axis, (width, value) in enumerate(zip(widths, values, strict=True)):
        before, after = (
            np.full((*node.shape[:axis], whole_number(count, "np.pad: a width"), *node.shape[axis + 1 :]), number)
            for count, number in zip(width, value, strict=True)
        )
        node = concatenate([before, node, after], axis)
    return node


# Diagonals and triangles


@_means(np.diagonal)
def diagonal(x: Operand, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Node:
    """The entries whose places along two axes are the same, or differ by ``offset``, along a new last axis."""
    node = _node(x, "np.diagonal")
    moved = moveaxis(node, (axis1, axis2), (-2, -1))
    rows, columns = moved.shape[-2:]
    shift = whole_number(offset, "np.diagonal: the offset")
    places = np.arange(max(min(rows + min(shift, 0), columns - max(shift, 0)), 0))
    return moved[(..., places - min(shift, 0), places + max(shift, 0))]


@_means(np.trace)
def trace(x: Operand, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Node:
    """The sum of the diagonal."""
    return diagonal(x, offset, axis1, axis2).sum(-1)


@_means(np.diag)
def diag(x: Operand, k: int = 0) -> Node:
    """The diagonal of a matrix, or the matrix with these entries on its diagonal and 0 elsewhere."""
    node = _node(x, "np.diag")
    if node.ndim == 2:
        return diagonal(node, k)
    if node.ndim != 1:
        Composed("np.diag").refuse([node], "a vector is made a diagonal, and of a matrix the diagonal is taken.")
    first_is_0 = concatenate([np.zeros(1), node]) if node.size else np.zeros(1)
    index = np.diag(np.arange(1, node.size + 1), whole_number(k, "np.diag: k"))
    return as_nodes([first_is_0], "np.diag")[0][0][index]


@_means(np.tril)
def tril(x: Operand, k: int = 0) -> Node:
    """The entries below and on the diagonal, or the ``k``-th above it; 0 elsewhere."""
    node = _node(x, "np.tril")
    return where(np.tril(np.ones(node.shape), whole_number(k, "np.tril: k")) > 0, node, 0.0)


@_means(np.triu)
def triu(x: Operand, k: int = 0) -> Node:
    """The entries above and on the diagonal, or the ``k``-th above it; 0 elsewhere."""
    node = _node(x, "np.triu")
    return where(np.triu(np.ones(node.shape), whole_number(k, "np.triu: k")) > 0, node, 0.0)


# Differences and products


@_means(np.diff)
def diff(x: Operand, n: int = 1, axis: int = -1) -> Node:
    """Each entry less the one before it, along an axis, ``n`` times."""
    node = _node(x, "np.diff")
    place, times = _axis(node, axis, "np.diff"), whole_number(n, "np.diff: n")
    if times < 0:
        raise ValueError(f"np.diff: n is how often differences are taken, 0 or more, not {times}.")
    for _ in range(times):
        node = _part(node, place, 1, None) - _part(node, place, None, -1)
    return node


@_means(np.inner)
def inner(a: Operand, b: Operand) -> Node:
    """The sum of products over the last axis of both."""
    first, second = as_nodes([a, b], "np.inner")[0]
    return tensordot(first, second, (-1, -1)) if first.ndim and second.ndim else multiply(first, second)


@_means(np.vdot)
def vdot(a: Operand, b: Operand) -> Node:
    """The sum of the products of all entries."""
    first, second = as_nodes([a, b], "np.vdot")[0]
    return first.reshape(-1) @ second.reshape(-1)


@_means(np.tensordot)
def tensordot(a: Operand, b: Operand, axes: Any = 2) -> Node:
    """The sum of products over pairs of axes, as an `einsum`: the last ``axes`` of a with the first of b, or those named."""
    first, second = as_nodes([a, b], "np.tensordot")[0]
    if isinstance(axes, int | np.integer):
        axes = range(first.ndim - int(axes), first.ndim), range(int(axes))
    of_first, of_second = (
        [_axis(node, axis, "np.tensordot") for axis in whole_numbers(named, "np.tensordot: an axis")]
        for node, named in zip((first, second), axes, strict=True)
    )
    letters = list(string.ascii_letters[: first.ndim]), list(string.ascii_letters[first.ndim : first.ndim + second.ndim])
    sizes = [[node.shape[axis] for axis in named] for node, named in ((first, of_first), (second, of_second))]
    if sizes[0] != sizes[1]:
        why = f"the axes {tuple(of_first)} and {tuple(of_second)} have sizes {sizes[0]} and {sizes[1]}, which differ."
        Composed("np.tensordot").refuse([first, second], why)
    for one, other in zip(of_first, of_second, strict=True):
        letters[1][other] = letters[0][one]
    terms = ["".join(x) for x in letters]
    output = "".join(x for x in (*letters[0], *letters[1]) if not (x in terms[0] and x in terms[1]))
    return einsum(f"{terms[0]},{terms[1]}->{output}", first, second)


@_means(np.kron)
def kron(a: Operand, b: Operand) -> Node:
    """Each entry of a times the whole of b, as blocks."""
    nodes = as_nodes([a, b], "np.kron")[0]
    ndim = max(node.ndim for node in nodes)
    first, second = ((1,) * (ndim - node.ndim) + node.shape for node in nodes)
    blocks = [
        nodes[0].reshape([x for size in first for x in (size, 1)]),
        nodes[1].reshape([x for size in second for x in (1, size)]),
    ]
    return multiply(*blocks).reshape([x * y for x, y in zip(first, second, strict=True)])
