"""Class 2: from logistic regression to one hidden layer."""

from __future__ import annotations

import numpy as np

import minigraph as mg
from minigraph.drawing import Diagram
from minigraph.formulas.spelling import with_subscripts
from minigraph.reading.numbers import rounded
from minigraph.testing import Grade, grade
from minigraph.values import Array

from .taught_class import Assignment, Exercise, Found, Minutes, Sheet, Slide, TaughtClass, live, steps


def one_unit() -> mg.Node:
    """One logistic unit on one example."""
    x1, x2, y = mg.data(1.0, "x1"), mg.data(2.0, "x2"), mg.data(1.0, "y")
    w1, w2, b = mg.parameter(0.5, "w1"), mg.parameter(-0.6, "w2"), mg.parameter(0.1, "b")
    z = (w1 * x1 + w2 * x2 + b).named("z")
    a = mg.sigmoid(z).named("a")
    return mg.bce(a, y).named("L")


def one_hidden_unit() -> mg.Node:
    """One hidden tanh unit before a logistic unit, on one example."""
    x, y = mg.data(2.0, "x"), mg.data(1.0, "y")
    w1, b1 = mg.parameter(0.5, "w1"), mg.parameter(-0.5, "b1")
    w2, b2 = mg.parameter(-1.0, "w2"), mg.parameter(0.25, "b2")
    z1 = (w1 * x + b1).named("z1")
    a1 = mg.tanh(z1).named("a1")
    z2 = (w2 * a1 + b2).named("z2")
    a2 = mg.sigmoid(z2).named("a2")
    return mg.bce(a2, y).named("L")


def one_hidden_layer() -> mg.Node:
    """A 3-4-1 net with tanh on six examples, which are columns."""
    random = np.random.default_rng(0)
    X, Y = mg.data(random.normal(size=(3, 6)), "X"), mg.data([[1, 0, 1, 0, 0, 1]], "Y")
    W1, b1 = mg.parameter(random.normal(size=(4, 3)), "W1"), mg.parameter(np.zeros((4, 1)), "b1")
    W2, b2 = mg.parameter(random.normal(size=(1, 4)), "W2"), mg.parameter([[0.0]], "b2")
    Z1 = (W1 @ X + b1).named("Z1")
    A1 = mg.tanh(Z1).named("A1")
    Z2 = (W2 @ A1 + b2).named("Z2")
    A2 = mg.sigmoid(Z2).named("A2")
    return mg.bce(A2, Y).mean().named("J")


def arrays_of(J: mg.Node) -> dict[str, Array]:
    """The value of each named node that J is computed from, by its name."""
    found, waiting = {}, [J]
    while waiting:
        node = waiting.pop()
        waiting += node.inputs
        if node.name:
            found[node.name] = np.asarray(node.value)
    return found


GIVEN = "X", "Y", "W2", "A1", "A2"


def given_arrays() -> tuple[mg.Node | Array, ...]:
    """What the exercise begins with: J of the 3-4-1 net, and the values of X, Y, W2, A1 and A2."""
    J = one_hidden_layer()
    return J, *(arrays_of(J)[name] for name in GIVEN)


