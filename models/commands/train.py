"""``minigraph train``: data in; a trained net, its numbers and its pictures out."""

from __future__ import annotations

import argparse
import contextlib
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import minigraph as mg
from minigraph.command_line.command import Command, UsageError, as_json, place, positive, share, sizes, telling, whole
from minigraph.command_line.console import give, say, tell
from minigraph.command_line.stopping import uninterrupted
from minigraph.files import try_place

from ..activations import HIDDEN
from ..datasets import Dataset
from ..deep_net import DeepNet
from ..errors import DivergenceError, TrainingInterrupted, unknown
from ..files import write_text
from ..heads import HEADS
from ..initializers import INITIALIZERS
from ..logistic_regression import LogisticRegression
from ..model_file import load
from ..nets import Net
from ..trained_on import TrainedOn, other_columns
from .problem import Problem, fill, mean_of_known, read_problem, say_counting
from .sources import add_data_arguments, missing_words, note, refuse_overwriting

ARCHITECTURE = ("layers", "hidden", "slope", "output", "init")
"""Options that decide what the net is; a net that goes on training keeps its own."""

CLEARLY_WRONG = {"non-finite", "no gradient", "vanishing", "exploding", "symmetric"}
"""The findings of `minigraph.health` that `train` warns of."""


def _names_of(what: str, known: Iterable[str]) -> Callable[[str], str | list[str]]:
    """An argument that is a known name, or several with commas between them."""

    def read(text: str) -> str | list[str]:
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(str(unknown(what, name, known)))
        return names if len(names) > 1 else names[0]

    return read


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_data_arguments(parser)
    parser.add_argument("--target", metavar="COLUMN", help="the column to predict, by name (or by number, from 1)")
    parser.add_argument(
        "--ignore", metavar="COLUMN", action="append", default=[], help="a column to leave out; may be given again"
    )
    parser.add_argument("--out", required=True, type=place, metavar="FOLDER", help="write the results into this new folder")
    parser.add_argument("--force", action="store_true", help="write into --out even if it exists")
    net = parser.add_argument_group("the net")
    net.add_argument(
        "--layers",
        type=sizes,
        metavar="16,8",
        help="units of the hidden layers; without it there are none (logistic regression, for two classes)",
    )
    net.add_argument(
        "--hidden",
        type=_names_of("activation", HIDDEN),
        metavar="NAME",
        help=f"activation of the hidden layers, or one for each, such as relu,tanh: {', '.join(HIDDEN)} (default: tanh)",
    )
    net.add_argument("--slope", type=positive, help="slope of leaky_relu below 0 (default: 0.01)")
    net.add_argument(
        "--output",
        choices=HEADS,
        help=f"what the last layer is: {', '.join(f'{name} ({head.meaning})' for name, head in HEADS.items())}; "
        "by default what the target looks like",
    )
    net.add_argument("--init", choices=INITIALIZERS, help="initialiser (default: the one that fits the activation)")
    training = parser.add_argument_group("training")
    training.add_argument("--epochs", type=whole(1), default=300, help="how often every example is used (default: 300)")
    training.add_argument("--rate", type=positive, default=0.1, help="learning rate (default: 0.1)")
    training.add_argument("--batch-size", type=whole(1), metavar="N", help="examples in a step (default: all)")
    training.add_argument(
        "--held-out", type=share, default=0.3, metavar="SHARE", help="share of the rows held out (default: 0.3)"
    )
    training.add_argument(
        "--seed", type=whole(0), default=0, help="decides split, initial values and shuffling (default: 0)"
    )
    training.add_argument(
        "--resume",
        action="store_true",
        help="go on training the model in --out, for --epochs more; data, seed and --held-out must be as before",
    )


EXAMPLES_SHOWN = 6
"""So many examples are in the pictures that one reads step by step."""

PICTURE_FILES = ("forward.svg", "backward.svg", "layers.svg", "steps.html")
PICTURES: tuple[Literal["forward", "backward"], ...] = ("forward", "backward")


SOURCES = tuple(str(Path(name).with_suffix(".dot")) for name in PICTURE_FILES)
"""What stands for a picture where Graphviz is not installed."""

WRITTEN = ("model.npz", "history.csv", *PICTURE_FILES)


@dataclass(frozen=True)
class Parts:
    """The training part and the held-out part."""

    training: Dataset
    held_out: Dataset

    def __iter__(self) -> Any:
        return iter((("training", self.training), ("held out", self.held_out)))


