"""Files of text, written whole, and files of unknown size, read with a bound."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path

from minigraph.files import replace_file

from .errors import DataError

CHUNK = 1 << 20


def read_bounded(path: str | os.PathLike[str], most: int, what: str) -> bytes:
    """The bytes of a file or a pipe, at most so many.

    Raises:
        DataError: if it is a folder or a device, or larger.
        OSError: if it can't be read.
    """
    found = os.stat(path)
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISFIFO(found.st_mode)):
        raise DataError(f"{path} is not a file. Give {what}.")
    content = io.BytesIO()  # grows in place, and gives its bytes without copying them
    size = found.st_size
    with open(path, "rb") as file:
        while size <= most and content.write(file.read(CHUNK)):  # a pipe does not know its size, and a file may grow
            size = max(size, content.tell())
    if size > most:
        raise DataError(f"{path} is larger than {most >> 20} MiB. Give {what}, of at most that size.")
    return content.getvalue()


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """`replace_file` with text, as UTF-8, line ends as they are."""
    return replace_file(path, lambda file: file.write(text.encode("utf-8")))
