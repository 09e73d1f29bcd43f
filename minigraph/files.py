"""Writing files so that nothing is ever half-written: a temporary file in the same folder, flushed, then renamed."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import IO


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
    path, target = Path(path), _target(path)
    temporary, descriptor = _temporary(target)
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
    return path


def try_place(path: str | os.PathLike[str]) -> None:
    """Raise what `replace_file` would raise for a place where nothing can be written; nothing is changed there.

    Raises:
        OSError: as `replace_file` does.
    """
    temporary, descriptor = _temporary(_target(path))
    os.close(descriptor)
    temporary.unlink()


def _target(path: str | os.PathLike[str]) -> Path:
    """The file that is replaced, behind all links, if there can be one."""
    path, target = Path(path), Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise OSError(f"{path} is not a regular file: nothing is written there. Give another name.")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"{path.parent} is no folder, so {path.name} can't be written there. Make it first.")
    return target


def _temporary(target: Path) -> tuple[Path, int]:
    """A new file beside the target, and its descriptor."""
    # A part of the name only: with what is added it may not get longer than the system allows.
    temporary = target.with_name(f".{target.name[:40]}.{secrets.token_hex(8)}.tmp")
    try:
        return temporary, os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o666)
    except FileNotFoundError:  # the folder is there, but such as /proc takes no files
        raise FileNotFoundError(f"{target.parent} takes no new files, so {target.name} can't be written there.") from None


def _flush_folder(folder: Path) -> None:
    """Make the renaming last through a power cut, where the system lets a folder be flushed."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
