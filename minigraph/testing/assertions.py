"""`assert_gradients`: a test fails where gradients are wrong, and says what is wrong."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from minigraph.calculus.reverse_mode import look_back
from minigraph.checking.gradient_check import GradientReport, check_gradients
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.explanation.comparing import compare
from minigraph.formulas import to_text
from minigraph.formulas.spelling import rounded

ENTRIES = 3
"""So many entries of each node are checked to find the operation whose derivative is wrong."""
MOST_NODES = 200
"""In larger graphs the operation is not looked for."""
WIDEST = 30
"""A node without a name is told by so much of its formula."""
SAME = 1e-3
"""Ratios that differ by no more are one."""


def assert_gradients(
    J: Node, gradients: Mapping[Any, Any] | None = None, wrt: Node | Sequence[Node] | None = None, entries: int | None = None
) -> None:
    """Fail if gradients of J are wrong, and say why.

    Without ``gradients``, those of the chain rule are checked against finite differences, as `minigraph.check_gradients`
    does: a test of an operation of your own. The failure names the operation whose derivative is wrong. With ``gradients``,
    which you computed yourself, each is compared with that of the chain rule, and the failure has the diagnosis of
    `minigraph.compare`. With pytest it is also a fixture: a test with an argument ``assert_gradients`` need not import it.

    Args:
        J: a scalar node.
        gradients: arrays by what they are the gradient of: the node, its name, or dW1 for the gradient of W1.
        wrt: for finite differences: a node or several; by default all parameters that J depends on.
        entries: for finite differences: check so many entries of each node; by default all.

    Raises:
        AssertionError: if a gradient is wrong, or, without ``gradients``, none is known to be right. In a property of
            Hypothesis such an example, an empty array for instance, is passed over, as by ``hypothesis.assume``.
        ValueError: if ``gradients`` name no node of J, or what is named is not in J.

    Example:
        >>> import minigraph as mg
        >>> from minigraph.testing import assert_gradients
        >>> w, x = mg.parameter([2.0, -1.0, 0.5], "w"), mg.data([0.5, 3.0, 1.0], "x")
        >>> J = mg.tanh(w * x).mean()
        >>> assert_gradients(J)
        >>> assert_gradients(J, {"dw": (1 - mg.tanh(w * x).value ** 2) * x.value})
        Traceback (most recent call last):
        ...
        AssertionError: ✗ The gradient of w is not right: the largest difference is at entry [2]: ...
        Diagnosis, checked: it is 3 times the right one: 3 is the number of entries averaged,
          so the factor 1/3 of the mean is missing.
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    if gradients is not None:
        compared = compare(J, gradients)
        if not compared or compared.left_out:
            raise AssertionError(str(compared))
        return
    report = check_gradients(J, wrt, entries)
    if not report and not report.wrong:
        _reject_example()
    if not report:
        raise AssertionError("\n".join([_heading(report), str(report), *_factors(report), *_wrong_operations(J, report)]))


def _reject_example() -> None:
    """Within a property, an example that decides nothing is passed over, such as an empty array: others do."""
    hypothesis = sys.modules.get("hypothesis")
    if hypothesis is not None and hypothesis.currently_in_test_context():
        hypothesis.assume(False)


def _heading(report: GradientReport) -> str:
    wrong = [node for node in report.nodes if any(entry.node is node for entry in report.wrong)]
    if not wrong:
        return "No entry of the gradients is known to be right:"
    names = ", ".join(to_text(node, budget=WIDEST) for node in wrong)
    return f"✗ The gradients of {names} are not those of finite differences:"


def _factors(report: GradientReport) -> list[str]:
    """By what all entries of a node are off, if they are so by one factor."""
    found = []
    for node in report.nodes:
        entries = [entry for entry in report.entries if entry.node is node and entry.difference]
        ratios = np.array([entry.chain_rule / entry.difference for entry in entries])
        apart = any(entry in report.wrong for entry in entries) and len(ratios) > 1
        if apart and np.allclose(ratios, ratios[0], rtol=SAME):
            name = to_text(node, budget=WIDEST)
            found.append(f"Every entry of the gradient of {name} is {rounded(ratios[0])} times what it should be.")
    return found


def _wrong_operations(J: Node, report: GradientReport) -> list[str]:
    """The operations behind which gradients are wrong while those before them are right."""
    order = ancestors([J])
    if len(order) > MOST_NODES:
        return []
    sure = {entry.node for entry in report.wrong}
    reached = look_back(J, None, "assert_gradients", set(order)).gradients
    between = [
        node for node in order if node in reached and node.role is not Role.LITERAL and node.size and node not in sure
    ]
    wrong = sure | {entry.node for entry in check_gradients(J, between, ENTRIES).wrong}
    users: dict[Node, list[Node]] = {}
    for node in order:
        for operand in dict.fromkeys(node.inputs):
            users.setdefault(operand, []).append(node)
    behind = [
        node for operand, nodes in users.items() if operand in wrong and not wrong.intersection(nodes) for node in nodes
    ]
    found = {type(node.op).__name__: to_text(node, budget=WIDEST) for node in behind}
    return [
        f"Behind {what} gradients are wrong, before it they are right: see the derivatives of {op}."
        for op, what in found.items()
    ]
