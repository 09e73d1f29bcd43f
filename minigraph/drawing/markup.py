"""Text made safe for Graphviz: what a user wrote comes out as itself, whatever it is."""

from __future__ import annotations

import html
import re

import graphviz

_BREAKS = re.compile(r"[\t\n\v\f\r\x85\u2028\u2029]+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef]|[^\x00-\U0010fffd]|[\ufffe\uffff]")

_DIGITS = re.compile(r"[0-9₀-₉.]+$")


def cleaned(text: str) -> str:
    r"""The text on one line, without what neither XML nor a font can show.

    Example:
        >>> cleaned("a\nb\x00")
        'a b'
    """
    return _UNPRINTABLE.sub("", _BREAKS.sub(" ", text))


def escaped(text: str) -> str:
    """The text for an HTML-like label; a backslash would be read as an escape even there."""
    return html.escape(cleaned(text), quote=True).replace("\\", "&#92;") or "&#160;"


def plain(text: str) -> str:
    """The text for an ordinary attribute, such as a tooltip; Graphviz reads entities and backslashes in it."""
    marked: str = graphviz.escape(cleaned(text).replace("&", "&amp;") or " ")
    return marked


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
        return [text]
    left, equals, right = text.partition(" = ")
    sides = [left + equals.rstrip(), *right.replace(" = ", "\n= ").split("\n")] if equals else [text]
    found: list[str] = []
    for side in sides:
        line = ""
        for word in [side] if len(side) <= width else side.split(" "):
            if line and len(line) + 1 + len(word) > width:
                found.append(line)
                line = word
            else:
                line = f"{line} {word}" if line else word
        found.append(line)
    return found
