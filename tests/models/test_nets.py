"""Nets as graphs: names, groups, one builder, the same numbers as the notes' formulas."""

import numpy as np
import pytest
from minigraph.models import DataError, DeepNet, LogisticRegression, NotFittedError
from minigraph.models.heads import HEADS

import minigraph as mg


@pytest.fixture
def examples():
    generator = np.random.default_rng(0)
    X = generator.normal(size=(3, 20))
    return X, (X[:1] - X[1:2] + 0.3 * generator.normal(size=(1, 20)) > 0).astype(int)


def ancestors(node):
    found, waiting = [], [node]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.append(node)
            waiting.extend(node.inputs)
    return found


def names(node):
    return {x.name for x in ancestors(node) if x.name}


def loop_over_examples(X, Y, rate, epochs):
    """The course's slow version: one example after the other, one feature after the other."""
    n, m = X.shape
    w, b = [0.0] * n, 0.0
    for _ in range(epochs):
        dw, db = [0.0] * n, 0.0
        for i in range(m):
            z = b + sum(w[j] * X[j, i] for j in range(n))
            a = 1 / (1 + np.exp(-z))
            for j in range(n):
                dw[j] += X[j, i] * (a - Y[0, i])
            db += a - Y[0, i]
        w = [w[j] - rate * dw[j] / m for j in range(n)]
        b -= rate * db / m
    return np.array(w).reshape(-1, 1), b


def test_logistic_regression_the_one_neuron_net_and_the_loop_give_the_same_numbers(examples):
    X, Y = examples
    logistic = LogisticRegression(standardize=False).fit(X, Y, epochs=50, rate=0.5)
    neuron = DeepNet([3, 1], initializer="zeros", standardize=False).fit(X, Y, epochs=50, rate=0.5)
    w, b = loop_over_examples(X, Y, 0.5, 50)
    np.testing.assert_allclose(logistic.parameters[0].value, w, rtol=1e-12)
    np.testing.assert_allclose(logistic.parameters[1].value, [[b]], rtol=1e-12)
    np.testing.assert_allclose(neuron.parameters[0].value, w.T, rtol=1e-12)
    np.testing.assert_allclose(neuron.parameters[1].value, [[b]], rtol=1e-12)
    np.testing.assert_allclose(logistic.history.cost, neuron.history.cost, rtol=1e-12)


def test_the_backward_pass_is_the_notes_recipe(examples):
    X, Y = examples
    net = DeepNet([3, 4, 1], hidden="tanh", standardize=False)
    J = net.graph(X, Y)
    dW1, db1, dW2, db2 = (gradient.value for gradient in mg.grad(J, net.parameters))
    W1, b1, W2, b2 = (node.value for node in net.parameters)
    A1 = np.tanh(W1 @ X + b1)
    A2 = 1 / (1 + np.exp(-(W2 @ A1 + b2)))
    dZ2 = A2 - Y
    np.testing.assert_allclose(dW2, dZ2 @ A1.T / 20, rtol=1e-12)
    np.testing.assert_allclose(db2, dZ2.mean(axis=1, keepdims=True), rtol=1e-12)
    dZ1 = W2.T @ dZ2 * (1 - A1**2)
    np.testing.assert_allclose(dW1, dZ1 @ X.T / 20, rtol=1e-12, atol=1e-16)
    np.testing.assert_allclose(db1, dZ1.mean(axis=1, keepdims=True), rtol=1e-12, atol=1e-16)


def test_nodes_carry_the_notes_names_and_layers_are_groups(examples):
    net = DeepNet([3, 5, 4, 1], hidden=["relu", "leaky_relu"], slope=0.2)
    J = net.graph(*examples, loss="probabilities")
    assert names(J) == {"X", "Y", "W1", "b1", "Z1", "A1", "W2", "b2", "Z2", "A2", "W3", "b3", "Z3", "A3", "J"}
    groups = {x.name: x.group.title for x in ancestors(J) if x.group and x.name}
    assert groups["Z1"] == groups["A1"] == groups["W1"] == groups["b1"] == "Layer 1 · ReLU · 3 → 5"
    assert groups["A2"] == "Layer 2 · leaky ReLU 0.2 · 5 → 4"
    assert groups["A3"] == groups["W3"] == "Layer 3 · sigmoid · 4 → 1"
    assert "J" not in groups and "X" not in groups
    assert "A3" not in names(net.graph(*examples))


def test_logistic_regression_is_in_the_notes_form(examples):
    net = LogisticRegression().fit(*examples)
    assert names(net.graph(*examples, loss="probabilities")) == {"X", "Y", "w", "b", "Z", "A", "J"}
    w, b = net.parameters
    assert w.shape == (3, 1) and b.shape == (1, 1)
    assert "wᵀ" in repr(next(x for x in ancestors(net.cost_node) if x.name == "Z"))


