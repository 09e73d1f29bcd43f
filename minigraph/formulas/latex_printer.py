"""Formulas in LaTeX's mathematics mode."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

from minigraph.formulas import tree
from minigraph.formulas.spelling import (
    MINUS,
    UNSAID,
    format_exactly,
    latex_inline_name,
    latex_name,
    latex_text,
    latex_words,
    option_text,
)
from minigraph.formulas.text_printer import NO_NAMES, Layout, Met, TextPrinter
from minigraph.formulas.tree import ATOM, PHRASE, POWER, PREFIX, SUM, TIGHT, Kind, Written

NAMED = ("exp", "log", "max", "min", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh")
"""Functions that LaTeX has a command for, of the same name."""
FUNCTIONS = {"σ": r"\sigma"} | {name: "\\" + name for name in NAMED}
RELATIONS = {"≥": r"\ge", "≤": r"\le", "≠": r"\ne", ">": ">", "<": "<", "=": "="}
BRACKETS = {"|": r"\left|", "√(": r"\sqrt{", "(": r"\left(", "[": r"\left["}
CLOSED = {("|", "|"): r"\right|", ("√(", ")"): "}", ("(", ")"): r"\right)", ("[", "]"): r"\right]"}

_GROWING = re.compile(r"\\(?:left|right)(?=[()\[\]|])")


def to_latex(
    written: Written,
    *,
    exact: bool = False,
    budget: int = 20_000,
    names: Mapping[Any, str] = NO_NAMES,
    juxtapose: bool = False,
    met: Met | None = None,
    inline: bool = False,
) -> str:
    """The formula in LaTeX (mathematics mode), with … where it would be longer than ``budget`` characters.

    For the arguments see `to_text`; ``inline`` writes fractions with a slash, so that a line is no higher than its letters.
    """
    if inline:
        printed = InlinePrinter(latex_inline_name, budget, names, juxtapose, exact, True, met).print(written)
        return _GROWING.sub("", printed)
    return LatexPrinter(latex_name, budget, names, juxtapose, exact, False, met).print(written)


class LatexPrinter(TextPrinter):
    """Writes trees in LaTeX, where a fraction has a bar and needs no parentheses."""

    minus = "-"
    parentheses = (r"\left(", r"\right)")
    signs: ClassVar[Mapping[Kind, str]] = {
        Kind.SCALAR: r" \cdot ", Kind.ELEMENTWISE: r" \odot ", Kind.MATRIX: r" \, ", Kind.DOTTED: r" \, ",
        Kind.CHAIN: r" \cdot ", Kind.FRONT: " ", Kind.JOINED: "",
    }  # fmt: skip

    def digits(self, text: str) -> str:
        return latex_number(text)

    def root(self, number: int) -> str:
        return rf"\sqrt{{{number}}}"

    def ratio(self, above: int, below: int) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def number(self, number: tree.Number) -> Layout:
        layout = super().number(number)
        return layout._replace(pieces=tuple(latex_words(p) if p in "½¼" else p for p in layout.pieces))

    def quotient(self, quotient: tree.Quotient) -> Layout:
        return Layout(PREFIX, (r"\frac{", "}{", "}"), (quotient.above, quotient.below), (PHRASE, PHRASE), "quotient")

    def power(self, power: tree.Power) -> Layout:
        if not isinstance(power.exponent, float | int):
            return Layout(POWER, ("", "^{", "}"), (power.base, power.exponent), (ATOM, PHRASE))
        exponent = format_exactly(power.exponent).replace(MINUS, "-")
        return Layout(POWER, ("", f"^{{{exponent}}}"), (power.base,), (ATOM,))

    def transpose(self, transpose: tree.Transpose) -> Layout:
        return Layout(POWER, ("", r"^{\top}"), (transpose.operand,), (ATOM,))

    def call(self, call: tree.Call) -> Layout:
        options = [latex_words(option_text(name, value)) for name, value in call.options if name not in UNSAID]
        return self.applied(call, r"\left(", ", ", ";\\ ".join(["", *options]) + r"\right)")

    def function(self, call: tree.Call) -> str:
        name = str(call.function)
        return call.latex or FUNCTIONS.get(name) or rf"\operatorname{{{latex_text(name)}}}"

    def enclosed(self, enclosed: tree.Enclosed) -> Layout:
        known = BRACKETS.get(enclosed.left), CLOSED.get((enclosed.left, enclosed.right))
        left, right = enclosed.latex or (known[0] or latex_words(enclosed.left), known[1] or latex_words(enclosed.right))
        return Layout(ATOM, (left, right), (enclosed.operand,), (SUM,))

    def bracket(self, bracket: tree.Bracket) -> Layout:
        relation = RELATIONS.get(bracket.relation) or latex_words(f" {bracket.relation} ")
        return Layout(ATOM, (r"\left[", f" {relation} ", r"\right]"), (bracket.left, bracket.right), (SUM, SUM))

    def words(self, text: str) -> str:
        return latex_words(text)

    def sum_over(self, letter: str) -> str:
        return rf"\sum_{{{letter}}} "

    def axis_sum(self, total: tree.AxisSum) -> Layout:
        return Layout(TIGHT, (r"\sum ", ""), (total.operand,), (POWER,))


class InlinePrinter(LatexPrinter):
    """The same with a slash for fractions, as pictures write them."""

    def quotient(self, quotient: tree.Quotient) -> Layout:
        return TextPrinter.quotient(self, quotient)


def latex_number(text: str) -> str:
    """A number as it was formatted, in LaTeX: 1e−12 is a power of ten there."""
    latex = text.replace("−", "-").replace("∞", r"\infty ").replace("NaN", r"\text{NaN}")
    if "e" not in text:
        return latex
    digits, exponent = latex.split("e")
    power = "10^{" + str(int(exponent)) + "}"
    return power if digits == "1" else rf"{digits} \cdot {power}"
