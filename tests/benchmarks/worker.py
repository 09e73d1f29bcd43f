"""One competitor in a process of its own: reads how many steps to do, answers with what they took."""

from __future__ import annotations

import json
import resource
import sys
import time
import warnings


def answer(**facts):
    """A line for the parent."""
    print(json.dumps(facts), flush=True)


def main(competitor, workload):
    """Prepare, do 10 steps, then as many as are asked for."""
    from tests.benchmarks.competitors import COMPETITORS
    from tests.benchmarks.workloads import WORKLOADS

    warnings.simplefilter("ignore")
    began = time.perf_counter()
    try:
        run = COMPETITORS[competitor](WORKLOADS[workload])
        run(1)
        ready = time.perf_counter() - began
        cost = run(9)
    except ImportError as error:
        answer(missing=error.name)
        return
    answer(cost=cost, ready=ready)
    for line in sys.stdin:
        count = int(line)
        cpu, wall = time.process_time(), time.perf_counter()
        run(count)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answer(cpu=cpu / count, wall=wall / count, peak=peak * 1024)


if __name__ == "__main__":
    main(*sys.argv[1:])
