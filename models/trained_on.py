"""What a net was trained on: enough to tell whether going on has the same rows in the same two parts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .datasets import Dataset
from .errors import listed

KINDS: Mapping[str, type | tuple[type, ...]] = {"held_out": float, "rows": int, "target": str, "columns": dict}


@dataclass(frozen=True)
class TrainedOn:
    """The data of a training and their split.

    Attributes:
        held_out: the share of the rows that was held out.
        rows: how many there were.
        target: the column that was to be predicted.
        columns: of each column, the target too, a digest of its cells.
    """

    held_out: float
    rows: int
    target: str
    columns: dict[str, str]

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the features, in order."""
        return tuple(name for name in self.columns if name != self.target)

    @classmethod
    def of(cls, data: Dataset, held_out: float) -> TrainedOn:
        """What identifies these data; missing cells are NaN."""
        columns = {name: _digest(row) for name, row in zip(data.feature_names, data.X, strict=True)}
        target = data.target_names[0]
        return cls(held_out, len(data), target, columns | {target: _digest(data.Y[0])})

    def as_dict(self) -> dict[str, Any]:
        """For a model file."""
        return asdict(self)

    @classmethod
    def from_dict(cls, entries: Mapping[str, Any]) -> TrainedOn:
        """What `as_dict` gave.

        Raises:
            ValueError: if it is anything else.
        """
        if entries.keys() != KINDS.keys() or not all(isinstance(entries[name], kind) for name, kind in KINDS.items()):
            raise ValueError("not what as_dict gives")
        if not all(isinstance(digest, str) for digest in entries["columns"].values()):
            raise ValueError("digests are text")
        return cls(**entries)

    def difference(self, now: TrainedOn) -> str | None:
        """What differs now, as a sentence about the net that names the column or the option; None if nothing does."""
        if self.features != now.features:
            return other_columns(self.features, now.features)
        if self.rows != now.rows:
            return (
                f"was trained on {self.rows} rows, and there are {now.rows} now. "
                "Give the data and the options of the first run."
            )
        if self.held_out != now.held_out:
            return f"was trained with --held-out {self.held_out:g}, which decides the split. Give it again."
        other = [name for name, digest in self.columns.items() if now.columns[name] != digest]
        if other:
            return (
                f"was trained on other values in the column {listed(other)}, or on rows in another order. "
                "Give the data and the options of the first run."
            )
        return None


def other_columns(before: Sequence[str], now: Sequence[str]) -> str:
    """How the columns of the data differ from those that a net was trained on, as a sentence about the net."""
    new, gone = [name for name in now if name not in {*before}], [name for name in before if name not in {*now}]
    if not new and not gone:
        return f"was trained on the columns in another order: {listed(before)}."
    parts = [f"{word} {listed(names)}" for word, names in (("without", new), ("with", gone)) if names]
    advice = "Give the data of the first run." if gone else "Leave out what is new (--ignore)."
    return f"was trained {' and '.join(parts)}. {advice}"


def _digest(values: npt.NDArray[Any]) -> str:
    """Of numbers by value (NaN is one number, and so is 0), of labels by what they are."""
    if values.dtype == np.float64:
        plain = np.where(np.isnan(values), np.nan, values + 0.0).astype("<f8").tobytes()
    else:
        plain = json.dumps(values.tolist()).encode()
    return hashlib.blake2b(plain, digest_size=16).hexdigest()
