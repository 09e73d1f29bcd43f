"""How far the Gram rewrite is from the plain loop after many steps, in costs and in parameters."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.benchmarks.competitors import minigraph_graph
from tests.benchmarks.workloads import WORKLOADS

STEPS = 2000


def trained(workload, gram):
    """The costs of all steps, and the parameters after them."""
    mg, x, y, J, updates = minigraph_graph(workload)
    program = mg.compile(J, inputs=[x, y], updates=updates, gram=gram)
    assert program.uses_gram(STEPS) is gram
    return program.repeat(STEPS), [leaf.value for leaf in updates]


def distance(found, expected):
    """The largest difference of an entry, relative to the largest entry: of the costs, and of the worst parameter."""

    def relative(a, b):
        return float(np.max(np.abs(a - b.astype(float))) / np.max(np.abs(b)))

    return relative(found[0], expected[0]), max(map(relative, found[1], expected[1]))


def main():
    """Print the table."""
    print(f"The largest difference after {STEPS} steps, relative to the largest entry\n")
    print("| | costs | parameters |\n|---|---|---|")
    for name in ("W2", "W3"):
        exact = trained(WORKLOADS[name], gram=False)
        single = replace(WORKLOADS[name], dtype="float32")
        plain = trained(single, gram=False)
        for title, pair in {
            f"{name}, float64": (trained(WORKLOADS[name], gram=True), exact),
            f"{name}, float32": (trained(single, gram=True), plain),
            f"{name}, the plain loop in float32 against that in float64": (plain, exact),
        }.items():
            print(f"| {title} | " + " | ".join(f"{x:.1e}" for x in distance(*pair)) + " |", flush=True)
