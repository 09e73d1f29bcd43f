"""A picture in words, for those who do not see it: which boxes there are, what they say, and what goes between them."""

from __future__ import annotations

from collections import Counter

from minigraph.drawing.view import Box, Edge, View
from minigraph.reading.names import cleaned

MOST_TOLD = 40
"""So many boxes and edges are told one by one; more would be no help."""


def described(view: View) -> str:
    """The title, how many boxes of each kind there are, what each says, and the chain rule on each edge.

    Example:
        >>> import minigraph as mg
        >>> b, c = mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
        >>> print(mg.draw((b * c).named("u")).description)
        Forward pass   u = b·c. 2 parameters, 1 output. Parameter b: = 3. Parameter c: = 2. Output u = b·c: = 6.
    """
    counts = Counter(str(box.look) for box in view.boxes)
    told = [view.title, ", ".join(f"{count} {look}{'s' * (count > 1 and look != 'data')}" for look, count in counts.items())]
    told += [f"{str(box.look).capitalize()} {_says(box)}" for box in view.boxes[:MOST_TOLD]]
    said = [edge for edge in view.edges if edge.rows]
    told += [_told(view, edge) for edge in said[:MOST_TOLD]]
    left = max(0, len(view.boxes) - MOST_TOLD) + max(0, len(said) - MOST_TOLD)
    told += [f"And {left:,} more boxes and edges"] if left else []
    return cleaned(". ".join(told) + ".")


def _says(box: Box) -> str:
    """``u = b·c: = 6, ∂J/∂u = 3``."""
    first, *others = [row.text for row in box.rows if row.text]
    return f"{first}: {', '.join(others)}" if others else first


def _told(view: View, edge: Edge) -> str:
    """``From u back to b: ∂u/∂b = c = 2, 3 × 2 = 6``."""
    tail, head = (view.by_id[end].rows[0].text.partition(" = ")[0] for end in (edge.tail, edge.head))
    says = ", ".join(row.text for row in edge.rows)
    return f"From {head} back to {tail}: {says}" if view.direction.shows_gradients else f"From {tail} to {head}: {says}"
