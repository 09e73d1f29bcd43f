"""What the local variables of a running function call the nodes that they hold.

Nothing is told to the interpreter, so that debuggers, coverage and profilers keep their hooks. Whenever a node is made the
locals of the functions that led there are read; each frame is kept, and read once more when all is over, since what a
function assigned last is seen then only. A node is called what the outermost function calls it, and there by the first
variable that held it: ``A1 = sigmoid(Z1)`` is A1, whatever `sigmoid` calls it inside.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import CodeType, FrameType
from typing import Any

from minigraph.core.calling_lines import observing
from minigraph.core.node import Node
from minigraph.parsing.numpy_code.named_nodes import numbered

_PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(__file__))) + os.sep
_DEBUGGERS = ("bdb", "pdb")
_running: ContextVar[Variables | None] = ContextVar("minigraph trace", default=None)


class Variables:
    """The variables of the functions that a frame calls.

    Attributes:
        held: for each node the variables that hold it, each with the depth of its function, the earliest first.
        unnamed: the nodes among them that have no name but that of a variable.
        codes: the code of the functions that ran.
    """

    def __init__(self, caller: FrameType):
        self.held: dict[Node, list[tuple[int, str]]] = {}
        self.unnamed: set[Node] = set()
        self.codes: list[CodeType] = []
        self._outer = _running.get()
        self._caller = caller
        self._depths: dict[FrameType, int] = {}

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Read locals whenever a node is made."""
        token = _running.set(self)
        try:
            with observing(self.look):
                yield
        finally:
            _running.reset(token)

    def may_name(self, node: Node) -> bool:
        """Whether a node has no name, or none but that of a variable, in this trace or in one around it."""
        return node.name is None or node in self.unnamed or (self._outer is not None and self._outer.may_name(node))

    def look(self, frame: FrameType) -> None:
        """Read the locals of the functions that led to a frame; a trace around this one does so first."""
        if self._outer is not None:
            self._outer.look(frame)
        frames = self._frames(frame)
        for depth, user in enumerate(reversed(frames)):
            self._depths.setdefault(user, depth)
            for variable, value in list(user.f_locals.items()):
                if isinstance(value, Node):
                    self._note(value, depth, variable)

    def look_last(self) -> None:
        """Read what functions assigned last, and what their dicts, lists and ``self`` hold."""
        for frame, depth in self._depths.items():
            for variable, value in list(frame.f_locals.items()):
                if isinstance(value, Node):
                    self._note(value, depth, variable)
        for frame, depth in self._depths.items():
            for variable, value in list(frame.f_locals.items()):
                for name, node in _inside(variable, value):
                    self._note(node, depth, name)
        self.codes = [frame.f_code for frame in self._depths]
        self._depths.clear()

    def last(self) -> dict[str, Node]:
        """What each variable held last."""
        return {variable: node for node, held in self.held.items() for _, variable in held}

    def replace(self, new: Mapping[Node, Node]) -> None:
        """Let other nodes be held in the place of some."""
        self.held = {new.get(node, node): held for node, held in self.held.items()}
        self.unnamed = {new.get(node, node) for node in self.unnamed}

    def _frames(self, frame: FrameType | None) -> list[FrameType]:
        """The frames of the user's functions, the innermost first; none for what is typed into a debugger."""
        found = []
        while frame is not None and frame is not self._caller:
            if frame.f_globals.get("__name__") in _DEBUGGERS:
                return []
            if not _is_library(frame):
                found.append(frame)
            frame = frame.f_back
        return found

    def _note(self, node: Node, depth: int, variable: str) -> None:
        if variable.isidentifier() and variable != "_":
            held = self.held.setdefault(node, [])
            if (depth, variable) not in held:
                held.append((depth, variable))
            if node not in self.unnamed and self.may_name(node):
                node._name = node._name or variable  # for messages, until it gets its own
                self.unnamed.add(node)

    def give_names(self, order: Sequence[Node]) -> None:
        """Name nodes by their variables, with a number where one held several or has the name of another node."""
        called: dict[str, list[Node]] = {}
        for node in order:
            if node in self.unnamed:
                called.setdefault(min(self.held[node], key=lambda found: found[0])[1], []).append(node)
        others = {str(node.name) for node in order if node.name is not None and node not in self.unnamed}
        alone = {variable for variable, holders in called.items() if len(holders) == 1} - others
        taken = others | alone
        for variable, holders in called.items():
            names = [variable]
            if variable not in alone:
                names = numbered(variable, 1 + (variable in others), len(holders), taken)
                taken.update(names)
            for node, name in zip(holders, names, strict=True):
                node._name = name


def _inside(variable: str, value: Any) -> Iterator[tuple[str, Node]]:
    """The nodes in a dict by their keys, in a list by the variable and their places, in ``self`` by their attributes."""
    if variable == "self" and hasattr(value, "__dict__"):
        value = vars(value)
    entries: Mapping[Any, Any] = value if isinstance(value, dict) else {}
    if isinstance(value, list):
        entries = {f"{variable}{place}": entry for place, entry in enumerate(value)}
    yield from ((name, node) for name, node in list(entries.items()) if isinstance(node, Node) and isinstance(name, str))


def _is_library(frame: FrameType) -> bool:
    """Whether a frame runs code of minigraph or NumPy, whose variables say nothing to the user."""
    module = str(frame.f_globals.get("__name__"))
    return frame.f_code.co_filename.startswith(_PACKAGE) or module.partition(".")[0] == "numpy"
