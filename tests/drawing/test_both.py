"""Both passes in one picture: no arrow runs against its number, and scalars tell their contributions as arrays do."""

import re

import pytest
from figures import gallery, read_svg

import minigraph as mg
from minigraph.drawing.theme import THEME

TWO_LINES = f"{THEME.value}:{THEME.gradient}"
TURNED = f"{THEME.gradient}:{THEME.value}"


def drawn_edges(source):
    """Of each edge in DOT by its id: its ends as they are written, its colours and where it has arrows."""
    found = {}
    for line in re.findall(r"^\t+(n\d+ -> n\d+ \[.*\])$", source, re.MULTILINE):
        ends = tuple(re.match(r"(n\d+) -> (n\d+)", line).groups())
        color, arrows, name = (re.search(rf'\b{what}="?([^" ]+)"?[ \]]', line)[1] for what in ("color", "dir", "id"))
        found[name] = ends, color, arrows
    return found


def test_an_edge_with_a_gradient_has_a_line_and_an_arrow_each_way():
    edges = drawn_edges(mg.draw(gallery.logistic_unit(), "both").source)
    assert len(edges) == 10
    ways = {name: (color, arrows) for name, (_, color, arrows) in edges.items()}
    w1, x1, y, a = "e0_6_0", "e3_6_1", "e5_10_1", "e9_10_0"
    assert {name for name, way in ways.items() if way == (THEME.value, "forward")} == {x1, "e4_7_1", y}
    assert ways[w1] == ways[a] == (TWO_LINES, "both")


def test_beside_a_step_the_forward_arrow_still_points_to_it():
    """Graphviz gives the first colour to the arrow at the end that is written second."""
    edges = drawn_edges(mg.draw(gallery.one_hidden_layer(), "both").source)
    turned = {name: ends for name, (ends, color, _) in edges.items() if color == TURNED}
    assert turned
    for name, (first, second) in turned.items():
        tail, head, _ = name[1:].split("_")
        assert (first, second) == (f"n{head}", f"n{tail}")
    straight = [(name, ends) for name, (ends, color, _) in edges.items() if color == TWO_LINES]
    assert all(name.startswith(f"e{ends[0][1:]}_{ends[1][1:]}_") for name, ends in straight)


def test_the_arrows_of_the_picture_point_where_their_colour_says():
    picture = mg.draw(gallery.chain(), "both").svg
    for edge in re.findall(r'<g id="[^"]*e\d+_\d+_\d+" class="edge mg-edge">.*?</g>\n</g>', picture, re.DOTALL):
        (start, end), *_ = [
            (float(xs[0]), float(xs[-1]))
            for xs in [re.findall(r"[MC, ]?(-?[\d.]+),-?[\d.]+", d) for d in re.findall(r' d="([^"]+)"', edge)]
        ]
        tips = {color: max if color == THEME.value else min for color in re.findall(r'<polygon fill="(#\w+)"', edge)}
        assert set(tips) == {THEME.value, THEME.gradient}
        for color, outermost in tips.items():
            points = re.search(rf'<polygon fill="{color}"[^>]*points="([^"]+)"', edge)[1]
            tip = outermost(float(point.split(",")[0]) for point in points.split())
            assert abs(tip - (end if color == THEME.value else start)) < 15


def test_scalars_tell_their_contributions():
    rows = read_svg(mg.draw(gallery.two_paths(), "both").svg).edges
    assert rows["e1_2_1"] == ["∂c/∂b = 1", "3 × 1 = 3"]
    assert rows["e1_3_0"] == ["∂d/∂b = 1", "3 × 1 = 3"]


def test_off_the_paths_both_passes_are_quiet():
    J = gallery.logistic_unit()
    (w2,) = [node for node in mg.backward(J).gradients if node.name == "w2"]
    edges = drawn_edges(mg.draw(J, "both", wrt=w2).source)
    quiet = {name for name, (_, color, _) in edges.items() if color == THEME.quiet_line}
    loud = {name for name, (_, color, _) in edges.items() if color == TWO_LINES}
    assert len(loud) == 4
    assert quiet | loud == set(edges)


@pytest.mark.parametrize(("level", "style"), [("groups", "expressions"), ("steps", "circuit")])
def test_groups_and_circuits_have_both_arrows_too(level, style):
    build = gallery.one_hidden_layer if level == "groups" else gallery.chain
    colors = {color for _, color, _ in drawn_edges(mg.draw(build(), "both", level=level, style=style).source).values()}
    assert TWO_LINES in colors
    one_way = drawn_edges(mg.draw(build(), "forward", level=level, style=style).source).values()
    assert {color for _, color, _ in one_way} == {THEME.value}
