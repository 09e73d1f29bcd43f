"""Pages of text, links and pictures: what is in them, what is escaped, and how they look on a phone and on paper."""

import re

import pytest
from browsers import needs_browser, opened

import minigraph as mg
from minigraph.pages.handout_page import figure, handout_page, links, section, table


@pytest.fixture
def page():
    J = (3 * mg.parameter(2.0, "w")).named("J")
    parts = [
        links([('quiz.html"', "Quiz & more", "For <b>phones</b>.")]),
        table(("minutes", "a < b"), [["0–10", "<em>look</em>"]], "texts"),
        section("Sheet 1", [figure(mg.draw(J, "backward").svg)], "sheet"),
        section("Sheet 2", ["<p>two</p>"], "sheet"),
    ]
    return handout_page("Week <1>", parts)


def test_what_is_given_as_text_is_escaped_and_what_is_html_is_not(page):
    assert "<title>Week &lt;1&gt;</title>" in page and "<h1>Week &lt;1&gt;</h1>" in page
    assert '<a href="quiz.html&quot;">Quiz &amp; more</a><br>For <b>phones</b>.' in page
    assert "<th>a &lt; b</th>" in page and "<td><em>look</em></td>" in page and '<table class="texts">' in page


def test_a_page_loads_nothing_and_has_no_style_that_its_policy_forbids(page):
    body = page.partition("<body>")[2].partition("<script")[0]
    assert " style=" not in body and "onclick" not in body and "src=" not in body
    assert not re.findall(r'https?://(?!www\.w3\.org/)[^"\s<]+', page)


@needs_browser
def test_it_fits_a_phone_and_each_sheet_is_a_page_on_paper(page, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    with opened() as browser:
        phone = browser.new_page(viewport={"width": 390, "height": 800})
        phone.goto(file.as_uri())
        assert phone.evaluate("document.documentElement.scrollWidth") == 390
        pdf = phone.pdf(prefer_css_page_size=True)
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    assert pages == 2
