"""The Gram rewrite: found in every form of the product, and equal to the plain loop."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from wide_data import FORMS, M, N, data, logistic, net

import minigraph as mg


def both(make, count=400):
    """Costs and leaves of repeat with and without the rewrite, and whether it was used."""
    results = []
    for gram in (True, False):
        J, updates = make()
        program = mg.compile(J, updates=updates, gram=gram)
        assert program.uses_gram(count) is gram, program.report()
        results.append((program.repeat(count), [leaf.value for leaf in updates]))
    return results


def assert_equal(make, count=400, tolerance=1e-11):
    (costs, leaves), (expected, plain) = both(make, count)
    assert np.max(np.abs(costs - expected)) <= tolerance * np.max(np.abs(expected))
    for a, b in zip(leaves, plain, strict=True):
        assert a.shape == b.shape
        assert np.max(np.abs(a - b)) <= tolerance * np.max(np.abs(b))


@pytest.mark.parametrize("form", FORMS)
def test_plain_descent_in_every_form(form):
    def make():
        w, b, J = logistic(form)
        dw, db = mg.grad(J, [w, b])
        return J, {w: w - 0.05 * dw, b: b - 0.05 * db}

    assert_equal(make)


@pytest.mark.parametrize("form", FORMS)
def test_momentum_and_weight_decay(form):
    def make():
        w, b, J = logistic(form)
        v = mg.data(np.full(w.shape, 0.01), "v")
        dw, db = mg.grad(J, [w, b])
        following = 0.9 * v + (dw + 0.01 * w)
        return J, {v: following, w: w - 0.02 * following, b: b - 0.05 * db}

    assert_equal(make)


def test_a_leaf_that_becomes_a_multiple_of_the_gradient():
    """Nothing of its first value stays."""

    def make():
        w, b, J = logistic("WX")
        dw, db = mg.grad(J, [w, b])
        return J, {w: -0.5 * dw, b: b - 0.05 * db}

    assert_equal(make)


def test_a_leaf_that_another_one_reads_is_carried_with_it():
    def make(order):
        features, targets, start = data()
        X = mg.data(features, "X")
        leaves = [mg.parameter(k * start.reshape(1, N), name) for k, name in ((1, "v"), (-0.5, "w"))]
        v, w = leaves
        J = mg.bce_with_logits(mg.tanh(v @ X) - w @ X, targets.reshape(1, M)).mean()
        dv, dw = mg.grad(J, leaves)
        updates = {v: 0.9 * v + 0.1 * w - 0.05 * dv, w: w - 0.05 * dw}
        return J, {leaf: updates[leaf] for leaf in leaves[::order]}

    for order in (1, -1):
        assert_equal(lambda order=order: make(order))


def test_one_leaf_is_carried_where_another_can_not_be():
    """v is multiplied with two features; and 1e20 is no number of a learning rate."""

    def make():
        features, targets, start = data()
        X, X2 = mg.data(features, "X"), mg.data(0.5 * features[::-1], "X2")
        leaves = [mg.parameter(k * start.reshape(1, N), name) for k, name in ((1, "w"), (-0.5, "v"), (0.1, "u"))]
        w, v, u = leaves
        J = mg.bce_with_logits(w @ X + v @ X + v @ X2 + u @ X, targets.reshape(1, M)).mean()
        dw, dv, du = mg.grad(J, leaves)
        return J, {w: w - 0.05 * dw, v: v - 0.05 * dv, u: u - 1e20 * (5e-22 * du * np.ones((1, N)))}

    assert_equal(make)


def test_a_norm_that_no_output_shows_is_weight_decay():
    """As the report advises where it is shown."""

    def make(shown=False):
        w, b, loss = logistic("WX")
        J = loss + 0.01 * (w * w).sum()
        return J if shown else loss, {leaf: leaf - 0.05 * g for leaf, g in zip((w, b), mg.grad(J, [w, b]), strict=True)}

    assert_equal(make)
    J, updates = make(shown=True)
    assert "leave it out of the outputs" in mg.compile(J, updates=updates).report()


def test_features_may_be_an_array():
    def make():
        features, targets, start = data()
        w = mg.parameter(start.reshape(1, N), "w")
        J = mg.bce_with_logits(w @ features, targets.reshape(1, M)).mean()
        return J, {w: w - 0.1 * mg.grad(J, w)}

    assert_equal(make)


@pytest.mark.parametrize("form", ["WX", "WᵀX", "XW", "XWᵀ"])
def test_several_outputs(form):
    """Three rows of Z (or columns), so that nothing is its own transpose up to a reshape."""

    def make():
        features, _, _ = data()
        values = np.random.default_rng(4).standard_normal((3, N))
        X, Xt = mg.data(features, "X"), mg.data(features.T, "Xt")
        W = mg.parameter(values if form in ("WX", "XWᵀ") else values.T, "W")
        Z = {"WX": lambda: W @ X, "WᵀX": lambda: W.T @ X, "XW": lambda: Xt @ W, "XWᵀ": lambda: Xt @ W.T}[form]()
        J = mg.square(mg.tanh(Z) - 0.3 * np.arange(Z.size).reshape(Z.shape) / Z.size).mean()
        return J, {W: W - 0.1 * mg.grad(J, W)}

    assert_equal(make)


def test_leaves_that_read_each_other_are_carried_together():
    def make():
        features, targets, start = data()
        X, (v, w) = (
            mg.data(features, "X"),
            [mg.parameter(k * start.reshape(1, N), name) for k, name in ((1, "v"), (-0.5, "w"))],
        )
        J = mg.bce_with_logits(mg.tanh(v @ X) - w @ X, targets.reshape(1, M)).mean()
        dv, dw = mg.grad(J, [v, w])
        return J, {v: 0.9 * v + 0.1 * w - 0.05 * dv, w: 0.2 * v + 0.8 * w - 0.05 * dw}

    assert_equal(make)
    J, updates = make()
    assert mg.compile(J, updates=updates).report().count("w_times_X") == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda rate, g: rate * g,
        lambda rate, g: -g * rate.reshape((1, 1)),
        lambda rate, g: g / (1 + rate),
        lambda rate, g: 2 * (rate * (g / 3)),
        lambda rate, g: rate * g / (1 + mg.sqrt(mg.square(g).sum())),
    ],
)
def test_a_rate_that_changes(change):
    def make():
        _, _, J, leaves, _ = net()
        rate = mg.data(0.1, "rate")
        updates = {w: w - change(rate, g) for w, g in zip(leaves, mg.grad(J, leaves), strict=True)}
        return J, {**updates, rate: 0.95 * rate}

    assert_equal(make, count=50)


NUMBERS = st.sampled_from([0.0, 1.0, -1.0, 0.5, -0.25])


@given(st.sampled_from(FORMS), st.tuples(*[NUMBERS] * 8), st.booleans())
def test_any_affine_update(form, k, decaying):
    """Sums of multiples of w, of a velocity and of the gradient, by numbers and by a rate that changes or not."""

    def make():
        w, b, J = logistic(form)
        v, rate = mg.data(np.linspace(-0.1, 0.1, N).reshape(w.shape), "v"), mg.data(0.05, "rate")
        g, db = mg.grad(J, [w, b])
        change = k[0] * w + k[1] * v - (k[2] * g + k[3] * (rate * g))
        updates = {w: 0.8 * w - 0.1 * g + 0.1 * change, v: k[4] * (0.5 * v - k[5] * w) + (k[6] or 2) * g / (k[7] + 2 + rate)}
        return J, {**updates, b: b - rate * db, rate: (0.9 if decaying else 1.0) * rate}

    (costs, leaves), (expected, plain) = both(make, 100)
    np.testing.assert_allclose(costs, expected, rtol=1e-9)
    for a, b in zip(leaves, plain, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


def test_a_net():
    assert_equal(lambda: net()[2::2])


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 1e-4)])
def test_the_error_after_2000_steps(dtype, tolerance):
    assert_equal(lambda: net(dtype=dtype, rate=0.01)[2::2], count=2000, tolerance=tolerance)


def test_inputs_of_the_call_are_the_data():
    X, Y, J, leaves, updates = net()
    features, targets, _ = data()
    first = [leaf.value for leaf in leaves]
    other = features[:, ::-1] * 0.5
    program = mg.compile(J, inputs=[X, Y], updates=updates)
    found = program.repeat(50, other, targets.reshape(1, M))
    after = [leaf.value for leaf in leaves]
    for leaf, value in zip(leaves, first, strict=True):
        leaf.value = value
    plain = mg.compile(J, inputs=[X, Y], updates=updates, gram=False)
    assert np.allclose(found, plain.repeat(50, other, targets.reshape(1, M)), rtol=1e-12)
    assert all(np.allclose(leaf.value, value, rtol=1e-10) for leaf, value in zip(leaves, after, strict=True))


def test_features_may_be_computed_from_data():
    def make():
        features, targets, start = data()
        raw, w = mg.data(features * 255, "raw"), mg.parameter(start.reshape(1, N), "w")
        J = mg.bce_with_logits(w @ (raw / 255), targets.reshape(1, M)).mean()
        return J, {w: w - 0.1 * mg.grad(J, w)}

    assert_equal(make)


def test_steps_and_repeats_mix():
    _X, _Y, J, leaves, updates = net()
    program = mg.compile(J, updates=updates)
    _, _, K, others, more = net()
    plain = mg.compile(K, updates=more, gram=False)
    costs = [*program.repeat(60), program(), *program.repeat(60)]
    assert np.allclose(costs, plain.repeat(121), rtol=1e-11)
    for leaf in (leaves[1], others[1]):
        leaf.value = np.ones((4, 1))
    assert np.allclose(program.repeat(60), plain.repeat(60), rtol=1e-11)


def test_an_interrupt_leaves_the_last_whole_step():
    class Bomb(mg.Elementwise):
        fuse = 30

        def forward(self, x):
            self.fuse -= 1
            if self.fuse < 0:
                raise KeyboardInterrupt
            return x * 1.0

        def derivatives(self, y, x):
            return [mg.Identity()]

    def make(bomb):
        w, _b, J = logistic("wᵀX")
        v = mg.data(np.zeros(w.shape), "v")
        dw = mg.grad(J, w)
        return bomb(J), {v: 0.9 * v + dw, w: w - 0.1 * (0.9 * v + dw)}

    J, updates = make(Bomb())
    with pytest.raises(KeyboardInterrupt):
        mg.compile(J, updates=updates).repeat(400)
    K, plain = make(mg.identity)
    mg.compile(K, updates=plain, gram=False).repeat(30)
    for a, b in zip(updates, plain, strict=True):
        assert np.allclose(a.value, b.value, rtol=1e-10)


@pytest.mark.parametrize("features", [lambda X: X, mg.tanh, lambda X: X.T.reshape(N, M) + 1.0])
def test_features_that_are_worked_out_from_arrays_of_the_call(features):
    given, targets, start = data()
    found = []
    for gram in (True, False):
        X, w = mg.data(np.zeros((N, M)), "X"), mg.parameter(start.reshape(1, N), "w")
        J = mg.bce_with_logits(w @ features(X), targets.reshape(1, M)).mean()
        program = mg.compile(J, [X], {w: w - 0.1 * mg.grad(J, w)}, gram=gram)
        assert program.uses_gram(400) is gram
        found.append((program.repeat(400, given), w.value))
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-10, atol=1e-13)


def test_gradients_written_by_hand():
    def make(orient):
        features, targets, start = data()
        X = mg.data(features, "X")
        column = orient == "column"
        w = mg.parameter(start.reshape(N, 1) if column else start, "w")
        Z = w.T @ X if column else w @ X
        Y = mg.data(targets.reshape(Z.shape), "Y")
        dZ = (mg.sigmoid(Z) - Y) / M
        return mg.bce_with_logits(Z, Y).mean(), {w: w - 0.1 * (X @ (dZ.T if column else dZ))}

    for orient in ("column", "vector"):
        assert_equal(lambda orient=orient: make(orient))


@pytest.mark.parametrize("transposed", [False, True])
def test_gradients_of_several_outputs_written_by_hand(transposed):
    def make():
        features, _, start = data()
        X, W = mg.data(features, "X"), mg.parameter(np.outer(start, [1.0, -2.0, 0.5]), "W")
        Z = W.T @ X
        D = 1 - mg.square(mg.tanh(Z))
        return mg.tanh(Z).sum(), {W: W - 0.01 * ((D @ X.T).T if transposed else X @ D.T)}

    assert_equal(make)


def test_the_squared_length_of_the_gradient_needs_no_gradient():
    def program(gram):
        _, _, J, leaves, updates = net()
        slopes = mg.grad(J, leaves)
        outputs = [
            J,
            (slopes[0] * slopes[0]).sum(),
            mg.square(2 * slopes[0]).sum(),
            (leaves[2] * slopes[2]).sum(),
            (slopes[2] * slopes[2]).sum(),
        ]
        return mg.compile(outputs, updates=updates, gram=gram)

    fast, plain = program(True), program(False)
    assert fast.uses_gram(300) and not re.search(rf"empty\(.*\b{N}\b", fast.source_for(300))
    for a, b in zip(fast.repeat(300), plain.repeat(300), strict=True):
        assert np.allclose(a, b, rtol=1e-9)


def test_the_squared_length_of_a_gradient_without_a_factor():
    found = []
    for gram in (True, False):
        features, targets, start = data()
        w = mg.parameter(start.reshape(1, N), "w")
        J = mg.bce_with_logits(w @ (0.1 * features), targets.reshape(1, M)).sum()
        g = mg.grad(J, w)
        found.append(mg.compile([J, (g * g).sum()], updates={w: w - g}, gram=gram).repeat(100)[1])
    np.testing.assert_allclose(*found, rtol=1e-9)
