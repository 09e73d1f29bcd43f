"""Live pages in a real browser: what is moved, what follows, and that descent is Python's."""

import json

import live_pages
import numpy as np
import pytest
from browsers import needs_browser, opened
from live_pages import net, unit

import minigraph as mg

pytestmark = needs_browser
SIZES = {"desktop": (1200, 800), "phone": (390, 700)}


@pytest.fixture(scope="module")
def browser():
    with opened() as browser:
        yield browser


@pytest.fixture
def open_page(browser, tmp_path):
    """Opens the page of a node; it must neither ask for anything nor complain."""
    tabs, complaints, asked = [], [], []

    def opened_at(J, size="desktop", **options):
        path = mg.live(J, tmp_path / "live.html", **options)
        width, height = SIZES[size]
        tab = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce")
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(path.as_uri())
        tabs.append(tab)
        return tab

    yield opened_at
    assert not complaints and len(asked) == len(tabs)
    for tab in tabs:
        tab.close()


def settled(tab):
    tab.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def picture(tab):
    return tab.evaluate("[...document.querySelectorAll('#picture text[data-row]')].map(text => text.textContent)")


@pytest.mark.parametrize("size", SIZES)
def test_a_field_moves_everything(open_page, size):
    tab = open_page(unit(), size)
    assert "∂L/∂w = −0.5379" in picture(tab)
    tab.fill("#leaf0_0", "−1,5")
    settled(tab)
    assert tab.inner_text("#lines li:nth-child(2)") == "z = w·x + b = (−1.5)·2 + 0 = −3"
    assert "∂L/∂w = −1.905" in picture(tab) and "−20.09 × 0.04518 = −0.9074" not in picture(tab)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_picture_keeps_its_blanks_and_has_the_ground_of_the_page(browser, tmp_path):
    tab = browser.new_page(color_scheme="dark")
    tab.goto(mg.live(unit(), tmp_path / "live.html").as_uri())
    words = '[...document.querySelectorAll("#picture text")].find(text => text.textContent.includes("order of the pass"))'
    assert tab.evaluate(f"getComputedStyle({words}).whiteSpace").startswith("pre")
    ground, page = tab.evaluate(
        """[getComputedStyle(document.querySelector("#picture svg polygon")).fill,
            getComputedStyle(document.body).backgroundColor]"""
    )
    tab.close()
    assert ground == page


def test_a_slider_follows_its_keys(open_page):
    tab = open_page(unit())
    tab.focus("#slide0")
    for _ in range(5):
        tab.keyboard.press("ArrowRight")
    settled(tab)
    assert tab.input_value("#leaf0_0") == "0.52" and tab.get_attribute("#slide0", "aria-valuetext") == "w 0.52"
    assert tab.inner_text("#lines li:nth-child(2)") == "z = w·x + b = 0.52·2 + 0 = 1.04"


def test_what_is_no_number_is_said_and_changes_nothing(open_page):
    tab = open_page(unit())
    tab.fill("#leaf0_0", "two")
    settled(tab)
    assert tab.get_attribute("#leaf0_0", "aria-invalid") == "true"
    assert tab.inner_text("#lines li:nth-child(2)") == "z = w·x + b = 0.5·2 + 0 = 1"
    tab.fill("#rate", "fast")
    tab.click("#step")
    assert tab.inner_text("#descent") == "α is a number, such as 0.1"
    tab.fill("#by", "")
    settled(tab)
    assert tab.inner_text("#nudge") == "a nudge is a number, such as 0.001"


