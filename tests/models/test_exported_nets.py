"""`net.export` and ``minigraph export``: files that predict as the net does."""

import runpy

import numpy as np
import pytest
from minigraph.models import DeepNet, LogisticRegression, NotFittedError, load

from minigraph.command_line.main import main

X = np.random.default_rng(0).standard_normal((3, 40)) * 7 + 3
NETS = {
    "two classes": (lambda: DeepNet([3, 4, 1], hidden="tanh", labels=("no", "yes")), np.where(X[:1] > 3, "yes", "no")),
    "many classes": (lambda: DeepNet([3, 4, 3]), np.array([list("abcd"[i % 3] for i in range(40))])),
    "numbers": (lambda: DeepNet([3, 4, 2], output="identity"), X[:2] * 3 + 100),
    "numbers from 0": (lambda: DeepNet([3, 4, 1], output="relu"), np.abs(X[:1])),
    "not standardised": (lambda: LogisticRegression(standardize=False), X[:1] > 3),
}


def predicted(net, X):
    return net.predict_probability(X) if net.head.classes else net.predict(X)


@pytest.mark.parametrize("kind", NETS)
def test_a_python_file_predicts_as_the_net(tmp_path, kind):
    make, Y = NETS[kind]
    net = make().fit(X, Y, epochs=5, progress=False, feature_names=("age", "height", "größe"))
    path = net.export(tmp_path / "predict.py")
    predict = runpy.run_path(str(path))["predict"]
    for columns in (X, X[:, :1]):
        expected = predicted(net, columns)
        np.testing.assert_allclose(predict(columns), expected, rtol=0, atol=1e-12 * max(1, np.abs(expected).max()))
    text = path.read_text(encoding="utf-8")
    assert '# features: ["age", "height", "größe"]\n' in text
    assert ("# labels: " in text) == bool(net.head.classes)
    with pytest.raises(ValueError, match=r"X is \(3, m\), not \(2, 40\)"):
        predict(X[:2])


def test_before_fit_there_is_nothing_to_export(tmp_path):
    with pytest.raises(NotFittedError, match="export"):
        DeepNet([3, 4, 1]).export(tmp_path / "net.py")


def test_the_command_writes_what_the_net_does_and_replaces_nothing_unasked(tmp_path, capsys):
    make, Y = NETS["two classes"]
    net = load(make().fit(X, Y, epochs=5, progress=False).save(tmp_path / "model.npz"))
    words = ["export", str(tmp_path / "model.npz"), str(tmp_path / "net.py")]
    assert main(words) == 0
    assert capsys.readouterr().out == f"wrote {tmp_path / 'net.py'}\n"
    predict = runpy.run_path(str(tmp_path / "net.py"))["net"]
    np.testing.assert_allclose(predict(X), net.predict_probability(X), rtol=0, atol=1e-12)
    assert main(words) == 2
    assert "exists already" in capsys.readouterr().err
    assert main([*words, "--force"]) == 0
    assert main(["export", str(tmp_path / "model.npz"), str(tmp_path / "net.txt")]) == 1
    assert "ends in none of .onnx, .py" in capsys.readouterr().err
