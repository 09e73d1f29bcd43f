"""The pages for teaching are made of the classes; the questions of the lessons go to Moodle as they stand on the pages."""

import importlib.util
import re
import sys
from pathlib import Path
from xml.etree import ElementTree as xml

import pytest
from minigraph.models.course import CLASSES, taught

DOCS = Path(__file__).parents[2] / "docs"


def loaded(path):
    """A module of the docs, which are no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages():
    return loaded(DOCS / "teaching_pages.py")


@pytest.fixture(scope="module")
def bank():
    return loaded(DOCS / "question_bank.py")


@pytest.mark.parametrize("name", CLASSES)
def test_a_page_has_its_title_and_the_class_below_it(pages, name):
    source = [(DOCS / "teaching" / f"{name}.md").read_text("utf-8")]
    assert f"# {taught(name).heading}\n" in source[0]
    pages.add_class(None, f"teaching/{name}", source)
    assert pages.MARK not in source[0]
    for mistake in taught(name).mistakes:
        assert mistake in source[0]
    for slide in taught(name).slides:
        assert slide.alt in source[0]


@pytest.mark.parametrize("name", CLASSES)
def test_links_of_a_page_lead_to_pages_places_and_files(pages, name):
    text = pages.body(name)
    files = {
        "slides.pdf",
        "quiz.html",
        "worksheet.html",
        "assignment.ipynb",
        *(page.file for page in taught(name).projected),
    }
    files |= {
        f"lecturer/{file}" for file in ("index.html", "solutions.html", "questions.xml", "test_assignment.py", "solution.py")
    }
    assert {to.removeprefix(f"{name}/") for to in re.findall(r'href="([^"]*)"', text)} == files
    for page, place in re.findall(r"\]\(\.\./([^)#]+)(?:#([^)]+))?\)", text):
        target = DOCS / page
        assert target.is_file(), page
        headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
        assert not place or place in {slug(heading) for heading in headings}, f"{page}#{place}"


def slug(heading):
    """A heading in an address, as MyST and Sphinx make it."""
    return re.sub(r"-+", "-", re.sub(r"[^a-z0-9]+", "-", heading.lower())).strip("-")


@pytest.mark.parametrize("name", CLASSES)
def test_the_cells_of_a_page_run(pages, name):
    pytest.importorskip("matplotlib", reason="a plot is drawn by Matplotlib, of the extra plots")
    names = {}
    cells = re.findall(r"```\{code-cell\} ipython3\n(?:---\n.*?\n---\n)?(.*?)\n```", pages.body(name), re.DOTALL)
    assert len(cells) >= 5
    for cell in cells:
        exec(compile(cell, name, "exec"), names)


def test_other_pages_are_left_alone(pages):
    source = ["# For teaching\n"]
    pages.add_class(None, "teaching/index", source)
    pages.add_class(None, "lessons/chain-rule", source)
    assert source == ["# For teaching\n"]


def test_the_questions_of_a_page_with_their_hints(bank, tmp_path):
    exercise = loaded(DOCS / "lessons" / "exercise.py")
    asked = exercise.ask("What is 2·3 < 7?", 6.0, {5.0: "They are multiplied.", 0.0: "Not 0."}, why="2·3 = 6")
    page = f'<h1>1. Products<a class="headerlink" href="#x">¶</a></h1>{asked._repr_html_()}'
    (tmp_path / "01-products.html").write_text(page, encoding="utf-8")
    (tmp_path / "index.html").write_text("<h1>Lessons</h1>", encoding="utf-8")
    assert bank.write_bank(tmp_path) == 1
    _, question = xml.parse(tmp_path / bank.FILE).getroot()
    assert question.findtext("name/text") == "1. Products · 1"
    assert "What is 2·3 &lt; 7?" in question.findtext("questiontext/text")
    answers = [
        (float(answer.findtext("text").replace("*", "nan")), answer.get("fraction"), answer.findtext("feedback/text"))
        for answer in question.findall("answer")
    ]
    assert answers[:4] == [
        (6.0, "100", "✓ Right. 2·3 = 6"),
        (5.0, "0", "They are multiplied."),
        (0.0, "0", "Not 0."),
        (-6.0, "0", exercise.SAYS["sign"]),
    ]
    assert answers[4][1:] == ("0", exercise.SAYS["notYet"])


def test_arrays_are_taken_as_people_write_them(bank):
    exercise = loaded(DOCS / "lessons" / "exercise.py")
    asked = [exercise.ask("Which row?", (1.0, -2.5), {(2.0, 1.0): "Turned."}), exercise.ask("W?", [[1.0, 2.0], [3.0, 4.0]])]
    vector, matrix = bank.questions_of("<h1>Arrays</h1>" + "".join(one._repr_html_() for one in asked))
    assert vector.form == matrix.form == "shortanswer"
    right = [answer.text for answer in vector.answers if answer.is_right]
    assert {"1, -2.5", "(1, -2.5)", "[1, -2.5]", "1,-2.5"} <= set(right)
    assert "Turned." in {answer.feedback for answer in vector.answers if answer.text == "2, 1"}
    assert {"1, 2; 3, 4", "[[1, 2], [3, 4]]"} <= {answer.text for answer in matrix.answers if answer.is_right}


def test_without_questions_there_is_no_file(bank, tmp_path):
    (tmp_path / "index.html").write_text("<h1>Lessons</h1>", encoding="utf-8")
    assert bank.write_bank(tmp_path) == 0 and not (tmp_path / bank.FILE).exists()


def test_a_hint_for_several_numbers_is_left_out_where_moodle_takes_one():
    bank = loaded(DOCS / "question_bank.py")
    known, says = [[[6.0], "right"], [[2.0, 3.0], "the shape"]], {"sign": "the sign", "notYet": "not yet"}
    question = bank._question("1", "?", {"known": known, "says": says, "shape": [], "tolerance": 0.002})
    assert [answer.text for answer in question.answers] == ["6.0", "-6.0", "*"]
