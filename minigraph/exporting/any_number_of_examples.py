"""What a recorded graph is for any number m of examples: recorded at three of them, it shows what follows from m."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np

from minigraph.core.errors import describe
from minigraph.core.node import Node
from minigraph.exporting.recording import Value

SIZES = ((5, 7, 11), (1009, 1013, 1019))
"""Numbers of examples at which a graph is recorded; the second ones, if by chance the first lead another way."""


@dataclass(frozen=True)
class Size:
    """A size that is times · m + plus."""

    times: int
    plus: int

    def __str__(self) -> str:
        product = "m" if self.times == 1 else f"{self.times} * m"
        return product + (f" + {self.plus}" if self.plus > 0 else f" - {-self.plus}" if self.plus else "")


@dataclass(frozen=True)
class Number:
    """A number that is times · (m + plus), or times / (m + plus)."""

    times: float
    plus: float
    divided: bool


@dataclass(frozen=True, eq=False)
class Call:
    """A `Value` for any number of examples: sizes in its shape and its options may be a `Size`, a constant a `Number`."""

    function: str
    operands: tuple[Call, ...]
    shape: tuple[int | Size, ...]
    dtype: np.dtype[Any]
    options: dict[str, Any]
    node: Node | None


@dataclass(frozen=True)
class Recording:
    """What a file computes.

    Attributes:
        inputs: the names of the values that it is given, with these.
        outputs: the names of the values that it gives, with these.
        calls: all that is done, each after its operands.
        named: the nodes that have names, by their values.
        example: an input that has m entries along an axis, with that axis; None if all sizes are fixed.
    """

    inputs: list[tuple[str, Call]]
    outputs: list[tuple[str, Call]]
    calls: list[Call]
    named: dict[Call, Node]
    example: tuple[Call, int] | None


class Unequal(Exception):
    """Recordings at several sizes are not one recording: the node where that is seen, and why."""

    def __init__(self, node: Node | None, why: str):
        super().__init__(why)
        self.node, self.why = node, why


def united(recorded: Sequence[Sequence[Value]], sizes: Sequence[int]) -> list[Call]:
    """The calls that are those of each recording at its size.

    Raises:
        Unequal: if there are none.
    """
    calls: list[Call] = []
    for values in zip(*recorded, strict=False):
        first = values[0]
        node = first.node
        kinds = {(x.function, tuple(operand.position for operand in x.operands), x.dtype, len(x.shape)) for x in values}
        if len(kinds) > 1:
            raise Unequal(node, "another number of examples leads another way")
        shape = tuple(_one(column, sizes, node) for column in zip(*(x.shape for x in values), strict=True))
        options = {name: _one([x.options[name] for x in values], sizes, node) for name in first.options}
        operands = tuple(calls[x.position] for x in first.operands)
        calls.append(Call(first.function, operands, shape, first.dtype, options, node))
    if len({len(values) for values in recorded}) > 1:
        raise Unequal(None, "another number of examples leads another way")
    return calls


def _one(found: Sequence[Any], sizes: Sequence[int], node: Node | None) -> Any:
    """What these are, one for each size."""
    first = found[0]
    if isinstance(first, tuple):
        if len({len(each) for each in found}) > 1:
            _refuse(node, "sizes")
        return tuple(_one(column, sizes, node) for column in zip(*found, strict=True))
    if isinstance(first, slice):
        return slice(*(_one([getattr(x, end) for x in found], sizes, node) for end in ("start", "stop", "step")))
    if isinstance(first, np.ndarray):
        if len({(x.shape, x.tobytes()) for x in found}) == 1:
            return first
        return _number([float(x) if x.shape == () else _refuse(node, "numbers") for x in found], sizes, first.dtype, node)
    if all(x is first or x == first for x in found):
        return first
    if not all(type(x) is int for x in found):
        _refuse(node, "sizes")
    times, rest = divmod(found[1] - first, sizes[1] - sizes[0])
    size = Size(times, first - times * sizes[0])
    if rest or any(x != times * m + size.plus for x, m in zip(found, sizes, strict=True)):
        _refuse(node, "sizes")
    return size


def _number(found: Sequence[float], sizes: Sequence[int], dtype: np.dtype[Any], node: Node | None) -> Number:
    m, n = sizes[:2]
    rounding = float(np.finfo(dtype).eps)
    forms = [Number(found[0] / m, 0.0, False), Number(found[0] * m, 0.0, True)]
    if found[0] != found[1]:
        shift, slope = (found[1] * n - found[0] * m) / (found[0] - found[1]), (found[1] - found[0]) / (n - m)
        forms += [Number(found[0] * (m + round(shift)), round(shift), True), Number(slope, found[0] / slope - m, False)]
    for form in forms:
        with np.errstate(all="ignore"):
            shifted = np.asarray(sizes) + form.plus
            values = form.times / shifted if form.divided else form.times * shifted
        if np.allclose(values, found, rtol=8 * rounding, atol=0):
            return replace(form, times=float(dtype.type(form.times)))
    _refuse(node, "numbers")


def _refuse(node: Node | None, what: str) -> NoReturn:
    raise Unequal(node, f"it has {what} that follow from it in another way than c(m + d) or c/(m + d)")


def needed(calls: Sequence[Call], outputs: Sequence[Call]) -> tuple[list[Call], dict[Call, Call]]:
    """The calls that the outputs need, the same ones once, and what each call became."""
    wanted = set(outputs)
    for call in reversed(calls):
        if call in wanted:
            wanted.update(call.operands)
    known: dict[Any, Call] = {}
    became: dict[Call, Call] = {}
    for call in calls:
        if call in wanted or call.function == "input":
            operands = tuple(became[x] for x in call.operands)
            made = Call(call.function, operands, call.shape, call.dtype, call.options, call.node)
            key = (made.function, operands, made.shape, made.dtype, _key(made.options), _own(made))
            became[call] = known.setdefault(key, made)
    return list(dict.fromkeys(became.values())), became


def _own(call: Call) -> Node | None:
    """The node by which an input, or the value of a leaf, is told from others."""
    leaf = call.function in ("input", "constant") and call.node is not None and call.node.op is None
    return call.node if leaf and call.node is not None and call.node.name is not None else None


def _key(option: Any) -> Any:
    """Equal for equal options."""
    if isinstance(option, dict):
        return tuple((name, _key(part)) for name, part in option.items())
    if isinstance(option, tuple):
        return tuple(map(_key, option))
    if isinstance(option, slice):
        return ("slice", _key(option.start), _key(option.stop), _key(option.step))
    if isinstance(option, np.ndarray):
        return (option.shape, option.dtype, option.tobytes())
    return (type(option), option)


def described(node: Node | None) -> str:
    """The node, for messages."""
    return "the graph" if node is None else describe(node)
