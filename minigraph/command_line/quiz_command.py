"""``minigraph quiz``: an expression in; a page that asks for its derivatives, a bank for Moodle, or a worksheet, out."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

import minigraph as mg
from minigraph.command_line.commands import Command, UsageError, place, whole
from minigraph.command_line.console import say, telling_warnings
from minigraph.command_line.expression_commands import sorted_words
from minigraph.files import replace_file, try_place
from minigraph.pages import QuizPage
from minigraph.parsing.expression import Parser
from minigraph.parsing.tokens import Token

UNTIL_CHOSEN = 0.5
"""What a name stands for until it gets its number: inside of all domains."""


class Quiz(Command):
    """Makes a quiz on the derivatives of an expression."""

    summary = (
        "ask for the derivatives of an expression, step by step: a page that answers, a worksheet, questions for Moodle"
    )
    examples = (
        'minigraph quiz "3*(a + b*c)" --seed 7',
        'minigraph quiz "c = a + b; d = b + 1; e = c*d" a=1 b=2 --solutions',
        'minigraph quiz "z = w*x + b; a = sigmoid(z); L = bce(a, y)" y=1 --data x,y --seed 3 --out quiz.html',
        "minigraph quiz --seed 7 --out graphs.html",
        'minigraph quiz "c = a + b; d = b + 1; e = c*d" --seed 3 --title "Week 2" --moodle week2.xml',
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The expression, the numbers, and what is written."""
        parser.add_argument(
            "words",
            nargs="*",
            metavar="EXPRESSION name=value",
            help="the expression, or several steps separated by ';', in quotes; names without a value get simple numbers by "
            "the seed, the others keep theirs. Without an expression small graphs are made up",
        )
        parser.add_argument("--data", default="", metavar="x,y", help="names that are data: they get no gradient")
        parser.add_argument("--seed", type=whole(0), metavar="N", help="which numbers are chosen (default: 0)")
        parser.add_argument("--sheets", type=whole(1), default=3, metavar="N", help="sets of numbers (default: 3)")
        parser.add_argument(
            "--out", type=place, metavar="FILE.html", help="write the page; without it a worksheet is printed"
        )
        parser.add_argument(
            "--moodle", type=place, metavar="FILE.xml", help="write the questions for Moodle's question bank (Moodle XML)"
        )
        parser.add_argument("--solutions", action="store_true", help="print the solutions below the worksheet")
        parser.add_argument("--title", help="the heading")

    def run(self, options: argparse.Namespace) -> int:
        """Write the page, or print the worksheet."""
        files = [*filter(None, (options.out, options.moodle))]
        if files and options.solutions:
            raise UsageError(
                "--solutions prints below the worksheet; the files of --out and --moodle have them already. "
                "Leave out one of them."
            )
        if len({file.resolve() for file in files}) < len(files):
            raise UsageError(f"{options.out} can't be both the page and the questions for Moodle. Give another file.")
        for file in files:
            try_place(file)
        J, keep, chooses = _expression(options)
        seed = 0 if options.seed is None and chooses else options.seed
        with telling_warnings("minigraph: ") as warned:
            made = mg.quiz(J, seed=seed, keep=keep, sheets=options.sheets, title=options.title)
            assert isinstance(made, QuizPage)
            bank = made.moodle().encode("utf-8") if options.moodle is not None else b""
        if options.out is not None:
            made.save(options.out)
        if options.moodle is not None:
            replace_file(options.moodle, lambda file: file.write(bank))
        if files:
            say("wrote " + ", ".join(map(str, files)))
            return 1 if warned else 0
        say(made.worksheet)
        if options.solutions:
            say(f"\nSolutions\n\n{made.solutions}")
        return 0


def _expression(options: argparse.Namespace) -> tuple[mg.Node | None, list[mg.Node], bool]:
    """The last step, the leaves with a value of their own, and whether there are others."""
    if not options.words:
        if options.data:
            raise UsageError("--data goes with an expression")
        return None, [], True
    text, given = sorted_words(options.words)
    data = [name.strip() for name in options.data.split(",") if name.strip()]
    values = {name: mg.data(value) if name in data else value for name, value in given.items()}
    reader = _Reader(text, values, data)
    steps = reader.all_steps()
    if unused := [name for name in (*given, *data) if name not in reader.leaves]:
        raise UsageError(f"no step uses {', '.join(dict.fromkeys(unused))}")
    keep = [leaf for name, leaf in reader.leaves.items() if name in given]
    return next(reversed(steps.values())), keep, len(keep) < len(reader.leaves)


class _Reader(Parser):
    """Reads an expression in which names may have no value yet."""

    def __init__(self, text: str, values: Mapping[str, Any], data: list[str]):
        super().__init__(text, dict(values))
        self.data = data

    def name(self, token: Token) -> Any:
        """What a name stands for; a new one is a leaf whose number is chosen later."""
        name, is_called = token.text, self.token.text == "("
        if not is_called and not any(name in known for known in (self.values, self.steps, self.operations)):
            self.values = {**self.values, name: mg.data(UNTIL_CHOSEN) if name in self.data else UNTIL_CHOSEN}
        return super().name(token)
