"""Doors to other frameworks: each test is left out, and counted as skipped, where its framework is not installed.

The extra `doors` brings them, `bash .ci/doors` runs these tests with every one of them.
"""

from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NEEDED = {
    "test_frames": ["pandas", "polars", "pyarrow"],
    "test_jax": ["jax"],
    "test_onnx": ["onnx", "onnxruntime"],
    "test_sklearn": ["sklearn"],
}
"""The modules that tests need, by how the names of their files begin."""
DEVICES = 8
"""As many devices of JAX are made of one processor, so that what is split over devices is tested anywhere."""


def pytest_collection_modifyitems(items):
    """Tests import no framework while they are collected, so that a missing one is a reason and no error."""
    for beginning, needed in NEEDED.items():
        missing = [module for module in needed if find_spec(module) is None]
        for item in items if missing else ():
            if HERE in item.path.parents and item.path.name.startswith(beginning):
                reason = f"needs {' and '.join(missing)}: pip install -e '.[doors]'"
                item.add_marker(pytest.mark.skip(reason=reason))


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
