"""The estimators: scikit-learn's own checks, and what people do with estimators."""

import io
import pickle

import numpy as np
import pytest

LAYERS = pytest.mark.parametrize("layers", [(), (4,)], ids=str)


def failures(estimator):
    """What scikit-learn finds wrong, and how many checks passed."""
    from sklearn.utils.estimator_checks import check_estimator

    results = check_estimator(estimator, on_fail=None, on_skip=None)
    wrong = [(result["check_name"], result["exception"]) for result in results if result["status"] in ("failed", "xfail")]
    return wrong, sum(result["status"] == "passed" for result in results)


@pytest.mark.filterwarnings("ignore")  # of the data that the checks make: constant features, one class
@LAYERS
@pytest.mark.parametrize("name", ["MinigraphClassifier", "MinigraphRegressor"])
def test_the_library_finds_nothing_wrong(name, layers):
    import minigraph.models.sklearn

    wrong, passed = failures(getattr(minigraph.models.sklearn, name)(layers))
    assert not wrong and passed > 50


def test_the_checks_find_what_is_wrong():
    """So that the test above can fail."""
    from minigraph.models.sklearn import MinigraphRegressor

    class Shifted(MinigraphRegressor):
        def predict(self, X):
            return super().predict(X) + np.random.default_rng().normal()

    assert failures(Shifted())[0]


@pytest.fixture
def data():
    generator = np.random.default_rng(0)
    X = generator.normal(size=(60, 3))
    return X, np.array(["no", "yes", "maybe"])[np.digitize(X[:, 0] + X[:, 1], [-0.5, 0.5])]


def test_it_gives_what_the_net_gives(data):
    from minigraph.models import DeepNet
    from minigraph.models.sklearn import MinigraphClassifier, MinigraphRegressor

    X, y = data
    settings = {"optimiser": "adam", "epochs": 20, "l2": 0.5, "clip": 1.0, "batch_size": 16}
    classifier = MinigraphClassifier((5,), activation="relu", random_state=3, **settings).fit(X, y)
    net = DeepNet([3, 5, 3], "relu", seed=3).fit(X.T, np.unique(y, return_inverse=True)[1].reshape(1, -1), **settings)
    assert [a.value.tobytes() for a in classifier.net_.parameters] == [b.value.tobytes() for b in net.parameters]
    np.testing.assert_array_equal(classifier.predict_proba(X), net.predict_probability(X.T).T)
    assert classifier.classes_.tolist() == ["maybe", "no", "yes"] and classifier.score(X, y) > 0.5
    np.testing.assert_array_equal(classifier.predict(X), classifier.classes_[net.predict(X.T)[0]])
    flat, several = (MinigraphRegressor(epochs=5).fit(X, X @ W) for W in (np.ones(3), np.ones((3, 2))))
    assert flat.predict(X).shape == (60,) and several.predict(X).shape == (60, 2)
    net = DeepNet([3, 1], output="identity").fit(X.T, X.sum(axis=1, keepdims=True).T, epochs=5)
    np.testing.assert_allclose(flat.predict(X), net.predict(X.T)[0], rtol=1e-12)


def test_a_pipeline_in_a_grid_on_a_frame_with_weights_over_processes(data):
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    from minigraph.models.sklearn import MinigraphClassifier
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    X, y = data
    frame = pandas.DataFrame(X, columns=["a", "b", "c"])
    pipeline = make_pipeline(
        PolynomialFeatures().set_output(transform="pandas"), MinigraphClassifier(epochs=50, class_weight="balanced")
    )
    grid = {"minigraphclassifier__layers": [(), (6,)], "minigraphclassifier__optimiser": ["descent", "adam"]}
    weights = np.linspace(0.5, 1.5, 60)
    search = GridSearchCV(pipeline, grid, cv=3, n_jobs=2).fit(frame, y, minigraphclassifier__sample_weight=weights)
    assert search.best_score_ > 0.6
    assert search.best_estimator_[-1].net_.feature_names[:4] == ("1", "a", "b", "c")
    with pytest.raises(ValueError, match="feature names"):
        MinigraphClassifier(epochs=2).fit(frame, y).predict(frame[["b", "a", "c"]])


