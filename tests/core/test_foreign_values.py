"""What is no array of real numbers, wherever it comes from, is refused with one line, or read as what it is."""

from collections import OrderedDict

import numpy as np
import pytest

import minigraph as mg
from minigraph.testing import grade


class Raises:
    """An object that NumPy asks for an array, and that raises."""

    def __init__(self, error):
        self.error = error

    def __array__(self, dtype=None, copy=None):
        raise self.error


class Tracked:
    """A tensor of another library, which tracks gradients."""

    requires_grad = True

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("Can't call numpy() on Tensor that requires grad.")


class Silent(Exception):
    """An exception whose text can't be read."""

    def __str__(self):
        raise ValueError


class Wordless:
    """An object that can't be written."""

    def __repr__(self):
        raise ValueError

    __str__ = __repr__


def itself():
    parts = [0]
    parts[0] = parts
    return parts


REFUSED = [
    (Tracked(), "the tensor tracks gradients of its own, which would be lost. Write value.detach()."),
    (Raises(RuntimeError("two\nlines")), "the value is not an array of numbers: RuntimeError: two lines"),
    (Raises(TypeError("said plainly")), "the value is not an array of numbers: said plainly"),
    (Raises(TypeError()), "the value is not an array of numbers: TypeError"),
    (Raises(Silent()), "the value is not an array of numbers: Silent"),
    (Raises(SystemExit(3)), "the value is not an array of numbers: SystemExit: 3"),
    (itself(), "the value is not a regular array of numbers (it holds itself)."),
    ([[1.0, 2.0], [3.0]], "the value is not a regular array of numbers (its parts are of different shapes)."),
    ((x for x in [1.0]), "values of type generator are refused. Write list(value)."),
    ({"a": 1.0}.values(), "values of type dict_values are refused. Write list(value)."),
    ({1.0}, "values of type set are refused. A set has no order: give a list."),
    (OrderedDict(dW=1.0), "values of type OrderedDict are refused. Give one of its arrays, such as gradients['dW1']."),
    (itself, "values of type function are refused. It has to be called to give an array: write () after it."),
    (Wordless(), "values of type Wordless are refused. Give real numbers."),
    (
        np.void(b"abc"),
        "values of dtype |V3 are refused. Write value.astype('float32'), if they are numbers of fewer digits.",
    ),
    (
        "0,5",
        "values of dtype <U3 are refused. Write np.array(value, float), if it is numbers that are written there, with a ",
    ),
    (np.ma.masked_array([1.0], [True]), "a masked array is refused, since its mask would be lost."),
]


@pytest.mark.parametrize(("value", "why"), REFUSED, ids=[why[-30:] for _, why in REFUSED])
def test_every_door_refuses_it_with_one_line(value, why):
    w = mg.parameter([1.0], "w")
    J = (w * w).sum()

    def assigned():
        w.value = value

    for door in (
        assigned,
        lambda: mg.parameter(value),
        lambda: mg.data(value),
        lambda: mg.compare(J, w, value),
        lambda: mg.compare(J, {"dw": value}),
        lambda: mg.evaluate(J, given={w: value}),
    ):
        with pytest.raises(TypeError) as caught:
            door()
        assert why in str(caught.value) and "\n" not in str(caught.value)
    (diagnosis,) = grade(J, {"dw": value})["dw"].diagnoses
    assert why.removeprefix("the value is ") in diagnosis and "the value is" not in diagnosis
    assert w.value.tolist() == [1.0]


def test_what_is_too_large_for_the_memory_is_said_by_NumPy():
    huge = np.broadcast_to(1.0, (10**7, 10**7))
    with pytest.raises(MemoryError, match="Unable to allocate"):
        mg.parameter(huge)
    w = mg.parameter(1.0, "w")
    assert "Unable to allocate" in grade(w * w, {"dw": huge})["dw"].diagnoses[0]
    with pytest.raises(MemoryError):
        mg.parameter(Raises(MemoryError("Unable to allocate")))


@pytest.mark.parametrize("key", ["dw", "w", "∂J/∂w", " dw ", "grad_w"])
def test_a_key_is_read_as_what_it_means(key):
    w = mg.parameter(3.0, "w")
    assert mg.compare(w * w, {key: 6.0}) and grade(w * w, {key: 6.0})


def test_nodes_without_names_as_keys_are_all_compared():
    a, b = mg.parameter(2.0), mg.parameter(3.0)
    found = mg.compare(a * b, {a: 3.0, b: 3.0})
    assert list(found) == ["parameter1", "parameter2"] and found["parameter1"] and not found["parameter2"]
    with pytest.raises(ValueError, match="does not depend on"):
        mg.compare(a * b, {a: 3.0, mg.parameter(1.0, "q"): 1.0})


class Broken(dict):
    """A dict that can't be read."""

    def items(self):
        raise RuntimeError("no items")


def test_dicts_that_name_nothing_and_dicts_that_can_not_be_read():
    w = mg.parameter(3.0, "w")
    for gradients, why in (
        ({}, "compare: the dict is empty, and names no node; each key names a node that"),
        ({"W": 1.0}, "compare: none of the keys 'W' names a node that"),
        ({1: 1.0, None: 2.0}, "compare: none of the keys 1, None names a node that"),
        ({Wordless(): 1.0}, "compare: none of the keys a Wordless names a node that"),
    ):
        with pytest.raises(ValueError, match=why):
            mg.compare(w * w, gradients)
        assert grade(w * w, gradients).points == 0
    with pytest.raises(ValueError, match="Did you mean 'weight'"):
        mg.compare(mg.parameter(3.0, "weight") * 2, {"dwieght": 1.0})
    for what in (mg.compare, grade):
        with pytest.raises(
            TypeError, match=f"{what.__name__}: the Broken of gradients can't be read: RuntimeError: no items"
        ):
            what(w * w, Broken(dw=6.0))


def test_what_is_not_finite_is_looked_for_where_it_came_about():
    w = mg.parameter([3.0, 1.0], "w")
    told = str(mg.compare((w * w).sum(), w, [np.nan, 2.0]))
    assert told.endswith("look for your first array that has one.") and "None of the usual" not in told
