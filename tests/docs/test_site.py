"""The pages of the docs need no network; lessons open with what can be moved, and say whose pictures they are."""

import importlib.util
import re
from pathlib import Path

import pytest
from browsers import needs_browser, opened

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted(page for page in DOCS.glob("**/*.md") if "_build" not in page.parts)
LESSONS = sorted((DOCS / "lessons").glob("[0-9]*.md"))
WITHOUT_A_SMALL_GRAPH = {
    "16-mini-batches": "a graph for each batch: what counts is the order of the steps",
    "22-heads-and-layers": "three layers of matrices; the same with one unit in each layer opens lesson 11",
    "27-course-functions": "its subject is functions, not their graph",
    "28-images": "64 weights",
    "29-how-good": "there is no graph in it",
    "35-hundred-lines": "its subject is the code",
}


def name(page):
    return page.relative_to(DOCS).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_loads_nothing_from_elsewhere(page):
    text = page.read_text("utf-8")
    assert "$$" not in text and "{math}" not in text, "formulas of LaTeX make a page load MathJax from the network"
    assert not re.search(r"!\[[^\]]*\]\(https?:|<(script|img|link|iframe)[^>]*https?:", text), (
        "it would be loaded from there"
    )


@pytest.mark.parametrize("file", sorted((DOCS / "_static").iterdir()), ids=lambda file: file.name)
def test_styles_and_scripts_load_nothing_from_elsewhere(file):
    assert not re.search(r"https?:|//[a-z]+\.[a-z]+/", file.read_text("utf-8"))


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.stem)
def test_a_lesson_opens_with_a_live_page_if_its_graph_is_small(lesson):
    first = lesson.read_text("utf-8").split("\n## ")[1]
    opens = first.startswith("Move it\n") and re.search(r":tags: \[hide-input\]\n.*\.live\(", first, re.DOTALL)
    small = lesson.stem not in WITHOUT_A_SMALL_GRAPH
    assert bool(opens) is small, "open it with `mg.live` under 'Move it', or say in WITHOUT_A_SMALL_GRAPH why not"


def texts_of_plots(text):
    """For each cell that draws a plot, and for each text of one, that text."""
    cells = re.findall(r"^```\{code-cell\}.*?^```", text, re.MULTILINE | re.DOTALL)
    drawn = [cell for cell in cells if re.search(r"\bplt\.(?!savefig)|\bplots\.\w+\(|\.plot\(", cell)]
    return ["".join(re.findall(r'^    alt: "(.*)"$', cell, re.MULTILINE)) for cell in drawn]


def test_each_plot_of_the_lessons_has_a_text_of_its_own():
    texts = [(told, lesson.stem) for lesson in LESSONS for told in texts_of_plots(lesson.read_text("utf-8"))]
    short = [lesson for told, lesson in texts if len(told) < 40]
    assert not short, f'what is to be seen in a plot goes into its cell: mystnb: image: alt: "…"; missing in {short}'
    assert len({told for told, _ in texts}) == len(texts) >= 40


def test_who_may_take_the_pictures_of_a_lesson_and_how_each_kind_is_made_is_said_below_them():
    pytest.importorskip("docutils", reason="the docs are built with Sphinx: extra `docs`")
    pytest.importorskip("sphinx", reason="the docs are built with Sphinx: extra `docs`")
    spec = importlib.util.spec_from_file_location("pictures", DOCS / "pictures.py")
    pictures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pictures)
    without = set()
    for lesson in LESSONS:
        text = lesson.read_text("utf-8")
        source = [text]
        pictures.say_licence(None, f"lessons/{lesson.stem}", source)
        said = source[0].removeprefix(text)
        assert ("plt.savefig" in said) is bool(texts_of_plots(text)), lesson.stem
        assert ('theme="paper"' in said) is ("draw(" in text), lesson.stem
        assert ('mg.live(J, "page.html")' in said) is ("## Move it" in text), lesson.stem
        if said:
            assert "BSD-3-Clause" in said and "make it yours" in said
        else:
            without.add(lesson.stem)
    assert without == {"29-how-good", "35-hundred-lines"}, "there is no picture in these"


@needs_browser
def test_on_a_phone_rows_of_a_table_scroll_and_sentences_are_wrapped():
    table, sentence = "layer   size   dead\nA1      0.25   0 of 4", "! dead in A1: " + "a long sentence, " * 9
    with opened() as browser:
        page = browser.new_page(viewport={"width": 390, "height": 800})
        page.set_content(f'<div class="cell_output"><pre>{table}\n{sentence}</pre><pre>{sentence}</pre></div>')
        page.add_style_tag(path=DOCS / "_static" / "minigraph.css")
        page.add_script_tag(path=DOCS / "_static" / "outputs.js")
        page.evaluate("dispatchEvent(new Event('DOMContentLoaded'))")
        assert page.eval_on_selector_all("pre", "all => all.map((pre) => pre.textContent)") == [
            f"{table}\n{sentence}",
            sentence,
        ]
        assert page.eval_on_selector_all(".mg-table span", "all => all.map((span) => span.textContent)") == [sentence]
        assert page.evaluate("document.querySelector('.mg-table span').offsetHeight > 40"), "it is wrapped"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
