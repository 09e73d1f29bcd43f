"""The paths to some nodes, and the chain rule along them as the title."""

import math
import re

import numpy as np
import pytest
from figures import gallery
from hypothesis import given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.reading.chain_rule import chain_rule
from minigraph.reading.steps import steps_to
from minigraph.testing import graphs


def leaf(J, name):
    return next(node for node in mg.backward(J).gradients if node.name == name)


def faint(diagram):
    return [box.rows[0].text for box in diagram.view.boxes if box.faint]


def test_only_the_paths_are_dark():
    J = gallery.logistic_unit()
    diagram = mg.draw(J, "backward", wrt=leaf(J, "w2"))
    assert faint(diagram) == ["w₁", "b", "x₁", "x₂", "y", "u₁ = w₁·x₁"]
    dark = [edge for edge in diagram.view.edges if not edge.idle]
    assert len(dark) == 4 and all(edge.rows for edge in dark)
    assert not any(edge.rows for edge in diagram.view.edges if edge.idle)
    assert all(len(box.rows) == 1 for box in diagram.view.boxes if box.faint)
    assert diagram.view.title == "∂L/∂w₂ = ∂L/∂a · ∂a/∂z · ∂z/∂u₂ · ∂u₂/∂w₂ ≈ −1.449 · 0.2139 · 1 · (−0.5) ≈ 0.1550"


def test_several_paths_are_a_sum():
    J = gallery.two_paths()
    assert mg.draw(J, "backward", wrt=leaf(J, "b")).view.title == (
        "∂e/∂b = ∂e/∂d · ∂d/∂b + ∂e/∂c · ∂c/∂b = 3 · 1 + 3 · 1 = 6"
    )


@pytest.mark.parametrize(
    ("longest", "title"),
    [
        (60, "∂e/∂b = ∂e/∂d · ∂d/∂b + ∂e/∂c · ∂c/∂b = 3 · 1 + 3 · 1 = 6"),
        (56, "∂e/∂b = 3 · 1 + 3 · 1 = 6"),
        (24, "∂e/∂b = 3 + 3 = 6"),
        (16, "∂e/∂b = 6"),
        (8, ""),
    ],
)
def test_the_longest_form_that_fits(longest, title):
    J = gallery.two_paths()
    steps = steps_to(J, leaf(J, "b"))
    assert chain_rule(steps, steps.names, longest) == title


def test_one_derivative_is_not_written_twice():
    b = mg.parameter(2.0, "b")
    assert mg.draw((3 * b).named("J"), "backward", wrt=b).view.title == "∂J/∂b = 3"
    J = mg.tanh((3 * b).named("u")).named("J")
    steps = steps_to(J, b)
    assert chain_rule(steps, steps.names, 25).startswith("∂J/∂b ≈ ") and " · " not in chain_rule(steps, steps.names, 18)


def test_arrays_are_nested_pulls():
    J = gallery.one_hidden_layer()
    steps = steps_to(J, leaf(J, "W1"))
    assert chain_rule(steps, steps.names, 30) == "∂J/∂W₁ = ∂J/∂Z₁ · Xᵀ"
    assert chain_rule(steps, steps.names, 50) == "∂J/∂W₁ = ((W₂ᵀ · ∂J/∂Z₂) ⊙ (1 − A₁²)) · Xᵀ"
    assert chain_rule(steps, steps.names, 37) == "∂J/∂W₁ = (∂J/∂A₁ ⊙ (1 − A₁²)) · Xᵀ"
    assert chain_rule(steps, steps.names, 19) == ""
    assert mg.draw(J, "backward", wrt=[leaf(J, "W1"), leaf(J, "b2")]).view.title == "Paths from J to W₁, b₂"


def test_a_seed_stands_in_front():
    b = mg.parameter(3.0, "b")
    u = (b * 2).named("u")
    J = (u * u).named("J")
    steps = steps_to(mg.backward(J, seed=0.5), b)
    assert chain_rule(steps, steps.names, 200).startswith("∂J/∂b = ∂J/∂J · ∂J/∂u · ∂u/∂b + ∂J/∂J")
    W = mg.parameter([[1.0, 2.0]], "W")
    Z = (3 * W).named("Z")
    steps = steps_to(mg.backward(Z, seed=np.ones((1, 2))), W)
    assert chain_rule(steps, steps.names, 50) == "∂Z/∂W = ∂Z/∂Z·3"


def test_many_paths_are_not_listed():
    x = mg.parameter(1.5, "x")
    J = x
    for number in range(4):
        J = (J + J * 0.5).named(f"s{number}")
    assert mg.draw(J, "backward", wrt=x).view.title == "∂s₃/∂x ≈ 5.062"


def test_nothing_flows_to_a_node_behind_a_sign():
    x, w = mg.parameter(1.5, "x"), mg.parameter(2.0, "w")
    J = (w * mg.sign(x)).named("J")
    diagram = mg.draw(J, "backward", wrt=x)
    assert diagram.view.title == "Paths from J to x"


@pytest.mark.parametrize("options", [{"level": "groups"}, {"style": "circuit"}, {"fold": False}, {"values": False}])
def test_other_pictures_have_faint_parts_too(options):
    J = gallery.one_hidden_layer()
    diagram = mg.draw(J, "backward", wrt=leaf(J, "W2"), **options)
    assert faint(diagram)
    assert "∂J/∂W₁" not in diagram.source and "nothing flows" not in diagram.source


def test_a_pass_with_a_seed_and_an_unnamed_node():
    x = mg.parameter([1.0, 2.0], "x")
    inner = x * 2
    y = (inner + 1).named("y")
    diagram = mg.draw(mg.backward(y, seed=[1.0, 3.0]), "both", wrt=inner)
    assert faint(diagram) == ["x"]
    assert any("s₁" in box.rows[0].text and not box.faint for box in diagram.view.boxes)


def test_what_wrt_may_be():
    J = gallery.two_paths()
    with pytest.raises(ValueError, match='it goes with "backward" or "both"'):
        mg.draw(J, wrt=leaf(J, "b"))
    with pytest.raises(ValueError, match="does not depend on"):
        mg.draw(J, "backward", wrt=mg.parameter(1.0, "c"))
    with pytest.raises(ValueError, match="which is drawn itself: name what it depends on"):
        mg.draw(J, "backward", wrt=J)
    with pytest.raises(ValueError, match="names no node"):
        mg.draw(J, "backward", wrt=[])
    with pytest.raises(TypeError, match="give the node itself"):
        mg.draw(J, "backward", wrt="b")
    with pytest.raises(TypeError, match="give the node itself"):
        mg.draw(J, "backward", wrt=3)


@given(graph=graphs(max_operations=5), data=st.data())
def test_the_numbers_of_the_title_are_the_gradient(graph, data):
    node = data.draw(st.sampled_from(graph.parameters))
    steps = steps_to(graph.root, node)
    if node not in steps.backward_pass.gradients or any(x.shape for x in steps.nodes):
        return
    total = float(steps.backward_pass.gradient(node).value)
    for longest in (400, 60, 30):
        sides = re.split(" [=≈] ", chain_rule(steps, steps.names, longest))
        for side in sides[1:]:
            if re.search("[^-−0-9e.·+() ]", side):
                continue
            plain = re.sub(r"(?<=e)−", "-", side).replace("−", "-").replace("·", "*")
            assert math.isclose(eval(plain), total, rel_tol=0.02, abs_tol=1e-3), side
