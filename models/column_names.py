"""Names of columns: read alike wherever they come from, and found again by name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .errors import DataError, listed, nearest, shortened


def plain_names(names: Iterable[object]) -> tuple[str, ...]:
    """The names as text without the blanks around them, as every reader here takes them."""
    return tuple(str(name).strip() for name in names)


def refuse_double(names: Sequence[str], where: str, wanted: Sequence[str] | None = None) -> None:
    """Refuse two columns of one name, if it is wanted (all are by default): which is meant could not be told.

    Raises:
        DataError: that names them and their places, counted from 1.
    """
    places: dict[str, int] = {}
    watched = set(names if wanted is None else wanted)
    for place, name in enumerate(names, start=1):
        if name in places and name in watched:
            raise DataError(
                f"{where}: two columns are called {shortened(name)} (columns {places[name]} and {place}). "
                "Give each its own name, or leave one out."
            )
        places[name] = place


def read_names(names: Sequence[object], features: int) -> tuple[str, ...]:
    """Names that a user gives to the features.

    Raises:
        DataError: if they are one text, of another number than the features, or not different.
    """
    if isinstance(names, str | bytes):
        raise DataError(f"feature_names is {shortened(names)}, one text: give a list with a name for each feature.")
    plain = plain_names(names)
    if len(plain) != features:
        raise DataError(f"feature_names holds {len(plain)} names for {features} features (rows of X): give one for each.")
    refuse_double(plain, "feature_names")
    return plain


def find_columns(found: Sequence[str], wanted: Sequence[str], where: str) -> list[int]:
    """The positions of the wanted columns among those found.

    Raises:
        DataError: if one is not there, with the nearest name, or there twice.
    """
    place = {name: i for i, name in enumerate(found)}
    missing = [name for name in wanted if name not in place]
    if missing:
        raise DataError(
            f"{where} lacks {len(missing)} of the {len(wanted)} columns that the net was trained on: {listed(missing)}."
            f"{nearest(missing[0], found)} Its columns: {listed(found)}.{why_one(found)}"
        )
    refuse_double(found, where, wanted)
    return [place[name] for name in wanted]


def why_one(names: Sequence[str]) -> str:
    """What to do about a table whose only name looks like many, as of a file with another delimiter."""
    if len(names) != 1:
        return ""
    strange = next((mark for mark in "|:^~ " if mark in names[0]), None)
    if strange is None:
        return ""
    mark = "blanks" if strange == " " else f"{strange!r}"
    return f" If {mark} part{'' if strange == ' ' else 's'} them: the delimiters read are commas, semicolons and tabs."
