"""Model files: an ``.npz`` of plain arrays and a JSON manifest, read with distrust.

A file is a zip archive whose members are stored as they are, not compressed: ``manifest.json`` and an ``.npy``
for each array. So no member is larger than the file, every byte of content stands under a checksum, and shapes are
compared with the manifest before an array is made. Nothing is ever unpickled, and no name inside is used as a path.
What a net writes into it, and how it is made from that, is in `stored_net`.
"""

from __future__ import annotations

import io
import itertools
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import numpy as np

import minigraph as mg
from minigraph.values import Array

from .names_and_labels import are_labels
from .optimisers import GradientDescent

T = TypeVar("T")

FORMAT, VERSION = "minigraph model", 2
"""Version 1, of minigraph 0.1.0, had no optimiser but plain descent, and says nothing of it."""
LARGEST = 1 << 30
"""Bytes of the largest file that is read."""
MODEL = "model.npz"
"""The model in the folder that ``train`` writes."""
MODEL_FILE = "the model file that net.save or train wrote"
DAMAGED = "damaged or cut short. Take a copy, or train again."


def to_bytes(entries: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """A model file with these entries of the manifest, beside those of every file, and these arrays."""
    manifest = {"format": FORMAT, "version": VERSION, "minigraph": mg.__version__, **entries}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("manifest.json"), json.dumps(manifest, indent=1, allow_nan=False))
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(array, order="C"), version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue())
    return file.getvalue()


class Unreadable(Exception):
    """Why a file can't be loaded."""


@dataclass(frozen=True)
class ModelFile:
    """What a file says; every question either gets an answer of the right type or raises `Unreadable`.

    Attributes:
        entries: of the manifest.
        members: the bytes of the archive's members, by name.
    """

    entries: dict[str, Any]
    members: dict[str, bytes]

    @classmethod
    def parse(cls, raw: bytes) -> ModelFile:
        """The file in these bytes, if it is one, and not of a newer version."""
        members = _members(raw)
        if "manifest.json" not in members:
            raise Unreadable("an archive without a manifest, not a model file. Give the file that net.save or train wrote.")
        try:
            entries = json.loads(members["manifest.json"].decode("utf-8"), parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise Unreadable(f"{DAMAGED} (its manifest is not JSON: {error})") from None
        if not isinstance(entries, dict) or entries.get("format") != FORMAT:
            raise Unreadable("not a model file: its manifest is of another format. Give the file that train wrote.")
        file = cls(entries, members)
        if (version := file.whole("version")) > VERSION:
            written = file.get("minigraph", str)
            raise Unreadable(
                f"written by minigraph {written} in format {version}, but this one reads up to {VERSION}. Update minigraph."
            )
        return file

    def refuse(self, name: str) -> NoReturn:
        """Say which entry is wrong."""
        raise Unreadable(f"the entry {name!r} of its manifest is missing or wrong: {DAMAGED}")

    def get(self, name: str, kind: type[T]) -> T:
        """The entry of that name and type."""
        value = self.entries.get(name)
        if not isinstance(value, kind):
            self.refuse(name)
        return value

    def get_or_none(self, name: str, kind: type[T]) -> T | None:
        """The entry of that name and type, or None."""
        return None if self.entries.get(name) is None else self.get(name, kind)

    def whole(self, name: str) -> int:
        """A whole number from 0."""
        value = self.get(name, int)
        if isinstance(value, bool) or not 0 <= value < 2**53:
            self.refuse(name)
        return value

    def texts_or_none(self, name: str, count: int | None = None) -> tuple[str, ...] | None:
        """Texts, so many if that is known, or None."""
        values = self.get_or_none(name, list)
        if values is None:
            return None
        if not all(isinstance(value, str) for value in values) or count not in (None, len(values)):
            self.refuse(name)
        return tuple(values)

    def labels(self, count: int) -> tuple[Any, ...]:
        """So many labels, all different: text or numbers."""
        values = self.get("labels", list)
        if len(values) != count or not are_labels(values):
            self.refuse("labels")
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

    def memory(self, parameters: Sequence[str]) -> dict[str, dict[str, Array]]:
        """What the optimiser remembers of each parameter, by name; nothing in version 1."""
        if self.whole("version") == 1:
            return {name: {} for name in parameters}
        shapes = self.get("memory", dict)
        if [*shapes] != [*parameters] or not all(isinstance(own, dict) for own in shapes.values()):
            self.refuse("memory")
        for shape in itertools.chain.from_iterable(own.values() for own in shapes.values()):
            if not isinstance(shape, list) or not all(type(size) is int and 0 <= size < 2**53 for size in shape):
                self.refuse("memory")
        wrong = "what its optimiser remembers is not finite"
        return {
            of: {name: self.finite(f"{of}.{name}", *shape, otherwise=wrong) for name, shape in own.items()}
            for of, own in shapes.items()
        }

    def array(self, name: str, *shape: int) -> Array:
        """The array of that name, if it is of this shape; its header is compared before an array is made."""
        member = self.members.get(f"{name}.npy", b"")
        stream = io.BytesIO(member)
        try:
            if np.lib.format.read_magic(stream) != (1, 0):
                raise ValueError("another version of .npy")
            declared, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
        except (ValueError, TypeError, SyntaxError, OverflowError, RecursionError, MemoryError, EOFError) as error:
            raise Unreadable(f"its array {name!r} is missing or unreadable ({error}): {DAMAGED}") from None
        content = member[stream.tell() :]
        if (declared, fortran, dtype.str) != (shape, False, "<f8") or len(content) != 8 * math.prod(shape):
            raise Unreadable(f"its array {name!r} is {declared} of {dtype.str}, not {shape} of <f8: {DAMAGED}")
        return np.frombuffer(content, dtype=np.float64).reshape(shape).copy()

    def finite(self, name: str, *shape: int, otherwise: str) -> Array:
        """`array` of finite numbers; what is said otherwise."""
        array = self.array(name, *shape)
        if not np.isfinite(array).all():
            raise Unreadable(f"{otherwise}: {DAMAGED}")
        return array


def _members(raw: bytes) -> dict[str, bytes]:
    """The members of the archive, by name."""
    if not raw.startswith(b"PK"):
        raise Unreadable("not a model file (no .npz archive). Give the file that net.save or train wrote.")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            infos = archive.infolist()
            if any(info.compress_type != zipfile.ZIP_STORED for info in infos):
                raise Unreadable("its members are compressed, which a model file's never are: it is another archive.")
            if sum(info.file_size for info in infos) > len(raw):
                raise Unreadable(f"its members claim more bytes than the file has: {DAMAGED}")
            return {info.filename: archive.read(info) for info in infos}
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, RuntimeError, NotImplementedError) as error:
        raise Unreadable(f"{DAMAGED} ({error})") from None


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")
