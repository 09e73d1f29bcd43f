"""What training leaves: its history, its state, from which it can go on, and what the data were."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from minigraph import Node
from minigraph.core.lazy_imports import Displayed
from minigraph.reading.numbers import cut, rounded
from minigraph.reading.report_parts import Curve, Part, Table
from minigraph.values import Array

from .datasets import Dataset
from .errors import listed
from .optimisers import Optimiser
from .tables import csv_text

COLUMNS = ("cost", "gradient_norm", "seconds", "validation_cost")
"""Of a history, each with one number per epoch; the last may be empty."""
TREND = 10
"""How the cost changes in the end is told by the means over so many last epochs, and so many before."""
SHOWN_EPOCHS = 4
"""A notebook shows the numbers of so many first and last epochs."""


@dataclass
class History(Displayed):
    """One number per epoch in each list.

    Attributes:
        cost: the mean loss over the epoch's examples, each measured just before the step that used it; with batch
            gradient descent, J before the step.
        gradient_norm: the length of the gradient by all parameters together, averaged over the epoch's steps.
        seconds: time that the epoch took.
        validation_cost: J on the validation part after the epoch; NaN for epochs without one, empty if there is none.
        kept: the epoch after which the net has its parameters, if that is not the last: the best one, with patience.
    """

    cost: list[float] = field(default_factory=list)
    gradient_norm: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    validation_cost: list[float] = field(default_factory=list)
    kept: int | None = None

    def __len__(self) -> int:
        return len(self.cost)

    def __repr__(self) -> str:
        if not self.cost:
            return "<history of 0 epochs>"
        kept = "" if self.kept is None else f"; the net is as after epoch {self.kept}, the best on the validation part"
        costs = f"cost {self.cost[0]:.4g} → {self.cost[-1]:.4g}"
        return f"<history of {len(self)} epochs: {costs}, {sum(self.seconds):.1f} s{kept}>"

    def _parts(self) -> list[Part]:
        """The cost as a curve, and the numbers of a few epochs: what a notebook shows."""
        if not self.cost:
            return [repr(self).strip("<>")]
        columns = {name: numbers for name, numbers in self.columns().items() if name != "seconds"}
        costs = {name.replace("_", " "): numbers for name, numbers in columns.items() if name.endswith("cost")}
        rows = [("epoch", *(name.replace("_", " ") for name in columns))]
        for epoch, left_out in cut(range(len(self)), 2 * SHOWN_EPOCHS, SHOWN_EPOCHS, SHOWN_EPOCHS):
            if left_out:
                rows.append((f"… {left_out:,} more …",))
            rows.append((f"{epoch + 1:,}", *(rounded(column[epoch]) for column in columns.values())))
        return [repr(self).strip("<>"), Curve("cost by epoch", costs), Table(tuple(rows), is_counted=True)]

    def columns(self) -> dict[str, list[float]]:
        """The lists that are kept, by name."""
        return {name: getattr(self, name) for name in COLUMNS if name != "validation_cost" or self.validation_cost}

    def append(self, cost: float, gradient_norm: float, seconds: float, validation_cost: float | None) -> None:
        """Add an epoch."""
        if validation_cost is not None or self.validation_cost:  # NaN for epochs without one
            unknown = [math.nan] * (len(self) - len(self.validation_cost))
            self.validation_cost += [*unknown, math.nan if validation_cost is None else validation_cost]
        self.seconds.append(seconds)
        self.gradient_norm.append(gradient_norm)
        self.cost.append(cost)

    def truncate(self, epochs: int) -> None:
        """Forget what came after so many epochs."""
        for name in COLUMNS:
            del getattr(self, name)[epochs:]
        if self.kept is not None and epochs <= self.kept:
            self.kept = None

    def fall(self) -> tuple[float, int] | None:
        """The share by which the cost fell in the last epochs, and in how many; None if that is less than a hundredth.

        Example:
            >>> History(cost=[2.0**-epoch for epoch in range(8)]).fall()
            (0.9375, 4)
        """
        span = min(TREND, len(self) // 2)
        if span < 2:
            return None
        before, last = float(np.mean(self.cost[-2 * span : -span])), float(np.mean(self.cost[-span:]))
        matters = before > 0.001 * self.cost[0]  # below that there is hardly anything left to fall
        return (1 - last / before, span) if matters and last < 0.99 * before else None

    def rises_elsewhere(self, span: int) -> bool:
        """Whether the cost on the validation part rose in so many last epochs."""
        noted = self.validation_cost
        return bool(noted) and float(np.mean(noted[-span:])) > float(np.mean(noted[-2 * span : -span]))

    def to_csv(self) -> str:
        """The history as CSV text: a header, then one line per epoch, numbers in full precision."""
        return csv_text({"epoch": range(1, len(self) + 1), **self.columns()})


@dataclass(frozen=True)
class State:
    """Where training stood at the end of an epoch: all that going on from there needs.

    Attributes:
        values: of the parameters.
        shuffling: the state of the generator that shuffles, as NumPy's bit generators give it.
        epochs: how many were completed.
        optimiser: the name of the one that trains.
        memory: what it remembers, by the name of the parameter and its own.
    """

    values: tuple[Array, ...]
    shuffling: Mapping[str, Any]
    epochs: int
    optimiser: str
    memory: Mapping[str, Mapping[str, Array]]

    @classmethod
    def first(cls, parameters: Sequence[Node], shuffler: np.random.Generator, optimiser: Optimiser) -> State:
        """Before the first epoch, with the parameters as they are now."""
        values, memory = tuple(node.value for node in parameters), _first_memory(parameters, optimiser)
        return cls(values, shuffler.bit_generator.state, 0, optimiser.name, memory)

    def refuse_other(self, parameters: Sequence[Node], optimiser: Optimiser) -> None:
        """Refuse an optimiser that can't go on from here, since it remembers other things."""
        if self.optimiser != optimiser.name:
            raise ValueError(
                f"resume: the net was trained by {self.optimiser!r}, and {optimiser.name!r} can't go on with what that "
                "remembers. Give the same optimiser, or fit without resume."
            )
        before, now = _shapes(self.memory), _shapes(_first_memory(parameters, optimiser))
        if before != now:
            raise ValueError(
                f"resume: {optimiser.name!r} remembers {now}, but when it trained the net it remembered {before}. "
                "Give the same optimiser, or fit without resume."
            )

    def shuffler(self) -> np.random.Generator:
        """The generator that shuffles from here on."""
        generator = np.random.default_rng()
        generator.bit_generator.state = self.shuffling
        return generator

    def restore(self, parameters: Sequence[Node]) -> None:
        """Make the parameters what they were."""
        for node, value in zip(parameters, self.values, strict=True):
            node.value = value


