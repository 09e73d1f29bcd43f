"""The estimators in what scikit-learn builds of estimators, on tables as people have them, and what they refuse."""

import inspect
import re

import numpy as np
import pytest

pandas = pytest.importorskip("pandas", reason="needs pandas")


@pytest.fixture(scope="module")
def table():
    generator = np.random.default_rng(0)
    frame = pandas.DataFrame(generator.normal(size=(90, 3)), columns=["u", "v", "w"])
    three = np.array(["a", "b", "c"])[np.digitize(frame["u"] + frame["v"], [-0.6, 0.6])]
    return frame.assign(town=generator.choice(["Rome", "Oslo", "Bonn"], 90)), three


def classifier(**settings):
    from minigraph.models.sklearn import MinigraphClassifier

    return MinigraphClassifier(**{"optimiser": "adam", "rate": 0.1, "epochs": 30, **settings})


def test_nothing_private_of_the_library_is_used():
    import minigraph.models.sklearn
    from minigraph.models.sklearn import checks, estimators

    for module in (minigraph.models.sklearn, checks, estimators):
        imported = re.findall(r"^from sklearn\S* import (.*)$", inspect.getsource(module), re.MULTILINE)
        assert not [name for names in imported for name in names.split(", ") if name.startswith("_")]


def test_a_table_with_text_through_columns_and_one_hot(table):
    from sklearn.base import clone
    from sklearn.compose import ColumnTransformer
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    frame, y = table
    one_hot = OneHotEncoder(sparse_output=False, handle_unknown="ignore")
    columns = ColumnTransformer([("number", StandardScaler(), ["u", "v", "w"]), ("text", one_hot, ["town"])])
    pipeline = make_pipeline(columns.set_output(transform="pandas"), classifier())
    search = GridSearchCV(clone(pipeline), {"minigraphclassifier__l2": [0.0, 1.0]}, cv=3, scoring="neg_log_loss").fit(
        frame, y
    )
    net = search.best_estimator_[-1].net_
    assert net.feature_names == (
        "number__u",
        "number__v",
        "number__w",
        "text__town_Bonn",
        "text__town_Oslo",
        "text__town_Rome",
    )
    assert search.score(frame, y) > -0.6 and set(search.predict(frame.assign(town="Paris"))) <= {"a", "b", "c"}


def builders():
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import BaggingClassifier, StackingClassifier, VotingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier

    two = [("net", classifier()), ("regression", LogisticRegression())]
    return [
        CalibratedClassifierCV(classifier(), cv=3), VotingClassifier(two, voting="soft"), StackingClassifier(two, cv=3),
        BaggingClassifier(classifier(), n_estimators=3, random_state=0), OneVsRestClassifier(classifier()),
        OneVsOneClassifier(classifier()),
    ]  # fmt: skip


@pytest.mark.parametrize("place", range(6))
def test_what_is_built_of_estimators_takes_ours(table, place):
    frame, y = table
    built = builders()[place].fit(frame[["u", "v", "w"]], y)
    assert built.score(frame[["u", "v", "w"]], y) > 0.8
    if hasattr(built, "predict_proba"):
        np.testing.assert_allclose(built.predict_proba(frame[["u", "v", "w"]]).sum(axis=1), 1, atol=1e-9)


def test_several_outputs_by_a_net_each(table):
    from minigraph.models.sklearn import MinigraphRegressor
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.multioutput import MultiOutputClassifier

    frame, y = table
    X = frame[["u", "v"]]
    labels = np.c_[y, np.where(frame["u"] > 0, "yes", "no")]
    assert MultiOutputClassifier(classifier()).fit(X, labels).predict(X).shape == (90, 2)
    logarithm = TransformedTargetRegressor(MinigraphRegressor(), func=np.log, inverse_func=np.exp)
    assert logarithm.fit(X, np.exp(frame["u"])).score(X, np.exp(frame["u"])) > 0.99


def test_predictions_out_of_cross_validation_importances_and_partial_dependence(table):
    from sklearn.inspection import partial_dependence, permutation_importance
    from sklearn.model_selection import cross_val_predict

    frame, y = table
    X = frame[["u", "v", "w"]]
    probabilities = cross_val_predict(classifier(), X, y, method="predict_proba")
    assert np.mean(np.array(["a", "b", "c"])[probabilities.argmax(axis=1)] == y) > 0.8
    logarithms = cross_val_predict(classifier(), X, y, method="predict_log_proba")
    np.testing.assert_allclose(np.exp(logarithms), probabilities, rtol=1e-12)
    fitted = classifier().fit(X, y)
    importance = permutation_importance(fitted, X, y, n_repeats=3, random_state=0).importances_mean
    assert importance.argmin() == 2 and importance[0] > 0.1
    rising = partial_dependence(fitted, X, ["u"], kind="average").average[2]
    assert rising[-1] > rising[0] + 0.3


