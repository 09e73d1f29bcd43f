"""What tests of commands share."""

import pytest

import minigraph as mg


class NoPicture:
    """In the place of a diagram, where a test looks at numbers and words only."""

    def __init__(self, *_, **__):
        pass

    def save(self, path):
        return path


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder to work in; nothing is drawn."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(mg, "draw", NoPicture, raising=False)
    monkeypatch.setattr(mg, "step_through", lambda J, path, **_: path, raising=False)
    return tmp_path
