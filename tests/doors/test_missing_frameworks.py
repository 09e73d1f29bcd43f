"""Where a framework is missing, the message names the extra that brings it."""

import sys

import pytest

import minigraph as mg


def test_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"^mg\.from_torch needs PyTorch: pip install 'minigraph\[torch\]'$"):
        mg.from_torch("a module")


def test_onnx(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"^mg\.export into a \.onnx file needs onnx: pip install 'minigraph\[onnx\]'$"):
        mg.export(mg.data(1.0, "x") * 2, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())


def test_jax(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    w = mg.parameter([1.0], "w")
    with pytest.raises(ImportError, match=r"^mg\.to_jax needs JAX: pip install 'minigraph\[jax\]'$"):
        mg.to_jax(w * 2, inputs=[w])
    with pytest.raises(ImportError, match=r"^compile with backend='jax' needs JAX: pip install 'minigraph\[jax\]'$"):
        mg.compile(w * 2, backend="jax")


def test_scikit_learn(monkeypatch):
    for name in [name for name in sys.modules if name.startswith(("minigraph.models.sklearn", "sklearn"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(
        ImportError, match=r"minigraph.models.sklearn needs scikit-learn: pip install 'minigraph\[sklearn\]'"
    ):
        import minigraph.models.sklearn  # noqa: F401
