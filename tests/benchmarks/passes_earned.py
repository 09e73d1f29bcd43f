"""What each pass earns: the time of a step without it, divided by that with all of them, by NumPy and by the interpreter.

The median of ratios of CPU times, each of a round without the pass and one with all beside it, so that what else the machine
does meets both. A pass earns its lines where a number is 1.10 or more. Run it with one thread of BLAS.
"""

from __future__ import annotations

import statistics
import sys
import time
from itertools import pairwise

import numpy as np

import minigraph as mg
from minigraph.program.loops.one_reading import LEAST_STEPS
from minigraph.program.native.library import library
from minigraph.program.passes import names
from tests.benchmarks.graphs_of_numbers import chain, net
from tests.benchmarks.workloads import WORKLOADS

ROUNDS, FEW_ROUNDS, SECONDS, LEAST = 40, 5, 0.004, LEAST_STEPS
INSTEAD = {"reading": ("gram",)}
"""What is left out on both sides, since it takes the place of a pass where both can be done."""


def descent(workload):
    """A net of the table of workloads, trained by plain descent: outputs and updates."""
    X, Y, arrays = workload.arrays()
    leaves = [mg.parameter(array, f"{'Wb'[i % 2]}{i // 2 + 1}") for i, array in enumerate(arrays)]
    A = mg.data(X, "X")
    for W, b in zip(leaves[::2], leaves[1::2], strict=True):
        Z = W @ A + b
        A = mg.tanh(Z) if workload.activation == "tanh" else mg.relu(Z)
    J = mg.bce_with_logits(Z, mg.data(Y, "Y")).mean()
    return J, {leaf: leaf - workload.rate * g for leaf, g in zip(leaves, mg.grad(J, leaves), strict=True)}


def small(activation=mg.relu, classes=1, sizes=(8, 16, 8), examples=200):
    """A small net's cost and leaves."""
    random = np.random.default_rng(1)
    sizes = (*sizes, classes)
    A, leaves = mg.data(random.standard_normal((sizes[0], examples)), "X"), []
    for i, (before, after) in enumerate(pairwise(sizes)):
        leaves += [mg.parameter(random.standard_normal((after, before)) / before**0.5, f"W{i + 1}")]
        leaves += [mg.parameter(np.zeros((after, 1)), f"b{i + 1}")]
        Z = leaves[-2] @ A + leaves[-1]
        A = activation(Z)
    if classes == 1:
        return mg.bce_with_logits(Z, mg.data(1.0 * (random.random((1, examples)) < 0.4), "Y")).mean(), leaves
    Y = np.eye(classes)[:, random.integers(0, classes, examples)]
    return mg.cross_entropy_with_logits(Z, mg.data(Y, "Y")).mean(), leaves


def plain(J, leaves, rate=0.01):
    """Plain descent."""
    gradients = mg.grad(J, leaves, allow_unused=True)
    return J, {leaf: leaf - rate * g for leaf, g in zip(leaves, gradients, strict=True)}


def adam(J, leaves, rate=0.001):
    """Adam without its corrections: two averages for each leaf."""
    updates = {}
    for leaf, g in zip(leaves, mg.grad(J, leaves), strict=True):
        m, v = mg.data(np.zeros(leaf.shape), f"m_{leaf.name}"), mg.data(np.ones(leaf.shape), f"v_{leaf.name}")
        updates[m] = 0.9 * m + 0.1 * g
        updates[v] = 0.999 * v + 0.001 * g * g
        updates[leaf] = leaf - rate * updates[m] / (mg.sqrt(updates[v]) + 1e-8)
    return J, updates


NETS = {
    **{name: lambda w=w: descent(w) for name, w in WORKLOADS.items()},
    "softmax": lambda: plain(*small(classes=5)),
    "Adam": lambda: adam(*small()),
    "leaky ReLU": lambda: plain(*small(mg.leaky_relu)),
    "softplus": lambda: plain(*small(mg.softplus)),
    "numbers": lambda: plain(*net(mg)),
    "chain of numbers": lambda: plain(*chain(mg)),
}


def compiled(build, backend, without):
    """A program that has run."""
    J, updates = build()
    program = mg.compile(J, updates=updates, without=without, backend=backend)
    program.repeat(LEAST)
    return program


def measured(build, backend):
    """For each pass the time of a step without it, divided by that of all; and the time with all in seconds."""
    everything = compiled(build, backend, ())
    beside = dict.fromkeys(names(), everything) | {name: compiled(build, backend, out) for name, out in INSTEAD.items()}
    programs = {name: compiled(build, backend, [name, *INSTEAD.get(name, ())]) for name in names()}
    count = LEAST
    while (seconds := timed(everything, count)) < SECONDS:
        count *= 2
    ratios, times = {name: [] for name in programs}, []
    for _ in range(ROUNDS if seconds < 10 * SECONDS else FEW_ROUNDS):
        for name, program in programs.items():
            seconds_with = timed(beside[name], count)
            ratios[name].append(timed(program, count) / seconds_with)
            if beside[name] is everything:
                times.append(seconds_with)
    return {name: statistics.median(its) for name, its in ratios.items()}, statistics.median(times) / count


def timed(program, count):
    """CPU time of so many steps."""
    began = time.process_time()
    program.repeat(count)
    return time.process_time() - began


def main(chosen=NETS):
    """Print a table for each backend."""
    for backend in ["numpy"] if isinstance(library(), str) else ["numpy", "native"]:
        table = {}
        for net_name in chosen:
            ratios, seconds = table[net_name] = measured(NETS[net_name], backend)
            found = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
            print(f"  {backend} {net_name} {seconds * 1e6:.1f} µs: {found}", file=sys.stderr, flush=True)
        print(f"{backend}\n\n| without | " + " | ".join(table) + " |\n" + "|---" * (len(table) + 1) + "|")
        for name in names():
            print(f"| {name} | " + " | ".join(f"{ratios[name]:.2f}" for ratios, _ in table.values()) + " |", flush=True)
        print()


if __name__ == "__main__":
    main(sys.argv[1:] or NETS)
