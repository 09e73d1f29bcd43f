"""Every lesson is a notebook that runs by itself, in any directory."""

import html
import importlib.util
import json
import math
import re
import shutil
import subprocess
import sys
from dataclasses import replace
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
bank = load(DOCS / "question_bank.py")
ANSWERS = load(Path(__file__).with_name("answers.py")).ANSWERS
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
    questions = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert not cell["outputs"]
            exec(compile("".join(cell["source"]), f"{lesson.stem}, {cell['id']}", "exec"), namespace)
            if namespace.get("ask") is namespace.get("Ask"):  # the cell that brings both
                namespace["ask"] = recorded(namespace["Ask"], questions)
    pyplot.close("all")
    assert lesson.stem in ANSWERS, f"what learners may type into {lesson.stem} is to stand in tests/docs/answers.py"
    refuse_what_a_learner_stumbles_over(questions, ANSWERS[lesson.stem])
    page = f"<h1>{lesson.stem}</h1>" + "".join(question._repr_html_() for question in questions)
    assert not [told for question in bank.questions_of(page) for told in shadowed(question)]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_a_lesson_has_the_parts_of_a_lesson(lesson):
    text = lesson.read_text("utf-8")
    assert re.search(r"^# (\d+\. )?.+\?$", text, re.MULTILINE), "the title is a question"
    assert "\n## Change it yourself\n" in text, "a lesson says what to change, under 'Change it yourself'"
    assert "ask(" in text.partition("\n## Check yourself\n")[2], "a lesson ends with an exercise that checks itself"


def shadowed(question):
    """The answers of a question for Moodle that nobody can reach, since an earlier one takes what is typed."""
    hidden, taken = [], []
    for answer in question.answers:
        is_number = question.form == "numerical" and answer.text != "*"
        if any(abs(float(answer.text) - y) <= room for y, room in taken) if is_number else answer.text in taken:
            hidden.append(f"{question.name}: {answer.text}, {answer.feedback}")
        taken.append((float(answer.text), answer.room) if is_number else answer.text)
    return hidden


def test_an_answer_that_an_earlier_one_takes_is_found_and_the_mirrored_one_with_words_of_its_own_is_no_longer_one():
    ask = exercise.ask
    asked = ask("a?", -2.0, {2.0: "Down."}), ask("b?", (1.0, -2.0), {(-1.0, 2.0): "a − y."}), ask("c?", 0.0), ask("d?", 3.0)
    questions = [*bank.questions_of("<h1>x</h1>" + "".join(one._repr_html_() for one in asked))]
    assert [shadowed(question) for question in questions] == [[], [], [], []]
    assert [sum(answer.feedback == exercise.SAYS["sign"] for answer in one.answers) for one in questions] == [0, 0, 0, 1]
    answers = questions[3].answers
    for place in range(len(answers) - 1):
        (told,) = shadowed(replace(questions[3], answers=(*answers[: place + 1], answers[place], *answers[place + 1 :])))
        assert told.endswith(answers[place].feedback)
    row = questions[1]
    assert len(shadowed(replace(row, answers=row.answers + row.answers[:1]))) == 1


def recorded(Ask, questions):
    """`ask`, which keeps what was asked."""

    def ask(*arguments, **keywords):
        questions.append(Ask(*arguments, **keywords))
        return questions[-1]

    return ask


def refuse_what_a_learner_stumbles_over(questions, answers):
    """Each right answer in all its spellings is taken; wrong ones are not, and most of them are told why."""
    assert len(questions) == len(answers), "each question has its answers in tests/docs/answers.py"
    typed = [(question, text) for question, (right, wrong) in zip(questions, answers, strict=True) for text in right + wrong]
    said = iter(said_by_the_script(typed)) if shutil.which("node") else None
    for question, (right, wrong) in zip(questions, answers, strict=True):
        assert len(right) >= 3 and len(wrong) >= 3, question
        if said is not None:
            assert [text for text in right if not next(said).startswith("✓ Right")] == [], question
            told = [next(said) for _ in wrong]
            assert not [text for text, words in zip(wrong, told, strict=True) if words.startswith("✓")], question
            assert sum(words.endswith("Try again.") for words in told) <= 2, question


