"""The constants that gradients are off by: signs, the 2 of a square, counts that means divide by, learning rates."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from minigraph.core.ledger import BackwardPass
from minigraph.core.linear_maps import Scale
from minigraph.core.node import Node, Role

CONSTANT = 1e-6
"""A factor is 1/count but for this rounding, of float32 too."""
MOST_COUNTED = 10**9
"""Nobody has averaged more."""
RATES = (0.3, 0.1, 0.03, 0.05, 0.01, 0.003, 0.005, 0.001, 0.0001)
"""The learning rates that people take."""

WRONG_SIGN = "the sign is wrong: it is −1 times the right one"
TWICE = "it is 2 times the right one"
HALF = "it is half of the right one"
TWICE_TOO = f"{TWICE}: a ½ is missing, such as that of a squared error or of λ/2m"
HALF_TOO = f"{HALF}: a 2 is missing, such as that of a square"

Factors = Sequence[tuple[float, str]]
"""Constants with what each says; a constant may stand there twice, for two reasons."""


def common_factors(backward_pass: BackwardPass) -> Factors:
    """Those that go with any other mistake: signs, 2 and ½, and the counts that means divide by."""
    counts = counts_of_means(backward_pass)
    of_counts = [pair for count, is_m in counts.items() for pair in _of_count(count, is_m)]
    if 2 in counts:  # then it may be the mean, which is met more often, or a 2 of another kind
        return [(-1.0, WRONG_SIGN), *of_counts, (2.0, TWICE_TOO), (0.5, HALF_TOO)]
    return [(-1.0, WRONG_SIGN), (2.0, TWICE), (0.5, HALF), *of_counts]


def rare_factors(backward_pass: BackwardPass) -> Factors:
    """Those that are looked for alone: another size in the place of m, m in the place of 1/m, a learning rate."""
    return [
        *_sizes(backward_pass),
        *((rate, _rate(rate)) for rate in RATES),
        *((-rate, f"it is −{rate} times the right one: the step −α ∂J/∂W, and not the gradient") for rate in RATES),
        *(
            (1 / math.log(base), f"it is 1/ln {base} times the right one, as if the logarithm were that to the base {base}")
            for base in (2, 10)
        ),
    ]


def _rate(rate: float) -> str:
    return f"it is {rate} times the right one, as if it had been multiplied by a learning rate: the step is no part of it"


def _of_count(count: int, is_m: bool) -> Iterator[tuple[float, str]]:
    what = _count_words(count, is_m)
    yield float(count), f"it is {count} times the right one: {what}, so the factor 1/{count} of the mean is missing"
    yield 1 / count, f"it is 1/{count} of the right one: {what}, which it was divided by once too often"
    yield -float(count), f"the sign is wrong and it is {count} times too large: {what}"
    yield -1 / count, f"the sign is wrong and it was divided by {count} once too often"


def _count_words(count: int, is_m: bool) -> str:
    return f"{count} is the number {'m of examples' if is_m else 'of entries averaged'}"


def _sizes(backward_pass: BackwardPass) -> Iterator[tuple[float, str]]:
    counts = counts_of_means(backward_pass)
    chain = dict.fromkeys(line.input for line in backward_pass)
    sizes = sorted({size for node in chain for size in node.shape} - {0, 1} - counts.keys())
    for size in sizes:
        if size == 2:  # it is half of the right one, which is said already
            continue
        yield (
            1 / size,
            f"it is 1/{size} of the right one: {size} is the size of another axis, and nothing in J divides by it",
        )
    for count, is_m in counts.items():
        what = _count_words(count, is_m)
        if count > 2:
            yield (
                count / (count - 1),
                f"it is {count}/{count - 1} times the right one: it was divided by {count} − 1, and {what}",
            )
        yield from (
            (
                float(count) ** -power,
                f"it is 1/{count}{raised} of the right one: {what}, which it was divided by in more than one layer",
            )
            for power, raised in ((2, "²"), (3, "³"))
        )
        yield (
            float(count) ** 2,
            f"it is {count}² times the right one: {what}, which it was multiplied by instead of divided by",
        )
        for size in sizes:
            yield (
                count / size,
                f"it is {count}/{size} times the right one: {what}, and the size {size} of another axis stands in its place",
            )


def counts_of_means(backward_pass: BackwardPass) -> dict[int, bool]:
    """The counts that means divide by, each with whether it is the number m of examples."""
    scales = (factor.factor for line in backward_pass for factor in line.local.factors() if isinstance(factor, Scale))
    counts = {_count(x): any(part.name == "m" for part in (x, *x.inputs)) for x in scales}
    return {count: counts[count] for count in sorted(counts.keys() - {0, 1})}


def _count(factor: Node) -> int:
    """The count that the local derivative 1/count divides by, or 0 if it is no such constant."""
    if factor.shape != () or any(x.role is not Role.LITERAL for x in factor.inputs or (factor,)):
        return 0
    value = float(factor.value)
    if not 1 / MOST_COUNTED < value < 1:
        return 0
    count = round(1 / value)
    return count if abs(count * value - 1) < CONSTANT else 0
