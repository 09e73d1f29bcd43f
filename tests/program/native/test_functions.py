"""Each function of the interpreter against NumPy: nasty numbers, both precisions, every way that arrays lie in memory."""

import itertools

import numpy as np
import pytest
from numpy_calls import by_numpy

from minigraph.program.native.library import Library
from minigraph.program.native.rows import BINARY, COMPARISONS, UNARY, Call
from minigraph.program.native.running import Steps

NASTY = [0.0, 1.0, 0.5, 2.0, 3.0, 1e-8, 0.3, 7.25, 40.0, 710.0, 745.0, 800.0, 1e16, 1e300, 1e-300, 1e-310, 5e-324, np.inf]
NUMBERS = np.array([*NASTY, *(-x for x in NASTY), np.nan])
TRANSCENDENTAL = {"exp", "expm1", "log", "log1p", "tanh", "power"}
EITHER_ZERO = {"maximum", "minimum", "fmax", "fmin", "clip", "add.reduce", "maximum.reduce"}  # NumPy gives now 0, now −0
DTYPES = [np.float64, np.float32]


def with_dtype(numbers: np.ndarray, dtype: type) -> np.ndarray:
    with np.errstate(all="ignore"):
        return numbers.astype(dtype)


def check(library: Library, call: Call) -> None:
    """Do it, and by NumPy into a copy: equal but for rounding where NumPy rounds too; signs of zeros included."""
    wanted = call.out.copy()
    by_numpy(Call(call.function, call.operands, wanted, call.axes, call.keepdims))
    assert Steps(library, [call]).run(1) == 1
    ulp = 3 if call.function in TRANSCENDENTAL else 0
    assert_close(call.out, wanted, ulp)
    if call.function not in EITHER_ZERO:
        same = ~np.isnan(wanted) if wanted.dtype != bool else ...
        np.testing.assert_array_equal(np.signbit(call.out[same]), np.signbit(wanted[same]))


def assert_close(found: np.ndarray, wanted: np.ndarray, ulp: int) -> None:
    if wanted.dtype == bool or ulp == 0:
        np.testing.assert_array_equal(found, wanted)
        return
    finite = np.isfinite(wanted)
    np.testing.assert_array_equal(found[~finite], wanted[~finite])
    assert (np.abs(found[finite] - wanted[finite]) <= ulp * np.spacing(np.abs(wanted[finite]))).all()


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", UNARY)
def test_functions_of_one_array_are_numpys_on_nasty_numbers(vectors, function, dtype):
    x = with_dtype(NUMBERS, dtype)
    check(vectors, Call(function, (x,), np.empty_like(x)))
    for entry in x:  # alone, as the last entries of a row are that fill no vector
        check(vectors, Call(function, (np.array([entry]),), np.empty(1, dtype)))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("function", BINARY)
def test_functions_of_two_arrays_are_numpys_on_all_pairs_of_nasty_numbers(vectors, function, dtype):
    pairs = [(x, y) for x, y in itertools.product(NUMBERS, NUMBERS) if function != "power" or not is_root_of_its_own(x, y)]
    a, b = with_dtype(np.array(pairs).T, dtype)
    check(vectors, Call(function, (a, b), np.empty_like(a)))
    if function in COMPARISONS:
        check(vectors, Call(function, (a, b), np.empty(a.shape, bool)))
    for number in with_dtype(NUMBERS, dtype):
        same = np.array(number)
        left, right = a[np.isclose(b, number, 0, 0, equal_nan=True)], b[np.isclose(a, number, 0, 0, equal_nan=True)]
        check(vectors, Call(function, (left, same), np.empty_like(left)))
        check(vectors, Call(function, (same, right), np.empty_like(right)))
        check(vectors, Call(function, (same, same), np.empty((), dtype)))


