import sys
from contextlib import nullcontext
from itertools import pairwise

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.pulling import ancestors

RNG = np.random.default_rng(5)
X = RNG.normal(size=(5, 40))
Y = (X[:1] * X[1:2] > 0) * 1.0


def deep(activation, scale, layers=5, grouped=True, loss="logits"):
    """A net of 5-6-…-6-1 units with an activation, and weights of a size."""
    rng = np.random.default_rng(1)
    A, sizes = mg.data(X, "X"), [5, *[6] * layers, 1]
    for i, (below, above) in enumerate(pairwise(sizes), start=1):
        W = mg.parameter(rng.normal(size=(above, below)) * scale, f"W{i}")
        b = mg.parameter(np.zeros((above, 1)), f"b{i}")
        with mg.group(f"Layer {i}") if grouped else nullcontext():
            Z = (W @ A + b).named(f"Z{i}")
            A = activation(Z).named(f"A{i}") if i <= layers else Z
    if loss == "probabilities":
        return mg.bce(mg.sigmoid(A).named("A"), mg.data(Y, "Y")).mean().named("J")
    return mg.bce_with_logits(A, mg.data(Y, "Y")).mean().named("J")


def kinds(report):
    return sorted({finding.kind for finding in report.findings})


def leaf(J, name):
    return next(x for x in ancestors([J]) if x.name == name)


def test_a_sound_net():
    report = mg.health(deep(mg.tanh, 0.5), rate=0.1)
    assert report.ok and report.findings == ()
    assert [layer.title for layer in report.layers] == [f"Layer {i}" for i in range(1, 7)]
    assert "Nothing wrong was found. Not looked at: constant and doubled features and the like (give data=True); " in str(
        report
    )
    assert repr(report) == str(report)


def test_the_numbers_of_a_layer():
    J = deep(mg.tanh, 0.5, layers=1)
    backward_pass = J.backward()
    first, last = mg.health(backward_pass, rate=0.2).layers
    gradients = {node.name: gradient.value for node, gradient in backward_pass.gradients.items()}
    assert first.gradient == pytest.approx(np.hypot(np.linalg.norm(gradients["W1"]), np.linalg.norm(gradients["b1"])))
    assert first.signal == pytest.approx(np.linalg.norm(gradients["Z1"]))
    assert first.ratio == pytest.approx(np.linalg.norm(gradients["Z1"]) / np.linalg.norm(gradients["Z2"]))
    assert first.update == pytest.approx(0.2 * np.linalg.norm(gradients["W1"]) / np.linalg.norm(leaf(J, "W1").value))
    assert last.ratio is None and last.units is None and first.units.count == 6


def test_vanishing_gradients():
    report = mg.health(deep(mg.sigmoid, 0.1), rate=0.1)
    assert kinds(report) == ["vanishing"]
    assert "the gradient goes from" in report.findings[0].evidence
    assert "! vanishing in Layer 1: " in str(report)


def test_exploding_gradients():
    assert "exploding" in kinds(mg.health(deep(mg.relu, 20.0)))


def test_saturated_units_of_any_activation():
    class Own(mg.Elementwise):
        def forward(self, z):
            return np.tanh(z)

        def derivatives(self, a, z):
            return [mg.Scale(1 - a * a)]

    for activation in (mg.tanh, Own()):
        report = mg.health(deep(activation, 30.0, layers=1))
        assert kinds(report) == ["saturated"]
        assert report.layers[0].units.saturated > 0.9


def test_dead_units_are_told_from_saturated_ones():
    J = deep(mg.relu, 0.5, layers=2)
    leaf(J, "b1").value = [[0.0], [-100.0], [0.0], [0.0], [0.0], [-100.0]]
    report = mg.health(J)
    assert kinds(report) == ["dead"]
    assert report.layers[0].units.dead == (1, 5)
    assert report.layers[0].units.saturated == 0
    assert "2 of 6 units (rows 1, 5) of A1 are off for all 40 examples" in str(report)
    leaf(J, "b1").value = np.full((6, 1), -100.0)
    report = mg.health(J)
    assert "all 6 units of A1 are off for all 40 examples" in str(report)
    assert "no gradient" in kinds(report)


