"""How tests and doctests are run, files given alone included: the profiles of Hypothesis, one copy of each module.

The profile is named by the environment variable HYPOTHESIS_PROFILE: `dev` (by default) and `ci` try the same examples in
every run, `thorough` draws new ones. None stores examples, so no run depends on an earlier one.
"""

import contextlib
import importlib
import importlib.util
import os
import sys

from hypothesis import HealthCheck, settings

# With a process for each core, a second thread of the matrix products would only wait for that core: most of the time of
# the whole suite. Set before NumPy is loaded, and handed on to the processes that tests start.
if "PYTEST_XDIST_WORKER" in os.environ:
    for library in ("OPENBLAS", "OMP"):
        os.environ.setdefault(f"{library}_NUM_THREADS", "1")

# A busy machine is no failure: no deadlines.
patient = settings(
    deadline=None, database=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("dev", patient, max_examples=15)
settings.register_profile("ci", patient, max_examples=60)
settings.register_profile("thorough", patient, max_examples=500, derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "dev")

# Hypothesis mixes constants of the modules that happen to be loaded into what it draws: other examples in another order
# of tests, in a folder called "test", and after any change of the code. Here only the test itself and the seed count.
with contextlib.suppress(ImportError):  # older versions of Hypothesis draw no such constants
    importlib.import_module("hypothesis.internal.conjecture.providers").is_local_module_file = lambda path: False


def pytest_ignore_collect(collection_path, config):
    """The doctests of a module that is made for another library are left out where that is not installed."""
    if collection_path == config.rootpath / "models" / "sklearn" and importlib.util.find_spec("sklearn") is None:
        return True
    return None


def pytest_collect_file(file_path, parent):
    """Import a module of the packages as users do, once, before pytest makes a second copy of it from its file.

    The copy would hide a function of the name (`minigraph.explanation.health`), and models/ would be another package.
    """
    parts = file_path.relative_to(parent.config.rootpath).with_suffix("").parts
    if file_path.suffix != ".py" or parts[0] not in ("minigraph", "models") or parts[-1] == "__main__":
        return
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    for end in range(1, len(parts) + 1):
        path = ".".join(parts[:end])
        sys.modules[path] = importlib.import_module(path if parts[0] == "minigraph" else f"minigraph.{path}")
