"""Slips that people make in a backward pass, each written by hand in NumPy, and what `compare` calls it."""

from types import SimpleNamespace

import numpy as np
import pytest

import minigraph as mg
from tests.explanation.nets_by_hand import HIDDEN, M, deep, sigmoid, softmax


def named(net, node, mine, *words):
    """Whether one of the diagnoses has all the words; it is not right, and says so."""
    found = mg.compare(net.n.J, getattr(net.n, node), mine)
    assert not found.ok
    assert any(all(word in diagnosis for word in words) for diagnosis in found.diagnoses), str(found)
    return found.diagnoses


# The derivative of the activation


def through_layer_1(net, slope):
    dZ1 = net.dA1 * slope
    return {
        "Z1": dZ1 / M,
        "W1": dZ1 @ net.X.T / M,
        "b1": dZ1.sum(axis=1, keepdims=True) / M,
        "X": net.W1.T @ dZ1 / M,
    }


SLOPES = [
    ("tanh", lambda n: 1 - n.A1, "1 − A1 stands where ∂A1/∂Z1 = 1 − A1² belongs"),
    ("tanh", lambda n: n.A1, "A1 stands where ∂A1/∂Z1 = 1 − A1² belongs"),
    ("tanh", lambda n: 1 - n.Z1**2, "1 − Z1² stands where ∂A1/∂Z1"),
    ("tanh", lambda n: 1 - np.tanh(n.A1) ** 2, "g′ was taken at A1 and not at Z1"),
    ("tanh", lambda n: n.A1 * (1 - n.A1), "A1(1 − A1) stands where ∂A1/∂Z1"),
    ("tanh", lambda n: sigmoid(n.Z1) * (1 - sigmoid(n.Z1)), "the derivative of sigmoid at Z1 stands where ∂A1/∂Z1"),
    ("tanh", lambda n: n.Z1 > 0, "the derivative of relu at Z1 stands where ∂A1/∂Z1"),
    ("tanh", lambda n: 1, "the factor ∂A1/∂Z1 = 1 − A1² was forgotten"),
    ("tanh", lambda n: (1 - n.A1**2) ** 2, "the factor ∂A1/∂Z1 = 1 − A1² was put in twice"),
    ("tanh", lambda n: 1 - n.A2**2, "1 − A2² stands where ∂A1/∂Z1"),
    ("sigmoid", lambda n: 1 - n.A1, "1 − A1 stands where ∂A1/∂Z1 = A1 ⊙ (1 − A1) belongs"),
    ("sigmoid", lambda n: 1 - n.A1**2, "1 − A1² stands where ∂A1/∂Z1"),
    ("sigmoid", lambda n: n.Z1 * (1 - n.Z1), "Z1(1 − Z1) stands where ∂A1/∂Z1"),
    ("sigmoid", lambda n: n.A1, "A1 stands where ∂A1/∂Z1"),
    ("sigmoid", lambda n: sigmoid(n.A1) * (1 - sigmoid(n.A1)), "g′ was taken at A1 and not at Z1"),
    ("sigmoid", lambda n: 1 - np.tanh(n.Z1) ** 2, "the derivative of tanh at Z1 stands where ∂A1/∂Z1"),
    ("relu", lambda n: n.A1, "A1 stands where ∂A1/∂Z1 = [Z1 > 0] belongs"),
    ("relu", lambda n: 1, "the factor ∂A1/∂Z1 = [Z1 > 0] was forgotten"),
    ("relu", lambda n: 1 - n.A1**2, "1 − A1² stands where ∂A1/∂Z1"),
    ("relu", lambda n: np.where(n.Z1 > 0, 1, 0.01), "the derivative of leaky_relu at Z1 stands where ∂A1/∂Z1"),
    ("relu", lambda n: n.Z1 < 0, "[Z1 < 0] stands where ∂A1/∂Z1"),
    ("relu", lambda n: n.dA1 > 0, "a mask of the gradient's own sign stands where ∂A1/∂Z1"),
]


@pytest.mark.parametrize("node", ["Z1", "W1", "b1", "X"])
@pytest.mark.parametrize("hidden, slope, words", SLOPES)
def test_a_wrong_derivative_of_an_activation(node, hidden, slope, words):
    net = deep(hidden)
    named(net, node, through_layer_1(net, slope(net))[node], words)


