"""Letters on their way to a stream: readable stand-ins for those it lacks; what would steer a terminal, made visible."""

from __future__ import annotations

import codecs
import re
import unicodedata

STAND_INS = {
    "∂": "d", "Σ": "Sum", "∞": "inf", "√": "sqrt", "−": "-", "±": "+-", "·": "*", "×": "x", "÷": "/", "⊙": ".*",
    "≈": "~", "≠": "!=", "≤": "<=", "≥": ">=", "→": "->", "←": "<-", "↦": "|->", "↑": "^", "↓": "v", "…": "...",
    "′": "'", "‖": "||", "⟨": "<", "⟩": ">", "✓": "[ok]", "✗": "[wrong]", "–": "-", "—": "-", "∇": "nabla",
    "‘": "'", "’": "'", "“": '"', "”": '"', "€": "EUR", "£": "GBP", "λ": "lambda", "Λ": "Lambda",
}  # fmt: skip
"""What says the same in ASCII; Greek, raised and lowered letters and fractions follow a rule."""

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters but for tab and line feed, marks of direction, invisible letters, and halves of letters."""


def visible(text: str) -> str:
    r"""The text with escapes such as ``\x1b`` for what a terminal would obey instead of showing.

    Example:
        >>> print(visible("red \x1b[31m, backwards \u202e, a bell \a"))
        red \x1b[31m, backwards \u202e, a bell \x07
    """
    return _STEERING.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")


def spelled(text: str, encoding: str) -> str:
    r"""The text in letters of the encoding: what it lacks is replaced by a stand-in, or by an escape if there is none.

    Where blanks follow, a longer stand-in takes the place of some, so that columns stay where they are.

    Example:
        >>> print(spelled("∂J/∂W₁ = (A − Y)Xᵀ ≈ 10⁻⁵, ‖σ(größe)‖", "ascii"))
        dJ/dW1 = (A - Y)X^T ~ 10^-5, ||sigma(gr\xf6\xdfe)||
    """
    return text.encode(encoding, _STAND_IN).decode(encoding)


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    """The handler of errors: what stands for the letters that can't be encoded, and where to go on."""
    assert isinstance(error, UnicodeEncodeError)
    text, end = error.object, error.end
    while end < len(text) and _kind(text[end - 1]) == "<super>" == _kind(text[end]):  # an exponent is one
        end += 1
    letters = text[error.start : end]
    before = ["", *map(_kind, letters)]
    written = "".join(map(_written, letters, before))
    longer = len(written) - len(letters)
    if longer > 0 and text[end : end + longer + 1] == " " * (longer + 1):
        end += longer
    return written, end


def _kind(letter: str) -> str:
    """``<super>``, ``<sub>`` or ``<fraction>`` for a letter that is another one, raised, lowered, or several."""
    tag = unicodedata.decomposition(letter).split(" ")[0]
    return tag if tag in ("<super>", "<sub>", "<fraction>") else ""


def _written(letter: str, before: str = "") -> str:
    """A letter in ASCII, behind one of the kind ``before``."""
    kind = _kind(letter)
    if letter.isascii():
        return letter
    if letter in STAND_INS:
        return STAND_INS[letter]
    if kind:
        plain = "".join(map(_written, unicodedata.normalize("NFKD", letter).replace("\u2044", "/")))
        mark = {"<super>": "^", "<sub>": "" if plain.isdecimal() else "_"}.get(kind, "")
        return plain if kind == before else mark + plain
    greek = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(letter, ""))
    if greek:
        return greek[2].lower() if greek[1] == "SMALL" else greek[2].capitalize()
    return letter.encode("unicode_escape").decode("ascii")


_STAND_IN = "minigraph.stand_in"
codecs.register_error(_STAND_IN, _stand_in)
