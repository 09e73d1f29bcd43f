"""Pictures and pages in notebooks are light or dark as the page around them says, seen in a real browser."""

from pathlib import Path

import pytest
from browsers import needs_browser, opened

import minigraph as mg
from minigraph.drawing.theme import DARK, THEME
from minigraph.drawing.view import Look


@pytest.fixture(scope="module")
def browser():
    with opened() as browser:
        yield browser


@pytest.fixture(scope="module")
def shown():
    return mg.draw(mg.exp(mg.parameter(1.0, "x")).named("J"), "backward")._repr_mimebundle_()["text/html"]


def rgb(colour):
    return f"rgb({', '.join(str(int(colour[i : i + 2], 16)) for i in (1, 3, 5))})"


MARKS = {  # JupyterLab, VS Code, marimo, Sphinx
    'data-jp-theme-light="true"': THEME,
    'data-jp-theme-light="false"': DARK,
    'class="vscode-light"': THEME,
    'class="vscode-dark"': DARK,
    'class="dark dark-theme"': DARK,
    'data-theme="light"': THEME,
    'data-theme="dark"': DARK,
}


@needs_browser
@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("mark", ["", 'data-theme="auto"', *MARKS])
def test_a_picture_has_the_colours_of_the_page(browser, shown, mark, system):
    theme = MARKS.get(mark, DARK if system == "dark" else THEME)
    tab = browser.new_page(color_scheme=system)
    tab.set_content(f"<!doctype html><body {mark}>{shown}")
    paint = "[...document.querySelectorAll('svg polygon, svg path, svg text')].map(e => getComputedStyle(e).fill)"
    fills = set(tab.evaluate(paint))
    tab.close()
    boxes = {rgb(theme.background), rgb(theme.boxes[Look.PARAMETER].fill), rgb(theme.boxes[Look.OUTPUT].fill)}
    assert boxes | {rgb(theme.ink), rgb(theme.gradient)} <= fills
    other = THEME if theme is DARK else DARK
    assert not {rgb(other.background), rgb(other.boxes[Look.PARAMETER].fill), rgb(other.ink)} & fills


IS_GROUND = "ground => getComputedStyle(document.body).backgroundColor === ground"
"""How long a frame takes to follow depends on how busy the machine is: it is waited for."""


def ground_of(page):
    return page.evaluate("getComputedStyle(document.body).backgroundColor")


@pytest.fixture(scope="module")
def frames():
    J = (mg.parameter(1.0, "x") * 2).named("J")
    return {"step": mg.step_through(J), "live": mg.live(J), "quiz": mg.quiz(J)}


@needs_browser
@pytest.mark.parametrize("system", ["light", "dark"])
@pytest.mark.parametrize("kind", ["step", "live", "quiz"])
def test_a_page_in_a_frame_is_as_dark_as_what_is_around_it(browser, frames, kind, system):
    """No script of the notebook is needed, and the frame follows when its reader switches."""
    context = browser.new_context(color_scheme=system, device_scale_factor=1.1)  # where a frame has no whole height
    tab = context.new_page()
    tab.set_content(f"<!doctype html><body>{frames[kind]._repr_html_()}")
    frame = tab.frames[1]
    assert ground_of(frame) == rgb((DARK if system == "dark" else THEME).background)
    for mark, theme in MARKS.items():
        name, _, value = mark.partition("=")
        tab.evaluate("([name, value]) => document.body.setAttribute(name, value)", [name, value.strip('"')])
        frame.wait_for_function(IS_GROUND, arg=rgb(theme.background))
        paint = "[...document.querySelectorAll('svg polygon, svg path, svg text')].map(e => getComputedStyle(e).fill)"
        assert {rgb(theme.background), rgb(theme.boxes[Look.PARAMETER].fill), rgb(theme.ink)} <= set(frame.evaluate(paint))
        tab.evaluate("name => document.body.removeAttribute(name)", name)
    tab.emulate_media(media="print")
    assert ground_of(frame) in (rgb(THEME.background), "rgba(0, 0, 0, 0)"), "on paper it is light"
    context.close()


