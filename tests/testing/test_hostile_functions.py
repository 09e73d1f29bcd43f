"""Functions that are handed in and give no gradients: each costs points, says why, and stops nothing."""

import asyncio

import numpy as np
import pytest

import minigraph as mg
from minigraph.testing import RandomNets, check_backward


def cost(X, Y, w):
    return mg.squared_error(w @ X, Y).mean()


NETS = RandomNets(cost, X="n m", Y="1 m", w="1 n")


def right(X, Y, w):
    return {"dw": (w @ X - Y) @ X.T / X.shape[1]}


class OwnAttributes:
    """A callable whose attributes raise."""

    def __getattr__(self, name):
        raise RuntimeError(name)

    def __call__(self, X, Y, w):
        return right(X, Y, w)


class Array:
    """What NumPy asks for an array, and raises."""

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("two\nlines")


class NoItems(dict):
    def items(self):
        raise RuntimeError("no\nitems")


def forever(X):
    return forever(X)


def generator(X, Y, w):
    yield right(X, Y, w)


async def coroutine(X, Y, w):
    await asyncio.sleep(0)


def changing(X, Y, w):
    given = right(X, Y, w)
    X *= 0
    return given


def raising(error):
    def backward(X):
        raise error

    return backward


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (None, "it is NoneType, and a function is asked for"),
        (lambda X: {"dw": Array()}, "it is not an array of numbers: RuntimeError: two lines"),
        (lambda X: NoItems(), "it raises RuntimeError: no items, in line"),
        (lambda X: (1, 2), "it gives a tuple of 2, and a dict is asked for: {'dw': dw}."),
        (lambda X: {}, "it is missing: there is no dw, but nothing."),
        (generator, "it gives a generator: write return in place of yield."),
        (coroutine, "it gives a coroutine: leave out async before def."),
        (forever, "it raises RecursionError: maximum recursion depth exceeded"),
        (raising(SystemExit("bye")), "it raises SystemExit: bye, in line"),
        (raising(ValueError("a\n" * 5000)), "it raises ValueError: a a a"),
        (raising(GeneratorExit()), "it raises GeneratorExit, in line"),
    ],
)
def test_what_gives_no_gradients(function, why):
    grade = check_backward(function, NETS)
    assert grade.points == 0 and not grade.remarks
    (diagnosis,) = grade["dw"].diagnoses
    assert diagnosis.startswith(why) and "\n" not in diagnosis


def test_what_has_no_signature():
    def backward(X, Y, w):
        return right(X, Y, w)

    backward.__wrapped__ = backward
    for function, kind in ((backward, "function"), (OwnAttributes(), "OwnAttributes")):
        grade = check_backward(function, NETS)
        assert grade["dw"].diagnoses == (f"it is {kind}, and a function is asked for.",)


def test_what_is_right_all_the_same():
    assert check_backward(lambda X, Y, w: ({}, right(X, Y, w)), NETS).ok  # a dict for each layer
    assert check_backward(lambda X, Y, w: {key: value.tolist() for key, value in right(X, Y, w).items()}, NETS).ok
    assert check_backward(lambda X, Y, w: {key: value.astype(object) for key, value in right(X, Y, w).items()}, NETS).ok
    grade = check_backward(changing, NETS)
    assert grade.ok and grade.remarks == ("It changes X in place, which others still need: work on a copy.",)


def test_chance_is_seen_in_arrays_only():
    draws = iter(range(10**6))
    grade = check_backward(lambda X: {"dw": np.full((1, X.shape[0]), next(draws))}, NETS)
    assert grade.remarks == ("Called again with the same arguments, it gives another dw: is there chance in it?",)
