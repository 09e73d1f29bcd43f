"""Commands on tables with text: what is a feature, what is left out and said, and that a model reads such tables again."""

import json

import numpy as np
import pytest
from commands import run, write
from minigraph.models import load
from minigraph.models.tables import Reading, parse_bytes
from minigraph.models.tables.encoding import Encoding

HEADER = ["id", "age", "sex", "class", "town", "joined", "about", "survived"]
TOWNS = ["Oslo", "Rome", "Bonn", "Rome"]


def passengers(m=48, seed=0, **cells):
    """Rows in which who is female, of class 1 or from Bonn survives; ``cells`` replace columns of the first row."""
    generator = np.random.default_rng(seed)
    rows = []
    for i in range(m):
        sex, place, town = generator.choice(["male", "Female", "female"]), generator.integers(1, 4), TOWNS[i % 4]
        lives = sum(map(bool, (sex != "male", place == 1, town == "Bonn"))) > 1
        about = f"passenger {i} of the ship, who likes number {generator.integers(1000)}"
        age = f"{generator.normal(40, 9):.1f}"
        rows.append([100 + 7 * i % 97, age, sex.lower(), f"c{place}", town, f"2020-01-{i % 28 + 1:02}", about, "ny"[lives]])
    first = dict(zip(HEADER, rows[0], strict=True)) | cells
    return [HEADER, list(first.values()), *rows[1:]]


def train(*words, out="run"):
    return run("train", "data.csv", "--target", "survived", "--epochs", "5", "--out", out, "--force", *words)


def test_text_is_learnt_from_and_what_is_no_feature_is_left_out(place, capsys):
    write("data.csv", passengers())
    assert train("--json") == 0
    output = capsys.readouterr()
    assert output.err.splitlines() == [
        "note: data.csv: the column 'id' names the rows (100, 107, 114, …): it is left out (--use keeps it)",
        "note: data.csv: the column 'joined' holds dates or times ('2020-01-01'): it is left out (--use keeps it)",
        "note: data.csv: the column 'about' holds free text ('passenger 0 of the ship, who likes numb…'): 48 different ones "
        "in 48 rows: it is left out (--use keeps it)",
        "note: data.csv: text is taken as categories in 'sex', 'class', 'town'",
    ]
    net = load("run/model.npz")
    assert net.feature_names == (
        "age",
        "sex=male",
        "class=c1",
        "class=c2",
        "class=c3",
        "town=Bonn",
        "town=Oslo",
        "town=Rome",
    )
    assert run("evaluate", "run/model.npz", "data.csv", "--json") == 0
    whole, parts = json.loads(capsys.readouterr().out), json.loads(output.out)
    assert whole["examples"] == sum(parts[part]["examples"] for part in ("training", "held_out")) == 48
    assert run("predict", "run/model.npz", "data.csv", "--json") == 0
    column = {name: [row[i] for row in passengers()[1:]] for i, name in enumerate(HEADER)}
    column["age"] = list(map(float, column["age"]))
    assert json.loads(capsys.readouterr().out)["survived"] == net.predict(column)[0].tolist()


def test_it_learns_what_decides(place, capsys):
    write("data.csv", passengers(400))
    assert train("--epochs", "300", "--rate", "1", "--layers", "8", "--json") == 0
    assert json.loads(capsys.readouterr().out)["held_out"]["accuracy"] > 0.97


def test_a_category_that_only_the_held_out_part_has_is_not_learnt(place, capsys):
    rows = passengers()
    write("data.csv", rows)
    assert train("--use", "age,town") == 0
    before = load("run/model.npz")
    training = {*range(48)}
    for i in range(1, 49):  # a row is in the training part if a new town in it becomes a feature
        changed = [[*row] for row in rows]
        changed[i][4] = "Cairo"
        write("data.csv", changed)
        capsys.readouterr()
        assert train("--use", "age,town", "--epochs", "1") == 0
        net, said = load("run/model.npz"), capsys.readouterr().err
        if "town=Cairo" not in net.feature_names:
            training -= {i - 1}
            assert "the column 'town' holds categories that training has not seen, which say nothing: 'Cairo'" in said
            assert net.encoding.sources == before.encoding.sources
            if i > 8:
                break
    assert len(training) < 48


