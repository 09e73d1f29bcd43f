"""Scores beside accuracy: precision, recall and F1 from a confusion table, and the area under the ROC curve."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from minigraph.values import Array

Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ClassScores:
    """How well one class is told from the others, or the mean over classes; NaN where nothing is to be divided by.

    Attributes:
        precision: of those that were predicted as this class, the share that is.
        recall: of those that are of this class, the share that was predicted so.
        f1: the harmonic mean of both.
        auc: the chance that an example of this class has a higher probability of it than another example; equal
            ones count half. It is the area under the ROC curve.
        examples: how many are of this class.
    """

    precision: float
    recall: float
    f1: float
    auc: float
    examples: int

    def __str__(self) -> str:
        return ", ".join(
            f"{name} {score_text(score)}"
            for name, score in (("precision", self.precision), ("recall", self.recall), ("F1", self.f1), ("AUC", self.auc))
        )

    def as_dict(self) -> dict[str, float | None]:
        """For a machine; None for what is not defined."""
        scores = {"precision": self.precision, "recall": self.recall, "f1": self.f1, "auc": self.auc}
        return {name: None if np.isnan(score) else score for name, score in scores.items()} | {"examples": self.examples}


def score_text(score: float) -> str:
    """A score with four digits."""
    return "undefined" if np.isnan(score) else f"{score:.4f}"


def scores_of_classes(confusion: Counts, areas: Array) -> list[ClassScores]:
    """The scores of each class.

    Args:
        confusion: (classes, classes), truths in rows, predictions in columns.
        areas: the AUC of each class.

    Example:
        >>> print(scores_of_classes(np.array([[2, 1], [0, 1]]), np.array([0.5, 0.5]))[1])
        precision 0.5000, recall 1.0000, F1 0.6667, AUC 0.5000
    """
    right, predicted, true = np.diag(confusion), confusion.sum(axis=0), confusion.sum(axis=1)
    with np.errstate(invalid="ignore"):  # 0 / 0 is not defined
        precision, recall, f1 = right / predicted, right / true, 2 * right / (predicted + true)
    columns = zip(precision.tolist(), recall.tolist(), f1.tolist(), areas.tolist(), true.tolist(), strict=True)
    return [ClassScores(*scores) for scores in columns]


def mean_scores(classes: list[ClassScores]) -> ClassScores:
    """The plain mean over classes that occur in truth or prediction; no prediction of a class counts as a precision of 0."""
    occurring = [scores for scores in classes if not np.isnan(scores.f1)]
    areas = [scores.auc for scores in classes if not np.isnan(scores.auc)]
    precision, recall, f1 = (
        float(np.mean([np.nan_to_num(getattr(scores, name)) for scores in occurring]))
        for name in ("precision", "recall", "f1")
    )
    return ClassScores(
        precision, recall, f1, float(np.mean(areas)) if areas else np.nan, sum(scores.examples for scores in classes)
    )


def area_under_curve(is_of_class: npt.NDArray[np.bool_], probability: Array) -> float:
    """The area under the ROC curve, from ranks; NaN without examples of both kinds, or for a probability that is none.

    Example:
        >>> area_under_curve(np.array([False, True, False, True]), np.array([0.1, 0.4, 0.4, 0.8]))
        0.875
    """
    inside = int(is_of_class.sum())
    outside = len(is_of_class) - inside
    if not inside or not outside or np.isnan(probability).any():
        return float("nan")
    _, places, counts = np.unique(probability, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2  # equal ones share the mean of their ranks
    return float((ranks[places][is_of_class].sum() - inside * (inside + 1) / 2) / (inside * outside))
