"""How good predictions are: a confusion table for classes, errors for numbers, and what the plainest guess would give."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from minigraph.reading.report_parts import Part, Table, Told
from minigraph.values import Array

from .class_scores import ClassScores, area_under_curve, mean_scores, score_text, scores_of_classes
from .errors import shortened

MOST_CLASSES = 12
"""So many classes still make a table that can be read; beyond that the commonest mistakes are listed."""


class Report(Protocol):
    """What `Net.report` gives."""

    def text(self) -> str:
        """For a reader."""
        ...

    def as_dict(self) -> dict[str, Any]:
        """For a machine: plain numbers, text, lists."""
        ...


@dataclass(frozen=True, repr=False)
class ClassReport(Told):
    """Which classes were taken for which.

    Attributes:
        labels: the classes.
        confusion: (classes, classes), how many examples of the row's class were predicted as the column's.
        areas: the area under the ROC curve of each class against all others.

    Example:
        >>> import numpy as np
        >>> probabilities = np.array([[0.9, 0.6, 0.4, 0.2], [0.1, 0.4, 0.6, 0.8]])
        >>> print(ClassReport.of(("no", "yes"), np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), probabilities).text())
        accuracy 0.7500 of 4 examples; always 'no' gives 0.7500
        'yes': precision 0.5000, recall 1.0000, F1 0.6667, AUC 1.0000
        truth ↓ predicted →  no  yes
                         no   2    1
                        yes   0    1
    """

    labels: tuple[Any, ...]
    confusion: npt.NDArray[np.int64]
    areas: Array

    @classmethod
    def of(
        cls, labels: tuple[Any, ...], truth: npt.NDArray[np.intp], predicted: npt.NDArray[np.intp], probabilities: Array
    ) -> ClassReport:
        """The report for class numbers, (m,) each, and the probability of each class, (classes, m)."""
        confusion = np.zeros((len(labels), len(labels)), dtype=np.int64)
        np.add.at(confusion, (truth, predicted), 1)
        return cls(labels, confusion, np.array([area_under_curve(truth == k, row) for k, row in enumerate(probabilities)]))

    @property
    def examples(self) -> int:
        """How many were predicted."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """The share of right predictions."""
        return float(np.trace(self.confusion) / self.examples)

    @property
    def majority(self) -> Any:
        """The most frequent class of these examples."""
        return self.labels[int(self.confusion.sum(axis=1).argmax())]

    @property
    def baseline(self) -> float:
        """The accuracy of always saying the most frequent class of these examples."""
        return float(self.confusion.sum(axis=1).max() / self.examples)

    @property
    def scores(self) -> list[ClassScores]:
        """Precision, recall, F1 and AUC of each class."""
        return scores_of_classes(self.confusion, self.areas)

    @property
    def mean(self) -> ClassScores:
        """Their means over the classes."""
        return mean_scores(self.scores)

    def text(self) -> str:
        """For a reader."""
        return str(self)

    def _parts(self) -> list[Part]:
        line = (
            f"accuracy {self.accuracy:.4f} of {self.examples} examples; "
            f"always {_quoted(self.majority)} gives {self.baseline:.4f}"
        )
        if len(self.labels) == 2:
            return [line, f"{_quoted(self.labels[1])}: {self.scores[1]}", self._table()]
        means = f"mean over classes: {self.mean}"
        if len(self.labels) > MOST_CLASSES:
            return [line, means, *self._mistakes()]
        return [line, means, self._table(), self._table_of_scores()]

    def _table(self) -> Table:
        names = [_cut(str(label)) for label in self.labels]
        rows = ((name, *map(str, row)) for name, row in zip(names, self.confusion.tolist(), strict=True))
        return Table((("truth ↓ predicted →", *names), *rows), is_counted=True)

    def _table_of_scores(self) -> Table:
        rows: list[tuple[str, ...]] = [("", "precision", "recall", "F1", "AUC", "examples")]
        for label, each in zip(self.labels, self.scores, strict=True):
            shown = map(score_text, (each.precision, each.recall, each.f1, each.auc))
            rows.append((_cut(str(label)), *shown, str(each.examples)))
        return Table(tuple(rows), is_counted=True)

    def _mistakes(self) -> list[str]:
        wrong = self.confusion * (1 - np.eye(len(self.labels), dtype=np.int64))
        order = np.argsort(-wrong, axis=None, kind="stable")[:10]
        cells = [tuple(map(int, np.unravel_index(i, wrong.shape))) for i in order]
        return [
            f"{wrong[i, j]:>6} of {_quoted(self.labels[i])} predicted as {_quoted(self.labels[j])}"
            for i, j in cells
            if wrong[i, j]
        ]

    def as_dict(self) -> dict[str, Any]:
        """For a machine."""
        return {
            "examples": self.examples,
            "accuracy": self.accuracy,
            "baseline": {"always": self.majority, "accuracy": self.baseline},
            "labels": list(self.labels),
            "confusion": self.confusion.tolist(),
            "classes": [scores.as_dict() for scores in self.scores],
            "mean": self.mean.as_dict(),
        }


@dataclass(frozen=True)
class Errors:
    """How far numbers are from the truth, in the truth's units."""

    root_mean_square: float
    mean_absolute: float
    largest: float

    @classmethod
    def of(cls, predicted: npt.NDArray[np.float64], truth: npt.NDArray[np.float64]) -> Errors:
        """The errors of predictions of any shape."""
        with np.errstate(all="ignore"):
            error = np.abs(predicted - truth)
            return cls(float(np.sqrt(np.mean(np.square(error)))), float(error.mean()), float(error.max()))

    def __str__(self) -> str:
        return (
            f"root mean square error {self.root_mean_square:.4g}, mean absolute error {self.mean_absolute:.4g}, "
            f"largest {self.largest:.4g}"
        )


@dataclass(frozen=True, repr=False)
class RegressionReport(Told):
    """How far predicted numbers are from the truth; the baseline always says the mean of these examples."""

    examples: int
    r_squared: float
    errors: Errors
    baseline: Errors

    @classmethod
    def of(cls, predicted: npt.NDArray[np.float64], truth: npt.NDArray[np.float64], r_squared: float) -> RegressionReport:
        """The report for numbers (outputs, m)."""
        mean = np.broadcast_to(truth.mean(axis=1, keepdims=True), truth.shape)
        return cls(truth.shape[1], r_squared, Errors.of(predicted, truth), Errors.of(mean, truth))

    def text(self) -> str:
        """For a reader."""
        return str(self)

    def _parts(self) -> list[Part]:
        return [
            f"R² {self.r_squared:.4f} of {self.examples} examples; {self.errors}",
            f"always the mean gives: {self.baseline}",
        ]

    def as_dict(self) -> dict[str, Any]:
        """For a machine."""
        return {"examples": self.examples, "r_squared": self.r_squared, "errors": asdict(self.errors)} | {
            "baseline": {"always": "mean", "errors": asdict(self.baseline)}
        }


def _cut(text: str, budget: int = 24) -> str:
    plain = "".join(letter if letter.isprintable() else "·" for letter in text)
    return plain if len(plain) <= budget else plain[: budget - 1] + "…"


def _quoted(label: Any) -> str:
    return shortened(label) if isinstance(label, str) else str(label)
