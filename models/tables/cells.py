"""What a cell of a table holds: a number, nothing, or something else, and what to do about it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeGuard

import numpy as np
import numpy.typing as npt

from ..errors import shortened

LARGEST_NUMBER = 1e100
"""Of a cell: the squares of larger ones, summed, would leave the range of float64."""
MISSING = ("na", "n/a", "nan", "null", "none", "?")
"""Words of cells that hold no value, whatever their case, beside the empty cell."""


def _as_float(text: str) -> float | None:
    if "_" in text:  # Python reads 1_000, spreadsheets don't
        return None
    try:
        return float(text)
    except ValueError:
        return None


def is_number(value: float | None) -> TypeGuard[float]:
    """Whether a cell's value is a number indeed."""
    return value is not None and not math.isnan(value)


@dataclass(frozen=True)
class MissingWords:
    """What stands in a cell that holds no value: nothing, or one of these words.

    Attributes:
        words: in small letters, with the empty one.
        numbers: those of them that are numbers, such as -999 (but not NaN): -999.0 is missing too.
        given: whether the user gave them.
    """

    words: frozenset[str]
    numbers: frozenset[float]
    given: bool = False

    @classmethod
    def of(cls, words: Iterable[str], given: bool = False) -> MissingWords:
        """These words, and the empty one."""
        plain = {"", *(word.strip().lower() for word in words)}
        return cls(frozenset(plain), frozenset(value for value in map(_as_float, plain) if is_number(value)), given)

    def without_numbers(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """NaN for those of the values that are missing, in place."""
        if self.numbers:
            values[np.isin(values, [*self.numbers])] = np.nan
        return values

    def __contains__(self, text: str) -> bool:
        return text.strip().lower() in self.words


USUAL = MissingWords.of(MISSING)


def number(text: str, missing: MissingWords = USUAL) -> float | None:
    """The number that a cell holds, NaN for a missing one, None for text.

    Example:
        >>> number(" 3.5 "), number("NA"), number("red")
        (3.5, nan, None)
    """
    plain = text.strip()
    if plain.lower() in missing.words:
        return math.nan
    value = _as_float(plain)
    return math.nan if value in missing.numbers else value


@dataclass(frozen=True)
class Advice:
    """What a user can do about a cell that holds no number, in the words of the command that reads it.

    Attributes:
        text: for text; ``{column}`` becomes the column's name.
        missing: for a missing cell.
        empty: for a column without any value, likewise; "" where it is no other than a missing cell.
    """

    text: str = "Correct it, or leave the column out."
    missing: str = "Fill it in, or leave the row out."
    empty: str = "Leave it out."


NO_COMMAND = Advice()

TRUTH = ("true", "false", "yes", "no")
LONGEST_WORD = 20
"""A word that says that there is no value has at most so many letters."""
GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?")
"""1,234,567.8"""
DECIMAL_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+)?,\d+")
"""1,5 and 1.234.567,8"""
OTHER_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}([ \xa0\u2009\u202f'\u2019]\d{3})+([.,]\d+)?")
"""1 234,5 and 1'234.5, with blanks of any kind."""
NEGATIVE = re.compile(r"\(\d[\d,]*(\.\d+)?\)")
"""(12.5), as accountants have it."""
SHEET_TEXT = re.compile(r'="[+-]?\d+(\.\d+)?"')
MINUS = "\N{MINUS SIGN}"
UNIT = re.compile(r"^[$€£]\s*|\s*[$€£%]$")
DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ].*)?")


def why_text(text: str) -> str:
    """Why a cell is not a number, and how the number that is meant would be written, if that can be told.

    Example:
        >>> print(why_text("1,234"))
        '1,234' is not a number. If the comma groups thousands, write 1234; if it marks decimals, write 1.234.
    """
    plain = text.strip()
    advice = _rewritten(plain)
    if plain.lower() in TRUTH:
        advice = " Write 1 for true and 0 for false."
    elif DATE.fullmatch(plain):
        advice = " It is a date: write what matters about it, such as the days since the first one."
    return f"{shortened(text)} is not a number.{advice}"


def may_be_missing(text: str) -> bool:
    """Whether text among numbers may say that there is none: a short word without digits, or a spreadsheet's #DIV/0!.

    Example:
        >>> [may_be_missing(text) for text in ("-", "not known", "#DIV/0!", "3,5", "yes", "A1")]
        [True, True, True, False, False, False]
    """
    plain = text.strip().lower()
    if plain in TRUTH or len(plain) > LONGEST_WORD or "," in plain:  # commas part the words of the option
        return False
    return plain.startswith("#") or not any(map(str.isdigit, plain))


def with_points(raw: bytes, delimiter: str) -> bytes:
    r"""The table with numbers such as 1,5, 1.234,5 and 1.234 as 1.5, 1234.5 and 1234, where they fill a cell, quoted or not.

    Example:
        >>> with_points(b'a;b\n1,5;"1.234,5"\n1.234;x 1,5\n', ";")
        b'a;b\n1.5;"1234.5"\n1234;x 1,5\n'
    """
    if delimiter == ",":
        return raw
    edge = re.escape(delimiter.encode("utf-8"))
    whole = rb"(?:\d{1,3}(?:\.\d{3})+|\d*)"
    begin, end = rb"(^|[\r\n]|" + edge + rb')([ \t]*"?[ \t]*[+-]?', rb'(?=[ \t]*"?[ \t]*(?:[\r\n]|$|' + edge + rb"))"
    decimals = re.compile(begin + whole + rb"),(\d+)" + end)
    groups = re.compile(begin + rb"\d{1,3}(?:\.\d{3})+)" + end)
    raw = groups.sub(lambda found: found[1] + found[2].replace(b".", b""), raw)
    return decimals.sub(lambda found: found[1] + found[2].replace(b".", b"") + b"." + found[3], raw)


def would_be_number(text: str) -> bool:
    """Whether text is a number written in another way: with groups of thousands, a decimal comma, a unit."""
    return _rewritten(text.strip()) != ""


def _rewritten(text: str) -> str:
    """How to write the number that text stands for, if it does."""
    if text[:1] == MINUS and _as_float(hyphened := "-" + text[1:]) is not None:
        return f" Its minus sign is the typographic one: write {hyphened}, here and in the whole column."
    grouped, decimal = text.replace(",", ""), text.replace(".", "").replace(",", ".")
    if GROUPED.fullmatch(text):
        if text.count(",") == 1 and "." not in text:
            return f" If the comma groups thousands, write {grouped}; if it marks decimals, write {decimal}."
        return f" Leave thousands ungrouped: write {grouped}."
    if OTHER_GROUPS.fullmatch(text):
        return f" Leave thousands ungrouped: write {re.sub('[^-+.,0-9]', '', text).replace(',', '.')}."
    if NEGATIVE.fullmatch(text):
        return f" Parentheses are not read as a minus sign: write -{text[1:-1].replace(',', '')}."
    if SHEET_TEXT.fullmatch(text):
        return f" It is a formula of a spreadsheet: write {text[2:-1]}."
    if DECIMAL_COMMA.fullmatch(text):
        return f" Decimals are written with a point: write {decimal}, here and in the whole column. (Or give --decimal ,)"
    bare = UNIT.sub("", text).replace(",", "")
    if UNIT.search(text) and _as_float(bare) is not None:
        return f" Write {bare} without the unit, in the whole column."
    return ""
