"""exp, expm1, log, log1p and tanh to three units in the last place, against mpmath."""

import mpmath
import numpy as np
import pytest

from minigraph.program.native.rows import Call
from minigraph.program.native.running import Steps

LARGEST = 3.0
"""Units in the last place."""


def spread(rng: np.random.Generator, low: float, high: float, count: int = 1500) -> np.ndarray:
    return rng.uniform(low, high, count)


def powers(rng: np.random.Generator, low: float, high: float) -> np.ndarray:
    return np.exp(spread(rng, low, high))


def both(x: np.ndarray) -> np.ndarray:
    return np.concatenate([x, -x])


def around(*points: float) -> np.ndarray:
    """The numbers next to some, and those at which a branch of the algorithm would begin."""
    return np.array([np.nextafter(p, way) for p in points for way in (-np.inf, np.inf)] + list(points))


LN2 = np.log(2)
HALVES = [LN2 * (k + 0.5) for k in range(-60, 60)]
TINY = -744  # e to this is just a number
LARGEST_EXPONENT = np.nextafter(np.log(np.finfo(float).max), 0)  # the next one is taken too
POINTS = {
    "exp": lambda rng: [spread(rng, -745.2, 709.78), both(powers(rng, -40, 1)), around(*HALVES, -708, LARGEST_EXPONENT)],
    "expm1": lambda rng: [spread(rng, -50, 709.78), both(powers(rng, TINY, 1)), around(*HALVES)],
    "log": lambda rng: [
        powers(rng, TINY, 709),
        5e-324 * rng.integers(1, 2**52, 500),
        spread(rng, 0.5, 2),
        around(1, 2**0.5),
    ],
    "log1p": lambda rng: [spread(rng, -1, 3), powers(rng, TINY, 709), -powers(rng, TINY, -1), around(2**0.5 - 1)],
    "tanh": lambda rng: [both(spread(rng, 0, 20)), both(spread(rng, 0, 1)), both(powers(rng, TINY, 1)), around(LN2 / 4, 20)],
}


@pytest.mark.parametrize("function", POINTS)
def test_functions_are_right_to_three_units_in_the_last_place(vectors, function):
    x = np.concatenate(POINTS[function](np.random.default_rng(5)))
    x = x[(x != 0) & (x != -1)]
    out = np.empty_like(x)
    Steps(vectors, [Call(function, (x,), out)]).run(1)
    with mpmath.workprec(120):
        exact = [getattr(mpmath, function)(mpmath.mpf(float(entry))) for entry in x]
        units = [float(np.spacing(abs(float(z)))) for z in exact]
        wrong = [float(abs(mpmath.mpf(float(y)) - z) / unit) for y, z, unit in zip(out, exact, units, strict=True)]
    assert max(wrong) <= LARGEST, x[np.argmax(wrong)]


@pytest.mark.parametrize("function", POINTS)
def test_single_precision_is_rounded_from_double(vectors, function):
    with np.errstate(all="ignore"):
        x = np.concatenate(POINTS[function](np.random.default_rng(5))).astype(np.float32)
    out = np.empty_like(x)
    Steps(vectors, [Call(function, (x,), out)]).run(1)
    with np.errstate(all="ignore"):
        wanted = getattr(np, function)(x.astype(np.float64)).astype(np.float32)
    finite = np.isfinite(wanted)
    np.testing.assert_array_equal(out[~finite], wanted[~finite])
    assert (np.abs(out[finite] - wanted[finite]) <= np.spacing(np.abs(wanted[finite]))).all()
