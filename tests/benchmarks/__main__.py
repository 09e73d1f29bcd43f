"""The benchmarks: ``python -m tests.benchmarks`` prints the table of steps, ``--all`` all tables. Options: ``--help``.

Every competitor runs in a process of its own; rounds are interleaved, so that what else the machine does
meets all of them; the median round counts. A competitor whose cost after 10 steps is not that of the
course's NumPy is refused.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.competitors import COMPETITORS
from tests.benchmarks.workloads import WORKLOADS

ROOT = Path(__file__).resolve().parents[2]
PARTS = {
    "growth": ("tests.benchmarks.growth", "the time to build, differentiate and compile against the number of nodes"),
    "numbers": ("tests.benchmarks.graphs_of_numbers", "graphs of numbers: by levels, one by one, and against peers"),
    "memory": ("tests.benchmarks.memory_saved", 'what memory="less" saves, and what it costs'),
    "passes": ("tests.benchmarks.passes_earned", "what each pass gains, by NumPy and natively"),
    "other-steps": ("tests.benchmarks.other_steps", "steps with a softmax, Adam and leaky ReLU"),
    "tried": ("tests.benchmarks.tried", "what was tried and not built"),
    "gram-error": ("tests.benchmarks.gram_error", "how far the Gram rewrite is from the plain loop"),
    "nan-rule": ("tests.benchmarks.nan_rule", "what it costs that a NaN stays one in ReLU's derivative"),
}
"""Tables of their own: the module that prints each, and what it is."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS", "NUM_CPU_THREADS")
REST = 0.2
"""Seconds until the idle threads of the competitor before have stopped looking for work."""
TOLERANCE = {"float64": 1e-9, "float32": 2e-4}


class Process:
    """A competitor on a workload, in a process of its own."""

    def __init__(self, competitor, workload, threads):
        environment = os.environ | dict.fromkeys(THREADS, str(threads))
        if threads == 1:
            environment["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
        command = [sys.executable, "-m", "tests.benchmarks.worker", competitor, workload]
        cores = sorted(os.sched_getaffinity(0))[:threads]
        self.child = subprocess.Popen(
            command, cwd=ROOT, env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, preexec_fn=lambda: os.sched_setaffinity(0, cores),
        )  # fmt: skip
        self.facts = self.read()
        self.rounds = []

    def read(self):
        """The next answer."""
        line = self.child.stdout.readline()
        return json.loads(line) if line else {"failed": self.child.stderr.read().strip().splitlines()[-1:]}

    def ask(self, count):
        """Do a number of steps, and note what they took."""
        self.child.stdin.write(f"{count}\n")
        self.child.stdin.flush()
        answer = self.read()
        if "failed" not in answer:
            self.rounds.append(answer)
        return answer

    def median(self, what):
        """The median over the rounds."""
        return statistics.median(one[what] for one in self.rounds)

    def close(self):
        """End the process."""
        self.child.stdin.close()
        self.child.wait(timeout=60)


def measured(workload, names, threads, rounds, seconds):
    """For each competitor its process's facts and medians."""
    running = {name: Process(name, workload, threads) for name in names}
    reference = running["course's NumPy"].facts.get("cost") if "course's NumPy" in running else None
    results = {}
    for name, process in running.items():
        facts = process.facts
        if "missing" in facts:
            results[name] = f"{facts['missing']} not installed"
        elif "failed" in facts:
            results[name] = f"failed: {facts['failed']}"
        elif reference is not None and not name.startswith("floor"):
            error = abs(facts["cost"] - reference) / abs(reference)
            if not error <= TOLERANCE[WORKLOADS[workload].dtype]:
                results[name] = f"refused: cost {facts['cost']:.6g}, not {reference:.6g}"
    counts = {}
    for name, process in running.items():
        if name not in results:
            once = process.ask(3)["cpu"]
            many = process.ask(max(3, min(2000, int(seconds / max(once, 1e-7) / 4))))["cpu"]
            counts[name] = max(1, min(20_000, int(seconds / max(many, 1e-7))))
            if name == "minigraph repeat":
                counts[name] = WORKLOADS[workload].repeats or counts[name]
            process.rounds.clear()
    for _ in range(rounds):
        for name, count in counts.items():
            time.sleep(REST if threads > 1 else 0)
            running[name].ask(count)
    for name in counts:
        process = running[name]
        results[name] = {what: process.median(what) for what in ("cpu", "wall", "peak")} | {"ready": process.facts["ready"]}
    for process in running.values():
        process.close()
    return results


def time_text(seconds):
    """Three digits and a unit."""
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def table(title, rows, columns, text):
    """A Markdown table."""
    lines = [title, "", "| | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for row in rows:
        lines.append(f"| {row} | " + " | ".join(text(row, column) for column in columns) + " |")
    return "\n".join(lines) + "\n"


def report(results, names, workloads, threads):
    """The tables of one run: CPU time on one thread, else the time that the clock shows."""
    columns, what = list(workloads), "cpu" if threads == 1 else "wall"
    kind, on = ("CPU", "one thread") if threads == 1 else ("Wall", f"{threads} threads")

    def cells(text):
        def cell(row, column):
            result = results[column][row]
            return text(result, column) if isinstance(result, dict) else "–" if text is not step else result

        return cell

    def step(result, _):
        return time_text(result[what])

    print(table(f"{kind} time a step on {on}", names, columns, cells(step)))
    for ours in ("minigraph compiled", "minigraph repeat, gram=False"):

        def ratio(result, column, ours=ours):
            mine = results[column].get(ours)
            return f"{result[what] / mine[what]:.2f}" if isinstance(mine, dict) else "–"

        if ours in names:
            print(table(f"Divided by that of {ours}", names, columns, cells(ratio)))
    began = "From the arrays to the end of the first step: building, differentiating, compiling"
    print(table(began, names, columns, cells(lambda result, _: time_text(result["ready"]))))
    print(table("Peak memory of the process", names, columns, cells(lambda result, _: f"{result['peak'] / 2**20:.0f} MB")))


def main():
    """Parse the command line and measure."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--workloads", nargs="+", default=list(WORKLOADS), choices=list(WORKLOADS))
    parser.add_argument("--competitors", nargs="+", default=list(COMPETITORS), choices=list(COMPETITORS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.2, help="CPU time of one round of one competitor")
    for name, (_, what) in PARTS.items():
        parser.add_argument(f"--{name}", action="store_true", help=f"only {what}")
    parser.add_argument(
        "--all", action="store_true", help="all of it, one after the other: every table of docs/performance.md"
    )
    options = parser.parse_args()
    print(f"{processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}\n")
    chosen = [name for name in PARTS if options.all or getattr(options, name.replace("-", "_"))]
    if options.all or not chosen:
        steps(options)
    for name in chosen:
        module, what = PARTS[name]
        if options.all:
            print(f"\n{what[0].upper()}{what[1:]}\n", flush=True)
        # in a process of its own, which has its threads from the beginning
        environment = os.environ | dict.fromkeys(THREADS, "1")
        subprocess.run(
            [sys.executable, "-c", f"import {module} as part; part.main()"], cwd=ROOT, env=environment, check=True
        )


def processor():
    """What the processor is called."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def steps(options):
    """The table of steps."""
    results = {}
    for workload in options.workloads:
        results[workload] = measured(workload, options.competitors, options.threads, options.rounds, options.seconds)
        for name, result in results[workload].items():
            found = time_text(result["cpu"]) if isinstance(result, dict) else result
            print(f"  {workload} {name}: {found}", file=sys.stderr, flush=True)
    report(results, options.competitors, options.workloads, options.threads)


if __name__ == "__main__":
    main()
