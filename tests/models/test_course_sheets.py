"""Worksheets: numbers of one's own, an answer with its number to each question, and room to write on paper."""

import re

import pytest
from browsers import needs_browser, opened
from minigraph.models.course import CLASSES, taught
from minigraph.models.course.sheets import BLANK, numbers_of, worksheets
from minigraph.models.course.taught_class import Found

import minigraph as mg
from minigraph.drawing.blanks import PLACE
from minigraph.reading.numbers import rounded

each_class = pytest.mark.parametrize("name", CLASSES)
PEN = 18
"""Points that handwriting takes."""


@each_class
def test_every_student_has_numbers_of_their_own_and_the_same_ones_again(name):
    found = taught(name)
    values = [tuple(_leaves(numbers_of(found, number, 0))) for number in range(1, 9)]
    assert len(set(values)) >= 7
    assert values[2] == tuple(_leaves(numbers_of(found, 3, 0))) != tuple(_leaves(numbers_of(found, 3, 1)))


def _leaves(J):
    waiting = [J]
    while waiting:
        node = waiting.pop()
        waiting += node.inputs
        if node.op is None:
            yield float(node.value)


@each_class
def test_no_sheet_has_the_numbers_of_a_quiz_which_has_its_solutions_in_it(name):
    found = taught(name)
    quizzes = {tuple(_leaves(sheet.asked.root)) for sheet in mg.quiz(found.quiz(), seed=0)._sheets}
    assert len(quizzes) == 3
    assert not quizzes & {tuple(_leaves(numbers_of(found, number, 0))) for number in range(1, 9)}


@pytest.mark.parametrize("name", ["hidden-layer", "deep-nets"])
def test_no_step_of_a_sheet_is_0(name):
    for number in range(1, 7):
        found = Found(numbers_of(taught(name), number, 0)).value
        assert 0 not in [value for step, value in found.items() if step != "y"]


@each_class
def test_a_sheet_asks_for_what_its_solution_shows(name):
    asked, solved = worksheets(taught(name), 2, 5)
    assert asked.count('<section class="sheet ') == solved.count('<section class="sheet ') == 2
    assert PLACE in asked.partition("<svg")[2] and PLACE not in solved.partition("<svg")[2]
    J = numbers_of(taught(name), 2, 5)
    second = solved.rpartition('<section class="sheet ')[2]
    for node, gradient in J.backward().gradients.items():
        if node.role is mg.Role.PARAMETER:
            told = f"∂{J.name}/∂{node.name} = {rounded(gradient.value)}"
            assert told in second
            assert told not in asked
    ids = re.findall(r' id="([^"]*)"', asked)
    assert len(ids) == len(set(ids))


@each_class
@pytest.mark.parametrize("number", [1, 2])
def test_every_question_has_an_answer_with_its_number(name, number):
    found = taught(name)
    J = numbers_of(found, number, 3)
    answers = found.sheet.answers(Found(J))
    assert len(answers) == len(found.sheet.questions)
    assert all(re.search(r"= \(?[−\d.]+", answer) for answer in answers), answers
    grad = Found(J).gradient
    expected = {
        "chain-rule": lambda: {grad["w"], grad["x"], 0.001 * grad["w"]},
        "hidden-layer": lambda: {grad["z"], Found(J).value["b"] - grad["b"]},
        "deep-nets": lambda: {1.0, grad["a1"] / grad["a2"], 0.25},
    }[name]()
    told = "".join(answers) + " "
    assert all(re.search(rf"= {rounded(number)}\D\W?", told) for number in expected), told


@each_class
def test_places_are_as_high_as_a_pen_needs(name):
    asked, _ = worksheets(taught(name), 2, 1)
    scales = [float(scale) for scale in re.findall(r'class="graph" transform="scale\(([\d.]+)', asked)]
    assert len(scales) == 2 and min(scales) * BLANK.place_height >= PEN


@each_class
@needs_browser
def test_a_sheet_fills_its_page_and_leaves_room_for_answers(name, tmp_path):
    for page, made in zip(("asked", "solved"), worksheets(taught(name), 3, 0), strict=True):
        file = tmp_path / f"{page}.html"
        file.write_text(made, encoding="utf-8")
        with opened() as browser:
            tab = browser.new_page(viewport={"width": 1123 - 91, "height": 794 - 91})
            tab.goto(file.as_uri())
            assert len(re.findall(rb"/Type\s*/Page\b", tab.pdf(prefer_css_page_size=True))) == 3
            tab.emulate_media(media="print")
            sheets = tab.evaluate(
                """[...document.querySelectorAll(".sheet")].map(sheet => ({
                    over: sheet.scrollHeight - sheet.clientHeight,
                    answers: [...sheet.querySelectorAll(".answer")].map(answer => answer.clientHeight),
                    low: ["section", "li:last-child"].map(part => (sheet.closest(part) || sheet.querySelector(part))
                        .getBoundingClientRect().bottom).reduce((page, last) => page - last),
                }))"""
            )
        for sheet in sheets:
            assert sheet["over"] <= 0
            if page == "asked":
                assert len(sheet["answers"]) == len(taught(name).sheet.questions)
                assert min(sheet["answers"]) >= PEN * 96 / 72 and sheet["low"] < 20
