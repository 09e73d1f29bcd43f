"""Slips that stand in a loop: at every layer, at every step of a sequence; and others that people report."""

import ast
from pathlib import Path

import numpy as np
import pytest

import minigraph as mg
from minigraph.explanation import mistakes
from minigraph.explanation.layers import costs_of
from minigraph.explanation.mistakes import at_every_step
from minigraph.explanation.mistakes.at_one_step import slips_of
from minigraph.explanation.mistakes.slip import cached_in
from minigraph.reading.names import Names
from tests.explanation.nets_by_hand import M, deep, sigmoid, softmax

RANDOM = np.random.default_rng(5)
STEPS, HIDDEN = 4, 3


def sequence():
    """A recurrent net with shared weights, its loss at the end; and its pass by hand, into which slips are put."""
    xs = [RANDOM.normal(size=(2, M)) for _ in range(STEPS)]
    shapes = {"Wx": (HIDDEN, 2), "Wh": (HIDDEN, HIDDEN), "b": (HIDDEN, 1), "Wy": (2, HIDDEN)}
    n = {name: mg.parameter(RANDOM.normal(size=shape) * 0.7, name) for name, shape in shapes.items()}
    h = [mg.data(RANDOM.normal(size=(HIDDEN, M)), "h0")]
    for t, x in enumerate(xs, 1):
        h.append(mg.tanh(n["Wx"] @ mg.data(x, f"x{t}") + n["Wh"] @ h[-1] + n["b"]).named(f"h{t}"))
    Y = np.eye(2)[:, np.arange(M) % 2]
    Z = n["Wy"] @ h[-1]
    J = mg.cross_entropy_with_logits(Z, mg.data(Y, "Y")).mean().named("J")

    def by_hand(slope=lambda t, a: 1 - a**2, back=n["Wh"].value.T, first=1, before=lambda t: t - 1, add=True):
        d = n["Wy"].value.T @ (softmax(Z.value) - Y) / M
        total = {name: 0.0 for name in ("Wx", "Wh", "b")}
        for t in range(STEPS, first - 1, -1):
            d = d * slope(t, h[t].value)
            share = {"Wx": d @ xs[t - 1].T, "Wh": d @ h[before(t)].value.T, "b": d.sum(axis=1, keepdims=True)}
            total = {name: total[name] * add + share[name] for name in total}
            d = back @ d
        return total

    return J, n, h, by_hand


J, NODES, H, BY_HAND = sequence()
WH = NODES["Wh"].value
SLIPS = {
    "nothing": ({}, ""),
    "no g′": ({"slope": lambda t, a: 1}, "= 1 − h4² was forgotten, and the factor"),
    "1 − h": ({"slope": lambda t, a: 1 - a}, "1 − h4 stands where"),
    "of the step before": ({"slope": lambda t, a: 1 - H[t - 1].value ** 2}, "1 − h3² stands where"),
    "no transpose": ({"back": WH}, "Wh stands without its transpose, alike at 3 steps."),
    "no Wh": ({"back": np.eye(HIDDEN)}, "the factor Wh was forgotten, alike at 3 steps."),
    "= for +=": ({"add": False}, "of 4 contributions to {} only the last is left, as with = where += belongs."),
    "cut to one": ({"first": STEPS}, "of 4 contributions to {} only the first was added"),
    "cut to two": ({"first": STEPS - 1}, "of 4 contributions to {} only the first 2 were added"),
}


@pytest.mark.parametrize("name", ["Wx", "Wh", "b"])
@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_at_every_step_of_a_recurrent_net(slip, name):
    settings, words = SLIPS[slip]
    report = mg.compare(J, NODES[name], BY_HAND(**settings)[name])
    assert report.ok == (slip == "nothing")
    assert not words or any(words.format(name) in diagnosis for diagnosis in report.diagnoses), str(report)


def test_another_state_in_the_weights_of_a_recurrent_net():
    report = mg.compare(J, NODES["Wh"], BY_HAND(before=lambda t: t)["Wh"])
    assert report.diagnoses == ("h4 stands where h3 belongs, and h3 stands where h2 belongs, alike at 4 steps.",)


