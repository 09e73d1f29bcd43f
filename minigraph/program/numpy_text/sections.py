"""Comments that divide the text of a step: forward, backward, update, and the groups."""

from __future__ import annotations

from minigraph.core.node import Node
from minigraph.core.pulling import ancestors
from minigraph.program.graph import ProgramGraph


class Sections:
    """Comments that name the parts of a step: forward, backward, update, and the groups."""

    def __init__(self, graph: ProgramGraph):
        self.forward = set(ancestors(graph.outputs))
        self.update = self._update(list(graph.updates.values()))
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
        return ["", title]


def in_one_line(text: str) -> str:
    """The text as it can stand in a comment: a title is the user's, and must not become code."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