@pytest.mark.parametrize("kind", ["Z", "W", "b"])
@pytest.mark.parametrize("layer", [1, 2])
def test_the_convention_of_relu_at_0(layer, kind):
    net = deep("relu")
    n, before = net.n, net.n.X if layer == 1 else net.n.A1
    W, b, Z, A = (getattr(n, f"{letter}{layer}") for letter in "WbZA")
    W.value = W.value * (np.arange(4) > 0)[:, None]
    b.value = np.array([[0.0], [0.1], [-0.1], [0.2]])
    assert not Z.value[0].any()
    dZ = mg.grad(n.J, A).value * (Z.value >= 0)
    mine = {"Z": dZ, "W": dZ @ before.value.T, "b": dZ.sum(1, keepdims=True)}[kind]
    words = f"where Z{layer} is 0 the derivative 1 was taken, and J takes 0: for 1 say at_zero=1"
    named(net, f"{kind}{layer}", mine, words)


def test_the_convention_of_relu_at_0_changes_nothing_above_it():
    net = deep("relu")
    net.n.W1.value, net.n.b1.value = net.W1 * (np.arange(4) > 0)[:, None], np.zeros((4, 1))
    Z2, A1 = mg.grad(net.n.J, net.n.Z2).value, np.maximum(net.n.Z1.value, 0)
    assert mg.compare(net.n.J, net.n.W2, Z2 @ A1.T).ok


MORE_SLOPES = [
    ("tanh", lambda n: 1 + n.A1**2, "1 + A1² stands where ∂A1/∂Z1 = 1 − A1² belongs"),
    ("tanh", lambda n: 1 - 2 * n.A1, "1 − 2A1 stands where ∂A1/∂Z1 = 1 − A1² belongs"),
    ("sigmoid", lambda n: n.A1 * (1 + n.A1), "A1(1 + A1) stands where ∂A1/∂Z1"),
    ("sigmoid", lambda n: 1 - 2 * n.A1, "1 − 2A1 stands where ∂A1/∂Z1"),
]


@pytest.mark.parametrize("node", ["Z1", "W1", "b1"])
@pytest.mark.parametrize("hidden, slope, words", MORE_SLOPES)
def test_a_slip_of_the_pen_in_a_derivative(node, hidden, slope, words):
    net = deep(hidden)
    (found,) = named(net, node, through_layer_1(net, slope(net))[node], words)
    assert found.startswith(words)


# What is multiplied


@pytest.mark.parametrize(
    "node, mine, words",
    [
        ("W2", lambda n: n.dZ2 @ n.Z1.T / M, "Z1 stands where A1 belongs"),
        ("W3", lambda n: n.dZ3 @ n.Z2.T / M, "Z2 stands where A2 belongs"),
        ("W3", lambda n: n.dZ3 @ n.A1.T / M, "A1 stands where A2 belongs"),
        ("W2", lambda n: n.dZ2 @ n.A2.T / M, "A2 stands where A1 belongs"),
        ("W1", lambda n: n.dZ1 @ n.A1.T / M, "A1 stands where X belongs"),
        ("W2", lambda n: n.dZ2 @ n.X.T / M, "X stands where A1 belongs"),
        ("W1", lambda n: n.dA1 @ n.X.T / M, "∂A1/∂Z1 = 1 − A1² was forgotten"),
        ("W1", lambda n: n.dZ2 @ n.X.T / M, "∂J/∂Z2 stands where ∂J/∂Z1 belongs"),
        ("W1", lambda n: (n.W2 @ n.dZ2 * (1 - n.A1**2)) @ n.X.T / M, "W2 stands without its transpose"),
        ("A1", lambda n: n.W2 @ n.dZ2 / M, "W2 stands without its transpose"),
        ("A1", lambda n: n.dZ2 / M, "it is the gradient of another node, Z2"),
        ("A2", lambda n: np.ones((4, 1)) * n.dZ3 / M, "the factor W3 was forgotten"),
        ("A1", lambda n: (n.dZ2 @ n.A1.T / M).T @ n.dZ2 / M, "∂J/∂W2 stands where W2 belongs"),
        ("Z2", lambda n: n.dZ3 * (1 - n.A2**2) / M, "the factor W3 was forgotten"),
        ("W3", lambda n: n.dZ3 * n.A2, "the product with A2 was taken entry by entry"),
    ],
)
def test_another_array_in_a_product(node, mine, words):
    net = deep()
    named(net, node, mine(net), words)