OUTPUTS = [
    ("sigmoid", 1, lambda generator: generator.integers(0, 2, (1, 12))),
    ("softmax", 3, lambda generator: np.arange(12).reshape(1, -1) % 3),
    ("identity", 2, lambda generator: generator.normal(size=(2, 12))),
    ("relu", 1, lambda generator: generator.uniform(1, 2, size=(1, 12))),
]


def test_no_head_is_forgotten():
    forgotten = [name for name in HEADS if name not in {output for output, *_ in OUTPUTS}]
    assert not forgotten, f"say in OUTPUTS, with some targets, of {forgotten}"


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "leaky_relu", "identity"])
@pytest.mark.parametrize("output, outputs, targets", OUTPUTS, ids=[row[0] for row in OUTPUTS])
def test_training_form_and_teaching_form_have_one_cost_and_gradient(hidden, output, outputs, targets):
    generator = np.random.default_rng(3)
    X, Y = generator.normal(size=(4, 12)), targets(generator)
    net = DeepNet([4, 5, outputs], hidden=hidden, output=output, seed=1).fit(X, Y, epochs=3)
    trained, taught = net.graph(X, Y), net.graph(X, Y, loss="probabilities")
    assert float(trained) == pytest.approx(float(taught), rel=1e-12)
    pairs = zip(mg.grad(trained, net.parameters), mg.grad(taught, net.parameters), strict=True)
    for one, other in pairs:
        np.testing.assert_allclose(one.value, other.value, rtol=1e-9, atol=1e-14)
    assert mg.check_gradients(trained).ok


def test_cost_node_is_the_graph_that_was_trained(examples):
    net = DeepNet([3, 4, 1]).fit(*examples, epochs=5)
    assert float(net.cost_node) == pytest.approx(net.cost(*examples), rel=1e-14)
    assert float(net.cost_node) < net.history.cost[-1] < net.history.cost[0]
    assert set(net.parameters) <= set(ancestors(net.cost_node))


def test_the_graph_takes_nodes_as_they_are(examples):
    X, Y = examples
    net = DeepNet([3, 2, 1]).fit(X, Y, epochs=1)
    given, targets = mg.data(X, "features"), mg.data(Y, "targets")
    assert {"features", "targets"} <= names(net.graph(given, targets))
    assert float(net.graph(given, targets)) != float(net.graph(X, Y))  # arrays are standardised


def test_parameters_stay_the_same_nodes_and_fit_starts_anew(examples):
    net = DeepNet([3, 4, 1], seed=5)
    before, first = list(net.parameters), [node.value for node in net.parameters]
    net.fit(*examples, epochs=20)
    trained = [node.value for node in net.parameters]
    net.fit(*examples, epochs=20)
    assert all(a is b for a, b in zip(before, net.parameters, strict=True))
    for one, other in zip(trained, net.parameters, strict=True):
        assert one.tobytes() == other.value.tobytes()
    for one, other in zip(first, DeepNet([3, 4, 1], seed=5).parameters, strict=True):
        assert one.tobytes() == other.value.tobytes()
    assert len(net.history) == 20


def test_predict_probability_predict_and_score_agree(examples):
    X, Y = examples
    net = LogisticRegression().fit(X, Y)
    probability = net.predict_probability(X)
    assert probability.shape == (1, 20) and (probability > 0).all() and (probability < 1).all()
    np.testing.assert_array_equal(net.predict(X), probability >= 0.5)
    assert net.score(X, Y) == np.mean((probability >= 0.5) == Y) > 0.8


@pytest.mark.parametrize("net", [LogisticRegression(), LogisticRegression(3), DeepNet([3, 1])], ids=repr)
@pytest.mark.parametrize("what", ["predict", "predict_probability"])
def test_predict_before_fit_is_refused(net, what):
    with pytest.raises(NotFittedError, match=r"the net has not been trained yet\. Call fit"):
        getattr(net, what)(np.zeros((3, 1)))


def test_graph_of_unknown_features_cost_node_and_draw_before_fit_are_refused():
    with pytest.raises(NotFittedError, match="fit first, or give it at the start"):
        LogisticRegression().graph(np.zeros((3, 1)), [[0]])
    with pytest.raises(NotFittedError, match=r"fit first, or use graph\(X, Y\)"):
        _ = LogisticRegression(3).cost_node
    with pytest.raises(NotFittedError, match="no training data are at hand"):
        DeepNet([3, 1]).draw()
    with pytest.raises(NotFittedError, match="nothing to go on from"):
        DeepNet([3, 1]).fit(np.zeros((3, 2)), [[0, 1]], resume=True)


def test_another_feature_count_than_in_training_is_refused(examples):
    net = LogisticRegression().fit(*examples)
    with pytest.raises(DataError, match=r"X is \(2, 5\): it has 2 features \(rows\), but the net has 3"):
        net.predict(np.zeros((2, 5)))
    with pytest.raises(DataError, match=r"X is \(5, 3\) and looks transposed.*Write X\.T"):
        net.predict(np.zeros((5, 3)))


