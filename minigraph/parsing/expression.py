"""`parse`: an expression in text becomes a graph, without Python being run.

A tokeniser and a parser by precedence climbing. What can be called is what the table of operations
holds; everything that is not in the grammar is refused, with the place of the mistake:

    text       = step {";" step} [";"]
    step       = [name "="] expression
    expression = operands with  + −  * / @  unary −  **  (the last binds tightest, and to the right)
                 in an exponent, what is made of numbers alone is a number: x**(1/2)
    operand    = (number | name | list | "(" expression ")" | name "(" arguments ")") {".T"}
    arguments  = [argument {"," argument}],  argument = expression | text | name "=" constant
    list       = "[" expression {"," expression} "]"
    constant   = ["-"] number | True | False | None | "[" constant {"," constant} "]"
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy.typing as npt

from minigraph.core.errors import closest
from minigraph.core.node import Node, parameter
from minigraph.core.operators import OPERATIONS
from minigraph.parsing.tokens import Token, Tokens, described

DEEPEST = 60
"""Parentheses, lists and signs nest at most so deep."""

# How tightly the operators bind, the operations they mean, and what they do to the numbers of an exponent.
BINARY = {
    "+": (1, "add", operator.add),
    "-": (1, "subtract", operator.sub),
    "*": (2, "multiply", operator.mul),
    "/": (2, "divide", operator.truediv),
    "@": (2, "matmul", operator.matmul),
    "**": (4, "power", operator.pow),
}
UNARY = {"-": "negative", "+": "identity"}
_SIGN = 3
NOT_TYPED = {"cast", "getitem", "scatter"}
"""The operations of the table that have no name in `minigraph`: an index is written in brackets, and here not at all."""
_TEXT = "text in quotes is for the subscripts of einsum: einsum('ij,jk->ik', A, B). A transpose is written .T."
WORDS = {"True": True, "False": False, "None": None}


def parse(text: str, /, **values: npt.ArrayLike | Node) -> dict[str, Node]:
    """The graph of an expression, or of several named steps: ``z = w*x + b; a = sigmoid(z); L = bce(a, y)``.

    There are numbers, names, ``+ - * / @ **``, ``.T``, parentheses, matrices as nested lists, and every public
    operation, with its options: ``softmax(z, axis=0)``. An exponent that is computed from numbers
    is a number: ``x**(1/2)``. Nothing is run as Python.

    Args:
        text: the steps, separated by ``;``. A last step without a name is called J.
        values: for each name that is not a step its value. A number or an array makes a parameter; for data give
            a node: ``y=mg.data(1.0)``.

    Returns:
        The nodes by name: first the leaves as they are met, then the steps; the last one is the result.

    Raises:
        ParseError: a ValueError that points at the character where the text leaves the language, a name has no
            value, or the shapes don't fit.
        ValueError: if a value is given that no step uses.

    Example:
        >>> import minigraph as mg
        >>> nodes = mg.parse("u = b*c; 3*(a + u)", a=5, b=3, c=2)
        >>> list(nodes), nodes["J"].value
        (['b', 'c', 'a', 'u', 'J'], np.float64(33.0))
    """
    parser = Parser(text, values)
    steps = parser.all_steps()
    if unused := [name for name in values if name not in parser.leaves]:
        raise ValueError(f"parse: no step uses {', '.join(map(repr, unused))} of {text[:60]!r}.")
    return {**parser.leaves, **steps}


def parse_value(text: str) -> Any:
    """A number, or a matrix as nested lists.

    Raises:
        ParseError: if the text is anything else.

    Example:
        >>> parse_value("[[1, -2], [3, 4]]")
        [[1, -2], [3, 4]]
    """
    parser = Parser(text, {})
    value = parser.constant()
    if (rest := parser.token).kind != "end":
        parser.refuse(f"{described(rest)} is too much: a value is a number or nested lists of numbers.", rest)
    return value


class Parser(Tokens):
    """Reads tokens from left to right and builds nodes."""

    def __init__(self, text: str, values: Mapping[str, npt.ArrayLike | Node]):
        super().__init__(text)
        self.values = values
        self.depth = 0
        self.in_exponent = False
        self.leaves: dict[str, Node] = {}
        self.steps: dict[str, Node] = {}
        self.operations = {name: operation for name, operation in OPERATIONS.items() if name not in NOT_TYPED}

    # Steps

    def all_steps(self) -> dict[str, Node]:
        """All steps, by name."""
        while True:
            self.step()
            separated = self.taken(";")
            if self.token.kind == "end":
                return self.steps
            if not separated:
                self._refuse_juxtaposed()

    def _refuse_juxtaposed(self) -> NoReturn:
        """Two operands side by side, most likely meant as a product."""
        before, token = self.tokens[self.place - 1], self.token
        if token.text == "=":
            self.refuse("only a name can stand before '=', at the beginning of a step.", token)
        if token.kind == "text":
            self.refuse(_TEXT, token)
        hint = f"To multiply write *; steps are separated by ';'. After {before.text!r} comes {described(token)}."
        self.refuse(hint, token)

    def step(self) -> None:
        """One step, with its name or as J."""
        token, following = self.token, self.tokens[min(self.place + 1, len(self.tokens) - 1)]
        if token.kind == "end" or token.text == ";":
            self.refuse("here a step is missing.", token)
        if token.kind == "name" and following.text == "=":
            self.place += 2
            name = token.text
            if name in self.steps or name in self.leaves or name in self.values:
                self.refuse(f"{name!r} has a value already. A name means one thing: choose another for this step.", token)
        else:
            name = "J"
            if name in self.steps or name in self.values:
                self.refuse("'J' is taken, so this step needs a name of its own: name = expression.", token)
        value = self.expression(1)
        node = value if isinstance(value, Node) else self.apply("identity", (value,), {}, token)
        if node.name is not None or node.op is None:
            node = OPERATIONS["identity"](node)
        self.steps[name] = node.named(name)

    # Expressions

    def expression(self, binding: int) -> Any:
        """Precedence climbing: operands joined by operators that bind at least so tightly."""
        self._enter()
        left = self.operand()
        while self.token.kind == "sign" and BINARY.get(self.token.text, (0,))[0] >= binding:
            token = self.take()
            tightness, name, compute = BINARY[token.text]
            right = self.exponent(tightness) if token.text == "**" else self.expression(tightness + 1)
            if self.in_exponent and isinstance(left, int | float) and isinstance(right, int | float):
                left = self._computed(compute, left, right, token)
            else:
                left = self.apply(name, (left, right), {}, token)
        self.depth -= 1
        return left

    def exponent(self, binding: int) -> Any:
        """The expression after ``**``; what operators make of numbers is a number there, 0.5 for (1/2)."""
        outside, self.in_exponent = self.in_exponent, True
        value = self.expression(binding)
        self.in_exponent = outside
        return value

    def _computed(self, compute: Callable[[float, float], Any], left: float, right: float, token: Token) -> float:
        """The number that an operator makes of two numbers, in an exponent."""
        try:
            value = float(compute(float(left), float(right)))
        except (TypeError, OverflowError, ZeroDivisionError):  # a complex number is a TypeError, and so is 3 @ 2
            value = math.nan
        if not math.isfinite(value):
            self.refuse("power: this exponent is not a real number.", token)
        return value

    def _enter(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse(f"this is nested more than {DEEPEST} deep. Give inner parts names: u = …; v = u*2.", self.token)

    def operand(self) -> Any:
        """What operators join: an atom with its signs before it and transposes after it."""
        token = self.take()
        if token.kind == "sign" and token.text in UNARY:
            value = self.expression(_SIGN)
            if not isinstance(value, int | float):
                return self.apply(UNARY[token.text], (value,), {}, token)
            return -value if token.text == "-" else value
        value = self.atom(token)
        while transpose := self.taken(".T"):
            value = self.apply("transpose", (value,), {}, transpose)
        return value

    def atom(self, token: Token) -> Any:
        """A number, a name, a call, a list or a parenthesis."""
        if token.kind == "number":
            self._refuse_call(token)
            return _number(token.text)
        if token.kind == "name":
            return self.name(token)
        if token.text == "[":
            return self.entries(lambda: self.expression(1))
        if token.text == "(":
            value = self.expression(1)
            self.expect(")", "close the parenthesis")
            self._refuse_call(token)
            return value
        if token.kind == "text":
            self.refuse(_TEXT, token)
        self.refuse(f"{described(token)} stands where a number, a name or '(' should.", token)

    def _refuse_call(self, token: Token) -> None:
        if self.token.text == "(":
            self.refuse("only an operation can be called. To multiply write *.", self.token)

    def name(self, token: Token) -> Any:
        """What a name stands for: a step, a leaf, or the operation that is called."""
        name = token.text
        if name in self.steps or name in self.leaves or name in self.values:
            self._refuse_call(token)
            return self.steps[name] if name in self.steps else self.leaf(name, token)
        if self.token.text == "(":
            if name not in self.operations:
                close = closest(name, self.operations)
                known = f"Is {close!r} meant?" if close else f"There are {', '.join(sorted(self.operations))}."
                self.refuse(f"there is no operation {name!r}. {known}", token)
            return self.call(token)
        if name in self.operations:
            self.refuse(f"{name!r} is an operation: write {name}(…).", token)
        self.refuse(f"{name!r} has no value. Give it one, {name}=…, or make it a step before.", token)

    def leaf(self, name: str, token: Token) -> Node:
        """The leaf of a name that was given a value."""
        if name not in self.leaves:
            value = self.values[name]
            try:
                node = value if isinstance(value, Node) else parameter(value)
            except TypeError as error:
                self.refuse(f"the value of {name!r}: {error}", token)
            self.leaves[name] = node if node.name is not None else node.named(name)
        return self.leaves[name]

    def call(self, function: Token) -> Node:
        """name(arguments), with options as name=constant."""
        self._enter()
        self.place += 1
        operands: list[Any] = []
        options: dict[str, Any] = {}
        while not self.taken(")"):
            if operands or options:
                self.expect(",", "separate the arguments, or ')' close them")
            if self.token.kind == "name" and self.tokens[self.place + 1].text == "=":
                option = self.take()
                self.place += 1
                options[option.text] = self.constant()
            elif options:
                self.refuse("operands come before options.", self.token)
            else:
                if self.token.kind == "text":  # the subscripts of einsum
                    operands.append(self.take().text[1:-1])
                    continue
                in_exponent = function.text == BINARY["**"][1] and len(operands) == 1
                operands.append(self.exponent(1) if in_exponent else self.expression(1))
        self.depth -= 1
        return self.apply(function.text, tuple(operands), options, function)

    def constant(self) -> Any:
        """A number with its sign, a word such as True, or a list of constants."""
        self._enter()
        token = self.take()
        if token.kind == "name" and token.text in WORDS:
            value: Any = WORDS[token.text]
        elif token.kind == "sign" and token.text in UNARY and self.token.kind == "number":
            value = _number(self.take().text) * (-1 if token.text == "-" else 1)
        elif token.kind == "number":
            value = _number(token.text)
        elif token.text == "[":
            value = self.entries(self.constant)
        else:
            self.refuse(f"{described(token)} stands where a number or a list of numbers should.", token)
        self.depth -= 1
        return value

    def entries(self, entry: Callable[[], Any]) -> list[Any]:
        """The rest of a list, after its bracket."""
        found = [entry()]
        while not self.taken("]"):
            self.expect(",", "separate the entries, or ']' close them")
            found.append(entry())
        return found

    def apply(self, name: str, operands: tuple[Any, ...], options: Mapping[str, Any], token: Token) -> Node:
        """The node of an operation; what it refuses is refused here."""
        try:
            return OPERATIONS[name](*operands, **options)
        except (TypeError, ValueError, IndexError, OverflowError) as error:
            if isinstance(error, TypeError) and any(_holds_nodes(operand) for operand in operands):
                self.refuse("a matrix holds numbers. To join nodes write concatenate([a, b]).", token)
            said = str(error)
            self.refuse(said if said.startswith(name) else f"{name}: {said}", token)


def _holds_nodes(operand: Any) -> bool:
    return isinstance(operand, list) and any(isinstance(entry, Node) or _holds_nodes(entry) for entry in operand)


def _number(text: str) -> int | float:
    return int(text) if text.isdecimal() and len(text) < 16 else float(text)
