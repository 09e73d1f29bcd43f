"""Local derivatives: a derivative is a linear map, and the chain rule composes linear maps.

If y = f(x), the derivative at x takes a small change of x to the change of y. A `LinearMap` says this
in four forms, all written on nodes, so that derivatives can be differentiated again:

- `push` takes a tangent at x forward to the tangent at y;
- `pull` takes a cotangent at y (∂J/∂y) back to the cotangent at x (∂J/∂x): it is the adjoint of push,
  ⟨push u, v⟩ = ⟨u, pull v⟩;
- `notation` writes what pull does: ``∂J/∂Z · Xᵀ``, ``∂J/∂A ⊙ A ⊙ (1 − A)``, ``row sum of ∂J/∂Z``;
- `entry` says which entries of the cotangent meet in one entry of what is pulled: Σₚ ∂J/∂Z[i, p] · X[k, p].
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from minigraph.core.node import Node, literal
from minigraph.core.operators import OPERATIONS
from minigraph.formulas import Written, call, negation, product, symbol, transposed
from minigraph.formulas.index_sums import Entry, Factor, Index, Letters, at, entry_at, numbers
from minigraph.formulas.tree import Transpose, matrix_product
from minigraph.values import Shape


class LinearMap:
    """A local derivative. Write one of your own only where none of the family fits.

    Example:
        >>> import minigraph as mg
        >>> x = mg.data([1.0, 2.0], "x")
        >>> slope = mg.Scale(2 * x)
        >>> slope.push(mg.data([1.0, 1.0])).value
        array([2., 4.])
    """

    def push(self, tangent: Node) -> Node:
        """The change of the output for the change ``tangent`` of the input."""
        raise NotImplementedError(f"{type(self).__name__} has no push: forward mode needs it")

    def pull(self, cotangent: Node) -> Node:
        """The gradient at the input for the gradient ``cotangent`` at the output."""
        raise NotImplementedError(f"{type(self).__name__} has no pull: the backward pass needs it")

    def notation(self, upstream: Written) -> Written:
        """How ``pull(upstream)`` is written."""
        return call(Transpose(symbol(type(self).__name__)), upstream)

    def entry(self, index: Index, letters: Letters) -> Entry:
        """The entry of ``pull(cotangent)`` at ``index``, as a sum over entries of the cotangent.

        By default over all of them, each with the change of that output for a change of this input alone.
        """
        shape = tuple(position.size for position in index)
        above = tuple(letters.along(size) for size in self.push(literal(np.zeros(shape))).shape)

        def rate(places: Mapping[str, int]) -> float:
            change = np.zeros(shape)
            change[numbers(index, places)] = 1
            return float(self.push(literal(change)).value[numbers(above, places)])

        name = symbol(type(self).__name__)
        over = tuple(position for position in above if position.size != 1)
        return Entry(above, over, right=(Factor(entry_at(name, (*above, *index)), rate),))

    def turned(self) -> LinearMap | None:
        """The map that takes xᵀ to yᵀ, where this one takes x to y, if there is one."""
        return None

    def factors(self) -> Iterator[LinearMap]:
        """The maps that it is composed of, the last applied (the first pulled) first."""
        yield self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"


class FamilyMap(LinearMap):
    """A map that is equal to another of its kind that holds the same: nodes, shapes and axes."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))


Maps: TypeAlias = Sequence[LinearMap | None]
"""What a rule for derivatives gives: a map for each operand, None for one that the result does not depend on."""


class Identity(FamilyMap):
    """y = x, entry by entry: the derivative of adding."""

    def push(self, tangent: Node) -> Node:
        return tangent

    def pull(self, cotangent: Node) -> Node:
        return cotangent

    def notation(self, upstream: Written) -> Written:
        """The upstream gradient itself."""
        return upstream

    def entry(self, index: Index, letters: Letters) -> Entry:
        """The same entry."""
        return Entry(index)


class Negation(FamilyMap):
    """y = −x, entry by entry."""

    def push(self, tangent: Node) -> Node:
        return -tangent

    def pull(self, cotangent: Node) -> Node:
        return -cotangent

    def notation(self, upstream: Written) -> Written:
        """−∂J/∂y."""
        return negation(upstream)

    def entry(self, index: Index, letters: Letters) -> Entry:
        """The same entry with the other sign."""
        return Entry(index, sign=-1)


class Scale(FamilyMap):
    """Entry by entry, y changes by factor · (change of x): the derivative of every elementwise function.

    Attributes:
        factor: a node that broadcasts to the output's shape: the ordinary derivative at each entry.
    """

    def __init__(self, factor: Node):
        self.factor = factor

    def push(self, tangent: Node) -> Node:
        return tangent * self.factor

    def pull(self, cotangent: Node) -> Node:
        return cotangent * self.factor

    def notation(self, upstream: Written) -> Written:
        """∂J/∂y ⊙ factor."""
        return product(upstream, self.factor)

    def entry(self, index: Index, letters: Letters) -> Entry:
        """The same entry times that of the factor."""
        return Entry(index, right=(at(self.factor, index),))


