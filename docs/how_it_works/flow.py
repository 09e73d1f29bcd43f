"""Pictures of how things flow between the modules, read from their imports when a page is built, drawn as any diagram is."""

import ast
from collections.abc import Callable
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import minigraph
from minigraph.drawing.diagram import Diagram
from minigraph.drawing.view import Box, Direction, Edge, Frame, Kind, Look, Row, View

PACKAGE = Path(minigraph.__file__).parent
ENGINE = ("core", "operations", "calculus", "formulas")
APART = ("values", "files", "hypothesis_types", "__init__", "__main__")
"""Helpers that nearly all use, and the doors: they would be arrows to everything."""


def whole() -> Diagram:
    """The folders of the package."""
    return _picture(
        "The folders: each gives to those that its arrows lead to",
        lambda parts: f"{parts[0]}/",
        {f"{folder}/" for folder in ENGINE},
    )


def wing(folder: str, rankdir: str | None = None) -> Diagram:
    """The files of one folder, and the other folders that they take from."""

    def place(parts: tuple[str, ...]) -> str:
        inside = [part for part in parts[1:] if part != "__init__"]
        return "/".join(inside) if parts[0] == folder else f"{parts[0]}/"

    picture = _picture(f"{folder}/: what each file gives to which", place, set(), folder)
    return Diagram(picture.view, rankdir)


def files(folder: str) -> Any:
    """What each file gives: the first lines of their docstrings."""
    from IPython.display import Markdown  # here, so that the pictures can be made without IPython

    paths = sorted(path for path in (PACKAGE / folder).rglob("*.py") if path.stem != "__init__")
    return Markdown("\n".join(f"- `{path.relative_to(PACKAGE / folder)}`: {_about(path)}" for path in paths))


def _about(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text("utf-8"))) or ""
    return text.partition("\n")[0].replace("``", "`")


def _imports(path: Path) -> set[tuple[str, ...]]:
    """The modules that a file imports from the package, those within functions too."""
    found = set()
    for line in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(line, ast.ImportFrom) and f"{line.module}.".startswith("minigraph."):
            module = tuple(str(line.module).split(".")[1:])
            for name in line.names:
                deeper = (*module, name.name)
                is_module = PACKAGE.joinpath(*deeper).is_dir() or PACKAGE.joinpath(*deeper).with_suffix(".py").exists()
                found.add(deeper if is_module else module)
    return found


def _between_folders() -> dict[str, set[str]]:
    """What each folder takes from which, directly."""
    found: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).with_suffix("").parts[0]
        if name not in APART:
            used = {f"{other[0]}/" for other in _imports(path) if other and other[0] not in APART}
            found.setdefault(f"{name}/", set()).update(used - {f"{name}/"})
    return found


def _picture(title: str, place: Callable[[tuple[str, ...]], str], engine: set[str], folder: str = "") -> Diagram:
    takes: dict[str, set[str]] = {}
    about: dict[str, str] = {}
    for path in sorted((PACKAGE / folder).rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        name = place(parts)
        if parts[0] in APART or not name or (parts[-1] == "__init__" and not _imports(path)):
            continue
        about.setdefault(name, _about(path))
        takes.setdefault(name, set()).update(
            {place(used) for used in _imports(path) if used and used[0] not in APART} - {name, ""}
        )
    outside = _between_folders() if folder else {}
    around = sorted({other for used in takes.values() for other in used if other in outside})
    reached = takes | {name: outside[name] & {*around} for name in around}
    order = list(TopologicalSorter({name: sorted(used) for name, used in sorted(reached.items())}).static_order())
    ids = {name: f"n{number}" for number, name in enumerate(order)}
    above: dict[str, set[str]] = {}  # all that a place takes, directly or not
    edges = []
    for name in order:
        used = reached[name]
        through = set().union(*(above[other] for other in used))
        direct = sorted(used - through, key=order.index)  # what comes through another box needs no arrow of its own
        if name not in takes:
            direct = []  # how other folders stand to each other is another picture
        edges += [Edge(ids[other], ids[name], number) for number, other in enumerate(direct)]
        above[name] = used | through
    joined = {end for edge in edges for end in (edge.tail, edge.head)}
    order = [name for name in order if name in takes or ids[name] in joined]
    within = {name: name.partition("/")[0] for name in order if not name.endswith("/") and "/" in name}
    frames = tuple(Frame(inner, f"{inner}/") for inner in sorted({*within.values()}))
    boxes = []
    for name in order:
        look = Look.PARAMETER if name in engine else Look.OPERATION if name in takes else Look.DATA
        rows = (Row(Kind.FORMULA, name.rpartition("/")[2] or name),)
        boxes.append(Box(ids[name], look, rows, about.get(name, name), frame=within.get(name)))
    return Diagram(View(title, Direction.FORWARD, tuple(boxes), tuple(edges), frames, names_roles=False))
