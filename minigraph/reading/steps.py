"""Which steps a graph and its backward pass have, in every view alike: a step is what a reader sees as one box or one line.

An unnamed operation that is used exactly once, in the group in which it is made, is folded: it is written inside the
step that uses it (see `minigraph.reading.names`). The edges into a step then run along several primitive edges, and a
backward pass goes from step to step: ∂J/∂v · ∂v/∂u · ∂u/∂b, and not along every primitive operation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from minigraph.calculus.reverse_mode import look_back
from minigraph.core.errors import called
from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import LinearMap, compose
from minigraph.core.node import Node, literal
from minigraph.core.pulling import ancestors
from minigraph.core.shape_maps import Broadcast, Transposition
from minigraph.formulas import Symbol, Written, symbol
from minigraph.formulas.index_sums import Entry, Index, Letters
from minigraph.operations.arithmetic import cast
from minigraph.operations.idioms import Idiom, idiom_of
from minigraph.reading.derived_graphs import readable
from minigraph.reading.names import Names, folded_in
from minigraph.reading.words import told

MOST_TURNS = 3
"""Where a path goes is told for so many turns."""
ORDINALS = ("first", "second", "third", "fourth", "fifth", "next")

Primitive = tuple[Node, int]
"""A primitive edge: a consumer, and which of its inputs."""


@dataclass(frozen=True, slots=True)
class StepEdge:
    """An edge into a step: where it comes from, and the primitive edges it runs along, the outermost first."""

    source: Node
    path: tuple[Primitive, ...]


@dataclass(frozen=True)
class Step:
    """A step: its node, and the nodes of the graph that are folded; None if its inputs are not shown."""

    node: Node
    folded: Collection[Node] | None

    @cached_property
    def edges(self) -> tuple[StepEdge, ...]:
        """The edges into the step, in the order of the formula; leaves have none."""
        if self.folded is None:
            return ()
        edges = []
        waiting: list[tuple[Node, tuple[Primitive, ...]]] = [(self.node, ())]
        while waiting:
            node, path = waiting.pop()
            if node is not self.node and node not in self.folded:
                edges.append(StepEdge(node, path))
                continue
            inputs = [(operand, (*path, (node, position))) for position, operand in enumerate(node.inputs)]
            waiting.extend(reversed(inputs))
        return tuple(edges)


def steps_of(root: Node, fold: bool = True, keep: Collection[Node] = ()) -> list[Step]:
    """The steps of the graph of ``root`` in the order of computation, leaves too; with ``fold=False`` each primitive is one.

    The nodes to ``keep`` are steps in any case.

    Example:
        >>> import minigraph as mg
        >>> b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
        >>> u = (b * c + 1).named("u")
        >>> [step.node.name for step in steps_of(3 * u)]
        ['b', 'c', 'u', None]
    """
    order = ancestors([root])
    folded = folded_in(order, root, fold).difference(keep)
    return [Step(node, folded) for node in order if node not in folded]


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


def latest(steps: list[Step], most: int) -> list[Step]:
    """The steps nearest to the root, up to ``most`` with what they read; that is shown without its own inputs."""
    kept: set[Node] = set()
    with_inputs: set[Node] = set()
    for step in reversed(steps):
        found = {step.node, *(edge.source for edge in step.edges)} - kept
        if len(kept) + len(found) > most and kept:
            break
        kept |= found
        with_inputs.add(step.node)
    return [step if step.node in with_inputs else Step(step.node, None) for step in steps if step.node in kept]


def root_and_seed(J: Any, what: str) -> tuple[Node, Node | None]:
    """The node J, and the seed if a backward pass was given.

    Raises:
        TypeError: if J is neither a node nor a backward pass.
    """
    if isinstance(J, BackwardPass):
        return J.root, J.seed
    if not isinstance(J, Node):
        raise TypeError(f"{what}: the first argument is a node or a backward pass, not {type(J).__name__}")
    return J, None


def pass_of(J: Any, what: str) -> BackwardPass:
    """The backward pass that was given, or one from the node J to all parameters."""
    return J if isinstance(J, BackwardPass) else look_back(root_and_seed(J, what)[0], None, what)


def refuse_unrelated(root: Node, node: Any, what: str) -> None:
    """Raise unless J depends on the node.

    Raises:
        TypeError: if it is not a node at all, but its name or its value.
        ValueError: if J does not depend on it.
    """
    if not isinstance(node, Node):
        raise TypeError(f"{what}: give the node itself, such as W1, not {type(node).__name__}")
    if node not in set(ancestors([root])):
        raise ValueError(
            f"{what}: {called(root)} does not depend on {called(node)}. Was {called(node)} used in building "
            f"{root.name or 'it'}, or another node with its value?"
        )


def is_flat(node: Node) -> bool:
    """Whether a node is computed, but constant save for jumps, such as [Z > 0], so that nothing flows back through it."""
    return node.op is not None and all(local is None for local in node.op.derivatives(node, *node.inputs))


def is_cut(node: Node) -> bool:
    """Whether all that a node reads is held fixed, as by `detach`: a constant for the chain rule, though its value moves."""
    return node.op is not None and bool(node.inputs) and len(node.op.held) == len(node.inputs)


def is_switch(node: Node) -> bool:
    """Whether a node is constant save for jumps, in its value too: [Z > 0], the mask of a tie."""
    return is_flat(node) and not is_cut(node)


@dataclass(frozen=True)
class Derivative:
    """The derivative of one step by another, along one edge between them.

    Attributes:
        lines: lines of the ledger, the consumer's first, each leading to the next.
    """

    lines: tuple[Contribution, ...]

    @property
    def consumer(self) -> Node:
        """The node that is differentiated."""
        return self.lines[0].consumer

    @property
    def input(self) -> Node:
        """The node by which it is differentiated."""
        return self.lines[-1].input

    @property
    def local(self) -> LinearMap:
        """The local derivative: the maps of `pulls`, composed."""
        return compose(*(local for local, _ in self.pulls()))

    @property
    def slope(self) -> Node:
        """∂consumer/∂input between numbers: the local derivative, applied to 1."""
        return self.pull(literal(np.ones(self.consumer.shape, self.consumer.dtype)))

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
        for line in self.lines:
            for local in line.local.factors():
                yield local, line.input
            if line.summed_axes:
                yield Broadcast(line.input.shape, line.consumer.shape), line.input

    def pull(self, upstream: Node) -> Node:
        """The contribution to ∂J/∂input, if ∂J/∂consumer is ``upstream``."""
        for local, _ in self.pulls():
            upstream = local.pull(upstream)
        return cast(upstream, self.input.dtype)

    def written(self, upstream: Written) -> Written:
        """How `pull` is written."""
        for local, _ in self.pulls():
            upstream = told(local, upstream)
        return upstream

    def entry(self, index: Index) -> Entry:
        """One entry of what is pulled, as a sum over entries of ∂J/∂consumer."""
        letters = Letters()
        entry = Entry(index)
        for local, _ in reversed(list(self._pulls())):
            entry = local.entry(entry.index, letters).after(entry)
        return entry


class BackwardSteps:
    """The part of a backward pass that leads from J to one node, or the whole pass, in steps.

    The steps are those that every view has; only ``wrt`` is never folded.

    Attributes:
        root: the node J.
        wrt: the node at which all paths end, or None for the whole pass.
        backward_pass: the pass, with its gradients.
        forward: the nodes of the forward graph.
        names: what they are called.
        nodes: the nodes that are kept, in the order of the pass, J first.
        arrivals: for each kept node the derivatives that lead to it, in the order of the pass.
    """

    def __init__(self, backward_pass: BackwardPass, wrt: Node | None = None):
        self.root, self.wrt, self.backward_pass = backward_pass.root, wrt, backward_pass
        self.names = Names(self.root, [] if wrt is None else [wrt])
        self.forward = frozenset(self.names.order)
        arriving: dict[Node, list[Contribution]] = {self.root: []}
        for line in backward_pass:
            arriving.setdefault(line.input, []).append(line)
        folded = self.names.folded
        self.nodes = [node for node in backward_pass.gradients if node not in folded]
        self.arrivals = {node: [_derivative(line, arriving, folded) for line in arriving[node]] for node in self.nodes}

    @property
    def target(self) -> Node:
        """The node at which all paths end."""
        assert self.wrt is not None
        return self.wrt

    def written(self, node: Node) -> Symbol:
        """A kept node as a symbol."""
        return symbol(self.names.of(node), node.shape)

    @property
    def has_unit_seed(self) -> bool:
        """Whether the pass starts with the number 1, which nobody writes as a factor."""
        seed = self.backward_pass.seed
        return seed.size == 1 and float(seed.value.item()) == 1

    def start(self, path: Sequence[Derivative]) -> tuple[Node | None, int]:
        """The node whose whole gradient a product along the path starts with, and for how many factors it stands."""
        if not self.has_unit_seed:
            return self.root, 0
        first = path[0].input
        return (first, 1) if len(self.arrivals[first]) == 1 else (None, 0)

    def counts(self) -> dict[Node, int]:
        """The number of paths from J to each kept node."""
        found = {self.root: 1}
        for node in self.nodes[1:]:
            found[node] = sum(found[step.consumer] for step in self.arrivals[node])
        return found

    def paths(self) -> Iterator[list[Derivative]]:
        """The paths from J to wrt, one after the other; there may be very many."""
        path: list[Derivative] = []
        waiting = [(step, 0) for step in reversed(self.arrivals[self.target])]
        while waiting:
            step, length = waiting.pop()
            path[length:] = [step]
            if step.consumer is self.root:
                yield path[::-1]
            else:
                waiting += [(above, length + 1) for above in reversed(self.arrivals[step.consumer])]

    def way(self, path: Sequence[Derivative]) -> str:
        """Where a path goes, as far as the nodes on it don't tell: by which folded node, by which operand."""
        turns: list[str] = []
        choices = 0
        for step in path:
            last = step.lines[-1]
            ends = [other.lines[-1] for other in self.arrivals[step.input] if other.consumer is step.consumer]
            choices += len(ends) > 1
            if len(ends) == 1 or choices > MOST_TURNS:
                continue
            formula = self.names.formula(last.consumer, 30)
            if sum(end.consumer is last.consumer for end in ends) > 1:
                formula = f"the {ORDINALS[min(last.position, len(ORDINALS) - 1)]} operand of {formula}"
            turns.append(formula)
        if choices > MOST_TURNS:
            turns[-1] = f"and so on, {choices} times a choice"
        return ", ".join(turns)


def _derivative(line: Contribution, arriving: Mapping[Node, list[Contribution]], folded: Collection[Node]) -> Derivative:
    lines = [line]
    while lines[-1].consumer in folded:
        lines.append(arriving[lines[-1].consumer][0])
    return Derivative(tuple(reversed(lines)))


def steps_to(J: Node | BackwardPass, wrt: Node | None) -> BackwardSteps:
    """The steps from J to a node, or of the whole pass; a node to which nothing flows back has no gradient in the pass.

    Raises:
        TypeError: if one of them is not a node.
        ValueError: if J does not depend on the node.
        ShapeError: if J is not a scalar, and no pass with a seed is given.
    """
    if wrt is None:
        return BackwardSteps(readable(pass_of(J, "explain"), what="explain"))
    root, seed = root_and_seed(J, "explain")
    refuse_unrelated(root, wrt, "explain")
    shown = readable(root, {wrt} - {root}, "explain")
    root, wrt = shown, shown if wrt is root else wrt
    return BackwardSteps(look_back(root, seed, "explain", {wrt}), wrt)
