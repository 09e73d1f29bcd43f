"""What is trained in the benchmarks: sizes, data, first parameters, learning rate."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Workload:
    """A net of the notes' form, trained by plain descent on the whole of its data."""

    name: str
    sizes: tuple[int, ...]
    examples: int
    activation: str
    dtype: str
    rate: float
    repeats: int | None = None  # steps in one call of repeat by minigraph; None: as many as fit into a round

    def arrays(self):
        """X, Y and the first W1, b1, W2, b2, …: the same in every process."""
        random = np.random.default_rng(1)
        sizes, m = self.sizes, self.examples
        X = random.standard_normal((sizes[0], m)).astype(self.dtype)
        Y = (random.random((1, m)) < 0.4).astype(self.dtype)
        parameters = []
        for before, after in itertools.pairwise(sizes):
            W = random.standard_normal((after, before)) * np.sqrt((1 if after == 1 else 2) / before)
            parameters += [W.astype(self.dtype), np.zeros((after, 1), self.dtype)]
        return X, Y, parameters

    def floor(self):
        """The shapes of the matrix products that nobody can do without: (n, k, m) for an (n, k) times a (k, m)."""
        products, sizes, m = [], self.sizes, self.examples
        for layer, (before, after) in enumerate(itertools.pairwise(sizes)):
            products += [(after, before, m), (after, m, before)] + ([(before, after, m)] if layer else [])
        return products


WORKLOADS = {
    w.name: w
    for w in (
        Workload("W1", (2, 4, 1), 400, "tanh", "float64", 0.5),
        Workload("W2", (12288, 1), 209, "relu", "float64", 0.0005, 1000),
        Workload("W3", (12288, 20, 7, 5, 1), 209, "relu", "float64", 0.0075, 1000),
        Workload("W4-128", (784, 256, 128, 1), 128, "relu", "float32", 0.05),
        Workload("W4-1024", (784, 256, 128, 1), 1024, "relu", "float32", 0.05),
        Workload("W5", (1024, 1024, 1024, 1), 512, "relu", "float32", 0.05),
        Workload("W6", (16, *[16] * 30, 1), 64, "relu", "float64", 0.01),
    )
}
