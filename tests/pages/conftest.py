"""The page that most tests read."""

import pytest
from figures import gallery

import minigraph as mg


@pytest.fixture
def page(tmp_path):
    return mg.step_through(gallery.two_paths(), tmp_path / "pass.html")