@pytest.mark.parametrize(
    "make, text",
    [
        (lambda: DeepNet([3, 4, 1], hidden="rleu"), "no 'rleu'. Did you mean 'relu'"),
        (lambda: DeepNet([3, 4, 1], hidden=["tanh", "tanh"]), "2 activations for 1 hidden layers"),
        (lambda: DeepNet([3, 1], hidden="gelu"), "There are: sigmoid, tanh, relu, leaky_relu, identity"),
        (lambda: DeepNet([3, 1], output="sofmax"), "Did you mean 'softmax'"),
        (lambda: DeepNet([3, 1], initializer="xaver"), "Did you mean 'xavier'"),
        (lambda: DeepNet([3]), "units of each layer, features first"),
        (lambda: DeepNet([3, 0, 1]), "units of each layer, features first"),
        (lambda: DeepNet([3, 2.0, 1]), "units of each layer, features first"),
        (lambda: DeepNet([3, "2", 1]), "units of each layer, features first"),
        (lambda: DeepNet([3, True]), "units of each layer, features first"),
        (lambda: DeepNet(30), "sizes is 30: give the units of each layer, features first"),
        (lambda: DeepNet([3, 2], output="sigmoid"), "has 1 unit, not 2. Use 'softmax'"),
        (lambda: DeepNet([3, 1], output="softmax"), "at least 2, not 1"),
        (lambda: DeepNet([3, 1], labels=["a", "b", "c"]), "3 given, but 'sigmoid' tells 2 apart"),
        (lambda: DeepNet([3, 2], labels=["a", "b", "c"]), "3 given for 2 classes"),
        (lambda: DeepNet([3, 1], output="identity", labels=["a"]), "predicts numbers"),
        (lambda: LogisticRegression(0), "give the number of features, from 1"),
        (lambda: DeepNet([3, 1]).graph(np.zeros((3, 1)), [[0]], loss="logit"), "Did you mean 'logits'"),
        (lambda: DeepNet([3, 1]).fit(np.zeros((3, 2)), [[0, 1]], epochs=0), "epochs is 0: give a whole number from 1"),
        (lambda: DeepNet([3, 1]).fit(np.zeros((3, 2)), [[0, 1]], rate=-1.0), "the learning rate is a number above 0"),
        (lambda: DeepNet([3, 1]).fit(np.zeros((3, 2)), [[0, 1]], batch_size=0), "batch_size is 0"),
    ],
)
def test_settings_are_refused_with_what_to_do(make, text):
    with pytest.raises(ValueError, match=text.replace("(", r"\(")):
        make()


def test_sizes_are_any_whole_numbers_and_the_slope_is_a_number():
    assert DeepNet(np.array([3, 4, 1])).settings()["sizes"] == [3, 4, 1]
    assert type(DeepNet((np.int64(3), np.array(1))).sizes[1]) is int
    assert DeepNet([3, 4, 1], hidden="leaky_relu", slope=np.float32(0.5)).settings()["slope"] == 0.5
    with pytest.raises(TypeError, match=r"^slope is a finite real number, not '0\.1'\.$"):
        DeepNet([3, 4, 1], hidden="leaky_relu", slope="0.1")


def test_repr_says_what_the_net_is(examples):
    assert repr(DeepNet([3, 4, 4, 1])) == "<DeepNet 3-4-4-1, tanh, sigmoid: 41 parameters, not trained>"
    assert repr(DeepNet([3, 4, 4, 2], hidden=["relu", "tanh"]).fit(*examples, epochs=2)) == (
        "<DeepNet 3-4-4-2, ReLU, tanh, softmax: 46 parameters, 2 epochs>"
    )
    assert repr(LogisticRegression()) == "<LogisticRegression of any number of features: not trained>"
    assert repr(LogisticRegression().fit(*examples, epochs=2)) == "<LogisticRegression of 3 features: 2 epochs>"


def test_draw_shows_the_teaching_form_of_a_few_examples(examples):
    net = DeepNet([3, 4, 1]).fit(*examples, epochs=2)
    assert "A" in net.draw("forward").source and "3×6" in net.draw("backward").source
    assert "3×2" in net.draw("forward", examples[0][:, :2], examples[1][:, :2]).source
    assert net.draw("forward").view.title == f"{net.name}: forward pass, 6 of {examples[0].shape[1]} examples"
    assert net.draw("forward", *(part[:, :2] for part in examples)).view.title == f"{net.name}: forward pass"
    few = type(net)([3, 4, 1], seed=0).fit(*(part[:, :2] for part in examples), epochs=1, progress=False)
    assert few.draw("backward").view.title == f"{few.name}: backward pass"
