"""When a gradient of 0 is right: at a perfect fit, and at a minimum."""

import numpy as np
import pytest

import minigraph as mg

X = np.random.default_rng(5).normal(size=(5, 40))


def kinds(report):
    return sorted({finding.kind for finding in report.findings})


# A perfect fit


def fitted(loss, target=None):
    """A net of one hidden layer whose predictions are its targets, but for ``rounding`` of them."""
    rng = np.random.default_rng(4)
    W1, W2 = mg.parameter(rng.normal(size=(4, 5)), "W1"), mg.parameter(rng.normal(size=(1, 4)), "W2")
    A = (W2 @ mg.tanh((W1 @ X).named("Z1")).named("A1")).named("Z2")
    return loss(A, A.value if target is None else target(A.value))


LOSSES = {
    "squared_error": lambda A, Y: mg.squared_error(A, Y).mean(),
    "by hand": lambda A, Y: ((A - Y) ** 2).mean(),
    "a product": lambda A, Y: mg.sum((A - Y) * (A - Y)) / 40,
    "a square": lambda A, Y: mg.square(Y - A).sum(),
    "bce": lambda A, Y: mg.bce(mg.sigmoid(A), mg.sigmoid(Y).value).mean(),
    "logits": lambda A, Y: mg.bce_with_logits(A, mg.sigmoid(Y).value).mean(),
    "with a penalty": lambda A, Y: mg.squared_error(A, Y).mean() + 0.1 * mg.sum(A.inputs[0] ** 2),
}


@pytest.mark.parametrize("rounding", [0.0, 1e-16, -3e-16])
@pytest.mark.parametrize("loss", LOSSES)
def test_a_perfect_fit_is_nothing_wrong(loss, rounding):
    J = fitted(LOSSES[loss], lambda A: A * (1 + rounding))
    report = mg.health(J, rate=0.1)
    assert report.ok and report.fits
    assert "The gradient is 0: every prediction is its target, and nothing is left to learn." in str(report)
    near = mg.health(fitted(LOSSES[loss], lambda A: A + 1e-3), rate=0.1)
    assert not near.fits and "nothing is left" not in str(near)


def test_what_is_0_for_another_reason_is_no_fit():
    x = mg.data(X, "X")
    dead = mg.squared_error(mg.relu(mg.parameter([[-1.0, 0, 0, 0, 0]], "w") @ mg.abs(x)), np.ones((1, 40))).mean()
    zero = mg.squared_error((mg.parameter(np.zeros((1, 5)), "w") @ x) ** 2, np.ones((1, 40))).mean()
    flat = mg.squared_error(mg.tanh(1000 + mg.parameter(np.ones((1, 5)), "w") @ x), np.zeros((1, 40))).mean()
    sure = mg.bce(mg.sigmoid(1000 + mg.parameter(np.ones((1, 5)), "w") @ x), np.zeros((1, 40))).mean()
    for J in (dead, zero, flat, sure):
        report = mg.health(J)
        assert "no gradient" in kinds(report) and not report.fits


def test_dead_units_are_told_at_a_perfect_fit_too():
    w, u = mg.parameter([[-1.0], [1.0]], "w"), mg.parameter([[1.0, 1.0]], "u")
    A = u @ mg.relu(w @ np.array([[1.0, 2.0, 3.0]]))
    report = mg.health(mg.squared_error(A, A.value).mean())
    assert report.fits and kinds(report) == ["dead"]


def test_a_perfect_fit_under_a_numpy_that_raises():
    with np.errstate(all="raise"):
        assert mg.health(fitted(LOSSES["by hand"]), rate=0.1).fits


# At a minimum


def trained(cost, rate, steps):
    """A linear model on noisy targets, after some steps."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(3, 100))
    targets = np.array([[1.0, -2.0, 0.5]]) @ inputs + rng.normal(size=(1, 100))
    W, b = mg.parameter(np.full((1, 3), 0.01), "W"), mg.parameter(np.zeros((1, 1)), "b")
    Z = (W @ mg.data(inputs, "X") + b).named("Z")
    J = cost(Z, targets).mean().named("J")
    mg.compile([J], updates={p: p - rate * mg.grad(J, p) for p in (W, b)}).repeat(steps)
    return J


COSTS = {
    "regression": (lambda Z, Y: mg.square(Z - Y), 200),
    "classification": (lambda Z, Y: mg.bce_with_logits(Z, (Y > 0) * 1.0), 3000),
}


@pytest.mark.parametrize("name", COSTS)
def test_small_steps_at_a_minimum_are_nothing_wrong(name):
    cost, steps = COSTS[name]
    report = mg.health(trained(cost, 0.5 if steps > 200 else 0.1, steps), rate=0.1)
    assert report.ok and report.layers[0].settled and report.layers[0].update < 1e-6
    said = "In Z the terms of the gradient cancel: these weights are at a minimum, or nearly. "
    assert f"{said}Steps are small there with any rate." in str(report)


@pytest.mark.parametrize("name", COSTS)
@pytest.mark.parametrize("steps", [0, 10])
def test_small_steps_on_the_way_are_told(name, steps):
    report = mg.health(trained(COSTS[name][0], 0.1, steps), rate=1e-9)
    assert kinds(report) == ["small step"] and not report.layers[0].settled
    assert "minimum" not in str(report) and "Raise the learning rate." in str(report)
