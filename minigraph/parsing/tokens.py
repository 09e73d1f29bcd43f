"""The text in pieces, and the error that points at one."""

from __future__ import annotations

import re
from dataclasses import dataclass


class ParseError(ValueError):
    """The text is not in the grammar, or its graph can't be built; the message shows the place.

    Attributes:
        text: what was parsed.
        position: index of the character at which it went wrong.
    """

    def __init__(self, message: str, text: str, position: int):
        super().__init__(f"{message}\n{_pointer(text, position)}")
        self.text = text
        self.position = position


def _pointer(text: str, position: int) -> str:
    """The line around a position, with a caret below it."""
    begin = text.rfind("\n", 0, position) + 1
    end = text.find("\n", position)
    line = text[begin : len(text) if end < 0 else end]
    column = position - begin
    cut = max(0, column - 60)
    shown = re.sub(r"\s", " ", line[cut : column + 40])
    return f"    {'…' if cut else ''}{shown}\n    {' ' * (column - cut + bool(cut))}^"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: its kind (number, name, sign or end), its characters, where it starts."""

    kind: str
    text: str
    start: int


_TOKEN = re.compile(
    r"(?P<blank>\s+)"
    r"|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<sign>\*\*|\.T\b|[-+*/@()\[\],;=])"
)

INSTEAD = {
    "^": "a power is written **",
    "−": "a minus is written -",
    "–": "a minus is written -",
    "×": "a product is written *, a matrix product @",
    "·": "a product is written *, a matrix product @",
    "⊙": "a product entry by entry is written *",
    "÷": "a quotient is written /",
    "ᵀ": "a transpose is written .T",
    "'": "a transpose is written .T",
    ".": "after a point there can be only T, for the transpose",
}


def tokens(text: str) -> list[Token]:
    """The text in pieces, with an end."""
    found = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            character = text[position]
            raise ParseError(f"{character!r} is not part of the language: {_instead(character)}.", text, position)
        if match.lastgroup != "blank":
            found.append(Token(str(match.lastgroup), match.group(), position))
        position = match.end()
    return [*found, Token("end", "", len(text))]


def _instead(character: str) -> str:
    return INSTEAD.get(character, "there are numbers, names, + - * / @ ** ( ) [ ] , ; =")


def described(token: Token) -> str:
    """The token as error messages say it."""
    return "the end" if token.kind == "end" else repr(token.text)
