"""``minigraph draw`` and ``minigraph explain``: an expression in; a picture, or its chain rule in words and numbers, out."""

from __future__ import annotations

import argparse
from typing import Any

import minigraph as mg
from minigraph.command_line.commands import Command, UsageError, place, positive, whole
from minigraph.command_line.console import say, telling_warnings
from minigraph.files import try_place
from minigraph.parsing import parse_value


def add_expression_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "words",
        nargs="+",
        metavar="EXPRESSION name=value",
        help="the expression, or several steps separated by ';', in quotes; and a value for each name: a number, or a "
        "matrix such as [[1,2],[3,4]]",
    )
    parser.add_argument("--data", default="", metavar="x,y", help="names that are data: they get no gradient")


def read_expression(options: argparse.Namespace) -> dict[str, mg.Node]:
    """The named nodes of the expression; the last one is its result."""
    text, values = sorted_words(options.words)
    for name in filter(None, options.data.split(",")):
        if name not in values:
            raise UsageError(f"--data {name}: there is no value for it, such as {name}=1")
        values[name] = mg.data(values[name])
    return mg.parse(text, **values)


def sorted_words(words: list[str]) -> tuple[str, dict[str, Any]]:
    """The expression, and the values by name; they may come in any order."""
    values: dict[str, Any] = {}
    expressions = []
    unread = []  # what looks as a name and its value, but the value can't be read
    for word in words:
        name, equals, text = (part.strip() for part in word.partition("="))
        try:
            value = parse_value(text) if equals and name.isidentifier() else None
        except mg.ParseError:
            value = None
        if value is None:
            expressions.append(word.strip())
            unread += [(name, text)] if equals and name.isidentifier() else []
        elif name in values:
            raise UsageError(f"{name} is given twice")
        else:
            values[name] = value
    if unread and len(expressions) > 1:
        name, text = min(unread, key=lambda pair: len(pair[1]))  # the longer ones are steps
        raise UsageError(f"{name}={text}: {text!r} is not a number. Write {name}=2, or {name}=[[1,2],[3,4]].")
    if len(expressions) != 1:
        raise UsageError(
            f"give one expression, in quotes, not {len(expressions)}{': ' if expressions else ''}"
            + ", ".join(map(repr, expressions))
            + ". A value is name=number or name=[[1,2],[3,4]]."
        )
    return expressions[0], values


