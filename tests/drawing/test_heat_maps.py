"""Arrays as coloured cells: each cell says its entry, signs without colours too, and large arrays are averaged."""

import re
import warnings

import numpy as np
import pytest
from figures import gallery
from hypothesis import given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.drawing.heat_map import MOST, NOTHING, cells_of, colour
from minigraph.drawing.view import Kind

CELL = re.compile(
    r'<TD FIXEDSIZE="TRUE" WIDTH="\d+" HEIGHT="\d+" BGCOLOR="(#[0-9a-f]{6})"( BORDER="1" COLOR="#[0-9a-f]{6}")?></TD>'
)


def lightness(paint):
    """Relative luminance of WCAG 2.2, from 0 to 1."""
    parts = [int(paint[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@given(st.lists(st.lists(st.floats(-1e300, 1e300), min_size=3, max_size=3), min_size=1, max_size=5))
def test_each_cell_is_its_entry_as_a_part_of_the_largest(rows):
    array = np.array(rows)
    shares = np.array(cells_of(Kind.VALUE, array).shares)
    largest = np.abs(array).max()
    np.testing.assert_allclose(shares, array / largest if largest else array, rtol=1e-9, atol=1e-300)


def test_numbers_have_no_cells_and_all_other_shapes_do():
    assert (
        cells_of(Kind.VALUE, 3.0) is None
        and cells_of(Kind.VALUE, [[3.0]]) is None
        and cells_of(Kind.VALUE, np.zeros((0, 3))) is None
    )
    assert cells_of(Kind.VALUE, [1.0, 2.0]).shares == ((0.5, 1.0),)
    assert cells_of(Kind.VALUE, np.ones((2, 2, 3))).shares == ((1.0,) * 3,) * 4
    assert cells_of(Kind.VALUE, np.zeros((2, 2))).shares == ((0.0, 0.0),) * 2


def test_large_arrays_are_averaged_by_blocks():
    array = np.arange(40 * 64.0).reshape(40, 64)
    cells = cells_of(Kind.GRADIENT, array)
    assert cells.averaged and np.shape(cells.shares) == (MOST, MOST)
    first, last = array[:2, :4].mean(), array[37:, 60:].mean()
    assert cells.shares[0][0] == pytest.approx(first / last) and cells.shares[-1][-1] == 1.0
    assert not cells_of(Kind.VALUE, np.ones((16, 16))).averaged


def test_what_is_no_number_is_seen():
    assert np.isnan(cells_of(Kind.VALUE, [np.nan, 1.0]).shares[0][0]) and colour(np.nan) == NOTHING
    assert cells_of(Kind.VALUE, [np.inf, -np.inf, 2.0, -1.0]).shares == ((np.inf, -np.inf, 1.0, -0.5),)
    assert cells_of(Kind.VALUE, np.full(3, np.inf)).shares == ((np.inf,) * 3,)
    assert colour(np.inf) == colour(1.0) and colour(-np.inf) == colour(-1.0)
    J = (mg.data([np.inf, -np.inf, 1.0, -1.0], "x") * 1.0).named("J")
    source = mg.draw(J, arrays="heatmap").source
    assert source.count(f'BORDER="2" COLOR="{NOTHING}"></TD>') == 2 * 2, "both infinities, of x and of J"
    assert "in a black frame, ∞ or −∞" in source and "black is NaN" not in source
    assert "black frame" not in mg.draw((mg.data([1.0, 2.0], "x") * 1.0).named("J"), arrays="heatmap").source


def test_larger_sizes_are_darker_and_signs_have_colours_of_their_own():
    for sign in (1, -1):
        steps = [lightness(colour(sign * share)) for share in np.linspace(0, 1, 11)]
        assert steps == sorted(steps, reverse=True) and steps[0] == 1.0
    assert lightness(colour(1.0)) / lightness(colour(-1.0)) > 2.5  # in grey, too


def drawn(diagram):
    """The cells in the source: their colour, and whether they have a line around them."""
    return [(paint, bool(line)) for paint, line in CELL.findall(diagram.source)]


def test_the_picture_has_a_cell_for_each_entry_and_a_line_around_what_is_below_0():
    W = mg.parameter([[2.0, -1.0], [0.0, 0.5]], "W")
    J = (W * W).sum().named("J")
    value, gradient, scale = 4, 4, 5
    cells = drawn(mg.draw(J, "both", arrays="heatmap"))
    assert len(cells) == value + gradient + scale
    assert cells[scale : scale + value] == [(colour(share), share < 0) for share in (1.0, -0.5, 0.0, 0.25)]
    assert len(drawn(mg.draw(J, "backward", arrays="heatmap"))) == gradient + scale
    assert len(drawn(mg.draw(J, "forward", arrays="heatmap"))) == value + scale
    assert not drawn(mg.draw(J, "both")) and not drawn(mg.draw(J, "both", arrays="heatmap", values=False))


def test_the_scale_is_said_once_with_what_occurs():
    plain = mg.draw((mg.parameter([1.0, 2.0], "v") * 2).sum(), "both", arrays="heatmap").source
    assert plain.count("cells: below 0, framed") == 1 and "means where" not in plain and "NaN" not in plain
    large = mg.draw((mg.parameter(np.ones(40), "v") * 2).sum(), "both", arrays="heatmap").source
    assert "means where there are more than 16" in large
    with np.errstate(all="ignore"):
        broken = mg.draw((mg.parameter([np.nan, 1.0], "v") * 2).sum(), "both", arrays="heatmap").source
    assert "black is NaN" in broken
    assert "cells:" not in mg.draw(mg.parameter(2.0, "w") * 2, "both", arrays="heatmap").source


@pytest.mark.parametrize("picture_format", ["svg", "png", "pdf"])
def test_it_is_drawn_in_every_format_without_a_complaint(picture_format, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for J in (gallery.logistic_regression(), gallery.logistic_unit()):
            path = mg.draw(J, "both", arrays="heatmap").save(tmp_path / f"heat.{picture_format}")
            assert path.suffix == f".{picture_format}" and path.stat().st_size > 1000


@pytest.mark.parametrize("options", [{"style": "circuit"}, {"level": "groups"}])
def test_where_there_is_no_room_it_is_refused(options):
    with pytest.raises(ValueError, match="heatmap"):
        mg.draw(gallery.logistic_regression(), "both", arrays="heatmap", **options)


def test_another_word_is_refused():
    with pytest.raises(ValueError, match="arrays is 'text' or 'heatmap', not 'heat'"):
        mg.draw(gallery.logistic_regression(), arrays="heat")
