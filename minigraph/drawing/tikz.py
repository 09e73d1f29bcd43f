"""A picture in TikZ: what Graphviz lays out, drawn by LaTeX, with formulas that LaTeX sets in the document's own letters."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from minigraph.drawing.alt_text import described
from minigraph.drawing.rendering import RenderingError, render
from minigraph.drawing.view import View
from minigraph.reading.names import cleaned

PAD = 18.0
"""Points around a picture, as ``pad`` has it."""
NEAR = 0.5
"""Texts whose heights differ by less stand on one line."""
BESIDE = 16.0
"""Points of a box that are not for its text."""
COMMENT_WIDTH = 100

_HEAD = r"""%% %(title)s
%%
%% Drawn by minigraph. LaTeX it as it is, or \input it into a document that says \usepackage{amsmath,amssymb,tikz};
%% there \resizebox{\linewidth}{!}{\input{...}} makes it as wide as a column.
%%
%(description)s
\expandafter\ifx\csname @nodocument\endcsname\relax
  \def\mgend{}
\else
  \documentclass{article}
  \usepackage{fix-cm,amsmath,amssymb,tikz}
  \usepackage[paperwidth=%(width)sbp,paperheight=%(height)sbp,margin=0pt]{geometry}
  \pagestyle{empty}\parindent=0pt\topskip=0pt
  \begin{document}%(ground)s
  \def\mgend{\end{document}}
