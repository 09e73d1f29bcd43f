"""Numbers that are labels, words among numbers, columns that nothing is learnt from: what is meant is asked for, or said."""

import json

import numpy as np
import pytest
from commands import run, write
from minigraph.models import DataError, Encoding, LogisticRegression, load
from minigraph.models.tables.columns import words_beside_numbers


def houses(m=40, **columns):
    """Rows of a size, a postal code, a month and a price; ``columns`` hold others."""
    generator = np.random.default_rng(1)
    table = {
        "size": generator.normal(60, 9, m).round(1).tolist(),
        "zip": generator.choice([1010, 2020, 10115], m).tolist(),
        "month": [i % 4 + 1 for i in range(m)],
        "price": generator.normal(300, 40, m).round(2).tolist(),
    } | columns
    return [list(table), *map(list, zip(*table.values(), strict=True))]


def train(*words, out="run"):
    return run("train", "data.csv", "--target", "price", "--epochs", "3", "--out", out, "--force", *words)


def test_a_column_of_numbers_as_categories(place, capsys):
    write("data.csv", houses())
    assert train("--category", "z*,month") == 0
    net = load("run/model.npz")
    months = tuple(f"month={month}" for month in (1, 2, 3, 4))
    assert net.feature_names == ("size", "zip=1010", "zip=2020", "zip=10115", *months)
    capsys.readouterr()
    write("new.csv", [["size", "zip", "month"], [50, "2020.0", 3], [50, 777, 3]])
    assert run("predict", "run/model.npz", "new.csv") == 0
    assert "'zip' holds categories that training has not seen, which say nothing: '777'" in capsys.readouterr().err


def test_the_same_in_python():
    frame = {"zip": [10.0, 9.0, 10.0, np.nan], "size": [1, 2, 3, 4]}
    named = [Encoding.learn(frame, category=wanted, missing="mean").names for wanted in ("zip", ["z*"], ())]
    assert named == [("zip=10", "size"), ("zip=10", "size"), ("zip", "size")]
    with pytest.raises(DataError, match=r"the table has no column 'Z\*'. Its columns: 'zip', 'size'"):
        Encoding.learn(frame, category=["Z*"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--category", "price"), "--category names 'price', which is left out, or the target"),
        (("--category", "zip", "--ignore", "zip"), "--category names 'zip', which is left out"),
        (("--category", "zip", "--ordinal", "zip=1010,2020,10115"), "--ordinal and --category both name 'zip'"),
        (("--category", "code*"), "has no column like 'code*'"),
        (("--categories", "zip"), "'zip' is not a whole number from 1. The option that names columns is --category"),
    ],
)
def test_options_that_contradict_each_other(place, capsys, words, message):
    write("data.csv", houses())
    assert train(*words) != 0
    assert message in capsys.readouterr().err


def test_two_columns_with_a_feature_of_one_name(place, capsys):
    columns = {"c": list("ab") * 20, "c=b": [float(i % 7) for i in range(40)]}
    write("data.csv", houses(**columns))
    assert train() == 1
    message = "the columns 'c' and 'c=b' would both have a feature that is called 'c=b'. Give one of them another name"
    assert message in capsys.readouterr().err
    with pytest.raises(DataError, match="columns 'x' and 'x=missing' would both"):
        Encoding.learn({"x": [1, None], "x=missing": [0, 1]}, missing="category")


# Columns that nothing is learnt from


def test_predict_says_nothing_of_columns_that_were_left_out_in_training(place, capsys):
    write("data.csv", houses(seen=["2024-01-05"] * 40, note=["x"] * 40))
    assert train("--ignore", "month", out="r") == 0
    assert load("r/model.npz").left_out == ("month", "seen", "note")
    write("more.csv", houses(seen=["2024-01-05"] * 40, colour=["red"] * 40))
    capsys.readouterr()
    assert run("predict", "r/model.npz", "more.csv", "--out", "p.csv") == 0
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note")]
    assert notes == ["note: more.csv: training has not seen these columns, so they are ignored: 'colour'"]
    write("data.csv", houses(seen=["2024-01-05"] * 40, hue=["red"] * 40, note=["x"] * 40))
    assert (
        run("train", "data.csv", "--target", "price", "--out", "r", "--resume", "--ignore", "month", "--ignore", "hue") == 0
    )
    assert load("r/model.npz").left_out == ("month", "seen", "note", "hue")