def is_root_of_its_own(x: float, y: float) -> bool:
    """(−∞)**½ and (−0)**½, which NumPy takes for a square root or not, by version."""
    return y == 0.5 and (x == -np.inf or (x == 0 and np.signbit(x)))


LAYOUTS = {
    "rows": lambda x: x.copy(),
    "columns": lambda x: np.asfortranarray(x),
    "backwards": lambda x: x.copy()[::-1, ::-1],
    "every other": lambda x: np.repeat(np.repeat(x, 2, 0), 3, 1)[::2, ::3],
    "one row": lambda x: x[:1].copy(),
    "one column": lambda x: x[:, :1].copy(),
    "one entry": lambda x: np.array(x[0, 0]),
    "the same row": lambda x: np.broadcast_to(x[:1].copy(), x.shape),
    "single": lambda x: x.astype(np.float32),
    "truth": lambda x: x > 0,
}


@pytest.mark.parametrize("shape", [(3, 5), (4, 300), (300, 4), (1, 9), (9, 1)], ids=str)
@pytest.mark.parametrize("first", LAYOUTS)
def test_arrays_may_lie_in_memory_in_any_way(interpreter, first, shape):
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, *shape))
    for second, out in itertools.product(LAYOUTS, ["rows", "columns", "backwards", "every other", "single"]):
        operands = LAYOUTS[first](a), LAYOUTS[second](b)
        if np.broadcast_shapes(*(x.shape for x in operands)) == shape and "truth" not in (first, second):
            check(interpreter, Call("subtract", operands, LAYOUTS[out](np.zeros(shape))))
        check(interpreter, Call("copyto", (LAYOUTS[first](a),), LAYOUTS[out](np.zeros(shape))))


def test_entries_are_written_over_an_operand(vectors):
    x, y = np.random.default_rng(0).standard_normal((2, 7, 100))
    for out, other in ((x, y), (x[:, ::2], y[:, ::2]), (x.T, y.T)):
        check(vectors, Call("subtract", (out, other), out))
        check(vectors, Call("subtract", (other, out), out))
        check(vectors, Call("exp", (out,), out))


def test_five_axes_are_read_along_as_few_as_they_lie_in(interpreter):
    x = np.random.default_rng(0).standard_normal((2, 3, 1, 4, 2, 5))
    check(interpreter, Call("exp", (x,), np.empty_like(x)))
    check(interpreter, Call("add", (x, x[..., :1, :1].copy()), np.empty_like(x)))
    check(interpreter, Call("multiply", (x.transpose(0, 1, 2, 3, 5, 4), np.array(3.0)), np.empty((2, 3, 1, 4, 5, 2))))


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0), (2, 0, 3)], ids=str)
def test_arrays_without_entries_are_left_alone(interpreter, shape):
    check(interpreter, Call("exp", (np.empty(shape),), np.empty(shape)))
    check(interpreter, Call("add", (np.empty(shape), np.array(1.0)), np.empty(shape)))
    check(interpreter, Call("add.reduce", (np.empty(shape),), np.ones(())))


@pytest.mark.parametrize("dtype", DTYPES)
def test_clip_keeps_between_two_numbers(vectors, dtype):
    x = with_dtype(NUMBERS, dtype)
    for low, high in ((-1.0, 1.0), (0.0, 800.0), (1.0, -1.0), (np.nan, 1.0)):
        check(vectors, Call("clip", (x, np.array(low, dtype), np.array(high, dtype)), np.empty_like(x)))
    check(vectors, Call("clip", (x, np.full_like(x, -2), np.full_like(x, 3)), x))


