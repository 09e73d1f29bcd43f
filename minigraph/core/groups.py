"""Groups: nodes that belong together, such as a layer, and are drawn as one box."""

from __future__ import annotations

from contextvars import ContextVar, Token


class Group:
    """A titled set of nodes: those made inside ``with group:``. Made by `group`; may be entered again.

    Attributes:
        title: what the box is called, such as ``Layer 1 · ReLU``.
        parent: the group in which this one was made, or None.
    """

    __slots__ = ("_tokens", "parent", "title")

    def __init__(self, title: str):
        if not isinstance(title, str) or not title:
            raise TypeError(f"a group's title is a non-empty string, not {title!r}")
        self.title = str.__str__(title)  # plain text, whatever a type of somebody's own makes of it
        self.parent = current_group()
        self._tokens: list[Token[Group | None]] = []

    def __enter__(self) -> Group:
        self._tokens.append(_current.set(self))
        return self

    def __exit__(self, *_: object) -> None:
        _current.reset(self._tokens.pop())

    def __repr__(self) -> str:
        return f"<group {self.title!r}>"


_current: ContextVar[Group | None] = ContextVar("minigraph group", default=None)
current_group = _current.get


def group(title: str) -> Group:
    """A group to make nodes in: ``with mg.group("Layer 1 · ReLU"): ...``

    Raises:
        TypeError: if the title is not a non-empty string.

    Example:
        >>> import minigraph as mg
        >>> x = mg.data(2.0)
        >>> with mg.group("Layer 1"):
        ...     y = 3 * x
        >>> y.group
        <group 'Layer 1'>
    """
    return Group(title)


def entering(group: Group | None) -> Token[Group | None]:
    """Make nodes in ``group`` (or in none) until `leaving` is called with the answer."""
    return _current.set(group)


leaving = _current.reset
