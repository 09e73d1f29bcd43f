"""Cases of operations along axes: sums, extremes, running sums."""

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import mpmath
from oracles import along, columns, exact, mean, refilled_first, running_sums, variance

import minigraph as mg
from minigraph.core.operators import OPERATIONS
from tests.operations.cases.case import Case, case

ALONG_AXES: dict[str, Callable[[list[Any]], Any]] = {
    "sum": mpmath.fsum, "mean": mean, "max": max, "min": min, "prod": mpmath.fprod, "var": variance,
    "std": lambda entries: mpmath.sqrt(variance(entries)), "norm": mpmath.norm,
    "logsumexp": lambda entries: mpmath.log(mpmath.fsum(map(mpmath.exp, entries))),
}  # fmt: skip


def reductions() -> Iterator[Case]:
    for name, function in ALONG_AXES.items():
        for shape in ((), (3,), (2, 3), (1, 4), (2, 1, 3)):
            if name not in ("std", "norm") or math.prod(shape) > 1:  # else everything is at the kink, or is |x|
                yield case(name, along(tuple(range(len(shape))), function), shape)
        for axis, keep in itertools.product((0, 1, -1, (0, 1), (1, -3), ()), (True, False)):
            if name == "std" and axis == ():
                continue
            axes = axis if isinstance(axis, tuple) else (axis,)
            call = lambda x, name=name, axis=axis, keep=keep: OPERATIONS[name](x, axis, keep)  # noqa: E731
            yield case(name, along(axes, function, keep), (2, 3, 2), call=call, label=f"axis {axis} {keep}")
    for ddof in (1, 1.5):
        for name in ("var", "std"):
            corrected = lambda entries, name=name, ddof=ddof: (  # noqa: E731
                variance(entries, exact(ddof)) if name == "var" else mpmath.sqrt(variance(entries, exact(ddof)))
            )
            call = lambda x, name=name, ddof=ddof: OPERATIONS[name](x, 1, ddof=ddof)  # noqa: E731
            yield case(name, along((1,), corrected), (2, 3), call=call, label=f"ddof {ddof}")
    for name, none in (("sum", 0), ("prod", 1), ("norm", 0), ("logsumexp", -mpmath.inf)):
        yield case(name, along((0, 1), lambda entries, none=none: exact(none)), (0, 3))
        yield case(
            name,
            along((0,), lambda entries, none=none: exact(none)),
            (0, 3),
            call=lambda x, n=name: OPERATIONS[n](x, 0),
            label="of empty columns",
        )
        yield case(
            name, along((0,), ALONG_AXES[name]), (2, 0), call=lambda x, n=name: OPERATIONS[n](x, 0), label="of no columns"
        )
    for shape, axis in (
        ((4,), None),
        ((4,), 0),
        ((2, 3), None),
        ((2, 3), 0),
        ((2, 3), -1),
        ((2, 3, 2), 1),
        ((), None),
        ((0, 2), 0),
        ((1,), 0),
    ):
        call = lambda x, axis=axis: mg.cumsum(x, axis)  # noqa: E731
        yield case("cumsum", refilled_first(axis, columns(axis or 0, running_sums)), shape, call=call, label=axis)
    yield case("mean", along((1,), mean, True), (1, 4), call=lambda x: x.mean(1, keepdims=True), label="method")
    yield case("max", along((0,), max), (2, 0), call=lambda x: x.max(axis=0), label="of no columns")
