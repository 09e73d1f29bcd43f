"""The function that somebody handed in as a file: a program, or a notebook with all that was tried in it."""

from __future__ import annotations

import ast
import json
import linecache
import re
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from minigraph.testing.handed_in import Refused, told
from minigraph.testing.time_limit import TimeIsUp, within

MODULE = "handed_in"
"""What the file is called as a module."""
TRIES = ast.Assign, ast.AnnAssign, ast.AugAssign
KEPT = ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.Try, *TRIES
"""Of what was handed in: imports, functions, classes and constants. What it prints and tries is left out."""
GRADERS = {"RandomNets", "check_backward"}
"""What a notebook calls to try itself: the results are not needed."""
MOST_NAMES = 6
"""So many functions that are there are named where the one that is asked for is not."""
OF_JUPYTER = re.compile(r"\s*[%!?]|.*\?\s*$")
"""Lines such as %matplotlib inline, !pip install and np.sum?"""
RUNS_PYTHON = "%%time", "%%timeit", "%%capture", "%%prun"
"""Of cells that begin with %% those that are Python; others are files, shell scripts, HTML."""


def submitted_function(file: Path, name: str, seconds: float) -> Callable[..., Any]:
    """The function of this name in a program (.py) or a notebook (.ipynb).

    Only imports, functions, classes and constants are run; a constant that can't be computed is left out, and so is a cell
    of a notebook that is no Python, as long as the function is in another one.

    Args:
        file: what was handed in.
        name: what the function is called there.
        seconds: how long what stands outside of functions may run.

    Raises:
        Refused: if there is no such function; why, for the one who wrote it.
    """
    module = types.ModuleType(MODULE)
    sys.modules[MODULE] = module
    sys.path.append(str(file.parent))
    problems: list[str] = []
    for title, text in _texts(file):
        linecache.cache[title] = len(text), None, text.splitlines(keepends=True), title
        try:
            code = _compiled(text, title)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            problems.append(f"{title} is no Python: {told(error)}")
            continue
        try:
            within(seconds, lambda code=code: exec(code, module.__dict__))  # type: ignore[misc]
        except TimeIsUp:
            raise Refused(f"what stands outside of functions in {title} was stopped after {seconds:g} s") from None
        except (Exception, SystemExit) as error:
            problems.append(_problem(title, error))
    found = module.__dict__.get(name)
    if callable(found):
        return found  # type: ignore[no-any-return]
    why = f" ({'; '.join(problems)})" if problems else ""
    own = [x for x, value in module.__dict__.items() if callable(value) and getattr(value, "__module__", "") == MODULE]
    others = f", but {', '.join(own[:MOST_NAMES])}" if own and not problems else ""
    missing = f"there is no function {name} in {file.name}{others}"
    raise Refused(f"{missing if found is None else f'{name} in {file.name} is no function'}{why}")


def _problem(title: str, error: BaseException) -> str:
    """What went wrong outside of functions."""
    name, module = getattr(error, "name", None), getattr(error, "obj", None)
    if isinstance(error, ModuleNotFoundError):
        return f"{title} imports {name}, which is not here: put what is needed of it into this file"
    if isinstance(module, types.ModuleType) and name in getattr(module, "__all__", ()):
        return f"{title} imports all of {module.__name__}, whose __all__ names {name}, which is not there"
    return f"{title} raises {told(error)}"


def _texts(file: Path) -> Iterator[tuple[str, str]]:
    """The program, or the cells of the notebook, each with what it is called in messages."""
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise Refused(f"{file.name or file} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refused(
            f"{file.name} is no text in UTF-8: hand in a program (.py) or a notebook (.ipynb), saved as UTF-8"
        ) from None
    if file.suffix.lower() != ".ipynb":
        yield file.name, text
        return
    try:
        notebook = json.loads(text)
        cells = notebook["cells"] if "cells" in notebook else notebook["worksheets"][0]["cells"]
        written = [
            (place, "".join(cell.get("source", cell.get("input", ""))))
            for place, cell in enumerate(cells, 1)
            if cell.get("cell_type") == "code"
        ]
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise Refused(f"{file.name} is no notebook: save it in Jupyter again, and hand that in") from None
    for place, cell in written:
        yield f"cell {place}", _python(cell)


def _python(cell: str) -> str:
    """The Python of a cell; a line for Jupyter is empty, so that lines keep their numbers."""
    first = cell.lstrip().partition("\n")[0]
    if first.startswith("%%") and not first.startswith(RUNS_PYTHON):
        return ""
    try:
        ast.parse(cell)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "\n".join("" if OF_JUPYTER.match(line) else line for line in cell.split("\n"))
    return cell


def _compiled(text: str, title: str) -> types.CodeType:
    program = ast.parse(text, title)
    program.body = [_attempted(part) for part in program.body if isinstance(part, KEPT) and not _grades(part)]
    return compile(ast.fix_missing_locations(program), title, "exec")


def _attempted(part: ast.stmt) -> ast.stmt:
    """The same; but a value that can't be computed, as of what was tried in a cell that is left out, is left out as well."""
    if not isinstance(part, TRIES):
        return part
    left_out = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [ast.Pass()])
    return ast.copy_location(ast.Try([part], [left_out], [], []), part)


def _grades(part: ast.stmt) -> bool:
    """Whether an assignment calls what grades."""
    called = {node.func.id for node in ast.walk(part) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    return isinstance(part, TRIES) and bool(called & GRADERS)
