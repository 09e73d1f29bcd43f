"""Products that add up: of vectors and matrices, of stacks of matrices, and what is made of them: dot and outer."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from minigraph.core.errors import ShapeError, describe
from minigraph.core.linear_maps import LinearMap, MatMulLeft, MatMulRight, compose
from minigraph.core.node import Node, Operand, Role
from minigraph.core.op import Op, as_nodes
from minigraph.core.operators import operation
from minigraph.core.shape_maps import Broadcast, Reshaping
from minigraph.formulas import Written, product
from minigraph.operations.arithmetic import multiply
from minigraph.operations.shapes import transpose
from minigraph.values import Shape, broadcast_shape


class MatrixProduct(Op):
    """What the products of matrices and of stacks share; a vector is a row on the left and a column on the right."""

    linear_in = (0, 1)

    def check_inner_sizes(self, a: Node, b: Node) -> None:
        """Refuse operands whose rows and columns don't fit."""
        left, right = a.shape, b.shape
        if not (left and right):
            self.refuse([a, b], "matmul takes vectors, matrices and stacks of matrices. For a scalar use *.")
        columns, rows = left[-1], right[-2:][0]
        if columns != rows:
            self.refuse([a, b], f"inner sizes {columns} and {rows} differ.{_likely_slip(a, b)}")

    def notation(self, a: Written, b: Written) -> Written:
        return product(a, b, matrix=True)


class MatMul(MatrixProduct):
    """A B for vectors and matrices."""

    forward = staticmethod(np.matmul)

    def shape(self, a: Node, b: Node) -> Shape:
        self.check_inner_sizes(a, b)
        return (*a.shape[:-1], *b.shape[1:])

    def derivatives(self, result: Node, a: Node, b: Node) -> Sequence[LinearMap]:
        row, column = (1, a.size), (b.size, 1)
        rows = a.shape[0] if a.ndim == 2 else 1
        columns = b.shape[1] if b.ndim == 2 else 1
        after: list[LinearMap] = [] if result.ndim == 2 else [Reshaping((rows, columns), result.shape)]
        matrix_a, before_a = (a, []) if a.ndim == 2 else (a.reshape(row), [Reshaping(a.shape, row)])
        matrix_b, before_b = (b, []) if b.ndim == 2 else (b.reshape(column), [Reshaping(b.shape, column)])
        return (
            compose(*after, MatMulRight(matrix_b), *before_a),
            compose(*after, MatMulLeft(matrix_a), *before_b),
        )


class StackedMatMul(MatrixProduct):
    """A B for each pair of matrices in two stacks: all axes but the last two are broadcast."""

    name = "matmul"
    forward = staticmethod(np.matmul)

    def shape(self, a: Node, b: Node) -> Shape:
        self.check_inner_sizes(a, b)
        try:
            stack = broadcast_shape(a.shape[:-2], b.shape[:-2])
        except ValueError:
            self.refuse(
                [a, b],
                f"the axes before the last two, {a.shape[:-2]} and {b.shape[:-2]}, don't broadcast. They count matrices: "
                "sizes must agree from the right, or be 1.",
            )
        return (*stack, *a.shape[-2:-1], *(b.shape[-1:] if b.ndim > 1 else ()))

    def derivatives(self, result: Node, a: Node, b: Node) -> Sequence[LinearMap]:
        matrix_a = a if a.ndim > 1 else a.reshape(1, a.size)
        matrix_b = b if b.ndim > 1 else b.reshape(b.size, 1)
        stack = broadcast_shape(matrix_a.shape[:-2], matrix_b.shape[:-2])
        whole = (*stack, matrix_a.shape[-2], matrix_b.shape[-1])

        def by(x: Node, matrix: Node, local: LinearMap) -> LinearMap:
            repeated = (*stack, *matrix.shape[-2:])
            after = [Reshaping(whole, result.shape)] if whole != result.shape else []
            before: list[LinearMap] = [Broadcast(matrix.shape, repeated)] if matrix.shape != repeated else []
            before += [Reshaping(x.shape, matrix.shape)] if x is not matrix else []
            return compose(*after, local, *before)

        return by(a, matrix_a, MatMulRight(matrix_b)), by(b, matrix_b, MatMulLeft(matrix_a))


