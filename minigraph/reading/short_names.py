"""Short names for gradients that are nodes of a graph: g for ∂J/∂x, g′ for its derivative by x, dW1 for ∂J/∂W1.

A gradient that is differentiated in the graph, or the only one in it, is g; the others of the same J have a d before the
name. Derivatives of g by other nodes are written out, ∂g/∂z. Every view that uses such a name says what it stands for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from minigraph.calculus.reverse_mode import derivative_name

STANDS_FOR = ("g", "h")
"""What a gradient is called that is differentiated; the first that nobody else is called."""
LONGEST_BASE = 12
"""A name with more characters than this gets no d before it, nor one that is not a word."""


def numerator_and_denominator(name: str) -> tuple[str, str] | None:
    """J and x of ∂J/∂x, without parentheses around them; None for names that are no derivative.

    Example:
        >>> numerator_and_denominator("∂(∂J/∂W1)/∂x"), numerator_and_denominator("rate/∂")
        (('∂J/∂W1', 'x'), None)
    """
    if not name.startswith("∂"):
        return None
    depth = 0
    for place, sign in enumerate(name):
        depth += (sign == "(") - (sign == ")")
        if depth == 0 and name.startswith("/∂", place):
            above, below = _bare(name[1:place]), _bare(name[place + 2 :])
            return (above, below) if above and below else None
    return None


def _bare(part: str) -> str:
    is_enclosed = part.startswith("(") and part.endswith(")") and "/" in part
    return part[1:-1] if is_enclosed else part


class ShortNames:
    """Short names for the derivatives among the names of a graph.

    Attributes:
        key: what each short name stands for, in shorter names: g is ∂J/∂x, g′ is ∂g/∂x.

    Example:
        >>> short = ShortNames(["∂J/∂x", "∂J/∂a", "∂(∂J/∂x)/∂a", "∂(∂J/∂x)/∂x", "x", "a"])
        >>> [short.of(name) for name in ("∂J/∂x", "∂J/∂a", "∂(∂J/∂x)/∂a", "∂(∂J/∂x)/∂x", "x")]
        ['g', 'da', '∂g/∂a', 'g′', 'x']
        >>> short.key
        {'g': '∂J/∂x', 'da': '∂J/∂a', 'g′': '∂g/∂x'}
    """

    def __init__(self, names: Iterable[str]):
        self._taken: Collection[str]
        self.key: dict[str, str] = {}
        self._found: dict[str, str] = {}
        names = list(dict.fromkeys(names))
        derivatives = [name for name in names if numerator_and_denominator(name)]
        self._taken = set(names).difference(derivatives)
        differentiated = {
            above for name in derivatives for above in _numerators(name) if numerator_and_denominator(above) is not None
        }
        whole = [name for name in derivatives if len(set(numerator_and_denominator(name) or ())) == 2]  # no seed ∂J/∂J
        self._differentiated = differentiated or set(whole if len(whole) == 1 else [])
        tops = [top for name in derivatives for top in list(_numerators(name))[-1:]]
        self._top = tops[0] if tops else ""
        for name in derivatives:
            self._found[name] = self.of(name)

    def of(self, name: str) -> str:
        """The short name, or the name itself."""
        parts = numerator_and_denominator(name)
        if parts is None:
            return name
        if name not in self._found:
            self._found[name] = self._shortened(name, *parts)
        return self._found[name]

    def _shortened(self, name: str, above: str, below: str) -> str:
        inner = numerator_and_denominator(above)
        written = derivative_name(self.of(above), self.of(below))
        if inner is not None:
            wished = [f"{self.of(above)}′"] if inner[1] == below and self.of(above) in self.key else []
        elif name in self._differentiated:
            wished = [*STANDS_FOR]
        elif above == self._top and len(below) <= LONGEST_BASE and re.fullmatch(r"\w+", below):
            wished = [f"d{below}"]
        else:
            wished = []
        for short in wished:
            if short not in self._taken and short not in self.key:
                self.key[short] = written
                return short
        return written


def _numerators(name: str) -> Iterable[str]:
    """Of ∂(∂J/∂x)/∂z first ∂J/∂x, then J."""
    parts = numerator_and_denominator(name)
    while parts is not None:
        yield parts[0]
        parts = numerator_and_denominator(parts[0])
