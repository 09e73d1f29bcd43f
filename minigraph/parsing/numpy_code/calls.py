"""The call that somebody's code is in while it is traced, read from its source: what is called, and whether with a list."""

from __future__ import annotations

import ast
import linecache
import sys
from dataclasses import dataclass
from types import FrameType, ModuleType
from typing import Any

LISTS = ast.List, ast.Tuple, ast.ListComp, ast.GeneratorExp


@dataclass(frozen=True)
class Call:
    """A call in the user's code.

    Attributes:
        text: what is called, as it is written: ``np.mean``, or ``parameters['W' + str(l)].dot``.
        name: the last word of it.
        owner: what it is a method of, as it is written; "" for a function, be it in a module or not.
        variable: the name of the variable that the owner is, or is a part of.
        of_a_list: whether a list, a tuple or what makes one is handed over.
    """

    text: str
    name: str
    owner: str
    variable: str
    of_a_list: bool


def call_at(frame: FrameType) -> Call | None:
    """The call that a frame is in, or None: if it is in none, on several lines, or the source is not there."""
    line, last, start, end = list(frame.f_code.co_positions())[frame.f_lasti // 2]
    if line is None or line != last:
        return None
    source = linecache.getline(frame.f_code.co_filename, line).encode()[start:end].decode(errors="replace")
    try:
        called = ast.parse(source.strip(), mode="eval").body
    except SyntaxError:
        return None
    if not isinstance(called, ast.Call):
        return None
    text = ast.unparse(called.func)
    owner = called.func.value if isinstance(called.func, ast.Attribute) else None
    method = owner is not None and not isinstance(_known(owner, frame), ModuleType)
    lists = any(isinstance(given, LISTS) or isinstance(_known(given, frame), list | tuple) for given in called.args)
    written = ast.unparse(owner) if owner is not None and method else ""
    return Call(text, text.rpartition(".")[2], written, written.partition("[")[0].rpartition(".")[2], lists)


def _known(written: ast.expr, frame: FrameType) -> Any:
    """What a name stands for, or a part of a module; None for anything else, which would have to be run."""
    if isinstance(written, ast.Name):
        return frame.f_locals.get(written.id, frame.f_globals.get(written.id))
    if isinstance(written, ast.Attribute) and isinstance(module := _known(written.value, frame), ModuleType):
        return sys.modules.get(f"{module.__name__}.{written.attr}")
    return None
