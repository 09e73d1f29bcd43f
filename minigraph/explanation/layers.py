"""The layers of a graph: its groups, or where there are none, what lies between one matrix of weights and the next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import Identity, LinearMap, MatMulLeft, MatMulRight, Negation, Scale
from minigraph.core.node import Node, Role
from minigraph.core.shape_maps import Broadcast, Casting, Placing, Reshaping, Selection, Summation, Transposition
from minigraph.reading.names import Names

MOVING = (Identity, Negation, Broadcast, Casting, Placing, Reshaping, Selection, Transposition)
"""The maps that only move, repeat or pick entries."""


@dataclass(eq=False)
class Layer:
    """A part of the graph that has parameters.

    Attributes:
        title: the group's title, or the name of its first named node.
        held: for a node that is a parameter, or one that is turned, cut or repeated, the parameters it holds.
        lines: the lines of the ledger whose consumers are in it, in the order of the pass.
    """

    title: str
    held: Mapping[Node, tuple[Node, ...]]
    lines: list[Contribution] = field(default_factory=list)

    @property
    def parameters(self) -> list[Node]:
        """The parameters that it uses, in the order of creation."""
        return self._held_by(self.lines)

    @property
    def weights(self) -> list[Node]:
        """Those of them by which something is multiplied."""
        return self._held_by(line for line in self.lines if _multiplies(line))

    @property
    def signal(self) -> Node | None:
        """The first node that its parameters make, such as Z: what comes back there is what the layer learns from."""
        making = [line.consumer for line in self.lines if line.input in self.held]
        named = [node for node in making if node.name is not None]
        return max(named or making, key=lambda node: node.number, default=None)

    @property
    def units_axis(self) -> int:
        """The axis of what it makes along which its units lie: 0 in W @ X; in X @ W, with examples as rows, the last."""
        factors = (next(line.local.factors()) for line in self.lines if line.input in self.held)
        return -1 if any(isinstance(factor, MatMulLeft) for factor in factors) else 0

    def _held_by(self, lines: Iterable[Contribution]) -> list[Node]:
        used = dict.fromkeys(node for line in lines for node in self.held.get(line.input, ()))
        return sorted(used, key=lambda node: node.number)


def layers(backward_pass: BackwardPass, names: Names) -> list[Layer]:
    """The layers in the order of computation, those without parameters left out."""
    lines = sorted(backward_pass, key=lambda line: line.consumer.number)
    held: dict[Node, tuple[Node, ...]] = {line.input: (line.input,) for line in lines if line.input.role is Role.PARAMETER}
    using = []
    for line in lines:
        if line.input in held and line.consumer is not backward_pass.root and _moves(line):
            held[line.consumer] = (*held.get(line.consumer, ()), *held[line.input])
        else:
            using.append(line)
    grouped = any(line.consumer.group for line in using)
    found = _by_groups(using, held, names) if grouped else _by_matrices(using, held, names)
    return [layer for layer in found if layer.parameters]


def _moves(line: Contribution) -> bool:
    """Whether the consumer holds nothing but entries of the input, such as wᵀ, W[:3], −w, W/10 or [W, b]."""
    factors = list(line.local.factors())
    alone = all(x is line.input or x.role is Role.LITERAL for x in line.consumer.inputs)
    joined = isinstance(factors[0], Placing)
    return (alone or joined) and all(isinstance(factor, MOVING) or _is_number(factor) for factor in factors)


def costs_of(backward_pass: BackwardPass) -> set[Node]:
    """J and what it is a sum or mean of, and that in turn: the costs of single examples, penalties."""
    found = {backward_pass.root}
    for line in backward_pass:
        adds = all(isinstance(factor, (*MOVING, Summation)) or _is_number(factor) for factor in line.local.factors())
        if line.consumer in found and adds:
            found.add(line.input)
    return found


def _is_number(factor: LinearMap) -> bool:
    """Whether the map multiplies by a number that is written in the graph."""
    if not isinstance(factor, Scale) or factor.factor.shape != ():
        return False
    return all(x.role is Role.LITERAL for x in factor.factor.inputs or (factor.factor,))


def _multiplies(line: Contribution) -> bool:
    """Whether the input is multiplied by something there, so that it is a weight."""
    op = line.consumer.op
    if op is None or line.position not in op.linear_in:
        return False
    return is_matrix_product(line) or any(isinstance(x, Scale) and not _is_number(x) for x in line.local.factors())


def _by_groups(lines: list[Contribution], held: Mapping[Node, tuple[Node, ...]], names: Names) -> list[Layer]:
    found: dict[object, Layer] = {}
    for line in lines:
        group = line.consumer.group
        own = names.of(line.consumer) if line.consumer.name else "outside of groups"
        title = group.title if group else own
        found.setdefault(group, Layer(title, held)).lines.append(line)
    return list(found.values())


def _by_matrices(lines: list[Contribution], held: Mapping[Node, tuple[Node, ...]], names: Names) -> list[Layer]:
    """A new layer begins where a parameter is multiplied as a matrix."""
    found: list[Layer] = []
    for _, step in groupby(lines, key=lambda line: line.consumer.number):
        its = list(step)
        if not found or any(line.input in held and is_matrix_product(line) for line in its):
            found.append(Layer("", held))
        found[-1].lines += its
    for layer in found:
        makers = [line.consumer for line in layer.lines]
        layer.title = names.of(next((node for node in makers if node.name), makers[0]))
    return found


def is_matrix_product(line: Contribution) -> bool:
    """Whether the input is a factor of a matrix product there."""
    return any(isinstance(factor, MatMulLeft | MatMulRight) for factor in line.local.factors())