def test_use_ignore_and_patterns(place, capsys):
    write("data.csv", passengers())
    names = {
        ("--use", "age", "--use", "t*"): ("age", "town=Bonn", "town=Oslo", "town=Rome"),
        ("--use", "age,id"): ("age", "id"),
        ("--ignore", "c*,town,sex"): ("age",),
        ("--ignore", "[c-t]*", "--ignore", "4"): ("age",),
        ("--use", "town", "--categories", "2"): ("town=Oslo", "town=Rome", "town=other"),
        ("--use", "class", "--ordinal", "class=c1,c2,c3"): ("class",),
    }
    for words, found in names.items():
        assert train(*words) == 0, words
        assert load("run/model.npz").feature_names == found
    assert "<td>class=c1,c2,c3</td>" in (place / "run" / "report.html").read_text("utf-8")  # of the last
    wrong = {
        ("--use", "x*"): (1, "data.csv has no column like 'x*'. Its columns: 'id', 'age'"),
        ("--use", "ages"): (1, "data.csv has no column 'ages'. Did you mean 'age'?"),
        ("--use", "age", "--ignore", "a*"): (2, "--use and --ignore both name 'age'. Which is meant?"),
        ("--use", "survived"): (2, "--use names the target 'survived'"),
        ("--use", "age", "--ordinal", "class=c1,c2"): (2, "--ordinal names 'class', which is left out, or the target."),
        ("--ordinal", "class=c1,c2"): (1, "'class' holds 'c3', but its order has only 'c1', 'c2'."),
        ("--ordinal", "class"): (2, "'class' names no order. Give a column and its texts from low to high"),
        ("--ordinal", "class=a,a"): (2, "'class=a,a' names no order."),
        ("--strict",): (1, "data.csv: the column 'id' names the rows (100, 107, 114, …). Leave it out (--ignore id), or"),
    }
    for words, (status, text) in wrong.items():
        capsys.readouterr()
        assert train(*words, out="other") == status, words
        assert text in capsys.readouterr().err
        assert not (place / "other").exists()


def test_a_lone_counter_is_used_and_said(place, capsys):
    write("data.csv", [["x", "survived"], *([i, i % 2] for i in range(12))])
    assert train() == 0
    assert "the column 'x' counts the rows (0, 1, 2, …): a net can learn the order of the file" in capsys.readouterr().err


def test_missing_cells_of_text_and_numbers(place, capsys):
    write("data.csv", passengers(age="", town="NA"))
    use = ("--use", "age,town,sex")
    assert train(*use) == 1
    assert "data.csv:2:2 (column 'age'): the cell is missing, and 1 more." in capsys.readouterr().err
    for words, names in (
        (("--missing", "median"), ("age", "town=Bonn", "town=Oslo", "town=Rome", "sex=male")),
        (("--missing", "category"), None),
        (("--missing", "drop"), ("age", "town=Bonn", "town=Oslo", "town=Rome", "sex=male")),
    ):
        assert train(*use, *words) == 0
        net = load("run/model.npz")
        assert names is None or net.feature_names == names
        capsys.readouterr()
        refused = words[1] == "drop"
        assert run("predict", "run/model.npz", "data.csv") == refused
        assert refused == ("the cell is missing" in capsys.readouterr().err)
        assert run("predict", "run/model.npz", "data.csv", "--missing", "mean") == 0
        assert run("evaluate", "run/model.npz", "data.csv", "--missing", "drop", "--json") == 0
        capsys.readouterr()


def test_training_goes_on_with_the_encoding_it_had(place, capsys):
    write("data.csv", passengers())
    assert train("--use", "age,town,sex", "--epochs", "9") == 0
    whole = load("run/model.npz")
    assert train("--use", "age,town,sex", out="parts") == 0
    assert run("train", "data.csv", "--target", "survived", "--epochs", "4", "--resume", "--out", "parts") == 0
    again = load("parts/model.npz")
    assert again.encoding == whole.encoding
    assert [node.value.tobytes() for node in again.parameters] == [node.value.tobytes() for node in whole.parameters]


