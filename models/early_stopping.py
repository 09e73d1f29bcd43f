"""Early stopping: which epoch was the best by the cost on the validation part, and whether more are to be tried."""

from __future__ import annotations

import math

from .training_state import History, State


class EarlyStopping:
    """Remembers the best state of a training; a training that goes on remembers the state that it goes on from.

    Args:
        patience: so many epochs in a row may bring nothing better.
        start: where training begins.
        history: of the epochs before.

    Attributes:
        best: the state after the best epoch; None before the first whose cost is a number.
    """

    def __init__(self, patience: int, start: State, history: History):
        noted = history.validation_cost[start.epochs - 1] if history.validation_cost else math.nan
        self.patience = patience
        self.best: State | None = None if math.isnan(noted) else start
        self._lowest = math.inf if math.isnan(noted) else noted
        self._last_better = self._now = start.epochs

    def see(self, state: State, cost: float) -> None:
        """Take an epoch into account: the state after it, and the cost on the validation part."""
        self._now = state.epochs
        if cost < self._lowest:
            self.best, self._lowest, self._last_better = state, cost, state.epochs

    @property
    def is_over(self) -> bool:
        """Whether nothing better has come for so many epochs."""
        return self._now - self._last_better >= self.patience
