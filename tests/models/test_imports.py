"""Imports of models run one way, those in functions and for types included."""

import ast
from graphlib import TopologicalSorter
from pathlib import Path

import minigraph.models

FOLDER = Path(minigraph.models.__file__).parent


def imported(path: Path) -> set[Path]:
    """The files of models that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("minigraph.models")):
            parts = (node.module or "").removeprefix("minigraph.models").strip(".").split(".")
            start = path.parents[node.level - 1] if node.level else FOLDER
            module = start.joinpath(*filter(None, parts))
            for alias in node.names:
                things = (module / alias.name, module)  # a module of the folder, or a name in the module
                files = [file for thing in things for file in (thing.with_suffix(".py"), thing / "__init__.py")]
                found.add(next(file for file in files if file.is_file()))
    return found - {path}


def test_no_modules_import_each_other_in_a_circle() -> None:
    arrows = {path: imported(path) for path in FOLDER.rglob("*.py")}
    assert FOLDER / "model_file.py" in arrows[FOLDER / "stored_net.py"]
    TopologicalSorter(arrows).prepare()  # raises, and names the circle
