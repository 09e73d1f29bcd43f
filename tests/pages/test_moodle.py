"""The file for Moodle's question bank has what its importer reads, and answers are judged there as on the page."""

import base64
import warnings
from xml.etree import ElementTree as xml

import numpy as np
import pytest

import minigraph as mg
from minigraph.drawing.rendering import RENDERERS
from minigraph.pages.moodle import ANY_OTHER, BankAnswer, BankQuestion, moodle_xml
from minigraph.pages.page import part
from minigraph.pages.quiz_bank import MOST_TOLD, SEVERAL

REQUIRED = {
    "numerical": {"name", "questiontext", "generalfeedback", "defaultgrade", "penalty", "hidden", "answer"},
    "shortanswer": {"name", "questiontext", "generalfeedback", "defaultgrade", "penalty", "hidden", "usecase", "answer"},
    "multichoice": {
        *("name", "questiontext", "generalfeedback", "defaultgrade", "penalty", "hidden", "answer"),
        *("single", "shuffleanswers", "answernumbering"),
    },
}
"""The elements of each type of question, by https://docs.moodle.org/en/Moodle_XML_format."""


def a_fork():
    a, b = mg.parameter(1.0, "a"), mg.parameter(2.0, "b")
    return ((a + b).named("c") * (b + 1).named("d")).named("e")


def a_layer():
    X, Y = mg.data([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]], "X"), mg.data([[1.0, 0.0, 1.0]], "Y")
    W = mg.parameter([[0.5, -1.0]], "W")
    return mg.squared_error((W @ X).named("Z"), Y).mean().named("J")


def questions(text):
    """The category and the questions of a file that has one."""
    first, *others = xml.fromstring(text.encode("utf-8")).findall("question")
    assert first.get("type") == "category"
    return first.findtext("category/text"), others


def graded(question, typed):
    """What Moodle says to a typed answer: fraction and feedback of the first answer that fits."""
    for answer in question.findall("answer"):
        text = answer.findtext("text")
        if text == ANY_OTHER:
            return int(answer.get("fraction")), answer.findtext("feedback/text")
        if question.get("type") == "numerical":
            fits = abs(float(text) - float(typed)) <= float(answer.findtext("tolerance"))
        else:
            fits = text.lower() == typed.lower()
        if fits:
            return int(answer.get("fraction")), answer.findtext("feedback/text")
    raise AssertionError("no answer fits")


@pytest.mark.parametrize("graph", [a_fork, a_layer])
def test_every_question_has_the_elements_of_its_type(graph):
    category, asked = questions(mg.quiz(graph(), title="Week 1").moodle())
    assert category == "$course$/Week 1"
    assert {question.get("type") for question in asked} == (
        {"numerical"} if graph is a_fork else {"numerical", "shortanswer", "multichoice"}
    )
    names = [question.findtext("name/text") for question in asked]
    assert len(set(names)) == len(names) and all(0 < len(name) <= 255 for name in names)
    for question in asked:
        kind = question.get("type")
        assert {part.tag for part in question} == REQUIRED[kind]
        answers = question.findall("answer")
        assert [answer.get("fraction") for answer in answers].count("100") >= 1
        assert {answer.get("fraction") for answer in answers} <= {"0", "100"}
        for text in [question.find("questiontext"), question.find("generalfeedback"), *question.findall("answer/feedback")]:
            assert text.get("format") == "html" and text.find("text") is not None
        assert all((answer.find("tolerance") is not None) == (kind == "numerical") for answer in answers)
        assert (answers[-1].findtext("text") == ANY_OTHER) == (kind != "multichoice")
        file = question.find("questiontext/file")
        assert base64.b64decode(file.text).startswith(b"<svg ") and file.get("encoding") == "base64"
        assert f'src="@@PLUGINFILE@@/{file.get("name")}"' in question.findtext("questiontext/text")


def test_a_slip_has_its_words_as_feedback_and_anything_else_the_hint():
    _, asked = questions(mg.quiz(a_fork(), title="Fork").moodle())
    fork = next(question for question in asked if question.findtext("name/text").endswith("∂e/∂b"))
    assert graded(fork, "6") == graded(fork, "6.02") == (100, "")  # 3 + 3
    assert graded(fork, "3")[0] == 0 and "contributions at a fork add up" in graded(fork, "3")[1]
    assert graded(fork, "-6") == (0, "The sign is wrong: it is −1 times the right one.")
    assert graded(fork, "77")[0] == 0 and "adds up" in graded(fork, "77")[1]