def test_a_net_fills_numbers_with_the_median_that_it_has_learnt(place, capsys):
    rows = [["x", "z", "survived"], *([i * i % 7, i % 3, i % 2] for i in range(12)), ["", 1, 0], ["", 2, 1]]
    write("data.csv", rows)
    for missing in ("median", "category"):
        assert train("--missing", missing, "--held-out", "0.1") == 0
        fill = load("run/model.npz").encoding.features[0].fill
        capsys.readouterr()
        write("new.csv", [["x", "z"], ["", 1], [repr(fill), 1]])
        assert run("predict", "run/model.npz", "new.csv", "--json") == 0
        first, second = json.loads(capsys.readouterr().out)["probability of 1"]
        assert (first == second) == (missing == "median") and 0 < fill < 6


def test_a_table_of_numbers_needs_no_encoding(place):
    write("data.csv", [["x", "survived"], *([i % 5 + 0.5, i % 2] for i in range(12))])
    assert train() == 0
    assert load("run/model.npz").encoding is None


def test_a_model_whose_encoding_is_damaged_is_refused(place, capsys, monkeypatch):
    write("data.csv", passengers())
    with monkeypatch.context() as patch:
        patch.setattr(Encoding, "entries", lambda self: [{"kind": "number"}])
        assert train() == 0
    capsys.readouterr()
    assert run("predict", "run/model.npz", "data.csv") == 1
    assert "the entry 'encoding' of its manifest is missing or wrong" in capsys.readouterr().err


DECIMALS = 'größe;ja\n1,5;nein\n2,25;ja\n1.003,5;ja\n"0,5";nein\n'


def test_delimiters_decimals_and_encodings(place, capsys):
    for raw, words in (
        (DECIMALS.encode("latin-1"), ("--encoding", "latin-1", "--decimal", ",")),
        (DECIMALS.replace(";", "|").encode(), ("--delimiter", "|", "--decimal", ",")),
        (DECIMALS.replace(";", "\t").encode(), ("--delimiter", "tab", "--decimal", ",")),
    ):
        (place / "data.csv").write_bytes(raw)
        assert run("train", "data.csv", "--target", "ja", "--epochs", "2", "--out", "run", "--force", *words) == 0
        assert run("predict", "run/model.npz", "data.csv", *words, "--json") == 0
    reading = Reading(encoding="latin-1", decimal=",")
    table = parse_bytes(DECIMALS.encode("latin-1"), "data.csv", reading)
    assert table.names == ("größe", "ja") and table.numbers([0]).tolist() == [[1.5, 2.25, 1003.5, 0.5]]
    comma = parse_bytes(b'a,b\n"1,5",2\n3,4\n', "data.csv", Reading(decimal=",", delimiter=","))
    assert comma.texts(0) == ["1,5", "3"]
    (place / "data.csv").write_bytes(DECIMALS.encode("latin-1"))
    for words, status, text in (
        (
            (),
            1,
            "data.csv:1: not UTF-8 text (byte 2). Save the table as CSV in UTF-8, or name its encoding (--encoding)",
        ),
        (("--encoding", "ascii"), 1, "data.csv:1: not ascii text"),
        (("--encoding", "klingon"), 2, "there is no text encoding 'klingon'. Usual ones: utf-8, latin-1, cp1252."),
        (("--delimiter", "ab"), 2, "'ab' can't separate cells. Give one character, such as ';' or '|', or tab."),
        (("--delimiter", ",", "--decimal", ","), 2, "a comma can't both separate cells and mark decimals."),
    ):
        capsys.readouterr()
        assert run("train", "data.csv", "--target", "ja", "--out", "other", *words) == status
        assert text in capsys.readouterr().err


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16"])
def test_a_named_encoding_may_have_its_mark(mark, place):
    (place / "data.csv").write_bytes("größe;ja\n1;nein\n2;ja\n".encode(mark))
    name = "utf-8" if mark == "utf-8-sig" else mark
    table = parse_bytes((place / "data.csv").read_bytes(), "data.csv", Reading(encoding=name))
    assert table.names == ("größe", "ja")
