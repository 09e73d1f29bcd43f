"""Why a column is not a feature: it counts the rows, names them, or holds dates, free text, nothing or one text only."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from minigraph.values import Array

from ..errors import shortened
from .columns import FEW, Columns

NAMED_ID = re.compile(r"(^|[\W_])(?i:id|uid|uuid|guid)$|[a-z](Id|ID)$")
"""How a column is called that names the rows: id, customer_id, PassengerId."""

MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[.,]* "
CLOCK = r"(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]m)?(?: ?Z| ?UTC| ?[+-]\d{2}:?\d{2})?)?"
DATE = re.compile(
    rf"(?:{WEEKDAY})?(?:(?:19|20)\d{{2}}-(?:0[1-9]|1[0-2])|{MONTH},? \d{{4}}|"
    rf"\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|\d{{1,2}}[-/.]\d{{1,2}}[-/.](?:\d{{4}}|\d{{2}})|"
    rf"{MONTH} \d{{1,2}},? \d{{4}}|\d{{1,2}}\.?[- ]{MONTH}[- ,]+\d{{2,4}}|\d{{1,2}}:\d{{2}}(?::\d{{2}})?){CLOCK}",
    re.IGNORECASE,
)
"""2024-01-31, 2024-01, 31.1.2024, 1/31/24, Jan 31, 2024, 31 January 2024, 12:30, and with a time of day."""
DATES = 0.9
"""So large a share of a column's different texts are dates, if it holds dates."""
WORDS = 4.0
"""So many words in a text on average make it free text."""
ONLY = "or nothing"
COUNTS = "counts the rows"
"""How the reason begins why a counter of the rows is left out; it is better than no feature at all."""
FEW_ROWS = 5
"""In fewer rows nothing can be told from whole numbers."""


def why_left_out(columns: Columns, column: int) -> str:
    """What makes a column useless as a feature, as the end of a sentence about it; "" if nothing does.

    Example:
        >>> import numpy as np
        >>> days = Columns(("day",), np.array([[0.0, 1.0]]), (("2024-01-05", "6 May 2024"),))
        >>> why_left_out(days, 0)
        "holds dates or times ('2024-01-05')"
    """
    name, values, texts = columns.names[column], columns.values[column], columns.texts[column]
    known = values[~np.isnan(values)]
    if not len(known):
        return "is empty"
    if texts is None:
        return _why_no_measure(name, values, known)
    return _why_no_category([texts[int(code)] for code in dict.fromkeys(known.tolist())], known, len(known) < len(values))


def _why_no_measure(name: str, values: Array, known: Array) -> str:
    """What makes numbers no measure."""
    if len(values) < 3 or not np.array_equal(known, np.rint(known)):
        return ""
    if len(known) == len(values) and np.array_equal(values, values[0] + np.arange(len(values))):
        return f"{COUNTS} ({_first(values)}, …)"
    if len(values) < FEW_ROWS:
        return ""
    if len(np.unique(known)) == len(known) and NAMED_ID.search(name):
        return f"names the rows ({_first(known)}, …)"
    if len(np.unique(known)) > 1 and (known >= 19000101).all() and (known <= 21001231).all():
        month, day = known // 100 % 100, known % 100
        if ((month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)).all():
            return f"holds dates ({_first(known)}, …)"
    return ""


def _first(values: Array) -> str:
    return ", ".join(str(int(value)) for value in values[:3])


def _why_no_category(different: Sequence[str], known: Array, is_missing: bool) -> str:
    """What makes texts no categories."""
    example = shortened(different[0])
    if len(different) == 1:
        if is_missing:
            return f"holds {example} {ONLY}"
        return f"holds {example} in every row" if len(known) > 1 else f"holds {example} only"
    if sum(DATE.fullmatch(text) is not None for text in different) >= DATES * len(different):
        return f"holds dates or times ({example})"
    if len(different) > FEW and len(different) > len(known) / 2:
        words = sum(len(text.split()) for text in different) / len(different)
        what = "free text" if words >= WORDS else "names or ids"
        return f"holds {what} ({example}): {len(different)} different ones in {len(known)} rows"
    return ""
