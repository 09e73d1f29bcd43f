r"""The formula tree: what stands in a formula, said once for every printer, and what a `notation` builds it with.

Each class below is one form: a sum, a product, a phrase. Its operands are other forms or graph nodes, which are asked for
their form when a printer gets there: so a formula is lazy, and printing it iterative, however deep the graph is.

Example:
    >>> from minigraph.formulas import power, quotient, symbol, to_ascii, to_latex, to_text
    >>> written = quotient(power(symbol("x"), 3), symbol("W1"))
    >>> to_text(written), to_ascii(written), to_latex(written)
    ('x³/W1', 'x**3/W1', '\\frac{x^{3}}{W_{1}}')
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Protocol

from minigraph.values import Shape

# How tightly a form binds. An operand that binds less than its place demands gets parentheses.
PHRASE, SUM, PRODUCT, TIGHT, PREFIX, POWER, ATOM, ENCLOSED = range(8)


class Written(Protocol):
    """What can stand in a formula: an expression, or a node."""

    @property
    def shape(self) -> Shape:
        """Shape of the value that is written; () is a scalar."""

    def expression(self) -> Expression:
        """The thing as an expression."""


@dataclass(eq=False, kw_only=True)
class Expression:
    """A form with its operands. Those that stand for a letter are equal by value: a·a keeps its sign, bc has none."""

    form: ClassVar[str]  # the method of a printer that writes it
    shape: Shape = ()  # of the value that is written; () is a scalar

    def expression(self) -> Expression:
        """Itself."""
        return self


@dataclass(unsafe_hash=True)
class Symbol(Expression):
    """A name: W1, ∂J/∂W1. How its letters are spelled is the printers' matter."""

    form = "symbol"
    name: str


@dataclass(eq=False)
class Number(Expression):
    """A number, exactly. A `Fraction` is written as one."""

    form = "number"
    value: Any
    digits: int | None = None  # how many significant ones are shown; None for all, or for √3 and 1/3 where it is one


@dataclass(eq=False)
class Sum(Expression):
    """a − b + c"""

    form = "sum"
    terms: tuple[Written, ...]
    signs: tuple[int, ...]  # of each term, 1 or −1; the first is 1


class Kind(Enum):
    """The kinds of products. Those of different kinds don't mix without parentheses."""

    SCALAR = "b·c, 3(a + b)"
    ELEMENTWISE = "A ⊙ B"
    MATRIX = "W X"
    DOTTED = "∂J/∂Z · Xᵀ: a matrix product in a backward pass"
    CHAIN = "3 · 1 · c: the factors of a chain rule, as many as there are"
    FRONT = "(1/m) A: a number in front of whatever it is"
    JOINED = "0.5[a = b]: never with a sign"


@dataclass(eq=False)
class Product(Expression):
    """A product; when its sign is left out is seen when it is printed."""

    form = "product"
    factors: tuple[Written, ...]
    kind: Kind


@dataclass(eq=False)
class Quotient(Expression):
    """a/b"""

    form = "quotient"
    above: Written
    below: Written


@dataclass(eq=False)
class Negation(Expression):
    """−a"""

    form = "negation"
    operand: Written


@dataclass(unsafe_hash=True)
class Power(Expression):
    """a², a^(0.5), aᵇ"""

    form = "power"
    base: Written
    exponent: float | Written


@dataclass(unsafe_hash=True)
class Transpose(Expression):
    """Aᵀ"""

    form = "transpose"
    operand: Written


@dataclass(eq=False)
class Call(Expression):
    """f(a, b), with what is not an operand after a semicolon: f(a; axis 0)."""

    form = "call"
    function: str | Expression  # its name, or how it is written, such as Mᵀ
    operands: tuple[Written, ...]
    options: tuple[tuple[str, Any], ...] = ()  # names and values, in order; words stand under the name ""
    latex: str = ""  # the name in LaTeX, where the printer's own table can't know it


@dataclass(eq=False)
class Enclosed(Expression):
    """An operand between two signs: |x|, √(x)."""

    form = "enclosed"
    left: str
    operand: Written
    right: str
    latex: tuple[str, str] | None = None  # both signs in LaTeX, where the printer's own table can't know them


@dataclass(eq=False)
class Bracket(Expression):
    """Iverson's bracket [a > b]: 1 where the relation holds, else 0."""

    form = "bracket"
    left: Written
    relation: str
    right: Written


