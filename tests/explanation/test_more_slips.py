"""What `compare` calls slips in a regularised cost, two slips at once, old values, and what it never names by chance."""

from types import SimpleNamespace

import numpy as np
import pytest

import minigraph as mg
from minigraph.explanation.mistakes.search import mistakes
from minigraph.reading.names import Names
from tests.explanation.nets_by_hand import deep

LAMBDA, M = 0.7, 6
SPELLINGS = {
    "W * W": lambda W: (W * W).sum(),
    "W ** 2": lambda W: (W**2).sum(),
    "square": lambda W: mg.square(W).sum(),
    "np.sum": lambda W: np.sum(np.square(W)),
    "einsum": lambda W: mg.einsum("ij,ij->", W, W),
}


def regularised(spelling="W * W", named=True):
    """A 3-4-1 net with λ/(2m) Σ W²: its nodes, and the parts of its gradients by hand."""
    random = np.random.default_rng(3)
    X, Y = random.normal(size=(3, M)), (random.random((1, M)) < 0.5) * 1.0
    W1, b1, W2 = random.normal(size=(4, 3)), random.normal(size=(4, 1)), random.normal(size=(1, 4))
    n = SimpleNamespace(W1=mg.parameter(W1, "W1"), b1=mg.parameter(b1, "b1"), W2=mg.parameter(W2, "W2"))
    A1 = mg.tanh((n.W1 @ mg.data(X, "X") + n.b1).named("Z1")).named("A1")
    cost = mg.bce_with_logits((n.W2 @ A1).named("Z2"), mg.data(Y, "Y")).mean()
    square = SPELLINGS[spelling]
    penalty = LAMBDA / (2 * M) * (square(n.W1) + square(n.W2))
    if named:
        cost, penalty = cost.named("cost"), penalty.named("penalty")
    n.J = (cost + penalty).named("J")
    a = np.tanh(W1 @ X + b1)
    dZ2 = (1 / (1 + np.exp(-W2 @ a)) - Y) / M
    dZ1 = W2.T @ dZ2 * (1 - a**2)
    return n, {"W1": dZ1 @ X.T, "W2": dZ2 @ a.T, "b1": dZ1.sum(1, keepdims=True)}, {"W1": W1, "W2": W2, "b1": b1}


def told(n, node, mine):
    found = mg.compare(n.J, getattr(n, node), mine)
    assert not found.ok
    return str(found)


@pytest.mark.parametrize("node", ["W1", "W2"])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_regulariser_that_is_forgotten_or_off_by_a_factor(spelling, named, node):
    n, of_data, values = regularised(spelling, named)
    D, W = of_data[node], values[node]
    assert mg.compare(n.J, getattr(n, node), D + LAMBDA / M * W)
    called = "the regulariser penalty" if named else "the regulariser "
    for mine, words in (
        (D, "was forgotten"),
        (D - LAMBDA / M * W, "the sign of the regulariser"),
        (LAMBDA / M * W, "was forgotten: only the regulariser is left"),
        (D + LAMBDA * W, "it is 6 times the right one: 6 is the number m of examples"),
        (D + 2 * LAMBDA / M * W, "is 2 times the right one"),
        (D + LAMBDA / (2 * M) * W, "is half of the right one"),
        (D + W / M, ", 1.429 times the right one was added"),
        (M * D + LAMBDA / M * W, "of the part of "),
    ):
        text = told(n, node, mine)
        assert words in text and (called in text or mine is not D), text


def test_a_bias_that_is_regularised_as_well():
    n, of_data, values = regularised()
    text = told(n, "b1", of_data["b1"] + LAMBDA / M * values["b1"])
    assert "b1 was regularised as well, and the regulariser of J does not hold it: 0.1167 · b1 was added." in text


