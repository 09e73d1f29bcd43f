"""What goes to a process that runs somebody else's code, and comes back: lines of JSON, of which nothing is trusted.

Arrays are their shapes and their numbers. Nothing is unpickled, so that what comes back can only be numbers and words.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import IO, Any

import numpy as np

from minigraph.core.node import Node
from minigraph.values import MOST_AXES, Array, to_array

LONGEST_LINE = 64 * 2**20
"""So many bytes an answer may have."""
MOST_ENTRIES = 10**6
"""Of a gradient that is handed in: those of the nets that are tried are far smaller."""
MOST_NAMES = 200
LONGEST_WORDS = 1000
NODE = "it is a node of a graph: hand in its value, an array."


class Unreadable:
    """In the place of a gradient that is no array of numbers.

    Attributes:
        words: what it is.
    """

    def __init__(self, words: str):
        self.words = words


def send(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    """Write a message as a line."""
    stream.write(json.dumps(message).encode() + b"\n")
    stream.flush()


def receive(stream: IO[bytes]) -> dict[str, Any]:
    """The next message.

    Raises:
        EOFError: if there is none, or what comes is none.
    """
    line = stream.readline(LONGEST_LINE)
    try:
        message = json.loads(line)
    except (ValueError, RecursionError, MemoryError):
        raise EOFError(f"there is no message, but {line[:40]!r}") from None
    if not isinstance(message, dict):
        raise EOFError(f"there is no message, but {line[:40]!r}")
    return message


def plain(array: Array) -> dict[str, Any]:
    """An array of floats as what JSON has, with its dtype, by which it is judged."""
    dtype = "float32" if array.dtype == np.float32 else "float64"
    return {"dtype": dtype, "shape": list(array.shape), "entries": array.astype(np.float64).ravel().tolist()}


def plain_gradient(value: Any) -> Any:
    """A gradient that was handed in as what JSON has; of what is no array of numbers, what it is."""
    if value is None or isinstance(value, Node):
        return None if value is None else NODE
    try:
        array = to_array(value, None, "compare")
    except Exception as error:  # whatever it is, and whatever its own methods raise
        return no_array(error)
    if array.size > MOST_ENTRIES:
        return f"it has the shape {array.shape}, which is far too large."
    return plain(array)


def no_array(error: BaseException) -> str:
    """What a gradient is that `minigraph.values.to_array` refused, said of it."""
    words = words_of(error).removeprefix("compare: ")
    reason = words.removeprefix("the value is ")
    return f"it is {reason}" if reason != words else f"it is not an array of numbers: {words}"


def gradient_of(message: Any) -> Array | Unreadable | None:
    """The gradient that came back, or what was said of it, or that it is nothing of this kind."""
    if message is None:
        return None
    if isinstance(message, str):
        return Unreadable(words_of(message))
    try:
        return array_of(message)
    except (TypeError, ValueError, OverflowError, KeyError):
        return Unreadable("what came back is not an array of numbers.")


def array_of(message: Any) -> Array:
    """An array of what `plain` wrote.

    Raises:
        TypeError, ValueError, OverflowError, KeyError: if it is something else.
    """
    shape, entries = message["shape"], message["entries"]
    if not (isinstance(shape, list) and len(shape) <= MOST_AXES and all(type(size) is int and size >= 0 for size in shape)):
        raise ValueError("there is no shape")
    if not (isinstance(entries, list) and all(type(entry) in (int, float) for entry in entries)):
        raise TypeError("there are no numbers")
    if math.prod(shape) != len(entries):
        raise ValueError("the shape is of another number of entries")
    dtype = np.float32 if message.get("dtype") == "float32" else np.float64
    return np.array(entries, dtype=dtype).reshape(shape)


def words_of(message: Any) -> str:
    """A text that came back, in one line that any terminal shows as it is."""
    words = " ".join(str(message).split())
    words = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in words)
    return words if len(words) <= LONGEST_WORDS else f"{words[:LONGEST_WORDS]}…"


def list_of_words(message: Any) -> list[str]:
    """The texts that came back in a list."""
    return [words_of(part) for part in message[:MOST_NAMES]] if isinstance(message, list) else []
