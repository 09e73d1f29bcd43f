"""How an explanation is written: gradients exactly or as in notes; sentences and formulas as text, LaTeX or Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from minigraph.calculus.paper_rules import ON_PAPER
from minigraph.calculus.simplification import RULES, simplify
from minigraph.core.node import Node, Role, literal
from minigraph.core.pulling import ancestors
from minigraph.formulas import Symbol, Written, number, quotient, symbol, to_ascii, to_latex, to_text
from minigraph.formulas.ascii_printer import RESERVED
from minigraph.formulas.spelling import ascii_names, ascii_words, latex_words
from minigraph.formulas.text_printer import NO_NAMES, Met
from minigraph.formulas.tree import in_front
from minigraph.reading.names import Names
from minigraph.reading.steps import BackwardSteps, Derivative

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What breaks or turns lines, in names."""

MOST_PATHS = 6
"""So many paths are written out, no more."""
LONGEST = 400
"""A side of a formula is cut after so many characters."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: words and formulas in a row.

    Attributes:
        parts: strings are words; the others are formulas.
        depth: how far the line is indented.
        is_formula: True if it is a formula with perhaps a remark after it, and can stand in LaTeX's ``aligned``.
    """

    parts: tuple[str | Written, ...]
    depth: int = 0
    is_formula: bool = False

    def written(self, words: Callable[[str], str], formula: Callable[[Written], str]) -> str:
        """The parts in a row, words and formulas each written by a function of theirs."""
        return "".join(words(part) if isinstance(part, str) else formula(part) for part in self.parts)


@dataclass
class Explanation:
    r"""Sentences and formulas. ``print`` it, or let a notebook show it; ``.latex`` and ``.markdown`` are for documents.

    ``.ascii`` is for terminals and logs that lack the letters.

    Attributes:
        lines: the lines, in order.
        names: names given to unnamed nodes, for this text only.
        met: what stood in the formulas so far.

    Example:
        >>> import minigraph as mg
        >>> b = mg.parameter(3.0, "b")
        >>> print(mg.explain((b * b).named("J"), wrt=b).latex)
        \begin{aligned}
        ...
    """

    lines: list[Line] = field(default_factory=list)
    names: Mapping[Any, str] = field(default_factory=lambda: NO_NAMES)
    met: Met = field(default_factory=Met, repr=False, compare=False)

    def say(self, *parts: str | Written, depth: int = 0) -> None:
        """Add a sentence."""
        self._add(list(parts), depth, False)

    def equate(
        self, *sides: Written, relations: Sequence[str] = (), label: str = "", remark: str = "", depth: int = 0
    ) -> None:
        """Add a formula: sides with = between them, or with the relations given. A side like the one before is left out."""
        signs = relations or ["="] * (len(sides) - 1)
        parts: list[str | Written] = [label, sides[0]] if label else [sides[0]]
        last = self.text_of(sides[0])
        for sign, side in zip(signs, sides[1:], strict=True):
            if (text := self.text_of(side)) != last:
                parts += [f" {sign} ", side]
                last = text
        if remark:
            before = ", " if remark.startswith("because") else " " if remark.startswith(("at ", "with ")) else "   "
            parts.append(before + remark)
        self._add(parts, depth, not label)

    def _add(self, parts: list[str | Written], depth: int, is_formula: bool) -> None:
        words = (_CONTROL.sub(" ", part) if isinstance(part, str) else part for part in parts)
        self.lines.append(Line(tuple(words), depth, is_formula))

    def text_of(self, part: Written) -> str:
        """A formula as plain text."""
        return _CONTROL.sub(" ", to_text(part, budget=LONGEST, names=self.names, juxtapose=True, met=self.met))

    def latex_of(self, part: Written) -> str:
        """A formula in LaTeX."""
        return _CONTROL.sub(" ", to_latex(part, names=self.names, juxtapose=True, met=self.met))

    def line_text(self, line: Line) -> str:
        """A line as plain text."""
        return "  " * line.depth + line.written(str, self.text_of)

    @property
    def ascii(self) -> str:
        """The text in ASCII, for terminals and logs that lack the letters: ``dW2 = dZ2 @ A1.T``, ``rowsum(dZ1)``."""
        root = self.names.of(self.names.root) if isinstance(self.names, Names) and self.names.root else "J"
        spell = ascii_names(root, RESERVED)

        def formula(part: Written) -> str:
            return to_ascii(part, budget=LONGEST, names=self.names, spell=spell, met=self.met)

        return "\n".join("  " * line.depth + line.written(ascii_words, formula) for line in self.lines)

    def __str__(self) -> str:
        return "\n".join(map(self.line_text, self.lines))

    def __repr__(self) -> str:
        return str(self)

    @property
    def latex(self) -> str:
        """The formulas and sentences as one ``aligned`` block, for LaTeX's mathematics mode."""
        rows = [self._latex_row(line) for line in self.lines]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _latex_row(self, line: Line) -> str:
        indent = r"\quad " * line.depth
        if not line.is_formula:
            return f"& {indent}{line.written(latex_words, self.latex_of)}"
        first, rest = Line(line.parts[:1]), Line(line.parts[1:])
        return f"{indent}{first.written(latex_words, self.latex_of)} &{rest.written(_sign_or_words, self.latex_of)}"

    @property
    def markdown(self) -> str:
        """The same as Markdown: sentences as text, formulas between dollars."""
        blocks = []
        for line in self.lines:
            if line.is_formula:
                block = f"$\\displaystyle {line.written(_sign_or_words, self.latex_of)}$"
            else:
                block = line.written(_plain, lambda formula: f"${self.latex_of(formula)}$")
            blocks.append("&emsp;" * 2 * line.depth + block)
        return "  \n".join(blocks)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/markdown": self.markdown}


