"""Which machine runs a program: ``backend="auto"``, ``"numpy"``, ``"native"`` or ``"jax"``, and why."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from minigraph.program.instructions import Instructions
from minigraph.program.native.library import Library, library
from minigraph.program.native.linking import NativeSteps, lacking
from minigraph.program.numpy_text.printer import linked
from minigraph.values import Array, shown

MOST_LACKING = 1 / 4
"""With a larger share of what the interpreter has to call Python for, the text of the program is as quick."""

SHORT_VECTORS, PC = 16, ("x86_64", "amd64")
"""On such processors loops for vectors of so many bytes take longer than NumPy's; on others they are what there is."""


@dataclass(frozen=True)
class Linked:
    """Instructions that are ready to run.

    Attributes:
        steps: does them: ``steps(count, fresh, *arrays, *states, published, *results)`` gives how many steps were done.
        kept: the array of the state leaf that is written over, if there is one.
        backend: by which machine.
        why: a line of the report.
        one_more: gives for arrays and rows a function that does one more step with them, or None; if there is a way that is
            quicker than to call ``steps``.
        has_blocks: whether products are done by blocks (see `native.by_blocks`), for arrays of the sources.
    """

    steps: Callable[..., int]
    kept: Array | None
    backend: str
    why: str
    one_more: Callable[[Sequence[Array], Sequence[Array]], Callable[[], int] | None] = lambda arrays, rows: None
    has_blocks: Callable[[Sequence[Array]], bool] = lambda arrays: False


def by_numpy(instructions: Instructions, why: str = "that is what was asked for") -> Linked:
    """Instructions as the Python text that a program shows, over NumPy."""
    return Linked(*linked(instructions), "numpy", f"numpy: {why}")


def by_interpreter(instructions: Instructions) -> Linked:
    """Instructions as rows of the interpreter.

    Raises:
        RuntimeError: if there is none.
    """
    found = library()
    if isinstance(found, str):
        raise RuntimeError(f"compile: backend='native' can't be had: {found}. Leave it to backend='auto', or use 'numpy'.")
    return _rows(instructions, found)


def by_what_there_is(instructions: Instructions) -> Linked:
    """As rows of the interpreter, if there is one and it has most of what is needed; else by NumPy."""
    found = library()
    if isinstance(found, str):
        return by_numpy(instructions, found)
    if found.vectors < SHORT_VECTORS or (found.vectors == SHORT_VECTORS and platform.machine().lower() in PC):
        return by_numpy(instructions, f"the interpreter has no more than vectors of {found.vectors} bytes here")
    python = len(lacking(instructions))
    if python > MOST_LACKING * len(instructions.step):
        return by_numpy(instructions, f"{python} of {len(instructions.step)} instructions are Python's")
    return _rows(instructions, found)


def _rows(instructions: Instructions, found: Library) -> Linked:
    steps = NativeSteps(instructions, found)
    parts = ["native: an interpreter in C", f"vectors of {found.vectors} bytes"]
    parts += ["large products by NumPy's OpenBLAS"] if found.blas else []
    python = lacking(instructions)
    parts += [f"by Python {', '.join(python)}"] if python else []
    return Linked(steps, steps.kept, "native", ", ".join(parts), steps.one_more, steps.has_blocks)


BACKENDS: dict[str, Callable[[Instructions], Linked]] = {
    "auto": by_what_there_is,
    "numpy": by_numpy,
    "native": by_interpreter,
}


def has_quick_calls(name: str) -> bool:
    """Whether a backend can run programs by the interpreter, in which a call takes nanoseconds."""
    return name != "numpy" and not isinstance(library(), str)


def backend_named(name: Any) -> str:
    """The name of a backend.

    Raises:
        TypeError: for what is no text.
        ValueError: for a name that none has.
    """
    known = (*BACKENDS, "jax")  # which takes the graph, and no instructions
    names = ", ".join(map(repr, known))
    if not isinstance(name, str):
        raise TypeError(f"compile: the backend is one of {names}, not {shown(name)}.")
    if name not in known:
        raise ValueError(f"compile: no backend is called {name!r}. There are {names}.")
    return name
