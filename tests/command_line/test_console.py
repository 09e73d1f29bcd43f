"""What commands print, and where: in this process, on streams that fail in every way."""

import io
import math
import os
import signal
import stat
import sys
import warnings

import pytest

from minigraph.command_line import console
from minigraph.command_line.expression_commands import Explain
from minigraph.command_line.main import main

EXPRESSION = ("explain", "a*b", "a=1", "b=2", "--wrt", "a")


class Failing(io.TextIOWrapper):
    """A stream over a file that takes nothing; its descriptor is its own."""

    def __init__(self, path, error):
        super().__init__(io.BufferedWriter(io.FileIO(path, "w")), encoding="utf-8")
        self.error = error

    def write(self, text):
        raise self.error


FULL, NO_READER = OSError(28, "No space left on device"), BrokenPipeError()


@pytest.mark.parametrize(
    "error, status, said",
    [(FULL, 1, "minigraph: standard output can't be written: No space left on device\n"), (NO_READER, 0, "")],
)
@pytest.mark.parametrize("of_the_process", [True, False])
def test_a_full_stream_is_a_failure_and_one_without_a_reader_is_none(
    error, status, said, of_the_process, tmp_path, monkeypatch, capsys
):
    stream = Failing(tmp_path / "out", error)
    monkeypatch.setattr(sys, "stdout", stream)
    if of_the_process:
        monkeypatch.setattr(sys, "__stdout__", stream)
    assert main(EXPRESSION) == status
    assert capsys.readouterr().err == said
    # What Python writes into its own stream as it ends goes nowhere; the stream of somebody else is left alone.
    assert stat.S_ISREG(os.fstat(stream.fileno()).st_mode) is not of_the_process


def test_a_standard_stream_that_is_closed_gets_the_null_device(monkeypatch, capsys):
    opened = []

    def closed(number):
        if number == 1:
            raise OSError(9, "Bad file descriptor")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fstat", closed)
        patch.setattr(os, "open", lambda *words: opened.append(words))
        patch.setattr(sys, "argv", ["minigraph", "--version"])
        assert main() == 0
    assert opened == [(os.devnull, os.O_RDWR)]
    assert capsys.readouterr().out.startswith("minigraph ")


def test_a_signal_to_end_is_the_exit_status(monkeypatch, capsys):
    monkeypatch.setattr(Explain, "run", lambda self, options: signal.raise_signal(signal.SIGTERM) or 0)
    assert main(EXPRESSION) == 128 + signal.SIGTERM
    assert capsys.readouterr().err == "minigraph: interrupted\n"


@pytest.mark.parametrize("error", [ValueError("what\n  it  is"), MemoryError()])
def test_what_goes_wrong_is_one_line_and_with_debug_the_traceback(error, monkeypatch, capsys):
    def fail(self, options):
        raise error

    monkeypatch.setattr(Explain, "run", fail)
    assert main(EXPRESSION) == 1
    assert capsys.readouterr().err == f"minigraph: {'what it is' if error.args else 'MemoryError'}\n"
    with pytest.raises(type(error)):
        main([*EXPRESSION, "--debug"])


@pytest.mark.filterwarnings("always")
def test_a_warning_is_told_as_it_comes(monkeypatch, capsys):
    monkeypatch.setattr(Explain, "run", lambda self, options: warnings.warn("mind the gap", stacklevel=1) or 0)
    assert main(EXPRESSION) == 0
    assert capsys.readouterr().err == "minigraph: warning: mind the gap\n"


def test_warnings_of_a_block_are_told_at_its_end(capsys):
    with console.telling_warnings("note well: ") as came:
        warnings.warn("one", stacklevel=1)
        warnings.warn("one", stacklevel=1)
        assert capsys.readouterr().err == ""
    assert capsys.readouterr().err == "note well: one\nnote well: one\n" and len(came) == 2


def test_json_says_null_for_what_it_has_no_number_for():
    assert console.as_json({"a": [1.5, math.nan, (math.inf, "x")]}).split() == [
        "{", '"a":', "[", "1.5,", "null,", "[", "null,", '"x"', "]", "]", "}",
    ]  # fmt: skip
