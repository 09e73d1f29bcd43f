import numpy as np
import pytest

import minigraph as mg


def refused(build):
    with pytest.raises(mg.ShapeError) as caught:
        build()
    return str(caught.value.explain()).splitlines()


def test_the_story_of_a_layer(net):
    assert str(mg.why_shape(net.A1)).splitlines() == [
        "A1 is (4, 7) = ReLU(Z1), entry by entry, so it has the shape of Z1",
        "  Z1 is (4, 7) = W1 X + b1, entry by entry; "
        "b1: (4, 1) is repeated to (4, 7), sizes from the right being equal or 1",
        "    W1 X is (4, 7): the inner sizes of (4, 2)·(2, 7), 2 and 2, are equal and fall away; the outer ones stay",
        "      W1 is (4, 2), a parameter",
        "      X is (2, 7), data",
        "    b1 is (4, 1), a parameter",
    ]


X = mg.data(np.ones((2, 6)), "X")


@pytest.mark.parametrize(
    "build, told",
    [
        (lambda: X.sum(0), "output is (6,) = sum(X; axis 0): axis 0 of (2, 6) falls away"),
        (lambda: X.mean(keepdims=True), "output is (1, 1) = mean X: axes 0, 1 of (2, 6) stay with size 1"),
        (lambda: X.mean(), "output is a scalar = mean X: axes 0, 1 of (2, 6) fall away"),
        (lambda: X.max(1, keepdims=True), "output is (2, 1) = max(X; axis 1): axis 1 of (2, 6) stays with size 1"),
        (lambda: X.reshape(3, 4), "output is (3, 4) = X as 3×4: the same 12 entries, row by row, as (3, 4)"),
        (lambda: mg.data([1.0], "s").reshape(1, 1), "output is (1, 1) = s as 1×1: the same 1 entry, row by row, as (1, 1)"),
        (lambda: X.T, "output is (6, 2) = Xᵀ: the axes of (2, 6) in the order (1, 0)"),
        (lambda: X[:, 1:3], "output is (2, 2) = X[:, 1:3]: what [:, 1:3] takes of (2, 6)"),
        (
            lambda: mg.broadcast_to(mg.data(1.0, "s"), (2,)),
            "output is (2,) = s repeated to 2: a scalar is repeated to (2,), sizes",
        ),
        (
            lambda: mg.concatenate([X, X]),
            "output is (4, 6) = concatenate(X, X; axis 0): (2, 6) is put at [0:2] of (4, 6); (2, 6) is put",
        ),
        (lambda: mg.softmax(X), "output is (2, 6) = softmax(X), so it has the shape of X"),
        (lambda: X + 1, "output is (2, 6) = X + 1, entry by entry, so it has the shape of X"),
        (lambda: X * (mg.data(np.ones(6)) + 1), "; data + 1: (6,) is repeated to (2, 6)"),
        (lambda: mg.data([1.0, 2.0], "v") @ X, "the inner sizes of (1, 2)·(2, 6), 2 and 2, are equal"),
        (lambda: mg.exp(mg.data(1.0, "s")), "output is a scalar = exp(s)"),
        (lambda: X.sum((), keepdims=True), "so it has the shape of X"),
    ],
)
def test_what_operations_do_to_shapes(build, told):
    assert told in str(mg.why_shape(build())).splitlines()[0]


def test_operations_of_ones_own_and_flat_ones():
    class Halves(mg.Op):
        def forward(self, x):
            return x[: len(x) // 2]

        def shape(self, x):
            return (x.shape[0] // 2, *x.shape[1:])

        def derivatives(self, y, x):
            return [None]

    assert "output is (1, 6) = halves(X), by the shape rule of halves" in str(mg.why_shape(Halves()(X)))


def test_long_stories_end():
    node = X
    for i in range(60):
        node = mg.tanh(node).named(f"a{i}")
    assert str(mg.why_shape(node)).splitlines()[-1].strip() == "… and so on."


def test_transposed_data_are_found():
    W = mg.parameter(np.ones((4, 2)), "W")
    told = refused(lambda: W @ mg.data(np.ones((400, 2)), "X"))
    assert told[-2:] == [
        "The likely culprit, since it would fit then:",
        "  'X' is (400, 2): transposed it is (2, 400) and fits. Examples are columns, features are rows.",
    ]


def test_the_culprit_may_lie_far_back():
    W1, W2 = mg.parameter(np.ones((4, 2)), "W1"), mg.parameter(np.ones((1, 3)), "W2")
    A = mg.tanh(W1 @ mg.data(np.ones((2, 9)), "X")).named("A")
    told = refused(lambda: W2 @ A)
    assert "It would fit with one of these:" in told
    assert told[-2:] == ["  'W1' is (4, 2): it would have to be (3, 2).", "  'W2' is (1, 3): it would have to be (1, 4)."]


def test_a_target_of_one_axis_is_found():
    told = refused(lambda: mg.bce(mg.data(np.full((1, 6), 0.5), "A"), mg.data(np.zeros(6), "Y")))
    assert told[-1] == "  'Y' is (6,), of one axis: reshape it to (1, 6)."


def test_swapped_operands_are_found():
    told = refused(lambda: mg.data(np.ones((3, 4)), "A") @ mg.parameter(np.ones((2, 3)), "W"))
    assert told[-1] == "  in the other order, 'W' is (2, 3) and 'A' is (3, 4), they fit."


def test_shapes_that_no_leaf_mends():
    told = refused(lambda: X.reshape(7))
    assert told[-1] == "No single leaf in another shape would make it fit."


def test_a_refused_value_and_an_error_without_operands():
    W = mg.parameter(np.ones((4, 2)), "W")
    with pytest.raises(mg.ShapeError) as caught:
        W.value = np.ones(3)
    assert str(caught.value.explain()).splitlines()[1:] == ["Where the shapes come from:", "  W is (4, 2), a parameter"]
    assert str(mg.ShapeError("only words").explain()) == "only words"


def test_large_graphs_are_not_searched():
    node = X
    for _ in range(2100):
        node = node + 1
    assert refused(lambda: node.reshape(7))[-1] == "No single leaf in another shape would make it fit."
