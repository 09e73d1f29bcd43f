"""`Question`, and `Asked`: a graph with what every question on it needs: its names, its steps, its backward pass."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from minigraph.calculus.reverse_mode import look_back
from minigraph.core.evaluation import evaluate
from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Node
from minigraph.formulas import to_text
from minigraph.formulas.text_printer import Met
from minigraph.reading.names import Names, cleaned
from minigraph.reading.numbers import parsed, rounded
from minigraph.reading.steps import Derivative, Step, steps_of
from minigraph.values import Array

CLOSE = 0.005
"""An answer is right to so much of its size: three significant digits are enough."""
ROUNDING = 1e-9
"""What should be 0 may be off by this part of the numbers that it is computed from."""

IN_A_NAME = "[^\\W⁰¹²³⁴⁵⁶⁷⁸⁹ᵀ]"
"""What goes on with a name: a letter or a digit, but no exponent and no ᵀ."""


@dataclass(frozen=True)
class Slip:
    """What somebody may answer instead: the answer, and in words how it comes about."""

    answer: Any
    words: str

    @property
    def key(self) -> tuple[str, str]:
        """The same for two slips of one sentence whose answers differ by rounding alone."""
        return self.words, rounded(self.answer) if isinstance(self.answer, float) else str(self.answer)


@dataclass(frozen=True)
class Question:
    """One question of a quiz.

    Attributes:
        given: what it is about, such as ``v = a + u``.
        known: what is known by the time it is asked, such as ``∂J/∂v = 3``; on paper it is the answer to a question before.
        ask: what is asked for, such as ``∂J/∂u``.
        answer: a number; a shape as a tuple; or which of the ``choices``.
        shown: the answer as it is written.
        slips: what may be answered instead; none is taken for the right answer.
        hint: how to begin.
        solution: the whole way, line by line.
        choices: the answers to choose from, if there are any.
        unsure: the rounding of the numbers that are shown puts the answer off by so much.
    """

    given: str
    known: str
    ask: str
    answer: Any
    shown: str
    slips: tuple[Slip, ...]
    hint: str
    solution: str
    choices: tuple[str, ...] = ()
    unsure: float = 0.0

    @property
    def prompt(self) -> str:
        """What stands before the answer: ``∂J/∂u =``, or ``The shape of ∂J/∂W:``."""
        return f"T{self.ask[1:]}:" if self.ask.startswith("the ") else f"{self.ask} ="

    def room(self, answer: Any) -> float:
        """How far what is typed may be from a number."""
        return CLOSE * abs(answer) + self.unsure if isinstance(answer, float) else 0.0

    def is_near(self, given: Any, answer: Any) -> bool:
        """Whether what is typed is taken for an answer."""
        return bool(abs(given - answer) <= self.room(answer) if isinstance(answer, float) else given == answer)

    def judged(self) -> dict[str, Any]:
        """What `quiz_judge.js` needs of it. Wrong numbers have the digits that it takes to know them again."""
        is_shape = isinstance(self.answer, tuple)
        return {
            "form": "choice" if self.choices else "shape" if is_shape else "number",
            "prompt": self.prompt,
            "answer": self.answer,
            "shown": self.shown,
            "close": CLOSE,
            "unsure": float(f"{self.unsure:.2g}"),
            "slips": [[_shortened(slip.answer), slip.words] for slip in self.slips],
        }

    def told_apart(self) -> Question:
        """The question without slips that can't be told from the right answer, or can't be typed."""
        slips = {slip.key: slip for slip in self.slips if self._is_apart(slip.answer)}
        return replace(self, slips=tuple(slips.values()))

    def _is_apart(self, answer: Any) -> bool:
        if not isinstance(answer, float):
            return bool(answer != self.answer)
        apart = abs(answer - self.answer) > self.room(answer) + self.room(self.answer)
        return apart and math.isfinite(answer)


def _shortened(answer: Any) -> Any:
    return float(f"{answer:.6g}") if isinstance(answer, float) else answer


@dataclass
class Asked:
    """A graph whose backward pass is asked for.

    Attributes:
        root: the node J.
        fold: whether unnamed nodes are written inside the step that uses them.
        arrivals: for each node the derivatives that lead to it; no node before those that its gradient comes from.
        shown: the numbers of the steps, as they are shown.
    """

    root: Node
    fold: bool
    names: Names = field(init=False)
    steps: list[Step] = field(init=False)
    backward_pass: BackwardPass = field(init=False)
    arrivals: dict[Node, list[Derivative]] = field(init=False)
    shown: dict[Node, Array] = field(init=False)

    def __post_init__(self) -> None:
        self.names = Names(self.root)
        self.steps = steps_of(self.root, self.fold)
        self.shown = as_shown(self.steps)
        self.backward_pass = look_back(self.root, None, "quiz")
        lines = {(line.consumer, line.position): line for line in self.backward_pass}
        rank = {line: place for place, line in enumerate(self.backward_pass)}
        edges = [edge for step in self.steps for edge in step.edges]
        found = [[lines[part] for part in edge.path] for edge in edges if all(part in lines for part in edge.path)]
        into: dict[Node, list[Derivative]] = {}
        for path in sorted(found, key=lambda path: rank[path[-1]]):
            into.setdefault(path[-1].input, []).append(Derivative(tuple(path)))
        self.arrivals = dict(sorted(into.items(), key=lambda item: rank[item[1][-1].lines[-1]]))

    def upstream(self, arrival: Derivative) -> Node:
        """The gradient of the node that a derivative starts from."""
        return self.backward_pass.gradients[arrival.consumer]

    def gradient(self, node: Node) -> str:
        """∂J/∂node, as it is written."""
        return cleaned(to_text(self.names.gradient(node), subscripts=True))

    def partial(self, arrival: Derivative) -> str:
        """∂v/∂u, as it is written."""
        return cleaned(to_text(self.names.derivative(arrival.consumer, arrival.input), subscripts=True))

    def name(self, node: Node, met: Met | None = None) -> str:
        """A node by its name, or its formula, without floors that keep a denominator from 0, of which ``met`` takes note."""
        return cleaned(to_text(node, budget=40, names=self.names, juxtapose=True, subscripts=True, met=met or Met()))

    def defined(self, node: Node) -> str:
        """``v = a + u``; a node that is called by its formula is that alone."""
        if node.op is None:
            return self.name(node)
        formula = cleaned(to_text(node.formula(), budget=60, names=self.names, juxtapose=True, subscripts=True))
        return formula if self.name(node) == formula else f"{self.name(node)} = {formula}"

    def spelled(self, text: object) -> str:
        """What `explain` and `compare` say, line by line, with names as they are written here: W₁ for W1."""
        spelling = {self.names.of(step.node): self.name(step.node) for step in self.steps if step.node in self.names}
        plain = sorted((name for name, written in spelling.items() if name != written), key=len, reverse=True)
        lines = "\n".join(map(cleaned, str(text).splitlines()))
        if not plain:
            return lines
        return re.sub(rf"(?<!\w)({'|'.join(map(re.escape, plain))})(?!{IN_A_NAME})", lambda found: spelling[found[0]], lines)

    def told(self, node: Node) -> str:
        """How a node is defined; "" if its name says so."""
        return "" if self.defined(node) == self.name(node) else self.defined(node)


def number_of(node: Node) -> float:
    """The value of a node with one entry."""
    return float(np.asarray(node.value).item())


def unsureness(numbers: Iterable[float]) -> float:
    """By how much a sum of numbers may be off if it is taken of the numbers as they are shown."""
    listed = [x for x in numbers if math.isfinite(x)]
    return sum(abs(parsed(rounded(x)) - x) + ROUNDING * abs(x) for x in listed)


def as_shown(steps: Iterable[Step]) -> dict[Node, Array]:
    """The numbers among the values of the steps, as they are shown: 0.9997 for 0.99966."""
    numbers = {step.node: float(step.node.value) for step in steps if step.node.shape == ()}
    return {x: np.asarray(parsed(rounded(value))) for x, value in numbers.items() if math.isfinite(value)}


def off_as_shown(shown: Mapping[Node, Array], node: Node) -> float:
    """How far from its value a node with one entry comes out, worked out of the numbers of the steps as they are shown.

    Of a = 0.99966, shown as 0.9997, the derivative a(1 − a) is off by an eighth.
    """
    with np.errstate(all="ignore"):
        off = abs(float(np.asarray(evaluate(node, given=shown)).item()) - number_of(node))
    return off if math.isfinite(off) else 0.0