def test_one_unit_and_many_dead_units():
    x, w = mg.data(np.ones((1, 3)), "x"), mg.parameter([[-1.0]], "w")
    u = mg.parameter([[1.0]], "u")
    J = (u @ mg.relu(w @ x)).mean()
    assert "the only unit of ReLU(w x) is off for all 3 examples" in str(mg.health(J))
    w = mg.parameter(np.linspace(-2, -1, 9)[:, None], "w")
    w.value = np.where(np.arange(9)[:, None] == 8, 1.0, w.value)
    u = mg.parameter(np.ones((1, 9)), "u")
    assert "8 of 9 units (rows 0, 1, 2, 3, 4, 5, …)" in str(mg.health((u @ mg.relu(w @ x)).mean()))


def test_a_single_example_is_no_evidence_for_death():
    w = mg.parameter([[-1.0], [1.0]], "w")
    J = (mg.parameter([[1.0, 1.0]], "u") @ mg.relu(w @ mg.data([[1.0]], "x"))).mean()
    assert mg.health(J).layers[0].units.dead == ()


def test_zero_initialisation_is_symmetric():
    report = mg.health(deep(mg.sigmoid, 0.0, layers=2), rate=0.1)
    assert kinds(report) == ["no gradient", "symmetric"]
    assert "all rows of W1 are equal" in str(report)
    assert "  The same in Layer 2." in str(report)
    J = deep(mg.tanh, 0.5, layers=1)
    W1, W2 = leaf(J, "W1"), leaf(J, "W2")
    W1.value = np.vstack([W1.value[:1], W1.value[:1], W1.value[2:]])
    W2.value = np.hstack([W2.value[:, :1], W2.value[:, :1], W2.value[:, 2:]])
    report = mg.health(J)
    assert kinds(report) == ["symmetric"]
    assert "the rows 0, 1 of W1 are equal" in str(report)


def test_equal_weights_of_features_are_no_symmetry():
    w = mg.parameter(np.zeros((5, 1)), "w")
    J = mg.bce_with_logits(w.T @ mg.data(X, "X"), mg.data(Y, "Y")).mean()
    assert kinds(mg.health(J)) == []


def test_steps_too_large_and_too_small():
    J = deep(mg.tanh, 0.5)
    assert kinds(mg.health(J, rate=1e3)) == ["large step"]
    assert "changes the weights by" in str(mg.health(J, rate=1e3))
    assert kinds(mg.health(J, rate=1e-9)) == ["small step"]


def test_the_first_value_that_is_not_finite():
    J = deep(mg.tanh, 0.5, layers=1)
    value = leaf(J, "W2").value.copy()
    value[0, 3] = np.nan
    leaf(J, "W2").value = value
    (found,) = mg.health(J).findings
    assert found.kind == "non-finite" and found.where == "W2"
    assert "'W2' is (1, 6): its value is nan at entry (0, 3)" in found.evidence


def test_a_gradient_that_is_not_finite_though_the_values_are():
    x = mg.parameter([0.0, 4.0], "x")
    report = mg.health(mg.sqrt(x).sum().named("J"))
    (found,) = report.findings
    assert "'x' is (2,); its gradient is ∞ at [0], the first in the pass that is not finite" in found.evidence
    x = mg.parameter(0.0, "x")
    assert "its gradient is ∞, the first" in str(mg.health(mg.sqrt(x).named("J")))


def test_layers_without_groups_begin_at_matrices():
    report = mg.health(deep(mg.tanh, 0.5, layers=2, grouped=False))
    assert [layer.title for layer in report.layers] == ["Z1", "Z2", "Z3"]
    w = mg.parameter(2.0, "w")
    assert [layer.title for layer in mg.health((w * 3).named("J")).layers] == ["J"]
    assert [layer.title for layer in mg.health(w * 3).layers] == ["output"]


def test_a_group_that_ends_before_the_parameters_do():
    w, v = mg.parameter([[1.0]], "w"), mg.parameter([[2.0]], "v")
    with mg.group("Layer 1"):
        z = w @ mg.data([[1.0, 2.0]], "x")
    titles = [layer.title for layer in mg.health((v @ z).mean()).layers]
    assert titles == ["Layer 1", "outside of groups"]


