"""The arguments of ``train`` that say how the net is trained, and what `Net.fit` is told by them."""

from __future__ import annotations

import argparse
from typing import Any

from minigraph.command_line.commands import UsageError, from_zero, positive, share, whole

from ..datasets import Dataset
from ..net import Net
from ..nets import DeepNet
from ..optimisers import OPTIMISERS, make_optimiser
from ..training_settings import Rate, check_backend
from ..training_state import History
from .new_rows import share_or_file

ALWAYS_TOLD = ("epochs", "held_out", "seed")
TOLD_ELSEWHERE = ("data", "target", "out", "force", "json")
"""What a report of a training does not list among its options."""
USUAL_OPTIMISER = "nesterov"
"""What trains a new net; with --batch-size, where steps are many, or a --rate, it is descent."""
USUAL_L2 = 5.0
"""λ of a net with hidden layers that the usual optimiser trains, and which can so learn its rows by heart; else it is 0."""
ROWS_OF_L2 = 50
"""The usual λ is at most the training rows by this, or few rows would teach nothing."""
VALIDATION = 0.2
"""The share of the training rows on which --patience watches the cost."""


def add_training_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    group = parser.add_argument_group("training")
    group.add_argument("--epochs", type=whole(1), default=300, help="how often every example is used (default: 300)")
    rates = ", ".join(f"{kind.usual_rate:g} for {name}" for name, kind in OPTIMISERS.items())
    group.add_argument("--rate", type=positive, help=f"learning rate (default: {rates})")
    group.add_argument("--halve-every", type=whole(1), metavar="N", help="halve the learning rate every N epochs")
    group.add_argument(
        "--optimiser",
        choices=OPTIMISERS,
        help="how a step follows from the gradients (default: nesterov; with --rate or --batch-size descent)",
    )
    group.add_argument(
        "--l2",
        type=from_zero,
        metavar="LAMBDA",
        help="adds LAMBDA/(2m) · the weights' squares to the cost (default: 0; with hidden layers and nesterov "
        f"{USUAL_L2:g}, or a {ROWS_OF_L2}th of the training rows if that is less)",
    )
    group.add_argument("--clip", type=positive, metavar="LENGTH", help="shorten a gradient that is longer than this")
    group.add_argument("--batch-size", type=whole(1), metavar="N", help="examples in a step (default: all)")
    group.add_argument("--balance", action="store_true", help="let the rows of each class together count alike in the cost")
    group.add_argument(
        "--patience",
        type=whole(1),
        metavar="N",
        help="stop when N epochs brought no improvement on a validation part, and keep the best epoch's parameters",
    )
    group.add_argument(
        "--validation",
        type=share,
        metavar="SHARE",
        help=f"share of the training rows that validate instead (default: {VALIDATION} with --patience, else none)",
    )
    group.add_argument(
        "--backend",
        choices=("auto", "numpy", "native", "jax"),
        default="auto",
        help="what runs the steps (default: auto, the interpreter in C or NumPy)",
    )
    group.add_argument(
        "--devices", type=whole(1), metavar="N", help="with --backend jax: devices that share each batch (default: 1)"
    )
    group.add_argument(
        "--held-out",
        type=share_or_file,
        default=0.3,
        metavar="SHARE or FILE",
        help="share of the rows held out (default: 0.3), or a CSV file with such rows; then all of the data is trained on",
    )
    group.add_argument("--seed", type=whole(0), default=0, help="decides split, initial values and shuffling (default: 0)")
    group.add_argument(
        "--resume",
        action="store_true",
        help="go on training the model in --out, for --epochs more; data, seed and shares must be as before",
    )


def validation_share(options: argparse.Namespace) -> float:
    """The share of the training rows that validate; 0 for none."""
    given: float | None = options.validation
    return given if given is not None else VALIDATION if options.patience else 0.0


