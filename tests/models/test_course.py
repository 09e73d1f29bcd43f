"""The three classes: what each has, that its numbers are right, and that its assignment grades what it should."""

import json
import re
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from minigraph.models.course import CLASSES, taught
from minigraph.models.course.homework import TODO, grader, notebook, solution
from minigraph.models.course.markup import as_html, given, source_of

import minigraph as mg
from minigraph.drawing import Diagram
from minigraph.testing import RandomNets, check_backward

each_class = pytest.mark.parametrize("name", CLASSES)
TARGET = re.compile(r"\]\((\w+):([^)#]*)")


def texts(found):
    """Every text of a class in which there may be links."""
    yield from (text for row in found.plan for text in (row.what, row.shown))
    yield from (part for part in (*found.exercise.text, *found.exercise.solution) if isinstance(part, str))
    yield from (*found.mistakes, *found.mistakes.values(), found.ask, *found.assignment.text)


@each_class
def test_a_class_has_all_that_a_lecturer_needs(name):
    found = taught(name)
    assert found.name == name and found.number == [*CLASSES].index(name) + 1
    times = [tuple(map(int, row.span.split("–"))) for row in found.plan]
    assert times[0][0] == 0 and times[-1][1] == 90
    assert all(before[1] == after[0] for before, after in pairwise(times))
    assert len(found.slides) >= 8 and len(found.projected) >= 2 and len(found.mistakes) >= 5
    assert found.exercise.solution and found.assignment.points
    assert all(isinstance(picture(), Diagram) for picture in found.pictures)


@each_class
def test_the_plan_speaks_of_slides_that_there_are(name):
    found = taught(name)
    said = [
        int(number)
        for text in texts(found)
        for part in re.findall(r"slides? ([\d, toand]+)", text)
        for number in re.findall(r"\d+", part)
    ]
    assert said and max(said) <= len(found.slides)


@each_class
def test_links_of_the_texts_go_to_files_of_the_folder_or_to_the_documentation(name):
    found = taught(name)
    files = {"quiz.html", "worksheet.html", *(page.file for page in found.projected)}
    kinds = {(kind, target) for text in texts(found) for kind, target in TARGET.findall(text)}
    assert {target for kind, target in kinds if kind == "pack"} <= files
    assert {kind for kind, _ in kinds} == {"pack", "lesson", "questions"} or name != "chain-rule"
    assert {kind for kind, _ in kinds} <= {"pack", "lesson", "questions"}


def test_a_class_that_there_is_not():
    with pytest.raises(ValueError, match=r"no class 'deep-net'\. Did you mean 'deep-nets'\? There are: chain-rule, "):
        taught("deep-net")


def test_the_nudge_on_the_slide_is_what_the_derivative_says():
    from minigraph.models.course.chain_rule import chain

    J = chain()
    lines = taught("chain-rule").slides[1].lines
    assert "is 33." in lines[0] and "33.006" in lines[1] and "∂J/∂b = 6" in lines[2]
    assert J.value == 33 and {grad.value for node, grad in J.backward().gradients.items() if node.name == "b"} == {6}


def test_what_the_third_class_says_of_its_nets():
    found = taught("deep-nets")
    assert [line[:12] for line in found.slides[9].lines] == ["1. Vanishing", "2. No gradie", "3. Dead: use"]
    assert any(f"{0.25**10:.8f}" in line for line in found.slides[4].lines)


def test_the_six_lines_and_what_is_said_to_slips():
    from minigraph.models.course import hidden_layer

    assert hidden_layer.graded().ok
    said = hidden_layer.usual_slips()
    assert "6 is the number m of examples" in said[0] and "∂A1/∂Z1" in said[1] and "−1 times" in said[3]
    assert "g′ was taken at A1 and not at Z1" in said[2] and "keepdims=True" in said[4]


def test_the_numbers_of_one_unit_on_its_slide_and_in_its_plan():
    told = taught("hidden-layer").slides[1].lines[0]
    assert told == "x₁ = 1, x₂ = 2, y = 1, w₁ = 0.5, w₂ = −0.6, b = 0.1."
    a = 1 / (1 + np.exp(-(0.5 * 1 - 0.6 * 2 + 0.1)))
    found = f"z = −0.6, a = {a:.4f}, L = {-np.log(a):.3f}; for y = 0, L is {-np.log(1 - a):.4f}."
    assert found in taught("hidden-layer").plan[0].what


