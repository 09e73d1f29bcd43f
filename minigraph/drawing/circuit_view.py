"""The circuit style: an operation is a circle with its sign, a wire carries the value and, below it, the gradient."""

from __future__ import annotations

from minigraph.core.node import Node, Role
from minigraph.drawing.scene import Scene, few, value_text
from minigraph.drawing.view import Box, Edge, Kind, Look, Row, View
from minigraph.formulas import symbol, to_text
from minigraph.formulas.tree import Call
from minigraph.reading.numbers import norm_text
from minigraph.reading.steps import Primitive

_BLANK = "\ufffc"  # stands for an operand while a sign is made; not a character that formulas have


def circuit_view(scene: Scene) -> View:
    """One circle a primitive operation; numbers are on the wires."""
    boxes = []
    edges = []
    for step in scene.steps:
        node, box_id = step.node, scene.ids[step.node]
        text = scene.name(node) if node.op is None else sign(node)
        look = Look.WIRE if node.op is None else Look.SYMBOL
        rows = [Row(Kind.FORMULA, text)]
        if node.op is None and len(scene.arrivals.get(node, ())) > 1:
            rows += scene.gradient_rows(node)
        boxes.append(Box(box_id, look, tuple(rows), scene.formula(node), node=node))
        for place, edge in enumerate(step.edges):
            tail = scene.ids[edge.source]
            idle = not scene.direction.shows_values and edge.path[0] not in scene.ledger
            edges.append(Edge(tail, box_id, place, _on_wire(scene, edge.source, edge.path[0]), idle))
    end = f"n{len(boxes)}"
    name = scene.name(scene.root)
    boxes.append(Box(end, Look.WIRE, (Row(Kind.FORMULA, name),), name, node=scene.root))
    tail = scene.ids[scene.root]
    edges.append(Edge(tail, end, 0, _on_wire(scene, scene.root)))
    return View(scene.heading(), scene.direction, tuple(boxes), tuple(edges), names_roles=False)


def _on_wire(scene: Scene, node: Node, wire: Primitive | None = None) -> tuple[Row, ...]:
    """The value above; below it the gradient that this wire carries back."""
    rows = []
    if scene.values and scene.direction.shows_values:
        rows.append(Row(Kind.VALUE, value_text(node.value).removeprefix("= ")))
    if scene.values and scene.backward_pass is not None and (wire is None or wire in scene.ledger):
        carried = scene.ledger[wire].contribution if wire else scene.backward_pass.gradient(node)
        rows.append(Row(Kind.GRADIENT, few(carried.value) or f"‖·‖ = {norm_text(carried.value)}"))
    return tuple(rows)


def sign(node: Node) -> str:
    """What stands in the circle: the operation's notation without its operands, but with the numbers in it.

    ``a + b`` gives +, ``3·v`` gives ×3, σ(z) gives σ, x² stays x².
    """
    assert node.op is not None
    numbers = [_is_number(x) for x in node.inputs]
    operands = [x if is_number else symbol(_BLANK, x.shape) for x, is_number in zip(node.inputs, numbers, strict=True)]
    written = node.op.notation(*operands).expression()
    if isinstance(written, Call) and str(written.function).isidentifier():
        return str(written.function)
    text = to_text(written, budget=100)
    bare = " ".join(text.replace(_BLANK, " ").replace("·", "×").strip(" ,").split())
    if len(node.inputs) == 1 and not (bare.isascii() and bare.isidentifier()):
        return text.replace(_BLANK, "x")
    if numbers[0] and bare.endswith("×"):
        bare = "×" + bare[:-1]
    return bare or node.op.name


def _is_number(node: Node) -> bool:
    """Whether it is a number without a name, which is written in the circle."""
    return node.role is Role.LITERAL and node.name is None and node.shape == ()
