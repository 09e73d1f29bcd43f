"""Local derivatives in words: each kind of map has its own, and a map of one's own is told too."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.linear_maps import Composition, LinearMap
from minigraph.core.shape_maps import Broadcast, Placing, Reshaping, Selection, Summation, Transposition
from minigraph.formulas import to_text
from minigraph.reading.words import reason, remark, shape_story, told

W = mg.data(np.arange(6.0).reshape(3, 2), "W")
EQUAL = ", are equal and fall away; the outer ones stay"
TAKEN = Selection((slice(None), slice(1, 3)), (2, 4), ":, 1:3")


class Twice(LinearMap):
    """A map of one's own, with no words."""

    def push(self, tangent):
        return 2 * tangent

    def pull(self, cotangent):
        return 2 * cotangent


class Doubling(mg.Op):
    """An operation whose derivative is that map."""

    def forward(self, x):
        return 2 * x

    def shape(self, x):
        return x.shape

    def derivatives(self, y, x):
        return [Twice()]


@pytest.mark.parametrize(
    "local, cotangent, words",
    [
        (Broadcast((3, 1), (3, 4)), (3, 4), "Σ over examples of G"),
        (Broadcast((1, 4), (3, 4)), (3, 4), "Σ over rows of G"),
        (Broadcast((), (3, 4)), (3, 4), "Σ over all entries of G"),
        (Broadcast((3,), (2, 3, 3)), (2, 3, 3), "Σ over axes 0, 1 of G"),
        (Broadcast((3,), (3,)), (3,), "G"),
        (mg.MatMulLeft(W), (3, 4), "Wᵀ · G"),
        (Twice(), (3,), "Twiceᵀ(G)"),
    ],
)
def test_how_maps_are_told(local, cotangent, words):
    assert to_text(told(local, mg.data(np.zeros(cotangent), "G"))) == words


@pytest.mark.parametrize(
    "local, cotangent, words",
    [
        (Broadcast((3, 1), (3, 4)), (3, 4), "because b (3, 1) was broadcast to (3, 4)"),
        (mg.MatMulLeft(W), (3, 4), "(2, 3)·(3, 4) → (2, 4)"),
        (mg.MatMulRight(W), (4, 2), "(4, 2)·(2, 3) → (4, 3)"),
        (mg.Scale(W), (3, 2), ""),
        (Twice(), (3,), ""),
    ],
)
def test_what_shapes_have_to_do_with_it(local, cotangent, words):
    assert remark(local, "b", cotangent) == words


@pytest.mark.parametrize(
    "local, cotangent, words",
    [
        (mg.MatMulLeft(W), (3, 4), "No other order of the two, and no other transposes, give the shape (2, 4)."),
        (mg.MatMulRight(W), (4, 2), "No other order of the two, and no other transposes, give the shape (4, 3)."),
        (mg.MatMulLeft(W), (3, 3), "The shapes alone would allow 2 ways to get (2, 3) here"),
        (mg.Scale(W), (3, 2), ""),
        (Twice(), (3,), ""),
    ],
)
def test_whether_shapes_alone_tell_a_matrix_product(local, cotangent, words):
    said = reason(local, cotangent)
    assert said.startswith(words) and bool(said) == bool(words)


@pytest.mark.parametrize(
    "local, shape, words",
    [
        (
            mg.MatMulLeft(W),
            (2, 4),
            "the inner sizes of (3, 2)·(2, 4), 2 and 2" + EQUAL,
        ),
        (
            mg.MatMulRight(W),
            (4, 3),
            "the inner sizes of (4, 3)·(3, 2), 3 and 3" + EQUAL,
        ),
        (Broadcast((), (3, 4)), (), "a scalar is repeated to (3, 4), sizes from the right being equal or 1"),
        (Summation((2, 3), (1,), False), (2, 3), "axis 1 of (2, 3) falls away"),
        (Summation((2, 3), (0, 1), True), (2, 3), "axes 0, 1 of (2, 3) stay with size 1"),
        (Summation((2, 3), (), True), (2, 3), ""),
        (Reshaping((2, 3), (3, 2)), (2, 3), "the same 6 entries, row by row, as (3, 2)"),
        (Reshaping((1,), ()), (1,), "the same 1 entry, row by row, as ()"),
        (Transposition((1, 0)), (2, 3), "the axes of (2, 3) in the order (1, 0)"),
        (TAKEN, (2, 4), "what [:, 1:3] takes of (2, 4)"),
        (Placing(TAKEN), (2, 2), "(2, 2) is put at [:, 1:3] of (2, 4)"),
        (mg.Identity(), (2, 3), ""),
        (Twice(), (3,), ""),
    ],
)
def test_what_maps_do_to_a_shape(local, shape, words):
    assert shape_story(local, shape) == words


def test_a_map_of_ones_own_is_told_in_explanations_tables_and_shapes():
    x = mg.parameter([1.0, 2.0], "x")
    y = Doubling()(x).named("y")
    J = y.sum().named("J")
    assert "Twiceᵀ(∂J/∂y)" in str(mg.explain(J, wrt=x))
    assert "Twiceᵀ(∂J/∂y)" in str(J.backward())
    assert "y is (2,)" in str(mg.why_shape(y))


def test_a_map_of_ones_own_may_have_words_of_its_own():
    class Halving(Twice):
        pass

    @remark.register
    def _(local: Halving, input_name: str, cotangent: tuple[int, ...]) -> str:
        return f"half of {input_name}"

    assert (remark(Halving(), "x", (2,)), remark(Twice(), "x", (2,))) == ("half of x", "")


def test_the_mathematics_of_maps_has_no_words():
    rules = {"push", "pull", "notation", "entry", "turned", "factors"}
    kinds = [mg.Identity, mg.Negation, mg.Scale, mg.MatMulLeft, mg.MatMulRight, Composition]
    for kind in (LinearMap, *kinds, Broadcast, Summation, Reshaping, Transposition, Selection, Placing):
        public = {name for name in dir(kind) if not name.startswith("_") and callable(getattr(kind, name))}
        assert public - {"source"} == rules, kind
