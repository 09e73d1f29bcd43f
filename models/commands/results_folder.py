"""The folder that ``train`` writes: the model, its history, and pictures of its passes."""

from __future__ import annotations

import argparse
import contextlib
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import minigraph as mg
from minigraph.command_line.command import UsageError
from minigraph.command_line.console import telling_warnings
from minigraph.files import try_place

from ..bounded_files import write_text
from ..datasets import Dataset
from ..nets import Net
from .data_arguments import refuse_overwriting

MODEL, HISTORY = "model.npz", "history.csv"
PASSES: tuple[Literal["forward", "backward"], ...] = ("forward", "backward")
PICTURES = ("forward.svg", "backward.svg", "layers.svg", "steps.html")
SOURCES = tuple(str(Path(name).with_suffix(".dot")) for name in PICTURES)
"""What stands for a picture where Graphviz is not installed."""

EXAMPLES_SHOWN = 6
"""So many examples are in the pictures that one reads step by step."""


def refuse_taken(options: argparse.Namespace) -> None:
    """Refuse to write among what is there; an empty folder, such as a killed run leaves, is none.

    Raises:
        UsageError: if --out is a file or holds something, or if what is read stands in it.
    """
    if options.out.exists() and not options.out.is_dir():
        raise UsageError(f"{options.out} is a file. Give a folder for the results.")
    if options.out.exists() and not (options.force or options.resume) and any(options.out.iterdir()):
        raise UsageError(f"{options.out} exists already. Give another folder, or --force to write into it.")
    for name in (MODEL, HISTORY, *PICTURES, *SOURCES):
        refuse_overwriting(options.out / name, options)


@contextlib.contextmanager
def made(folder: Path) -> Iterator[None]:
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


def save(net: Net, folder: Path) -> list[Path]:
    """Write the model and its history; pictures of an older model go."""
    written = [net.save(folder / MODEL), write_text(folder / HISTORY, net.history.to_csv())]
    for name in (*PICTURES, *SOURCES):
        (folder / name).unlink(missing_ok=True)
    return written


def draw(net: Net, training: Dataset, folder: Path) -> list[Path]:
    """The teaching form: both passes on the training part; one box a layer, and a page of all steps, on a few examples."""
    few = net.graph(training.X[:, :EXAMPLES_SHOWN], training.Y[:, :EXAMPLES_SHOWN], loss="probabilities")
    shown = f"{min(EXAMPLES_SHOWN, training.X.shape[1])} examples"
    title = f"{net.name}: backward pass, {shown}"
    with telling_warnings("minigraph: "):  # such as: no renderer, so the source was written
        written = [net.draw(what, training.X, training.Y).save(folder / f"{what}.svg") for what in PASSES]
        written.append(mg.draw(few, "backward", level="groups", title=title).save(folder / "layers.svg"))
        try:
            written.append(mg.step_through(few, folder / "steps.html", title=f"{net.name}, {shown}"))
        except ValueError as error:  # a net of so many layers that nobody would step through it
            warnings.warn(f"no steps.html: {error}", stacklevel=1)
    return written
