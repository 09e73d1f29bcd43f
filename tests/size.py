"""How large minigraph is, ring by ring: lines of code, docstrings and comments, the tests of each, and data apart.

    python tests/size.py            # of this clone
    python tests/size.py FOLDER     # of another; only totals if its folders are not the ones named here

Blank lines are counted nowhere. A line with code on it is code, whatever else it has; a docstring is one of a module, class
or function. Each ring needs only itself and the rings above it in the table.
"""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

RINGS = {
    "engine": ["core", "operations", "calculus", "formulas"],
    "teaching": ["reading", "drawing", "explanation", "checking", "testing", "parsing"],
    "workshop": ["program", "exporting", "pages", "command_line"],
    "models": ["models"],
}
# Modules that stand in no folder: the names that users type, and what every part uses.
TOP = {"__init__.py", "__main__.py", "values.py", "files.py", "hypothesis_types.py"}
AFTERNOON = ["core", "calculus"]
APART = {
    "data (CSV, JSON, model files)": (".csv", ".json", ".npz"),
    "HTML, CSS, JavaScript": (".html", ".css", ".js", ".mjs"),
    "C": (".c", ".h"),
    "snapshots (DOT, SVG)": (".dot", ".svg"),
    "pages (Markdown)": (".md",),
}
GENERATED = {"__pycache__", "_build", "node_modules", "build", "dist"}


@dataclass(frozen=True)
class Size:
    """Files, and their lines that are not blank."""

    files: int = 0
    code: int = 0
    docstrings: int = 0
    comments: int = 0

    @property
    def lines(self) -> int:
        """All lines that are not blank."""
        return self.code + self.docstrings + self.comments

    def __add__(self, other: "Size") -> "Size":
        """Both together."""
        return Size(*(mine + its for mine, its in zip(vars(self).values(), vars(other).values(), strict=True)))


def size_of(text: str) -> Size:
    """The lines of one Python file, by what they are."""
    docstrings: set[int] = set()
    in_strings: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            in_strings.update(range(node.lineno + 1, node.end_lineno + 1))
        holds_one = isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if holds_one and ast.get_docstring(node, clean=False) is not None:
            docstrings.update(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    written = {number: line.strip() for number, line in enumerate(text.splitlines(), 1) if line.strip()}
    comments = [number for number, line in written.items() if line.startswith("#") and number not in in_strings]
    code = len(written) - len(docstrings & written.keys()) - len(comments)
    return Size(1, code, len(docstrings & written.keys()), len(comments))


def files(root: Path, *tops: str) -> Iterator[Path]:
    """The files below these folders, without what a build or a run leaves behind."""
    for top in tops:
        for path in sorted((root / top).rglob("*")):
            if path.is_file() and not GENERATED & set(path.relative_to(root).parts):
                yield path


def python_sizes(root: Path, *tops: str) -> dict[Path, Size]:
    """The size of each Python file below these folders, by its path from the root."""
    return {
        path.relative_to(root): size_of(path.read_text(encoding="utf-8"))
        for path in files(root, *tops)
        if path.suffix == ".py"
    }


def ring_of(path: Path) -> str | None:
    """The ring of a module of the packages, or of a test of one; None if no ring names its folder."""
    if path.parts[0] == "minigraph" and len(path.parts) == 2:
        return "engine" if path.name in TOP else None
    folder = "models" if path.parts[0] == "models" else path.parts[1]
    return next((ring for ring, folders in RINGS.items() if folder in folders), None)


def total(sizes: Iterable[Size]) -> Size:
    """All of them together."""
    return sum(sizes, Size())


def row(name: str, *cells: object) -> str:
    """One line of the table."""
    return f"{name:44}" + "".join(f"{cell:>12,}" if isinstance(cell, int) else f"{cell:>12}" for cell in cells)


def columns(size: Size) -> list[int]:
    """The cells of a row about code."""
    return [size.files, size.code, size.docstrings, size.comments, size.lines]


def rings(packages: dict[Path, Size], tests: dict[Path, Size]) -> Iterator[str]:
    """A row for each ring, with the tests of its folders, and what can be read in an afternoon."""
    for ring, folders in RINGS.items():
        here = total(size for path, size in packages.items() if ring_of(path) == ring)
        tested = total(size for path, size in tests.items() if len(path.parts) > 2 and ring_of(path) == ring)
        yield row(ring, *columns(here), tested.lines) + f"   {', '.join(folders)}"
    of_all = total(size for path, size in tests.items() if len(path.parts) == 2 or ring_of(path) is None)
    yield row("tests of all of them, helpers, benchmarks", *[""] * 5, of_all.lines)


def report(root: Path, with_rings: bool) -> Iterator[str]:
    """The whole table, line by line."""
    packages, tests = python_sizes(root, "minigraph", "models"), python_sizes(root, "tests")
    yield row("", "files", "code", "docstrings", "comments", "lines", "tests")
    if with_rings:
        yield from rings(packages, tests)
    yield row("both packages", *columns(total(packages.values())), total(tests.values()).lines)
    yield row("tests", *columns(total(tests.values())))
    around = python_sizes(root, "docs", ".ci")
    yield row("docs, checks", *columns(total(around.values())))
    yield row("all Python", *columns(total([*packages.values(), *tests.values(), *around.values()])))
    yield ""
    if with_rings:
        read = total(size for path, size in packages.items() if path.parts[1] in AFTERNOON)
        yield f"To be read in an afternoon: {' and '.join(AFTERNOON)}, {read.lines:,} lines in {read.files} files."
    by_length = sorted((size.lines, path.as_posix()) for path, size in packages.items() if not path.name.startswith("__"))
    for name, chosen in (("shortest", by_length[:3]), ("longest", by_length[:-4:-1])):
        yield f"The {name} modules: " + ", ".join(f"{path} ({lines})" for lines, path in chosen)
    yield ""
    yield row("apart", "files", "bytes")
    everything = list(files(root, "minigraph", "models", "tests", "docs"))
    for name, suffixes in APART.items():
        chosen = [path.stat().st_size for path in everything if path.suffix in suffixes]
        yield row(name, len(chosen), sum(chosen))


def main(arguments: list[str]) -> None:
    """Print the table."""
    own = Path(__file__).resolve().parents[1]
    root = Path(arguments[0]).resolve() if arguments else own
    nameless = sorted({str(path.parent) for path in python_sizes(root, "minigraph", "models") if ring_of(path) is None})
    if nameless and root == own:
        raise SystemExit(
            f"no ring is named for what stands in {', '.join(nameless)}: say in tests/size.py to which it belongs"
        )
    print("\n".join(report(root, with_rings=not nameless)))


if __name__ == "__main__":
    main(sys.argv[1:])
