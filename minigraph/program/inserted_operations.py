"""Operations of programs, which nobody differentiates: arrays side by side, parts of them, copies, checks of values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.calculus.simplification import standing_for
from minigraph.core.errors import DomainError
from minigraph.core.node import Node
from minigraph.core.op import Elementwise, Op
from minigraph.operations.choices import Minimum
from minigraph.program.instructions import Place, View
from minigraph.program.writer import Writer
from minigraph.values import Shape

APART = 16
"""So many entries fill a cache line, or two."""


def entries_of(entries: slice, shape: Shape) -> View:
    """Entries along axis 0, in a shape."""
    return View().then("index", (entries,)).then("reshape", shape)


class Joining(Op):
    """An operation whose result holds its operands as parts: they are computed there, so that joining costs nothing."""

    def parts(self, *operands: Any) -> list[slice]:
        """For each operand the entries along axis 0, after flattening if the result is flat, that it fills."""
        raise NotImplementedError(f"{type(self).__name__} does not say where its parts are")

    def begun(self, write: Writer, out: Place) -> None:
        """Write once what is in no part."""


class Flat(Joining):
    """All entries of the operands, in one long array; each begins on a cache line, with zeros before it."""

    def parts(self, *operands: Any) -> list[slice]:
        starts = np.cumsum([0, *self._lengths(operands)]).tolist()
        return [slice(start, start + x.size) for start, x in zip(starts, operands, strict=False)]

    def begun(self, write: Writer, out: Place) -> None:
        write.fill(out, 0.0)

    def shape(self, *operands: Node) -> Shape:
        return (sum(self._lengths(operands)),)

    def _lengths(self, operands: Sequence[Any]) -> list[int]:
        """How many entries each takes, with the zeros behind it; numbers lie side by side."""
        apart = APART if any(x.size > 1 for x in operands) else 1
        return [-(-x.size // apart) * apart for x in operands]

    def forward(self, *values: Any) -> Any:
        flat = np.zeros(self.shape(*values), np.result_type(*values))
        for part, x in zip(self.parts(*values), values, strict=True):
            flat[part] = np.ravel(x)
        return flat


@dataclass(frozen=True, repr=False)
class Piece(Op):
    """Some entries of a long array, in a shape."""

    entries: slice
    target: Shape

    def shape(self, *operands: Node) -> Shape:
        return self.target

    def forward(self, *values: Any) -> Any:
        return values[0][self.entries].reshape(self.target)


class WithOnes(Joining):
    """A matrix with a last row of ones: so W A + b is one product, (W b)(A; 1)."""

    def parts(self, *operands: Any) -> list[slice]:
        return [slice(0, operands[0].shape[0])]

    def begun(self, write: Writer, out: Place) -> None:
        write.fill(write.part(out, slice(out.shape[0] - 1, out.shape[0]), (1, out.shape[1])), 1.0)

    def shape(self, *operands: Node) -> Shape:
        (a,) = operands
        return (a.shape[0] + 1, a.shape[1])

    def forward(self, *values: Any) -> Any:
        (a,) = values
        return np.concatenate([a, np.ones((1, a.shape[1]), a.dtype)])


class LargerOrOnly(Elementwise):
    """The larger of a and b; where one of them is NaN, the other."""

    forward = staticmethod(np.fmax)


class Raised(Elementwise):
    """aᵇ, the value alone."""

    forward = staticmethod(np.power)


class Chosen(Elementwise):
    """a where the mask is not 0, b where it is."""

    forward = staticmethod(np.where)


def negative_size(x: Node) -> Node:
    """−|x|; its −x is one that others may need too."""
    return Minimum()(x, -x)


class Positive(Elementwise):
    """1 where x > 0, 0 where x = 0, NaN where x is NaN; x is never negative."""

    def forward(self, x: Any) -> Any:
        return np.ceil(np.minimum(x, 1))


@dataclass(frozen=True, repr=False)
class Copy(Op):
    """The operand in memory of its own."""

    def shape(self, *operands: Node) -> Shape:
        return operands[0].shape

    def forward(self, *values: Any) -> Any:
        return np.array(values[0])


@dataclass(frozen=True, repr=False)
class Again(Op):
    """The operand itself, for operations that are done once more, and must not become one with those done before."""

    def shape(self, *operands: Node) -> Shape:
        return operands[0].shape

    def forward(self, *values: Any) -> Any:
        return values[0]


@dataclass(frozen=True, repr=False)
class Checked(Elementwise):
    """The operand itself, once its values have been found to be what its user demands."""

    user: Node
    position: int

    linear_in = ()

    def __post_init__(self) -> None:
        assert self.user.op is not None
        object.__setattr__(self, "name", self.user.op.name)  # it is the user that refuses

    def forward(self, x: Any) -> Any:
        assert self.user.op is not None
        try:
            self.user.op.check(self.position, x)
        except DomainError as error:
            raise DomainError(error.args[0]) from None
        return x


@dataclass(frozen=True, repr=False, eq=False)
class Sealed(Op):
    """An operation that is not pure: programs call its forward rule, once a step, and know nothing else of it."""

    op: Op

    pure = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.op.name)

    @property
    def rules(self) -> Op:
        return self.op

    def forward(self, *values: Any) -> Any:
        return self.op.forward(*values)


def sealed(node: Node) -> Node:
    """The node, sealed if its operation is not pure."""
    if node.op is None or node.op.pure or isinstance(node.op, Sealed):
        return node
    return standing_for(Node(Sealed(node.op), node.inputs, node.shape, node.dtype), node)
