"""What is pinned on the boxes of a picture: short notes about nodes, such as what `health` found, handed over as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from minigraph.core.errors import called
from minigraph.core.node import Node
from minigraph.core.pulling import ancestors
from minigraph.reading.steps import Step


@dataclass(frozen=True)
class Pin:
    """A short note about a node: ``2 of 16 units dead``."""

    node: Node
    text: str


class Pinned(Protocol):
    """What has notes about nodes, such as a `Health`, or one of its findings."""

    @property
    def pins(self) -> Sequence[Pin]:
        """The notes, in the order in which they are shown."""


def pins_by_step(pinned: Pinned, root: Node, steps: Sequence[Step]) -> dict[Node, list[str]]:
    """The notes on each step: a node that is written inside a step has its notes there, and each is told once.

    Raises:
        TypeError: if there are no notes in it.
        ValueError: if a note is about a node that the root does not depend on.
    """
    if not hasattr(pinned, "pins"):
        raise TypeError(f"draw: findings= takes what mg.health gives, not {type(pinned).__name__}")
    holders: dict[Node, Node] = {}
    for step in steps:
        holders.setdefault(step.node, step.node)
        for edge in step.edges:
            holders.update((consumer, step.node) for consumer, _ in edge.path if consumer is not step.node)
    graph = set(ancestors([root]))
    found: dict[Node, list[str]] = {}
    for pin in pinned.pins:
        if pin.node not in graph:
            raise ValueError(
                f"draw: the findings are about {called(pin.node)}, which {called(root)} does not depend on. "
                "Give what mg.health found in the node that is drawn."
            )
        texts = found.setdefault(holders.get(pin.node, steps[-1].node), [])
        texts += [pin.text] if pin.text not in texts else []
    return found
