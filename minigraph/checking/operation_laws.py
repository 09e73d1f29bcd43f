"""What every operation must satisfy, on given operands: a table of checks, each of which says what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from minigraph.calculus.forward_mode import jvp
from minigraph.calculus.reverse_mode import grad
from minigraph.checking.finite_differences import rounding_of
from minigraph.checking.gradient_check import check_gradients
from minigraph.core.errors import DomainError, describe_operation
from minigraph.core.node import Node, parameter
from minigraph.core.pulling import ancestors
from minigraph.program import compile
from minigraph.values import Array

EPSILON32 = float(np.finfo(np.float32).eps)
SAFETY = 8
"""Rounding bounds are of first order, with one rounding an operation; real ones may be a few times larger."""


@dataclass(frozen=True)
class Case:
    """An operation with the arrays that it is checked on, float64, and others of the same shapes."""

    function: Callable[..., Node]
    operands: Sequence[Array]
    others: Sequence[Array]

    def leaves(self, dtype: npt.DTypeLike = np.float64) -> list[Node]:
        """Fresh parameters that hold the operands."""
        return [parameter(array, f"operand {i}", dtype) for i, array in enumerate(self.operands)]

    @cached_property
    def inputs(self) -> list[Node]:
        """The leaves that `result` is made of."""
        return self.leaves()

    @cached_property
    def result(self) -> Node:
        """The operation applied to the operands."""
        return self.function(*self.inputs)


def weighted(node: Node, seed: int = 0) -> Node:
    """The sum of the node's entries with weights between ½ and 1½: a scalar in which no two entries count the same."""
    weights = np.random.default_rng(seed).uniform(0.5, 1.5, node.shape)
    return (node * weights.astype(node.dtype)).sum()


def weighted_gradient(result: Node, leaves: Sequence[Node]) -> Node:
    """The gradients of the weighted result, weighted in turn: a scalar whose derivatives are second derivatives."""
    gradients = grad(weighted(result), leaves, allow_unused=True)
    total = weighted(gradients[0], 1)
    for i, gradient in enumerate(gradients[1:], 2):
        total = total + weighted(gradient, i)
    return total


def forward_rule(case: Case) -> str | None:
    """The forward rule gives the shape and dtype that were announced, finite values, and writes into no input."""
    for node in ancestors([case.result]):
        if node.op is None:
            continue
        try:
            with np.errstate(all="ignore"):
                value = node.op.forward(*(x.value for x in node.inputs))
        except ValueError as error:
            if "read-only" in str(error):
                return f"{node.op.name}.forward changed an input in place; write into a new array"
            raise
        if np.shape(value) != node.shape:
            return f"{node.op.name}.forward gave shape {np.shape(value)}, but its shape rule says {node.shape}"
        if not np.isfinite(value).all():
            return f"{node.op.name} is not finite here; set its domain to the open interval where it is defined"
    return None


def purity(case: Case) -> str | None:
    """The forward rule gives the same for the same operands, whatever it was asked in between, and leaves what it gave."""
    for node in ancestors([case.result]):
        if node.op is None:
            continue
        operands = [x.value for x in node.inputs]
        with np.errstate(all="ignore"):
            value = node.op.forward(*operands)
            first = np.array(value)
            with suppress(DomainError):
                node.op.forward(*(np.where(x == 0.5, 0.25, 0.5)[()] for x in operands))
            left = np.array(value)
            again = np.array(node.op.forward(*operands))
        if not np.array_equal(first, left, equal_nan=True):
            return f"{node.op.name}.forward writes later into an array that it gave; give a new one each time"
        if not np.array_equal(first, again, equal_nan=True):
            one, other = (" ".join(np.array2string(array, separator=", ").split()) for array in (first, again))
            return (
                f"{node.op.name}.forward gave {one}, and for the same operands {other}: programs would "
                "merge what differs. Take random numbers and memory out of it, or set pure = False in its class"
            )
    return None


def first_derivatives(case: Case) -> str | None:
    """The gradient is that of finite differences."""
    report = check_gradients(weighted(case.result), case.inputs)
    return str(report) if report.wrong else None


def push_and_pull(case: Case) -> str | None:
    """Forward and reverse mode agree: ⟨push u, v⟩ = ⟨u, pull v⟩ for every operand."""
    v = np.random.default_rng(0).uniform(0.5, 1.5, case.result.shape)
    for i, leaf in enumerate(case.inputs):
        u = np.random.default_rng(i + 1).uniform(0.5, 1.5, leaf.shape)
        forward = (v * jvp(case.result, leaf, u)).sum()
        reverse = (u * grad(case.result, leaf, seed=v)).sum()
        allowed = SAFETY * (rounding_of(forward) + rounding_of(reverse))
        if not abs(forward.value - reverse.value) <= allowed:
            return (
                f"by operand {i}, ⟨push u, v⟩ = {forward.value:.12g} but ⟨u, pull v⟩ = {reverse.value:.12g}; "
                f"they may differ by {allowed:.1e}"
            )
    return None


