"""Random lists of calls on random arrays, of fixed seeds: the interpreter does what NumPy does, or leaves it to NumPy.

`.ci/interpreter` runs these with the interpreter built to find accesses beyond arrays and undefined behaviour.
"""

import numpy as np
import pytest
from numpy_calls import by_numpy

from minigraph.program.native.rows import BINARY, OPERANDS, PRODUCTS, UNARY, Call, Lacking, Rows
from minigraph.program.native.running import Steps

LARGEST = 20_000
"""Entries of an array."""


def random_array(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """An array that lies in memory in some way; its numbers are now and then nasty."""
    dtype = rng.choice([np.float64, np.float64, np.float64, np.float32])
    steps = [int(rng.choice([1, 1, 1, 2, -1])) for _ in shape]
    order = rng.permutation(len(shape))
    whole = rng.standard_normal([shape[axis] * abs(steps[axis]) for axis in order]).astype(dtype)
    if rng.random() < 0.2 and whole.size:
        whole.flat[rng.integers(whole.size)] = rng.choice([np.inf, -np.inf, np.nan, 1e30, -0.0, 1e-40])
    array = whole.transpose(np.argsort(order))
    return array[tuple(slice(None, None, step) for step in steps)] if shape else array


def random_shape(rng: np.random.Generator) -> tuple[int, ...]:
    sizes = rng.choice([1, 1, 2, 3, 5, 8, 17, 70, 300], rng.integers(0, 4))
    while np.prod(sizes) > LARGEST:
        sizes = np.maximum(1, sizes // 2)
    return tuple(0 if rng.random() < 0.02 else int(size) for size in sizes)


def random_call(rng: np.random.Generator, arrays: list[np.ndarray]) -> Call:
    """A call on some of the arrays, or new ones."""

    def some(shape: tuple[int, ...]) -> np.ndarray:
        fitting = [x for x in arrays if x.shape == shape]
        if fitting and rng.random() < 0.6:
            return fitting[rng.integers(len(fitting))]
        arrays.append(random_array(rng, shape))
        return arrays[-1]

    def smaller(shape: tuple[int, ...]) -> np.ndarray:
        shrunk = tuple(1 if rng.random() < 0.2 else size for size in shape)
        return some(shrunk[rng.integers(0, len(shape) + 1) if rng.random() < 0.2 else 0 :])

    function = str(
        rng.choice([*UNARY, *BINARY, "clip", "add.reduce", "maximum.reduce", "add.accumulate", "dot", "dot.add", "take"])
    )
    shape = random_shape(rng)
    if function in PRODUCTS:
        m, n, k = (int(size) for size in rng.choice([0, 1, 2, 3, 7, 8, 30, 65], 3))
        left, right = ((m, k), (k,))[rng.random() < 0.2], ((k, n), (k,))[rng.random() < 0.2]
        return Call(function, (some(left), some(right)), some((*left[:-1], *right[1:])))
    if function == "take":
        shape = shape or (3,)
        chosen = rng.integers(-shape[0], max(shape[0], 1), rng.choice([1, 4, 9])) if shape[0] else np.array([], int)
        return Call("take", (some(shape), chosen), some((*chosen.shape, *shape[1:])), (0,))
    if function == "add.accumulate":
        shape = shape or (3,)
        return Call(function, (some(shape),), some(shape), (int(rng.integers(len(shape))),))
    if function.endswith("reduce"):
        axes = tuple(axis for axis in range(len(shape)) if rng.random() < 0.5)
        keepdims = bool(rng.random() < 0.5)
        x = some(shape if function == "add.reduce" else tuple(max(1, size) for size in shape))
        return Call(function, (x,), some(np.add.reduce(x, axes, keepdims=keepdims).shape), axes, keepdims)
    operands = tuple(smaller(shape) for _ in range(OPERANDS[function]))
    shape = np.broadcast_shapes(*(x.shape for x in operands))
    return Call(function, operands, some(shape))


def random_calls(rng: np.random.Generator, functions: dict[str, int]) -> tuple[list[Call], list[np.ndarray]]:
    """Calls that the interpreter has a way to do, and the arrays in which they work."""
    arrays: list[np.ndarray] = []
    rows, calls = Rows(functions, []), []
    while len(calls) < 12:
        call = random_call(rng, arrays)
        try:
            rows.add(call)
        except (Lacking, ValueError):
            continue
        calls.append(call)
    return calls, arrays


def memory(array: np.ndarray) -> np.ndarray:
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array


@pytest.mark.parametrize("seed", range(30))
def test_lists_of_calls_give_what_numpy_gives(vectors, seed):
    rng = np.random.default_rng(seed)
    calls, arrays = random_calls(rng, vectors.functions)
    for call in calls:  # one at a time, from equal arrays: an error does not grow from call to call
        before = [memory(array).copy() for array in arrays]
        wanted = call.out.copy()
        by_numpy(Call(call.function, call.operands, wanted, call.axes, call.keepdims))
        size = scale_of(call)
        assert Steps(vectors, [call]).run(1) == 1
        assert_equal(call, call.out, wanted, size)
        for array, old in zip(arrays, before, strict=True):  # nothing else was written
            if memory(array) is not memory(call.out):
                np.testing.assert_array_equal(memory(array), old)


def scale_of(call: Call) -> np.ndarray | float:
    """What rounding errors of a sum of products are measured by."""
    with np.errstate(all="ignore"):
        if call.function in PRODUCTS:
            added = np.abs(call.out) if call.function == "dot.add" else 0
            return added + np.dot(*(np.abs(x) for x in call.operands))
        if call.function == "add.accumulate":
            return np.add.accumulate(np.abs(call.operands[0]), *call.axes)
        if call.function == "add.reduce":
            return np.add.reduce(np.abs(call.operands[0]), call.axes, keepdims=call.keepdims)
    return 0.0


def assert_equal(call: Call, found: np.ndarray, wanted: np.ndarray, size: np.ndarray | float) -> None:
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted), call.function)
    finite = np.isfinite(wanted) & np.isfinite(found)
    np.testing.assert_array_equal(found[~finite], wanted[~finite], call.function)
    with np.errstate(all="ignore"):
        error = np.abs(found.astype(float) - wanted)
    coarsest = np.float32 if any(x.dtype == np.float32 for x in (found, *call.operands)) else np.float64
    with np.errstate(all="ignore"):
        bound = 4 * np.spacing(np.abs(wanted).astype(coarsest)) + 300 * np.finfo(coarsest).eps * size
    assert (error[finite] <= np.broadcast_to(bound, wanted.shape)[finite]).all(), call.function


@pytest.mark.parametrize("seed", range(10))
def test_many_calls_in_one_step_give_what_they_give_one_by_one(vectors, seed):
    calls, arrays = random_calls(np.random.default_rng(1000 + seed), vectors.functions)
    homes = list({id(home): home for home in map(memory, arrays)}.values())
    before = [home.copy() for home in homes]
    for _ in range(2):
        for call in calls:
            Steps(vectors, [call]).run(1)
    singly = [home.copy() for home in homes]
    for home, old in zip(homes, before, strict=True):
        home[...] = old
    assert Steps(vectors, calls).run(2) == 2
    for home, wanted in zip(homes, singly, strict=True):
        np.testing.assert_array_equal(home, wanted)
