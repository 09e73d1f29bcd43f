"""What a net predicts: labels of any kind, probabilities, numbers in the user's units; and its report."""

import ast
import json
from pathlib import Path

import minigraph.models
import numpy as np
import pytest
from kinds import kinds_in
from minigraph.models import DataError, DeepNet, LogisticRegression, NotFittedError, load
from minigraph.models.activations_and_initialisers import HIDDEN, INITIALIZERS
from minigraph.models.commands.predict import predictions
from minigraph.models.datasets import blobs
from minigraph.models.heads import HEADS, Head
from minigraph.models.heads.regression import Regression

import minigraph as mg
from minigraph.command_line.main import main


@pytest.fixture(scope="module")
def clusters():
    return blobs(150, classes=3)


@pytest.mark.parametrize(
    "names",
    [
        (0, 1, 2),
        (7, -3, 10**12),
        ("a", "b", "c"),
        (0.5, 1.5, 2.5),
        (1, "one", 2.5),
        ("", "  ", "ünï"),
    ],
)
def test_softmax_takes_labels_of_any_kind(names, clusters):
    X, Y = clusters
    labels = np.empty((1, 150), dtype=object)
    labels[0] = [names[i] for i in Y[0]]
    net = DeepNet([2, 8, 3]).fit(X, labels, epochs=200)
    assert set(net.head.labels) == set(names)
    assert net.score(X, labels) > 0.95 and net.predict(X).shape == (1, 150)
    probability = net.predict_probability(X)
    np.testing.assert_allclose(probability.sum(axis=0), 1, rtol=1e-12)
    assert [net.head.labels[i] for i in probability.argmax(axis=0)] == net.predict(X)[0].tolist()


def test_arrays_of_text_booleans_and_floats_are_labels(clusters):
    X, Y = clusters
    text = np.array(["red", "green", "blue"])[Y]
    assert DeepNet([2, 3]).fit(X, text, epochs=5).head.labels == ("blue", "green", "red")
    assert DeepNet([2, 3]).fit(X, Y.astype(float), epochs=5).predict(X).dtype.kind == "i"
    boolean = LogisticRegression().fit(X, Y == 1, epochs=5)
    assert set(boolean.predict(X)[0].tolist()) <= {0, 1}
    named = LogisticRegression(labels=("no", "yes")).fit(X, np.where(Y == 1, "yes", "no"), epochs=300)
    assert set(named.predict(X)[0].tolist()) == {"no", "yes"} and named.score(X, np.where(Y == 1, "yes", "no")) > 0.9


def test_labels_that_do_not_fit_the_last_layer(clusters):
    X, Y = clusters
    with pytest.raises(DataError, match="Y holds 3 different labels, but the last layer has 4 units"):
        DeepNet([2, 4]).fit(X, np.array(["a", "b", "c"])[Y])
    assert DeepNet([2, 4]).fit(X, Y, epochs=1).head.labels == (0, 1, 2, 3)  # the fourth may come later
    net = DeepNet([2, 3], labels=("a", "b", "c"))
    with pytest.raises(DataError, match=r"Y holds the label \d at example 0: the labels are 'a', 'b', 'c'"):
        net.fit(X, Y)
    with pytest.raises(DataError, match="the label 'maybe' at example 0: the labels are 'no', 'yes'"):
        LogisticRegression(labels=("no", "yes")).fit(X[:, :2], [["maybe", "yes"]])
    with pytest.raises(NotFittedError, match="the labels are learnt by fit"):
        DeepNet([2, 3]).graph(X, Y)
    with pytest.raises(DataError, match="the label 'z' at example 0"):
        net.fit(X, np.array(["a", "b", "c"])[Y], epochs=1).cost(X[:, :1], [["z"]])
    assert net.score(X[:, :1], [["z"]]) == 0.0


def test_one_hot_columns_meet_the_softmax(clusters):
    X, Y = clusters
    net = DeepNet([2, 3], labels=(0, 1, 2))
    J = net.graph(X[:, :5], Y[:, :5], loss="probabilities")
    np.testing.assert_array_equal(net.head.read(Y[:, :5], 5), np.eye(3)[Y[0, :5]].T)
    A = net.output(X[:, :5]).value
    assert float(J) == pytest.approx(-np.log(A[Y[0, :5], np.arange(5)]).mean(), rel=1e-12)


@pytest.mark.parametrize("output", ["identity", "relu"])
@pytest.mark.parametrize("standardize", [True, False])
def test_numbers_are_predicted_in_the_users_units(output, standardize):
    generator = np.random.default_rng(0)
    X = generator.uniform(1, 2, (2, 60))
    Y = np.array([[3.0, 1.0], [0.5, 2.0]]) @ X + 1
    if standardize:
        Y = 1e5 * Y
    net = DeepNet([2, 2], output=output, standardize=standardize).fit(X, Y, epochs=4000, rate=0.2)
    np.testing.assert_allclose(net.predict(X), Y, rtol=0.03)
    assert net.score(X, Y) > 0.98 and net.predict(X).shape == (2, 60)
    with pytest.raises(TypeError, match="predicts numbers, not classes: use predict"):
        net.predict_probability(X)


