"""The controls of the step-through page on a desk, on a phone, at 200 %, on a projector and on paper."""

import pytest
from browsers import SIZES, needs_browser, step, visible_texts
from figures import gallery

import minigraph as mg
from minigraph.drawing.theme import DARK, THEME
from minigraph.pages.step_pictures import MOST_OPENED

pytestmark = needs_browser


def scale(tab):
    return tab.evaluate("picture.svg.getBoundingClientRect().width / picture.svg.viewBox.baseVal.width")


def as_rgb(color):
    return "rgb({}, {}, {})".format(*bytes.fromhex(color.removeprefix("#")))


def is_in_the_figure(tab, part):
    return tab.evaluate(
        """part => { const box = document.getElementById(part).getBoundingClientRect();
        const frame = document.getElementById("picture").getBoundingClientRect();
        const header = document.querySelector("header");
        return box.left >= frame.left - 1 && box.right <= frame.right + 1
            && box.bottom <= Math.min(frame.bottom, innerHeight) + 1
            && box.top >= header.getBoundingClientRect().bottom - 1; }""",
        part,
    )


@pytest.mark.parametrize("size", SIZES)
def test_it_is_never_smaller_than_can_be_read_and_the_step_is_in_the_middle(open_page, size):
    tab = open_page("net", size)
    assert scale(tab) >= 1.2 * 0.999
    for _ in range(20):
        tab.keyboard.press("-")
    assert scale(tab) == pytest.approx(1.2, rel=1e-3)
    for _ in range(15):
        tab.keyboard.press("ArrowRight")
        ends = tab.evaluate("stages[now].boxes")
        assert is_in_the_figure(tab, ends[-1]), step(tab)


@pytest.mark.parametrize(("size", "share"), [("desktop", 0.25), ("phone", 0.2), ("zoomed", 0.3)])
def test_the_header_leaves_the_window_to_the_picture(open_page, size, share):
    tab = open_page("net", size)
    assert tab.evaluate("document.querySelector('header').offsetHeight / innerHeight") <= share
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_fit_plus_minus_wheel_and_drag(open_page):
    tab = open_page("net")
    tab.click("#larger")
    tab.keyboard.press("+")
    before = scale(tab)
    assert before == pytest.approx(1.2 * 1.25**2, rel=0.01)
    tab.click("#smaller")
    assert scale(tab) == pytest.approx(before / 1.25, rel=0.01)
    box = tab.locator("#picture").bounding_box()
    tab.mouse.move(box["x"] + 300, box["y"] + 200)
    tab.keyboard.down("Control")
    tab.mouse.wheel(0, -100)
    tab.keyboard.up("Control")
    tab.wait_for_function("least => scale > least", arg=before / 1.25 * 1.1)
    top = tab.evaluate("(figure.scrollTop = 200, figure.scrollLeft = 100, figure.scrollTop)")
    tab.mouse.down()
    tab.mouse.move(box["x"] + 260, box["y"] + 150, steps=3)
    tab.mouse.up()
    assert tab.evaluate("[figure.scrollTop, figure.scrollLeft]") == pytest.approx([top + 50, 140], abs=2)
    assert "Escape" not in tab.inner_text("#said"), "a drag is no click"
    tab.click("#fit")
    assert scale(tab) == pytest.approx(1.2, rel=0.01)


TOUCH = """([type, points, area]) => {
    const target = document.querySelector(area);
    const touches = points.map(([x, y], identifier) => new Touch({ identifier, target, clientX: x, clientY: y }));
    const live = type === "touchend" ? [] : touches;
    target.dispatchEvent(new TouchEvent(type, { touches: live, changedTouches: touches, bubbles: true, cancelable: true }));
}"""


def swipe(tab, start, end, area):
    tab.evaluate(TOUCH, ["touchstart", [start], area])
    tab.evaluate(TOUCH, ["touchend", [end], area])


