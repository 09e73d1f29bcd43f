"""What all printers share: the walk through a tree, where parentheses stand, and how long a text gets.

A printer says for each form of the tree how it is written, as a `Layout`: pieces with operands between them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

from minigraph.formulas.tree import (
    ATOM,
    ENCLOSED,
    PHRASE,
    POWER,
    PREFIX,
    PRODUCT,
    SUM,
    TIGHT,
    Bracket,
    Call,
    Enclosed,
    Expression,
    Indexed,
    Kind,
    Negation,
    Number,
    Power,
    Product,
    Sum,
    Symbol,
    Transpose,
    Written,
)

NO_NAMES: Mapping[Any, str] = MappingProxyType({})
NEVER = 1 << 60
MOST_LEFT = 50
"""So many operands deep it is looked whether a formula begins with a minus."""
MOST_FACTORS = 8
"""So many factors back it is looked what stands before a parenthesis."""
LONE_LETTERS = frozenset("abcdeijklmnopqrstuvwxyz")
"""What can stand before a parenthesis and is no function: f, g and h are."""


class Layout(NamedTuple):
    """How a form is written.

    Attributes:
        binding: how tightly it binds, from PHRASE to ATOM.
        pieces: the fixed pieces, one more than there are operands.
        operands: what stands between the pieces.
        demands: how tightly each operand must bind to stand without parentheses.
        group: products of different groups don't mix without parentheses.
        signed: from this operand on, a sign stands before each, so that no other may follow.
    """

    binding: int
    pieces: tuple[str, ...]
    operands: tuple[Written, ...] = ()
    demands: tuple[int, ...] = ()
    group: str = ""
    signed: int = NEVER


class Printer:
    """Writes trees. The names of its methods are the forms of the tree.

    Args:
        spell: how names are written.
        budget: the most characters to write.
        names: names for nodes that have none of their own, for this text only.
        juxtapose: write bc for b·c where both are single letters, or the left one a number.
    """

    minus: ClassVar[str]
    parentheses: ClassVar[tuple[str, str]]
    etc: ClassVar[str]
    signs: ClassVar[Mapping[Kind, str]]
    groups: ClassVar[Mapping[Kind, str]] = {kind: kind.name for kind in Kind} | {
        Kind.DOTTED: Kind.MATRIX.name, Kind.CHAIN: "", Kind.FRONT: "",
    }  # fmt: skip
    leaves_out_signs: ClassVar[bool] = True

    def __init__(self, spell: Callable[[str], str], budget: int, names: Mapping[Any, str], juxtapose: bool = False):
        self.spell = spell
        self.budget = budget
        self.names = names
        self.juxtapose = juxtapose

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
                passes_on = isinstance(expression, Product) and expression.kind is Kind.CHAIN  # 2 + (−1) · 3
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
            return Symbol(self.names[thing], shape=thing.shape)
        return thing.expression()

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

    # Forms that all printers lay out alike

    def symbol(self, symbol: Symbol) -> Layout:
        """W1"""
        return Layout(POWER if any(sign in symbol.name for sign in "/· ") else ATOM, (self.spell(symbol.name),))

    def sum(self, total: Sum) -> Layout:
        """a − b + c"""
        signs = [" + " if sign > 0 else f" {self.minus} " for sign in total.signs[1:]]
        demands = tuple(SUM if sign > 0 else PRODUCT for sign in total.signs)
        return Layout(SUM, ("", *signs, ""), total.terms, demands, signed=1)

    def negation(self, negation: Negation) -> Layout:
        """−a"""
        return Layout(PREFIX, (self.minus, ""), (negation.operand,), (PRODUCT,), signed=0)

    def product(self, product: Product) -> Layout:
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
        if not isinstance(product, Product) or product.kind is not Kind.SCALAR:
            return isinstance(product, Product) and product.kind is Kind.JOINED
        left, right = product.factors
        return isinstance(self.resolved(right), Sum) and self._stands_alone(self.resolved(left))

    def _stands_alone(self, left: Expression) -> bool:
        """Whether what stands before a parenthesis can't be misread: 3, a, σ(x), (a + b), a(b + c); but not f or rate."""
        steps = MOST_FACTORS
        while isinstance(left, Product) and left.kind is Kind.SCALAR and steps:
            if not isinstance(self.resolved(left.factors[1]), Sum):
                return False
            left, steps = self.resolved(left.factors[0]), steps - 1
        if isinstance(left, Symbol):
            return left.name in LONE_LETTERS and left.shape == ()
        if isinstance(left, Number):
            return self.layout(left).binding == ATOM
        return isinstance(left, Sum | Call | Enclosed | Bracket) or self._is_tight(left)

    def _is_side_by_side(self, left: Written, right: Expression) -> bool:
        """Whether two factors need no sign: bc, 2x²; but a·a."""
        first = self.resolved(left)
        return self._is_letter(right) and (self._is_letter(first) or _is_whole(first)) and first != right

    def _is_letter(self, expression: Expression) -> bool:
        """x, or a power of it, or its transpose."""
        if isinstance(expression, Power | Transpose | Indexed):
            (inner,) = self.layout(expression).operands
            expression = self.resolved(inner)
        return isinstance(expression, Symbol) and len(expression.name) == 1 and expression.shape == ()

    def indexed(self, indexed: Indexed) -> Layout:
        """X[:, 1:2]"""
        return Layout(POWER, ("", f"[{indexed.index}]"), (indexed.array,), (POWER if indexed.is_entry else ATOM,))


def _is_enclosed(layout: Layout, demand: int, group: str) -> bool:
    """Whether parentheses stand around it where so tight a binding is demanded, in a product of such a group."""
    mixes = layout.binding == PRODUCT == demand and group != "" and layout.group != group
    return layout.binding < demand or mixes


def _is_whole(expression: Expression) -> bool:
    return isinstance(expression, Number) and expression.value >= 0 and float(expression.value).is_integer()
