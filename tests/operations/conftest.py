"""The table of cases: each operation, called in every way it can be, with an oracle that computes what it must give.

The oracles know nothing of NumPy's arithmetic: they loop over entries and compute in mpmath. A test that asks for
`case` runs once for each.
"""

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import mpmath
import numpy as np
import pytest

import minigraph as mg
from minigraph.node import OPERATIONS

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


def exact(number: Any) -> mpmath.mpf:
    return mpmath.mpf(float(number))


def common_shape(shapes: list[Shape]) -> Shape:
    """The broadcast shape, worked out size by size from the right."""
    sizes = []
    for column in itertools.zip_longest(*(reversed(shape) for shape in shapes), fillvalue=1):
        others = {size for size in column if size != 1}
        assert len(others) <= 1, "these shapes don't broadcast"
        sizes.append(others.pop() if others else 1)
    return tuple(reversed(sizes))


def by_entry(function: Callable[..., Any]) -> Callable[..., Any]:
    """The oracle that applies a function of numbers at every entry of the common shape."""

    def oracle(*arrays: np.ndarray) -> np.ndarray:
        result = np.empty(common_shape([a.shape for a in arrays]), object)
        for index in np.ndindex(result.shape):
            picked = []
            for a in arrays:
                own = index[len(index) - a.ndim :]
                picked.append(exact(a[tuple(0 if size == 1 else i for i, size in zip(own, a.shape, strict=True))]))
            result[index] = function(*picked)
        return result

    return oracle


def along(axes: tuple[int, ...], function: Callable[[list[Any]], Any], keepdims: bool = False) -> Callable[..., Any]:
    """The oracle that applies a function to the entries that a reduction puts together."""

    def oracle(x: np.ndarray) -> np.ndarray:
        over = {axis % x.ndim for axis in axes}
        kept = [1 if axis in over else size for axis, size in enumerate(x.shape)]
        lists: dict[tuple[int, ...], list[Any]] = {index: [] for index in np.ndindex(*kept)}
        for index in np.ndindex(x.shape):
            lists[tuple(0 if axis in over else i for axis, i in enumerate(index))].append(exact(x[index]))
        shape = kept if keepdims else [size for axis, size in enumerate(x.shape) if axis not in over]
        result = np.empty(math.prod(shape), object)
        result[:] = [function(entries) for entries in lists.values()]
        return result.reshape(shape)

    return oracle


def columns(axis: int, function: Callable[[list[Any]], list[Any]]) -> Callable[..., Any]:
    """The oracle that turns every line along an axis into another one."""

    def oracle(x: np.ndarray) -> np.ndarray:
        result = np.empty(x.shape, object)
        rest = [range(size) if i != axis % x.ndim else (slice(None),) for i, size in enumerate(x.shape)]
        for line in itertools.product(*rest):
            result[line] = function([exact(entry) for entry in x[line]])
        return result

    return oracle


def sigmoid(z: Any) -> Any:
    return 1 / (1 + mpmath.exp(-z))


def softmax(line: list[Any]) -> list[Any]:
    return [mpmath.exp(z) / mpmath.fsum(map(mpmath.exp, line)) for z in line]


def log_softmax(line: list[Any]) -> list[Any]:
    return [mpmath.log(p) for p in softmax(line)]


def cross_entropy(p: Any, y: Any) -> Any:
    return -(y * mpmath.log(p) + (1 - y) * mpmath.log(1 - p))


def many_class_cross_entropy(z: np.ndarray, y: np.ndarray) -> np.ndarray:
    result = np.empty((1, z.shape[1]), object)
    for j in range(z.shape[1]):
        logs = log_softmax([exact(entry) for entry in z[:, j]])
        result[0, j] = -mpmath.fsum(exact(t) * log for t, log in zip(y[:, j], logs, strict=True))
    return result


def matrix_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    rows = [a] if a.ndim == 1 else list(a)
    cols = [b] if b.ndim == 1 else [b[:, j] for j in range(b.shape[1])]
    result = np.empty(len(rows) * len(cols), object)
    dots = (mpmath.fsum(exact(p) * exact(q) for p, q in zip(row, col, strict=True)) for row in rows for col in cols)
    result[:] = list(dots)
    return result.reshape((*a.shape[:-1], *b.shape[1:]))


