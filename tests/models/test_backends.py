"""What runs the steps of a training: which backend, and which devices share a batch."""

import sys
import warnings

import numpy as np
import pytest
from minigraph.models import DeepNet, LogisticRegression

import minigraph as mg

X = np.random.default_rng(0).normal(size=(3, 48))
Y = (X[:1] * X[1:2] > 0).astype(int)


def fitted(**options):
    return DeepNet([3, 4, 1]).fit(X, Y, epochs=6, progress=False, **options)


def test_a_backend_changes_costs_by_rounding_only():
    np.testing.assert_allclose(fitted(backend="numpy").history.cost, fitted().history.cost, rtol=1e-12)


@pytest.fixture
def told(monkeypatch):
    """What `minigraph.compile` is told of devices, for each program of a batch; NumPy does the work."""
    found, compiled = [], mg.compile

    def compile(outputs, inputs=(), updates=None, *, backend="auto", devices=None, split=None, **options):
        if updates:
            found.append((backend, devices, {node.name: axis for node, axis in (split or {}).items()}))
        return compiled(outputs, inputs, updates, **options)

    monkeypatch.setattr(mg, "compile", compile)
    return found


def test_devices_share_the_examples_of_a_batch(told):
    fitted(backend="jax", devices=8)
    fitted(backend="jax")
    assert told == [("jax", 8, {"X": 1, "Y": 1}), ("jax", None, {})]


def test_a_last_batch_that_devices_can_not_share_is_done_by_one(told):
    fitted(backend="jax", devices=4, batch_size=20)
    assert told == [("jax", 4, {"X": 1, "Y": 1}), ("jax", 4, {"X": 1, "Y": 1})]  # 20 and 8
    told.clear()
    fitted(backend="jax", devices=5, batch_size=20)
    assert told == [("jax", 5, {"X": 1, "Y": 1}), ("jax", None, {})]


def test_a_batch_that_devices_can_not_share_is_warned_of(told):
    with pytest.warns(mg.GraphWarning, match=r"^5 devices can't share the 48 examples of a batch equally.*that 5 divides\."):
        fitted(backend="jax", devices=5)
    assert told == [("jax", None, {})]


def test_that_warning_as_an_error_leaves_the_net_as_it_was(told):
    net = LogisticRegression().fit(X, Y, epochs=2, progress=False)
    before = [node.value for node in net.parameters]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(mg.GraphWarning, match=r"^5 devices"):
            net.fit(X, Y, epochs=2, progress=False, backend="jax", devices=5)
    assert len(net.history) == 2
    for node, value in zip(net.parameters, before, strict=True):
        np.testing.assert_array_equal(node.value, value)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"devices": 0}, ValueError, r"^devices is 0: give a whole number from 1, or None for one\."),
        ({"devices": 2.0}, ValueError, r"^devices is 2\.0"),
        ({"devices": 2}, TypeError, r"^compile: devices is for backend='jax'; 'auto' runs on this processor\."),
        ({"backend": "fpga"}, ValueError, r"^compile: no backend is called 'fpga'"),
    ],
)
def test_what_is_not_there_is_refused_before_the_net_changes(options, error, words):
    net = LogisticRegression().fit(X, Y, epochs=2, progress=False)
    before = [node.value for node in net.parameters]
    with pytest.raises(error, match=words):
        net.fit(X, Y, epochs=2, progress=False, **options)
    assert len(net.history) == 2
    for node, value in zip(net.parameters, before, strict=True):
        np.testing.assert_array_equal(node.value, value)


def test_the_command_refuses_what_is_not_there(monkeypatch, tmp_path, capsys):
    from commands import run

    monkeypatch.setitem(sys.modules, "jax", None)
    train = ("train", "breast-cancer", "--out", tmp_path / "run")
    assert run(*train, "--devices", 8) == 2
    assert "--devices is for --backend jax. Give both, or leave --devices out." in capsys.readouterr().err
    assert run(*train, "--backend", "jax", "--devices", 8) == 2
    assert "--backend jax: compile with backend='jax' needs JAX: pip install 'minigraph[jax]'" in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
