"""Class 3: why deep nets are hard to train."""

from __future__ import annotations

from typing import Any

import numpy as np

import minigraph as mg
from minigraph.drawing import Diagram
from minigraph.explanation.health import Health
from minigraph.reading.numbers import rounded
from minigraph.values import Array

from ..nets import DeepNet
from ..plots import layer_gradients
from .taught_class import Assignment, Exercise, Found, Minutes, Sheet, Slide, TaughtClass, live, steps

TEN = 10


def cost_of_net(hidden: str, initializer: str, layers: int = 8) -> mg.Node:
    """The cost of a net of so many hidden layers of 10 units, before any training."""
    random = np.random.default_rng(0)
    X = random.normal(size=(2, 200))
    Y = (X[:1] * X[1:] > 0).astype(float)
    net = DeepNet([2, *[10] * layers, 1], hidden=hidden, initializer=initializer, standardize=False, seed=0)
    return net.graph(mg.data(X, "X"), mg.data(Y, "Y"))


def sigmoids(count: int = 3) -> mg.Node:
    """Sigmoids in a row, each of a weight times the one before."""
    a = mg.data(1.0, "x")
    for layer in range(1, count + 1):
        w = mg.parameter(0.5 * layer, f"w{layer}")
        a = mg.sigmoid((w * a).named(f"z{layer}")).named(f"a{layer}")
    return a


def dead_units() -> mg.Node:
    """The cost of a net in which four of ten ReLU units are dead."""
    J = cost_of_net("relu", "he", layers=1)
    bias = next(node for node in J.backward().gradients if node.name == "b1")
    bias.value = bias.value - 10.0 * (np.arange(10) < 4)[:, None]
    return J


def gradients_by_layer(ax: Any = None) -> Any:
    """How large ∂J/∂Z is in each layer of three nets."""
    nets = {
        "sigmoid, Xavier": cost_of_net("sigmoid", "xavier"),
        "ReLU, He": cost_of_net("relu", "he"),
        "tanh, × 0.01": cost_of_net("tanh", "small"),
    }
    passes = {name: J.backward() for name, J in nets.items()}
    before_activation = {
        name: sorted((node for node in one.gradients if (node.name or "").startswith("Z")), key=lambda node: node.number)
        for name, one in passes.items()
    }
    return layer_gradients(passes, before_activation, ax=ax)


def four_layers() -> Diagram:
    """Picture 1."""
    return mg.draw(
        cost_of_net("sigmoid", "xavier", layers=4), "backward", level="groups", title="1. Four hidden sigmoid layers"
    )


def two_sigmoids() -> Diagram:
    """Picture 2."""
    return mg.draw(sigmoids(2), "backward", title="2. Two sigmoids in a row")


def three_nets() -> tuple[mg.Node, mg.Node, mg.Node]:
    """The costs of the three nets of the exercise."""
    return cost_of_net("sigmoid", "xavier"), cost_of_net("tanh", "zeros", layers=2), dead_units()


def _first() -> Health:
    """The first of the three nets."""
    return mg.health(three_nets()[0])


def _second() -> Health:
    """The second."""
    return mg.health(three_nets()[1])


def _third() -> Health:
    """The third."""
    return mg.health(three_nets()[2])


def _in_short(place: int, report: Health) -> str:
    """The first thing that is found."""
    advice = report.findings[0].advice
    return f"{place}. {report.findings[0].kind.capitalize()}: {advice[0].lower()}{advice[1:]}"


def _cost(X: mg.Node, Y: mg.Node, W1: mg.Node, b1: mg.Node, W2: mg.Node, b2: mg.Node, W3: mg.Node, b3: mg.Node) -> mg.Node:
    """The cost of a net with two hidden layers, tanh and then ReLU; examples are columns."""
    Z1 = (W1 @ X + b1).named("Z1")
    A1 = mg.tanh(Z1).named("A1")
    Z2 = (W2 @ A1 + b2).named("Z2")
    A2 = mg.relu(Z2).named("A2")
    Z3 = (W3 @ A2 + b3).named("Z3")
    A3 = mg.sigmoid(Z3).named("A3")
    return mg.bce(A3, Y).mean().named("J")


def _gradients(X: Array, Y: Array, W2: Array, W3: Array, Z2: Array, A1: Array, A2: Array, A3: Array) -> dict[str, Array]:
    """The gradients of J; Z2, A1, A2 and A3 are values of the forward pass."""
    m = X.shape[1]
    dZ3 = A3 - Y
    dZ2 = W3.T @ dZ3 * (Z2 > 0)
    dZ1 = W2.T @ dZ2 * (1 - A1**2)
    gradients = {}
    for layer, dZ, before in ((3, dZ3, A2), (2, dZ2, A1), (1, dZ1, X)):
        gradients[f"dW{layer}"] = dZ @ before.T / m
        gradients[f"db{layer}"] = dZ.sum(axis=1, keepdims=True) / m
    return gradients


