"""Where JAX is missing, the message names the extra that brings it."""

import sys

import pytest

import minigraph as mg


def test_a_missing_jax_is_told_with_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    w = mg.parameter([1.0], "w")
    with pytest.raises(ImportError, match=r"^mg\.to_jax needs JAX: pip install 'minigraph\[jax\]'$"):
        mg.to_jax(w * 2, inputs=[w])


def test_a_program_for_a_missing_jax_is_refused_with_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "jax", None)
    w = mg.parameter([1.0], "w")
    with pytest.raises(ImportError, match=r"^compile with backend='jax' needs JAX: pip install 'minigraph\[jax\]'$"):
        mg.compile(w * 2, backend="jax")
