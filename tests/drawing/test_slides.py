"""Pictures for slides and paper: rows in order, letters that can be read, no more than the page; and pictures in words."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import numpy as np
import pytest
from figures import SVG, gallery, read_svg, size_of

import minigraph as mg
from minigraph.drawing import slides
from minigraph.drawing.alt_text import MOST_TOLD
from minigraph.drawing.dot import to_dot
from minigraph.drawing.rendering import render, to_svg
from minigraph.drawing.slides import fitted, wrapped
from minigraph.drawing.theme import THEME
from minigraph.drawing.view import Look


def chain(count):
    h = mg.parameter(0.5, "x")
    for k in range(1, count + 1):
        h = mg.tanh(h).named(f"h{k}")
    return h


def places(svg):
    """The height at which each box stands, and where from the left, by its id."""
    found = {}
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        if "mg-node" in group.get("class", ""):
            text = next(group.iter(f"{SVG}text"))
            found[group.get("id").rpartition("-")[2]] = (float(text.get("y")), float(text.get("x")))
    return found


def test_what_has_too_many_arrows_is_folded_before_it_is_laid_out_for_a_slide(monkeypatch, tmp_path):
    nodes = [mg.parameter(0.1 * place, f"p{place}") for place in range(8)]
    while len(nodes) < 30:
        nodes.append(mg.tanh(sum(nodes[1:], start=nodes[0])).named(f"v{len(nodes)}"))
    diagram = mg.draw(nodes[-1], "forward", max_boxes=500, repeats=True)
    assert len(diagram.view.edges) > 300
    drawn = []
    monkeypatch.setattr(slides, "render", lambda source, kind: drawn.append(source.count("mg-edge")) or render(source, kind))
    diagram.save(tmp_path / "slide.dot", aspect=16 / 9, width=2000)
    assert drawn and max(drawn) <= 160


@pytest.mark.parametrize("rows", [2, 3, 4])
def test_a_chain_in_rows_says_all_that_it_said(rows):
    view = mg.draw(chain(12), "backward").view
    wrap = wrapped(view, rows)
    tags = [box for box in wrap.boxes if box.look is Look.ELSEWHERE]
    assert len(tags) == rows - 1 == len(wrap.rows) - 1
    assert [box for box in wrap.boxes if box.look is not Look.ELSEWHERE] == list(view.boxes) and wrap.boxes[
        -1
    ] is view.boxes[-1]
    stands_for = {tag.id: tag.stands_for for tag in tags}
    assert [(stands_for.get(e.tail, e.tail), e.head, e.rows) for e in wrap.edges] == [
        (e.tail, e.head, e.rows) for e in view.edges
    ]
    assert all(
        view.by_id[tag.stands_for].rows[0].text.startswith(tag.rows[0].text.removeprefix("to ") + " = ") for tag in tags
    )
    forward = wrapped(mg.draw(chain(12)).view, rows)
    assert forward.boxes[0].full == tags[0].full.replace("to ", "from ") and ">elsewhere<" not in to_dot(wrap)


def test_rows_stand_below_one_another_and_begin_at_one_side():
    view = wrapped(mg.draw(chain(12), "backward").view, 3)
    at = places(to_svg(to_dot(view, "LR"), ""))
    heights, sides = zip(*(at[row[0]] for row in view.rows), strict=True)
    assert list(heights) == sorted(heights) and heights[0] + 20 < heights[1] < heights[2] - 20
    assert max(sides) - min(sides) < 60
    rows = {tag.id: tag for tag in view.boxes if tag.look is Look.ELSEWHERE}
    for edge in view.edges:
        assert edge.tail in rows or abs(at[edge.tail][0] - at[edge.head][0]) < 30, "a chain stays in its row"


def test_frames_are_not_torn():
    view = wrapped(mg.draw(gallery.five_layers()).view, 3)
    assert len(view.rows) == 3
    row = {}
    for edge in view.edges:  # what an edge joins is in one row
        for box in (edge.tail, edge.head):
            row.setdefault(box, row.get(edge.tail, row.get(edge.head, edge.head)))
    framed = {frame.id: [box.id for box in view.boxes if box.frame == frame.id] for frame in view.frames}
    inside = {box: frame for frame, boxes in framed.items() for box in boxes}
    tags = {box.id: box.stands_for for box in view.boxes if box.look is Look.ELSEWHERE}
    torn = [edge for edge in view.edges if edge.tail in tags and inside.get(tags[edge.tail]) == inside.get(edge.head, "")]
    assert torn == []


def test_nested_frames_and_shared_parameters_in_rows():
    h = x = mg.parameter(0.5, "x")
    for k in range(6):
        with mg.group(f"Block {k}"), mg.group("inner"):
            h = mg.tanh(h * x).named(f"h{k}")
    view = wrapped(mg.draw(h, "backward").view, 2)
    assert ("tag", "a use of a parameter that stands elsewhere") in view.symbols
    assert len({sign for sign, _ in view.symbols}) == len(view.symbols) and to_svg(to_dot(view, "LR"), "")


def test_a_value_has_one_tag_a_row_however_many_read_it_there():
    early = chain(2)
    h = early
    for k in range(3, 9):
        h = (h * early).named(f"k{k}")
    view = wrapped(mg.draw(h, "backward", repeats=True).view, 2)
    tags = [box.rows[0].text for box in view.boxes if box.look is Look.ELSEWHERE]
    assert sorted(tags) == ["to h₂", "to k₄"] and sum(edge.tail in {"n9", "n10"} for edge in view.edges) == 5


@pytest.mark.parametrize(
    ("J", "direction", "aspect"),
    [
        (gallery.chain(), "backward", 16 / 9),
        (chain(14), "backward", 16 / 9),
        (gallery.logistic_unit(), "both", 4 / 3),
        (gallery.five_layers(), "backward", 16 / 9),
        (gallery.recurrent_unit(), "backward", 1.0),
    ],
    ids=["chain", "steps", "unit", "layers", "recurrent"],
)
def test_a_slide_is_filled_and_its_letters_can_be_read(tmp_path, J, direction, aspect):
    svg = mg.draw(J, direction).save(tmp_path / "slide.svg", aspect=aspect).read_text("utf-8")
    width, height = size_of(svg)
    assert width <= 962 and height <= 960 / aspect + 2 and (width > 940 or height > 960 / aspect - 20)
    (scale,) = set(map(float, re.findall(r'<g id="[^"]*" class="graph" transform="scale\(([\d.]+)', svg)))
    sizes = [float(text.get("font-size")) for text in ET.fromstring(svg).iter(f"{SVG}text")]
    assert min(sizes) * scale >= 11.9


@pytest.mark.parametrize("width", [900, 1400])
def test_what_can_be_read_in_one_piece_is_not_torn_into_rows(width):
    view = mg.draw(chain(5)).view
    shown, source, letters, _ = fitted(view, None, None, THEME, width, 400)
    assert letters >= 12 and shown is view and "rank=same" not in source
    rows, _, letters, _ = fitted(mg.draw(chain(8), "backward").view, None, "LR", THEME, 1500, 400)
    assert letters >= 12 and len(rows.rows) == 2, "here it has to be"


def test_steps_stand_closer_before_a_picture_is_torn():
    view = mg.draw(chain(4), "backward").view
    heights = {
        gap: size_of(to_svg(to_dot(view, "TB", replace(THEME, rank_gap=gap).with_letters_of(12)), ""))[1]
        for gap in (0.35, 0.2)
    }
    shown, source, letters, _ = fitted(view, None, "TB", THEME, 2000, heights[0.2] + 1)
    assert heights[0.2] + 10 < heights[0.35] and letters >= 12 and shown is view and "ranksep=.2" in source


def test_what_is_folded_to_be_read_says_so(tmp_path):
    diagram = mg.draw(chain(39), "backward")
    svg = diagram.save(tmp_path / "slide.svg", aspect=16 / 9).read_text("utf-8")
    title = ET.fromstring(svg).get("aria-label")
    assert (
        re.search(r"\(40 steps in \d+ boxes; a larger picture shows all\)", title)
        and title.split() == read_svg(svg).texts[0].split()
    )
    assert len(diagram.view.boxes) == 40, "the diagram itself stays as it was"
    assert len(read_svg(diagram.save(tmp_path / "other.svg").read_text("utf-8")).boxes) == 40


def test_what_can_not_be_read_warns(tmp_path):
    with pytest.warns(UserWarning, match=r"at 100 points the smallest letters have \d\.\d, and not 12"):
        mg.draw(gallery.logistic_unit(), "backward").save(tmp_path / "small.svg", aspect=1, width=100)
    with pytest.warns(UserWarning, match="smallest letters"):  # a circuit is not folded
        mg.draw(gallery.logistic_unit(), style="circuit", rankdir="TB").save(tmp_path / "wires.svg", aspect=3, width=90)


@pytest.mark.parametrize(("ending", "begin"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("dot", b"digraph")])
def test_every_ending_takes_a_page(tmp_path, ending, begin):
    path = mg.draw(chain(3), "backward").save(tmp_path / f"page.{ending}", aspect=4 / 3)
    assert path.read_bytes().startswith(begin)
    if ending == "dot":
        assert 'size="' in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("options", "error"),
    [({"aspect": 0}, ValueError), ({"aspect": -1.5}, ValueError), ({"aspect": 1, "width": 0}, ValueError),
     ({"aspect": "16/9"}, TypeError), ({"aspect": np.nan}, TypeError)],
)  # fmt: skip
def test_a_page_without_a_size_is_refused(tmp_path, options, error):
    with pytest.raises(error, match="save"):
        mg.draw(chain(2)).save(tmp_path / "page.svg", **options)
    assert list(tmp_path.iterdir()) == []


# In words


def test_a_picture_is_told_in_words():
    told = mg.draw(gallery.chain(), "backward").description
    assert told.startswith("Backward pass   J = 3(a + b·c). 3 parameters, 2 operations, 1 output. Parameter a: ∂J/∂a = 3. ")
    assert "From u back to b: ∂u/∂b = c = 2, 3 × 2 = 6." in told
    forward = mg.draw(gallery.five_layers(), level="groups").description
    assert "2 data, " in forward and "From Layer 1 to Layer 2: A₁ 5×6." in forward
    large = mg.draw(gallery.thousand_nodes(), max_boxes=1000).description
    assert "more boxes and edges." in large and large.count(". ") < MOST_TOLD + 5


def test_an_svg_holds_its_words_for_screen_readers():
    svg = ET.fromstring(mg.draw((mg.parameter(1.0, "</desc><b>&") * 2).named("J")).svg)
    (told,) = svg.iter(f"{SVG}desc")
    assert svg.get("aria-describedby") == told.get("id") and "Parameter </desc><b>&: = 1." in told.text
    other = ET.fromstring(mg.draw(gallery.chain()).svg)
    assert other.get("aria-describedby") != svg.get("aria-describedby"), "several stand on one page"


def test_a_fold_that_is_read_by_a_box_before_it_is_wrapped_too():
    w, m = mg.parameter(0.5, "w"), mg.parameter(0.3, "x")
    before = mg.tanh(w).named("before")
    asked = mg.square(before).named("asked")
    after = mg.tanh(before).named("after")
    for k in range(4):
        m = mg.sin(m).named(f"m{k}")
    view = mg.draw((m + after * asked).named("J"), "backward", wrt=asked, max_boxes=5).view
    places = {box.id: place for place, box in enumerate(view.boxes)}
    assert any(places[edge.tail] > places[edge.head] for edge in view.edges), "before and after are not in one box"
    assert set(view.boxes) <= set(wrapped(view, 2).boxes)
