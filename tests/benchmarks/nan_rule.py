"""What it costs that ReLU's derivative is NaN where z is NaN, against comparing, which gives 0 there.

CPU time of value and gradients read again in the graph, and of a step of the compiled program. The rounds
are interleaved, so that whatever else the machine does meets both; a ratio is that of the medians.
"""

from __future__ import annotations

import itertools
import statistics
import time

import numpy as np

import minigraph as mg
from minigraph.operations.activations import ReLU
from minigraph.program.lowering.table import Lowering, register

NETS = {
    "2-4-1, m = 400": ([2, 4, 1], 400),
    "30-16-8-1, m = 400": ([30, 16, 8, 1], 400),
    "16, thirty times 16, 1, m = 64": ([16] * 31 + [1], 64),
    "784-256-128-1, m = 128": ([784, 256, 128, 1], 128),
    "784-256-128-1, m = 1024": ([784, 256, 128, 1], 1024),
}


class Above(mg.Elementwise):
    """1 where z > 0, else 0, as it was: by comparing."""

    def forward(self, z):
        return np.where(z > 0, z.dtype.type(1), z.dtype.type(0))

    def derivatives(self, result, z):
        return (None,)


def write_above(write, op, out, z):
    """A comparison, and its truth values as numbers."""
    mask = write.scratch(out.shape, np.dtype(bool))
    write.call("greater", z, write.number(0.0, out.dtype), mask)
    write.copy(mask, out)


register(Above, Lowering(write_above))


class Comparing(ReLU):
    """ReLU whose derivative compares."""

    def derivatives(self, result, z):
        return (mg.Scale(Above()(z)),)


def net(activation, sizes, m):
    """The cost, the parameters and their gradients."""
    rng = np.random.default_rng(0)
    A, parameters = mg.data(rng.normal(size=(sizes[0], m))), []
    for below, size in itertools.pairwise(sizes):
        W, b = mg.parameter(rng.normal(size=(size, below)) * np.sqrt(2 / below)), mg.parameter(np.zeros((size, 1)))
        parameters += [W, b]
        Z = W @ A + b
        A = activation(Z)
    J = mg.bce_with_logits(Z, rng.integers(0, 2, (1, m)).astype(float)).mean()
    return J, parameters, mg.grad(J, parameters)


def reading(activation, sizes, m):
    """A call that assigns the parameters and reads the cost and its gradients."""
    J, parameters, gradients = net(activation, sizes, m)

    def read():
        for w in parameters:
            w.value = w.value
        return J.value, [gradient.value for gradient in gradients]

    return read


def stepping(activation, sizes, m):
    """A call of the compiled step."""
    J, parameters, gradients = net(activation, sizes, m)
    return mg.compile(J, updates={w: w - 0.01 * gradient for w, gradient in zip(parameters, gradients, strict=True)})


def seconds(call, count):
    """CPU seconds a call takes, the mean of some."""
    start = time.process_time()
    for _ in range(count):
        call()
    return (time.process_time() - start) / count


def main(rounds=41):
    """Print the table."""
    print(
        "| ReLU | graph: comparing | NaN stays NaN | ratio | program: comparing | NaN stays NaN | ratio |\n"
        + "|---" * 7
        + "|"
    )
    for title, (sizes, m) in NETS.items():
        cells = []
        for make in (reading, stepping):
            calls = [make(activation, sizes, m) for activation in (Comparing(), mg.relu)]
            count = max(1, int(0.02 / max(seconds(call, 3) for call in calls)))
            taken = [[], []]
            for _ in range(rounds):
                for call, times in zip(calls, taken, strict=True):
                    times.append(seconds(call, count))
            old, new = map(statistics.median, taken)
            cells += [f"{1e6 * old:,.0f} µs", f"{1e6 * new:,.0f} µs", f"{new / old:.2f}"]
        print(f"| {title} | {' | '.join(cells)} |", flush=True)
