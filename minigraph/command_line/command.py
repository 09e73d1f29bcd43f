"""What a subcommand is, and the table of those that there are, each loaded when it is asked for."""

from __future__ import annotations

import argparse
from abc import ABC, abstractmethod

from minigraph.command_line.argument_parser import Parser
from minigraph.core.later import loaded

COMMANDS = {
    "train": "minigraph.models.commands.train:Train",
    "predict": "minigraph.models.commands.predict:Predict",
    "evaluate": "minigraph.models.commands.evaluate:Evaluate",
    "draw": "minigraph.command_line.draw_command:Draw",
    "explain": "minigraph.command_line.explain_command:Explain",
}
"""The module and the class of each subcommand. Nothing else in the engine names minigraph.models."""


class UsageError(Exception):
    """The command line was used wrongly: exit status 2."""


class Command(ABC):
    """One subcommand. A new one is a class like the others in a file of its own, and a line in `COMMANDS`.

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