def test_classes_count_as_their_weights_say(data):
    from minigraph.models.sklearn import MinigraphClassifier

    X, y = data
    weights = {"no": 1.0, "yes": 3.0, "maybe": 0.5}
    one = MinigraphClassifier(class_weight=weights, epochs=10).fit(X, y)
    other = MinigraphClassifier(epochs=10).fit(X, y, sample_weight=[weights[label] for label in y])
    both = MinigraphClassifier(class_weight=weights, epochs=10).fit(X, y, sample_weight=np.full(60, 2.0))
    for a, b, c in zip(one.net_.parameters, other.net_.parameters, both.net_.parameters, strict=True):
        np.testing.assert_allclose(a.value, b.value, rtol=1e-12)
        np.testing.assert_allclose(a.value, c.value, rtol=1e-9)


def test_rows_may_come_in_parts(data):
    from minigraph.models.sklearn import MinigraphClassifier, MinigraphRegressor

    X, y = data
    settings = {"optimiser": "adam", "batch_size": 16, "layers": (5,), "dropout": 0.2}
    whole, by_parts = MinigraphClassifier(epochs=7, **settings).fit(X, y), MinigraphClassifier(**settings)
    for _ in range(7):
        by_parts.partial_fit(X, y, classes=["yes", "no", "maybe"])
    assert [a.value.tobytes() for a in by_parts.net_.parameters] == [a.value.tobytes() for a in whole.net_.parameters]
    assert by_parts.n_iter_ == 7 and by_parts.classes_.tolist() == whole.classes_.tolist()
    by_parts.partial_fit(X[y == "no"], y[y == "no"])  # of one class, and without the classes again
    assert by_parts.n_iter_ == 8 and whole.partial_fit(X, y).n_iter_ == 8
    assert MinigraphClassifier(class_weight={"no": 2, "yes": 1, "maybe": 1}).partial_fit(X, y, np.unique(y)).n_iter_ == 1
    Y = X @ [1.0, 2.0, 3.0]
    whole, by_parts = MinigraphRegressor(epochs=30).fit(X, Y), MinigraphRegressor()
    for _ in range(30):
        by_parts.partial_fit(X, Y)
    np.testing.assert_allclose(by_parts.predict(X), whole.predict(X), rtol=1e-9)


def test_rows_that_cost_more_than_the_first_are_learnt_from_and_divergence_is_said(data):
    from minigraph.models import DivergenceError
    from minigraph.models.sklearn import MinigraphRegressor

    X, _ = data
    regressor = MinigraphRegressor().partial_fit(X, X[:, 0])
    regressor.partial_fit(X, 5 * X[:, 0])
    assert regressor.n_iter_ == 2 and regressor.net_.history.cost[1] > 2 * regressor.net_.history.cost[0]
    before = regressor.predict(X)
    with pytest.raises(DivergenceError):
        regressor.partial_fit(X, 1e3 * X[:, 0])
    assert regressor.n_iter_ == 2
    np.testing.assert_array_equal(regressor.predict(X), before)


