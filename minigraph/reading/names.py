"""What nodes and derivatives are called, in every view alike: a name, ``a [1]`` where it is shared, s1 where there is none.

A gradient that is a node of the graph has a short name, and every view that uses one says what it stands for: one that is
differentiated in the graph, or the only one in it, is g, its derivative by the same node g′; the others of the same J have
a d before the name, dW1 for ∂J/∂W1. Derivatives of g by other nodes are written out, ∂g/∂z.

A step without a name is called s1, s2, … in the order of computation over the whole graph, whatever part of it a view
shows; an unnamed root is the output. An operation that is folded into its user is called by its formula.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from itertools import chain, count
from unicodedata import bidirectional
from weakref import WeakSet

from minigraph.calculus.reverse_mode import derivative_name
from minigraph.core.errors import warn
from minigraph.core.node import Node, Role
from minigraph.core.pulling import ancestors
from minigraph.formulas import Symbol, symbol, to_text
from minigraph.formulas.spelling import as_drawn, with_letters
from minigraph.operations.arithmetic import Add
from minigraph.operations.shapes import Transpose

MOST_FOLDED = 16
"""A step holds at most so many primitive operations: more would be a formula that nobody reads."""
MOST_ADDED = 100
"""A step that is a sum of other steps holds so many terms: pictures fold what is between the first and the last."""
LONGEST_NAME = 24
"""Pictures cut names to so many characters; a folded operation is called by its formula, cut after as many."""
LONGEST_FORMULA = 40
"""A formula beside a name is cut after so many characters."""
EXAMPLES = "m"
"""What a number is called that is the number of examples: it is written in formulas, as other numbers are."""
STEMS = {Role.DATA: "data", Role.PARAMETER: "parameter", Role.LITERAL: "constant", Role.OPERATION: "s"}
"""What nodes without names are called."""
MOST_TOLD = 8
"""Of so many made-up names it is said what they stand for."""
STANDS_FOR = ("g", "h")
"""What a gradient is called that is differentiated; the first that nobody else is called."""
LONGEST_BASE = 12
"""A name with more characters than this gets no d before it, nor one that is not a word."""

_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef]|[^\x00-\U0010fffd]|[\ufffe\uffff]")
_WORDS = re.compile(r"\w+′*")
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
ISOLATE, ISOLATE_END = "\u2068", "\u2069"

_told: WeakSet[Node] = WeakSet()


class Names(dict[Node, str]):
    """The names of the nodes of one graph, those that are shown: printers take it as their ``names``.

    Attributes:
        root: the node that is shown, with all that it depends on.
        order: the nodes of the graph, in the order of computation.
        folded: those that are written inside others.
        marks: for nodes that share their name with others what tells them apart, such as `` [1]``.
        twins: the nodes that share their name, however it is cut.
        made_up: the nodes whose names are made up here, since they have none.
        called: the names of the others, without marks.
        key: what short names of gradients stand for.

    Example:
        >>> import minigraph as mg
        >>> a, other = mg.parameter(1.0, "a"), mg.parameter(2.0, "a")
        >>> s = a * other
        >>> names = Names((s * s).named("J"))
        >>> names.of(a), names.of(other), names.of(s), names.of(names.root)
        ('a [1]', 'a [2]', 's1', 'J')
    """

    def __init__(self, root: Node | None, shown: Iterable[Node] = ()):
        """The names in the graph of ``root``, or without one of ``shown``; these have names of their own even if folded."""
        shown = list(shown)
        self.root = root
        self.order = order = ancestors(shown if root is None else [root])
        folded = folded_in(order, root)
        short = ShortNames(node.name for node in order if node.name is not None)
        self.key = short.key
        self.called = {node: short.of(node.name) for node in order if node.name is not None}
        self.marks = _marks(self.called)
        self.twins = tuple(self.marks)
        self.made_up = _made_up(order, folded, root, self.called, self.marks)
        self.folded = folded.difference(shown)
        super().__init__(
            (node, self.made_up[node] if node.name is None else self.called[node] + self.marks.get(node, ""))
            for node in order
            if node.name is not None or (node in self.made_up and node not in self.folded)
        )

    def of(self, node: Node) -> str:
        """What a node is called: its name; its formula if it is folded."""
        return self.get(node) or self.formula(node, LONGEST_NAME)

    def formula(self, node: Node, length: int = LONGEST_FORMULA) -> str:
        """The operation that makes a node, on its inputs, in short."""
        return to_text(node.formula(), budget=length, names=self, juxtapose=True)

    def derivative(self, above: Node, below: Node) -> Symbol:
        """∂above/∂below; a formula stands in parentheses."""
        return symbol(derivative_name(self._part(above), self._part(below)), below.shape)

    def _part(self, node: Node) -> str:
        if node in self or "/" in (formula := self.formula(node, LONGEST_NAME)):
            return self.of(node)
        return f"({formula})"

    def gradient(self, node: Node) -> Symbol:
        """∂J/∂node."""
        assert self.root is not None
        return self.derivative(self.root, node)

    def clipped(self, length: int) -> Names:
        """The same names as pictures write them, cleaned and cut to a length; those that are alike then are told apart."""
        names = copy(self)
        names.marks = _marks({node: self.called[node] for node in self if node in self.called}, length)
        for node in self:
            if node in self.called:
                names[node] = shown_name(self.called[node], length) + names.marks.get(node, "")
        return names

    def mentioned(self, text: str) -> list[Node]:
        """The operations with made-up names that a text mentions, or their formulas in turn, in the order of creation."""
        by_name = {self[x]: x for x in self.made_up if x.op is not None and x in self and x is not self.root}
        met: set[Node] = set()
        waiting = [text]
        while waiting:
            found = {by_name[name] for name in re.findall(r"\bs\d+\b", waiting.pop()) if name in by_name}
            waiting += [self.formula(node) for node in found - met]
            met |= found
        return sorted(met, key=lambda node: node.number)

    def key_of(self, text: str, spell: Callable[[str], str] = str) -> list[tuple[str, str]]:
        """What the short names of gradients in a text stand for, and those in these; ``spell`` writes as the text does."""
        by_spelling = {spell(short): short for short in self.key}
        met: set[str] = set()
        waiting = {text} if self.key else set()
        while waiting:
            words = {word for part in waiting for word in _WORDS.findall(part)}
            found = {by_spelling[word] for word in words if word in by_spelling} - met
            met |= found
            waiting = {spell(self.key[short]) for short in found}
        return [(short, full) for short, full in self.key.items() if short in met]

    def where(self, text: str) -> list[str]:
        """What the short and made-up names in a text stand for: ``where s1 = ab``; of many, the first few."""
        nodes = self.mentioned(text)
        told = [f"where {short} = {full}" for short, full in self.key_of(text)]
        told += [f"where {self.of(node)} = {self.formula(node)}" for node in nodes[:MOST_TOLD]]
        return [*told, *([f"and {len(nodes) - MOST_TOLD} more steps without names"] if len(nodes) > MOST_TOLD else [])]


def folded_in(order: Collection[Node], root: Node | None, fold: bool = True) -> set[Node]:
    """The nodes that are written inside others: unnamed operations as said above, and numbers."""
    uses = Counter(operand for node in order for operand in node.inputs)
    users = {operand: node for node in order for operand in node.inputs}
    folded: set[Node] = set()
    size: dict[Node, int] = {}
    sums: set[Node] = set()
    for node in order:
        inside = [x for x in node.inputs if x in folded and x.op is not None]
        size[node] = 1 + sum(size[x] for x in node.inputs if x in folded)
        if isinstance(node.op, Add) and sums.issuperset(inside):
            sums.add(node)
        if node.op is None:
            is_written = node.role is Role.LITERAL and node.shape == () and node.name in (None, EXAMPLES)
        else:
            once = fold and node.name is None and uses[node] == 1
            is_near = once and (node.group is users[node].group or _is_slight(node))
            is_term = once and node in sums and isinstance(users[node].op, Add)
            is_written = is_near and size[node] < (MOST_ADDED if is_term else MOST_FOLDED)
        if is_written and node is not root:
            folded.add(node)
    return folded


def shown_name(name: str, length: int | None = None) -> str:
    r"""What a user wrote, cleaned, with letters for TeX's, cut to a length; it turns nothing around it around.

    Example:
        >>> shown_name("x\u202ey"), shown_name("a long name", 7), shown_name("\u05d0") == "\u2068\u05d0\u2069"
        ('xy', 'a long…', True)
    """
    text = with_letters(_TURNS.sub("", cleaned(name)))
    text = text if length is None or len(text) <= length else text[: length - 1] + "…"
    return f"{ISOLATE}{text}{ISOLATE_END}" if any(bidirectional(letter) in ("R", "AL", "AN") for letter in text) else text


def cleaned(text: str) -> str:
    r"""The text on one line, without what neither XML nor a font can show.

    Example:
        >>> cleaned("a\nb\x00")
        'a b'
    """
    return _UNPRINTABLE.sub("", _BREAKS.sub(" ", text))


def _spelled(name: str, length: int | None = None) -> str:
    """Equal for names that are alike in a picture, cut to a length."""
    return as_drawn(shown_name(name, length))


def _is_slight(node: Node) -> bool:
    """Wᵀ and 1/m are no steps, in whatever group they are made."""
    return isinstance(node.op, Transpose) or all(x.role is Role.LITERAL for x in node.inputs)


def _marks(names: Mapping[Node, str], length: int | None = None) -> dict[Node, str]:
    """Numbers, in the order of creation, for nodes that share their name with others."""
    called: dict[str, list[Node]] = {}
    for node, own in names.items():
        if node.role is not Role.LITERAL:  # a literal m is a number, the same everywhere
            called.setdefault(_spelled(own, length), []).append(node)
    marks: dict[Node, str] = {}
    for name, nodes in called.items():  # a prime would read as a derivative, an index without a blank as an entry
        if len(nodes) > 1:
            free = (f" [{number}]" for number in count(1) if f"{name} [{number}]" not in called)
            marks.update(zip(nodes, free, strict=False))
    return marks


def _made_up(
    order: Sequence[Node], folded: set[Node], root: Node | None, called: Mapping[Node, str], marks: Mapping[Node, str]
) -> dict[Node, str]:
    """Names that nobody else has, for nodes that have none: numbered steps first, then what is folded into them."""
    taken = {_spelled(name) + marks.get(node, "") for node, name in called.items()}
    unnamed: dict[str, list[Node]] = {}
    for node in chain((x for x in order if x not in folded), (x for x in order if x in folded)):
        if node.name is None and (node.role is not Role.LITERAL or node.shape):
            unnamed.setdefault("output" if node is root else STEMS[node.role], []).append(node)
    made: dict[Node, str] = {}
    for stem, nodes in unnamed.items():
        alone = len(nodes) == 1 and stem != STEMS[Role.OPERATION] and stem not in taken
        numbered = (name for name in (f"{stem}{number}" for number in count(1)) if _spelled(name) not in taken)
        made.update(zip(nodes, [stem] if alone else numbered, strict=False))
    return made


def warn_of_twins(names: Names, what: str) -> None:
    """Say that nodes share a name; once for the same nodes."""
    new = [node for node in names.twins if node not in _told]
    if not new:
        return
    _told.update(new)
    by_name: dict[str, list[Node]] = {}
    for node in new:
        by_name.setdefault(_spelled(str(node.name)), []).append(node)
    (name, alike), *others = by_name.items()
    texts = [names[node] for node in alike[:3]] + ["…"] * (len(alike) > 3)
    places = ", ".join(dict.fromkeys(node.made_at for node in alike[:3] if node.made_at))
    more = f" So is {len(others)} other name{'s' * (len(others) > 1)}." if others else ""
    warn(
        f"{what}: {len(alike)} nodes are named {name!r}, made at {places}. They are written {', '.join(texts)}, "
        f"in the order in which they were made. Give each a name of its own.{more}"
    )


# Short names for gradients that are nodes


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