@pytest.mark.parametrize("shape", [(1,), (3000,), (3, 5), (70, 90), (5, 1, 6), (2, 300, 2), (3, 2, 2, 5)], ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_reductions_over_all_axes_and_any(vectors, dtype, shape):
    rng = np.random.default_rng(0)
    x = rng.standard_normal(shape).astype(dtype)
    for array in (x, np.asfortranarray(x), x[..., ::-1], np.repeat(x, 2, -1)[..., ::2]):
        for count in range(x.ndim + 1):
            for axes in itertools.combinations(range(x.ndim), count):
                for keepdims in (False, True):
                    check_reductions(vectors, array, axes, keepdims)


def check_reductions(library: Library, x: np.ndarray, axes: tuple[int, ...], keepdims: bool) -> None:
    shape = np.sum(x, axis=axes, keepdims=keepdims).shape
    check(library, Call("maximum.reduce", (x,), np.empty(shape, x.dtype), axes, keepdims))
    out = np.empty(shape, x.dtype)
    assert Steps(library, [Call("add.reduce", (x,), out, axes, keepdims)]).run(1) == 1
    exact = np.sum(x.astype(np.longdouble), axis=axes, keepdims=keepdims)
    sizes = np.sum(np.abs(x), axis=axes, keepdims=keepdims)
    assert (np.abs(out - exact) <= 8 * np.finfo(x.dtype).eps * sizes).all()


def test_one_entry_that_stands_for_many_is_read_again_and_again(vectors):
    x = np.broadcast_to(np.array([[2.0], [3.0]]), (2, 50))
    for axes in ((0,), (1,), None):
        for function in ("add.reduce", "maximum.reduce"):
            check(vectors, Call(function, (x,), np.empty(np.sum(x, axis=axes).shape), axes))
    beside = np.array([1.0, np.nan, np.inf])
    assert Steps(vectors, [Call("finite", (np.broadcast_to(beside[:1], (3,)),))]).run(1) == 1


def test_sums_of_many_are_as_exact_as_numpys(vectors):
    x = np.full(1_000_003, 0.1)
    out = np.empty(())
    Steps(vectors, [Call("add.reduce", (x,), out)]).run(1)
    assert abs(out - 100_000.3) < 1e-9


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(1,), (300,), (3, 5), (5, 1, 6), (0, 3), (3, 0)], ids=str)
def test_sums_of_all_so_far(interpreter, shape, dtype):
    x = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    for array in (x, np.asfortranarray(x), x[..., ::-1], np.repeat(x, 2, -1)[..., ::2], np.full_like(x, -0.0)):
        for axis in range(-x.ndim, x.ndim):
            check(interpreter, Call("add.accumulate", (array,), np.empty(shape, dtype), (axis,)))


def test_reductions_know_minus_zero_infinity_and_nan(vectors):
    inf, nan = np.inf, np.nan
    for numbers in ([-0.0, -0.0], [0.0, -0.0], [inf, 1.0], [inf, -inf], [nan, 1.0], [1.0, nan], [-inf, -inf]):
        x = np.array(numbers)
        for repeated in (x, np.tile(x, 50), np.tile(x, (3, 1)), np.tile(x, (3, 20))):
            for function in ("add.reduce", "maximum.reduce"):
                check(vectors, Call(function, (repeated,), np.empty(repeated.shape[:-1]), (repeated.ndim - 1,)))
    out = np.ones(3)
    Steps(vectors, [Call("add.reduce", (np.full((3, 50), -0.0),), out, (1,))]).run(1)
    assert np.signbit(out).all()  # a sum of nothing but −0, which NumPy gives as 0 or −0


SIZES = [1, 2, 3, 5, 8, 9, 26, 65]
TURNED = list(itertools.product([False, True], repeat=3))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("turned", TURNED, ids=str)
def test_products_of_matrices_of_any_size_and_turned_in_any_way(vectors, turned, dtype):
    rng = np.random.default_rng(0)
    for m, n, k in itertools.product(SIZES, SIZES, [1, 8, 33, 130]):
        a, b, out = (rng.standard_normal(shape).astype(dtype) for shape in ((m, k), (k, n), (m, n)))
        arrays = [np.asfortranarray(x) if turn else x for x, turn in zip((a, b, out), turned, strict=True)]
        check_product(vectors, *arrays)


