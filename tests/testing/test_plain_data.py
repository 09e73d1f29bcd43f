"""What goes to another process and comes back: numbers and words, whatever was handed in or sent."""

import json

import numpy as np
import pytest

import minigraph as mg
from minigraph.testing.plain_data import MOST_ENTRIES, NODE, Unreadable, array_of, gradient_of, plain, plain_gradient

SENT = {"dtype": "float64", "shape": [2], "entries": [1.0, 2.0]}


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("shape", [(), (0, 3), (2, 3)])
def test_an_array_comes_back_to_the_bit(dtype, shape):
    array = np.random.default_rng(0).normal(size=shape).astype(dtype)
    back = gradient_of(json.loads(json.dumps(plain_gradient(array))))
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_what_is_not_finite_comes_back_too():
    array = np.array([np.inf, -np.inf, np.nan, -0.0, 5e-324])
    np.testing.assert_array_equal(array_of(json.loads(json.dumps(plain(array)))), array)


def test_of_what_is_no_array_of_numbers_it_is_said_what_it_is():
    class Raises:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("not today")

    assert plain_gradient(None) is None and gradient_of(None) is None
    assert plain_gradient(mg.data(1.0)) == NODE
    assert plain_gradient(Raises()).startswith("it is not an array of numbers: ")
    assert plain_gradient("two").startswith("it is not an array of numbers: ")
    assert plain_gradient(np.zeros(MOST_ENTRIES + 1)) == f"it has the shape ({MOST_ENTRIES + 1},), which is far too large."
    told = gradient_of("it is\na list")
    assert isinstance(told, Unreadable) and told.words == "it is a list"


@pytest.mark.parametrize(
    "message",
    [
        3,
        [],
        {},
        SENT | {"shape": [3]},
        SENT | {"shape": [-1, -2]},
        SENT | {"shape": [True, 2]},
        SENT | {"shape": [1] * 64 + [2]},
        SENT | {"shape": 2},
        SENT | {"entries": [1.0, "2"]},
        SENT | {"entries": [1.0, True]},
        SENT | {"entries": [1.0, 10**400]},
        SENT | {"entries": "12"},
    ],
)
def test_what_is_sent_in_the_place_of_an_array_is_none(message):
    found = gradient_of(message)
    assert isinstance(found, Unreadable) and found.words == "what came back is not an array of numbers."
