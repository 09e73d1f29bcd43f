"""Model files of version 0.1.0 load, predict the same numbers and go on training, in Python and on the command line."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from minigraph.models import load

from minigraph.command_line.main import main

FILES = Path(__file__).parent / "version_0_1_0"
EXPECTED = json.loads((FILES / "expected.json").read_text(encoding="utf-8"))
X = np.array(EXPECTED["X"])


def test_each_file_is_tested():
    assert {path.stem for path in FILES.glob("*.npz")} == {*EXPECTED["nets"], "command"}


@pytest.fixture(params=EXPECTED["nets"])
def net_and_expected(request):
    return load(FILES / f"{request.param}.npz"), EXPECTED["nets"][request.param]


def test_a_net_predicts_what_it_predicted(net_and_expected):
    net, expected = net_and_expected
    np.testing.assert_allclose(net.output(X).value, expected["values"], rtol=1e-12)
    assert net.predict(X).shape == np.shape(expected["predictions"])
    if net.head.classes:
        assert net.predict(X).tolist() == expected["predictions"]
    else:
        np.testing.assert_allclose(net.predict(X), expected["predictions"], rtol=1e-12)
    assert net.cost(X, expected["Y"]) == pytest.approx(expected["cost"], rel=1e-12)
    assert net.score(X, expected["Y"]) == pytest.approx(expected["score"], rel=1e-12)


def test_what_is_known_of_a_net_is_known(net_and_expected):
    net, expected = net_and_expected
    assert net.settings() == expected["settings"]
    assert net.feature_names == ("size", "age", "weight") and net.target_name == "target"
    np.testing.assert_allclose(net.feature_means, X.mean(axis=1, keepdims=True), rtol=1e-12)
    assert net.history.cost == expected["costs after"][:4]
    assert len(net.history.validation_cost) == len(net.history.gradient_norm) == len(net.history.seconds) == 4


def test_training_goes_on_as_it_would_have_done(net_and_expected, tmp_path):
    net, expected = net_and_expected
    for again in (net, load(net.save(tmp_path / "model.npz"))):  # what is written now holds the same
        again.fit(X, expected["Y"], resume=True, epochs=3, batch_size=5, rate=0.05)
        np.testing.assert_allclose(again.history.cost, expected["costs after"], rtol=1e-12)
        for node, value in zip(again.parameters, expected["parameters after"], strict=True):
            np.testing.assert_allclose(node.value, value, rtol=1e-10, atol=1e-14)


def test_the_command_goes_on_with_what_an_older_one_wrote(place, capsys):
    Path("run").mkdir()
    shutil.copy(FILES / "command.npz", "run/model.npz")
    shutil.copy(FILES / "patients.csv", "patients.csv")
    words = ["train", "patients.csv", "--target", "ill", "--missing", "mean", "--epochs", "3", "--out", "run"]
    assert main([*words, "--resume"]) == 0  # its rows, its split and its words of missing cells are checked
    assert "note" not in capsys.readouterr().err
    expected = [0.5647967179337139, 0.5499319584588309, 0.5355581651693526, 0.5216628401898735]
    expected += [0.5082351183507099, 0.49526504664887633, 0.48274303234532606]
    np.testing.assert_allclose(load("run/model.npz").history.cost, expected, rtol=1e-12)
    assert main([*words, "--resume", "--held-out", "0.4"]) == 2
    assert "was trained with --held-out 0.3" in capsys.readouterr().err
