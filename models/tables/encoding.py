"""An encoding: what each column of a table becomes in X, as learnt on the training part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from minigraph.values import Array

from ..errors import DataError, listed
from ..names_and_labels import find_columns
from .cells import number
from .features import KINDS, Categories, Feature, Number, Ordered, shown
from .frames import frame_columns

MOST_CATEGORIES = 20
"""So many categories of a column have a feature of their own; rarer ones are ``other``."""
FILLS = ("refuse", "drop", "mean", "median", "category")
"""What may become of a missing cell."""


@dataclass(frozen=True)
class Encoding:
    """Columns of numbers and of text as rows of X: numbers as they are, ordered texts counted, categories one-hot.

    Attributes:
        features: what each column becomes, in order.

    Example:
        >>> frame = {"size": [10.0, 20.0, 30.0, 40.0], "colour": ["red", "blue", "red", "green"]}
        >>> encoding = Encoding.learn(frame)
        >>> encoding.names
        ('size', 'colour=blue', 'colour=green', 'colour=red')
        >>> encoding.encode({"colour": ["red", "pink"], "size": [25.0, 15.0]})
        array([[25.  , 15.  ],
               [ 0.  ,  0.25],
               [ 0.  ,  0.25],
               [ 1.  ,  0.5 ]])
    """

    features: tuple[Feature, ...]

    @classmethod
    def learn(
        cls,
        table: Any,
        *,
        ordinal: Mapping[str, Sequence[str]] | None = None,
        category: str | Sequence[str] = (),
        missing: str = "refuse",
        most: int = MOST_CATEGORIES,
    ) -> Self:
        """The encoding that fits a table: one of the training part, or held-out rows would be known in training.

        Args:
            table: a DataFrame (pandas, polars, or another with columns), a dict of columns, or `Columns`.
            ordinal: for columns whose texts have an order, the texts from low to high.
            category: columns whose numbers are labels, such as postal codes or months: names, or patterns such as ``zip*``.
            missing: what becomes of missing cells: ``mean`` and ``median`` of the column (of categories, their shares and
                the most frequent one), ``category`` for a feature that says so; ``refuse`` and ``drop`` leave them NaN.
            most: how many categories of a column have a feature, the most frequent ones.

        Raises:
            DataError: for a column without any value, for one in ``ordinal`` or ``category`` that does not exist, for text
                that can hardly be categories, and where two columns would have features of one name.
            ValueError: for another ``missing``.
        """
        if missing not in FILLS:
            raise ValueError(f"missing is {missing!r}: choose one of {', '.join(FILLS)}.")
        levels = dict(ordinal or {})
        labels = [category] if isinstance(category, str) else [*category]
        columns = frame_columns(table, as_text=levels, labels=labels)
        find_columns(columns.names, [*levels], "the table")
        features: list[Feature] = []
        for name, values, texts in zip(columns.names, columns.values, columns.texts, strict=True):
            if np.isnan(values).all():
                raise DataError(f"the column {name!r} is empty in the training part. Leave it out (--ignore).")
            if texts is None:
                features.append(Number.learnt(name, values, missing))
            elif name in levels:
                features.append(Ordered.learnt(name, levels[name], values, texts, missing))
            else:
                features.append(Categories.learnt(name, values, texts, missing, most))
        _refuse_one_name(features)
        return cls(tuple(features))

    @property
    def names(self) -> tuple[str, ...]:
        """What the rows of X are called."""
        return tuple(name for feature in self.features for name in feature.names)

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns that are read."""
        return tuple(feature.source for feature in self.features)

    @property
    def of_text(self) -> tuple[str, ...]:
        """Those that are read as text."""
        return tuple(feature.source for feature in self.features if feature.is_text)

    @property
    def is_plain(self) -> bool:
        """Whether X is the columns as they are, missing cells aside."""
        return all(isinstance(feature, Number) and not feature.flag for feature in self.features)

    def encode(self, table: Any) -> Array:
        """X, (features, rows); columns are found by name, others are left out.

        Raises:
            DataError: if a column is missing, or text is not a number.
        """
        columns = self.columns_of(table)
        rows = [feature.encode(*column) for feature, column in zip(self.features, columns, strict=True)]
        return np.concatenate(rows) if rows else np.empty((0, 0))

    def columns_of(self, table: Any) -> list[tuple[Array, tuple[str, ...] | None]]:
        """Values and texts of the columns that are read, in order."""
        columns = frame_columns(table, as_text=self.of_text, only=self.sources)
        chosen = columns.chosen(find_columns(columns.names, self.sources, "the table"))
        for feature, texts in zip(self.features, chosen.texts, strict=True):
            if texts is not None and not feature.is_text:
                strange = [text for text in texts if number(text) is None]
                what = listed(strange) if strange else f"numbers as text ({listed(texts, 2)})"
                raise DataError(f"the column {feature.source!r} holds {what}, but it held numbers in training.")
        return list(zip(chosen.values, chosen.texts, strict=True))

    def unfilled(self, values: Array) -> Array:
        """The values of the columns that are read, where 0 stands for each missing cell that the encoding fills."""
        filled = np.array([feature.fill is not None for feature in self.features])
        result: Array = np.where(np.isnan(values) & filled[:, None], 0.0, values)
        return result

    def strange(self, table: Any) -> list[str]:
        """A sentence for each column with categories that training has not seen."""
        found = []
        for feature, column in zip(self.features, self.columns_of(table), strict=True):
            if counts := feature.strange(*column):
                found.append(
                    f"the column {feature.source!r} holds categories that training has not seen, which say nothing: "
                    f"{shown(counts)}"
                )
        return found

    def entries(self) -> list[dict[str, Any]]:
        """What a model file keeps."""
        return [feature.entries() for feature in self.features]

    @classmethod
    def from_entries(cls, entries: Sequence[Any], count: int) -> Self | None:
        """What `entries` gave, if it makes so many rows of X; None for anything else."""
        features = []
        for entry in entries:
            kind = KINDS.get(str(entry.get("kind"))) if isinstance(entry, dict) else None
            feature = None if kind is None else kind.from_entries(entry)
            if feature is None:
                return None
            features.append(feature)
        encoding = cls(tuple(features))
        return encoding if len(encoding.names) == count and len(set(encoding.sources)) == len(features) else None


def _refuse_one_name(features: Sequence[Feature]) -> None:
    """Refuse two columns that give features of one name, as ``c`` with a category b and a column ``c=b`` do."""
    sources: dict[str, str] = {}
    for feature in features:
        for name in feature.names:
            if name in sources:
                first, second = sources[name], feature.source
                raise DataError(
                    f"the columns {first!r} and {second!r} would both have a feature that is called {name!r}. "
                    f"Give one of them another name, or leave one out."
                )
            sources[name] = feature.source
