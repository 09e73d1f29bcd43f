"""The matrix product."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigraph.core.linear_maps import LinearMap, MatMulLeft, MatMulRight, compose
from minigraph.core.node import Node, Operand, Role
from minigraph.core.op import Op
from minigraph.core.operators import operation
from minigraph.core.shape_maps import Reshaping
from minigraph.formulas import Written, product
from minigraph.operations.emission import Place, Writer
from minigraph.values import Shape


class MatMul(Op):
    """A B for matrices; a vector counts as a row on the left and as a column on the right."""

    forward = staticmethod(np.matmul)
    linear_in = (0, 1)

    def emission(self, write: Writer, out: Place, *operands: Place) -> bool:
        a, b = operands
        write.dot(a, b, out)
        return True

    def shape(self, a: Node, b: Node) -> Shape:
        if not (1 <= a.ndim <= 2 and 1 <= b.ndim <= 2):
            self.refuse([a, b], "matmul takes vectors and matrices. For a scalar use *; reshape more axes to 2.")
        if a.shape[-1] != b.shape[0]:
            self.refuse([a, b], f"inner sizes {a.shape[-1]} and {b.shape[0]} differ.{_likely_slip(a, b)}")
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

    def notation(self, a: Written, b: Written) -> Written:
        return product(a, b, matrix=True)


def _likely_slip(a: Node, b: Node) -> str:
    """What was probably meant, where the inner sizes of a @ b differ."""
    first, second = a.name or "a", b.name or "b"
    if a.ndim == b.ndim == 2 and a.shape[0] == b.shape[0] and (1 in a.shape or b.role is not Role.DATA):
        return f" Did you mean {first}.T @ {second}?"
    if b.role is Role.DATA and b.ndim == 2:
        return f" Examples are columns: is {b.name or 'it'} transposed?"
    return f" Did you mean {second} @ {first}?" if b.shape[-1] == a.shape[0] else ""


@operation(np.matmul)
def matmul(a: Operand, b: Operand) -> Node:
    """The matrix product a @ b of vectors and matrices, as NumPy defines it.

    Derivatives: ∂J/∂a = ∂J/∂Z · bᵀ and ∂J/∂b = aᵀ · ∂J/∂Z.

    Args:
        a: (n, k) or (k,).
        b: (k, m) or (k,).

    Returns:
        A node of shape (n, m); a vector's axis is left out, as in NumPy.

    Raises:
        ShapeError: if the inner sizes differ, or an operand has no or more than two axes.

    Example:
        >>> import minigraph as mg
        >>> W, x = mg.parameter([[1.0, 2.0]], "W"), mg.data([[3.0], [4.0]], "x")
        >>> (W @ x).value
        array([[11.]])
    """
    return MatMul()(a, b)
