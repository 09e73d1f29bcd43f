"""The tables of docs/conventions.md, run: what stands in the column "here" gives what NumPy, or PyTorch, gives.

A row is run with x and y (2, 3), v and u (3,), W (4, 2), b (4, 1), S (2, 3, 4), p between 0 and 1, c one-hot columns,
labels, a mask, and a scalar J. Its first column is run twice, with arrays and with nodes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import minigraph as mg

PAGE = Path(__file__).with_name("conventions.md")
RNG = np.random.default_rng(0)
ARRAYS: dict[str, Any] = {
    "x": np.array([[0.5, -1.5, 2.0], [3.0, 0.25, -0.75]]), "y": RNG.uniform(0.5, 2, (2, 3)), "v": np.array([1.0, -2.0, 0.5]),
    "u": np.array([0.5, 3.0, 2.0]), "W": RNG.normal(size=(4, 2)), "b": RNG.normal(size=(4, 1)),
    "S": RNG.normal(size=(2, 3, 4)), "p": np.array([[0.5, 0.75, 0.125], [0.25, 0.5, 0.875]]),
    "c": np.array([[1.0, 0, 1], [0, 1, 0]]),
}  # fmt: skip
CONSTANTS = {"mask": ARRAYS["x"] > 0, "labels": np.array([0, 1, 0])}


def rows() -> Iterator[list[str]]:
    """The code in the cells of each row of the tables, "" where there is none."""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("| `") or line.startswith("| — |"):
            cells = re.split(r"(?<!\\)\|", line.strip("| "))
            yield [found[1] if (found := re.search(r"`([^`]+)`", cell)) else "" for cell in cells]


def nodes() -> dict[str, Any]:
    """Parameters, and a J that depends on them."""
    made = {name: mg.parameter(value, name) for name, value in ARRAYS.items()}
    return made | {"J": mg.sum(made["x"] * made["y"]).named("J")}


def value_of(code: str, names: dict[str, Any]) -> Any:
    """The value of what is typed; what stands before a semicolon is done first."""
    *before, last = code.split("; ")
    known = {"np": np, "mg": mg, **CONSTANTS, **names}
    for step in before:
        exec(step, known)
    if re.match(r"[\w.]+ = ", last):
        exec(last, known)
        return None
    found = eval(last, known)
    return found.value if isinstance(found, mg.Node) else found


def check() -> int:
    """Run every row and say how many there are; a wrong one is an AssertionError that shows it."""
    found = list(rows())
    for theirs, _, here in found:
        mine = value_of(here, nodes())
        if re.match(r"np\.|[xvWS][ .@*\[]", theirs):
            np.testing.assert_allclose(mine, value_of(theirs, ARRAYS), rtol=1e-14, err_msg=f"{theirs} and {here}")
            try:
                again = value_of(theirs, nodes())
            except TypeError as error:  # np.sort: the message says what the table says
                assert "has no operation in minigraph: use " in str(error), f"{theirs}: {error}"
            else:
                np.testing.assert_allclose(again, mine, rtol=1e-14, err_msg=f"{theirs} with nodes")
    return len(found)