@pytest.mark.parametrize("make", [unit, net])
def test_a_hundred_steps_are_those_of_python(open_page, make):
    J = make()
    tab = open_page(J, rate=0.3)
    for _ in range(10):
        tab.click("#ten")
    found = tab.evaluate("leaves.map(leaf => [...leaf.now])")
    leaves = [node for node in mg.core.pulling.ancestors([J]) if node.role in ("parameter", "data") and node.name]
    parameters = [node for node in leaves if node.role == "parameter"]
    for _ in range(100):
        J.backward()
        for node in parameters:
            node.value = node.value - 0.3 * node.grad
    names = tab.evaluate("leaves.map(leaf => leaf.name)")
    for name, values in zip(names, found, strict=True):
        node = next(node for node in leaves if node.name == name.translate(str.maketrans("₁", "1")))
        np.testing.assert_allclose(np.ravel(node.value), values, rtol=1e-12)
    assert tab.inner_text("#descent").startswith("100 steps: ") and tab.is_visible("#curve")
    tab.click("#reset")
    assert tab.inner_text("#descent") == "" and not tab.is_visible("#curve")


def test_random_graphs_come_out_as_in_python(open_page):
    tab = open_page(unit())
    agree = live_pages.random_graphs_agree(lambda cases: tab.evaluate(f"(data => {live_pages.EVERY})({json.dumps(cases)})"))
    assert agree >= 15


def test_a_nudge_is_beside_the_derivative(open_page):
    tab = open_page(unit())
    assert tab.inner_text("#nudge") == "ΔL = −0.0005375; ∂L/∂w × 0.001 = −0.5379 × 0.001 = −0.0005379"
    tab.select_option("#which", label="x")
    settled(tab)
    assert tab.inner_text("#nudge").endswith("x has no gradient here")


def test_an_entry_is_called_as_an_explanation_and_a_quiz_call_it(open_page):
    W, x = mg.parameter([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]], "W"), mg.data([[0.3], [0.2], [0.1]], "x")
    b = mg.parameter([[0.5]], "b")
    J = ((W @ x).sum() * b).named("J")
    tab = open_page(J)
    shown = tab.eval_on_selector_all("#which option", "all => all.map(one => one.textContent)")
    assert shown == [f"W[{i}, {j}]" for i in (0, 1) for j in (0, 1, 2)] + ["x[0, 0]", "x[1, 0]", "x[2, 0]", "b"]
    labels = tab.eval_on_selector_all("input[id^=leaf]", "all => all.map(one => one.getAttribute('aria-label'))")
    assert labels == shown
    tab.select_option("#which", label="W[1, 0]")
    tab.focus("#leaf0_3")
    settled(tab)
    told = str(mg.explain(J, wrt=W, entry=(1, 0)))
    assert "∂J/∂W[1, 0] × 0.001 = 0.15" in tab.inner_text("#nudge") and "∂J/∂W[1, 0]" in told
    assert tab.get_attribute("#slide0", "aria-valuetext").startswith("W[1, 0] ")


def test_a_wide_matrix_scrolls_in_its_own_frame_on_a_phone(open_page):
    tab = open_page((mg.parameter(np.ones((2, 6)), "W") ** 2).sum().named("J"), "phone")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert tab.evaluate("document.querySelector('fieldset').scrollWidth") > 390


def test_where_nothing_is_small_enough_descent_is_left(open_page):
    tab = open_page((mg.parameter(np.ones(30), "W") ** 2).sum().named("J"))
    assert not tab.is_visible("#nudging") and tab.inner_text("#sums") == "‖∂J/∂W‖ = 11.0"
    tab.click("#step")
    assert tab.inner_text("#descent") == "1 step: J 30 → 19.2"


def test_kinks_domains_and_nan_are_said(open_page):
    p, z, q = mg.parameter(0.5, "p"), mg.parameter(1.0, "z"), mg.parameter(2.0, "q")
    J = (mg.bce(p, mg.data(1.0, "y")) + mg.relu(z) + mg.log(q).named("l")).named("J")
    tab = open_page(J)
    place = tab.evaluate("Object.fromEntries(leaves.map((leaf, i) => [leaf.name, i]))")
    said = []
    for name, value in (("z", "0"), ("z", "1"), ("q", "-1"), ("q", "0"), ("q", "1"), ("p", "1.5")):
        tab.fill(f"#leaf{place[name]}_0", value)
        settled(tab)
        said.append(tab.inner_text("#trouble"))
    assert said[0].startswith("z = 0 is a kink of relu") and said[1] == ""
    assert said[2].startswith("NaN: l = log(q) has no value") and said[3].endswith("is infinite for these numbers.")
    assert said[4] == "" and said[5] == "p = 1.5, but bce needs at most 1: there is no value."
    assert set(picture(tab)) == {"no value"}