def test_a_phone_swipes_and_pinches(open_page):
    tab = open_page("net", "phone")
    assert not tab.is_visible("#play") and not tab.is_visible("#first")
    swipe(tab, [300, 60], [200, 65], "header")
    assert step(tab) == 2
    swipe(tab, [200, 300], [320, 310], "#picture")
    assert step(tab) == 1
    swipe(tab, [200, 300], [260, 380], "#picture")
    assert step(tab) == 1, "down is no swipe"
    before = scale(tab)
    tab.evaluate(TOUCH, ["touchstart", [[100, 300], [200, 300]], "#picture"])
    tab.evaluate(TOUCH, ["touchmove", [[50, 300], [250, 300]], "#picture"])
    tab.evaluate(TOUCH, ["touchend", [[50, 300]], "#picture"])
    assert scale(tab) == pytest.approx(2 * before, rel=0.01)
    tab.click("#more")
    assert tab.is_visible("#play") and tab.get_attribute("#more", "aria-expanded") == "true"


def test_a_presenters_remote_and_full_screen(open_page):
    tab = open_page("net")
    for key, place in [("PageDown", 2), (" ", 3), ("PageUp", 2), ("End", 15), ("Home", 1)]:
        tab.keyboard.press(key)
        assert step(tab) == place
    before, size = scale(tab), "parseFloat(getComputedStyle(document.getElementById('said')).fontSize)"
    text = tab.evaluate(size)
    tab.keyboard.press("f")
    assert tab.get_attribute("#full", "aria-pressed") == "true"
    assert tab.evaluate(size) > 1.5 * text and scale(tab) > 1.25 * before
    assert not tab.is_visible("#list")
    tab.keyboard.press("f")
    tab.wait_for_function("() => !document.body.classList.contains('large')")
    assert tab.evaluate(size) == text


def test_it_plays_at_a_speed_until_the_end_or_a_key(open_page):
    tab = open_page("two_paths")
    tab.evaluate("for (const option of document.querySelectorAll('#speed option')) option.value = '30'")
    tab.click("#play")
    assert tab.inner_text("#play") in ("Pause", "Play")
    tab.wait_for_function("() => now === 9")
    tab.wait_for_function("() => document.getElementById('play').textContent === 'Play'")
    tab.evaluate("document.querySelector('#speed option:checked').value = '60000'")
    tab.keyboard.press("Home")
    tab.keyboard.press("p")
    assert tab.get_attribute("#play", "aria-pressed") == "true"
    tab.keyboard.press("ArrowRight")
    assert tab.get_attribute("#play", "aria-pressed") == "false" and step(tab) == 2


def test_groups_open_and_close_on_a_click(open_page):
    tab = open_page("net")
    assert [tab.locator("#level option").nth(place).inner_text() for place in range(4)] == [
        "All steps", "Groups", "Layer 1 opened", "Layer 2 opened",
    ]  # fmt: skip
    tab.select_option("#level", "1")
    titles = tab.locator("#view1 .mg-group text:first-of-type")
    assert [titles.nth(place).text_content() for place in range(2)] == ["Layer 1", "Layer 2"]
    group = tab.locator("#view1 .mg-group").first
    assert group.get_attribute("aria-expanded") == "false"
    group.click()
    assert tab.input_value("#level") == "2"
    assert tab.locator("#view2 .mg-group").count() == 1
    frame = tab.locator("#view2 .cluster[role=button]")
    assert frame.get_attribute("aria-expanded") == "true"
    tab.keyboard.press("End")
    assert "∂J" in tab.locator("#view2").inner_text()
    frame.focus()
    tab.keyboard.press("Enter")
    assert tab.input_value("#level") == "1"
    tab.locator("#view1 .mg-group").nth(1).focus()
    tab.keyboard.press(" ")
    assert tab.input_value("#level") == "3"


def test_a_group_of_very_many_leads_to_its_steps(open_page):
    tab = open_page("many_groups")
    tab.select_option("#level", "1")
    group = tab.locator("#view1 .mg-group").nth(MOST_OPENED)
    group.click()
    assert tab.input_value("#level") == "0"
    inside = tab.evaluate(f"drawn[1].boxes['{group.get_attribute('id').removeprefix('p1-')}'].members")
    assert len(inside) == 2 and is_in_the_figure(tab, inside[-1])


def test_it_begins_with_the_title(open_page):
    tab = open_page("many_groups", "zoomed")
    assert tab.evaluate("[figure.scrollTop, figure.scrollLeft]") == [0, 0]
    tab.keyboard.press("End")
    assert tab.evaluate("figure.scrollHeight > 2 * figure.clientHeight")
    tab.keyboard.press("Home")
    assert tab.evaluate("[figure.scrollTop, figure.scrollLeft]") == [0, 0]


