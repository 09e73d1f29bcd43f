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
import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import minigraph as mg
from minigraph.files import replace_file

from .deep_net import DeepNet
from .errors import DataError, ModelFileError, nearest
from .files import read_bounded
from .history import History
from .logistic_regression import LogisticRegression
from .manifest import DAMAGED, Manifest, Unreadable
from .names import plain_names
from .nets import Net
from .standardization import Standardization
from .trained_on import TrainedOn
from .training import State

Array = npt.NDArray[np.float64]

FORMAT, VERSION = "minigraph model", 2
"""Version 1, of minigraph 0.1.0, had no optimiser but plain descent, and says nothing of it."""
LARGEST = 1 << 30
"""Bytes of the largest file that is read."""
KINDS: dict[str, type[Net]] = {"DeepNet": DeepNet, "LogisticRegression": LogisticRegression}
HISTORY = ("cost", "gradient_norm", "seconds", "validation_cost")


def save(net: Net, path: str | os.PathLike[str]) -> Path:
    """Write a net with all that predicting and going on training need; see `Net.save`."""
    raw = to_bytes(net)
    return replace_file(path, lambda file: file.write(raw))


def to_bytes(net: Net) -> bytes:
    """The content of the net's model file; parameters are as they are now, whoever set them."""
    state, standardization = net.state, net.standardization
    columns = net.history.columns()
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "minigraph": mg.__version__,
        "kind": next(name for name, kind in KINDS.items() if isinstance(net, kind)),
        "settings": net.settings(),
        "labels": net.head.labels,
        "feature_names": net.feature_names,
        "target_name": net.target_name,
        "epochs": state.epochs,
        "history": list(columns),
        "shuffling": state.shuffling,
        "optimiser": state.optimiser,
        "memory": {of: {name: np.shape(array) for name, array in own.items()} for of, own in state.memory.items()},
        "missing_words": None if net.missing_words is None else list(net.missing_words),
        "trained_on": None if net.trained_on is None else net.trained_on.as_dict(),
    }
    arrays = {
        **{str(node.name): node.value for node in net.parameters},
        **{f"{of}.{name}": array for of, own in state.memory.items() for name, array in own.items()},
        "feature_mean": standardization.mean,
        "feature_scale": standardization.scale,
        "target_mean": net.head.scaling.mean,
        "target_scale": net.head.scaling.scale,
        "history": np.array([*columns.values()], dtype=np.float64).reshape(len(columns), state.epochs),
    }
    if net.feature_means is not None:
        arrays["feature_means"] = net.feature_means
    text = json.dumps(manifest, indent=1, allow_nan=False)
    file = io.BytesIO()
    _write(file, text, arrays)
    return file.getvalue()


def _write(file: Any, manifest: str, arrays: dict[str, Array]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(zipfile.ZipInfo("manifest.json"), manifest)
        for name, array in arrays.items():
            member = io.BytesIO()
            np.lib.format.write_array(member, np.asarray(array, order="C"), version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), member.getvalue())


def load(path: str | os.PathLike[str]) -> Net:
    """Load the net that ``net.save(path)`` wrote.

    Returns:
        A net that predicts as the saved one, and goes on training with ``fit(…, resume=True)``.

    Raises:
        ModelFileError: if the file is damaged, truncated, foreign, or written by a newer version.
        OSError: if it can't be read.

    Example:
        >>> import tempfile, numpy as np
        >>> from minigraph.models import LogisticRegression, load
        >>> net = LogisticRegression().fit(np.array([[1.0, 2.0]]), [[0, 1]], epochs=5)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     again = load(net.save(f"{folder}/model.npz"))
        >>> again.predict(np.array([[1.0, 2.0]]))
        array([[0, 1]])
    """
    try:
        raw = read_bounded(path, LARGEST, "the model file that net.save or train wrote")
    except DataError as error:
        raise ModelFileError(f"{error}{_inside(path)}") from None
    except FileNotFoundError:
        raise FileNotFoundError(
            f"there is no file {str(path)!r}.{_beside(path)} Give the model file that net.save or train wrote."
        ) from None
    return from_bytes(raw, str(path))


def _inside(path: str | os.PathLike[str]) -> str:
    """The model in a folder that was given for it."""
    model = Path(path) / "model.npz"
    return f" Is {model} meant?" if model.is_file() else ""


def _beside(path: str | os.PathLike[str]) -> str:
    """A model file in the same folder, of a similar name."""
    folder = Path(path).parent
    names = [entry.name for entry in sorted(folder.glob("*.npz"))]
    return nearest(Path(path).name, names)


def from_bytes(raw: bytes, path: str, kind: type[Net] | None = None) -> Net:
    """The net in these bytes.

    Args:
        raw: what `to_bytes` gave.
        path: for messages.
        kind: the class of the net; by default the one that the file names.

    Raises:
        ModelFileError: if they are anything else.
    """
    try:
        return _read(_members(raw), kind)
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


def _read(members: dict[str, bytes], kind: type[Net] | None) -> Net:
    if "manifest.json" not in members:
        raise Unreadable("an archive without a manifest, not a model file. Give the file that net.save or train wrote.")
    manifest = Manifest.parse(members["manifest.json"], FORMAT, VERSION)
    net = _build(manifest, sum(map(len, members.values())), kind)
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
    net.feature_names = None if names is None else plain_names(names)  # older versions kept blanks around them
    net.target_name = manifest.text_or_none("target_name")
    net.missing_words = manifest.texts_or_none("missing_words")
    if manifest.entries.get("trained_on") is not None:
        try:
            net.trained_on = TrainedOn.from_dict(manifest.get("trained_on", dict))
        except ValueError:
            manifest.refuse("trained_on")
    net.head.labels = manifest.labels("labels", net.head.classes)
    net.head.scaling = scaling("target", outputs)
    net.take_up(
        scaling("feature", features),
        State(values, manifest.shuffling(), epochs, manifest.optimiser(), remembered),
        History(**dict(zip(columns, rows, strict=True))),
        means,
    )
    return net


def _build(manifest: Manifest, size: int, kind: type[Net] | None) -> Net:
    """The net that the settings describe, made only if the file is large enough to hold its parameters."""
    sizes = manifest.sizes()
    count = sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(sizes))
    if count * 8 > size:
        raise Unreadable(f"its settings ask for {count:,} parameters, more than the file holds: {DAMAGED}")
    if (named := manifest.get("kind", str)) not in KINDS:
        manifest.refuse("kind")
    try:
        return (kind or KINDS[named])(**manifest.get("settings", dict))
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
