"""What one column becomes: a number stays one, ordered texts are counted, categories are one-hot; as learnt in training."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Self

import numpy as np

from minigraph.values import Array

from ..errors import DataError, listed, shortened
from ..names_and_labels import PADDED
from .cells import is_number, number
from .columns import Texts

YES_AND_NO = {"yes": "yes", "no": "no", "true": "true", "false": "false", "y": "y", "n": "n", "t": "t", "f": "f"}
"""Texts whose case does not matter."""
OTHER, MISSING = "other", "missing"
"""How the features of all rarer categories, and of missing cells, are called."""


def plain_category(text: str) -> str:
    """A text as a category: YES is yes, and 3.0 is 3.

    Example:
        >>> plain_category("YES"), plain_category("3.0"), plain_category("03"), plain_category("Red")
        ('yes', '3', '03', 'Red')
    """
    value = None if PADDED.match(text) else number(text)
    whole = is_number(value) and math.isfinite(value) and value.is_integer()
    return f"{value:.0f}" if whole and value is not None else YES_AND_NO.get(text.lower(), text)


class Feature(ABC):
    """A column as rows of X.

    Attributes:
        kind: what model files call it.
        source: the name of the column.
        fill: what a missing cell becomes; None if it stays missing.
        is_text: whether the column is read as text.
    """

    kind: ClassVar[str]
    source: str
    fill: Any
    is_text: ClassVar[bool]

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """What its rows of X are called."""

    @abstractmethod
    def encode(self, values: Array, texts: Texts | None) -> Array:
        """The rows of X, (rows, examples), of a column as `Columns` holds it; NaN for what is missing and not filled in."""

    def strange(self, values: Array, texts: Texts | None) -> dict[str, int]:
        """Texts that are taken for something else, and how often."""
        return {}

    def entries(self) -> dict[str, Any]:
        """What a model file keeps, as plain Python."""
        return {"kind": self.kind, **asdict(self)}  # type: ignore[call-overload]

    @classmethod
    @abstractmethod
    def is_valid(cls, entries: Mapping[str, Any]) -> bool:
        """Whether entries of a file have the right types."""

    @classmethod
    def from_entries(cls, entries: Mapping[str, Any]) -> Self | None:
        """What `entries` gave; None for anything else."""
        own = {name: tuple(value) if isinstance(value, list) else value for name, value in entries.items() if name != "kind"}
        fields = cls.__dataclass_fields__  # type: ignore[attr-defined]
        return cls(**own) if own.keys() == fields.keys() and cls.is_valid(own) else None


def _is_finite(value: object) -> bool:
    return isinstance(value, float) and math.isfinite(value)


def _are_finite(values: object, count: int) -> bool:
    return isinstance(values, tuple) and len(values) == count and all(map(_is_finite, values))


def _are_texts(values: object) -> bool:
    return isinstance(values, tuple) and len({*values}) == len(values) > 0 and all(isinstance(v, str) for v in values)


@dataclass(frozen=True)
class Number(Feature):
    """A column of numbers.

    Attributes:
        source: the name of the column.
        fill: what a missing cell becomes; None if it stays missing.
        flag: whether a second row says which cells were missing.
    """

    kind = "number"
    is_text = False
    source: str
    fill: float | None = None
    flag: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What its rows of X are called."""
        return (self.source, f"{self.source}={MISSING}") if self.flag else (self.source,)

    @classmethod
    def learnt(cls, source: str, values: Array, missing: str) -> Number:
        """From a column of the training part, in which a value stands somewhere."""
        return cls(source, *_fill(values, missing))

    def encode(self, values: Array, texts: Texts | None) -> Array:
        """The rows of X of a column."""
        return _filled(values, self.fill, self.flag)

    @classmethod
    def is_valid(cls, entries: Mapping[str, Any]) -> bool:
        """Whether entries of a file have the right types."""
        fill = entries["fill"]
        return (
            isinstance(entries["source"], str) and isinstance(entries["flag"], bool) and (fill is None or _is_finite(fill))
        )


