"""Where commands get their data: a CSV file or a data set by name, as a table; which columns are used, and how."""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ..datasets import DATASETS, Dataset
from ..errors import DataError, listed, nearest
from ..names import find_columns
from ..nets import Net
from ..rows import Rows, in_blocks
from ..tables import Table, number, read_csv
from .command import UsageError

Array = npt.NDArray[Any]
MOST_NUMBERED_CLASSES = 20
"""Up to so many different whole numbers in the target are taken as classes."""


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of commands that read a table."""
    parser.add_argument("data", help=f"a CSV file, or a data set by name: {', '.join(DATASETS)}")
    parser.add_argument(
        "--missing",
        choices=("refuse", "mean"),
        default="refuse",
        help="missing cells: refuse them (default), or take their column's mean over the training part",
    )
    parser.add_argument(
        "--no-header",
        action="store_true",
        help="the first row holds data, not names; columns are then called 'column 1', 'column 2', …",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")


def read_source(options: argparse.Namespace) -> tuple[Table, str | None]:
    """The table, and the name of its target if it is a data set that has one."""
    if options.data in DATASETS:
        data = DATASETS[options.data]()
        return as_table(data), data.target_names[0]
    if not os.path.exists(options.data):
        raise DataError(
            f"there is no file {options.data!r}, and no data set of that name.{nearest(options.data, DATASETS)} "
            f"Data sets: {', '.join(DATASETS)}."
        )
    return read_csv(options.data, header=False if options.no_header else None), None


def as_table(data: Dataset) -> Table:
    """A data set as the CSV file that it could be."""
    targets = data.Y[0].tolist()
    named = [data.label_names[label] for label in targets] if data.label_names else targets
    rows = [[*map(repr, column), str(target)] for column, target in zip(data.X.T.tolist(), named, strict=True)]
    return Table(data.name, data.feature_names + data.target_names, Rows(lambda: in_blocks(rows), range(2, len(rows) + 2)))


@dataclass(frozen=True)
class Problem:
    """What is to be learnt from which features.

    Attributes:
        data: X, with NaN for missing cells, and Y: labels or numbers.
        output: the head that fits: sigmoid, softmax, identity or relu.
        labels: the classes, in order; () for numbers.
    """

    data: Dataset
    output: str
    labels: tuple[Any, ...]


def read_problem(options: argparse.Namespace) -> Problem:
    """The problem that the options of ``train`` pose."""
    table, own_target = read_source(options)
    name = options.target or own_target
    if name is None:
        raise UsageError(
            f"--target is missing: which column is to be predicted? {table.path} has the columns {listed(table.names)}."
        )
    target = table.column(name)
    unused = {target, *map(table.column, options.ignore)}
    columns = [column for column in range(len(table.names)) if column not in unused]
    if not columns:
        raise DataError(f"{table.path} has no column beside the target {table.names[target]!r}: nothing to learn from.")
    X = table.numbers(columns, missing=options.missing == "mean")
    Y, output, labels = _targets(table, target, options.output)
    names = tuple(table.names[column] for column in columns)
    return Problem(Dataset(X, Y, names, (table.names[target],), name=table.path), output, labels)


def _targets(table: Table, target: int, wanted: str | None) -> tuple[Array, str, tuple[Any, ...]]:
    """Y, the head that fits it, and the labels."""
    values = _as_labels(table.texts(target))
    different = set(values)
    numbers = not any(isinstance(value, str) for value in values)
    whole = all(isinstance(value, int) for value in values)
    few = len(different) <= MOST_NUMBERED_CLASSES and 2 * len(different) <= len(values)
    if wanted in ("identity", "relu") or (wanted is None and numbers and not (whole and (few or different <= {0, 1}))):
        return table.numbers([target]), wanted or "identity", ()
    if len(different) < 2:
        raise DataError(
            f"{table.place(0, target)}: the target holds {values[0]!r} in every row, so there is nothing to tell apart."
        )
    if wanted is None and len(different) > MOST_NUMBERED_CLASSES:
        raise DataError(
            f"{table.place(0, target)}: the target holds {len(different)} different texts in {len(values)} rows. "
            "Is it the right column? Give --output softmax if they are classes."
        )
    labels = tuple(sorted(different, key=lambda label: (isinstance(label, str), label)))
    column = np.empty((1, len(values)), dtype=object)
    column[0] = values
    return column, wanted or ("sigmoid" if len(labels) == 2 else "softmax"), labels


def _as_labels(texts: Sequence[str]) -> list[Any]:
    """Whole numbers where all cells are such, numbers where all are numbers, else the texts."""
    numbers = [number(text) for text in texts]
    if any(value is None or not math.isfinite(value) for value in numbers):
        return list(texts)
    return [int(value) if value.is_integer() else value for value in numbers if value is not None]


def features_for(net: Net, table: Table, options: argparse.Namespace, target: str | None = None) -> npt.NDArray[np.float64]:
    """The columns that the net was trained on, found by name, as X; missing cells become the training mean.

    What is ignored is noted on stderr, but for the target.
    """
    assert net.features is not None
    if net.feature_names is not None:
        columns = find_columns(table.names, net.feature_names, table.path)
    elif len(table.names) == net.features:
        columns = list(range(net.features))
    else:
        raise DataError(
            f"{table.path} has {len(table.names)} columns, but the net was trained on {net.features} without names."
        )
    used = {*columns}
    others = [name for c, name in enumerate(table.names) if c not in used and name != target]
    if others:
        print(f"note: the net was not trained on these columns, so they are ignored: {listed(others)}", file=sys.stderr)
    X = table.numbers(columns, missing=options.missing == "mean")
    return np.where(np.isnan(X), net.standardization.mean, X)


def targets_for(net: Net, table: Table, target: str) -> Array:
    """Y for evaluating a net: labels in the net's own terms, or numbers."""
    column = table.column(target)
    if not net.head.classes:
        return table.numbers([column])
    texts = table.texts(column)
    spoken = {str(label): label for label in net.head.labels or ()}
    values = [
        spoken.get(text, spoken.get(str(label), label)) for text, label in zip(texts, map(_single, texts), strict=True)
    ]
    for row, value in enumerate(values):
        if value not in spoken.values():
            known = listed(list(spoken))
            raise DataError(
                f"{table.place(row, column)}: the net does not know the label {texts[row]!r}. Its labels: {known}."
            )
    Y = np.empty((1, len(values)), dtype=object)
    Y[0] = values
    return Y


def _single(text: str) -> Any:
    """A cell as a label: 1.0 is the same as 1."""
    return _as_labels([text])[0]


def fill(data: Dataset, mean: npt.NDArray[np.float64]) -> Dataset:
    """The data with missing cells replaced by each feature's mean."""
    return Dataset(np.where(np.isnan(data.X), mean, data.X), data.Y, data.feature_names, data.target_names, name=data.name)


def mean_of_known(data: Dataset) -> npt.NDArray[np.float64]:
    """The mean of each feature over the cells that are there, (features, 1).

    Raises:
        DataError: if a feature has none.
    """
    known = ~np.isnan(data.X)
    if not known.any(axis=1).all():
        empty = data.feature_names[int(np.argmin(known.any(axis=1)))]
        raise DataError(f"{data.name}: the column {empty!r} is empty in the training part. Leave it out (--ignore).")
    mean: npt.NDArray[np.float64] = np.nanmean(data.X, axis=1, keepdims=True)
    return mean