def moved(where: Callable[[tuple[int, ...], Shape], tuple[int, ...]], shape: Shape) -> Callable[..., Any]:
    """The oracle whose entry at an index is the operand's entry at ``where(index, operand's shape)``."""

    def oracle(x: np.ndarray) -> np.ndarray:
        result = np.empty(shape, object)
        for index in np.ndindex(shape):
            result[index] = exact(x[where(index, x.shape)])
        return result

    return oracle


def refilled(shape: Shape) -> Callable[..., Any]:
    """The oracle that writes the entries one after the other into another shape."""

    def oracle(x: np.ndarray) -> np.ndarray:
        result = np.empty(shape, object)
        for target, source in zip(np.ndindex(shape), np.ndindex(x.shape), strict=True):
            result[target] = exact(x[source])
        return result

    return oracle


def joined(axis: int) -> Callable[..., Any]:
    def oracle(*parts: np.ndarray) -> np.ndarray:
        shape = list(parts[0].shape)
        shape[axis] = sum(part.shape[axis] for part in parts)
        result, start = np.empty(shape, object), 0
        for part in parts:
            for index in np.ndindex(part.shape):
                target = list(index)
                target[axis] += start
                result[tuple(target)] = exact(part[index])
            start += part.shape[axis]
        return result

    return oracle


def scattered(places: list[tuple[int, ...]], shape: Shape) -> Callable[..., Any]:
    """The oracle that adds the operand's entries, in order, at places in zeros."""

    def oracle(x: np.ndarray) -> np.ndarray:
        result = np.empty(shape, object)
        for index in np.ndindex(shape):
            result[index] = mpmath.mpf(0)
        for place, source in zip(places, np.ndindex(x.shape), strict=True):
            result[place] += exact(x[source])
        return result

    return oracle


