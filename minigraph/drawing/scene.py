"""What all views of one graph share: its steps, their names, numbers and frames, and its backward pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from minigraph.core.groups import Group
from minigraph.core.ledger import BackwardPass, Contribution
from minigraph.core.linear_maps import LinearMap
from minigraph.core.node import Expanded, Node, Role, literal
from minigraph.drawing.heat_map import cells_of
from minigraph.drawing.symbols import short_names, symbols
from minigraph.drawing.typesetting import Typeset
from minigraph.drawing.view import Box, Cells, Direction, Edge, Frame, Kind, Look, Row, View
from minigraph.formulas import Written, symbol, to_text
from minigraph.formulas.spelling import as_drawn
from minigraph.formulas.text_printer import Met
from minigraph.formulas.tree import UNIT
from minigraph.reading.chain_rule import chain_rule
from minigraph.reading.derived_graphs import footnotes
from minigraph.reading.names import LONGEST_NAME, Names, shown_name
from minigraph.reading.numbers import IN_PICTURES, bracketed, norm_text, range_text, rounded, sum_text, written_out
from minigraph.reading.root_role import is_loss
from minigraph.reading.steps import BackwardSteps, Derivative, Primitive, Step, StepEdge, recognised_in

LONGEST_FORMULA = 400
LONGEST_EXPANSION = 60
"""The whole graph is one formula in the title if that takes no more characters,"""
MOST_EXPANDED = 16
"""and the graph has no more nodes."""
LONGEST_RULE = 100
"""The chain rule along the paths that are shown is the title if it takes no more characters."""
LONGEST_SUM = 60
"""A sum of contributions with more characters than this is not written out."""
MOST_TERMS = 4
"""Nor is one of more contributions than this."""


@dataclass
class Scene:
    """One graph as it is drawn.

    Attributes:
        backward_pass: None for a forward diagram.
        values: whether numbers are shown.
        title: the heading; None makes one.
        wrt: the nodes to which paths are shown; None for all.
        sees_arrays: whether arrays are shown as coloured cells too.
        pins: what was found and is pinned on the box of a step.
        gradients: the gradient of each node that the pass reached.
        ledger: the line of the pass for each primitive edge.
        arrivals: the contributions to the gradient of each node.
        frames_of: the group in which each box is drawn.
        ids: what each box is called in DOT.
        met: what the formulas hold that have been written so far.
        typeset: the formulas, by how they are written.
    """

    root: Node
    steps: list[Step]
    direction: Direction
    backward_pass: BackwardPass | None = None
    values: bool = True
    title: str | None = None
    wrt: Sequence[Node] | None = None
    sees_arrays: bool = False
    pins: Mapping[Node, Sequence[str]] = field(default_factory=dict)
    names: Names = field(init=False)
    gradients: dict[Node, Node] = field(init=False)
    ledger: dict[Primitive, Contribution] = field(init=False)
    arrivals: dict[Node, Sequence[Node]] = field(init=False)
    met: Met = field(init=False, default_factory=Met)

    def __post_init__(self) -> None:
        self.names = Names(self.root, [step.node for step in self.steps]).clipped(LONGEST_NAME)
        self.gradients = {} if self.backward_pass is None else self.backward_pass.gradients
        entries = () if self.backward_pass is None else self.backward_pass.ledger
        self.ledger = {(entry.consumer, entry.position): entry for entry in entries}
        self.arrivals = {entry.input: entry.arrivals for entry in entries}
        self.frames_of = frames_of(self.steps)
        self.ids = {step.node: f"n{rank}" for rank, step in enumerate(self.steps)}
        self.typeset = Typeset(self.names, bool(self.names.key), self.met)

    def heading(self) -> str:
        """The title: the pass, and the whole formula where it is short."""
        if self.title is not None:
            return shown_name(self.title)
        if self.wrt is not None and self.backward_pass is not None:
            return self._paths(self.backward_pass, self.wrt)
        formula = self._expanded()
        what = f"   {self.name(self.root)} = {formula}" if formula else f" of {self.name(self.root)}"
        passes = {Direction.FORWARD: "Forward pass", Direction.BACKWARD: "Backward pass"}
        return passes.get(self.direction, "Forward and backward pass") + what

    def _paths(self, backward_pass: BackwardPass, wrt: Sequence[Node]) -> str:
        """The chain rule along the paths to one node, if that is short; else which paths are shown."""
        shows_rule = len(wrt) == 1 and self.values
        line = chain_rule(BackwardSteps(backward_pass, wrt[0]), self.names, LONGEST_RULE) if shows_rule else ""
        return line or f"Paths from {self.name(self.root)} to {', '.join(map(self.name, wrt))}"

    def is_faint(self, node: Node) -> bool:
        """Whether a node is off the paths that are shown."""
        return self.wrt is not None and node not in self.gradients

    def _expanded(self) -> str | None:
        """The whole graph as one formula in its leaves, if that is short."""
        if self.root.op is None or sum(len(step.edges) + 1 for step in self.steps) > MOST_EXPANDED:
            return None
        text = self.text(Expanded(self.root), LONGEST_EXPANSION)
        return None if text.endswith("…") else text

    def text(self, written: Written, budget: int = LONGEST_FORMULA) -> str:
        """A formula with the names of this picture."""
        text = to_text(
            written,
            subscripts=True,
            budget=budget,
            names=self.names,
            juxtapose=bool(self.names.key),
            met=self.met,
        )
        self.typeset.setdefault(text, written)
        return text

    def name(self, node: Node) -> str:
        """The name of a box, with its subscripts."""
        return self.text(symbol(self.names.of(node)))

    def formula(self, node: Node) -> str:
        """The first row of a box: ``Z₁ = W₁ X + b₁``; a leaf's name."""
        return self.name(node) if node.op is None else f"{self.name(node)} = {self.text(node.formula())}"

    def recognised_rows(self, step: Step) -> list[Row]:
        """What the step, or what is folded in it, is recognised as."""
        return [
            Row(Kind.NOTE, f"recognised {'as' if node is step.node else 'in it:'} {self.text(idiom.written)}")
            for node, idiom in recognised_in(step)
        ]

    def pinned_rows(self, nodes: Iterable[Node]) -> list[Row]:
        """What is pinned on the box of these steps."""
        return [Row(Kind.FINDING, f"! {text}") for node in nodes for text in self.pins.get(node, ())]

    def cells(self, node: Node) -> Iterator[Cells]:
        """The value of a node and its gradient as coloured cells, where those are shown."""
        if self.sees_arrays and self.values:
            shown = [(Kind.VALUE, node)] if self.direction.shows_values else []
            shown += [(Kind.GRADIENT, self.gradients[node])] if node in self.gradients else []
            for kind, array in shown:
                if cells := cells_of(kind, array.value):
                    yield cells

    def gradient(self, node: Node) -> str:
        """∂J/∂node."""
        return self.text(self.names.gradient(node))

    def partial(self, above: Node, below: Node) -> str:
        """∂u/∂b."""
        return self.text(self.names.derivative(above, below))

    def look(self, node: Node) -> Look:
        """What a box is for; the root is a loss or an output."""
        if node is self.root and node.op is not None:
            return Look.LOSS if is_loss(node) else Look.OUTPUT
        return Look.CONSTANT if node.role is Role.LITERAL else Look(node.role)

    def gradient_rows(self, node: Node) -> list[Row]:
        """∂J/∂node with its value, and the sum over paths it came from; or why there is none."""
        name = self.gradient(node)
        if self.is_faint(node):
            return []
        if node not in self.gradients:
            why = "no gradient" if node.role is not Role.PARAMETER else f"{name}: nothing flows here"
            return [Row(Kind.NOTE, why)]
        if not self.values:
            return [Row(Kind.GRADIENT, name)]
        value = self.gradients[node].value
        if node is self.root:
            return [Row(Kind.GRADIENT, f"{amount(name, value)} (seed)")]
        terms = [term.value for term in self.arrivals.get(node, ())]
        return [Row(Kind.GRADIENT, row) for row in gradient_text(name, value, terms)]

    def view(self, boxes: list[Box], edges: list[Edge], frames: tuple[Frame, ...] = (), *, names_roles: bool = True) -> View:
        """What is shown, under the heading."""
        title = self.heading()
        strip = [*symbols(boxes, edges, self.met)]
        parts: list[Box | Edge] = [*boxes, *edges]
        said = "\n".join([title, *(row.text for part in parts for row in part.rows)])
        strip += short_names(
            (self.text(symbol(short)), self.text(symbol(full))) for short, full in self.names.key_of(said, as_drawn)
        )
        if self.values:
            strip += [(self.text(kept), told) for kept, told in footnotes(self.met)]
        return View(
            title, self.direction, tuple(boxes), tuple(edges), frames, names_roles, tuple(strip), typeset=self.typeset
        )


