"""An explanation as lines of sentences and formulas, printed as text, LaTeX or Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from minigraph.formulas import Written, to_ascii, to_latex, to_text
from minigraph.formulas.ascii_printer import RESERVED
from minigraph.formulas.spelling import ascii_names, ascii_words, latex_words
from minigraph.formulas.text_printer import NO_NAMES
from minigraph.reading.names import Names

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""What breaks or turns lines, in names."""

LONGEST = 400
"""A side of a formula is cut after so many characters."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: words and formulas in a row.

    Attributes:
        parts: strings are words; the others are formulas.
        depth: how far the line is indented.
        is_formula: True if it is a formula with perhaps a remark after it, and can stand in LaTeX's ``aligned``.
    """

    parts: tuple[str | Written, ...]
    depth: int = 0
    is_formula: bool = False

    def written(self, words: Callable[[str], str], formula: Callable[[Written], str]) -> str:
        """The parts in a row, words and formulas each written by a function of theirs."""
        return "".join(words(part) if isinstance(part, str) else formula(part) for part in self.parts)


@dataclass
class Explanation:
    r"""Sentences and formulas. ``print`` it, or let a notebook show it; ``.latex`` and ``.markdown`` are for documents.

    ``.ascii`` is for terminals and logs that lack the letters.

    Attributes:
        lines: the lines, in order.
        names: names given to unnamed nodes, for this text only.

    Example:
        >>> import minigraph as mg
        >>> b = mg.parameter(3.0, "b")
        >>> print(mg.explain((b * b).named("J"), wrt=b).latex)
        \begin{aligned}
        ...
    """

    lines: list[Line] = field(default_factory=list)
    names: Mapping[Any, str] = field(default_factory=lambda: NO_NAMES)

    def say(self, *parts: str | Written, depth: int = 0) -> None:
        """Add a sentence."""
        self._add(list(parts), depth, False)

    def equate(
        self, *sides: Written, relations: Sequence[str] = (), label: str = "", remark: str = "", depth: int = 0
    ) -> None:
        """Add a formula: sides with = between them, or with the relations given. A side like the one before is left out."""
        signs = relations or ["="] * (len(sides) - 1)
        parts: list[str | Written] = [label, sides[0]] if label else [sides[0]]
        last = self.text_of(sides[0])
        for sign, side in zip(signs, sides[1:], strict=True):
            if (text := self.text_of(side)) != last:
                parts += [f" {sign} ", side]
                last = text
        if remark:
            before = ", " if remark.startswith("because") else " " if remark.startswith(("at ", "with ")) else "   "
            parts.append(before + remark)
        self._add(parts, depth, not label)

    def _add(self, parts: list[str | Written], depth: int, is_formula: bool) -> None:
        words = (_CONTROL.sub(" ", part) if isinstance(part, str) else part for part in parts)
        self.lines.append(Line(tuple(words), depth, is_formula))

    def text_of(self, part: Written) -> str:
        """A formula as plain text."""
        return _CONTROL.sub(" ", to_text(part, budget=LONGEST, names=self.names, juxtapose=True))

    def latex_of(self, part: Written) -> str:
        """A formula in LaTeX."""
        return _CONTROL.sub(" ", to_latex(part, names=self.names, juxtapose=True))

    def line_text(self, line: Line) -> str:
        """A line as plain text."""
        return "  " * line.depth + line.written(str, self.text_of)

    @property
    def ascii(self) -> str:
        """The text in ASCII, for terminals and logs that lack the letters: ``dW2 = dZ2 @ A1.T``, ``rowsum(dZ1)``."""
        root = self.names.of(self.names.root) if isinstance(self.names, Names) and self.names.root else "J"
        spell = ascii_names(root, RESERVED)

        def formula(part: Written) -> str:
            return to_ascii(part, budget=LONGEST, names=self.names, spell=spell)

        return "\n".join("  " * line.depth + line.written(ascii_words, formula) for line in self.lines)

    def __str__(self) -> str:
        return "\n".join(map(self.line_text, self.lines))

    def __repr__(self) -> str:
        return str(self)

    @property
    def latex(self) -> str:
        """The formulas and sentences as one ``aligned`` block, for LaTeX's mathematics mode."""
        rows = [self._latex_row(line) for line in self.lines]
        return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"

    def _latex_row(self, line: Line) -> str:
        indent = r"\quad " * line.depth
        if not line.is_formula:
            return f"& {indent}{line.written(latex_words, self.latex_of)}"
        first, rest = Line(line.parts[:1]), Line(line.parts[1:])
        return f"{indent}{first.written(latex_words, self.latex_of)} &{rest.written(_sign_or_words, self.latex_of)}"

    @property
    def markdown(self) -> str:
        """The same as Markdown: sentences as text, formulas between dollars."""
        blocks = []
        for line in self.lines:
            if line.is_formula:
                block = f"$\\displaystyle {line.written(_sign_or_words, self.latex_of)}$"
            else:
                block = line.written(_plain, lambda formula: f"${self.latex_of(formula)}$")
            blocks.append("&emsp;" * 2 * line.depth + block)
        return "  \n".join(blocks)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        return {"text/plain": str(self), "text/markdown": self.markdown}


SIGNS = {"=": "=", "≈": r"\approx ", "✓": r"\checkmark ", "→": r"\to "}


def _sign_or_words(text: str) -> str:
    if (sign := text.strip()) in SIGNS:
        return f" {SIGNS[sign]} "
    return latex_words(text) if text.startswith(",") else r"\quad " + latex_words(sign)


def _plain(text: str) -> str:
    """Words in Markdown: nothing in them is markup."""
    return re.sub(r"([\\`*_{}\[\]<>$|#])", r"\\\1", text)
