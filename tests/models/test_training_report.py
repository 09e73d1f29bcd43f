"""The report that `minigraph train` writes: its numbers are those of Python, and what was assumed stands in it."""

import html
import json
import re

import numpy as np
import pytest
from commands import COMMON, patients, run, write
from minigraph.models import DeepNet, load
from minigraph.models.datasets import houses
from minigraph.models.training_report import TrainingReport

from minigraph.reading.numbers import rounded


def read(folder="run"):
    with open(f"{folder}/report.html", encoding="utf-8") as file:
        return file.read()


def rows(page):
    """The tables, each a list of rows of texts."""
    tables = re.findall(r"<table[^>]*>(.*?)</table>", page, re.DOTALL)
    cells = [
        [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", table)] for table in tables
    ]
    return [[[html.unescape(cell) for cell in row] for row in table] for table in cells]


def test_the_numbers_of_two_classes(place, capsys):
    table = patients()
    table[3][1] = ""
    write("patients.csv", table)
    words = (
        "--missing",
        "drop",
        "--layers",
        "4,3",
        "--hidden",
        "tanh",
        "--balance",
        "--patience",
        "5",
        "--epochs",
        "60",
        "--optimiser",
        "adam",
    )
    assert run("train", "patients.csv", *COMMON, *words, "--rate", "0.1", "--out", "run", "--json") == 0
    output = capsys.readouterr()
    found, page, net = json.loads(output.out), read(), load("run/model.npz")
    assert "run/report.html" in found["written"]
    numbers, counts, told, *_ = rows(page)
    assert numbers[0] == ["", "training", "validation", "held out"]
    by_name = {name: values for name, *values in numbers[1:]}
    parts = [found[name] for name in ("training", "validation", "held_out")]
    assert by_name["rows"] == [str(part["examples"]) for part in parts]
    assert by_name["cost"] == [rounded(part["cost"]) for part in parts]
    assert by_name["accuracy"] == [rounded(part["accuracy"]) for part in parts]
    assert by_name["recall of malignant"] == [rounded(part["classes"][1]["recall"]) for part in parts]
    assert by_name["AUC"] == [rounded(part["mean"]["auc"]) for part in parts]
    assert counts == [
        ["truth ↓ predicted →", "benign", "malignant"],
        *([name, *map(str, row)] for name, row in zip(("benign", "malignant"), parts[2]["confusion"], strict=True)),
    ]
    assert {"--layers": "4,3", "--balance": "yes", "--patience": "5", "--missing": "drop", "--seed": "0"}.items() <= dict(
        told[1:]
    ).items()
    assert (dict(told)["--optimiser"], dict(told)["--l2"]) == ("adam", "0") and "penalty" not in page
    assert {"--epochs", "--held-out", "--ignore"} <= dict(told).keys() and not {"--out", "--slope", "--strict"} & dict(
        told
    ).keys()
    [noted] = [line.removeprefix("note: ") for line in output.err.splitlines()]
    assert f"<p>Note: {html.escape(noted)}</p>" in page and "left out for a missing cell" in noted
    assert found["note"][1:] in html.unescape(page) and "2 features: age, size." in page
    labels = net.head.labels
    assert f"Classes of diagnosis, with their rows in the training part: {labels[0]} (" in page
    assert "on the validation part" in page and "Nothing wrong was found" in page


def test_many_classes_and_residuals(place, capsys):
    assert run("train", "blobs", "--epochs", "5", "--out", "run") == 0
    page = read()
    numbers, counts, scores, *_ = rows(page)
    assert [row[0] for row in numbers[3:]] == [
        "accuracy", "accuracy of the plain guess", "precision, mean", "recall, mean", "F1, mean", "AUC",
    ]  # fmt: skip
    assert len(counts) == 4 and scores[0] == ["", "precision", "recall", "F1", "AUC", "examples"] and len(scores) == 4
    assert "on the part held out" in page
    write("many.csv", [["x", "y"], *([i * i, i % 15] for i in range(60))])
    assert run("train", "many.csv", "--target", "y", "--epochs", "5", "--out", "many") == 0
    assert rows(read("many"))[1][0] == ["option", "value"] and " predicted as " in read("many")
    assert run("train", "houses", "--epochs", "50", "--layers", "3", "--out", "houses") == 0
    assert [row[0] for row in rows(read("houses"))[0][3:]] == [
        "R²", "root mean square error", "mean absolute error", "largest error", "root mean square error of the mean",
    ]  # fmt: skip
    chosen = next(dict(table) for table in rows(read("houses")) if table[0] == ["option", "value"])
    assert chosen["--optimiser"] == "nesterov" and float(chosen["--l2"]) > 0, "what the command chose is told"
    assert "on the training part with the penalty of --l2" in read("houses")


def test_a_net_without_a_second_part_or_standardising():
    data = houses(40)
    net = DeepNet([1, 1], output="identity", standardize=False).fit(data.X / 200, data.Y / 200, epochs=20, progress=False)
    small = type(data)(data.X / 200, data.Y / 200, tuple("abc"[:1]), ("price </script>",), (), "houses & co")
    page = TrainingReport(net, {"training": small}, [], {}, None).page()
    assert "<h1>price &lt;/script&gt; from houses &amp; co</h1>" in page and "standard deviation" not in page
    assert "on the part" not in page and page.count("<circle") == 40
    off = np.sqrt(np.mean((net.predict(small.X) - small.Y) ** 2))
    assert f"the root mean square error is {off:.4g}" in page and "1 feature: a." in page


@pytest.mark.parametrize("features", [1, 35])
def test_very_many_features_are_counted(features):
    X = np.random.default_rng(0).normal(size=(features, 12))
    data = type(houses(2))(X, np.array([[0, 1] * 6]), tuple(f"f{i}" for i in range(features)), ("y",))
    net = DeepNet([features, 1]).fit(*data, epochs=2, progress=False)
    page = TrainingReport(net, {"training": data}, ["one"], {}, "all is well").page()
    assert ("f29 and 5 more." in page) == (features == 35) and "<p>All is well.</p>" in page
