"""Commands as a shell gives them, without their pictures, and a table to give them."""

import csv

import numpy as np

from minigraph.command_line.main import main


def run(*words):
    """The exit status of the command."""
    try:
        return main([str(word) for word in words])
    except SystemExit as exit:
        return exit.code


class QuickPicture:
    """Real pictures take Graphviz half a second each; one test of the command line draws them."""

    def __init__(self, J, what, **_):
        assert J.name == "J" and what in ("forward", "backward", "both")
        self.svg = "<svg></svg>"

    def save(self, path):
        path.write_text(self.svg)
        return path


def patients(m=60, seed=0):
    """A table with an id, two features, a text column, and a diagnosis that depends on the features."""
    generator = np.random.default_rng(seed)
    rows = []
    for i in range(m):
        age, size = generator.normal(50, 10), generator.normal(3, 1)
        sick = age / 10 + size + generator.normal(0, 0.3) > 8
        rows.append([i, f"{age:.3f}", f"{size:.3f}", "Anna", "malignant" if sick else "benign"])
    return [["id", "age", "size", "name", "diagnosis"], *rows]


def write(path, rows, delimiter=","):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return path


COMMON = ("--target", "diagnosis", "--ignore", "id", "--ignore", "name")
