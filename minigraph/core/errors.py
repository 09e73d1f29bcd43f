"""The errors of the engine, and how their messages name a node. Each says what to do."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

from minigraph.core.lazy_imports import later
from minigraph.formulas import to_text

if TYPE_CHECKING:
    from minigraph.core.node import Node
    from minigraph.core.op import Op


class Story(Protocol):
    """What explains: ``print`` it, or take its text for documents. It is a `minigraph.Explanation`."""

    @property
    def latex(self) -> str:
        """The text in LaTeX."""

    @property
    def markdown(self) -> str:
        """The text in Markdown, with formulas."""


class ShapeError(ValueError):
    """The shapes of the operands do not fit the operation.

    Attributes:
        op: the operation that refused, or None where a value was refused.
        operands: the nodes that were given to it, in order.
        why: the reason alone.
    """

    def __init__(self, message: str, op: Op | None = None, operands: tuple[Node, ...] = (), why: str = ""):
        super().__init__(message)
        self.why = why
        self.op = op
        self.operands = operands

    def explain(self) -> Story:
        """Where the shapes of the operands come from, and which leaf is likely to be wrong.

        Example:
            >>> import numpy as np
            >>> import minigraph as mg
            >>> W, X = mg.parameter(np.ones((4, 2)), "W"), mg.data(np.ones((400, 2)), "X")
            >>> try:
            ...     W @ X
            ... except mg.ShapeError as error:
            ...     print(error.explain())
            matmul: 'W' is (4, 2) and 'X' is (400, 2): inner sizes 2 and 400 differ. Examples are columns: is X transposed?
            Where the shapes come from:
              W is (4, 2), a parameter
              X is (400, 2), data
            The likely culprit, since it would fit then:
              'X' is (400, 2): transposed it is (2, 400) and fits. Examples are columns, features are rows.
        """
        story: Story = later("explain_shape_error")(self)
        return story


class DomainError(ValueError):
    """A value lies outside the set on which the operation is defined, such as a probability of 1.2.

    Attributes:
        operand: the position of the operand that holds it.
    """

    def __init__(self, message: str, operand: int = 0):
        super().__init__(message)
        self.operand = operand


class NonFiniteError(ArithmeticError):
    """A NaN or an infinity arose under `check_finite`; ``node`` is the first node that made one."""

    def __init__(self, message: str, node: Node):
        super().__init__(message)
        self.node = node


class GraphWarning(UserWarning):
    """Something that can be computed, but is probably not what was meant."""


def warn(message: str, category: type[Warning] = GraphWarning) -> None:
    """Warn at the line of the user's code that led here."""
    level, frame = 1, sys._getframe(0)
    while frame.f_globals.get("__name__", "").startswith(("minigraph.", "functools")) and frame.f_back is not None:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def describe(node: Node, array: str = "an array") -> str:
    """The node, its shape and where it was made, as error messages say it; ``array`` is what one without a name is."""
    return f"{called(node, array)} is {node.shape}"


def called(node: Node, array: str = "an array") -> str:
    """The node by its name, or by what it is and where it was made."""
    if node.name is not None:
        return repr(node.name)
    if node.role == "literal":
        return f"the literal {to_text(node, budget=40)}" if node.shape == () else array
    place = f" made at {node.made_at}" if node.made_at else ""
    return f"an unnamed {node.op.name if node.op else node.role}{place}"


def describe_operation(node: Node) -> str:
    """The operation that makes the node, and the node's name: ``matmul for 'Z1'``."""
    operation = node.op.name if node.op else node.role
    return f"{operation} for {node.name!r}" if node.name else operation


def counted(count: int, thing: str) -> str:
    """1 operand, 2 operands."""
    return f"{count} {thing}{'' if count == 1 else 's'}"


def closest(given: object, known: Iterable[str]) -> str | None:
    """The known name that is likely meant by one that is not known, for messages; capitals make no difference.

    Example:
        >>> closest("Sigmiod", ["relu", "sigmoid"])
        'sigmoid'
    """
    from difflib import get_close_matches  # nothing else needs it, and it costs time at the start

    plain = {name.casefold(): name for name in known}
    close = get_close_matches(str(given).casefold(), plain, n=1)
    return plain[close[0]] if close else None


def nearest(given: object, known: Iterable[str]) -> str:
    """`` Did you mean 'relu'?`` or nothing."""
    close = closest(given, known)
    return f" Did you mean {close!r}?" if close else ""