def fresh_derivatives(case: Case) -> str | None:
    """The gradient follows the operands: after an assignment it is that of a graph made anew."""
    leaves = case.leaves()
    total = weighted_gradient(case.function(*leaves), leaves)
    for leaf, other in zip(leaves, case.others, strict=True):
        leaf.value = other
    fresh_leaves = Case(case.function, case.others, case.operands).leaves()
    fresh = weighted_gradient(case.function(*fresh_leaves), fresh_leaves)
    if np.isclose(total.value, fresh.value, rtol=1e-9, atol=SAFETY * rounding_of(fresh)):
        return None
    return (
        f"after the operands were assigned {list(case.others)}, the weighted sum of the gradients is {total.value:.12g}, "
        f"but {fresh.value:.12g} in a graph made anew: build derivatives from nodes, not from node.value"
    )


def second_derivatives(case: Case) -> str | None:
    """The gradient's gradient is that of finite differences of the gradient."""
    total = weighted_gradient(case.result, case.inputs)
    reached = set(ancestors([total]))
    wrt = [leaf for leaf in case.inputs if leaf in reached]
    report = check_gradients(total, wrt) if wrt else None
    return str(report) if report is not None and report.wrong else None


def single_precision(case: Case) -> str | None:
    """On float32 operands value and gradient are float32, and as near to those of float64 as rounding allows."""
    leaves = case.leaves(np.float32)
    result = case.function(*leaves)
    if result.dtype != np.float32:
        return f"float32 operands gave {result.dtype}"
    for node in ancestors([result]):
        if (dtype := _other_precision(node)) is not None:
            what = describe_operation(node)
            return f"{what}: forward gave {dtype} for float32 operands; is there an np.{dtype} constant in it?"
    pairs = {
        "value": (weighted(result), weighted(case.result)),
        "gradient": (weighted_gradient(result, leaves), weighted_gradient(case.result, case.inputs)),
    }
    for what, (single, double) in pairs.items():
        allowed = SAFETY * rounding_of(double, EPSILON32)
        if not abs(single.value - double.value) <= allowed:
            return (
                f"the weighted {what} is {single.value:.8g} in float32 but {double.value:.8g} in float64; "
                f"they may differ by {allowed:.1e}"
            )
    return None


def _other_precision(node: Node) -> np.dtype[Any] | None:
    """The dtype that a forward rule computes in instead of float32; None where nothing is lost or done in vain.

    Truth values, whole numbers and Python's own numbers have no precision to keep. Nor has what moves with no operand,
    such as a mask, and what is exact in float32 too is as good as that.
    """
    if node.op is None:
        return None
    value = node.op.forward(*(x.value for x in node.inputs))
    dtype = getattr(value, "dtype", None)
    if dtype is None or dtype == np.float32 or dtype.kind in "biu":
        return None
    with np.errstate(over="ignore"):
        exact = np.array_equal(np.asarray(value, np.float32), value, equal_nan=True)
    wide = np.can_cast(np.float32, dtype)
    fixed = all(local is None for local in node.op.derivatives(node, *node.inputs))
    return None if wide and (exact or fixed) else dtype


def program_against_graph(case: Case) -> str | None:
    """A program gives what the graph gives: the value, that of the operation done twice, and the gradient."""
    leaves = case.leaves()
    if any(leaf.size == 0 for leaf in leaves):
        return None  # there is nothing to compute, and no program for it
    value, again = case.function(*leaves), case.function(*leaves)
    nodes = {"value": weighted(value), "value of it done twice": weighted(value) - 2 * weighted(again)}
    for i, gradient in enumerate(grad(nodes["value"], leaves, allow_unused=True)):
        nodes[f"gradient by operand {i}"] = weighted(gradient)
    for (what, node), found in zip(nodes.items(), compile([*nodes.values()])(), strict=True):
        allowed = SAFETY * rounding_of(node)
        if not abs(found - node.value) <= allowed:
            return (
                f"the weighted {what} is {found:.12g} in a program but {node.value:.12g} in the graph; they may differ by "
                f"{allowed:.1e}. Does the operation keep something that is not an attribute, or declare what does not hold?"
            )
    return None


CHECKS: dict[str, Callable[[Case], str | None]] = {
    "forward rule": forward_rule,
    "purity": purity,
    "first derivatives": first_derivatives,
    "push against pull": push_and_pull,
    "second derivatives": second_derivatives,
    "derivatives after an assignment": fresh_derivatives,
    "program": program_against_graph,
    "float32": single_precision,
}
"""Each gives None, or what is wrong."""