def _first_memory(parameters: Sequence[Node], optimiser: Optimiser) -> dict[str, dict[str, Array]]:
    """What the optimiser remembers before the first step."""
    return {
        str(node.name): {name: np.array(array, np.float64) for name, array in optimiser.memory(node.value).items()}
        for node in parameters
    }


def _shapes(memory: Mapping[str, Mapping[str, Array]]) -> dict[str, tuple[int, ...]]:
    return {f"{parameter}.{name}": np.shape(array) for parameter, own in memory.items() for name, array in own.items()}


@dataclass(frozen=True)
class TrainedOn:
    """The data of a training and their split.

    Attributes:
        held_out: the share of the rows that was held out; 0 where another file was.
        validation: the share of the others that validated; 0 for none.
        stratified: whether each part has as much of each class.
        rows: how many there were.
        target: the column that was to be predicted.
        columns: of each column, the target too, a digest of its cells.
    """

    held_out: float
    rows: int
    target: str
    columns: dict[str, str]
    validation: float = 0.0
    stratified: bool = False

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the features, in order."""
        return tuple(name for name in self.columns if name != self.target)

    @classmethod
    def of(cls, data: Dataset, held_out: float, validation: float = 0.0, stratified: bool = False) -> TrainedOn:
        """What identifies these data; missing cells are NaN."""
        columns = {name: _digest(row) for name, row in zip(data.feature_names, data.X, strict=True)}
        target = data.target_names[0]
        return cls(held_out, len(data), target, columns | {target: _digest(data.Y[0])}, validation, stratified)

    @classmethod
    def from_dict(cls, entries: Mapping[str, Any]) -> TrainedOn | None:
        """What `dataclasses.asdict` gave; None if it is anything else."""
        kinds = {"held_out": float, "rows": int, "target": str, "columns": dict, "validation": float, "stratified": bool}
        entries = {"validation": 0.0, "stratified": False, **entries}  # as an older file means it
        if entries.keys() != kinds.keys() or not all(isinstance(entries[name], kind) for name, kind in kinds.items()):
            return None
        return cls(**entries) if all(isinstance(digest, str) for digest in entries["columns"].values()) else None

    def difference(self, now: TrainedOn) -> str | None:
        """What differs now, as a sentence about the net that names the column or the option; None if nothing does."""
        if self.features != now.features:
            return other_columns(self.features, now.features)
        if self.rows != now.rows:
            return (
                f"was trained on {self.rows} rows, and there are {now.rows} now. "
                "Give the data and the options of the first run."
            )
        if not self.held_out and now.held_out:
            return "was trained on all rows, with a file for --held-out. Give one again."
        if self.held_out != now.held_out:
            return f"was trained with --held-out {self.held_out:g}, which decides the split. Give it again."
        if self.validation != now.validation:
            first = f"with --validation {self.validation:g}" if self.validation else "without --validation and --patience"
            return f"was trained {first}, which decides the split. Do so again."
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
