"""Without scikit-learn the estimators say which extra they need."""

import sys

import pytest


def test_the_extra_is_named(monkeypatch):
    for name in [name for name in sys.modules if name.startswith(("minigraph.models.sklearn", "sklearn"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(
        ImportError, match=r"minigraph.models.sklearn needs scikit-learn: pip install 'minigraph\[sklearn\]'"
    ):
        import minigraph.models.sklearn  # noqa: F401
