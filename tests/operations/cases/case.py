"""A case: one way to call an operation, with the oracle of what it must give; and shapes that many operations take."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from oracles import by_entry

import minigraph as mg
from minigraph.core.operators import OPERATIONS

Shape = tuple[int, ...]
ONE = [(), (3,), (2, 3), (1, 1), (0,), (2, 0), (2, 2, 2)]
TWO = [
    ((), ()), ((), (3,)), ((3,), ()), ((2, 3), (2, 3)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 1), (1, 3)), ((2, 3), (2, 1)),
    ((1, 3), (2, 3)), ((2, 3), ()), ((1,), (1, 1)), ((4, 2, 3), (2, 1)), ((0,), ()), ((1,), (0,)), ((0, 3), (3,)),
    ((0, 3), (1, 1)), ((2, 0), (2, 1)),
]  # fmt: skip
SAME = [(shape, shape) for shape in ONE]
MASK = np.array([[True, False, True], [False, False, True]])


@dataclass(frozen=True)
class Case:
    """One way to call an operation: how, what it must give, on operands of which shapes and where."""

    name: str
    call: Callable[..., mg.Node]
    oracle: Callable[..., Any]
    shapes: tuple[Shape, ...]
    domains: tuple[str, ...]
    label: str = ""

    def __str__(self) -> str:
        return f"{self.name}{self.label} {' '.join(map(str, self.shapes))}"

    def operands(self, dtype: Any = np.float64) -> list[np.ndarray]:
        """Values on a grid of its own for each operand, so that neither 0 nor a tie is met, in random order."""
        rng = np.random.default_rng(len(self.name))
        arrays = []
        for position, (shape, domain) in enumerate(zip(self.shapes, self.domains, strict=True)):
            size = math.prod(shape)
            grid = 0.37 * rng.permutation(np.arange(size) - size // 2) + 0.1 + 0.07 * position
            values = {"real": grid, "positive": np.abs(grid), "unit": grid % 0.9 + 0.05}[domain]
            arrays.append(values.reshape(shape).astype(dtype))
        return arrays


def case(name: str, oracle: Any, *shapes: Shape, call: Any = None, domains: Any = None, label: Any = "") -> Case:
    label = f" {label}" if str(label) else ""
    return Case(name, call or OPERATIONS[name], oracle, shapes, domains or ("real",) * len(shapes), label)


def unary(name: str, function: Any, domain: str = "real", call: Any = None, label: Any = "") -> Iterator[Case]:
    for shape in ONE:
        yield case(name, by_entry(function), shape, call=call, domains=(domain,), label=label)


def binary(name: str, function: Any, shapes: Any = TWO, domains: Any = ("real", "real")) -> Iterator[Case]:
    for pair in shapes:
        yield case(name, by_entry(function), *pair, domains=domains)
