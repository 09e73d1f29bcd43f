"""Every operation of the table: its value against an oracle in plain loops, its derivatives against finite differences.

The cases and their oracles are in conftest.py. The differences know nothing of the rules: they nudge one entry of one
leaf and read the value again.
"""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

import minigraph as mg
from minigraph.core.node import parameter
from minigraph.core.operators import OPERATIONS


def weights(shape: tuple[int, ...], seed: int = 1) -> np.ndarray:
    """Weights that make a scalar of an array, none near 0, so that no entry of a derivative goes unseen."""
    return np.random.default_rng(seed).uniform(0.5, 2.0, shape)


def differences(read: Callable[[], float], leaf: mg.Node) -> np.ndarray:
    """The derivative of what is read by each entry of the leaf: central differences, the leaf left as it was."""
    start = np.array(leaf.value)
    result = np.empty(start.shape)
    for index in np.ndindex(start.shape):
        step = 6e-6 * max(1.0, abs(float(start[index])))
        ends = []
        for sign in (1, -1):
            nudged = start.copy()
            nudged[index] += sign * step
            leaf.value = nudged
            ends.append((read(), float(nudged[index])))
        result[index] = (ends[0][0] - ends[1][0]) / (ends[0][1] - ends[1][1])
    leaf.value = start
    return result


def test_no_operation_is_forgotten(covered: set[str]) -> None:
    forgotten = set(OPERATIONS) - covered
    assert not forgotten, f"give {sorted(forgotten)} a case in the file of its family in tests/operations/cases/"
    assert covered == set(OPERATIONS)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_value(case: Any, dtype: Any) -> None:
    operands = case.operands(dtype)
    if case.name == "cast":
        dtype = np.float64
    kept = [x.copy() for x in operands]
    node = case.call(*(parameter(x) for x in operands))
    with mpmath.workprec(150):
        expected = case.oracle(*operands)
    value = node.value
    assert node.shape == value.shape == expected.shape
    assert node.dtype == value.dtype == dtype
    # Sums round once a term; all else is right to a few last digits.
    scale = (
        sum(float(np.sum(np.abs(x))) for x in operands)
        if case.name in ("sum", "mean", "matmul", "dot", "einsum", "scatter", "logaddexp")
        else 0.0
    )
    np.testing.assert_allclose(
        np.asarray(value, float), expected.astype(float), rtol=8 * np.finfo(dtype).eps, atol=np.finfo(dtype).eps * scale
    )
    assert all(np.array_equal(a, b) for a, b in zip(operands, kept, strict=True)), "an operand was written into"


def test_gradient(case: Any) -> None:
    leaves = [parameter(x) for x in case.operands()]
    y = case.call(*leaves)
    J = (y * weights(y.shape)).sum()
    for leaf, gradient in zip(leaves, mg.grad(J, leaves), strict=True):
        expected = differences(lambda: float(J.value), leaf)
        assert gradient.shape == leaf.shape
        np.testing.assert_allclose(gradient.value, expected, rtol=1e-6, atol=1e-7)


def test_second_derivative(case: Any) -> None:
    leaves = [parameter(x) for x in case.operands()]
    y = case.call(*leaves)
    gradients = mg.grad((y * weights(y.shape)).sum(), leaves)
    slope = sum((g * weights(g.shape, seed=2)).sum() for g in gradients)
    assert isinstance(slope, mg.Node)
    for leaf, second in zip(leaves, mg.grad(slope, leaves, allow_unused=True), strict=True):
        expected = differences(lambda: float(slope.value), leaf)
        np.testing.assert_allclose(second.value, expected, rtol=1e-5, atol=1e-6)


def test_forward_mode_agrees_with_backward_mode(case: Any) -> None:
    leaves = [parameter(x) for x in case.operands()]
    y = case.call(*leaves)
    tangents = [weights(leaf.shape, seed=3) for leaf in leaves]
    pushed = mg.jvp(y, leaves, tangents)
    w = weights(y.shape)
    gradients = mg.grad((y * w).sum(), leaves)
    forward = float(np.sum(w * pushed.value))
    backward = sum(float(np.sum(g.value * t)) for g, t in zip(gradients, tangents, strict=True))
    assert pushed.shape == y.shape
    assert forward == pytest.approx(backward, rel=1e-12, abs=1e-12)


def test_float32_stays_float32(case: Any) -> None:
    single = [parameter(x) for x in case.operands(np.float32)]
    double = [parameter(x) for x in case.operands(np.float32).__iter__()]
    double = [parameter(x, dtype=np.float64) for x in case.operands(np.float32)]
    gradients = []
    for leaves in (single, double):
        y = case.call(*leaves)
        w = weights(y.shape).astype(y.dtype)
        gradients.append(mg.grad((y * w).sum(), leaves))
    for leaf, narrow, wide in zip(single, *gradients, strict=True):
        assert narrow.value.dtype == narrow.dtype == leaf.dtype == np.float32
        assert narrow.value.shape == leaf.shape
        np.testing.assert_allclose(narrow.value, wide.value, rtol=2e-4, atol=1e-5)