@pytest.mark.parametrize("m", [2, 5])
def test_the_half_of_a_squared_error(m):
    random = np.random.default_rng(0)
    X, y = random.normal(size=(3, m)), random.normal(size=(1, m))
    w = mg.parameter(random.normal(size=(3, 1)), "w")
    J = mg.squared_error((w.T @ X).named("A"), y).mean().named("J")
    error = w.value.T @ X - y
    found = mg.compare(J, w, 2 * X @ error.T / m).diagnoses
    if m == 2:
        assert found == (
            "it is 2 times the right one: 2 is the number m of examples, so the factor 1/2 of the mean is missing.",
            "it is 2 times the right one: a ½ is missing, such as that of a squared error or of λ/2m.",
        )
    else:
        assert found == ("it is 2 times the right one.",)


def test_half_of_it_with_two_examples():
    random = np.random.default_rng(0)
    X, y, w = random.normal(size=(3, 2)), random.normal(size=(1, 2)), mg.parameter(random.normal(size=(3, 1)), "w")
    J = mg.square((w.T @ X).named("A") - y).mean().named("J")
    assert mg.compare(J, w, X @ (w.value.T @ X - y).T / 2).diagnoses == (
        "it is 1/2 of the right one: 2 is the number m of examples, which it was divided by once too often.",
        "it is half of the right one: a 2 is missing, such as that of a square.",
    )
    right = X @ (w.value.T @ X - y).T
    assert mg.compare(J, w, -right).diagnoses == ("the sign is wrong: it is −1 times the right one.",)


def test_values_that_were_assigned_since():
    random = np.random.default_rng(0)
    X, y = random.normal(size=(3, 8)), random.normal(size=(1, 8))
    w = mg.parameter(random.normal(size=(3, 1)), "w")
    J = mg.square(w.T @ X - y).mean().named("J")
    old = 2 * X @ (w.value.T @ X - y).T / 8
    w.value = w.value - 0.1 * old
    before = "it was taken before the values were last assigned: "
    assert f"{before}it is the gradient at w + 0.1 · this array, before a step with the rate 0.1." in str(
        mg.compare(J, w, old)
    )
    J.backward()
    left = w.grad
    w.value = random.normal(size=(3, 1))
    assert f"{before}it is what the last backward pass left there." in str(mg.compare(J, w, left))


def test_a_dict_that_was_taken_before_a_step():
    n, _, _ = regularised()
    parameters = {name: getattr(n, name) for name in ("W1", "b1", "W2")}
    old = {f"d{name}": mg.grad(n.J, node).value for name, node in parameters.items()}
    for name, node in parameters.items():
        node.value = node.value - 0.03 * old[f"d{name}"]
    for comparison in mg.compare(n.J, old).values():
        assert "before a step with the rate 0.03" in str(comparison)


@pytest.mark.parametrize(
    "mine, words",
    [
        (lambda n: n.dA1 @ n.X.T, ["∂A1/∂Z1 = 1 − A1² was forgotten", "6 times"]),
        (lambda n: (n.W2.T @ n.dA2) @ n.X.T / 6, ["∂A1/∂Z1 = 1 − A1² was forgotten", "∂A2/∂Z2 = 1 − A2² was forgotten"]),
        (lambda n: n.dA1 * (1 - n.A1) @ n.A1.T / 6, ["1 − A1 stands where", "A1 stands where X belongs"]),
        (lambda n: -n.dA1 * (1 - n.A1) @ n.X.T / 6, ["1 − A1 stands where", "the sign is wrong"]),
        (lambda n: (n.dA1 @ n.X.T / 6).T, ["it is transposed", "was forgotten"]),
        (
            lambda n: n.W2.T @ (n.W3.T @ n.A3 * (1 - n.A2**2)) @ n.X.T / 6,
            ["Y was forgotten", "∂A1/∂Z1 = 1 − A1² was forgotten"],
        ),
        (lambda n: (n.W2 @ n.dZ2) @ n.X.T / 6, ["W2 stands without its transpose", "∂A1/∂Z1 = 1 − A1² was forgotten"]),
    ],
)
def test_two_slips_at_once(mine, words):
    net = deep()
    (found,) = mg.compare(net.n.J, net.n.W1, mine(net)).diagnoses
    assert all(word in found for word in words), found


