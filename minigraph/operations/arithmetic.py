"""Arithmetic: + − × ÷ entry by entry, and nodes that repeat, add up or convert others."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigraph.core.linear_maps import Identity, Maps, Negation, Scale
from minigraph.core.node import Node, Operand
from minigraph.core.op import Elementwise
from minigraph.core.operators import operation
from minigraph.core.shape_maps import Casting
from minigraph.formulas import Written, infix, negation, product, quotient, total
from minigraph.values import float_dtype


class Add(Elementwise):
    """a + b."""

    forward = staticmethod(np.add)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return Identity(), Identity()

    def notation(self, a: Written, b: Written) -> Written:
        return infix(a, "+", b)


@operation(np.add)
def add(a: Operand, b: Operand) -> Node:
    """a + b, broadcast as in NumPy. Derivative by each: 1.

    Raises:
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import minigraph as mg
        >>> (mg.data([[1.0, 2.0]]) + [[10.0], [20.0]]).value
        array([[11., 12.],
               [21., 22.]])
    """
    return Add()(a, b)


class Subtract(Elementwise):
    """a − b."""

    forward = staticmethod(np.subtract)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return Identity(), Negation()

    def notation(self, a: Written, b: Written) -> Written:
        return infix(a, "−", b)


@operation(np.subtract)
def subtract(a: Operand, b: Operand) -> Node:
    """a − b, broadcast as in NumPy. Derivatives: 1 by a, −1 by b.

    Raises:
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import minigraph as mg
        >>> mg.subtract(5.0, mg.data(3.0)).value
        np.float64(2.0)
    """
    return Subtract()(a, b)


class Multiply(Elementwise):
    """a ⊙ b."""

    forward = staticmethod(np.multiply)
    linear_in = (0, 1)

    def likely_slip(self, *operands: Node) -> str:
        a, b = operands
        if a.ndim == b.ndim == 2 and a.shape[1] == b.shape[0]:
            return f" * works entry by entry; did you mean the matrix product {a.name or 'a'} @ {b.name or 'b'}?"
        return super().likely_slip(a, b)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return Scale(b), Scale(a)

    def notation(self, a: Written, b: Written) -> Written:
        return product(a, b)


@operation(np.multiply)
def multiply(a: Operand, b: Operand) -> Node:
    """a · b entry by entry, broadcast as in NumPy. Derivatives: b by a, a by b. The matrix product is `matmul`.

    Raises:
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import minigraph as mg
        >>> (mg.data([1.0, 2.0]) * 3).value
        array([3., 6.])
    """
    return Multiply()(a, b)


class Divide(Elementwise):
    """a / b."""

    forward = staticmethod(np.divide)
    linear_in = (0,)

    def derivatives(self, result: Node, a: Node, b: Node) -> Maps:
        return Scale(1 / b), Scale(-(a / b) / b)

    def notation(self, a: Written, b: Written) -> Written:
        return quotient(a, b)


@operation(np.divide)
def divide(a: Operand, b: Operand) -> Node:
    """a / b entry by entry, broadcast as in NumPy. Derivatives: 1/b by a, −a/b² by b.

    Raises:
        ShapeError: if the shapes don't broadcast.

    Example:
        >>> import minigraph as mg
        >>> (1 / mg.data([2.0, 4.0])).value
        array([0.5 , 0.25])
    """
    return Divide()(a, b)


class Negative(Elementwise):
    """−x."""

    forward = staticmethod(np.negative)
    linear_in = (0,)

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Negation(),)

    def notation(self, x: Written) -> Written:
        return negation(x)


@operation(np.negative)
def negative(x: Operand) -> Node:
    """−x. Derivative: −1.

    Example:
        >>> import minigraph as mg
        >>> (-mg.data(2.0)).value
        np.float64(-2.0)
    """
    return Negative()(x)


class Identical(Elementwise):
    """Repeat x, as a node of its own: it carries a second name."""

    name = "identity"
    linear_in = (0,)

    def forward(self, x: Any) -> Any:
        return x

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Identity(),)

    def notation(self, x: Written) -> Written:
        return x


@operation()
def identity(x: Operand) -> Node:
    """Repeat x, as a node of its own that can carry another name. Derivative: 1.

    Example:
        >>> import minigraph as mg
        >>> mg.identity(mg.data(2.0, "a")).named("b")
        <b = a () float64>
    """
    return Identical()(x)


class Detach(Elementwise):
    """The value of x, and no derivative: the chain rule ends here."""

    held = (0,)

    def forward(self, x: Any) -> Any:
        return x

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (None,)


@operation()
def detach(x: Operand) -> Node:
    """The value of x, held fixed: nothing flows back through it, and a diagram draws it as cut off.

    It is for a part that is to be taken as a constant of the step: a target that the model makes itself, a weight that
    depends on the prediction. Its value goes on following x, as every node's does.

    Example:
        >>> import minigraph as mg
        >>> x = mg.parameter(3.0, "x")
        >>> J = mg.detach(x) * x
        >>> J.value, mg.grad(J, x).value        # 2x without the cut
        (np.float64(9.0), np.float64(3.0))
    """
    return Detach()(x)


class Accumulate(Elementwise):
    """The sum of many nodes of one shape: contributions that meet at a fork."""

    def forward(self, *terms: Any) -> Any:
        result = terms[0] + terms[1]
        for term in terms[2:]:
            result += term
        return result

    def derivatives(self, result: Node, *terms: Node) -> Maps:
        return [Identity()] * len(terms)

    def notation(self, *terms: Written) -> Written:
        return total(terms)


class Cast(Elementwise):
    """x in another precision: that of the node, which every value takes."""

    linear_in = (0,)

    def forward(self, x: Any) -> Any:
        return x

    def derivatives(self, result: Node, x: Node) -> Maps:
        return (Casting(x.dtype, result.dtype),)

    def notation(self, x: Written) -> Written:
        return x


@operation()
def cast(x: Node, dtype: np.dtype[Any]) -> Node:
    """Give x in another precision, or x itself if it has it already."""
    return x if x.dtype == dtype else Node(Cast(), (x,), x.shape, float_dtype(dtype, "cast"))
