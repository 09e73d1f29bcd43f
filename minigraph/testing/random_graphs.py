"""Random graphs over all operations: scalar roots, moderate values, no kink nearby; and a recipe for each operation.

A recipe takes a graph in the making, picks operands there, and gives the new node.
"""

from __future__ import annotations

import math
import operator
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st

from minigraph.checking.array_strategies import arrays, operands_to_kink
from minigraph.core.errors import GraphWarning
from minigraph.core.node import Node, Role, data, literal, next_number, parameter
from minigraph.core.pulling import ancestors, pull
from minigraph.formulas import to_text
from minigraph.operations import (
    activations,
    arithmetic,
    choices,
    functions,
    gathering,
    joining,
    losses,
    powers,
    products,
    reductions,
    repeating,
    running_sums,
    shapes,
    softmax,
    spread,
    trigonometry,
)
from minigraph.operations import einsum as einsums
from minigraph.values import Shape

SHAPES: tuple[Shape, ...] = ((), (3,), (2, 3), (1, 3), (2, 1), (1,), (3, 3), (2, 1, 3))
LARGEST_VALUE = 50.0
"""Nodes with larger values are left out: exp of them would overflow, and rounding would hide the other terms."""
MOST_ENTRIES = 36
"""Larger arrays are left out: finite differences take each entry by itself."""
LEAST_DISTANCE = 0.02
"""Nodes nearer to a kink are left out, by far more than the step of a finite difference."""
MARGIN = 0.05
"""How far the operands of log, sqrt and the like stay from the end of the domain."""


