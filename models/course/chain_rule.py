"""Class 1: the chain rule on graphs."""

from __future__ import annotations

import minigraph as mg
from minigraph.drawing import Diagram
from minigraph.reading.numbers import rounded

from .taught_class import Assignment, Exercise, Found, Minutes, Sheet, Slide, TaughtClass, live, steps

NUDGE = 0.001


def chain(a: float = 5.0, b: float = 3.0, c: float = 2.0) -> mg.Node:
    """J = 3(a + bc)."""
    leaves = mg.parameter(a, "a"), mg.parameter(b, "b"), mg.parameter(c, "c")
    u = (leaves[1] * leaves[2]).named("u")
    v = (leaves[0] + u).named("v")
    return (3 * v).named("J")


def fork() -> mg.Node:
    """e = (p + q)(q + 1): q is used twice."""
    p, q = mg.parameter(2.0, "p"), mg.parameter(1.0, "q")
    r = (p + q).named("r")
    s = (q + 1).named("s")
    return (r * s).named("e")


def squared_error() -> mg.Node:
    """L = (wx + b − y)²."""
    w, x, b, y = mg.parameter(2.0, "w"), mg.parameter(3.0, "x"), mg.parameter(-1.0, "b"), mg.data(4.0, "y")
    u = (w * x).named("u")
    z = (u + b).named("z")
    d = (z - y).named("d")
    return (d**2).named("L")


def _nudged() -> tuple[str, str]:
    """How far J moves with b."""
    before, after = float(chain().value), float(chain(b=3.0 + NUDGE).value)
    moved = (after - before) / NUDGE
    return (
        f"Nudge b from 3 to {3 + NUDGE:g}: J moves from {before:g} to {after:g}.",
        f"J moves {moved:g} times as far as b: that is what ∂J/∂b = {moved:g} says.",
    )


def forward() -> Diagram:
    """Picture 1."""
    return mg.draw(chain(), title="1. Forward: every step is a box")


def backward() -> Diagram:
    """Picture 2."""
    return mg.draw(chain(), "backward", title="2. Backward: local derivative, and upstream × local")


def fork_forward() -> Diagram:
    """What students guess from."""
    return mg.draw(fork(), title="e = (p + q)(q + 1)")


def fork_backward() -> Diagram:
    """Picture 3."""
    return mg.draw(fork(), "backward", title="3. A fork: q is used twice, and its contributions add up")


def to_fill_in() -> Diagram:
    """The exercise."""
    return mg.draw(squared_error(), "backward", blank=True, title="Fill in: values, local derivatives, gradients")


def solved() -> Diagram:
    """Its key."""
    return mg.draw(squared_error(), "backward", title="Solution")


def _cost(w: mg.Node, x: mg.Node, b: mg.Node, y: mg.Node) -> mg.Node:
    """The cost, with a name for each step; w is used twice."""
    u = (w * x).named("u")
    z = (u + b).named("z")
    p = (w * z).named("p")
    d = (p - y).named("d")
    return (d**2).named("L")


def _gradients(w: float, x: float, b: float, z: float, d: float) -> dict[str, float]:
    """The gradients of L = (w·(w·x + b) − y)²; z and d are values of the forward pass."""
    dp = 2 * d
    dz = dp * w
    dw = dp * z + dz * x  # two paths lead from w to L
    db = dz
    dx = dz * w
    return {"dw": dw, "db": db, "dx": dx}


def _answers(found: Found) -> tuple[str, ...]:
    """With the numbers of a sheet."""
    x, w, b = (found.factor(number) for number in (found.value["x"], found.value["w"], found.gradient["b"]))
    by_w, by_x = found.gradient["w"], found.gradient["x"]
    return (
        f"∂L/∂w is x times ∂L/∂b: {x} · {b} = {rounded(by_w)}. ∂L/∂x is w times ∂L/∂b: {w} · {b} = {rounded(by_x)}.",
        f"By about {NUDGE:g} · ∂L/∂w = {NUDGE:g} · {found.factor(by_w)} = {rounded(NUDGE * by_w)}.",
    )


