"""``minigraph explain``: an expression in, its chain rule in sentences, formulas and numbers out."""

from __future__ import annotations

import argparse

import minigraph as mg
from minigraph.command_line.argument_types import whole
from minigraph.command_line.command import Command, UsageError
from minigraph.command_line.console import say
from minigraph.command_line.expression_arguments import add_expression_arguments, read_expression


class Explain(Command):
    """Explains a derivative of an expression, or its whole backward pass."""

    summary = "explain the chain rule of an expression in sentences, formulas and numbers"
    examples = (
        'minigraph explain "3*(a + b*c)" a=5 b=3 c=2 --wrt b',
        'minigraph explain "z = w*x + b; a = sigmoid(z); L = bce(a, y)" w=0.5 x=2 b=0 y=1 --data x,y --wrt w --latex',
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The expression, what of it is explained, and how."""
        add_expression_arguments(parser)
        parser.add_argument(
            "--wrt", metavar="NAME", help="differentiate by this name; without it, the whole backward pass is told"
        )
        parser.add_argument(
            "--entry", metavar="0,1", help="write out one entry of an array's gradient as the sum that it is"
        )
        parser.add_argument("--form", choices=("exact", "notes"), default="exact", help="∂J/∂Z, or dZ with 1/m in dW and db")
        parser.add_argument("--rules", action="store_true", help="show each rule by which formulas were simplified")
        parser.add_argument("--latex", action="store_true", help="write LaTeX instead of text")
        parser.add_argument("--digits", type=whole(1), default=4, help="significant digits (default: 4)")

    def run(self, options: argparse.Namespace) -> int:
        """Print the explanation."""
        nodes = read_expression(options)
        if options.wrt is not None and options.wrt not in nodes:
            raise UsageError(f"--wrt {options.wrt}: there is no such name. There are: {', '.join(nodes)}.")
        wrt = None if options.wrt is None else nodes[options.wrt]
        J = next(reversed(nodes.values()))
        entry = _entry(options.entry)
        try:
            explanation = mg.explain(J, wrt, entry=entry, form=options.form, rules=options.rules, digits=options.digits)
        except IndexError as error:
            raise UsageError(f"--entry {options.entry}: {error}") from error
        say(explanation.latex if options.latex else explanation)
        return 0


def _entry(text: str | None) -> tuple[int, ...] | None:
    """0,1 as numbers."""
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--entry {text}: give whole numbers, such as 0,1") from None
