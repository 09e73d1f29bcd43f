"""A picture as pages have it is the same picture, point for point; and the steps have one numbering on all pages."""

import re
from xml.etree import ElementTree

import numpy as np
from figures import gallery

import minigraph as mg
from minigraph.drawing.rendering import to_svg
from minigraph.pages.page_svg import for_page

PAIR = re.compile(r"(-?[\d.]+),(-?[\d.]+)")


def corners(path):
    """Where a path passes and is pulled to: of curves told from the origin, or from where each begins."""
    start, points = re.fullmatch(r"M([-\d.,]+)[cC](.*)", path).groups()
    at = np.array([float(x) for x in start.split(",")])
    found = [at]
    for place, pair in enumerate(PAIR.findall(points)):
        point = np.array([float(x) for x in pair]) + (at if "c" in path else 0)
        found.append(point)
        if place % 3 == 2:
            at = point
    return np.array(found)


def test_curves_pass_where_graphviz_had_them():
    diagram = mg.draw(gallery.five_layers(), "backward")
    svg = to_svg(diagram.source, "five layers")
    paths = [[element.get("d") for element in ElementTree.fromstring(text).iter() if element.get("d")]
             for text in (svg, for_page(svg, tooltips=True))]  # fmt: skip
    assert len(paths[0]) == len(paths[1]) > 20 and all("c" in path for path in paths[1])
    for plain, short in zip(*paths, strict=True):
        np.testing.assert_allclose(corners(short), corners(plain), atol=0.02)


def test_a_page_says_once_what_all_texts_have():
    svg = to_svg(mg.draw(gallery.two_paths(), "backward").source, "two paths")
    short = for_page(svg, tooltips=True)
    assert "xlink:title" in short and "xlink:title=" not in for_page(svg, tooltips=False)
    assert "style=" not in short and "font-family" not in short and 'text-anchor="start"' not in short
    texts = [
        [element.text for element in ElementTree.fromstring(text).iter() if element.tag.endswith("text")]
        for text in (svg, short)
    ]
    assert texts[0] == texts[1] and len(short) < 0.8 * len(svg)


def numbers_in(svg):
    """``#k`` and the name of the step behind it, of each box."""
    told = re.findall(r">#(\d+)</text>\s*(?:<text [^>]*> *</text>\s*)?<text [^>]*>([^<]*?)(?: = [^<]*)?</text>", svg)
    return {name: int(number) for number, name in told if "order of the pass" not in name}


def test_every_page_of_a_graph_has_the_same_numbers():
    J = gallery.two_paths()
    step, live, quiz = mg.step_through(J).text, mg.live(J).text, mg.quiz(J, fold=True).text
    found = [
        numbers_in(re.search(r"<svg .*?</svg>", text.replace('<svg id="curve"', ""), re.DOTALL)[0])
        for text in (step, live, quiz)
    ]
    assert found[0] == found[1] == found[2] and len(found[0]) > 1
    said = re.findall(r'<li><button type="button">(.*?)</button>', step)
    forward = re.search(r'<ol id="lines">(.*?)</ol>', live, re.DOTALL)[1]
    assert forward.startswith("\n<li>Given: ") and forward.count('<li class="told">') == len(found[0])
    assert all(said[number - 1].startswith(f"{name} = ") for name, number in found[0].items())
