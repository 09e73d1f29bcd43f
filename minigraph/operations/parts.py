"""What expansions are made of: operations of programs, which nobody differentiates."""

from __future__ import annotations

import numpy as np

from minigraph.core.node import Node
from minigraph.operations.elementwise import Elementwise


class Log1p(Elementwise):
    """log(1 + x), exact for small x."""

    forward = staticmethod(np.log1p)


class LargerOrOnly(Elementwise):
    """The larger of a and b; where one of them is NaN, the other."""

    forward = staticmethod(np.fmax)


class Minimum(Elementwise):
    """The smaller of a and b."""

    forward = staticmethod(np.minimum)


def negative_size(x: Node) -> Node:
    """−|x|; its −x is one that others may need too."""
    return Minimum()(x, -x)