def test_certain_outputs_are_not_called_saturated():
    J = deep(mg.tanh, 5.0, layers=0, loss="probabilities", grouped=False)
    report = mg.health(J)
    assert report.layers[0].units.is_output
    assert kinds(report) == []


def test_the_plot():
    pytest.importorskip("matplotlib", reason="the plot is drawn by Matplotlib, of the extra plots")
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    report = mg.health(deep(mg.tanh, 0.5, layers=1))
    axes = report.plot()
    assert [label.get_text() for label in axes.get_xticklabels()] == ["Layer 1", "Layer 2"]
    assert [bar.get_height() for bar in axes.patches][:2] == [layer.gradient for layer in report.layers]
    assert report.plot(axes) is axes
    plt.close("all")


def test_without_matplotlib_the_plot_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match="minigraph\\[plots\\]"):
        mg.health(deep(mg.tanh, 0.5, layers=1)).plot()


def test_what_is_refused():
    with pytest.raises(ValueError, match=r"health: .* depends on no parameter"):
        mg.health(mg.data(1.0) * 2)


def test_a_lone_parameter_has_no_layers():
    report = mg.health(mg.parameter(1.0, "w"))
    assert report.layers == () and report.ok


# Weights in any form


LARGE = 1000 * np.random.default_rng(0).normal(size=(2, 50))
LABELS = (np.random.default_rng(1).random((1, 50)) < 0.5) * 1.0
FORMS = {
    "W @ X": ((1, 2), lambda W: W @ LARGE),
    "w.T @ X": ((2, 1), lambda w: w.T @ LARGE),
    "transpose(w) @ X": ((2, 1), lambda w: mg.transpose(w) @ LARGE),
    "w @ X of a vector": ((2,), lambda w: (w @ LARGE).reshape((1, 50))),
    "reshaped": ((2,), lambda w: w.reshape((1, 2)) @ LARGE),
    "reshaped and turned": ((1, 2), lambda w: w.reshape((2, 1)).T @ LARGE),
    "named on the way": ((2, 1), lambda w: w.T.named("wT") @ LARGE),
    "a part of θ": ((3,), lambda t: t[1:].reshape((1, 2)) @ LARGE + t[0]),
    "joined": ((1, 1), lambda w: mg.concatenate([w, w], axis=1) @ LARGE),
    "repeated": ((1, 1), lambda w: mg.broadcast_to(w, (1, 2)) @ LARGE),
    "scaled by a number": ((2, 1), lambda w: (w / 10).T @ LARGE),
    "turned over twice": ((2, 1), lambda w: (-w).T @ -LARGE),
    "Xᵀ w": ((2, 1), lambda w: (LARGE.T @ w).T),
    "entry by entry": ((2, 1), lambda w: (w * LARGE).sum(axis=0, keepdims=True)),
    "neuron by neuron": ((2,), lambda w: mg.sum(w[0] * LARGE[0] + w[1] * LARGE[1], axis=None) * np.ones((1, 50)) / 50),
}


def regression(form, start=0.01):
    shape, forward = FORMS[form]
    w = mg.parameter(np.full(shape, start), "w")
    return w, mg.bce_with_logits(forward(w), LABELS).mean().named("J")


@pytest.mark.parametrize("form", FORMS)
def test_the_size_of_a_step_is_seen_in_every_form_of_the_weights(form):
    w, J = regression(form)
    report = mg.health(J, rate=10)
    assert "large step" in kinds(report) and set(kinds(report)) <= {"large step", "unscaled"} and len(report.layers) == 1
    expected = 10 * np.linalg.norm(mg.grad(J, w).value) / np.linalg.norm(w.value)
    assert report.layers[0].update == pytest.approx(expected)
    assert report.layers[0].gradient == pytest.approx(expected * np.linalg.norm(w.value) / 10)
    assert not mg.health(J, rate=1e-9).layers[0].update > 1e-2


@pytest.mark.parametrize("form", FORMS)
def test_steps_from_weights_of_0_are_tried(form):
    _, J = regression(form, start=0.0)
    found = mg.health(J, rate=10)
    assert "large step" in kinds(found) and set(kinds(found)) <= {"large step", "unscaled"}
    assert found.layers[0].update is None
    assert "with the rate 10 J rises from 0.693 to " in str(found)
    assert "large step" not in [*kinds(mg.health(J, rate=1e-7)), *kinds(mg.health(J))]


