"""Names that are loaded when they are first used, from one table that says where each is.

The arrows between modules point down: none imports what stands above it. Where somebody below has to call what stands
above, as a shape error that explains itself or a backward pass that prints itself, it asks `later` by name. Who answers is
written in one place, `minigraph/__init__`, so that neither side knows the other. The same table lets ``import minigraph``
load no more than the engine: ``mg.draw`` is found through it.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

LATER: dict[str, str] = {}
"""Where a thing is, as ``"module:its name there"``, by the name that it is asked for."""


def later(name: str) -> Any:
    """What is asked for by this name; its module is imported now.

    Raises:
        KeyError: if nothing is entered under the name.

    Example:
        >>> import minigraph as mg
        >>> later("draw") is mg.draw
        True
    """
    return loaded(LATER[name])


def loaded(place: str) -> Any:
    """What is at a place, ``"module:its name there"``; the module is imported now.

    Raises:
        ImportError: if there is no such module.
        AttributeError: if the module has no such name.
    """
    module, _, there = place.partition(":")
    return getattr(import_module(module), there)


class Displayed:
    """What notebooks show as more than text: all that a notebook is given is made in one place, for every class alike."""

    __slots__ = ()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """What the notebook may choose from, by the kind of text; asked by Jupyter, VS Code and marimo."""
        bundle: dict[str, str] = later("in_notebook")(self)
        return bundle
