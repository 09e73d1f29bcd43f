"""Time to build, differentiate and compile graphs against their number of nodes: nothing grows faster than the graph."""

from __future__ import annotations

import gc
import time
from itertools import pairwise

import minigraph as mg

SIZES = (1_000, 10_000, 100_000)


def chain(count):
    """Numbers, each computed from the one before."""
    x = node = mg.parameter(0.5, "x")
    for _ in range(count // 2):
        node = mg.tanh(node + x)
    return [x], node


def examples(count):
    """Numbers that don't wait for each other: a neuron of three weights on many examples."""
    weights = [mg.parameter(0.1 * i, f"w{i}") for i in range(3)]
    total = mg.square(weights[0])
    for i in range(count // 6):
        a, b, c = weights
        total = total + mg.tanh(a * (0.001 * i) + b * c)
    return weights, total


def layers(count):
    """Small arrays: layers of a deep net, each with a matrix and a column of its own."""
    A, leaves = mg.data([[0.5, -1.0], [1.0, 2.0]], "A"), []
    for _ in range(count // 5):
        W, b = mg.parameter([[0.5, 0.1], [-0.2, 0.4]]), mg.parameter([[0.1], [0.0]])
        A = mg.tanh(W @ A + b)
        leaves += [W, b]
    return leaves, A.sum()


GRAPHS = {"chain of numbers": chain, "numbers side by side": examples, "layers of a deep net": layers}


def main():
    """Print one line for each graph and size; times are those of one node of the graph and of its gradients."""
    print(
        "| graph | nodes | build | differentiate | first value | compile | compile, NumPy |\n|---|---|---|---|---|---|---|"
    )
    for make in GRAPHS.values():  # the first time modules are loaded
        seconds(make, 60)
    for name, make in GRAPHS.items():
        for count in SIZES:
            cells = " | ".join(f"{part / count * 1e6:.1f} µs" for part in seconds(make, count))
            print(f"| {name} | {count:,} | {cells} |", flush=True)


def seconds(make, count):
    """CPU time to build, to differentiate, of the first value, to compile for the best backend and for NumPy.

    Behind it the graph is gone, in nobody's time.
    """
    gc.collect()
    times = [time.process_time()]
    leaves, J = make(count)
    times.append(time.process_time())
    slopes = mg.grad(J, leaves)
    times.append(time.process_time())
    _ = slopes[0].value
    times.append(time.process_time())
    for backend in ("auto", "numpy"):
        mg.compile(J, updates={w: w - 0.1 * g for w, g in zip(leaves, slopes, strict=True)}, backend=backend)
        times.append(time.process_time())
    return [end - began for began, end in pairwise(times)]
