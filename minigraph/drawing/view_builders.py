"""A view for each way to draw a scene: one box per step, one box per group, or a circuit of primitive operations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from minigraph.calculus.reverse_mode import derivative_name
from minigraph.core.ledger import Contribution
from minigraph.core.node import Node, Role
from minigraph.drawing.folding import Fold
from minigraph.drawing.gradient_sizes import added_up, size_of
from minigraph.drawing.scene import Scene, amount, chain_rule_rows, few, frames, value_text
from minigraph.drawing.tags import with_tags
from minigraph.drawing.view import Box, Edge, Kind, Look, Row, View
from minigraph.formulas import symbol, to_text
from minigraph.formulas.spelling import format_shape
from minigraph.formulas.tree import Call
from minigraph.reading.names import shown_name
from minigraph.reading.numbers import norm_text, rounded
from minigraph.reading.steps import Primitive, Step, StepEdge

MOST_GRADIENTS = 4
"""The box of a group lists the gradients of at most so many parameters."""
MOST_PARALLEL = 4
"""Of more values than this from one box to another there is one edge."""
LONGEST_SIGN = 100
"""A circle with a longer sign would be larger than the rest of the picture."""

_BLANK = "\ufffc"  # stands for an operand while a sign is made; not a character that formulas have

Unit = Fold | Node
"""What is one box: steps that are folded, or a step."""

_NUMBER = re.compile(r"[\s_(]*\d+\)?$")  # at the end of the name of a layer's parameter


def steps_view(scene: Scene, *, tags: bool = False, numbers: Mapping[Node, int] | None = None) -> View:
    """One box per step: formulas, values, gradients, and the chain rule on the edges.

    Operations have the given ``numbers``, or else their place in the pass.
    """
    if numbers is None:
        numbers = _numbered(scene)
    groups, frame_ids = frames(scene.steps, scene.frames_of)
    boxes = []
    edges = []
    for step in scene.steps:
        node, group = step.node, scene.frames_of[step.node]
        names = [shown_name(node.name)] if node.name is not None else []
        frame = frame_ids[group] if group else None
        boxes.append(_box(scene, node, scene.ids[node], names, numbers.get(node), frame, scene.recognised_rows(step)))
        drawn: set[Node] = set()
        for place, read in enumerate(step.edges):
            edge = _edge(scene, step, read, place)
            if edge.rows or read.source not in drawn:  # a value goes to a box once: the formula says how
                edges.append(edge)
            drawn.add(read.source)
    return scene.view(*with_tags(scene, boxes, edges) if tags else (boxes, edges), groups)


def _numbered(scene: Scene) -> dict[Node, int]:
    """The place of each operation in the pass, from 1."""
    operations = [step.node for step in scene.steps if step.node.op is not None]
    return {node: number for number, node in enumerate(operations[:: -1 if scene.direction.shows_gradients else 1], 1)}


def _box(
    scene: Scene,
    node: Node,
    box_id: str,
    names: list[str],
    number: int | None = None,
    frame: str | None = None,
    notes: Sequence[Row] = (),
) -> Box:
    """The box of one step; ``names`` stand before its rows where it is told in full, ``notes`` below its formula."""
    rows = [Row(Kind.FORMULA, scene.formula(node)), *notes]
    if node.shape != ():
        rows.append(Row(Kind.SHAPE, format_shape(node.shape)))
    if scene.direction.shows_values and scene.values:
        rows.append(Row(Kind.VALUE, value_text(node.value)))
    if scene.direction.shows_gradients:
        rows += scene.gradient_rows(node)
    rows += scene.pinned_rows([node])
    idle = not scene.direction.shows_values and node not in scene.gradients
    full = " · ".join([*names, *(row.text for row in rows)])
    cells = tuple(scene.cells(node))
    return Box(box_id, scene.look(node), tuple(rows), full, number, frame, node, idle, scene.is_faint(node), cells=cells)


def _edge(scene: Scene, step: Step, edge: StepEdge, place: int) -> Edge:
    entries = [scene.ledger[primitive] for primitive in edge.path if primitive in scene.ledger]
    carries = bool(entries) and len(entries) == len(edge.path)
    rows = chain_rule_rows(scene, step, edge, entries) if scene.direction.shows_gradients and carries else []
    idle = not carries and (not scene.direction.shows_values or scene.wrt is not None)
    if held := _is_held(edge):
        rows = [Row(Kind.NOTE, "held fixed")]
    brought = (entries[-1].contribution,) if carries else ()
    return Edge(scene.ids[edge.source], scene.ids[step.node], place, tuple(rows), idle, held, carries, brought)


def _is_held(edge: StepEdge) -> bool:
    """Whether the operation that reads it, or one that is folded between, holds it fixed."""
    return edge.source.role is not Role.LITERAL and any(
        consumer.op is not None and position in consumer.op.held for consumer, position in edge.path
    )


def folded_view(
    scene: Scene, folds: Mapping[Node, Fold], *, tags: bool = False, numbers: Mapping[Node, int] | None = None
) -> View:
    """One box a fold, with its parameters and their gradients; other steps have boxes of their own.

    They are told in full, with the chain rule between them, unless groups are folded and no ``numbers`` are given.
    """
    unit_of: dict[Node, Unit] = {step.node: folds.get(step.node, step.node) for step in scene.steps}
    members: dict[Unit, list[Node]] = {}
    for node, unit in unit_of.items():
        members.setdefault(unit, []).append(node)
    last = {unit_of[step.node]: rank for rank, step in enumerate(scene.steps)}  # so that the root's comes last
    ids = {unit: f"n{rank}" for rank, unit in enumerate(sorted(last, key=lambda unit: last[unit]))}
    single = [step for step in scene.steps if step.node in ids]
    groups, frame_ids = frames(single, scene.frames_of)
    in_full = numbers is not None or not any(fold.is_group for fold in folds.values())
    notes = {step.node: scene.recognised_rows(step) if in_full else [] for step in single}
    if numbers is None:
        numbers = _numbered(scene) if in_full else {}
    boxes = []
    for unit, box_id in ids.items():
        if isinstance(unit, Fold):
            places_of = [numbers[node] for node in members[unit] if node in numbers]
            boxes.append(_fold_box(scene, unit, members[unit], box_id, sorted(places_of)))
        else:
            group = scene.frames_of[unit]
            frame = frame_ids.get(group) if group else None
            boxes.append(_box(scene, unit, box_id, [], numbers.get(unit), frame, notes[unit]))
    crossing: dict[tuple[Unit, Node], list[tuple[Step, StepEdge]]] = {}
    for step in scene.steps:
        for edge in step.edges:
            if unit_of[edge.source] is not unit_of[step.node]:
                crossing.setdefault((unit_of[step.node], edge.source), []).append((step, edge))
    places: Counter[Unit] = Counter()
    edges = []
    for (head, source), several in _merged(crossing, unit_of).items():
        tail = unit_of[source]
        if in_full and head is several[0][0].node and tail is source and len(several) <= MOST_PARALLEL:
            for number, (step, edge) in enumerate(several):
                drawn = replace(_edge(scene, step, edge, places[head]), tail=ids[tail], head=ids[head])
                if drawn.rows or number == 0:  # a value goes to a box once: the formula says how
                    edges.append(drawn)
                    places[head] += 1
            continue
        paths = [[scene.ledger[primitive] for primitive in edge.path if primitive in scene.ledger] for _, edge in several]
        brought = [path[-1] for path, (_, edge) in zip(paths, several, strict=True) if path and len(path) == len(edge.path)]
        sources = {edge.source for _, edge in several}
        rows = _between(scene, source, brought, is_told=tail is source) if len(sources) == 1 else _several(scene, sources)
        idle = not brought and (not scene.direction.shows_values or scene.wrt is not None)
        carried = tuple(line.contribution for line in brought) if len(sources) == 1 else ()
        size = size_of(brought) if scene.values and not in_full else None
        edges.append(Edge(ids[tail], ids[head], places[head], rows, idle, returns=bool(brought), brought=carried, size=size))
        places[head] += 1
    edges.sort(key=lambda edge: (int(edge.head[1:]), edge.place))
    return scene.view(*with_tags(scene, boxes, edges) if tags else (boxes, edges), groups)


def _merged(
    crossing: dict[tuple[Unit, Node], list[tuple[Step, StepEdge]]], unit_of: Mapping[Node, Unit]
) -> dict[tuple[Unit, Node], list[tuple[Step, StepEdge]]]:
    """What goes from one fold to one box: one edge for a value, and one for all values where there are several."""
    first: dict[tuple[Unit, Unit], Node] = {}
    values = Counter((head, unit_of[source]) for head, source in crossing)
    found: dict[tuple[Unit, Node], list[tuple[Step, StepEdge]]] = {}
    for (head, source), several in crossing.items():
        tail = unit_of[source]
        key = first.setdefault((head, tail), source) if values[head, tail] > MOST_PARALLEL else source
        found.setdefault((head, key), []).extend(several)
    return found


def _several(scene: Scene, sources: Collection[Node]) -> tuple[Row, ...]:
    """How many values are handed on, or how many gradients come back: as many, but for those of data."""
    if scene.direction.shows_values:
        return (Row(Kind.VALUE, f"{len(sources)} values"),)
    count = sum(source in scene.gradients for source in sources)
    return (Row(Kind.GRADIENT, f"{count} gradient{'s' * (count > 1)}"),) if count else ()


def _fold_box(scene: Scene, fold: Fold, nodes: list[Node], box_id: str, places: Sequence[int]) -> Box:
    rows = [Row(Kind.FORMULA, fold.title)]
    if places and places[-1] - places[0] == len(places) - 1:
        rows.append(Row(Kind.NUMBER, f"#{places[0]} … #{places[-1]}" if len(places) > 1 else f"#{places[0]}"))
    if fold.details:
        rows.append(Row(Kind.SHAPE, fold.details))
    parameters = [node for node in nodes if node.role is Role.PARAMETER]
    if parameters:
        count = sum(node.size for node in parameters)
        rows.append(Row(Kind.COUNT, f"{count} parameter{'s' if count > 1 else ''}"))
    if scene.direction.shows_gradients and scene.values:
        shown = [node for node in parameters if not scene.is_faint(node)]
        rows += _alike(scene, fold) if fold.alike else [_gradient(scene, node) for node in shown[:MOST_GRADIENTS]]
        if len(shown) > MOST_GRADIENTS and not fold.alike:
            rows.append(Row(Kind.NOTE, f"and {len(shown) - MOST_GRADIENTS} more"))
    if scene.root in nodes:
        if scene.values:
            rows.append(Row(Kind.VALUE, f"{scene.name(scene.root)} {value_text(scene.root.value)}"))
        if scene.direction.shows_gradients:
            rows += scene.gradient_rows(scene.root)
    rows += scene.pinned_rows(nodes)
    full = " · ".join(row.text for row in rows)
    return Box(box_id, Look.GROUP, tuple(rows), full, faint=all(map(scene.is_faint, nodes)))


def _alike(scene: Scene, fold: Fold) -> Iterator[Row]:
    """``‖∂J/∂W‖ 0.09 → 0.02`` for parameters that have the same place in equal groups, from the first to the last."""
    for row in fold.alike:
        if all(node in scene.gradients for node in row):
            stems = {_NUMBER.sub("", node.name) if node.name else "" for node in row}
            stem = stems.pop() if len(stems) == 1 else ""
            name = scene.text(symbol(derivative_name(scene.names.of(scene.root), stem))) if stem else scene.gradient(row[0])
            first, last = (norm_text(scene.gradients[node].value) for node in (row[0], row[-1]))
            yield Row(Kind.GRADIENT, f"‖{name}‖ {first} → {last}")


def _gradient(scene: Scene, node: Node) -> Row:
    if node not in scene.gradients:
        return scene.gradient_rows(node)[0]
    value = scene.gradients[node].value
    name = scene.gradient(node)
    return Row(Kind.GRADIENT, amount(name, value) if node.size == 1 else f"‖{name}‖ = {norm_text(value)}")


def _between(scene: Scene, source: Node, brought: list[Contribution], is_told: bool) -> tuple[Row, ...]:
    """The value that is handed on, and what comes back: a part of its gradient, or all, if its own box does not tell it."""
    rows = []
    if scene.direction.shows_values:
        rows.append(Row(Kind.VALUE, f"{scene.name(source)} {format_shape(source.shape)}"))
    is_part = bool(brought) and len(brought) < len(brought[0].arrivals)
    if brought and (is_part or not is_told):
        rows.append(Row(Kind.GRADIENT, f"{'part of ' if is_part else ''}{scene.gradient(source)}"))
        if scene.values:
            value = added_up([entry.contribution.value for entry in brought])
            rows.append(Row(Kind.GRADIENT, f"= {rounded(value.item())}" if value.size == 1 else f"‖·‖ = {norm_text(value)}"))
    return tuple(rows)


def circuit_view(scene: Scene) -> View:
    """One circle a primitive operation, with its sign; a wire carries the value and, below it, the gradient."""
    boxes = []
    edges = []
    for step in scene.steps:
        node, box_id = step.node, scene.ids[step.node]
        rows = [Row(Kind.FORMULA, scene.name(node) if node.op is None else sign(node))]
        if node.op is None and len(scene.arrivals.get(node, ())) > 1:
            rows += scene.gradient_rows(node)
        look = Look.WIRE if node.op is None else Look.SYMBOL
        boxes.append(Box(box_id, look, tuple(rows), scene.formula(node), node=node, faint=scene.is_faint(node)))
        for place, edge in enumerate(step.edges):
            returns = edge.path[0] in scene.ledger
            idle = not returns and (not scene.direction.shows_values or scene.wrt is not None)
            wire = _on_wire(scene, edge.source, edge.path[0])
            edges.append(Edge(scene.ids[edge.source], box_id, place, wire, idle, _is_held(edge), returns))
    end, name = f"n{len(boxes)}", scene.name(scene.root)
    boxes.append(Box(end, Look.WIRE, (Row(Kind.FORMULA, name),), name, node=scene.root))
    edges.append(Edge(scene.ids[scene.root], end, 0, _on_wire(scene, scene.root), returns=bool(scene.gradients)))
    return scene.view(boxes, edges, names_roles=False)


def _on_wire(scene: Scene, node: Node, wire: Primitive | None = None) -> tuple[Row, ...]:
    """The value above; below it the gradient that this wire carries back."""
    rows = []
    if scene.values and scene.direction.shows_values:
        rows.append(Row(Kind.VALUE, value_text(node.value).removeprefix("= ")))
    if scene.values and scene.gradients and (wire is None or wire in scene.ledger):
        carried = scene.ledger[wire].contribution if wire else scene.gradients[node]
        rows.append(Row(Kind.GRADIENT, few(carried.value) or f"‖·‖ = {norm_text(carried.value)}"))
    return tuple(rows)


def sign(node: Node) -> str:
    """What stands in the circle: + for ``a + b``, ×3 for ``3·v``, σ for σ(z), and x² for itself."""
    assert node.op is not None
    numbers = [x.role is Role.LITERAL and x.name is None and x.shape == () for x in node.inputs]
    operands = [x if is_number else symbol(_BLANK, x.shape) for x, is_number in zip(node.inputs, numbers, strict=True)]
    written = node.op.notation(*operands).expression()
    if isinstance(written, Call) and str(written.function).isidentifier():
        return str(written.function)
    text = to_text(written, budget=LONGEST_SIGN)
    bare = " ".join(text.replace(_BLANK, " ").replace("·", "×").strip(" ,").split())
    if len(node.inputs) == 1 and not (bare.isascii() and bare.isidentifier()):
        return text.replace(_BLANK, "x")
    if numbers[0] and bare.endswith("×"):
        bare = "×" + bare[:-1]
    return bare or node.op.name
