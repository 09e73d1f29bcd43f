"""``minigraph predict`` and ``minigraph evaluate``: what a trained net says about rows, and how good that is."""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from minigraph.command_line.commands import Command, UsageError, place
from minigraph.command_line.console import as_json, give, say, tell
from minigraph.files import try_place
from minigraph.values import Array

from ..bounded_files import STANDARD_INPUT, read_standard_input, write_text
from ..errors import DataError
from ..model_file import LARGEST, MODEL_FILE
from ..net import Net
from ..nets import load, load_bytes
from ..predictions import named_predictions, named_probabilities
from ..tables import Table, csv_text
from ..tables.encoding import Encoding
from ..tables.features import Number
from .data_arguments import STDIN, Places, add_data_arguments, read_source, refuse_overwriting
from .new_rows import encoded_rows, known_answers


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
        text = as_json(columns) if options.json else csv_text(columns)
        if options.out is None:
            give(text)
        else:
            write_text(options.out, text)
            tell(f"wrote {len(table.rows)} predictions to {options.out}")
        return 0


def predictions(net: Net, X: Any) -> dict[str, list[Any]]:
    """The columns that are written: the prediction, and for classes the probability of each."""
    columns = named_predictions(net.target_name, net.predict(X))
    return columns | named_probabilities(net.head, net.predict_probability(X)) if net.head.classes else columns


class Evaluate(Command):
    """Compares what a net predicts with what is known."""

    summary = "compare a trained net's predictions with known answers: confusion table or errors, and a baseline"
    examples = (
        "minigraph evaluate run/model.npz patients.csv --target diagnosis",
        "minigraph evaluate run/model.npz breast-cancer",
        "minigraph evaluate run/model.npz patients.csv --json",
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The net, the data, and the column with the answers."""
        add_model_argument(parser)
        add_data_arguments(parser)
        parser.add_argument("--target", metavar="COLUMN", help="the column with the answers (default: the one of training)")

    def run(self, options: argparse.Namespace) -> int:
        """Print the report."""
        net = read_model(options)
        table, own_target = read_source(options, net)
        target = options.target or own_target or net.target_name
        if target is None:
            raise UsageError("--target is missing: which column holds the answers?")
        target = table.names[table.column(target)]
        answers, Y = known_answers(table, target, options, net.head.labels or ())
        X, rows = features_for(net, table, options, target, answers.rows)
        Y = Y[:, np.isin(answers.rows, rows)]
        report, cost = net.report(X, Y), net.cost(X, Y)
        if options.json:
            give(as_json({"net": net.settings(), "cost": cost, **report.as_dict()}))
        else:
            say(f"{net}\n\n{table.path}: cost {cost:.4f}, {report.text()}")
        return 0


def add_model_argument(parser: argparse.ArgumentParser) -> None:
    """The argument of commands that use a trained net."""
    parser.add_argument("model", help="the model file that train wrote, or - for standard input")


def read_model(options: argparse.Namespace) -> Net:
    """The net, from its file or from standard input."""
    if options.model != STDIN:
        return load(options.model)
    if STDIN in options.data:
        raise UsageError("standard input can be read once: give a file for the model or for the data.")
    return load_bytes(read_standard_input(LARGEST, MODEL_FILE), STANDARD_INPUT)


def features_for(
    net: Net, table: Table, options: argparse.Namespace, target: str | None, rows: Places
) -> tuple[Array, Places]:
    """The columns that the net was trained on, found by name, as X, and the rows that are left.

    Missing cells become what the net has learnt for them, or the training mean.
    """
    X, rows = encoded_rows(_encoding(net, table), table, options, (*net.left_out, target), rows)
    if not np.isnan(X).any():
        return X, rows
    if net.feature_means is None:
        raise DataError(f"{options.model} was written by an older version, without means. Fill cells in, or train again.")
    return np.where(np.isnan(X), net.feature_means, X), rows


def _encoding(net: Net, table: Table) -> Encoding:
    """The encoding of a net; of one without, the numbers in the columns of its features, as they are."""
    if net.encoding is not None:
        return net.encoding
    if net.feature_names is None and len(table.names) != net.features:
        raise DataError(
            f"{table.path} has {len(table.names)} columns, but the net was trained on {net.features} without names."
        )
    return Encoding(tuple(map(Number, net.feature_names or table.names)))
