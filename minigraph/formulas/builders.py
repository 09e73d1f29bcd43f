r"""The pieces of formulas: what an operation's `notation` is made of.

Example:
    >>> from minigraph.formulas import power, quotient, symbol, to_ascii, to_latex, to_text
    >>> written = quotient(power(symbol("x"), 3), symbol("W1"))
    >>> to_text(written), to_ascii(written), to_latex(written)
    ('x³/W1', 'x**3/W1', '\\frac{x^{3}}{W_{1}}')
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minigraph.formulas import tree
from minigraph.formulas.tree import UNIT, Expression, Kind, Written
from minigraph.values import Shape


def symbol(name: str, shape: Shape = ()) -> tree.Symbol:
    """A name."""
    return tree.Symbol(name, shape=shape)


def number(value: Any, digits: int | None = None) -> tree.Number:
    """A number, exactly; √3 and 1/3 where it is one, and so many digits of it if that is wanted."""
    return tree.Number(value, digits)


def infix(left: Written, sign: str, right: Written) -> tree.Sum:
    """A sum or difference; the sign is + or −."""
    return tree.Sum((left, right), (1, 1 if sign == "+" else -1), shape=_larger(left, right))


def total(terms: Sequence[Written]) -> tree.Sum:
    """a + b + c + …"""
    return tree.Sum(tuple(terms), (1,) * len(terms), shape=terms[0].shape)


def plus(terms: Sequence[Written]) -> Written:
    """The sum of the terms, or the only one."""
    return terms[0] if len(terms) == 1 else total(terms)


def product(left: Written, right: Written, *, matrix: bool = False) -> Written:
    """A product; the shapes decide how it is written: 3(a + b), b·c, A ⊙ B, W X."""
    if isinstance(left, tree.Repeated) and left.operand.shape == () and not matrix:
        left = left.operand  # a number times an array: nobody says that the number is repeated
    scalar = () in (left.shape, right.shape)
    return _product(
        left, right, Kind.MATRIX if matrix else Kind.SCALAR if scalar else Kind.ELEMENTWISE, _larger(left, right)
    )


def matrix_product(left: Written, right: Written) -> Written:
    """∂J/∂Z · Xᵀ: a matrix product in a backward pass, where a dot parts what is long."""
    return _product(left, right, Kind.DOTTED, (*left.shape[:1], *right.shape[1:]))


def _product(left: Written, right: Written, kind: Kind, shape: Shape) -> Written:
    for unit, other in ((left, right), (right, left)):
        if unit is UNIT:
            return other
        if isinstance(unit, tree.Negation) and unit.operand is UNIT:
            return negation(other)
    return tree.Product((left, right), kind, shape=shape)


def times(factors: Sequence[Written]) -> Written:
    """3 · 1 · c: the factors of a chain rule, or the only one."""
    return factors[0] if len(factors) == 1 else tree.Product(tuple(factors), Kind.CHAIN)


def in_front(factor: Written, operand: Written) -> tree.Product:
    """(1/m) A: a number in front of whatever it is."""
    return tree.Product((factor, operand), Kind.FRONT, shape=operand.shape)


def quotient(left: Written, right: Written) -> tree.Quotient:
    """a/b"""
    return tree.Quotient(left, right, shape=left.shape)


def negation(operand: Written) -> tree.Negation:
    """−a"""
    return tree.Negation(operand, shape=operand.shape)


def power(base: Written, exponent: float) -> tree.Power:
    """a², a^0.5"""
    return tree.Power(base, exponent, shape=base.shape)


def transposed(operand: Written) -> Written:
    """Aᵀ; of products that are written out (A · B)ᵀ = Bᵀ · Aᵀ, and (Aᵀ)ᵀ = A."""
    if isinstance(operand, tree.Transpose):
        return operand.operand
    if isinstance(operand, tree.Product) and operand.kind is Kind.DOTTED:
        left, right = operand.factors
        return tree.Product((transposed(right), transposed(left)), Kind.DOTTED, shape=operand.shape[::-1])
    return tree.Transpose(operand, shape=operand.shape[::-1])


def call(function: str | Expression, *operands: Written, options: str = "", latex: str = "", **named: Any) -> tree.Call:
    """f(a, b), with what is not an operand after a semicolon: f(a; axis 0).

    Args:
        function: its name.
        operands: what it is applied to.
        options: words to stand after the operands.
        latex: the name in LaTeX, if it is not only letters.
        named: options by name, such as ``axis=(0,)``.
    """
    words = (("", options),) if options else ()
    return tree.Call(function, operands, (*words, *named.items()), latex)


def enclosed(left: str, operand: Written, right: str, latex: tuple[str, str] | None = None) -> tree.Enclosed:
    """An operand between two signs: |x|, √(x)."""
    return tree.Enclosed(left, operand, right, latex, shape=operand.shape)


def bracket(left: Written, relation: str, right: Written, height: float = 1) -> Expression:
    """Iverson's bracket: 1 where the relation holds, else 0; times a height, 0.5[a = b]."""
    one = tree.Bracket(left, relation, right, shape=_larger(left, right))
    return one if height == 1 else tree.Product((tree.Number(height), one), Kind.JOINED, shape=one.shape)


def phrase(before: str, operand: Written, after: str = "", **options: Any) -> tree.Phrase:
    """Words around an operand: row sum of ∂J/∂Z; options such as ``axis=(0, 1)`` stand where the words say ``{axis}``."""
    return tree.Phrase(before, operand, after, tuple(options.items()), shape=operand.shape)


def repeated(operand: Written, shape: Shape) -> tree.Repeated:
    """An operand repeated to a larger shape; repeated twice it is repeated to the last one."""
    once = operand.operand if isinstance(operand, tree.Repeated) else operand
    return tree.Repeated("", once, "repeated to {shape}", (("shape", shape),), shape=shape)


def reshaped(operand: Written, shape: Shape) -> Written:
    """An operand in another shape."""
    if operand is UNIT and all(size == 1 for size in shape):
        return UNIT
    return tree.Reshaped("", operand, "as {shape}", (("shape", shape),), shape=shape)


def placed(operand: Written, index: str, shape: Shape) -> tree.Phrase:
    """An operand placed at an index in zeros of a shape."""
    return phrase("", operand, "placed at [{index}] in zeros {shape}", index=index, shape=shape)


def indexed(array: Written, index: str, *, is_entry: bool = False, shape: Shape = ()) -> tree.Indexed:
    """X[:, 1:2], or one entry A[k, p]."""
    return tree.Indexed(array, index, is_entry, shape=shape)


def index_sum(letters: Sequence[str], operand: Written, sign: int = 1) -> tree.IndexSum:
    """Σₚ A[k, p] · B[p, i]"""
    return tree.IndexSum(tuple(letters), operand, sign)


def axis_sum(operand: Written, axis: int) -> tree.AxisSum:
    """Σ S along an axis, which stays with size 1."""
    return tree.AxisSum(operand, axis, shape=operand.shape)


def _larger(left: Written, right: Written) -> Shape:
    return left.shape if len(left.shape) >= len(right.shape) else right.shape
