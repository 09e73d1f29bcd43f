"""The values of nodes by JAX, which differentiates them by the graph's own local derivatives, as `mg.grad` does.

An operation is computed as `ByValue` says; else by its forward rule, which JAX calls back in Python.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minigraph.calculus.forward_mode import jvp
from minigraph.core.evaluation import placeholder
from minigraph.core.node import Node, Role
from minigraph.core.pulling import run
from minigraph.operations.choices import Larger
from minigraph.program import by_value
from minigraph.program.by_value import FORMS, ByValue
from minigraph.program.jax.loading import jax_for
from minigraph.values import Array, locked


def _larger(numpy: Any, node: Node, a: Any, b: Any) -> Any:
    half = (numpy.greater(a, b).astype(node.dtype) + numpy.greater_equal(a, b)) / 2
    return numpy.where(numpy.isnan(a) | numpy.isnan(b), numpy.nan, half)


class _ByJax(ByValue):
    """Computes nodes by JAX."""

    def __init__(self) -> None:
        super().__init__(jax_for("mg.to_jax").numpy, {**FORMS, Larger: _larger})

    def otherwise(self, node: Node, operands: Sequence[Any]) -> Any:
        """By the forward rule."""
        return _called_back(node, operands)


def values_of(roots: Sequence[Node], given: Mapping[Node, Any], differentiable: bool) -> list[Any]:
    """The values of nodes.

    Args:
        roots: the nodes.
        given: values of some nodes; leaves that are not there are constants, as they are now.
        differentiable: whether JAX shall find the graph's own derivatives; else it finds those of what is computed, which
            at kinks are others.
    """
    machine = _ByJax()
    return by_value.values_of(roots, given, machine.leaf, _with_derivatives if differentiable else machine.computed)


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
        return _ByJax().computed(node, [here[x] for x in node.inputs])

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
