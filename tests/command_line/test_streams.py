"""Every command over every kind of stream: what is to be done gets done, and nothing ends with a traceback."""

import csv
import io
import os
import re
import shutil
import subprocess
import sys
import threading
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from minigraph.models import DataError, DeepNet, LogisticRegression, load
from minigraph.models.bounded_files import read_standard_input

from minigraph.command_line import console
from minigraph.command_line.console import spelled, visible
from minigraph.command_line.main import main

ROOT = Path(__file__).parents[2]
posix = pytest.mark.skipif(shutil.which("bash") is None, reason="the streams are closed and filled by bash")

# The command line of the process itself; pictures are another test's.
QUICK = """
import sys
import minigraph as mg
from minigraph.command_line.main import main

class Quick:
    svg = "<svg></svg>"
    def __init__(self, *_, **__):
        pass
    def save(self, path, **_):
        path.write_text("<svg></svg>")
        return path

mg.draw = Quick
mg.step_through = lambda J, path, **_: Quick().save(path)
sys.exit(main())
"""
UNIT = "'z = w*x + b; a = sigmoid(z); L = bce(a, y)' w=0.5 x=2 b=0 y=1 --data x,y"
# For each command: its words, and what its output holds, in all letters and in ASCII.
COMMANDS = {
    "train": ("train people.csv --target answer --epochs 5 --out run", "truth ↓ predicted →", "truth v predicted ->"),
    "predict": ("predict model.npz people.csv", "answer,probability of no,probability of ja ∂", r"probability of ja \u2202"),
    "evaluate": ("evaluate model.npz people.csv", "truth ↓ predicted →", "truth v predicted ->"),
    "explain": (f"explain {UNIT} --wrt w", "∂L/∂w = ∂L/∂a · ∂a/∂z", "dw = da * da_dz"),
    "draw": (f"draw {UNIT} --out unit.dot", "wrote unit.dot", "wrote unit.dot"),
    "help": ("explain --help", "∂J/∂Z", "dJ/dZ"),
}


