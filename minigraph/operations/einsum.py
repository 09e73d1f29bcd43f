"""Einsum: sums of products over axes that are named by letters, and the one linear map that is its derivative.

``ij,jk->ik`` says Z[i, k] = Σⱼ A[i, j] · B[j, k]. The derivative by A takes a change of A to the change of the same sum; so
what is pulled back is a sum of products too, with ∂J/∂Z in the place of A: ``ik,jk->ij``. To have this without exception,
`Einsum` knows more than users write: a letter of the result that no operand has repeats it along that axis, as the
derivative of a sum does, and a letter twice in the result fills a diagonal, as the derivative of a trace does.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.errors import describe
from minigraph.core.linear_maps import LinearMap, Maps
from minigraph.core.node import Node, Operand
from minigraph.core.op import Op, as_nodes
from minigraph.core.operators import operation
from minigraph.formulas import Written, bracket, call, symbol
from minigraph.formulas.index_sums import Entry, Factor, Index, Letters, Places, Position, at
from minigraph.operations.einsum_subscripts import once, read, spelled_out, written
from minigraph.values import Shape

BY_LOOPS = 4096
"""Up to so many products NumPy's own loops are quicker than to look for an order and to call BLAS."""


@dataclass(frozen=True, repr=False, eq=False)
class Einsum(Op):
    """The sum of products that subscripts say.

    Attributes:
        terms: the letters of each operand's axes.
        output: the letters of the result's axes.
        sizes: of the letters that stand in the output only.
    """

    terms: tuple[str, ...]
    output: str
    sizes: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "linear_in", tuple(range(len(self.terms))))

    @property
    def subscripts(self) -> str:
        """As they are typed: ij,jk->ik."""
        return f"{','.join(self.terms)}->{self.output}"

    @property
    def letters(self) -> str:
        """Those of the output, each once."""
        return once(self.output)

    @property
    def summed(self) -> str:
        """The letters of the output that operands have, each once: what is there before anything is repeated or placed."""
        return "".join(letter for letter in self.letters if any(letter in term for term in self.terms))

    def size_of(self, operands: Sequence[Any]) -> dict[str, int]:
        """The size of each letter."""
        found = dict(self.sizes)
        for term, x in zip(self.terms, operands, strict=True):
            found.update(zip(term, x.shape, strict=True))
        return found

    def shape(self, *operands: Node) -> Shape:
        first: dict[str, tuple[int, Node, str]] = {}
        for term, x in zip(self.terms, operands, strict=True):
            if len(term) != x.ndim:
                letters = f"{len(term)} letter{'s' * (len(term) != 1)}"
                self.refuse([x], f"{term!r} has {letters}, one for each axis, but there are {x.ndim} axes.")
            for letter, size in zip(term, x.shape, strict=True):
                before, other, its = first.setdefault(letter, (size, x, term))
                if before != size:
                    one = " An axis of size 1 is not repeated: leave it out, as x[0] does." * (1 in (before, size))
                    self.refuse(
                        [x],
                        f"{letter} is {size} in {term!r}, but {before} in {its!r}, where {describe(other, 'an array')}. "
                        f"A letter has one size.{one}",
                    )
        size_of = self.size_of(operands)
        return tuple(size_of[letter] for letter in self.output)

    def forward(self, *values: Any) -> Any:
        size_of = self.size_of(values)
        by_blas = len(values) > 1 and math.prod(size_of.values()) > BY_LOOPS
        result = np.einsum(f"{','.join(self.terms)}->{self.summed}", *values, optimize=by_blas)
        if self.summed == self.output:
            return result
        shape = tuple(size_of[letter] for letter in self.letters)
        spread = tuple(slice(None) if letter in self.summed else None for letter in self.letters)
        result = np.broadcast_to(np.asarray(result)[spread], shape)
        if self.letters == self.output:
            return result
        zeros = np.zeros([size_of[letter] for letter in self.output], result.dtype)
        zeros[diagonal(self.output, size_of)] = result
        return zeros

    def derivatives(self, result: Node, *operands: Node) -> Maps:
        return [Contraction(self, operands, position) for position in range(len(operands))]

    def notation(self, *operands: Written) -> Written:
        sizes: dict[str, Any] = {"sizes": dict(self.sizes)} if self.sizes else {}
        return call("einsum", *operands, options=self.subscripts.replace("->", "→"), **sizes)