@dataclass(eq=False)
class Phrase(Expression):
    """Words around an operand: row sum of ∂J/∂Z, b repeated to 4×400."""

    form = "phrase"
    before: str  # {axis} in the words, before or after, stands for an option of that name
    operand: Written
    after: str = ""
    options: tuple[tuple[str, Any], ...] = ()


@dataclass(eq=False)
class Repeated(Phrase):
    """b repeated to 4×400."""


@dataclass(eq=False)
class Reshaped(Phrase):
    """X as 3×2."""


@dataclass(unsafe_hash=True)
class Indexed(Expression):
    """X[:, 1:2], or one entry A[k, p]; with gaps in the index, E[words]."""

    form = "indexed"
    array: Written
    index: str
    is_entry: bool = False
    gaps: tuple[Written, ...] = ()  # what stands in the index where the sign `GAP` is


@dataclass(eq=False)
class Floored(Expression):
    """max(a, 1e−12) where a floor keeps a denominator from 0: only a, if who writes takes note and tells of the floor."""

    form = "floored"
    kept: Written
    floor: Written


@dataclass(eq=False)
class AddedUp(Expression):
    """∂J/∂H added up at [words] in zeros 5×2: the index may name a place more than once."""

    form = "added_up"
    operand: Written
    index: str
    gaps: tuple[Written, ...]  # what stands in the index where the sign `GAP` is


@dataclass(eq=False)
class IndexSum(Expression):
    """Σₚ A[k, p] · B[p, i]; without letters only the sign, 1 or −1."""

    form = "index_sum"
    letters: tuple[str, ...]
    operand: Written
    sign: int = 1


@dataclass(eq=False)
class AxisSum(Expression):
    """Σ S: the sum along an axis, which stays with size 1."""

    form = "axis_sum"
    operand: Written
    axis: int


GAP = "\ufffc"
"""In an index, where something stands that has a form of its own."""
UNIT = Number(1)
"""A gradient of 1 to pull a local derivative on, to write it by itself: the builders leave it out of products, c for 1·c."""


# What builds it


def symbol(name: str, shape: Shape = ()) -> Symbol:
    """A name."""
    return Symbol(name, shape=shape)


def number(value: Any, digits: int | None = None) -> Number:
    """A number, exactly; √3 and 1/3 where it is one, and so many digits of it if that is wanted."""
    return Number(value, digits)


def infix(left: Written, sign: str, right: Written) -> Sum:
    """A sum or difference; the sign is + or −."""
    return Sum((left, right), (1, 1 if sign == "+" else -1), shape=_larger(left, right))


def total(terms: Sequence[Written]) -> Sum:
    """a + b + c + …"""
    return Sum(tuple(terms), (1,) * len(terms), shape=terms[0].shape)


def plus(terms: Sequence[Written]) -> Written:
    """The sum of the terms, or the only one."""
    return terms[0] if len(terms) == 1 else total(terms)


def product(left: Written, right: Written, *, matrix: bool = False) -> Written:
    """A product; the shapes decide how it is written: 3(a + b), b·c, A ⊙ B, W X."""
    if isinstance(left, Repeated) and left.operand.shape == () and not matrix:
        left = left.operand  # a number times an array: nobody says that the number is repeated
    scalar = () in (left.shape, right.shape)
    return _product(
        left, right, Kind.MATRIX if matrix else Kind.SCALAR if scalar else Kind.ELEMENTWISE, _larger(left, right)
    )


def matrix_product(left: Written, right: Written) -> Written:
    """∂J/∂Z · Xᵀ: a matrix product in a backward pass, where a dot parts what is long."""
    return _product(left, right, Kind.DOTTED, (*left.shape[:-1], *right.shape[-1:]))


def _product(left: Written, right: Written, kind: Kind, shape: Shape) -> Written:
    for unit, other in ((left, right), (right, left)):
        if unit is UNIT:
            return other
        if isinstance(unit, Negation) and unit.operand is UNIT:
            return negation(other)
    return Product((left, right), kind, shape=shape)


def times(factors: Sequence[Written]) -> Written:
    """3 · 1 · c: the factors of a chain rule, or the only one."""
    return factors[0] if len(factors) == 1 else Product(tuple(factors), Kind.CHAIN)


def in_front(factor: Written, operand: Written) -> Product:
    """(1/m) A: a number in front of whatever it is."""
    return Product((factor, operand), Kind.FRONT, shape=operand.shape)


