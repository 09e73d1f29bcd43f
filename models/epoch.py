"""`Epoch`: what an iteration over a training gives: numbers of the epoch that is done, and the net as it is now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

import minigraph as mg

from .shown_net import ShownNet
from .training_state import History

if TYPE_CHECKING:
    from minigraph import BackwardPass

N = TypeVar("N", bound=ShownNet)


@dataclass(slots=True, repr=False, eq=False)
class Epoch(Generic[N]):
    """An epoch that `Net.training` has done.

    Attributes:
        net: the net, with the parameters that it has after this epoch.
        number: of the epoch, from 1, counted through ``resume``.
        cost: as the history has it: before each step, averaged over the epoch's examples.
        gradient_norm: the length of the gradient by all parameters.
        validation_cost: J on the validation part after the epoch; None without one.
        rate: the learning rate that it was done with.
        done: how many epochs were done since the last iteration: 1, or more with ``gram``.
    """

    net: N
    number: int
    cost: float
    gradient_norm: float
    validation_cost: float | None
    rate: float
    done: int = 1

    @property
    def history(self) -> History:
        """All epochs so far."""
        return self.net.history

    def backward(self) -> BackwardPass:
        """A backward pass at the parameters as they are now, on the training data (or on the first batch of them)."""
        return mg.backward(self.net.cost_node)

    def __repr__(self) -> str:
        validation = "" if self.validation_cost is None else f", validation {self.validation_cost:.4g}"
        return f"<epoch {self.number}: cost {self.cost:.4g}{validation}>"