def _answers(found: Found) -> tuple[str, ...]:
    """With the numbers of a sheet."""
    by_a1, by_a2 = found.gradient["a1"], found.gradient["a2"]
    return (
        f"∂a3/∂a2 is {rounded(by_a2)} of ∂a3/∂a3 = 1. ∂a3/∂a1 is {rounded(by_a1)} / {found.factor(by_a2)} = "
        f"{rounded(by_a1 / by_a2)} of ∂a3/∂a2.",
        "¼ = 0.25, where z is 0.",
    )


def _ends(weight: float) -> tuple[float, float]:
    """∂a5/∂w5 and ∂a5/∂w1 in five sigmoids whose weights are all the same."""
    J = sigmoids(5)
    leaves = {node.name: node for node in J.backward().gradients if node.role is mg.Role.PARAMETER}
    for leaf in leaves.values():
        leaf.value = weight
    found = J.backward().gradients
    return float(found[leaves["w5"]].value), float(found[leaves["w1"]].value)


def _asked() -> str:
    """The question before the five sigmoids are moved, with its answer."""
    ratios = {weight: last / first for weight in (1.0, 4.0, 0.1) for last, first in [_ends(weight)]}
    told = {weight: f"{float(f'{ratio:.2g}'):,.0f}" for weight, ratio in ratios.items()}
    return (
        "*All weights are 1. Which of ∂a5/∂w1 and ∂a5/∂w5 is larger? By which factor, about? Can larger weights make up for "
        f"it?* ∂a5/∂w5, by about {told[1.0]}: four factors w · σ′(z) lie between them. With all weights at 4 it is "
        f"{told[4.0]}, since the sigmoids saturate; at 0.1 it is {told[0.1]}."
    )


