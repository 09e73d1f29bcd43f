"""A backward pass in named steps: what is explained is ∂J/∂v · ∂v/∂u · ∂u/∂b, not every primitive operation.

An unnamed node that is used once is folded into its user, as in diagrams; an unnamed node that is used
several times gets a letter for this explanation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from minigraph.calculus.reverse_mode import look_back
from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import LinearMap
from minigraph.core.node import Node
from minigraph.core.pulling import ancestors
from minigraph.core.shape_maps import Broadcast, Transposition
from minigraph.explanation.asking import refuse_unrelated, root_and_seed
from minigraph.formulas.index_sums import Entry, Index, Letters
from minigraph.formulas.notation import Expression, Written, symbol, to_text
from minigraph.operations.arithmetic import cast
from minigraph.reading.names import marked_names
from minigraph.values import Shape

LONGEST_FOLD = 12
"""An unnamed node is not folded behind more than so many others: a formula that long explains nothing."""


@dataclass(frozen=True)
class Step:
    """The derivative of one named node by another one: the edges between them, the consumer's first.

    Attributes:
        edges: lines of the ledger, each leading to the next.
    """

    edges: tuple[Contribution, ...]

    @property
    def consumer(self) -> Node:
        """The node that is differentiated."""
        return self.edges[0].consumer

    @property
    def input(self) -> Node:
        """The node by which it is differentiated."""
        return self.edges[-1].input

    def pulls(self) -> Iterator[tuple[LinearMap, Node]]:
        """The maps that pull a gradient from the consumer to the input, each with the node that the edge leads to.

        Undoing of broadcasting is one of them. Of a product that is transposed, (∂J/∂Z · Xᵀ)ᵀ, the gradient is
        transposed first, X · (∂J/∂Z)ᵀ: the shapes are then those of the formula.
        """
        held: tuple[LinearMap, Node] | None = None
        for local, node in self._pulls():
            turned = held[0].turned() if held and local == Transposition((1, 0)) else None
            if held and turned:
                yield local, held[1]
                held = turned, node
                continue
            if held:
                yield held
            held = local, node
        assert held is not None
        yield held

    def _pulls(self) -> Iterator[tuple[LinearMap, Node]]:
        for edge in self.edges:
            for local in edge.local.factors():
                yield local, edge.input
            if edge.summed_axes:
                yield Broadcast(edge.input.shape, edge.consumer.shape), edge.input

    def pull(self, upstream: Node) -> Node:
        """The contribution to ∂J/∂input, if ∂J/∂consumer is ``upstream``."""
        for local, _ in self.pulls():
            upstream = local.pull(upstream)
        return cast(upstream, self.input.dtype)

    def written(self, upstream: Written) -> Written:
        """How `pull` is written."""
        for local, _ in self.pulls():
            upstream = local.told(upstream)
        return upstream

    def entry(self, index: Index) -> Entry:
        """One entry of what is pulled, as a sum over entries of ∂J/∂consumer."""
        letters = Letters()
        entry = Entry(index)
        for local, _ in reversed(list(self._pulls())):
            entry = local.entry(entry.index, letters).after(entry)
        return entry


ORDINALS = ("first", "second", "third", "fourth", "fifth", "next")
MOST_TURNS = 3
"""Where a path goes is told for so many turns."""


class Steps:
    """The part of a backward pass that leads from J to one node, or the whole pass, in named steps.

    Attributes:
        root: the node J.
        wrt: the node at which all paths end, or None for the whole pass.
        backward_pass: the pass, with its gradients.
        forward: the nodes of the forward graph.
        nodes: the nodes that are kept, in the order of the pass, J first.
        arrivals: for each kept node the steps that lead to it, in the order of the pass.
        marked: the nodes that share their name with others, with a number.
        names: letters for unnamed nodes.
        called: both.
    """

    def __init__(self, backward_pass: BackwardPass, wrt: Node | None):
        self.root, self.wrt, self.backward_pass = backward_pass.root, wrt, backward_pass
        self.forward = frozenset(ancestors([self.root]))
        arriving: dict[Node, list[Contribution]] = {self.root: []}
        for line in backward_pass:
            arriving.setdefault(line.input, []).append(line)
        folded = self._folded(arriving)
        self.nodes = [node for node in backward_pass.gradients if node not in folded]
        self.arrivals = {node: [_step(line, arriving, folded) for line in arriving[node]] for node in self.nodes}
        self.marked = marked_names(self.root)
        self.names = self._letters()
        self.called = {**self.marked, **self.names}

    def _folded(self, arriving: Mapping[Node, list[Contribution]]) -> dict[Node, int]:
        """The nodes that are folded into their user, each with the number of nodes it is folded behind."""
        folded: dict[Node, int] = {}
        for node, lines in arriving.items():
            if node.name is None and node is not self.wrt and len(lines) == 1 and node.op is not None:
                behind = folded.get(lines[0].consumer, 0)
                if behind < LONGEST_FOLD:
                    folded[node] = behind + 1
        return folded

    def _letters(self) -> dict[Node, str]:
        """s1, s2, … for unnamed nodes in the order of computation; output for an unnamed J."""
        taken = {node.name for node in self.forward}
        numbers = (f"s{i}" for i in range(1, len(self.nodes) + len(taken) + 2) if f"s{i}" not in taken)
        names = {}
        for node in reversed(self.nodes):
            if node is self.root and node.name is None:
                names[node] = "output"
            elif node.name is None and node not in self.marked:
                names[node] = "x" if node is self.wrt and node.op is None and "x" not in taken else next(numbers)
        return names

    @property
    def target(self) -> Node:
        """The node at which all paths end."""
        assert self.wrt is not None
        return self.wrt

    # Words

    def label(self, node: Node) -> str:
        """The name of a kept node."""
        return self.called.get(node) or str(node.name)

    def written(self, node: Node) -> Expression:
        """A kept node as a symbol."""
        return symbol(self.label(node), node.shape)

    def derivative(self, above: Node, below: Node) -> Expression:
        """∂above/∂below."""
        return symbol(derivative_name(self.label(above), self.label(below)), below.shape)

    def gradient(self, node: Node) -> Expression:
        """∂J/∂node."""
        return self.derivative(self.root, node)

    def way(self, path: Sequence[Step]) -> str:
        """Where a path goes, as far as the nodes on it don't tell: by which folded node, by which operand."""
        turns: list[str] = []
        count = 0
        for step in path:
            last = step.edges[-1]
            ends = [other.edges[-1] for other in self.arrivals[step.input] if other.consumer is step.consumer]
            if len(ends) == 1:
                continue
            count += 1
            if count > MOST_TURNS:
                continue
            formula = to_text(last.consumer.formula(), budget=30, names=self.called, juxtapose=True)
            if sum(end.consumer is last.consumer for end in ends) > 1:
                formula = f"the {ORDINALS[min(last.position, len(ORDINALS) - 1)]} operand of {formula}"
            turns.append(formula)
        if count > MOST_TURNS:
            turns[-1] = f"and so on, {count} times a choice"
        return ", ".join(turns)

    # Paths

    def counts(self) -> dict[Node, int]:
        """The number of paths from J to each kept node."""
        found = {self.root: 1}
        for node in self.nodes[1:]:
            found[node] = sum(found[step.consumer] for step in self.arrivals[node])
        return found

    def paths(self) -> Iterator[list[Step]]:
        """The paths from J to wrt, one after the other; there may be very many."""
        Link = tuple[Step, Any]  # a path in the making, from its upper end: a step and what follows it
        waiting: list[Link] = [(step, None) for step in reversed(self.arrivals[self.target])]
        while waiting:
            link = waiting.pop()
            before = link[0].consumer
            if before is self.root:
                yield _unlinked(link)
            else:
                waiting += [(step, link) for step in reversed(self.arrivals[before])]