@pytest.mark.parametrize("hidden", HIDDEN)
def test_weights_that_were_updated_too_early(hidden):
    net = deep(hidden)
    W2 = net.W2 - 0.3 * net.dZ2 @ net.A1.T / M
    dA1 = W2.T @ net.dZ2 / M
    named(net, "A1", dA1, "W2 had been updated before it was used: less 0.3 times its gradient")
    named(net, "W1", dA1 * HIDDEN[hidden][1](net.Z1) @ net.X.T, "W2 had been updated before it was used")


def test_a_multiple_of_the_right_gradient_is_not_named_by_chance():
    """With one weight above, a step that came too early gives some multiple of the right gradient: any would fit."""
    X, Y = mg.data([[0.3, -1.2, 0.7], [1.0, 0.5, -0.4]], "X"), mg.data([[1.0, 0.0, 1.0]], "Y")
    W1, W2 = mg.parameter([[0.4, -0.3]], "W1"), mg.parameter([[0.9]], "W2")
    J = mg.bce(mg.sigmoid(W2 @ mg.tanh(W1 @ X)), Y).mean().named("J")
    for factor in (0.8137, 1.37131, -0.2917):
        assert "so I can't name what is wrong" in str(mg.compare(J, W1, factor * mg.grad(J, W1).value))


# The sum for db


@pytest.mark.parametrize(
    "mine, words",
    [
        (lambda dZ: dZ, ("the sum is missing: b2 (4, 1) was broadcast to (4, 6)",)),
        (lambda dZ: dZ.sum(axis=0, keepdims=True), ("the sum was taken over axis 0, where axis 1 belongs",)),
        (lambda dZ: dZ.sum(axis=0), ("the sum was taken over axis 0, where axis 1 belongs",)),
        (lambda dZ: dZ.sum(), ("all entries were summed",)),
        (lambda dZ: dZ.sum(keepdims=True), ("all entries were summed",)),
        (lambda dZ: dZ.sum(axis=1), ("axis 1 was lost: sum with keepdims=True",)),
        (lambda dZ: dZ.sum(axis=1)[None], ("it is transposed",)),
        (lambda dZ: dZ.mean(axis=1, keepdims=True), ("the mean was taken where the sum belongs",)),
        (lambda dZ: -dZ.sum(axis=1), ("axis 1 was lost", "the sign is wrong")),
        (lambda dZ: M * dZ.sum(axis=0), ("axis 0", "it is 6 times the right one")),
    ],
)
def test_the_sum_for_db(mine, words):
    net = deep()
    named(net, "b2", mine(net.dZ2 / M), *words)


def test_the_sum_of_another_gradient():
    net = deep()
    named(net, "b1", net.dA1.sum(axis=1, keepdims=True) / M, "∂A1/∂Z1 = 1 − A1² was forgotten")
    named(net, "b1", net.dA1.sum(axis=1) / M, "axis 1 was lost", "∂A1/∂Z1 = 1 − A1² was forgotten")
    named(net, "b1", net.dA1.sum() / M, "∂A1/∂Z1 = 1 − A1² was forgotten", "all entries were summed")


def test_one_number_for_a_matrix_of_one_entry():
    net = deep()
    named(net, "b3", net.dZ3.mean(), "it is one number: sum with keepdims=True, so that the shape stays (1, 1)")
    assert len(named(net, "b3", net.dZ3.sum(), "it is one number", "it is 6 times the right one")) == 1
    named(net, "b3", net.dZ3.mean(axis=1), "was lost: sum with keepdims=True")


# The error A − Y


def from_error(net, dZ3):
    dZ2 = net.W3.T @ dZ3 * HIDDEN[net.hidden][1](net.Z2)
    dZ1 = net.W2.T @ dZ2 * HIDDEN[net.hidden][1](net.Z1)
    return {
        "Z3": dZ3 / M,
        "W3": dZ3 @ net.A2.T / M,
        "W1": dZ1 @ net.X.T / M,
        "b2": dZ2.sum(axis=1, keepdims=True) / M,
    }


ERRORS = [
    (lambda n: n.A3, "Y was forgotten: {A} stands where {A} − Y belongs"),
    (lambda n: (n.A3 - n.Y) * n.A3 * (1 - n.A3), "the derivative {A}(1 − {A}) was put in once more: {A} − Y has it already"),
    (lambda n: n.Z3 - n.Y, "Z3 − Y stands where {A} − Y belongs"),
    (lambda n: (n.A3 > 0.5) - n.Y, "the predicted classes [{A} > 0.5] − Y stand where {A} − Y belongs"),
    (lambda n: n.A3 + n.Y, "the plus of {A} + Y stands where {A} − Y belongs"),
    (lambda n: n.A3 - (1 - n.Y), "{A} − (1 − Y) stands where {A} − Y belongs"),
]