def test_the_quiz_of_the_second_class_asks_for_its_hidden_layer():
    (sheet,) = mg.quiz(taught("hidden-layer").quiz(), sheets=1)._sheets
    assert {"∂L/∂a₁", "∂L/∂z₁", "∂L/∂w₁", "∂L/∂b₁", "∂a₁/∂z₁"} <= {question.ask for question in sheet.questions}


# The assignment


@each_class
def test_the_solution_has_all_points_and_the_notebook_as_it_is_none(name):
    task = taught(name).assignment
    nets = RandomNets(task.cost, **task.shapes)
    assert check_backward(task.backward, nets, task.points).ok
    cells = [cell for cell in json.loads(notebook(taught(name)))["cells"] if cell["cell_type"] == "code"]
    names = {}
    for cell in cells[:-1]:
        exec(compile("".join(cell["source"]), name, "exec"), names)
    assert TODO in "".join(cells[-2]["source"]) and cells[-2]["metadata"] == {"tags": ["hand-in"]}
    assert check_backward(names["backward"], nets, task.points).points == 0


@each_class
def test_the_notebook_runs_from_its_first_cell_to_its_last(name, capsys):
    cells = [cell for cell in json.loads(notebook(taught(name)))["cells"] if cell["cell_type"] == "code"]
    exec(compile("\n\n".join("".join(cell["source"]) for cell in cells), name, "exec"), {})
    assert f"✗ backward: 0 of {sum(taught(name).assignment.points.values())} points." in (out := capsys.readouterr().out)
    assert "raises" not in out


@each_class
def test_the_notebook_is_what_the_format_asks_for(name):
    found = json.loads(notebook(taught(name)))
    assert (found["nbformat"], found["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in found["cells"]]
    assert len(ids) == len(set(ids)) and all(re.fullmatch(r"[\w-]{1,64}", text) for text in ids)
    for cell in found["cells"]:
        code = {"outputs", "execution_count"} if cell["cell_type"] == "code" else set()
        assert set(cell) == {"cell_type", "id", "metadata", "source"} | code


@pytest.fixture
def folder(tmp_path):
    found = taught("chain-rule")
    (tmp_path / "test_assignment.py").write_text(grader(found), encoding="utf-8")
    (tmp_path / "solution.py").write_text(solution(found), encoding="utf-8")
    (tmp_path / "assignment.ipynb").write_text(notebook(found), encoding="utf-8")
    return tmp_path


def grade(folder, *words):
    return subprocess.run(
        [sys.executable, "test_assignment.py", *words], cwd=folder, capture_output=True, encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8", "PATH": ""}, timeout=600,
    )  # fmt: skip


def test_the_grader_gives_points_diagnoses_and_json(folder):
    right = (folder / "solution.py").read_text("utf-8")
    (folder / "anna.py").write_text(right.replace("dw = dp * z + dz * x", "dw = dp * z"), encoding="utf-8")
    assert "✓ backward: 4 of 4 points." in grade(folder, "solution.py").stdout
    done = grade(folder, "anna.py", "--json", "anna.json")
    assert "✗ backward: 2 of 4 points." in done.stdout and done.returncode == 0
    results = json.loads((folder / "anna.json").read_text("utf-8"))
    assert results["score"] == 2 and [test["max_score"] for test in results["tests"]] == [2, 1, 1]
    assert [test["status"] for test in results["tests"]] == ["failed", "passed", "passed"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = 1\n", "there is no function backward"),
        ("def backward(w:\n", "SyntaxError"),
        ("import no_such_module\n", "imports no_such_module, which is not here"),
        ("x = quit(3)\n", "SystemExit"),
        ("class A:\n    while True:\n        pass\n", "what stands outside of functions in ben.py was stopped after 10 s."),
        ("print('tried')\nraise SystemExit\n\ndef backward(d):\n    return None\n", "is the return missing"),
    ],
)
def test_what_can_not_be_run_has_no_points_and_a_reason(folder, text, told):
    (folder / "ben.py").write_text(text, encoding="utf-8")
    done = grade(folder, "ben.py")
    assert "0 of 4 points" in done.stdout and told in done.stdout and not done.stderr
    assert "Nothing" not in done.stdout and "raise self" not in done.stdout


def test_what_ends_python_has_no_points_and_the_grade_is_written(folder):
    (folder / "eve.py").write_text("import os\n\ndef backward(w):\n    os._exit(0)\n", encoding="utf-8")
    done = grade(folder, "eve.py", "--json", "eve.json")
    assert "0 of 4 points" in done.stdout and "it ended Python, with the code 0" in done.stdout
    results = json.loads((folder / "eve.json").read_text("utf-8"))
    assert results["score"] == 0 and [test["max_score"] for test in results["tests"]] == [2, 1, 1] and not done.returncode


@pytest.mark.parametrize(
    "around",
    [
        "{}tried = backward(unknown, 2)\nrate: float = 1 / 0\n",
        "try:\n    import numpy as np\nexcept ImportError:\n    np = None\n{}",
        "if True:\n    LIMIT = 3\nLIMIT += 1\n{}assert False\n",
        "import os\nos.chdir('/')\nx = os.chdir('/')\n{}",
    ],
)
def test_what_is_tried_around_the_function_takes_no_points(folder, around):
    (folder / "dan.py").write_text(around.format((folder / "solution.py").read_text("utf-8")), encoding="utf-8")
    assert "✓ backward: 4 of 4 points." in grade(folder, "dan.py", "--json", "dan.json").stdout
    assert json.loads((folder / "dan.json").read_text("utf-8"))["score"] == 4


def test_the_grader_as_a_test_of_pytest(folder):
    (folder / "eve.py").write_text("import os\n\ndef backward(w):\n    os._exit(0)\n", encoding="utf-8")
    for handed_in, outcome in (("solution.py", "3 passed"), ("eve.py", "3 failed"), ("assignment.ipynb", "3 failed")):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_assignment.py"], cwd=folder,
            capture_output=True, encoding="utf-8", timeout=600, env={"SUBMISSION": handed_in, "PATH": ""},
        )  # fmt: skip
        assert outcome in done.stdout, done.stdout
    assert "0 of 2 points" in done.stdout


