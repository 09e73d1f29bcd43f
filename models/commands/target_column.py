"""The answers in the target column of a table: which rows have one, and what it is for a net: a label, or a number."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from minigraph.command_line.console import note
from minigraph.values import Array

from ..errors import DataError, listed, shortened
from ..heads import HEADS, head_for_classes, head_for_numbers
from ..labels import labels_of_texts
from ..nets import Net
from ..tables import Table
from ..tables.cells import USUAL, Advice, is_number, number, why_text, would_be_number
from .data_arguments import Places, say_left_out

MOST_NUMBERED_CLASSES = 20
"""Up to so many different whole numbers in the target are taken as classes."""
ADVICE = Advice(
    "Correct it, or leave the row out.", "The answer can't be guessed: fill it in, or leave such rows out {}.", ""
)


@dataclass(frozen=True)
class Answers:
    """The cells of the target that hold an answer.

    Attributes:
        table: where they stand.
        column: the target.
        rows: those that have an answer.
        texts: the answers.
        numbers: each different text as a number, None if it is none.
    """

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
        """The answers as numbers, (1, answers).

        Raises:
            DataError: for one that is none, with its place.
        """
        table = replace(self.table, advice=ADVICE)
        return table.numbers([self.column], missing=True)[:, self.rows]

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
        numbers: whether the answers are numbers.

    Raises:
        DataError: for a row without an answer, with its place, or if none has one.
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
                f"{table.path}: in the column {table.names[column]!r} {listed(words)} is a class like others; "
                f"give --missing-words {','.join(words)} if it says that there is no answer"
            )
    return Answers(table, column, rows, [texts[row] for row in rows], {t: values[t] for t in values if t not in unknown})


def as_targets(answers: Answers, wanted: str | None) -> tuple[Array, str, tuple[Any, ...]]:
    """Y for training, the head that fits it, and the labels.

    Args:
        answers: from the table.
        wanted: the head that the user wishes, if any.
    """
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
        _refuse_unlikely(answers, values, len(different))
    labels = tuple(sorted(different, key=lambda label: (isinstance(label, str), label)))
    column = np.empty((1, len(values)), dtype=object)
    column[0] = values
    return column, wanted or head_for_classes(len(labels)).name, labels


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


def targets_for(net: Net, table: Table, target: str, options: argparse.Namespace) -> tuple[Answers, Array]:
    """The answers for evaluating a net, and Y: labels in the net's own terms, or numbers."""
    column = table.column(target)
    spoken = {str(label): label for label in net.head.labels or ()}
    answers = read_answers(table, column, options, spoken, not net.head.classes)
    if not net.head.classes:
        return answers, answers.as_numbers()
    own = {text: _own_label(text, answers.numbers[text], spoken) for text in answers.numbers}
    for i, text in enumerate(answers.texts):
        if own[text] not in spoken.values():
            hint = f" Give --missing-words {text} if it says that there is no answer." if text in USUAL else ""
            raise DataError(
                f"{answers.place(i)}: the net does not know the label {shortened(text)}. "
                f"Its labels: {listed(list(spoken))}.{hint}"
            )
    Y = np.empty((1, len(answers.texts)), dtype=object)
    Y[0] = [own[text] for text in answers.texts]
    return answers, Y


def _own_label(text: str, value: float | None, spoken: dict[str, Any]) -> Any:
    """A cell as the net's label: 1.0 is the same as 1."""
    plain = labels_of_texts([text], [value])[0]
    return spoken.get(text, spoken.get(str(plain), plain))
