"""Local derivatives: a derivative is a linear map, and the chain rule composes linear maps.

If y = f(x), the derivative at x takes a small change of x to the change of y. A `LinearMap` says this
in three forms, all written on nodes, so that derivatives can be differentiated again:

- `push` takes a tangent at x forward to the tangent at y;
- `pull` takes a cotangent at y (∂J/∂y) back to the cotangent at x (∂J/∂x): it is the adjoint of push,
  ⟨push u, v⟩ = ⟨u, pull v⟩;
- `notation` writes what pull does: ``∂J/∂Z · Xᵀ``, ``∂J/∂A ⊙ A(1 − A)``, ``row sum of ∂J/∂Z``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.node import OPERATIONS, Node
from minigraph.notation import (
    ATOM,
    POWER,
    PRODUCT,
    SUM,
    TIGHT,
    Expression,
    Written,
    enclosed,
    infix,
    negation,
    phrase,
    product,
    transposed,
)
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
        name = type(self).__name__
        return enclosed(f"{name}ᵀ(", upstream, ")", (rf"\text{{{name}}}^{{\top}}\left(", r"\right)"))

    def factors(self) -> Iterator[LinearMap]:
        """The maps that it is composed of, the last applied (the first pulled) first."""
        yield self


class Identity(LinearMap):
    """y = x, entry by entry: the derivative of adding."""

    def push(self, tangent: Node) -> Node:
        """The tangent itself."""
        return tangent

    def pull(self, cotangent: Node) -> Node:
        """The cotangent itself."""
        return cotangent

    def notation(self, upstream: Written) -> Written:
        """The upstream gradient itself."""
        return upstream


class Negation(LinearMap):
    """y = −x, entry by entry."""

    def push(self, tangent: Node) -> Node:
        """−tangent."""
        return -tangent

    def pull(self, cotangent: Node) -> Node:
        """−cotangent."""
        return -cotangent

    def notation(self, upstream: Written) -> Written:
        """−∂J/∂y."""
        return negation(upstream)


@dataclass(frozen=True)
class Scale(LinearMap):
    """Entry by entry, y changes by factor · (change of x): the derivative of every elementwise function.

    Attributes:
        factor: a node that broadcasts to the output's shape: the ordinary derivative at each entry.
    """

    factor: Node

    def push(self, tangent: Node) -> Node:
        """Tangent ⊙ factor."""
        return tangent * self.factor

    def pull(self, cotangent: Node) -> Node:
        """Cotangent ⊙ factor: upstream times local."""
        return cotangent * self.factor

    def notation(self, upstream: Written) -> Written:
        """∂J/∂y ⊙ factor."""
        return product(upstream, self.factor)


@dataclass(frozen=True)
class MatMulLeft(LinearMap):
    """x ↦ matrix · x."""

    matrix: Node

    def push(self, tangent: Node) -> Node:
        """Matrix · tangent."""
        return self.matrix @ tangent

    def pull(self, cotangent: Node) -> Node:
        """matrixᵀ · cotangent."""
        return self.matrix.T @ cotangent

    def notation(self, upstream: Written) -> Written:
        """Wᵀ · ∂J/∂Z."""
        return _matrix_product(transposed(self.matrix), upstream)


@dataclass(frozen=True)
class MatMulRight(LinearMap):
    """x ↦ x · matrix."""

    matrix: Node

    def push(self, tangent: Node) -> Node:
        """Tangent · matrix."""
        return tangent @ self.matrix

    def pull(self, cotangent: Node) -> Node:
        """Cotangent · matrixᵀ."""
        return cotangent @ self.matrix.T

    def notation(self, upstream: Written) -> Written:
        """∂J/∂Z · Aᵀ."""
        return _matrix_product(upstream, transposed(self.matrix))


def _matrix_product(left: Written, right: Written) -> Expression:
    shape = (*left.shape[:1], *right.shape[1:])
    return Expression(
        PRODUCT, ("", " · ", ""), ("", r" \, ", ""), (left, right), (PRODUCT, PRODUCT), shape, "matrix"
    )  # fmt: skip


@dataclass(frozen=True)
class Broadcast(LinearMap):
    """x ↦ x repeated to a larger shape. Its pull undoes broadcasting: it sums over the repeated axes."""

    shape_in: Shape
    shape_out: Shape

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes of the output along which x is repeated."""
        new = len(self.shape_out) - len(self.shape_in)
        pairs = zip(self.shape_in, self.shape_out[new:], strict=True)
        return (*range(new), *(new + i for i, (small, large) in enumerate(pairs) if small != large))

    def push(self, tangent: Node) -> Node:
        """The tangent, repeated."""
        return OPERATIONS["broadcast_to"](tangent, self.shape_out)

    def pull(self, cotangent: Node) -> Node:
        """The sum of the cotangent over the repeats."""
        summed = cotangent.sum(self.axes, keepdims=len(self.shape_in) == len(self.shape_out))
        return summed if summed.shape == self.shape_in else summed.reshape(self.shape_in)

    def notation(self, upstream: Written) -> Written:
        """Row sum of ∂J/∂Z."""
        return phrase(self.words(), upstream)

    def words(self) -> str:
        """What the pull does: row sum of, column sum of, sum of."""
        if len(self.shape_out) == 2 and len(self.shape_in) == 2 and len(self.axes) == 1:
            return "row sum of" if self.axes == (1,) else "column sum of"
        if len(self.axes) == len(self.shape_out) or self.shape_in == ():
            return "sum of"
        return f"sum over {axes_text(self.axes)} of"


