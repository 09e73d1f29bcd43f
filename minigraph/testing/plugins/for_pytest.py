"""The fixture ``assert_gradients``, for tests that don't import it."""

from typing import Any

import pytest


def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Leave minigraph as it is: what pytest does to the assertions of plugins doubles the time that importing it takes."""
    hook = getattr(early_config.pluginmanager, "rewrite_hook", None)
    getattr(hook, "_must_rewrite", set()).discard("minigraph")


def the_function() -> Any:
    """minigraph.testing.assert_gradients: fails where gradients of a graph are wrong, and says why."""
    from minigraph.testing import assert_gradients

    return assert_gradients


fixture = pytest.fixture(name="assert_gradients")(the_function)