def cases() -> list[Case]:
    found: list[Case] = []

    def unary(name: str, oracle: Any, domain: str = "real", call: Any = None, label: str = "") -> None:
        function = call or OPERATIONS[name]
        found.extend(Case(name, function, by_entry(oracle), (shape,), (domain,), label) for shape in ONE)

    def binary(name: str, oracle: Any, shapes: Any = TWO, domains: tuple[str, str] = ("real", "real")) -> None:
        found.extend(Case(name, OPERATIONS[name], by_entry(oracle), pair, domains) for pair in shapes)

    def special(name: str, call: Any, oracle: Any, *shapes: Shape, domains: Any = None, label: str = "") -> None:
        found.append(Case(name, call, oracle, shapes, domains or ("real",) * len(shapes), label))

    binary("add", lambda a, b: a + b)
    binary("subtract", lambda a, b: a - b)
    binary("multiply", lambda a, b: a * b)
    binary("divide", lambda a, b: a / b)
    binary("maximum", lambda a, b: a if a > b else b)
    binary("squared_error", lambda a, y: (a - y) ** 2 / 2, SAME)
    binary("bce", cross_entropy, SAME, ("unit", "unit"))
    binary("bce_with_logits", lambda z, y: cross_entropy(sigmoid(z), y), SAME, ("real", "unit"))
    unary("negative", lambda x: -x)
    unary("exp", mpmath.exp)
    unary("log", mpmath.log, "positive")
    unary("sqrt", mpmath.sqrt, "positive")
    unary("square", lambda x: x * x)
    unary("abs", lambda x: x if x > 0 else -x)
    unary("sign", lambda x: 1 if x > 0 else -1)
    unary("identity", lambda x: x)
    unary("sigmoid", sigmoid)
    unary("tanh", mpmath.tanh)
    unary("softplus", lambda z: mpmath.log(1 + mpmath.exp(z)))
    unary("relu", lambda z: z if z > 0 else 0)
    for slope in (0.01, 0.3, -0.5, 2.0):
        unary(
            "leaky_relu",
            lambda z, s=slope: z if z > 0 else s * z,
            call=lambda z, s=slope: mg.leaky_relu(z, s),
            label=f" {slope}",
        )
    for p in (-2, -1, 0, 1, 2, 3, 4):
        unary("power", lambda x, p=p: x**p, call=lambda x, p=p: mg.power(x, p), label=f" {p}")
    for p in (-0.5, 0.5, 1.5, 2.5):
        unary("power", lambda x, p=p: x ** exact(p), "positive", call=lambda x, p=p: x**p, label=f" {p}")
    unary("cast", lambda x: x, call=lambda x: OPERATIONS["cast"](x, np.dtype(np.float64)))

    mean = lambda entries: mpmath.fsum(entries) / len(entries)  # noqa: E731
    for name, function in (("sum", mpmath.fsum), ("mean", mean), ("max", max)):
        op = OPERATIONS[name]
        for shape in ((), (3,), (2, 3), (1, 4), (2, 1, 3)):
            special(name, op, along(tuple(range(len(shape))), function), shape)
        for axis, keep in itertools.product((0, 1, -1, (0, 1), (1, -3), ()), (True, False)):
            axes = axis if isinstance(axis, tuple) else (axis,)
            call = lambda x, op=op, axis=axis, keep=keep: op(x, axis, keep)  # noqa: E731
            special(name, call, along(axes, function, keep), (2, 3, 2), label=f" axis {axis} {keep}")
    special("sum", mg.sum, along((0, 1), mpmath.fsum), (0, 3), label=" of nothing")
    special("sum", lambda x: x.sum(0), along((0,), mpmath.fsum), (0, 3), label=" of empty columns")
    special("mean", lambda x: x.mean(1, keepdims=True), along((1,), mean, True), (1, 4), label=" method")
    special("max", lambda x: x.max(axis=0), along((0,), max), (2, 0), label=" of no columns")

    for old, target, new in (
        ((), (1,), (1,)), ((6,), (2, 3), (2, 3)), ((2, 3), (-1,), (6,)), ((2, 3), (3, -1), (3, 2)), ((2, 3), -1, (6,)),
        ((1, 1), (), ()), ((0, 3), (0,), (0,)), ((2, 2, 2), (4, 2), (4, 2)), ((0,), (2, 0), (2, 0)), ((4, 0), (-1, 2), (0, 2)),
    ):  # fmt: skip
        special("reshape", lambda x, t=target: mg.reshape(x, t), refilled(new), old, label=f" {target}")
    for shape, axes in (
        ((), None),
        ((3,), None),
        ((2, 3), None),
        ((2, 3, 4), (1, 2, 0)),
        ((2, 3, 4), (-1, 0, 1)),
        ((0, 3), (0, 1)),
    ):
        order = tuple(reversed(range(len(shape)))) if axes is None else tuple(axis % len(shape) for axis in axes)
        where = lambda index, _, order=order: tuple(index[order.index(axis)] for axis in range(len(order)))  # noqa: E731
        result = tuple(shape[axis] for axis in order)
        special("transpose", lambda x, axes=axes: mg.transpose(x, axes), moved(where, result), shape, label=f" {axes}")
    for old, new in (
        ((), (2, 3)),
        ((3,), (2, 3)),
        ((2, 1), (2, 3)),
        ((2, 3), (2, 3)),
        ((1,), (0,)),
        ((1, 3), (2, 2, 3)),
        ((), ()),
    ):
        where = (
            lambda index, own: tuple(  # noqa: E731
                0 if size == 1 else i for i, size in zip(index[len(index) - len(own) :], own, strict=True)
            )
        )
        special("broadcast_to", lambda x, new=new: mg.broadcast_to(x, new), moved(where, new), old, label=f" {new}")
    for axis, shapes in (
        (0, ((2,), (3,))), (0, ((2, 3), (1, 3), (0, 3))), (1, ((2, 1), (2, 3))), (-1, ((2, 1), (2, 2))), (0, ((4,),)),
        (-2, ((1, 2), (2, 2))), (0, ((0,), (0,))),
    ):  # fmt: skip
        special("concatenate", lambda *x, axis=axis: mg.concatenate(x, axis), joined(axis), *shapes, label=f" axis {axis}")

    mask = np.array([[True, False, True], [False, False, True]])
    for shape, index, taken in (
        ((3,), 1, (lambda i: (1,), ())),
        ((3,), -1, (lambda i: (2,), ())),
        ((2, 3), 1, (lambda i: (1, i[0]), (3,))),
        ((2, 3), (slice(None), 1), (lambda i: (i[0], 1), (2,))),
        ((2, 3), (slice(None), slice(1, 3)), (lambda i: (i[0], i[1] + 1), (2, 2))),
        ((4,), slice(None, None, -1), (lambda i: (3 - i[0],), (4,))),
        ((4,), slice(1, None, 2), (lambda i: (2 * i[0] + 1,), (2,))),
        ((3,), slice(2, 2), (lambda i: i, (0,))),
        ((2, 3), (Ellipsis, 0), (lambda i: (i[0], 0), (2,))),
        ((2, 3), Ellipsis, (lambda i: i, (2, 3))),
        ((), (), (lambda i: (), ())),
        ((), None, (lambda i: (), (1,))),
        ((3,), (None, slice(None)), (lambda i: (i[1],), (1, 3))),
        ((2, 3), (slice(None), None, [2, 0]), (lambda i: (i[0], [2, 0][i[2]]), (2, 1, 2))),
        ((3,), [0, 0, 2, 0], (lambda i: ([0, 0, 2, 0][i[0]],), (4,))),
        ((3,), np.array([[0, 1], [1, 2]]), (lambda i: (int(sum(i)),), (2, 2))),
        ((3, 2), ([0, 2], [1, 1]), (lambda i: ([0, 2][i[0]], 1), (2,))),
        ((2, 3), mask, (lambda i: [(0, 0), (0, 2), (1, 2)][i[0]], (3,))),
        ((3,), np.array([True, False, True]), (lambda i: ([0, 2][i[0]],), (2,))),
        ((3,), np.int64(2), (lambda i: (2,), ())),
        ((3,), np.zeros(3, bool), (lambda i: i, (0,))),
    ):  # fmt: skip
        oracle = moved(lambda i, _, pick=taken[0]: pick(i), taken[1])
        special("getitem", lambda x, index=index: x[index], oracle, shape, label=f" {index}")
    for index, target, places in (
        ((1,), (3,), [(1,)]),
        ((), (), [()]),
        ((slice(1, 3),), (4,), [(1,), (2,)]),
        ((np.array([0, 0, 2]),), (3,), [(0,), (0,), (2,)]),
        ((slice(None), 1), (2, 2), [(0, 1), (1, 1)]),
        ((None, slice(None)), (2,), [(0,), (1,)]),
        ((mask,), (2, 3), [(0, 0), (0, 2), (1, 2)]),
        ((Ellipsis, 0), (2, 2), [(0, 0), (1, 0)]),
    ):  # fmt: skip
        shape = np.zeros(target)[index].shape
        call = lambda x, index=index, target=target: OPERATIONS["scatter"](x, index, target)  # noqa: E731
        special("scatter", call, scattered(places, target), shape, label=f" {index}")

    for pair in (
        ((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((1, 1), (1, 1)), ((2, 0), (0, 3)), ((0,), (0,)),
        ((0, 2), (2, 3)), ((2,), (2, 0)),
    ):  # fmt: skip
        special("matmul", mg.matmul, matrix_product, *pair)
    for shape, axis in (
        ((3,), 0),
        ((3, 2), 0),
        ((2, 3), 1),
        ((2, 3), -1),
        ((2, 3, 2), 1),
        ((1, 2), 0),
        ((0, 2), 0),
        ((2, 0), 0),
    ):
        special("softmax", lambda z, axis=axis: mg.softmax(z, axis), columns(axis, softmax), shape, label=f" axis {axis}")
        special(
            "log_softmax",
            lambda z, axis=axis: mg.log_softmax(z, axis),
            columns(axis, log_softmax),
            shape,
            label=f" axis {axis}",
        )
    for shape in ((3, 2), (1, 2), (5, 1), (3, 0)):
        domains = ("real", "unit")
        special(
            "cross_entropy_with_logits",
            mg.cross_entropy_with_logits,
            many_class_cross_entropy,
            shape,
            shape,
            domains=domains,
        )
    return found


CASES = cases()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", CASES, ids=str)


@pytest.fixture
def covered() -> set[str]:
    """The names of the operations that the table covers."""
    return {case.name for case in CASES}
