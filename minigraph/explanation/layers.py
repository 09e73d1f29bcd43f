"""The layers of a graph: its groups, or where there are none, what lies between one matrix of weights and the next."""

from __future__ import annotations

from dataclasses import dataclass, field

from minigraph.ledger import BackwardPass, Contribution
from minigraph.linear_maps import MatMulLeft, MatMulRight
from minigraph.node import Node, Role


@dataclass(eq=False)
class Layer:
    """A part of the graph that has parameters.

    Attributes:
        title: the group's title, or the name of its first named node.
        lines: the lines of the ledger whose consumers are in it, in the order of the pass.
    """

    title: str
    lines: list[Contribution] = field(default_factory=list)

    @property
    def parameters(self) -> list[Node]:
        """The parameters that it uses, in the order of creation."""
        used = dict.fromkeys(line.input for line in self.lines if line.input.role is Role.PARAMETER)
        return sorted(used, key=lambda node: node.number)

    @property
    def signal(self) -> Node | None:
        """The first node that its parameters make, such as Z: what comes back there is what the layer learns from."""
        making = [line.consumer for line in self.lines if line.input.role is Role.PARAMETER]
        named = [node for node in making if node.name is not None]
        return max(named or making, key=lambda node: node.number, default=None)


def layers(backward_pass: BackwardPass) -> list[Layer]:
    """The layers in the order of computation, those without parameters left out."""
    lines = sorted(backward_pass, key=lambda line: line.consumer.number)
    grouped = any(line.consumer.group for line in lines)
    found = _by_groups(lines) if grouped else _by_matrices(lines)
    return [layer for layer in found if layer.parameters]


def _by_groups(lines: list[Contribution]) -> list[Layer]:
    found: dict[object, Layer] = {}
    for line in lines:
        group = line.consumer.group
        title = group.title if group else line.consumer.name or "outside of groups"
        found.setdefault(group, Layer(title)).lines.append(line)
    return list(found.values())


def _by_matrices(lines: list[Contribution]) -> list[Layer]:
    """A new layer begins where a parameter is multiplied as a matrix."""
    found: list[Layer] = []
    seen: set[Node] = set()
    for line in lines:
        begins = line.input.role is Role.PARAMETER and is_matrix_product(line) and line.consumer not in seen
        if begins or not found:
            found.append(Layer(""))
        seen.add(line.consumer)
        found[-1].lines.append(line)
    for layer in found:
        named = (line.consumer.name for line in layer.lines if line.consumer.name)
        layer.title = next(named, layer.lines[0].consumer.op.name if layer.lines[0].consumer.op else "")
    return found


def is_matrix_product(line: Contribution) -> bool:
    """Whether the input is a matrix of weights there."""
    return any(isinstance(factor, MatMulLeft | MatMulRight) for factor in line.local.factors())
