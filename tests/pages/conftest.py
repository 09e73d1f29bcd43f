"""The pages that tests read, and a browser that opens them at several sizes."""

import pytest
from browsers import SIZES, opened
from figures import gallery

import minigraph as mg
from minigraph.pages.step_pictures import MOST_OPENED


@pytest.fixture
def page(tmp_path):
    return mg.step_through(gallery.two_paths(), tmp_path / "pass.html")


@pytest.fixture(scope="module")
def browser():
    with opened() as browser:
        yield browser


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    return {
        "two_paths": mg.step_through(gallery.two_paths(), folder / "paths.html"),
        "net": mg.step_through(gallery.one_hidden_layer(), folder / "net.html"),
        "many_groups": mg.step_through(many_groups(), folder / "many_groups.html"),
        "sums": mg.step_through(long_sums(), folder / "sums.html"),
    }


def many_groups():
    """More groups than there are pictures of one opened, taller than a window."""
    x = mg.parameter(0.5, "x")
    for number in range(1, MOST_OPENED + 3):
        with mg.group(f"Part {number}"):
            x = mg.tanh(x * mg.parameter(1.0, f"w{number}")).named(f"x{number}")
    return x


def long_sums():
    """Contributions whose sums are wider than a box: of numbers, of arrays, under a name that can't be broken."""
    x, h = mg.parameter(1.2345, "x"), mg.parameter(0.9876, "a_name_without_any_place_to_break")
    v = mg.parameter([0.123, 0.456], "v")
    squares = (x * h + x * mg.sin(x) + x * mg.exp(h) * h + x**3).named("s")
    six = (h * 0.11 + h * 0.22 + h * 0.33 + h * 0.44 + h * 0.55 + h * 0.66).named("t")
    return (squares + six + mg.sum(v * v) + mg.sum(v)).named("J")


@pytest.fixture
def open_page(browser, paths):
    """Opens a page; it must not complain."""
    contexts, complaints = [], []

    def opened_at(name, size="desktop", **options):
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", has_touch=size == "phone", **options
        )
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.goto(paths[name].as_uri())
        contexts.append(context)
        return tab

    yield opened_at
    assert not complaints
    for context in contexts:
        context.close()
