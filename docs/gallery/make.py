"""Makes the gallery: draws every picture beside this file, and index.md with the code that draws each.

Run it from anywhere: ``python docs/gallery/make.py [FOLDER]``.
"""

import inspect
import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from minigraph.models import DeepNet
from minigraph.models.datasets import breast_cancer

import minigraph as mg


def chain():
    """J = 3(a + bc)"""
    a, b, c = mg.parameter(5.0, "a"), mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
    u = (b * c).named("u")
    v = (a + u).named("v")
    return (3 * v).named("J")


def two_paths():
    """Two paths to b: e = (a + b)(b + 1)"""
    a, b = mg.parameter(1.0, "a"), mg.parameter(2.0, "b")
    c = (a + b).named("c")
    d = (b + 1).named("d")
    return (c * d).named("e")


def square():
    """One node used twice: J = x·x"""
    x = mg.parameter(3.0, "x")
    return (x * x).named("J")


def logistic_unit():
    """Logistic regression of one example"""
    w1, w2, b = mg.parameter(0.4, "w1"), mg.parameter(-0.2, "w2"), mg.parameter(0.1, "b")
    x1, x2, y = mg.data(1.5, "x1"), mg.data(-0.5, "x2"), mg.data(1.0, "y")
    u1, u2 = (w1 * x1).named("u1"), (w2 * x2).named("u2")
    z = (u1 + u2 + b).named("z")
    a = mg.sigmoid(z).named("a")
    return mg.bce(a, y).named("L")


def logistic_regression():
    """Logistic regression of m examples"""
    random = np.random.default_rng(0)
    X, Y = mg.data(random.normal(size=(4, 6)), "X"), mg.data([[0, 1, 1, 0, 1, 0]], "Y")
    w, b = mg.parameter(random.normal(size=(4, 1)), "w"), mg.parameter(0.0, "b")
    Z = (w.T @ X + b).named("Z")
    A = mg.sigmoid(Z).named("A")
    return mg.bce(A, Y).mean().named("J")


def layers(sizes, activation, title):
    """J of a net: layers of these sizes, six examples, a sigmoid at the end."""
    random = np.random.default_rng(1)
    A = mg.data(random.normal(size=(sizes[0], 6)), "X")
    Y = mg.data([[0, 1, 1, 0, 1, 0]], "Y")
    for number, (inputs, units) in enumerate(itertools.pairwise(sizes), 1):
        last = number == len(sizes) - 1
        with mg.group(f"Layer {number} · {'sigmoid' if last else title} · {inputs} → {units}"):
            W = mg.parameter(random.normal(size=(units, inputs)) * np.sqrt(2 / inputs), f"W{number}")
            b = mg.parameter(np.zeros((units, 1)), f"b{number}")
            Z = (W @ A + b).named(f"Z{number}")
            A = (mg.sigmoid if last else activation)(Z).named(f"A{number}")
    return mg.bce(A, Y).mean().named("J")


def one_hidden_layer():
    """The 3-4-1 net"""
    return layers([3, 4, 1], mg.tanh, "tanh")


def five_layers():
    """Five layers with ReLU"""
    return layers([4, 5, 5, 4, 3, 1], mg.relu, "ReLU")


def forty_layers():
    """Forty layers, one box each"""
    return layers([4] * 40 + [1], mg.tanh, "tanh")


def softmax_classifier():
    """A softmax classifier"""
    random = np.random.default_rng(2)
    X, Y = mg.data(random.normal(size=(4, 6)), "X"), mg.data(np.eye(3)[:, [0, 2, 1, 1, 0, 2]], "Y")
    W, b = mg.parameter(random.normal(size=(3, 4)), "W"), mg.parameter(np.zeros((3, 1)), "b")
    Z = (W @ X + b).named("Z")
    return mg.cross_entropy_with_logits(Z, Y).mean().named("J")


def shared_step():
    """A step without a name that is used three times"""
    a, b = mg.parameter(2.0, "a"), mg.parameter(0.5, "b")
    product = a * b
    return (product * product + mg.exp(-product)).named("J")


def second_derivative():
    """A gradient is a graph: ∂J/∂x of J = x³ + 2x, and its own derivative"""
    x = mg.parameter(2.0, "x")
    J = (x**3 + 2 * x).named("J")
    return mg.grad(J, x)


def gradient_graph():
    """The expression that computes ∂J/∂w"""
    J = logistic_regression()
    (w,) = [node for node in mg.backward(J).gradients if node.name == "w"]
    return mg.grad(J, w)


def sixty_steps():
    """A chain of sixty steps"""
    h = mg.parameter(0.5, "x")
    for number in range(1, 61):
        h = mg.tanh(h).named(f"h{number}")
    return h


