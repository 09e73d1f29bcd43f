"""The words of a command line: which of them is the command, and which begin with a dash and are no options."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn

from minigraph.command_line.console import say, tell

_OPERAND = "\0"
"""Before a word that begins with a dash and is no option; no word of a command line can hold it."""


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

    An expression such as ``-a*b`` or a file ``-x.csv`` is no option: of those with a single dash only ``-h`` is. Behind
    ``--``, which is left out, nothing is.
    """
    end = words.index("--") if "--" in words else len(words)
    options = [word for word in words[:end] if word.startswith("--") or word == "-h"]
    plain = [_OPERAND + word if word.startswith("-") and word not in options else word for word in words[:end]]
    return plain + [_OPERAND + word for word in words[end + 1 :]]


def command_position(words: Sequence[str], parsers: Callable[[], Iterable[argparse.ArgumentParser]]) -> int | None:
    """Where the first operand stands; None if there is none.

    Args:
        words: all words. Options may come before the command.
        parsers: gives those of all commands, to know which options take the next word as their value; called only
            where an option comes before something else.
    """
    with_value: set[str] | None = None
    position = 0
    while position < len(words):
        word = words[position]
        if word == "--":
            position += 1
            break
        if not word.startswith("--") and word != "-h":
            break
        if with_value is None and position + 1 < len(words):
            actions = [action for parser in parsers() for action in parser._actions if action.nargs != 0]
            with_value = {option for action in actions for option in action.option_strings}
        # An option may be shortened, or have its value behind an equals sign.
        position += 1 + any(option.startswith(word) for option in with_value or ())
    return position if position < len(words) else None