CLASS = TaughtClass(
    name="deep-nets",
    number=3,
    title="why deep nets are hard to train",
    aim=(
        "After class 2. Afterwards students can say why gradients vanish or explode, choose an activation and an "
        "initialiser, and diagnose a net that does not learn."
    ),
    imports="import numpy as np\n\nimport minigraph as mg\nfrom minigraph.models import DeepNet\n"
    "from minigraph.models.plots import layer_gradients",
    code=(cost_of_net, sigmoids, dead_units, three_nets, gradients_by_layer),
    plan=(
        Minutes(
            "0–15", "The recipe for any depth: start, go back, collect.", "slides 2 and 3, [lesson 11](lesson:11-depth)"
        ),
        Minutes(
            "15–35",
            "Sigmoids in a row. Students work a sheet, then compute ¼ · ¼ · ¼ … Where is it after ten?",
            "slides 4 and 5, [worksheets](pack:worksheet.html), [five sigmoids, live](pack:live-sigmoids.html)",
        ),
        Minutes(
            "35–50",
            "Initialisation: zeros, too small, Xavier, He.",
            "slides 6 and 7, [lesson 12](lesson:12-initialization)",
        ),
        Minutes("50–60", "Dead ReLU units.", "slide 8, [lesson 14](lesson:14-dead-relu)"),
        Minutes("60–80", "Exercise: three nets that do not learn. What is wrong with each?", "slides 9 and 10"),
        Minutes(
            "80–90",
            "Quiz on phones. What people do: ReLU and He, a rate that fits, standardised features.",
            "[the quiz](pack:quiz.html), slide 11, [It doesn't learn](questions:training)",
        ),
    ),
    slides=(
        Slide("Why deep nets are hard to train", ("Class 3 of 3",)),
        Slide(
            "The recipe for any depth",
            (
                "Start: dZ of the last layer = A − Y.",
                "Go back: dA of the layer before = Wᵀ dZ; dZ = dA ⊙ g′(Z).",
                "Collect: dW = dZ · Aᵀ / m of the layer before; db = the mean of dZ over the columns.",
                "However deep: three lines in a loop.",
            ),
        ),
        Slide("Follow the size ‖·‖ of the gradient from right to left", (), four_layers),
        Slide("Two sigmoids in a row: what does each factor do?", (), two_sigmoids),
        Slide(
            "σ′ is at most ¼",
            (
                "σ′(z) = a(1 − a), and a(1 − a) is largest at a = ½: ¼.",
                f"After {TEN} sigmoids, at best: ¼ · ¼ · … · ¼ = {0.25**TEN:.8f}.",
                "The weights multiply too: a factor w σ′(z) for each layer.",
                "Below 1, again and again: gradients vanish. Above 1: they explode.",
            ),
        ),
        Slide(
            "Before any training: eight hidden layers",
            (),
            plot=gradients_by_layer,
            alt=(
                "The size of ∂J/∂Z in each layer, on a logarithmic scale, for three nets: level for ReLU with He, falling "
                "steeply towards the first layer for sigmoid with Xavier and for tanh with small weights."
            ),
        ),
        Slide(
            "How large should random be?",
            (
                "Zeros: all units of a layer stay equal, and most stay at 0.",
                "Too small: the factors are below 1, and gradients vanish.",
                "Xavier, variance 1/n: keeps sizes where g′ is near 1, as tanh's is.",
                "He, variance 2/n: for ReLU, which keeps one half.",
            ),
        ),
        Slide(
            "Dead ReLU units",
            (
                "z is below 0 for every example: a = 0, and ReLU′ = 0.",
                "No gradient comes through, so w and b never move again.",
                "A rate that is too high can push a unit there in one step.",
            ),
        ),
        Slide(
            "Exercise: three nets that do not learn",
            (
                "1. Eight hidden sigmoid layers, Xavier.",
                "2. Two hidden tanh layers, weights 0.",
                "3. One hidden ReLU layer; four of its biases are at −10.",
                "What is wrong with each? What would you change? Say it first, then ask:",
            ),
            code=(
                "import minigraph as mg",
                "from minigraph.models.course.deep_nets import three_nets",
                "for J in three_nets(): print(mg.health(J))",
            ),
        ),
        Slide(
            "What minigraph.health finds",
            tuple(_in_short(place, report()) for place, report in enumerate((_first, _second, _third), 1)),
        ),
        Slide(
            "What people do",
            (
                "ReLU, or tanh, in hidden layers, not sigmoid.",
                "He for ReLU, Xavier for tanh.",
                "Standardise the features; take a rate at which the cost falls.",
                "Look at the gradients before you train for an hour.",
            ),
        ),
    ),
    projected=(
        live(
            lambda: sigmoids(5),
            "live-sigmoids.html",
            "Five sigmoids, live",
            "Five sigmoids in a row",
            "Set all weights to 4: does it help? To 0.1?",
        ),
        steps(sigmoids, "steps-sigmoids.html", "Three sigmoids, step by step", "Watch the gradient shrink at each σ′."),
        steps(
            lambda: cost_of_net("sigmoid", "xavier", layers=4),
            "steps-layers.html",
            "Four hidden layers, step by step",
            "Choose “Groups” in the list above the picture, then open one layer with a click.",
        ),
    ),
    ask=_asked(),
    quiz=sigmoids,
    sheet=Sheet(
        text=(
            "Three sigmoids in a row. Fill in each empty place, first the values, then from right to left the rest. Three "
            "digits are enough; for σ take a calculator."
        ),
        graph=sigmoids,
        questions=(
            "By which factor is the gradient multiplied from a3 to a2, and by which from a2 to a1?",
            "Each factor is w · σ′(z). How large can σ′ be at most?",
        ),
        answers=_answers,
    ),
    exercise=Exercise(
        text=(
            "*Three nets: eight hidden sigmoid layers with Xavier; two hidden tanh layers that start from zeros; one hidden "
            "ReLU layer of which four biases are at −10. What is wrong with each, and what would you change?* Let students "
            "answer before they ask `mg.health`: `from minigraph.models.course.deep_nets import three_nets` and "
            "`for J in three_nets(): print(mg.health(J))`.",
        ),
        solution=(
            "1. Eight hidden sigmoid layers, Xavier:",
            _first,
            "2. Two hidden tanh layers, weights 0:",
            _second,
            "3. One hidden ReLU layer, four biases at −10:",
            _third,
        ),
    ),
    assignment=Assignment(
        text=(
            "A net with two hidden layers, tanh and then ReLU, and a sigmoid at its end, for any sizes. Examples are "
            "columns.",
            "Write its backward pass: the gradients of J, the mean over the m examples, so that 1/m is in dW and db. A loop "
            "over the layers is shorter than six formulas.",
        ),
        cost=_cost,
        backward=_gradients,
        shapes={
            "X": "n m",
            "Y": "1 m: 0 or 1",
            "W1": "h n",
            "b1": "h 1",
            "W2": "k h",
            "b2": "k 1",
            "W3": "1 k",
            "b3": "1 1",
        },
        points={"dW3": 1, "db3": 1, "dW2": 2, "db2": 1, "dW1": 3, "db1": 2},
    ),
    mistakes={
        "“Gradients vanish because the net is deep.”": (
            "ReLU with He is as deep, and level: slide 6. The factor per layer decides."
        ),
        "“Start with zeros, it is neutral.”": (
            "[Lesson 12](lesson:12-initialization): nothing moves, or all units stay equal."
        ),
        "“σ′ is at most 1.”": "It is at most ¼: [lesson 9](lesson:09-activations#the-two-numbers-worth-knowing-by-heart).",
        "“A dead unit recovers with a smaller rate.”": (
            "It has no gradient, so no rate helps: [lesson 14](lesson:14-dead-relu)."
        ),
        "“More layers can't do worse than fewer.”": (
            "The cost curves of [lesson 13](lesson:13-vanishing-gradients#what-it-does-to-training)."
        ),
    },
)