def test_the_logarithm_of_nothing_is_endless_without_a_warning():
    fitted = classifier(epochs=1).fit([[-1.0], [1.0]], ["left", "right"])
    fitted.net_.parameters[0].value = [[1e4]]
    np.testing.assert_array_equal(fitted.predict_log_proba([[-1.0]]), [[0.0, -np.inf]])


def test_text_in_a_table_is_refused_by_its_columns(table):
    from minigraph.models.sklearn import MinigraphRegressor

    frame, y = table
    with pytest.raises(ValueError, match=r"there is the text '\w+', but .* columns of text \(town\) first: make_pipeline"):
        classifier().fit(frame, y)
    with pytest.raises(ValueError, match=r"y holds 'few', but a regressor predicts numbers; MinigraphClassifier"):
        MinigraphRegressor().fit(frame[["u"]], ["few", "many"] * 45)
    wide = frame[["u"]].assign(**{f"t{number}": "x" for number in range(7)})
    with pytest.raises(ValueError, match=r"\(t0, t1, t2, t3, t4, …\)"):
        classifier().fit(wide, y)
    with pytest.raises(ValueError, match="Input X contains NaN"):
        classifier().fit(frame[["u"]].where(frame[["u"]] > 0), y)
    with pytest.raises(ValueError, match=r"the text 'x', but .* Make numbers of columns of text first"):
        classifier().fit([["x"], ["y"]], [0, 1])
    with pytest.raises(ValueError, match="sample_weight is zero for every row"):
        classifier().fit(frame[["u"]], y, sample_weight=np.zeros(90))
    with pytest.raises(ValueError, match="the text 'Rome'"):
        classifier().fit(frame[["u"]], y).predict(pandas.DataFrame({"u": ["Rome"]}))


def test_labels_that_a_net_can_not_give_are_refused(table):
    frame, y = table
    X = frame[["u", "v"]]
    for several in [np.c_[y, y], (X > 0).astype(int)]:
        with pytest.raises(
            ValueError, match=r"y has the shape \(90, 2\): .* MultiOutputClassifier\(MinigraphClassifier\(\)\)"
        ):
            classifier().fit(X, several)
    with pytest.raises(ValueError, match="y holds labels of several kinds, int, str, which have no order"):
        classifier().fit(X, np.array(["a", 1, "b"] * 30, dtype=object))
    with pytest.raises(ValueError, match=r"classes is \['a', 'b'\], not the same as on last call .*: \['a', 'b', 'c'\]"):
        classifier().partial_fit(X, y, ["c", "b", "a"]).partial_fit(X, y, ["a", "b"])


def test_sparse_rows_layers_and_weights_that_do_not_fit_are_refused(table):
    from scipy.sparse import csr_matrix

    frame, y = table
    X = frame[["u", "v"]]
    with pytest.raises(TypeError, match="Sparse data was passed for X, but dense data is required"):
        classifier().fit(csr_matrix(X.to_numpy()), y)
    with pytest.raises(ValueError, match=r"layers is 5: give the units of each hidden layer as a tuple, such as \(16,\)"):
        classifier(layers=5).fit(X, y)
    for weights in [np.ones(3), np.ones((90, 1))]:
        with pytest.raises(ValueError, match=r"sample_weight is .*, but there are 90 rows: give a number for each"):
            classifier().fit(X, y, sample_weight=weights)
    two, plain = (classifier().fit(X, y, sample_weight=weight).predict_proba(X) for weight in (2.0, None))
    np.testing.assert_allclose(two, plain, rtol=1e-9)


def test_columns_are_known_by_their_names(table):
    frame, y = table
    fitted = classifier().fit(frame[["u", "v"]], y)
    with pytest.raises(ValueError, match=r"must be in the same order|should match"):
        fitted.predict(frame[["v", "u"]])
    with pytest.raises(ValueError, match="missing:\n- v"):
        fitted.predict(frame[["u"]])
