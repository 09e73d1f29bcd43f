"""Python identifiers for nodes and numbers: W1 stays W1, ∂J/∂W1 becomes dW1, 0.5 becomes half."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Mapping

import numpy as np

from minigraph.core.node import Node, Role

FARTHEST, MOST_OPERANDS = 10, 3
"""A name for an unnamed node is looked for so many nodes back, among so many operands of each."""
RESERVED = dict.fromkeys(["steps", "count", "fresh", "step", "published", "empty", "array", "full", "all_finite"], 1)
"""What the text of a program calls something else."""
OTHERS = frozenset([*keyword.kwlist, *dir(builtins), *dir(np)])
"""Names that mean something in Python, or to who reads NumPy."""
NOT_IN_NAMES = re.compile(r"\W+")
DERIVATIVE = re.compile(r"∂.+/∂(.+)")
NUMBERS = {0.0: "zero", 1.0: "one", 2.0: "two", 0.5: "half", -1.0: "minus_one"}


class Names:
    """Names that are given once.

    Attributes:
        taken: for each name how often it was wished for.
    """

    def __init__(self, taken: Mapping[str, int] = RESERVED) -> None:
        self.taken = dict(taken)

    def new(self, wish: str) -> str:
        """The wish as an identifier, with a number at its end if it is taken."""
        name = NOT_IN_NAMES.sub("_", unicodedata.normalize("NFKC", str.__str__(wish)[:80])).strip("_")[:60] or "t"
        if name[0].isdigit() or name in OTHERS:
            name += "_"
        name = f"t{name}" if name[0].isdigit() else name
        if not name.isidentifier():  # \w holds a few letters that Python's names don't
            name = "t_" + re.sub(r"[^a-zA-Z0-9_]", "", name)
        chosen = name
        while chosen in self.taken:
            self.taken[name] += 1
            chosen = f"{name}_{self.taken[name]}"
        self.taken[chosen] = 1
        return chosen


def wish_for(node: Node) -> str:
    """What a reader would call the node: an unnamed one by its operation and the first name that it depends on."""
    if node.name is not None:
        derivative = DERIVATIVE.fullmatch(node.name)
        return f"d{derivative[1]}" if derivative else node.name
    if node.op is None:
        return node.role.value if node.role is not Role.LITERAL else "constant"
    source = node
    for _ in range(FARTHEST):
        source = min(source.inputs[:MOST_OPERANDS], key=lambda x: (x.name is None, x.op is None), default=source)
        if source.name is not None:
            return f"{node.op.name}_{wish_for(source)}"
    return node.op.name


def wish_for_number(value: float) -> str:
    """A name for a constant."""
    return NUMBERS.get(value, "number_" + f"{value:.6g}".replace("-", "minus_").replace(".", "_").replace("+", ""))
