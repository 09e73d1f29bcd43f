"""How many of many random wrong gradients `compare` names; it should be none: python -m tests.benchmarks.named_by_chance."""

from __future__ import annotations

import sys
from itertools import count, islice

import numpy as np

import minigraph as mg
from tests.explanation.test_more_slips import nets, wrong_gradients


def main(wanted: int = 100_000, of_nets: int = 20, seed: int = 0) -> None:
    """Compare so many wrong gradients of so many nets, and print each that is named."""
    random = np.random.default_rng(seed)
    graphs = list(islice(nets(random), of_nets))
    tried = named = 0
    for _ in count():
        for J, parameters in graphs:
            for node in parameters:
                right = mg.grad(J, node).value
                for mine in wrong_gradients(random, right, node) if right.any() else ():
                    found = mg.compare(J, node, mine).diagnoses
                    tried += 1
                    if any("wrong:" not in words for words in found):
                        named += 1
                        print(node.name, node.shape, found, flush=True)
        print(f"{named} of {tried} named by chance, on {of_nets} nets", flush=True)
        if tried >= wanted:
            return


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
