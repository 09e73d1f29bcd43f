"""What minigraph's plugins add to a test run of somebody who has it installed but does not use it.

python -m tests.benchmarks.plugins RUNS
"""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PLUGINS = "_minigraph_plugins"


def seconds(folder: Path, *arguments: str) -> float:
    """How long pytest takes for one test that does nothing."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, "test_it.py"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - started


def imports(folder: Path) -> dict[str, float]:
    """The milliseconds that importing each module of the plugins takes, and of what of minigraph and NumPy comes along."""
    script = f"import pytest, {PLUGINS}.for_pytest, {PLUGINS}.for_hypothesis"  # pytest's own imports are not timed by -X
    command = [sys.executable, "-X", "importtime", "-c", script]
    told = subprocess.run(command, cwd=folder, check=True, capture_output=True, encoding="utf-8").stderr
    found = re.findall(r"import time: +(\d+) \| +\d+ \| +(\S+)", told)
    return {name: int(own) / 1000 for own, name in found if name.split(".")[0] in (PLUGINS, "minigraph", "numpy")}


def main(runs: int = 30) -> None:
    """Run it with and without the plugins, in turns, and print the ratio of the medians."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_it.py").write_text("def test_it():\n    pass\n", encoding="utf-8")
        for module, milliseconds in imports(folder).items():
            print(f"{module}: {milliseconds:.1f} ms")
        both: dict[str, list[float]] = {"with": [], "without": []}
        for _ in range(runs):
            both["without"].append(seconds(folder, "-p", "no:minigraph"))
            both["with"].append(seconds(folder))
    medians = {which: statistics.median(times) for which, times in both.items()}
    quarters = statistics.quantiles(both["without"], n=4)
    print(f"median of {runs} runs: {medians['with']:.3f} s with, {medians['without']:.3f} s without the plugins")
    print(f"ratio {medians['with'] / medians['without']:.3f}; half of the runs without them are within "
          f"{quarters[0]:.3f} to {quarters[2]:.3f} s")  # fmt: skip


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
