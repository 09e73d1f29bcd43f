"""Graphs of gradients are shown as one writes them, with short names that are explained."""

import re

import numpy as np
import pytest
from figures import gallery

import minigraph as mg
from minigraph.core.pulling import ancestors
from minigraph.operations.choices import Larger
from minigraph.operations.losses import QUOTIENT_FLOOR, Floored
from minigraph.reading import derived_graphs
from minigraph.reading.derived_graphs import MOST_FACTORS, guarded_by, readable
from minigraph.reading.names import ShortNames, numerator_and_denominator


def x_(value=2.0, name="x"):
    return mg.parameter(value, name)


def rows(J, direction="forward", **options):
    return [box.rows[0].text for box in mg.draw(J, direction, **options).view.boxes]


def by_name(J, name):
    return next(node for node in mg.backward(J).gradients if node.name == name)


def test_the_derivative_of_a_power_reads_as_one_writes_it():
    x = x_()
    diagram = mg.draw(mg.grad(x**3, x))
    assert rows(mg.grad(x**3, x)) == ["x", "g = 3x²"]
    assert diagram.view.title == "Forward pass   g = 3x²"
    assert ("g", "= ∂output/∂x") in diagram.view.symbols


def test_higher_derivatives_have_primes():
    x = x_()
    J = (x**5).named("J")
    first = mg.grad(J, x)
    second = mg.grad(first, x)
    third = mg.grad(second, x)
    assert rows(second)[-1] == "g′ = 20x³"
    assert rows(third)[-1] == "g′′ = 60x²"
    assert mg.draw(third).view.symbols[-3:] == (("g", "= ∂J/∂x"), ("g′", "= ∂g/∂x"), ("g′′", "= ∂g′/∂x"))
    fourth = mg.grad(third, x)
    assert rows(fourth)[-1] == "g′′′ = 120x"
    assert rows(mg.grad(fourth, x))[-1] == "g′′′′ = 120"


@pytest.mark.parametrize(
    ("J", "written"),
    [
        (lambda x: 3 * x, "g = 3"),
        (lambda x: x * x / 2, "g = x"),
        (lambda x: -(x * -x), "g = 2x"),
        (lambda x: mg.tanh(x).named("a"), "g = 1 − a²"),
        (lambda x: mg.exp(-x), "g = −exp(−x)"),
        (lambda x: 1 / (2 * x), "g = −2·((1/s₁)/s₁)"),
        (lambda x: -1 * (x * x) * -1 / 2, "g = x"),
        (lambda x: (x * x) * -1 / 2, "g = −x"),
        (lambda x: x + x + x, "g = 3"),
        (lambda x: x * 3 - x, "g = 2"),
    ],
)
def test_factors_of_one_are_left_out_and_numbers_multiplied(J, written):
    x = x_(0.5)
    gradient = mg.grad(J(x), x)
    assert readable(gradient).value == pytest.approx(gradient.value, rel=1e-14)
    assert rows(gradient)[-1] == written
    once = readable(gradient)
    assert readable(once) is once


def test_the_seed_and_m_are_no_boxes():
    boxes = rows(gallery.gradient_graph())
    assert boxes[:6] == ["X", "Y", "w", "b", "Z = wᵀ X + b", "A = σ(Z)"]
    assert boxes[6:] == ["s₁ = A ⊙ (1 − A)", "dA = (1/m)·((A − Y)/s₁)", "dZ = dA ⊙ s₁", "dw = (dZ Xᵀ)ᵀ"]
    symbols = dict(mg.draw(gallery.gradient_graph()).view.symbols)
    assert symbols["m"] == "= 6, the number of examples"
    assert symbols["dA"] == "= ∂J/∂A, and so on"


def test_a_seed_of_its_own_stays():
    x = x_()
    gradient = mg.grad((x**2).named("J"), x, seed=5.0)
    assert rows(gradient) == ["x", "dJ", "g = 2·dJ·x"]
    assert dict(mg.draw(gradient).view.symbols)["dJ"] == "= ∂J/∂J"
    assert readable(gradient).value == 20.0


def test_each_gradient_on_the_way_keeps_its_name():
    J = gallery.logistic_unit()
    names = [box.partition(" = ")[0] for box in rows(mg.grad(J, by_name(J, "w1")))]
    assert names[-4:] == ["s₁", "da", "dz", "dw₁"]
    second = mg.draw(mg.grad(mg.grad(J, w := by_name(J, "w1")), w))
    assert {"∂g/∂a", "∂g/∂z", "g′", "da"} <= {box.rows[0].text.partition(" = ")[0] for box in second.view.boxes}
    assert ("g", "= ∂L/∂w₁") in second.view.symbols


def test_what_one_wrote_stays_as_it_was_written():
    x = x_()
    J = (1 * x + 0).named("J")
    assert readable(J) is J
    u = (1 * x * 1).named("u")
    gradient = mg.grad((u**3).named("J"), u)
    assert rows(gradient) == ["x", "u = 1x·1", "g = 3u²"]


