"""The tables of what users of other frameworks type run, and say the same as NumPy."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "docs"))
import what_to_type  # of the docs


def test_every_row_runs_and_gives_what_numpy_gives():
    assert what_to_type.check() == len(list(what_to_type.rows())) > 60
    assert all(len(row) == 3 and row[2] for row in what_to_type.rows())


def test_a_wrong_row_is_found(monkeypatch):
    monkeypatch.setattr(what_to_type, "rows", lambda: [["np.min(x, axis=0)", "x.amin(0)", "x.max(0)"]])
    with pytest.raises(AssertionError, match=r"np\.min\(x, axis=0\) and x\.max\(0\)"):
        what_to_type.check()
