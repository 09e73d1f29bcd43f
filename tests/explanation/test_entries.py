"""The entry form of every linear map gives, entry by entry, what its pull gives; and reads as it should."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.linear_maps import LinearMap
from minigraph.core.shape_maps import Broadcast, Casting, Placing, Reshaping, Selection, Summation, Transposition
from minigraph.formulas import to_text
from minigraph.formulas.index_sums import Letters, entry_at, entry_of, numbers
from minigraph.operations.running_sums import RunningSum
from minigraph.operations.softmax import Centering, LogCentering

RNG = np.random.default_rng(0)


def data(*shape, name=None):
    return mg.data(RNG.normal(size=shape), name)


W, X, S, F = data(3, 2, name="W"), data(2, 4, name="X"), mg.softmax(data(3, 4)).named("S"), data(2, 1, name="F")
POSITIONS = np.array([0, 0, 2])
WORDS, PAIRS = mg.data([0, 0, -1], "words"), mg.data([[0, 1], [1, -2]], "pairs")


class Own(LinearMap):
    """A map that says nothing of its entries."""

    def push(self, tangent):
        return W @ tangent

    def pull(self, cotangent):
        return W.T @ cotangent


CASES = [
    (mg.Identity(), (2, 3), "G[i, k]"),
    (mg.Negation(), (2, 3), "-G[i, k]"),
    (mg.Scale(F), (2, 3), "G[i, k] F[i, 0]"),
    (mg.Scale(mg.data(2.0, "c")), (2, 3), "G[i, k] c"),
    (mg.MatMulLeft(W), (2, 4), "Σp W[p, i] G[p, k]"),
    (mg.MatMulRight(X), (3, 2), "Σp G[i, p] X[k, p]"),
    (mg.MatMulLeft(data(2, 2, name="Q")), (2, 2), "Σp Q[p, i] G[p, k]"),
    (mg.MatMulRight(data(2, 2, name="Q")), (2, 2), "Σp G[i, p] Q[k, p]"),
    (mg.MatMulLeft(data(5, 3, 2, name="V")), (5, 2, 4), "Σp V[i, p, k] G[i, p, l]"),
    (mg.MatMulRight(data(5, 2, 3, name="V")), (5, 4, 2), "Σp G[i, k, p] V[i, l, p]"),
    (mg.MatMulLeft(data(1, 2, name="w")), (2, 4), "w[0, i] G[0, k]"),
    (mg.MatMulRight(data(2, 1, name="x")), (3, 2), "G[i, 0] x[k, 0]"),
    (Broadcast((3, 1), (2, 3, 4)), (3, 1), "Σp Σr G[p, i, r]"),
    (Broadcast((), (3,)), (), "Σp G[p]"),
    (Summation((2, 3), (1,), False), (2, 3), "G[i]"),
    (Summation((2, 3), (0,), True), (2, 3), "G[0, k]"),
    (Reshaping((2, 6), (3, 4)), (2, 6), "G[(6i + k) ÷ 4, (6i + k) mod 4]"),
    (Reshaping((2, 3), (6,)), (2, 3), "G[(3i + k)]"),
    (Reshaping((6,), (2, 3)), (6,), "G[i ÷ 3, i mod 3]"),
    (Reshaping((2, 1, 3), (2, 3)), (2, 1, 3), "G[i, k]"),
    (Transposition((2, 0, 1)), (2, 3, 4), "G[l, i, k]"),
    (Selection((slice(1, 3),), (4, 2), "1:3"), (4, 2), "Σp Σr G[p, r] [p, r was taken from i, k]"),
    (Selection((POSITIONS,), (4, 2), "x"), (4, 2), "Σp Σr G[p, r] [p, r was taken from i, k]"),
    (Selection((WORDS,), (4, 2), "words"), (4, 2), "Σp [words[p] = i] G[p, k]"),
    (Selection((slice(None), WORDS), (2, 4), ":, words"), (2, 4), "Σp [words[p] = k] G[i, p]"),
    (Selection((slice(None), WORDS), (2, 4, 3), ":, words"), (2, 4, 3), "Σp [words[p] = k] G[i, p, l]"),
    (Selection((PAIRS,), (4, 2), "pairs"), (4, 2), "Σp Σr [pairs[p, r] = i] G[p, r, k]"),
    (Selection((mg.data([-1], "last"),), (4, 2), "last"), (4, 2), "[last[0] = i] G[0, k]"),
    (Placing(Selection((slice(None), slice(1, 3)), (2, 4), ":, 1:3")), (2, 2), "G[i, 1 + k]"),
    (Placing(Selection((slice(None, None, -1),), (4, 2), "::-1")), (4, 2), "G[3 + -1·i, k]"),
    (Placing(Selection((slice(None, None, 2),), (5, 2), "::2")), (3, 2), "G[2·i, k]"),
    (Placing(Selection((POSITIONS,), (4, 2), "x")), (3, 2), "G[0 of the place of i, k, 1 of the place of i, k]"),
    (Placing(Selection((1,), (4, 2), "1")), (2,), "G[1, i]"),
    (Casting(np.float32, np.float64), (2, 3), "G[i, k]"),
    (RunningSum(0), (3, 2), "Σp G[p, k] [p ≥ i]"),
    (RunningSum(1), (2, 1), "G[i, 0]"),
    (Centering(S, 0), (3, 4), "Σp S[p, k] G[p, k] [p = i] − S[i, k]"),
    (LogCentering(S, -1), (3, 4), "Σp G[i, p] [p = k] − S[i, k]"),
    (Centering(mg.softmax(data(1, 4)).named("T"), 0), (1, 4), "T[0, i] G[0, i] [0 = 0] − T[0, i]"),
    (mg.compose(mg.MatMulLeft(W), mg.Negation(), mg.Scale(F)), (2, 4), "-Σp W[p, i] G[p, k] F[i, 0]"),
    (Own(), (2, 4), "Σp Σr G[p, r] Own[p, r, i, k]"),
]


@pytest.mark.parametrize("local, shape, written", CASES, ids=[f"{type(c[0]).__name__}-{c[1]}" for c in CASES])
def test_entries(local, shape, written):
    upstream = RNG.normal(size=local.push(mg.data(np.zeros(shape))).shape)
    pulled = np.asarray(local.pull(mg.data(upstream)).value)
    for place in np.ndindex(shape):
        entry = local.entry(entry_of(shape, place), Letters())
        total = sum(entry.factor(places) * upstream[numbers(entry.index, places)] for places in entry.places())
        assert total == pytest.approx(pulled[place])
    entry = local.entry(entry_of(shape), Letters())
    sums = "".join(f"Σ{position.text} " for position in entry.over)
    gradient = entry_at(mg.data(np.zeros(upstream.shape), "G"), entry.index)
    factors = [*(factor.written for factor in entry.left), gradient, *(factor.written for factor in entry.right)]
    assert ("-" if entry.sign < 0 else "") + sums + " ".join(map(to_text, factors)) == written


def test_slices_of_a_given_entry_and_flat_places():
    local = Placing(Selection((slice(2, None), slice(0, None)), (5, 2), "2:, 0:"))
    entry = local.entry(entry_of((3, 2), (1, 1)), Letters())
    assert [position.text for position in entry.index] == ["3", "1"]
    entry = Reshaping((1, 1), (1,)).entry(entry_of((1, 1)), Letters())
    assert [position.text for position in entry.index] == ["0"]
    entry = Reshaping((2, 6), (3, 4)).entry(entry_of((2, 6), (0, 0)), Letters())
    assert numbers(entry.index, {}) == (0, 0)


def test_letters_never_run_out():
    letters = Letters()
    assert [letters.along(2).text for _ in range(8)] == ["p", "r", "s", "t", "u", "v", "p2", "p3"]
    assert letters.along(1).text == "0"
