"""Letters on their way to a stream: readable stand-ins for those it lacks; what would steer a terminal, made visible."""

from __future__ import annotations

import codecs
import re

from minigraph.formulas.spelling import ascii_letter, letter_kind

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
    while end < len(text) and letter_kind(text[end - 1]) == "<super>" == letter_kind(text[end]):  # an exponent is one
        end += 1
    letters = text[error.start : end]
    before = ["", *map(letter_kind, letters)]
    written = "".join(map(ascii_letter, letters, before))
    longer = len(written) - len(letters)
    if longer > 0 and text[end : end + longer + 1] == " " * (longer + 1):
        end += longer
    return written, end


_STAND_IN = "minigraph.stand_in"
codecs.register_error(_STAND_IN, _stand_in)
