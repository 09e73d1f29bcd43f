"""A written program: its text, the functions that the text calls by name, and the comments that divide it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.core.node import Node
from minigraph.core.pulling import ancestors, run
from minigraph.program.graph import Part, ProgramGraph
from minigraph.program.memory import Memory


@dataclass(frozen=True)
class Text:
    """A written program.

    Attributes:
        source: the Python text; it defines ``steps``, which does steps until the first that is not finite, and
            returns how many.
        namespace: what the text finds by name: literal arrays, forward rules, checks.
        sources: the leaves whose arrays ``steps`` takes, in order.
        states: the state leaves that it takes, in two arrays each.
        in_place: the state leaf that it keeps itself, and the name of its array; or None.
        calls: how many operations each step does.
        memory: the buffers.
    """

    source: str
    namespace: dict[str, Any]
    sources: list[Node]
    states: list[Node]
    in_place: tuple[Node, str] | None
    calls: int
    memory: Memory


class Forward:
    """An operation without an ``out=`` form, by its forward rule."""

    def __init__(self, node: Node):
        self.node = node

    def __call__(self, *arrays: Any) -> None:
        """Fill the last of the arrays."""
        *operands, out = arrays
        out[...] = run(self.node, [_unwritable(x) for x in operands])


class Check:
    """An operand's values are looked at, unless they are those of the last time."""

    def __init__(self, node: Node):
        self.node = node
        self.seen = b""

    def __call__(self, array: Any) -> None:
        """Raise if an entry is refused."""
        entries = array.tobytes()
        if entries != self.seen:
            run(self.node, [_unwritable(array)])
            self.seen = entries


class AllFinite:
    """Whether arrays are finite in every entry that somebody sees: what lies between the parts of a state does not count.

    The text asks it only where the sum of squares, which costs less, is not finite: that may have overflowed alone.
    """

    def __init__(self, parts: Sequence[Sequence[Part]]):
        self.parts = parts

    def __call__(self, *arrays: Any) -> bool:
        """Whether they are; each array has its own parts, or none if all of it is seen."""
        for array, parts in zip(arrays, self.parts, strict=True):
            if not all(np.isfinite(seen).all() for seen in ([part.of(array) for part in parts] or [array])):
                return False
        return True


def _unwritable(array: Any) -> Any:
    if array.ndim == 0:
        return array[()]
    seen = array.view()
    seen.flags.writeable = False
    return seen


class Sections:
    """Comments that name the parts of a step: forward, backward, update, and the groups."""

    def __init__(self, graph: ProgramGraph):
        self.forward = set(ancestors(graph.outputs))
        self.update = self._update(list(graph.updates.values()))
        self.spread = " or ".join(f"{factor:.6g}" for factor in graph.spread)
        self.last = ""

    def _update(self, waiting: list[Node]) -> set[Node]:
        """The next values, and what is done entry by entry on the way from the gradients, which have names."""
        found: set[Node] = set()
        while waiting:
            node = waiting.pop()
            if node in found or node.op is None:
                continue
            found.add(node)
            for x in node.inputs if node.op.broadcasts else ():
                if x.op is not None and x.op.broadcasts and x.name is None and x.shape in (node.shape, ()):
                    waiting.append(x)
        return found - self.forward

    def titles(self, node: Node) -> list[str]:
        """The comment before a node, if it begins a part."""
        phase = "forward" if node in self.forward else "update" if node in self.update else "backward"
        title = f"# {phase}" + (f" · {in_one_line(node.group.title)}" if node.group is not None else "")
        if title == self.last:
            return []
        self.last = title
        lines = ["", title]
        if phase == "backward" and self.spread:
            lines.append(f"# what follows is times {self.spread} already, so that nothing later need be multiplied with it")
            self.spread = ""  # said once
        return lines


def in_one_line(text: str) -> str:
    """The text as it can stand in a comment: a title is the user's, and must not become code."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
