"""Model files: an ``.npz`` of plain arrays and a JSON manifest, read with distrust.

A file is a zip archive whose members are stored as they are, not compressed: ``manifest.json`` and an ``.npy``
for each array. So no member is larger than the file, every byte of content stands under a checksum, and shapes are
compared with the manifest before an array is made. Nothing is ever unpickled, and no name inside is used as a path.
"""

from __future__ import annotations

import io
import itertools
import json
import math
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

import minigraph as mg
from minigraph.values import Array

from .errors import ModelFileError
from .manifest import DAMAGED, Manifest, Unreadable
from .names import plain_names
from .net_graph import NetGraph
from .standardization import Standardization
from .training_state import History, State, TrainedOn

N = TypeVar("N", bound=NetGraph)

FORMAT, VERSION = "minigraph model", 2
"""Version 1, of minigraph 0.1.0, had no optimiser but plain descent, and says nothing of it."""
LARGEST = 1 << 30
"""Bytes of the largest file that is read."""
MODEL_FILE = "the model file that net.save or train wrote"
HISTORY = ("cost", "gradient_norm", "seconds", "validation_cost")


@dataclass(frozen=True)
class Contents:
    """What a model file holds.

    Attributes:
        kind: of the net, by name.
        settings: the arguments that make a net like it.
        parameters: their names, in order; their values are in the state.
        labels: of the classes; () for numbers.
        standardization: of the features.
        target_scaling: of the targets.
        state: where training stands.
        history: how it came there.
        feature_means: see `minigraph.models.Net`, as the others.
        feature_names: see there.
        target_name: see there.
        missing_words: see there.
        trained_on: see there.
    """

    kind: str
    settings: dict[str, Any]
    parameters: tuple[str, ...]
    labels: tuple[Any, ...]
    standardization: Standardization
    target_scaling: Standardization
    state: State
    history: History
    feature_means: Array | None
    feature_names: tuple[str, ...] | None
    target_name: str | None
    missing_words: tuple[str, ...] | None
    trained_on: TrainedOn | None


def to_bytes(contents: Contents) -> bytes:
    """A model file of these contents."""
    state, columns = contents.state, contents.history.columns()
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "minigraph": mg.__version__,
        "kind": contents.kind,
        "settings": contents.settings,
        "labels": contents.labels,
        "feature_names": contents.feature_names,
        "target_name": contents.target_name,
        "epochs": state.epochs,
        "history": list(columns),
        "shuffling": state.shuffling,
        "optimiser": state.optimiser,
        "memory": {of: {name: np.shape(array) for name, array in own.items()} for of, own in state.memory.items()},
        "missing_words": contents.missing_words,
        "trained_on": None if contents.trained_on is None else contents.trained_on.as_dict(),
    }
    arrays = {
        **dict(zip(contents.parameters, state.values, strict=True)),
        **{f"{of}.{name}": array for of, own in state.memory.items() for name, array in own.items()},
        "feature_mean": contents.standardization.mean,
        "feature_scale": contents.standardization.scale,
        "target_mean": contents.target_scaling.mean,
        "target_scale": contents.target_scaling.scale,
        "history": np.array([*columns.values()], dtype=np.float64).reshape(len(columns), state.epochs),
    }
    if contents.feature_means is not None:
        arrays["feature_means"] = contents.feature_means
    file = io.BytesIO()
    _write(file, json.dumps(manifest, indent=1, allow_nan=False), arrays)
    return file.getvalue()


def _write(file: Any, manifest: str, arrays: dict[str, Array]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("manifest.json"), manifest)
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(array, order="C"), version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue())


def read(raw: bytes, path: str, kinds: Mapping[str, Callable[..., N]]) -> tuple[N, Contents]:
    """What `to_bytes` gave: a new net of these settings, and the contents that it can take up.

    Args:
        raw: the bytes.
        path: for messages.
        kinds: what makes a net, by the name of its kind.

    Raises:
        ModelFileError: if they are anything else.
    """
    try:
        return _read(_members(raw), kinds)
    except Unreadable as why:
        raise ModelFileError(f"{path}: {why}") from None


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