@dataclass(frozen=True)
class Summation(LinearMap):
    """x ↦ the sum of x over axes; its pull repeats the cotangent along them.

    Attributes:
        shape_in: shape of x.
        axes: the axes that are summed, not negative.
        keepdims: whether they stay, with size 1.
    """

    shape_in: Shape
    axes: tuple[int, ...]
    keepdims: bool

    def push(self, tangent: Node) -> Node:
        """The sum of the tangent."""
        return tangent.sum(self.axes, keepdims=self.keepdims)

    def pull(self, cotangent: Node) -> Node:
        """The cotangent, repeated along the summed axes."""
        kept = tuple(1 if axis in self.axes else size for axis, size in enumerate(self.shape_in))
        spread = cotangent if cotangent.shape == kept else cotangent.reshape(kept)
        return spread if kept == self.shape_in else OPERATIONS["broadcast_to"](spread, self.shape_in)

    def notation(self, upstream: Written) -> Written:
        """∂J/∂s repeated to 4×400."""
        if self.shape_in == upstream.shape:
            return upstream
        return phrase("", upstream, f"repeated to {format_shape(self.shape_in)}")


@dataclass(frozen=True)
class Reshaping(LinearMap):
    """x ↦ the same entries in another shape."""

    shape_in: Shape
    shape_out: Shape

    def push(self, tangent: Node) -> Node:
        """The tangent in the output's shape."""
        return tangent.reshape(self.shape_out)

    def pull(self, cotangent: Node) -> Node:
        """The cotangent in the input's shape."""
        return cotangent.reshape(self.shape_in)

    def notation(self, upstream: Written) -> Written:
        """∂J/∂y as 2×3."""
        return phrase("", upstream, f"as {format_shape(self.shape_in)}")


@dataclass(frozen=True)
class Transposition(LinearMap):
    """x ↦ x with its axes in another order."""

    axes: tuple[int, ...]

    def push(self, tangent: Node) -> Node:
        """The tangent, transposed."""
        return OPERATIONS["transpose"](tangent, self.axes)

    def pull(self, cotangent: Node) -> Node:
        """The cotangent, transposed back."""
        return OPERATIONS["transpose"](cotangent, tuple(int(axis) for axis in np.argsort(self.axes)))

    def notation(self, upstream: Written) -> Written:
        """(∂J/∂y)ᵀ."""
        if self.axes == tuple(reversed(range(len(self.axes)))):
            return transposed(upstream)
        return phrase("", upstream, f"with axes {tuple(int(axis) for axis in np.argsort(self.axes))}")


@dataclass(frozen=True)
class Selection(LinearMap):
    """x ↦ x[index]; its pull puts the cotangent back where it was taken from, into zeros."""

    index: Any
    shape_in: Shape
    text: str

    def push(self, tangent: Node) -> Node:
        """tangent[index]."""
        return tangent[self.index]

    def pull(self, cotangent: Node) -> Node:
        """Zeros of x's shape with the cotangent added at the index."""
        return OPERATIONS["scatter"](cotangent, self.index, self.shape_in)

    def notation(self, upstream: Written) -> Written:
        """∂J/∂y placed at [1:3] in zeros 4×5."""
        return phrase("", upstream, f"placed at [{self.text}] in zeros {format_shape(self.shape_in)}")


