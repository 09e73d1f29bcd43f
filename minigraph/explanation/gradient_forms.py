"""Two ways to write gradients: exactly, as ∂J/∂Z; or as lecture notes do, dZ, with 1/m moved into dW and db."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigraph.calculus.simplification import RULES, simplify
from minigraph.core.node import Node, Role, literal
from minigraph.core.pulling import ancestors
from minigraph.explanation.paper_rules import ON_PAPER
from minigraph.formulas import Symbol, Written, number, quotient, symbol
from minigraph.formulas.builders import in_front
from minigraph.reading.backward_steps import BackwardSteps, Derivative
from minigraph.reading.names import Names


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

    @staticmethod
    def symbol_of(names: Names, node: Node) -> Symbol:
        """∂J/∂Z for Z."""
        return names.gradient(node)

    def gradient(self, node: Node) -> Symbol:
        """The gradient's symbol."""
        return self.symbol_of(self.steps.names, node)

    def scale(self, node: Node) -> float:
        """What ∂J/∂node is multiplied by in this form."""
        return 1.0

    def contribution(self, step: Derivative) -> Written:
        """What a step contributes, written on the gradient above it."""
        if step.consumer is self.steps.root and self.starts_with_one():
            return self._first(step, np.ones(step.consumer.shape))
        return self.scaled(step, step.written(self.gradient(step.consumer)))

    def starts_with_one(self) -> bool:
        """Whether ∂J/∂J is 1, as it is without a seed."""
        return bool(np.all(self.steps.backward_pass.seed.value == 1))

    def _first(self, step: Derivative, start: Any, name: str | None = None) -> Node:
        """A step from J, where ∂J/∂J = 1 need not be written."""
        pulled = step.pull(literal(start, step.consumer.dtype, name))
        return simplify([pulled], fold=False, rules=self.rules, keep=self.steps.forward)[pulled]

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

    @staticmethod
    def symbol_of(names: Names, node: Node) -> Symbol:
        """dZ for Z."""
        return symbol(f"d{names.of(node)}", node.shape)

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

    def contribution(self, step: Derivative) -> Written:
        """What a step contributes, written on the gradient above it."""
        if step.consumer is self.steps.root and self.starts_with_one() and self._per_example(step.input):
            return self._first(step, self.m, "m")
        return super().contribution(step)


FORMS: dict[str, type[ExactForm]] = {"exact": ExactForm, "notes": NotesForm}


def examples(steps: BackwardSteps) -> int | None:
    """The number m of examples, if J is a mean over them: the count that the mean's derivative divides by."""
    for node in steps.nodes[1:]:
        for step in steps.arrivals[node]:
            if step.consumer is not steps.root:
                continue
            for x in ancestors([line.product for line in step.lines]):
                if x.role is Role.LITERAL and x.name == "m":
                    return int(x.value)
    return None