@pytest.mark.parametrize("node", ["Z3", "W3", "W1", "b2"])
@pytest.mark.parametrize("error, words", ERRORS)
@pytest.mark.parametrize("kind", ["sigmoid", "logits", "softmax"])
def test_something_else_than_A_minus_Y(kind, error, words, node):
    net = deep(outputs=5 if kind == "softmax" else 1, logits=kind == "logits")
    A = {"sigmoid": "A3", "logits": "σ(Z3)", "softmax": "softmax(Z3)"}[kind]
    mine = from_error(net, error(net))[node]
    if kind == "sigmoid" and "once more" in words:
        words = "the factor ∂A3/∂Z3 = A3 ⊙ (1 − A3) was put in twice"
    named(net, node, mine, words.format(A=A))


@pytest.mark.parametrize("node", ["Z3", "W3", "W1"])
def test_softmax_over_the_wrong_axis(node):
    net = deep(outputs=5)
    mine = from_error(net, softmax(net.Z3, axis=1) - net.Y)[node]
    named(net, node, mine, "softmax was taken over the wrong axis in softmax(Z3) − Y")
    named(net, node, M * mine, "softmax was taken over the wrong axis", "it is 6 times the right one")


LEFT_OUT = [
    (lambda m: [m - 1], "only the last example counts, as if a loop over them had = where += belongs"),
    (lambda m: [0], "only the first example counts"),
    (lambda m: range(m - 1), "the last example was left out, as by range(m - 1)"),
    (lambda m: range(1, m), "the first example was left out, as by range(1, m)"),
]


@pytest.mark.parametrize("node", ["Z3", "W3", "W1", "b2"])
@pytest.mark.parametrize("kept, words", LEFT_OUT)
@pytest.mark.parametrize("outputs", [1, 5])
def test_a_loop_that_leaves_examples_out(outputs, kept, words, node):
    net = deep(outputs=outputs)
    dZ3 = net.dZ3 * np.isin(np.arange(M), kept(M))
    named(net, node, from_error(net, dZ3)[node], words)
    if node == "W3":
        named(net, node, M * from_error(net, dZ3)[node], words, "it is 6 times the right one")


@pytest.mark.parametrize("node", ["Z3", "W3", "b2"])
def test_the_absolute_error(node):
    net = deep(logits=True)
    named(net, node, from_error(net, np.abs(net.dZ3))[node], "the absolute error |σ(Z3) − Y| stands where σ(Z3) − Y belongs")


@pytest.mark.parametrize("node", ["Z3", "W3", "W1"])
@pytest.mark.parametrize(
    "wrong, words",
    [
        (lambda Z: np.exp(Z), "exp(Z3) − Y, which is not divided by its sum, stands where softmax(Z3) − Y belongs"),
        (lambda Z: np.exp(Z) / np.exp(Z).sum(), "softmax over all entries of Z3 at once, less Y, stands where"),
        (lambda Z: np.log(softmax(Z)), "log softmax(Z3) − Y stands where"),
        (lambda Z: np.eye(5)[:, Z.argmax(axis=0)], "the predicted class as a one-hot column, less Y, stands where"),
    ],
)
def test_something_else_than_softmax(wrong, words, node):
    net = deep(outputs=5)
    named(net, node, from_error(net, wrong(net.Z3) - net.Y)[node], words)


def test_what_was_done_to_a_right_gradient():
    net = deep()
    right = net.dZ3 @ net.A2.T / M
    limit = np.sort(np.abs(right).ravel())[1]
    assert "the right one clipped to [−" in str(mg.compare(net.n.J, net.n.W3, np.clip(right, -limit, limit)))
    named(net, "W3", right / np.linalg.norm(right), "it is the right one divided by its norm")
    named(net, "W3", right * M / (M - 1), "it is 6/5 times the right one: it was divided by 6 − 1, and 6 is the number m")


def test_divided_by_the_number_of_classes_as_well():
    net = deep(outputs=5)
    named(net, "W3", (net.dZ3 / net.dZ3.size) @ net.A2.T, "it is 1/5 of the right one: 5 is the size of another axis")
    named(net, "W3", net.dZ3 @ net.A2.T / 5, "it is 6/5 times the right one", "5 of another axis stands in its place")