SHOWN = """() => Object.fromEntries(Object.entries(picture.boxes).map(([id, box]) => {
    const rows = box.rows.filter(row => !row.classList.contains("hidden"));
    const inside = box.group.querySelector("polygon, path").getBBox().width;
    const isIn = rows.every(row => row.getBBox().width <= inside);
    const squeezed = rows.map(row => {
        const length = row.getAttribute("textLength");
        row.removeAttribute("textLength");
        const whole = row.getComputedTextLength();
        if (length) row.setAttribute("textLength", length);
        return length ? length / whole : 1;
    });
    const text = rows.map(row => row.textContent).join(" ");
    return [id, { text, rows: rows.length, isIn, squeezed: Math.min(1, ...squeezed) }];
}))"""


def test_sums_that_grow_stay_in_their_box(open_page):
    tab = open_page("sums")
    grown = set()
    for place in range(1, tab.evaluate("stages.length") + 1):
        assert step(tab) == place
        shown = tab.evaluate(SHOWN)
        assert all(box["isIn"] and box["squeezed"] > 0.8 for box in shown.values())
        for box, text in tab.evaluate("happened(now).gradients").items():
            if text is not None:
                assert shown[box]["text"] == text
                grown.add(shown[box]["rows"])
        tab.keyboard.press("ArrowRight")
    assert grown == {1, 2}, "some are broken into rows"
    tab.keyboard.press("Home")
    tab.keyboard.press("End")
    assert tab.evaluate(SHOWN) == shown
    assert all("…" not in box["text"].replace("plac…", "") for box in shown.values())


def test_a_tall_picture_is_printed_over_several_sheets(open_page):
    tab = open_page("many_groups")
    tab.select_option("#level", "1")
    high = tab.evaluate("picture.svg.viewBox.baseVal.height")
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert tab.evaluate("picture.svg.getBoundingClientRect().height") >= 0.74 * high > 1.5 * 800


def test_steps_are_lit_in_every_picture(open_page):
    tab = open_page("net")
    for level in range(4):
        tab.select_option("#level", str(level))
        tab.keyboard.press("Home")
        faint = ".view:not([hidden]) :is(.mg-node, .mg-edge).future"
        assert tab.locator(faint).count() > 0
        tab.keyboard.press("End")
        assert tab.locator(faint).count() == 0
        hidden = "[...document.querySelectorAll('.view:not([hidden]) .hidden')].map(text => text.textContent)"
        assert tab.evaluate(hidden) == []


def test_a_sum_that_grows_is_printed_in_full(open_page):
    tab = open_page("two_paths")
    tab.keyboard.press("End")
    tab.keyboard.press("ArrowLeft")
    assert "∂e/∂b = 3 + …" in visible_texts(tab)
    tab.emulate_media(media="print")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert "∂e/∂b = 3 + 3 = 6" in visible_texts(tab) and "∂e/∂b = 3 + …" not in visible_texts(tab)


@pytest.mark.parametrize("before", ["", "g", "f"])
def test_from_any_step_all_is_printed_light(open_page, before):
    tab = open_page("two_paths", color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == as_rgb(DARK.background)
    tab.keyboard.press("ArrowRight")
    if before:
        tab.keyboard.press(before)
        tab.keyboard.press("PageDown")
    tab.emulate_media(media="print", color_scheme="dark")
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert "∂e/∂b = 3 + 3 = 6" in visible_texts(tab)
    assert all(tab.locator("#list button").nth(place).is_visible() for place in range(10))
    assert tab.evaluate("getComputedStyle(document.body).color") == as_rgb(THEME.ink)
    assert not tab.is_visible("header")
    tab.emulate_media(media="screen")
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert "∂e/∂b = 3 + 3 = 6" not in visible_texts(tab)


def test_a_notebook_displays_it_in_a_frame(browser):
    tab = browser.new_page(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
    complaints = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    page = mg.step_through(gallery.two_paths())
    tab.set_content(page._repr_html_())
    frame = tab.frame_locator("iframe")
    frame.locator("#next").click()
    assert frame.locator("#said").inner_text() == "c = a + b = 3."
    frame.locator("#guess").click()
    frame.locator("#next").click()
    frame.locator("#answer").fill("3")
    frame.locator("#check").click()
    assert frame.locator("#said").inner_text() == "Right: d = 3. d = b + 1 = 3."
    assert not complaints
    tab.close()