@needs_browser
def test_a_page_is_told_by_the_docs_how_dark_they_are(browser, frames, tmp_path):
    """There the frame is as high as its page, so it is told by a message; others are not listened to."""
    script = (Path(__file__).parents[2] / "docs" / "_static" / "frames.js").read_text("utf-8")
    around = f'<!doctype html><body data-theme="auto">{frames["live"]._repr_html_()}<script>{script}</script>'
    (tmp_path / "around.html").write_text(around, encoding="utf-8")
    tab = browser.new_page(color_scheme="light", viewport={"width": 900, "height": 700})
    tab.goto((tmp_path / "around.html").as_uri())
    tab.wait_for_function("parseFloat(document.querySelector('iframe').style.height) > 0")
    frame = tab.frames[1]
    for theme, colours in (("dark", DARK), ("light", THEME), ("dark", DARK), ("auto", THEME)):
        tab.evaluate("theme => { document.body.dataset.theme = theme; }", theme)
        frame.wait_for_function(IS_GROUND, arg=rgb(colours.background))
    tab.emulate_media(color_scheme="dark")
    frame.wait_for_function(IS_GROUND, arg=rgb(DARK.background))
    frame.evaluate("postMessage({ dark: false }, '*')")
    frame.evaluate("new Promise(done => setTimeout(done, 100))")
    assert ground_of(frame) == rgb(DARK.background), "only the page around it is listened to"
    tab.close()


@needs_browser
@pytest.mark.parametrize(("width", "is_scrolled"), [(1280, False), (390, True)])
@pytest.mark.parametrize("make", [mg.live, mg.quiz])
def test_pictures_are_fitted_but_not_smaller_than_can_be_read(browser, tmp_path, make, width, is_scrolled):
    a, b, c = (mg.parameter(x, name) for x, name in ((5.0, "a"), (3.0, "b"), (2.0, "c")))
    J = (3 * (a + (b * c).named("u")).named("v")).named("J")
    tab = browser.new_page(viewport={"width": width, "height": 800})
    tab.goto(make(J, tmp_path / "page.html").as_uri())
    tab.evaluate("svg = document.querySelector('figure > svg'), place = svg.parentNode")
    letters = "[...svg.querySelectorAll('text')].map(text => parseFloat(getComputedStyle(text).fontSize) * scale)"
    smallest = min(tab.evaluate(f"scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width, {letters}"))
    here, held = tab.evaluate("[place.clientWidth, place.scrollWidth]")
    assert smallest >= 8.99 and (held > here) == is_scrolled
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tab.close()


@needs_browser
def test_texts_in_pictures_are_no_links(browser, shown):
    tab = browser.new_page()
    tab.set_content(f"<!doctype html><style>a {{ text-decoration: underline; color: blue }}</style><body>{shown}")
    links = tab.evaluate("[...document.querySelectorAll('svg a')].map(a => getComputedStyle(a).textDecorationLine)")
    tab.close()
    assert links and set(links) == {"none"}


@needs_browser
@pytest.mark.parametrize(("system", "colours"), [("light", THEME), ("dark", DARK)])
def test_a_page_that_somebody_puts_into_a_frame_follows_the_machine(browser, frames, tmp_path, system, colours):
    """A course's own site says nothing to it, and makes the frame as high as it likes."""
    for kind, page in frames.items():
        page.save(tmp_path / f"{kind}.html")
        tab = browser.new_page(color_scheme=system)
        (tmp_path / "around.html").write_text(f'<!doctype html><iframe src="{kind}.html" height="600">', encoding="utf-8")
        tab.goto((tmp_path / "around.html").as_uri())
        tab.frames[1].wait_for_load_state()
        assert ground_of(tab.frames[1]) == rgb(colours.background), kind
        tab.close()
