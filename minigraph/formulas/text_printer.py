"""Formulas in plain text with mathematical letters: ``∂J/∂Z1 · A0ᵀ``, as terminals and pictures show them.

The other printers build on this one: on its walk through the tree, where parentheses stand, and how long a text gets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from minigraph.formulas import tree
from minigraph.formulas.spelling import (
    LONG,
    MINUS,
    SUBSCRIPTS,
    UNSAID,
    as_drawn,
    format_exactly,
    format_shape,
    fraction_of,
    option_text,
    option_value,
    root_of,
    rounded,
    shortened,
)
from minigraph.formulas.tree import ATOM, ENCLOSED, PHRASE, POWER, PREFIX, PRODUCT, SUM, TIGHT, Expression, Kind, Written

if TYPE_CHECKING:
    from fractions import Fraction

NO_NAMES: Mapping[Any, str] = MappingProxyType({})
NEVER = 1 << 60
MOST_LEFT = 50
"""So many operands deep it is looked whether a formula begins with a minus."""
MOST_FACTORS = 8
"""So many factors back it is looked what stands before a parenthesis."""
LONE_LETTERS = frozenset("abcdeijklmnopqrstuvwxyz")
"""What can stand before a parenthesis and is no function: f, g and h are."""
POWERS = {"2": "²", "3": "³"}
VULGAR: dict[Any, str] = {0.5: "½", 0.25: "¼"}


@dataclass
class Met:
    """What stood in formulas, for those who say below what it means.

    Attributes:
        forms: the forms, and the kinds of products.
        named: nodes that were written by their names, with these.
        floors: what denominators hold, and the floor that keeps it from 0, which was left out.
    """

    forms: set[type[Expression] | Kind] = field(default_factory=set)
    named: dict[Written, str] = field(default_factory=dict)
    floors: dict[Written, Written] = field(default_factory=dict)

    def note(self, thing: Written, expression: Expression) -> None:
        """Take note of a thing that is written as this expression."""
        self.forms.add(expression.kind if isinstance(expression, tree.Product) else type(expression))
        if isinstance(expression, tree.Symbol):
            self.named[thing] = expression.name


def to_text(
    written: Written,
    *,
    subscripts: bool = False,
    exact: bool = False,
    budget: int = 2000,
    names: Mapping[Any, str] = NO_NAMES,
    juxtapose: bool = False,
    met: Met | None = None,
) -> str:
    r"""The formula in plain text, with … where it would be longer than ``budget`` characters.

    Args:
        written: a node or an expression.
        subscripts: write names as pictures do: W₁ for W1, θ₁ for theta_1; and long numbers in short: 0.1234….
        exact: write all digits of every number, and no √3 or 1/3.
        budget: the most characters to write.
        names: names for nodes that have none of their own, for this text only.
        juxtapose: write bc for b·c where both are single letters, or the left one a number.
        met: takes note of what is written. Floors under denominators are left out then: tell them from it.
    """
    return TextPrinter(as_drawn if subscripts else str, budget, names, juxtapose, exact, subscripts, met).print(written)


class Layout(NamedTuple):
    """How a form is written: fixed pieces, with the operands between them."""

    binding: int  # how tightly it binds, from PHRASE to ATOM
    pieces: tuple[str, ...]  # one more than there are operands
    operands: tuple[Written, ...] = ()
    demands: tuple[int, ...] = ()  # how tightly each operand must bind to stand without parentheses
    group: str = ""  # products of different groups don't mix without parentheses
    signed: int = NEVER  # from this operand on, a sign stands before each, so that no other may follow


class TextPrinter:
    """Writes trees as text; for the arguments see `to_text`.

    Its methods are named like the forms of the tree, and give a `Layout` each. Other printers differ in some of them.
    """

    minus = MINUS
    parentheses = ("(", ")")
    etc = "…"
    signs: ClassVar[Mapping[Kind, str]] = {
        Kind.SCALAR: "·", Kind.ELEMENTWISE: " ⊙ ", Kind.MATRIX: " ", Kind.DOTTED: " · ", Kind.CHAIN: " · ", Kind.FRONT: " ",
        Kind.JOINED: "",
    }  # fmt: skip
    groups: ClassVar[Mapping[Kind, str]] = {kind: kind.name for kind in Kind} | {
        Kind.DOTTED: Kind.MATRIX.name, Kind.CHAIN: "", Kind.FRONT: "",
    }  # fmt: skip
    leaves_out_signs = True

    def __init__(
        self,
        spell: Callable[[str], str],
        budget: int,
        names: Mapping[Any, str],
        juxtapose: bool,
        exact: bool = False,
        shortens: bool = False,
        met: Met | None = None,
    ):
        self.spell = spell
        self.budget = budget
        self.names = names
        self.juxtapose = juxtapose
        self.exact = exact
        self.shortens = shortens
        self.met = met

    def print(self, written: Written) -> str:
        """The text, with … where it would be longer than the budget."""
        done: list[str] = []
        length = 0
        waiting: list[str | tuple[Written, int, str, bool]] = [(written, PHRASE, "", False)]
        while waiting:
            item = waiting.pop()
            if isinstance(item, str):
                done.append(item)
                length += len(item)
                if length > self.budget:
                    return "".join(done)[: self.budget] + self.etc
                continue
            thing, demand, group, is_behind_sign = item
            expression = self.resolved(thing)
            layout = self.layout(expression)
            passes_on = False
            if is_behind_sign and self.begins_with_minus(layout):
                passes_on = isinstance(expression, tree.Product) and expression.kind is Kind.CHAIN  # 2 + (−1) · 3
                demand = demand if passes_on else ENCLOSED
            row: list[str | tuple[Written, int, str, bool]] = [layout.pieces[0]]
            for place, (operand, needed) in enumerate(zip(layout.operands, layout.demands, strict=True)):
                behind = place >= layout.signed or (passes_on and place == 0)
                row += [(operand, needed, layout.group, behind), layout.pieces[place + 1]]
            if _is_enclosed(layout, demand, group):
                row = [self.parentheses[0], *row, self.parentheses[1]]
            waiting.extend(reversed(row))
        return "".join(done)

    def resolved(self, thing: Written) -> Expression:
        """The thing's expression; its name in this text, if it has one here."""
        if self.names and not isinstance(thing, Expression) and thing in self.names:
            expression: Expression = tree.Symbol(self.names[thing], shape=thing.shape)
        else:
            expression = thing.expression()
        if self.met is not None:
            if isinstance(expression, tree.Floored):
                self.met.floors[expression.kept] = expression.floor
                return self.resolved(expression.kept)
            self.met.note(thing, expression)
        return expression

    def layout(self, expression: Expression) -> Layout:
        """How the form is written."""
        layout: Layout = getattr(self, expression.form)(expression)
        return layout

    def begins_with_minus(self, layout: Layout) -> bool:
        """Whether the first character that is written is a minus."""
        steps = MOST_LEFT
        while layout.pieces[0] == "" and layout.operands and steps:
            inner = self.layout(self.resolved(layout.operands[0]))
            if _is_enclosed(inner, layout.demands[0], layout.group):
                return False
            layout, steps = inner, steps - 1
        return layout.pieces[0].startswith(self.minus)

    # The forms

    def symbol(self, symbol: tree.Symbol) -> Layout:
        """W1"""
        return Layout(POWER if any(sign in symbol.name for sign in "/· ") else ATOM, (self.spell(symbol.name),))

    def sum(self, total: tree.Sum) -> Layout:
        """a − b + c"""
        signs = [" + " if sign > 0 else f" {self.minus} " for sign in total.signs[1:]]
        demands = tuple(SUM if sign > 0 else PRODUCT for sign in total.signs)
        return Layout(SUM, ("", *signs, ""), total.terms, demands, signed=1)

    def negation(self, negation: tree.Negation) -> Layout:
        """−a"""
        return Layout(PREFIX, (self.minus, ""), (negation.operand,), (PRODUCT,), signed=0)

    def product(self, product: tree.Product) -> Layout:
        """A product as it reads best: 3(a + b), c·(2(a − b)), and bc if that is wanted."""
        kind, factors = product.kind, product.factors
        sign, group, count = self.signs[kind], self.groups[kind], len(factors)
        demands = (PRODUCT,) * count
        if kind is Kind.FRONT:
            demands = (PREFIX, PRODUCT)
        elif self.leaves_out_signs and kind is not Kind.CHAIN:
            if self._is_tight(product):
                return Layout(TIGHT, ("", "", ""), factors, demands, "tight")
            if self._is_tight(right := self.resolved(factors[1])):
                demands = (PRODUCT, POWER)
            elif self.juxtapose and kind is Kind.SCALAR and self._is_side_by_side(factors[0], right):
                return Layout(PRODUCT, ("", "", ""), factors, demands, group)
        return Layout(PRODUCT, ("", *[sign] * (count - 1), ""), factors, demands, group, 1)

    def _is_tight(self, product: Expression) -> bool:
        """Whether a product has no sign before a sum in parentheses; ⊙ always has one: A(1 − A) reads as a call."""
        if not isinstance(product, tree.Product) or product.kind is not Kind.SCALAR:
            return _is_joined(product)
        left, right = product.factors
        return isinstance(self.resolved(right), tree.Sum) and self._stands_alone(self.resolved(left))

    def _stands_alone(self, left: Expression) -> bool:
        """Whether what stands before a parenthesis can't be misread: 3, a, σ(x), (a + b), a(b + c); but not f or rate."""
        steps = MOST_FACTORS
        while isinstance(left, tree.Product) and left.kind is Kind.SCALAR and steps:
            if not isinstance(self.resolved(left.factors[1]), tree.Sum):
                return False
            left, steps = self.resolved(left.factors[0]), steps - 1
        if isinstance(left, tree.Symbol):
            return left.name in LONE_LETTERS and left.shape == ()
        if isinstance(left, tree.Number):
            return self.layout(left).binding == ATOM
        return isinstance(left, tree.Sum | tree.Call | tree.Enclosed | tree.Bracket) or _is_joined(left)

    def _is_side_by_side(self, left: Written, right: Expression) -> bool:
        """Whether two factors need no sign: bc, 2x²; but a·a."""
        first = self.resolved(left)
        return self._is_letter(right) and (self._is_letter(first) or _is_whole(first)) and first != right

    def _is_letter(self, expression: Expression) -> bool:
        """x, or a power of it, or its transpose."""
        if isinstance(expression, tree.Power | tree.Transpose | tree.Indexed):
            inner, *rest = self.layout(expression).operands
            if rest:  # an exponent may end in a letter too
                return False
            expression = self.resolved(inner)
        return isinstance(expression, tree.Symbol) and len(expression.name) == 1 and expression.shape == ()

    def indexed(self, indexed: tree.Indexed) -> Layout:
        """X[:, 1:2]"""
        first, *rest = f"[{self.index(indexed.index)}]".split(tree.GAP)
        demands = (POWER if indexed.is_entry else ATOM, *[SUM] * len(rest))
        return Layout(POWER, ("", first, *rest), (indexed.array, *indexed.gaps), demands)

    def index(self, index: str) -> str:
        """What stands in brackets, but for its gaps."""
        return index

    def added_up(self, added: tree.AddedUp) -> Layout:
        """∂J/∂H added up at [words] in zeros 5×2"""
        first, *rest = f"{added.index}] in zeros {format_shape(added.shape)}".split(tree.GAP)
        pieces = [self.words(piece) for piece in (f" added up at [{first}", *rest)]
        return Layout(PHRASE, ("", *pieces), (added.operand, *added.gaps), (PRODUCT, *[SUM] * len(rest)))

    def number(self, number: tree.Number) -> Layout:
        """0.5, or √3 and 1/3."""
        from fractions import Fraction  # not at the start, where it costs a tenth of the time

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

    def floored(self, floored: tree.Floored) -> Layout:
        """max(a, 1e−12)"""
        return self.layout(tree.call("max", floored.kept, floored.floor))

    def quotient(self, quotient: tree.Quotient) -> Layout:
        return Layout(PRODUCT, ("", "/", ""), (quotient.above, quotient.below), (TIGHT, PREFIX), "quotient", 1)

    def power(self, power: tree.Power) -> Layout:
        if not isinstance(power.exponent, float | int):
            return Layout(POWER, ("", "^", ""), (power.base, power.exponent), (ATOM, ATOM))
        text = format_exactly(power.exponent)
        raised = POWERS.get(text) or (f"^{text}" if text.isdigit() else f"^({text})")
        return Layout(POWER, ("", raised), (power.base,), (ATOM,))

    def transpose(self, transpose: tree.Transpose) -> Layout:
        return Layout(POWER, ("", "ᵀ"), (transpose.operand,), (ATOM,))

    def call(self, call: tree.Call) -> Layout:
        options = "; ".join(["", *(option_text(name, value) for name, value in call.options if name not in UNSAID)])
        return self.applied(call, "(", ", ", f"{options})")

    def applied(self, call: tree.Call, opened: str, comma: str, closed: str) -> Layout:
        """f(a, b), with the signs that are given."""
        commas = (comma,) * (len(call.operands) - 1)
        demands = (SUM,) * len(call.operands)
        if isinstance(call.function, str):
            begin = self.function(call) + opened
            pieces = (begin, *commas, closed) if call.operands else (begin + closed,)
            return Layout(ATOM, pieces, call.operands, demands)
        return Layout(ATOM, ("", opened, *commas, closed), (call.function, *call.operands), (POWER, *demands))

    def function(self, call: tree.Call) -> str:
        """The name of what is called."""
        return str(call.function)

    def enclosed(self, enclosed: tree.Enclosed) -> Layout:
        return Layout(ATOM, (enclosed.left, enclosed.right), (enclosed.operand,), (SUM,))

    def bracket(self, bracket: tree.Bracket) -> Layout:
        return Layout(ATOM, ("[", f" {bracket.relation} ", "]"), (bracket.left, bracket.right), (SUM, SUM))

    def phrase(self, phrase: tree.Phrase) -> Layout:
        before, after = filled(phrase)
        pieces = self.words(before and f"{before} "), self.words(after and f" {after}")
        group = "repeated" if isinstance(phrase, tree.Repeated) else ""  # (G·(1/m)) repeated to 1×4: not m repeated
        return Layout(PHRASE, pieces, (phrase.operand,), (PRODUCT,), group)

    def words(self, text: str) -> str:
        """Words in a formula."""
        return text

    def index_sum(self, total: tree.IndexSum) -> Layout:
        signs = "".join(self.sum_over(letter) for letter in total.letters)
        return Layout(PRODUCT, ((self.minus if total.sign < 0 else "") + signs, ""), (total.operand,), (PRODUCT,))

    def sum_over(self, letter: str) -> str:
        """Σₚ"""
        return f"Σ{letter.translate(SUBSCRIPTS)} "

    def axis_sum(self, total: tree.AxisSum) -> Layout:
        is_product = isinstance(self.resolved(total.operand), tree.Product)
        return Layout(TIGHT, ("Σ" if is_product else "Σ ", ""), (total.operand,), (POWER,))


def _is_enclosed(layout: Layout, demand: int, group: str) -> bool:
    """Whether parentheses stand around it where so tight a binding is demanded, in a product of such a group."""
    mixes = layout.binding == PRODUCT == demand and group != "" and layout.group != group
    return layout.binding < demand or mixes


def _is_joined(expression: Expression) -> bool:
    return isinstance(expression, tree.Product) and expression.kind is Kind.JOINED


def _is_whole(expression: Expression) -> bool:
    return isinstance(expression, tree.Number) and expression.value >= 0 and float(expression.value).is_integer()


def filled(phrase: tree.Phrase) -> tuple[str, str]:
    """The words of a phrase, before and after its operand, with what stands in them."""
    if not phrase.options:
        return phrase.before, phrase.after
    texts = {name: option_value(name, value) for name, value in phrase.options}
    return phrase.before.format_map(texts), phrase.after.format_map(texts)
