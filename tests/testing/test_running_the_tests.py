"""A run of these tests finds the same, whichever files are given and whatever ran before it."""

import importlib
import pkgutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import minigraph.models
import pytest
from hypothesis import settings

import minigraph

ROOT = Path(__file__).parents[2]


def hidden_modules():
    """Modules whose name in their package is something else, a function as a rule."""
    for package in (minigraph, minigraph.models):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            of_another = found.name.startswith("minigraph.models.sklearn") and find_spec("sklearn") is None
            if not found.name.endswith("__main__") and not of_another:
                module = importlib.import_module(found.name)
                parent, _, name = found.name.rpartition(".")
                if getattr(sys.modules[parent], name) is not module:
                    yield module


def test_doctests_of_a_module_that_a_function_hides_run_alone():
    hidden = list(hidden_modules())
    assert "minigraph.explanation.health" in {module.__name__ for module in hidden}
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-n", "0", "-p", "no:cacheprovider", *(module.__file__ for module in hidden)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
    for module in hidden:
        assert f"::{module.__name__}.{module.__name__.rpartition('.')[2]} PASSED" in ran.stdout


@pytest.mark.parametrize("profile", ["dev", "ci"])
def test_examples_are_the_same_in_every_run(profile):
    chosen = settings.get_profile(profile)
    assert chosen.derandomize and chosen.database is None and chosen.deadline is None


def test_a_soak_draws_at_random_and_stores_nothing():
    chosen = settings.get_profile("thorough")
    assert not chosen.derandomize and chosen.database is None
