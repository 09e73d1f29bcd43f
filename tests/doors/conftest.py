"""Doors to other frameworks: each test is left out, and counted as skipped, where its framework is not installed.

The extra `doors` brings them, `bash .ci/doors` runs these tests with every one of them.
"""

from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DEVICES = 8
"""As many devices of JAX are made of one processor, so that what is split over devices is tested anywhere."""


def pytest_collection_modifyitems(items):
    """Tests of JAX import nothing of it while they are collected, so that a missing framework is a reason and no error."""
    if find_spec("jax") is None:
        for item in items:
            if HERE in item.path.parents and item.path.name.startswith("test_jax"):
                item.add_marker(pytest.mark.skip(reason="needs JAX: pip install -e '.[doors]'"))


@pytest.fixture(scope="session")
def jax():
    """JAX with devices enough."""
    import jax

    jax.config.update("jax_num_cpu_devices", DEVICES)
    assert len(jax.devices("cpu")) == DEVICES
    return jax


@pytest.fixture
def wide(jax):
    """JAX with 64 bits, for one test."""
    with jax.enable_x64(True):
        yield jax
