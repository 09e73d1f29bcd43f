"""The step-through page in a real browser: buttons, keys, the address, what is seen, heard and printed."""

import re

import pytest
from browsers import needs_browser, opened
from figures import gallery

import minigraph as mg


@pytest.fixture(scope="module")
def browser():
    with opened() as browser:
        yield browser


@pytest.fixture
def tab(browser, page):
    """The page in a tab; it must neither ask for anything nor complain."""
    tab = browser.new_page(viewport={"width": 1200, "height": 800}, reduced_motion="reduce")
    asked, complaints = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(page.as_uri())
    yield tab
    assert {url.partition("#")[0] for url in asked} == {page.as_uri()}
    assert not complaints
    tab.close()


def step(tab):
    return int(re.match(r"Step (\d+) of 10", tab.inner_text("#place")).group(1))


def gradient_row(tab, box):
    """The gradient row of a box as it can be seen; None while it is hidden."""
    return tab.evaluate(
        """id => { const texts = [...document.querySelectorAll('#' + id + ' text')];
        const rows = texts.filter(text => text.textContent.startsWith('∂'));
        return rows.length && getComputedStyle(rows[0]).opacity !== '0' ? rows[0].textContent : null; }""",
        box,
    )


def opacity(tab, part):
    return float(tab.evaluate("id => getComputedStyle(document.getElementById(id)).opacity", part))


@needs_browser
def test_every_button_and_key(tab):
    assert step(tab) == 1
    assert tab.is_disabled("#back")
    tab.click("#next")
    tab.click("text=Next")
    assert step(tab) == 3
    tab.click("#back")
    assert step(tab) == 2
    tab.click("#last")
    assert step(tab) == 10
    assert tab.is_disabled("#next")
    tab.click("#first")
    assert step(tab) == 1
    for key, place in [("ArrowRight", 2), ("ArrowRight", 3), ("ArrowLeft", 2), ("End", 10), ("ArrowRight", 10), ("Home", 1)]:
        tab.keyboard.press(key)
        assert step(tab) == place
    assert "Given: a = 1, b = 2." in tab.inner_text("#said")


@needs_browser
def test_sums_grow_as_contributions_arrive(tab):
    seen = []
    for _ in range(10):
        seen.append(gradient_row(tab, "n1"))
        tab.keyboard.press("ArrowRight")
    assert seen == [None] * 7 + ["∂e/∂b = 3 + …"] * 2 + ["∂e/∂b = 3 + 3 = 6"]
    assert gradient_row(tab, "n4") == "∂e/∂e = 1 (seed)"
    tab.keyboard.press("Home")
    assert gradient_row(tab, "n4") is None


@needs_browser
def test_the_future_is_faint_and_the_present_is_thick(tab):
    assert opacity(tab, "n0") == 1
    assert opacity(tab, "n4") == opacity(tab, "e0_2_0") == 0.15
    tab.keyboard.press("ArrowRight")
    assert opacity(tab, "n2") == opacity(tab, "e0_2_0") == 1
    width = "id => getComputedStyle(document.querySelector('#' + id + ' path')).strokeWidth"
    assert tab.evaluate(width, "e0_2_0") == "4px"
    tab.keyboard.press("End")
    assert tab.evaluate(width, "e0_2_0") != "4px"
    assert tab.evaluate(width, "e1_2_1") == "4px"
    colour = tab.evaluate("id => getComputedStyle(document.querySelector('#' + id + ' path')).stroke", "e1_2_1")
    assert colour == "rgb(166, 58, 0)"


@needs_browser
def test_an_arrow_points_the_way_the_pass_goes(tab):
    corners = """id => [...document.querySelectorAll('#' + id + ' polygon')]
        .map(arrow => arrow.getAttribute('points').trim().split(/\\s+/).length)"""
    tab.keyboard.press("ArrowRight")
    forward = tab.evaluate(corners, "e0_2_0")
    tab.keyboard.press("End")
    backward = tab.evaluate(corners, "e0_2_0")
    assert sorted(forward) == sorted(backward) == [2, 4]
    assert forward == backward[::-1]