def test_parts_that_do_not_fit_are_refused(data):
    from minigraph.models.sklearn import MinigraphClassifier, MinigraphRegressor

    X, y = data
    with pytest.raises(ValueError, match="classes must be passed on the first call to partial_fit"):
        MinigraphClassifier().partial_fit(X, y)
    with pytest.raises(ValueError, match=r"y holds .*'yes'.*, which is not among the classes of the first call"):
        MinigraphClassifier().partial_fit(X, y, classes=["no", "maybe"])
    with pytest.raises(ValueError, match=r"classes holds .*'no'.* only: there is nothing to tell apart"):
        MinigraphClassifier().partial_fit(X, y, classes=["no"])
    with pytest.raises(ValueError, match=r"'balanced' needs all rows, and partial_fit sees some\. Give a weight for each"):
        MinigraphClassifier(class_weight="balanced").partial_fit(X, y, classes=np.unique(y))
    with pytest.raises(ValueError, match="X has 2 features, but MinigraphRegressor is expecting 3"):
        MinigraphRegressor().partial_fit(X, X[:, 0]).partial_fit(X[:, :2], X[:, 0])
    with pytest.raises(ValueError, match=r"Y is \(2, 60\): it must be \(1, 60\)"):
        MinigraphRegressor().partial_fit(X, X[:, 0]).partial_fit(X, X[:, :2])


def test_joblib_writes_and_reads_it(data):
    import joblib
    from minigraph.models.sklearn import MinigraphClassifier

    X, y = data
    fitted, file = MinigraphClassifier((4,), epochs=5).fit(X, y), io.BytesIO()
    joblib.dump(fitted, file)
    file.seek(0)
    for again in (joblib.load(file), pickle.loads(pickle.dumps(fitted))):
        np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X))


def test_a_generator_or_none_decides_the_seed(data):
    from minigraph.models.sklearn import MinigraphClassifier

    X, y = data
    by = [MinigraphClassifier((4,), epochs=2, random_state=np.random.RandomState(4)).fit(X, y).net_ for _ in range(2)]
    assert by[0].seed == by[1].seed and by[0].parameters[0].value.tobytes() == by[1].parameters[0].value.tobytes()
    assert MinigraphClassifier(epochs=2, random_state=None).fit(X, y).net_.seed >= 0
    assert MinigraphClassifier(epochs=2, random_state=np.int64(9)).fit(X, y).net_.seed == 9


def test_what_can_not_be_is_refused(data):
    from minigraph.models.sklearn import MinigraphClassifier, MinigraphRegressor

    X, _ = data
    with pytest.raises(ValueError, match=r"y holds one class only, .*'no'.*: there is nothing to tell apart"):
        MinigraphClassifier().fit(X, np.full(60, "no"))
    with pytest.raises(ValueError, match="a regressor predicts numbers, with 'identity' or 'relu'"):
        MinigraphRegressor(output="softmax").fit(X, X[:, 0])
    with pytest.raises(ValueError, match="optimiser: there is no 'sgd'"):
        MinigraphRegressor(optimiser="sgd").fit(X, X[:, 0])


@pytest.mark.parametrize("classes", [2, 4])
def test_precision_recall_f1_and_auc_are_those_of_the_library(classes):
    from minigraph.models.score_reports import ClassReport
    from sklearn.metrics import accuracy_score, precision_recall_fscore_support, roc_auc_score

    generator = np.random.default_rng(classes)
    truth, scores = generator.integers(classes, size=200), generator.normal(size=(classes, 200)).round(1)  # with ties
    scores[truth, np.arange(200)] += 1.0
    probabilities = (np.exp(scores) / np.exp(scores).sum(axis=0)).round(6)
    predicted = probabilities.argmax(axis=0)
    report = ClassReport.of(tuple(range(classes)), truth, predicted, probabilities)
    assert report.accuracy == pytest.approx(accuracy_score(truth, predicted))
    expected = np.array(precision_recall_fscore_support(truth, predicted))
    ours = [(each.precision, each.recall, each.f1, each.examples) for each in report.scores]
    np.testing.assert_allclose(np.transpose(ours), expected, rtol=1e-12)
    macro = precision_recall_fscore_support(truth, predicted, average="macro")[:3]
    assert (report.mean.precision, report.mean.recall, report.mean.f1) == pytest.approx(macro)
    of = probabilities[1] if classes == 2 else probabilities.T
    assert report.mean.auc == pytest.approx(roc_auc_score(truth, of, multi_class="ovr"))
