"""What the pass "levels" makes of graphs of numbers: calls of NumPy in a step, and its time with and without the pass.

CPU time of a step of `repeat`. The rounds are interleaved, so that whatever else the machine does meets both; a ratio is
that of the medians.
"""

from __future__ import annotations

import re
import statistics
import time
from itertools import pairwise

import numpy as np

import minigraph as mg

ROUNDS = 15


def net(points=20, sizes=(2, 16, 16, 1)):
    """A net as micrograd's demo writes it: each weight a parameter, each example a graph; hinge loss, penalty."""
    random = np.random.default_rng(1)
    layers = [
        [([mg.parameter(w) for w in random.uniform(-1, 1, before)], mg.parameter(0.0)) for _ in range(after)]
        for before, after in pairwise(sizes)
    ]
    J = None
    for x in random.standard_normal((points, 2)):
        values = [mg.data(number) for number in x]
        for layer in layers:
            sums = []
            for weights, z in layer:
                for w, value in zip(weights, values, strict=True):
                    z = z + w * value
                sums.append(z)
            values = [z if layer is layers[-1] else mg.relu(z) for z in sums]
        loss = mg.relu(1 - float(np.sign(x[0] * x[1])) * values[0])
        J = loss if J is None else J + loss
    leaves = [leaf for layer in layers for weights, bias in layer for leaf in (*weights, bias)]
    penalty = leaves[0] * leaves[0]
    for leaf in leaves[1:]:
        penalty = penalty + leaf * leaf
    return J * (1 / points) + 1e-4 * penalty, leaves


def chain(count=1000):
    """A graph in which little is ready at once: sums, products, softplus and softmax of what was computed just before."""
    leaves = [mg.parameter(0.01 * i) for i in range(100)]
    nodes = [*leaves]
    for kind in range(count):
        if kind % 4 == 0:
            nodes.append(mg.softplus(nodes[-10]))
        elif kind % 4 == 1:
            a, b, c, d = nodes[-30:-10:5]
            nodes.append((a + b + c + d) * 0.25)
        elif kind % 4 == 2:
            nodes.append(nodes[-20] * nodes[-10])
        else:
            a, b, c, d = nodes[-4:]
            largest = mg.maximum(mg.maximum(a, b), mg.maximum(c, d))
            powers = [mg.exp(x - largest) for x in (a, b, c, d)]
            total = powers[0] + powers[1] + powers[2] + powers[3]
            nodes.extend(power / total for power in powers)
    return nodes[-1], leaves


def program(graph, without):
    """A step of descent, and how many operations and calls it takes."""
    J, leaves = graph()
    gradients = mg.grad(J, leaves, allow_unused=True)
    updates = {w: w - 0.01 * g for w, g in zip(leaves, gradients, strict=True)}
    made = mg.compile(J, updates=updates, without=without, backend="numpy")
    report = made.report()
    return made, int(re.search(r"share +(\d+)", report)[1]), int(re.search(r"a step is (\d+) instructions", report)[1])


def main():
    """Print one line for each graph."""
    print("| graph | operations | calls: one by one | by levels | a step: one by one | by levels | ratio |")
    print("|---|---|---|---|---|---|---|")
    for name, graph in (("net, 2-16-16-1, 20 points", net), ("nearly a chain", chain)):
        one_by_one, operations, many = program(graph, ["levels"])
        levels, _, few = program(graph, [])
        times = ([], [])
        for made in (one_by_one, levels):
            made.repeat(2)
        for _ in range(ROUNDS):
            for made, found in zip((one_by_one, levels), times, strict=True):
                began = time.process_time()
                made.repeat(5)
                found.append((time.process_time() - began) / 5 * 1e6)
        slow, quick = map(statistics.median, times)
        print(
            f"| {name} | {operations:,} | {many:,} | {few:,} | {slow:,.0f} µs | {quick:,.0f} µs | {slow / quick:.1f} |",
            flush=True,
        )
