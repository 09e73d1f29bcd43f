"""The size of a gradient is seen in its line, and what `health` found is pinned on the box where it was found."""

import math
import re
from itertools import pairwise

import numpy as np
import pytest
from figures import gallery, read_svg
from hypothesis import given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.core.pulling import ancestors
from minigraph.drawing.gradient_sizes import NARROWEST, WIDEST, Scale, scale_of
from minigraph.drawing.view import Kind


def net(sizes=(4, 16, 8, 6, 1), *, dead=(), blocked=False, weights=0.5):
    """Layers with ReLU; of the first the units that are ``dead``, and if it is ``blocked`` all of the second."""
    random = np.random.default_rng(3)
    A, Y = mg.data(random.normal(size=(sizes[0], 12)), "X"), mg.data(random.integers(0, 2, (1, 12)) * 1.0, "Y")
    for number, (below, above) in enumerate(pairwise(sizes), 1):
        bias = np.full((above, 1), 0.1)
        bias[list(dead) if number == 1 else slice(None) if blocked and number == 2 else []] = -50
        with mg.group(f"Layer {number} · ReLU"):
            W = mg.parameter(random.normal(size=(above, below)) * weights, f"W{number}")
            Z = (W @ A + mg.parameter(bias, f"b{number}")).named(f"Z{number}")
            A = mg.relu(Z).named(f"A{number}") if above > 1 else Z
    return mg.bce_with_logits(A, Y).mean().named("J")


def lines(diagram):
    """Width, colour and style of each edge with a gradient."""
    found = {}
    for text in diagram.source.splitlines():
        if (line := re.search(r"(n\d+) -> (n\d+) \[", text)) and "mg-idle" not in text:
            style = {name: re.search(rf' {name}="?([^ "\]]+)', text)[1] for name in ("penwidth", "color", "style")}
            found[line[1], line[2]] = float(style["penwidth"]), style["color"], style["style"]
    return found


def pinned(diagram):
    return {box.rows[0].text: [row.text for row in box.rows if row.kind is Kind.FINDING] for box in diagram.view.boxes}


# The size of the gradient


def test_a_line_is_as_wide_as_the_logarithm_of_what_comes_back_along_it():
    J = gallery.five_layers()
    diagram = mg.draw(J, "backward", level="groups")
    backward_pass = J.backward()
    by_name = {node.name: gradient for node, gradient in backward_pass.gradients.items()}
    expected = {i: float(np.linalg.norm(by_name[f"A{i}"].value)) for i in range(1, 6)}
    widths = [width for (tail, _), (width, *_) in sorted(lines(diagram).items(), key=lambda item: int(item[0][0][1:]))]
    largest = max(expected.values())
    assert widths == [
        pytest.approx(WIDEST - (WIDEST - NARROWEST) * math.log10(largest / expected[i]) / 4, abs=0.006) for i in range(1, 6)
    ]
    strengths = [int(color[-2:], 16) for _, (_, color, _) in sorted(lines(diagram).items(), key=lambda i: int(i[0][0][1:]))]
    assert sorted(range(5), key=widths.__getitem__) == sorted(range(5), key=strengths.__getitem__) and max(strengths) == 255


@given(st.lists(st.floats(0, 1e308), min_size=1, max_size=6))
def test_the_larger_the_wider_and_the_key_covers_them_all(sizes):
    scale = Scale(max(sizes), sizes)
    drawn = [scale.line(size, "#a63a00") for size in sorted(sizes)]
    widths = [width for width, *_ in drawn]
    assert widths == sorted(widths) and widths[0] >= NARROWEST and widths[-1] <= WIDEST
    assert all((style == "dotted") == (size == 0) for size, (_, _, style) in zip(sorted(sizes), drawn, strict=True))
    key = [*scale.key()]
    assert len(key) <= 6 and any(size == 0 for size, _ in key) == (0 in sizes)
    told = [size for size, _ in key if size]
    for size in filter(None, sizes):
        assert told[0] * 1.0001 >= size
        assert size >= told[-1] * 0.9999 or len(told) == 5, "what is smaller than four powers of ten is told as less"


