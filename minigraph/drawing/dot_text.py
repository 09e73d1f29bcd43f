"""What users wrote, made safe for DOT and broken into lines; names come out as themselves."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

import graphviz

from minigraph.reading.names import ISOLATE, ISOLATE_END, cleaned

LONGEST_TITLE = 100
"""A longer title would be wider than most pictures."""

_LEFT_TO_RIGHT = "\u200e"
_BLANK = re.compile(r"(?<!^=) (?!=$|…$)")  # one that does not part an = or … from what it stands beside
_SHORT_BRACKET = re.compile(r"\([^()]{1,12}\)")  # such as (1 − A₂) or (path 1 of 2), which stay on one line
_KEPT = "\0"  # stands for a blank in one of them
_FRACTION = re.compile(r"(?=/∂)")  # before what is differentiated by
OVER = 8
"""A line may be longer by so many characters before a derivative is parted."""
_DIGITS = re.compile(r"[0-9₀-₉.]+$")


def font(text: str, size: int, color: str) -> str:
    """The text in a size and a colour."""
    return f'<FONT POINT-SIZE="{size}" COLOR="{color}">{text}</FONT>'


def clipped_title(title: str) -> str:
    """A title on one line."""
    title = cleaned(title)
    return title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1] + "…"


def escaped(text: str) -> str:
    """The text for an HTML-like label; its backslashes are escapes there too, however they are written."""
    marked = html.escape(_from_the_left(cleaned(text)), quote=True).replace("\\", "&#92;&#92;")
    return re.sub(r"^\]", "&#93;", marked) or "&#160;"  # ] alone is a syntax error to Graphviz


def plain(text: str) -> str:
    """The text for a tooltip; Graphviz reads entities in it, and backslashes twice."""
    twice = _from_the_left(cleaned(text)).replace("&", "&amp;").replace("\\", "\\\\")
    marked: str = graphviz.escape(twice or " ")
    return marked


def _from_the_left(text: str) -> str:
    """The line with a mark that it runs from left to right, if it begins with what does not: renderers guess by that."""
    return _LEFT_TO_RIGHT + text if ISOLATE in text else text


def lines(text: str, width: int, clip: int, numbers: str = "") -> list[str]:
    """The text clipped, with numbers after it that never are, broken into lines: at ``=`` if it can be, else at a blank.

    Example:
        >>> lines("A = softmax(W X + b) = 0.5", 18, 48)
        ['A =', 'softmax(W X + b)', '= 0.5']
    """
    text = cleaned(text)
    if len(text) > clip:
        cut = _DIGITS.sub("", text[: clip - 1]) if _DIGITS.match(text[clip - 1]) else text[: clip - 1]
        text = cut + "…"  # half a number would be another number
    text += cleaned(numbers)
    if len(text) <= width:
        return list(_each_isolated([text]))
    left, equals, right = text.partition(" = ")
    if equals and len(left.rpartition(" ")[2]) + len(" =") > width:
        right = f"= {right}"
    elif equals:
        left += " ="
    sides = [left, *_together(right.replace(" = ", "\n= ").split("\n"), width)] if equals else [text]
    found: list[str] = []
    for side in sides:
        line = ""
        for before, word in [("", side)] if len(side) <= width else _words(side, width):
            if line and len(line) + len(before) + len(word) > width:
                found.append(line)
                line = word
            else:
                line = f"{line}{before}{word}" if line else word
        found.append(line)
    return list(_each_isolated(found))


def _together(sides: Iterable[str], width: int) -> list[str]:
    """The sides of an equation, those on one line that have room there."""
    found: list[str] = []
    for side in sides:
        if found and len(found[-1]) + 1 + len(side) <= width:
            found[-1] += f" {side}"
        else:
            found.append(side)
    return found


def _words(side: str, width: int) -> Iterator[tuple[str, str]]:
    """The words, each with what is before it on a line; a derivative that is too long is parted."""
    whole = _SHORT_BRACKET.sub(lambda bracket: bracket[0].replace(" ", _KEPT), side)
    for word in (kept.replace(_KEPT, " ") for kept in _BLANK.split(whole)):
        pieces = [word] if len(word) <= width + OVER else _FRACTION.split(word)
        yield " ", pieces[0]
        yield from (("", piece) for piece in pieces[1:])


def _each_isolated(lines: Iterable[str]) -> Iterator[str]:
    """The lines, with what is isolated on two of them isolated on each."""
    is_open = False
    for line in lines:
        whole = ISOLATE + line if is_open else line
        is_open = whole.rfind(ISOLATE) > whole.rfind(ISOLATE_END)
        yield whole + ISOLATE_END if is_open else whole
