"""`RandomNets`: nets of one form and of any size, with random values, to try a backward pass on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np

from minigraph.core.node import Node, data, parameter
from minigraph.values import Array, Shape, whole_number

DATA = "X Y x y"
"""The arguments that are data where nothing else is said."""
CHOICE = re.compile(r"-?[\d.]+( or -?[\d.]+)+")
CLASSES = re.compile(r"below (\w+)")


class Nets(Protocol):
    """Nets of any size: `RandomNets`, or what a net of `minigraph.models` gives."""

    @property
    def least(self) -> Mapping[str, int]:
        """The letters that stand for sizes, each with the least that it can be."""

    def draw(self, sizes: Mapping[str, int], generator: np.random.Generator) -> Node:
        """The cost J of a net of these sizes."""


class RandomNets:
    """Nets of one form: a function that gives the cost J, and the shape of each of its arguments, with letters for sizes.

    A shape is written like ``"h n"``, or ``"h 1"``, or ``""`` for a single number. Behind a colon stands what the entries
    are, if they are not drawn from the normal distribution: ``"1 m: 0 or 1"``, ``"1 m: -1 or 1"``, ``"k m: one-hot"``
    (one 1 in each column), ``"m k: one-hot rows"``, ``"m: below k"`` (whole numbers, such as labels), ``"n m: positive"``.

    Args:
        cost: gives the node J from nodes; what a student is to see of the forward pass, such as A1, has its name there.
            A function that is written for NumPy often works as it is.
        data: the arguments that are data; the others are parameters, whose gradients are asked for.
        at_least: the least that a letter can be, where it is not 1, such as ``{"m": 2}``.
        shapes: the shape of each argument of ``cost``, by its name.

    Attributes:
        least: the letters that stand for sizes, each with the least that it can be.

    Raises:
        ValueError: for a shape that can't be read, or if no argument is a parameter.

    Example:
        >>> import minigraph as mg
        >>> from minigraph.testing import RandomNets
        >>> def cost(X, Y, w, b):
        ...     A = mg.sigmoid(w.T @ X + b).named("A")
        ...     return mg.bce(A, Y).mean()
        >>> nets = RandomNets(cost, X="n m", Y="1 m: 0 or 1", w="n 1", b="")
        >>> nets
        <random nets of X (n, m), Y (1, m), w (n, 1), b ()>
        >>> import numpy as np
        >>> J = nets.draw({"n": 3, "m": 5}, np.random.default_rng(0))
        >>> mg.grad(J, J.inputs[0]).shape
        (1, 5)
    """

    def __init__(
        self, cost: Callable[..., Node], /, *, data: str = DATA, at_least: Mapping[str, int] | None = None, **shapes: str
    ):
        self._cost = cost
        self._data = data.split()
        self._arguments = {name: _Argument(name, text) for name, text in shapes.items()}
        if not shapes.keys() - set(self._data):
            raise ValueError(
                f"RandomNets: all of {', '.join(shapes) or 'no arguments'} are data. Give shapes of parameters."
            )
        least: dict[str, int] = {}
        for argument in self._arguments.values():
            for letter in argument.letters:
                least[letter] = max(least.get(letter, 1), 2 if letter in argument.classes else 1)
        for letter, size in (at_least or {}).items():
            if letter not in least:
                raise ValueError(f"RandomNets: at_least names {letter!r}, and the letters are {', '.join(least)}.")
            least[letter] = max(least[letter], whole_number(size, f"RandomNets: the least {letter}"))
        self.least: Mapping[str, int] = least

    def __repr__(self) -> str:
        shapes = (f"{name} ({', '.join(argument.sizes)})" for name, argument in self._arguments.items())
        return f"<random nets of {', '.join(shapes)}>"

    def draw(self, sizes: Mapping[str, int], generator: np.random.Generator) -> Node:
        """The cost J of a net of these sizes, with random values.

        Args:
            sizes: a number for each letter.
            generator: draws the values; the same generator, the same values.

        Raises:
            TypeError: if the function gives no node.
        """
        leaves = {
            name: (data if name in self._data else parameter)(argument.draw(sizes, generator), name)
            for name, argument in self._arguments.items()
        }
        J = self._cost(**leaves)
        if not isinstance(J, Node) or J.size != 1:
            what = f"a node of shape {J.shape}" if isinstance(J, Node) else type(J).__name__
            raise TypeError(f"RandomNets: the function gives {what}, and the cost J, a node with one number, is asked for.")
        return J


class _Argument:
    """The shape of an argument, in letters, and what its entries are."""

    def __init__(self, name: str, text: str):
        shape, _, self.entries = (part.strip() for part in text.partition(":"))
        self.sizes = shape.split()
        self.letters = [size for size in self.sizes if not size.isdigit()]
        self.classes: list[str] = []
        below = CLASSES.fullmatch(self.entries)
        if below:
            self.letters = [*self.letters, *([] if below[1].isdigit() else [below[1]])]
            self.classes = [below[1]]
        elif self.entries in ("one-hot", "one-hot rows") and len(self.sizes) == 2:
            self.classes = [self.sizes[0 if self.entries == "one-hot" else 1]]
        elif self.entries not in ("", "positive") and not CHOICE.fullmatch(self.entries):
            raise ValueError(
                f"RandomNets: {name}={text!r} can't be read. Write a shape such as 'h n', and behind a colon, if entries "
                "are not any numbers: '1 m: 0 or 1', 'k m: one-hot', 'm k: one-hot rows', 'm: below k', 'n m: positive'."
            )
        if bad := [size for size in self.letters if not size.isidentifier()]:
            raise ValueError(
                f"RandomNets: {name}={text!r}: {bad[0]!r} is neither a number nor a letter. Write 'h n' or 'h 1'."
            )

    def draw(self, sizes: Mapping[str, int], generator: np.random.Generator) -> Array:
        """Random values for these sizes."""

        def size_of(letter: str) -> int:
            return int(letter) if letter.isdigit() else sizes[letter]

        shape: Shape = tuple(map(size_of, self.sizes))
        if CHOICE.fullmatch(self.entries):
            return generator.choice([float(number) for number in self.entries.split(" or ")], shape)
        if self.entries.startswith("one-hot"):
            rows = self.entries == "one-hot rows"
            classes = size_of(self.classes[0])
            chosen = np.eye(classes)[generator.integers(0, classes, shape[0 if rows else 1])]
            return chosen if rows else chosen.T
        if self.classes:
            return generator.integers(0, size_of(self.classes[0]), shape).astype(np.float64)
        drawn = generator.standard_normal(shape)
        return np.abs(drawn) + 0.1 if self.entries == "positive" else drawn