def fit_options(options: argparse.Namespace, data: Dataset, net: Net) -> dict[str, Any]:
    """What `Net.fit` is told, beside the data: what was given, or else what suits the net.

    Raises:
        UsageError: for --balance without classes.
    """
    if options.balance and not net.head.classes:
        raise UsageError(f"--balance is for classes, but the target {data.target_names[0]!r} holds numbers. Leave it out.")
    told = ("epochs", "clip", "batch_size", "patience", "resume", "backend", "devices")
    return {name: getattr(options, name) for name in told} | {
        "optimiser": optimiser_of(options),
        "rate": _rate(options),
        "l2": options.l2 if options.l2 is not None else _usual_l2(net, len(data), options),
        "example_weights": "balanced" if options.balance else None,
        "feature_names": data.feature_names,
    }


def suited(options: argparse.Namespace, net: Net, rows: int) -> dict[str, str]:
    """The options that were not given, and that the command chose to suit the net, as a user writes them."""
    chosen = {"optimiser": optimiser_of(options), "l2": f"{_usual_l2(net, rows, options):g}"}
    return {f"--{name}": value for name, value in chosen.items() if getattr(options, name) is None}


def optimiser_of(options: argparse.Namespace) -> str:
    """The optimiser that was given, or else the one that suits the other options."""
    given: str | None = options.optimiser
    return given or (USUAL_OPTIMISER if options.batch_size is options.rate is None else "descent")


def _usual_l2(net: Net, rows: int, options: argparse.Namespace) -> float:
    """λ where none is given."""
    learns_by_heart = isinstance(net, DeepNet) and net.hidden and optimiser_of(options) == USUAL_OPTIMISER
    return min(USUAL_L2, rows / ROWS_OF_L2) if learns_by_heart else 0.0


def usual_rate(options: argparse.Namespace) -> float:
    """The learning rate where none is given."""
    return make_optimiser(optimiser_of(options)).usual_rate


def _rate(options: argparse.Namespace) -> Rate | None:
    given: float | None = options.rate
    every: int | None = options.halve_every
    if every is None:
        return given
    first = given or usual_rate(options)

    def rate(epoch: int) -> float:
        return float(first * 0.5 ** ((epoch - 1) // every))

    return rate


def refuse_backend(options: argparse.Namespace) -> None:
    """Refuse a backend or devices that are not there."""
    if options.devices is not None and options.backend != "jax":
        raise UsageError("--devices is for --backend jax. Give both, or leave --devices out.")
    try:
        check_backend(options.backend, options.devices)
    except (ImportError, RuntimeError, ValueError) as error:
        raise UsageError(f"--backend {options.backend}: {error}") from None


def how_it_ended(history: History) -> str | None:
    """What a user should know of the end of a training: the epoch that was kept, or what more epochs would do."""
    epochs = len(history)
    if history.kept is not None:
        lowest = history.validation_cost[history.kept - 1]
        return (
            f"{epochs} epochs were done; the net is as it was after epoch {history.kept}, "
            f"whose cost on the validation part was the lowest: {lowest:.4g}"
        )
    fall = history.fall()
    if fall is None:
        return None
    share, span = fall
    falls = f"the cost still falls by {100 * share:.2g} % in {span} epochs"
    if history.rises_elsewhere(span):
        return f"{falls}, but rises on the rows that don't train: --patience {max(span, 10)} would keep the best epoch"
    return f"{falls}: --epochs {3 * epochs}, or --resume --epochs {2 * epochs} to go on"


def told(options: argparse.Namespace, parser: argparse.ArgumentParser) -> dict[str, str]:
    """The options that were given or decide something, as a user writes them; the parser knows what holds without them."""
    given = {
        name: value
        for name, value in vars(options).items()
        if name not in TOLD_ELSEWHERE and (name in ALWAYS_TOLD or value != parser.get_default(name))
    }
    return {f"--{name.replace('_', '-')}": _written(value) for name, value in given.items()}


def _written(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ",".join(map(_written, value))
    return "yes" if value is True else str(value)