@pytest.mark.parametrize("hidden", ["tanh", "relu"])
def test_weights_that_are_updated_on_the_way_back(hidden):
    net = deep(hidden)
    W3 = net.W3 - 0.1 * net.dZ3 @ net.A2.T / M
    dZ2 = W3.T @ net.dZ3 * net.slope(net.Z2)
    W2 = net.W2 - 0.1 * dZ2 @ net.A1.T / M
    mine = W2.T @ dZ2 * net.slope(net.Z1) @ net.X.T / M
    words = "the weights were updated on the way back, with the rate 0.1, before they were used for the layer below"
    assert mg.compare(net.n.J, net.n.W1, mine).diagnoses == (f"{words}, alike at 2 steps.",)


def test_weights_that_are_updated_on_the_way_back_where_examples_are_rows():
    X, W = RANDOM.normal(size=(M, 3)), [RANDOM.normal(size=shape) for shape in ((3, 4), (4, 4), (4, 1))]
    W1, W2, W3 = (mg.parameter(array, f"W{i}") for i, array in enumerate(W, 1))
    A1 = mg.tanh(mg.data(X, "X") @ W1).named("A1")
    A2 = mg.tanh(A1 @ W2).named("A2")
    Z3 = (A2 @ W3).named("Z3")
    dZ3 = Z3.value
    dZ2 = dZ3 @ (W[2] - 0.1 * A2.value.T @ dZ3).T * (1 - A2.value**2)
    dZ1 = dZ2 @ (W[1] - 0.1 * A1.value.T @ dZ2).T * (1 - A1.value**2)
    report = mg.compare((0.5 * mg.square(Z3)).sum(), W1, X.T @ dZ1)
    assert "the weights were updated on the way back, with the rate 0.1" in str(report)


def test_a_square_of_which_only_one_row_is_right_was_not_broadcast():
    mine = RANDOM.normal(size=(4, 4))
    mine[0] = NET.dZ1.sum(axis=1) / M
    assert not mg.compare(NET.n.J, NET.n.b1, mine).diagnoses


@pytest.mark.parametrize("names", [("A1", "A2", "A3"), ("a", "s", "t"), ("stands", "where", "belongs")])
def test_a_slip_is_known_again_whatever_the_steps_are_called(names):
    X = RANDOM.normal(size=(3, M))
    A, weights, layers = mg.data(X, "X"), [], []
    for number, name in enumerate(names):
        weights.append(mg.parameter(RANDOM.normal(size=(3, 3)), f"W{number}"))
        A = mg.tanh(weights[-1] @ A).named(name)
        layers.append(A)
    above = np.ones((3, M))
    for W, layer in zip(weights[:0:-1], layers[:0:-1], strict=True):  # 1 − A for 1 − A²
        above = W.value.T @ (above * (1 - layer.value))
    mine = above * (1 - layers[0].value) @ X.T
    (said,) = mg.compare(A.sum(), weights[0], mine).diagnoses
    assert f"1 − {names[2]} stands where" in said and "alike at 3 steps" in said


def steps_of_all_kinds():
    """A graph whose steps can go wrong in all the ways that `at_one_step` knows: losses, masks, softmax, broadcasting."""
    X, b = mg.data(RANDOM.normal(size=(3, M)), "X"), mg.parameter(np.ones((3, 1)), "b")
    S = mg.softmax(mg.leaky_relu(mg.parameter(RANDOM.normal(size=(3, 3)), "W") @ X + b)).named("S")
    D = mg.data(np.arange(3 * M).reshape(3, M) % 3 > 0, "D")
    A = mg.sigmoid(S * D / 0.6)
    return mg.bce(A.named("A"), mg.data(np.eye(3)[:, np.arange(M) % 3], "Y")).mean(), b


