"""The arguments of ``train`` that say what the net is, and the net: a new one, or the one that goes on training."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable

from minigraph.command_line.commands import UsageError, below_one, positive, whole_numbers
from minigraph.command_line.console import note

from ..activations_and_initialisers import HIDDEN, INITIALIZERS
from ..errors import unknown
from ..heads import HEADS
from ..model_file import MODEL
from ..net import Net
from ..nets import DeepNet, LogisticRegression, load
from ..optimisers import OPTIMISERS
from ..training_state import TrainedOn, other_columns
from .learning_task import LearningTask

ARCHITECTURE = ("layers", "hidden", "slope", "dropout", "output", "init")
"""The options declared here; a net that goes on training keeps what it is."""


def add_net_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    group = parser.add_argument_group("the net")
    group.add_argument(
        "--layers",
        type=whole_numbers,
        metavar="16,8",
        help="units of the hidden layers; without it there are none (logistic regression, for two classes)",
    )
    group.add_argument(
        "--hidden",
        type=_names_of("activation", HIDDEN),
        metavar="NAME",
        help=f"activation of the hidden layers, or one for each, such as relu,tanh: {', '.join(HIDDEN)} (default: relu)",
    )
    group.add_argument("--slope", type=positive, help="slope of leaky_relu below 0 (default: 0.01)")
    group.add_argument(
        "--dropout",
        type=_shares,
        metavar="SHARE",
        help="share of the units that hidden layers leave out of each step, at random, or one for each, such as 0.2,0.5",
    )
    group.add_argument(
        "--output",
        choices=HEADS,
        help=f"what the last layer is: {', '.join(f'{name} ({head.meaning})' for name, head in HEADS.items())}; "
        "by default what the target looks like",
    )
    group.add_argument("--init", choices=INITIALIZERS, help="initialiser (default: the one that fits the activation)")


def _names_of(what: str, known: Iterable[str]) -> Callable[[str], str | list[str]]:
    """A known name, or several with commas between them."""

    def read(text: str) -> str | list[str]:
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(str(unknown(what, name, known)))
        return names if len(names) > 1 else names[0]

    return read


def _shares(text: str) -> float | list[float]:
    """A share of units, or several with commas between them."""
    shares = list(map(below_one, text.split(",")))
    return shares if len(shares) > 1 else shares[0]


def new_net(options: argparse.Namespace, task: LearningTask, features: int) -> Net:
    """The net that the options describe, with so many features, and as many outputs as the task has."""
    head = HEADS[task.output]
    logistic = head is LogisticRegression.HEAD and options.layers is None
    # Without hidden layers, too, the last layer starts as --init says; but logistic regression starts at 0.
    idle = (
        ()
        if options.layers is not None
        else ("hidden", "slope", "dropout", "init")
        if logistic
        else ("hidden", "slope", "dropout")
    )
    for name in idle:
        if getattr(options, name) is not None:
            raise UsageError(
                f"--{name} belongs to nets with hidden layers, and there are none. "
                f"Give --layers too, such as --layers 16,8, or leave --{name} out."
            )
    if logistic:
        net: Net = LogisticRegression(features, labels=task.labels, seed=options.seed)
    else:
        net = DeepNet(
            [features, *(options.layers or []), head.outputs_for(task.labels)],
            hidden=options.hidden or "relu",
            output=head.name,
            initializer=options.init,
            slope=options.slope or 0.01,
            dropout=options.dropout or 0.0,
            labels=task.labels or None,
            seed=options.seed,
        )
    net.target_name = task.data.target_names[0]
    return net


def net_to_resume(options: argparse.Namespace) -> Net:
    """The net in --out, which is to go on training; no option may make it another net."""
    given = [name for name in ARCHITECTURE if getattr(options, name) is not None]
    if given:
        raise UsageError(f"--{given[0]} can't change in a net that goes on training. Leave it out, or --resume.")
    path = options.out / MODEL
    if not path.exists():
        raise UsageError(f"there is no model {path} to go on from. Train it first, without --resume.")
    return load(path)


def resumed_optimiser(net: Net, given: str | None) -> str:
    """The optimiser that goes on with what it remembers: the one that trained the net; another is refused."""
    trained_by = next((word for word, kind in OPTIMISERS.items() if kind.__name__ == net.state.optimiser), None)
    if trained_by is None:
        raise UsageError(f"the model was trained by {net.state.optimiser!r}, which this command does not have: use Python.")
    if given not in (None, trained_by):
        raise UsageError(f"--optimiser {given} can't go on where {trained_by} has trained. Leave it out, or --resume.")
    return trained_by


def refuse_other_data(net: Net, now: TrainedOn, options: argparse.Namespace) -> None:
    """Refuse what would put rows that a net was trained on into the held-out part: other data, another share or seed."""
    path = options.out / MODEL
    if net.trained_on is not None:
        differs = net.trained_on.difference(now)
    else:
        note(
            f"{path} does not say what it was trained on, so it can't be checked that the rows and --held-out are as before"
        )
        differs = other_columns(net.feature_names, now.features) if net.feature_names not in (None, now.features) else None
    if differs is None and net.seed != options.seed:
        differs = f"was trained with --seed {net.seed}, which decides the split. Give it again."
    if differs is not None:
        raise UsageError(f"{path} {differs}")