@dataclass(frozen=True)
class Placing(LinearMap):
    """x ↦ zeros with x added at an index: the adjoint of `Selection`."""

    selection: Selection

    def push(self, tangent: Node) -> Node:
        """The tangent, placed."""
        return self.selection.pull(tangent)

    def pull(self, cotangent: Node) -> Node:
        """The entries of the cotangent at the index."""
        return self.selection.push(cotangent)

    def notation(self, upstream: Written) -> Written:
        """(∂J/∂y)[1:3]."""
        index = f"[{self.selection.text}]"
        return Expression(POWER, ("", index), ("", index), (upstream,), (ATOM,))


@dataclass(frozen=True)
class Casting(LinearMap):
    """x ↦ x in another precision."""

    dtype_in: Any
    dtype_out: Any

    def push(self, tangent: Node) -> Node:
        """The tangent in the output's precision."""
        return OPERATIONS["cast"](tangent, self.dtype_out)

    def pull(self, cotangent: Node) -> Node:
        """The cotangent in the input's precision."""
        return OPERATIONS["cast"](cotangent, self.dtype_in)

    def notation(self, upstream: Written) -> Written:
        """The upstream gradient: the mathematics does not know of precision."""
        return upstream


@dataclass(frozen=True)
class Centering(LinearMap):
    """The derivative of softmax: x ↦ s ⊙ (x − Σ s ⊙ x), the sum over one axis. It is its own adjoint.

    Attributes:
        probabilities: the node s, the softmax itself.
        axis: the axis along which s sums to 1.
    """

    probabilities: Node
    axis: int

    def push(self, tangent: Node) -> Node:
        """s ⊙ (tangent − Σ s ⊙ tangent)."""
        s = self.probabilities
        return s * (tangent - (s * tangent).sum(self.axis, keepdims=True))

    def pull(self, cotangent: Node) -> Node:
        """s ⊙ (cotangent − Σ s ⊙ cotangent)."""
        return self.push(cotangent)

    def notation(self, upstream: Written) -> Written:
        """s ⊙ (∂J/∂S − Σ S ⊙ ∂J/∂S)."""
        s = self.probabilities
        inner = Expression(
            SUM, ("", " − Σ", ""), ("", r" - \sum ", ""), (upstream, product(s, upstream)), (SUM, TIGHT), upstream.shape
        )  # fmt: skip
        return product(s, inner)


@dataclass(frozen=True)
class LogCentering(LinearMap):
    """The derivative of log-softmax: x ↦ x − Σ s ⊙ x, the sum over one axis."""

    probabilities: Node
    axis: int

    def push(self, tangent: Node) -> Node:
        """Tangent − Σ s ⊙ tangent."""
        return tangent - (self.probabilities * tangent).sum(self.axis, keepdims=True)

    def pull(self, cotangent: Node) -> Node:
        """Cotangent − s ⊙ Σ cotangent."""
        return cotangent - self.probabilities * cotangent.sum(self.axis, keepdims=True)

    def notation(self, upstream: Written) -> Written:
        """∂J/∂y − S ⊙ Σ ∂J/∂y."""
        shape = upstream.shape
        summed = Expression(TIGHT, ("Σ ", ""), (r"\sum ", ""), (upstream,), (POWER,), shape)
        return infix(upstream, "−", product(self.probabilities, summed), "-")


@dataclass(frozen=True)
class Composition(LinearMap):
    """outer after inner: a linked pair, walked when it is used, so that long chains stay linear in cost."""

    outer: LinearMap
    inner: LinearMap

    def push(self, tangent: Node) -> Node:
        """Through inner, then through outer."""
        for factor in reversed(list(self.factors())):
            tangent = factor.push(tangent)
        return tangent

    def pull(self, cotangent: Node) -> Node:
        """Back through outer, then back through inner."""
        for factor in self.factors():
            cotangent = factor.pull(cotangent)
        return cotangent

    def notation(self, upstream: Written) -> Written:
        """What outer's pull writes, put into what inner's pull writes."""
        for factor in self.factors():
            upstream = factor.notation(upstream)
        return upstream

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
    """The maps one after the other, the last given applied first; identities are left out."""
    result: LinearMap | None = None
    for factor in reversed(maps):
        if not isinstance(factor, Identity):
            result = factor if result is None else Composition(factor, result)
    return Identity() if result is None else result


def format_shape(shape: Shape) -> str:
    """A shape as diagrams say it: 4×400; scalar."""
    return "×".join(map(str, shape)) or "scalar"


def axes_text(axes: tuple[int, ...]) -> str:
    """Axes as diagrams say them: axis 1; axes 0, 2."""
    return ("axis " if len(axes) == 1 else "axes ") + ", ".join(map(str, axes))