def _likely_slip(a: Node, b: Node) -> str:
    """What was probably meant, where the inner sizes of a @ b differ."""
    first, second = a.name or "a", b.name or "b"
    if a.ndim == b.ndim == 2 and a.shape[0] == b.shape[0] and (1 in a.shape or b.role is not Role.DATA):
        return f" Did you mean {first}.T @ {second}?"
    if b.role is Role.DATA and b.ndim == 2:
        return f" Examples are columns: is {b.name or 'it'} transposed?"
    return f" Did you mean {second} @ {first}?" if b.shape[-1] == a.shape[-2:][0] else ""


@operation(np.matmul)
def matmul(a: Operand, b: Operand) -> Node:
    """The matrix product a @ b of vectors, matrices and stacks of matrices, as NumPy defines it.

    Derivatives: ∂J/∂a = ∂J/∂Z · bᵀ and ∂J/∂b = aᵀ · ∂J/∂Z, for each pair of matrices; where one matrix meets many of the
    other stack, the sum over these.

    Args:
        a: (…, n, k) or (k,). Axes before the last two count matrices.
        b: (…, k, m) or (k,).

    Returns:
        A node of shape (…, n, m), the axes that count matrices broadcast; a vector's axis is left out, as in NumPy.

    Raises:
        ShapeError: if the inner sizes differ, the axes before the last two don't broadcast, or an operand is a scalar.

    Example:
        >>> import numpy as np
        >>> import minigraph as mg
        >>> W, x = mg.parameter([[1.0, 2.0]], "W"), mg.data([[3.0], [4.0]], "x")
        >>> (W @ x).value
        array([[11.]])
        >>> (W @ np.ones((5, 2, 3))).shape
        (5, 1, 3)
    """
    return (MatMul() if _axes(a) <= 2 and _axes(b) <= 2 else StackedMatMul())(a, b)


def _axes(x: Operand) -> int:
    """How many axes an operand has."""
    return len(x.shape) if isinstance(x, Node) else np.ndim(x)


@operation(np.dot)
def dot(a: Operand, b: Operand) -> Node:
    """The product that `numpy.dot` gives: a @ b for vectors and matrices, a * b where one of them is a scalar.

    For more axes it is the sum over the last axis of a and the last but one of b, for each choice of the others; `matmul`
    and `einsum` say more clearly what is meant.

    Raises:
        ShapeError: if the inner sizes differ.

    Example:
        >>> import minigraph as mg
        >>> w, x = mg.parameter([1.0, 2.0], "w"), mg.data([3.0, 4.0], "x")
        >>> mg.dot(w, x).value
        np.float64(11.0)
    """
    (a, b), _ = as_nodes((a, b), "dot")
    if not a.shape or not b.shape:
        return multiply(a, b)
    if b.ndim == 1 or (a.ndim <= 2 and b.ndim == 2):
        return matmul(a, b)
    if a.shape[-1] != b.shape[-2]:
        raise ShapeError(
            f"dot: {describe(a, 'an array')} and {describe(b, 'an array')}: the last axis of the first, {a.shape[-1]}, "
            f"and the last but one of the second, {b.shape[-2]}, differ."
        )
    rest = (*b.shape[:-2], b.shape[-1])
    columns = transpose(b, (b.ndim - 2, *range(b.ndim - 2), b.ndim - 1)).reshape(b.shape[-2], math.prod(rest))
    return (a.reshape(math.prod(a.shape[:-1]), a.shape[-1]) @ columns).reshape(*a.shape[:-1], *rest)


@operation(np.outer)
def outer(a: Operand, b: Operand) -> Node:
    """The matrix of all products a[i] · b[k]: a as a column times b as a row.

    Args:
        a: n entries; more axes than one are read row by row, as in NumPy.
        b: m entries.

    Returns:
        A node of shape (n, m).

    Example:
        >>> import minigraph as mg
        >>> mg.outer([1.0, 2.0], [3.0, 4.0]).value
        array([[3., 4.],
               [6., 8.]])
    """
    (a, b), _ = as_nodes((a, b), "outer")
    return a.reshape(a.size, 1) @ b.reshape(1, b.size)
