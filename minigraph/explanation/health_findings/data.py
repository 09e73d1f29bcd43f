"""What can be wrong with the data: features of different size, constant or doubled, examples with two labels."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from minigraph.explanation.health_findings.features_and_targets import Features, Targets
from minigraph.explanation.health_findings.layers_and_units import Finding
from minigraph.explanation.health_findings.outputs import FEW
from minigraph.reading.names import Names
from minigraph.reading.numbers import rounded
from minigraph.reading.pinned_notes import Pin
from minigraph.values import Array

UNLIKE = 100
"""From so many times the size on, features are of very different size: the costs' curvatures differ by the square."""
LARGE = 100
"""Features that mostly reach so far are large."""
LARGE_TARGET = 1000
"""Numbers to be predicted that reach so far are large."""
SAME = 1e-9
"""But for this part of their size, features are the same; in float32 for a thousandfold of it."""
CHANCE = 0.01
"""Rows are alike by chance if entries in random order would be with this probability."""
MOST_FEATURES = 2000
"""Of more features each with each other are too many."""
ENOUGH = 50
"""Of so many examples the shares of the classes are no chance."""
RARE = 0.1
"""A class that has a smaller share of the examples is rare."""
CODES = (-9.0, -99.0, -999.0, -9999.0, -99999.0, 99.0, 999.0, 9999.0, 99999.0)
"""Numbers that people write for what is missing; standardised they are others, but stand as far off, more than once."""
STANDARDISE = (
    "Standardise: from each feature take its mean, then divide it by its standard deviation. The nets of minigraph.models "
    "do so by themselves. Pixels from 0 to 255 are divided by 255."
)


def size_findings(features: Sequence[Features], targets: Sequence[Targets], names: Names) -> Iterator[Finding]:
    """Rows of very different size, or all of them large; and targets that are large numbers."""
    for x in features:
        if not x.values.size or not np.isfinite(x.values).all():  # what is not finite has no size
            continue
        sizes = np.abs(x.values).max(axis=1)
        varied = np.flatnonzero((np.ptp(x.values, axis=1) > 0) & (sizes > 0))
        if not len(varied):
            continue
        least, most = varied[np.argmin(sizes[varied])], varied[np.argmax(sizes[varied])]
        name, reach = names.of(x.node), f"{x.line} {most} reaches {rounded(sizes[most], 3)}"
        low = f"{x.line} {least} only {rounded(sizes[least], 3)}"
        if sizes[most] >= UNLIKE * sizes[least]:
            text = f"the {x.line}s of {name} are of very different size: {reach}, {low}. "
            text += "A rate that is low enough for the first is far too low for the second."
        elif np.median(sizes[varied]) >= LARGE:
            text = f"the entries of {name} are large: {reach}. They drive units to their flat ends and make steps overshoot."
        else:
            continue
        yield Finding("unscaled", name, text, STANDARDISE, (Pin(x.used_by, f"{name} is not standardised"),))

    for pair in targets[:1]:
        largest = float(np.max(np.abs(pair.node.value), initial=0.0))
        if not pair.are_classes and LARGE_TARGET <= largest < np.inf:
            y = names.of(pair.node)
            text = f"the targets {y} reach {rounded(largest, 3)}: the first errors are as large, and so are the steps."
            advice = "Divide the targets, less their mean, by their standard deviation, and undo it in predictions."
            yield Finding("unscaled", y, text, advice, (Pin(pair.node, "large targets"),))


def data_findings(features: Sequence[Features], targets: Sequence[Targets], names: Names) -> Iterator[Finding]:
    """What a look at the data themselves tells."""
    for x in features:
        if x.values.shape[1] > 1:
            yield from _constant(x, names)
            yield from _doubled(x, names)
            yield from _codes(x, names)
    for pair in targets[:1]:
        labels = _labels(pair)
        if labels is not None:
            yield from _rare(pair, labels, names)
            for x in features:
                if x.values.shape[1] == len(labels):
                    yield from _contradicting(x, pair, labels, names)


def _labels(pair: Targets) -> Array | None:
    """The class of each example, if the targets are classes, given as 0 and 1 or as one-hot columns."""
    rows = pair.values
    if rows.ndim != 2 or rows.shape[1] < FEW or not np.isin(rows, (0, 1)).all():
        return None
    if rows.shape[0] == 1:
        labels: Array = rows[0]
        return labels
    return np.argmax(rows, axis=0) if np.all(rows.sum(axis=0) == 1) else None


def _constant(x: Features, names: Names) -> Iterator[Finding]:
    """Rows that are the same for all examples; a row of ones is a bias."""
    rows = x.values
    constant = np.flatnonzero((rows == rows[:, :1]).all(axis=1))
    if len(constant) and not (len(constant) == 1 and rows[constant[0], 0] == 1):
        which = ", ".join(map(str, constant[:6])) + (", …" if len(constant) > 6 else "")
        which = (
            f"{x.line} {which} of {names.of(x.node)} is"
            if len(constant) == 1
            else f"the {x.line}s {which} of {names.of(x.node)} are"
        )
        evidence = f"{which} the same for all {rows.shape[1]} examples."
        advice = (
            "They carry no information: leave them out." if len(constant) > 1 else "It carries no information: leave it out."
        )
        pin = Pin(x.used_by, f"constant features: {len(constant)} of {len(rows)}")
        yield Finding("constant feature", names.of(x.node), evidence, advice, (pin,))


