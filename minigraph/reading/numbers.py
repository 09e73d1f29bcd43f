"""How numbers, arrays, shapes and tables are written, in every view alike; and how sure one is of a number.

A number has `DIGITS` significant digits, a norm one less, the ends of a range two less. Arrays of a few entries are
written out, in pictures fewer than in text, where there is more room. A shape is (4, 400) in sentences and tables, as
Python says it, and 4×400 in pictures and formulas (`format_shape`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import numpy as np

from minigraph.core.errors import DomainError
from minigraph.core.node import Node
from minigraph.core.pulling import ancestors, pull, run
from minigraph.formulas.spelling import DIGITS as DIGITS
from minigraph.formulas.spelling import MINUS, is_same
from minigraph.formulas.spelling import rounded as rounded
from minigraph.values import Array, Shape
from minigraph.values import norm as root_of_squares

EVERY_DIGIT = 17
"""So many tell any two numbers of float64 apart."""
FEWER_IN_NORMS, FEWER_IN_RANGES = 1, 2
"""A norm or a range says how large an array is: it needs fewer digits."""
IN_TEXT, IN_PICTURES = 6, 4
"""Arrays of up to so many entries are written out; a box has room for fewer."""

TRIALS = 4
"""So often are values disturbed to find the size of the terms they are made of."""

T = TypeVar("T")
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def parsed(text: str) -> float:
    """The number that `rounded` wrote.

    Example:
        >>> parsed("−0.5"), parsed("1e−9")
        (-0.5, 1e-09)
    """
    return float(text.replace(MINUS, "-").replace("∞", "inf"))


def is_exact(value: Any, digits: int = DIGITS) -> bool:
    """Whether the rounded number is the number, but for the last bits."""
    return not math.isfinite(value) or is_same(parsed(rounded(value, digits)), float(value))


def relation(values: Sequence[Any], digits: int = DIGITS) -> str:
    """= if all the numbers are shown in full, else ≈."""
    return "=" if all(is_exact(value, digits) for value in values) else "≈"


def told_apart(first: Any, second: Any) -> tuple[str, str]:
    """Two numbers, rounded, with as many digits as it takes to tell them apart.

    Example:
        >>> told_apart(2.00002, 2.0), told_apart(3.0, 2.0), told_apart(2.0, 2.0)
        (('2.00002', '2'), ('3', '2'), ('2', '2'))
    """
    for digits in range(DIGITS, EVERY_DIGIT + 1):
        texts = rounded(first, digits), rounded(second, digits)
        if parsed(texts[0]) != parsed(texts[1]):
            break
    return texts


def bracketed(text: str) -> str:
    """A number to stand behind a sign: in parentheses if it is negative."""
    return f"({text})" if text.startswith(MINUS) else text


def sum_text(terms: Sequence[str], total: str) -> str:
    """``3 + (−2) = 1``; a single term is its own sum."""
    if len(terms) == 1:
        return total
    return " + ".join([terms[0], *map(bracketed, terms[1:])]) + f" = {total}"


# Arrays


def written_out(value: Any, digits: int = DIGITS, entries: int = IN_TEXT) -> str | None:
    """A number, or a small array with ``;`` between its rows; None for an array that is too large.

    Example:
        >>> written_out(np.array([[1.0, -2.0], [0.5, 1 / 3]])), written_out(np.zeros(5), entries=4)
        ('[1 −2; 0.5 0.3333]', None)
    """
    array = np.asarray(value)
    if array.size == 1:
        return rounded(array.item(), digits)
    if not 0 < array.size <= entries or array.ndim > 2:
        return None
    return "[" + "; ".join(" ".join(rounded(x, digits) for x in row) for row in np.atleast_2d(array)) + "]"


def norm_text(value: Any, digits: int = DIGITS) -> str:
    """The root of the sum of squares."""
    return rounded(np.float64(root_of_squares(value)), max(digits - FEWER_IN_NORMS, 1))


def range_text(value: Any) -> str:
    """What a large array holds: ``range −1.3 … 0.9``, ``all 0``, or how many of its entries are not numbers.

    Example:
        >>> range_text(np.linspace(-1.26, 0.9, 20))
        'range −1.3 … 0.9'
    """
    array = np.asarray(value)
    if bad := int(array.size - np.isfinite(array).sum()):
        return f"{bad} of {array.size} entries NaN or ∞"
    if not array.size:
        return "no entries"
    low, high = array.min(), array.max()
    if low == high:
        return f"all {rounded(low)}"
    fewer = DIGITS - FEWER_IN_RANGES
    return f"range {rounded(low, fewer)} … {rounded(high, fewer)}"


def array_text(value: Any, digits: int = DIGITS) -> str:
    """A small array written out, [1 2; 3 4]; a large one as its shape and norm.

    Example:
        >>> array_text(np.ones((3, 3))), array_text(np.ones((0, 2)))
        ('(3, 3) with norm 3', 'no entries, (0, 2)')
    """
    if (text := written_out(value, digits)) is not None:
        return text
    shape = np.shape(value)
    return f"{shape} with norm {norm_text(value, digits)}" if 0 not in shape else f"no entries, {shape}"


def shape_text(shape: Shape) -> str:
    """(4, 400); scalar for ()."""
    return str(shape) if shape else "scalar"


def index_text(index: tuple[int, ...]) -> str:
    """[0, 1], or nothing for a scalar."""
    return f"[{', '.join(map(str, index))}]" if index else ""


def largest_entry(value: Any) -> tuple[int, ...]:
    """Where the entry of largest size is; () for a scalar and where there is no entry."""
    array = np.asarray(value)
    if array.size == 0:
        return ()
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(np.nan_to_num(array)))), array.shape))


# Counts and tables


def count(number: int) -> str:
    """A count for people: powers of two as such where they are long.

    Example:
        >>> count(12), count(2**50), count(10**6), count(3 * 10**40)
        ('12', '2⁵⁰', '1,000,000', 'about 3·10⁴⁰')
    """
    if number >= 2**20 and number & (number - 1) == 0:
        return "2" + str(number.bit_length() - 1).translate(SUPERSCRIPTS)
    if number < 10**12:
        return f"{number:,}"
    exponent = int((number.bit_length() - 1) * math.log10(2))
    decimal = str(number // 10**exponent)  # of a long integer only the first digit is needed
    return f"about {decimal[0]}·10{str(exponent + len(decimal) - 1).translate(SUPERSCRIPTS)}"


def cut(items: Sequence[T], most: int, first: int, last: int) -> Iterator[tuple[T, int]]:
    """The items, of more than ``most`` only the first and last few; each with how many are left out before it."""
    left_out = len(items) - first - last if len(items) > most else 0
    for place, item in enumerate(items):
        if not 0 <= place - first < left_out:
            yield item, left_out * (place == first + left_out)


def aligned(rows: Sequence[tuple[str, ...]], *, right: bool = False) -> list[str]:
    """The rows of a table with all columns of equal width; cells stand at the left of it, or at the right."""
    justify = str.rjust if right else str.ljust
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(justify(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


# How sure one is of a number


def terms_of(nodes: Sequence[Node], held: Callable[[Node], bool] = lambda node: False) -> list[Array]:
    """For each entry of each node the size of the terms that it is the sum of.

    A relative error of ε in every value on the way, of either sign, puts the entry off by about ε times this. Where large
    terms cancel, a small or zero entry is left with the rounding of the large ones. Which terms there are is found out by
    disturbing every value on the way a little, at random (Parker's Monte Carlo arithmetic, 1997): no operation has to say
    anything for it, and no derivative is believed. What is ``held`` stays: a mask that jumps at a tie is no
    rounding.

    Example:
        >>> import minigraph as mg
        >>> a = mg.data([1e6, 3.0], "a")
        >>> terms = terms_of([(a + 1) - a])[0]
        >>> terms > 1e5
        array([ True, False])
    """
    order = ancestors(nodes)
    pull(order)
    disturbance = float(np.sqrt(max((np.finfo(node.dtype).eps for node in order), default=0.0)))
    generator = np.random.default_rng(0)
    fixed = {node for node in order if held(node)}
    sizes = [np.zeros(node.shape) for node in nodes]
    with np.errstate(all="ignore"):
        for _ in range(TRIALS):
            values = _disturbed(order, disturbance, generator, fixed)
            for size, node in zip(sizes, nodes, strict=True):
                change = np.abs(values[node].astype(np.float64) - node.value) / disturbance
                np.maximum(size, np.where(np.isfinite(change), change, 0.0), out=size)
    return sizes


def _disturbed(
    order: Sequence[Node], disturbance: float, generator: np.random.Generator, held: Collection[Node]
) -> dict[Node, Any]:
    """The values where each is off by a relative error on its way."""
    values: dict[Node, Any] = {}
    for node in order:
        value = np.asarray(node.value)
        if node.op is not None and node not in held:
            with suppress(DomainError):  # an operand at the edge of the domain may be pushed over it: the value stays
                value = np.asarray(run(node, [values[x] for x in node.inputs]))
        signs = generator.choice((-1.0, 1.0), node.shape)
        values[node] = (value * (1 + disturbance * signs)).astype(node.dtype)
    return values
