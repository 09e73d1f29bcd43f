"""The benchmark against scikit-learn: how tables are taken from archives, and when a score holds; without network."""

import io
import tarfile
import zipfile
from argparse import Namespace

import numpy as np
import pytest

from tests.benchmarks import against_scikit_learn, known_tables
from tests.benchmarks.against_scikit_learn import Comparison, options_for, shortened
from tests.benchmarks.known_tables import PACKAGES, TABLES, KnownTable, members, with_header


def add(archive, name, content):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def test_each_table_has_a_name_of_its_own_and_a_package_with_what_its_licence_is():
    assert len({table.name for table in TABLES}) == len(TABLES) >= 30
    assert all(table.licence for table in TABLES) and {table.package for table in TABLES} == {*PACKAGES}


def test_members_of_wheels_and_of_archives_in_archives(tmp_path):
    wheel, source = tmp_path / "a.whl", tmp_path / "b.tar.gz"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("data/a.csv", "x,y\n1,2\n")
    assert members(wheel, ["data/a.csv", "gone.csv"]) == {"data/a.csv": b"x,y\n1,2\n"}
    inner = io.BytesIO()
    with tarfile.open(fileobj=inner, mode="w:gz") as archive:
        add(archive, "resources/c.csv", b"x\n1\n")
    with tarfile.open(source, "w:gz") as archive:
        add(archive, "b/resources.tar.gz", inner.getvalue())
        add(archive, "b/d.csv", b"y\n")
    assert members(source, ["resources/c.csv", "b/d.csv", "no"]) == {"resources/c.csv": b"x\n1\n", "b/d.csv": b"y\n"}


@pytest.mark.parametrize(
    ("header", "text", "found"),
    [
        (None, '"","a","b"\n"1",2,"x y"\n', "a,b\n2,x y\n"),
        (None, "a,b\n2, x\n", "a,b\n2,x\n"),
        ("", "1, 2, yes \n\n3,4,no\n", "x1,x2,class\n1,2,yes\n3,4,no\n"),
        ("p,q", "1,2\n", "p,q\n1,2\n"),
    ],
)
def test_a_table_is_written_with_names_and_without_row_names(header, text, found):
    assert with_header(text, KnownTable("t", "scikit-learn", "t", "class", (), header)) == found


def test_what_is_lacking_is_said_and_the_rest_is_written(tmp_path, monkeypatch):
    tables = (KnownTable("here", "islp==0.6.0", "a.csv", "y"), KnownTable("gone", "islp==0.6.0", "b.csv", "y"))
    monkeypatch.setattr(known_tables, "TABLES", tables)
    monkeypatch.setattr(known_tables, "PACKAGES", {"islp==0.6.0": "BSD"})
    (tmp_path / "archives").mkdir()
    with zipfile.ZipFile(tmp_path / "archives/islp-0.6.0-py3-none-any.whl", "w") as archive:
        archive.writestr("a.csv", "x,y\n1,2\n")
    assert known_tables.fetch(tmp_path) == ["islp==0.6.0 has no b.csv"]
    assert [path.name for path in tmp_path.glob("*.csv")] == ["here.csv"]


@pytest.mark.parametrize(
    ("ours", "theirs", "holds"),
    [
        ([0.8, 0.9], [0.8, 0.9], True),
        ([0.891, 0.891], [0.9, 0.9], True),
        ([0.88, 0.88], [0.9, 0.9], False),
        ([0.80, 0.92], [0.9, 0.9], True),  # −0.04 with a standard error of 0.06
        ([0.85, 0.85, 0.79], [0.9, 0.9, 0.9], False),
        ([1.0, 1.0], [0.5, 0.5], True),
    ],
)
def test_a_score_holds_within_a_hundredth_or_a_standard_error(ours, theirs, holds):
    assert Comparison(np.array(ours), np.array(theirs)).holds is holds


def test_the_options_are_those_of_the_command_and_no_others(tmp_path):
    table = KnownTable("t", "scikit-learn", "t", "y", ("z",))
    options: Namespace = options_for(tmp_path / "t.csv", table, None, tmp_path / "out")
    assert (options.rate, options.optimiser, options.l2, options.epochs, options.layers) == (None, None, None, 300, None)
    assert options.ignore == ["z"] and options_for(tmp_path / "t.csv", table, "32", tmp_path).layers == (32,)


def test_rows_are_drawn_in_their_order(tmp_path):
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{i},a\n" for i in range(50)))
    (tmp_path / "out").mkdir()
    names, *rows = shortened(tmp_path / "t.csv", 20, tmp_path / "out").read_text().split()
    places = [int(row.split(",")[0]) for row in rows]
    assert names == "x,y" and len(places) == 20 and places == sorted({*places})


def test_a_table_that_fails_says_why_in_its_row_and_the_run_goes_on(tmp_path, monkeypatch, capsys):
    tables = [KnownTable(name, "scikit-learn", name, "y") for name in ("gone", "other")]
    monkeypatch.setattr(against_scikit_learn, "TABLES", tables)
    against_scikit_learn.main([str(tmp_path)])
    out = capsys.readouterr().out
    assert out.count("failed: ") == 2 and "\n0 of 2 tables held" in out and "gone.csv" in out
