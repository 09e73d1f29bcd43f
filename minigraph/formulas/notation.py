"""Formulas: a small expression tree with two printers, text and LaTeX.

An `Expression` is a row of fixed pieces with operands between them. An operand is another expression
or a node, which is asked for its expression when a printer gets there: so printing is iterative,
lazy, and stops at a budget however deep the graph is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Any, Protocol

from minigraph.formulas.latex import latex_name, latex_number, latex_text, latex_words, with_letters

# How tightly a form binds. An operand that binds less than its place demands gets parentheses.
PHRASE, SUM, PRODUCT, TIGHT, PREFIX, POWER, ATOM, ENCLOSED = range(8)

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
MINUS = "−"
LONG = 8
"""A number that takes more characters than this is written as a root or a fraction, if it is one."""
NO_NAMES: Mapping[Any, str] = MappingProxyType({})


class Written(Protocol):
    """What can stand in a formula: an expression, or a node."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the value that is written; () is a scalar."""

    def expression(self) -> Expression:
        """The thing as an expression."""


@dataclass(frozen=True, slots=True)
class Expression:
    """Pieces of text with operands between them.

    Attributes:
        binding: how tightly it binds, from PHRASE to ATOM.
        text: the fixed pieces in plain text, one more than there are operands.
        latex: the same pieces in LaTeX.
        operands: what stands between the pieces.
        demands: how tightly each operand must bind to stand without parentheses.
        shape: shape of the value that is written.
        kind: products of different kinds (⊙, ·, matrix) don't mix without parentheses.
        name: of a symbol, the name that the printers turn into letters and subscripts.
    """

    binding: int
    text: tuple[str, ...]
    latex: tuple[str, ...]
    operands: tuple[Written, ...] = ()
    demands: tuple[int, ...] = ()
    shape: tuple[int, ...] = ()
    kind: str = ""
    name: str = ""

    def expression(self) -> Expression:
        """Itself."""
        return self


# Building


def symbol(name: str, shape: tuple[int, ...] = ()) -> Expression:
    """A name."""
    tight = POWER if any(sign in name for sign in "/· ") else ATOM
    return Expression(tight, (name,), (name,), shape=shape, name=name)


def number(value: Any) -> Expression:
    """A number, exactly: the shortest digits that give it back, or √3 and 1/3 where these are long."""
    text = format_exactly(value)
    sign, size = (MINUS, text[1:]) if text.startswith(MINUS) else ("", text)
    latex = latex_number(text)
    binding = PREFIX if sign else ATOM
    if len(size) > LONG and (root := round(float(value) ** 2)) < 100 and type(value)(math.sqrt(root)) == abs(value):
        text, latex = f"{sign}√{root}", rf"{sign and '-'}\sqrt{{{root}}}"
    elif len(size) > LONG and (ratio := Fraction(abs(float(value))).limit_denominator(99)).numerator in range(1, 100):
        above, below = ratio.as_integer_ratio()
        if type(value)(above / below) == abs(value):
            binding, text, latex = PRODUCT, f"{sign}{above}/{below}", rf"{sign and '-'}\frac{{{above}}}{{{below}}}"
    return Expression(binding, (text,), (latex,), kind="number")


def infix(left: Written, sign: str, right: Written, latex: str | None = None) -> Expression:
    """A sum or difference."""
    shape = left.shape if len(left.shape) >= len(right.shape) else right.shape
    demands = (SUM, PRODUCT if sign == MINUS else SUM)
    return Expression(SUM, ("", f" {sign} ", ""), ("", f" {latex or sign} ", ""), (left, right), demands, shape)


def total(terms: tuple[Written, ...]) -> Expression:
    """a + b + c + …"""
    inner = (" + ",) * (len(terms) - 1)
    return Expression(SUM, ("", *inner, ""), ("", *inner, ""), terms, (SUM,) * len(terms), terms[0].shape)