def test_the_cost_of_many_outputs_is_the_sum_over_outputs_and_the_mean_over_columns():
    X, Y = np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 2.0, 4.0], [0.0, 1.0, 0.0]])
    net = DeepNet([1, 2], output="identity", standardize=False)
    error = net.output(X).value - Y
    assert float(net.graph(X, Y)) == pytest.approx((error**2).sum() / 2 / 3, rel=1e-12)
    gradient = mg.grad(net.graph(X, Y), net.parameters[0]).value
    np.testing.assert_allclose(gradient, error @ X.T / 3, rtol=1e-12)


def test_r_squared_of_the_mean_is_0_and_of_the_truth_1():
    net = DeepNet([1, 1], output="identity")
    Y = np.array([[1.0, 2.0, 6.0]])
    assert net.head.score(Y, Y) == 1 and net.head.score(np.full((1, 3), 3.0), Y) == 0
    assert net.head.score(np.ones((1, 3)), np.ones((1, 3))) == 1
    assert net.head.score(np.ones((1, 3)), 2 * np.ones((1, 3))) == 0


def test_targets_beyond_squaring_are_refused():
    with pytest.raises(DataError, match=r"Y holds 1e\+200: numbers to predict are at most 1e\+100"):
        DeepNet([1, 1], output="identity").fit([[1.0, 2.0]], [[0.0, 1e200]])


def test_features_too_far_away_to_standardise_are_refused():
    net = LogisticRegression().fit([[1e-160, 2e-160]], [[0, 1]], epochs=1)
    with pytest.raises(DataError, match=r"row 0, example 1: 1e\+150 is too far from the training data"):
        net.predict([[0.0, 1e150]])


def test_the_report_of_classes_counts_every_example(clusters):
    X, Y = clusters
    net = DeepNet([2, 3], labels=("a", "b", "c"))
    truth = np.array(["a", "b", "c"])[Y]
    report = net.fit(X, truth, epochs=50).report(X, truth)
    assert report.confusion.sum() == report.examples == 150 and report.accuracy == net.score(X, truth)
    assert report.confusion[1, 2] == np.sum((truth == "b") & (net.predict(X) == "c"))
    assert report.baseline == pytest.approx(1 / 3)
    assert json.loads(json.dumps(report.as_dict()))["confusion"] == report.confusion.tolist()
    lines = report.text().splitlines()
    assert lines[1] == f"mean over classes: {report.mean}"
    assert lines[2].split() == ["truth", "↓", "predicted", "→", "a", "b", "c"]
    assert lines[6].split() == ["precision", "recall", "F1", "AUC", "examples"] and lines[9].split()[::5] == ["c", "50"]


def test_the_report_of_very_many_classes_lists_the_commonest_mistakes():
    from minigraph.models.score_reports import ClassReport

    truth = np.array([0] * 30 + [1] * 20 + list(range(20)))
    predicted = np.array([3] * 30 + [1] * 15 + [2] * 5 + list(range(20)))
    labels, probabilities = tuple(f"class {i}" for i in range(20)), np.eye(20)[:, predicted]
    text = ClassReport.of(labels, truth, predicted, probabilities).text().splitlines()
    assert text[0] == "accuracy 0.5000 of 70 examples; always 'class 0' gives 0.4429"
    assert text[1].startswith("mean over classes: precision 0.")
    assert [line.strip() for line in text[2:]] == [
        "30 of 'class 0' predicted as 'class 3'",
        "5 of 'class 1' predicted as 'class 2'",
    ]


def test_long_and_odd_labels_do_not_break_the_table():
    from minigraph.models.score_reports import ClassReport

    report = ClassReport.of(("x" * 500, "a\nb\x1b[2J"), np.array([0, 1]), np.array([1, 1]), np.full((2, 2), 0.5))
    lines = report.text().splitlines()
    assert len(lines) == 5 and max(map(len, lines)) < 120 and "\x1b" not in report.text()


def test_the_report_of_numbers_says_how_far_off_they_are():
    X, Y = np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([[10.0, 20.0, 30.0, 44.0]])
    net = DeepNet([1, 1], output="identity").fit(X, Y, epochs=500)
    report, error = net.report(X, Y), net.predict(X) - Y
    assert report.errors.root_mean_square == pytest.approx(np.sqrt((error**2).mean()))
    assert report.errors.mean_absolute == pytest.approx(np.abs(error).mean())
    assert report.errors.largest == pytest.approx(np.abs(error).max())
    assert report.baseline.root_mean_square == pytest.approx(Y.std()) and report.r_squared == net.score(X, Y)
    assert report.text().startswith("R² 0.99") and "always the mean gives: root mean square error 12.57" in report.text()
    assert report.as_dict()["examples"] == 4


class Table:
    def __init__(self, columns, rows):
        self.columns, self._rows = columns, rows

    def to_numpy(self):
        return np.array(self._rows)


