"""The table of cases: each operation, called in every way it can be, with the oracle of what it must give.

A test that asks for `case` runs once for each.
"""

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import pytest
from oracles import (
    along,
    by_entry,
    columns,
    cross_entropy,
    dot_product,
    exact,
    joined,
    joined_as,
    log_softmax,
    many_class_cross_entropy,
    matrix_product,
    mean,
    moved,
    outer_product,
    refilled,
    refilled_first,
    repeated,
    running_sums,
    scattered,
    sigmoid,
    softmax,
    stacked,
    stacked_product,
    sum_of_products,
    variance,
)

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


MASK = np.array([[True, False, True], [False, False, True]])


def chosen(mask: Any, a: Shape, b: Shape) -> Case:
    """`where` with a mask, which is no operand that is differentiated."""
    truth = np.asarray(mask.value if isinstance(mask, mg.Node) else mask, float)
    oracle = by_entry(lambda m, p, q: p if m else q)
    return case("where", lambda p, q: oracle(truth, p, q), a, b, call=lambda p, q: mg.where(mask, p, q), label=truth.shape)


def entry_by_entry() -> Iterator[Case]:
    yield from binary("add", lambda a, b: a + b)
    yield from binary("subtract", lambda a, b: a - b)
    yield from binary("multiply", lambda a, b: a * b)
    yield from binary("divide", lambda a, b: a / b)
    yield from binary("maximum", lambda a, b: a if a > b else b)
    yield from binary("minimum", lambda a, b: a if a < b else b)
    yield from unary("clip", lambda x: min(max(x, -0.25), 0.5), call=lambda x: mg.clip(x, -0.25, 0.5), label="both")
    yield from unary("clip", lambda x: min(x, 0.5), call=lambda x: mg.clip(x, max=0.5), label="above")
    yield from unary("clip", lambda x: max(x, -0.25), call=lambda x: mg.clip(x, -0.25), label="below")
    yield case("clip", by_entry(lambda x, low, high: min(max(x, low), high)), (2, 3), (2, 1), (3,))
    yield from binary("squared_error", lambda a, y: (a - y) ** 2 / 2, SAME)
    yield from binary("bce", cross_entropy, SAME, ("unit", "unit"))
    yield from binary("bce_with_logits", lambda z, y: cross_entropy(sigmoid(z), y), SAME, ("real", "unit"))
    yield from unary("negative", lambda x: -x)
    yield from unary("exp", mpmath.exp)
    yield from unary("log", mpmath.log, "positive")
    yield from unary("expm1", mpmath.expm1)
    yield from unary("log1p", mpmath.log1p, "positive")
    yield from unary("sin", mpmath.sin)
    yield from unary("cos", mpmath.cos)
    yield from unary("tan", mpmath.tan)
    yield from unary("arcsin", mpmath.asin, "unit")
    yield from unary("arccos", mpmath.acos, "unit")
    yield from unary("arctan", mpmath.atan)
    yield from unary("sinh", mpmath.sinh)
    yield from unary("cosh", mpmath.cosh)
    yield from unary("log_sigmoid", lambda z: mpmath.log(sigmoid(z)))
    yield from binary("logaddexp", lambda a, b: mpmath.log(mpmath.exp(a) + mpmath.exp(b)))
    yield from unary("sqrt", mpmath.sqrt, "positive")
    yield from unary("square", lambda x: x * x)
    yield from unary("abs", lambda x: x if x > 0 else -x)
    yield from unary("sign", lambda x: 1 if x > 0 else -1)
    yield from unary("identity", lambda x: x)
    twice = lambda x: x * mg.detach(mg.parameter(x.dtype.type(2)))  # noqa: E731
    yield from unary("detach", lambda x: 2 * x, call=twice, label="of a factor")
    for mask, pairs in (
        (MASK[0], [((), ()), ((3,), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((1, 1), (0, 3))]),
        (mg.data([[2.0], [0.0]]), [((), ()), ((3,), ()), ((2, 3), (2, 3)), ((2, 1), (3,)), ((0,), (2, 1))]),
        (True, [((), ()), ((2, 3), (3,)), ((0, 3), (3,))]),
    ):  # fmt: skip
        for pair in pairs:
            yield chosen(mask, *pair)
    yield from unary("sigmoid", sigmoid)
    yield from unary("tanh", mpmath.tanh)
    yield from unary("softplus", lambda z: mpmath.log(1 + mpmath.exp(z)))
    yield from unary("relu", lambda z: z if z > 0 else 0)
    for s in (0.01, 0.3, -0.5, 2.0):
        call = lambda z, s=s: mg.leaky_relu(z, s)  # noqa: E731
        yield from unary("leaky_relu", lambda z, s=s: z if z > 0 else s * z, call=call, label=s)
    yield from binary("power", lambda a, b: a**b, domains=("positive", "real"))
    for constant in (2.0, 0.5):
        yield from unary("power", lambda x, c=constant: exact(c) ** x, call=lambda x, c=constant: c**x, label=f"{constant}ˣ")
    yield from unary("power", lambda x: x**3, call=lambda x: x ** mg.parameter(x.dtype.type(3)), label="³ as a node")
    for p in (-2, -1, 0, 1, 2, 3, 4):
        yield from unary("power", lambda x, p=p: x**p, call=lambda x, p=p: mg.power(x, p), label=p)
    for p in (-0.5, 0.5, 1.5, 2.5):
        yield from unary("power", lambda x, p=p: x ** exact(p), "positive", call=lambda x, p=p: x**p, label=p)
    yield from unary("cast", lambda x: x, call=lambda x: OPERATIONS["cast"](x, np.dtype(np.float64)))


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


def shapes() -> Iterator[Case]:
    for old, target, new in (
        ((), (1,), (1,)), ((6,), (2, 3), (2, 3)), ((2, 3), (-1,), (6,)), ((2, 3), (3, -1), (3, 2)), ((2, 3), -1, (6,)),
        ((1, 1), (), ()), ((0, 3), (0,), (0,)), ((2, 2, 2), (4, 2), (4, 2)), ((0,), (2, 0), (2, 0)),
        ((4, 0), (-1, 2), (0, 2)), ((4,), np.int64(4), (4,)),
    ):  # fmt: skip
        yield case("reshape", refilled(new), old, call=lambda x, t=target: mg.reshape(x, t), label=target)
    for shape, axes in (
        ((), None), ((3,), None), ((2, 3), None), ((2, 3, 4), (1, 2, 0)), ((2, 3, 4), (-1, 0, 1)), ((0, 3), (0, 1)),
    ):  # fmt: skip
        order = tuple(reversed(range(len(shape)))) if axes is None else tuple(axis % len(shape) for axis in axes)
        where = lambda i, order=order: tuple(i[order.index(axis)] for axis in range(len(order)))  # noqa: E731
        oracle = moved(where, tuple(shape[axis] for axis in order))
        yield case("transpose", oracle, shape, call=lambda x, axes=axes: mg.transpose(x, axes), label=axes)
    for old, axis, new in (
        ((2, 3), None, (2, 3)),
        ((1, 3, 1), None, (3,)),
        ((1, 3, 1), -1, (1, 3)),
        ((1, 1), (0, -1), ()),
        ((), None, ()),
    ):
        yield case("squeeze", refilled(new), old, call=lambda x, axis=axis: mg.squeeze(x, axis), label=axis)
    for old, axis, new in (
        ((3,), 0, (1, 3)),
        ((3,), -1, (3, 1)),
        ((2, 3), (0, 2), (1, 2, 1, 3)),
        ((), 0, (1,)),
        ((2,), [1, -1], (2, 1, 1)),
    ):
        yield case("expand_dims", refilled(new), old, call=lambda x, axis=axis: mg.expand_dims(x, axis), label=axis)
    for shape in ONE:
        yield case("ravel", refilled((math.prod(shape),)), shape)
    for shape, axes, order in (
        ((2, 3), (0, 1), (1, 0)),
        ((2, 3, 4), (0, -1), (2, 1, 0)),
        ((2, 3, 4), (1, 1), (0, 1, 2)),
        ((3,), (0, 0), (0,)),
    ):
        where = lambda i, order=order: tuple(i[order.index(axis)] for axis in range(len(order)))  # noqa: E731
        oracle = moved(where, tuple(shape[axis] for axis in order))
        yield case("swapaxes", oracle, shape, call=lambda x, axes=axes: mg.swapaxes(x, *axes), label=axes)
    for shape, times, axis, new, where in (
        ((3,), 2, None, (6,), lambda i: (i[0] // 2,)),
        ((2, 2), 3, None, (12,), lambda i: (i[0] // 6, i[0] // 3 % 2)),
        ((2, 3), 2, 1, (2, 6), lambda i: (i[0], i[1] // 2)),
        ((2, 3), 2, -2, (4, 3), lambda i: (i[0] // 2, i[1])),
        ((2, 2), [1, 3], 0, (4, 2), lambda i: (min(i[0], 1), i[1])),
        ((3,), [2, 0, 1], None, (3,), lambda i: ([0, 0, 2][i[0]],)),
        ((), 3, None, (3,), lambda i: ()),
        ((2,), 0, 0, (0,), lambda i: i),
    ):  # fmt: skip
        call = lambda x, times=times, axis=axis: mg.repeat(x, times, axis)  # noqa: E731
        yield case("repeat", moved(where, new), shape, call=call, label=f"{times} {axis}")
    for shape, times, new in (
        ((3,), 2, (6,)), ((2, 3), (2, 1), (4, 3)), ((3,), (2, 2), (2, 6)), ((2, 3), 2, (2, 6)), ((), (2,), (2,)),
        ((2,), 0, (0,)), ((2, 3), (), (2, 3)),
    ):  # fmt: skip
        yield case(
            "tile", moved(in_a_copy_of(shape), new), shape, call=lambda x, times=times: mg.tile(x, times), label=times
        )
    for axis, shape, count in (
        (0, (3,), 2),
        (1, (3,), 2),
        (-1, (2, 3), 3),
        (-3, (2, 3), 2),
        (1, (2, 3), 1),
        (0, (), 3),
        (0, (0,), 2),
    ):
        yield case("stack", stacked(axis), *[shape] * count, call=lambda *x, axis=axis: mg.stack(x, axis), label=axis)
    for parts, rows in (
        (((3,), (3,)), 0),
        (((3,), (2, 3)), 0),
        (((), ()), 0),
        (((2, 3), (1, 3)), 0),
        (((1, 2, 2), (3, 2, 2)), 0),
    ):
        yield case("vstack", joined_as(2, rows), *parts, call=lambda *x: mg.vstack(x))
    for parts, axis in (
        (((3,), (2,)), 0),
        (((), ()), 0),
        (((), (2,)), 0),
        (((2, 3), (2, 1)), 1),
        (((2, 1, 2), (2, 2, 2)), 1),
    ):
        yield case("hstack", joined_as(1, axis), *parts, call=lambda *x: mg.hstack(x))
    for old, new in (
        ((), (2, 3)), ((3,), (2, 3)), ((2, 1), (2, 3)), ((2, 3), (2, 3)), ((1,), (0,)), ((1, 3), (2, 2, 3)), ((), ()),
        ((1,), 3),
    ):  # fmt: skip
        oracle = repeated(old, new if isinstance(new, tuple) else (new,))
        yield case("broadcast_to", oracle, old, call=lambda x, new=new: mg.broadcast_to(x, new), label=new)
    for axis, parts in (
        (0, ((2,), (3,))), (0, ((2, 3), (1, 3), (0, 3))), (1, ((2, 1), (2, 3))), (-1, ((2, 1), (2, 2))), (0, ((4,),)),
        (-2, ((1, 2), (2, 2))), (0, ((0,), (0,))),
    ):  # fmt: skip
        yield case("concatenate", joined(axis), *parts, call=lambda *x, axis=axis: mg.concatenate(x, axis), label=axis)


def in_a_copy_of(shape: Shape) -> Callable[[tuple[int, ...]], tuple[int, ...]]:
    return lambda index: tuple(i % size for i, size in zip(index[len(index) - len(shape) :], shape, strict=True))


def indices() -> Iterator[Case]:
    for shape, index, new, where in (
        ((3,), 1, (), lambda i: (1,)),
        ((3,), -1, (), lambda i: (2,)),
        ((3,), np.int64(2), (), lambda i: (2,)),
        ((2, 3), 1, (3,), lambda i: (1, i[0])),
        ((2, 3), (slice(None), 1), (2,), lambda i: (i[0], 1)),
        ((2, 3), (slice(None), slice(1, 3)), (2, 2), lambda i: (i[0], i[1] + 1)),
        ((4,), slice(None, None, -1), (4,), lambda i: (3 - i[0],)),
        ((4,), slice(1, None, 2), (2,), lambda i: (2 * i[0] + 1,)),
        ((3,), slice(2, 2), (0,), lambda i: i),
        ((2, 3), (Ellipsis, 0), (2,), lambda i: (i[0], 0)),
        ((2, 3), Ellipsis, (2, 3), lambda i: i),
        ((), (), (), lambda i: ()),
        ((), None, (1,), lambda i: ()),
        ((3,), (None, slice(None)), (1, 3), lambda i: (i[1],)),
        ((2, 3), (slice(None), None, [2, 0]), (2, 1, 2), lambda i: (i[0], [2, 0][i[2]])),
        ((3,), [0, 0, 2, 0], (4,), lambda i: ([0, 0, 2, 0][i[0]],)),
        ((3,), np.array([[0, 1], [1, 2]]), (2, 2), lambda i: (int(sum(i)),)),
        ((3, 2), ([0, 2], [1, 1]), (2,), lambda i: ([0, 2][i[0]], 1)),
        ((2, 3), MASK, (3,), lambda i: [(0, 0), (0, 2), (1, 2)][i[0]]),
        ((3,), np.array([True, False, True]), (2,), lambda i: ([0, 2][i[0]],)),
        ((3,), np.zeros(3, bool), (0,), lambda i: i),
    ):  # fmt: skip
        yield case("getitem", moved(where, new), shape, call=lambda x, index=index: x[index], label=index)
    for index, target, places in (
        ((1,), (3,), [(1,)]),
        ((), (), [()]),
        ((slice(1, 3),), (4,), [(1,), (2,)]),
        ((np.array([0, 0, 2]),), (3,), [(0,), (0,), (2,)]),
        ((slice(None), 1), (2, 2), [(0, 1), (1, 1)]),
        ((None, slice(None)), (2,), [(0,), (1,)]),
        ((MASK,), (2, 3), [(0, 0), (0, 2), (1, 2)]),
        ((Ellipsis, 0), (2, 2), [(0, 0), (1, 0)]),
    ):
        call = lambda x, index=index, target=target: OPERATIONS["scatter"](x, index, target)  # noqa: E731
        yield case("scatter", scattered(places, target), np.zeros(target)[index].shape, call=call, label=index)


def index_arguments() -> Iterator[Case]:
    words, labels, columns_of = [2, 0, 2, -1], [1, 0, 2], [0, 2, 1]
    node = lambda numbers: mg.data(np.array(numbers))  # noqa: E731
    for shape, call, new, where in (
        ((3, 2), lambda x: mg.take(x, node(words), 0), (4, 2), lambda i: (words[i[0]] % 3, i[1])),
        ((3, 2), lambda x: mg.take(x, words, axis=0), (4, 2), lambda i: (words[i[0]] % 3, i[1])),
        ((2, 3), lambda x: mg.take(x, node(words), -1), (2, 4), lambda i: (i[0], words[i[1]] % 3)),
        ((3, 2), lambda x: mg.take(x, node(5)), (), lambda i: (2, 1)),
        ((2, 2), lambda x: mg.take(x, [[3, 0]]), (1, 2), lambda i: divmod((3, 0)[i[1]], 2)),
        ((2, 0), lambda x: mg.take(x, [], 1), (2, 0), lambda i: i),
    ):  # fmt: skip
        yield case("take", moved(where, new), shape, call=call, label=new)
    for shape, call, new, where in (
        ((3, 2), lambda x: x[node(words)], (4, 2), lambda i: (words[i[0]] % 3, i[1])),
        ((3, 2), lambda x: x[node([words])], (1, 4, 2), lambda i: (words[i[1]] % 3, i[2])),
        ((3, 3), lambda x: x[node(labels), node(columns_of)], (3,), lambda i: (labels[i[0]], columns_of[i[0]])),
        ((3, 3), lambda x: x[node(labels), np.arange(3)], (3,), lambda i: (labels[i[0]], i[0])),
        ((2, 2, 3), lambda x: x[..., None, node(labels)], (2, 2, 1, 3), lambda i: (i[0], i[1], labels[i[3]])),
        ((2, 3, 2), lambda x: x[MASK, node(1)], (3,), lambda i: (*[(0, 0), (0, 2), (1, 2)][i[0]], 1)),
        ((3,), lambda x: x[node(-1)], (), lambda i: (2,)),
    ):  # fmt: skip
        yield case("getitem", moved(where, new), shape, call=call, label=f"{new} by a node")
    call = lambda x: OPERATIONS["scatter"](x, (slice(None), node(words)), (2, 3))  # noqa: E731
    places = [(row, word % 3) for row in range(2) for word in words]
    yield case("scatter", scattered(places, (2, 3)), (2, 4), call=call, label="by a node")
    for given in (labels, [labels]):
        chosen = lambda x: by_entry(lambda a: a)(x) * np.eye(3, dtype=int)[:, labels]  # noqa: E731
        yield case(
            "one_hot", chosen, (3, 3), call=lambda x, y=given: x * mg.one_hot(mg.data(y, dtype=x.dtype), 3), label=given
        )
        one_by_one = lambda z: many_class_cross_entropy(z, np.eye(3)[:, labels])  # noqa: E731
        call = lambda z, y=given: mg.cross_entropy_with_logits(z, node(y))  # noqa: E731
        yield case("cross_entropy_with_logits", one_by_one, (3, 3), call=call, label=given)
    call = lambda z: mg.cross_entropy_with_logits(z, labels)  # noqa: E731
    yield case("cross_entropy_with_logits", one_by_one, (3, 3), call=call, label="constant labels")


def sums_of_products() -> Iterator[Case]:
    for pair in (
        ((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((1, 1), (1, 1)), ((2, 0), (0, 3)), ((0,), (0,)),
        ((0, 2), (2, 3)), ((2,), (2, 0)),
    ):  # fmt: skip
        yield case("matmul", matrix_product, *pair)
        yield case("dot", matrix_product, *pair)
    for pair in (
        ((2, 2, 3), (2, 3, 2)), ((2, 3), (2, 3, 1)), ((2, 1, 3), (3, 2)), ((2, 1, 2, 3), (2, 3, 1)), ((3,), (2, 3, 2)),
        ((2, 2, 3), (3,)), ((1, 2, 2), (3, 2, 1)), ((0, 2, 3), (3, 2)), ((2, 2, 0), (2, 0, 1)), ((1, 1, 1), (1,)),
    ):  # fmt: skip
        yield case("matmul", stacked_product, *pair)
    for pair in (((), (2, 3)), ((3,), ()), ((2, 1, 3), (3,)), ((3,), (2, 3, 2)), ((2, 3), (2, 3, 1)), ((2, 1, 3), (3, 2)),
        ((0, 3), (1, 3, 2)), ((0,), (2, 0, 1))):  # fmt: skip
        yield case("dot", dot_product, *pair)
    for pair in (((2,), (3,)), ((), (2,)), ((2, 2), (1, 3)), ((0,), (2,)), ((), ())):
        yield case("outer", outer_product, *pair)
    for shape, axis in (
        ((3,), 0), ((3, 2), 0), ((2, 3), 1), ((2, 3), -1), ((2, 3, 2), 1), ((1, 2), 0), ((0, 2), 0), ((2, 0), 0),
    ):  # fmt: skip
        for name, lines in (("softmax", softmax), ("log_softmax", log_softmax)):
            call = lambda z, name=name, axis=axis: OPERATIONS[name](z, axis)  # noqa: E731
            yield case(name, columns(axis, lines), shape, call=call, label=axis)
    for shape in ((3, 2), (1, 2), (5, 1), (3, 0)):
        yield case("cross_entropy_with_logits", many_class_cross_entropy, shape, shape, domains=("real", "unit"))


LETTERS = {"a": 2, "b": 2, "i": 2, "j": 3, "k": 2, "l": 1, "z": 0}


def einsums() -> Iterator[Case]:
    for subscripts in (
        "ij,jk->ik", "ij,jk", "ji", "ij->ji", "ij->", "ij->j", "ii->", "ii", "ii->i", "iij->j", "jii->ij", "i,i->", "i,i->i",
        "i,j->ji",
        ",i->i", "->", ",->", "ij,ij->", "ij,ij->ji", "ai,aij->aj", "aij,ajk->aik", "bik,abjk->abij", "ij,jk,kl->il",
        "ii,ij->j",
        "i,i,i->", "ij,ik,il->jkl", "i,j,k->", "aab,bi,i->a", "lj,lj->l", "iz,zj->ij", "zi->i", "zi,z->zi", "ij,kl->",
        " i j , j -> i ",
    ):  # fmt: skip
        terms = "".join(subscripts.split()).partition("->")[0].split(",")
        shapes = [tuple(LETTERS[letter] for letter in term) for term in terms]
        call = lambda *x, subscripts=subscripts: mg.einsum(subscripts, *x)  # noqa: E731
        yield case("einsum", sum_of_products(subscripts), *shapes, call=call, label=subscripts)


CASES = [*einsums(), *entry_by_entry(), *reductions(), *shapes(), *indices(), *index_arguments(), *sums_of_products()]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES, ids=str)


@pytest.fixture
def covered() -> set[str]:
    """The names of the operations that the table covers."""
    return {case.name for case in CASES}
