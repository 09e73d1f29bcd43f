"""The progress bar: where it is shown, and how. What real notebooks show of it is tested in tests/notebooks."""

import contextlib
import sys
from types import SimpleNamespace

import pytest
from minigraph.models import progress


def train(epochs, wanted):
    with progress.progress_bar(epochs, wanted) as show:
        for epoch in range(epochs):
            show(1 / (epoch + 1))


@pytest.fixture
def marimo(monkeypatch):
    """A stand-in for marimo; gives what its bar was told."""
    told = []

    @contextlib.contextmanager
    def progress_bar(*, total, title):
        told.append((total, title))
        yield SimpleNamespace(update=lambda *, subtitle: told.append(subtitle))

    status = SimpleNamespace(progress_bar=progress_bar)
    module = SimpleNamespace(running_in_notebook=lambda: module.running, status=status, running=True, told=told)
    monkeypatch.setitem(sys.modules, "marimo", module)
    return module


def test_marimo_has_a_bar_of_its_own(marimo, capsys):
    train(2, None)
    assert marimo.told == [(2, "training"), "cost 1", "cost 0.5"]
    train(2, False)
    assert len(marimo.told) == 3
    marimo.running = False  # imported by a script
    train(2, None)
    assert len(marimo.told) == 3
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("wanted", [None, True])
def test_in_jupyter_it_is_not_among_the_errors_and_quick_trainings_have_none(wanted, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "ipykernel.zmqshell", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "IPython", None)  # whatever else is installed, no widgets here
    train(3, wanted)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setattr(progress, "DELAY", 0)
    train(3, wanted)
    shown = capsys.readouterr()
    assert "3/3" in shown.out and "cost 0.3333" in shown.out and not shown.err


def test_elsewhere_it_is_shown_on_standard_error_when_asked_for(capsys):
    train(3, None)
    train(3, False)
    assert capsys.readouterr() == ("", "")
    train(3, True)
    assert "3/3" in capsys.readouterr().err