def test_a_table_is_matched_by_name_at_prediction():
    rows = np.array([[1.0, 10.0], [2.0, 0.0], [3.0, 20.0], [4.0, 5.0]])
    net = LogisticRegression().fit(Table(["a", "b"], rows), [[0, 0, 1, 1]], epochs=50)
    swapped = Table(["b", "extra", "a"], [[row[1], 99, row[0]] for row in rows])
    assert net.predict_probability(swapped).tolist() == net.predict_probability(rows.T).tolist()
    with pytest.raises(DataError, match=r"X lacks 1 of the 2 columns that the net was trained on: 'b'\. Did you mean 'B'"):
        net.predict(Table(["a", "B"], rows))
    net.fit(Table(["b", "a"], rows[:, ::-1]), [[0, 0, 1, 1]], epochs=50)
    assert net.feature_names == ("b", "a")
    net.fit(rows.T, [[0, 0, 1, 1]], epochs=1)
    assert net.feature_names is None


@pytest.mark.parametrize("labels", [("a", "a"), (False, True), ([1], [2]), ((1, 2), (3, 4))])
def test_labels_that_no_model_file_could_hold_are_refused_at_the_door(labels):
    with pytest.raises(ValueError, match="give different texts or numbers, one for each class"):
        DeepNet([2, 1], labels=labels)


def test_each_output_is_a_column_of_the_predictions():
    X = np.arange(8.0).reshape(1, 8)
    net = DeepNet([1, 2], output="identity").fit(X, np.vstack([X, 2 * X]), epochs=2, progress=False)
    columns = predictions(net, X)
    assert list(columns) == ["prediction 1", "prediction 2"]
    assert np.array_equal(list(columns.values()), net.predict(X))


# The seam


class Counts(Regression):
    """Numbers of events: A = exp(Z), trained by what the Poisson distribution gives."""

    name, title, meaning, centered = "counts", "exp", "counts", False

    def learn(self, Y, examples, standardize, weights=None):
        super().learn(Y, examples, False)

    def output(self, Z):
        return mg.exp(Z)

    def loss_of_logits(self, Z, Y):
        return mg.exp(Z) - Y * Z

    def loss_of_output(self, A, Y):
        return A - Y * mg.log(A)


def test_a_new_head_is_one_class_in_the_table(monkeypatch, place, capsys):
    monkeypatch.setitem(HEADS, Counts.name, Counts)
    x = np.linspace(0, 2, 40)
    y = np.random.default_rng(0).poisson(np.exp(x))
    net = DeepNet([1, 1], output="counts").fit(x.reshape(1, -1), y.reshape(1, -1), epochs=400)
    np.testing.assert_allclose(net.predict([[0.0, 2.0]]), np.exp([[0.0, 2.0]]), rtol=0.4)
    assert (
        repr(net) == "<DeepNet 1-1, exp: 2 parameters, 400 epochs>" and net.layers[0].group.title == "Layer 1 · exp · 1 → 1"
    )
    again = load(net.save("net.npz"))
    assert isinstance(again.head, Counts) and again.predict([[1.0]]).tobytes() == net.predict([[1.0]]).tobytes()
    with open("data.csv", "w", encoding="utf-8") as file:
        file.writelines(["x,y\n", *(f"{a},{b}\n" for a, b in zip(x, y, strict=True))])
    assert main(["train", "data.csv", "--target", "y", "--output", "counts", "--epochs", "50", "--out", "run"]) == 0
    assert main(["evaluate", "run/model.npz", "data.csv"]) == 0
    assert capsys.readouterr().out.count("R² 0.") == 3
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    assert "(numbers from 0), counts (counts)" in " ".join(capsys.readouterr().out.split())


def test_every_head_stands_in_the_table():
    forgotten = [kind.__name__ for kind in kinds_in(Head, "minigraph.models.heads") - {*HEADS.values()}]
    assert not forgotten, f"not in HEADS of models/heads/__init__.py: {forgotten}"


@pytest.mark.parametrize("name", HEADS)
def test_every_head_is_told_where_people_choose_one(name):
    assert f"``{name}`` for" in DeepNet.__doc__, f"say in the docstring of DeepNet, in models/nets.py, what {name!r} is for"
    estimators = (Path(minigraph.models.__file__).parent / "sklearn" / "estimators.py").read_text("utf-8")
    told = estimators.partition("class MinigraphRegressor")[2].partition("output: ")[2].partition("activation: ")[0]
    if not HEADS[name].most_classes:
        assert f'"{name}"' in told, f"say in the docstring of MinigraphRegressor that output may be {name!r}"


def test_nothing_compares_the_name_of_a_head_an_activation_or_an_initialiser():
    names = {*HEADS, *HIDDEN, *INITIALIZERS}
    for path in Path(minigraph.models.__file__).parent.rglob("*.py"):
        for comparison in [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Compare)]:
            constants = {node.value for node in ast.walk(comparison) if isinstance(node, ast.Constant)}
            assert not constants & names, f"{path}:{comparison.lineno}"
