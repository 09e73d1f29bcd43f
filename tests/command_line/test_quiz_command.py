"""``minigraph quiz``: worksheets in text, pages, and numbers for names that have none."""

import pytest

from minigraph.command_line.main import main


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_worksheet_of_an_expression_without_numbers(here, capsys):
    assert main(["quiz", "3*(a + b*c)", "--seed", "7"]) == 0
    first = capsys.readouterr().out
    assert (
        first.startswith("J = 3(a + bc)\nSheet 1 of 3\n  a = ") and "∂(bc)/∂b = ______" in first and "Solutions" not in first
    )
    assert main(["quiz", "3*(a + b*c)", "--seed", "8"]) == 0
    assert capsys.readouterr().out != first


def test_values_that_are_given_stay(here, capsys):
    assert main(["quiz", "3*(a + b*c)", "a=5", "b=3", "c=2", "--solutions"]) == 0
    out = capsys.readouterr().out
    assert "  a = 5\n  b = 3\n  c = 2\n" in out and "Sheet" not in out
    assert "\nSolutions\n" in out and "∂J/∂b = ∂J/∂(bc) · ∂(bc)/∂b = 3 · 2 = 6" in out
    assert main(["quiz", "log(a) + b*y", "b=3", "--data", "y", "--sheets", "1"]) == 0
    out = capsys.readouterr().out
    assert "  b = 3\n" in out and "∂J/∂y" not in out and "∂J/∂b" in out


def test_pages(here, capsys):
    assert main(["quiz", "--seed", "2", "--out", "graphs.html"]) == 0
    assert main(["quiz", "c = a*b; J = c*a", "--out", "one.html", "--title", "One"]) == 0
    assert capsys.readouterr().out == "wrote graphs.html\nwrote one.html\n"
    assert "<h1>One</h1>" in (here / "one.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["a*b", "--out", "x.html", "--solutions"], "--solutions prints below the worksheet"),
        (["--data", "x"], "--data goes with an expression"),
        (["a*b", "c=2", "--data", "d"], "no step uses c, d"),
        (["sin*2"], "'sin' is an operation"),
        (["a*b", "--data", "a,b"], "depends on no parameter"),
    ],
)
def test_what_is_refused(here, capsys, words, message):
    assert main(["quiz", *words]) != 0
    assert message in capsys.readouterr().err


def test_questions_for_moodle(here, capsys):
    assert main(["quiz", "c = a*b; J = c*a", "--title", "One", "--moodle", "one.xml", "--out", "one.html"]) == 0
    assert capsys.readouterr().out == "wrote one.html, one.xml\n"
    assert "$course$/One" in (here / "one.xml").read_text("utf-8") and (here / "one.html").exists()
    assert main(["quiz", "a*b", "--moodle", "two.xml"]) == 0
    assert capsys.readouterr().out == "wrote two.xml\n"


def test_one_file_can_not_be_both_and_none_is_written_where_solutions_are_printed(here, capsys):
    assert main(["quiz", "a*b", "--moodle", "one.xml", "--out", "one.xml"]) == 2
    assert "can't be both the page and the questions for Moodle" in capsys.readouterr().err
    assert main(["quiz", "a*b", "--moodle", "one.xml", "--solutions"]) == 2
    assert main(["quiz", "a*b", "--moodle", "no/folder.xml"]) == 1
    assert not any(here.iterdir())