class Contraction(LinearMap):
    """x ↦ the einsum with x as one of its operands, the others held.

    Attributes:
        einsum: the operation.
        operands: its operands, one of which x stands for.
        position: of that one.
    """

    def __init__(self, einsum: Einsum, operands: Sequence[Node], position: int):
        self.einsum = einsum
        self.operands = tuple(operands)
        self.position = position

    @property
    def adjoint(self) -> Einsum:
        """What takes a cotangent in the place of x, and gives x's axes: the other way round, with the same letters."""
        terms, own = list(self.einsum.terms), self.einsum.terms[self.position]
        terms[self.position] = self.einsum.output
        size_of = self.einsum.size_of(self.operands)
        alone = (letter for letter in once(own) if not any(letter in term for term in terms))
        return Einsum(tuple(terms), own, tuple((letter, size_of[letter]) for letter in alone))

    def _with(self, x: Any) -> list[Any]:
        return [*self.operands[: self.position], x, *self.operands[self.position + 1 :]]

    def push(self, tangent: Node) -> Node:
        return self.einsum(*self._with(tangent))

    def pull(self, cotangent: Node) -> Node:
        return self.adjoint(*self._with(cotangent))

    def notation(self, upstream: Written) -> Written:
        """einsum(∂J/∂Z, B; ik,jk→ij)."""
        return self.adjoint.notation(*self._with(upstream))

    def entry(self, index: Index, letters: Letters) -> Entry:
        """Σₚ ∂J/∂Z[i, p] · B[k, p]: the subscripts, with a position for each letter."""
        terms, size_of = self.einsum.terms, self.einsum.size_of(self.operands)
        where: dict[str, Position] = {}
        same: list[Factor] = []
        for letter, position in zip(terms[self.position], index, strict=True):
            if letter not in where:
                where[letter] = position
            elif where[letter].text != position.text:
                same.append(_equal(where[letter], position))
        over = []
        for letter in once(self.einsum.output + "".join(terms)):
            if letter not in where:
                where[letter] = letters.along(size_of[letter])
                over += [where[letter]] if size_of[letter] != 1 else []
        factors = [at(x, tuple(where[letter] for letter in term)) for term, x in zip(terms, self.operands, strict=True)]
        before, after = factors[: self.position], factors[self.position + 1 :]
        above = tuple(where[letter] for letter in self.einsum.output)
        return Entry(above, tuple(over), (*same, *before), tuple(after))


def _equal(a: Position, b: Position) -> Factor:
    """[i = k]: 1 on the diagonal, else 0."""

    def value(places: Places) -> float:
        return float(a.at(places) == b.at(places))

    return Factor(bracket(symbol(a.text), "=", symbol(b.text)), value)


def diagonal(term: str, size_of: Mapping[str, int]) -> tuple[Any, ...]:
    """The index of the entries whose places are equal along the axes that have one letter."""
    letters = once(term)
    places = np.ix_(*(np.arange(size_of[letter]) for letter in letters))
    return tuple(places[letters.index(letter)] for letter in term)


@operation(np.einsum)
def einsum(subscripts: str | Operand, *operands: Any) -> Node:
    """The sum of products that ``subscripts`` say, as NumPy has it: a letter for each axis, a sum over those that fall away.

    ``ij,jk->ik`` is the matrix product, ``i,i->`` the inner product, ``ii->`` the trace, ``bij,bjk->bik`` multiplies stacks.
    Without ``->`` the letters that stand once are kept, in the order of the alphabet. ``...`` stands for the axes that are
    left, which are broadcast: ``...ij,...jk->...ik``. Numbers can stand in place of letters, behind each operand:
    ``mg.einsum(A, [0, 1], B, [1, 2], [0, 2])``.

    The derivative by an operand is an einsum too, with ∂J/∂Z in the operand's place: for ``ij,jk->ik`` by the first operand
    it is ``ik,jk->ij``.

    Args:
        subscripts: the letters of each operand's axes, with commas between operands; behind ``->`` those of the result.
        operands: nodes, numbers or arrays, with as many axes as they have letters.

    Raises:
        TypeError: if the subscripts are neither text nor lists of numbers behind the operands.
        ValueError: if the subscripts are not of this form, or the result has a letter twice, or one that no operand has, or
            lacks the ``...`` that an operand has.
        ShapeError: if an operand does not have as many axes as letters, or a letter has two sizes; an axis of size 1 is not
            repeated.

    Example:
        >>> import minigraph as mg
        >>> A, B = mg.parameter([[1.0, 2.0]], "A"), mg.data([[3.0], [4.0]], "B")
        >>> Z = mg.einsum("ij,jk->ik", A, B).named("Z")
        >>> Z.value
        array([[11.]])
        >>> mg.grad(Z.sum().named("J"), A)
        <∂J/∂A = einsum(∂J/∂Z, B; ik,jk→ij) (1, 2) float64>
    """
    text, given = written([subscripts, *operands])
    typed, output = read(text, len(given))
    terms, output, nodes = spelled_out(text, typed, output, as_nodes(given, "einsum")[0])
    return Einsum(tuple(terms), output)(*nodes)
