"""This version against a commit before: ``python -m tests.benchmarks.against_before FOLDER``, which has that commit's files.

Building, differentiating and compiling for each node, and steps of `repeat`, each in a process of its own; the processes
take turns, so that whatever else the machine does meets both. CPU time on one thread, medians of the rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).resolve()
WHAT = ("build", "differentiate", "compile")
MOST_COMPILED = 10_000
"""The commit before takes a minute for more."""


def growth(name, count):
    """Seconds for each node to build, to differentiate and, where it isn't too large, to compile."""
    import growth

    import minigraph as mg

    leaves, J = growth.GRAPHS[name](60)  # the first time modules are loaded
    mg.compile(J, updates={w: w - 0.1 * g for w, g in zip(leaves, mg.grad(J, leaves), strict=True)})
    times = [time.process_time()]
    leaves, J = growth.GRAPHS[name](count)
    times.append(time.process_time())
    slopes = mg.grad(J, leaves)
    times.append(time.process_time())
    if count <= MOST_COMPILED:
        mg.compile(J, updates={w: w - 0.1 * g for w, g in zip(leaves, slopes, strict=True)})
        times.append(time.process_time())
    return [(end - began) / count for began, end in pairwise(times)]


def step(name):
    """Seconds of a step of `repeat`."""
    import other_steps

    made = other_steps.program(*other_steps.NETS[name])
    made.repeat(200)
    began = time.process_time()
    made.repeat(5000)
    return [(time.process_time() - began) / 5000]


def asked(folder, *arguments):
    """What one process with the files of a folder answers."""
    environment = os.environ | {"PYTHONPATH": str(folder), "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, str(HERE), "--once", *map(str, arguments)]
    return json.loads(
        subprocess.run(command, env=environment, cwd=folder, check=True, capture_output=True, text=True).stdout
    )


def medians(folder, rounds, *arguments):
    """The medians over the rounds of the commit before, and of this version."""
    pairs = [(asked(folder, *arguments), asked(HERE.parents[2], *arguments)) for _ in range(rounds)]
    return [[statistics.median(times) for times in zip(*answers, strict=True)] for answers in zip(*pairs, strict=True)]


def main():
    """Parse the command line and print both tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.against_before", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="the files of the commit before")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000], help="nodes")
    parser.add_argument("--once", nargs="+", help="what one process measures")
    options = parser.parse_args()
    if options.once:
        name, *count = options.once
        print(json.dumps(growth(name, int(count[0])) if count else step(name)))
        return
    from tests.benchmarks.growth import GRAPHS
    from tests.benchmarks.other_steps import NETS

    print("| graph | nodes | " + " | ".join(f"{what}: before | now | ratio" for what in WHAT) + " |\n" + "|---" * 11 + "|")
    for name in GRAPHS:
        for count in options.sizes:
            before, now = medians(options.folder, options.rounds, name, count)
            cells = [f"{a * 1e6:.1f} µs | {b * 1e6:.1f} µs | {a / b:.2f}" for a, b in zip(before, now, strict=True)]
            cells += ["– | – | –"] * (len(WHAT) - len(cells))
            print(f"| {name} | {count:,} | {' | '.join(cells)} |", flush=True)
    print("\n| a step of `repeat`, 200 examples | before | now | ratio |\n|---|---|---|---|")
    for name in NETS:
        (before,), (now,) = medians(options.folder, options.rounds, name)
        print(f"| {name} | {before * 1e6:.1f} µs | {now * 1e6:.1f} µs | {before / now:.2f} |", flush=True)


if __name__ == "__main__":
    main()
