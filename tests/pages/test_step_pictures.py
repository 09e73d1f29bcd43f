"""The pictures of the step-through page: groups closed and opened, one numbering, and the paths to each box."""

import json
import re

import pytest
from figures import gallery

import minigraph as mg
from minigraph.drawing.diagram import make_scene
from minigraph.drawing.view import Direction, Kind, Look
from minigraph.pages.step_pictures import MOST_OPENED, MOST_TOLD, paths, pictures
from minigraph.reading.steps import steps_of


def scene_of(J):
    return make_scene(J, steps_of(J), Direction.PAGE, "step_through", title=None)


def data_of(J):
    return json.loads(re.search(r'id="data">(.*?)</script>', mg.step_through(J).text, re.DOTALL).group(1))


def test_groups_are_closed_or_one_is_opened():
    drawn = pictures(scene_of(gallery.one_hidden_layer()))
    assert [picture.title for picture in drawn] == ["All steps", "Groups", "Layer 1 opened", "Layer 2 opened"]
    groups = [[box.id for box in picture.view.boxes if box.look is Look.GROUP] for picture in drawn]
    assert [len(found) for found in groups] == [0, 2, 1, 1]
    assert sorted(drawn[1].opens) == sorted(groups[1]) and sorted(drawn[1].opens.values()) == [2, 3]
    assert [picture.closes for picture in drawn] == [None, None, 1, 1]
    assert [*drawn[2].opens.values()] == [3] and [*drawn[3].opens.values()] == [2]


def test_each_step_and_each_edge_between_boxes_has_its_place():
    scene = scene_of(gallery.five_layers())
    drawn = pictures(scene)
    edges = {edge.id: edge for edge in drawn[0].view.edges}
    for picture in drawn:
        assert picture.home.keys() == set(scene.ids.values())
        assert set(picture.home.values()) == picture.view.by_id.keys()
        told = {name for along in picture.along.values() for name in along}
        crossing = {name for name, edge in edges.items() if picture.home[edge.tail] != picture.home[edge.head]}
        assert told == crossing


def test_a_box_has_the_number_of_its_step():
    J = gallery.one_hidden_layer()
    data = data_of(J)
    scene = scene_of(J)
    numbers = {stage["boxes"][0]: place for place, stage in enumerate(data["stages"], 1) if stage["phase"] == "forward"}
    operations = {scene.ids[step.node] for step in scene.steps if step.node.op is not None}
    svg = re.search(r'id="view0" hidden>(.*?)</svg>', mg.step_through(J).text, re.DOTALL).group(1)
    closed = pictures(scene)[1].view
    assert [row.text for box in closed.boxes for row in box.rows if row.kind is Kind.NUMBER] == ["#2 … #3", "#4 … #5"]
    assert [box.number for box in closed.boxes if box.number] == [6]
    for box in operations:
        group = svg[svg.index(f'<g id="{box}"') :]
        assert f">#{numbers[box]}" in group[: group.index("</g>\n</g>") if "</g>\n</g>" in group else None]


def test_one_group_or_none_or_very_many():
    x = mg.parameter(1.0, "x")
    assert len(pictures(scene_of((x * 2).named("J")))) == 1
    for number in range(MOST_OPENED + 1):
        with mg.group(f"Part {number}"):
            x = mg.tanh(x).named(f"x{number}")
    assert [picture.title for picture in pictures(scene_of(x))] == ["All steps", "Groups"]


@pytest.mark.parametrize("build", [gallery.two_paths, gallery.logistic_unit, gallery.one_hidden_layer])
def test_paths_are_titled_as_draw_does(build):
    J = build()
    scene = scene_of(J)
    titles = paths(scene, pictures(scene)[0].view).titles
    nodes = {scene.ids[step.node]: step.node for step in scene.steps}
    for box, title in titles.items():
        assert title == mg.draw(J, "backward", wrt=nodes[box]).view.title


def test_paths_to_data_and_where_nothing_flows():
    x, w = mg.data(2.0, "x"), mg.parameter(3.0, "w")
    J = (w * x + mg.sign(w)).named("J")
    scene = scene_of(J)
    found = paths(scene, pictures(scene)[0].view)
    assert found.titles[scene.ids[x]] == "∂J/∂x = 3"
    s = mg.sign(x).named("s")
    scene = scene_of((w * s).named("J"))
    found = paths(scene, pictures(scene)[0].view)
    assert found.titles[scene.ids[x]] == "Nothing flows back from J to x."
    assert {edge.partition("_")[0] for edge in found.edges} == {f"e{scene.ids[w][1:]}", f"e{scene.ids[s][1:]}"}


def test_in_a_large_graph_paths_are_named_only():
    x = mg.parameter(0.5, "x")
    h = x
    for number in range(MOST_TOLD + 2):
        h = mg.tanh(h).named(f"h{number}")
    scene = scene_of(h)
    assert paths(scene, pictures(scene)[0].view).titles[scene.ids[x]] == f"Paths from {scene.name(h)} to x"


def test_a_page_without_a_path_is_given_back(tmp_path):
    page = mg.step_through(gallery.two_paths())
    assert repr(page) == (
        "<step-through page 'Forward and backward pass   e = (a + b)(b + 1)': save(path) writes it, a notebook displays it>"
    )
    assert '<iframe srcdoc="&lt;!DOCTYPE html&gt;' in page._repr_html_()
    written = mg.step_through(gallery.two_paths(), tmp_path / "pass.html")
    assert page.save(tmp_path / "again.html").read_bytes() == written.read_bytes()
