import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigraph.formulas import number, plus, times, to_latex, to_text
from minigraph.reading.numbers import array_text, bracketed, count, is_exact, parsed, relation, rounded


@given(st.floats(-1e300, 1e300))
def test_numbers_are_read_back_as_they_were_written(value):
    assert parsed(rounded(value, 17)) == value
    assert parsed(rounded(value, 4)) == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize(
    "value, text",
    [
        (0.0, "0"), (-0.0, "0"), (400.0, "400"), (1234567.0, "1.235e6"), (-0.5, "−0.5"), (1e-12, "1e−12"),
        (np.inf, "∞"), (-np.inf, "−∞"), (np.nan, "NaN"), (33.00312, "33.00"),
    ],
)  # fmt: skip
def test_rounding(value, text):
    assert rounded(value) == text


def test_latex_of_numbers():
    assert [to_latex(number(x, 4)) for x in (-0.5, 2.5e-9, 1e-9, np.inf, np.nan)] == [
        "-0.5", r"2.5 \cdot 10^{-9}", "10^{-9}", r"\infty ", r"\text{NaN}",
    ]  # fmt: skip


def test_equal_or_nearly():
    assert is_exact(0.1 + 0.2) and not is_exact(1 / 3) and is_exact(np.nan)
    assert relation([1, 0.5]) == "=" and relation([1, 1 / 3]) == "≈"


def test_products_and_sums_bracket_what_is_negative():
    factors = [number(x) for x in (-2.0, -3.0, 4.0)]
    assert to_text(times(factors)) == "−2 · (−3) · 4"
    assert to_text(plus([number(1.0), times(factors)])) == "1 + (−2) · (−3) · 4"
    assert to_text(times(factors[:1])) == "−2"
    assert to_text(plus([times(factors[:2]), number(-1.0)])) == "−2 · (−3) + (−1)"
    assert to_text(plus([number(-1.0)])) == "−1"
    assert (bracketed("−2"), bracketed("2")) == ("(−2)", "2")


def test_counts():
    assert [count(n) for n in (0, 1_000_000, 2**19, 2**20, 2**50, 10**12, 123 * 10**40)] == [
        "0", "1,000,000", "524,288", "2²⁰", "2⁵⁰", "about 1·10¹²", "about 1·10⁴²",
    ]  # fmt: skip


@given(st.integers(10**12, 10**400))
def test_the_leading_digit_of_large_counts(n):
    told = count(n)
    if told.startswith("about"):
        digits = str(n)
        exponent = int(told.split("10")[1].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")))
        leading = int(told[6 : told.index("·")])
        assert leading == n // 10**exponent
        assert len(digits) - 1 - exponent in (0, 1)


def test_arrays():
    assert array_text(np.float64(2.5)) == "2.5"
    assert array_text([[1.0, -2.0], [3.0, 4.0]]) == "[1 −2; 3 4]"
    assert array_text([1.0, 2.0]) == "[1 2]"
    assert array_text(np.zeros((0, 2))) == "no entries, (0, 2)"
    assert array_text(np.ones((3, 3))) == "(3, 3) with norm 3"
    assert array_text(np.ones((1, 2, 2))) == "(1, 2, 2) with norm 2"
