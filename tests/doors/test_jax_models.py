"""Nets are trained by JAX as by NumPy, on devices that share each batch."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
from minigraph.models import DeepNet

X = np.random.default_rng(0).normal(size=(3, 48))
Y = (X[:1] * X[1:2] > 0).astype(int)


@pytest.mark.parametrize("batch_size", [None, 20])
@pytest.mark.parametrize("devices", [None, 4])
def test_a_net_learns_the_same(jax, batch_size, devices):
    nets = [
        DeepNet([3, 4, 1]).fit(X, Y, epochs=8, batch_size=batch_size, progress=False, **options)
        for options in ({"backend": "numpy"}, {"backend": "jax", "devices": devices})
    ]
    np.testing.assert_allclose(nets[1].history.cost, nets[0].history.cost, rtol=1e-12)
    for found, expected in zip(nets[1].parameters, nets[0].parameters, strict=True):
        np.testing.assert_allclose(found.value, expected.value, rtol=1e-10, atol=1e-12)


def test_the_command_trains_on_eight_devices(jax, tmp_path):
    printed = []
    for name, words in (("jax", ("--backend", "jax", "--devices", "8")), ("numpy", ("--backend", "numpy"))):
        done = subprocess.run(
            [sys.executable, "-m", "minigraph", "train", "breast-cancer", "--epochs", "5", "--batch-size", "64", "--json",
             "--out", str(tmp_path / name), *words],
            env=os.environ | {"JAX_NUM_CPU_DEVICES": "8"}, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        printed.append(json.loads(done.stdout))
    assert printed[0]["training"]["cost"] == pytest.approx(printed[1]["training"]["cost"], rel=1e-12)
