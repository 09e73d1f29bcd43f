"""The commands of ``minigraph``, one module each. A new one is written like the others and listed in `COMMANDS`."""

from .command import Command, UsageError
from .draw import DRAW
from .evaluate import EVALUATE
from .explain import EXPLAIN
from .predict import PREDICT
from .train import TRAIN

COMMANDS: dict[str, Command] = {command.name: command for command in (TRAIN, PREDICT, EVALUATE, DRAW, EXPLAIN)}

__all__ = ["COMMANDS", "Command", "UsageError"]
