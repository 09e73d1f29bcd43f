"""What is said to people who come from other libraries, or took a wrong turn: each message leads to what to write."""

import pickle
import re

import numpy as np
import pytest
from minigraph.models import DataError, DeepNet, DivergenceError, LogisticRegression, ModelFileError, load

import minigraph as mg
from minigraph.command_line.main import main

ROWS = np.random.default_rng(0).normal(size=(60, 3))
LABELS = (ROWS[:, 0] > 0).astype(int)
ONE_HOT = np.eye(2)[LABELS]


class Series:
    """A column of a table."""

    def __init__(self, values):
        self._values = values

    def to_numpy(self):
        return self._values


@pytest.mark.parametrize(
    "net", [lambda: LogisticRegression(), lambda: DeepNet([3, 4, 1]), lambda: DeepNet([3, 1], output="identity")]
)
@pytest.mark.parametrize(
    "Y, text",
    [
        (LABELS, "and Y is (60,), an example in each row: examples are columns here. Write X.T and Y.reshape(1, -1)."),
        (LABELS[:, None], "and Y is (60, 1), an example in each row: examples are columns here. Write X.T and Y.T."),
        (Series(LABELS), "and Y is (60,), an example in each row: examples are columns here. Write X.T."),
        (LABELS[None], "and looks transposed, since Y is (1, 60): examples are columns here. Write X.T."),
    ],
)  # fmt: skip
def test_examples_in_rows_as_scikit_learn_has_them(net, Y, text):
    with pytest.raises(DataError, match=re.escape(f"X is (60, 3) {text}") + "$"):
        net().fit(ROWS, Y)


def test_the_advice_for_examples_in_rows_leads_to_the_end():
    net = LogisticRegression().fit(ROWS.T, LABELS.reshape(1, -1))
    assert net.score(ROWS.T, LABELS.reshape(1, -1)) > 0.9


def test_as_many_examples_as_features_are_not_called_rows():
    with pytest.raises(DataError, match=re.escape("Y is (3,), a rank-1 array: it must be (1, 3), a column for each column")):
        LogisticRegression().fit(ROWS[:3], LABELS[:3])
    with pytest.raises(DataError, match=re.escape("Y is (3,), a rank-1 array: it must be (1, 60)")):
        DeepNet([3, 1]).fit(ROWS.T, LABELS[:3])


@pytest.mark.parametrize("net", [DeepNet([3, 4, 2]), LogisticRegression(), DeepNet([3, 4, 1])])
@pytest.mark.parametrize("Y, axis", [(ONE_HOT.T, 0), (ONE_HOT, 1)])
def test_one_hot_targets_of_classes(net, Y, axis):
    text = f"It is one-hot; labels are expected: write Y.argmax(axis={axis}).reshape(1, -1)."
    with pytest.raises(
        DataError, match=re.escape(f"Y is {Y.shape}: it must be (1, 60), a column for each column of X. {text}")
    ):
        net.fit(ROWS.T, Y)
    assert net.fit(ROWS.T, Y.argmax(axis=axis).reshape(1, -1), epochs=2).history.cost
    with pytest.raises(DataError, match=r"Give one target for each example\.$"):
        net.fit(ROWS.T, np.full((2, 60), 0.5))
    with pytest.raises(DataError, match=r"Give one target for each example\.$"):
        DeepNet([3, 1], output="identity").fit(ROWS.T, ONE_HOT.T)


@pytest.mark.parametrize(
    "call, what, text",
    [
        ({"learning_rate": 0.1}, "fit", "'learning_rate'. It is called 'rate' here. There are: X, Y, epochs, rate,"),
        ({"max_iter": 10}, "fit", "'max_iter'. It is called 'epochs' here."),
        ({"epoch": 10}, "fit", "'epoch'. Did you mean 'epochs'?"),
        ({"y": LABELS}, "fit", "'y'. It is called 'Y' here."),
        ({"activation": "relu"}, "DeepNet", "'activation'. It is called 'hidden' here."),
        ({"layers": [3, 1]}, "DeepNet", "'layers'. It is called 'sizes' here."),
        ({"random_state": 1}, "LogisticRegression", "'random_state'. It is called 'seed' here."),
        ({"penalty": 1}, "LogisticRegression", "'penalty'. There are: features, labels, standardize, seed."),
    ],
)
def test_keywords_of_other_libraries(call, what, text):
    made = {"fit": LogisticRegression().fit, "DeepNet": DeepNet, "LogisticRegression": LogisticRegression}
    with pytest.raises(TypeError, match="^" + re.escape(f"{what}: there is no argument {text}")):
        made[what](**call)


