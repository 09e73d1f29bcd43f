"""What a command is, and the arguments that several commands share."""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from minigraph.command_line.console import tell

COMMANDS = {
    "train": "minigraph.models.commands.train:TRAIN",
    "predict": "minigraph.models.commands.predict:PREDICT",
    "evaluate": "minigraph.models.commands.evaluate:EVALUATE",
    "draw": "minigraph.command_line.draw_command:DRAW",
    "explain": "minigraph.command_line.explain_command:EXPLAIN",
}
"""Where each command is found; it is loaded when it is asked for. This table alone names minigraph.models."""


class UsageError(Exception):
    """The command line was used wrongly: exit status 2."""


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        name: as it is typed.
        summary: what it does, in a line.
        examples: whole command lines, for ``--help``.
        add_arguments: declares its arguments.
        run: does it; gives the exit status. What it raises becomes one line on stderr.
    """

    name: str
    summary: str
    examples: tuple[str, ...]
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]


def load_command(name: str) -> Command:
    """The command of that name."""
    module, _, attribute = COMMANDS[name].partition(":")
    command: Command = getattr(import_module(module), attribute)
    return command


@contextlib.contextmanager
def telling(prefix: str) -> Iterator[None]:
    """Python's warnings become lines on stderr: the prefix, and what is said."""
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            yield
        finally:
            for warning in warned:
                tell(f"{prefix}{warning.message}")


def as_json(document: Any) -> str:
    """One JSON document; numbers that JSON can't say are null."""
    return json.dumps(_sayable(document), indent=1, allow_nan=False) + "\n"


def _sayable(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: _sayable(value) for name, value in document.items()}
    if isinstance(document, list | tuple):
        return [_sayable(value) for value in document]
    return None if isinstance(document, float) and not math.isfinite(document) else document


def whole(least: int) -> Callable[[str], int]:
    """An argument that is a whole number from ``least``."""

    def read(text: str) -> int:
        if not text.strip().lstrip("+-").isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least}")
        return int(text)

    return read


def positive(text: str) -> float:
    """An argument that is a finite number above 0."""
    return _number(text, lambda value: 0 < value < float("inf"), "a number above 0")


def share(text: str) -> float:
    """An argument between 0 and 1, both excluded."""
    return _number(text, lambda value: 0 < value < 1, "a share between 0 and 1, such as 0.3")


def _number(text: str, accept: Callable[[float], bool], what: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not accept(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")
    return value


def sizes(text: str) -> list[int]:
    """An argument such as ``16,8``: the units of hidden layers."""
    return [whole(1)(part) for part in text.split(",")]


def filled(text: str) -> str:
    """A path, which is not empty."""
    if not text:
        raise argparse.ArgumentTypeError("it is empty: give the name of a file or folder")
    return text


def place(text: str) -> Path:
    """Likewise."""
    return Path(filled(text))