@pytest.mark.parametrize("graph", [lambda: (J, NODES["b"]), lambda: (deep("relu").n.J, None), steps_of_all_kinds])
def test_every_slip_at_a_step_has_a_kind_of_its_own_by_which_it_is_known_at_others(graph):
    root, last = graph()
    backward_pass, names = mg.backward(root), Names(root)
    gradients = {node: np.asarray(gradient.value) for node, gradient in backward_pass.gradients.items() if node.name}
    cached = cached_in(backward_pass, names, gradients, costs_of(backward_pass))
    for line in backward_pass:
        words = {}
        with np.errstate(all="ignore"):
            found = list(slips_of(line, cached, line.input is last))
        for place, slip in found:
            assert slip.kind, f"to be looked for at every step, it needs a kind: {slip.words}"
            assert words.setdefault((place, slip.kind), slip.words) == slip.words, f"two slips are of one kind: {slip.kind}"


@pytest.mark.parametrize("file", sorted(Path(mistakes.__path__[0]).glob("*.py")), ids=lambda file: file.stem)
def test_there_is_a_test_of_each_mistake_that_can_be_told(file):
    """Of what stands in one piece in the words of a mistake, some three words in a row are those of a test."""
    tests = " ".join(" ".join(test.read_text("utf-8") for test in Path(__file__).parent.glob("test_*.py")).split())
    for sentence in [part for part in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(part, ast.JoinedStr)]:
        pieces = [piece.value.strip(" :,()").split() for piece in sentence.values if isinstance(piece, ast.Constant)]
        longest = max(pieces, key=len, default=[])
        runs = {" ".join(longest[place : place + 3]) for place in range(len(longest) - 2)}
        assert not runs or any(run in tests for run in runs), f"make this mistake in a test: {' '.join(longest)}"


def test_in_large_passes_every_step_is_looked_at_by_itself(monkeypatch):
    monkeypatch.setattr(at_every_step, "MOST_CARRIED", 100)
    report = mg.compare(J, NODES["Wx"], BY_HAND(slope=lambda t, a: 1)["Wx"])
    assert not report and not report.diagnoses


def test_one_slope_of_leaky_relu_for_another():
    Z = mg.parameter(RANDOM.normal(size=(3, 5)), "Z")
    cost = mg.square(mg.leaky_relu(Z).named("A")).sum()
    mine = 2 * mg.leaky_relu(Z).value * np.where(Z.value > 0, 1, 0.2)
    assert "the derivative of leaky ReLU with the slope 0.2 at Z stands where" in mg.compare(cost, Z, mine).diagnoses[0]


def test_dropout():
    A, D = mg.parameter(RANDOM.normal(size=(3, 5)), "A"), mg.data(np.arange(15).reshape(3, 5) % 3 > 0, "D")
    kept = (A * D / 0.6).named("kept")
    cost = mg.square(kept).sum()
    above = 2 * kept.value
    for mine, words in (
        (above * D.value * 0.6, "it was divided by the factor"),
        (above * D.value / 0.4, "1/0.4 stands where the factor"),
        ((above + 1) * 0, "it is 0 everywhere"),
    ):
        assert words in mg.compare(cost, A, mine).diagnoses[0]
    cost = (mg.square(A * D / 0.6) + A * D / 0.6).sum()
    mine = (2 * kept.value + 1) * (1 - D.value) / 0.6
    assert "1 − D stands where D belongs" in str(
        mg.compare((A * D / 0.6 * np.arange(1, 6)).sum(), A, np.arange(1, 6) * (1 - D.value) / 0.6)
    )
    assert not mg.compare(cost, A, mine)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize(
    "error, words",
    [
        (lambda A, Z, Y, axis: A - 1, "1 was taken from all entries, and not from that of the right class only"),
        (lambda A, Z, Y, axis: Y * (A - 1), "only the entry of the right class counts"),
        (lambda A, Z, Y, axis: -Y / A, "which is not taken through softmax, stands where softmax(Z) − Y belongs"),
        (lambda A, Z, Y, axis: sigmoid(Z) - Y, "σ(Z) − Y stands where"),
        (lambda A, Z, Y, axis: softmax(A, axis) - Y, "softmax of softmax(Z), less Y, stands"),
        (lambda A, Z, Y, axis: softmax(Z, 1 - axis) - Y, "softmax was taken over the wrong axis"),
        (lambda A, Z, Y, axis: A, "Y was forgotten: softmax(Z) stands"),
    ],
)
def test_what_people_take_for_softmax_less_the_targets(axis, error, words):
    W, X = mg.parameter(RANDOM.normal(size=(3, 4)), "W"), RANDOM.normal(size=(4, M))
    Y = np.eye(3)[:, np.arange(M) % 3]
    turn = (lambda array: array) if axis == 0 else np.transpose
    Z = (W @ mg.data(X, "X") if axis == 0 else mg.data(X.T, "X") @ W.T).named("Z")
    cost = -(mg.data(turn(Y), "Y") * mg.log_softmax(Z, axis=axis)).sum() / M
    mine = turn(error(softmax(Z.value, axis), Z.value, turn(Y), axis)) @ X.T / M
    report = mg.compare(cost, W, mine)
    assert any(words in diagnosis for diagnosis in report.diagnoses), str(report)


