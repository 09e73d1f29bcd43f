"""A formula read as mathematics gives the value of its node: parentheses and signs stand where a reader needs them."""

import operator
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.core.node import literal
from minigraph.formulas import number as formula_number
from minigraph.formulas import to_ascii, to_latex, to_text

VALUES = {"a": 0.75, "b": -1.5, "rate": 0.375, "f": 3.0}
LITERALS = (-0.5, 2.0, 1.0, -3.0, 0.25)
BINARY = {"+": operator.add, "−": operator.sub, "·": operator.mul, "/": operator.truediv}

trees = st.recursive(
    st.sampled_from([*VALUES, *LITERALS]),
    lambda inner: st.tuples(st.sampled_from(list(BINARY)), inner, inner) | st.tuples(st.sampled_from(["neg", "²"]), inner),
    max_leaves=8,
)


def built(tree, leaves):
    """The node of a tree."""
    if isinstance(tree, str):
        return leaves[tree]
    if isinstance(tree, float):
        return literal(tree)
    sign, *operands = tree
    nodes = [built(operand, leaves) for operand in operands]
    return -nodes[0] if sign == "neg" else nodes[0] ** 2 if sign == "²" else BINARY[sign](*nodes)


def exact(tree):
    """Its value as a fraction; None where it divides by zero."""
    if isinstance(tree, str | float):
        return Fraction(VALUES.get(tree, tree))
    sign, *operands = tree
    values = [exact(operand) for operand in operands]
    if None in values or (sign == "/" and values[1] == 0):
        return None
    return -values[0] if sign == "neg" else values[0] ** 2 if sign == "²" else BINARY[sign](*values)


def python(text):
    """The formula in Python's signs."""
    text = re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)", r"F('\1')", text)
    text = re.sub(r"(\)|\b[a-eij-z]\b)(?=\()", r"\1*", text)
    for ours, theirs in (("·", "*"), ("−", "-"), ("²", "**2")):
        text = text.replace(ours, theirs)
    return text


def read(text):
    """The value that a reader of the formula finds."""
    return eval(python(text), {"F": Fraction, **{name: Fraction(value) for name, value in VALUES.items()}})


@given(trees)
@example(("neg", ("/", ("/", -0.5, "a"), "b")))
@example(("−", "a", ("neg", "b")))
@example(("+", "a", ("·", ("neg", "a"), "b")))
@example(("·", "a", ("/", -0.5, "b")))
@example(("neg", ("neg", ("neg", "a"))))
@example(("neg", -0.5))
@example(("/", "a", ("·", 2.0, ("+", "a", "b"))))
@example(("·", ("·", "a", "b"), ("·", 2.0, ("−", "a", "b"))))
@example(("·", "f", ("+", "a", "b")))
@example(("²", ("neg", "a")))
@example(("²", -0.5))
def test_a_formula_read_back_gives_the_value_and_reads_well(tree):
    value = exact(tree)
    if value is None:
        return
    leaves = {name: mg.parameter(number, name) for name, number in VALUES.items()}
    node = built(tree, leaves)
    text = to_text(node)
    assert read(text) == value
    assert not re.search(r"[−+·/⊙] ?−", text), "two signs in a row"
    assert not re.search(r"(rate|f|[a-z]\d)\(", text), "reads as a call"
    assert not re.search(r"·-?\w+\([^)]* [−+] ", text), "a factor without its sign behind a sign"
    assert not re.search(r"(?<!\\cdot )(?<!\\left\()(?<=[+-] )-", to_latex(node)), "nor two signs in LaTeX"
    for leaf in set(node.inputs) & set(leaves.values()):
        for entry in node.backward():
            if entry.consumer is node and entry.input is leaf:
                assert float(read(to_text(entry.local.pull(literal(1.0))))) == pytest.approx(
                    float(entry.local.pull(literal(1.0))), rel=1e-12
                )


def from_latex(text):
    """Python for LaTeX of numbers, letters, + - \\cdot, fractions, powers and parentheses."""
    text = text.replace(r"\left(", "(").replace(r"\right)", ")").replace(r"\mathit{rate}", "rate")
    while r"\frac{" in text:  # the innermost has no other in its braces
        text = re.sub(r"\\frac\{((?:[^{}]|\^\{[^{}]*\})*)\}\{((?:[^{}]|\^\{[^{}]*\})*)\}", r"((\1)/(\2))", text)
    text = re.sub(r"\^\{([^{}]*)\}", r"**(\1)", text).replace(r"\cdot", "*")
    return re.sub(r"(\d|\)|\b[a-eij-z])(?=\()", r"\1*", re.sub(r"\s+", "", text).replace("**(", "^(")).replace("^(", "**(")