class Live(Command):
    """Makes a page in which the numbers of an expression can be moved."""

    summary = "make a page in which the numbers of an expression move, and all values and gradients follow"
    examples = (
        'minigraph live "z = w*x + b; a = sigmoid(z); L = bce(a, y)" w=0.4 b=0.1 x=1.5 y=1 --data x,y --out unit.html',
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The expression, where and how."""
        add_expression_arguments(parser)
        parser.add_argument("--out", required=True, type=place, metavar="FILE.html", help="write the page")
        parser.add_argument("--rate", type=positive, default=0.1, help="learning rate to begin with (default: 0.1)")
        parser.add_argument("--rankdir", choices=("LR", "TB"), help="left to right, or top to bottom")
        parser.add_argument("--title", help="the heading")

    def run(self, options: argparse.Namespace) -> int:
        """Write the page."""
        try_place(options.out)
        nodes = read_expression(options)
        steps = [node for node in nodes.values() if node.op is not None]
        root, look = next(reversed(nodes.values())), {"rankdir": options.rankdir, "title": options.title}
        with telling_warnings("minigraph: ") as warned:
            mg.live(root, options.out, rate=options.rate, fold=len(steps) > 1, **look)
        say(f"wrote {options.out}")
        return 1 if warned else 0


class Draw(Command):
    """Draws an expression as a picture, as a page that goes step by step, or both."""

    summary = "draw an expression with its values and gradients"
    examples = (
        'minigraph draw "3*(a + b*c)" a=5 b=3 c=2 --pass backward --out chain.svg',
        'minigraph draw "3*(a + b*c)" a=5 b=3 c=2 --pass both --seconds 1.5 --out moving.svg',
        'minigraph draw "c = a + b; d = b + 1; e = c*d" a=1 b=2 --pass backward --wrt b --out paths.svg',
        'minigraph draw "z = w*x + b; a = sigmoid(z); L = bce(a, y)" w=0.4 b=0.1 x=1.5 y=1 --data x,y --step-through u.html',
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The expression, what is drawn, where and how."""
        add_expression_arguments(parser)
        parser.add_argument(
            "--pass", dest="direction", choices=("forward", "backward", "both"), default="forward", help="which pass to draw"
        )
        parser.add_argument("--wrt", metavar="w,b", help="show only the paths to these names, and their chain rule")
        parser.add_argument("--out", type=place, metavar="FILE", help="write the picture: .svg, .png, .pdf, .tex or .dot")
        parser.add_argument("--step-through", type=place, metavar="FILE.html", help="write a page that goes step by step")
        parser.add_argument("--style", choices=("expressions", "circuit"), default="expressions", help="boxes or circles")
        parser.add_argument(
            "--arrays",
            choices=("text", "heatmap"),
            default="text",
            help="arrays in text, or as coloured cells too",
        )
        parser.add_argument(
            "--theme", choices=("light", "dark", "paper"), default="light", help="colours, or greys for print"
        )
        parser.add_argument("--blank", action="store_true", help="leave empty places for the numbers, to fill in")
        parser.add_argument("--findings", action="store_true", help="pin on the boxes what is wrong with the gradients")
        parser.add_argument(
            "--aspect", type=_aspect, metavar="16:9", help="fill a page of this shape, with letters of 12 points"
        )
        parser.add_argument("--width", type=positive, metavar="POINTS", help="of that page (default: 960, as a slide)")
        parser.add_argument("--seconds", type=positive, help="make a .svg that moves: so many seconds for each step")
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
        if options.wrt is not None and (options.out is None or options.direction == "forward"):
            raise UsageError("--wrt shows paths of a backward pass: it goes with --out FILE and --pass backward or both")
        if options.out is None and options.step_through is None:
            raise UsageError("say what to write: --out FILE, --step-through FILE.html, or both")
        _refuse_what_needs_another(options)
        files = [*filter(None, (options.out, options.step_through))]
        if len({file.resolve() for file in files}) < len(files):
            raise UsageError(f"{options.out} can't be both the picture and the page. Give another file for one of them.")
        for file in files:
            try_place(file)
        nodes = read_expression(options)
        root = next(reversed(nodes.values()))
        wrt = None if options.wrt is None else [_named(nodes, name) for name in options.wrt.split(",")]
        steps = [node for node in nodes.values() if node.op is not None]
        fold = len(steps) > 1 if options.fold is None else options.fold
        look = {"fold": fold, "rankdir": options.rankdir, "title": options.title}
        written = []
        with telling_warnings("minigraph: ") as warned:  # such as: no renderer, so the source was written
            if options.out is not None:
                picture = mg.draw(
                    root,
                    options.direction,
                    wrt=wrt,
                    findings=mg.health(root) if options.findings else None,
                    style=options.style,
                    arrays=options.arrays,
                    blank=options.blank,
                    theme=options.theme,
                    **look,
                )
                page = {} if options.width is None else {"width": options.width}
                written.append(picture.save(options.out, aspect=options.aspect, seconds=options.seconds, **page))
            if options.step_through is not None:
                written.append(mg.step_through(root, options.step_through, **look))
        say("wrote " + ", ".join(map(str, written)))
        return 1 if warned else 0


def _refuse_what_needs_another(options: argparse.Namespace) -> None:
    """Refuse options that would change nothing."""
    given = {
        "--theme": options.theme != "light",
        "--blank": options.blank,
        "--findings": options.findings,
        "--aspect": options.aspect is not None,
        "--seconds": options.seconds is not None,
    }
    if options.out is None and any(given.values()):
        name = next(name for name, is_given in given.items() if is_given)
        raise UsageError(f"{name} is about the picture: it goes with --out FILE")
    if options.width is not None and options.aspect is None:
        raise UsageError("--width is that of a page whose shape is given: it goes with --aspect, such as 16:9")
    if options.seconds is not None and options.out.suffix.lower() != ".svg":
        raise UsageError(
            f"--seconds makes a picture that moves: give --out a file that ends in .svg, not {options.out.name}"
        )


def _aspect(text: str) -> float:
    """16:9, 4/3 or 1.5 as a number."""
    width, _, height = text.replace("/", ":").partition(":")
    try:
        return positive(width) / positive(height or "1")
    except (argparse.ArgumentTypeError, ValueError):
        raise argparse.ArgumentTypeError(f"{text!r} is no shape of a page: give 16:9, 4:3 or 1.5") from None


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
        wrt = None if options.wrt is None else _named(nodes, options.wrt)
        J = next(reversed(nodes.values()))
        entry = _entry(options.entry)
        try:
            explanation = mg.explain(J, wrt, entry=entry, form=options.form, rules=options.rules, digits=options.digits)
        except IndexError as error:
            raise UsageError(f"--entry {options.entry}: {error}") from error
        say(explanation.latex if options.latex else explanation)
        return 0


def _named(nodes: dict[str, mg.Node], name: str) -> mg.Node:
    """The node that --wrt names."""
    if name.strip() not in nodes:
        raise UsageError(f"--wrt {name}: there is no such name. There are: {', '.join(nodes)}.")
    return nodes[name.strip()]


def _entry(text: str | None) -> tuple[int, ...] | None:
    """0,1 as numbers."""
    if text is None:
        return None
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise UsageError(f"--entry {text}: give whole numbers, such as 0,1") from None