def test_the_key_says_the_largest_and_tenths_of_it():
    assert [text for _, text in Scale(0.849, [0.849, 0.0582]).key()] == ["0.85", "0.085", "0.0085"]
    assert [text for _, text in Scale(2.0, [2.0, 1e-9]).key()] == ["2", "0.2", "0.02", "0.002", "0.0002 and less"]
    assert [text for _, text in Scale(3.0, [3.0, 3.0]).key()] == ["3"]
    assert [text for _, text in Scale(3.0, [0.0, math.nan, 3.0]).key()] == ["3", "0: nothing comes back", "NaN or ∞"]
    assert [text for _, text in Scale(0.0, [0.0]).key()] == ["0: nothing comes back"]
    texts = read_svg(mg.draw(gallery.five_layers(), "backward", level="groups").svg).texts
    assert "size of the gradient, by powers of ten" in texts and "0.85" in texts


def test_nothing_that_comes_back_is_a_dotted_line_and_nan_a_strong_one():
    blocked = lines(mg.draw(net(blocked=True), "backward", level="groups"))
    assert sorted(style for *_, style in blocked.values()) == ["dotted"] * 1 + ["solid"] * 3
    W = mg.parameter([np.nan, 1.0], "W")
    with mg.group("Layer"):
        A = (W * 2).named("A")
    diagram = mg.draw(mg.square(A).sum().named("J"), "backward", level="groups")
    assert np.isnan([edge.size for edge in diagram.view.edges if edge.size is not None]).all()
    (line,) = {line for line in lines(diagram).values()}
    assert line == (6.0, "#a63a00ff", "solid") and "NaN or ∞" in read_svg(diagram.svg).texts


def test_widths_are_for_gradients_of_groups_only():
    J = gallery.five_layers()
    for options in ({}, {"level": "groups", "values": False}):
        diagram = mg.draw(J, "backward", **options)
        assert scale_of(diagram.view.edges) is None and {width for width, *_ in lines(diagram).values()} == {1.6}
    for direction in ("forward", "both"):
        diagram = mg.draw(J, direction, level="groups")
        assert {width for width, *_ in lines(diagram).values()} == {1.2} and "powers of ten" not in diagram.source


def test_a_theme_whose_gradient_has_a_name_keeps_it():
    diagram = mg.draw(gallery.five_layers(), "backward", level="groups", theme=mg.Theme(gradient="red"))
    assert {color for _, color, _ in lines(diagram).values()} == {"red"} and diagram.svg


def test_of_several_values_between_two_groups_the_norm_of_all_counts():
    random = np.random.default_rng(0)
    W = mg.parameter(random.normal(size=(5,)), "W")
    with mg.group("First"):
        parts = [(W * k).named(f"p{k}") for k in range(1, 7)]
    with mg.group("Second"):
        total = parts[0]
        for k, part in enumerate(parts[1:], 2):
            total = total + k * part
        J = mg.square(total).sum().named("J")
    edge = next(edge for edge in mg.draw(J, "backward", level="groups").view.edges if edge.size)
    gradients = J.backward()
    assert edge.size == pytest.approx(np.linalg.norm([gradients.gradient(part).value for part in parts]))


# What health found


def test_findings_are_pinned_on_the_box_of_their_layer():
    J = net(dead=(2, 5))
    diagram = mg.draw(J, "backward", level="groups", findings=mg.health(J))
    notes = pinned(diagram)
    assert notes["Layer 1"] == ["! 2 of 16 units dead"] and not any(notes[f"Layer {i}"] for i in (2, 3, 4))
    assert ("!", "what health found") in diagram.view.symbols
    assert "! 2 of 16 units dead" in read_svg(diagram.svg).texts
    assert diagram.view.boxes[2].full.endswith("2 of 16 units dead") or "2 of 16 units dead" in str(diagram.view.boxes)


@pytest.mark.parametrize("level", ["steps", "groups"])
def test_where_the_gradient_stops_it_is_blocked(level):
    J = net(blocked=True)
    notes = pinned(mg.draw(J, "backward", level=level, findings=mg.health(J)))
    where = "Layer 2" if level == "groups" else "A₂ = ReLU(Z₂)"
    assert notes[where] == ["! blocked here", "! 8 of 8 units dead"]
    assert sum(map(len, notes.values())) == 2
    assert mg.health(J).findings[0].pins[0].node.name == "A2"