@given(trees)
@example(("·", ("neg", ("/", -0.5, "a")), ("²", ("−", "a", ("·", 2.0, ("+", "a", "b"))))))
@example(("/", ("/", "a", 0.1), ("/", 1 / 3, "rate")))
@example(("·", 3.0**0.5, ("−", -1 / 3, "f")))
def test_exact_text_ascii_and_latex_parsed_give_the_value(tree):
    leaves = {name: mg.parameter(number, name) for name, number in VALUES.items()}
    node = built(tree, leaves)
    value = float(node.value)
    if not np.isfinite(value):
        return
    text = to_text(node.formula(), exact=True)
    ours = re.sub(r"(\)|\d|\b[a-eij-z])(?=\()", r"\1*", text)
    for sign, plain in (("·", "*"), ("−", "-"), ("²", "**2")):
        ours = ours.replace(sign, plain)
    for formula in (ours, to_ascii(node.formula(), exact=True)):
        assert formula.isascii()
        given_values = {name: VALUES[name] for name in VALUES if re.search(rf"\b{name}\b", formula)}
        assert float(mg.parse(formula, **given_values)["J"].value) == pytest.approx(value, rel=1e-12, abs=1e-12)
        assert eval(formula, {}, VALUES) == pytest.approx(value, rel=1e-12, abs=1e-12)
    assert eval(from_latex(to_latex(node.formula(), exact=True)), {}, VALUES) == pytest.approx(value, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("number", [np.sqrt(3.0), 1 / 3, -2 / 7, 0.1 + 0.2, 1.23456789012345e-12, -np.sqrt(2.0), 1e22])
def test_exact_numbers_have_all_their_digits(number):
    node = mg.data(1.0, "x") * literal(number)
    for text in (to_ascii(node, exact=True), to_text(node, exact=True, subscripts=True).replace("·", "*").replace("−", "-")):
        assert eval(text, {"x": 1.0}) == number
    assert "√" not in to_text(node, exact=True) and "sqrt" not in to_latex(node, exact=True)
    rounded = formula_number(number, 3)
    assert float(to_ascii(rounded)) == float(f"{number:.3g}")
    assert float(to_ascii(rounded, exact=True)) == number, "rounding is for showing"


@pytest.mark.parametrize(
    ("number", "text", "latex"),
    [
        (np.sqrt(3.0), "√3", r"\sqrt{3}"),
        (-np.sqrt(2.0), "−√2", r"-\sqrt{2}"),
        (1 / 3, "1/3", r"\frac{1}{3}"),
        (-2 / 7, "−2/7", r"-\frac{2}{7}"),
        (0.5, "0.5", "0.5"),
        (1.7320508, "1.7320508", "1.7320508"),
        (np.sqrt(101.0), "10.04987562112089", "10.04987562112089"),
        (np.inf, "∞", r"\infty "),
        (1.2345678912e200, "1.2345678912e200", r"1.2345678912 \cdot 10^{200}"),
        (123456789.0, "123456789", "123456789"),
    ],
)
def test_roots_and_fractions_are_written_as_such(number, text, latex):
    node = mg.data(1.0, "x") * literal(number)
    assert to_text(node.inputs[1]) == text
    assert to_latex(node.inputs[1]) == latex


def test_a_root_in_single_precision():
    x = mg.data(np.float32([1.0, 2.0]), "x")
    assert to_text(x * np.sqrt(3.0)) == "x·√3"
    assert to_text(x * 1.732) == "x·1.732"


def test_fractions_are_written_as_they_are_given():
    half, third = formula_number(Fraction(1, 2)), formula_number(Fraction(-2, 3))
    assert [to_text(half), to_text(third), to_text(third, exact=True)] == ["½", "−2/3", "−2/3"]
    assert [to_text(half, exact=True), to_ascii(half), to_ascii(third)] == ["1/2", "0.5", "-2/3"]
    assert [to_latex(half), to_latex(third)] == [r"\tfrac{1}{2}", r"-\frac{2}{3}"]


def test_a_sum_over_no_axis():
    x = mg.data([1.0, 2.0], "x")
    assert to_text(x.sum(axis=())) == "sum(x; no axis)"
    assert to_ascii(x.sum(axis=())) == "sum(x, axis=())"


def test_a_fraction_among_other_factors_stands_in_parentheses():
    x = mg.data(2.0, "x")
    assert to_text(x * (1 / 3)) == "x·(1/3)"
    assert to_text(1 / literal(1 / 3)) == "1/(1/3)"
    assert to_text(x - literal(-1 / 3)) == "x − (−1/3)"
    assert to_text(x**2 * np.sqrt(3)) == "x²·√3"


@pytest.mark.parametrize(
    ("number", "drawn"),
    [
        (0.12345678901, "x·0.1234…"), (12.3456789012, "x·12.34…"), (-0.000123456789, "x·(−0.0001234…)"),
        (1.23456789e-12, "x·1.234…e−12"), (123456.789012345, "x·123456.7…"), (0.12345, "x·0.12345"),
        (1234567.0, "x·1234567"),
    ],
)  # fmt: skip
def test_pictures_cut_long_numbers_and_say_that_they_go_on(number, drawn):
    assert to_text(mg.data(1.0, "x") * number, subscripts=True) == drawn


def test_a_quotient_of_a_negative_number():
    v = mg.parameter(2.0, "v")
    view = mg.draw((-0.01 / v).named("J"), "backward").view
    assert view.edges[0].rows[0].text == "∂J/∂v = −(−0.01/v)/v = 0.0025"


def test_a_factor_that_is_a_product_stands_in_parentheses():
    a, b = mg.parameter([1.0, 2.0], "a"), mg.data([3.0, 5.0], "b")
    d = ((a - b) ** 2).named("d")
    J = mg.sum(d * d).named("J")
    assert mg.draw(J, "backward").view.edges[0].rows[0].text == "∂J/∂d ⊙ (2(a − b))"
    s, t = mg.parameter(1.0, "s"), mg.parameter(3.0, "t")
    assert "∂J/∂d·(2(s − t))" in str(((s - t) ** 2).named("d").__mul__(3.0).named("J").backward())
    W = mg.parameter([[1.0, 2.0]], "W")
    assert to_text(W @ (2 * (a - b))) == "W (2(a − b))"


def test_a_matrix_before_a_sum_is_no_function():
    Z = mg.parameter(np.arange(6.0).reshape(3, 2), "Z")
    P = mg.softmax(Z, axis=0).named("P")
    J = mg.sum(P * P).named("J")
    assert mg.draw(J, "backward").view.edges[0].rows[0].text == "P ⊙ (∂J/∂P − Σ(P ⊙ ∂J/∂P))"


def test_a_gradient_of_one_is_not_written():
    w, x = mg.parameter([[2.0, 3.0]], "w"), mg.parameter([[5.0], [7.0]], "x")
    rows = [edge.rows[0].text for edge in mg.draw((w @ x).named("J"), "backward").view.edges]
    assert rows == ["xᵀ", "wᵀ"]
    rows = [edge.rows[0].text for edge in mg.draw((-(w @ x)).named("J"), "backward").view.edges]
    assert rows == ["−xᵀ", "−wᵀ"]
    W, X = mg.parameter(np.ones((2, 3)), "W"), mg.parameter(np.ones((3, 2)), "X")
    rows = [
        edge.rows[0].text for edge in mg.draw(mg.backward((W @ X).named("Y"), seed=np.ones((2, 2))), "backward").view.edges
    ]
    assert rows == ["∂Y/∂Y · Xᵀ", "Wᵀ · ∂Y/∂Y"], "an array of ones is not the number 1"
    v = mg.parameter([2.0, 3.0], "v")
    edge = mg.draw((v @ mg.data([5.0, 7.0], "y")).named("J"), "backward").view.edges[0]
    assert edge.rows[0].text == "(y as 2×1)ᵀ as 2"


@pytest.mark.parametrize("axis", [None, 0])
def test_a_mean_over_one_entry_is_divided_by_nothing(axis):
    x = mg.parameter([[2.0]], "x")
    edges = mg.draw(mg.sum(mg.mean(x * x, axis=axis)).named("J"), "backward").view.edges
    assert [edge.rows[0].text for edge in edges] == ["x", "x"]
    assert mg.grad(mg.sum(mg.mean(x * x, axis=axis)), x).value == 4.0


def test_a_title_has_the_names_of_the_boxes():
    J = (mg.parameter(2.0) * mg.parameter(3.0) + mg.data(1.0) * mg.parameter(1.0, "parameter1")).named("J")
    view = mg.draw(J).view
    assert view.title == "Forward pass   J = parameter₂·parameter₃ + data·parameter₁"
    assert [box.rows[0].text for box in view.boxes] == ["parameter₂", "parameter₃", "data", "parameter₁", view.title[15:]]
    told = str(mg.explain(J, J.inputs[0].inputs[1]))
    assert told.splitlines()[:2] == [
        "J = parameter2·parameter3 + data·parameter1 at parameter2 = 2, parameter3 = 3, data = 1, parameter1 = 1",
        "∂J/∂parameter3 = 1 · parameter2 = 1 · 2 = 2",
    ]