@pytest.mark.parametrize("seed", range(3))
def test_slips_of_one_answer_are_told_together_since_only_the_first_answer_that_fits_counts(seed):
    _, asked = questions(mg.quiz(a_fork(), seed=seed).moodle())
    for question in asked:
        numbers = [answer for answer in question.findall("answer") if answer.findtext("text") != ANY_OTHER]
        for answer in numbers:
            assert graded(question, answer.findtext("text"))[1] == answer.findtext("feedback/text")
    told = [answer.findtext("feedback/text") for question in asked for answer in question.findall("answer")]
    assert any(text.startswith("Several slips give this. Perhaps ") and "; or " in text for text in told)


def test_several_categories():
    one = BankQuestion("numerical", "one", ("1 =",), (BankAnswer("1", "", is_right=True),), "")
    file = xml.fromstring(moodle_xml({"A": [one], "B/C": [one, one]}).encode("utf-8"))
    assert [x.findtext("category/text") or x.findtext("name/text") for x in file] == [
        "$course$/A", "one", "$course$/B//C", "one", "one",
    ]  # fmt: skip


def test_every_right_answer_is_right_and_every_slip_is_told_there_as_on_the_page():
    page = mg.quiz(a_layer())
    _, asked = questions(page.moodle())
    (sheet,) = page._sheets
    for question, there in zip(sheet.questions, asked, strict=True):
        if question.choices:
            texts = [answer.findtext("text") for answer in there.findall("answer")]
            assert texts[0].replace("&lt;", "<") == question.choices[question.answer]
            continue
        typed = [str(question.answer), *(str(slip.answer) for slip in question.slips)]
        assert graded(there, typed[0])[0] == 100
        assert all(graded(there, text)[0] == 0 for text in typed[1:])


@pytest.mark.parametrize("typed", ["(1, 2)", "(1,2)", "1,2", "1, 2", "1x2", "1 x 2", "1×2"])
def test_a_shape_may_be_typed_in_many_ways(typed):
    _, asked = questions(mg.quiz(a_layer()).moodle())
    shape = next(question for question in asked if question.get("type") == "shortanswer")
    assert graded(shape, typed)[0] == 100
    assert graded(shape, "(2, 1)")[0] == 0


def test_names_and_texts_that_would_end_an_element_come_out_as_they_are():
    w = mg.parameter(2.0, "w</text>&<b>")
    category, asked = questions(mg.quiz((w * w).named("J"), title="a/b <i>").moodle())
    assert category == "$course$/a//b <i>"
    text = asked[0].findtext("questiontext/text")
    assert "<b>" in text and "&lt;b&gt;" in text  # ours, and theirs


def test_without_a_renderer_the_numbers_are_told_and_a_warning_says_why(monkeypatch):
    monkeypatch.setattr("minigraph.drawing.rendering.RENDERERS", dict.fromkeys(RENDERERS, lambda _: None))
    with pytest.warns(UserWarning, match="no picture"):
        page = mg.quiz(a_fork())
    with pytest.warns(UserWarning, match="no picture"):
        _, asked = questions(page.moodle("Numbers"))
    assert asked[0].find("questiontext/file") is None
    assert "a = 1; b = 2; c = a + b = 3" in asked[0].findtext("questiontext/text")


def test_a_question_of_ones_own():
    own = BankQuestion("shortanswer", "n" * 300, ("first", "a < b?"), (BankAnswer("yes", "", True),), "line 1\nline 2")
    _, (question,) = questions(moodle_xml({"Mine": [own]}))
    assert len(question.findtext("name/text")) == 250
    assert question.findtext("questiontext/text") == "<p>first</p><p><b>a &lt; b?</b></p>"
    assert question.findtext("generalfeedback/text") == "line 1<br>line 2"


def test_the_same_quiz_gives_the_same_file():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mg.quiz(seed=3).moodle() == mg.quiz(seed=3).moodle()
    assert np.isfinite(
        [float(x.findtext("tolerance")) for x in xml.fromstring(mg.quiz(seed=3).moodle()).iter("answer")]
    ).all()


def test_several_slips_are_told_as_on_the_page():
    told = f'${{words.slice(0, {MOST_TOLD}).join("; or ")}}'
    words = SEVERAL.format(told)
    assert f"`Not yet. {words[0].upper()}{words[1:]}.`" in part("quiz_judge.js")
