"""What a subcommand is, the table `COMMANDS` of those that there are, and how the words of a command line are read."""

from __future__ import annotations

import argparse
import math
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from minigraph.command_line.console import say, tell
from minigraph.core.lazy_imports import loaded

COMMANDS = {
    "train": "minigraph.models.commands.train:Train",
    "predict": "minigraph.models.commands.predict:Predict",
    "evaluate": "minigraph.models.commands.predict:Evaluate",
    "export": "minigraph.models.commands.export:Export",
    "draw": "minigraph.command_line.expression_commands:Draw",
    "live": "minigraph.command_line.expression_commands:Live",
    "quiz": "minigraph.command_line.quiz_command:Quiz",
    "class": "minigraph.models.commands.class_pack:ClassPack",
    "explain": "minigraph.command_line.expression_commands:Explain",
}
"""The module and the class of each subcommand. Nothing else in the engine names minigraph.models."""
_OPERAND = "\0"
"""Before a word that begins with a dash and is not an option; no word of a command line can hold it."""


class UsageError(Exception):
    """The command line was used wrongly: exit status 2."""


class Command(ABC):
    """One subcommand. A new one is a class like the others, and a line in `COMMANDS`.

    Attributes:
        summary: what it does, in a line.
        examples: whole command lines, for ``--help``.
    """

    summary: str
    examples: tuple[str, ...]

    @abstractmethod
    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Declare its arguments."""

    @abstractmethod
    def run(self, options: argparse.Namespace) -> int:
        """Do it; gives the exit status. What it raises becomes one line on stderr."""


def load_command(name: str) -> Command:
    """The subcommand of that name in `COMMANDS`."""
    command: Command = loaded(COMMANDS[name])()
    return command


def parser_of(name: str) -> Parser:
    """The parser of a subcommand's own words."""
    command = load_command(name)
    parser = Parser(
        prog=f"minigraph {name}",
        description=command.summary,
        epilog="examples:\n" + "".join(f"  {line}\n" for line in command.examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_arguments(parser)
    parser.add_argument("--debug", action="store_true", help="show the traceback when something goes wrong")
    return parser


class Parser(argparse.ArgumentParser):
    """argparse, but that words marked by `operands_marked` are operands, and that it speaks as commands do."""

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        return super()._get_value(action, arg_string.removeprefix(_OPERAND))

    def _print_message(self, message: str, file: Any = None) -> None:
        (tell if file is sys.stderr else say)(message.removesuffix("\n"))

    def error(self, message: str) -> NoReturn:
        """Say how it is used, and what is wrong; exit status 2."""
        super().error(message.replace(_OPERAND, ""))


def operands_marked(words: Sequence[str]) -> list[str]:
    """The words, but that those that are no options are marked, so that no parser takes them for such.

    An expression such as ``-a*b`` or a file ``-x.csv`` is not an option: of those with a single dash only ``-h`` is. Behind
    ``--``, which is left out, nothing is.
    """
    end = words.index("--") if "--" in words else len(words)
    options = [word for word in words[:end] if word.startswith("--") or word == "-h"]
    plain = [_OPERAND + word if word.startswith("-") and word not in options else word for word in words[:end]]
    return plain + [_OPERAND + word for word in words[end + 1 :]]


def command_position(words: Sequence[str]) -> int | None:
    """Where the first operand stands; None if there is none. Options may come before the command."""
    with_value: set[str] | None = None
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            position += 1
            break
        if not word.startswith("--") and word != "-h":
            break
        if with_value is None and position + 1 < len(words):  # commands are loaded only where it matters
            actions = [action for parser in map(parser_of, COMMANDS) for action in parser._actions if action.nargs != 0]
            with_value = {option for action in actions for option in action.option_strings}
        # An option may be shortened, or have its value behind an equals sign.
        position += 1 + any(option.startswith(word) for option in with_value or ())
    return position if position < len(words) else None


def whole(least: int) -> Callable[[str], int]:
    """A whole number from ``least``."""

    def read(text: str) -> int:
        if not text.strip().lstrip("+-").isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
        return int(text)

    return read


def whole_numbers(text: str) -> tuple[int, ...]:
    """Whole numbers from 1 with commas between them, such as ``16,8``."""
    return tuple(map(whole(1), text.split(",")))


def positive(text: str) -> float:
    """A finite number above 0."""
    return _number(text, lambda value: 0 < value < math.inf, "a number above 0")


def from_zero(text: str) -> float:
    """A finite number, 0 or above."""
    return _number(text, lambda value: 0 <= value < math.inf, "a number from 0 on")


def share(text: str) -> float:
    """A number between 0 and 1, both excluded."""
    return _number(text, lambda value: 0 < value < 1, "a share between 0 and 1, such as 0.3")


def below_one(text: str) -> float:
    """A number from 0 up to 1, without 1."""
    return _number(text, lambda value: 0 <= value < 1, "a share from 0 up to 1, such as 0.2")


def _number(text: str, accept: Callable[[float], bool], what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not accept(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return value


def place(text: str) -> Path:
    """Where a file or folder is, or is to be."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty: give the name of a file or folder")
    return Path(text)
