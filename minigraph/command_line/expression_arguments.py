"""The arguments of ``draw`` and ``explain``: an expression and values for its names, in any order."""

from __future__ import annotations

import argparse
from typing import Any

import minigraph as mg
from minigraph.command_line.command import UsageError
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
    """The named nodes of the expression; the last one is its result.

    Raises:
        UsageError: if there is not one expression, or a value is missing or given twice.
        ParseError: if the expression can't be read, or its graph can't be built.
    """
    text, values = _sorted_words(options.words)
    for name in filter(None, options.data.split(",")):
        if name not in values:
            raise UsageError(f"--data {name}: there is no value for it, such as {name}=1")
        values[name] = mg.data(values[name])
    return mg.parse(text, **values)


def _sorted_words(words: list[str]) -> tuple[str, dict[str, Any]]:
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
