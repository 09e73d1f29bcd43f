"""`minigraph train FILE --target T` as it is typed, against scikit-learn, on well-known tables in five folds.

    python -m tests.benchmarks.known_tables FOLDER                         the tables
    python -m tests.benchmarks.against_scikit_learn FOLDER                 LogisticRegression, LinearRegression
    python -m tests.benchmarks.against_scikit_learn FOLDER --layers 32     MLPClassifier, MLPRegressor

The other side gets the same columns and rows, one-hot and standardised. A score (accuracy, or R²) holds if its mean over the
folds is lower by no more than max(0.01, the standard error of the differences).
"""

import argparse
import contextlib
import csv
import io
import sys
import warnings
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from minigraph.models.commands.data_parts import Parts
from minigraph.models.commands.feature_columns import learnt_encoding
from minigraph.models.commands.fitting import fit
from minigraph.models.commands.learning_task import LearningTask, read_task
from minigraph.models.commands.net_arguments import new_net

from minigraph.command_line.commands import parser_of
from tests.benchmarks.known_tables import TABLES, KnownTable

FOLDS = 5
MOST_ROWS = 3000
TITLES = ("table", "rows", "columns", "score", "minigraph", "scikit-learn", "difference", "standard error", "")


@dataclass(frozen=True)
class Comparison:
    """The scores of both, fold by fold."""

    ours: np.ndarray
    theirs: np.ndarray

    @property
    def difference(self) -> float:
        """Of the means: above 0 where minigraph is better."""
        return float((self.ours - self.theirs).mean())

    @property
    def standard_error(self) -> float:
        """Of the difference."""
        return float((self.ours - self.theirs).std(ddof=1) / np.sqrt(len(self.ours)))

    @property
    def holds(self) -> bool:
        """Whether ours is lower by no more than a hundredth or one standard error."""
        return self.difference >= -max(0.01, self.standard_error)


def options_for(path: Path, table: KnownTable, layers: str | None, out: Path) -> argparse.Namespace:
    """What a user types, read by the command's own parser; --missing as its refusal proposes it."""
    words = [str(path), "--target", table.target, "--out", str(out), "--missing", "median", "--missing-target", "drop"]
    words += [word for name in table.ignore for word in ("--ignore", name)]
    return parser_of("train").parse_args(words + (["--layers", layers] if layers else []))


def shortened(path: Path, most: int, out: Path) -> Path:
    """A copy with at most so many rows, drawn at random."""
    with path.open(newline="") as file:
        names, *rows = csv.reader(file)
    chosen = np.sort(np.random.default_rng(0).permutation(len(rows))[:most])
    with (out / path.name).open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([names, *(rows[i] for i in chosen)])
    return out / path.name


def folds_of(task: LearningTask):
    """Of each fold the rows to train on and those to test on; classes are spread evenly."""
    from sklearn import model_selection

    answers = task.data.Y[0]
    kind = model_selection.StratifiedKFold if task.labels else model_selection.KFold
    labels = [task.labels.index(answer) for answer in answers] if task.labels else answers
    yield from kind(FOLDS, shuffle=True, random_state=0).split(np.zeros(len(answers)), labels)


def rows_of(task: LearningTask, chosen):
    """These rows of the data."""
    return replace(task.data, X=task.data.X[:, chosen], Y=task.data.Y[:, chosen])


def by_minigraph(task: LearningTask, train, test, options) -> float:
    """The score of the net that the command trains."""
    training = rows_of(task, train)
    encoding = learnt_encoding(task.columns(training), options)
    parts = Parts(task.encoded(training, encoding), task.encoded(rows_of(task, test), encoding), None, encoding, ())
    net = new_net(options, task, len(parts.training.X))
    if stopped := fit(net, parts, options):
        raise stopped
    return net.score(parts.held_out.X, parts.held_out.Y)


