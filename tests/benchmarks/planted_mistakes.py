"""How many of the planted mistakes `check_backward` finds and names, and how long it takes.

python -m tests.benchmarks.planted_mistakes
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))

from students import handed_in, one_hidden_layer

from minigraph.testing import check_backward
from tests.testing.test_check_backward import PLANTED

UNNAMED = "\N{EM DASH} found, not named"


def main() -> None:
    """Grade each of them, with all random nets that it takes, and print the first line of what a student reads."""
    nets, found, named = one_hidden_layer(), 0, 0
    check_backward(handed_in(), nets)  # what is imported with the first call is no part of the time
    started = time.perf_counter()
    for name, (changes, wrong, *_) in PLANTED.items():
        grade = check_backward(handed_in(*changes), nets)
        marks = [mark for mark in grade.values() if not mark]
        diagnosis = marks[0].diagnoses[0] if marks and marks[0].diagnoses else UNNAMED
        found += [mark.name for mark in marks] == wrong
        named += diagnosis is not UNNAMED
        print(f"{name:30} {', '.join(mark.name for mark in marks):20} {diagnosis}")
    seconds = time.perf_counter() - started
    print(f"{found} of {len(PLANTED)} found, {named} named, in {seconds:.1f} s")


if __name__ == "__main__":
    main()