def _unlinked(link: tuple[Step, Any] | None) -> list[Step]:
    path = []
    while link is not None:
        path.append(link[0])
        link = link[1]
    return path


def _step(line: Contribution, arriving: Mapping[Node, list[Contribution]], folded: Mapping[Node, int]) -> Step:
    edges = [line]
    while edges[-1].consumer in folded:
        edges.append(arriving[edges[-1].consumer][0])
    return Step(tuple(reversed(edges)))


def steps_to(J: Node | BackwardPass, wrt: Node) -> Steps | None:
    """The steps from J to a node; None if J depends on it only through steps that are flat, so nothing flows back.

    Raises:
        TypeError: if one of them is no node.
        ValueError: if J does not depend on the node.
        ShapeError: if J is not a scalar, and no pass with a seed is given.
    """
    root, seed = root_and_seed(J, "explain")
    refuse_unrelated(root, wrt, "explain")
    backward_pass = look_back(root, seed, "explain", {wrt})
    return Steps(backward_pass, wrt) if wrt in backward_pass.gradients else None


def derivative_name(above: str, below: str) -> str:
    """∂u/∂b; the derivative of a derivative is ∂(∂J/∂b)/∂b."""
    return f"∂{f'({above})' if '/' in above else above}/∂{below}"


def shape_text(shape: Shape) -> str:
    """(4, 400); scalar for ()."""
    return str(shape) if shape else "scalar"