def pipeline_for(task: LearningTask, layers: str | None):
    """One-hot, standardised, missing cells filled, and scikit-learn's model."""
    from sklearn import compose, impute, linear_model, neural_network, pipeline, preprocessing

    texts = [i for i, of in enumerate(task.texts) if of is not None]
    numbers = [i for i, of in enumerate(task.texts) if of is None]
    one_hot = preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    encoder = compose.ColumnTransformer(
        [
            ("texts", pipeline.make_pipeline(impute.SimpleImputer(strategy="most_frequent"), one_hot), texts),
            ("numbers", impute.SimpleImputer(strategy="median"), numbers),
        ]
    )
    if layers:
        kind = neural_network.MLPClassifier if task.labels else neural_network.MLPRegressor
        model = kind(hidden_layer_sizes=tuple(map(int, layers.split(","))), random_state=0)
    else:
        model = linear_model.LogisticRegression() if task.labels else linear_model.LinearRegression()
    if not task.labels:
        model = compose.TransformedTargetRegressor(model, transformer=preprocessing.StandardScaler())
    return pipeline.make_pipeline(encoder, preprocessing.StandardScaler(), model)


def by_scikit_learn(task: LearningTask, train, test, layers: str | None) -> float:
    """The score of scikit-learn's model, with its own defaults, on the same columns; texts go in as their places."""
    answers = task.data.Y[0]
    answers = np.array([task.labels.index(answer) for answer in answers]) if task.labels else answers.astype(float)
    rows = task.data.X.T
    return pipeline_for(task, layers).fit(rows[train], answers[train]).score(rows[test], answers[test])


def compared(table: KnownTable, folder: Path, layers: str | None, most: int) -> tuple[LearningTask, Comparison]:
    """A table in all folds."""
    with TemporaryDirectory() as place:
        path = shortened(folder / f"{table.name}.csv", most, Path(place))
        options = options_for(path, table, layers, Path(place) / "out")
        with contextlib.redirect_stderr(io.StringIO()):
            task = read_task(options)
            folds = [*folds_of(task)]
            ours = [by_minigraph(task, train, test, options) for train, test in folds]
        theirs = [by_scikit_learn(task, train, test, layers) for train, test in folds]
    return task, Comparison(np.array(ours), np.array(theirs))


def row_of(table: KnownTable, task: LearningTask, found: Comparison) -> tuple[str, ...]:
    """A row of the printed table."""
    numbers = (found.ours.mean(), found.theirs.mean())
    return (
        table.name,
        str(len(task.data)),
        str(len(task.data.X)),
        "accuracy" if task.labels else "R²",
        *(f"{number:.3f}" for number in numbers),
        f"{found.difference:+.3f}",
        f"{found.standard_error:.3f}",
        "held" if found.holds else "short",
    )


def line(cells) -> str:
    """A line of a Markdown table."""
    return "| " + " | ".join(cells) + " |"


def main(words: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--layers", metavar="32", help="with hidden layers, against scikit-learn's MLP of the same")
    parser.add_argument("--rows", type=int, default=MOST_ROWS, help=f"at most so many of a table (default: {MOST_ROWS})")
    parser.add_argument("--only", metavar="NAME", nargs="*", help="these tables only")
    options = parser.parse_args(words)
    warnings.simplefilter("ignore")
    print(line(TITLES))
    print(line("---" for _ in TITLES))
    started, verdicts = perf_counter(), []
    for table in TABLES:
        if options.only and table.name not in options.only:
            continue
        try:
            cells = row_of(table, *compared(table, options.folder, options.layers, options.rows))
        except Exception as error:  # a table that fails says why, and the others go on
            cells = (table.name, *[""] * (len(TITLES) - 2), f"failed: {error}")
        verdicts.append(cells[-1])
        print(line(cells))
        sys.stdout.flush()
    seconds = perf_counter() - started
    print(f"\n{verdicts.count('held')} of {len(verdicts)} tables held, in {seconds:.0f} s")


if __name__ == "__main__":
    main()