def product(left: Written, right: Written, *, matrix: bool = False) -> Expression:
    """A product; the shapes decide how it is written: 3(a + b), b·c, A ⊙ B, W X.

    Whether the sign is left out before a sum in parentheses is seen when it is printed: see `_resolved`.
    """
    if isinstance(left, Expression) and left.kind == "repeated" and left.operands[0].shape == () and not matrix:
        left = left.operands[0]  # a number times an array: nobody says that the number is repeated
    text, latex, kind = ("·", r" \cdot ", "·") if left.shape == () or right.shape == () else (" ⊙ ", r" \odot ", "⊙")
    if matrix:
        text, latex, kind = " ", r" \, ", "matrix"
    shape = left.shape if len(left.shape) >= len(right.shape) else right.shape
    return Expression(
        PRODUCT, ("", text, ""), ("", latex, ""), (left, right), (PRODUCT, PRODUCT), shape, kind
    )  # fmt: skip


def quotient(left: Written, right: Written) -> Expression:
    """a/b"""
    return Expression(PRODUCT, ("", "/", ""), (r"\frac{", "}{", "}"), (left, right), (TIGHT, PREFIX), left.shape, "/")


def negation(operand: Written) -> Expression:
    """−a"""
    return Expression(PREFIX, (MINUS, ""), ("-", ""), (operand,), (PRODUCT,), operand.shape)


def power(base: Written, exponent: float) -> Expression:
    """a², a^0.5"""
    text = format_exactly(exponent)
    raised = {"2": "²", "3": "³"}.get(text) or (f"^{text}" if text.isdigit() else f"^({text})")
    latex = "^{" + text.replace(MINUS, "-") + "}"
    return Expression(POWER, ("", raised), ("", latex), (base,), (ATOM,), base.shape)


def transposed(operand: Written) -> Written:
    """Aᵀ; of products that are written out (A · B)ᵀ = Bᵀ · Aᵀ, and (Aᵀ)ᵀ = A."""
    if isinstance(operand, Expression) and operand.text == ("", "ᵀ"):
        return operand.operands[0]
    if isinstance(operand, Expression) and operand.kind == "matrix" and operand.text[1] == " · ":
        left, right = operand.operands
        return replace(operand, operands=(transposed(right), transposed(left)), shape=operand.shape[::-1])
    return Expression(POWER, ("", "ᵀ"), ("", r"^{\top}"), (operand,), (ATOM,), operand.shape[::-1])


def call(function: str, *operands: Written, options: str = "", latex: str | None = None) -> Expression:
    """f(a, b), with what is not an operand after a semicolon: f(a; axis 0)."""
    inner = (", ",) * (len(operands) - 1)
    end = f"; {options})" if options else ")"
    named = latex or rf"\operatorname{{{latex_text(function)}}}"
    latex_end = rf";\ {latex_words(options)}\right)" if options else r"\right)"
    return Expression(
        ATOM, (f"{function}(", *inner, end), (rf"{named}\left(", *inner, latex_end), operands, (SUM,) * len(operands)
    )  # fmt: skip


def enclosed(left: str, operand: Written, right: str, latex: tuple[str, str]) -> Expression:
    """An operand between brackets: [Z > 0], |x|, √(x)."""
    return Expression(ATOM, (left, right), latex, (operand,), (SUM,), operand.shape)


def phrase(before: str, operand: Written, after: str = "") -> Expression:
    """Words around an operand: row sum of ∂J/∂Z."""
    return Expression(
        PHRASE,
        (f"{before} " if before else "", f" {after}" if after else ""),
        (latex_words(f"{before} ") if before else "", latex_words(f" {after}") if after else ""),
        (operand,),
        (PRODUCT,),
        operand.shape,
    )


def repeated(operand: Written, shape: tuple[int, ...], text: str) -> Expression:
    """An operand repeated to a larger shape; repeated twice it is repeated to the last one."""
    if isinstance(operand, Expression) and operand.kind == "repeated":
        operand = operand.operands[0]
    return replace(phrase("", operand, f"repeated to {text}"), shape=shape, kind="repeated")


