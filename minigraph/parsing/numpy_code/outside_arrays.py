"""Arrays that traced code finds outside of its arguments: in ``self``, in a closure, in a global.

Those that are asked for by name are leaves while the function runs: each is lent to the place where the code finds it, and
what was there is put back. Of the rest it is told, since in the graph they are numbers without name and gradient.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from types import CellType, CodeType, FunctionType, MethodType
from typing import Any

import numpy as np

DEEPEST = 6
"""So many names may lead to an array, as ``self.layers[0].cell.W`` has."""


@dataclass(frozen=True, eq=False)
class Place:
    """Where a number or an array stands.

    Attributes:
        path: the names that lead there, such as layers, 0, W.
        owner: what holds it: a dict, a list, or a cell of a closure.
        key: where in it.
        value: what was found there.
    """

    path: tuple[str, ...]
    owner: Any
    key: Any
    value: Any

    @property
    def name(self) -> str:
        """What a node there is called: the last name, with what it is numbered in."""
        return "".join(self.path[-2:]) if self.path[-1].isdigit() else self.path[-1]

    def put(self, value: Any) -> None:
        """Put something there."""
        if isinstance(self.owner, CellType):
            self.owner.cell_contents = value
        else:
            self.owner[self.key] = value


class Outside:
    """What a function can find outside of its arguments, as far as its code names it.

    Attributes:
        places: where numbers and arrays stand.
        lent: the places that hold leaves now.
    """

    def __init__(self, function: Callable[..., Any], arguments: Iterable[tuple[str, Any]]):
        self.places: list[Place] = []
        self.lent: list[Place] = []
        self._seen: set[int] = set()
        self._visit((), None, None, function)
        for name, argument in arguments:
            if _is_of_the_user(argument):
                self._visit((name,), None, None, argument)

    def named(self, name: str) -> list[Place]:
        """The places to which a name leads."""
        return [place for place in self.places if name in (*place.path, place.name)]

    def lend(self, place: Place, leaf: Any) -> None:
        """Put a leaf in a place, for as long as the function runs."""
        place.put(leaf)
        self.lent.append(place)

    def give_back(self) -> None:
        """Put back what was there."""
        for place in self.lent:
            place.put(place.value)

    def used(self, codes: Iterable[CodeType]) -> list[str]:
        """The arrays of floats, by their paths, that code which ran names and that were not lent."""
        names = {name for code in codes for name in (*code.co_names, *code.co_freevars)}
        return [
            ".".join(place.path)
            for place in self.places
            if place not in self.lent
            and isinstance(place.value, np.ndarray)
            and place.value.ndim
            and place.value.dtype.kind == "f"
            and not names.isdisjoint(place.path)
        ]

    def _visit(self, path: tuple[str, ...], owner: Any, key: Any, value: Any) -> None:
        if isinstance(value, np.ndarray | float | int):
            if owner is not None and not isinstance(value, bool):
                self.places.append(Place(path, owner, key, value))
            return
        if id(value) in self._seen or len(path) > DEEPEST:
            return
        self._seen.add(id(value))
        if isinstance(value, MethodType):
            self._visit(path, None, None, value.__self__)
            value = value.__func__
        if isinstance(value, FunctionType):
            self._visit_function(value)
        elif isinstance(value, dict):
            for inner, entry in list(value.items()):
                self._visit((*path, str(inner)), value, inner, entry)
        elif isinstance(value, list | tuple):
            for place, entry in enumerate(value):
                self._visit((*path, str(place)), value if isinstance(value, list) else None, place, entry)
        elif _is_of_the_user(value):
            for inner, entry in list(vars(value).items()):
                self._visit((*path, inner), vars(value), inner, entry)
            for method in vars(type(value)).values():
                self._visit((), None, None, method if isinstance(method, FunctionType) else None)

    def _visit_function(self, function: FunctionType) -> None:
        if _is_library(function.__module__):
            return
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            if _is_filled(cell):
                self._visit((name,), cell, None, cell.cell_contents)
        for code in _codes_in(function.__code__):
            for name in code.co_names:
                if name in function.__globals__:
                    self._visit((name,), function.__globals__, name, function.__globals__[name])


def _codes_in(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes_in(constant)


def _is_filled(cell: CellType) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:  # a variable that has no value yet
        return False


def _is_of_the_user(value: Any) -> bool:
    """Whether it is an object of a class of the user's, or of one that no library has, with attributes of its own."""
    return not isinstance(value, type) and not _is_library(type(value).__module__) and hasattr(value, "__dict__")


def _is_library(module: object) -> bool:
    package = str(module).partition(".")[0]
    file = getattr(sys.modules.get(package), "__file__", None) or ""
    return package in ("minigraph", *sys.stdlib_module_names) or "site-packages" in file or "dist-packages" in file
