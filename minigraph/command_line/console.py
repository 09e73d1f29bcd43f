"""What commands print: text, data, notes and warnings, on any stream, open or not, with whatever letters it has."""

from __future__ import annotations

import codecs
import contextlib
import json
import math
import os
import re
import sys
import warnings
from collections.abc import Iterator
from typing import Any

from minigraph.formulas.spelling import ascii_letter, letter_kind

_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
"""Control characters but for tab and line feed, marks of direction, invisible letters, and halves of letters."""
_STAND_IN = "minigraph.stand_in"


class OutputError(OSError):
    """Standard output is there, but can't be written to."""


def say(text: object) -> None:
    """Print text for a reader on standard output, if there is one; what has an ``ascii`` form, where letters lack, in that.

    A reader who goes away, as ``head`` does, has read enough: that is no error, as all else is: an `OutputError`.
    """
    told = str(text)
    if hasattr(text, "ascii") and told.encode(_encoding(sys.stdout), "replace").decode(_encoding(sys.stdout)) != told:
        told = text.ascii
    _write(sys.stdout, visible(f"{told}\n"), exact=False)


def give(text: str) -> None:
    """Print data on standard output as they are; in a terminal, what would steer it is made visible."""
    _write(sys.stdout, visible(text) if is_terminal(sys.stdout) else text, exact=True)


def tell(text: object) -> None:
    """Print a note, a warning or an error on standard error; where that can't be, nobody is there to tell."""
    with contextlib.suppress(OSError):
        _write(sys.stderr, visible(f"{text}\n"), exact=False)


@contextlib.contextmanager
def telling_warnings(prefix: str) -> Iterator[list[warnings.WarningMessage]]:
    """Python's warnings in the block, which is given them, become lines on standard error as it ends."""
    with warnings.catch_warnings(record=True) as came:
        warnings.simplefilter("always")
        try:
            yield came
        finally:
            for warning in came:
                tell(f"{prefix}{warning.message}")


def as_json(document: Any) -> str:
    """One JSON document; numbers that JSON can't say are null."""
    return json.dumps(_sayable(document), indent=1, allow_nan=False) + "\n"


def _sayable(document: Any) -> Any:
    if isinstance(document, dict):
        return {name: _sayable(value) for name, value in document.items()}
    if isinstance(document, list | tuple):
        return [_sayable(value) for value in document]
    return None if isinstance(document, float) and not math.isfinite(document) else document


def note(text: str) -> None:
    """Say on standard error what was assumed or left out."""
    for notes in _NOTED:
        notes.append(text)
    tell(f"note: {text}")


@contextlib.contextmanager
def noting() -> Iterator[list[str]]:
    """What is noted in the block, which is given it, for a report that says it too."""
    notes: list[str] = []
    _NOTED.append(notes)
    try:
        yield notes
    finally:
        _NOTED.remove(notes)


_NOTED: list[list[str]] = []


def is_terminal(stream: Any) -> bool:
    """Whether a stream is a terminal; None and a closed one are none."""
    return is_open(stream) and bool(getattr(stream, "isatty", bool)())


def is_open(stream: Any) -> bool:
    """Whether a stream can be written to; a program without a console has None for one."""
    return hasattr(stream, "write") and not getattr(stream, "closed", False)


def _encoding(stream: Any) -> str:
    return getattr(stream, "encoding", None) or "utf-8"


def _write(stream: Any, text: str, exact: bool) -> None:
    if not is_open(stream):
        return
    encoding = _encoding(stream)
    fitting = text.encode(encoding, "backslashreplace").decode(encoding) if exact else spelled(text, encoding)
    try:
        stream.write(fitting)
        stream.flush()
    except BrokenPipeError:
        _abandon(stream)
    except OSError as error:
        _abandon(stream)
        raise OutputError(f"standard output can't be written: {error.strerror or error}") from None


def _abandon(stream: Any) -> None:
    """Let what is left in the stream of the process go nowhere, or Python complains of it as it ends."""
    if stream in (sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def open_standard_files() -> None:
    """Give the null device to standard input, output and error that are closed.

    Otherwise the next file that is opened takes their number, and what a library writes to standard error is in it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free


def visible(text: str) -> str:
    r"""The text with escapes such as ``\x1b`` for what a terminal would obey instead of showing.

    Example:
        >>> print(visible("red \x1b[31m, backwards \u202e, a bell \a"))
        red \x1b[31m, backwards \u202e, a bell \x07
    """
    return _STEERING.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)


def spelled(text: str, encoding: str) -> str:
    r"""The text in letters of the encoding: what it lacks is replaced by a stand-in, or by an escape if there is none.

    Where blanks follow, a longer stand-in takes the place of some, so that columns stay where they are.

    Example:
        >>> print(spelled("∂J/∂W₁ = (A − Y)Xᵀ ≈ 10⁻⁵, ‖σ(größe)‖", "ascii"))
        dJ/dW1 = (A - Y)X^T ~ 10^-5, ||sigma(gr\xf6\xdfe)||
    """
    return text.encode(encoding, _STAND_IN).decode(encoding)


def _stand_in(error: UnicodeError) -> tuple[str, int]:
    """The handler of errors: what stands for the letters that can't be encoded, and where to go on."""
    assert isinstance(error, UnicodeEncodeError)
    text, end = error.object, error.end
    while end < len(text) and letter_kind(text[end - 1]) == "<super>" == letter_kind(text[end]):  # an exponent is one
        end += 1
    letters = text[error.start : end]
    before = ["", *map(letter_kind, letters)]
    written = "".join(map(ascii_letter, letters, before))
    longer = len(written) - len(letters)
    if longer > 0 and text[end : end + longer + 1] == " " * (longer + 1):
        end += longer
    return written, end


codecs.register_error(_STAND_IN, _stand_in)
