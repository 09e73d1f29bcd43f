"""Formulas in plain text with mathematical letters: ``∂J/∂Z1 · A0ᵀ``, as terminals and pictures show them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, ClassVar

from minigraph.formulas.printing import NO_NAMES, Layout, Printer
from minigraph.formulas.rounding import (
    LONG,
    MINUS,
    axes_text,
    format_exactly,
    format_shape,
    fraction_of,
    root_of,
    rounded,
    shortened,
)
from minigraph.formulas.spelling import SUBSCRIPTS, as_drawn
from minigraph.formulas.tree import (
    ATOM,
    PHRASE,
    POWER,
    PREFIX,
    PRODUCT,
    SUM,
    TIGHT,
    AxisSum,
    Bracket,
    Call,
    Enclosed,
    IndexSum,
    Kind,
    Number,
    Phrase,
    Power,
    Product,
    Quotient,
    Repeated,
    Transpose,
    Written,
)

POWERS = {"2": "²", "3": "³"}
VULGAR = {Fraction(1, 2): "½", Fraction(1, 4): "¼"}


def to_text(
    written: Written,
    *,
    subscripts: bool = False,
    exact: bool = False,
    budget: int = 2000,
    names: Mapping[Any, str] = NO_NAMES,
    juxtapose: bool = False,
) -> str:
    r"""The formula in plain text, with … where it would be longer than ``budget`` characters.

    Args:
        written: a node or an expression.
        subscripts: write names as pictures do: W₁ for W1, θ₁ for theta_1; and long numbers in short: 0.1234….
        exact: write all digits of every number, and no √3 or 1/3.
        budget: the most characters to write.
        names: names for nodes that have none of their own, for this text only.
        juxtapose: write bc for b·c where both are single letters, or the left one a number.
    """
    return TextPrinter(as_drawn if subscripts else str, budget, names, juxtapose, exact, subscripts).print(written)


class TextPrinter(Printer):
    """Writes trees as text; for the arguments see `to_text`."""

    minus = MINUS
    parentheses = ("(", ")")
    etc = "…"
    signs: ClassVar[Mapping[Kind, str]] = {
        Kind.SCALAR: "·", Kind.ELEMENTWISE: " ⊙ ", Kind.MATRIX: " ", Kind.DOTTED: " · ", Kind.CHAIN: " · ", Kind.FRONT: " ",
        Kind.JOINED: "",
    }  # fmt: skip

    def __init__(
        self,
        spell: Callable[[str], str],
        budget: int,
        names: Mapping[Any, str],
        juxtapose: bool,
        exact: bool = False,
        shortens: bool = False,
    ):
        super().__init__(spell, budget, names, juxtapose)
        self.exact = exact
        self.shortens = shortens

    def number(self, number: Number) -> Layout:
        """0.5, or √3 and 1/3."""
        value = number.value
        if value in VULGAR and isinstance(value, Fraction) and not self.exact:
            return Layout(ATOM, (VULGAR[value],))
        text = format_exactly(value) if number.digits is None or self.exact else rounded(value, number.digits)
        if isinstance(value, Fraction):
            return self._fraction(value)
        if number.digits is None and not self.exact and len(text.removeprefix(MINUS)) > LONG:
            if root := root_of(value):
                return Layout(PREFIX if value < 0 else ATOM, (f"{self.minus if value < 0 else ''}{self.root(root)}",))
            if fraction := fraction_of(value):
                return self._fraction(fraction)
            text = shortened(text) if self.shortens else text
        return Layout(PREFIX if text.startswith(MINUS) else ATOM, (self.digits(text),))

    def _fraction(self, fraction: Fraction) -> Layout:
        sign = self.minus if fraction < 0 else ""
        return Layout(PRODUCT, (sign + self.ratio(abs(fraction.numerator), fraction.denominator),), group="number")

    def digits(self, text: str) -> str:
        """Digits as they were formatted."""
        return text

    def root(self, number: int) -> str:
        """√3"""
        return f"√{number}"

    def ratio(self, above: int, below: int) -> str:
        """1/3"""
        return f"{above}/{below}"

    def quotient(self, quotient: Quotient) -> Layout:
        return Layout(PRODUCT, ("", "/", ""), (quotient.above, quotient.below), (TIGHT, PREFIX), "quotient", 1)

    def power(self, power: Power) -> Layout:
        text = format_exactly(power.exponent)
        raised = POWERS.get(text) or (f"^{text}" if text.isdigit() else f"^({text})")
        return Layout(POWER, ("", raised), (power.base,), (ATOM,))

    def transpose(self, transpose: Transpose) -> Layout:
        return Layout(POWER, ("", "ᵀ"), (transpose.operand,), (ATOM,))

    def call(self, call: Call) -> Layout:
        options = "; ".join(["", *(option_text(name, value) for name, value in call.options if name != "keepdims")])
        return self.applied(call, "(", ", ", f"{options})")

    def applied(self, call: Call, opened: str, comma: str, closed: str) -> Layout:
        """f(a, b), with the signs that are given."""
        commas = (comma,) * (len(call.operands) - 1)
        demands = (SUM,) * len(call.operands)
        if isinstance(call.function, str):
            begin = self.function(call) + opened
            pieces = (begin, *commas, closed) if call.operands else (begin + closed,)
            return Layout(ATOM, pieces, call.operands, demands)
        return Layout(ATOM, ("", opened, *commas, closed), (call.function, *call.operands), (POWER, *demands))

    def function(self, call: Call) -> str:
        """The name of what is called."""
        return str(call.function)

    def enclosed(self, enclosed: Enclosed) -> Layout:
        return Layout(ATOM, (enclosed.left, enclosed.right), (enclosed.operand,), (SUM,))

    def bracket(self, bracket: Bracket) -> Layout:
        return Layout(ATOM, ("[", f" {bracket.relation} ", "]"), (bracket.left, bracket.right), (SUM, SUM))

    def phrase(self, phrase: Phrase) -> Layout:
        before, after = filled(phrase)
        pieces = self.words(before and f"{before} "), self.words(after and f" {after}")
        group = "repeated" if isinstance(phrase, Repeated) else ""  # (G·(1/m)) repeated to 1×4: not m repeated
        return Layout(PHRASE, pieces, (phrase.operand,), (PRODUCT,), group)

    def words(self, text: str) -> str:
        """Words in a formula."""
        return text

    def index_sum(self, total: IndexSum) -> Layout:
        signs = "".join(self.sum_over(letter) for letter in total.letters)
        return Layout(PRODUCT, ((self.minus if total.sign < 0 else "") + signs, ""), (total.operand,), (PRODUCT,))

    def sum_over(self, letter: str) -> str:
        """Σₚ"""
        return f"Σ{letter.translate(SUBSCRIPTS)} "

    def axis_sum(self, total: AxisSum) -> Layout:
        is_product = isinstance(self.resolved(total.operand), Product)
        return Layout(TIGHT, ("Σ" if is_product else "Σ ", ""), (total.operand,), (POWER,))


def filled(phrase: Phrase) -> tuple[str, str]:
    """The words of a phrase, before and after its operand, with what stands in them."""
    if not phrase.options:
        return phrase.before, phrase.after
    texts = {name: option_value(name, value) for name, value in phrase.options}
    return phrase.before.format_map(texts), phrase.after.format_map(texts)


def option_value(name: str, value: Any) -> str:
    """The value of an option as formulas say it: 4×400 for a shape, axes 0, 2."""
    if name == "shape":
        return format_shape(value)
    if name == "axis":
        return axes_text(value if isinstance(value, tuple) else (value,))
    return format_exactly(value) if isinstance(value, float) else str(value)


def option_text(name: str, value: Any) -> str:
    """An option of a call: axis 0; slope 0.2."""
    text = option_value(name, value)
    return text if name in ("", "axis") else f"{name} {text}"
