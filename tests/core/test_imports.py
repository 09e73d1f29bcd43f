"""What importing minigraph brings along, and which way the arrows between its modules point."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import minigraph as mg

PACKAGE = Path(mg.__file__).parent
HEAVY = [
    "graphviz",
    "hypothesis",
    "matplotlib",
    "tqdm",
    "pygraphviz",
    "minigraph.models",
    "minigraph.drawing",
    "minigraph.checking",
]


def modules_after(code: str) -> set[str]:
    """The modules that are loaded in a new interpreter after the code, but not by NumPy alone."""
    report = "import sys; print(*sys.modules)"
    loaded = [
        set(
            subprocess.run(
                [sys.executable, "-c", f"{lines}\n{report}"], check=True, capture_output=True, text=True
            ).stdout.split()
        )
        for lines in ("import numpy", code)
    ]
    return loaded[1] - loaded[0]


def test_importing_brings_no_heavy_library() -> None:
    loaded = modules_after("import minigraph")
    assert "minigraph.core.node" in loaded
    assert not [name for name in HEAVY if name in loaded]


def test_differentiating_brings_no_heavy_library() -> None:
    code = "import minigraph as mg\nw = mg.parameter(2.0, 'w')\n(w * w).backward()\nmg.hvp(w ** 3, w, w.grad).value"
    assert not [name for name in HEAVY if name in modules_after(code)]


LAYERS = [
    {"values", "files", "formulas"},
    {"core"},
    {"operations"},
    {"calculus"},
    {"reading"},
    {"checking", "explanation", "drawing", "program", "testing", "parsing"},
    {"pages"},
    {"command_line"},
]
APART = {"checking", "explanation", "drawing", "program"}


def imported(path: Path) -> set[str]:
    """The top modules of minigraph that a file imports when it is loaded: not in functions, not for types only."""
    found = set()
    waiting: list[ast.AST] = list(ast.parse(path.read_text(encoding="utf-8")).body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda) or (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        ):
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("minigraph"):
            parts = (node.module or "").split(".")
            found |= {parts[1]} if len(parts) > 1 else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith("minigraph.")}
        waiting.extend(ast.iter_child_nodes(node))
    return found


FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if path != PACKAGE / "__init__.py"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_point_down(path: Path) -> None:
    parts = path.relative_to(PACKAGE).parts
    own = parts[0].removesuffix(".py")
    depth = {name: level for level, names in enumerate(LAYERS) for name in names}
    for other in imported(path) - {own}:
        assert other != "models", "minigraph never imports minigraph.models"
        if own in depth and other in depth:  # a small module may stand in no layer
            assert depth[other] <= depth[own], f"{own} may not import {other}"
        checks_programs = (own, other) == ("checking", "program")
        assert checks_programs or not {own, other} <= APART, "explanation, drawing and program don't know each other"
