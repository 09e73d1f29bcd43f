"""The command ``minigraph``: finds the command that is meant, runs it, and turns what goes wrong into one line.

Exit status: 0 done; 1 did not succeed; 2 used wrongly; 128 and its number after a signal: 130 interrupted, 143 ended.
"""

from __future__ import annotations

import argparse
import difflib
import signal
import sys
import warnings
from collections.abc import Sequence

import minigraph as mg
from minigraph.command_line.argument_parser import Parser, command_position, operands_marked
from minigraph.command_line.command import COMMANDS, Command, UsageError, load_command
from minigraph.command_line.console import OutputError, open_standard_files, say, tell
from minigraph.command_line.stopping import stopped_by_signals

DONE, FAILED, MISUSED, STOPPED = 0, 1, 2, 128


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: what stands after ``minigraph``; by default what the program was called with.

    Returns:
        The exit status.
    """
    if arguments is None:
        open_standard_files()
    try:
        return _obey(list(sys.argv[1:] if arguments is None else arguments))
    except OutputError as error:
        tell(f"minigraph: {error}")
        return FAILED


def _obey(words: list[str]) -> int:
    position = command_position(words, lambda: map(_parser, map(load_command, COMMANDS)))
    if position is None or words[position] not in COMMANDS:
        return _without_command(words, position)
    command = load_command(words.pop(position))
    options = _parser(command).parse_intermixed_args(operands_marked(words))
    return _run(command, options)


def _run(command: Command, options: argparse.Namespace) -> int:
    with stopped_by_signals() as signals, warnings.catch_warnings():
        warnings.showwarning = lambda message, *_, **__: tell(f"minigraph: warning: {message}")
        try:
            return command.run(options)
        except OutputError:
            raise
        except UsageError as error:
            return _fail(error, options, MISUSED)
        except KeyboardInterrupt as interrupt:
            tell(f"minigraph: {interrupt if interrupt.args else 'interrupted'}")
            return STOPPED + (signals or [signal.SIGINT])[0]
        except (ValueError, ArithmeticError, RuntimeError, OSError, TypeError, MemoryError, ImportError) as error:
            return _fail(error, options, FAILED)


def _parser(command: Command) -> Parser:
    parser = Parser(
        prog=f"minigraph {command.name}",
        description=command.summary,
        epilog="examples:\n" + "".join(f"  {line}\n" for line in command.examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_arguments(parser)
    parser.add_argument("--debug", action="store_true", help="show the traceback when something goes wrong")
    return parser


def _fail(error: BaseException, options: argparse.Namespace, status: int) -> int:
    if options.debug:
        raise error
    text = " ".join(str(error).split()) or type(error).__name__
    tell(f"minigraph: {text}")
    return status


def _without_command(words: list[str], position: int | None) -> int:
    """Help, the version, or a word that is no command."""
    width = max(map(len, COMMANDS))
    usage = "\n".join(
        [
            "usage: minigraph COMMAND [options]",
            "",
            "commands:",
            *(f"  {command.name:{width}}  {command.summary}" for command in map(load_command, COMMANDS)),
            "",
            "minigraph COMMAND --help shows the options of a command, with examples; minigraph --version the version.",
        ]
    )
    if "--version" in words:
        say(f"minigraph {mg.__version__}")
        return DONE
    if "--help" in words or "-h" in words:
        say(usage)
        return DONE
    if position is None:
        tell(usage)
        return MISUSED
    word = words[position]
    close = difflib.get_close_matches(word, COMMANDS, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    tell(f"minigraph: there is no command {word!r}.{hint} There are: {', '.join(COMMANDS)}.")
    return MISUSED