def wrong_gradients(random, right, node):
    """Gradients that are wrong in no way that has a name."""
    size = right.shape
    yield random.normal(size=size)
    yield right + random.normal(size=size) * np.abs(right).max()
    yield right * random.uniform(0.2, 5, size)
    yield right * random.uniform(1.7, 1.9)
    yield right * random.uniform(0.5, 2, (size[0], 1)) + right.mean() * random.uniform(0.1, 1)
    yield right + random.uniform(0.1, 3) * np.cos(node.value * 3)
    yield (random.normal(size=size) > 0) * right * random.uniform(1.1, 1.9) + random.normal(size=size) * 1e-3


def nets(random):
    """Nets of random sizes, activations and values, of which each parameter is compared."""
    while True:
        sizes = [int(x) for x in random.integers(2, 5, random.integers(1, 4))]
        m, outputs = int(random.integers(2, 9)), int(random.choice([1, 1, 3]))
        A = mg.data(random.normal(size=(sizes[0], m)), "X")
        parameters = []
        for layer, (before, after) in enumerate(zip(sizes, [*sizes[1:], outputs], strict=True), 1):
            W = mg.parameter(random.normal(size=(after, before)), f"W{layer}")
            b = mg.parameter(random.normal(size=(after, 1)), f"b{layer}")
            Z = (W @ A + b).named(f"Z{layer}")
            A = getattr(mg, str(random.choice(["tanh", "sigmoid", "relu", "leaky_relu"])))(Z).named(f"A{layer}")
            parameters += [W, b]
        Y = np.eye(3)[:, random.integers(0, 3, m)] if outputs == 3 else random.integers(0, 2, (1, m)) * 1.0
        loss = mg.cross_entropy_with_logits if outputs == 3 else mg.bce_with_logits
        J = loss(Z, mg.data(Y, "Y")).mean()
        if random.random() < 0.5:
            J = J + 0.05 * sum((W * W).sum() for W in parameters[::2])
        yield J.named("J"), parameters


def test_nothing_is_named_by_chance():
    random = np.random.default_rng(5)
    for _, (J, parameters) in zip(range(2), nets(random), strict=False):
        for node in parameters:
            right = mg.grad(J, node).value
            for mine in wrong_gradients(random, right, node) if right.any() else ():
                found = mg.compare(J, node, mine)
                assert not found.ok
                assert all("entries are wrong" in x or "entries is wrong" in x for x in found.diagnoses), str(found)


def test_in_large_nets_one_slip_is_looked_for_at_a_time(monkeypatch):
    net = deep()
    one, two = net.dA1 @ net.X.T / 6, (net.W2.T @ net.dA2) @ net.X.T / 6
    assert mg.compare(net.n.J, net.n.W1, two).diagnoses
    monkeypatch.setattr("minigraph.explanation.mistakes.at_every_step.MOST_CARRIED", 0)
    for limit in ("MOST_COMMON", "MOST_ENTRIES"):
        with monkeypatch.context() as patched:
            patched.setattr(f"minigraph.explanation.mistakes.along_a_chain.{limit}", 0)
            assert not mg.compare(net.n.J, net.n.W1, two).diagnoses
            assert mg.compare(net.n.J, net.n.W1, one).diagnoses == ("the factor ∂A1/∂Z1 = 1 − A1² was forgotten.",)


def test_significant_digits():
    x = mg.parameter([0.00123456, 23.4567, 456.789], "x")
    J = (x * x).sum() / 2
    assert mg.compare(J, x, [0.00123, 23.5, 457.0]).diagnoses == ("it is the right one rounded to 3 significant digits.",)