def quotient(left: Written, right: Written) -> Quotient:
    """a/b"""
    return Quotient(left, right, shape=left.shape)


def negation(operand: Written) -> Negation:
    """−a"""
    return Negation(operand, shape=operand.shape)


def power(base: Written, exponent: float | Written) -> Power:
    """a², a^0.5, aᵇ"""
    return Power(base, exponent, shape=base.shape if isinstance(exponent, float | int) else _larger(base, exponent))


def transposed(operand: Written) -> Written:
    """Aᵀ; of products that are written out (A · B)ᵀ = Bᵀ · Aᵀ, and (Aᵀ)ᵀ = A."""
    if isinstance(operand, Transpose):
        return operand.operand
    if isinstance(operand, Product) and operand.kind is Kind.DOTTED and len(operand.shape) == 2:
        left, right = operand.factors
        return Product((transposed(right), transposed(left)), Kind.DOTTED, shape=operand.shape[::-1])
    return Transpose(operand, shape=operand.shape[::-1])


def call(
    function: str | Expression, *operands: Written, options: str = "", latex: str = "", shape: Shape = (), **named: Any
) -> Call:
    """f(a, b), with what is not an operand after a semicolon: f(a; axis 0).

    Args:
        function: its name.
        operands: what it is applied to.
        options: words to stand after the operands.
        latex: the name in LaTeX, if it is not only letters.
        shape: of the value, where what stands around it asks for it.
        named: options by name, such as ``axis=(0,)``.
    """
    words = (("", options),) if options else ()
    return Call(function, operands, (*words, *named.items()), latex, shape=shape)


def enclosed(left: str, operand: Written, right: str, latex: tuple[str, str] | None = None) -> Enclosed:
    """An operand between two signs: |x|, √(x)."""
    return Enclosed(left, operand, right, latex, shape=operand.shape)


def bracket(left: Written, relation: str, right: Written, height: float = 1) -> Expression:
    """Iverson's bracket: 1 where the relation holds, else 0; times a height, 0.5[a = b]."""
    one = Bracket(left, relation, right, shape=_larger(left, right))
    return one if height == 1 else Product((Number(height), one), Kind.JOINED, shape=one.shape)


def phrase(before: str, operand: Written, after: str = "", **options: Any) -> Phrase:
    """Words around an operand: row sum of ∂J/∂Z; options such as ``axis=(0, 1)`` stand where the words say ``{axis}``."""
    return Phrase(before, operand, after, tuple(options.items()), shape=operand.shape)


def repeated(operand: Written, shape: Shape) -> Repeated:
    """An operand repeated to a larger shape; repeated twice it is repeated to the last one."""
    once = operand.operand if isinstance(operand, Repeated) else operand
    return Repeated("", once, "repeated to {shape}", (("shape", shape),), shape=shape)


def reshaped(operand: Written, shape: Shape) -> Written:
    """An operand in another shape."""
    if operand is UNIT and all(size == 1 for size in shape):
        return UNIT
    return Reshaped("", operand, "as {shape}", (("shape", shape),), shape=shape)


def placed(operand: Written, index: str, shape: Shape) -> Phrase:
    """An operand placed at an index in zeros of a shape."""
    return phrase("", operand, "placed at [{index}] in zeros {shape}", index=index, shape=shape)


def added_up(operand: Written, index: str, gaps: Sequence[Written], shape: Shape) -> Written:
    """An operand added up at an index with gaps, which may name a place more than once, in zeros of a shape."""
    return AddedUp(operand, index, tuple(gaps), shape=shape) if gaps else placed(operand, index, shape)


def indexed(
    array: Written, index: str, *, is_entry: bool = False, gaps: Sequence[Written] = (), shape: Shape = ()
) -> Indexed:
    """X[:, 1:2], or one entry A[k, p]; E[words] where the index is `GAP` and this is what stands there."""
    return Indexed(array, index, is_entry, tuple(gaps), shape=shape)


def index_sum(letters: Sequence[str], operand: Written, sign: int = 1) -> IndexSum:
    """Σₚ A[k, p] · B[p, i]"""
    return IndexSum(tuple(letters), operand, sign)


def axis_sum(operand: Written, axis: int) -> AxisSum:
    """Σ S along an axis, which stays with size 1."""
    return AxisSum(operand, axis, shape=operand.shape)


def _larger(left: Written, right: Written) -> Shape:
    return left.shape if len(left.shape) >= len(right.shape) else right.shape
