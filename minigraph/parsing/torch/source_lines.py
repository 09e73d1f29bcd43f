"""Where in the user's module a call stands: its line, and what the value is called there.

PyTorch notes for each call the lines of the methods ``forward`` that led to it, and their modules. So a value gets the name
that it is assigned to, ``h = self.hidden(x)``; in a submodule ``encoder.h``; and the output of a submodule that is not
assigned gets the submodule's own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

_FRAME = re.compile(r'^\s*File "(.+)", line (\d+), in \S+\n\s+(.*)$', re.MULTILINE)
_ASSIGNED = re.compile(r"([^\W\d]\w*)\s*(?::[^=]*)?(?:\*\*|//|[-+*/@])?=(?!=)")
OWN = "torch.nn.modules."
"""The modules that come with PyTorch."""


@dataclass(frozen=True)
class Line:
    """A line of a user's file."""

    file: str
    number: int
    code: str

    def __str__(self) -> str:
        return f"{self.file}:{self.number}: {self.code}"


@dataclass(frozen=True)
class Submodule:
    """One call of a submodule: its key tells it from other calls of the same."""

    key: str
    path: str
    kind: str

    @property
    def name(self) -> str:
        """What its output is called: ``encoder.0``, but ``Linear_0``, since 0 would be a number."""
        return f"{self._class}_{self.path}" if self.path[0].isdigit() else self.path

    @property
    def title(self) -> str:
        """What its box is called: ``encoder.0 · Linear``."""
        return f"{self.path} · {self._class}"

    @property
    def _class(self) -> str:
        return self.kind.rpartition(".")[2]


@dataclass(frozen=True)
class Place:
    """Where a call stands: the user's lines that led to it, the outermost first, and the submodules, likewise."""

    lines: tuple[Line, ...]
    submodules: tuple[Submodule, ...]

    def __str__(self) -> str:
        said = [str(self.lines[-1])] if self.lines else []
        said += [self.submodules[-1].title] if self.submodules else []
        return ", in ".join(said) or "the module itself"


def place_of(call: Any, library: str) -> Place:
    """Where a call of an exported graph stands; ``library`` is PyTorch's folder, whose own lines don't count."""
    found = _FRAME.findall(call.meta.get("stack_trace") or "")
    lines = [Line(file, int(number), code) for file, number, code in found]
    stack = (call.meta.get("nn_module_stack") or {}).items()
    return Place(
        tuple(line for line in lines if not line.file.startswith(library + os.sep)),
        tuple(Submodule(key, path, kind) for key, (path, kind) in stack if path),
    )


def names_of(places: Sequence[Place]) -> list[str | None]:
    """For each of the calls, in their order, what its value is called: as in `trace`, by the outermost variable."""
    following = [*places[1:], Place((), ())]
    return [next(_names_between(place, after), None) for place, after in zip(places, following, strict=False)]


def _names_between(place: Place, following: Place) -> Iterator[str]:
    """The names of a value with which statements and submodules end, before the following call."""
    for path, statement in reversed(list(_statements(place))):
        assigned = _ASSIGNED.match(place.lines[statement].code)
        if assigned and _spots(place, statement) != _spots(following, statement):
            yield f"{path}.{assigned[1]}" if path else assigned[1]
    for position, submodule in enumerate(place.submodules):
        if submodule not in following.submodules[position : position + 1]:
            yield submodule.name


def _statements(place: Place) -> Iterator[tuple[str, int]]:
    """The lines that led to a call by their positions, the innermost first, each with the path of its module."""
    paths = ["", *(submodule.path for submodule in place.submodules if not submodule.kind.startswith(OWN))]
    for position in reversed(range(len(place.lines))):
        yield paths[-1], position
        if len(paths) > 1:  # else it is the ``forward`` of a class above
            paths.pop()


def _spots(place: Place, last: int) -> list[tuple[str, int]]:
    return [(line.file, line.number) for line in place.lines[: last + 1]]
