"""Operations that work entry by entry, on operands that are broadcast."""

from __future__ import annotations

import numpy as np

from minigraph.core.node import Node
from minigraph.core.op import Op
from minigraph.values import Shape


class Elementwise(Op):
    """An operation that works entry by entry, on operands that are broadcast as in NumPy.

    Its derivatives are `Scale` (or `Identity`) maps at the result's shape; broadcasting is undone for it.

    Example:
        >>> import numpy as np
        >>> import minigraph as mg
        >>> class Swish(mg.Elementwise):
        ...     def forward(self, z):
        ...         return z / (1 + np.exp(-z))
        ...     def derivatives(self, y, z):
        ...         return [mg.Scale(y + mg.sigmoid(z) * (1 - y))]
        >>> z = mg.parameter([0.0, 1.0], "z")
        >>> y = Swish()(z)
        >>> y
        <swish(z) (2,) float64>
        >>> mg.check_gradients(y.sum()).ok
        True
    """

    broadcasts = True

    def shape(self, *operands: Node) -> Shape:
        """The shape that the operands broadcast to."""
        first = operands[0].shape
        for x in operands:
            if x.shape != first and x.shape != ():
                break
        else:
            return first
        try:
            return np.broadcast_shapes(*(x.shape for x in operands))
        except ValueError:
            why = "these shapes don't broadcast. Sizes must agree from the right, or be 1."
            self.refuse(operands, f"{why}{self.likely_slip(*operands)}")

    def likely_slip(self, *operands: Node) -> str:
        """A sentence, after a blank, on what was probably meant where shapes don't broadcast; or nothing."""
        for x in operands:
            if x.ndim == 1 and any(other.ndim == 2 and other.shape[0] == x.size for other in operands):
                it = repr(x.name) if x.name else "a vector"
                return f" {it} counts as a row; for a column, one entry for each row, make it {(x.size, 1)}: reshape(-1, 1)."
        return ""
