"""``minigraph train``: data in; a folder with a trained net, its numbers and its pictures out."""

from __future__ import annotations

import argparse
import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import minigraph as mg
from minigraph.command_line.commands import Command, UsageError, parser_of, place
from minigraph.command_line.console import as_json, give, note, noting, say, tell, telling_warnings
from minigraph.command_line.stopping import uninterrupted
from minigraph.files import try_place

from ..bounded_files import write_text
from ..datasets import Dataset
from ..model_file import MODEL
from ..net import Net
from ..training_report import EXAMPLES_SHOWN, TrainingReport
from ..training_state import TrainedOn
from .data_arguments import LEARNT_FILLS, add_data_arguments, missing_words, refuse_overwriting
from .data_parts import Parts
from .feature_columns import add_feature_arguments
from .fitting import fit
from .learning_task import read_task, say_unlearnable
from .net_arguments import add_net_arguments, net_to_resume, new_net, refuse_other_data, resumed_optimiser
from .new_rows import refuse_held_out, say_seen
from .training_arguments import add_training_arguments, how_it_ended, refuse_backend, suited, told, validation_share

HISTORY = "history.csv"
PASSES: tuple[Literal["forward", "backward"], ...] = ("forward", "backward")
REPORT = "report.html"
PICTURES = ("forward.svg", "backward.svg", "layers.svg", "steps.html", REPORT)
SOURCES = tuple(str(Path(name).with_suffix(".dot")) for name in PICTURES if name != REPORT)
"""What stands for a picture where Graphviz is not installed."""

CLEARLY_WRONG = {"non-finite", "no gradient", "vanishing", "exploding", "symmetric"}
"""The findings of `minigraph.health` that are warned of."""


