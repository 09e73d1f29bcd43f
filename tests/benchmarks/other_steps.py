"""Steps of small nets with a softmax, Adam and leaky ReLU: `repeat` by NumPy and by the interpreter.

CPU time on one thread; the rounds are interleaved, a ratio is that of the medians.
"""

from __future__ import annotations

import statistics
import time
from itertools import pairwise

import numpy as np

import minigraph as mg

ROUNDS = 11


def descent(parameter, gradient):
    """One step of descent."""
    return {parameter: parameter - 0.01 * gradient}


def adam(parameter, gradient):
    """One step of Adam; the powers of the decay rates are carried as numbers."""
    m, v = mg.data(np.zeros(parameter.shape)), mg.data(np.zeros(parameter.shape))
    first, second = mg.data(1.0), mg.data(1.0)
    next_m, next_v = 0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * mg.square(gradient)
    next_first, next_second = 0.9 * first, 0.999 * second
    change = 0.01 * (next_m / (1 - next_first)) / (mg.sqrt(next_v / (1 - next_second)) + 1e-8)
    return {parameter: parameter - change, m: next_m, v: next_v, first: next_first, second: next_second}


NETS = {
    "softmax over 4 classes, tanh": (mg.tanh, 4, descent),
    "Adam, tanh": (mg.tanh, 1, adam),
    "leaky ReLU": (mg.leaky_relu, 1, descent),
}


def program(activation, outputs, step, **options):
    """A step on a net 2-8-outputs with 200 examples."""
    random = np.random.default_rng(1)
    A, parameters = mg.data(random.standard_normal((2, 200))), []
    for before, after in pairwise((2, 8, outputs)):
        W, b = mg.parameter(random.standard_normal((after, before))), mg.parameter(np.zeros((after, 1)))
        Z = W @ A + b
        A = activation(Z)
        parameters += [W, b]
    if outputs == 1:
        J = mg.bce_with_logits(Z, random.integers(0, 2, (1, 200)).astype(float)).mean()
    else:
        J = mg.cross_entropy_with_logits(Z, np.eye(outputs)[:, random.integers(0, outputs, 200)]).mean()
    updates = {}
    for parameter, gradient in zip(parameters, mg.grad(J, parameters), strict=True):
        updates |= step(parameter, gradient)
    return mg.compile(J, updates=updates, **options)


def main():
    """Print one line for each net."""
    from minigraph.program.native.library import library

    backends = ("numpy",) if isinstance(library(), str) else ("numpy", "native")
    print("| net 2-8-…, 200 examples | " + " | ".join(backends) + " | ratio |\n" + "|---" * (2 + len(backends)) + "|")
    for name, net in NETS.items():
        programs = [program(*net, backend=backend) for backend in backends]
        costs = [made.repeat(50) for made in programs]
        assert all(np.allclose(found, costs[0], rtol=1e-9) for found in costs)
        rounds = [[] for _ in programs]
        for _ in range(ROUNDS):
            for made, taken in zip(programs, rounds, strict=True):
                began = time.process_time()
                made.repeat(1000)
                taken.append((time.process_time() - began) * 1e3)
        medians = [statistics.median(taken) for taken in rounds]
        cells = [f"{taken:.1f} µs" for taken in medians]
        print(f"| {name} | {' | '.join(cells)} | {medians[0] / medians[-1]:.1f} |", flush=True)
