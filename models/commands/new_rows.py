"""Rows that a net was not trained on, read as it takes them: columns by name, and answers in the terms that it knows."""

from __future__ import annotations

import argparse
import os
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from minigraph.command_line.commands import UsageError, share
from minigraph.command_line.console import note
from minigraph.core.errors import nearest
from minigraph.values import Array

from ..datasets import DATASETS, Dataset
from ..errors import DataError, listed, shortened
from ..names_and_labels import labels_of_texts, object_array
from ..tables import Table
from ..tables.cells import USUAL
from ..tables.encoding import Encoding
from .data_arguments import STDIN, Places, kept_rows, read_file
from .feature_columns import encoded_columns
from .learning_task import Answers, LearningTask, read_answers


def share_or_file(text: str) -> float | str:
    """A share of the rows, or the name of a file; what is a number is a share."""
    try:
        float(text)
    except ValueError:
        return text
    return share(text)


def refuse_held_out(options: argparse.Namespace) -> None:
    """Refuse a file for ``--held-out`` that is not there, or is trained on."""
    path = options.held_out
    if not isinstance(path, str):
        return
    if path == STDIN:
        if STDIN in options.data:
            raise UsageError("standard input can be read once: give a file for the data or for --held-out.")
    elif not os.path.exists(path):
        raise UsageError(f"--held-out {path}: there is no such file, and it is no share between 0 and 1, such as 0.3.")
    elif any(
        data not in (STDIN, *DATASETS) and os.path.exists(data) and os.path.samefile(data, path) for data in options.data
    ):
        raise UsageError(
            f"--held-out names {path}, which is trained on as well, so the score would say nothing. "
            "Give another file, or a share."
        )


def held_out_file(task: LearningTask, encoding: Encoding, options: argparse.Namespace) -> Dataset:
    """The rows of the file that ``--held-out`` names, encoded as those of training are.

    Raises:
        DataError: if a column is missing, or a row has a class that training has not.
    """
    target = task.data.target_names[0]
    table = read_file(options.held_out, options, expected=(*encoding.sources, target))
    if target not in table.names:
        raise DataError(
            f"{table.path} has no column {target!r}, which holds the answers.{nearest(target, table.names)} Its columns: "
            f"{listed(table.names)}. Without answers there is nothing to compare: use predict, when the net is trained."
        )
    answers, Y = known_answers(table, target, options, task.labels)
    X, rows = encoded_rows(encoding, table, options, (*task.left_out, target), answers.rows)
    return Dataset(X, Y[:, np.isin(answers.rows, rows)], encoding.names, (target,), name=table.path)


def say_seen(held_out: Dataset, training: Dataset) -> None:
    """Say if most of the held-out rows are among those that are trained on."""
    seen = {column.tobytes() for column in training.X.T.copy()}
    count = sum(column.tobytes() in seen for column in held_out.X.T.copy())
    if 2 * count > len(held_out):
        note(f"{held_out.name}: {count} of {len(held_out)} rows are among those trained on, so their score says little")


def encoded_rows(
    encoding: Encoding, table: Table, options: argparse.Namespace, known: Collection[str | None], rows: Places
) -> tuple[Array, Places]:
    """The columns that an encoding reads, found by name, as X, and the rows that are left.

    Other columns than the known ones are noted on stderr, and so are categories that training has not seen.
    """
    columns, found = encoded_columns(table, encoding)
    if others := [name for name in table.names if name not in {*encoding.sources, *known}]:
        note(f"{table.path}: training has not seen these columns, so they are ignored: {listed(others)}")
    rows, _ = kept_rows(table, columns, encoding.unfilled(found.among(rows).values), options, rows)
    here = found.among(rows)
    for sentence in encoding.strange(here):
        note(f"{table.path}: {sentence}")
    return encoding.encode(here), rows


def known_answers(table: Table, target: str, options: argparse.Namespace, labels: Sequence[Any]) -> tuple[Answers, Array]:
    """The answers of a table, and Y: as these labels, or as numbers if there are none."""
    column = table.column(target)
    spoken = {str(label): label for label in labels}
    answers = read_answers(table, column, options, spoken, not labels)
    if not labels:
        return answers, answers.as_numbers()
    plain = {text: labels_of_texts([text], [value])[0] for text, value in answers.numbers.items()}  # 1.0 is the same as 1
    own = {text: spoken.get(text, spoken.get(str(label), label)) for text, label in plain.items()}
    for i, text in enumerate(answers.texts):
        if own[text] not in spoken.values():
            hint = f" Give --missing-words {text} if it means a missing answer." if text in USUAL else ""
            raise DataError(
                f"{answers.place(i)}: the net does not know the label {shortened(text)}. "
                f"Its labels: {listed(list(spoken))}.{hint}"
            )
    return answers, object_array([own[text] for text in answers.texts])[None, :]
