"""`grade`: points for gradients that were written by hand, of one graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from minigraph.core.errors import nearest
from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.explanation.comparing import compare_one, in_notes_form, names_meant, pairs_of
from minigraph.explanation.comparison import Comparison
from minigraph.explanation.notes_form import factors_meant
from minigraph.reading.steps import root_and_seed
from minigraph.testing.grades import Grade, Mark
from minigraph.testing.plain_data import NODE, Unreadable, no_array
from minigraph.values import Array, real_number, to_array

NOTHING: Mapping[str, Any] = MappingProxyType({})
CLOSE = 1e-8
"""Gradients that are so close are right at first sight; `compare` allows more than that."""


@dataclass(frozen=True)
class Wanted:
    """A gradient that is asked for.

    Attributes:
        node: the name of the node whose gradient it is.
        points: how many points there are for it.
    """

    node: str
    points: float

    @property
    def name(self) -> str:
        """What the gradient is called: dW1."""
        return f"d{self.node}"


@dataclass(frozen=True)
class Fault:
    """What is wrong with a gradient that was handed in.

    Attributes:
        diagnoses: what is wrong, if it could be named.
        evidence: where and by how much.
        ratio: if every entry is off by one factor, this.
        found: the comparison with the right one, if it could be compared.
    """

    diagnoses: tuple[str, ...]
    evidence: str = ""
    ratio: float | None = None
    found: Comparison | None = None


def grade(J: Node | BackwardPass, gradients: Mapping[Any, Any], points: Any = None) -> Grade:
    """Points for gradients that were written by hand: each is compared with the right one by `minigraph.compare`.

    Nothing that is handed in raises an error: what is missing, is no array of numbers or has another shape gets no points,
    and the grade says why.

    Args:
        J: a scalar node, or a backward pass.
        gradients: arrays by what they are the gradient of: the node, its name, or dW1 for the gradient of W1.
        points: how many each gradient gets: a dict such as ``{"dW1": 2, "db1": 1}``, which also says what is asked for;
            or one number, which all parameters share equally. By default 1 for each parameter that J depends on.

    Returns:
        A `Grade`: ``.points`` and ``.of``, a `Mark` by the name of each gradient, ``.json()``, and as ``str()`` what a
        student reads.

    Raises:
        ValueError: if points name no node that J depends on, or are below 0.
        TypeError: if points are not numbers, or ``gradients`` is not a dict.

    Example:
        >>> import minigraph as mg
        >>> from minigraph.testing import grade
        >>> w, b = mg.parameter([1.0, 2.0, 4.0], "w"), mg.parameter(0.5, "b")
        >>> J = mg.square(w + b).mean()
        >>> print(grade(J, {"dw": 2 * (w.value + b.value), "db": 2 * (w + b).value.mean()}))
        ✗ Gradients handed in: 1 of 2 points.
        ✗ dw: 0 of 1
            Diagnosis: it is 3 times the right one: 3 is the number of entries averaged,
              so the factor 1/3 of the mean is missing.
            The largest difference is at entry [2]: 9, and 3 is right.
        ✓ db: 1 of 1
    """
    root, _ = root_and_seed(J, "grade")
    if not isinstance(gradients, Mapping):
        raise TypeError(f'grade: gradients are a dict such as {{"dW1": dW1}}, not {type(gradients).__name__}.')
    gradients = dict(pairs_of(gradients, "grade"))
    order = ancestors([root])
    named = {node.name: node for node in order if node.name is not None}
    parameters = [node.name for node in order if node.role is Role.PARAMETER and node.name is not None]
    asked = read_points(points, parameters, named, root.name or "J")
    faults = faults_of(J, {wanted.name: named[wanted.node] for wanted in asked}, gradients)
    return Grade("Gradients handed in", tuple(mark_of(wanted, faults.get(wanted.name)) for wanted in asked))


def mark_of(wanted: Wanted, fault: Fault | None, **where: Any) -> Mark:
    """All points without a fault, else none."""
    if fault is None:
        return Mark(wanted.name, True, wanted.points, wanted.points)
    return Mark(wanted.name, False, 0, wanted.points, diagnoses=fault.diagnoses, evidence=fault.evidence, **where)


def read_points(points: Any, parameters: Iterable[str], named: Iterable[str], what: str) -> list[Wanted]:
    """The gradients that are asked for, each with its points; ``what`` is graded, in errors.

    Raises:
        ValueError: if points name no node, if there are none, or if some are below 0.
        TypeError: if points are not numbers.
    """
    known = list(named)
    if points is None or not isinstance(points, Mapping):
        names = list(parameters)
        share = 1.0 if points is None else real_number(points, "points") / max(len(names), 1)
        found = {name: share for name in names}
    else:
        found = {}
        for key, value in points.items():
            name = next((name for name in names_meant(key) if name in known), None)
            if name is None:
                hint = nearest(names_meant(key)[0], known)
                raise ValueError(f"points: {key!r} names no node of {what}. There are {', '.join(known)}.{hint}")
            found[name] = real_number(value, f"points of {key!r}")
    if not found:
        raise ValueError(
            f"points: {what} depends on no parameter with a name: give points, such as {{'dW1': 1}}, for named nodes."
        )
    if negative := [name for name, value in found.items() if value < 0]:
        raise ValueError(f"points of {', '.join(negative)} are below 0.")
    return [Wanted(name, int(value) if value == int(value) else value) for name, value in found.items()]


def faults_of(
    J: Node | BackwardPass, asked: Mapping[str, Node], gradients: Mapping[Any, Any], right: Mapping[str, Any] = NOTHING
) -> dict[str, Fault]:
    """What is wrong with the gradients that are asked for, by what they are called, in what was handed in.

    Where those of parameters are right, the others may be in the form of lecture notes, which have 1/m there only. With the
    ``right`` gradients at hand they need not be asked for where the two are the same at first sight.
    """
    read = {node: array for name, node in asked.items() if (array := _array_of(node, gradients)) is not None}
    factors = factors_meant(J, read)
    faults = {
        name: _fault_of(J, node, name, gradients, right.get(name), factors.get(node, 1)) for name, node in asked.items()
    }
    found = {name: fault for name, fault in faults.items() if fault is not None}
    if any(node.role is Role.PARAMETER and name not in found for name, node in asked.items()):
        found = {name: x for name, x in found.items() if x.found is None or in_notes_form(J, x.found) is None}
    return found


def _keys_of(node: Node, gradients: Mapping[Any, Any]) -> list[Any]:
    """The keys of a node's gradient, of which the first counts."""
    return [key for key in gradients if key is node or (not isinstance(key, Node) and node.name in names_meant(key))]


