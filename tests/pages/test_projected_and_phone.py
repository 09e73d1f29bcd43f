"""Pages on a projector, where letters are read from the back, and on a phone, where a picture goes on to the side."""

import pytest
from browsers import needs_browser, opened

import minigraph as mg

LETTERS = """[...document.querySelectorAll("figure svg text")].filter(text => text.getBoundingClientRect().height)
    .map(text => parseFloat(text.getAttribute("font-size")) * text.getScreenCTM().a)"""


def unit():
    x1, x2, y = mg.data(1.0, "x1"), mg.data(2.0, "x2"), mg.data(1.0, "y")
    w1, w2, b = mg.parameter(0.5, "w1"), mg.parameter(-0.6, "w2"), mg.parameter(0.1, "b")
    z = (w1 * x1 + w2 * x2 + b).named("z")
    return mg.bce(mg.sigmoid(z).named("a"), y).named("L")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, page in {"live": mg.live(unit()), "steps": mg.step_through(unit()), "quiz": mg.quiz(unit(), seed=1)}.items():
        (folder / f"{name}.html").write_text(page.text, encoding="utf-8")
    return folder


@needs_browser
@pytest.mark.parametrize(("width", "least"), [(1280, 10), (1920, 15)])
def test_a_live_page_is_read_from_a_projector(pages, width, least):
    with opened() as browser:
        tab = browser.new_page(viewport={"width": width, "height": width * 9 // 16})
        tab.goto((pages / "live.html").as_uri())
        assert min(tab.evaluate(LETTERS)) >= least
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.evaluate("document.querySelector('#picture').className") == "", "all of it is seen"


@needs_browser
@pytest.mark.parametrize("width", [320, 360, 412])
@pytest.mark.parametrize("name", ["live", "steps", "quiz"])
def test_a_picture_that_goes_on_to_the_side_fades_there(pages, name, width):
    with opened() as browser:
        phone = browser.new_page(viewport={"width": width, "height": 740})
        phone.goto((pages / f"{name}.html").as_uri())
        assert phone.evaluate("document.documentElement.scrollWidth") == width
        figure = phone.locator("figure:has(svg)").first
        for place, sides in ((0, ["more-right"]), (99, ["more-left", "more-right"]), (99999, ["more-left"])):
            figure.evaluate("(figure, place) => figure.scrollTo({ left: place, behavior: 'instant' })", place)
            phone.wait_for_timeout(200)
            found = figure.evaluate("figure => [...figure.classList].filter(name => name.startsWith('more')).sort()")
            assert found == sides
            assert "rgba(0, 0, 0, 0)" in figure.evaluate("figure => getComputedStyle(figure).maskImage")


@needs_browser
@pytest.mark.parametrize("width", [390, 960])
def test_a_step_page_shows_its_sentence_whole(pages, width):
    with opened() as browser:
        tab = browser.new_page(viewport={"width": width, "height": 700})
        tab.goto((pages / "steps.html").as_uri())
        tab.evaluate(
            "document.getElementById('said').textContent = 'A sentence of some length that is told here. '.repeat(6)"
        )
        said = "document.getElementById('said')"
        assert tab.evaluate(f"{said}.scrollHeight <= {said}.clientHeight + 1 && {said}.clientHeight > 60")


INSIDE = """part => { const box = part.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom]; }"""


def on_a_phone(browser, file):
    phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).new_page()
    phone.goto(file.as_uri())
    return phone


@needs_browser
def test_on_a_phone_the_result_is_seen_while_a_number_is_dragged(pages):
    with opened() as browser:
        phone = on_a_phone(browser, pages / "live.html")
        result = phone.locator("#picture text", has_text="= 1.037")
        left, top, right, bottom = result.evaluate(INSIDE)
        assert 0 < left < right < 390 and 0 < top < bottom < 844
        slider = phone.locator("input[type=range]").nth(3)
        assert slider.evaluate(INSIDE)[3] < phone.locator("#seen").evaluate(INSIDE)[1], "it does not hide what is dragged"
        slider.fill("900")
        phone.locator("#picture text", has_text="= 0.3133").first.wait_for()
        phone.evaluate("scrollTo(0, document.body.scrollHeight)")
        assert phone.locator("#sums li").last.evaluate(INSIDE)[3] <= 844, "and it hides nothing at the end"


@needs_browser
def test_a_phone_has_digits_and_the_signs_that_go_with_them(pages):
    with opened() as browser:
        phone = on_a_phone(browser, pages / "quiz.html")
        field = phone.locator("#field")
        field.tap()
        for sign, digits in (("minus", "2"), ("divided by", "4")):
            phone.get_by_label(sign, exact=True).tap()
            phone.keyboard.type(digits)
        assert field.input_value() == "−2/4" and field.get_attribute("inputmode") == "decimal"
        phone.locator("#check").tap()
        assert phone.inner_text("#said")
        assert phone.locator("#next").evaluate(INSIDE)[3] < 844 * 0.55, "above the keyboard"
        desktop = browser.new_page()
        desktop.goto((pages / "quiz.html").as_uri())
        assert desktop.locator("#keys").is_hidden() and desktop.locator("#field").get_attribute("inputmode") == "text"
