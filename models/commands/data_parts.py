"""The parts of the data of a training: to train on, to validate on, and held out; split, or read from another file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import NamedTuple

from ..datasets import Dataset
from ..tables.encoding import Encoding
from ..training_state import TrainedOn
from .feature_columns import learnt_encoding
from .learning_task import LearningTask
from .new_rows import held_out_file


class Parts(NamedTuple):
    """The training part and the held-out part, and what validates, if anything does."""

    training: Dataset
    held_out: Dataset
    validation: Dataset | None
    encoding: Encoding
    notes: tuple[str, ...]

    @classmethod
    def of(cls, task: LearningTask, split: TrainedOn, options: argparse.Namespace, encoding: Encoding | None) -> Parts:
        """The data, split and encoded, as is learnt on the training part, or was; or with a file that is held out."""
        training, seed = task.data, options.seed
        aside = watched = None
        if split.held_out:
            training, aside = training.split(split.held_out, seed, stratified=split.stratified)
        if split.validation:
            training, watched = training.split(split.validation, seed, stratified=split.stratified)
        if encoding is None:
            encoding = learnt_encoding(task.columns(training), options)
        validation = None if watched is None else task.encoded(watched, encoding)
        notes = (*task.notes, *task.strange((aside, watched), encoding))
        held_out = held_out_file(task, encoding, options) if aside is None else task.encoded(aside, encoding)
        return cls(task.encoded(training, encoding), held_out, validation, encoding, notes)

    def named(self) -> Iterator[tuple[str, Dataset]]:
        """Each part with its name."""
        parts = {"training": self.training, "validation": self.validation, "held out": self.held_out}
        return ((name, part) for name, part in parts.items() if part is not None)