def test_a_pass_over_a_gradient_is_one_over_what_is_shown():
    x, y = x_(), x_(3.0, "y")
    gradient = mg.grad((x**3 * y).named("J"), x)
    shown = readable(mg.backward(gradient))
    assert shown.gradient(x).value == mg.backward(gradient).gradient(x).value == 36.0
    assert list(shown.gradients)[-2:] == [node for node in shown.gradients if node in (x, y)]
    assert rows(mg.backward(gradient), "backward") == rows(gradient, "backward")
    plain = mg.backward((x * y).named("J"))
    assert readable(plain) is plain


def test_leaves_and_named_steps_have_the_gradients_of_the_pass_and_equal_steps_are_one():
    x, w = x_(0.7), x_([0.3, -2.0], "w")
    u, twice = mg.tanh(w), mg.tanh(w)  # one wrote it twice: one box, read by all that read either
    named = mg.sin(w * x).named("named")
    J = (mg.sum(u * u * named) + mg.sum(twice * w * twice * named * x)).named("J")
    G = mg.sum(mg.grad(J, w))
    whole, shown = mg.backward(G), mg.backward(readable(G))
    for node in (x, w, named):
        np.testing.assert_allclose(shown.gradient(node).value, whole.gradient(node).value, rtol=1e-12)
    (box,) = [node for node in shown.gradients if isinstance(node.op, type(u.op))]
    both = whole.gradient(u).value + whole.gradient(twice).value
    np.testing.assert_allclose(shown.gradients[box].value, both, rtol=1e-12)


def test_the_nodes_that_are_asked_for_stay():
    J = gallery.logistic_unit()
    gradient = mg.grad(J, by_name(J, "w1"))
    inner = next(node for node in ancestors([gradient]) if node.name == "∂L/∂u1")
    assert inner in ancestors([readable(gradient, {inner})])
    assert mg.draw(gradient, "backward", wrt=inner).view.title.startswith("∂dw₁/∂du₁ = ")
    assert "∂dw1/∂du1 = x1 = 1.5" in str(mg.explain(gradient, inner))


def test_the_floor_is_left_out_unless_it_acts():
    def gradient(value):
        a = mg.parameter(value, "a")
        return mg.grad(mg.grad(mg.bce(a, mg.data(1.0, "y")).named("L"), a), a)

    idle, acting = readable(gradient(0.25)), readable(gradient(1e-14))
    assert not any(guarded_by(node) is not None for node in ancestors([idle]))
    assert any(guarded_by(node) is not None for node in ancestors([acting]))
    assert idle.value == pytest.approx(gradient(0.25).value, rel=1e-14)
    assert acting.value == gradient(1e-14).value
    told = dict(mg.draw(gradient(1e-14)).view.symbols)
    assert told["s₂"] == "in a denominator counts as 1e−12 where it is smaller, as it is here"


def test_a_floor_whose_value_is_refused_stays():
    probability = mg.parameter(0.5, "probability")
    p = mg.bce(probability, mg.data(1.0, "y"))
    probability.value = 2.0
    floored = Floored()(p * (1 - p), QUOTIENT_FLOOR)
    shown = readable(mg.grad((1 / floored).named("J"), floored))
    assert any(guarded_by(node) is not None for node in ancestors([shown]))
    with pytest.raises(mg.DomainError):
        mg.draw(shown)


def test_it_is_simplified_so_many_times_at_most(monkeypatch):
    x = x_()
    gradient = mg.grad(1 / (2 * x), x)
    whole = readable(gradient)
    monkeypatch.setattr(derived_graphs, "MOST_ROUNDS", 1)
    once = readable(gradient)
    assert once.value == whole.value == gradient.value
    assert len(ancestors([once])) > len(ancestors([whole]))


def test_a_long_product_is_left_as_it_is():
    x = x_(1.0)
    product = x
    for _ in range(3 * MOST_FACTORS):
        product = product * 1.5
    gradient = mg.grad(product, x)
    assert readable(gradient).value == pytest.approx(gradient.value, rel=1e-12)


def test_explanations_use_the_same_names_and_say_what_they_stand_for():
    x = x_()
    gradient = mg.grad((x**3).named("J"), x)
    told = str(mg.explain(gradient, x)).splitlines()
    assert told[:3] == ["g = 3x² at x = 2", "where g = ∂J/∂x", "∂g/∂x = 3 · 2x = 3 · 4 = 12"]
    assert "where g = ∂J/∂x" in str(mg.explain(gradient)).splitlines()
    assert str(mg.explain(gradient, gradient)).splitlines() == ["g = 3x² at x = 2", "where g = ∂J/∂x", "∂g/∂g = 1"]
    assert r"\frac{\partial g}{\partial x}" in mg.explain(gradient, x).latex


