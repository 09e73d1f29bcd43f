"""What Hypothesis draws does not depend on which modules are loaded.

This looks at a private matter of Hypothesis, so it is no part of the tests that a newcomer runs.
"""

import importlib.util
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

CONSTANTS = range(700_000_001, 700_000_101)


def drawn():
    """All that a property is tried on."""
    found = []

    @settings(max_examples=500)
    @given(st.integers())
    def collect(number):
        found.append(number)

    collect()
    return found


def test_constants_of_loaded_modules_are_not_drawn(tmp_path, monkeypatch):
    """Here a module of a hundred numbers is loaded between two runs."""
    before = drawn()
    path = tmp_path / "constants.py"
    path.write_text(f"NUMBERS = {list(CONSTANTS)}\n")
    spec = importlib.util.spec_from_file_location("constants_for_hypothesis", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, spec.name, module)
    assert drawn() == before
