"""What ``train`` is to learn from which features, as its options say; the training part and the held-out part."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigraph.command_line.command import UsageError
from minigraph.command_line.console import note
from minigraph.values import Array

from ..datasets import Dataset
from ..errors import DataError, listed
from ..heads import HEADS, head_for_classes, head_for_numbers
from ..nets import Net
from .data_arguments import read_rows, read_source
from .target_column import as_targets, read_answers


@dataclass(frozen=True)
class LearningTask:
    """What is to be learnt from which features.

    Attributes:
        data: X, with NaN for missing cells, and Y: labels or numbers.
        output: the name of the head that fits.
        labels: the classes, in order; () for numbers.
    """

    data: Dataset
    output: str
    labels: tuple[Any, ...]


def read_task(options: argparse.Namespace, net: Net | None = None) -> LearningTask:
    """The task that the options of ``train`` pose.

    Args:
        options: of the command.
        net: the one that is to go on training, if there is one: the target is read as it reads it.
    """
    table, own_target = read_source(options, net)
    name = options.target or own_target
    if name is None:
        raise UsageError(
            f"--target is missing: which column is to be predicted? {table.path} has the columns {listed(table.names)}."
        )
    target = table.column(name)
    if net is not None and net.target_name not in (None, table.names[target]):
        raise UsageError(f"the net in {options.out} predicts {net.target_name!r}: give --target {net.target_name!r}.")
    unused = {target, *map(table.column, options.ignore)}
    columns = [column for column in range(len(table.names)) if column not in unused]
    if not columns:
        raise DataError(f"{table.path} has no column beside the target {table.names[target]!r}: nothing to learn from.")
    answers = read_answers(table, target, options, numbers=net is not None and not net.head.classes)
    X, rows = read_rows(table, columns, options, answers.rows)
    Y, output, labels = as_targets(answers.among(rows), options.output if net is None else net.head.name)
    if options.output is not None and len(labels) > HEADS[options.output].most_classes:
        other = head_for_classes(len(labels)).name
        if not any(isinstance(label, str) for label in labels):
            other = f"{other} for classes, {head_for_numbers().name} for numbers"
        raise DataError(
            f"{table.path}: the target {table.names[target]!r} holds {len(labels)} different values, and --output "
            f"{options.output} tells {HEADS[options.output].meaning} apart. "
            f"Give another --output ({other}), or leave it out."
        )
    names = tuple(table.names[column] for column in columns)
    return LearningTask(Dataset(X, Y, names, (table.names[target],), name=table.path), output, labels)


def say_counting(data: Dataset) -> None:
    """Say which features only count the rows: what a net learns from them is the order of the file."""
    for name, row in zip(data.feature_names, data.X, strict=True):
        if len(row) > 2 and row[0].is_integer() and np.array_equal(row, row[0] + np.arange(len(row))):
            shown = ", ".join(str(int(value)) for value in row[:3])
            note(
                f"the column {name!r} counts the rows ({shown}, …): a net can learn the order "
                f"of the file from it. Leave it out (--ignore {shlex.quote(name)}) unless it means something."
            )


@dataclass(frozen=True)
class Parts:
    """The training part and the held-out part."""

    training: Dataset
    held_out: Dataset

    @classmethod
    def of(cls, data: Dataset, held_out: float, seed: int) -> Parts:
        """The data, split; missing cells become the mean of their column over the training part.

        Raises:
            DataError: if a column is empty there.
        """
        parts = data.split(held_out, seed)
        mean = _mean_of_known(parts[0])
        return cls(*(_fill(part, mean) for part in parts))

    def __iter__(self) -> Iterator[tuple[str, Dataset]]:
        return iter((("training", self.training), ("held out", self.held_out)))


def _fill(data: Dataset, mean: Array) -> Dataset:
    """The data with missing cells replaced by each feature's mean; the same data where none is missing."""
    if not np.isnan(data.X).any():
        return data
    return Dataset(np.where(np.isnan(data.X), mean, data.X), data.Y, data.feature_names, data.target_names, name=data.name)


def _mean_of_known(data: Dataset) -> Array:
    """The mean of each feature over the cells that are there, (features, 1).

    Raises:
        DataError: if a feature has none.
    """
    known = ~np.isnan(data.X)
    if not known.any(axis=1).all():
        empty = data.feature_names[int(np.argmin(known.any(axis=1)))]
        raise DataError(f"{data.name}: the column {empty!r} is empty in the training part. Leave it out (--ignore).")
    mean: Array = np.nanmean(data.X, axis=1, keepdims=True)
    return mean
