"""``minigraph draw``: an expression in, a picture of its passes out, without writing Python."""

from __future__ import annotations

import argparse

import minigraph as mg
from minigraph.command_line.argument_types import place
from minigraph.command_line.command import Command, UsageError
from minigraph.command_line.console import say, telling_warnings
from minigraph.command_line.expression_arguments import add_expression_arguments, read_expression
from minigraph.files import try_place


class Draw(Command):
    """Draws an expression as a picture, as a page that goes step by step, or both."""

    summary = "draw an expression with its values and gradients"
    examples = (
        'minigraph draw "3*(a + b*c)" a=5 b=3 c=2 --pass backward --out chain.svg',
        'minigraph draw "z = w*x + b; a = sigmoid(z); L = bce(a, y)" w=0.4 b=0.1 x=1.5 y=1 --data x,y --step-through u.html',
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The expression, what is drawn, where and how."""
        add_expression_arguments(parser)
        parser.add_argument(
            "--pass", dest="direction", choices=("forward", "backward", "both"), default="forward", help="which pass to draw"
        )
        parser.add_argument("--out", type=place, metavar="FILE", help="write the picture: .svg, .png, .pdf or .dot")
        parser.add_argument("--step-through", type=place, metavar="FILE.html", help="write a page that goes step by step")
        parser.add_argument("--style", choices=("expressions", "circuit"), default="expressions", help="boxes or circles")
        parser.add_argument("--rankdir", choices=("LR", "TB"), help="left to right, or top to bottom")
        parser.add_argument("--title", help="the heading")
        parser.add_argument(
            "--fold",
            action=argparse.BooleanOptionalAction,
            default=None,
            help="draw named steps only, or every operation (default: named steps, if there are any)",
        )

    def run(self, options: argparse.Namespace) -> int:
        """Write the files; places where nothing can be written are refused first."""
        if options.out is None and options.step_through is None:
            raise UsageError("say what to write: --out FILE, --step-through FILE.html, or both")
        files = [*filter(None, (options.out, options.step_through))]
        if len({file.resolve() for file in files}) < len(files):
            raise UsageError(f"{options.out} can't be both the picture and the page. Give another file for one of them.")
        for file in files:
            try_place(file)
        nodes = read_expression(options)
        root = next(reversed(nodes.values()))
        steps = [node for node in nodes.values() if node.op is not None]
        look = {
            "fold": len(steps) > 1 if options.fold is None else options.fold,
            "rankdir": options.rankdir,
            "title": options.title,
        }
        written = []
        with telling_warnings("minigraph: ") as warned:  # such as: no renderer, so the source was written
            if options.out is not None:
                written.append(mg.draw(root, options.direction, style=options.style, **look).save(options.out))
            if options.step_through is not None:
                written.append(mg.step_through(root, options.step_through, **look))
        say("wrote " + ", ".join(map(str, written)))
        return 1 if warned else 0
