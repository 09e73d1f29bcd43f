"""One SVG that goes through a pass by itself, a frame a step: styles move it, without a script."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from xml.parsers import expat

from minigraph.drawing.theme import Theme
from minigraph.drawing.view import Direction, View

GRADIENT, VALUE = "#a1b2c4", "#a1b2c5"
"""Stand-ins for the colours of gradients and values: they tell what an element of a picture says."""
FAINT = 0.12
"""How opaque what is to come is; numbers that are to come are not shown at all."""
HOLD = 2
"""The whole picture stays for so many frames before all begins again."""
BACK = " back"
"""Marks the part of an edge or a box that belongs to the backward pass."""


def told_apart(theme: Theme) -> Theme:
    """The theme with the stand-ins, to draw what is to be animated."""
    return replace(theme, gradient=GRADIENT, value=VALUE)


def animated(svg: str, view: View, theme: Theme, prefix: str, seconds: float) -> str:
    """The picture that was drawn with the stand-ins, in motion and in the colours of the theme."""
    steps = list(frames(view))
    frame_of = {part: number for number, parts in enumerate(steps) for part in parts}
    last = len(steps) - 1 if view.direction.shows_gradients else 0
    root = _as_written(svg)
    for group in root.iter("g"):
        name = group.get("id", "").removeprefix(prefix)
        if " mg-" in group.get("class", ""):
            _mark(group, frame_of.get(name, 0), frame_of.get(name + BACK, last), prefix)
    if len(steps) > 1:
        style = ET.Element("style")
        style.text = _style(len(steps), seconds, prefix)
        root.insert(0, style)
    text = ET.tostring(root, encoding="unicode")
    return text.replace(GRADIENT, theme.gradient).replace(VALUE, theme.value)


def _as_written(svg: str) -> ET.Element:
    """The tree of a picture with its names as they are written, `xlink:href`.

    ElementTree's own parser takes namespaces apart; to write them again it needs prefixes that hold for the whole process.
    """
    tree, parser = ET.TreeBuilder(), expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = tree.start, tree.end, tree.data
    parser.Parse(svg, True)
    return tree.close()


def frames(view: View) -> Iterator[list[str]]:
    """What appears in each frame, by ids: what is given, each step forward, the seed, each contribution backward."""
    heads = {edge.head for edge in view.edges}
    into = {box.id: [edge for edge in view.edges if edge.head == box.id] for box in view.boxes}
    if view.direction.shows_values:
        yield [box.id for box in view.boxes if box.id not in heads]
        for box in view.boxes:
            if box.id in heads:
                yield [box.id, *(edge.id for edge in into[box.id])]
    else:
        yield [*(box.id for box in view.boxes), *(edge.id for edge in view.edges)]
    if view.direction is Direction.FORWARD:
        return
    yield [view.boxes[-1].id + BACK]
    left = {box.id: sum(edge.returns for edge in view.edges if edge.tail == box.id) for box in view.boxes}
    tags: dict[str, list[str]] = {}
    for box in view.boxes:
        if box.stands_for:
            tags.setdefault(box.stands_for, []).append(box.id)
    for box in reversed(view.boxes):
        for edge in into[box.id]:
            if edge.returns:
                left[edge.tail] -= 1
                yield [edge.id + BACK, *_arrived(view, edge.tail, left, tags)]


def _arrived(view: View, tail: str, left: dict[str, int], tags: dict[str, list[str]]) -> Iterator[str]:
    """The gradients that are known once no contribution is left: of a box, and of the parameter that a tag stands for."""
    if left[tail] == 0:
        yield tail + BACK
        parameter = view.by_id[tail].stands_for
        if parameter and all(left[tag] == 0 for tag in tags[parameter]):
            yield parameter + BACK


def _mark(group: ET.Element, frame: int, back: int, prefix: str) -> None:
    """Say of a box or an edge, and of what in it says gradients, with which frame it appears."""
    is_edge = "mg-edge" in group.get("class", "")
    group.set("class", f"{group.get('class')} {prefix}s{frame}")
    for part in group.iter():
        colours = {part.get("fill"), part.get("stroke")}
        says_more = is_edge and back and part.tag == "text" and VALUE not in colours
        if GRADIENT in colours or says_more:
            part.set("class", f"{prefix}b{back}")


def _style(count: int, seconds: float, prefix: str) -> str:
    """A rule a frame; without motion, all of the picture is there."""
    whole = count + HOLD
    rules = []
    for frame in range(1, count):
        start = 100 * frame / whole
        for letter, before in (("s", FAINT), ("b", 0)):
            name = f"{prefix}{letter}{frame}"
            rules.append(
                f"@keyframes {name}{{0%,{start - 0.01:.3f}%{{opacity:{before}}}{start:.3f}%,100%{{opacity:1}}}}"
                f".{name}{{animation:{name} {whole * seconds:g}s linear infinite}}"
            )
    return f"@media (prefers-reduced-motion:no-preference){{{''.join(rules)}}}"
