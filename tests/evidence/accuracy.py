"""Print the table of accuracies that the docs quote: ``python tests/evidence/accuracy.py`` (about 30 seconds).

Every data set is split 20 times into 70 % to train on and 30 % held out, by the seeds 0 to 19, which also
seed the nets. Features are standardised by the training part of each split. Rates and epochs were
chosen on training parts alone, by splits inside them with other seeds; the held-out parts only measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from minigraph.models import DeepNet, LogisticRegression, Net
from minigraph.models.datasets import Dataset, breast_cancer, digits, flower, houses

SEEDS = range(20)


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Attributes:
        title: what is trained on what.
        data: the data set.
        make: the net for a seed.
        settings: of fit.
        at_least: what the mean must reach.
        never_below: what every split must reach.
    """

    title: str
    data: Callable[[], Dataset]
    make: Callable[[int], Net]
    settings: dict[str, Any]
    at_least: float
    never_below: float

    def scores(self) -> list[float]:
        """Held-out score of each split."""
        data = self.data()
        scores = []
        for seed in SEEDS:
            training, held_out = data.split(0.3, seed)
            scores.append(self.make(seed).fit(*training, progress=False, **self.settings).score(*held_out))
        return scores


ROWS = (
    Row("breast cancer, logistic regression", breast_cancer, lambda s: LogisticRegression(seed=s), {}, 0.97, 0.93),
    Row("breast cancer, 30-16-8-1 (tanh)", breast_cancer, lambda s: DeepNet([30, 16, 8, 1], seed=s), {}, 0.97, 0.93),
    Row(
        "breast cancer, 30-16-8-1 (ReLU)",
        breast_cancer,
        lambda s: DeepNet([30, 16, 8, 1], hidden="relu", seed=s),
        {},
        0.965,  # ReLU is a little worse here, at any rate and number of epochs that we tried
        0.93,
    ),
    Row(
        "digits, 64-32-10 (tanh, batches of 32)",
        digits,
        lambda s: DeepNet([64, 32, 10], seed=s),
        {"batch_size": 32, "epochs": 30},
        0.95,
        0.93,
    ),
)


def flower_scores() -> tuple[float, float]:
    """Training accuracy on the flower: of logistic regression, and of a 2-4-1 tanh net."""
    X, Y = flower()
    line = LogisticRegression().fit(X, Y, progress=False).score(X, Y)
    net = DeepNet([2, 4, 1], hidden="tanh").fit(X, Y, rate=1.0, epochs=5000, progress=False)
    return line, net.score(X, Y)


def house_errors(noise: float = 20.0) -> tuple[float, float]:
    """Root mean square error of the ReLU neuron on the houses, and of the truth without noise."""
    X, Y = houses(noise=noise)
    net = DeepNet([1, 1], output="relu").fit(X, Y, progress=False)
    without_noise = np.maximum(0, 4 * X - 120)
    return float(np.sqrt(np.mean((net.predict(X) - Y) ** 2))), float(np.sqrt(np.mean((without_noise - Y) ** 2)))


def main() -> None:
    """Print the table."""
    print(f"{'held-out accuracy, 20 splits':40}  mean    worst   best    seconds a fit")
    for row in ROWS:
        started = time.perf_counter()
        scores = row.scores()
        seconds = (time.perf_counter() - started) / len(scores)
        print(f"{row.title:40}  {np.mean(scores):.4f}  {min(scores):.4f}  {max(scores):.4f}  {seconds:.2f}")
    line, net = flower_scores()
    print(f"flower, training accuracy: logistic regression {line:.4f}, 2-4-1 tanh {net:.4f}")
    error, noise = house_errors()
    print(f"houses, root mean square error: ReLU neuron {error:.2f}, the truth without noise {noise:.2f}")


if __name__ == "__main__":
    main()
