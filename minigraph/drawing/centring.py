"""Rows of text in the middle of their boxes, whatever font a reader of the SVG has.

Graphviz says where a text begins, for the font that it measured with. In another one, or with another ∂, the text is
narrower or wider and would stand at one side of its box. What is known is where it was to end: as far from the right side
of the box as its row begins from the left one.
"""

from __future__ import annotations

import re
from itertools import groupby

_BOX = re.compile(r'<g id="[^"]*" class="node [^"]*">\n.*?\n</g>\n(?=<|$)', re.DOTALL)
_SHAPE = re.compile(r'<(?:polygon|path|ellipse) [^>]*?\b(?:points|d|cx)="([^"]*)"')
_NUMBER = re.compile(r"-?\d+\.?\d*(?:e[-+]?\d+)?")
_TEXT = re.compile(r'<text (?P<more>[^>]*)text-anchor="start" x="(?P<x>[^"]*)" y="(?P<y>[^"]*)"')


def centred(svg: str) -> str:
    """The SVG of Graphviz, with the last text of each row of a box anchored at its middle."""
    return _BOX.sub(lambda box: _centred_box(box[0]), svg)


def _centred_box(box: str) -> str:
    shape = _SHAPE.search(box)
    if shape is None:
        return box
    across = [float(number) for number in _NUMBER.findall(shape[1])][::2]
    twice = min(across) + max(across)
    parts: list[str] = []
    end = 0
    for _, texts in groupby(_TEXT.finditer(box), lambda text: text["y"]):
        row = [*texts]
        last = row[-1]
        middle = (float(last["x"]) + twice - float(row[0]["x"])) / 2
        parts += [box[end : last.start()], f'<text {last["more"]}text-anchor="middle" x="{middle:.2f}" y="{last["y"]}"']
        end = last.end()
    return "".join([*parts, box[end:]])
