"""Oracles: what operations must give, in plain loops over entries and mpmath, knowing nothing of NumPy's arithmetic.

An array of mpmath numbers stands in a NumPy array of objects, which is used as a container only.
"""

import itertools
import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np

Shape = tuple[int, ...]


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


def mean(entries: list[Any]) -> Any:
    return mpmath.fsum(entries) / len(entries)


def variance(entries: list[Any], ddof: Any = 0) -> Any:
    return mpmath.fsum((x - mean(entries)) ** 2 for x in entries) / (len(entries) - ddof)


def running_sums(line: list[Any]) -> list[Any]:
    return [mpmath.fsum(line[: i + 1]) for i in range(len(line))]


def refilled_first(axis: int | None, oracle: Callable[..., Any]) -> Callable[..., Any]:
    """The oracle for all entries in one line, if no axis is given."""
    return oracle if axis is not None else lambda x: oracle(x.reshape(-1))


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


def stacked_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The product of each pair of matrices, a vector being a row or a column whose axis falls away."""
    left, right = (a if a.ndim > 1 else a[None, :]), (b if b.ndim > 1 else b[:, None])
    stack = common_shape([left.shape[:-2], right.shape[:-2]])
    result = np.empty((*stack, left.shape[-2], right.shape[-1]), object)
    for index in np.ndindex(stack):
        pair = []
        for x in (left, right):
            own = index[len(index) - (x.ndim - 2) :]
            pair.append(x[tuple(0 if size == 1 else i for i, size in zip(own, x.shape, strict=False))])
        result[index] = matrix_product(*pair)
    shape = (*stack, *(left.shape[-2:-1] if a.ndim > 1 else ()), *(right.shape[-1:] if b.ndim > 1 else ()))
    return result.reshape(shape)


def dot_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The sum over the last axis of a and the last but one of b, for each choice of the others; a multiple for scalars."""
    if not (a.ndim and b.ndim):
        return by_entry(lambda p, q: p * q)(a, b)
    inner = max(b.ndim - 2, 0)
    rest = (*b.shape[:inner], *b.shape[inner + 1 :])
    result = np.empty((*a.shape[:-1], *rest), object)
    for i in np.ndindex(a.shape[:-1]):
        for j in np.ndindex(rest):
            pairs = ((exact(a[(*i, p)]), exact(b[(*j[:inner], p, *j[inner:])])) for p in range(a.shape[-1]))
            result[i + j] = mpmath.fsum(p * q for p, q in pairs)
    return result


def sum_of_products(subscripts: str) -> Callable[..., Any]:
    """The oracle of an einsum: every product there is, added where its letters say."""
    inputs, arrow, output = "".join(subscripts.split()).partition("->")
    terms = inputs.split(",")
    if not arrow:
        output = "".join(sorted(letter for letter in set(inputs) - {","} if inputs.count(letter) == 1))

    def oracle(*arrays: np.ndarray) -> np.ndarray:
        sizes = {
            letter: size for term, x in zip(terms, arrays, strict=True) for letter, size in zip(term, x.shape, strict=True)
        }
        products: dict[tuple[int, ...], list[Any]] = {i: [] for i in np.ndindex(*(sizes[letter] for letter in output))}
        for places in np.ndindex(*sizes.values()):
            at = dict(zip(sizes, places, strict=True))
            entries = [exact(x[tuple(at[letter] for letter in term)]) for term, x in zip(terms, arrays, strict=True)]
            products[tuple(at[letter] for letter in output)].append(mpmath.fprod(entries))
        result = np.empty(tuple(sizes[letter] for letter in output), object)
        for index, terms_there in products.items():
            result[index] = mpmath.fsum(terms_there)
        return result

    return oracle


def outer_product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    result = np.empty((a.size, b.size), object)
    for i, k in np.ndindex(result.shape):
        result[i, k] = exact(a.reshape(-1)[i]) * exact(b.reshape(-1)[k])
    return result


def moved(where: Callable[[tuple[int, ...]], tuple[int, ...]], shape: Shape) -> Callable[..., Any]:
    """The oracle whose entry at an index is the operand's entry at ``where(index)``."""

    def oracle(x: np.ndarray) -> np.ndarray:
        result = np.empty(shape, object)
        for index in np.ndindex(shape):
            result[index] = exact(x[where(index)])
        return result

    return oracle


def repeated(old: Shape, new: Shape) -> Callable[..., Any]:
    """The oracle that repeats entries along the axes that are new or had size 1."""

    def where(index: tuple[int, ...]) -> tuple[int, ...]:
        own = index[len(index) - len(old) :]
        return tuple(0 if size == 1 else i for i, size in zip(own, old, strict=True))

    return moved(where, new)


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


def stacked(axis: int) -> Callable[..., Any]:
    def oracle(*parts: np.ndarray) -> np.ndarray:
        ndim = parts[0].ndim + 1
        shape = list(parts[0].shape)
        shape.insert(axis % ndim, len(parts))
        result = np.empty(shape, object)
        for index in np.ndindex(*shape):
            rest = list(index)
            part = parts[rest.pop(axis % ndim)]
            result[index] = exact(part[tuple(rest)])
        return result

    return oracle


def joined_as(least: int, axis: int) -> Callable[..., Any]:
    """The oracle that joins parts which have at least so many axes: new ones come first."""
    return lambda *parts: joined(axis)(*(x.reshape((1,) * (least - x.ndim) + x.shape) for x in parts))


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
