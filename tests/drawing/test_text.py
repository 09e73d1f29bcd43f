"""Numbers, lines, escaping and colours: the small parts that every picture is made of."""

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minigraph.drawing.dot_text import escaped, lines
from minigraph.drawing.heading import LEGEND
from minigraph.drawing.scene import few, value_text
from minigraph.drawing.theme import DARK, PAPER, THEME
from minigraph.drawing.view import Kind, Look
from minigraph.reading.names import cleaned
from minigraph.reading.numbers import rounded, sum_text


def read(text):
    """The number that a text says."""
    return float(text.replace("−", "-").replace("∞", "inf"))


@given(st.floats(-1e300, 1e300))
def test_a_number_is_right_to_half_a_unit_of_its_fourth_digit(x):
    assert read(rounded(x)) == pytest.approx(x, rel=5.1e-4, abs=0)
    assert len(re.sub(r"e.*|[−.]", "", rounded(x)).lstrip("0")) <= (6 if x == int(x) else 4)


@pytest.mark.parametrize(
    ("value", "text"),
    [(33.0, "33"), (-0.0, "0"), (0.1 + 0.2, "0.3"), (11.9975, "12.00"), (-0.31002, "−0.3100"), (1234567.0, "1.235e6"),
     (9999.96, "1.000e4"), (2.5e-7, "2.5e−7"), (999999.0, "999999"), (float("nan"), "NaN"), (-np.inf, "−∞"), (np.inf, "∞")],
)  # fmt: skip
def test_numbers_as_they_are_written(value, text):
    assert rounded(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(3.0, "= 3"), ([1.0, -2.0], "= [1 −2]"), ([[1.0], [0.25]], "= [1; 0.25]"), ([[7.0]], "= 7"), (np.zeros(9), "all 0"),
     (np.linspace(-1.26, 0.9, 20), "range −1.3 … 0.9"), (np.zeros((0, 3)), "no entries"), (np.ones((1, 1, 2)), "all 1"),
     ([1.0, np.nan, 2, 3, np.inf], "2 of 5 entries NaN or ∞")],
)  # fmt: skip
def test_values_as_they_are_written(value, text):
    assert value_text(np.asarray(value)) == text


def test_large_arrays_are_not_written_out():
    assert few(np.zeros(5)) is None


def test_negative_terms_stand_in_parentheses():
    assert sum_text(["−3", "−2"], "−5") == "−3 + (−2) = −5"
    assert sum_text(["4"], "4") == "4"


@given(st.text(max_size=200), st.integers(1, 30), st.integers(2, 60))
def test_lines_lose_nothing_but_blanks_and_what_is_clipped(text, width, clip):
    broken = lines(text, width, clip)
    whole = cleaned(text)
    if len(whole) > clip:
        whole = whole[: clip - 1]
        whole = (re.sub(r"[0-9₀-₉.]+$", "", whole) if re.match(r"[0-9₀-₉.]", cleaned(text)[clip - 1]) else whole) + "…"
    assert "".join(broken).replace(" ", "") == whole.replace(" ", "")
    loose = [re.sub(r"\([^()]{1,12}\)", "", line) for line in broken]  # short brackets are not broken
    assert all(len(line) <= width or " " not in line.removeprefix("= ").strip() for line in loose)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("∂J/∂parameter₁ (path 1 of 2) = b = 2", ["∂J/∂parameter₁ (path 1 of 2) =", "b = 2"]),
        ("∂s₁/∂parameter₂ (path 1 of 2) = b = 2", ["∂s₁/∂parameter₂", "(path 1 of 2) =", "b = 2"]),
        ("(1/m)·((A₄₀ − Y)/(A₄₀ ⊙ (1 − A₄₀)))", ["(1/m)·((A₄₀ − Y)/(A₄₀ ⊙", "(1 − A₄₀)))"]),
        ("∂t₁/∂x = (1 − t₁²)·0.1 = 0.09975", ["∂t₁/∂x =", "(1 − t₁²)·0.1 = 0.09975"]),
    ],
)
def test_lines_are_broken_where_one_reads_them(text, shown):
    """Not within a short bracket, and not before a result that has room."""
    assert lines(text, 30, 80) == shown


def test_formulas_are_clipped_numbers_are_not():
    assert lines("d = " + "a·" * 50 + "b", 30, 20, " = −1.25e−7") == ["d =", "a·a·a·a·a·a·a·a… = −1.25e−7"]
    assert lines("", 30, 5, "1.2345 × (−3) = −3.704") == ["1.2345 × (−3) = −3.704"]


@pytest.mark.parametrize(
    ("text", "shown"), [("x·1234.5 + y", "x·…"), ("W₁₂₃₄₅₆₇·X", "W…"), ("x·1234·abc", "x·1234·…"), ("x·1234 ab", "x·1234 …")]
)
def test_half_a_number_is_not_shown(text, shown):
    assert lines(text, 30, 8) == [shown]


@given(st.text())
@example(r"\N <b>&amp;")
def test_escaped_text_has_no_markup_of_its_own(text):
    marked = escaped(text)
    assert not re.search(r'[<>"\\\x00-\x1f]', marked)
    assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#x27;|#92;|#160;)", marked)


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a, b):
    """The contrast ratio of WCAG 2, from 1 to 21."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_contrast_formula():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", [THEME, DARK, PAPER], ids=["light", "dark", "paper"])
def test_every_text_can_be_read_on_every_ground(theme):
    grounds = {theme.background, theme.frame_fill, *(style.fill for style in theme.boxes.values())}
    texts = {theme.ink, theme.secondary, theme.value, theme.gradient, *(style.color for style in theme.rows.values())}
    poor = {(text, ground): contrast(text, ground) for text in texts for ground in grounds if contrast(text, ground) < 4.5}
    assert not poor


def test_the_theme_knows_every_box_and_row():
    assert set(THEME.boxes) == set(Look)
    assert set(THEME.rows) == set(Kind)
    assert {kind for kind, _ in LEGEND} <= set(Kind)
