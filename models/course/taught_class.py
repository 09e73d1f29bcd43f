"""`TaughtClass`: what one class consists of; `taught` finds one by its name.

Texts are Markdown of one line: ``*emphasis*``, ```code``` and links. A link goes to ``lesson:`` or ``questions:``, pages of
the documentation, or to ``pack:``, a file of the class's folder.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import minigraph as mg
from minigraph.core.errors import nearest
from minigraph.core.pulling import ancestors
from minigraph.drawing import Diagram
from minigraph.pages.page import UnwrittenPage
from minigraph.reading.numbers import bracketed, rounded

CLASSES = {
    "chain-rule": "chain_rule",
    "hidden-layer": "hidden_layer",
    "deep-nets": "deep_nets",
}
"""The name of each class, and the file here that holds it, in the order in which they are given."""


@dataclass(frozen=True)
class Minutes:
    """A row of the time plan: from when to when, what happens, and what is shown meanwhile."""

    span: str
    what: str
    shown: str = ""


@dataclass(frozen=True)
class Slide:
    """A slide.

    Attributes:
        title: its heading.
        lines: plain text; of a picture there is more to be seen if they are few.
        code: lines of code below the others, in letters of one width.
        picture: gives a `Diagram`.
        plot: draws into Matplotlib's axes.
        alt: what a plot shows, in words; a diagram knows it.
    """

    title: str
    lines: tuple[str, ...] = ()
    picture: Callable[[], Diagram] | None = None
    plot: Callable[[Any], object] | None = None
    alt: str = ""
    code: tuple[str, ...] = ()


@dataclass(frozen=True)
class Projected:
    """A page to project: its file in the folder, its heading, what makes it, and what to do with it."""

    file: str
    title: str
    make: Callable[[], UnwrittenPage]
    use: str


def live(graph: Callable[[], mg.Node], file: str, title: str, told: str, use: str, **options: float) -> Projected:
    """A page whose numbers are dragged, with what it is told above them; ``options`` are those of `minigraph.live`."""

    def make() -> UnwrittenPage:
        return mg.live(graph(), title=told, **options)  # type: ignore[return-value, arg-type]

    return Projected(file, title, make, use)


GUESS = "Both passes, with a switch that hides each number until somebody has guessed it."


def steps(graph: Callable[[], mg.Node], file: str, title: str, use: str = GUESS) -> Projected:
    """A page that goes through both passes."""
    return Projected(file, title, lambda: mg.step_through(graph()), use)


class Found:
    """The numbers of a graph of numbers, by the names of its nodes.

    Example:
        >>> import minigraph as mg
        >>> found = Found(mg.square(mg.parameter(-3.0, "w")).named("L"))
        >>> found.value["w"], found.gradient["w"], found.factor(found.gradient["w"])
        (-3.0, -6.0, '(−6)')
    """

    def __init__(self, J: mg.Node):
        self.value = {node.name: float(node.value) for node in ancestors([J]) if node.name}
        self.gradient = {node.name: float(one.value) for node, one in J.backward().gradients.items() if node.name}

    @staticmethod
    def factor(number: float) -> str:
        """A number that stands behind a sign, as in pictures."""
        return bracketed(rounded(number))


@dataclass(frozen=True)
class Sheet:
    """A worksheet: a picture with places to fill in, and questions.

    Attributes:
        text: what is to be done.
        graph: gives the node whose backward pass is drawn; its numbers are chosen anew for each student.
        questions: asked below the picture.
        answers: from the graph with a student's numbers to what to write, one for each question, with its number.
    """

    text: str
    graph: Callable[[], mg.Node]
    questions: tuple[str, ...]
    answers: Callable[[Found], tuple[str, ...]]


@dataclass(frozen=True)
class Exercise:
    """What is done in class.

    Attributes:
        text: the task, in paragraphs.
        solution: paragraphs, and functions: of one in the class's code the source is shown, of others the result.
    """

    text: tuple[str, ...]
    solution: tuple[str | Callable[..., Any], ...]


@dataclass(frozen=True)
class Assignment:
    """Homework that grades itself: a backward pass to write.

    Attributes:
        text: the task, in paragraphs.
        cost: the forward pass, whose source students get.
        backward: a right answer; students get its first line and its docstring.
        shapes: those of the arguments of ``cost``, as `minigraph.testing.RandomNets` takes them.
        points: what each gradient is worth.
    """

    text: tuple[str, ...]
    cost: Callable[..., mg.Node]
    backward: Callable[..., Mapping[str, Any]]
    shapes: Mapping[str, str]
    points: Mapping[str, float]


@dataclass(frozen=True)
class TaughtClass:
    """A class of 90 minutes.

    Attributes:
        name: by which `taught` finds it.
        number: its place among the classes.
        title: its heading.
        aim: for whom it is, and what they can do afterwards.
        imports: what the code of its pictures needs.
        code: the functions that the pictures are drawn from.
        plan: its time.
        slides: in order.
        projected: the live pages and the pages that go step by step.
        ask: the question that comes before somebody moves a number.
        quiz: gives the node whose derivatives the quiz for phones asks for.
        sheet: the worksheet.
        exercise: what is done in class.
        assignment: what is done at home.
        mistakes: what students write, and what to show them.
        pictures: further ones, too rich for a slide.
    """

    name: str
    number: int
    title: str
    aim: str
    imports: str
    code: tuple[Callable[..., Any], ...]
    plan: tuple[Minutes, ...]
    slides: tuple[Slide, ...]
    projected: tuple[Projected, ...]
    ask: str
    quiz: Callable[[], mg.Node]
    sheet: Sheet
    exercise: Exercise
    assignment: Assignment
    mistakes: Mapping[str, str]
    pictures: tuple[Callable[[], Diagram], ...] = ()

    @property
    def heading(self) -> str:
        """Its number and its title."""
        return f"Class {self.number}: {self.title}"


def taught(name: str) -> TaughtClass:
    """The class of that name.

    Raises:
        ValueError: if there is none; the message names those that there are.

    Example:
        >>> from minigraph.models.course import taught
        >>> taught("chain-rule").heading
        'Class 1: the chain rule on graphs'
    """
    if name not in CLASSES:
        raise ValueError(f"there is no class {name!r}.{nearest(name, CLASSES)} There are: {', '.join(CLASSES)}.")
    found: TaughtClass = import_module(f"{__package__}.{CLASSES[name]}").CLASS
    return found