NET = deep()
RIGHT = NET.dZ1 @ NET.X.T / M
ERROR = NET.dZ3
OTHERS = [
    ("W1", RIGHT / M**2, "1/6² of the right one"),
    ("W1", -0.01 * RIGHT, "the step −α ∂J/∂W, and not the gradient"),
    ("W1", RIGHT / np.log(2), "1/ln 2 times"),
    ("W1", np.sign(RIGHT), "only the signs of the right one are left, as in the first step of Adam"),
    ("W1", RIGHT / (np.abs(RIGHT) + 1e-8), "only the signs of the right one are left"),
    ("W1", RIGHT.astype(np.float16), "rounded to half precision, float16"),
    ("W1", RIGHT + 0.01 * NET.W1, "W1 was regularised as well, and J has no regulariser: 0.01 · W1 was added"),
    ("W3", ERROR * (1 - ERROR) @ NET.A2.T / M, "(A3 − Y)(1 − (A3 − Y)) stands where A3 − Y belongs"),
    ("W3", np.sign(ERROR) @ NET.A2.T / M, "the sign of A3 − Y stands where A3 − Y belongs, as of an absolute error"),
    ("W3", -NET.Y @ NET.A2.T / M, "A3 was forgotten: −Y stands where A3 − Y belongs"),
    ("b1", NET.dZ1.mean(), "all entries were averaged, where the sum over axis 1 belongs"),
    ("b1", NET.dZ1.sum(axis=1) / M + np.zeros((4, 1)), "it was broadcast to (4, 4) when axis 1 was lost"),
]


@pytest.mark.parametrize("node, mine, words", OTHERS, ids=[words for *_, words in OTHERS])
def test_what_else_people_report(node, mine, words):
    report = mg.compare(NET.n.J, getattr(NET.n, node), mine)
    assert not report and any(words in diagnosis for diagnosis in report.diagnoses), str(report)


def test_what_is_nearly_right_is_said_to_be():
    report = str(mg.compare(NET.n.J, NET.n.W1, RIGHT * (1 + 1e-4 * RANDOM.random(RIGHT.shape))))
    assert "can't name what is wrong. It is right but for 0.00" in report
    assert "right but for" not in str(mg.compare(NET.n.J, NET.n.W1, RANDOM.normal(size=RIGHT.shape)))


def test_what_is_infinite_is_no_multiple():
    assert mg.compare(NET.n.J, NET.n.W1, RIGHT * np.inf).ratio is None


def test_a_gradient_computed_in_float32_is_judged_as_that():
    assert mg.compare(NET.n.J, NET.n.W1, RIGHT.astype(np.float32) * np.float32(1 + 1e-5))
    assert not mg.compare(NET.n.J, NET.n.W1, RIGHT * (1 + 1e-5))
