"""Groups: which nodes belong to which, and that gradients stand with their forward nodes."""

from typing import Any

import pytest

import minigraph as mg
from minigraph.core.groups import current_group


def test_nodes_belong_to_the_group_in_which_they_are_made() -> None:
    x = mg.parameter(2.0, "x")
    with mg.group("Layer 1 · ReLU") as layer:
        y = 3 * x
        z = mg.data(1.0)
    after = y + 1
    assert (x.group, y.group, z.group, after.group) == (None, layer, layer, None)
    assert y.inputs[0].group is layer, "the literal too"
    assert layer.title == "Layer 1 · ReLU"
    assert repr(layer) == "<group 'Layer 1 · ReLU'>"


def test_groups_nest() -> None:
    with mg.group("Net") as net:
        with mg.group("Layer 1") as layer:
            x = mg.data(1.0)
        y = mg.data(1.0)
    assert (net.parent, layer.parent) == (None, net)
    assert (x.group, y.group) == (layer, net)


def test_a_group_may_be_entered_again() -> None:
    layer = mg.group("Layer 1")
    with layer:
        a = mg.data(1.0)
        with layer:
            b = mg.data(1.0)
        c = mg.data(1.0)
    with layer:
        d = mg.data(1.0)
    assert {node.group for node in (a, b, c, d)} == {layer}
    assert layer.parent is None
    assert current_group() is None


def test_an_exception_leaves_the_group() -> None:
    with pytest.raises(KeyError), mg.group("Layer 1"):
        raise KeyError
    assert mg.data(1.0).group is None


def test_two_groups_of_one_title_are_two() -> None:
    assert mg.group("Layer") is not mg.group("Layer")


@pytest.mark.parametrize("title", ["", None, 3])
def test_a_title_is_text(title: Any) -> None:
    with pytest.raises(TypeError, match="a group's title is a non-empty string, not "):
        mg.group(title)


def test_gradients_are_in_the_groups_of_their_forward_nodes() -> None:
    with mg.group("Layer 1"):
        w = mg.parameter(2.0, "w")
        a = mg.tanh(w).named("a")
    with mg.group("Squares"):
        square = a * a
    with mg.group("Layer 2"):
        b = (square + a).named("b")
    J = (b * 3).named("J")
    with mg.group("elsewhere"):
        backward_pass = J.backward()
    for node in (J, b, a, w):
        assert backward_pass.gradient(node).group is node.group
    assert backward_pass.gradient(square) is backward_pass.gradient(b), "one node is two gradients; the first has the say"
    for step in backward_pass:
        assert step.product.group in (step.consumer.group, step.input.group)


def test_the_users_own_seed_stays_in_its_group() -> None:
    seed = mg.data(2.0, "seed")
    w = mg.parameter(1.0, "w")
    with mg.group("Layer 1") as layer:
        J = (w * 3).named("J")
    gradient = mg.grad(J, J, seed=seed)
    assert seed.group is None
    assert gradient.group is layer
    assert gradient.inputs == (seed,)
    named = mg.data(2.0, "∂J/∂J")
    assert mg.grad(J, J, seed=named) is named
    assert named.group is None


def test_tangents_are_in_the_groups_of_their_forward_nodes() -> None:
    w = mg.parameter(2.0, "w")
    with mg.group("Layer 1") as layer:
        a = mg.tanh(w)
    with mg.group("elsewhere"):
        assert mg.jvp(a, w, 1.0).group is layer


def test_the_group_is_restored_when_a_rule_fails() -> None:
    class Failing(mg.Elementwise):
        def forward(self, x: Any) -> Any:
            return x

        def derivatives(self, result: mg.Node, x: mg.Node) -> Any:
            raise KeyError("no rule today")

    w = mg.parameter(2.0, "w")
    with mg.group("Layer 1"):
        y = Failing()(w)
    for differentiate in (lambda: mg.grad(y, w), lambda: mg.jvp(y, w, 1.0)):
        with pytest.raises(KeyError):
            differentiate()
        assert current_group() is None
