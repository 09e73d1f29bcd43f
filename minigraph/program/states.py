"""Where a program keeps the values of the leaves that it updates."""

from __future__ import annotations

from collections.abc import Sequence

from minigraph.core.node import Node
from minigraph.program.graph import Part
from minigraph.program.memory import empty
from minigraph.values import Array


class States:
    """The arrays of a program's state leaves: of each the value, and memory for the next one.

    A leaf that is updated by one call in place has one array only.

    Attributes:
        pairs: value and memory of the first leaf, of the second, and so on, as the text takes them.
    """

    def __init__(self, leaves: Sequence[Node], in_place: tuple[Node, Array] | None):
        self.pairs: list[Array] = [empty(leaf.shape, leaf.dtype) for leaf in leaves for _ in range(2)]
        self._first = {leaf: 2 * i for i, leaf in enumerate(leaves)}
        self._in_place = in_place

    def values(self) -> list[Array]:
        """The values of all state leaves."""
        return [*self.pairs[::2], *(() if self._in_place is None else (self._in_place[1],))]

    def of(self, part: Part) -> Array:
        """The value of a user's leaf, in the array of its state leaf."""
        in_place = self._in_place
        if in_place is not None and part.state is in_place[0]:
            return part.of(in_place[1])
        return part.of(self.pairs[self._first[part.state]])

    def publish(self, values: Sequence[Array]) -> None:
        """These are the values from now on, all of them in one store: an interrupt comes before or after."""
        pairs = []
        for value, one, other in zip(values, self.pairs[::2], self.pairs[1::2], strict=True):
            pairs += [value, other if value is one else one]
        self.pairs = pairs
