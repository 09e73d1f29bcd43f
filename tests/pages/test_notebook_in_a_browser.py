"""Pictures in notebooks are light or dark as the page around them says, seen in a real browser."""

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


@needs_browser
def test_texts_in_pictures_are_no_links(browser, shown):
    tab = browser.new_page()
    tab.set_content(f"<!doctype html><style>a {{ text-decoration: underline; color: blue }}</style><body>{shown}")
    links = tab.evaluate("[...document.querySelectorAll('svg a')].map(a => getComputedStyle(a).textDecorationLine)")
    tab.close()
    assert links and set(links) == {"none"}