def _run(options: argparse.Namespace) -> int:
    _refuse_taken(options)
    before = _going_on(options) if options.resume else None
    words = missing_words(options, before)
    written: list[Path] = []
    stopped = None
    try:
        with _folder(options.out):
            net, parts, noted = _prepared(options, before)
            stopped = _fit(net, parts, options)
            net.trained_on, net.missing_words = noted, words
            with uninterrupted():
                written += _save(net, options.out)
        if stopped is None:
            _warn(net)
            written += _pictures(net, parts.training, options.out)
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


def _prepared(options: argparse.Namespace, before: Net | None) -> tuple[Net, Parts, TrainedOn]:
    """The net, the two parts of the data, and what will say whether others are the same; all that can be refused is."""
    problem = read_problem(options, before)
    training, held_out = problem.data.split(options.held_out, options.seed)
    mean = mean_of_known(training)
    noted = TrainedOn.of(problem.data, options.held_out)
    net = _new(options, problem) if before is None else before
    if before is not None:
        _refuse_other_data(before, noted, options)
    say_counting(problem.data)
    return net, Parts(fill(training, mean), fill(held_out, mean)), noted


def _save(net: Net, folder: Path) -> list[Path]:
    """Write the model and its history; pictures of an older model go."""
    written = [net.save(folder / "model.npz"), write_text(folder / "history.csv", net.history.to_csv())]
    for name in (*PICTURE_FILES, *SOURCES):
        (folder / name).unlink(missing_ok=True)
    return written


def _warn(net: Net) -> None:
    """Say what is clearly wrong with the net, a line for each kind of finding."""
    found: dict[str, str] = {}
    for finding in net.health().findings:
        if finding.kind in CLEARLY_WRONG:
            found.setdefault(finding.kind, str(finding))
    for sentence in found.values():
        tell(f"minigraph: warning: {sentence}")


def _refuse_taken(options: argparse.Namespace) -> None:
    """Refuse to write among what is there; an empty folder, such as a killed run leaves, is none."""
    if options.out.exists() and not options.out.is_dir():
        raise UsageError(f"{options.out} is a file. Give a folder for the results.")
    if options.out.exists() and not (options.force or options.resume) and any(options.out.iterdir()):
        raise UsageError(f"{options.out} exists already. Give another folder, or --force to write into it.")
    for name in (*WRITTEN, *SOURCES):
        refuse_overwriting(options.out / name, options)


def _new(options: argparse.Namespace, problem: Problem) -> Net:
    features, head = problem.data.X.shape[0], HEADS[problem.output]
    logistic = head is LogisticRegression.HEAD and options.layers is None
    if options.layers is None:
        # Without hidden layers, too, the last layer starts as --init says; but logistic regression starts at 0.
        _refuse_idle(options, ("hidden", "slope", "init") if logistic else ("hidden", "slope"))
    if logistic:
        net: Net = LogisticRegression(features, labels=problem.labels, seed=options.seed)
    else:
        net = DeepNet(
            [features, *(options.layers or []), head.outputs_for(problem.labels)],
            hidden=options.hidden or "tanh",
            output=head.name,
            initializer=options.init,
            slope=options.slope or 0.01,
            labels=problem.labels or None,
            seed=options.seed,
        )
    net.target_name = problem.data.target_names[0]
    return net


def _refuse_idle(options: argparse.Namespace, names: Sequence[str]) -> None:
    """Refuse options that would change nothing in a net without hidden layers."""
    for name in names:
        if getattr(options, name) is not None:
            raise UsageError(
                f"--{name} belongs to nets with hidden layers, and there are none. "
                f"Give --layers too, such as --layers 16,8, or leave --{name} out."
            )


def _going_on(options: argparse.Namespace) -> Net:
    """The net in --out, which is to go on training."""
    given = [name for name in ARCHITECTURE if getattr(options, name) is not None]
    if given:
        raise UsageError(f"--{given[0]} can't change in a net that goes on training. Leave it out, or --resume.")
    path = options.out / "model.npz"
    if not path.exists():
        raise UsageError(f"there is no model {path} to go on from. Train it first, without --resume.")
    return load(path)