def trained_net():
    """A trained net in its teaching form: A3 = σ(Z3) on the path to J"""
    data = breast_cancer()
    net = DeepNet([30, 16, 8, 1], hidden="relu", seed=0).fit(data.X, data.Y, epochs=5, progress=False)
    return net.graph(data.X[:, :8], data.Y[:, :8], loss="probabilities")


@dataclass(frozen=True)
class Picture:
    """A picture: the function that builds the node, which pass, the options of `mg.draw`, and the name of its ``wrt``."""

    build: Callable[[], mg.Node]
    direction: str
    options: dict[str, object]
    wrt: str | None = None

    @property
    def name(self) -> str:
        """The name of its file: the function's, the pass and the options."""
        options = [f"{name}-{value}" for name, value in self.options.items()] + ([f"wrt-{self.wrt}"] if self.wrt else [])
        return "-".join([self.build.__name__.replace("_", "-"), self.direction, *options]).lower()

    @property
    def code(self) -> str:
        """The line that draws it."""
        options = "".join(f", {name}={value!r}" for name, value in self.options.items()).replace("'", '"')
        options += f", wrt={self.wrt}" if self.wrt else ""
        return f'mg.draw(J, "{self.direction}"{options})'

    def draw(self) -> mg.Diagram:
        """The diagram."""
        J = self.build()
        ends = [node for node in mg.backward(J).gradients if node.name == self.wrt] if self.wrt else None
        return mg.draw(J, self.direction, wrt=ends, **self.options)


CIRCUIT, GROUPS = {"style": "circuit"}, {"level": "groups"}

PICTURES = [
    Picture(chain, "forward", {}),
    Picture(chain, "backward", {}),
    Picture(chain, "both", {}),
    Picture(chain, "both", CIRCUIT),
    Picture(chain, "backward", {"values": False}),
    Picture(two_paths, "backward", {}),
    Picture(two_paths, "both", {}),
    Picture(two_paths, "backward", {}, wrt="b"),
    Picture(square, "backward", {}),
    Picture(logistic_unit, "forward", {}),
    Picture(logistic_unit, "backward", {}),
    Picture(logistic_unit, "backward", {}, wrt="w2"),
    Picture(logistic_unit, "both", CIRCUIT),
    Picture(logistic_regression, "forward", {}),
    Picture(logistic_regression, "backward", {}),
    Picture(logistic_regression, "both", {}),
    Picture(one_hidden_layer, "forward", {}),
    Picture(one_hidden_layer, "backward", {}),
    Picture(five_layers, "forward", {}),
    Picture(five_layers, "backward", {}),
    Picture(five_layers, "backward", GROUPS),
    Picture(softmax_classifier, "forward", {}),
    Picture(softmax_classifier, "backward", {}),
    Picture(shared_step, "backward", {}),
    Picture(shared_step, "backward", {"fold": False}),
    Picture(second_derivative, "forward", {}),
    Picture(second_derivative, "backward", {}),
    Picture(gradient_graph, "forward", {}),
    Picture(sixty_steps, "backward", {}),
    Picture(forty_layers, "backward", GROUPS),
    Picture(trained_net, "forward", {}),
    Picture(trained_net, "backward", {}),
    Picture(trained_net, "backward", GROUPS),
]

PAGES = (chain, two_paths, one_hidden_layer)


def code(build: Callable[[], mg.Node]) -> str:
    """The body of a function as it is typed: without its head, its docstring and its return."""
    lines = inspect.getsource(build).splitlines()[2:]
    *body, last = [line.removeprefix("    ") for line in lines]
    return "\n".join([*body, last.replace("return", "J =", 1)])


def page() -> str:
    """The gallery in Markdown."""
    parts = [
        "# Gallery",
        "Every picture is drawn by the lines above it; `docs/gallery/make.py` draws them all. Pictures are SVG: they "
        "scale, and their text can be searched and copied.",
        f"The nets are built by this function:\n\n```python\n{inspect.getsource(layers).strip()}\n```",
    ]
    shown = None
    for picture in PICTURES:
        if picture.build is not shown:
            shown = picture.build
            parts.append(f"## {shown.__doc__}\n\n```python\n{code(shown)}\n```")
            if shown in PAGES:
                parts.append(f"Step by step: [{page_name(shown)}]({page_name(shown)}), written by `mg.step_through`.")
        parts.append(f"`{picture.code}`\n\n![{shown.__doc__}]({picture.name}.svg)")
    return "\n\n".join(parts) + "\n"


def page_name(build: Callable[[], mg.Node]) -> str:
    """The name of the step-through page."""
    return f"{build.__name__.replace('_', '-')}-steps.html"


def main(folder: Path) -> None:
    """Draw everything into a folder."""
    for picture in PICTURES:
        picture.draw().save(folder / f"{picture.name}.svg")
    for build in PAGES:
        mg.step_through(build(), folder / page_name(build))
    (folder / "index.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