def test_what_a_step_would_push_over_the_edge_of_the_domain_is_left_out():
    p = mg.parameter([[0.5, 0.9, 0.2]], "p")
    J = mg.square(mg.bce(p, [[1.0, 0.0, 1.0]])).mean()  # whose derivative holds the loss itself
    assert not mg.compare(J, p, [[900.0, -1000.0, 777.0]]).diagnoses


def test_in_long_chains_no_step_is_left_out():
    node = x = mg.parameter(0.5, "x")
    for _ in range(300):
        node = mg.tanh(node)
    backward_pass = node.backward()
    words = [mistake.words for mistake in mistakes(backward_pass, x, x.grad, Names(node, [x]))]
    assert words and not any("forgotten" in text for text in words)


def test_stacks_of_matrices():
    random = np.random.default_rng(0)
    W, x = mg.parameter(random.normal(size=(2, 3, 3)), "W"), mg.data(random.normal(size=(2, 3, 4)), "x")
    J = mg.tanh(W @ x).sum().named("J")
    forgotten = np.ones((2, 3, 4)) @ x.value.swapaxes(1, 2)
    (found,) = mg.compare(J, W, forgotten).diagnoses
    assert "was forgotten" in found


@pytest.mark.parametrize("twice, words", [(2, "2 times the sum of all entries of W"), (1, "the sum of all entries of W")])
@pytest.mark.parametrize("square", [mg.square, lambda x: x**2])
def test_the_sum_of_the_weights_in_the_place_of_each(square, twice, words):
    W, X = mg.parameter([[0.5, -0.2], [0.3, 1.1]], "W"), mg.data([[1.0, 2.0, 0.5], [0.3, -1.0, 0.2]], "X")
    J = (mg.tanh(W @ X).mean() + 0.7 * square(W).sum()).named("J")
    mine = mg.grad(J, W).value - 1.4 * W.value + 0.7 * twice * W.value.sum()
    assert any(f"{words} stands where" in told for told in mg.compare(J, W, mine).diagnoses)


def test_a_single_1_is_not_taken_for_the_node_itself():
    a = mg.parameter(1.0, "a")
    b = (a + a).named("b")
    assert "itself" not in str(mg.compare((b + b).named("c"), a, 1.0))
    a.value = 3.0
    assert "it is a itself" in str(mg.compare((b + b).named("c"), a, 3.0))


def test_two_slips_at_one_step_that_give_the_same_array_are_both_told():
    random = np.random.default_rng(0)
    X, U = mg.data(random.normal(size=(3, 5)), "X"), mg.data(random.normal(size=(3, 5)), "U")
    V, W = mg.data(2 * U.value, "V"), mg.parameter(random.normal(size=(2, 3)), "W")
    Z = (W @ X).named("Z")
    J = (mg.square(mg.tanh(Z)).sum() + V.sum() + U.sum()).named("J")
    V.value = U.value
    found = mg.compare(J, W, mg.grad(J, Z).value @ U.value.T).diagnoses
    assert found == ("U stands where X belongs.", "V stands where X belongs.")


def test_for_what_is_not_finite_no_slip_is_looked_for():
    w = mg.parameter([[1.0, 2.0]], "w")
    J = mg.tanh(w @ mg.data([[0.3], [0.1]])).sum().named("J")
    found = mg.compare(J, w, [[np.nan, np.inf]])
    assert not found.diagnoses and "look for your first array" in str(found)


def test_reshaped_where_it_should_have_been_transposed():
    W, X = mg.parameter(np.arange(6.0).reshape(2, 3), "W"), mg.data(np.arange(12.0).reshape(3, 4), "X")
    J = mg.tanh(0.01 * (W @ X)).sum()
    right = mg.grad(J, W).value
    (diagnosis,) = mg.compare(J, W, right.reshape(3, 2)).diagnoses
    assert diagnosis == "it was reshaped to (3, 2), which moves entries to other rows: it must be (2, 3)."
