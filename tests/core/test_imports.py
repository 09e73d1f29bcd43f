"""What importing minigraph brings along, and which way the arrows between its modules point."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import minigraph as mg
from minigraph.command_line.commands import COMMANDS
from minigraph.core.lazy_imports import LATER, loaded

HEAVY = [
    "graphviz",
    "hypothesis",
    "jax",
    "matplotlib",
    "torch",
    "tqdm",
    "pygraphviz",
    "minigraph.models",
    "minigraph.drawing",
    "minigraph.explanation",
    "minigraph.program",
    "minigraph.checking",
    "minigraph.parsing",
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


# The order of the rooms: a room, and the rooms that stand next below it. It may import these, and what they may.
BELOW = {
    "values": [],
    "files": [],
    "formulas": ["values"],
    "core": ["formulas"],
    "operations": ["core"],
    "calculus": ["operations"],
    "reading": ["calculus"],
    "drawing": ["reading", "files"],
    "explanation": ["reading"],
    "program": ["calculus"],
    "exporting": ["program", "files"],
    "pages": ["drawing", "explanation", "exporting"],
    "checking": ["explanation", "program"],
    "testing": ["checking", "hypothesis_types"],
    "parsing": ["operations"],
    "hypothesis_types": ["core"],
    "minigraph": [
        "calculus",
        "hypothesis_types",
    ],  # the package itself: its public names, and the table of what is loaded later
    "command_line": ["minigraph", "pages", "exporting", "testing", "parsing"],
    "models": ["command_line"],
    "__main__": ["command_line"],
}
FOLDERS = {"minigraph": Path(mg.__file__).parent, "minigraph.models": Path(loaded("minigraph.models:__file__")).parent}


def module_at(package: str, folder: Path, path: Path) -> str:
    """The name that a file is imported by."""
    parts = path.relative_to(folder).with_suffix("").parts
    return ".".join([package, *(part for part in parts if part != "__init__")])


FILES = {
    module_at(package, folder, path): path for package, folder in FOLDERS.items() for path in sorted(folder.rglob("*.py"))
}


def imported(source: str, package: str, *, types: bool = True) -> Iterator[str]:
    """Everything of minigraph that a file imports: at its top, in functions, and, if ``types`` is true, for types only.

    Without types is read `minigraph/__init__` alone: what it loads later it names there for those who check types.
    """
    waiting: list[ast.AST] = [ast.parse(source)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not types:
            continue
        found = []
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: 1 - node.level or None] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found = [f"{base}.{alias.name}" if f"{base}.{alias.name}" in FILES else base for alias in node.names]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
            found = [word.value for word in node.args if isinstance(word, ast.Constant)]
        yield from (name for name in found if name.partition(".")[0] == "minigraph")
        waiting.extend(ast.iter_child_nodes(node))


def imports_of(module: str) -> set[str]:
    path = FILES[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    return set(imported(path.read_text(encoding="utf-8"), package, types=module != "minigraph")) - {module}


IMPORTS = {module: imports_of(module) for module in FILES}


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else module


def rooms_below(room: str) -> set[str]:
    return {room}.union(*map(rooms_below, BELOW[room]))


def misdirected(imports: Mapping[str, set[str]]) -> list[str]:
    """The imports that go against the order of the rooms."""
    return [
        f"{module} imports {other}"
        for module, others in imports.items()
        for other in sorted(others)
        if room_of(other) not in rooms_below(room_of(module))
    ]


def circles(imports: Mapping[str, set[str]]) -> list[set[str]]:
    """The sets of modules that import each other, directly or not: strongly connected components of more than one."""

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            for other in imports.get(waiting.pop(), ()):
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)
        return seen

    reach = {module: reached(module) for module in imports}
    found: list[set[str]] = []
    for module in sorted(imports):
        circle = {other for other in reach[module] if module in reach.get(other, ())}
        if circle and circle not in found:
            found.append(circle)
    return found


def test_every_room_has_its_place() -> None:
    assert set(BELOW) == set(map(room_of, FILES))


@pytest.mark.parametrize("module", FILES)
def test_arrows_point_down(module: str) -> None:
    assert misdirected({module: IMPORTS[module]}) == []


def test_no_modules_import_each_other_but_in_the_core() -> None:
    assert [circle for circle in circles(IMPORTS) if {*map(room_of, circle)} != {"core"}] == []


def later_names(source: str) -> Iterator[str]:
    """The names that a file asks the table of later things for."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "later" and isinstance(node.args[0], ast.Constant):
            yield node.args[0].value


ASKED = [(module, name) for module, path in FILES.items() for name in later_names(path.read_text(encoding="utf-8"))]


def test_whoever_asks_the_table_stands_below_what_it_asks_for() -> None:
    assert {name for _, name in ASKED} == set(LATER) - set(mg.__all__) | {"backward"}
    for module, name in ASKED:
        room = room_of(LATER[name].partition(":")[0])
        assert room not in rooms_below(room_of(module)), f"{module} can import {name} from {room}"


@pytest.mark.parametrize("name", LATER)
def test_what_is_loaded_later_is_there(name: str) -> None:
    module, _, attribute = LATER[name].partition(":")
    assert module in FILES
    assert callable(loaded(LATER[name])), attribute


def test_places_are_named_as_text_in_two_tables_only() -> None:
    tables = {"minigraph": set(LATER.values()), "minigraph.command_line.commands": set(COMMANDS.values())}
    for module, path in FILES.items():
        constants = [
            node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)
        ]
        text = {node.value for node in constants if isinstance(node.value, str)}
        places = {place for place in text if re.fullmatch(r"minigraph[\w.]*:\w+", place)}
        assert places == tables.get(module, set())


@pytest.mark.parametrize(
    "line",
    [
        "import minigraph.explanation.whole_pass",
        "from minigraph.explanation import table",
        "from ..explanation.table import table",
        "def show():\n    from minigraph.explanation.whole_pass import table",
        "if TYPE_CHECKING:\n    from minigraph.explanation.whole_pass import table",
        "from importlib import import_module\nimport_module('minigraph.explanation.whole_pass')",
    ],
)
def test_an_arrow_that_points_up_is_seen_wherever_it_stands(line: str) -> None:
    found = set(imported(line, "minigraph.core"))
    assert misdirected({"minigraph.core.errors": found}) != []
    assert misdirected({"minigraph.explanation.array_chain_rule": found}) == []


@pytest.mark.parametrize(
    ("module", "other"),
    [
        ("explanation.health", "drawing.draw"),
        ("drawing.draw", "explanation.health"),
        ("drawing.draw", "program.graph"),
        ("program.graph", "reading.names"),
        ("checking.gradients", "testing.arrays"),
        ("parsing.parser", "calculus.reverse_mode"),
        ("testing.graphs", "models.nets"),
        ("command_line.main", "models.nets"),
        ("parsing.parser", ""),
    ],
)
def test_rooms_that_do_not_know_each_other(module: str, other: str) -> None:
    assert misdirected({f"minigraph.{module}": {f"minigraph.{other}".rstrip(".")}}) != []


def test_a_circle_is_found_however_long() -> None:
    chain = {"minigraph.program.a": {"minigraph.program.b"}, "minigraph.program.b": {"minigraph.program.c"}}
    assert circles(chain) == []
    assert circles({**chain, "minigraph.program.c": {"minigraph.program.a"}}) == [
        {"minigraph.program.a", "minigraph.program.b", "minigraph.program.c"}
    ]