def test_a_fit_in_python_forgets_which_columns_a_table_had(place):
    write("data.csv", houses())
    assert train("--ignore", "month") == 0
    net = load("run/model.npz")
    assert net.left_out == ("month",) and net.fit(np.ones((2, 3)), [[1, 2, 3]], epochs=1).left_out == ()


# Words among numbers


@pytest.mark.parametrize("count", [2, 10, 30])
def test_an_unknown_word_for_no_value_is_named_with_its_option(place, capsys, count):
    sizes = ["-"] * count + [f"{1.5 * i}" for i in range(80 - count)]
    write("data.csv", houses(80, size=sizes, zip=["NA", *range(79)]))
    assert train() == 1
    message = capsys.readouterr().err
    assert "data.csv:2:1 (column 'size'): '-' is not a number. Correct it, leave the column out (--ignore size)" in message
    assert "categories (--category size). Give --missing-words -,NA if it means a missing value." in message
    assert train("--missing-words", "-,NA", "--missing", "mean") == 0
    assert load("run/model.npz").feature_names == ("size", "zip", "month")


def test_several_such_words_are_named_together(place, capsys):
    write("data.csv", houses(size=["n.d.", "unknown", "n.d.", *range(37)]))
    assert train("--missing-words", "-9") == 1
    option = "Give --missing-words n.d.,unknown if 'n.d.', 'unknown' mean a missing value."
    assert option in capsys.readouterr().err
    assert train("--category", "size") == 0
    assert "size=unknown" not in load("run/model.npz").feature_names  # one of the rarer ones


def test_more_words_are_categories_and_that_is_said(place, capsys):
    write("data.csv", houses(size=[*"-*?!~", *[f"{i % 20}" for i in range(35)]]))
    assert train() == 0
    said = "the column 'size' holds numbers as well as '-', '*', '!' and 1 more: --missing-words '-,*,!,~,?' if that means"
    assert said in capsys.readouterr().err


def test_a_sum_of_rooms_and_few_numbers_stays_text(place):
    write("data.csv", houses(size=["2", "3", "4", "many"] * 10))
    assert train() == 0
    assert load("run/model.npz").feature_names[:4] == ("size=2", "size=3", "size=4", "size=many")
    assert words_beside_numbers(["A1", *map(str, range(20))]) == []


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (["-", *map(float, range(20))], "holds numbers, but for '-'. If that means a missing value, put None"),
        ([str(i) for i in range(20)], r"holds numbers as text \('0', …\). Make numbers of them"),
        ([f"2024-01-{i + 1:02}" for i in range(20)], "holds dates or times .*, which is of no use as categories"),
        ([f"A{i}" for i in range(20)], "holds names or ids"),
    ],
)
def test_text_of_a_frame_that_is_no_category_is_refused(cells, message):
    with pytest.raises(DataError, match=message):
        Encoding.learn({"x": cells})
    encoding = Encoding.learn({"x": cells}, category=["x"], most=2)
    assert len(encoding.names) == 3
    assert encoding.encode({"x": cells}).sum() == len(cells)


def test_numbers_as_text_are_told_where_numbers_were_learnt():
    encoding = Encoding.learn({"x": [1.0, 2.0]})
    with pytest.raises(DataError, match=r"'x' holds numbers as text \('1', '2' and 1 more\), but it held numbers"):
        encoding.encode({"x": ["1", "2", "3"]})
    with pytest.raises(DataError, match=r"'x' holds 'n\.d\.', but it held numbers"):
        encoding.encode({"x": [1, "n.d.", "3"]})


def test_codes_with_leading_zeros_stay_labels():
    codes = [f"0{i}" for i in range(20)]
    assert len(Encoding.learn({"zip": codes * 3}).names) == 20
    net = LogisticRegression()
    net.encoding = Encoding.learn({"zip": codes * 3})
    net.fit({"zip": codes * 3}, [[0, 1] * 30], epochs=2, progress=False)
    assert json.dumps(net.encoding.entries()) and net.predict({"zip": codes}).shape == (1, 20)