\fi
\begingroup
%% \mgfit{width}{text}: the text, no wider. \mgletter{number}{letter}: pdfTeX knows few letters, and is not shown others.
\def\mgfit#1#2{\setbox0\hbox{#2}\ifdim\wd0>#1\resizebox{#1}{!}{\box0}\else\box0\fi}
\ifdefined\pdftexversion\def\mgletter#1#2{\text{\tiny U+#1}}\else\def\mgletter#1#2{\text{#2}}\fi
\def\mgtext#1#2#3#4#5{\node[anchor=#1,inner sep=0pt,outer sep=0pt] at (#2)
  {\mgfit{#3bp}{\fontsize{#4bp}{#4bp}\selectfont#5}};}
%(colours)s
\begin{tikzpicture}[x=1bp,y=1bp,line join=miter]
"""
_FOOT = r"""\end{tikzpicture}%
\endgroup
\mgend
"""
_COLOUR = re.compile(r"#([0-9a-f]{6})([0-9a-f]{2})?", re.IGNORECASE)
_LINES = {"dashed": "dashed", "dotted": "dotted"}


@dataclass(frozen=True)
class _Pen:
    """What Graphviz draws with.

    Attributes:
        line, fill: colours, ``#rrggbb`` or ``#rrggbbaa``.
        width: points of a line.
        style: ``solid``, ``dashed`` or ``dotted``.
        size: points of letters.
    """

    line: str = "#000000"
    fill: str = "#000000"
    width: float = 1.0
    style: str = "solid"
    size: float = 14.0
    is_bold: bool = False


@dataclass(frozen=True)
class _Text:
    """A text that Graphviz placed: its left end, how wide it is there, and whether it is alone in a cell of a table."""

    x: float
    y: float
    width: float
    text: str
    pen: _Pen
    in_a_cell: bool


def to_tikz(view: View, source: str) -> str:
    """A LaTeX file of the picture: a document, and also a picture to be read by another document.

    Raises:
        RenderingError: if there is no Graphviz that lays it out.
    """
    return _Picture(view, laid_out(source)).file()


def laid_out(source: str) -> dict[str, Any]:
    """Where Graphviz places everything, as its JSON has it."""
    try:
        layout = json.loads(render(source, "json"))
        assert isinstance(layout["bb"], str)
    except (ValueError, KeyError, TypeError, AssertionError):
        raise RenderingError("Graphviz gave a layout of an unknown kind") from None
    return dict(layout)


class _Picture:
    def __init__(self, view: View, layout: Mapping[str, Any]):
        self.view = view
        self.layout = layout
        left, low, right, high = map(float, layout["bb"].split(","))
        self.left, self.low = left - PAD, low - PAD
        width, height = right - left + 2 * PAD, high - low + 2 * PAD
        asked = [72 * float(side) for side in layout.get("size", "").rstrip("!").split(",") if side]
        self.scale = min(asked[0] / width, asked[1] / height) if asked else 1.0
        self.width, self.height = self.scale * width, self.scale * height
        self.colours: set[str] = set()

    def file(self) -> str:
        body = list(self._body())
        ground = _COLOUR.fullmatch(self.layout.get("bgcolor", ""))
        told = textwrap.wrap(described(self.view), COMMENT_WIDTH, break_on_hyphens=False)
        head = _HEAD % {
            "title": cleaned(self.view.title),
            "description": "\n".join(f"% {line}" for line in told),
            "width": _number(self.width + 1),
            "height": _number(self.height + 1),
            "ground": rf"\pagecolor[HTML]{{{ground[1].upper()}}}" if ground else "",
            "colours": "\n".join(rf"\definecolor{{mg{name}}}{{HTML}}{{{name}}}" for name in sorted(self.colours)),
        }
        return head + "\n".join(body) + "\n" + _FOOT

    def _body(self) -> Iterator[str]:
        things = self.layout.get("objects", [])
        frames = [thing for thing in things if thing["name"].startswith("cluster_")]
        boxes = [thing for thing in things if thing["name"] in self.view.by_id]
        yield from self._shapes(self.layout, "_draw_")
        yield rf"\useasboundingbox (0,0) rectangle ({_number(self.width)},{_number(self.height)});"
        yield from self._heading()
        for frame in frames:
            yield from self._shapes(frame, "_draw_")
            yield from self._label(frame)
        for edge in self.layout.get("edges", []):
            for part in ("_draw_", "_hdraw_", "_tdraw_"):
                yield from self._shapes(edge, part)
            yield from self._label(edge)
        for box in boxes:
            yield f"% {cleaned(self.view.by_id[box['name']].rows[0].text)}"
            yield from self._shapes(box, "_draw_")
            yield from self._label(box)

    def _heading(self) -> Iterator[str]:
        yield from self._shapes(self.layout, "_ldraw_")
        lines: list[list[_Text]] = []
        for text in _texts(self.layout.get("_ldraw_", [])):
            if text.in_a_cell:
                yield self._text("base", text.x + text.width / 2, [text])
            elif lines and abs(lines[-1][0].y - text.y) < NEAR:
                lines[-1].append(text)
            else:
                lines.append([text])
        for line in lines:
            yield self._text("base west", line[0].x, line, self.width / self.scale - line[0].x + self.left - PAD)

    def _label(self, thing: Mapping[str, Any]) -> Iterator[str]:
        """The texts of a box or on an edge, each line in the middle of its place."""
        yield from self._shapes(thing, "_ldraw_")
        lines: list[list[_Text]] = []
        for text in _texts(thing.get("_ldraw_", [])):
            if lines and abs(lines[-1][0].y - text.y) < NEAR:
                lines[-1].append(text)
            else:
                lines.append([text])
        room = 72 * float(thing.get("width", 0)) - BESIDE
        for line in lines:
            yield self._text("base", (line[0].x + line[-1].x + line[-1].width) / 2, line, room)

    def _text(self, anchor: str, x: float, texts: list[_Text], room: float = 0.0) -> str:
        """Texts on one line; where they are wider than in Graphviz's letters they may take so much room."""
        width = max(room, texts[-1].x + texts[-1].width - texts[0].x)
        size = max(text.pen.size for text in texts)
        content = self._content(texts[0], size)
        for text in texts[1:]:
            content += (r"\quad " if text.pen.is_bold and anchor != "base" else r"\ ") + self._content(text, size)
        numbers = f"{_number(self.scale * width)}}}{{{_number(self.scale * size)}"
        return rf"\mgtext{{{anchor}}}{{{self._point((x, texts[0].y))}}}{{{numbers}}}{{{content}}}"

    def _content(self, text: _Text, size: float) -> str:
        pen = text.pen
        smaller = _number(self.scale * pen.size)
        change = rf"\fontsize{{{smaller}bp}}{{{smaller}bp}}\selectfont" if pen.size != size else ""
        bold = r"\bfseries\boldmath" if pen.is_bold else ""
        return rf"{{{change}{bold}\color{{{self._colour(pen.line)}}}{self.view.typeset.line(text.text)}}}"

    def _shapes(self, thing: Mapping[str, Any], part: str) -> Iterator[str]:
        """The lines and areas of a part."""
        for pen, op in _with_pens(thing.get(part, [])):
            kind = op["op"]
            if kind in "Ee":
                x, y, wide, high = op["rect"]
                radii = f"x radius={_number(self.scale * wide)},y radius={_number(self.scale * high)}"
                path = f"({self._point((x, y))}) ellipse [{radii}]"
            elif kind in "PpL":
                path = " -- ".join(f"({self._point(point)})" for point in op["points"]) + " -- cycle" * (kind != "L")
            elif kind in "Bb":
                first, *others = [f"({self._point(point)})" for point in op["points"]]
                triples = zip(others[::3], others[1::3], others[2::3], strict=True)
                path = first + "".join(f" .. controls {one} and {two} .. {end}" for one, two, end in triples)
            else:
                continue
            options = [*self._drawn("fill", pen.fill), *self._drawn("draw", pen.line)] if kind in "EPB" else []
            options = options or self._drawn("draw", pen.line)
            yield rf"\path[{','.join([*options, *self._line(pen)])}] {path};"

    def _drawn(self, what: str, colour: str) -> list[str]:
        """The option that fills or draws with a colour, unless it can't be seen."""
        parts = _COLOUR.fullmatch(colour)
        if parts is None or parts[2] == "00":
            return []
        opacity = [f"{what} opacity={int(parts[2], 16) / 255:.2f}"] if parts[2] else []
        return [f"{what}={self._colour(colour)}", *opacity]

    def _line(self, pen: _Pen) -> list[str]:
        style = [_LINES[pen.style]] if pen.style in _LINES else []
        return [f"line width={_number(self.scale * pen.width)}bp", *style]

    def _colour(self, colour: str) -> str:
        parts = _COLOUR.fullmatch(colour)
        name = parts[1].upper() if parts else "000000"
        self.colours.add(name)
        return f"mg{name}"

    def _point(self, point: Iterable[float]) -> str:
        x, y = point
        return f"{_number(self.scale * (x - self.left))},{_number(self.scale * (y - self.low))}"


def _with_pens(ops: Iterable[Mapping[str, Any]]) -> Iterator[tuple[_Pen, Mapping[str, Any]]]:
    """What is drawn, each with the pen that was set before."""
    pen = _Pen()
    for op in ops:
        match op["op"]:
            case "c":
                pen = replace(pen, line=op["color"])
            case "C":
                pen = replace(pen, fill=op["color"])
            case "S" if op["style"].startswith("setlinewidth("):
                pen = replace(pen, width=float(op["style"][len("setlinewidth(") : -1]))
            case "S":
                pen = replace(pen, style=op["style"])
            case "F":
                pen = replace(pen, size=float(op["size"]))
            case "t":
                pen = replace(pen, is_bold=bool(op["fontchar"] & 1))
            case _:
                yield pen, op


def _texts(ops: Iterable[Mapping[str, Any]]) -> Iterator[_Text]:
    in_a_cell = False
    for pen, op in _with_pens(ops):
        if op["op"] != "T":
            in_a_cell = True
            continue
        if op["text"].strip():
            shift = {"l": 0.0, "c": 0.5, "r": 1.0}[op["align"]] * op["width"]
            yield _Text(op["pt"][0] - shift, op["pt"][1], op["width"], op["text"], pen, in_a_cell)
        in_a_cell = False


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
