"""How a student's function is called: by names, quietly, with copies."""

import functools
import sys

import numpy as np
import pytest

import minigraph as mg
from minigraph.testing.handed_in import HandedIn, Refused

ARRAYS = {"X": np.ones((2, 3)), "W": np.array([[1.0, 2.0]]), "A": np.array([[3.0, 3.0, 3.0]])}


def gradients(function, call=None, wanted=("dW",)):
    return HandedIn(function, call, wanted, 5.0).gradients(ARRAYS, ["W"])


def given(function):
    """What the function was given, by its own report."""
    return gradients(lambda **_: None, lambda _, v: function) if function is None else gradients(function)["dW"]


def test_arguments_are_arrays_by_name_in_any_case():
    assert given(lambda X, W: [X.shape, W.tolist()]) == [(2, 3), [[1.0, 2.0]]]
    assert given(lambda x, a: [x.shape, a.shape]) == [(2, 3), (1, 3)]
    assert given(lambda X, /, W, *, A: [X.shape, W.shape, A.shape]) == [(2, 3), (1, 2), (1, 3)]


@pytest.fixture(autouse=True)
def answers_are_wrapped(monkeypatch):
    """Functions of these tests give what they were given; it is passed on as the gradient."""
    monkeypatch.setattr(HandedIn, "_read", lambda self, answer: {"dW": answer})


def test_dicts_of_parameters_and_of_everything():
    assert given(lambda parameters: list(parameters)) == ["W"]
    assert given(lambda cache, Params: [list(cache), list(Params)]) == [["X", "W", "A"], ["W"]]


def test_what_has_a_default_may_be_missing():
    assert given(lambda X, rate=0.1, W=None: [rate, W.shape]) == [0.1, (1, 2)]
    assert given(lambda rate=0.1, /, X=None: [rate, X.shape]) == [0.1, (2, 3)]


@pytest.mark.parametrize(
    ("function", "why"),
    [
        (
            lambda Q: None,
            "it asks for 'Q', which does not exist. There are X, W, A, each as an array, and dicts: parameters and cache",
        ),
        (lambda *all: None, r"it has \*all for an argument, and arguments are given by their names"),
        (lambda X, **more: None, r"it has \*\*more for an argument"),
        ("backward", "it is str, and a function is asked for"),
    ],
)
def test_arguments_that_can_not_be_given(function, why):
    with pytest.raises(Refused, match=why):
        gradients(function)


def test_other_callables():
    class Net:
        def backward(self, X):
            return X.sum()

    assert given(Net().backward) == 6
    assert given(functools.partial(lambda X, by: by * X.sum(), by=2)) == 12
    assert HandedIn(Net(), None, ["dW"], 1.0).name == "Net"
    assert HandedIn(np.sum, None, ["dW"], 1.0).outside() == []
    assert HandedIn(functools.partial(print), None, ["dW"], 1.0).outside() == []


def test_it_prints_nothing_and_can_ask_for_nothing(capsys):
    def talks(X):
        print("here")
        print("there", file=sys.stderr)
        input("and you?")

    before = sys.stdin
    with pytest.raises(Refused, match=r"it raises EOFError: EOF when reading a line, in line .*, `input"):
        gradients(talks)
    assert capsys.readouterr() == ("", "") and sys.stdin is before


def test_what_it_raises_is_told_with_the_line():
    def deep(X):
        return np.linalg.inv(X)

    with pytest.raises(Refused, match=r"it raises LinAlgError: .*, in line \d+, `return np.linalg.inv\(X\)`$"):
        gradients(deep)
    with pytest.raises(Refused, match=r"^it raises SystemExit: 3, in line"):
        gradients(lambda X: exit(3))
    with pytest.raises(Refused, match=r"^it raises AssertionError, in line"):
        gradients(lambda X: [].append(X) or (_ for _ in ()).throw(AssertionError))
    with pytest.raises(Refused, match=r"^it raises TypeError: [^,]*$"):
        HandedIn(functools.partial(np.dot), lambda f, v: f(1, 2, 3, 4, 5), ["dW"], 5.0).gradients(ARRAYS, ["W"])


def test_who_interrupts_is_not_caught_unless_it_is_the_function_itself(monkeypatch):
    def interrupted(X):
        raise KeyboardInterrupt

    with pytest.raises(Refused, match=r"^it raises KeyboardInterrupt, in line"):
        gradients(interrupted)

    def impatient(seconds, function):
        raise KeyboardInterrupt  # Ctrl-C comes to the thread that waits

    monkeypatch.setattr("minigraph.testing.handed_in.within", impatient)
    with pytest.raises(KeyboardInterrupt):
        gradients(interrupted)


class Silent(Exception):
    """Its text can't be had."""

    def __str__(self):
        raise RuntimeError


class Odd(dict):
    """Its entries can't be had."""

    def items(self):
        raise OSError("not today")


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (Silent(), "it raises Silent, in line"),
        (ValueError("\ud800 half a letter"), r"it raises ValueError: \\ud800 half a letter, in line"),
        (ValueError("x" * 10**6), f"it raises ValueError: {'x' * 500}…, in line"),
    ],
)
def test_texts_of_exceptions_that_are_none(raised, told):
    def raises(X):
        raise raised

    with pytest.raises(Refused, match=told):
        gradients(raises)


def test_what_is_given_is_read_within_the_time_and_its_errors_are_told(monkeypatch):
    monkeypatch.undo()
    with pytest.raises(Refused, match="it raises OSError: not today"):
        gradients(lambda X: Odd(dW=1))
    assert gradients(lambda X: {"d\ud800": 1}) == {r"d\ud800": 1}


def test_what_it_calls_of_the_engine():
    def named(X):
        import minigraph

        return minigraph

    def of_a_module(X):
        return mg.grad(X, X)

    assert HandedIn(named, None, ["dW"], 1.0).engine() == ["minigraph"]
    assert HandedIn(of_a_module, None, ["dW"], 1.0).engine() == ["mg"]
    assert HandedIn(np.sum, None, ["dW"], 1.0).engine() == HandedIn(lambda X: np.sum(X), None, ["dW"], 1.0).engine() == []


def test_it_gets_copies():
    def changes(X, A):
        X[0, 0] = np.nan
        A *= 1
        return 0

    handed_in = HandedIn(changes, None, ["dW"], 5.0)
    handed_in.gradients(ARRAYS, ["W"])
    assert ARRAYS["X"][0, 0] == 1
    assert list(handed_in.remarks) == ["It changes X in place, which others still need: work on a copy."]
