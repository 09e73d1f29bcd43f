"""The chain rule backward: `grad`, `backward` and `jacobian`.

The whole of reverse mode is the loop in `_pass`: visit the nodes in reverse topological order, add up
the contributions that arrived at a node, and pull the sum back through each local derivative. The
gradients are nodes, so they can be evaluated, drawn and differentiated again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import overload

import numpy as np

from minigraph.core.calling_lines import at_their_own_line, many_nodes
from minigraph.core.errors import ShapeError, called, counted, describe
from minigraph.core.groups import entering, leaving
from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import LinearMap, Maps
from minigraph.core.node import Node, Operand, Role, literal, next_number
from minigraph.core.pulling import ancestors, pull, refuse_while_tracing
from minigraph.core.shape_maps import Broadcast
from minigraph.operations.arithmetic import Accumulate, cast, identity
from minigraph.operations.joining import concatenate

accumulate = Accumulate()
SEEDED = ("backward", "grad")
"""The functions to which a seed can be given."""


def _seed(J: Node, seed: Operand | None, what: str) -> Node:
    """∂J/∂J as a node of J's shape and dtype."""
    if seed is None:
        if J.size != 1:
            hint = ", or give a seed of its shape" if what in SEEDED else ""
            raise ShapeError(f"{what}: {describe(J)}, not a scalar. Take its mean or sum{hint}.", operands=(J,))
        seed = np.ones(J.shape)
    node = seed if isinstance(seed, Node) else literal(seed, J.dtype, what=what)
    if node.shape != J.shape:
        raise ShapeError(f"{what}: {describe(J)}, but the seed is {node.shape}. It must have the same shape.", operands=(J,))
    return cast(node, J.dtype)


def _pass(J: Node, seed: Node, targets: Collection[Node] | None, started: int) -> BackwardPass:
    """Reverse mode from J to the targets, or to all parameters; nodes made from ``started`` on are the pass's own."""
    order = ancestors([J])
    needed: set[Node] = set()
    for node in order:
        wanted = node.role is Role.PARAMETER if targets is None else node in targets
        if wanted or any(x in needed for x in node.inputs):
            needed.add(node)
    gradients: dict[Node, Node] = {}
    ledger: list[Contribution] = []
    placed: set[Node] = set()
    arrivals: dict[Node, list[Node]] = {J: [seed]}
    for node in reversed(order):
        if node not in arrivals or (node not in needed and node is not J):
            continue
        token = entering(node.group)
        try:
            arrived = arrivals[node]
            upstream = arrived[0] if len(arrived) == 1 else accumulate(*arrived)
            upstream = gradients[node] = _name_gradient(J, node, upstream, started)
            if upstream.number > started and upstream not in placed:  # it may be the gradient of a later node too
                placed.add(upstream)
                upstream.group = node.group
            if node.op is None or not any(x in needed for x in node.inputs):
                continue
            for position, (operand, local) in enumerate(zip(node.inputs, local_derivatives(node), strict=True)):
                if local is None or operand not in needed:
                    continue
                product = local.pull(upstream) if node.op.ours else at_their_own_line(local.pull, upstream)
                contribution, summed = _undo_broadcasting(node, operand, product)
                received = arrivals.setdefault(operand, [])
                received.append(contribution)
                ledger.append(
                    Contribution(
                        node, position, operand, upstream, local, product, summed, contribution, received, len(received) - 1
                    )
                )
        finally:
            leaving(token)
    return BackwardPass(J, seed, gradients, ledger)


def local_derivatives(node: Node) -> Maps:
    """What the operation's rule gives for each operand, once it is known to be of the right form."""
    assert node.op is not None
    rule = node.op.derivatives
    maps = rule(node, *node.inputs) if node.op.ours else at_their_own_line(rule, node, *node.inputs)
    several = isinstance(maps, list | tuple)
    fits = several and len(maps) == len(node.inputs) and all(local is None or isinstance(local, LinearMap) for local in maps)
    if not fits:
        given = ", ".join("None" if local is None else type(local).__name__ for local in (maps if several else [maps]))
        wanted = counted(len(node.inputs), "operand")
        raise TypeError(
            f"{type(node.op).__name__}.derivatives must return a list: a linear map or None for each of the {wanted}, "
            f"such as [mg.Scale(factor)]; it returned {f'[{given}]' if several else given}."
        )
    return maps