def said_by_the_script(typed):
    """What the page says when a text is typed as the answer to a question, for many of them in one run of Node."""
    cases = []
    for question, text in typed:
        [button] = re.findall(r"<button[^>]*>", question._repr_html_(), re.DOTALL)
        answers, script = (html.unescape(re.search(rf'{name}="([^"]*)"', button)[1]) for name in ("data-answers", "onclick"))
        cases.append({"answers": answers, "script": script, "typed": text})
    program = """
        const said = JSON.parse(require("fs").readFileSync(0)).map(({answers, script, typed}) => {
          const it = {dataset: {answers}, previousElementSibling: {value: typed}, nextElementSibling: {}};
          new Function(script).call(it);
          return it.nextElementSibling.textContent;
        });
        console.log(JSON.stringify(said));
    """
    run = subprocess.run(
        ["node", "-e", program],
        input=json.dumps(cases),
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
        encoding="utf-8",
    )
    return json.loads(run.stdout)


needs_node = pytest.mark.skipif(
    shutil.which("node") is None, reason="the script of a question is run in Node, and there is none"
)
exercise = load(DOCS / "lessons" / "exercise.py")


def test_an_answer_is_checked_and_a_slip_is_explained():
    question = exercise.ask("2 + 2?", right=4, wrong={5: "You added 1."}, why="Count them.")
    assert question.check(4.001) == "✓ Right. Count them."
    assert question.check(5) == "You added 1."
    assert question.check(-4) == exercise.SAYS["sign"]
    assert question.check(4.03) == exercise.SAYS["close"]
    assert question.check(7) == "Not yet. Try again."
    assert exercise.ask("zero?", right=0).check(1) == "Not yet. Try again."
    column = exercise.ask("a column?", right=[[1.0], [2.0]], wrong={(2, 1): "Upside down."}, why="Look.")
    assert column.check([1, 2]) == column.check([[1, 2]]) == "✓ Right. Look."
    assert column.check((2, 1)) == "Upside down."


SCALAR = {
    "4": 4, " 4.001 ": 4.001, "4,0": 4, "8/2": 4, "5": 5, "−4": -4, "4.03": 4.03, "1/0": math.inf, "2²": 4,
    "2·2": 4, "2 × 2": 4, "√16": 4, "sqrt(16)": 4, "-(-4)": 4, "2^-1 + 3.5": 4, "-2^2": -4, "3½ + ½": 4, "[[4.0]]": 4,
    "(4,)": 4, "x = 4": 4, "16:4": 4, "(1 + 3)": 4, "1 + 3": 4, "2**2": 4, "2e0*2": 4, "e": math.e, "exp(0) + 3": 4,
    "8/2/1": 4, "10 − 3 − 3": 4, "2^2^1": 4, "400 %": 4, "400 percent": 4, "four": 4, "4 entries": 4, "about 4.": 4,
    "40·10⁻¹": 4, "0,4·10": 4, "12 − 2³": 4, "x²": 4, "x x": 4, "2x": 4, "8w₁": 4, "8w1": 4, "4.000": 4, "np.array([4])": 4,
    "σ(0)·8": 4, "2(1 + 1)": 4, "17½ − 13.5": 4, "log(e)·4": 4, "f = 2·2 = 4": 4, "4 (four entries)": 4,
    "8 halves": 4, "40 tenths": 4, "log2(16)": 4,
    "log₂(16)": 4, "log10(10000)": 4, "8 sigma(0)": 4, "∞": math.inf, "-inf": -math.inf, "10 x 0 + 4": 4, "$4": 4,
    "": None, "some": None, "8/": None, "(4": None, "4]": None, "4 5": None, "a(4)": None, "constructor(4)": None,
    "y": None, "nan": None, "4 m": None, "4 + some": None,
}  # fmt: skip


@needs_node
def test_the_script_of_a_question_says_what_check_says():
    question = exercise.ask(
        "2 + 2 < 5?", right=4, wrong={5: "You added 1 & <b>more</b>."}, why='Count "them".', names={"x": 2, "w1": 0.5}
    )
    for (typed, meant), said in zip(
        SCALAR.items(), said_by_the_script([(question, typed) for typed in SCALAR]), strict=True
    ):
        if meant is None:
            assert said.startswith(exercise.SAYS["unread"]), typed
        else:
            assert said == question.check(meant), typed


