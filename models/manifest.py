"""The manifest of a model file: JSON that is checked word by word as it is read."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import numpy as np

from .optimisers import GradientDescent

T = TypeVar("T")

DAMAGED = "damaged or cut short. Take a copy, or train again."


class Unreadable(Exception):
    """Why a file can't be loaded."""


@dataclass(frozen=True)
class Manifest:
    """What a manifest says; every question either gets an answer of the right type or raises `Unreadable`."""

    entries: dict[str, Any]

    @classmethod
    def parse(cls, raw: bytes, format: str, version: int) -> Manifest:
        """The manifest in these bytes, if it is of this format and not newer than this version."""
        try:
            entries = json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{DAMAGED} (its manifest is no JSON: {error})") from None
        if not isinstance(entries, dict) or entries.get("format") != format:
            raise Unreadable("not a model file: its manifest is of another format. Give the file that train wrote.")
        manifest = cls(entries)
        found = manifest.whole("version")
        if found > version:
            written = manifest.get("minigraph", str)
            raise Unreadable(
                f"written by minigraph {written} in format {found}, but this one reads up to {version}. Update minigraph."
            )
        return manifest

    def get(self, name: str, kind: type[T]) -> T:
        """The entry of that name and type."""
        value = self.entries.get(name)
        if not isinstance(value, kind):
            self.refuse(name)
        return value

    def whole(self, name: str) -> int:
        """A whole number from 0."""
        value = self.get(name, int)
        if isinstance(value, bool) or not 0 <= value < 2**53:
            self.refuse(name)
        return value

    def text_or_none(self, name: str) -> str | None:
        """Text, or None."""
        return None if self.entries.get(name) is None else self.get(name, str)

    def texts_or_none(self, name: str) -> tuple[str, ...] | None:
        """Texts, or None."""
        if self.entries.get(name) is None:
            return None
        values = self.get(name, list)
        if not all(isinstance(value, str) for value in values):
            self.refuse(name)
        return tuple(values)

    def names(self, name: str, count: int) -> tuple[str, ...] | None:
        """So many texts, or None."""
        values = self.texts_or_none(name)
        if values is not None and len(values) != count:
            self.refuse(name)
        return values

    def labels(self, name: str, count: int) -> tuple[Any, ...]:
        """So many labels, all different: text or numbers."""
        values = self.get(name, list)
        good = all(isinstance(value, str | int | float) and not isinstance(value, bool) for value in values)
        if not good or len(values) != count or len(set(values)) != count:
            self.refuse(name)
        return tuple(values)

    def sizes(self) -> list[int]:
        """Units of each layer, as the settings say."""
        settings = self.get("settings", dict)
        sizes = settings.get("sizes", [settings.get("features"), 1])
        if not isinstance(sizes, list) or not all(type(size) is int and 0 < size < 2**53 for size in sizes):
            self.refuse("settings")
        return sizes

    def shuffling(self) -> dict[str, Any]:
        """A state that NumPy's generator takes."""
        state = self.get("shuffling", dict)
        try:
            np.random.default_rng().bit_generator.state = state
        except (TypeError, ValueError, KeyError, OverflowError, AttributeError):
            self.refuse("shuffling")
        return state

    def optimiser(self) -> str:
        """The name of the optimiser; plain descent where none is named, as in version 1."""
        return self.get("optimiser", str) if self.whole("version") > 1 else GradientDescent().name

    def memory(self, parameters: Sequence[str]) -> dict[str, dict[str, tuple[int, ...]]]:
        """The shapes of the arrays that the optimiser remembers of each parameter, by name; none in version 1."""
        if self.whole("version") == 1:
            return {name: {} for name in parameters}
        shapes = self.get("memory", dict)
        if [*shapes] != [*parameters] or not all(isinstance(own, dict) for own in shapes.values()):
            self.refuse("memory")
        for shape in itertools.chain.from_iterable(own.values() for own in shapes.values()):
            if not isinstance(shape, list) or not all(type(size) is int and 0 <= size < 2**53 for size in shape):
                self.refuse("memory")
        return {of: {name: tuple(shape) for name, shape in own.items()} for of, own in shapes.items()}

    def refuse(self, name: str) -> NoReturn:
        """Say which entry is wrong."""
        raise Unreadable(f"the entry {name!r} of its manifest is missing or wrong: {DAMAGED}")


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")