@needs_browser
def test_a_click_on_a_line_goes_there(tab):
    tab.locator("#list li").nth(4).locator("button").click()
    assert step(tab) == 5
    assert tab.get_attribute("#list li:nth-child(5)", "aria-current") == "step"
    assert tab.locator("[aria-current]").count() == 1


@needs_browser
def test_a_click_on_a_box_shows_only_the_paths_to_it(tab):
    tab.keyboard.press("ArrowRight")
    tab.locator("#n1").click()
    assert "∂e/∂b = ∂e/∂d · ∂d/∂b + ∂e/∂c · ∂c/∂b = 3 · 1 + 3 · 1 = 6" in tab.inner_text("#said")
    assert [opacity(tab, part) for part in ("n1", "n2", "n3", "n4", "e1_2_1", "e1_3_0", "e2_4_0")] == [1] * 7
    assert opacity(tab, "n0") == opacity(tab, "e0_2_0") == 0.12
    assert gradient_row(tab, "n1") == "∂e/∂b = 3 + 3 = 6"
    tab.keyboard.press("Escape")
    assert tab.inner_text("#said") == "c = a + b = 3."
    assert opacity(tab, "n0") == 1 and gradient_row(tab, "n1") is None
    tab.locator("#n0").focus()
    tab.keyboard.press("Enter")
    assert "∂e/∂a = ∂e/∂c · ∂c/∂a = 3 · 1 = 3" in tab.inner_text("#said")
    assert opacity(tab, "n3") == opacity(tab, "e1_2_1") == 0.12
    tab.keyboard.press("ArrowRight")
    assert step(tab) == 3 and opacity(tab, "n3") == 1


@needs_browser
def test_the_step_is_in_the_address(tab, page):
    tab.keyboard.press("ArrowRight")
    assert tab.url.endswith("#2")
    tab.goto(page.as_uri() + "#8")
    assert step(tab) == 8
    tab.reload()
    assert step(tab) == 8
    tab.goto(page.as_uri() + "#999")
    assert step(tab) == 10
    tab.goto(page.as_uri() + "#nonsense")
    assert step(tab) == 1


@needs_browser
def test_it_is_read_by_keyboard_alone(tab):
    focused = "() => document.activeElement.id || document.activeElement.textContent"
    reached = []
    for _ in range(30):
        tab.keyboard.press("Tab")
        reached.append(tab.evaluate(focused))
    assert {"next", "last", "n0", "n1", "n2", "n3", "n4", "Given: a = 1, b = 2."} <= set(reached)
    tab.locator("#n3").focus()
    assert tab.get_attribute("#n3", "role") == "button"
    assert "d = b + 1" in tab.get_attribute("#n3", "aria-label")
    assert "∂e/∂d" not in tab.get_attribute("#n3", "aria-label"), "what is not known yet is not read out"
    tab.keyboard.press(" ")
    assert "∂e/∂d = c" in tab.inner_text("#said") or "∂e/∂d = 3" in tab.inner_text("#said")
    assert tab.get_attribute("#said", "aria-live") == "polite"


@needs_browser
def test_nothing_moves_for_those_who_want_it_still(tab):
    assert tab.evaluate("getComputedStyle(document.getElementById('n0')).transitionProperty") == "none"
    tab.emulate_media(reduced_motion="no-preference")
    assert "opacity" in tab.evaluate("getComputedStyle(document.getElementById('n0')).transitionProperty")


@needs_browser
def test_printed_it_is_the_whole_list_and_the_whole_picture(tab):
    tab.emulate_media(media="print")
    assert not tab.is_visible("header")
    assert all(tab.locator("#list li").nth(place).is_visible() for place in range(10))
    assert opacity(tab, "n4") == 1


@needs_browser
def test_what_a_step_is_about_is_scrolled_into_view(browser, tmp_path):
    path = mg.step_through(gallery.five_layers(), tmp_path / "net.html")
    tab = browser.new_page(viewport={"width": 900, "height": 600}, reduced_motion="reduce")
    tab.goto(path.as_uri())
    tab.keyboard.press("End")
    box = tab.locator("#n3").bounding_box()
    bar = tab.locator("header").bounding_box()
    assert box["y"] >= bar["y"] + bar["height"] - 1
    assert box["y"] + box["height"] <= 600
    tab.close()
