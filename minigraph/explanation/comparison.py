"""What `compare` tells: a gradient beside the right one, or several; what is wrong, and where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from minigraph.core.node import Node
from minigraph.reading.numbers import rounded, told_apart
from minigraph.reading.report_parts import Part, Told
from minigraph.values import Array, norm

NEARLY = 1e-3
"""What is off by less, beside the whole, is nearly right."""


@dataclass(frozen=True, repr=False)
class Comparison(Told):
    """A gradient compared with the right one.

    Attributes:
        node: the node whose gradient it is.
        mine: the gradient that was given.
        right: the right one.
        ok: True if they agree; a comparison is as true as this in an ``if`` or ``assert``.
        diagnoses: sentences; each says what turns the right gradient into the one given, and was checked to do so.
        evidence: where and by how much they differ.
        ratio: if every entry is off by one factor, this; else None.
        name: what the node is called; if it shares its name with others, with a number.
        where: what names in the diagnoses stand for that were made up for steps without names.
    """

    node: Node
    mine: Array
    right: Array
    ok: bool
    diagnoses: tuple[str, ...]
    evidence: str
    ratio: float | None = None
    name: str = "node"
    where: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.ok

    def _nearly(self) -> str:
        """What is nearly right came about in another way than what is wrong."""
        if self.mine.shape != self.right.shape or not norm(self.mine - self.right) < NEARLY * norm(self.right):
            return ""
        share = f"{rounded(100 * norm(self.mine - self.right) / norm(self.right), 2)} %"
        return f" It is right but for {share} of its size, as a numerical derivative is, or what was rounded."

    @np.errstate(all="ignore")  # infinite entries are told too
    def _parts(self) -> list[Part]:
        if self.ok:
            return [f"✓ The gradient of {self.name} is right: {self.evidence}.", *self.where]
        lines = [f"✗ The gradient of {self.name} is not right: {self.evidence}."]
        is_finite = bool(np.all(np.isfinite(self.mine)))
        if not self.diagnoses and is_finite:
            ratio = "" if self.ratio is None else f" Every entry is {told_apart(self.ratio, 1)[0]} times the right one."
            lines.append(f"None of the usual mistakes gives it, so I can't name what is wrong.{ratio or self._nearly()}")
        if len(self.diagnoses) == 1:
            lines.append(f"Diagnosis, checked: {self.diagnoses[0]}")
        elif self.diagnoses:
            lines.append("Each of these would give exactly this array:")
            lines += [f"  - {diagnosis}" for diagnosis in self.diagnoses]
        if not is_finite:
            lines.append("0/0, log(0) and exp of a large number give such values: look for your first array that has one.")
        return [*lines, *self.where]


@dataclass(frozen=True, repr=False)
class Comparisons(Told, Mapping[str, Comparison]):
    """The gradients of a dict compared with the right ones: a dict of each `Comparison` by its key.

    Attributes:
        each: the comparisons.
        left_out: the keys that name no node that J depends on, each with the reason.
    """

    each: Mapping[str, Comparison]
    left_out: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Whether all that were compared are right; a report is as true as this in an ``if`` or ``assert``."""
        return all(self.each.values())

    def __getitem__(self, key: str) -> Comparison:
        return self.each[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.each)

    def __len__(self) -> int:
        return len(self.each)

    def __bool__(self) -> bool:
        return self.ok

    def _parts(self) -> list[Part]:
        each = (part for comparison in self.each.values() for part in comparison._parts())
        return [*each, *(f"- {why}" for why in self.left_out.values())]
