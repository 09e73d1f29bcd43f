"""Files of text, written whole, and files of unknown size, read with a bound."""

from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path
from typing import BinaryIO

from minigraph.files import replace_file

from .errors import DataError

CHUNK = 1 << 20
STANDARD_INPUT = "standard input"
"""What it is called in messages."""


def read_bounded(path: str | os.PathLike[str], most: int, what: str) -> bytes:
    """The bytes of a file or a pipe, at most so many; folders and devices are refused."""
    found = os.stat(path)
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISFIFO(found.st_mode)):
        raise DataError(f"{path} is not a file. Give {what}.")
    with open(path, "rb") as file:
        return _bounded(file, found.st_size, most, str(path), what)


def read_standard_input(most: int, what: str) -> bytes:
    """The bytes that standard input still holds, at most so many."""
    if sys.stdin is None or sys.stdin.closed:
        raise DataError(f"{STANDARD_INPUT} is closed. Give {what}.")
    return _bounded(sys.stdin.buffer, 0, most, STANDARD_INPUT, what)


def _bounded(file: BinaryIO, size: int, most: int, name: str, what: str) -> bytes:
    content = io.BytesIO()  # grows in place, and gives its bytes without copying them
    while size <= most and content.write(file.read(CHUNK)):  # a pipe does not know its size, and a file may grow
        size = max(size, content.tell())
    if size > most:
        raise DataError(f"{name} is larger than {most >> 20} MiB. Give {what}, of at most that size.")
    return content.getvalue()


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """`replace_file` with text, as UTF-8, line ends as they are."""
    return replace_file(path, lambda file: file.write(text.encode("utf-8")))
