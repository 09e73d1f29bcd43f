"""The chain rule forward: `jvp`, and `hvp`, which goes forward through a gradient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, overload

from minigraph.calculus.reverse_mode import (
    accumulate,
    gradients_by,
    local_derivatives,
    nodes_of,
    refuse_other_than_node,
    refuse_unused,
    zeros_like,
)
from minigraph.core.calling_lines import at_their_own_line, many_nodes
from minigraph.core.errors import ShapeError, describe
from minigraph.core.groups import entering, leaving
from minigraph.core.node import Node, Operand, literal
from minigraph.core.pulling import ancestors
from minigraph.operations.arithmetic import cast
from minigraph.operations.repeating import broadcast_to


def jvp(y: Node, wrt: Node | Sequence[Node], tangents: Operand | Sequence[Operand], allow_unused: bool = False) -> Node:
    """Forward mode: how y changes when the nodes of ``wrt`` change by ``tangents``; a node of y's shape.

    Args:
        y: any node.
        wrt: a node that y depends on, or a sequence of them.
        tangents: an array or node of wrt's shape; a sequence of them if ``wrt`` is a sequence.
        allow_unused: where y does not depend on a node of ``wrt``, count nothing for it, instead of raising.

    Raises:
        ShapeError: if a tangent does not have its node's shape.
        ValueError: if y does not depend on a node of ``wrt``, if there is not one tangent for each, or a node is
            named twice.

    Example:
        >>> import minigraph as mg
        >>> x = mg.parameter([1.0, 2.0], "x")
        >>> mg.jvp(x * x, x, [1.0, 10.0]).value
        array([ 2., 40.])
    """
    refuse_other_than_node(y, "jvp")
    nodes = nodes_of(wrt, "jvp")
    seeds = _seeds(nodes, wrt, tangents, "jvp")
    if not allow_unused:
        refuse_unused(y, nodes, "jvp")
    return _pushed(y, seeds)


def _pushed(y: Node, seeds: Mapping[Node, Node]) -> Node:
    """The tangent of y, given those of some nodes."""
    pushed = dict(seeds)
    with many_nodes():
        for node in ancestors([y]):
            if node.op is None or not any(x in pushed for x in node.inputs):
                continue
            token = entering(node.group)
            try:
                arrived = [pushed[node]] if node in pushed else []
                for operand, local in zip(node.inputs, local_derivatives(node), strict=True):
                    if local is not None and operand in pushed:
                        tangent = pushed[operand]
                        repeated = node.op.broadcasts and tangent.shape != node.shape
                        tangent = broadcast_to(tangent, node.shape) if repeated else tangent
                        arrived.append(local.push(tangent) if node.op.ours else at_their_own_line(local.push, tangent))
                if arrived:
                    pushed[node] = cast(arrived[0] if len(arrived) == 1 else accumulate(*arrived), node.dtype)
            finally:
                leaving(token)
    return pushed[y] if y in pushed else zeros_like(y)


def _seeds(
    nodes: Sequence[Node], wrt: Node | Sequence[Node], given: Operand | Sequence[Operand], what: str
) -> dict[Node, Node]:
    """The tangent of each node, as it was given to the function ``what``."""
    called = "tangent" if what == "jvp" else "vector"
    tangents: list[Any] = [given] if isinstance(wrt, Node) else list(given)  # type: ignore[arg-type]  # as wrt is
    if len(tangents) != len(nodes):
        raise ValueError(f"{what}: {len(tangents)} {called}s for {len(nodes)} nodes. Give one for each node of wrt.")
    if len(set(nodes)) < len(nodes):
        raise ValueError(f"{what}: wrt names a node twice. Add its {called}s up and name it once.")
    seeds: dict[Node, Node] = {}
    for node, tangent in zip(nodes, tangents, strict=True):
        made = tangent if isinstance(tangent, Node) else literal(tangent, node.dtype, what=what)
        if made.shape != node.shape:
            why = f"but its {called} is {made.shape}. They must agree."
            raise ShapeError(f"{what}: {describe(node)}, {why}", operands=(node,))
        seeds[node] = cast(made, node.dtype)
    return seeds


@overload
def hvp(J: Node, wrt: Node, vectors: Operand, allow_unused: bool = False) -> Node: ...


@overload
def hvp(J: Node, wrt: Sequence[Node], vectors: Sequence[Operand], allow_unused: bool = False) -> list[Node]: ...


def hvp(
    J: Node, wrt: Node | Sequence[Node], vectors: Operand | Sequence[Operand], allow_unused: bool = False
) -> Node | list[Node]:
    """Hessian times vector: how the gradient ∂J/∂wrt changes when wrt changes by ``vectors``.

    Forward mode over reverse mode: it costs a few evaluations of J however large wrt is.

    Args:
        J: a scalar node.
        wrt: a node, or a sequence of them: the Hessian is then that of all of them together.
        vectors: an array or node of wrt's shape; a sequence of them if ``wrt`` is a sequence.
        allow_unused: give zeros where J does not depend on a node of ``wrt``, instead of raising.

    Raises:
        ShapeError: if J is not a scalar, or a vector does not have its node's shape.
        ValueError: if J does not depend on a node of ``wrt``.

    Example:
        >>> import minigraph as mg
        >>> x = mg.parameter([1.0, 2.0], "x")
        >>> mg.hvp((x**3).sum(), x, [1.0, 1.0]).value
        array([ 6., 12.])
    """
    nodes = nodes_of(wrt, "hvp")
    seeds = _seeds(nodes, wrt, vectors, "hvp")
    found = [_pushed(gradient, seeds) for gradient in gradients_by(J, nodes, None, allow_unused, "hvp")]
    return found[0] if isinstance(wrt, Node) else found
