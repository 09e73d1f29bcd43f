"""The values of nodes by JAX, which differentiates them by the graph's own local derivatives, as `mg.grad` does.

An operation is computed, in this order, by its form for JAX in a small table, as a view of its operand, by what its
lowering writes, by its expansion; else by its forward rule, which JAX calls back in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from minigraph.calculus.forward_mode import jvp
from minigraph.core.evaluation import placeholder
from minigraph.core.node import Node, Role
from minigraph.core.op import Op
from minigraph.core.pulling import ancestors, run
from minigraph.operations.choices import Larger
from minigraph.operations.indexing import GetItem, Scatter
from minigraph.operations.reductions import Mean, Sum
from minigraph.operations.shapes import BroadcastTo, Concatenate
from minigraph.program.instructions import Place
from minigraph.program.jax.functional import written
from minigraph.program.jax.loading import jax_for
from minigraph.program.lowering.table import lowering_of
from minigraph.program.schedule import view_of
from minigraph.values import Array, locked


def _larger(numpy: Any, node: Node, a: Any, b: Any) -> Any:
    half = (numpy.greater(a, b).astype(node.dtype) + numpy.greater_equal(a, b)) / 2
    return numpy.where(numpy.isnan(a) | numpy.isnan(b), numpy.nan, half)


def _weighted_sum(numpy: Any, node: Node, x: Any) -> Any:
    op: Any = node.op
    operand = node.inputs[0]
    total = numpy.sum(x, axis=op.axes(operand), keepdims=op.keepdims)
    return total * op.weight(operand)


FORMS: dict[type[Op], Callable[..., Any]] = {
    BroadcastTo: lambda numpy, node, x: numpy.broadcast_to(x, node.shape),
    Concatenate: lambda numpy, node, *parts: numpy.concatenate(parts, node.op.axis),
    GetItem: lambda numpy, node, x: x[node.op.index],
    Larger: _larger,
    Mean: _weighted_sum,
    Scatter: lambda numpy, node, x: numpy.zeros(node.shape, node.dtype).at[node.op.index].add(x),
    Sum: _weighted_sum,
}
"""What JAX has of its own, or programs call the forward rule for; of subclasses too, if they keep the forward rule."""


def _form(op: Op) -> Callable[..., Any] | None:
    if "forward" in vars(op):  # the object's own
        return None
    kind = type(op)
    kept = [base for base in kind.__mro__ if base in FORMS and base.forward is kind.forward]
    return FORMS[kept[0]] if kept else None


def values_of(roots: Sequence[Node], given: Mapping[Node, Any], differentiable: bool) -> list[Any]:
    """The values of nodes.

    Args:
        roots: the nodes.
        given: values of some nodes; leaves that are not there are constants, as they are now.
        differentiable: whether JAX shall find the graph's own derivatives; else it finds those of what is computed, which
            at kinks are others.
    """
    numpy = jax_for("mg.to_jax").numpy
    values = dict(given)
    for node in ancestors(roots, stop=given.__contains__):
        if node in values:
            continue
        if node.op is None:
            values[node] = numpy.asarray(node.value, node.dtype)
        else:
            operands = [values[x] for x in node.inputs]
            values[node] = _with_derivatives(node, operands) if differentiable else _computed(node, operands)
    return [values[node] for node in roots]


def _computed(node: Node, operands: Sequence[Any]) -> Any:
    """One node's value."""
    op = node.op
    assert op is not None
    form = _form(op)
    if form is not None:
        return form(jax_for("mg.to_jax").numpy, node, *operands)
    view = view_of(node, Place("x", node.inputs[0].shape, node.inputs[0].dtype)) if len(node.inputs) == 1 else None
    if view is not None:
        return view.of(operands[0])
    value = written(node, operands)
    if value is not None:
        return value
    expand = lowering_of(op).expansion
    if expand is not None:
        return values_of([expand(op, *node.inputs)], dict(zip(node.inputs, operands, strict=True)), False)[0]
    return _called_back(node, operands)


def to_bits(x: Any) -> Any:
    """An array of JAX as whole numbers of 32 bits, for what JAX calls back: see `from_bits`."""
    return jax_for("mg.to_jax").lax.bitcast_convert_type(x, np.uint32)


def from_bits(array: Any, like: Node) -> Array:
    """The array that those bits are, of the node's shape and dtype, for NumPy to read.

    JAX calls back in another thread, where `jax.enable_x64` does not hold, so that it would round what goes there and what
    comes back to float32. So both travel as bits.
    """
    found: Array = locked(np.atleast_1d(array).view(like.dtype).reshape(like.shape))
    return found


def _called_back(node: Node, operands: Sequence[Any]) -> Any:
    """The value by the operation's forward rule, which runs in Python on NumPy's arrays while JAX waits."""
    jax = jax_for("mg.to_jax")
    form = jax.eval_shape(to_bits, jax.ShapeDtypeStruct(node.shape, node.dtype))

    def forward(*arrays: Any) -> Any:
        value = run(node, [from_bits(array, x) for array, x in zip(arrays, node.inputs, strict=True)])
        return np.ascontiguousarray(value).reshape(-1).view(np.uint32).reshape(form.shape)

    found = jax.pure_callback(forward, form, *map(to_bits, operands), vmap_method="sequential")
    return jax.lax.bitcast_convert_type(found, node.dtype)


def _with_derivatives(node: Node, operands: Sequence[Any]) -> Any:
    """The node's value, which JAX differentiates by the operation's own local derivatives, to any order."""
    jax, op = jax_for("mg.to_jax"), node.op
    assert op is not None
    known = {x: value for x, value in zip(node.inputs, operands, strict=True) if x.role is Role.LITERAL}
    variables = list(dict.fromkeys(x for x in node.inputs if x not in known))
    values = dict(zip(node.inputs, operands, strict=True))

    def forward(*arrays: Any) -> Any:
        here = known | dict(zip(variables, arrays, strict=True))
        return _computed(node, [here[x] for x in node.inputs])

    def pushed(arrays: Sequence[Any], tangents: Sequence[Any]) -> Any:
        leaves = [placeholder(x.shape, x.dtype, x.name or "an operand") for x in variables]
        became = dict(zip(variables, leaves, strict=True))
        here = Node(op, tuple(became.get(x, x) for x in node.inputs), node.shape, node.dtype)
        given = dict(zip(leaves, arrays, strict=True))
        moving = {}
        for leaf, tangent in zip(leaves, tangents, strict=True):
            if not isinstance(tangent, jax.custom_derivatives.SymbolicZero):
                moving[leaf] = placeholder(leaf.shape, leaf.dtype, "a tangent")
                given[moving[leaf]] = tangent
        tangent = jvp(here, list(moving), list(moving.values()), allow_unused=True)
        return tuple(values_of([here, tangent], given, True))

    operation = jax.custom_jvp(forward)
    operation.defjvp(pushed, symbolic_zeros=True)
    return operation(*(values[x] for x in variables))
