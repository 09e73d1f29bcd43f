"""``minigraph train``: data in, a trained net, its numbers and its pictures out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import minigraph as mg

from ..activations import HIDDEN
from ..datasets import Dataset, breast_cancer
from ..deep_net import DeepNet
from ..initializers import INITIALIZERS
from ..logistic_regression import LogisticRegression
from ..nets import Net
from .command import Command, positive, share, sizes, whole

DATASETS = {"breast-cancer": breast_cancer}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("data", help=f"a data set that is shipped: {', '.join(DATASETS)}", choices=DATASETS)
    parser.add_argument("--out", required=True, type=Path, metavar="FOLDER", help="write the results into this folder")
    parser.add_argument(
        "--layers", type=sizes, metavar="16,8", help="units of the hidden layers; without it, logistic regression"
    )
    parser.add_argument("--hidden", choices=HIDDEN, default="tanh", help="activation of the hidden layers (default: tanh)")
    parser.add_argument("--init", choices=INITIALIZERS, help="initialiser (default: the one that fits the activation)")
    parser.add_argument("--epochs", type=whole(1), default=300, help="how often every example is used (default: 300)")
    parser.add_argument("--rate", type=positive, default=0.1, help="learning rate (default: 0.1)")
    parser.add_argument("--batch-size", type=whole(1), metavar="N", help="examples in a step (default: all)")
    parser.add_argument(
        "--held-out", type=share, default=0.3, metavar="SHARE", help="share of the examples held out (default: 0.3)"
    )
    parser.add_argument("--seed", type=whole(0), default=0, help="decides split, initial values and shuffling (default: 0)")


def _run(options: argparse.Namespace) -> int:
    data = DATASETS[options.data]()
    training, held_out = data.split(options.held_out, options.seed)
    net = _net(options, data)
    options.out.mkdir(parents=True, exist_ok=True)
    net.fit(*training, epochs=options.epochs, rate=options.rate, batch_size=options.batch_size)
    print(net)
    for name, part in (("training", training), ("held out", held_out)):
        print(f"{name:9} {len(part):5} examples  cost {net.cost(*part):.4f}  accuracy {net.score(*part):.4f}")
    written = [_write(options.out / "history.csv", net.history.to_csv()), *_pictures(net, training, options.out)]
    print("wrote " + ", ".join(map(str, written)))
    return 0


def _net(options: argparse.Namespace, data: Dataset) -> Net:
    if options.layers is None:
        return LogisticRegression(seed=options.seed)
    sizes = [data.X.shape[0], *options.layers, 1]
    return DeepNet(sizes, hidden=options.hidden, initializer=options.init, seed=options.seed)


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8", newline="")
    return path


def _pictures(net: Net, data: Dataset, folder: Path) -> list[Path]:
    """forward.svg and backward.svg of the teaching form, on the training part."""
    J = net.graph(data.X, data.Y, loss="probabilities")
    paths = []
    for what in ("forward", "backward"):
        try:
            mg.draw(J, what).save(folder / f"{what}.svg")
        except (RuntimeError, ImportError) as error:  # a picture that can't be drawn must not lose the training
            print(f"minigraph: {what}.svg is left out: {error}", file=sys.stderr)
        else:
            paths.append(folder / f"{what}.svg")
    return paths


TRAIN = Command(
    "train",
    "train a net, print cost and accuracy on the training and the held-out part, and draw its passes",
    (
        "minigraph train breast-cancer --out run                 logistic regression",
        "minigraph train breast-cancer --layers 16,8 --out run   a 30-16-8-1 net",
    ),
    _add_arguments,
    _run,
)
