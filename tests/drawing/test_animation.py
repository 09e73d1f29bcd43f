"""SVG that moves: what comes when, that nothing is told before it is known, and that it stands still for who asks so."""

import re
import xml.etree.ElementTree as ET

import pytest
from browsers import needs_browser, opened
from figures import SVG, gallery, read_svg

import minigraph as mg
from minigraph.drawing.animation import frames

FIGURES = [
    (gallery.two_paths, "both", {}),
    (gallery.chain, "forward", {}),
    (gallery.five_layers, "backward", {"theme": "paper"}),
    (gallery.recurrent_unit, "backward", {"theme": "dark"}),
    (gallery.forty_layers, "backward", {"level": "groups"}),
    (gallery.two_paths, "both", {"style": "circuit"}),
    (gallery.logistic_unit, "both", {"blank": True}),
    (gallery.logistic_unit, "backward", {"theme": mg.Theme(gradient="#aa0000", value="#aa0000")}),
]


def test_the_frames_are_the_pass():
    view = mg.draw(gallery.two_paths(), "both").view
    assert list(frames(view)) == [
        ["n0", "n1"],
        ["n2", "e0_2_0", "e1_2_1"],
        ["n3", "e1_3_0"],
        ["n4", "e2_4_0", "e3_4_1"],
        ["n4 back"],
        ["e2_4_0 back", "n2 back"],
        ["e3_4_1 back", "n3 back"],
        ["e1_3_0 back"],
        ["e0_2_0 back", "n0 back"],
        ["e1_2_1 back", "n1 back"],
    ]


@pytest.mark.parametrize(("figure", "direction", "options"), FIGURES)
def test_it_says_what_the_picture_says_and_each_part_comes_in_its_frame(figure, direction, options, tmp_path):
    diagram = mg.draw(figure(), direction, **options)
    text = diagram.save(tmp_path / "x.svg", seconds=1.5).read_text("utf-8")
    still = read_svg(diagram.svg)
    moving = read_svg(text.partition("?>\n")[2])
    assert (moving.boxes, moving.edges, moving.texts) == (still.boxes, still.edges, still.texts)
    colours = [sorted(re.findall('(?:fill|stroke)="([^"]*)"', svg)) for svg in (text, diagram.svg)]
    assert colours[0] == colours[1] and "<script" not in text
    count = len(list(frames(diagram.view)))
    assert f" {1.5 * (count + 2):g}s linear infinite" in text
    ends = [float(end) for end in re.findall(r"([\d.]+)%,100%\{opacity:1\}", text)]
    assert len(ends) == 2 * (count - 1) and ends == sorted(ends) and ends[-1] < 100
    named = set(re.findall(r"@keyframes (\S+?)\{", text))
    used = {name for names in re.findall('class="([^"]*)"', text) for name in names.split() if re.search(r"-[sb]\d", name)}
    assert used <= named | {f"{diagram._prefix}s0", f"{diagram._prefix}b0"}


def test_no_gradient_is_seen_before_all_of_it_has_arrived(tmp_path):
    diagram = mg.draw(gallery.recurrent_unit(), "backward")
    root = ET.fromstring(diagram.save(tmp_path / "x.svg", seconds=1).read_text("utf-8").partition("?>\n")[2])
    at = {group.get("id", "").rpartition("-")[2]: group for group in root.iter(f"{SVG}g")}

    def frame(group):
        found = {int(name) for part in group.iter() for name in re.findall(r"-b(\d+)$", part.get("class", ""))}
        assert len(found) == 1
        return found.pop()

    for box in diagram.view.boxes[:-1]:
        inside = [frame(at[edge.id]) for edge in diagram.view.edges if edge.tail == box.id and edge.returns]
        tags = [other.id for other in diagram.view.boxes if other.stands_for == box.id]
        inside += [frame(at[edge.id]) for edge in diagram.view.edges if edge.tail in tags and edge.returns]
        if inside and not box.stands_for:
            assert frame(at[box.id]) == max(inside)


def test_a_leaf_alone_stands_still(tmp_path):
    assert "@keyframes" not in mg.draw(mg.parameter(2.0, "w")).save(tmp_path / "w.svg", seconds=2).read_text("utf-8")


def test_a_slide_moves_too(tmp_path):
    text = mg.draw(gallery.sixty_steps(), "backward").save(tmp_path / "x.svg", seconds=2, aspect=16 / 9).read_text("utf-8")
    assert "@keyframes" in text and "#a1b2c4" not in text


@pytest.mark.parametrize(
    ("ending", "seconds", "arrays", "says"),
    [
        ("png", 1, "text", r"seconds= makes a picture that moves, which \.svg can be and \.png can't"),
        ("svg", 0, "text", "a positive number, not 0"),
        ("svg", 1, "heatmap", 'goes with arrays="text"'),
    ],
)
def test_what_makes_no_sense_is_refused(ending, seconds, arrays, says, tmp_path):
    diagram = mg.draw(gallery.logistic_regression(), "both", arrays=arrays)
    with pytest.raises(ValueError, match=says):
        diagram.save(tmp_path / f"x.{ending}", seconds=seconds)
    assert not list(tmp_path.iterdir())


@needs_browser
def test_it_moves_in_a_browser_as_an_image_and_stands_still_on_demand(tmp_path):
    mg.draw(gallery.two_paths(), "both").save(tmp_path / "x.svg", seconds=60)
    opacities = (
        "[...document.querySelectorAll('g.mg-node')].map(box => [box.id.slice(-2), getComputedStyle(box).opacity]).sort()"
    )
    with opened() as browser:
        page = browser.new_page(reduced_motion="no-preference")
        page.goto((tmp_path / "x.svg").as_uri())
        assert dict(page.evaluate(opacities)) == {"n0": "1", "n1": "1", "n2": "0.12", "n3": "0.12", "n4": "0.12"}
        still = browser.new_page(reduced_motion="reduce")
        still.goto((tmp_path / "x.svg").as_uri())
        assert {opacity for _, opacity in still.evaluate(opacities)} == {"1"}


def test_what_others_write_with_the_standard_library_keeps_its_prefixes(tmp_path):
    before = dict(ET._namespace_map)
    path = mg.draw(gallery.two_paths(), "both").save(tmp_path / "x.svg", seconds=1)
    assert ET._namespace_map == before
    written = path.read_text("utf-8")
    assert 'xmlns="http://www.w3.org/2000/svg"' in written and "ns0:" not in written
    assert {name for name in re.findall(r" ([\w-]+):\w+=", written)} == {"xmlns", "xlink"}
