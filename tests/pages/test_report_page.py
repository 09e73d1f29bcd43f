"""Reports: one file with headings, tables, charts and pictures, in which names come out as themselves."""

import html
import math
import re
import xml.etree.ElementTree as ElementTree

import pytest
from browsers import needs_browser, opened

import minigraph as mg
from minigraph.drawing.rendering import RenderingError
from minigraph.pages.report_charts import BELOW, HEIGHT, LEFT, RIGHT, WIDTH, Scatter, line_chart, scatter_chart
from minigraph.pages.report_page import Counts, Marked, Section, report_page
from minigraph.reading.report_parts import Curve, Formula, Picture, Table

NASTY = "</script><b onclick=x> & \"quotes\" 'é' \x1b[2J"


def svg_of(text):
    return ElementTree.fromstring(text[text.index("<svg") :])


def places(line):
    return [tuple(map(float, point.split(","))) for point in line.get("points").split()]


def texts(svg):
    return [element.text for element in svg.iter() if element.tag == "text"]


def test_a_line_goes_from_its_first_to_its_last_number():
    chart = line_chart(Curve("cost", {"training": [4.0, 2.0, 1.0], NASTY: [3.0, math.nan, math.inf]}), mark=2)
    svg = svg_of(chart)
    first, second = (element for element in svg.iter() if element.tag == "polyline")
    (x1, y1), (x2, y2), (x3, y3) = places(first)
    assert LEFT < x1 < x2 < x3 < WIDTH - RIGHT and 0 < y1 < y2 < y3 < HEIGHT - BELOW
    assert (y1 - y2) == pytest.approx(2 * (y2 - y3), abs=0.2) and x2 - x1 == pytest.approx(x3 - x2, abs=0.2)
    assert len(places(second)) == 1 and places(second)[0][0] == x1
    [mark] = [element for element in svg.iter() if element.get("class") == "mark"]
    assert float(mark.get("x1")) == x2
    assert {"1", "2", "3", "4", "epoch", "cost"} <= set(texts(svg))
    said = svg.get("aria-label")
    assert said.startswith("cost: training from 4 to 1, ") and said.endswith("marks epoch 2, which was kept")
    assert html.escape("</script><b onclick=x>") in chart and "<b" not in chart


def test_costs_far_apart_have_a_logarithmic_axis():
    svg = svg_of(line_chart(Curve("cost", {"training": [100.0, 1.0, 0.01]})))
    (_, y1), (_, y2), (_, y3) = places(next(element for element in svg.iter() if element.tag == "polyline"))
    assert y2 - y1 == pytest.approx(y3 - y2, abs=0.2) and {"0.01", "1", "100"} <= set(texts(svg))
    assert "logarithmic axis" in svg.get("aria-label")
    assert {"0.02", "0.05", "0.1"} <= set(texts(svg_of(line_chart(Curve("cost", {"t": [0.2, 0.009]})))))


@pytest.mark.parametrize(
    "line",
    [
        [1.0],
        [0.0, 0.0],
        [1e300, 1e308],
        [-1e299, 1e299],
        [5e-324, 1e299],
        [math.nan, math.nan],
        [1e-320, 2e-320],
        [-0.0, -5.0],
    ],
)
def test_odd_numbers_are_drawn_within_the_chart(line):
    svg = svg_of(line_chart(Curve("cost", {"training": line})))
    for x, y in places(next(element for element in svg.iter() if element.tag == "polyline")):
        assert 0 <= x <= WIDTH and 0 <= y <= HEIGHT
    points = [(number, -number) for number in line]
    for circle in svg_of(scatter_chart(Scatter("residuals", "x", "y", points))).iter():
        if circle.tag == "circle":
            assert 0 <= float(circle.get("cx")) <= WIDTH and 0 <= float(circle.get("cy")) <= HEIGHT


def test_very_many_numbers_make_a_small_chart():
    assert len(line_chart(Curve("cost", {"training": [1 + 1 / n for n in range(1, 100_001)]}))) < 12_000
    chart = scatter_chart(Scatter("residuals", "x", "y", [(n, n % 7) for n in range(5_000)]))
    assert chart.count("<circle") == 400 and "5,000 points, of which 400 are shown" in chart


def sections():
    def unreadable():
        raise ValueError("the graph has 900 boxes.")

    w = mg.parameter(2.0, "w")
    J = (w * w).named("J")
    return [
        Section("Empty", []),
        Section(
            NASTY,
            [
                "two\nlines",
                Formula("J = w²"),
                Table((("a", NASTY), ("1", "2"), ("and more",))),
                Table((("x",),), has_head=False),
            ],
        ),
        Section("Long", [Table((("n", "n²"), *((str(n), str(n * n)) for n in range(100))), is_counted=True)]),
        Section(
            "Charts",
            [
                Counts("counts", "truth ↓", ["no", NASTY], [[9, 1], [0, 0]]),
                Marked(Curve("cost", {"training": [2.0, 1.0]}), 1),
                Curve("cost", {"training": [2.0, 1.0]}),
                Scatter("residuals", "x", "y", [(1.0, 2.0)]),
            ],
        ),
        Section("Pictures", [Picture(lambda: mg.draw(J, "both")), Picture(unreadable)]),
    ]


def test_the_page_holds_every_part_and_nothing_foreign(monkeypatch):
    page = report_page(NASTY, sections())
    assert re.findall(r"<h2>([^<]*)</h2>", page)[1:] == ["Long", "Charts", "Pictures"] and "Empty" not in page
    assert "style=" not in page and "onclick=x>" not in page
    assert "://" not in re.sub(r'xmlns(:xlink)?="[^"]*"', "", page)
    assert "<p>two</p><p>lines</p><p>J = w²</p>" in page and '<td colspan="2">… 61 more rows …</td>' in page
    assert "<td class=shade4>9</td>" in page or "<td class=shade5>9</td>" in page
    assert page.count("<td class=shade0>0</td>") == 2
    assert '<th scope=row colspan="2">and more</th>' in page and "<td>x</td>" in page
    assert "<p>No picture: the graph has 900 boxes.</p>" in page and "J = w²" in page

    def missing(*_):
        raise RenderingError("no Graphviz here")

    monkeypatch.setattr("minigraph.drawing.diagram.to_svg", missing)
    assert "<p>No picture: no Graphviz here.</p>" in report_page("x", sections())


@needs_browser
@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 700}}])
def test_the_page_fits_its_window_and_its_policy(tmp_path, look):
    path = tmp_path / "report.html"
    path.write_text(report_page("a report", sections()), encoding="utf-8")
    complaints = []
    with opened() as browser:
        tab = browser.new_page(**look)
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("console", lambda message: complaints.append(message.text))
        tab.goto(path.as_uri())
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert tab.evaluate("[...document.querySelectorAll('svg')].every(svg => svg.getAttribute('aria-label'))")
        shade, ground = tab.evaluate(
            "['td.shade5, td.shade4', 'body'].map(s => getComputedStyle(document.querySelector(s)).backgroundColor)"
        )
        assert shade != ground
        tab.click("text=Pictures")
        assert tab.evaluate("location.hash") == "#part4"
    assert not complaints