def _read(members: dict[str, bytes], kinds: Mapping[str, Callable[..., N]]) -> tuple[N, Contents]:
    if "manifest.json" not in members:
        raise Unreadable("an archive without a manifest, not a model file. Give the file that net.save or train wrote.")
    manifest = Manifest.parse(members["manifest.json"], FORMAT, VERSION)
    net = _build(manifest, sum(map(len, members.values())), kinds)
    features, outputs, epochs = manifest.sizes()[0], net.head.outputs, manifest.whole("epochs")

    def array(name: str, *shape: int) -> Array:
        return _array(members.get(f"{name}.npy", b""), name, shape)

    def scaling(of: str, rows: int) -> Standardization:
        mean, scale = array(f"{of}_mean", rows, 1), array(f"{of}_scale", rows, 1)
        if not (np.isfinite(mean).all() and np.isfinite(scale).all() and (scale > 0).all()):
            raise Unreadable(f"the scale of its {of}s is not finite and above 0: {DAMAGED}")
        return Standardization(mean, scale)

    values = tuple(array(str(node.name), *node.shape) for node in net.parameters)
    if not all(np.isfinite(value).all() for value in values):
        raise Unreadable(f"its parameters are not finite numbers: {DAMAGED}")
    remembered = {
        of: {name: array(f"{of}.{name}", *shape) for name, shape in own.items()}
        for of, own in manifest.memory([str(node.name) for node in net.parameters]).items()
    }
    if not all(np.isfinite(value).all() for own in remembered.values() for value in own.values()):
        raise Unreadable(f"what its optimiser remembers is not finite: {DAMAGED}")
    columns = manifest.get("history", list)
    if columns not in (list(HISTORY), list(HISTORY[:-1])):
        manifest.refuse("history")
    rows = array("history", len(columns), epochs).tolist()
    means = array("feature_means", features, 1) if "feature_means.npy" in members else None
    if means is not None and not np.isfinite(means).all():
        raise Unreadable(f"the means of its features are not finite: {DAMAGED}")
    names = manifest.names("feature_names", features)
    return net, Contents(
        kind=manifest.get("kind", str),
        settings=manifest.get("settings", dict),
        parameters=tuple(str(node.name) for node in net.parameters),
        labels=manifest.labels("labels", net.head.classes),
        standardization=scaling("feature", features),
        target_scaling=scaling("target", outputs),
        state=State(values, manifest.shuffling(), epochs, manifest.optimiser(), remembered),
        history=History(**dict(zip(columns, rows, strict=True))),
        feature_means=means,
        feature_names=None if names is None else plain_names(names),  # older versions kept blanks around them
        target_name=manifest.text_or_none("target_name"),
        missing_words=manifest.texts_or_none("missing_words"),
        trained_on=_trained_on(manifest),
    )


def _trained_on(manifest: Manifest) -> TrainedOn | None:
    if manifest.entries.get("trained_on") is None:
        return None
    try:
        return TrainedOn.from_dict(manifest.get("trained_on", dict))
    except ValueError:
        manifest.refuse("trained_on")


def _build(manifest: Manifest, size: int, kinds: Mapping[str, Callable[..., N]]) -> N:
    """The net that the settings describe, made only if the file is large enough to hold its parameters."""
    sizes = manifest.sizes()
    count = sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(sizes))
    if count * 8 > size:
        raise Unreadable(f"its settings ask for {count:,} parameters, more than the file holds: {DAMAGED}")
    if (named := manifest.get("kind", str)) not in kinds:
        manifest.refuse("kind")
    try:
        return kinds[named](**manifest.get("settings", dict))
    except (TypeError, ValueError) as error:
        raise Unreadable(f"its settings make no net ({error}): {DAMAGED}") from None


def _array(member: bytes, name: str, shape: tuple[int, ...]) -> Array:
    """The array of a member, if it is of this shape; its header is compared before an array is made."""
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
