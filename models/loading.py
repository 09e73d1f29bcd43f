"""Loading: the net of a model file, of the kind that the file names."""

from __future__ import annotations

import os
from pathlib import Path

from .bounded_files import read_bounded
from .deep_net import DeepNet
from .errors import DataError, ModelFileError, nearest
from .logistic_regression import LogisticRegression
from .model_file import LARGEST, MODEL_FILE
from .nets import Net
from .stored_net import restored

KINDS: dict[str, type[Net]] = {kind.kind: kind for kind in (DeepNet, LogisticRegression)}


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
        raw = read_bounded(path, LARGEST, MODEL_FILE)
    except DataError as error:
        raise ModelFileError(f"{error}{_inside(path)}") from None
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {str(path)!r}.{_beside(path)} Give {MODEL_FILE}.") from None
    return load_bytes(raw, str(path))


def load_bytes(raw: bytes, path: str) -> Net:
    """The net in the bytes of a model file; ``path`` is for messages.

    Raises:
        ModelFileError: if they are anything else.
    """
    return restored(raw, path, KINDS)


def _inside(path: str | os.PathLike[str]) -> str:
    """The model in a folder that was given for it."""
    model = Path(path) / "model.npz"
    return f" Is {model} meant?" if model.is_file() else ""


def _beside(path: str | os.PathLike[str]) -> str:
    """A model file in the same folder, of a similar name."""
    folder = Path(path).parent
    names = [entry.name for entry in sorted(folder.glob("*.npz"))]
    return nearest(Path(path).name, names)
