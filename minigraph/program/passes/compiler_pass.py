"""What a pass is: a name, what it needs before it, what it does to a graph and what the report says of that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeAlias

from minigraph.program.graph import ProgramGraph

Rewrite: TypeAlias = Callable[[ProgramGraph], ProgramGraph]


@dataclass(frozen=True)
class Pass:
    """A pass over the graph of a program.

    Attributes:
        name: what ``without=`` and the report call it.
        summary: what it does, for the report.
        rewrites: functions from graph to graph that computes the same, one after the other. None if the pass changes no
            graph: then the graph as it stands at its place is kept for the program to use.
        after: names of the passes that stand before it, since it builds on what they do. Each of them may be left out.
    """

    name: str
    summary: str
    rewrites: tuple[Rewrite, ...] = ()
    after: tuple[str, ...] = ()

    def note(self, said: str) -> str:
        """A line of the report."""
        return f"{self.name:8} {said}"


def refuse_wrong_order(passes: Iterable[Pass]) -> None:
    """Raise a ValueError if two passes have one name, or a pass stands before one that it needs before it."""
    names: set[str] = set()
    for each in passes:
        missing = [name for name in each.after if name not in names]
        if missing:
            raise ValueError(f"the pass {each.name} needs {', '.join(missing)} before it: put it further down in PASSES.")
        if each.name in names:
            raise ValueError(f"two passes are called {each.name}: without= could not tell them apart.")
        names.add(each.name)