ADVICE = {
    "8": "double", "2": "half", "0.25": "over", "0.04": "point", "4000": "point", "-4": "sign", "(4, 5)": "count",
    "17": "notYet", "infinity": "finite",
}  # fmt: skip
OF_A_VECTOR = {
    "(-1/8, 1/8, 3/2)": "✓", "-0.125 0.125 1.5": "✓", "[[-0.125], [0.125], [1.5]]": "✓", "−0,125; 0,125; 1,5": "✓",
    "[-0.125  0.125  1.5  ]": "✓", "−⅛, ⅛, 1½": "✓", "1/8, 1/8, 1.5": "signs", "1/8, -1/8, -3/2": "sign",
    "1.5, 1/8, -1/8": "order", "0.125": "count", "-1/8, 1/8, 3": "some", "(-1/8, 1/8, 3/2": "unread",
    "-1/4, 1/4, 3": "double",
    "1, 2, 3": "notYet", "()": "unread",
}  # fmt: skip
OF_A_MATRIX = {
    "[[1, 2, 3], [4, 5, 6]]": "✓", "((1,2,3),(4,5,6))": "✓", "1, 2, 3, 4, 5, 6": "✓", "[[1 2 3]\n [4 5 6]]": "✓",
    "[[1, 4], [2, 5], [3, 6]]": "turned", "1, 4, 2, 5, 3, 6": "turned", "[[1, 2], [3, 4], [5, 6]]": "count",
    "[[1, 2, 3], [4, 5, 7]]": "some", "[[6, 5, 4], [3, 2, 1]]": "order",
}  # fmt: skip
OF_A_SHAPE = {
    "(3, 5)": "✓",
    "3 x 5": "✓",
    "3×5": "✓",
    "3,5": "✓",
    "3 by 5": "✓",
    "W2.shape = (3, 5)": "✓",
    "(5, 3)": "order",
}


@needs_node
@pytest.mark.parametrize(
    ("right", "advice"),
    [
        (4, ADVICE),
        ([[-0.125], [0.125], [1.5]], OF_A_VECTOR),
        ([[1, 2, 3], [4, 5, 6]], OF_A_MATRIX),
        ((3, 5), OF_A_SHAPE),
        (3072, {"3,072": "✓", "3 072": "✓", "3072.0": "✓", "3.072": "point", "307.2": "point"}),
        (0.00024, {"0": "notYet", "0.00024": "✓", "2.4e-4": "✓", "0.0024": "point"}),
    ],
    ids=["number", "vector", "matrix", "shape", "thousands", "small"],
)
def test_the_script_says_what_kind_of_wrong_an_answer_is(right, advice):
    question = exercise.ask("?", right)
    for (typed, key), said in zip(advice.items(), said_by_the_script([(question, typed) for typed in advice]), strict=True):
        assert said.startswith("✓ Right" if key == "✓" else exercise.SAYS[key]), typed


def test_a_slip_that_is_the_answer_is_refused():
    with pytest.raises(ValueError, match="can't be told apart"):
        exercise.ask("2 + 2?", right=4, wrong={4.0001: "No."})


def test_boxes_and_links_are_written_for_jupyter():
    page = (
        "---\nfile_format: mystnb\n---\n# A\n\n:::{admonition} Mind\n:class: warning\nOne\ntwo\n:::\n\n[next](02-b.md#c)\n"
    )
    source = "\n".join(cell.source for cell in notebooks.as_notebook(page, "").cells)
    assert "> **Mind**\n>\n> One\n> two" in source
    assert "[next](02-b.ipynb#c)" in source


def test_links_that_a_downloaded_notebook_can_not_follow_are_words():
    for lesson in sorted((DOCS / "lessons").glob("*.md")):
        page = lesson.read_text("utf-8")
        if notebooks.is_notebook(page):
            for cell in notebooks.as_notebook(page, "").cells:
                links = re.findall(r"\]\(([^)\s]+)\)", cell.source) if cell.cell_type == "markdown" else []
                assert all(re.match(r"https?:|#|\d\d-[\w-]+\.ipynb", link) for link in links), (lesson.name, links)
