"""What a net is to learn from which features, as the options say; its answers, and the parts to train on and to hold out."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from minigraph.command_line.commands import UsageError
from minigraph.command_line.console import note
from minigraph.values import Array

from ..datasets import Dataset
from ..errors import DataError, listed
from ..heads import HEADS, head_for_classes, head_for_numbers
from ..names_and_labels import in_order, labels_of_texts, object_array
from ..net import Net
from ..tables import Table
from ..tables.cells import USUAL, Advice, is_number, number, why_text, would_be_number
from ..tables.columns import Columns, Texts
from ..tables.encoding import Encoding
from ..tables.remarks import alike
from .data_arguments import Places, kept_rows, read_source, say_left_out
from .feature_columns import feature_columns

MOST_NUMBERED_CLASSES = 20
"""Up to so many different whole numbers in the target are taken as classes."""
ADVICE = Advice(
    "Correct it, or leave the row out.", "The answer can't be guessed: fill it in, or leave such rows out {}.", ""
)


@dataclass(frozen=True)
class LearningTask:
    """What is to be learnt from which columns.

    Attributes:
        data: the columns as X, as `Columns` has them: numbers or places among texts, NaN for missing cells. Y: labels or
            numbers.
        output: the head that fits.
        labels: its classes, () for numbers.
        texts: of each column its different texts; None for numbers.
        notes: what was assumed of the columns.
        left_out: the columns that nothing is learnt from.
    """

    data: Dataset
    output: str
    labels: tuple[Any, ...]
    texts: tuple[Texts | None, ...]
    notes: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def columns(self, part: Dataset) -> Columns:
        """The columns of a part of the data."""
        return Columns(part.feature_names, part.X, self.texts)

    def strange(self, parts: Iterable[Dataset | None], encoding: Encoding) -> tuple[str, ...]:
        """A sentence for each column of parts of the data with categories that training has not seen."""
        return tuple(
            f"{self.data.name}: {sentence}"
            for part in parts
            if part is not None
            for sentence in encoding.strange(self.columns(part))
        )

    def encoded(self, part: Dataset, encoding: Encoding) -> Dataset:
        """A part of the data, with X as a net takes it."""
        return replace(part, X=encoding.encode(self.columns(part)), feature_names=encoding.names)


def read_task(options: argparse.Namespace, net: Net | None = None) -> LearningTask:
    """The task that the options of ``train`` pose; a net that is to go on training reads the target as it did."""
    table, own_target = read_source(options, net)
    name = options.target or own_target
    if name is None:
        raise UsageError(
            f"--target is missing: which column is to be predicted? {table.path} has the columns {listed(table.names)}."
        )
    target = table.column(name)
    if net is not None and net.target_name not in (None, table.names[target]):
        raise UsageError(f"the net in {options.out} predicts {net.target_name!r}: give --target {net.target_name!r}.")
    answers = read_answers(table, target, options, numbers=net is not None and not net.head.classes)
    columns = feature_columns(table, target, answers.rows, options, net)
    rows, values = kept_rows(table, columns.places, columns.found.values, options, answers.rows)
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
    data = Dataset(values, Y, columns.found.names, (table.names[target],), name=table.path)
    left_out = tuple(column for column in table.names if column not in {*data.feature_names, *data.target_names})
    return LearningTask(data, output, labels, columns.found.texts, columns.notes, left_out)


def say_unlearnable(labels: Sequence[Any], training: Dataset) -> None:
    """Say which classes have no example in the training part."""
    if lacking := [label for label in labels if label not in {*training.Y[0].tolist()}]:
        note(f"no row of the training part is of the class {listed(lacking)}: a net can't learn what it never sees")


@dataclass(frozen=True)
class Answers:
    """The cells of the target that hold an answer: the rows that have one, the texts, and each different one as a number."""

    table: Table
    column: int
    rows: Places
    texts: list[str]
    numbers: dict[str, float | None]

    def place(self, answer: int) -> str:
        """Where an answer stands."""
        return self.table.place(int(self.rows[answer]), self.column)

    def labels(self) -> list[Any]:
        """The answers as labels."""
        return labels_of_texts(self.texts, [self.numbers[text] for text in self.texts])

    def as_numbers(self) -> npt.NDArray[np.float64]:
        """The answers as numbers, (1, answers)."""
        return replace(self.table, advice=ADVICE).numbers([self.column], missing=True)[:, self.rows]

    def among(self, rows: Places) -> Answers:
        """The answers of some of these rows."""
        kept = np.isin(self.rows, rows)
        return replace(self, rows=rows, texts=[text for text, keep in zip(self.texts, kept, strict=True) if keep])


def read_answers(
    table: Table, column: int, options: argparse.Namespace, labels: Collection[str] = (), numbers: bool = False
) -> Answers:
    """The answers of a table; rows without one are refused, or left out where that is wished.

    In a target of text, a word such as NA is a class like others, unless the user says that it is missing.

    Args:
        table: the table.
        column: the target.
        options: of the command.
        labels: texts that are labels, whatever they are: those of a net.
        numbers: whether the answers are numbers, whatever they look like.
    """
    texts = table.texts(column)
    values = {text: number(text, table.missing) for text in dict.fromkeys(texts)}
    numbers = numbers or (None not in values.values() and any(map(is_number, values.values())))
    unknown = {text for text, value in values.items() if value is not None and not is_number(value)} - {*labels}
    if not numbers:
        unknown = {text for text in unknown if text == "" or (table.missing.given and text in table.missing)}
    empty = np.array([text in unknown for text in texts])
    if empty.any():
        first, wishes = int(np.argmax(empty)), "drop" in (options.missing, options.missing_target)
        if not wishes:
            why = table.why_missing(texts[first], int(empty.sum()))
            raise DataError(f"{table.place(first, column)}: {why} {ADVICE.missing.format('(--missing-target drop)')}")
        say_left_out(table, np.flatnonzero(empty), f"a missing {table.names[column]!r}")
    rows = np.flatnonzero(~empty)
    if not len(rows):
        raise DataError(f"{table.path}: no row has an answer in the column {table.names[column]!r}.")
    if not numbers and not labels:
        words = [text for text in values if text in USUAL and text not in unknown]
        if words:
            note(
                f"{table.path}: in the column {table.names[column]!r} {listed(words)} counts as a class; "
                f"give --missing-words {','.join(words)} if it means a missing answer"
            )
    return Answers(table, column, rows, [texts[row] for row in rows], {t: values[t] for t in values if t not in unknown})


def as_targets(answers: Answers, wanted: str | None) -> tuple[Array, str, tuple[Any, ...]]:
    """Y for training, the head that the user wishes or that fits it, and the labels."""
    values = answers.labels()
    different = set(values)
    numbers = not any(isinstance(value, str) for value in values)
    whole = all(isinstance(value, int) for value in values)
    few = len(different) <= MOST_NUMBERED_CLASSES and 2 * len(different) <= len(values)
    measured = numbers and not (whole and (few or different <= {0, 1}))
    if measured if wanted is None else not HEADS[wanted].most_classes:
        return answers.as_numbers(), wanted or head_for_numbers().name, ()
    if len(different) < 2:
        raise DataError(
            f"{answers.place(0)}: the target holds {values[0]!r} in every row, so there is nothing to tell apart."
        )
    if wanted is None:
        if pair := alike(value for value in different if isinstance(value, str)):
            raise DataError(
                f"{answers.place(0)}: the target tells {listed(sorted(pair))} apart, which look alike. "
                "Write them in one way, or give --output softmax if they are different classes."
            )
        _refuse_unlikely(answers, values, len(different))
    labels = in_order(different)
    return object_array(values)[None, :], wanted or head_for_classes(len(labels)).name, labels


def _refuse_unlikely(answers: Answers, values: Sequence[Any], classes: int) -> None:
    """Refuse texts that are hardly classes: numbers that are not written as such, or too many."""
    strange = [text for text, value in answers.numbers.items() if value is None]
    if strange and all(map(would_be_number, strange)):
        place = answers.place(answers.texts.index(strange[0]))
        raise DataError(f"{place}: {why_text(strange[0])} Give --output softmax if these are classes.")
    if classes > MOST_NUMBERED_CLASSES:
        raise DataError(
            f"{answers.place(0)}: the target holds {classes} different texts in {len(values)} rows. "
            "Is it the right column? Give --output softmax if they are classes."
        )
