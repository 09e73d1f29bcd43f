"""Where onnx is missing, the message names the extra that brings it."""

import sys

import pytest

import minigraph as mg


def test_a_missing_onnx_is_told_with_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r"^mg\.export into a \.onnx file needs onnx: pip install 'minigraph\[onnx\]'$"):
        mg.export(mg.data(1.0, "x") * 2, tmp_path / "model.onnx")
    assert not list(tmp_path.iterdir())
