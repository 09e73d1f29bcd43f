"""A text in pieces, read from left to right, and the error that points at one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

BEFORE, AFTER = 60, 40
"""So many characters of the line are shown around a mistake: with them the pointer stays within a terminal."""


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
    cut = max(0, column - BEFORE)
    shown = re.sub(r"\s", " ", line[cut : column + AFTER])
    return f"    {'…' if cut else ''}{shown}\n    {' ' * (column - cut + bool(cut))}^"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text: its kind (number, name, text, sign or end), its characters, where it starts."""

    kind: str
    text: str
    start: int


_TOKEN = re.compile(
    r"(?P<blank>\s+)"
    r"|(?P<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<text>'[^'\n]*'|\"[^\"\n]*\")"
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
            hint = INSTEAD.get(character, "there are numbers, names, + - * / @ ** ( ) [ ] , ; =")
            raise ParseError(f"{character!r} is not part of the language: {hint}.", text, position)
        if match.lastgroup != "blank":
            found.append(Token(str(match.lastgroup), match.group(), position))
        position = match.end()
    return [*found, Token("end", "", len(text))]


def described(token: Token) -> str:
    """The token as error messages say it."""
    return "the end" if token.kind == "end" else repr(token.text)


class Tokens:
    """The tokens of a text, read from left to right; ``place`` is that of the next."""

    def __init__(self, text: str):
        self.text = text
        self.tokens = tokens(text)
        self.place = 0

    @property
    def token(self) -> Token:
        """The next token."""
        return self.tokens[self.place]

    def take(self) -> Token:
        """The next token, which is then behind us."""
        token = self.token
        self.place += 1
        return token

    def taken(self, *signs: str) -> Token | None:
        """The next token if it is one of these signs."""
        return self.take() if self.token.kind == "sign" and self.token.text in signs else None

    def refuse(self, message: str, token: Token) -> NoReturn:
        """Raise the error that points at a token."""
        raise ParseError(message, self.text, token.start)

    def expect(self, sign: str, what: str) -> None:
        """Take a sign that must come here."""
        if not self.taken(sign):
            self.refuse(f"{described(self.token)} stands where {sign!r} should {what}.", self.token)