@pytest.mark.parametrize("before", ["", '<div style="height:4000px"></div>'], ids=["above", "far below"])
def test_in_the_frame_of_a_notebook_numbers_stand_in_their_boxes(browser, tmp_path, before):
    (tmp_path / "notebook.html").write_text(f"<!DOCTYPE html>{before}{mg.live(unit())._repr_html_()}", encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1100, "height": 600})
    tab.goto((tmp_path / "notebook.html").as_uri())
    frame = tab.frames[1]
    tab.locator("iframe").scroll_into_view_if_needed()
    frame.wait_for_selector('#picture text[text-anchor="middle"]')
    inside = frame.evaluate(
        """[...document.querySelectorAll("#picture g.mg-node")].every(node => {
          const place = node.querySelector("polygon, path").getBoundingClientRect();
          return [...node.querySelectorAll("text[data-row]")].every(text => {
            const box = text.getBoundingClientRect();
            return place.left <= box.left && box.right <= place.right;
          });
        })"""
    )
    tab.close()
    assert inside


def test_a_page_tells_the_one_around_it_how_high_it_is(browser, tmp_path):
    heard = '<script>addEventListener("message", event => (window.heard = event.data.liveHeight))</script>'
    (tmp_path / "around.html").write_text(f"<!DOCTYPE html>{heard}{mg.live(unit())._repr_html_()}", encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1100, "height": 600})
    tab.goto((tmp_path / "around.html").as_uri())
    wide = tab.wait_for_function("window.heard").json_value()
    tab.set_viewport_size({"width": 390, "height": 600})
    narrow = tab.wait_for_function(f"window.heard > {wide} && window.heard").json_value()
    end = "document.body.getBoundingClientRect().bottom + parseFloat(getComputedStyle(document.body).marginBottom)"
    assert narrow == pytest.approx(tab.frames[1].evaluate(end), abs=1)
    tab.close()


def test_a_hundred_boxes_follow(open_page):
    x = w = mg.parameter(0.5, "w")
    for place in range(98):
        x = (mg.tanh(x) + 0.01 * w if place % 10 == 5 else mg.tanh(x)).named(f"x{place}")
    tab = open_page(x)
    tab.fill("#leaf0_0", "0.25")
    settled(tab)
    w.value = 0.25
    assert tab.evaluate("nowAt()[data.root][0]") == pytest.approx(float(x.value), rel=1e-12)


def test_what_is_typed_on_the_way_leaves_no_trace_in_the_slider(open_page):
    tab = open_page(unit())
    for text in ("-1e400", "1e300", "2"):
        tab.fill("#leaf0_0", text)
        assert tab.get_attribute("#leaf0_0", "aria-invalid") == str(text == "-1e400").lower()
    tab.focus("#slide0")
    tab.keyboard.press("ArrowRight")
    settled(tab)
    assert 2 < float(tab.input_value("#leaf0_0")) < 2.1
    tab.fill("#leaf0_0", "100")
    tab.focus("#slide0")
    tab.keyboard.press("ArrowRight")
    assert 100 < float(tab.input_value("#leaf0_0")) < 101


def test_a_nudge_of_what_is_infinite_says_why_there_is_no_difference(open_page):
    a = mg.parameter(2.0, "a")
    tab = open_page((a * a).named("J"))
    tab.fill("#leaf0_0", "1e200")
    settled(tab)
    assert tab.inner_text("#nudge").startswith("ΔJ has no value, since J has none or is infinite; ∂J/∂a × 0.001 = 2e200")
