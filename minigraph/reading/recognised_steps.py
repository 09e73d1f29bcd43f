"""What steps are recognised as, in every view alike."""

from __future__ import annotations

from collections.abc import Iterator

from minigraph.core.node import Node
from minigraph.operations.idioms import Idiom, idiom_of
from minigraph.reading.steps import Step


def recognised_in(step: Step) -> Iterator[tuple[Node, Idiom]]:
    """What a step is recognised as; if it is nothing, what is folded in it."""
    idiom = idiom_of(step.node)
    if idiom is not None:
        yield step.node, idiom
        return
    inside = {consumer for edge in step.edges for consumer, _ in edge.path if consumer is not step.node}
    for node in sorted(inside, key=lambda node: node.number):
        if (idiom := idiom_of(node)) is not None:
            yield node, idiom