@pytest.fixture
def place(tmp_path):
    generator = np.random.default_rng(0)
    X = generator.normal(size=(2, 20)).round(3)
    Y = np.where(X[:1] > 0, "ja ∂", "no")
    rows = [",".join(["a", "b", "answer"]), *(f"{a},{b},{y}" for a, b, y in zip(*X, *Y, strict=True))]
    (tmp_path / "people.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    net = LogisticRegression(labels=("no", "ja ∂")).fit(X, Y, epochs=5, feature_names=("a", "b"))
    net.target_name = "answer"
    net.save(tmp_path / "model.npz")
    (tmp_path / "quick.py").write_text(QUICK)
    return tmp_path


def shell(place, script, **environment):
    """Run a script in which ``minigraph`` is the command line; its status, output and errors, as bytes."""
    prelude = f'minigraph() {{ {sys.executable!r} quick.py "$@"; }}\n'
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    done = subprocess.run(["bash", "-c", prelude + script], cwd=place, capture_output=True, env=plain | environment)
    for text in (done.stdout, done.stderr):
        assert b"Traceback" not in text and b"Exception ignored" not in text, text
    return done.returncode, done.stdout, done.stderr.decode("utf-8", "backslashreplace")


def assert_done(place, words):
    """What the command is for, beside what it prints, is there."""
    if words.startswith("train"):
        assert len(load(place / "run" / "model.npz").history) == 5
        assert sorted(path.name for path in (place / "run").iterdir()) == [
            "backward.svg", "forward.svg", "history.csv", "layers.svg", "model.npz", "report.html",
            "steps.html",
        ]  # fmt: skip
    if words.startswith("draw"):
        assert (place / "unit.dot").exists()


@posix
@pytest.mark.parametrize("words, _, __", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(
    "streams, error",
    [
        (">&-", ""),
        ("2>&-", ""),
        ("<&- >&- 2>&-", ""),
        ("2>/dev/full", ""),
        (">/dev/full", "minigraph: standard output can't be written: No space left on device\n"),
        ("| true", ""),
        ("| head -1", ""),
        ("2>&1 | true", ""),
    ],
)
def test_streams_that_are_closed_full_or_without_a_reader(words, _, __, streams, error, place):
    status, out, said = shell(place, f'minigraph {words} {streams}; exit "${{PIPESTATUS[0]}}"')
    assert (status, said) == (1 if error else 0, error)
    assert out.count(b"\n") <= 1 or streams.startswith("2>")
    assert_done(place, words)


@posix
@pytest.mark.parametrize("words, text, ascii_text", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(
    "environment, encoding",
    [
        ({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "ascii"),
        ({"PYTHONIOENCODING": "cp1252"}, "cp1252"),
        ({"PYTHONIOENCODING": "utf-8"}, "utf-8"),
    ],
    ids=["C", "cp1252", "utf-8"],
)
def test_streams_that_lack_letters(words, text, ascii_text, environment, encoding, place):
    status, out, said = shell(place, f"minigraph {words}", **environment)
    assert (status, said) == (0, "")
    printed = out.decode(encoding)
    assert (text if encoding == "utf-8" else ascii_text if encoding == "ascii" else "") in printed
    assert ("\\u" in printed) == (words.startswith("predict") and encoding != "utf-8"), (
        "only the user's own letters are escaped"
    )
    assert_done(place, words)


@posix
@pytest.mark.parametrize("streams", ["2>&-", "2>/dev/full", "2>&1 | true"])
@pytest.mark.parametrize(
    "words, status", [("trian x", 2), ("train", 2), ("train people.csv --out run", 2), ("evaluate x y", 1)]
)
def test_what_goes_wrong_keeps_its_status_where_nobody_can_be_told(words, status, streams, place):
    assert shell(place, f'minigraph {words} {streams}; exit "${{PIPESTATUS[0]}}"')[0] == status


@posix
def test_a_closed_standard_error_does_not_lend_its_number_to_a_file_of_results(place):
    """The next file that is opened would get the number 2, and what a library in C writes to stderr."""
    script = (place / "quick.py").read_text().replace("class Quick", "import os\nclass Quick")
    loud = script.replace('path.write_text("<svg></svg>")', 'open(path, "w").write(str(os.write(2, b"oops")))')
    (place / "quick.py").write_text(loud)
    assert shell(place, "minigraph train people.csv --target answer --epochs 5 --out run <&- >&- 2>&-")[0] == 0
    assert (place / "run" / "forward.svg").read_text() == "4"


# Standard input


@posix
def test_a_dash_is_standard_input(place):
    """A file, a pipe, for the data and for the model."""
    (place / "-").write_text("not this")
    status, out, said = shell(place, "minigraph predict model.npz people.csv; minigraph evaluate model.npz people.csv")
    assert (status, said) == (0, "")
    through = (
        "minigraph predict model.npz - < people.csv; cat people.csv | minigraph evaluate model.npz -",
        "cat model.npz | minigraph predict - people.csv; minigraph evaluate -- - people.csv < model.npz",
    )
    assert shell(place, through[0]) == (0, out.replace(b"people.csv:", b"standard input:"), "")
    assert shell(place, through[1]) == (0, out, "")
    assert shell(place, "minigraph train - --target answer --epochs 5 --out run < people.csv")[0] == 0
    assert_done(place, "train")


@posix
@pytest.mark.parametrize(
    "script, status, message",
    [
        ("predict - - < people.csv", 2, "standard input can be read once: give a file for the model or for the data."),
        ("predict model.npz - <&-", 1, "standard input is closed. Give a CSV file."),
        ("predict - people.csv <&-", 1, "standard input is closed. Give the model file that net.save or train wrote."),
        ("predict model.npz - < /dev/null", 1, "standard input is empty. Give a header and at least one row."),
        ("predict - people.csv < people.csv", 1, "standard input: not a model file (no .npz archive). Give the file that"),
        (
            "train - --target a --out run < <(printf 'a,b\\n1,2\\n3,x\\n')",
            1,
            "standard input:3:2 (column 'b'): 'x' is not a",
        ),
        ("predict ./- people.csv", 1, "there is no file './-'."),
    ],
)
def test_what_standard_input_can_not_be(script, status, message, place):
    returned, out, said = shell(place, f"minigraph {script}")
    assert (returned, out) == (status, b"")
    assert said.startswith(f"minigraph: {message}") and said.count("\n") == 1
    assert not (place / "run").exists()


def test_standard_input_has_a_bound(monkeypatch):
    class Input:
        closed, buffer = False, io.BytesIO(b"x" * (3 << 20))

    monkeypatch.setattr(sys, "stdin", Input)
    with pytest.raises(DataError, match=r"standard input is larger than 1 MiB\. Give a CSV file, of at most that size"):
        read_standard_input(1 << 20, "a CSV file")


# fit, as Python code calls it


class Broken(io.StringIO):
    """A stream on which nothing can be written."""

    encoding = "ascii"

    def __init__(self, error, terminal):
        super().__init__()
        self.error, self.terminal = error, terminal

    def isatty(self):
        return self.terminal

    def write(self, text):
        raise self.error

    def flush(self):
        raise self.error


def closed():
    stream = io.StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize(
    "stream",
    [
        lambda: None,
        closed,
        object,
        lambda: Broken(OSError(28, "No space left on device"), terminal=True),
        lambda: Broken(BrokenPipeError(), terminal=False),
        lambda: Broken(ValueError("I/O operation on closed file"), terminal=True),
    ],
    ids=["None", "closed", "not even isatty", "full", "no reader", "closed meanwhile"],
)
@pytest.mark.parametrize("progress", [None, True, False])
def test_fit_trains_whatever_standard_error_is(stream, progress, monkeypatch):
    X, Y = np.array([[0.0, 1.0, 2.0, 3.0]]), [[0, 0, 1, 1]]
    expected = DeepNet([1, 2, 1]).fit(X, Y, epochs=30).predict_probability(X)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream())
        patch.setattr(sys, "stdout", None)
        net = DeepNet([1, 2, 1]).fit(X, Y, epochs=30, progress=progress)
    assert len(net.history) == 30 and (net.predict_probability(X) == expected).all()


def test_a_terminal_has_a_bar_in_its_own_letters(monkeypatch):
    class Terminal(io.TextIOWrapper):
        def isatty(self):
            return True

    raw = io.BytesIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", Terminal(raw, encoding="ascii", write_through=True))
        DeepNet([1, 2, 1]).fit(np.array([[0.0, 1.0]]), [[0, 1]], epochs=30)
        sys.stderr.flush()
        assert b"30/30" in raw.getvalue() and b"cost 0." in raw.getvalue()


# Letters


def test_every_letter_that_the_code_writes_has_a_stand_in():
    sources = [*(ROOT / "minigraph").rglob("*.py"), *(ROOT / "models").rglob("*.py")]
    letters = {letter for path in sources for letter in path.read_text(encoding="utf-8") if not letter.isascii()}
    signs = {
        letter for letter in letters if unicodedata.category(letter)[0] in "SP" or "<su" in unicodedata.decomposition(letter)
    }
    assert len(signs) > 50 and {letter for letter in signs if "\\" in spelled(letter, "ascii")} == set()


@pytest.mark.parametrize(
    "text, expected",
    [
        ("∂J/∂W₁ = (A − Y)Xᵀ", "dJ/dW1 = (A - Y)X^T"),
        ("Z₁ ⊙ 10⁻¹² ≤ ½ σ(λ)", "Z1 .* 10^-12 <= 1/2 sigma(lambda)"),
        ("Σₚ Γᵢⱼ", "Sum_p Gamma_ij"),
        ("Müller, 東京", r"M\xfcller, \u6771\u4eac"),
        ("a →  b →   c → d", "a -> b ->  c -> d"),
    ],
)
def test_stand_ins(text, expected):
    assert spelled(text, "ascii") == expected
    assert spelled(text, "utf-8") == text


def test_an_exponent_is_one_word_where_the_stream_has_a_part_of_its_letters():
    assert spelled("10⁻² · Xᵀ, R²", "cp1252") == "10^-2 · X^T, R²"


def test_columns_stay_where_they_are():
    table = "truth ↓ predicted →  no  yes\n                no   2    1"
    assert spelled(table, "ascii").split("\n")[0].index("yes") == table.index("yes")


# What would steer a terminal

STEERING = ["\x1b[31m", "\x9b31m", "\r", "\a", "\x7f", "\u202e", "\u2066", "\u200f", "\ufeff", "\u2028", "\udcff"]


def test_what_steers_a_terminal_is_made_visible_and_nothing_else():
    assert visible("".join(STEERING)) == r"\x1b[31m\x9b31m\r\x07\x7f\u202e\u2066\u200f\ufeff\u2028\udcff"
    plain = "a\tb\nÄ ∂ ⊙ 東京 \u00a0 👩\u200d🔬"
    assert visible(plain) == plain


@pytest.mark.parametrize("steering", STEERING[:-1])
def test_a_foreign_file_does_not_steer_the_terminal(steering, tmp_path, monkeypatch, capsys):
    """Names of columns, labels, cells, files and of what a model calls its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(console, "is_terminal", lambda stream: True)
    evil = f"{steering}evil"
    X, Y = np.array([[0.0, 1.0, 2.0, 3.0]]), np.array([[f"p{evil}", "q"] * 2])
    net = LogisticRegression(labels=(f"p{evil}", "q")).fit(X, Y, epochs=1, feature_names=(f"x{evil}",))
    net.target_name = f"y{evil}"
    net.save("model.npz")
    for name, first in ((f"file{evil}.csv", f"x{evil}"), ("other.csv", "other")):
        with open(name, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([[first, f"y{evil}", f"z{evil}"], [1, f"p{evil}", 3], [2, "q", evil]])
    for words in (
        ("predict", "model.npz", f"file{evil}.csv"),
        ("evaluate", "model.npz", f"file{evil}.csv"),
        ("predict", "model.npz", "other.csv"),
        ("predict", "model.npz", f"none{evil}.csv"),
        ("predict", f"none{evil}.npz", "other.csv"),
        ("evaluate", "model.npz", f"file{evil}.csv", "--target", f"z{evil}"),
        ("train", f"file{evil}.csv", "--target", f"y{evil}", "--out", f"run{evil}"),
        ("train", f"file{evil}.csv", "--target", "none", "--out", f"run{evil}"),
        ("explain", "a*b", "a=1", f"b={evil}"),
        ("draw", "a*b", "a=1", "b=2", "--out", f"unit{evil}.dot"),
    ):
        main(words)
        said = capsys.readouterr()
        assert "evil" in said.out + said.err
        assert steering[0] not in (said.out + said.err).replace("\r\n", "\n"), (words, said)


def test_data_for_a_file_are_given_as_they_are(monkeypatch, capsys):
    console.give("\x1b∂\n")
    assert capsys.readouterr().out == "\x1b∂\n"
    monkeypatch.setattr(console, "is_terminal", lambda stream: True)
    console.give("\x1b∂\n")
    assert capsys.readouterr().out == "\\x1b∂\n"


def test_a_command_in_another_thread_leaves_signals_alone(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    statuses = []
    thread = threading.Thread(target=lambda: statuses.append(main(["draw", "a*b", "a=1", "b=2", "--out", "x.dot"])))
    thread.start()
    thread.join()
    assert statuses == [0]
    assert re.match("digraph", Path("x.dot").read_text(encoding="utf-8"))
