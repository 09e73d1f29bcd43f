"""`parse`: an expression in text becomes a graph, without Python being run.

A tokeniser and a parser by precedence climbing. What can be called is what the table of operations
holds; everything that is not in the grammar is refused, with the place of the mistake:

    text       = step {";" step} [";"]
    step       = [name "="] expression
    expression = operands with  + −  * / @  unary −  **  (the last binds tightest, and to the right)
                 an exponent is a number, or computed from numbers alone: x**(1/2)
    operand    = (number | name | list | "(" expression ")" | name "(" arguments ")") {".T"}
    arguments  = [argument {"," argument}],  argument = expression | name "=" constant
    list       = "[" expression {"," expression} "]"
    constant   = ["-"] number | True | False | None | "[" constant {"," constant} "]"
"""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from minigraph.core.node import Node
from minigraph.parsing.expression_parser import Parser


def parse(text: str, /, **values: npt.ArrayLike | Node) -> dict[str, Node]:
    """The graph of an expression, or of several named steps: ``z = w*x + b; a = sigmoid(z); L = bce(a, y)``.

    There are numbers, names, ``+ - * / @ **``, ``.T``, parentheses, matrices as nested lists, and every public
    operation, with its options: ``softmax(z, axis=0)``. An exponent is a number, or computed from numbers:
    ``x**(1/2)``. Nothing is run as Python.

    Args:
        text: the steps, separated by ``;``. A last step without a name is called J.
        values: for each name that is no step its value. A number or an array makes a parameter; for data give
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
    parser.expect_end("a value is a number or nested lists of numbers")
    return value
