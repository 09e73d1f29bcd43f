"""What happened during training, epoch by epoch."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, field, fields


@dataclass
class History:
    """One number an epoch in each list.

    Attributes:
        cost: the mean loss over the epoch's examples, each measured just before the step that used it; with batch
            gradient descent, J before the step.
        gradient_norm: the length of the gradient by all parameters together, averaged over the epoch's steps.
        seconds: time that the epoch took.
        validation_cost: J on the validation part after the epoch; NaN for epochs without one, empty if there is none.
    """

    cost: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    validation_cost: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.cost)

    def __repr__(self) -> str:
        if not self.cost:
            return "<history of 0 epochs>"
        return f"<history of {len(self)} epochs: cost {self.cost[0]:.4g} → {self.cost[-1]:.4g}, {sum(self.seconds):.1f} s>"

    def columns(self) -> dict[str, list[float]]:
        """The lists that are kept, by name."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "validation_cost" or self.validation_cost}

    def append(self, cost: float, gradient_norm: float, seconds: float, validation_cost: float | None) -> None:
        """Add an epoch."""
        if validation_cost is not None or self.validation_cost:  # NaN for epochs without one
            unknown = [math.nan] * (len(self) - len(self.validation_cost))
            self.validation_cost += [*unknown, math.nan if validation_cost is None else validation_cost]
        self.seconds.append(seconds)
        self.gradient_norm.append(gradient_norm)
        self.cost.append(cost)

    def truncate(self, epochs: int) -> None:
        """Forget what came after so many epochs."""
        for f in fields(self):
            del getattr(self, f.name)[epochs:]

    def to_csv(self) -> str:
        """The history as CSV text: a header, then a line an epoch, numbers in full precision."""
        columns = self.columns()
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(["epoch", *columns])
        writer.writerows(zip(range(1, len(self) + 1), *columns.values(), strict=True))
        return text.getvalue()
