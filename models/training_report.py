"""The report of a training as a page to mail: what was learnt from, how well, how it went, and what the net does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

import minigraph as mg
from minigraph.pages.report_charts import Scatter
from minigraph.pages.report_page import Counts, Marked, ReportPart, Section, report_page
from minigraph.reading.numbers import count, rounded
from minigraph.reading.report_parts import Curve, Picture, Table

from .datasets import Dataset
from .names_and_labels import plain_labels
from .score_reports import MOST_CLASSES, ClassReport, RegressionReport, Report

if TYPE_CHECKING:
    from .net import Net

EXAMPLES_SHOWN = 6
"""So many examples are in the pictures, so that they can be read."""


@dataclass(frozen=True)
class TrainingReport:
    """What is told in the report.

    Attributes:
        net: as it was trained just now.
        parts: the data by what each part is called; the last was held out.
        assumed: what was assumed or left out when the data were read, a sentence each.
        told: the options of the training, by name, as a user gives them.
        ended: what is to be said of the end of the training, if anything is.
    """

    net: Net
    parts: Mapping[str, Dataset]
    assumed: Sequence[str]
    told: Mapping[str, str]
    ended: str | None

    def page(self) -> str:
        """The report as one HTML file."""
        data = next(iter(self.parts.values()))
        reports = {name: self.net.report(part.X, part.Y) for name, part in self.parts.items()}
        sections = [
            Section("Result", self._result(reports)),
            Section("The data", self._data(data)),
            Section("The training", self._training()),
            Section("The passes", self._passes(data)),
            Section("Health", [repr(self.net).strip("<>"), *self.net.health()._parts()]),
        ]
        return report_page(f"{data.target_names[0]} from {data.name}", sections)

    def _result(self, reports: Mapping[str, Report]) -> list[ReportPart]:
        """How good the net is on each part, and the table or the residuals of what was held out."""
        name, report = [*reports.items()][-1]
        parts: list[ReportPart] = [f"On the part that was held out: {_in_short(report)}."]
        rows = {called: _numbers(each) for called, each in reports.items()}
        costs = {called: self.net.cost(part.X, part.Y) for called, part in self.parts.items()}
        head = ("", *rows)
        table = [("rows", *(count(len(part)) for part in self.parts.values())), ("cost", *map(_plain, costs.values()))]
        table += [(what, *(_plain(row[what]) for row in rows.values())) for what in rows[name]]
        parts.append(Table((head, *table), is_counted=True))
        if isinstance(report, ClassReport):
            if len(report.labels) <= MOST_CLASSES:
                names = [str(label) for label in report.labels]
                parts.append(Counts(f"{name}: how many rows", "truth ↓ predicted →", names, report.confusion.tolist()))
            return [*parts, *(part for part in report._parts()[2:] if len(report.labels) > 2 and _is_new(part))]
        return [*parts, self._residuals(self.parts[name], name)]

    def _residuals(self, part: Dataset, name: str) -> Scatter:
        predicted = self.net.predict(part.X)[0]
        points = list(zip(predicted.tolist(), (predicted - np.asarray(part.Y, np.float64)[0]).tolist(), strict=True))
        target = part.target_names[0]
        return Scatter(f"{name}: predicted minus true {target}", f"predicted {target}", "predicted − true", points)

    def _data(self, data: Dataset) -> list[ReportPart]:
        """What the net learns from, and what was assumed."""
        features = data.feature_names
        shown = ", ".join(features[:30]) + (f" and {len(features) - 30} more" if len(features) > 30 else "")
        parts: list[ReportPart] = [f"{count(len(features))} {'features' if len(features) > 1 else 'feature'}: {shown}."]
        if self.net.head.classes:
            rows = Counter(plain_labels(data.Y))
            of = ", ".join(f"{label} ({count(rows[label])})" for label in self.net.head.labels or ())
            parts.append(f"Classes of {data.target_names[0]}, with their rows in the training part: {of}.")
        if self.net.standardize:
            parts.append("Each feature has mean 0 and standard deviation 1 in the training part.")
        return [*parts, *(f"Note: {sentence}" for sentence in self.assumed)]

    def _training(self) -> list[ReportPart]:
        history = self.net.history
        lines = {"on the training part": history.cost}
        if history.validation_cost:
            watched = "on the validation part" if "validation" in self.parts else "on the part held out"
            lines[watched] = history.validation_cost
        penalised = ", on the training part with the penalty of --l2" if float(self.told.get("--l2", 0)) else ""
        curve = Curve(f"the cost of each epoch{penalised}", lines)
        told = Table((("option", "value"), *self.told.items()))
        ended = [f"{self.ended[0].upper()}{self.ended[1:]}."] if self.ended else []
        return [*ended, Marked(curve, history.kept) if history.kept else curve, told]

    def _passes(self, data: Dataset) -> list[ReportPart]:
        """The backward pass with one box per layer, and both passes step by step, on a few rows."""
        m = min(EXAMPLES_SHOWN, len(data))
        few = self.net.graph(data.X[:, :m], data.Y[:, :m], loss="probabilities", masks=self.net.random_masks(m))

        def layers() -> Any:
            return mg.draw(few, "backward", level="groups", title=f"backward pass by layers, {m} rows")

        def both() -> Any:
            return mg.draw(few, "both", title=f"forward and backward pass, {m} rows")

        said = (
            f"The first {m} rows of the training part go forward, from the features to the cost J, and the gradients come "
            "back by the chain rule."
        )
        return [said, Picture(layers), Picture(both)]


def _in_short(report: Report) -> str:
    if isinstance(report, ClassReport):
        guess = f"always saying {report.majority!s} would be right in {100 * report.baseline:.3g} %"
        return f"{100 * report.accuracy:.3g} % of {count(report.examples)} rows are predicted right; {guess}"
    assert isinstance(report, RegressionReport)
    off, plain = report.errors.root_mean_square, report.baseline.root_mean_square
    return f"the root mean square error is {off:.4g}; always saying the mean would give {plain:.4g}"


def _numbers(report: Report) -> dict[str, float]:
    """The numbers of a report, by name: of two classes those of the second, of more the means."""
    if isinstance(report, ClassReport):
        two = len(report.labels) == 2
        scores, of = (report.scores[1], f" of {report.labels[1]}") if two else (report.mean, ", mean")
        named = {f"precision{of}": scores.precision, f"recall{of}": scores.recall, f"F1{of}": scores.f1, "AUC": scores.auc}
        return {"accuracy": report.accuracy, "accuracy of the plain guess": report.baseline, **named}
    assert isinstance(report, RegressionReport)
    errors = report.errors
    return {
        "R²": report.r_squared,
        "root mean square error": errors.root_mean_square,
        "mean absolute error": errors.mean_absolute,
        "largest error": errors.largest,
        "root mean square error of the mean": report.baseline.root_mean_square,
    }


def _plain(number: float) -> str:
    return "undefined" if np.isnan(number) else rounded(number)


def _is_new(part: Any) -> bool:
    """Whether a part of a report is not the confusion table, which is shown with shades."""
    return not isinstance(part, Table) or part.rows[0][0] == ""
