"""The assignment of a class: a notebook for students, the grader, and a solution; each is whole without the others.

Functions that the class has, `source_of` copies: there is one text of each.
"""

from __future__ import annotations

import ast
import json
from importlib.resources import files
from string import Template
from typing import Any

from .markup import source_of
from .taught_class import TaughtClass

TODO = "# your lines instead of this one"
HOW_TO_GET_IT = (
    "It needs Python ≥ 3.11 and minigraph. If the next cell says that there is no module minigraph, install it once:",
    "- From the file `minigraph-….whl` of your lecturer, put beside this notebook: run `%pip install ./minigraph-….whl` in "
    "a cell, with the file's whole name. What it needs comes along; without a network, NumPy, graphviz and tqdm have to be "
    "there.\n"
    "- From a clone of the repository: run `%pip install -e FOLDER` in a cell.\n"
    "- In a notebook on the web, such as Colab: upload the `.whl` file, then do as in the first way. No account is needed "
    "for the other two.",
)
"""Ways to have minigraph that need no index of packages to have it."""


def notebook(taught: TaughtClass) -> str:
    """The notebook that students fill in, as Jupyter's format 4.5; it runs as it is, and gives no points."""
    task = taught.assignment
    cells = [
        _markdown(
            f"# {taught.heading}: assignment",
            "Hand in this notebook.",
            *task.text,
        ),
        _markdown(
            "## Before you begin",
            *HOW_TO_GET_IT,
        ),
        _code("import numpy as np\n\nimport minigraph as mg\nfrom minigraph.testing import RandomNets, check_backward"),
        _markdown("The forward pass. Leave it as it is:"),
        _code(source_of(task.cost, "cost")),
        _markdown(
            "## Your backward pass",
            f"It gives a dict of {_listed(taught)}. Its arguments are values of the forward pass: you may take others too, "
            "by their names, such as those of `cost`.",
        ),
        _code(_start(taught), "hand-in"),
        _markdown(
            "## Try it",
            "It is called on random numbers, and sizes, many times. What is wrong is told with the smallest example that "
            "shows it.",
        ),
        _code(f"{_nets(taught)}\n\nprint(check_backward(backward, NETS, POINTS))"),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    whole = {"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def solution(taught: TaughtClass) -> str:
    """A right answer, as a file that the grader takes."""
    return f'"""{taught.heading}: a solution of the assignment."""\n\nimport numpy as np\n\n\n' + source_of(
        taught.assignment.backward, "backward"
    )


def grader(taught: TaughtClass) -> str:
    """A file for pytest that is a program, too: points, diagnoses, JSON."""
    template = Template(files(__package__).joinpath("grader.txt").read_text("utf-8"))
    cost = source_of(taught.assignment.cost, "cost")
    return template.substitute(heading=taught.heading, cost=cost, nets=_nets(taught))


def _start(taught: TaughtClass) -> str:
    """The first line and the docstring of the solution, and what gives zeros."""
    text = source_of(taught.assignment.backward, "backward")
    (definition,) = ast.parse(text).body
    assert isinstance(definition, ast.FunctionDef)
    head = "\n".join(text.splitlines()[: definition.body[0].end_lineno])
    names = list(taught.assignment.points)
    zeros = " = ".join(names)
    given = ", ".join(f'"{name}": {name}' for name in names)
    return f"{head}\n    {zeros} = 0.0  {TODO}\n    return {{{given}}}"


def _nets(taught: TaughtClass) -> str:
    """What the backward pass is tried on, and what each gradient is worth, as code."""
    task = taught.assignment
    shapes = "".join(f"    {name}={json.dumps(shape)},\n" for name, shape in task.shapes.items())
    return f"NETS = RandomNets(\n    cost,\n{shapes})\nPOINTS = {json.dumps(task.points)}"


def _listed(taught: TaughtClass) -> str:
    points = taught.assignment.points
    return ", ".join(f"`{name}` ({number:g} {'point' if number == 1 else 'points'})" for name, number in points.items())


def _markdown(*paragraphs: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": "\n\n".join(paragraphs).splitlines(keepends=True)}


def _code(text: str, *tags: str) -> dict[str, Any]:
    metadata = {"tags": list(tags)} if tags else {}
    lines = text.rstrip("\n").splitlines(keepends=True)
    return {"cell_type": "code", "metadata": metadata, "source": lines, "outputs": [], "execution_count": None}
