"""``minigraph predict``: what a trained net says about new rows, as CSV."""

from __future__ import annotations

import argparse
import csv
import io
from typing import Any

import numpy as np

from minigraph.command_line.command import Command, UsageError, place
from minigraph.command_line.console import as_json, give, tell
from minigraph.files import try_place

from ..bounded_files import write_text
from ..nets import Net
from .data_arguments import add_data_arguments, add_model_argument, features_for, read_model, read_source, refuse_overwriting


class Predict(Command):
    """Predicts with a trained net."""

    summary = "predict with a trained net; writes CSV with a row for each row of the data"
    examples = (
        "minigraph predict run/model.npz new.csv                        print the predictions",
        "minigraph predict run/model.npz new.csv --out predictions.csv  write them into a file",
        "minigraph predict run/model.npz new.csv --missing mean         with missing cells filled in",
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The net, the data, and the place of the predictions."""
        add_model_argument(parser)
        add_data_arguments(parser, answers=False)
        parser.add_argument(
            "--out", type=place, metavar="FILE", help="write the predictions into this new file instead of printing them"
        )
        parser.add_argument("--force", action="store_true", help="replace --out if it exists")

    def run(self, options: argparse.Namespace) -> int:
        """Print or write the predictions; a file that is there is refused first."""
        if options.out is not None:
            if options.out.exists() and not options.force:
                raise UsageError(f"{options.out} exists already. Give another name, or --force to replace it.")
            refuse_overwriting(options.out, options)
            try_place(options.out)
        net = read_model(options)
        table, target = read_source(options, net)
        X, _ = features_for(net, table, options, target or net.target_name, np.arange(len(table.rows)))
        columns = predictions(net, X)
        text = as_json(columns) if options.json else _as_csv(columns)
        if options.out is None:
            give(text)
        else:
            write_text(options.out, text)
            tell(f"wrote {len(table.rows)} predictions to {options.out}")
        return 0


def predictions(net: Net, X: Any) -> dict[str, list[Any]]:
    """The columns that are written: the prediction, and for classes the probability of each."""
    rows, name = net.predict(X).tolist(), net.target_name or "prediction"
    columns = {name if len(rows) == 1 else f"{name} {i}": row for i, row in enumerate(rows, 1)}
    if net.head.classes:
        probabilities = net.head.probabilities(net.predict_probability(X)).tolist()
        labels = net.head.labels or ()
        columns |= {f"probability of {label}": row for label, row in zip(labels, probabilities, strict=True)}
    return columns


def _as_csv(columns: dict[str, list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()
