"""Time to build, differentiate and compile a graph against its number of nodes."""

from __future__ import annotations

import time

import minigraph as mg


def main():
    """Print one line for each size: each ten times larger takes ten times as long."""
    print("| nodes | build | differentiate | first value | compile | each node |\n|---|---|---|---|---|---|")
    for count in (100, 1_000, 10_000, 100_000):
        began = time.process_time()
        x = node = mg.parameter(0.5, "x")
        for _ in range(count // 2):
            node = mg.tanh(node + x)
        built = time.process_time()
        slope = mg.grad(node, x)
        differentiated = time.process_time()
        _ = slope.value
        evaluated = time.process_time()
        mg.compile(node, updates={x: x - 0.1 * slope})
        end = time.process_time()
        parts = (built - began, differentiated - built, evaluated - differentiated, end - evaluated)
        cells = " | ".join(f"{part:.3g} s" for part in parts)
        print(f"| {count:,} | {cells} | {(end - began) / count * 1e6:.0f} µs |", flush=True)