@pytest.mark.parametrize("node", ["Z", "W"])
def test_softmax_as_a_step_of_its_own(node):
    random = np.random.default_rng(0)
    W, X, Y = random.normal(size=(3, 2)), random.normal(size=(2, M)), np.eye(3)[:, random.integers(0, 3, M)]
    n = SimpleNamespace(W=mg.parameter(W, "W"), X=mg.data(X, "X"), Y=mg.data(Y, "Y"))
    n.Z = (n.W @ n.X).named("Z")
    n.A = mg.softmax(n.Z).named("A")
    n.J = (-(n.Y * mg.log(n.A)).sum() / M).named("J")
    net, A, dA = SimpleNamespace(n=n), softmax(W @ X), -Y / softmax(W @ X) / M

    def mine(dZ):
        return dZ if node == "Z" else dZ @ X.T

    named(net, node, mine(dA * A * (1 - A)), "softmax was differentiated entry by entry, as A(1 − A)")
    named(net, node, mine(dA), "the derivative ∂A/∂Z of softmax was forgotten")
    named(net, node, mine(A * (dA - (A * dA).sum(1, keepdims=True))), "of softmax was taken over axis 1")
    named(net, node, mine(A / M), "Y was forgotten: A stands where A − Y belongs")
    named(net, node, mine((A - Y) * A * (1 - A) / M), "the derivative A(1 − A) was put in once more: A − Y has it already")


# Logistic regression, as the notes write it


def logistic():
    random = np.random.default_rng(8)
    X, Y = random.normal(size=(3, 5)), (random.random((1, 5)) < 0.5) * 1.0
    w, b = random.normal(size=(3, 1)), np.array([[0.3]])
    n = SimpleNamespace(w=mg.parameter(w, "w"), b=mg.parameter(b, "b"), X=mg.data(X, "X"), Y=mg.data(Y, "Y"))
    n.Z = (n.w.T @ n.X + n.b).named("Z")
    n.A = mg.sigmoid(n.Z).named("A")
    n.J = mg.bce(n.A, n.Y).mean().named("J")
    Z = w.T @ X + b
    return SimpleNamespace(n=n, X=X, Y=Y, w=w, Z=Z, A=sigmoid(Z))


@pytest.mark.parametrize(
    "node, mine, words",
    [
        ("w", lambda n: n.X @ (n.A - n.Y).T, "it is 5 times the right one: 5 is the number m of examples"),
        ("w", lambda n: (n.A - n.Y) @ n.X.T / 5, "it is transposed"),
        ("w", lambda n: n.X @ n.A.T / 5, "Y was forgotten"),
        ("w", lambda n: n.X @ (n.Y - n.A).T / 5, "the sign is wrong"),
        ("w", lambda n: n.X @ ((n.A - n.Y) * n.A * (1 - n.A)).T / 5, "put in twice"),
        ("w", lambda n: n.X @ (n.Z - n.Y).T / 5, "Z − Y stands where A − Y belongs"),
        ("w", lambda n: n.X @ (n.A - n.Y).T * 5, "it is 5² times the right one"),
        ("w", lambda n: n.X @ (n.A - n.Y).T / 3, "it is 5/3 times the right one"),
        ("w", lambda n: n.w - 0.02 * n.X @ (n.A - n.Y).T / 5, "it is the new w: w − 0.02 · ∂J/∂w, and not the gradient"),
        (
            "w",
            lambda n: 0.01 * n.X @ (n.A - n.Y).T / 5,
            "it is 0.01 times the right one, as if it had been multiplied by a learning rate",
        ),
        ("w", lambda n: np.round(n.X @ (n.A - n.Y).T / 5, 3), "it is the right one rounded to 3 decimals"),
        ("w", lambda n: n.w, "it is w itself, and not its gradient"),
        ("b", lambda n: (n.A - n.Y).mean(), "it is one number"),
        ("b", lambda n: (n.A - n.Y) / 5, "the sum is missing"),
        ("b", lambda n: (n.A - n.Y).sum(keepdims=True), "it is 5 times the right one"),
        ("A", lambda n: -(n.Y / n.A + (1 - n.Y) / (1 - n.A)) / 5, "−Y/A − (1 − Y)/(1 − A) stands where ∂"),
        ("Z", lambda n: -n.Y / n.A * n.A * (1 - n.A) / 5, "−Y/A stands where ∂"),
        ("w", lambda n: n.X @ ((1 - n.Y) / (1 - n.A) * n.A * (1 - n.A)).T / 5, "(1 − Y)/(1 − A) stands where ∂"),
    ],
)
def test_logistic_regression(node, mine, words):
    net = logistic()
    named(net, node, mine(net), words)
