"""The command ``minigraph``: finds the command that is meant, runs it, and turns what goes wrong into one line.

Exit status: 0 done; 1 did not succeed; 2 used wrongly; 128 and its number after a signal: 130 interrupted, 143 ended.
"""

from __future__ import annotations

import signal
import sys
import warnings
from collections.abc import Sequence

import minigraph as mg
from minigraph.command_line.commands import COMMANDS, UsageError, command_position, load_command, operands_marked, parser_of
from minigraph.command_line.console import OutputError, open_standard_files, say, tell
from minigraph.command_line.stopping import stopped_by_signals
from minigraph.core.errors import nearest

DONE, FAILED, MISUSED, STOPPED = 0, 1, 2, 128
EXPECTED = (UsageError, ValueError, ArithmeticError, RuntimeError, OSError, TypeError, MemoryError, ImportError)
"""What goes wrong by what was given or by where it runs; of anything else the traceback is shown."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what stands after ``minigraph``, by default what the program was called with; gives the exit status."""
    if arguments is None:
        open_standard_files()
    try:
        return _obey(list(sys.argv[1:] if arguments is None else arguments))
    except OutputError as error:
        tell(f"minigraph: {error}")
        return FAILED


def _obey(words: list[str]) -> int:
    position = command_position(words)
    if position is None or words[position] not in COMMANDS:
        return _without_command(words, position)
    name = words.pop(position)
    options = parser_of(name).parse_intermixed_args(operands_marked(words))
    with stopped_by_signals() as signals, warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: tell(f"minigraph: warning: {message}")
        try:
            return load_command(name).run(options)
        except OutputError:
            raise
        except KeyboardInterrupt as interrupt:
            tell(f"minigraph: {interrupt if interrupt.args else 'interrupted'}")
            return STOPPED + (signals or [signal.SIGINT])[0]
        except EXPECTED as error:
            if options.debug:
                raise
            # What can't be read is shown with the pointer below it, which one line would lose.
            text = str(error) if isinstance(error, mg.ParseError) else " ".join(str(error).split())
            tell(f"minigraph: {text or type(error).__name__}")
            return MISUSED if isinstance(error, UsageError | mg.ParseError) else FAILED


def _without_command(words: list[str], position: int | None) -> int:
    """Help, the version, or a word that is not a command."""
    if "--version" in words:
        say(f"minigraph {mg.__version__}")
        return DONE
    if "--help" in words or "-h" in words:
        say(_usage())
        return DONE
    if position is None:
        tell(_usage())
        return MISUSED
    word = words[position]
    tell(f"minigraph: there is no command {word!r}.{nearest(word, COMMANDS)} There are: {', '.join(COMMANDS)}.")
    return MISUSED


def _usage() -> str:
    """How the command is used, with a line for each subcommand."""
    width = max(map(len, COMMANDS))
    commands = "\n".join(f"  {name:{width}}  {load_command(name).summary}" for name in COMMANDS)
    return (
        f"usage: minigraph COMMAND [options]\n\ncommands:\n{commands}\n\n"
        "minigraph COMMAND --help shows the options of a command, with examples; minigraph --version the version."
    )
