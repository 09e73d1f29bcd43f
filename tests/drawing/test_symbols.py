"""The strip of symbols says what occurs in the picture and nothing else; a floor is told of where it acts."""

import numpy as np
import pytest
from figures import gallery, read_svg

import minigraph as mg
from minigraph.operations.losses import QUOTIENT_FLOOR


def strip(J, direction="forward", **options):
    return dict(mg.draw(J, direction, **options).view.symbols)


def test_a_plain_picture_explains_only_its_numbers():
    assert strip(gallery.chain()) == {"#1": "order of the pass"}
    assert list(strip(gallery.chain(), "backward")) == ["#1", "seed"]
    assert strip(gallery.chain(), style="circuit") == {}


def test_a_net_explains_each_sign_that_occurs():
    forward = strip(gallery.one_hidden_layer())
    assert list(forward) == ["#1", "range"]
    backward = strip(gallery.one_hidden_layer(), "backward")
    assert list(backward) == ["#1", "⊙", "ᵀ", "‖·‖", "seed", "m"]
    assert backward["m"] == "= 6, the number of examples"
    assert "[Z > 0]" in strip(gallery.five_layers(), "backward")
    assert list(strip(gallery.one_hidden_layer(), "backward", values=False)) == ["#1", "⊙", "ᵀ", "m"]


def test_tags_and_bars_are_explained():
    shared = strip(gallery.recurrent_net(), "backward")
    assert shared["tag"] == "a use of a parameter that stands elsewhere"
    assert shared["bars"] == "sizes of the contributions, in the order of the pass"
    assert "bars" not in strip(gallery.recurrent_net()) and "tag" in strip(gallery.recurrent_net())


def test_names_are_no_signs():
    """Whatever users call their nodes: Adam's m is not a number of examples, a leaf `range` no range."""
    m, other = mg.parameter(0.1, "m"), mg.data(0.2, "A ⊙ Bᵀ [Z > 0] ‖x‖ range (seed)")
    assert list(strip((m * other).named("range"))) == ["#1"]
    assert list(strip((m * other).named("range"), "backward")) == ["#1", "seed"]


def test_the_strip_stands_below_the_legend_in_short_lines():
    diagram = mg.draw(gallery.one_hidden_layer(), "backward")
    assert "<B>⊙</B>&#160;entry by entry" in diagram.source
    title = diagram.source[: diagram.source.index("labelloc")]
    assert title.count("<B>Symbols</B>") == 1
    assert "Symbols" not in mg.draw(mg.parameter(1.0, "a")).source
    assert read_svg(diagram.svg).boxes


def one(value, target=1.0):
    a = mg.parameter(value, "a")
    return mg.bce(a, mg.data(np.full(np.shape(value), target), "y")).sum().named("L"), a


def test_the_floor_of_the_cross_entropy_is_left_out():
    L, _ = one(0.25)
    (edge,) = [edge for edge in mg.draw(L, "backward").view.edges if edge.rows]
    assert edge.rows[0].text == "∂L/∂a = (a − y)/(a(1 − a)) = −4"
    assert list(strip(L, "backward")) == ["#1", "seed"]


@pytest.mark.parametrize(
    ("value", "says"),
    [(1e-13, "as it is here"), ([0.5, 1.0, 1e-14], "as it is here in 2 of 3 entries")],
)
def test_a_footnote_tells_where_the_floor_acts(value, says):
    L, _ = one(value)
    product = "a(1 − a)" if np.ndim(value) == 0 else "a ⊙ (1 − a)"
    assert strip(L, "backward")[product].endswith(says)
    assert product not in strip(L, "backward", values=False)
    assert product not in strip(L)


def test_a_floor_of_ones_own_stays():
    x = mg.parameter(0.5, "x")
    for floored in (mg.maximum(x * (1 - x), 1e-9), mg.maximum(x, QUOTIENT_FLOOR), mg.maximum(x * (1 - x), x)):
        assert "max(" in mg.draw((1 / floored).named("J")).view.boxes[-1].rows[0].text
    for floored in (mg.maximum(x * x, QUOTIENT_FLOOR), mg.maximum(x * (2 - 3 * x), QUOTIENT_FLOOR)):
        assert "max(" in mg.draw((1 / floored).named("J")).view.boxes[-1].rows[0].text