CLASS = TaughtClass(
    name="chain-rule",
    number=1,
    title="the chain rule on graphs",
    aim=(
        "For students who know what a derivative of one variable is. Afterwards they can take a formula apart into steps, "
        "go backward through its graph by hand, add up paths at a fork, and check a gradient by nudging."
    ),
    imports="import minigraph as mg",
    code=(chain, fork, squared_error),
    plan=(
        Minutes(
            "0–10",
            "What does a derivative say? Nudge a number, see how far the result moves.",
            "[the live page](pack:live-chain.html)",
        ),
        Minutes(
            "10–25",
            "J = 3(a + bc): steps, boxes, forward pass. Students work out u, v and J on paper before the picture is shown.",
            "slide 3",
        ),
        Minutes(
            "25–45",
            "Backward: local derivative, upstream × local. Do the first edge together, students do the rest.",
            "slide 4, or [step by step](pack:steps-chain.html)",
        ),
        Minutes("45–50", "Compare with the nudge. Discuss: three gradients from one pass.", "slide 5"),
        Minutes(
            "50–65",
            "A fork: one value used twice. Students guess first: 2, 3, 5 or 6?",
            "slides 6 and 7, [the fork, live](pack:live-fork.html)",
        ),
        Minutes("65–80", "Exercise in pairs.", "[worksheets](pack:worksheet.html), slides 8 and 9"),
        Minutes(
            "80–90",
            "Quiz on phones. Questions from the page of [questions](questions:chain-rule); where this leads.",
            "[the quiz](pack:quiz.html), slides 10 and 11",
        ),
    ),
    slides=(
        Slide("The chain rule on graphs", ("Class 1 of 3",)),
        Slide(
            "What does a derivative say?",
            (f"J = 3(a + bc) with a = 5, b = 3, c = 2 is {float(chain().value):g}.", *_nudged()),
        ),
        Slide("Forward: every step is a box", ("Work out u, v and J yourself first.",), forward),
        Slide(
            "Backward: upstream × local", ("The gradient of an input is what comes from above, times the slope.",), backward
        ),
        Slide(
            "Compare with the nudge",
            (
                "Nudge a, b and c, one after the other: three gradients, and a forward pass for each.",
                "Go backward once: all three, however many numbers there are.",
                "If c is 0: how far does J move when b is nudged?",
            ),
        ),
        Slide("A fork: guess first", ("∂e/∂q: is it 2, 3, 5 or 6?",), fork_forward),
        Slide("A fork: contributions add up", (), fork_backward),
        Slide(
            "Exercise in pairs: w = 2, x = 3, b = −1, y = 4",
            ("Which gradients differ by a factor that you can see?",),
            to_fill_in,
        ),
        Slide("Solution", ("∂L/∂w is x times ∂L/∂b: nudge w, and z moves x times as far.",), solved),
        Slide(
            "What goes wrong",
            (
                "Stopping at the last step: ∂J/∂b = c.",
                "Adding along a chain. Along a chain, multiply.",
                "Multiplying at a fork, or taking one path only. At a fork, add.",
                "Dividing the values, J/b. Divide the changes.",
            ),
        ),
        Slide(
            "Where this leads",
            (
                "A neural net is such a graph, with matrices for numbers.",
                "Every framework does what you did by hand: one backward pass, all gradients.",
                "Class 2: logistic regression, and a hidden layer.",
            ),
        ),
    ),
    projected=(
        live(
            chain,
            "live-chain.html",
            "J = 3(a + bc), live",
            "J = 3(a + bc): drag a number",
            "Drag a number, and everything follows.",
        ),
        steps(chain, "steps-chain.html", "J = 3(a + bc), step by step"),
        live(
            fork,
            "live-fork.html",
            "A fork, live",
            "A fork: q is used twice",
            "Set q to 0, then to −1: what is left of each path?",
        ),
        steps(fork, "steps-fork.html", "A fork, step by step", "The sum over both paths grows."),
    ),
    ask=(
        "*If b grows from 3 to 4, by how much does J grow? And if c is 0?* With c = 0, b has no influence at all, and ∂J/∂b "
        "is 0."
    ),
    quiz=fork,
    sheet=Sheet(
        text="L = (w·x + b − y)² in four steps. Fill in each empty place: local derivatives, products, gradients.",
        graph=squared_error,
        questions=(
            "Which two of ∂L/∂w, ∂L/∂b and ∂L/∂x are equal, or differ by a factor that you can see in the graph?",
            "Nudge w by 0.001. By how much does L move, about?",
        ),
        answers=_answers,
    ),
    exercise=Exercise(
        text=(
            "*L = (w·x + b − y)² with w = 2, x = 3, b = −1, y = 4. Draw the graph with the steps u = w·x, z = u + b, "
            "d = z − y, L = d². Find all values, and then ∂L/∂w, ∂L/∂b and ∂L/∂x. Which two of them are equal, or differ by "
            "a factor that you can see in the graph?*",
        ),
        solution=(
            solved,
            "∂L/∂w is x times ∂L/∂b: nudge b, and z moves just as far; nudge w, and z moves x times as far.",
        ),
    ),
    assignment=Assignment(
        text=(
            "L = (w·(w·x + b) − y)², where w is used twice. Its steps are u = w·x, z = u + b, p = w·z, d = p − y, L = d².",
            "Write its backward pass: from the numbers, and the values z and d of the forward pass, to the derivatives of L "
            "by w, b and x.",
        ),
        cost=_cost,
        backward=_gradients,
        shapes={"w": "", "x": "", "b": "", "y": ""},
        points={"dw": 2, "db": 1, "dx": 1},
    ),
    mistakes={
        "∂J/∂b = c (the local derivative of the last step only)": (
            "[lesson 2: what does “dvar” mean?](lesson:02-chain-rule#what-does-dvar-mean): go on to J"
        ),
        "a sum along the chain instead of a product": "b + 1 moves u by 2, and each of those moves J by 3: slide 4",
        "a product of paths instead of a sum, or only one path": (
            "[lesson 3: one path at a time](lesson:03-forks-and-sums#see-it-happen-one-path-at-a-time)"
        ),
        "J/b for ∂J/∂b": "[lesson 1: divide the changes, not the values](lesson:01-derivative)",
        "no sign for v = u − c": "the exercise of [lesson 2](lesson:02-chain-rule#check-yourself)",
    },
)
