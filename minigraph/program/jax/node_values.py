"""The values of nodes by JAX, which differentiates them by the graph's own local derivatives, as `mg.grad` does.

An operation is computed as `ByValue` says; else by its forward rule, which JAX calls back in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from minigraph.calculus.forward_mode import jvp
from minigraph.calculus.simplification import rebuilt
from minigraph.core.evaluation import placeholder
from minigraph.core.node import Node, Role
from minigraph.core.pulling import run
from minigraph.operations.products import MatMul
from minigraph.operations.shapes import Transpose
from minigraph.program import by_value
from minigraph.program.by_value import ByValue
from minigraph.program.jax.loading import jax_for
from minigraph.values import locked


class _ByJax(ByValue):
    """Computes nodes by JAX."""

    def computed(self, node: Node, operands: Sequence[Any]) -> Any:
        """One node's value; for D Xᵀ the compiler is told X, since for a D of one row it would write Xᵀ out."""
        if type(node.op) is not MatMul or node.ndim != 2 or not isinstance(node.inputs[1].op, Transpose):
            return super().computed(node, operands)
        a, b = operands
        return self.numpy.tensordot(a, b.T, axes=(1, 1), precision="highest")  # accelerators take fewer bits unless told

    def otherwise(self, node: Node, operands: Sequence[Any]) -> Any:
        """By the forward rule, which runs in Python on NumPy's arrays while JAX waits."""
        jax = jax_for("mg.to_jax")
        form = jax.eval_shape(_to_bits, jax.ShapeDtypeStruct(node.shape, node.dtype))

        def forward(*arrays: Any) -> Any:
            return np.ascontiguousarray(run(node, arrays)).reshape(-1).view(np.uint32).reshape(form.shape)

        return jax.lax.bitcast_convert_type(called_back(forward, form, node.inputs, operands), node.dtype)


def values_of(roots: Sequence[Node], given: Mapping[Node, Any], differentiable: bool) -> list[Any]:
    """The values of nodes.

    Args:
        roots: the nodes.
        given: values of some nodes; leaves that are not there are constants, as they are now.
        differentiable: whether JAX shall find the graph's own derivatives; else it finds those of what is computed, which
            at kinks are others.
    """
    machine = _ByJax(jax_for("mg.to_jax").numpy)
    return by_value.values_of(roots, given, machine.leaf, _with_derivatives if differentiable else machine.computed)


def called_back(function: Callable[..., Any], form: Any, nodes: Sequence[Node], values: Sequence[Any]) -> Any:
    """What a function in Python makes of the values of nodes, which it is given as NumPy's arrays.

    JAX calls back in another thread, where `jax.enable_x64` does not hold, so that it would round what goes there and what
    comes back to float32. So what goes there travels as whole numbers of 32 bits; what comes back may not have more either.
    """

    def called(*bits: Any) -> Any:
        return function(
            *(locked(np.atleast_1d(x).view(node.dtype).reshape(node.shape)) for x, node in zip(bits, nodes, strict=True))
        )

    return jax_for("mg.to_jax").pure_callback(called, form, *map(_to_bits, values), vmap_method="sequential")


def _to_bits(x: Any) -> Any:
    return jax_for("mg.to_jax").lax.bitcast_convert_type(x, np.uint32)


def _with_derivatives(node: Node, operands: Sequence[Any]) -> Any:
    """The node's value, which JAX differentiates by the operation's own local derivatives, to any order."""
    jax = jax_for("mg.to_jax")
    values = {x: value for x, value in zip(node.inputs, operands, strict=True) if x.role is not Role.LITERAL}
    became = {x: placeholder(x.shape, x.dtype, x.name or "an operand") for x in values}
    leaves, here = list(became.values()), rebuilt(node, {x: became.get(x, x) for x in node.inputs})

    def forward(*arrays: Any) -> Any:
        return values_of([here], dict(zip(leaves, arrays, strict=True)), False)[0]

    def pushed(arrays: Sequence[Any], tangents: Sequence[Any]) -> Any:
        moving = {
            leaf: tangent
            for leaf, tangent in zip(leaves, tangents, strict=True)
            if not isinstance(tangent, jax.custom_derivatives.SymbolicZero)
        }
        directions = [placeholder(leaf.shape, leaf.dtype, "a tangent") for leaf in moving]
        tangent = jvp(here, list(moving), directions, allow_unused=True)
        given = dict(zip([*leaves, *directions], [*arrays, *moving.values()], strict=True))
        return tuple(values_of([here, tangent], given, True))

    operation = jax.custom_jvp(forward)
    operation.defjvp(pushed, symbolic_zeros=True)
    return operation(*values.values())
