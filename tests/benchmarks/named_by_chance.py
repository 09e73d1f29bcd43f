"""How many of many random wrong gradients `compare` names; it should be none: python -m tests.benchmarks.named_by_chance.

What the slips at the steps of a chain make of it does not depend on the array that is compared. It is found once for each
node and kept, which takes most of the time otherwise.
"""

from __future__ import annotations

import sys
from itertools import count, islice

import numpy as np

import minigraph as mg
from minigraph.explanation.mistakes import search
from tests.explanation.test_more_slips import nets, wrong_gradients


def kept(function):
    """The function, called once for each node."""
    found = {}

    def once(backward_pass, node, *others):
        if node not in found:
            found[node] = [*function(backward_pass, node, *others)]
        return found[node]

    return once


def main(wanted: int = 100_000, of_nets: int = 20, seed: int = 0) -> None:
    """Compare so many wrong gradients of so many nets, and print each that is named."""
    for name in ("with_one_slip", "at_every_step", "with_two_slips"):
        setattr(search, name, kept(getattr(search, name)))
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