def _fill(values: Array, missing: str) -> tuple[float | None, bool]:
    """What a missing number becomes, and whether that is said beside it."""
    if missing not in ("mean", "median", "category"):
        return None, False
    fill = float(np.nanmedian(values) if missing == "median" else np.nanmean(values))
    return fill, missing == "category" and bool(np.isnan(values).any())


def _filled(values: Array, fill: float | None, flag: bool) -> Array:
    gone = np.isnan(values)
    rows = [values if fill is None else np.where(gone, fill, values)]
    return np.array([*rows, gone.astype(np.float64)] if flag else rows)


@dataclass(frozen=True)
class Ordered(Feature):
    """A column of texts that have an order: the place of each, from 0.

    Attributes:
        source: the name of the column.
        levels: the texts, in order.
        fill: what a missing cell becomes; None if it stays missing.
        flag: whether a second row says which cells were missing.
    """

    kind = "ordered"
    is_text = True
    source: str
    levels: tuple[str, ...]
    fill: float | None = None
    flag: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What its rows of X are called."""
        return (self.source, f"{self.source}={MISSING}") if self.flag else (self.source,)

    @classmethod
    def learnt(cls, source: str, levels: Sequence[str], values: Array, texts: Texts, missing: str) -> Ordered:
        """From a column of the training part, in which a value stands somewhere."""
        plain = cls(source, tuple(map(plain_category, levels)))
        return cls(source, plain.levels, *_fill(plain._places(values, texts), missing))

    def _places(self, values: Array, texts: Texts) -> Array:
        """Which level stands in each row; NaN for missing cells."""
        place = {level: float(i) for i, level in enumerate(self.levels)}
        unknown = [text for text in texts if plain_category(text) not in place]
        if unknown:
            order = ",".join([*self.levels, *unknown[:3]])
            raise DataError(
                f"the column {self.source!r} holds {listed(unknown)}, but its order has only {listed(self.levels)}. "
                f"Correct the cells, or name all, in order: --ordinal '{self.source}={order}'."
            )
        return _looked_up([place[plain_category(text)] for text in texts], values, np.nan)

    def encode(self, values: Array, texts: Texts | None) -> Array:
        """The rows of X of a column."""
        return _filled(self._places(values, texts or ()), self.fill, self.flag)

    @classmethod
    def is_valid(cls, entries: Mapping[str, Any]) -> bool:
        """Whether entries of a file have the right types."""
        return Number.is_valid(entries) and _are_texts(entries["levels"])


def _looked_up(meanings: Sequence[float], values: Array, missing: float) -> Array:
    """What each code means; NaN means ``missing``."""
    codes = np.where(np.isnan(values), len(meanings), values).astype(np.intp)
    found: Array = np.array([*meanings, missing])[codes]
    return found


@dataclass(frozen=True)
class Categories(Feature):
    """A column of categories: a row for each, 1 where it stands; of two, only the second has one.

    A category that training has not seen counts as one of the rarer ones; where there were none, it says nothing: each
    row holds the share of its category in the training part.

    Attributes:
        source: the name of the column.
        texts: the categories that have a row, in order.
        other: whether a row stands for all rarer ones.
        missing: whether a row stands for missing cells.
        shares: the mean of each row over the training part.
        fill: what the rows hold for a missing cell, unless that has its own; None if it stays missing.
    """

    kind = "categories"
    is_text = True
    source: str
    texts: tuple[str, ...]
    other: bool
    missing: bool
    shares: tuple[float, ...]
    fill: tuple[float, ...] | None

    @property
    def names(self) -> tuple[str, ...]:
        """What its rows of X are called."""
        return tuple(f"{self.source}={word}" for word in _words(self.texts, self.other, self.missing))

    @classmethod
    def learnt(cls, source: str, values: Array, texts: Texts, missing: str, most: int) -> Categories:
        """From a column of the training part, in which a value stands somewhere.

        Args:
            source: the name of the column.
            values: which text stands in each row, NaN for none.
            texts: the texts.
            missing: what becomes of missing cells.
            most: so many categories have a row, the most frequent ones.
        """
        known = values[~np.isnan(values)].astype(np.intp)
        counts = Counter[str]()
        for code, count in enumerate(np.bincount(known, minlength=len(texts)).tolist()):
            if count:
                counts[plain_category(texts[code])] += count
        own = missing == "category" and len(known) < len(values)
        ranked = sorted(counts, key=lambda text: (-counts[text], text))
        if own and len(ranked) > 1:  # the word and the empty cell say the same
            ranked = [text for text in ranked if text != MISSING]
        other = len(ranked) > most
        kept = sorted([text for text in ranked if not other or text != OTHER][:most])
        numbers = [(number(text), text) for text in kept]
        if all(is_number(value) for value, _ in numbers):
            kept = [text for _, text in sorted(numbers, key=lambda pair: (pair[0] or 0.0, pair[1]))]
        words = _words(kept, other, own)
        none = (0.0,) * len(words)
        rows = cls(source, tuple(kept), other, own, none, none).encode(values, texts)
        if not own:
            rows = rows[:, ~np.isnan(values)]
        shares = rows.mean(axis=1)
        fill = None
        if missing == "median":
            mode = max(kept, key=counts.__getitem__)
            fill = tuple(float(word == mode) for word in words)
        elif missing in ("mean", "category"):
            fill = tuple(shares.tolist())
        return cls(source, tuple(kept), other, own, tuple(shares.tolist()), fill)

    def encode(self, values: Array, texts: Texts | None) -> Array:
        """The rows of X of a column."""
        words, count = _words(self.texts, self.other, self.missing), len(self.texts)
        place = {MISSING: count + 1} if self.missing else {}
        place |= {text: i for i, text in enumerate(self.texts)}
        one_hot = {word: [float(word == own) for own in words] for word in (*self.texts, OTHER, MISSING)}
        other = [0.0] * len(self.texts) + [1.0] + [0.0] * self.missing if self.other else [*self.shares]
        gone = [*self.fill] if self.fill is not None else [np.nan] * len(words)
        if self.missing:
            gone = [0.0] * (len(words) - 1) + [1.0]
        meanings = [*(one_hot[text] for text in self.texts), other, gone]
        codes = [float(place.get(plain_category(text), count)) for text in texts or ()]
        rows: Array = np.array(meanings)[_looked_up(codes, values, count + 1).astype(np.intp)].T
        return rows

    def strange(self, values: Array, texts: Texts | None) -> dict[str, int]:
        """Categories that training has not seen, and how often."""
        if self.other:
            return {}
        counts = np.bincount(values[~np.isnan(values)].astype(np.intp), minlength=len(texts or ())).tolist()
        known = {*self.texts, *[MISSING] * self.missing}
        return {text: n for text, n in zip(texts or (), counts, strict=True) if n and plain_category(text) not in known}

    @classmethod
    def is_valid(cls, entries: Mapping[str, Any]) -> bool:
        """Whether entries of a file have the right types."""
        plain = isinstance(entries["source"], str) and _are_texts(entries["texts"])
        if not plain or not isinstance(entries["other"], bool) or not isinstance(entries["missing"], bool):
            return False
        count = len(_words(entries["texts"], entries["other"], entries["missing"]))
        return _are_finite(entries["shares"], count) and (entries["fill"] is None or _are_finite(entries["fill"], count))


def _words(texts: Sequence[str], other: bool, missing: bool) -> list[str]:
    """What the rows stand for."""
    if len(texts) == 2 and not other and not missing:
        return [texts[1]]
    return [*texts, *[OTHER] * other, *[MISSING] * missing]


def shown(counts: Mapping[str, int]) -> str:
    """Texts and how often each stands there."""
    return ", ".join(f"{shortened(text)} ({count} rows)" if count > 1 else shortened(text) for text, count in counts.items())


KINDS: dict[str, type[Feature]] = {kind.kind: kind for kind in (Number, Ordered, Categories)}
"""The kinds of features by the names in model files."""
