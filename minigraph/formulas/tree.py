"""The formula tree: what stands in a formula, said once for every printer.

Each class below is one form: a sum, a product, a phrase. Its operands are other forms or graph nodes, which are asked for
their form when a printer gets there: so a formula is lazy, and printing it iterative, however deep the graph is.
"""

from __future__ import annotations

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
    """A form with its operands."""

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
    """a², a^(0.5)"""

    form = "power"
    base: Written
    exponent: float


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
    """X[:, 1:2], or one entry A[k, p]."""

    form = "indexed"
    array: Written
    index: str
    is_entry: bool = False


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


UNIT = Number(1)
"""A gradient of 1 to pull a local derivative on, to write it by itself: the builders leave it out of products, c for 1·c."""