def few(value: object) -> str | None:
    """A number or a small array as a picture writes it; None for an array that is too large."""
    return written_out(value, entries=IN_PICTURES)


def value_text(value: object) -> str:
    """The value row of a box: ``= 33``, ``= [1 2]``, or the range of a larger array."""
    return range_text(value) if (text := few(value)) is None else f"= {text}"


def summed_text(name: str, value: object, terms: Sequence[object]) -> str | None:
    """``∂e/∂b = 3 + 2 = 5``: a gradient with the contributions that make it; None if it is one, or they are too long."""
    total = few(value)
    if total is None or not 1 < len(terms) <= MOST_TERMS:
        return None
    whole = f"{name} = {sum_text([str(few(term)) for term in terms], total)}"
    return whole if len(whole) <= LONGEST_SUM else None


def gradient_text(name: str, value: object, terms: Sequence[object]) -> list[str]:
    """A gradient as the sum of what makes it, or itself, or its norm, and of how many contributions it is the sum."""
    if whole := summed_text(name, value, terms):
        return [whole]
    several = [f"sum of {len(terms)} contributions"] if len(terms) > 1 else []
    return [amount(name, value), *several]


def amount(name: str, value: object) -> str:
    """``∂J/∂b = 3`` for small arrays, ``‖∂J/∂W‖ = 0.0819`` for larger ones."""
    text = few(value)
    return f"‖{name}‖ = {norm_text(value)}" if text is None else f"{name} = {text}"