# Numbers


def format_exactly(value: Any) -> str:
    """The number with no digit lost, whole numbers without a point: 3, 0.1, 1e−12."""
    if not math.isfinite(value):
        return {"inf": "∞", "-inf": f"{MINUS}∞"}.get(str(float(value)), "NaN")
    text = str(int(value)) if float(value).is_integer() and abs(value) < 1e16 else str(value)
    return text.replace("-", MINUS)


def _shortened(text: str) -> str:
    """A long decimal number with its first digits only, and … to say that there are more."""
    digits, exponent_sign, exponent = text.partition("e")
    whole, _, after = digits.partition(".")
    leading = len(after) - len(after.lstrip("0")) if whole.strip(f"{MINUS}0") == "" else -len(whole.lstrip(MINUS))
    kept = max(1, 4 + leading)
    return text if len(after) <= kept + 2 else f"{whole}.{after[:kept]}…{exponent_sign}{exponent}"


# Printing


def to_text(
    written: Written,
    *,
    subscripts: bool = False,
    budget: int = 2000,
    names: Mapping[Any, str] = NO_NAMES,
    juxtapose: bool = False,
) -> str:
    r"""The formula in plain text, with … where it would be longer than ``budget`` characters.

    Args:
        written: a node or an expression.
        subscripts: write names as pictures do: W₁ for W1, Γ for ``\Gamma``; and long numbers in short: 0.1234….
        budget: the most characters to write.
        names: names for nodes that have none of their own, for this text only.
        juxtapose: write bc for b·c where both are single letters, or the left one a number.
    """
    spell = as_drawn if subscripts else str
    return _print(written, _Style("text", spell, ("(", ")"), budget, names, juxtapose, shortens=subscripts))


def to_latex(written: Written, *, budget: int = 20_000, names: Mapping[Any, str] = NO_NAMES, juxtapose: bool = False) -> str:
    """The formula in LaTeX (mathematics mode), with … where it would be longer than ``budget`` characters.

    For the arguments see `to_text`.
    """
    return _print(written, _Style("latex", latex_name, (r"\left(", r"\right)"), budget, names, juxtapose))


@dataclass(frozen=True, slots=True)
class _Style:
    """How a printer writes: which pieces, how names are spelt, what parentheses look like."""

    pieces: str
    spell: Callable[[str], str]
    parentheses: tuple[str, str]
    budget: int
    names: Mapping[Any, str]
    juxtapose: bool
    shortens: bool = False


def _print(written: Written, style: _Style) -> str:
    done: list[str] = []
    length = 0
    waiting: list[str | tuple[Written, int, str]] = [(written, PHRASE, "")]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            done.append(item)
            length += len(item)
            if length > style.budget:
                return "".join(done)[: style.budget] + "…"
            continue
        thing, demand, kind = item
        expression = _resolved(_expression(thing, style.names), style)
        fixed: tuple[str, ...] = (style.spell(expression.name),) if expression.name else getattr(expression, style.pieces)
        if expression.kind == "number" and style.shortens:
            fixed = (_shortened(fixed[0]),)
        row: list[str | tuple[Written, int, str]] = [fixed[0]]
        is_fraction = expression.kind == "/" and style.pieces == "latex"  # its bar does what parentheses do in text
        pieces = zip(expression.text, expression.operands, expression.demands, fixed[1:], strict=False)
        for before, operand, needed, piece in pieces:
            if is_fraction:
                needed = PHRASE
            elif _ends_with_sign(before, expression) and _begins_with_minus(operand, style):
                needed = ENCLOSED
            row += [(operand, needed, expression.kind), piece]
        mixes = expression.binding == PRODUCT == demand and kind and expression.kind != kind
        if not (is_fraction and demand <= PREFIX) and (expression.binding < demand or mixes):
            row = [style.parentheses[0], *row, style.parentheses[1]]
        waiting.extend(reversed(row))
    return "".join(done)


