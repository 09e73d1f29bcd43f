"""How nodes are told apart where they are shown, in every view alike: ``a [1]`` and ``a [2]``, parameter1, parameter2."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from itertools import count
from weakref import WeakSet

from minigraph.core.errors import warn
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors

_told: WeakSet[Node] = WeakSet()


def marked_names(root: Node, spell: Callable[[str], str] = str) -> dict[Node, str]:
    """Names with numbers, in the order of creation, for nodes below ``root`` that share one, and for leaves without names.

    Args:
        root: the node that is shown, with all that it depends on.
        spell: how names are written; nodes have one name if they are written alike.

    Example:
        >>> import minigraph as mg
        >>> a, other = mg.parameter(1.0, "a"), mg.parameter(2.0, "a")
        >>> J = (a * a + other).named("J")
        >>> [marked_names(J).get(node) for node in (a, other, J)]
        ['a [1]', 'a [2]', None]
    """
    called: dict[str, list[Node]] = {}
    unnamed: dict[Role, list[Node]] = {Role.DATA: [], Role.PARAMETER: []}
    for node in ancestors([root]):
        if node.name is not None and node.role is not Role.LITERAL:  # a literal m is a number, the same everywhere
            called.setdefault(spell(node.name), []).append(node)
        elif node.role in unnamed:
            unnamed[node.role].append(node)
    marked: dict[Node, str] = {}
    for name, nodes in called.items():  # a prime would read as a derivative, an index without a blank as an entry
        if len(nodes) > 1:
            marked.update(zip(nodes, _free((f"{name} [{number}]" for number in count(1)), called), strict=False))
    for role, nodes in unnamed.items():
        if len(nodes) > 1:
            marked.update(zip(nodes, _free((spell(f"{role}{number}") for number in count(1)), called), strict=False))
    return marked


def _free(names: Iterator[str], taken: Container[str]) -> Iterator[str]:
    """The names that no node has."""
    return (name for name in names if name not in taken)


def warn_of_twins(marked: Mapping[Node, str], what: str) -> None:
    """Say that nodes share a name; once for the same nodes."""
    new = [node for node in marked if node.name is not None and node not in _told]
    if not new:
        return
    _told.update(new)
    by_name: dict[str, list[Node]] = {}
    for node in new:
        by_name.setdefault(marked[node].rpartition(" [")[0], []).append(node)
    (name, alike), *others = by_name.items()
    texts = [marked[node] for node in alike[:3]] + ["…"] * (len(alike) > 3)
    places = ", ".join(dict.fromkeys(node.made_at for node in alike[:3] if node.made_at))
    more = f" So is {len(others)} other name{'s' * (len(others) > 1)}." if others else ""
    warn(
        f"{what}: {len(alike)} nodes are named {name!r}, made at {places}. They are written {', '.join(texts)}, "
        f"in the order in which they were made. Give each a name of its own.{more}"
    )
