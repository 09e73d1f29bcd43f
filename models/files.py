"""Writing files so that nothing is ever half-written: a temporary file in the same folder, flushed, then renamed."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import IO

from .errors import DataError

CHUNK = 1 << 20


def replace_file(path: str | os.PathLike[str], write: Callable[[IO[bytes]], object]) -> Path:
    """Write a file anew, or leave what was there: a crash at any byte leaves the old file or the new one.

    Args:
        path: the file; where it is a link, what it points to is replaced.
        write: gets the open file, and writes into it.

    Returns:
        The path as it was given.

    Raises:
        OSError: if it can't be written; the old file is then as it was.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise OSError(f"{path} is not a regular file: nothing is written there. Give another name.")
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(8)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    try:
        with open(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _flush_folder(target.parent)
    return Path(path)


def read_bounded(path: str | os.PathLike[str], most: int, what: str) -> bytes:
    """The bytes of a file or a pipe, at most so many.

    Raises:
        DataError: if it is a folder or a device, or larger.
        OSError: if it can't be read.
    """
    found = os.stat(path)
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISFIFO(found.st_mode)):
        raise DataError(f"{path} is not a file. Give {what}.")
    size, chunks = found.st_size, []
    with open(path, "rb") as file:
        while size <= most and (chunk := file.read(CHUNK)):  # a pipe does not know its size, and a file may grow
            chunks.append(chunk)
            size = max(size, sum(map(len, chunks)))
    if size > most:
        raise DataError(f"{path} is larger than {most >> 20} MiB. Give {what}, of at most that size.")
    return b"".join(chunks)


def write_text(path: str | os.PathLike[str], text: str) -> Path:
    """`replace_file` with text, as UTF-8, line ends as they are."""
    return replace_file(path, lambda file: file.write(text.encode("utf-8")))


def _flush_folder(folder: Path) -> None:
    """Make the renaming last through a power cut, where the system lets a folder be flushed."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