def _undo_broadcasting(node: Node, operand: Node, product: Node) -> tuple[Node, tuple[int, ...]]:
    """The contribution of a product at its operand, in the operand's shape and dtype, and the summed axes."""
    assert node.op is not None
    summed: tuple[int, ...] = ()
    if node.op.broadcasts and operand.shape != node.shape:
        repeated = Broadcast(operand.shape, node.shape)
        product, summed = repeated.pull(product), repeated.axes
    if product.shape != operand.shape:
        raise ShapeError(
            f"{node.op.name}: the derivative by {describe(operand)} pulls back to {product.shape}. "
            f"The map that {type(node.op).__name__}.derivatives returns for it does not fit.",
            node.op,
            node.inputs,
        )
    return cast(product, operand.dtype), summed


def _name_gradient(J: Node, node: Node, gradient: Node, started: int) -> Node:
    """The gradient under the name ∂J/∂node, if the node has a name.

    One node can be two gradients (in J = 3(a + u), ∂J/∂a and ∂J/∂u are one), or the user's own; then a
    node of the same value carries the second name.
    """
    if node.name is None and node is not J:
        return gradient
    top = J.name or "output"
    name = derivative_name(top, node.name or top)
    if gradient.name == name:
        return gradient
    if gradient.name is not None or gradient.number < started:
        gradient = identity(gradient)
    return gradient.named(name)


def derivative_name(above: str, below: str) -> str:
    """∂u/∂b; names that are derivatives themselves stand in parentheses: ∂(∂J/∂b)/∂c.

    Example:
        >>> derivative_name("J", "b"), derivative_name("∂J/∂b", "c")
        ('∂J/∂b', '∂(∂J/∂b)/∂c')
    """
    return "/".join(f"∂({part})" if "/" in part else f"∂{part}" for part in (above, below))


def refuse_other_than_node(J: Node, what: str) -> None:
    """Raise a TypeError if the first argument of ``what`` is not a node."""
    if not isinstance(J, Node):
        raise TypeError(f"{what}: the first argument is the node to differentiate, not {type(J).__name__}")


def _differentiate(J: Node, seed: Operand | None, targets: Collection[Node] | None, what: str) -> BackwardPass:
    refuse_other_than_node(J, what)
    with many_nodes():
        started = next_number()
        return _pass(J, _seed(J, seed, what), targets, started)


def backward(J: Node, seed: Operand | None = None) -> BackwardPass:
    """The backward pass from J: sets ``.grad`` of every node between J and its parameters.

    A second call starts afresh: nothing accumulates, there is no ``zero_grad``.

    Args:
        J: a scalar node, or any node if a seed is given.
        seed: ∂J/∂J, an array of J's shape; by default 1.

    Returns:
        The `BackwardPass`: gradients as nodes, and the ledger.

    Raises:
        ShapeError: if J is not a scalar and there is no seed, or the seed has another shape.
        ValueError: if J depends on no parameter.

    Example:
        >>> import minigraph as mg
        >>> a, b, c = mg.parameter(5.0, "a"), mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
        >>> J = 3 * (a + b * c)
        >>> J.backward()
        <backward pass from an unnamed multiply made at ... is (): 6 gradients, 5 contributions>
        >>> a.grad, b.grad, c.grad
        (np.float64(3.0), np.float64(6.0), np.float64(9.0))
    """
    refuse_while_tracing("backward: it computes arrays", "Write mg.grad(J, w), which is a node.")
    backward_pass = look_back(J, seed, "backward")
    pull(list(backward_pass.gradients.values()))
    for node, gradient in backward_pass.gradients.items():
        node.grad = gradient.value
    for node in ancestors([J]):
        if node.role is Role.PARAMETER and node not in backward_pass.gradients:
            node.grad = zeros_like(node).value  # it acts on J through steps only, such as sign
    return backward_pass


def look_back(J: Node, seed: Operand | None, what: str, targets: Collection[Node] | None = None) -> BackwardPass:
    """A backward pass for those that only look at it, such as diagrams: it leaves ``.grad`` as it is.

    It leads to the targets, by default to all parameters. ``what`` asks for it, in errors, which are those of `backward`.
    """
    backward_pass = _differentiate(J, seed, targets, what)
    if targets is None and not any(node.role is Role.PARAMETER for node in ancestors([J])):
        raise ValueError(
            f"{what}: {describe(J)} and depends on no parameter. Make leaves with mg.parameter, or use mg.grad(J, node)."
        )
    return backward_pass


@overload
def grad(J: Node, wrt: Node, seed: Operand | None = None, allow_unused: bool = False) -> Node: ...


@overload
def grad(J: Node, wrt: Sequence[Node], seed: Operand | None = None, allow_unused: bool = False) -> list[Node]: ...