@dataclass(frozen=True, repr=False)
class Graph:
    """A random graph; ``str()`` shows its formula and the values of its leaves.

    Attributes:
        root: a scalar node J that depends on all the rest.
        parameters: the parameters, at least one.
        data: the leaves of data.
        nodes: all nodes before the weighted sums that make J of them, in the order in which they were made.
    """

    root: Node
    parameters: tuple[Node, ...]
    data: tuple[Node, ...]
    nodes: tuple[Node, ...]

    def __repr__(self) -> str:
        leaves = (f"{leaf.name} = {leaf.role}({np.asarray(leaf.value).tolist()})" for leaf in (*self.parameters, *self.data))
        return "\n".join((*leaves, f"J = {to_text(self.root.formula())}"))

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What Hypothesis prints of a failing example."""
        printer.text(repr(self))


class Builder:
    """A random graph in the making, where a recipe finds its operands."""

    def __init__(self, draw: st.DrawFn, dtype: npt.DTypeLike):
        self._draw = draw
        self.dtype = dtype
        self.nodes: list[Node] = []
        self.leaves: list[Node] = []

    def draw(self, strategy: st.SearchStrategy[Any]) -> Any:
        """A value of the strategy."""
        return self._draw(strategy)

    def leaf(self, shape: Shape, make: Callable[..., Node], domain: tuple[float, float] = (-math.inf, math.inf)) -> Node:
        """A new leaf of the shape."""
        value = self.draw(arrays(shape, domain, dtype=self.dtype))
        made = make(value, f"{'w' if make is parameter else 'x'}{len(self.leaves) + 1}")
        self.leaves.append(made)
        return made

    def pick(self, fits: Callable[[Shape], bool] = lambda shape: True, otherwise: Shape = ()) -> Node:
        """A node of the graph whose shape fits; where there is none, a new leaf of the shape ``otherwise``."""
        fitting = [node for node in self.nodes if fits(node.shape)]
        if fitting and self.draw(st.integers(0, 3)):
            return self.draw(st.sampled_from(fitting))  # type: ignore[no-any-return]  # a Node, as in the list
        return self.leaf(otherwise, self.draw(st.sampled_from([parameter, data])))

    def constant(self, shape: Shape, low: float, high: float) -> Node:
        """A leaf of data between low and high, such as targets."""
        return self.leaf(shape, data, (low, high))


Recipe = Callable[[Builder], Node]
RECIPES: dict[str, Recipe] = {}


def recipe(function: Recipe) -> Recipe:
    """Enter a recipe under the name of its operation."""
    RECIPES[function.__name__] = function
    return function


def positive(x: Node) -> Node:
    """A node of numbers above the margin: x itself, or softplus of it."""
    return x if np.min(x.value, initial=1.0) > MARGIN else activations.softplus(x) + MARGIN


def inside_one(x: Node) -> Node:
    """A node of numbers between −0.9 and 0.9: x itself, or 0.9 tanh(x)."""
    return x if np.max(np.abs(x.value), initial=0.0) < 0.9 else 0.9 * activations.tanh(x)


def apart_from_zero(x: Node) -> Node:
    """A node of numbers that can be divided by: x itself, or 1 + x²."""
    return x if np.min(np.abs(x.value), initial=1.0) > 4 * MARGIN else 1 + powers.square(x)


def _unary(operation: Callable[[Node], Node], prepare: Callable[[Node], Node] | None, builder: Builder) -> Node:
    x = builder.pick()
    return operation(prepare(x) if prepare else x)


def _binary(operation: Callable[[Any, Any], Node], prepare: Callable[[Node], Node] | None, builder: Builder) -> Node:
    a = builder.pick()
    if builder.draw(st.booleans()):
        return operation(a, builder.draw(st.sampled_from([0.5, -2.0, 3])))
    shapes = [(), a.shape[1:], (1,) * a.ndim, (*a.shape[:-1], 1)[: a.ndim], a.shape]
    b = builder.pick(lambda shape: _broadcasts(a.shape, shape), builder.draw(st.sampled_from(shapes)))
    return operation(a, prepare(b)) if prepare else operation(*builder.draw(st.sampled_from([(a, b), (b, a)])))


def _broadcasts(a: Shape, b: Shape) -> bool:
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(a), reversed(b), strict=False))


for _operation in (
    arithmetic.negative, functions.exp, powers.square, functions.abs, functions.sign, arithmetic.identity,
    activations.sigmoid, activations.tanh, activations.relu, activations.leaky_relu, activations.softplus,
):  # fmt: skip
    RECIPES[_operation.__name__] = partial(_unary, _operation, None)
for _operation in (
    functions.expm1, trigonometry.sin, trigonometry.cos, trigonometry.arctan, trigonometry.sinh, trigonometry.cosh,
    activations.log_sigmoid,
):  # fmt: skip
    RECIPES[_operation.__name__] = partial(_unary, _operation, None)
for _operation in (trigonometry.tan, trigonometry.arcsin, trigonometry.arccos):
    RECIPES[_operation.__name__] = partial(_unary, _operation, inside_one)
for _operation in (functions.log, functions.log1p, powers.sqrt):
    RECIPES[_operation.__name__] = partial(_unary, _operation, positive)
for _two in (
    arithmetic.add,
    arithmetic.subtract,
    arithmetic.multiply,
    choices.maximum,
    choices.minimum,
    activations.logaddexp,
):
    RECIPES[_two.__name__] = partial(_binary, _two, None)
RECIPES["divide"] = partial(_binary, arithmetic.divide, apart_from_zero)


@recipe
def power(builder: Builder) -> Node:
    """Whole, negative and fractional exponents, and nodes."""
    if builder.draw(st.booleans()):
        return _binary(lambda a, b: positive(a) ** b, None, builder)
    exponent: float = builder.draw(st.sampled_from([2, 3, 1, 0, -1, 0.5]))
    base = builder.pick()
    return (positive(base) if exponent < 0 or exponent % 1 else base) ** exponent


@recipe
def clip(builder: Builder) -> Node:
    """One bound, or both."""
    return choices.clip(builder.pick(), *builder.draw(st.sampled_from([(-0.7,), (None, 1.3), (-1.7, 0.6)])))


@recipe
def where(builder: Builder) -> Node:
    """A constant mask, or one that depends on what it chooses."""

    def chosen(a: Node, b: Any) -> Node:
        pattern = np.arange(a.size).reshape(a.shape) % 2 == 0
        return choices.where(activations.relu(a) if builder.draw(st.booleans()) else pattern, a, b)

    return _binary(lambda a, b: chosen(a, b) if isinstance(a, Node) else chosen(b, a), None, builder)


@recipe
def detach(builder: Builder) -> Node:
    """A number, as nothing that is differentiated may depend on what is held fixed."""
    return builder.pick() * arithmetic.detach(np.array(builder.draw(st.sampled_from([0.5, -2.0])), builder.dtype))


@recipe
def matmul(builder: Builder) -> Node:
    """Vectors, matrices and stacks of matrices on both sides."""
    a = builder.pick(lambda shape: len(shape) > 0, (2, 3))
    inner = a.shape[-1]
    size = builder.draw(st.integers(1, 3))
    new = builder.draw(st.sampled_from([(inner,), (inner, size), (2, inner, size)]))
    return a @ builder.pick(lambda shape: _multiplies(a.shape, shape), new if _multiplies(a.shape, new) else (inner, size))


def _multiplies(a: Shape, b: Shape) -> bool:
    return len(b) > 0 and b[-2:][0] == a[-1] and _broadcasts(a[:-2], b[:-2])


@recipe
def dot(builder: Builder) -> Node:
    """Vectors and matrices, and more axes on the right, which `dot` does not broadcast."""
    a = builder.pick(lambda shape: len(shape) > 0, (2, 3))
    return products.dot(a, builder.pick(lambda shape: len(shape) > 0 and shape[-2:][0] == a.shape[-1], (a.shape[-1], 2)))


@recipe
def outer(builder: Builder) -> Node:
    """Any two, read row by row."""
    return products.outer(builder.pick(otherwise=(2,)), builder.pick(otherwise=(3,)))


@recipe
def einsum(builder: Builder) -> Node:
    """One to three operands, which may have axes in common or a letter twice, and a result in any order."""
    sizes: dict[str, int] = {}
    terms, picked = [], []
    for _ in range(builder.draw(st.integers(1, 3))):
        x = builder.pick(lambda shape: len(shape) < 3, (2, 3))
        term = ""
        for size in x.shape:
            fitting = [letter for letter, known in sizes.items() if known == size]
            letter = builder.draw(st.sampled_from([*fitting, "ijklmn"[len(sizes)]]))
            sizes[letter] = size
            term += letter
        terms.append(term)
        picked.append(x)
    kept = builder.draw(st.lists(st.sampled_from(sorted(sizes)), unique=True)) if sizes else []
    return einsums.einsum(f"{','.join(terms)}->{''.join(kept)}", *picked)


def _reduction(operation: Callable[..., Node], builder: Builder) -> Node:
    x = builder.pick()
    axes = builder.draw(st.none() | st.lists(st.sampled_from(range(-x.ndim, x.ndim)), max_size=1) if x.ndim else st.none())
    axis = None if axes is None else tuple(axes) if len(axes) != 1 else axes[0]
    return operation(x, axis, builder.draw(st.booleans()))


for _reduce in (
    reductions.sum, reductions.mean, reductions.max, reductions.min, reductions.prod, softmax.logsumexp, spread.norm,
    spread.var, spread.std,
):  # fmt: skip
    RECIPES[_reduce.__name__] = partial(_reduction, _reduce)


@recipe
def reshape(builder: Builder) -> Node:
    """Flat, a column, a row, an axis more."""
    x = builder.pick()
    return shapes.reshape(x, builder.draw(st.sampled_from([(x.size,), (-1, 1), (1, -1), (*x.shape, 1)])))


@recipe
def expand_dims(builder: Builder) -> Node:
    """One axis more, anywhere."""
    x = builder.pick()
    return shapes.expand_dims(x, builder.draw(st.integers(-x.ndim - 1, x.ndim)))


for _shape in (shapes.ravel, shapes.squeeze):
    RECIPES[_shape.__name__] = partial(_unary, _shape, None)


@recipe
def swapaxes(builder: Builder) -> Node:
    """Any two axes, which may be one."""
    x = builder.pick(lambda shape: len(shape) > 0, (2, 3))
    axes = st.integers(-x.ndim, x.ndim - 1)
    return shapes.swapaxes(x, builder.draw(axes), builder.draw(axes))


@recipe
def cumsum(builder: Builder) -> Node:
    """Along an axis, or all entries."""
    x = builder.pick()
    return running_sums.cumsum(x, builder.draw(st.none() | st.integers(-x.ndim, x.ndim - 1) if x.ndim else st.none()))


@recipe
def repeat(builder: Builder) -> Node:
    """Along an axis or in one line, all equally often or not."""
    x = builder.pick()
    axis = builder.draw(st.none() | st.integers(-x.ndim, x.ndim - 1) if x.ndim else st.none())
    size = x.size if axis is None else x.shape[axis]
    return repeating.repeat(x, builder.draw(st.sampled_from([2, [1 + place % 2 for place in range(size)]])), axis)


@recipe
def tile(builder: Builder) -> Node:
    """Along the last axis, and along a new one."""
    return repeating.tile(builder.pick(), builder.draw(st.sampled_from([2, (2, 1), (2, 1, 1, 1)])))


@recipe
def transpose(builder: Builder) -> Node:
    """Reversed axes, and any order."""
    x = builder.pick()
    return shapes.transpose(x, builder.draw(st.none() | st.permutations(range(x.ndim))))


@recipe
def broadcast_to(builder: Builder) -> Node:
    """A new first axis, and axes of size 1 made larger."""
    x = builder.pick()
    wider = tuple(2 if size == 1 else size for size in x.shape)
    return repeating.broadcast_to(x, builder.draw(st.sampled_from([wider, (2, *x.shape), (1, *wider)])))


@recipe
def concatenate(builder: Builder) -> Node:
    """Two parts, or the same one twice, along any axis."""
    x = builder.pick(lambda shape: len(shape) > 0, (2, 3))
    axis = builder.draw(st.integers(0, x.ndim - 1))

    def fits(shape: Shape) -> bool:
        return len(shape) == x.ndim and all(m == n or i == axis for i, (m, n) in enumerate(zip(shape, x.shape, strict=True)))

    return joining.concatenate([x, builder.pick(fits, x.shape)], axis - builder.draw(st.sampled_from([0, x.ndim])))


@recipe
def stack(builder: Builder) -> Node:
    """Two parts of one shape, or the same one twice, along a new axis anywhere."""
    x = builder.pick()
    parts = [x, builder.pick(lambda shape: shape == x.shape, x.shape)]
    return joining.stack(parts, builder.draw(st.integers(-x.ndim - 1, x.ndim)))


def _side_by_side(operation: Callable[[Sequence[Node]], Node], builder: Builder) -> Node:
    x = builder.pick()
    return operation([x, builder.pick(lambda shape: shape == x.shape, x.shape)])


RECIPES["vstack"] = partial(_side_by_side, joining.vstack)
RECIPES["hstack"] = partial(_side_by_side, joining.hstack)


@recipe
def getitem(builder: Builder) -> Node:
    """Numbers, slices, ..., None, arrays of positions with repeats, masks."""
    x = builder.pick(lambda shape: len(shape) > 0, (2, 3))
    mask = np.arange(x.size).reshape(x.shape) % 2 == 0
    indices = [0, -1, slice(None, None, -1), slice(0, 2), ..., None, (..., 0), (None, ..., slice(1)), [0, -1, 0], mask]
    return x[builder.draw(st.sampled_from(indices))]


def _numbers(builder: Builder, shape: Shape, end: int) -> Node:
    """Whole numbers from 0 to below the end as a node: a literal, which nobody sets to others."""
    return literal(builder.draw(arrays(shape, (0, end), dtype=builder.dtype)) // 1 % end, builder.dtype)


@recipe
def take(builder: Builder) -> Node:
    """Places along an axis, some of them twice, held by a node."""
    x = builder.pick(lambda shape: len(shape) > 0, (3, 2))
    axis = builder.draw(st.integers(-x.ndim, x.ndim - 1))
    shape = builder.draw(st.sampled_from([(), (1,), (3,), (2, 2)]))
    return gathering.take(x, _numbers(builder, shape, x.shape[axis]), axis)


@recipe
def one_hot(builder: Builder) -> Node:
    """Columns of labels, which choose the entries of another node."""
    x = builder.pick(lambda shape: len(shape) == 2, (3, 2))
    return x * gathering.one_hot(_numbers(builder, x.shape[1:], x.shape[0]), x.shape[0])


def _along_axis(operation: Callable[..., Node], builder: Builder) -> Node:
    z = builder.pick(lambda shape: len(shape) > 0, (3, 2))
    return operation(z, builder.draw(st.integers(-z.ndim, z.ndim - 1)))


RECIPES["softmax"] = partial(_along_axis, softmax.softmax)
RECIPES["log_softmax"] = partial(_along_axis, softmax.log_softmax)


@recipe
def bce(builder: Builder) -> Node:
    """Probabilities that a sigmoid made, neither 0 nor 1 to the last digits, and targets between 0 and 1."""
    z = builder.pick()
    p = activations.sigmoid(z if np.max(np.abs(z.value), initial=0.0) < 4 else activations.tanh(z))
    return losses.bce(p, builder.constant(p.shape, 0, 1))


@recipe
def bce_with_logits(builder: Builder) -> Node:
    """Any logits, and targets between 0 and 1."""
    z = builder.pick()
    return losses.bce_with_logits(z, builder.constant(z.shape, 0, 1))


@recipe
def squared_error(builder: Builder) -> Node:
    """Any prediction and target."""
    a = builder.pick()
    return losses.squared_error(a, builder.constant(a.shape, -math.inf, math.inf))


@recipe
def cross_entropy_with_logits(builder: Builder) -> Node:
    """Logits (classes, m), and columns of targets between 0 and 1, or labels."""
    z = builder.pick(lambda shape: len(shape) == 2, (3, 2))
    if z.shape[0] > 1 and builder.draw(st.booleans()):
        return losses.cross_entropy_with_logits(z, _numbers(builder, z.shape[1:], z.shape[0]))
    return losses.cross_entropy_with_logits(z, builder.constant(z.shape, 0, 1))


def graphs(
    max_operations: int = 6,
    dtype: npt.DTypeLike = np.float64,
    operations: Sequence[str] | None = None,
) -> st.SearchStrategy[Graph]:
    """Random graphs over all operations: scalar root, small arrays, values up to 50, no kink within 0.02.

    Nodes are used once, more than once, or directly by the root. Losses get valid targets, log and sqrt positive
    operands. At such points finite differences make sense, so that a derivative can be checked.

    Args:
        max_operations: about how many operations, not counting the sums that end in the root.
        dtype: float64 or float32.
        operations: names of the operations to choose from, such as ``["matmul", "relu"]``; by default all.

    Raises:
        ValueError: for an unknown operation.

    Example:
        >>> from hypothesis import given, settings
        >>> import minigraph as mg
        >>> @settings(derandomize=True, max_examples=5, deadline=None)
        ... @given(graphs())
        ... def test_gradients(graph):
        ...     assert not mg.check_gradients(graph.root).wrong
        >>> test_gradients()
    """
    names = sorted(RECIPES if operations is None else set(operations))
    if not names or not set(names) <= set(RECIPES):
        raise ValueError(f"graphs: operations are some of {', '.join(sorted(RECIPES))}; not {operations!r}.")
    return _graphs(names, max_operations, dtype)


@st.composite
def _graphs(draw: st.DrawFn, names: Sequence[str], max_operations: int, dtype: npt.DTypeLike) -> Graph:
    builder = Builder(draw, dtype)
    builder.nodes.append(builder.leaf(draw(st.sampled_from(SHAPES)), parameter))
    for name in draw(st.lists(st.sampled_from(names), min_size=1, max_size=max_operations)):
        before = next_number()
        with warnings.catch_warnings(action="ignore", category=GraphWarning):  # a random graph means nothing
            made = RECIPES[name](builder)
        if _is_moderate(made, before):
            builder.nodes.append(made)
        builder.nodes += [leaf for leaf in builder.leaves if leaf.number > before]
    used = {id(operand) for node in ancestors(builder.nodes) for operand in node.inputs}
    ends = [node for node in builder.nodes if id(node) not in used]
    terms = [(np.linspace(0.5, 1.5, node.size, dtype=dtype).reshape(node.shape) * node).sum() for node in ends]
    nodes = ancestors(ends)
    return Graph(
        reduce(operator.add, terms).named("J"),
        tuple(node for node in nodes if node.role is Role.PARAMETER),
        tuple(node for node in nodes if node.role is Role.DATA),
        tuple(nodes),
    )


def _is_moderate(made: Node, before: int) -> bool:
    """Whether the nodes made since are small, of moderate value, and away from kinks."""
    new = [node for node in ancestors([made]) if node.number > before]
    pull(new)
    return all(
        node.size <= MOST_ENTRIES
        and bool(np.all(np.abs(node.value) <= LARGEST_VALUE))
        and operands_to_kink(node) >= LEAST_DISTANCE
        for node in new
    )