def check_product(library: Library, a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    out[...] = np.nan
    assert Steps(library, [Call("dot", (a, b), out)]).run(1) == 1
    bound = 4 * (1 + a.shape[-1]) * np.finfo(a.dtype).eps * np.dot(np.abs(a), np.abs(b))
    exact = np.dot(a.astype(np.longdouble), b.astype(np.longdouble))
    assert (np.abs(out - exact) <= bound).all()
    if "dot.add" in library.functions:
        assert Steps(library, [Call("dot.add", (a, b), out)]).run(2) == 2
        assert (np.abs(out - 3 * exact) <= 3 * bound + 8 * np.finfo(a.dtype).eps * np.abs(exact)).all()


@pytest.mark.parametrize("dtype", DTYPES)
def test_products_with_vectors_parts_and_many_steps(vectors, dtype):
    rng = np.random.default_rng(0)
    whole = rng.standard_normal((60, 70)).astype(dtype)
    vector = rng.standard_normal(70).astype(dtype)
    check_product(vectors, whole, vector, np.empty(60, dtype))
    check_product(vectors, vector[:60], whole, np.empty(70, dtype))
    check_product(vectors, vector, vector, np.empty((), dtype))
    check_product(vectors, vector[::2], whole[:35, ::3], np.empty(70, dtype)[: whole[:, ::3].shape[1]])
    check_product(vectors, whole[::2, ::2], whole[:35, ::-1], np.empty((30, 140), dtype)[:, ::2])
    check_product(vectors, whole[::-1], vector[::-1], np.empty(120, dtype)[::2])
    check_product(vectors, np.broadcast_to(vector[0], (5, 70)), whole.T, np.empty((5, 60), dtype))
    check_product(vectors, np.empty((3, 0), dtype), np.empty((0, 4), dtype), np.empty((3, 4), dtype))
    check_product(vectors, np.empty((0, 3), dtype), np.empty((3, 4), dtype), np.empty((0, 4), dtype))


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("turned", TURNED, ids=str)
def test_large_products_go_to_blas(interpreter, turned, dtype):
    rng = np.random.default_rng(0)
    for m, n, k in ((70, 80, 90), (1, 700, 700), (700, 1, 700), (700, 700, 1)):
        a, b, out = (rng.standard_normal(shape).astype(dtype) for shape in ((m, k), (k, n), (m, n)))
        if interpreter.blas is None:
            pytest.skip("this NumPy carries no OpenBLAS")
        arrays = [np.asfortranarray(x) if turn else x for x, turn in zip((a, b, out), turned, strict=True)]
        check_product(interpreter, *arrays)
        check_product(interpreter, a[:, ::-1], b[::-1], np.empty((m, 2 * n), dtype)[:, ::2])  # told in no way that BLAS has


def test_take_gives_entries_along_the_first_axis(interpreter):
    x = np.random.default_rng(0).standard_normal((5, 4))
    for table in (x, x.T, x[:, ::2], x[::-1], x[:, 0]):
        for chosen in ([0, 3, -1, 3], 2, [[1, 0], [2, -2]], []):
            chosen = np.repeat(np.array(chosen, int), 2, -1)[..., ::2] if chosen != 2 else np.array(2)
            check(interpreter, Call("take", (table, chosen), np.empty((*chosen.shape, *table.shape[1:])), (0,)))
    single = x.astype(np.float32)
    check(interpreter, Call("take", (single, np.array([1, 1])), np.empty((2, 4), np.float32), (0,)))


@pytest.mark.parametrize("wrong", [5, -6, 2**62, -(2**62)])
def test_take_ends_the_steps_where_there_is_no_such_entry(interpreter, wrong):
    call = Call("take", (np.ones((5, 2)), np.array([0, wrong])), np.empty((2, 2)), (0,))
    assert Steps(interpreter, [call]).run(3) == 0