def six_lines(X: Array, Y: Array, W2: Array, A1: Array, A2: Array) -> dict[str, Array]:
    """The backward pass of the 3-4-1 net, with 1/m in dW and db."""
    m = X.shape[1]
    dZ2 = A2 - Y
    dW2 = dZ2 @ A1.T / m
    db2 = dZ2.sum(axis=1, keepdims=True) / m
    dZ1 = W2.T @ dZ2 * (1 - A1**2)
    dW1 = dZ1 @ X.T / m
    db1 = dZ1.sum(axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def graded(**wrong: Array) -> Grade:
    """The six lines with something wrong in them, graded."""
    J = one_hidden_layer()
    values = arrays_of(J)
    right = six_lines(*(values[name] for name in GIVEN))
    return grade(J, right | wrong)


def usual_slips() -> list[str]:
    """What the grade says to five mistakes."""
    J = one_hidden_layer()
    X, Y, W2, A1, A2 = (arrays_of(J)[name] for name in GIVEN)
    right, m = six_lines(X, Y, W2, A1, A2), X.shape[1]
    slips = {
        "1/m forgotten": {"dW1": right["dW1"] * m},
        "tanh′ forgotten": {"dW1": W2.T @ (A2 - Y) @ X.T / m},
        "tanh′(A1) for tanh′(Z1)": {"dW1": W2.T @ (A2 - Y) * (1 - np.tanh(A1) ** 2) @ X.T / m},
        "A2 − Y turned round": {"dW2": -right["dW2"]},
        "keepdims forgotten": {"db1": right["db1"].ravel()},
    }
    told = []
    for slip, wrong in slips.items():
        (name,) = wrong
        mark = graded(**wrong)[name]
        told.append(f"{slip} in {name}: {(mark.diagnoses or (mark.evidence,))[0]}")
    return told


def unit_backward() -> Diagram:
    """Picture 1."""
    return mg.draw(one_unit(), "backward", title="1. One logistic unit, one example")


def layer_forward() -> Diagram:
    """Picture 2."""
    return mg.draw(one_hidden_layer(), values=False, title="2. One hidden layer, six examples")


def layer_backward() -> Diagram:
    """Picture 3."""
    return mg.draw(one_hidden_layer(), "backward", values=False, title="3. Backward, in formulas")


def layer_entries() -> Diagram:
    """Picture 4: every entry is a coloured cell."""
    return mg.draw(
        one_hidden_layer(), "backward", arrays="heatmap", title="4. And in numbers: which rows of ∂J/∂W1 are small?"
    )


def _six_lines_graded() -> Grade:
    """All of them right."""
    return graded()


def _slips() -> str:
    """A line for each."""
    return "\n".join(usual_slips())


def _cost(X: mg.Node, Y: mg.Node, W1: mg.Node, b1: mg.Node, W2: mg.Node, b2: mg.Node) -> mg.Node:
    """The cost of a net with one hidden ReLU layer; examples are columns."""
    Z1 = (W1 @ X + b1).named("Z1")
    A1 = mg.relu(Z1).named("A1")
    Z2 = (W2 @ A1 + b2).named("Z2")
    A2 = mg.sigmoid(Z2).named("A2")
    return mg.bce(A2, Y).mean().named("J")


def _gradients(X: Array, Y: Array, W2: Array, Z1: Array, A1: Array, A2: Array) -> dict[str, Array]:
    """The gradients of J; Z1, A1 and A2 are values of the forward pass."""
    m = X.shape[1]
    dZ2 = A2 - Y
    dW2 = dZ2 @ A1.T / m
    db2 = dZ2.sum(axis=1, keepdims=True) / m
    dZ1 = W2.T @ dZ2 * (Z1 > 0)
    dW1 = dZ1 @ X.T / m
    db1 = dZ1.sum(axis=1, keepdims=True) / m
    return {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}


def _answers(found: Found) -> tuple[str, ...]:
    """With the numbers of a sheet."""
    a, y, b, by_b = found.value["a"], found.value["y"], found.value["b"], found.gradient["b"]
    return (
        f"(a − y)/(a(1 − a)) · a(1 − a) = a − y: σ′ cancels. Here: {rounded(a)} − {found.factor(y)} = {rounded(a - y)}.",
        f"b − 1 · ∂L/∂b = {rounded(b)} − {found.factor(by_b)} = {rounded(b - by_b)}.",
    )


def _told(*names: str) -> str:
    """Values of the one unit."""
    values = arrays_of(one_unit())
    return ", ".join(f"{with_subscripts(name)} = {rounded(float(values[name]))}" for name in names)


def _other_loss() -> str:
    """L of the one unit if y were 0."""
    return rounded(-float(np.log(1 - arrays_of(one_unit())["a"])))


CLASS = TaughtClass(
    name="hidden-layer",
    number=2,
    title="from logistic regression to one hidden layer",
    aim=(
        "After class 1. Afterwards students can write the backward pass of a 3-4-1 net from the shapes, say where σ′ and "
        "1/m went, and find the usual mistakes in their own code."
    ),
    imports=(
        "import numpy as np\n\nimport minigraph as mg\nfrom minigraph.models.course.hidden_layer import GIVEN, usual_slips\n"
        "from minigraph.testing import grade"
    ),
    code=(one_unit, one_hidden_unit, one_hidden_layer, arrays_of, six_lines, graded),
    plan=(
        Minutes(
            "0–20",
            f"One example: {_told('z', 'a', 'L')}; for y = 0, L is {_other_loss()}. The five gradients. First together, "
            "then a sheet for each student, with a calculator for σ and the logarithm.",
            "slides 2 and 3, [the unit, live](pack:live-unit.html), [worksheets](pack:worksheet.html)",
        ),
        Minutes(
            "20–27",
            "Where did σ′ go? Students multiply (a − y)/(a(1 − a)) by a(1 − a) themselves: a − y is left.",
            "slide 4, [lesson 4](lesson:04-logistic-regression#where-did-go-in-a-y)",
        ),
        Minutes(
            "27–40",
            "m examples as columns. Shapes on the board; the mean brings 1/m.",
            "slide 5, [lesson 5](lesson:05-examples-as-columns)",
        ),
        Minutes(
            "40–60",
            "A hidden layer. Which gradient has the shape of which array? Which product fits?",
            "slides 6 and 7, [step by step](pack:steps-layer.html)",
        ),
        Minutes("60–80", "Exercise at the computer: write six lines, let minigraph grade them.", "slides 8 to 10"),
        Minutes(
            "80–90",
            "Quiz on phones, one hidden unit, as far as they come in six minutes. The flower: what does a hidden layer buy?",
            "[the quiz](pack:quiz.html), [lesson 10](lesson:10-one-hidden-layer)",
        ),
    ),
    slides=(
        Slide("From logistic regression to one hidden layer", ("Class 2 of 3",)),
        Slide(
            "One example: work out z, a and L",
            (
                f"{_told('x1', 'x2', 'y', 'w1', 'w2', 'b')}.",
                "z = w₁·x₁ + w₂·x₂ + b",
                "a = σ(z) = 1/(1 + e⁻ᶻ)",
                "L = −(y ln a + (1 − y) ln(1 − a))",
                "What is L if y is 0?",
            ),
        ),
        Slide("Backward: what do w₁, w₂ and b get?", (), unit_backward),
        Slide(
            "Where did σ′ go?",
            (
                "∂L/∂a = (a − y) / (a(1 − a))",
                "∂a/∂z = σ′(z) = a(1 − a)",
                "Multiply them. What is left?",
            ),
        ),
        Slide(
            "m examples are columns",
            (
                "X is (3, m), Y is (1, m). W1 is (4, 3), b1 is (4, 1): Z1 = W1 X + b1 is (4, m).",
                "b1 is added to each column: what comes back to it is a sum over the columns.",
                "J is the mean of m losses: ∂J/∂Z2 = (A2 − Y)/m.",
                "Many notes write dZ2 = A2 − Y, and put 1/m into dW and db. They come out the same.",
            ),
        ),
        Slide("A hidden layer: which shape has each gradient?", (), layer_forward),
        Slide(
            "Which product fits?",
            (
                "dZ2 is (1, m), A1 is (4, m), and dW2 is (1, 4) as W2 is: dW2 = dZ2 A1ᵀ / m.",
                "dA1 is (4, m), W2 is (1, 4): dA1 = W2ᵀ dZ2.",
                "dZ1 = dA1 ⊙ (1 − A1²), entry by entry.",
                "And dW1?",
            ),
        ),
        Slide(
            "Exercise: six lines of NumPy",
            (
                "Given X, Y, W2, A1 and A2 of the 3-4-1 net, write dZ2, dW2, db2, dZ1, dW1, db1, with 1/m in dW and db.",
                "The last line says ✓, or what is wrong.",
            ),
            code=(
                "import minigraph as mg",
                "from minigraph.models.course.hidden_layer import given_arrays",
                "J, X, Y, W2, A1, A2 = given_arrays()",
                "m = X.shape[1]  # your six lines are next",
                'print(mg.compare(J, {"dW1": dW1, "db1": db1}))',
            ),
        ),
        Slide(
            "Solution",
            code=(
                "dZ2 = A2 - Y",
                "dW2 = dZ2 @ A1.T / m",
                "db2 = dZ2.sum(axis=1, keepdims=True) / m",
                "dZ1 = W2.T @ dZ2 * (1 - A1**2)",
                "dW1 = dZ1 @ X.T / m",
                "db1 = dZ1.sum(axis=1, keepdims=True) / m",
            ),
        ),
        Slide("What goes wrong, and what minigraph says to it", tuple(usual_slips())),
    ),
    pictures=(layer_backward, layer_entries),
    projected=(
        live(
            one_unit,
            "live-unit.html",
            "One logistic unit, live",
            "One logistic unit: drag w1, w2, b",
            "Take steps of descent: does a come to y?",
            rate=0.5,
        ),
        steps(one_unit, "steps-unit.html", "One logistic unit, step by step"),
        live(
            one_hidden_layer,
            "live-layer.html",
            "A hidden layer, live",
            "A 3-4-1 net on six examples",
            "Change one entry of X: which gradients move?",
            rate=0.5,
        ),
        steps(
            one_hidden_layer,
            "steps-layer.html",
            "A hidden layer, step by step",
            "Stop before each product and ask for its shape.",
        ),
    ),
    ask=(
        "*y is 1. Which way must b go for L to fall, and what is the sign of ∂L/∂b, then? When is it 0?* a has to come up "
        "to 1, so b must go up, and ∂L/∂b = a − y is below 0. It comes near to 0 with more steps, and is never 0. *In the "
        "net, one entry of X is changed: which gradients move?* All those of parameters: one column of A1 and A2 changes, "
        "and each gradient is a sum over the columns."
    ),
    quiz=one_hidden_unit,
    sheet=Sheet(
        text=(
            "One logistic unit on one example. Fill in each empty place: values, local derivatives, products, gradients. "
            "Three digits are enough; for σ and the logarithm take a calculator."
        ),
        graph=one_unit,
        questions=(
            "Multiply ∂L/∂a by ∂a/∂z, first in letters. What cancels?",
            "b goes one step of descent with α = 1. What is it afterwards?",
        ),
        answers=_answers,
    ),
    exercise=Exercise(
        text=(
            "*Given X, Y, W2 and the values A1, A2 of a 3-4-1 net with tanh, on six examples. Write dZ2, dW2, db2, dZ1, "
            "dW1, db1 in six lines of NumPy, with 1/m in dW and db.* Students get the arrays by "
            "`from minigraph.models.course.hidden_layer import given_arrays` and "
            "`J, X, Y, W2, A1, A2 = given_arrays()`. They check what they have by themselves: "
            '`print(mg.compare(J, {"dW1": dW1, "db1": db1}))` says ✓, or which entry is off most and which of the usual '
            "mistakes it is.",
        ),
        solution=(
            "Six lines:",
            six_lines,
            "It is graded:",
            _six_lines_graded,
            "And what is said to five slips:",
            _slips,
        ),
    ),
    assignment=Assignment(
        text=(
            "A net with one hidden layer of ReLU units and a sigmoid at its end, for any number of inputs, hidden units and "
            "examples. Examples are columns.",
            "Write its backward pass: the gradients of J, the mean over the m examples, so that 1/m is in dW and db.",
        ),
        cost=_cost,
        backward=_gradients,
        shapes={"X": "n m", "Y": "1 m: 0 or 1", "W1": "h n", "b1": "h 1", "W2": "1 h", "b2": "1 1"},
        points={"dW2": 2, "db2": 1, "dW1": 3, "db1": 2},
    ),
    mistakes={
        "1/m in no place, or in two": (
            "[lesson 5: why there is 1/m in dW but not in dZ]"
            "(lesson:05-examples-as-columns#why-is-there-1-m-in-dw-but-not-in-dz)"
        ),
        "a product that fits by chance, since two sizes are equal": "sizes that differ: 3-4-1 and m = 6, slide 7",
        "db without a sum, or without keepdims": "b is one column for all examples: slide 5",
        "σ′ once more after A − Y": "[lesson 4: where σ′ went](lesson:04-logistic-regression#where-did-go-in-a-y)",
        "g′ of A for g′ of Z": "tanh′ is 1 − A² or 1 − tanh(Z)²; what `grade` says is on slide 10",
    },
)