def _doubled(x: Features, names: Names) -> Iterator[Finding]:
    """Rows that are others but for a factor and a constant."""
    rows, same = x.values[:MOST_FEATURES], SAME if x.node.dtype == np.float64 else 1000 * SAME
    centred = rows - rows.mean(axis=1, keepdims=True)
    sizes = np.sqrt((centred**2).sum(axis=1))
    varied = np.flatnonzero(sizes > same * np.abs(rows).max(axis=1, initial=0.0))
    if rows.shape[1] < 3:
        return
    unit = centred[varied] / sizes[varied, None]
    near = np.argwhere(np.triu(np.abs(unit @ unit.T) > 1 - 1e-6, 1))
    pairs = []
    for first, second in near:
        sign = np.sign(unit[first] @ unit[second])
        alike = np.abs(unit[first] - sign * unit[second]).max() < same
        if alike and _orders(rows[varied[first]]) > math.log(len(varied) ** 2 / CHANCE):
            pairs.append((int(varied[first]), int(varied[second])))
    if pairs:
        told = ", ".join(f"{x.line}s {first} and {second}" for first, second in pairs[:3]) + (
            ", …" if len(pairs) > 3 else ""
        )
        evidence = f"{told} of {names.of(x.node)} say the same: one is the other but for a factor and a constant."
        advice = "Leave one out: their weights can share the work in any way, so neither means anything by itself."
        yield Finding("doubled feature", names.of(x.node), evidence, advice, (Pin(x.used_by, "doubled features"),))


def _orders(row: Array) -> float:
    """The logarithm of how many orders its entries can stand in: few, if nearly all are equal."""
    _, counts = np.unique(row, return_counts=True)
    return math.lgamma(row.size + 1) - sum(math.lgamma(count + 1) for count in counts)


def _codes(x: Features, names: Names) -> Iterator[Finding]:
    """Numbers such as −999 far off from all others of their row: they stand for what is missing."""
    for place, row in enumerate(x.values):
        for code in (*CODES, *_repeated(row)):
            rest = row[row != code]
            if 1 < rest.size < row.size and np.abs(rest - code).min() > np.ptp(rest):
                times = row.size - rest.size
                evidence = f"{x.line} {place} of {names.of(x.node)} is {rounded(code)} in {times} of {row.size} examples, "
                evidence += f"far from all other numbers of the {x.line}."
                advice = (
                    "If it stands for a missing value, fill it in, by the median for instance, or leave these examples out."
                )
                pin = Pin(x.used_by, f"{rounded(code)} for a missing value?")
                yield Finding("missing values", names.of(x.node), evidence, advice, (pin,))
                return


def _repeated(row: Array) -> Array:
    """The least and the largest entry, if they stand there more than once and most others only once."""
    entries, counts = np.unique(row, return_counts=True)
    if len(entries) < FEW or np.median(counts) > 1:
        return row[:0]
    ends: Array = entries[[0, -1]]
    return ends[counts[[0, -1]] > 1]


def _rare(pair: Targets, labels: Array, names: Names) -> Iterator[Finding]:
    """Classes of which there are few examples."""
    classes, counts = np.unique(labels, return_counts=True)
    most, least = int(np.argmax(counts)), int(np.argmin(counts))
    share = counts[least] / len(labels)
    if len(labels) >= ENOUGH and share < RARE * 2 / len(classes):  # of one class alone the share is 1
        often = rounded(100 * counts[most] / len(labels), 3)
        evidence = f"class {int(classes[least])} has {counts[least]} of {len(labels)} examples in {names.of(pair.node)}: "
        evidence += f"always saying {int(classes[most])} is right in {often} %."
        advice = "Read precision and recall, not the accuracy alone, and give rare examples more weight: "
        advice += "fit(example_weights='balanced')."
        pin = Pin(pair.node, f"class {int(classes[least])} is rare")
        yield Finding("rare class", names.of(pair.node), evidence, advice, (pin,))


def _contradicting(x: Features, pair: Targets, labels: Array, names: Names) -> Iterator[Finding]:
    """Equal columns with different labels."""
    _, which = np.unique(x.values, axis=1, return_inverse=True)
    _, label = np.unique(labels, return_inverse=True)
    counts = np.zeros((which.max() + 1, label.max() + 1), int)
    np.add.at(counts, (which.reshape(-1), label.reshape(-1)), 1)
    mixed = (counts > 0).sum(axis=1) > 1
    examples = int(counts[mixed].sum())
    if examples:
        best = rounded(100 * counts.max(axis=1).sum() / len(labels), 3)
        evidence = (
            f"{examples} of {len(labels)} examples are in {names.of(x.node)} equal to another one that has another label: "
        )
        evidence += f"no net can be right in more than {best} %."
        advice = "Look at these: the labels are wrong or in another order, or a feature is missing that tells them apart."
        pin = Pin(pair.node, f"{examples} examples contradict each other")
        yield Finding("contradicting", names.of(pair.node), evidence, advice, (pin,))
