"""The command ``minigraph``: finds the command that is meant, runs it, and turns what goes wrong into one line.

Exit status: 0 done; 1 did not succeed; 2 used wrongly; 130 interrupted.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Sequence

import minigraph as mg

from .commands import COMMANDS, Command, UsageError

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        arguments: what stands after ``minigraph``; by default what the program was called with.

    Returns:
        The exit status.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = next((word for word in words if word in COMMANDS), None)
    if name is None:
        return _without_command(words)
    words.remove(name)
    command = COMMANDS[name]
    options = _parser(command).parse_intermixed_args(list(map(_not_an_option, words)))
    try:
        return command.run(options)
    except UsageError as error:
        return _fail(error, options, MISUSED)
    except KeyboardInterrupt as interrupt:
        return _fail(interrupt if interrupt.args else KeyboardInterrupt("interrupted"), options, INTERRUPTED)
    except BrokenPipeError:  # the reader of a pipe has gone: nobody is there to tell
        sys.stdout = None
        return FAILED
    except (ValueError, ArithmeticError, RuntimeError, OSError, TypeError, MemoryError, ImportError) as error:
        return _fail(error, options, FAILED)


def _not_an_option(word: str) -> str:
    """An expression such as -a*b is no option, though it begins like one: only -h has a single dash."""
    return f" {word}" if word.startswith("-") and not word.startswith("--") and word != "-h" else word


def _parser(command: Command) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
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
    print(f"minigraph: {text}", file=sys.stderr)
    return status


def _without_command(words: list[str]) -> int:
    """Help, the version, or a word that is no command."""
    width = max(map(len, COMMANDS))
    usage = "\n".join(
        [
            "usage: minigraph COMMAND [options]",
            "",
            "commands:",
            *(f"  {command.name:{width}}  {command.summary}" for command in COMMANDS.values()),
            "",
            "minigraph COMMAND --help shows the options of a command, with examples; minigraph --version the version.",
        ]
    )
    if "--version" in words:
        print(f"minigraph {mg.__version__}")
        return DONE
    if "--help" in words or "-h" in words:
        print(usage)
        return DONE
    word = next((word for word in words if not word.startswith("-")), None)
    if word is None:
        print(usage, file=sys.stderr)
        return MISUSED
    close = difflib.get_close_matches(word, COMMANDS, n=1)
    hint = f" Did you mean {close[0]!r}?" if close else ""
    print(f"minigraph: there is no command {word!r}.{hint} There are: {', '.join(COMMANDS)}.", file=sys.stderr)
    return MISUSED


if __name__ == "__main__":  # python -m minigraph.models.command_line
    sys.exit(main())
