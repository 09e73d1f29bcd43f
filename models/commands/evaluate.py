"""``minigraph evaluate``: how good a trained net is on data whose answers are known."""

from __future__ import annotations

import argparse

import numpy as np

from minigraph.command_line.command import Command, UsageError
from minigraph.command_line.console import as_json, give, say

from .data_arguments import add_data_arguments, add_model_argument, features_for, read_model, read_source
from .target_column import targets_for


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
        answers, Y = targets_for(net, table, target, options)
        X, rows = features_for(net, table, options, target, answers.rows)
        Y = Y[:, np.isin(answers.rows, rows)]
        report, cost = net.report(X, Y), net.cost(X, Y)
        if options.json:
            give(as_json({"net": net.settings(), "cost": cost, **report.as_dict()}))
        else:
            say(f"{net}\n\n{table.path}: cost {cost:.4f}, {report.text()}")
        return 0
