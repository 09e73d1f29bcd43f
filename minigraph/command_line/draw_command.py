"""``minigraph draw``: an expression in, a picture of its passes out, without writing Python."""

from __future__ import annotations

import argparse
import warnings

import minigraph as mg
from minigraph.command_line.command import Command, UsageError, place
from minigraph.command_line.console import say, tell
from minigraph.command_line.expression_arguments import add_expression, read_expression, refuse
from minigraph.files import try_place


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_expression(parser)
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


def _run(options: argparse.Namespace) -> int:
    if options.out is None and options.step_through is None:
        raise UsageError("say what to write: --out FILE, --step-through FILE.html, or both")
    outs = [*filter(None, (options.out, options.step_through))]
    if len({out.resolve() for out in outs}) < len(outs):
        raise UsageError(f"{options.out} can't be both the picture and the page. Give another file for one of them.")
    for out in outs:
        try_place(out)
    try:
        nodes = read_expression(options.words, options.data)
    except mg.ParseError as error:
        return refuse(error)
    root = next(reversed(nodes.values()))
    steps = [node for node in nodes.values() if node.op is not None]
    fold = len(steps) > 1 if options.fold is None else options.fold
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        written = []
        if options.out is not None:
            diagram = mg.draw(
                root, options.direction, fold=fold, style=options.style, rankdir=options.rankdir, title=options.title
            )
            written.append(diagram.save(options.out))
        if options.step_through is not None:
            page = mg.step_through(root, options.step_through, fold=fold, rankdir=options.rankdir, title=options.title)
            written.append(page)
    for warning in warned:
        tell(f"minigraph: {warning.message}")
    say("wrote " + ", ".join(map(str, written)))
    return 1 if warned else 0


DRAW = Command(
    name="draw",
    summary="draw an expression with its values and gradients",
    examples=(
        'minigraph draw "3*(a + b*c)" a=5 b=3 c=2 --pass backward --out chain.svg',
        'minigraph draw "z = w*x + b; a = sigmoid(z); L = bce(a, y)" w=0.4 b=0.1 x=1.5 y=1 --data x,y --step-through u.html',
    ),
    add_arguments=_add_arguments,
    run=_run,
)