def test_layers_of_turned_weights_are_those_of_weights():
    rng = np.random.default_rng(0)
    W1, W2 = rng.normal(size=(6, 5)), rng.normal(size=(1, 6))

    def net(turned):
        V1, V2 = (mg.parameter(W.T if turned else W, f"W{i}") for i, W in enumerate((W1, W2), 1))
        b1 = mg.parameter(np.zeros((6, 1)), "b1")
        Z1 = ((V1.T if turned else V1) @ mg.data(X, "X") + b1).named("Z1")
        Z2 = ((V2.T if turned else V2) @ mg.tanh(Z1).named("A1")).named("Z2")
        return mg.bce_with_logits(Z2, Y).mean().named("J")

    assert str(mg.health(net(True), rate=0.1)) == str(mg.health(net(False), rate=0.1))
    assert [layer.title for layer in mg.health(net(True)).layers] == ["Z1", "Z2"]


def test_units_that_are_alike_are_seen_through_a_transpose():
    w, u = mg.parameter(np.zeros((5, 3)), "w"), mg.parameter(np.ones((3, 1)), "u")
    report = mg.health(mg.bce_with_logits(u.T @ mg.tanh(w.T @ mg.data(X, "X")), Y).mean())
    assert "symmetric" in kinds(report) and "all rows of wᵀ are equal" in str(report)


# Any size, any loss


@pytest.mark.parametrize("size", [1e-200, 1e200])
def test_numbers_of_any_size_under_a_numpy_that_raises(size):
    w, J = regression("w.T @ X")
    scaled = J * size
    with np.errstate(all="raise"):
        report = mg.health(scaled, rate=1 / size)
        assert report.layers[0].gradient == pytest.approx(size * np.linalg.norm(mg.grad(J, w).value))
        assert kinds(report) == ["large step", "unscaled"]
        mg.health(deep(mg.relu, 1e100), rate=1.0)


def test_a_hinge_that_is_satisfied_is_no_dead_unit():
    w = mg.parameter([[1.0, 0.0, 0.0, 0.0, 0.0]], "w")
    labels = np.sign(X[:1])
    report = mg.health(mg.relu(1 - labels * (100 * (w @ X))).mean())
    assert "dead" not in kinds(report) and report.layers[0].units is None


def test_an_output_that_is_certain_is_not_saturated_whoever_wrote_the_loss():
    rng = np.random.default_rng(2)
    A = mg.sigmoid(50 * (mg.parameter(rng.normal(size=(1, 5)), "w") @ X)).named("A")
    right = (A.value > 0.5) * 1.0
    for J in (((A - right) ** 2).mean(), mg.squared_error(A, right).mean()):
        report = mg.health(J)
        assert report.layers[0].units.name == "A" and report.layers[0].units.is_output
        assert kinds(report) == []


@pytest.mark.parametrize("rate", ["a", np.nan, np.inf, True, np.ones(2)])
def test_a_rate_is_a_number(rate):
    with pytest.raises(TypeError, match=r"^health: the rate is a finite real number, not"):
        mg.health(deep(mg.tanh, 0.5, layers=1), rate=rate)


@pytest.mark.parametrize("rate", [0, -1.0])
def test_a_rate_is_positive(rate):
    with pytest.raises(ValueError, match=r"^health: the rate is a positive number, not"):
        mg.health(deep(mg.tanh, 0.5, layers=1), rate=rate)


def test_an_infinity_that_ends_in_finite_numbers_does_no_harm() -> None:
    """A causal mask: −∞ where softmax shall not look."""
    W, X = mg.parameter([[0.5, -0.2], [0.1, 0.3]], "W"), mg.data([[1.0, 2.0, 0.5], [0.0, -1.0, 1.0]], "X")
    mask = np.where(np.tri(3) > 0, 0.0, -np.inf).T
    J = (mg.softmax(X.T @ W @ X + mask) ** 2).mean()
    assert not [found for found in mg.health(J).findings if found.kind == "non-finite"]
    with np.errstate(all="ignore"):
        [broken] = [found for found in mg.health(J + mg.log(0.0 * W.sum())).findings if found.kind == "non-finite"]
    assert "log gave -inf" in broken.evidence