def diverged():
    net = DeepNet([3, 1], output="identity", standardize=False)
    with pytest.raises(DivergenceError) as caught:
        net.fit(100 * ROWS.T, ROWS[:, :1].T, epochs=2, rate=1e-3, progress=False)
    return net, caught.value


def test_the_advice_for_a_net_that_diverged_before_it_went_on():
    net, first = diverged()
    assert "with rate=0.001 the steps overshoot. Try rate=0.0001;" in str(first) and not first.before
    with pytest.raises(DivergenceError, match=r"the net that goes on had diverged already\. Fit it anew, without resume"):
        net.fit(100 * ROWS.T, ROWS[:, :1].T, epochs=2, rate=1e-6, resume=True, progress=False)
    again = pickle.loads(pickle.dumps(first))
    assert str(again) == str(first) and (again.what, again.rate, again.before) == (first.what, first.rate, False)


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open("data.csv", "w", encoding="utf-8") as file:
        file.write("x,y\n" + "".join(f"{x:.3f},{x * x:.3f}\n" for x in ROWS[:, 0]))

    class NoPicture:
        svg = "<svg></svg>"

        def __init__(self, *_, **__):
            pass

        def save(self, path):
            return path

    monkeypatch.setattr(mg, "draw", NoPicture, raising=False)
    monkeypatch.setattr(mg, "step_through", lambda J, path, **_: path, raising=False)
    return tmp_path


def test_divergence_in_the_words_of_the_command_line(place, capsys):
    assert main(["train", "data.csv", "--target", "y", "--rate", "1e9", "--out", "run"]) == 1
    said = capsys.readouterr().err
    assert re.search(r": with --rate 1e\+09 the steps overshoot\. Try --rate 1e\+08\.\n$", said), said
    assert main(["train", "data.csv", "--target", "y", "--epochs", "5", "--out", "run"]) == 0
    capsys.readouterr()
    assert main(["train", "data.csv", "--target", "y", "--rate", "1e9", "--resume", "--out", "run"]) == 1
    assert capsys.readouterr().err.endswith("Try --rate 1e+08. The model in run is unchanged.\n")
    net = load("run/model.npz")
    net.history.cost[0] /= 1e6  # as if the cost had risen
    net.save("run/model.npz")
    assert main(["train", "data.csv", "--target", "y", "--resume", "--epochs", "2", "--out", "run"]) == 1
    assert capsys.readouterr().err.endswith(
        "the net in run had diverged already. Train anew: --force, not --resume, and a smaller --rate.\n"
    )


def test_a_model_that_is_not_there(place, capsys):
    DeepNet([1, 1], output="identity").fit(ROWS[:, :1].T, ROWS[:, :1].T, epochs=1, feature_names=["x"]).save("model.npz")
    with pytest.raises(
        FileNotFoundError, match=r"^there is no file 'modle\.npz'\. Did you mean 'model\.npz'\? Give the model"
    ):
        load("modle.npz")
    for words in (("predict", "none/other.npz", "data.csv"), ("evaluate", "none/other.npz", "data.csv")):
        assert main([*words]) == 1
        assert capsys.readouterr().err == (
            "minigraph: there is no file 'none/other.npz'. Give the model file that net.save or train wrote.\n"
        )


def test_a_folder_that_is_given_for_the_model_in_it(place):
    (place / "run").mkdir()
    with pytest.raises(ModelFileError, match=r"run is not a file\. Give the model file that net\.save or train wrote\.$"):
        load("run")
    DeepNet([1, 1], output="identity").fit(ROWS[:, :1].T, ROWS[:, :1].T, epochs=1).save("run/model.npz")
    with pytest.raises(ModelFileError, match=re.escape("Did you mean run/model.npz?")):
        load("run")