class Train(Command):
    """Trains a net on a table, and writes the results into a folder."""

    summary = "train a net; print cost and accuracy on the training and the held-out part, and draw its passes"
    examples = (
        "minigraph train breast-cancer --out run                                  logistic regression",
        "minigraph train breast-cancer --layers 16,8 --out run                    a 30-16-8-1 net",
        "minigraph train digits --layers 32 --batch-size 32 --epochs 30 --out run",
        "minigraph train patients.csv --target diagnosis --layers 8 --out run     your own data",
        "minigraph train houses --output relu --out run                           numbers that can't be negative",
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The data, the place of the results, the net, and how it is trained."""
        add_data_arguments(parser, learns=True)
        parser.add_argument("--target", metavar="COLUMN", help="the column to predict, by name (or by number, from 1)")
        add_feature_arguments(parser)
        parser.add_argument(
            "--out", required=True, type=place, metavar="FOLDER", help="write the results into this new folder"
        )
        parser.add_argument("--force", action="store_true", help="write into --out even if it exists")
        add_net_arguments(parser)
        add_training_arguments(parser)

    def run(self, options: argparse.Namespace) -> int:
        """Train, save, draw and print; stopped while it trains or draws, it saves the last whole epoch."""
        _refuse_taken(options)
        refuse_backend(options)
        refuse_held_out(options)
        before = net_to_resume(options) if options.resume else None
        if before is not None:
            options.optimiser = resumed_optimiser(before, options.optimiser)
        words = missing_words(options, before)
        written: list[Path] = []
        stopped = None
        try:
            with _folder(options.out), noting() as notes:
                net, parts, noted, left_out = _prepared(options, before)
                stopped = fit(net, parts, options)
                net.trained_on, net.missing_words, net.left_out = noted, words, left_out
                with uninterrupted():
                    written += _save(net, options.out)
            if stopped is None:
                _warn(net)
                written += _draw(net, parts.training, options.out)
                written.append(_report(net, parts, notes, options))
        except KeyboardInterrupt as interrupt:
            if not written:
                raise
            stopped = stopped or interrupt
        if stopped is not None:
            raise KeyboardInterrupt(
                f"stopped after epoch {len(net.history)}. The model is in {written[0]}, its history in {written[1]}; "
                "--resume goes on from there."
            )
        (_print_json if options.json else _print)(net, parts, written)
        return 0


def _prepared(options: argparse.Namespace, before: Net | None) -> tuple[Net, Parts, TrainedOn, tuple[str, ...]]:
    """The net, the parts of the data, what says whether others are the same, and what is left out; all is refused here."""
    task = read_task(options, before)
    stratified = bool(task.labels) if before is None else before.trained_on is not None and before.trained_on.stratified
    aside = options.held_out if isinstance(options.held_out, float) else 0.0  # of a file that is held out all rows are
    noted = TrainedOn.of(task.data, aside, validation_share(options), stratified)
    if before is not None:
        refuse_other_data(before, noted, options)
    parts = Parts.of(task, noted, options, None if before is None else before.encoding)
    if not aside:
        say_seen(parts.held_out, parts.training)
    net = new_net(options, task, len(parts.training.X)) if before is None else before
    if before is None and (options.missing in LEARNT_FILLS or not parts.encoding.is_plain):
        net.encoding = parts.encoding
    for sentence in parts.notes:
        note(sentence)
    say_unlearnable(task.labels, parts.training)
    left_out = dict.fromkeys((*net.left_out, *task.left_out))  # a net that goes on may never have seen some of them
    return net, parts, noted, tuple(left_out)


def _warn(net: Net) -> None:
    """Say what is clearly wrong with the net, a line for each kind of finding."""
    found: dict[str, str] = {}
    for finding in net.health().findings:
        if finding.kind in CLEARLY_WRONG:
            found.setdefault(finding.kind, str(finding))
    for sentence in found.values():
        tell(f"minigraph: warning: {sentence}")


def _print(net: Net, parts: Parts, written: list[Path]) -> None:
    paragraphs = [
        f"{name}: cost {net.cost(part.X, part.Y):.4f}, {net.report(part.X, part.Y).text()}" for name, part in parts.named()
    ]
    ended = [sentence] if (sentence := how_it_ended(net.history)) else []
    say("\n\n".join([str(net), *paragraphs, *ended, "wrote " + ", ".join(map(str, written))]))


def _print_json(net: Net, parts: Parts, written: list[Path]) -> None:
    document: dict[str, Any] = {"net": net.settings(), "epochs": len(net.history), "kept_epoch": net.state.epochs}
    document["note"] = how_it_ended(net.history)
    for name, part in parts.named():
        document[name.replace(" ", "_")] = {"cost": net.cost(part.X, part.Y)} | net.report(part.X, part.Y).as_dict()
    give(as_json(document | {"written": list(map(str, written))}))


def _refuse_taken(options: argparse.Namespace) -> None:
    """Refuse to write among what is there, or over what is read; an empty folder, such as a killed run leaves, is none."""
    if options.out.exists() and not options.out.is_dir():
        raise UsageError(f"{options.out} is a file. Give a folder for the results.")
    if options.out.exists() and not (options.force or options.resume) and any(options.out.iterdir()):
        raise UsageError(f"{options.out} exists already. Give another folder, or --force to write into it.")
    for name in (MODEL, HISTORY, *PICTURES, *SOURCES):
        refuse_overwriting(options.out / name, options)


@contextlib.contextmanager
def _folder(folder: Path) -> Iterator[None]:
    """The folder, made and tried before there are results; gone again if nothing came of it."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for name in (MODEL, HISTORY, *PICTURES):
            try_place(folder / name)
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # what is written there stays
            for place in missing:
                place.rmdir()
        raise


def _save(net: Net, folder: Path) -> list[Path]:
    """Write the model and its history; pictures of an older model go."""
    written = [net.save(folder / MODEL), write_text(folder / HISTORY, net.history.to_csv())]
    for name in (*PICTURES, *SOURCES):
        (folder / name).unlink(missing_ok=True)
    return written


def _report(net: Net, parts: Parts, notes: list[str], options: argparse.Namespace) -> Path:
    """Write the report that one can mail."""
    given = told(options, parser_of("train")) | suited(options, net, len(parts.training))
    report = TrainingReport(net, dict(parts.named()), notes, given, how_it_ended(net.history))
    return write_text(options.out / REPORT, report.page())


def _draw(net: Net, training: Dataset, folder: Path) -> list[Path]:
    """Both passes, and one box per layer with what health finds, on the training part; a page of all steps on a few."""
    count = min(EXAMPLES_SHOWN, training.X.shape[1])
    few = net.graph(training.X[:, :count], training.Y[:, :count], loss="probabilities", masks=net.random_masks(count))
    shown = f"{count} examples"
    whole = net.graph(training.X, training.Y, masks=net.random_masks(training.X.shape[1]))
    title = f"{net.name}: backward pass of the training part"
    with telling_warnings("minigraph: "):  # such as: no renderer, so the source was written
        written = [net.draw(what, training.X, training.Y, arrays="heatmap").save(folder / f"{what}.svg") for what in PASSES]
        layers = mg.draw(whole, "backward", level="groups", findings=mg.health(whole), title=title)
        written.append(layers.save(folder / "layers.svg"))
        try:
            written.append(mg.step_through(few, folder / "steps.html", title=f"{net.name}, {shown}"))
        except ValueError as error:  # a net of so many layers that nobody would step through it
            warnings.warn(f"no steps.html: {error}", stacklevel=1)
    return written
