"""Every lesson is a notebook that runs by itself, in any directory."""

import html
import importlib.util
import json
import math
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("jupytext", reason="writing the lessons as notebooks takes the extra `docs`")
pyplot = pytest.importorskip("matplotlib.pyplot", reason="the lessons draw plots: extra `docs`")

DOCS = Path(__file__).parents[2] / "docs"


def load(file: Path):
    """A Python file of the docs as a module; they are in no package."""
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


notebooks = load(DOCS / "notebooks.py")
LESSONS = [
    lesson for lesson in sorted((DOCS / "lessons").glob("[0-9]*.md")) if notebooks.is_notebook(lesson.read_text("utf-8"))
]


def test_there_are_lessons():
    assert len(LESSONS) >= 11


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_a_lesson_runs_as_a_notebook_by_itself(lesson, tmp_path, monkeypatch):
    notebooks.write_all(lesson.parent, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [entry for entry in sys.path if not entry.startswith(str(DOCS))])
    monkeypatch.setattr(pyplot, "show", lambda: None)
    notebook = json.loads((tmp_path / f"{lesson.stem}.ipynb").read_text("utf-8"))
    namespace = {"__name__": "__main__", "display": lambda *shown: None}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert not cell["outputs"]
            exec(compile("".join(cell["source"]), f"{lesson.stem}, {cell['id']}", "exec"), namespace)
    pyplot.close("all")


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_a_lesson_has_the_parts_of_a_lesson(lesson):
    text = lesson.read_text("utf-8")
    assert re.search(r"^# (\d+\. )?.+\?$", text, re.MULTILINE), "the title is a question"
    assert "\n## Change it yourself\n" in text
    assert "ask(" in text.partition("\n## Check yourself\n")[2], "a lesson ends with an exercise that checks itself"


def test_an_answer_is_checked_and_a_slip_is_explained():
    ask = load(DOCS / "lessons" / "exercise.py").ask
    question = ask("2 + 2?", right=4, wrong={5: "You added 1."}, why="Count them.")
    assert question.check(4.001) == "✓ Right. Count them."
    assert question.check(5) == "You added 1."
    assert "sign" in question.check(-4)
    assert question.check(4.03).startswith("Close")
    assert question.check(7) == "Not yet. Try again."


@pytest.mark.skipif(shutil.which("node") is None, reason="the script of a question is run in Node, and there is none")
def said_by_the_script(question, typed):
    """What the page says when this is typed, run in Node."""
    [button] = re.findall(r"<button[^>]*>", question._repr_html_())
    answers, script = (html.unescape(re.search(rf'{name}="([^"]*)"', button)[1]) for name in ("data-answers", "onclick"))
    button = {"dataset": {"answers": answers}, "previousElementSibling": {"value": typed}, "nextElementSibling": {}}
    program = f"const it = {json.dumps(button)}; (function () {{{script}}}).call(it);"
    program += "console.log(it.nextElementSibling.textContent)"
    return subprocess.run(["node", "-e", program], capture_output=True, text=True, timeout=60, check=True).stdout.strip()


TYPED = {
    "4": 4, " 4.001 ": 4.001, "4,0": 4, "8/2": 4, "5": 5, "−4": -4, "4.03": 4.03, "1/0": math.inf, "2²": 4,
    "2·2": 4, "2 × 2": 4, "√16": 4, "sqrt(16)": 4, "-(-4)": 4, "2^-1": 0.5, "-2^2": -4, "3½": None, "[[4.0]]": 4,
    "(4,)": 4, "x = 4": 4, "16:4": 4, "(1 + 3)": 4, "1 + 3": 4, "2**2": 4, "2e0*2": 4, "e": math.e,
    "exp(0) + 3": 4, "8/2/1": 4, "10 − 3 − 3": 4, "2^2^1": 4, "": None, "four": None, "8/": None, "(4": None,
    "4]": None, "4 5": None, "a(4)": None, "constructor(4)": None,
}  # fmt: skip


@pytest.mark.skipif(shutil.which("node") is None, reason="the script of a question is run in Node, and there is none")
@pytest.mark.parametrize("typed", TYPED)
def test_the_script_of_a_question_says_what_check_says(typed):
    exercise = load(DOCS / "lessons" / "exercise.py")
    question = exercise.ask("2 + 2 < 5?", right=4, wrong={5: "You added 1 & <b>more</b>."}, why='Count "them".')
    meant = TYPED[typed]
    expected = exercise.NO_NUMBER if meant is None else question.check(meant)
    assert said_by_the_script(question, typed) == expected.strip()


def test_a_slip_that_is_the_answer_is_refused():
    ask = load(DOCS / "lessons" / "exercise.py").ask
    with pytest.raises(ValueError, match="can't be told apart"):
        ask("2 + 2?", right=4, wrong={4.0001: "No."})


def test_boxes_and_links_are_written_for_jupyter():
    page = (
        "---\nfile_format: mystnb\n---\n# A\n\n:::{admonition} Mind\n:class: warning\nOne\ntwo\n:::\n\n[next](02-b.md#c)\n"
    )
    source = "\n".join(cell.source for cell in notebooks.as_notebook(page, "").cells)
    assert "> **Mind**\n>\n> One\n> two" in source
    assert "[next](02-b.ipynb#c)" in source
