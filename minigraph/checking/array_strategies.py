"""Hypothesis strategies for the arrays and shapes that operations are checked on."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from minigraph.core.node import Node
from minigraph.core.pulling import ancestors, pull
from minigraph.values import Array, Shape

try:
    from hypothesis import strategies as st
    from hypothesis.extra import numpy as hnp
except ImportError as error:
    raise ImportError('check_op and minigraph.testing need Hypothesis: pip install "minigraph[test]"') from error

Interval = tuple[float, float]
EVERYWHERE: Interval = (-math.inf, math.inf)
SPAN = 4.0
"""Where a domain has no end, entries are at most this far from 0, or from the other end."""


def arrays(
    shape: Shape | st.SearchStrategy[Shape],
    domain: Interval = EVERYWHERE,
    kinks: Sequence[float] = (0.0,),
    dtype: npt.DTypeLike = np.float64,
) -> st.SearchStrategy[Array]:
    """Arrays whose entries all differ, and keep away from kinks and from the ends of the domain.

    They are at least 1/64 of the domain's width apart, of n > 32 entries 1/(4n), and half of that from kinks and ends.

    Args:
        shape: the shape, or a strategy for it.
        domain: open interval of the entries; an end at infinity becomes 4 away from 0 or the other end.
        kinks: entries to keep away from.
        dtype: float64 or float32, whose entries are the same numbers.

    Raises:
        ValueError: as `operands` does.

    Example:
        >>> from hypothesis import find
        >>> from minigraph.testing import arrays
        >>> find(arrays((2, 1)), lambda z: (z > 1).any()).max()  # Hypothesis finds the simplest example
        np.float64(1.0625)
    """

    def of_shape(drawn: Shape) -> st.SearchStrategy[Array]:
        return _made_of(operands([drawn], [domain], kinks, dtype), lambda found: found[0])

    return shape.flatmap(of_shape) if isinstance(shape, st.SearchStrategy) else of_shape(shape)


def operands(
    shapes: Sequence[Shape],
    domains: Sequence[Interval] | None = None,
    kinks: Sequence[float] = (0.0,),
    dtype: npt.DTypeLike = np.float64,
) -> st.SearchStrategy[tuple[Array, ...]]:
    """Arrays of these shapes like those of `arrays`; where domains are equal, no entry is in two of them.

    So no two entries tie, as the largest must not where `maximum` or `max` is tested.

    Args:
        shapes: one shape for each array.
        domains: an open interval for each array; by default all numbers.
        kinks: entries to keep away from.
        dtype: float64 or float32.

    Raises:
        ValueError: if there is not one domain for each shape, a domain is empty, or so many entries don't fit into it:
            between its kinks, or as numbers of this dtype.

    Example:
        >>> from hypothesis import find
        >>> from minigraph.testing import operands
        >>> p, y = find(operands([(3,), ()], [(0, 1), (0, 1)]), lambda found: True)
        >>> p.shape, y.shape, y in p
        ((3,), (), False)
    """
    domains = [EVERYWHERE] * len(shapes) if domains is None else domains
    if len(domains) != len(shapes) or any(not low < high for low, high in domains):
        raise ValueError(f"a domain (low, high) is needed for each of {len(shapes)} shapes, low < high; not {domains}.")
    sizes = [math.prod(shape) for shape in shapes]
    total = sum(sizes)
    count = max(64, 2 ** math.ceil(math.log2(2 * total or 1)))
    with np.errstate(all="ignore"):  # what float32 can't hold is refused below
        grids = [_grid(domain, kinks, count).astype(dtype) for domain in domains]
    for grid, domain in zip(grids, domains, strict=True):
        if len(set(grid.tolist())) < max(grid.size, total):
            raise ValueError(
                f"{total} entries of {np.dtype(dtype)} don't fit between {domain[0]} and {domain[1]} with {len(kinks)} "
                "kinks. Take a wider domain, fewer kinks or smaller arrays."
            )
    fewest = min((grid.size for grid in grids), default=0)
    ends = np.cumsum(sizes)[:-1]

    def fill(places: Array) -> tuple[Array, ...]:
        parts = np.split(places, ends)[: len(grids)]  # an empty split is one part
        return tuple(grid[part].reshape(shape) for grid, part, shape in zip(grids, parts, shapes, strict=True))

    places = hnp.arrays(np.int64, total, elements=st.integers(0, max(fewest - 1, 0)), unique=True)
    return _made_of(places, fill)


@st.composite
def _made_of(draw: st.DrawFn, drawn: st.SearchStrategy[Any], made: Callable[[Any], Any]) -> Any:
    """What is made of what was drawn. A failing example is printed as that: by ``map`` it would be printed as a call."""
    return made(draw(drawn))


def _grid(domain: Interval, kinks: Sequence[float], count: int) -> Array:
    """Equally spaced numbers inside the domain without those near a kink, the smallest first."""
    low, high = domain
    if low == -math.inf:
        low = -SPAN if high == math.inf else high - SPAN
    if high == math.inf:
        high = low + SPAN * (1 if domain[0] > -math.inf else 2)
    along = (np.arange(count) + 0.5) / count
    numbers, spacing = low * (1 - along) + high * along, high / count - low / count
    for kink in kinks:
        numbers = numbers[np.abs(numbers - kink) >= (0.5 - 1e-9) * spacing]  # but for rounding
    order = np.lexsort((numbers < 0, np.abs(numbers)))  # examples shrink to the front: small, then positive
    return np.asarray(numbers[order])


def broadcastable_shapes(
    number: int, min_side: int = 0, max_side: int = 3, max_dims: int = 3
) -> st.SearchStrategy[tuple[Shape, ...]]:
    """Shapes that NumPy broadcasts with one another, scalars, sizes 0 and 1 and unequal ranks included.

    Args:
        number: how many shapes.
        min_side: the least size of an axis; 1 leaves out empty arrays.
        max_side: the largest size of an axis.
        max_dims: the most axes.

    Example:
        >>> from hypothesis import find
        >>> from minigraph.testing import broadcastable_shapes
        >>> find(broadcastable_shapes(2), lambda shapes: len(shapes[0]) < len(shapes[1]))  # the simplest example
        ((), (0,))
    """
    found = hnp.mutually_broadcastable_shapes(num_shapes=number, min_side=min_side, max_side=max_side, max_dims=max_dims)
    return found.map(lambda shapes: tuple(shapes.input_shapes))


def operands_to_kink(node: Node) -> float:
    """How near the operands of a node are to a kink of its operation."""
    return node.op.distance_to_kink(*(x.value for x in node.inputs)) if node.op else math.inf


def distance_to_kink(root: Node) -> float:
    """How near the values of a graph are to where an operation has no derivative; infinite if none has kinks.

    For ``hypothesis.assume`` in properties of derivatives: finite differences across a kink mean nothing.

    Example:
        >>> import minigraph as mg
        >>> from minigraph.testing import distance_to_kink
        >>> z = mg.parameter([0.5, -0.001])
        >>> distance_to_kink(mg.relu(z).sum())
        0.001
    """
    nodes = ancestors([root])
    pull(nodes)
    return min(map(operands_to_kink, nodes))
