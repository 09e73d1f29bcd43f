"""The texts of a picture in LaTeX: formulas from their trees; what stands around them, or is cut out of them, by its signs.

A picture knows its texts letter by letter, as Graphviz places them. Here it is known too of which formula each was made.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from minigraph.formulas import Written, to_latex
from minigraph.formulas.latex_printer import NAMED, latex_number
from minigraph.formulas.spelling import GREEK, MATHEMATICS, SUBSCRIPTS, latex_inline_name, latex_text
from minigraph.formulas.text_printer import NO_NAMES, Met

LOWERED = {chr(small): chr(large) for large, small in SUBSCRIPTS.items()}
RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ᵀ", [*"0123456789-", r"\top"], strict=True))
SIGNS = {
    **MATHEMATICS, "←": r"\leftarrow ", "↦": r"\mapsto ", "≠": r"\ne ", "…": r"\ldots ", "∇": r"\nabla ", "=": "=", "+": "+",
    "<": "<", ">": ">", "|": "|", "*": "*", "÷": r"\div ", "±": r"\pm ",
}  # fmt: skip
"""Signs that stand in mathematics mode."""
OPENING, CLOSING = "([", ")],;/"
"""They go with what follows, and with what is before."""
ARTICLES = ("a", "A", "I")
PLACE = r"\rule[-.15em]{2.2em}{.05em}"
"""An empty place for a number."""

_TEX_ACCENTS = frozenset("\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327")
_TEX_LETTERS = frozenset("ßæÆœŒøØłŁ")
_BEHIND = "".join([*LOWERED, *RAISED, "′"])
_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<place>_{3,})|(?P<number>\d+(?:\.\d+)?(?:e−?\d+)?)"
    rf"|(?P<name>[^\W\d_{_BEHIND}][\u0300-\u036f]?)(?P<more>(?:_*[^\W\d_{_BEHIND}][\u0300-\u036f]?)*)(?P<behind>[{_BEHIND}]*)"
    rf"|(?P<raised>[{''.join(RAISED)}′]+)|(?P<other>.)",
    re.DOTALL,
)
_HIDDEN = re.compile("[\u200e\u200f\u2068\u2069]")

Piece = tuple[str, str]
"""What is written, and where: in ``math``, in ``text``, a ``space``, or ``open`` or ``close`` for brackets."""


class Typeset(dict[str, Written]):
    r"""The formulas of one picture by their texts: it gives a line of the picture in LaTeX.

    Example:
        >>> import minigraph as mg
        >>> W1, b = mg.parameter([[1.0, 2.0]], "W1"), mg.parameter(0.5, "b_out")
        >>> view = mg.draw((W1 * b).named("zhat"), "forward").view
        >>> print(view.typeset.line("ẑ = W₁·b_out"))
        $\hat{z} = W_{1} \cdot \text{b\_out}$
    """

    def __init__(self, names: Mapping[Any, str] = NO_NAMES, juxtapose: bool = False, met: Met | None = None):
        super().__init__()
        self._options: dict[str, Any] = {"names": names, "juxtapose": juxtapose, "met": met}

    def line(self, text: str) -> str:
        """A line of text in LaTeX's text mode."""
        return _joined([*self._pieces(_HIDDEN.sub("", text).replace("\xa0", " ").strip())])

    def _pieces(self, text: str) -> Iterator[Piece]:
        by_length = sorted((known for known in self if known), key=len, reverse=True)
        at = 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            assert token is not None  # its last form takes any letter
            formula = None if token["space"] else self._formula(text, at, by_length)
            if formula:
                yield "math", to_latex(self[formula], inline=True, **self._options)
                at += len(formula)
            else:
                yield _piece(token, text)
                at = token.end()

    def _formula(self, text: str, at: int, by_length: list[str]) -> str | None:
        """The longest formula that the text has here, not within a word."""
        if at and _is_inside(text[at - 1], text[at]):
            return None
        for known in by_length:
            end = at + len(known)
            if text.startswith(known, at) and not (end < len(text) and _is_inside(known[-1], text[end])):
                return None if known in ARTICLES and _is_article(text, end) else known
        return None


def _is_inside(before: str, after: str) -> bool:
    """Whether two letters are of one word."""
    return (before.isalnum() or before == "_") and (after.isalnum() or after in "_′" or unicodedata.combining(after) > 0)


