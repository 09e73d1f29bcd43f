"""Quizzes in a real browser: every control, on a desktop and on a phone, and what is printed."""

import numpy as np
import pytest
from browsers import needs_browser, opened

import minigraph as mg

pytestmark = needs_browser
SIZES = {"desktop": (1200, 800), "phone": (390, 844)}


@pytest.fixture(scope="module")
def browser():
    with opened() as browser:
        yield browser


@pytest.fixture
def open_page(browser, tmp_path):
    """Opens the quiz of a node; it must neither ask for anything nor complain. What it prints is counted."""
    tabs, complaints, asked = [], [], []

    def opened_at(J, size="desktop", **options):
        path = mg.quiz(J, tmp_path / "quiz.html", **options)
        width, height = SIZES[size]
        tab = browser.new_page(viewport={"width": width, "height": height})
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url))
        tab.add_init_script("window.prints = []; window.print = () => window.prints.push(document.body.className);")
        tab.goto(path.as_uri())
        tabs.append(tab)
        return tab

    yield opened_at
    assert not complaints and len(asked) == len(tabs)
    for tab in tabs:
        tab.close()


def two_paths():
    b = mg.parameter(3.0, "b")
    return ((2 + b).named("c") * (b + 1).named("d")).named("e")


def layer():
    W, X = mg.parameter([[1.0, 2, 0], [-1, 3, 2]], "W"), mg.data([[1.0, 2], [0, 1], [3, -1]], "X")
    return mg.squared_error((W @ X).named("Z"), np.ones((2, 2))).sum().named("J")


@pytest.mark.parametrize("size", SIZES)
def test_a_quiz_from_the_first_question_to_the_last(open_page, size):
    tab = open_page(two_paths(), size)
    assert tab.inner_text("#given") == "Question 1 of 7: e = cd" and tab.inner_text("#ask") == "∂e/∂c ="
    tab.fill("#field", "-4")
    tab.click("#check")
    assert tab.inner_text("#said") == "Not yet: the sign is wrong: it is −1 times the right one."
    for answer in ("4", "5,0", " 1 ", "10/2", "3 − 2", "2*2", "(1 + 2)²"):
        tab.fill("#field", answer)
        tab.keyboard.press("Enter")
        assert tab.inner_text("#said").startswith("Right: ")
        tab.keyboard.press("Enter")
    assert tab.inner_text("#score") == "6 of 7 right at the first try, 7 right in all"
    assert tab.inner_text("#known") == "∂e/∂b gets 5 through d, 4 through c" and tab.is_disabled("#next")
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", SIZES)
def test_hints_solutions_and_moving(open_page, size):
    tab = open_page(two_paths(), size)
    tab.click("#marks li:nth-child(7) button")
    assert tab.inner_text("#ask") == "∂e/∂b =" and tab.evaluate("document.activeElement.id") == "field"
    tab.click("#hint")
    assert tab.inner_text("#said") == "b is used in 2 places: what comes back from them adds up."
    tab.click("#solve")
    assert "b reaches e along 2 paths." in tab.inner_text("#solution") and tab.inner_text("#said") == "∂e/∂b = 9."
    tab.fill("#field", "9")
    tab.click("#check")
    assert tab.inner_text("#score") == "0 of 7 right at the first try, 1 right in all"
    tab.click("#back")
    assert not tab.is_visible("#solution")
    tab.click("#next")
    assert tab.inner_text("#said") == "Right: ∂e/∂b = 9." and tab.input_value("#field") == "9"


@pytest.mark.parametrize("size", SIZES)
def test_shapes_and_choices(open_page, size):
    tab = open_page(layer(), size)
    tab.click("#next")
    tab.click("#check")
    assert tab.inner_text("#said") == "Choose one."
    tab.get_by_label("Xᵀ · ∂J/∂Z").check()
    tab.click("#check")
    assert tab.inner_text("#said") == "Not yet: the shapes (2, 3)·(2, 2) don't fit: 3 and 2 differ."
    tab.get_by_label("∂J/∂Z · Xᵀ").check()
    tab.click("#check")
    assert tab.inner_text("#said") == "Right: ∂J/∂W = ∂J/∂Z · Xᵀ."
    tab.click("#back")
    tab.fill("#field", "3 x 2")
    tab.click("#check")
    assert "it is transposed" in tab.inner_text("#said")


def test_other_numbers_keep_what_was_answered(open_page):
    tab = open_page(two_paths(), seed=7)
    tab.fill("#field", "1000")
    tab.click("#check")
    tab.select_option("#which", "2")
    assert tab.inner_text(".sheet:not([hidden]) h2") == "Sheet 3" and tab.input_value("#field") == ""
    tab.select_option("#which", "0")
    assert tab.input_value("#field") == "1000"


def test_the_printed_sheets(open_page):
    tab = open_page(two_paths(), seed=7)
    tab.click("#paper")
    tab.click("#solutions")
    assert tab.evaluate("window.prints") == ["", "solved"]
    tab.emulate_media(media="print")
    assert tab.is_visible("[data-sheet='0'] .solutions") and not tab.is_visible("[data-sheet='0'] .questions")
    tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert tab.is_visible("[data-sheet='0'] .questions") and not tab.is_visible("[data-sheet='0'] .solutions")
    assert not tab.is_visible("#question") and not tab.is_visible("[data-sheet='1'] .questions")


def test_what_a_screen_reader_is_told(open_page):
    tab = open_page(layer())
    assert tab.get_by_role("textbox", name="The shape of ∂J/∂W:").count() == 1
    tab.fill("#field", "3 x 2")
    tab.keyboard.press("Enter")
    assert tab.get_by_role("status").first.get_attribute("aria-live") == "polite"
    assert (
        tab.get_attribute("#field", "aria-invalid") == "true" and tab.get_attribute("#field", "aria-describedby") == "said"
    )
    tab.fill("#field", "2 x 3")
    tab.keyboard.press("Enter")
    assert tab.get_attribute("#field", "aria-invalid") == "false"
    assert tab.get_by_role("button", name="Question 1, right", exact=True).get_attribute("aria-current") == "true"
    tab.click("#next")
    assert tab.get_by_role("group", name="∂J/∂W =").get_by_role("radio").count() == 4


def test_a_picture_on_a_phone_is_not_drawn_too_small_to_read(open_page):
    tab = open_page(two_paths(), "phone")
    small = """[...document.querySelectorAll("figure text")].map(text => text.getBoundingClientRect().height)"""
    assert min(tab.evaluate(small)) >= 10
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_in_a_notebook_it_answers_and_prints(browser, tmp_path):
    (tmp_path / "notebook.html").write_text(f"<!DOCTYPE html>{mg.quiz(two_paths())._repr_html_()}", encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1100, "height": 900})
    refused = []
    tab.on("console", lambda message: refused.append(message.text))
    tab.goto((tmp_path / "notebook.html").as_uri())
    frame = tab.frames[1]
    frame.fill("#field", "2·2")
    frame.click("#check")
    assert frame.inner_text("#said") == "Right: ∂e/∂c = 4."
    frame.evaluate(
        "window.addEventListener('beforeprint', () => { document.title = document.body.className || 'worksheet'; })"
    )
    frame.click("#solutions")
    assert frame.evaluate("document.title") == "solved" and not refused
    tab.close()
