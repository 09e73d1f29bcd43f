"""What a slip is: one thing that goes wrong at one step; and the arrays that are at hand to whoever makes it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.reading.names import Names
from minigraph.values import Array

MOST_CACHED = 40
"""Of so many arrays each is tried."""

Apply = Callable[[Array], Array]


@dataclass(frozen=True)
class Slip:
    """One thing that goes wrong at one step.

    Attributes:
        words: what it is.
        apply: what it makes of the array that comes from above.
        common: whether it is looked for beside another as well.
        of_gradient: the name of the weights in whose place their own gradient stands; "" for all other slips.
        forgets: the part of J that is left out; "" for all other slips.
        leaves_out: whether it is a factor that was forgotten, or a path.
        kind: what is the same where it is made at another step, in words and nodes; a node counts by its place as seen
            from the step. () for what is made at one step only.
    """

    words: str
    apply: Apply
    common: bool = False
    of_gradient: str = ""
    forgets: str = ""
    leaves_out: bool = False
    kind: tuple[object, ...] = ()


@dataclass
class Cached:
    """What a backward function has at hand: the arrays of the forward pass, and the gradients so far.

    Attributes:
        names: what they are called.
        nodes: the nodes of the forward pass whose arrays are tried.
        gradients: the gradients of those with names.
        fixed: the nodes that depend on no parameter, such as Y.
        penalties: the costs that depend on parameters alone, where J depends on data, and the steps to them.
    """

    names: Names
    nodes: list[Node]
    gradients: dict[Node, Array]
    fixed: Collection[Node]
    penalties: Collection[Node]
    values: list[tuple[Node, str, Array]] = field(init=False)

    def __post_init__(self) -> None:
        self.values = [(node, self.called(node), value_of(node)) for node in self.nodes]

    def called(self, node: Node) -> str:
        """The name of a node; a formula stands in parentheses."""
        name = self.names.of(node)
        return f"({name})" if " " in name and node not in self.names else name


def cached_in(backward_pass: BackwardPass, names: Names, gradients: dict[Node, Array], costs: Collection[Node]) -> Cached:
    """What is at hand: leaves, what has a name, and what lies on the way; of large graphs the last of it."""
    on_the_way = {line.input for line in backward_pass}
    order = [node for node in ancestors([backward_pass.root]) if node.role is not Role.LITERAL]
    trained, of_data = _reached_from(order, Role.PARAMETER), _reached_from(order, Role.DATA)
    alone = [node for node in costs if node in trained and node not in of_data]
    penalties = ancestors(alone) if backward_pass.root in of_data else []
    at_hand = [node for node in order[:-1] if node.op is None or node.name is not None or node in on_the_way]
    return Cached(names, at_hand[-MOST_CACHED:], gradients, set(order) - trained, {x for x in penalties if x.op is not None})


def _reached_from(order: Sequence[Node], role: Role) -> set[Node]:
    """The nodes that depend on a leaf of this role."""
    found: set[Node] = set()
    for node in order:
        if node.role is role or not found.isdisjoint(node.inputs):
            found.add(node)
    return found


def value_of(node: Node) -> Array:
    """The value in float64."""
    return np.asarray(node.value, np.float64)
