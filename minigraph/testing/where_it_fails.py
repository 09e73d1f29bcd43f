"""In which nets something fails: which sizes are tried, what they have in common in words, and numbers that are sizes."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

Sizes = Mapping[str, int]
MOST_CORNERS = 4
"""With up to so many letters, every combination of small sizes is tried."""
RANDOM, LARGEST = 6, 5
"""How many nets of random sizes are tried, and how large these are at most."""
NUMBER = re.compile(r"(?<![\w.])(\d+)(?![\w]|\.\d)")
"""A whole number that stands by itself, as a size does."""


def telling_sizes(least: Sizes) -> tuple[dict[str, int], dict[str, int]]:
    """Two nets whose sizes all differ: there a number in a sentence tells which letter it is."""
    start, many = max([3, *least.values()]), len(least)
    first = {letter: start + place for place, letter in enumerate(least)}
    second = {letter: start + many + (place + 1) % many for place, letter in enumerate(least)}
    return first, second


def tried_sizes(least: Sizes, seed: int) -> Iterator[dict[str, int]]:
    """The sizes that are tried: telling ones, all small ones (of many letters, one or two above the least), random ones."""
    yield from telling_sizes(least)
    letters = list(least)
    above = len(letters) if len(letters) <= MOST_CORNERS else 2
    for number in range(above + 1):
        for larger in itertools.combinations(letters, number):
            yield {letter: size + (letter in larger) for letter, size in least.items()}
    yield from ({letter: size + 2 * (letter == larger) for letter, size in least.items()} for larger in letters)
    generator = np.random.default_rng(seed)
    for _ in range(RANDOM):
        yield {letter: size + int(generator.integers(0, LARGEST)) for letter, size in least.items()}


def _conditions(least: Sizes) -> Iterator[tuple[str, Callable[[Sizes], bool]]]:
    """What sizes may have in common, in words, the simplest first."""
    yield "in every net", lambda sizes: True
    for a, size in least.items():
        for more in (1, 2):
            yield f"from {a} = {size + more} on", lambda sizes, a=a, from_=size + more: sizes[a] >= from_  # type: ignore[misc]
        yield f"where {a} = {size}", lambda sizes, a=a, size=size: sizes[a] == size  # type: ignore[misc]
    for a, b in itertools.combinations(least, 2):
        yield f"where {a} and {b} differ", lambda sizes, a=a, b=b: sizes[a] != sizes[b]  # type: ignore[misc]
        yield f"where {a} = {b}", lambda sizes, a=a, b=b: sizes[a] == sizes[b]  # type: ignore[misc]
        from_a, from_b = f"{a} = {least[a] + 1}", f"{b} = {least[b] + 1}"
        yield (
            f"from {from_a} or {from_b} on",
            lambda sizes, a=a, b=b: sizes[a] > least[a] or sizes[b] > least[b],  # type: ignore[misc]
        )
        yield (
            f"from {from_a} and {from_b} on",
            lambda sizes, a=a, b=b: sizes[a] > least[a] and sizes[b] > least[b],  # type: ignore[misc]
        )


def common_words(least: Sizes, failed: Sequence[Sizes], right: Sequence[Sizes]) -> str:
    """What the sizes have in common at which it fails, and none at which it is right: "from m = 2 on"; or how many they are.

    Example:
        >>> common_words({"n": 1, "m": 1}, [{"n": 1, "m": 2}, {"n": 2, "m": 3}], [{"n": 1, "m": 1}, {"n": 2, "m": 1}])
        'from m = 2 on'
    """
    for words, holds in _conditions(least):
        if all(map(holds, failed)) and not any(map(holds, right)):
            return words
    return f"in {len(failed)} of {len(failed) + len(right)} nets"


def in_letters(first: str, second: str, sizes: tuple[Sizes, Sizes]) -> str | None:
    """A sentence on two nets, with letters for their sizes; None if the sentences differ in more than sizes.

    Example:
        >>> sizes = {"n": 3, "m": 5}, {"n": 7, "m": 6}
        >>> in_letters("it is 5 times the right one, (3, 1)", "it is 6 times the right one, (7, 1)", sizes)
        'it is m times the right one, (n, 1)'
    """
    parts = NUMBER.split(first), NUMBER.split(second)
    if len(parts[0]) != len(parts[1]):
        return None
    written = []
    for place, (a, b) in enumerate(zip(*parts, strict=True)):
        both = (int(a), int(b)) if place % 2 else None
        letter = next((k for k in sizes[0] if (sizes[0][k], sizes[1][k]) == both), a if a == b else None)
        if letter is None:
            return None
        written.append(letter)
    return re.sub(r"\b(\w+) is the number \1 of", r"\1 is the number of", "".join(written))


def factor_in_letters(first: float, second: float, sizes: tuple[Sizes, Sizes]) -> str | None:
    """A factor on two nets as a number, a size, 1 over it, or a product of two of these; None if it is none.

    Example:
        >>> factor_in_letters(15.0, 42.0, ({"n": 3, "m": 5}, {"n": 7, "m": 6})), factor_in_letters(3.5, 3.5, ({}, {}))
        ('n · m', '3.5')
    """
    if np.isclose(first, second):
        return f"{first:.4g}"
    powers = [("", 1.0, 1.0)]
    for letter in sizes[0]:
        a, b = float(sizes[0][letter]), float(sizes[1][letter])
        powers += [(letter, a, b), (f"1/{letter}", 1 / a, 1 / b)]
    for one, other in itertools.combinations_with_replacement(powers, 2):
        for sign in (1, -1):
            if np.allclose((first, second), (sign * one[1] * other[1], sign * one[2] * other[2])):
                return ("−" if sign < 0 else "") + " · ".join(filter(None, (one[0], other[0])))
    return None