def _expression(thing: Written, names: Mapping[Any, str]) -> Expression:
    """The thing's expression; its name in this text, if it has one here."""
    if names and not isinstance(thing, Expression) and thing in names:
        return symbol(names[thing], thing.shape)
    return thing.expression()


def _resolved(expression: Expression, style: _Style) -> Expression:
    """A product as it reads best: 3(a + b), a·(−b), c·(2(a − b)), and bc if that is wanted."""
    if expression.kind not in ("·", "⊙", "matrix") or len(expression.operands) != 2:
        return expression
    left, right = (_expression(operand, style.names) for operand in expression.operands)
    if _is_tight(expression, style):
        return replace(expression, binding=TIGHT, text=("", "", ""), latex=("", "", ""), kind="tight")
    if _is_tight(right, style):
        return replace(expression, demands=(PRODUCT, POWER))
    if expression.kind == "matrix":
        return expression
    if style.juxtapose and left != right and _is_letter(right, style) and (_is_letter(left, style) or _is_whole(left)):
        return replace(expression, text=("", "", ""), latex=("", "", ""))
    if right.binding == PREFIX:
        return replace(expression, demands=(PRODUCT, POWER))
    return expression


def _is_tight(expression: Expression, style: _Style) -> bool:
    """Whether the sign of a product is left out before a sum in parentheses; ⊙ never is: A(1 − A) reads as a call."""
    if expression.kind != "·" or len(expression.operands) != 2:
        return False
    left, right = (_expression(operand, style.names) for operand in expression.operands)
    return right.binding == SUM and _stands_alone(left, style)


def _stands_alone(left: Expression, style: _Style, steps: int = 8) -> bool:
    """Whether what is written before a parenthesis can't be misread: 3, a, σ(x), (a + b), a(b + c); but not f or rate."""
    while left.binding == PRODUCT and left.kind == "·" and len(left.operands) == 2 and steps:
        following, right = (_expression(operand, style.names) for operand in left.operands)
        if right.binding != SUM:
            return False
        left, steps = following, steps - 1
    if left.name:
        return left.name in tuple("abcdeijklmnopqrstuvwxyz") and left.shape == ()
    return left.binding in (SUM, TIGHT, ATOM)


def _ends_with_sign(piece: str, expression: Expression) -> bool:
    """Whether a minus after this piece would be the second sign in a row."""
    return piece.rstrip()[-1:] in tuple(f"{MINUS}+·⊙/") or (expression.kind == "matrix" and piece != "")


def _begins_with_minus(thing: Written, style: _Style, steps: int = 50) -> bool:
    """Whether the first character that is written is a minus."""
    expression = _resolved(_expression(thing, style.names), style)
    while expression.text[0] == "" and expression.operands and steps:
        if expression.kind == "/" and style.pieces == "latex":
            return False
        kind, demand = expression.kind, expression.demands[0]
        expression, steps = _resolved(_expression(expression.operands[0], style.names), style), steps - 1
        mixes = expression.binding == PRODUCT == demand and kind and expression.kind != kind
        if expression.binding < demand or mixes:
            return False
    return expression.text[0].startswith(MINUS)


def _is_letter(expression: Expression, style: _Style) -> bool:
    """x, or a power of it."""
    if expression.binding == POWER and len(expression.operands) == 1:
        expression = _expression(expression.operands[0], style.names)
    return len(expression.name) == 1 and expression.shape == ()


def _is_whole(expression: Expression) -> bool:
    return expression.binding == ATOM and not expression.operands and expression.text[0].isdigit()


def with_subscripts(name: str) -> str:
    """The name with the digits that follow a letter below the line: W1 → W₁, ∂J/∂W12 → ∂J/∂W₁₂."""
    return re.sub(r"(?<=[^\W\d_])\d+(?!\w)", lambda digits: digits.group().translate(SUBSCRIPTS), name)


def as_drawn(name: str) -> str:
    r"""The name as pictures write it: W₁ for W1, and TeX's letters as letters, Γ for ``\Gamma``."""
    return with_subscripts(with_letters(name))