def test_weights_of_zero_block_too():
    """Not the layer that learns nothing, but the one behind it, whose W is 0."""
    X, Y = mg.data([[1.0, -1.0, 2.0]], "X"), mg.data([[1.0, 0.0, 1.0]], "Y")
    W1, W2 = mg.parameter(np.zeros((2, 1)), "W1"), mg.parameter(np.zeros((1, 2)), "W2")
    A1 = mg.tanh((W1 @ X).named("Z1")).named("A1")
    J = mg.bce_with_logits((W2 @ A1).named("Z2"), Y).mean().named("J")
    notes = pinned(mg.draw(J, "backward", findings=mg.health(J)))
    assert notes["Z₂ = W₂ A₁"] == ["! blocked here"] and notes["Z₁ = W₁ X"] == ["! 2 of 2 units alike"]


def test_each_kind_of_finding_has_its_note():
    said = {}
    small = net((4, 6, 6, 6, 6, 1), weights=0.02)
    for J, rate in ((small, None), (net((4, 6, 6, 6, 6, 1), weights=9.0), None), (net(), 1e5), (net(), 1e-9)):
        for finding in mg.health(J, rate).findings:
            said.setdefault(finding.kind, [pin.text for pin in finding.pins])
    assert said["vanishing"] == ["gradient has vanished"] and said["exploding"] == ["gradient has exploded"]
    assert re.fullmatch(r"a step is \S+ % of the weights", said["large step"][0])
    assert re.fullmatch(r"a step is \S+ % of the weights", said["small step"][0])
    W, X = mg.parameter(np.zeros((1, 2)), "W"), mg.data([[1e6, 2e6], [3e6, 1.0]], "X")
    J = mg.square(W @ X - 1.0).mean().named("J")
    assert [pin.text for pin in mg.health(J, 1.0).pins] == ["X is not standardised", "J rises in a step"]
    A = mg.tanh((mg.parameter([[9.0], [8.0]], "W1") @ mg.data([[1.0, -1.0, 0.7]], "X")).named("Z1")).named("A1")
    J = mg.square(mg.parameter([[1.0, 2.0]], "W2") @ A - 1.0).mean().named("J")
    assert "100 % saturated" in [pin.text for pin in mg.health(J).pins]
    with np.errstate(all="ignore"):
        values = mg.log(mg.parameter([-1.0, 1.0], "w")).named("a").sum().named("J")
        assert [(pin.node.name, pin.text) for pin in mg.health(values).pins] == [("a", "NaN first here")]
        root = mg.sqrt(mg.parameter([0.0, 1.0], "w")).named("a").sum().named("J")
        assert [(pin.node.name, pin.text) for pin in mg.health(root).pins] == [("w", "gradient ∞ first here")]


def test_a_finding_within_a_step_is_pinned_on_the_step():
    W = mg.parameter(np.zeros((3, 2)), "W")
    Z = (W @ mg.data(np.ones((2, 4)), "X") + mg.parameter(np.zeros((3, 1)), "b")).named("Z")
    J = mg.square(mg.tanh(Z).named("A") - 1.0).mean().named("J")
    report = mg.health(J)
    assert [pin.node.name for pin in report.pins if "alike" in pin.text] == [None], "the product has no name of its own"
    assert pinned(mg.draw(J, "backward", findings=report))["Z = W X + b"] == ["! 3 of 3 units alike"]


def test_what_can_not_be_pinned_is_refused():
    J, other = net(dead=(1,)), net(dead=(1,))
    with pytest.raises(ValueError, match=r"the findings are about .*, which 'J' does not depend on"):
        mg.draw(J, "backward", findings=mg.health(other))
    with pytest.raises(TypeError, match=r"findings= takes what mg\.health gives, not str"):
        mg.draw(J, "backward", findings="dead")
    with pytest.raises(ValueError, match="pinned on boxes"):
        mg.draw(J, "backward", findings=mg.health(J), style="circuit")
    gradient = mg.grad(J, next(x for x in ancestors([J]) if x.name == "W4"))
    picture = mg.draw(gradient.sum().named("g"), findings=mg.health(J))
    assert any(pinned(picture).values()), "also in a graph of gradients, which is drawn simplified"
