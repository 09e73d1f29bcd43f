"""Formulas: a tree of forms, its builders, and a printer each for text, LaTeX and ASCII.

What an operation's `notation` is made of is here: ``from minigraph import notation`` gives the same.
"""

from minigraph.formulas.ascii_printer import to_ascii
from minigraph.formulas.latex_printer import to_latex
from minigraph.formulas.text_printer import to_text
from minigraph.formulas.tree import (
    Expression,
    Symbol,
    Written,
    bracket,
    call,
    enclosed,
    indexed,
    infix,
    negation,
    number,
    phrase,
    plus,
    power,
    product,
    quotient,
    repeated,
    reshaped,
    symbol,
    times,
    total,
    transposed,
)

__all__ = [
    "Expression", "Symbol", "Written", "bracket", "call", "enclosed", "indexed", "infix", "negation", "number",
    "phrase", "plus", "power", "product", "quotient", "repeated", "reshaped", "symbol", "times", "to_ascii",
    "to_latex", "to_text", "total", "transposed",
]  # fmt: skip