def chain_rule_rows(scene: Scene, step: Step, edge: StepEdge, entries: Sequence[Contribution]) -> list[Row]:
    """The chain rule on one edge: local derivative and upstream × local for scalars, what the pull does for arrays."""
    local = Derivative(tuple(entries)).local
    if step.node.shape == edge.source.shape == ():
        return _scalar_rows(scene, step, edge, local, entries)
    assert scene.backward_pass is not None
    seed = scene.backward_pass.seed
    is_unit = step.node is scene.root and seed.size == 1 and seed.role is Role.LITERAL and seed.value.item() == 1
    return [Row(Kind.CONTRIBUTION, scene.text(local.notation(UNIT if is_unit else scene.names.gradient(step.node))))]


def _scalar_rows(scene: Scene, step: Step, edge: StepEdge, local: LinearMap, entries: Sequence[Contribution]) -> list[Row]:
    partial = scene.partial(step.node, edge.source)
    twins = [other for other in step.edges if other.source is edge.source]
    if len(twins) > 1:
        partial += f" (path {twins.index(edge) + 1} of {len(twins)})"
    formula = scene.text(local.notation(UNIT))
    if not scene.values:
        return [Row(Kind.LOCAL, f"{partial} = {formula}")]
    slope = rounded(local.pull(literal(1.0, step.node.dtype)).value)
    rows = [Row(Kind.LOCAL, " = ".join([partial, *([] if formula == slope else [formula]), slope]), f" = {slope}")]
    upstream = rounded(scene.gradients[step.node].value)
    numbers = f"{upstream} × {bracketed(slope)} = {rounded(entries[-1].contribution.value)}"
    return [*rows, Row(Kind.CONTRIBUTION, numbers, numbers)]


def outermost(group: Group | None) -> Group | None:
    """The group that no other group is around."""
    while group is not None and group.parent is not None:
        group = group.parent
    return group


def frames_of(steps: list[Step]) -> dict[Node, Group | None]:
    """The group in which each box is drawn: its own; a parameter without one goes where it is used, if that is one place."""
    readers: dict[Node, set[Group | None]] = {}
    for step in steps:
        for edge in step.edges:
            readers.setdefault(edge.source, set()).add(step.node.group)
    found: dict[Node, Group | None] = {}
    for step in steps:
        node = step.node
        places = readers.get(node, set())
        goes_along = node.role is Role.PARAMETER and node.group is None and len(places) == 1
        found[node] = next(iter(places)) if goes_along else node.group
    return found


def frames(steps: list[Step], frame_of: Mapping[Node, Group | None]) -> tuple[tuple[Frame, ...], dict[Group, str]]:
    """The frames of the groups that hold boxes, outer ones first, and the id of each group's frame."""
    ids: dict[Group, str] = {}
    found: list[Frame] = []
    for step in steps:
        chain = []
        group = frame_of[step.node]
        while group is not None and group not in ids:
            chain.append(group)
            group = group.parent
        for inner in reversed(chain):
            ids[inner] = f"g{len(ids)}"
            found.append(Frame(ids[inner], shown_name(inner.title), ids[inner.parent] if inner.parent else None))
    return tuple(found), ids
