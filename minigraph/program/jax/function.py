"""`to_jax`: a graph as a pure function, for JAX's jit, vmap, grad, shardings and accelerators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from minigraph.core.errors import DomainError, ShapeError, describe, describe_operation
from minigraph.core.node import Node
from minigraph.core.pulling import ancestors, outside_domain
from minigraph.operations.arithmetic import cast
from minigraph.program.arguments import input_leaves, output_nodes, refuse_unfit, update_nodes
from minigraph.program.jax.loading import jax_for, refuse_fewer_bits
from minigraph.program.jax.node_values import values_of


def to_jax(
    outputs: Node | Sequence[Node], inputs: Sequence[Node] = (), updates: Mapping[Node, Node] | None = None
) -> Callable[..., Any]:
    """The graph as a pure function of JAX: for ``jax.jit``, ``jax.vmap``, ``jax.grad``, many devices, GPUs and TPUs.

    Without updates it is ``f(*arrays) -> outputs``. With updates it is a step, ``f(state, *arrays) -> (state, outputs)``,
    as ``jax.lax.scan`` takes it: the state is a list or tuple of the updated leaves' values, in the order of ``updates``.
    Nothing is assigned: the nodes stay what they are. JAX differentiates it by the graph's own local derivatives, so that
    ``jax.grad`` gives what `grad` gives, at kinks and for operations of your own too. These run in Python, called back from
    JAX, if NumPy is all they are written in.

    The values of all other leaves are constants of the function, as they were when it was made. Indices, labels and targets
    that it is given are checked where they are arrays. Within ``jax.jit`` and ``jax.vmap`` they have no values yet: nothing
    is refused there, and an index that is too large is the last one, as everywhere in JAX.

    Args:
        outputs: a node, or a sequence of nodes; the function returns an array, or a list of them.
        inputs: the leaves that the function is given arrays for, in order; parameters too, to differentiate by them.
        updates: leaves that a step changes, each with the node of its next value.

    Raises:
        ImportError: if JAX is not there.
        DomainError: when the function is called, if an index or a target is outside of what is allowed.
        TypeError: if anything but nodes is given, an input or an updated node is not a leaf, or an operation impure.
        ShapeError: if a new value does not have its leaf's shape; when the function is called, if an array does not.
        RuntimeError: when the function is called, if the graph is of float64 and JAX is set to 32 bits.

    Example:
        >>> import minigraph as mg
        >>> w, x = mg.parameter([1.0, 2.0], "w"), mg.data([3.0, 4.0], "x")
        >>> f = mg.to_jax((w * x).sum(), inputs=[w, x])     # doctest: +SKIP
        >>> jax.grad(f)(w.value, x.value)                   # doctest: +SKIP
        Array([3., 4.], dtype=float64)
        >>> jax.vmap(f, in_axes=(None, 0))(w.value, many)   # doctest: +SKIP
        Array([3., 3., 3.], dtype=float64)
    """
    jax = jax_for("mg.to_jax")
    single, roots, leaves = isinstance(outputs, Node), output_nodes(outputs, "to_jax"), input_leaves(inputs, "to_jax")
    following = {leaf: cast(new, leaf.dtype) for leaf, new in update_nodes(updates, "to_jax").items()}
    refuse_unfit(roots, leaves, following, "to_jax")
    nodes = ancestors([*roots, *following.values()])
    refuse_impure(nodes, "to_jax")
    constants = {node: node.value for node in nodes if node.op is None and node not in following and node not in leaves}

    checked = [(node, i) for node in nodes if node.op is not None for i in node.op.checked if node.inputs[i].op is None]

    def computed(state: Sequence[Any], arrays: Sequence[Any]) -> tuple[list[Any], Any]:
        refuse_fewer_bits(nodes, "to_jax")
        given = {leaf: jax.numpy.asarray(value) for leaf, value in constants.items()}
        given |= fitted(list(following), state, "the state has") | fitted(leaves, arrays, "the function takes")
        _refuse_outside(checked, given)
        values = values_of([*roots, *following.values()], given, differentiable=True)
        return values[len(roots) :], values[0] if single else values[: len(roots)]

    def function(*arrays: Any) -> Any:
        """The outputs for these arrays."""
        return computed((), arrays)[1]

    def step(state: Any, *arrays: Any) -> tuple[Any, Any]:
        """The state after a step, and the outputs before it."""
        if not isinstance(state, list | tuple):
            raise TypeError("to_jax: the state is a list or a tuple of the updated leaves' values, in the order of updates.")
        new, found = computed(state, arrays)
        return jax.tree.unflatten(jax.tree.structure(state), new), found

    return step if following else function


def _refuse_outside(checked: Sequence[tuple[Node, int]], given: Mapping[Node, Any]) -> None:
    """Raise for the value of a leaf outside of its operation's domain, where JAX has a value and is not tracing."""
    tracer = jax_for("mg.to_jax").core.Tracer
    for node, position in checked:
        value = given[node.inputs[position]]
        if node.op is not None and not isinstance(value, tracer):
            try:
                node.op.check(position, np.asarray(value))
            except DomainError as error:
                raise outside_domain(node, error) from None


def fitted(leaves: Sequence[Node], arrays: Sequence[Any], what: str) -> dict[Node, Any]:
    """The arrays by leaf, each of the leaf's dtype.

    Raises:
        TypeError: for a wrong number of arrays.
        ShapeError: if one does not have its leaf's shape.
    """
    if len(arrays) != len(leaves):
        raise TypeError(f"to_jax: {what} {len(leaves)} arrays, not {len(arrays)}: {', '.join(map(describe, leaves))}.")
    found = {}
    for leaf, array in zip(leaves, arrays, strict=True):
        value = jax_for("mg.to_jax").numpy.asarray(array, leaf.dtype)
        if value.shape != leaf.shape:
            raise ShapeError(
                f"to_jax: {describe(leaf)}, but the array given for it is {value.shape}. The function serves the size of "
                "its graph; jax.vmap adds an axis.",
                operands=(leaf,),
            )
        found[leaf] = value
    return found


def refuse_impure(nodes: Iterable[Node], what: str) -> None:
    """Raise for an operation whose value does not follow from its operands: JAX may do it once, twice or never."""
    for node in nodes:
        if node.op is not None and not node.op.pure:
            raise TypeError(
                f"{what}: {describe_operation(node)} is not pure, and JAX may compute it once, twice or never. Make its "
                "value a data node, and give it in each call."
            )