def _is_article(text: str, end: int) -> bool:
    """Whether what ends here is a word of English, and no name."""
    return re.match(r" [a-z]{2,}", text[end:]) is not None


def _piece(token: re.Match[str], text: str) -> Piece:
    """A word or a sign that is no known formula, such as half of one."""
    if token["space"]:
        return "space", " "
    if token["place"]:
        return "text", PLACE
    if token["number"]:
        return "math", latex_number(token["number"])
    if token["raised"]:
        return "math", _behind(token["raised"])
    if token["name"]:
        word = token["name"] + token["more"]
        if not token["behind"] and (word in ARTICLES and _is_article(text, token.end())):
            return "text", word
        if word in NAMED:
            return "math", f"\\{word}{_behind(token['behind'])}"
        if token["behind"] or not token["more"] or (len(word) == 2 and word[0] == "d"):
            return "math", latex_inline_name(word) + _behind(token["behind"])
        return "text", latex_text(word)
    sign = token["other"]
    if sign in SIGNS:
        before, after = text[: token.start()], text[token.end() :]
        if sign == "·" and before.endswith(" ") and (before[-2:-1].isalpha() or after[1:3].isalpha()):
            return "text", r"$\cdot$"  # between words
        is_tight = sign in "×·" and not before.endswith(" ")
        return "math", f"{{{SIGNS[sign]}}}" if is_tight else SIGNS[sign]
    if sign in OPENING:
        return "open", sign
    return ("close", sign) if sign in CLOSING else ("text", latex_text(sign))


def _behind(letters: str) -> str:
    """Lowered and raised letters, and primes."""
    lowered = "".join(LOWERED[letter] for letter in letters if letter in LOWERED)
    raised = "".join(RAISED[letter] for letter in letters if letter in RAISED)
    return f"_{{{lowered}}}" * bool(lowered) + f"^{{{raised}}}" * bool(raised) + "'" * letters.count("′")


def _joined(pieces: list[Piece]) -> str:
    """The pieces as one text: what is mathematics, with the brackets and the blanks in it, between dollars."""
    modes = [mode for mode, _ in pieces]
    for at, mode in enumerate(modes):
        if mode == "close":
            modes[at] = "math" if at and modes[at - 1] == "math" else "text"
    for at in reversed(range(len(modes))):
        if modes[at] == "open":
            modes[at] = "math" if modes[at + 1 : at + 2] == ["math"] else "text"
    found: list[str] = []
    is_math = False
    for at, (mode, (_, written)) in enumerate(zip(modes, pieces, strict=True)):
        if mode == "space":
            goes_on = is_math and at + 1 < len(modes) and modes[at + 1] == "math"
            found.append(r"\ " if goes_on and _parts_factors(pieces, at) else " " if goes_on else "$ " if is_math else " ")
            is_math = goes_on
            continue
        if (mode == "math") != is_math:
            found.append("$")
            is_math = not is_math
        found.append(written)
    return foreign("".join(found) + "$" * is_math)


def _parts_factors(pieces: list[Piece], at: int) -> bool:
    """Whether a blank stands between two things that would be one without it."""
    signs = {*SIGNS.values(), *OPENING, ",", ";"}
    return pieces[at - 1][1] not in signs and pieces[at + 1][1] not in signs


def foreign(latex: str) -> str:
    r"""The text with ``\mgletter`` around letters that not every LaTeX has, and those that have no place in formulas.

    Example:
        >>> foreign("é"), foreign("語"), foreign("e")
        ('\\text{é}', '\\mgletter{8A9E}{語}', 'e')
    """
    words = re.sub(r"\\mathit\{([^{}]*[^\x00-\x7f][^{}]*)\}", r"\\textit{\1}", latex)
    return re.sub(r"[^\x00-\x7f]", lambda letter: _foreign(letter[0]), words)


def _foreign(letter: str) -> str:
    if letter in SIGNS or letter in GREEK:
        return rf"\ensuremath{{{(SIGNS.get(letter) or GREEK[letter]).strip()}}}"
    if letter in LOWERED or letter in RAISED:
        return rf"\ensuremath{{{_behind(letter)}}}"
    parts = unicodedata.normalize("NFD", letter)
    is_plain = letter in _TEX_LETTERS or (len(parts) == 2 and parts[0].isascii() and parts[1] in _TEX_ACCENTS)
    return rf"\text{{{letter}}}" if is_plain else rf"\mgletter{{{ord(letter):04X}}}{{{letter}}}"