def test_lines_of_jupyter_in_a_notebook_are_left_out(folder):
    found = json.loads((folder / "assignment.ipynb").read_text("utf-8"))
    right = source_of(taught("chain-rule").assignment.backward, "backward")
    (cell,) = [cell for cell in found["cells"] if "hand-in" in cell["metadata"].get("tags", ())]
    cell["source"] = ["%matplotlib inline\n", "!ls\n", right]
    (folder / "cara.ipynb").write_text(json.dumps(found), encoding="utf-8")
    assert "✓ backward: 4 of 4 points." in grade(folder, "cara.ipynb").stdout


# Texts


def test_markdown_of_one_line():
    text = "*See* `a*b` in [lesson 2](lesson:02-chain-rule#x), a*b*c, [the quiz](pack:quiz.html)"
    assert as_html(text, lambda kind, target: None if kind == "lesson" else f"../{target}") == (
        '<em>See</em> <code>a*b</code> in lesson 2, a*b*c, <a href="../quiz.html">the quiz</a>'
    )


def test_a_function_as_students_read_it():
    def plus(a: float, /, b: np.ndarray, c: float = 1.0, **others: float) -> float:
        """The sum."""
        return a + c  # and a comment

    assert source_of(plus) == 'def plus(a, b, c=1.0, **others):\n    """The sum."""\n    return a + c  # and a comment\n'
    assert source_of(plus, "add").startswith("def add(a, ")
    assert given(plus) == "a + c"


@each_class
def test_what_the_exercise_shows_is_there(name):
    found = taught(name)
    shown = [part for part in found.exercise.solution if not isinstance(part, str) and part not in found.code]
    results = [part() for part in shown]
    assert results and all(isinstance(result, Diagram) or str(result) for result in results)
    assert all(given(part) for part in shown)


def test_what_the_exercises_have_students_type_runs(capsys):
    slides = taught("hidden-layer").slides
    *first, last = slides[7].code
    exec("\n".join([*first, *slides[8].code, last]), {})
    assert capsys.readouterr().out.startswith("✓ ")
    exec("\n".join(taught("deep-nets").slides[8].code), {})
    told = capsys.readouterr().out
    assert "! vanishing in" in told and "! no gradient in" in told and "! dead in" in told
    assert "by about 300:" in taught("deep-nets").ask
