"""Which columns of a table a net learns from, as the options say or as they look; what is left out is said."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minigraph.command_line.commands import UsageError, whole

from ..errors import DataError, listed
from ..names_and_labels import columns_like, find_columns
from ..net import Net
from ..tables import Table
from ..tables.columns import Columns, read_columns, words_beside_numbers
from ..tables.encoding import MOST_CATEGORIES, Encoding
from ..tables.left_out import COUNTS, ONLY, why_left_out
from ..tables.remarks import remarks
from .data_arguments import Places


def add_feature_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that say which columns are features, and how."""
    several = "may be given again, or be several with commas or a pattern such as 'id*'"
    parser.add_argument("--ignore", metavar="COLUMN", action="append", default=[], help=f"a column to leave out; {several}")
    parser.add_argument(
        "--use", metavar="COLUMN", action="append", default=[], help=f"learn from these columns only; {several}"
    )
    parser.add_argument(
        "--ordinal",
        metavar="COLUMN=LOW,MID,HIGH",
        action="append",
        default=[],
        type=_ordinal,
        help="a column of texts that have an order, from low to high; may be given again",
    )
    parser.add_argument(
        "--category",
        metavar="COLUMN",
        action="append",
        default=[],
        help=f"a column whose numbers are labels, such as a postal code or a month: categories like text; {several}",
    )
    parser.add_argument(
        "--categories",
        type=_count_of_categories,
        default=MOST_CATEGORIES,
        metavar="N",
        help=f"of a column of categories, the N most frequent have features, else 'other' (default: {MOST_CATEGORIES})",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="refuse columns that are no features (ids, dates, free text, row counters) instead of leaving them out",
    )


def _count_of_categories(text: str) -> int:
    """How many categories of a column have features."""
    try:
        return whole(1)(text)
    except argparse.ArgumentTypeError as error:
        raise argparse.ArgumentTypeError(f"{error}. The option that names columns is --category.") from None


@dataclass(frozen=True)
class Order:
    """A column, and its texts from low to high."""

    column: str
    texts: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.column}={','.join(self.texts)}"


def _ordinal(text: str) -> Order:
    """The order that an option gives."""
    name, equals, levels = text.rpartition("=")
    texts = tuple(level.strip() for level in levels.split(","))
    if not equals or len(texts) < 2 or len({*texts}) < len(texts) or not all(texts):
        raise argparse.ArgumentTypeError(
            f"{text!r} names no order. Give a column and its texts from low to high, such as size=small,medium,large."
        )
    return Order(name.strip(), texts)


@dataclass(frozen=True)
class FeatureColumns:
    """The columns that a net learns from: their places in the table, what they hold in the rows that count, what is said."""

    places: list[int]
    found: Columns
    notes: tuple[str, ...] = ()


