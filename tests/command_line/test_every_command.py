"""Every command line that the help, the README and the guides show is run as it stands there, in an empty directory.

The program that is run is ``minigraph`` beside the Python that runs the tests, or the one in the folder
that the environment variable MINIGRAPH_BIN names: the checks of a release give the folder of an installed wheel.
"""

import csv
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from kinds import kinds_in
from minigraph.models import LogisticRegression

from minigraph.command_line.commands import COMMANDS, Command, load_command

ROOT = Path(__file__).parents[2]
BIN = os.environ.get("MINIGRAPH_BIN") or str(Path(sys.executable).parent)
pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the documented commands are written for bash")

EXAMPLES = [re.sub(r"  +\S.*", "", example) for command in map(load_command, COMMANDS) for example in command.examples]


def run(script, place):
    """Run a script of the shell with the program on the path; what it prints."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=place,
        env=os.environ | {"PATH": BIN + os.pathsep + os.environ["PATH"], "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=600,  # a busy machine is no failure
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def write_table(path, names, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([names, *rows])


@pytest.fixture
def place(tmp_path):
    """An empty directory, but for the files of their own that the commands speak of."""
    generator = np.random.default_rng(0)
    X = generator.normal(size=(3, 150))
    Y = np.where(X[0] + X[1] > 0, "yes", "no")
    for name, target in (("patients.csv", "diagnosis"), ("people.csv", "answer")):
        write_table(tmp_path / name, ["age", "height", "weight", target], [[*x, y] for x, y in zip(X.T, Y, strict=True)])
    write_table(tmp_path / "new.csv", ["weight", "height", "age"], X[::-1, :5].T)
    return tmp_path


def give_model(place, example):
    """The model that predicting and evaluating examples start from."""
    (place / "run").mkdir()
    if "breast-cancer" in example:
        run("rmdir run; minigraph train breast-cancer --epochs 5 --out run", place)
        return
    generator = np.random.default_rng(1)
    X, Y = generator.normal(size=(3, 40)), np.array([["yes", "no"] * 20])
    net = LogisticRegression(labels=("no", "yes")).fit(X, Y, epochs=5, feature_names=("age", "height", "weight"))
    net.target_name = "diagnosis"
    net.save(place / "run" / "model.npz")


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_help_runs(example, place):
    assert example.startswith("minigraph ")
    if "run/model.npz" in example:
        give_model(place, example)
    assert run(example, place)


def shell_blocks(path):
    """The executed shell cells of a page, one after the other."""
    cells = re.findall(
        r"^```\{code-cell\}[^\n]*\n%%bash\n(.*?)^```", path.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    return "\n".join(cells)


PAGES = [
    page
    for page in sorted((ROOT / "docs").rglob("*.md"))
    if "_build" not in page.parts and "minigraph " in shell_blocks(page)
]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_the_guides_runs(page, place):
    assert run(shell_blocks(page), place)


def test_the_readme_trains_as_it_says(place):
    command = re.search(r"\.venv/bin/(minigraph train .*)", (ROOT / "README.md").read_text(encoding="utf-8"))[1]
    assert "30-16-8-1" in run(command, place)
    assert (place / "first-run" / "model.npz").exists()


def test_no_command_is_forgotten():
    there = kinds_in(Command, "minigraph.command_line") | kinds_in(Command, "minigraph.models.commands")
    known = {type(load_command(name)) for name in COMMANDS}
    assert not there - known, f"{[kind.__name__ for kind in there - known]}: a line in COMMANDS of command_line/commands.py"
    assert there == known


def test_the_guide_tells_of_every_command():
    guide = (ROOT / "docs" / "guides" / "command-line.md").read_text("utf-8")
    untold = [name for name in COMMANDS if f"minigraph {name}" not in guide]
    assert not untold, f"docs/guides/command-line.md says nothing of {', '.join(untold)}"


def test_every_command_shows_examples():
    assert len(EXAMPLES) >= 10 and {example.split()[1] for example in EXAMPLES} == set(COMMANDS)
    assert textwrap.dedent(shell_blocks(ROOT / "docs" / "guides" / "own-data.md")).count("minigraph ") >= 3
