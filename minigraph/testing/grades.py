"""A grade: points for each gradient, and what is wrong where there are none; as text, and as JSON for grading systems."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from minigraph.formulas.spelling import rounded
from minigraph.reading.report_parts import Part, Told


@dataclass(frozen=True, repr=False)
class Mark(Told):
    """The points of one gradient. It is true in an ``if`` or ``assert`` if the gradient is right.

    Attributes:
        name: what the gradient is called, such as dW1.
        ok: whether it is right, in every net that was tried.
        points: what it is given: all of its points if it is right, else 0.
        of: how many points there are for it.
        where: in which nets it is wrong, such as "from m = 2 on"; "" if there is one net only.
        diagnoses: what is wrong, each checked: it turns the right gradient into this one.
        evidence: where and by how much it is wrong.
        smallest: the sizes of the smallest net in which it is wrong; None if it is right or there is one net only.
    """

    name: str
    ok: bool
    points: float
    of: float
    where: str = ""
    diagnoses: tuple[str, ...] = ()
    evidence: str = ""
    smallest: Mapping[str, int] | None = None

    def __bool__(self) -> bool:
        return self.ok

    @property
    def reason(self) -> tuple[str, ...]:
        """What is wrong, in lines; no line if it is right."""
        if self.ok:
            return ()
        lines = [f"It fails {self.where}."] if self.where else []
        if len(self.diagnoses) == 1:
            lines.append(f"Diagnosis: {self.diagnoses[0]}")
        elif self.diagnoses:
            lines += ["Each of these would give exactly this:", *(f"  - {diagnosis}" for diagnosis in self.diagnoses)]
        place = "" if self.smallest is None else f"The smallest net that shows it: {sizes_text(self.smallest)}."
        evidence = f"{self.evidence[0].upper()}{self.evidence[1:]}." if self.evidence else ""
        lines += filter(None, [f"{place} {evidence}".strip()])
        return tuple(lines)

    def _parts(self) -> Iterator[Part]:
        yield from _marks_as_one([self])


@dataclass(frozen=True, repr=False)
class Grade(Told, Mapping[str, Mark]):
    """Points for gradients: a dict of each `Mark` by its name. It is true in an ``if`` or ``assert`` if all are right.

    Attributes:
        title: what was graded, and on what.
        marks: the marks, in order.
        remarks: what else was seen; it costs no points.
    """

    title: str
    marks: tuple[Mark, ...]
    remarks: tuple[str, ...] = ()

    @property
    def points(self) -> float:
        """The points of all gradients together; a whole number is an int."""
        return _whole(sum(mark.points for mark in self.marks))

    @property
    def of(self) -> float:
        """How many points there are."""
        return _whole(sum(mark.of for mark in self.marks))

    @property
    def ok(self) -> bool:
        """Whether every gradient is right."""
        return all(self.marks)

    def __bool__(self) -> bool:
        return self.ok

    def __getitem__(self, name: str) -> Mark:
        for mark in self.marks:
            if mark.name == name:
                return mark
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (mark.name for mark in self.marks)

    def __len__(self) -> int:
        return len(self.marks)

    def json(self) -> str:
        """The grade as JSON, in the form that Gradescope reads from ``results.json``, and other systems with it.

        ``score``, ``output`` and ``tests``; each test has ``name``, ``score``, ``max_score``, ``status`` and ``output``, and
        in ``extra_data`` the diagnoses, where it fails and the smallest net.
        """
        tests = [
            {
                "name": mark.name,
                "score": mark.points,
                "max_score": mark.of,
                "status": "passed" if mark.ok else "failed",
                "output": "\n".join(mark.reason),
                "extra_data": {
                    "diagnoses": list(mark.diagnoses),
                    "where": mark.where,
                    "smallest": None if mark.smallest is None else dict(mark.smallest),
                },
            }
            for mark in self.marks
        ]
        output = "\n".join([self.title, *self.remarks])
        return json.dumps({"score": self.points, "output": output, "tests": tests}, ensure_ascii=False, indent=1)

    def _parts(self) -> Iterator[Part]:
        yield f"{'✓' if self.ok else '✗'} {self.title}: {points_text(self.points)} of {points_text(self.of)} points."
        for _, marks in groupby(self.marks, key=lambda mark: (mark.ok, mark.reason)):
            yield from _marks_as_one(list(marks))
        yield from (f"! {remark}" for remark in self.remarks)


def _marks_as_one(marks: Sequence[Mark]) -> Iterator[str]:
    """The lines of marks that say the same: their names on one."""
    names, points, of = ", ".join(mark.name for mark in marks), sum(x.points for x in marks), sum(x.of for x in marks)
    yield f"{'✓' if marks[0].ok else '✗'} {names}: {points_text(points)} of {points_text(of)}"
    yield from (f"    {line}" for line in marks[0].reason)


def _whole(number: float) -> float:
    return int(number) if number == int(number) else round(number, 9)


def points_text(points: float) -> str:
    """Points as they are written: 2, or 0.5."""
    return rounded(points)


def sizes_text(sizes: Mapping[str, int]) -> str:
    """The sizes of a net: n = 1, h = 1, m = 2."""
    return ", ".join(f"{letter} = {size}" for letter, size in sizes.items())