def feature_columns(table: Table, target: int, rows: Places, options: argparse.Namespace, net: Net | None) -> FeatureColumns:
    """The columns to learn from: those of a net that goes on; or those of the options, but for what is not a feature.

    Raises:
        DataError: if none is left, if a cell is not a number, or with ``--strict`` for a column that is not a feature.
        UsageError: for options that contradict each other.
    """
    if net is not None and net.encoding is not None:
        places, found = encoded_columns(table, net.encoding)
        return FeatureColumns(places, found.among(rows))
    places, of_text = _asked_for(table, target, options)
    if net is not None and not options.use:
        places = [place for place in places if table.names[place] not in net.left_out] or places
    found = read_columns(table, places, of_text, look=net is None).among(rows)
    looked_at = () if options.use or net is not None else [i for i, place in enumerate(places) if place not in of_text]
    whys = {i: why for i in looked_at if (why := why_left_out(found, i))}
    if options.missing == "category":  # which cells are missing is a feature there
        whys = {
            i: why for i, why in whys.items() if not (found.texts[i] and np.isnan(found.values[i]).any() and ONLY in why)
        }
    kept = [i for i in range(len(places)) if i not in whys]
    if not kept:
        kept = [i for i in whys if whys[i].startswith(COUNTS)]  # better than nothing
    left_out = {found.names[i]: why for i, why in whys.items() if i not in kept}
    if left_out and options.strict:
        name, why = next(iter(left_out.items()))
        word = shlex.quote(name)
        raise DataError(
            f"{table.path}: the column {name!r} {why}. Leave it out (--ignore {word}), or keep it (--use {word})."
        )
    if not kept:
        reasons = "; ".join(f"{name!r} {why}" for name, why in left_out.items())
        raise DataError(
            f"{table.path}: no column is left to learn from: {reasons}. Name those that are features with --use."
        )
    said = [f"the column {name!r} {why}: it is left out (--use keeps it)" for name, why in left_out.items()]
    said += [
        f"the column {found.names[i]!r} {whys[i]}: a net can learn the order of the file from it" for i in kept if i in whys
    ]
    texts = [found.names[i] for i in kept if found.texts[i] is not None and places[i] not in of_text]
    said += [f"text is taken as categories in {listed(texts)}"] if texts else []
    for i in range(len(places)):
        if places[i] not in of_text and (words := words_beside_numbers(found.texts[i] or (), table.missing)):
            option = f"{table.missing_option(words)} if that means a missing value"
            said.append(f"the column {found.names[i]!r} holds numbers as well as {listed(words, 3)}: {option}")
    said += remarks(found.chosen(kept), table, [found.names[i] for i in kept if places[i] not in of_text])
    return FeatureColumns([places[i] for i in kept], found.chosen(kept), tuple(f"{table.path}: {one}" for one in said))


def _asked_for(table: Table, target: int, options: argparse.Namespace) -> tuple[list[int], set[int]]:
    """The places of the columns that options leave, and which of them hold text by other options: orders and categories."""
    used, unused = _named(table, options.use), _named(table, options.ignore)
    if both := sorted({*used} & {*unused}):
        raise UsageError(f"--use and --ignore both name {table.names[both[0]]!r}. Which is meant?")
    if target in used:
        raise UsageError(f"--use names the target {table.names[target]!r}: no net can learn from the answer.")
    places = [c for c in used or range(len(table.names)) if c != target and c not in unused]
    ordered = {table.column(name) for name in _orders(options)}
    categories = {*_named(table, options.category)}
    for option, columns in (("--ordinal", ordered), ("--category", categories)):
        if strange := columns - {*places}:
            raise UsageError(f"{option} names {table.names[min(strange)]!r}, which is left out, or the target.")
    if both := sorted(ordered & categories):
        raise UsageError(f"--ordinal and --category both name {table.names[both[0]]!r}. Which is meant?")
    of_text = ordered | categories
    if not places:
        raise DataError(f"{table.path} has no column beside the target {table.names[target]!r}: nothing to learn from.")
    return places, of_text


def encoded_columns(table: Table, encoding: Encoding) -> tuple[list[int], Columns]:
    """The columns that an encoding reads: their places in the table, and what they hold."""
    places = find_columns(table.names, encoding.sources, table.path)
    of_text = {place for place in places if table.names[place] in encoding.of_text}
    return places, read_columns(table, places, of_text, look=False)


def _named(table: Table, words: Sequence[str]) -> list[int]:
    """The columns that words name: a name, a number, several with commas between them, or a pattern."""
    found: dict[int, None] = {}
    for word in words:
        for part in [word] if word in table.names else [part.strip() for part in word.split(",")]:
            like = columns_like(table.names, part)
            if like is None:
                like = [table.column(part)]
            if not like:
                raise DataError(f"{table.path} has no column like {part!r}. Its columns: {listed(table.names)}.")
            found |= dict.fromkeys(like)
    return list(found)


def _orders(options: argparse.Namespace) -> dict[str, tuple[str, ...]]:
    """The texts of each column with an order."""
    return {order.column: order.texts for order in options.ordinal}


def learnt_encoding(columns: Columns, options: argparse.Namespace) -> Encoding:
    """The encoding of columns of the training part, as the options say."""
    return Encoding.learn(columns, ordinal=_orders(options), missing=options.missing, most=options.categories)
