"""What ``memory="less"`` makes of deep nets: the bytes of the program's buffers, and the time of a step.

CPU time; the rounds are interleaved, so that whatever else the machine does meets both, and a ratio is that of the medians.
"""

from __future__ import annotations

import statistics
import time

import minigraph as mg
from tests.benchmarks.competitors import minigraph_graph
from tests.benchmarks.workloads import WORKLOADS, Workload

NETS = {
    "W5": WORKLOADS["W5"],
    "40 layers of 512 units, 512 examples": Workload("L", (512, *[512] * 40, 1), 512, "relu", "float32", 0.01),
    "40 layers of 512 units, 2,048 examples": Workload("M", (512, *[512] * 40, 1), 2048, "relu", "float32", 0.01),
}


def program(workload, memory):
    """A step of descent."""
    _, _, _, J, updates = minigraph_graph(workload)
    return mg.compile(J, updates=updates, memory=memory)


def main(rounds=5):
    """Print one line for each net."""
    print('| net | buffers | `memory="less"` | of that | a step | `memory="less"` | ratio |\n' + "|---" * 7 + "|")
    for name, workload in NETS.items():
        programs = [program(workload, memory) for memory in ("more", "less")]
        costs = [made() for made in programs]
        assert costs[0] == costs[1]
        times = [[], []]
        for _ in range(rounds):
            for made, taken in zip(programs, times, strict=True):
                began = time.process_time()
                made()
                taken.append(time.process_time() - began)
        more, less = (made.machine.instructions.bytes / 2**20 for made in programs)
        quick, slow = (statistics.median(taken) * 1e3 for taken in times)
        cells = f"{more:.0f} MB | {less:.0f} MB | {less / more:.2f} | {quick:,.0f} ms | {slow:,.0f} ms | {slow / quick:.2f}"
        print(f"| {name} | {cells} |", flush=True)