class MatMulLeft(FamilyMap):
    """x ↦ matrix · x; of stacks of matrices, for each pair. x has all the axes of the product."""

    def __init__(self, matrix: Node):
        self.matrix = matrix

    def push(self, tangent: Node) -> Node:
        return self.matrix @ tangent

    def pull(self, cotangent: Node) -> Node:
        return _flipped(self.matrix) @ cotangent

    def notation(self, upstream: Written) -> Written:
        """Wᵀ · ∂J/∂Z."""
        return matrix_product(_transposed(self.matrix), upstream)

    def turned(self) -> LinearMap | None:
        """xᵀ ↦ xᵀ · matrixᵀ."""
        return MatMulRight(self.matrix.T) if self.matrix.ndim == 2 else None

    def entry(self, index: Index, letters: Letters) -> Entry:
        """Σₚ W[p, i] · ∂J/∂Z[p, k]: x[i, k] counts in each row p of the product."""
        *stack, i, k = index
        row = letters.along(self.matrix.shape[-2])
        left = (at(self.matrix, (*stack, row, i)),)
        return Entry((*stack, row, k), (row,) if row.size != 1 else (), left)


class MatMulRight(FamilyMap):
    """x ↦ x · matrix; of stacks of matrices, for each pair. x has all the axes of the product."""

    def __init__(self, matrix: Node):
        self.matrix = matrix

    def push(self, tangent: Node) -> Node:
        return tangent @ self.matrix

    def pull(self, cotangent: Node) -> Node:
        return cotangent @ _flipped(self.matrix)

    def notation(self, upstream: Written) -> Written:
        """∂J/∂Z · Aᵀ."""
        return matrix_product(upstream, _transposed(self.matrix))

    def turned(self) -> LinearMap | None:
        """xᵀ ↦ matrixᵀ · xᵀ."""
        return MatMulLeft(self.matrix.T) if self.matrix.ndim == 2 else None

    def entry(self, index: Index, letters: Letters) -> Entry:
        """Σₚ ∂J/∂Z[i, p] · A[k, p]: x[i, k] counts in each column p of the product."""
        *stack, i, k = index
        column = letters.along(self.matrix.shape[-1])
        right = (at(self.matrix, (*stack, k, column)),)
        return Entry((*stack, i, column), (column,) if column.size != 1 else (), right=right)


def _flipped(matrix: Node) -> Node:
    """The transpose; of a stack, that of each matrix."""
    return matrix.T if matrix.ndim == 2 else OPERATIONS["transpose"](matrix, _last_two_exchanged(matrix))


def _last_two_exchanged(matrix: Node) -> Shape:
    return (*range(matrix.ndim - 2), matrix.ndim - 1, matrix.ndim - 2)


def _transposed(matrix: Node) -> Written:
    """Wᵀ, and X for a matrix Xᵀ; of a stack what exchanges its last two axes."""
    if matrix.ndim > 2:
        axes = _last_two_exchanged(matrix)
        return call("transpose", matrix, axes=axes, shape=tuple(matrix.shape[axis] for axis in axes))
    expression = matrix.expression()
    return transposed(expression if isinstance(expression, Transpose) else matrix)


class Composition(FamilyMap):
    """outer after inner: a linked pair, walked when it is used, so that long chains stay linear in cost."""

    def __init__(self, outer: LinearMap, inner: LinearMap):
        self.outer = outer
        self.inner = inner

    def push(self, tangent: Node) -> Node:
        for factor in reversed(list(self.factors())):
            tangent = factor.push(tangent)
        return tangent

    def pull(self, cotangent: Node) -> Node:
        for factor in self.factors():
            cotangent = factor.pull(cotangent)
        return cotangent

    def notation(self, upstream: Written) -> Written:
        """What outer's pull writes, put into what inner's pull writes."""
        for factor in self.factors():
            upstream = factor.notation(upstream)
        return upstream

    def entry(self, index: Index, letters: Letters) -> Entry:
        """The entries that meet in inner's entry, each as outer gives it."""
        result = Entry(index)
        for factor in reversed(list(self.factors())):
            result = factor.entry(result.index, letters).after(result)
        return result

    def factors(self) -> Iterator[LinearMap]:
        """The maps that it is composed of, outermost first."""
        waiting: list[LinearMap] = [self]
        while waiting:
            factor = waiting.pop()
            if isinstance(factor, Composition):
                waiting += (factor.inner, factor.outer)
            else:
                yield factor


def compose(*maps: LinearMap) -> LinearMap:
    """The maps one after the other, the last given applied first; identities are left out.

    Example:
        >>> import minigraph as mg
        >>> minus_three = mg.compose(mg.Negation(), mg.Scale(mg.data(3.0)))
        >>> minus_three.pull(mg.data(2.0)).value
        np.float64(-6.0)
    """
    result: LinearMap | None = None
    for factor in reversed(maps):
        if not isinstance(factor, Identity):
            result = factor if result is None else Composition(factor, result)
    return Identity() if result is None else result
