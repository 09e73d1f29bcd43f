"""Formulas in plain ASCII, as Python and NumPy write them: ``dW2 = dZ2 @ A1.T``, ``rowsum(dZ1)``."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from minigraph.formulas import tree
from minigraph.formulas.spelling import MINUS, ascii_names, ascii_words, format_exactly
from minigraph.formulas.text_printer import NO_NAMES, Layout, Met, TextPrinter
from minigraph.formulas.tree import ATOM, POWER, PREFIX, PRODUCT, SUM, Kind, Written

FUNCTIONS = {
    "σ": "sigmoid", "ReLU": "relu", "leaky ReLU": "leaky_relu", "log softmax": "log_softmax", "log σ": "log_sigmoid",
    "max": "maximum", "min": "minimum", "BCE": "bce", "CE": "cross_entropy",
    "|": "abs", "√(": "sqrt",
    "row sum of": "rowsum", "Σ over examples of": "rowsum", "column sum of": "columnsum", "Σ over rows of": "columnsum",
    "sum of": "sum", "Σ over all entries of": "sum", "sum over {axis} of": "sum", "Σ over {axis} of": "sum",
    "repeated to {shape}": "repeat", "as {shape}": "reshape", "with axes {axes}": "transpose",
    "placed at [{index}] in zeros {shape}": "place",
    "‖": "norm",
    "product of the others in": "prod_of_others", "product of the others along {axis} in": "prod_of_others",
    "running sum from the end of": "cumsum_from_end", "running sum along {axis} from the end of": "cumsum_from_end",
}  # fmt: skip
"""The functions of Python that say what a function, a bracket or a phrase says; others are spelled from their words."""
OF_ONE = {"max": "max", "min": "min"}
"""The same for those that mean something else with one operand."""
RELATIONS = {"=": "==", "≠": "!=", "≥": ">=", "≤": "<="}
NAMED = ("axis", "keepdims")
"""Options that are given by name."""
KEEP_DIMENSIONS = ("rowsum", "columnsum")
"""Sums whose axis stays with size 1, without saying so."""
AS_IN_PYTHON = (
    *("tanh", "exp", "expm1", "log", "log1p", "logaddexp", "sign", "softplus", "softmax", "mean", "where", "detach"),
    *("sin", "cos", "tan", "arcsin", "arccos", "arctan", "sinh", "cosh"),
    *("prod", "cumsum", "logsumexp", "stack"),
)
"""Functions that are called alike everywhere."""
RESERVED = frozenset({*FUNCTIONS.values(), *OF_ONE.values(), *AS_IN_PYTHON})


def to_ascii(
    written: Written,
    *,
    root: str = "J",
    exact: bool = False,
    budget: int = 2000,
    names: Mapping[Any, str] = NO_NAMES,
    spell: Callable[[str], str] | None = None,
    met: Met | None = None,
) -> str:
    """The formula in ASCII, with ... where it would be longer than ``budget`` characters.

    Args:
        written: a node or an expression.
        root: what gradients are short for derivatives of: with J, ∂J/∂W1 is dW1.
        exact: write all digits of every number.
        budget: the most characters to write.
        names: names for nodes that have none of their own, for this text only.
        spell: how names are spelled; by default by `ascii_names`, for this text only.
        met: as of `to_text`.

    Example:
        >>> import minigraph as mg
        >>> W, x = mg.parameter([[1.0, 2.0]], "W1"), mg.data([[3.0], [4.0]], "x")
        >>> to_ascii(mg.sigmoid(W @ x) * 3 + 0.5)
        'sigmoid(W1 @ x)*3 + 0.5'
    """
    return AsciiPrinter(spell or ascii_names(root, RESERVED), budget, names, False, exact, False, met).print(written)


class AsciiPrinter(TextPrinter):
    """Writes trees as Python does; for the arguments see `to_ascii`."""

    minus = "-"
    etc = "..."
    signs: ClassVar[Mapping[Kind, str]] = {kind: "*" for kind in (Kind.SCALAR, Kind.JOINED)} | {
        kind: " @ " if kind in (Kind.MATRIX, Kind.DOTTED) else " * "
        for kind in Kind
        if kind not in (Kind.SCALAR, Kind.JOINED)
    }
    leaves_out_signs = False

    def symbol(self, symbol: tree.Symbol) -> Layout:
        return Layout(ATOM, (self.spell(symbol.name),))

    def number(self, number: tree.Number) -> Layout:
        layout = super().number(number)
        return layout._replace(pieces=tuple(piece.replace("½", "0.5").replace("¼", "0.25") for piece in layout.pieces))

    def digits(self, text: str) -> str:
        return ascii_words(text).replace("NaN", "nan")

    def root(self, number: int) -> str:
        return f"sqrt({number})"

    def power(self, power: tree.Power) -> Layout:
        if not isinstance(power.exponent, float | int):
            return Layout(POWER, ("", "**", ""), (power.base, power.exponent), (ATOM, ATOM))
        exponent = format_exactly(power.exponent).replace(MINUS, "-")
        return Layout(POWER, ("", f"**{exponent}"), (power.base,), (ATOM,))

    def transpose(self, transpose: tree.Transpose) -> Layout:
        return Layout(ATOM, ("", ".T"), (transpose.operand,), (ATOM,))

    def indexed(self, indexed: tree.Indexed) -> Layout:
        layout = super().indexed(indexed)
        return layout._replace(binding=ATOM, demands=(ATOM, *layout.demands[1:]))

    def index(self, index: str) -> str:
        index = index.replace("÷", "//").replace("mod", "%").replace("·", "*")
        return tree.GAP.join(map(ascii_words, index.split(tree.GAP)))

    def added_up(self, added: tree.AddedUp) -> Layout:
        first, *rest = f"{self.index(added.index)}], {added.shape})".split(tree.GAP)
        return Layout(ATOM, ("add_at(", f", index[{first}", *rest), (added.operand, *added.gaps), (SUM,) * (1 + len(rest)))

    def call(self, call: tree.Call) -> Layout:
        options = [f", {f'{name}=' * bool(name)}{_literal(value)}" for name, value in call.options]
        return self.applied(call, "(", ", ", "".join(options) + ")")

    def function(self, call: tree.Call) -> str:
        name = str(call.function)
        one = OF_ONE.get(name) if len(call.operands) == 1 else None
        return one or FUNCTIONS.get(name) or spelled(name)

    def enclosed(self, enclosed: tree.Enclosed) -> Layout:
        name = FUNCTIONS.get(enclosed.left) or ascii_words(enclosed.left).rstrip("(")
        return _called(name, enclosed.operand)

    def bracket(self, bracket: tree.Bracket) -> Layout:
        relation = RELATIONS.get(bracket.relation) or ascii_words(bracket.relation)
        return Layout(ATOM, ("(", f" {relation} ", ")"), (bracket.left, bracket.right), (SUM, SUM))

    def phrase(self, phrase: tree.Phrase) -> Layout:
        words = f"{phrase.before} {phrase.after}".strip()
        name = OF_ONE.get(words) or FUNCTIONS.get(words) or spelled(re.sub(r"\{\w+\}|\b(of|to|at|in)\b", " ", words))
        options = [
            f", {f'{option}=' * (option in NAMED)}{_literal(value)}"
            for option, value in phrase.options
            if f"{{{option}}}" in words or (option == "keepdims" and value and name not in KEEP_DIMENSIONS)
        ]
        return _called(name, phrase.operand, "".join(options))

    def index_sum(self, total: tree.IndexSum) -> Layout:
        name = "_".join(["sum", *total.letters])
        if not total.letters:
            return Layout(PREFIX, ("-", ""), (total.operand,), (PRODUCT,), signed=0)
        return _called(f"-{name}" if total.sign < 0 else name, total.operand)

    def axis_sum(self, total: tree.AxisSum) -> Layout:
        return _called("sum", total.operand, f", axis={total.axis}, keepdims=True")


def _called(name: str, operand: Written, options: str = "") -> Layout:
    return Layout(ATOM, (f"{name}(", f"{options})"), (operand,), (SUM,))


def _literal(value: Any) -> str:
    """The value of an option, as Python writes it."""
    text = format_exactly(value).replace(MINUS, "-") if isinstance(value, float) else repr(value)
    return ascii_words(text)


def spelled(words: str) -> str:
    """A function's name made of words: log_softmax."""
    return re.sub(r"\W+", "_", ascii_words(words), flags=re.ASCII).strip("_")
