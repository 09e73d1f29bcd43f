"""``minigraph class``: a class of 90 minutes as a folder: slides, live pages, quiz, worksheets, assignment, grader."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator

from minigraph.command_line.commands import Command, UsageError, place, whole
from minigraph.command_line.console import say, tell, telling_warnings

from ..course import CLASSES, taught
from ..course.pack import STUDENTS, pack, refuse_foreign, write_pack


class ClassPack(Command):
    """Writes a class as a folder."""

    summary = "write a class of 90 minutes: slides, live pages, quiz, worksheets, assignment with its grader, for Moodle too"
    examples = (
        "minigraph class --list",
        "minigraph class chain-rule --out week1",
        "minigraph class hidden-layer --out week2 --seed 7 --groups 2 --students 3",
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Which class, where to, and with which numbers."""
        parser.add_argument("name", nargs="?", metavar="NAME", help="which class: " + ", ".join(CLASSES))
        parser.add_argument("--list", action="store_true", help="print the classes, and nothing else")
        parser.add_argument(
            "--out",
            type=place,
            metavar="FOLDER",
            help="write it into this folder; what it has of your own is never replaced",
        )
        parser.add_argument(
            "--seed", type=whole(0), default=0, metavar="N", help="which numbers quiz and worksheets have (default: 0)"
        )
        parser.add_argument(
            "--groups", type=whole(1), default=1, metavar="N", help="a quiz for each of N groups, with numbers of its own"
        )
        parser.add_argument(
            "--students", type=whole(1), default=STUDENTS, metavar="N", help=f"how many worksheets (default: {STUDENTS})"
        )

    def run(self, options: argparse.Namespace) -> int:
        """Write the folder, or print the list."""
        if options.list:
            if options.name is not None or options.out is not None:
                raise UsageError("--list prints the classes: it goes alone")
            for name in CLASSES:
                say(f"{name:14}{taught(name).heading}")
            return 0
        if options.name is None or options.out is None:
            raise UsageError("say which class, and where to: minigraph class chain-rule --out FOLDER; --list prints them")
        try:
            chosen = taught(options.name)
        except ValueError as error:
            raise UsageError(str(error)) from None
        refuse_foreign(options.out)
        with telling_warnings("minigraph: ") as warned:
            files = pack(
                chosen,
                seed=options.seed,
                groups=options.groups,
                students=options.students,
                command=" ".join(_again(options)),
                tell=lambda what: tell(f"{what} …"),
            )
        write_pack(options.out, files)
        say(f"wrote {len(files)} files into {options.out}: open {options.out / 'lecturer' / 'index.html'} first")
        return 1 if warned else 0


def _again(options: argparse.Namespace) -> Iterator[str]:
    """The words of the command."""
    yield from ("minigraph", "class", options.name, "--out", shlex.quote(str(options.out)))
    for name, usual in (("seed", 0), ("groups", 1), ("students", STUDENTS)):
        if getattr(options, name) != usual:
            yield from (f"--{name}", str(getattr(options, name)))