def grad(J: Node, wrt: Node | Sequence[Node], seed: Operand | None = None, allow_unused: bool = False) -> Node | list[Node]:
    """The gradient ∂J/∂wrt as a node: it can be evaluated, drawn and differentiated again.

    It follows the graph: after a parameter is assigned, its value is right at the next read.

    Args:
        J: a scalar node, or any node if a seed is given.
        wrt: any node that J depends on (data too), or a sequence of them.
        seed: ∂J/∂J, an array or node of J's shape; by default 1.
        allow_unused: give zeros where J does not depend on a node of ``wrt``, instead of raising.

    Returns:
        A node with wrt's shape and dtype; a list of them if ``wrt`` is a sequence.

    Raises:
        ShapeError: if J is not a scalar and there is no seed, or the seed has another shape.
        ValueError: if J does not depend on a node of ``wrt``.

    Example:
        >>> import minigraph as mg
        >>> x = mg.parameter(2.0, "x")
        >>> slope = mg.grad(x**3, x)
        >>> slope.value, mg.grad(slope, x).value
        (np.float64(12.0), np.float64(12.0))
    """
    found = gradients_by(J, nodes_of(wrt, "grad"), seed, allow_unused, "grad")
    return found[0] if isinstance(wrt, Node) else found


def gradients_by(J: Node, wanted: Sequence[Node], seed: Operand | None, allow_unused: bool, what: str) -> list[Node]:
    """The gradient by each node, for the function ``what``; see `grad`."""
    gradients = _differentiate(J, seed, set(wanted), what).gradients
    if not allow_unused:
        refuse_unused(J, wanted, what)
    return [gradients[node] if node in gradients else zeros_like(node) for node in wanted]


def refuse_unused(J: Node, wanted: Sequence[Node], what: str) -> None:
    """Raise a ValueError if J does not depend on one of the nodes."""
    reached = set(ancestors([J]))
    for node in wanted:
        if node not in reached:
            raise ValueError(
                f"{what}: {called(J)} does not depend on {called(node)}. Was {called(node)} used in building "
                f"{J.name or 'it'}, or another node with its value? allow_unused=True gives zeros."
            )


def nodes_of(wrt: Node | Sequence[Node], what: str) -> list[Node]:
    """What ``wrt`` names, as a list of nodes."""
    nodes = [wrt] if isinstance(wrt, Node) or not isinstance(wrt, Iterable) else list(wrt)
    for node in nodes:
        if not isinstance(node, Node):
            raise TypeError(f"{what}: wrt holds nodes, not {type(node).__name__}. Name the node, not its value.")
    return nodes


def zeros_like(node: Node) -> Node:
    """Zeros of the node's shape and dtype: a gradient or tangent where there is no dependence."""
    return literal(np.zeros(node.shape, node.dtype))


@overload
def jacobian(y: Node, wrt: Node, allow_unused: bool = False) -> Node: ...


@overload
def jacobian(y: Node, wrt: Sequence[Node], allow_unused: bool = False) -> list[Node]: ...


def jacobian(y: Node, wrt: Node | Sequence[Node], allow_unused: bool = False) -> Node | list[Node]:
    """All derivatives ∂y/∂wrt as one node of shape ``y.shape + wrt.shape``, a backward pass for each entry of y.

    Args:
        y: any node; meant for small ones.
        wrt: a node, or a sequence of them.
        allow_unused: give zeros where y does not depend on a node of ``wrt``, instead of raising.

    Raises:
        ValueError: if y does not depend on a node of ``wrt``.

    Example:
        >>> import minigraph as mg
        >>> x = mg.parameter([1.0, 2.0], "x")
        >>> mg.jacobian(x * x, x).value
        array([[2., 0.],
               [0., 4.]])
    """
    refuse_other_than_node(y, "jacobian")
    wanted = nodes_of(wrt, "jacobian")
    if not allow_unused:
        refuse_unused(y, wanted, "jacobian")
    rows: list[list[Node]] = [[] for _ in wanted]
    for entry in np.ndindex(y.shape):
        seed = np.zeros(y.shape)
        seed[entry] = 1
        for row, gradient in zip(rows, gradients_by(y, wanted, seed, True, "jacobian"), strict=True):
            row.append(gradient.reshape((1, *gradient.shape)))
    found = [
        concatenate(row).reshape((*y.shape, *node.shape)) if row else literal(np.zeros((*y.shape, *node.shape), node.dtype))
        for node, row in zip(wanted, rows, strict=True)
    ]
    return found[0] if isinstance(wrt, Node) else found
