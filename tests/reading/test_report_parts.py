"""What reports are made of: tables as they are shown."""

import pytest

import minigraph as mg
from minigraph.reading.report_parts import Table


def test_a_column_with_nothing_below_its_head_is_left_out():
    table = Table((("layer", "dead", "size"), ("first", "", "12"), ("and others",), ("last", "", "3")))
    assert table.lines() == ["layer  size", "first  12", "and others", "last   3"]


def test_a_column_without_a_head_stays_if_something_stands_in_it():
    rows = ("", "from"), ("1", "J")
    assert Table(rows).rows == rows
    assert Table((("", "a"), ("", "")), has_head=False).rows == (("a",), ("",))


def test_a_head_by_itself_stays():
    assert Table((("a", "b"),)).rows == (("a", "b"),)


def logistic():
    X, Y = mg.data([[1.0, -2.0, 0.5]], "X"), mg.data([[0.0, 1.0, 1.0]], "Y")
    return mg.bce_with_logits(mg.parameter([[0.3]], "w") @ X, Y).mean()


@pytest.mark.parametrize(("rate", "columns"), [(None, 3), (0.1, 4)])
def test_health_has_columns_for_what_there_is(rate, columns):
    head = str(mg.health(logistic(), rate)).splitlines()[0]
    assert len(head.split()) == columns + 1  # ‖∂J/∂W, b‖ is two words
    assert ("update/weights" in head) == (rate is not None)
    assert "dead" not in head


def test_a_pass_without_forks_has_no_totals():
    a = mg.parameter(2.0, "a")
    assert "total" not in str(mg.backward((3 * a).named("J")))
    assert "total so far" in str(mg.backward((a * a).named("J")))


def test_a_leaf_has_no_empty_table():
    assert str(mg.health(mg.parameter(2.0, "w"))).startswith("Nothing wrong was found.")