# Short names


def test_a_name_is_read_as_the_derivative_that_it_is():
    assert numerator_and_denominator("∂(∂J/∂x)/∂(a/b)") == ("∂J/∂x", "a/b")
    assert numerator_and_denominator("∂J/∂(first layer)") == ("J", "(first layer)")
    for name in ("J", "∂", "∂J", "∂/∂x", "∂J/∂", "∂(J/∂x", "J/∂x", ""):
        assert numerator_and_denominator(name) is None, name


def test_names_of_others_are_not_taken():
    assert ShortNames(["g", "∂J/∂x"]).of("∂J/∂x") == "h"
    assert ShortNames(["g", "h", "∂J/∂x"]).of("∂J/∂x") == "∂J/∂x"
    assert ShortNames(["dW1", "∂J/∂W1", "∂J/∂b"]).of("∂J/∂W1") == "∂J/∂W1"
    assert ShortNames(["g′", "∂J/∂x", "∂(∂J/∂x)/∂x"]).of("∂(∂J/∂x)/∂x") == "∂g/∂x"


def test_of_two_costs_one_has_short_names():
    short = ShortNames(["∂J/∂x", "∂L/∂x", "∂J/∂y"])
    assert [short.of(name) for name in ("∂J/∂x", "∂L/∂x", "∂J/∂y")] == ["dx", "∂L/∂x", "dy"]


def test_two_gradients_that_are_differentiated_are_told_apart():
    short = ShortNames(["∂(∂J/∂x)/∂x", "∂(∂J/∂y)/∂y", "∂(∂J/∂y)/∂x", "∂(∂J/∂z)/∂z"])
    assert short.of("∂J/∂x") == "g"
    assert short.of("∂(∂J/∂x)/∂x") == "g′"
    assert short.of("∂(∂J/∂y)/∂y") == "h′"
    assert short.of("∂(∂J/∂y)/∂x") == "∂h/∂x"
    assert short.of("∂(∂J/∂z)/∂z") == "∂(∂J/∂z)/∂z"


def test_long_names_get_no_d():
    short = ShortNames(["∂J/∂a name with blanks", "∂J/∂preactivation_of_layer_1", "∂J/∂W"])
    assert short.of("∂J/∂a name with blanks") == "∂J/∂a name with blanks"
    assert short.of("∂J/∂preactivation_of_layer_1") == "∂J/∂preactivation_of_layer_1"
    assert short.of("∂J/∂W") == "dW"
    assert short.of("∂J/∂(∂K/∂x)") == "∂J/∂(∂K/∂x)"


def test_gradients_of_one_name_are_told_apart():
    x = x_()
    both = mg.grad((x**3).named("J"), x) + mg.grad((x**2).named("J"), x)
    with pytest.warns(mg.GraphWarning, match=r"2 nodes are named '∂J/∂x', .* They are written g \[1\], g \[2\]"):
        assert rows(both.named("K"))[1:] == ["g [1] = 3x²", "g [2] = 2x", "K = g [1] + g [2]"]


def test_a_nudge_says_what_g_is():
    x = x_()
    gradient = mg.grad((x**3).named("J"), x)
    assert "where g = ∂J/∂x" in str(mg.nudge(gradient, x))


def test_primes_are_written_in_latex_and_ascii():
    x = x_()
    second = mg.grad(mg.grad((x**3).named("J"), x), x)
    told = mg.explain(second, x)
    assert r"g' & = 6x" in told.latex
    assert r"\frac{\partial g'}{\partial x} & = 6" in told.latex
    assert told.ascii.splitlines()[0] == "gprime = 6*x at x = 2"


def test_a_chain_of_many_gradients_is_drawn_at_once():
    h = x = x_(0.5)
    for number in range(3000):
        h = mg.tanh(h).named(f"h{number}")
    diagram = mg.draw(mg.grad(h, x), max_boxes=20)
    assert diagram.view.boxes[-1].rows[0].text == "dx = dh₀·(1 − h₀²)"
    assert re.fullmatch(r"= ∂h₂₉₉₉/∂h[₀-₉]+, and so on", diagram.view.symbols[-1][1])


def test_a_floor_that_a_user_wrote_is_no_guard():
    x, y = x_(0.5), x_(0.25, "y")
    product = x * (1 - x)
    assert guarded_by(Floored()(product, QUOTIENT_FLOOR)) is product
    assert guarded_by(Larger()(product, QUOTIENT_FLOOR)) is product
    assert guarded_by(Floored()(product, QUOTIENT_FLOOR).named("kept")) is None
    for other in (x, x * y, x * (1 - y)):
        assert guarded_by(Larger()(other, QUOTIENT_FLOOR)) is None
    for other in (Larger()(product, y), Larger()(product, 1e-9), mg.maximum(product, QUOTIENT_FLOOR)):
        assert guarded_by(other) is None
