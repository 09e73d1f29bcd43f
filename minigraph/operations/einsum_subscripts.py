"""What is typed for an einsum, read: a letter for each axis of each operand, and those of the result.

NumPy has two ways to write an einsum, ``einsum("ij,jk->ik", A, B)`` and ``einsum(A, [0, 1], B, [1, 2], [0, 2])``, and an
ellipsis that stands for the axes that are left. All of it becomes letters here, so that `Einsum` knows letters alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from minigraph.core.errors import counted
from minigraph.core.node import Node
from minigraph.core.op import Composed
from minigraph.operations.shapes import squeeze
from minigraph.values import broadcast_shape, shown, whole_number

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"  # as in `string`, which costs time at the start
TERM = r"[a-zA-Z]*(\.\.\.)?[a-zA-Z]*"
DOTS = "..."


def once(letters: Iterable[str]) -> str:
    """The letters in order, each once."""
    return "".join(dict.fromkeys(letters))


def written(arguments: Sequence[Any]) -> tuple[str, list[Any]]:
    """The subscripts as one text, and the operands, however they were given."""
    subscripts, *operands = arguments
    if isinstance(subscripts, str):
        return subscripts, operands
    if not operands or not _is_list(operands[0]):
        raise TypeError(
            "einsum: the subscripts come first, as text, mg.einsum('ij,jk->ik', A, B), or behind each operand, as numbers, "
            "mg.einsum(A, [0, 1], B, [1, 2], [0, 2])."
        )
    pairs = list(zip(arguments[::2], arguments[1::2], strict=False))
    terms = [_term(numbers) for _, numbers in pairs]
    if len(arguments) % 2:
        output = _term(arguments[-1])
    else:
        output = "".join(sorted((x for x in LETTERS if "".join(terms).count(x) == 1), key=LETTERS.index))
        output = DOTS * any(DOTS in term for term in terms) + output
    return f"{','.join(terms)}->{output}", [operand for operand, _ in pairs]


def read(subscripts: str, count: int) -> tuple[list[str], str]:
    """The terms of the operands and of the result, as they were typed.

    Raises:
        ValueError: if they are of another form, or not for so many operands.
    """
    text = re.sub(r"\s", "", subscripts)
    if not re.fullmatch(rf"{TERM}(,{TERM})*(->{TERM})?", text):
        raise ValueError(
            f"einsum: {subscripts!r}: subscripts are letters, with commas between operands and -> before the result: "
            "'ij,jk->ik'. For the axes that are left ... may stand once in each."
        )
    inputs, arrow, output = text.partition("->")
    terms = inputs.split(",")
    if len(terms) != count:
        raise ValueError(f"einsum: {subscripts!r} has letters for {counted(len(terms), 'operand')}, but there are {count}.")
    typed = inputs.replace(",", "").replace(DOTS, "")
    if not arrow:
        output = DOTS * (DOTS in inputs) + "".join(sorted(letter for letter in once(typed) if typed.count(letter) == 1))
    for letter in output.replace(DOTS, ""):
        if output.count(letter) > 1:
            raise ValueError(f"einsum: {subscripts!r}: the result has {letter} twice. Each of its axes has its own letter.")
        if letter not in typed:
            raise ValueError(f"einsum: {subscripts!r}: the result has {letter}, but no operand has it.")
    return terms, output


def spelled_out(
    subscripts: str, terms: Sequence[str], output: str, operands: Sequence[Node]
) -> tuple[list[str], str, list[Node]]:
    """Letters for what an ellipsis stands for, which no term has yet; and the operands, as broadcasting fits them.

    The axes of ellipses are laid over one another from the last on. One that is missing, or of size 1 where another operand
    has more, needs no letter: it is repeated by having none.

    Raises:
        ValueError: if the result leaves out what an ellipsis stands for.
        ShapeError: if an operand has fewer axes than letters, or two differ in an axis of the ellipsis.
    """
    if not any(DOTS in term for term in (*terms, output)):
        return list(terms), output, list(operands)
    left = [x.ndim - len(term.replace(DOTS, "")) if DOTS in term else 0 for term, x in zip(terms, operands, strict=True)]
    for term, x, axes in zip(terms, operands, left, strict=True):
        if axes < 0:
            letters = counted(len(term.replace(DOTS, "")), "letter")
            Composed("einsum").refuse([x], f"{term!r} has {letters}, one for each axis, but there are {x.ndim} axes.")
    free = [letter for letter in LETTERS if letter not in "".join(terms)]
    new = "".join(free[: max(left)])
    if new and DOTS not in output:
        raise ValueError(f"einsum: {subscripts!r}: the axes that ... stands for are in the result too. Write ... behind ->.")
    shapes = [x.shape[term.find(DOTS) :][:axes] for term, x, axes in zip(terms, operands, left, strict=True)]
    try:
        sizes = broadcast_shape(*shapes)
    except ValueError:
        told = ", ".join(str(shape) for shape in shapes)
        Composed("einsum").refuse(operands, f"what ... stands for has the sizes {told}, which do not broadcast.")
    spelled, fitted = [], []
    for term, x, axes in zip(terms, operands, left, strict=True):
        own, at = new[len(new) - axes :], term.find(DOTS)
        repeated = [k for k in range(axes) if x.shape[at + k] == 1 != sizes[len(sizes) - axes + k]]
        spelled.append(term.replace(DOTS, "".join(letter for k, letter in enumerate(own) if k not in repeated)))
        fitted.append(squeeze(x, [at + k for k in repeated]) if repeated else x)
    return spelled, output.replace(DOTS, new), fitted


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(x is Ellipsis or isinstance(x, int | np.integer) for x in value)


def _term(numbers: Any) -> str:
    """Letters for the numbers of axes: the same for the same, in the order of the alphabet."""
    if not _is_list(numbers):
        raise TypeError(
            f"einsum: behind each operand stands a list of the numbers of its axes, such as [0, 1], not {shown(numbers)}."
        )
    found = [DOTS if x is Ellipsis else _letter(whole_number(x, "einsum: the number of an axis")) for x in numbers]
    return "".join(found)


def _letter(number: int) -> str:
    if not 0 <= number < len(LETTERS):
        raise ValueError(f"einsum: the number of an axis is from 0 to {len(LETTERS) - 1}, not {number}.")
    return LETTERS[number]
