"""Pictures to be filled in: no number that a pass works out is in them, and what is given is."""

import re

import numpy as np
import pytest

import minigraph as mg
from minigraph.drawing.blanks import PLACE


def small():
    """Numbers that occur once: 7·(0.25·3) and its gradients 7, 1.75, 21."""
    a, b, c = mg.parameter(7.0, "a"), mg.parameter(0.25, "b"), mg.parameter(3.0, "c")
    return (a * (b * c).named("u")).named("J")


def texts(diagram):
    rows = [row.text for part in (*diagram.view.boxes, *diagram.view.edges) for row in part.rows]
    return rows + [box.full for box in diagram.view.boxes]


def test_a_backward_pass_to_be_filled_in():
    key, blank = mg.draw(small(), "backward"), mg.draw(small(), "backward", blank=True)
    assert len(blank.view.boxes) == len(key.view.boxes) and len(blank.view.edges) == len(key.view.edges)
    found = " ".join([*texts(blank), blank.source, blank.description])
    for number in ("0.75", "1.75", "21", "5.25"):
        assert number in " ".join([*texts(key), key.source]) or number == "5.25"
        assert not re.search(rf"\b{re.escape(number)}\b", found)
    assert sorted({row.text for edge in blank.view.edges for row in edge.rows}) == [
        f"{PLACE} × {PLACE}",
        f"∂J/∂a = {PLACE}",
        f"∂J/∂u = {PLACE}",
        f"∂u/∂b = {PLACE}",
        f"∂u/∂c = {PLACE}",
    ]
    assert "∂J/∂J = 1 (seed)" in texts(blank)


@pytest.mark.parametrize("direction", ["forward", "both"])
def test_values_of_leaves_are_given_and_others_are_not(direction):
    blank = mg.draw(small(), direction, blank=True)
    rows = {box.rows[0].text: [row.text for row in box.rows[1:]] for box in blank.view.boxes}
    assert [rows[name][0] for name in "abc"] == ["= 7", "= 0.25", "= 3"]
    assert rows["u = b·c"][0] == rows["J = a·u"][0] == f"= {PLACE}"


def test_arrays_groups_and_shared_parameters():
    generator = np.random.default_rng(0)
    X, W = mg.data(generator.normal(size=(3, 6)), "X"), mg.parameter(generator.normal(size=(3, 3)), "W")
    A = X
    for layer in range(4):
        with mg.group(f"Layer {layer}"):
            A = mg.tanh(W @ A).named(f"A{layer}")
    J = A.sum().named("J")
    for options in ({}, {"level": "groups"}):
        blank = mg.draw(J, "backward", blank=True, **options)
        assert not any(edge.size or row.bars for edge in blank.view.edges for row in edge.rows)
        assert not any(row.bars for box in blank.view.boxes for row in box.rows)
        assert {*re.findall(r"= (\S+)", " ".join(texts(blank)))} <= {PLACE, "tanh(W", "1", "sum"}
        assert "sum of 4 contributions" in texts(blank)
        assert "W" in [row.text for box in blank.view.boxes for row in box.rows]
        assert blank.source


@pytest.mark.parametrize("options", [{"style": "circuit"}, {"arrays": "heatmap"}, {"findings": "of health"}])
def test_what_has_no_places_is_refused(options):
    J = small()
    if "findings" in options:
        options = {"findings": mg.health(J)}
    with pytest.raises(ValueError, match="blank=True leaves places for numbers"):
        mg.draw(J, "backward", blank=True, **options)


def test_sizes_of_many_layers_and_what_one_number_carries():
    x, w = mg.data(0.5, "x"), mg.parameter(0.9, "w")
    a = x
    for layer in range(12):
        with mg.group(f"Layer {layer}"):
            a = mg.tanh(mg.parameter(0.8, f"w{layer}") * a + w).named(f"a{layer}")
    blank = mg.draw(a, "backward", blank=True, level="groups")
    found = texts(blank)
    assert any(text.endswith(f" {PLACE} → {PLACE}") for text in found)
    tags = [box for box in mg.draw(a, "backward", blank=True).view.boxes if box.look == "tag"]
    assert {row.text for box in tags for row in box.rows} == {"w"}


def test_a_tag_of_a_few_entries():
    b = mg.parameter([0.5, -1.5], "b")
    a = mg.data([1.0, 2.0], "x")
    for layer in range(4):
        a = mg.tanh(a + b).named(f"a{layer}")
    J = a.sum().named("J")
    key, blank = (mg.draw(J, "backward", blank=blank).view.boxes for blank in (False, True))
    carried = [[row.text for row in box.rows] for box in blank if box.look == "tag"]
    assert carried == [["b", PLACE]] * 4 and all(len(box.rows[1].text) > 4 for box in key if box.look == "tag")
