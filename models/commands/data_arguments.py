"""The arguments of commands that read data or a model, and what they name: the net, the table, its rows and columns."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from minigraph.command_line.commands import UsageError
from minigraph.command_line.console import note
from minigraph.core.errors import nearest
from minigraph.values import Array

from ..bounded_files import STANDARD_INPUT, read_standard_input
from ..datasets import DATASETS, Dataset
from ..errors import DataError
from ..net import Net
from ..tables import LARGEST as LARGEST_TABLE
from ..tables import Reading, Table, parse_bytes, read_csv
from ..tables.cells import MISSING, USUAL, Advice, MissingWords
from ..tables.csv_rows import Rows, in_blocks
from ..tables.joined import joined

STDIN = "-"
"""The word for standard input; a file of that name is ./-."""

LEARNT_FILLS = ("median", "category")
"""What may become of missing cells that only an encoding knows; every net knows the means of its features."""

Places = npt.NDArray[np.intp]


def add_data_arguments(parser: argparse.ArgumentParser, answers: bool = True, learns: bool = False) -> None:
    """The arguments of commands that read a table; those that know the answers may leave rows out, train learns fills."""
    parser.add_argument(
        "data",
        nargs="+",
        help="a CSV file, or several with the same columns, - for standard input, or a data set by name: "
        + ", ".join(DATASETS),
    )
    drop, dropping = (("drop",), ", or leave out their rows (drop)") if answers else ((), "")
    fills = LEARNT_FILLS if learns else ()
    filling = ", or its median, or let a feature say that they are missing (category)" if learns else ""
    parser.add_argument(
        "--missing",
        choices=("refuse", "mean", *fills, *drop),
        default="refuse",
        help="missing cells: refuse them (default), take their column's mean over the training part" + filling + dropping,
    )
    if answers:
        parser.add_argument(
            "--missing-target",
            choices=("refuse", "drop"),
            default="refuse",
            help="rows without an answer: refuse them (default), or leave them out",
        )
    parser.add_argument(
        "--missing-words",
        metavar="NA,-999",
        type=lambda text: text.split(","),
        help="what stands in cells that hold no value, apart from empty ones (default: the words that the model was trained "
        f"with; otherwise {','.join(MISSING)}, but not in a target of text)",
    )
    parser.add_argument(
        "--header",
        action=argparse.BooleanOptionalAction,
        help="whether the first row holds the names of the columns, which are otherwise called 'column 1', 'column 2', … "
        "(default: what it looks like)",
    )
    parser.add_argument(
        "--delimiter",
        type=_delimiter,
        metavar="CHARACTER",
        help="what separates the cells: a character, or tab (default: what it looks like)",
    )
    parser.add_argument(
        "--decimal", choices=(".", ","), default=".", help="what marks decimals; with a comma, points may group thousands"
    )
    parser.add_argument(
        "--encoding",
        type=_encoding,
        metavar="NAME",
        help="encoding of the text, such as latin-1 (default: UTF-8, or what its byte-order mark says)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")


def _delimiter(text: str) -> str:
    """One character that may separate cells."""
    plain = {"tab": "\t", r"\t": "\t"}.get(text, text)
    if len(plain) != 1 or plain in '"\r\n' or plain.isalnum():
        raise argparse.ArgumentTypeError(f"{text!r} can't separate cells. Give one character, such as ';' or '|', or tab.")
    return plain


def _encoding(text: str) -> str:
    """A text encoding that Python knows."""
    try:
        "a".encode(text).decode(text)
    except (LookupError, UnicodeError, TypeError, AttributeError):
        raise argparse.ArgumentTypeError(
            f"there is no text encoding {text!r}. Usual ones: utf-8, latin-1, cp1252."
        ) from None
    return text


def missing_words(options: argparse.Namespace, net: Net | None) -> tuple[str, ...] | None:
    """The words of missing cells that the user gave, now or when the net was trained; None for the usual ones."""
    if options.missing_words is not None:
        return tuple(options.missing_words)
    return None if net is None else net.missing_words


def read_source(options: argparse.Namespace, net: Net | None = None) -> tuple[Table, str | None]:
    """The table, and its target if it is a data set; a trained net knows the names of columns and words of missing cells."""
    if named := [word for word in options.data if word in DATASETS]:
        if len(options.data) > 1:
            raise UsageError(f"{named[0]!r} is a data set, which stands alone. Give it alone, or files (./{named[0]}).")
        data = DATASETS[named[0]]()
        return as_table(data), data.target_names[0]
    for i, path in enumerate(options.data):
        for other in options.data[:i]:
            if path == other == STDIN:
                raise UsageError("standard input can be read once, and is named twice.")
            if (
                STDIN not in (path, other)
                and os.path.exists(path)
                and os.path.exists(other)
                and os.path.samefile(path, other)
            ):
                raise UsageError(f"{path} is given twice: its rows would count twice. Leave one out.")
    tables: list[Table] = []
    for path in options.data:
        tables.append(read_file(path, options, net, tables[0].names if tables else ()))
    return joined(tables), None


def read_file(path: str, options: argparse.Namespace, net: Net | None = None, expected: Sequence[str] = ()) -> Table:
    """The table in one file, or in standard input, as the options say; the names that its columns should have, if known."""
    if path != STDIN and not os.path.exists(path):
        raise DataError(
            f"there is no file {path!r}, and no data set of that name.{nearest(path, DATASETS)} "
            f"Data sets: {', '.join(DATASETS)}."
        )
    words = missing_words(options, net)
    missing = USUAL if words is None else MissingWords.of(words, given=True)
    if net is not None:
        expected = net.feature_names or () if net.encoding is None else net.encoding.sources
    if options.decimal == "," and options.delimiter == ",":
        raise UsageError(
            "a comma can't both separate cells and mark decimals. Give another --delimiter, or quote the numbers."
        )
    marks = options.delimiter, options.decimal, options.encoding
    reading = Reading(options.header, expected, missing, _advice(options), *marks)
    if path == STDIN:
        table = parse_bytes(read_standard_input(LARGEST_TABLE, "a CSV file"), STANDARD_INPUT, reading)
    else:
        table = read_csv(path, reading)
    if table.note:
        note(f"{table.path}: {table.note}")
    return table


def _advice(options: argparse.Namespace) -> Advice:
    """What this command can do about cells that hold no number, by the options that it has."""
    drop = "leave such rows out (--missing drop), or " if hasattr(options, "missing_target") else "or "
    missing = f"Fill it in, {drop}take the mean of the training part (--missing mean)."
    if not hasattr(options, "ignore"):
        return Advice("Correct it.", missing, "")
    leave = "leave the column out (--ignore {column})."
    text = "Correct it, leave the column out (--ignore {column}), or take it as categories (--category {column})."
    return Advice(text, missing, leave.capitalize())


def as_table(data: Dataset) -> Table:
    """A data set as the CSV file that it could be."""
    targets = data.Y[0].tolist()
    named = [data.label_names[label] for label in targets] if data.label_names else targets
    rows = [[*map(repr, column), str(target)] for column, target in zip(data.X.T.tolist(), named, strict=True)]
    return Table(data.name, data.feature_names + data.target_names, Rows(lambda: in_blocks(rows), range(2, len(rows) + 2)))


def kept_rows(
    table: Table, columns: Sequence[int], values: Array, options: argparse.Namespace, rows: Places
) -> tuple[Places, Array]:
    """The rows that are left where missing cells are refused or dropped, and their values; others keep their NaN.

    Args:
        table: the table.
        columns: the columns of which missing cells matter.
        values: of these columns, and these rows.
        options: of the command.
        rows: places in the table.
    """
    if options.missing == "refuse":
        table.refuse_missing(values, columns, rows)
    if options.missing != "drop":
        return rows, values
    whole = ~np.isnan(values).any(axis=0)
    say_left_out(table, rows[~whole], "a missing cell")
    if not whole.any():
        raise DataError(f"{table.path}: each row has a missing cell, so none is left.")
    return rows[whole], values[:, whole]


def say_left_out(table: Table, rows: Places, what: str) -> None:
    """How many rows are left out, if any is."""
    if len(rows):
        of = f"{len(rows)} of {len(table.rows)} rows"
        note(f"{table.path}: {of} left out for {what}, the first in {table.line(int(rows[0]))}")


def refuse_overwriting(out: str | os.PathLike[str], options: argparse.Namespace) -> None:
    """Refuse to replace the model or the data that the command reads, by whatever path."""
    reads = [("model", getattr(options, "model", STDIN)), *(("data", path) for path in options.data)]
    if isinstance(aside := getattr(options, "held_out", None), str):
        reads.append(("data", aside))
    for what, path in reads:
        read = path != STDIN and not (what == "data" and path in DATASETS)
        if read and os.path.exists(path) and os.path.exists(out) and os.path.samefile(path, out):
            raise UsageError(f"{out} is the {what} that is read, and would be replaced. Give another place (--out).")