def _array_of(node: Node, gradients: Mapping[Any, Any]) -> Array | None:
    """What was handed in for a node, if that is an array of numbers."""
    with suppress(Exception):  # whatever is handed in
        return to_array(gradients[_keys_of(node, gradients)[0]], None, "compare")
    return None


def _fault_of(
    J: Node | BackwardPass, node: Node, name: str, gradients: Mapping[Any, Any], right: Any, m: int
) -> Fault | None:
    keys = _keys_of(node, gradients)
    if not keys:
        there = ", ".join(names_meant(key)[-1] for key in gradients) or "nothing"
        return Fault((f"it is missing: there is no {name}, but {there}.{_other_case(name, gradients)}",))
    return _fault_of_array(J, node, gradients[keys[0]], right, m)


def _other_case(name: str, gradients: Mapping[Any, Any]) -> str:
    """A hint where only capitals differ."""
    written = [text for key in gradients if (text := names_meant(key)[-1]).lower() == name.lower()]
    return f" Write {name} for {written[0]}: capitals count." if written else ""


def _fault_of_array(J: Node | BackwardPass, node: Node, mine: Any, right: Any, m: int) -> Fault | None:
    """What is wrong with an array as the gradient of a node; None if nothing is."""
    if mine is None:
        return Fault((f"it is None, and an array of shape {node.shape} is asked for.",))
    if isinstance(mine, Unreadable | Node):
        return Fault((NODE if isinstance(mine, Node) else mine.words,))
    if right is not None and type(mine) is np.ndarray and mine.shape == right.shape and np.allclose(mine, right, CLOSE, 0):
        return None
    try:
        array = to_array(mine, None, "compare")
        found = compare_one(J, node, array, {node: array}, m)
    except Exception as error:  # whatever is handed in, the grade says what is wrong with it
        return Fault((no_array(error),))
    if found.ok:
        return None
    ratio = _ratio_of_numbers(found) if node.size == 1 else found.ratio
    return Fault(found.diagnoses, found.evidence, ratio, found)


def _ratio_of_numbers(found: Comparison) -> float | None:
    """By what a single number is off."""
    mine, right = found.mine, found.right
    return (
        float(mine.item() / right.item()) if mine.shape == right.shape and right.any() and np.isfinite(mine).all() else None
    )