SIGNS = {"=": "=", "≈": r"\approx ", "✓": r"\checkmark ", "→": r"\to "}


def _sign_or_words(text: str) -> str:
    if (sign := text.strip()) in SIGNS:
        return f" {SIGNS[sign]} "
    return latex_words(text) if text.startswith(",") else r"\quad " + latex_words(sign)


def _plain(text: str) -> str:
    """Words in Markdown: nothing in them is markup."""
    return re.sub(r"([\\`*_{}\[\]<>$|#])", r"\\\1", text)


# How gradients are written


class ExactForm:
    """∂J/∂Z is the derivative of J by Z, nothing else."""

    rules = RULES

    def __init__(self, steps: BackwardSteps):
        self.steps = steps
        self.m = examples(steps)

    def explained(self) -> tuple[str, ...]:
        """What this form does, in sentences; none where there is no mean."""
        if self.m is None:
            return ()
        return (f'1/m = 1/{self.m} is part of every gradient here; form="notes" moves it into those of the parameters.',)

    def gradient(self, node: Node) -> Symbol:
        """∂J/∂Z for Z."""
        return self.steps.names.gradient(node)

    def scale(self, node: Node) -> float:
        """What ∂J/∂node is multiplied by in this form."""
        return 1.0

    def contribution(self, step: Derivative) -> Written:
        """What a step contributes, written on the gradient above it."""
        if step.consumer is self.steps.root and self.starts_with_one():  # which need not be written
            pulled = step.pull(self.start(step))
            simple = simplify([pulled], fold=False, rules=self.rules, keep=self.steps.forward)[pulled]
            if not any(_is_array_of_numbers(x) for x in ancestors([simple]) if x not in self.steps.forward):
                return simple
        return self.scaled(step, step.written(self.gradient(step.consumer)))

    def starts_with_one(self) -> bool:
        """Whether ∂J/∂J is 1, as it is without a seed."""
        return bool(np.all(self.steps.backward_pass.seed.value == 1))

    def start(self, step: Derivative) -> Node:
        """∂J/∂J for a step from J."""
        return literal(np.ones(step.consumer.shape), step.consumer.dtype)

    def scaled(self, step: Derivative, written: Written) -> Written:
        """What a step contributes in this form, given how it is written with the gradient above in this form."""
        return written


class NotesForm(ExactForm):
    """dZ is m · ∂J/∂Z: the derivative of the sum of the losses. The gradients of parameters get 1/m, and are exact."""

    rules = ON_PAPER

    def explained(self) -> tuple[str, ...]:
        """What this form does, in sentences."""
        if self.m is None:
            last = self.steps.nodes[-1]
            return (
                f"Notes' form: {self.gradient(last).name} is short for {self.steps.names.gradient(last).name}. "
                "There is no mean over m examples here, so nothing else changes.",
            )
        return (
            f"Notes' form: with m = {self.m} examples, dZ means m · ∂J/∂Z, the gradient of the sum of the losses.",
            "1/m comes in where a parameter is reached, so dW and db are ∂J/∂W and ∂J/∂b themselves.",
        )

    def gradient(self, node: Node) -> Symbol:
        """dZ for Z."""
        return symbol(f"d{self.steps.names.of(node)}", node.shape)

    def scale(self, node: Node) -> float:
        """What ∂J/∂node is multiplied by: m where the node has a column for each example, else 1."""
        return float(self.m or 1) if self._per_example(node) else 1.0

    def _per_example(self, node: Node) -> bool:
        return self.m is not None and node.ndim > 0 and node.shape[-1] == self.m and node.role is not Role.PARAMETER

    def scaled(self, step: Derivative, written: Written) -> Written:
        """With 1/m in front, where a parameter is reached."""
        above, below = self._per_example(step.consumer), self._per_example(step.input)
        if above == below:
            return written
        m = symbol("m")
        return in_front(quotient(number(1), m) if above else m, written)

    def start(self, step: Derivative) -> Node:
        """m · ∂J/∂J, where the step leads to what has a column for each example."""
        start = super().start(step)
        return literal(self.scale(step.input), start.dtype, "m") if self._per_example(step.input) else start


def _is_array_of_numbers(node: Node) -> bool:
    """Whether a node is an array that no formula can write out, such as the 1 that goes into a product of matrices."""
    return node.role is Role.LITERAL and node.ndim > 0


FORMS: dict[str, type[ExactForm]] = {"exact": ExactForm, "notes": NotesForm}


def examples(steps: BackwardSteps) -> int | None:
    """The number m of examples, if J is a mean over them: the count that the mean's derivative divides by."""
    last = (step for node in steps.nodes[1:] for step in steps.arrivals[node] if step.consumer is steps.root)
    counts = (x for step in last for x in ancestors([line.product for line in step.lines]) if x.name == "m")
    return next((int(x.value) for x in counts if x.role is Role.LITERAL), None)