def _refuse_other_data(net: Net, now: TrainedOn, options: argparse.Namespace) -> None:
    """Refuse what would put rows that were trained on into the held-out part."""
    path = options.out / "model.npz"
    if net.trained_on is not None:
        differs = net.trained_on.difference(now)
    else:
        note(f"{path} does not say what it was trained on: that the rows and --held-out are as before can't be checked")
        differs = other_columns(net.feature_names, now.features) if net.feature_names not in (None, now.features) else None
    if differs is None and net.seed != options.seed:
        differs = f"was trained with --seed {net.seed}, which decides the split. Give it again."
    if differs is not None:
        raise UsageError(f"{path} {differs}")


@contextlib.contextmanager
def _folder(folder: Path) -> Iterator[None]:
    """The folder for the results, made and tried before there are any; gone again if nothing came of it."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        for name in WRITTEN:
            try_place(folder / name)
        yield
    except BaseException:
        with contextlib.suppress(OSError):  # what is written there stays
            for place in missing:
                place.rmdir()
        raise


def _fit(net: Net, parts: Parts, options: argparse.Namespace) -> KeyboardInterrupt | None:
    """Train; gives what stopped it, if something did."""
    try:
        with telling("minigraph: warning: "):
            net.fit(
                parts.training.X,
                parts.training.Y,
                validation=parts.held_out,  # its cost is noted in the history; it has no influence
                epochs=options.epochs,
                rate=options.rate,
                batch_size=options.batch_size,
                resume=options.resume,
                feature_names=parts.training.feature_names,
            )
    except TrainingInterrupted as interrupt:
        return interrupt
    except DivergenceError as error:
        error.args = (_why_diverged(error, options),)
        raise
    return None


def _why_diverged(error: DivergenceError, options: argparse.Namespace) -> str:
    """What the error says, in the words of this command."""
    kept = f" The model in {options.out} is as it was." if options.resume else ""
    if error.before:
        advice = f"the net in {options.out} had diverged already. Train anew: --force, not --resume, and a smaller --rate."
    else:
        advice = f"with --rate {error.rate:g} gradient descent overshoots. Try --rate {error.rate / 10:g}.{kept}"
    return f"the cost {error.what}: {advice}"


def _pictures(net: Net, training: Dataset, folder: Path) -> list[Path]:
    """The teaching form: both passes on the training part; one box a layer, and a page of all steps, on a few examples."""
    few = net.graph(training.X[:, :EXAMPLES_SHOWN], training.Y[:, :EXAMPLES_SHOWN], loss="probabilities")
    title = f"{net.name}: backward pass, {_few(training)}"
    with telling("minigraph: "):  # such as: no renderer, so the source was written
        paths = [net.draw(what, training.X, training.Y).save(folder / f"{what}.svg") for what in PICTURES]
        paths.append(mg.draw(few, "backward", level="groups", title=title).save(folder / "layers.svg"))
        try:
            paths.append(mg.step_through(few, folder / "steps.html", title=f"{net.name}, {_few(training)}"))
        except ValueError as error:  # a net of so many layers that nobody would step through it
            warnings.warn(f"no steps.html: {error}", stacklevel=1)
    return paths


def _few(training: Dataset) -> str:
    """How many examples the small pictures show."""
    return f"{min(EXAMPLES_SHOWN, training.X.shape[1])} examples"


def _print(net: Net, parts: Parts, written: list[Path]) -> None:
    paragraphs = [
        f"{name}: cost {net.cost(part.X, part.Y):.4f}, {net.report(part.X, part.Y).text()}" for name, part in parts
    ]
    say("\n\n".join([str(net), *paragraphs, "wrote " + ", ".join(map(str, written))]))


def _print_json(net: Net, parts: Parts, written: list[Path]) -> None:
    document: dict[str, Any] = {"net": net.settings(), "epochs": len(net.history)}
    for name, part in parts:
        document[name.replace(" ", "_")] = {"cost": net.cost(part.X, part.Y)} | net.report(part.X, part.Y).as_dict()
    give(as_json(document | {"written": list(map(str, written))}))


TRAIN = Command(
    "train",
    "train a net; print cost and accuracy on the training and the held-out part, and draw its passes",
    (
        "minigraph train breast-cancer --out run                                  logistic regression",
        "minigraph train breast-cancer --layers 16,8 --out run                    a 30-16-8-1 net",
        "minigraph train digits --layers 32 --batch-size 32 --epochs 30 --out run",
        "minigraph train patients.csv --target diagnosis --layers 8 --out run     your own data",
        "minigraph train houses --output relu --out run                           numbers that can't be negative",
    ),
    _add_arguments,
    _run,
)
