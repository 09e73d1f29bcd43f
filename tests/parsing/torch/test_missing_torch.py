"""Where PyTorch is missing, the message names the extra that brings it."""

import sys

import pytest

import minigraph as mg


def test_a_missing_torch_is_told_with_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(ImportError, match=r"^mg\.from_torch needs PyTorch: pip install 'minigraph\[torch\]'$"):
        mg.from_torch("a module")
