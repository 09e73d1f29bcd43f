"""Whether a learning rate is too high or too low: some steps are taken on the side, and J is read after each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from minigraph.core.errors import DomainError
from minigraph.core.evaluation import evaluate
from minigraph.core.ledger import BackwardPass
from minigraph.core.node import Role
from minigraph.explanation.health_findings.layers_and_units import Finding, pinned
from minigraph.explanation.layers import Layer
from minigraph.reading.numbers import rounded

FAST, SLOW = 0.1, 1e-5
"""The size of an update over the size of the weights, from which on it is told as large; below which it may be small."""
STEPS = 5
"""So many steps are tried."""
RISEN = 0.1
"""J has risen if it is larger by this part of itself."""
RAISED = (1e3, 1e5, 1e7)
"""A rate is too low if one that is so many times as high lowers J in each step; in float32 a small one changes nothing."""
FLAT = 1e-9
"""J is flat if a step changes it by less than this part of it."""
LOWERED = 8
"""So many powers of 10 are tried to find a rate with which J falls."""


@dataclass(frozen=True)
class Steps:
    """What a learning rate does to J.

    Attributes:
        rate: the rate.
        costs: J at the start, and after each step as far as it is finite; nothing is changed in the graph.
        broke: whether J was not finite after the last.
    """

    rate: float
    costs: tuple[float, ...]
    broke: bool

    @property
    def risen(self) -> int:
        """After how many steps J is higher than at the start; 0 if it never is."""
        start = self.costs[0]
        higher = (place for place, cost in enumerate(self.costs) if cost > start + RISEN * abs(start))
        return next(higher, len(self.costs) if self.broke else 0)

    @property
    def falls(self) -> bool:
        """Whether J falls in each step."""
        return not self.broke and bool(np.all(np.diff(self.costs) < 0))

    @property
    def is_flat(self) -> bool:
        """Whether J changes at first and no more at last: it is at a minimum, or where nothing flows back."""
        changes = np.abs(np.diff(self.costs)) / max(map(abs, self.costs), default=1.0)
        return not self.broke and bool(changes[0] > RISEN and np.all(changes[-2:] < FLAT) and self.costs[-1])

    def is_better_than(self, other: Steps) -> bool:
        """Whether J falls in each step, and comes to be lower than there."""
        return self.falls and (not other.is_flat or self.costs[-1] < other.costs[-1])

    def told(self) -> str:
        """How J rises, or where it stays."""
        if not self.risen:
            return f"then J stays at {rounded(self.costs[-1], 3)}, where nothing flows back"
        start, risen = self.costs[0], self.risen
        after = "" if risen == 1 else f" in {risen} steps"
        if risen == len(self.costs):
            return f"J goes from {rounded(start, 3)} to a value that is not finite{after}"
        return f"J rises from {rounded(start, 3)} to {rounded(self.costs[risen], 3)}{after}"


def steps_of(backward_pass: BackwardPass, rate: float) -> Steps:
    """Steps of plain gradient descent at this rate."""
    parameters = [node for node in backward_pass.gradients if node.role is Role.PARAMETER]
    wanted = [backward_pass.root, *(backward_pass.gradients[node] for node in parameters)]
    values = {node: np.asarray(node.value) for node in parameters}
    costs: list[float] = []
    for _ in range(STEPS + 1):
        try:
            J, *gradients = evaluate(wanted, given=values)
        except DomainError:
            return Steps(rate, tuple(costs), broke=True)
        if not np.isfinite(J).all():
            return Steps(rate, tuple(costs), broke=True)
        costs.append(float(np.sum(J)))
        values = {node: values[node] - rate * gradient for node, gradient in zip(parameters, gradients, strict=True)}
    return Steps(rate, tuple(costs), broke=False)


def step_findings(
    found: Sequence[Layer],
    updates: Sequence[float | None],
    backward_pass: BackwardPass,
    rate: float,
    *,
    settled: Sequence[bool],
    cure: str,
) -> Iterator[Finding]:
    """Whether steps at this rate raise J, or are so small that far larger ones would do.

    Args:
        found: the layers.
        updates: for each the size of a step beside its weights.
        backward_pass: the pass.
        rate: the learning rate.
        settled: for each layer whether its weights are at a minimum.
        cure: what to do before the rate is changed; "" for nothing.
    """
    sizes = [np.inf if update is None else update for update in updates]
    steps = steps_of(backward_pass, rate) if sizes and max(sizes) > SLOW else None
    good = None
    if steps is not None and (steps.risen or steps.is_flat):
        lower = (steps_of(backward_pass, rate / 10**power) for power in range(1, LOWERED))
        good = next((other.rate for other in lower if other.is_better_than(steps)), None)
    if steps is not None and (steps.risen or good is not None):
        with_it = "" if good is None else f" With {rounded(good)} J falls."
        least, any_weights = min(FAST, max(sizes)), any(layer.weights for layer in found)
        for layer, update, size in zip(found, updates, sizes, strict=True):
            if size >= least and (layer.weights or not any_weights):
                yield _large(layer, update, steps, f"{cure}Lower the learning rate.{with_it}")
    elif any(0 < size < SLOW and not is_settled for size, is_settled in zip(sizes, settled, strict=True)):
        higher = (raised * rate for raised in RAISED if steps_of(backward_pass, raised * rate).falls)
        if (good := next(higher, None)) is not None:
            for layer, size, is_settled in zip(found, sizes, settled, strict=True):
                if 0 < size < SLOW and not is_settled:
                    yield _small(layer, size, rate, good)


def _large(layer: Layer, update: float | None, steps: Steps, advice: str) -> Finding:
    rate = rounded(steps.rate)
    share = f"with the rate {rate} {steps.told()}."
    pin = "J rises in a step"
    if update is not None:
        percent = rounded(_percent(update), 2)
        share = f"a step with the rate {rate} changes the weights by {percent} % of their size (0.1 % is usual), and "
        share += f"{steps.told()}."
        pin = f"a step is {percent} % of the weights"
    return Finding("large step", layer.title, share, advice, pinned(layer, pin))


def _small(layer: Layer, update: float, rate: float, good: float) -> Finding:
    percent = rounded(_percent(update), 2)
    share = f"a step with the rate {rounded(rate)} changes the weights by {percent} % of their size; about 0.1 % is usual."
    advice = f"Raise the learning rate. With {rounded(good)} J falls as well."
    return Finding("small step", layer.title, share, advice, pinned(layer, f"a step is {percent} % of the weights"))


def _percent(update: float) -> float:
    return 100 * update if update < 0.1 else float(round(100 * update))
