"""Real notebooks: each test is left out, and counted as skipped, where what runs them is not installed.

The extra `notebook` brings it, `bash .ci/notebooks` runs these tests.
"""

from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NEEDED = {"test_jupyter": ["nbclient", "ipykernel", "ipywidgets"], "test_marimo": ["marimo"]}
"""The modules that tests need, by how the names of their files begin."""


def pytest_collection_modifyitems(items):
    """What is missing is a reason and no error."""
    for beginning, needed in NEEDED.items():
        missing = [module for module in needed if find_spec(module) is None]
        for item in items if missing else ():
            if HERE in item.path.parents and item.path.name.startswith(beginning):
                item.add_marker(pytest.mark.skip(reason=f"needs {' and '.join(missing)}: pip install -e '.[notebook]'"))
