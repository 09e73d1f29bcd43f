"""What tests of commands share."""

import pytest
from commands import COMMON, QuickPicture, patients, run, write

import minigraph as mg


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to work in; pictures are not drawn."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mg, "draw", QuickPicture, raising=False)
    monkeypatch.setattr(mg, "step_through", lambda J, path, **_: QuickPicture(J, "forward").save(path), raising=False)
    return tmp_path


@pytest.fixture
def trained(place):
    write("patients.csv", patients())
    assert run("train", "patients.csv", *COMMON, "--layers", "4", "--out", "run", "--epochs", "50") == 0
    return place
