"""Formulas as text: where signs are left out, where parentheses stand, and formulas too long to print."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.formulas import call, power, symbol, to_ascii, to_latex, to_text, transposed
from minigraph.formulas.latex_printer import latex_number
from minigraph.formulas.spelling import as_drawn, format_exactly, latex_name, latex_words, with_subscripts

A, B, C = (mg.parameter(float(i), name) for i, name in enumerate("abc"))
M = mg.parameter(np.ones((2, 3)), "M")


@pytest.mark.parametrize(
    "node, text, juxtaposed",
    [
        (3 * (A + B * C), "3(a + b·c)", "3(a + bc)"),
        ((A + B) * (B + 1), "(a + b)(b + 1)", "(a + b)(b + 1)"),
        (A * B * (C + 1), "a·b·(c + 1)", "ab·(c + 1)"),
        (A * (B + 1) * (C + 1), "a(b + 1)(c + 1)", "a(b + 1)(c + 1)"),
        (A * A, "a·a", "a·a"),
        (A * -B, "a·(−b)", "a·(−b)"),
        (-A * B, "−a·b", "−a·b"),
        (2 * A**2, "2·a²", "2a²"),
        (A**2 * B, "a²·b", "a²b"),
        (mg.sigmoid(A) * B, "σ(a)·b", "σ(a)·b"),
        (M * (1 - M), "M ⊙ (1 − M)", "M ⊙ (1 − M)"),
        (-(A * (B + 1)), "−a(b + 1)", "−a(b + 1)"),
        ((A * B) / (B * C), "(a·b)/(b·c)", "(ab)/(bc)"),
        (mg.parameter(1.0, "w1") * A, "w1·a", "w1·a"),
    ],
)
def test_products(node, text, juxtaposed):
    assert to_text(node) == text
    assert to_text(node, juxtapose=True) == juxtaposed


def test_a_product_that_is_transposed_turns_around():
    W, X = mg.parameter(np.ones((2, 3)), "W"), mg.data(np.ones((3, 4)), "X")
    product = mg.MatMulLeft(W.T).notation(X)
    assert to_text(product) == "W · X"
    assert to_text(transposed(product)) == "Xᵀ · Wᵀ"
    assert transposed(product).shape == (4, 2)
    assert to_text(transposed(transposed(product))) == "W · X"


def test_latex_needs_no_parentheses_where_a_fraction_has_a_bar():
    assert to_latex((A + B) / (B * C)) == r"\frac{a + b}{b \cdot c}"
    assert to_latex(A * (A / B)) == r"a \cdot \frac{a}{b}"
    assert to_latex((A / B) ** 2) == r"\left(\frac{a}{b}\right)^{2}"


def test_names_for_one_text():
    s = A * B + 1
    node = s * s + C
    assert to_text(node) == "(a·b + 1)(a·b + 1) + c"
    assert to_text(node, names={s: "s1"}) == "s1·s1 + c"
    assert to_latex(node, names={s: "s1"}) == r"s_{1} \cdot s_{1} + c"
    assert to_text(s * (s + C), names={s: "s1"}) == "s1·(s1 + c)"


def test_formulas_of_any_depth():
    right = left = A
    for _ in range(20_000):
        right, left = A * right, left * (A + 1)
    for node in (right, left):
        assert len(to_text(node, budget=100)) == 101
    assert to_text(right, budget=100_000).count("a") == 20_001


def test_before_a_parenthesis_it_is_looked_a_few_factors_back():
    node = A
    for _ in range(10):
        node = node * (B + 1)
    assert to_text(node) == "a" + "(b + 1)" * 9 + "·(b + 1)"


@pytest.mark.parametrize("write, etc", [(to_text, "…"), (to_ascii, "..."), (to_latex, "…")])
@pytest.mark.parametrize("node", [A, A * (B + C), mg.sigmoid(M) * 3, (A + B) / C - 1])
def test_a_budget_is_how_many_characters_are_written(write, etc, node):
    whole = write(node)
    assert write(node, budget=len(whole)) == whole
    for budget in range(len(whole)):
        assert write(node, budget=budget) == whole[:budget] + etc


def test_numbers_and_powers():
    assert [format_exactly(x) for x in (np.inf, -np.inf, np.nan, -3.0, 1e-12)] == ["∞", "−∞", "NaN", "−3", "1e−12"]
    assert [format_exactly(x) for x in (1e-8, 2.5e-5, 1e20, np.float32(1e-7))] == ["1e−8", "2.5e−5", "1e20", "1e−7"]
    assert [latex_number(x) for x in ("−3", "1e−12", "2.5e8", "∞")] == ["-3", "10^{-12}", r"2.5 \cdot 10^{8}", r"\infty "]
    assert [to_text(power(symbol("x"), p)) for p in (2, 3, 10, -1, 0.5)] == ["x²", "x³", "x^10", "x^(−1)", "x^(0.5)"]


def test_functions_in_latex():
    x = mg.parameter(0.5, "x")
    assert [to_latex(f(x)) for f in (mg.exp, mg.log, mg.tanh, mg.arctan, mg.sigmoid)] == [
        rf"{command}\left(x\right)" for command in (r"\exp", r"\log", r"\tanh", r"\arctan", r"\sigma")
    ]  # fmt: skip
    assert to_latex(mg.softplus(x)) == r"\operatorname{softplus}\left(x\right)"
    assert to_latex(call("my_f", symbol("x"))) == r"\operatorname{my\_f}\left(x\right)"
    assert to_latex(call("mine", symbol("x"), latex=r"\mathcal{M}")) == r"\mathcal{M}\left(x\right)"


def test_transposes():
    assert to_text(transposed(transposed(symbol("W", (2, 3))))) == "W"


def test_names():
    assert with_subscripts("∂J/∂W12") == "∂J/∂W₁₂"
    assert to_text(mg.parameter(1.0, "W12"), subscripts=True) == "W₁₂"
    assert [as_drawn(name) for name in (r"\Gamma", r"\alpha2", r"\Gammas", r"\hat y", r"2\pi r")] == [
        "Γ", "α₂", r"\Gammas", r"\hat y", "2π r",
    ]  # fmt: skip
    assert [as_drawn(name) for name in ("theta_1", "x_12", "yhat", "y_hat", "∂J/∂theta2", "dbeta", "beta_max")] == [
        "θ₁", "x₁₂", "ŷ", "ŷ", "∂J/∂θ₂", "dβ", "β_max",
    ]  # fmt: skip
    words = ("what_to_pay", "what", "that", "chat", "dwhat", "of what", "what to pay", "yhat of all", "whatever")
    assert [as_drawn(name) for name in words] == [*words], "words are no letters with a hat"
    assert [as_drawn(name) for name in ("w_hat", "dw_hat", "yhat_1", "xbar2", "∂J/∂yhat", "yhat [2]", "theta_hat")] == [
        "ŵ", "dŵ", "ŷ₁", "x̄₂", "∂J/∂ŷ", "ŷ [2]", "θ̂",
    ]  # fmt: skip
    assert [as_drawn(name) for name in ("thetas", "hat", "alphabet", "x_1_2", "2x")] == [
        "thetas", "hat", "alphabet", "x_1_2", "2x",
    ]  # fmt: skip
    assert [latex_name(name) for name in ("theta_1", "x_12", "yhat", "thetabar", "dtheta1", "ŷ2", "3")] == [
        r"\theta_{1}", "x_{12}", r"\hat{y}", r"\mathit{thetabar}", r"d\theta_{1}", r"\hat{y}_{2}", "3",
    ]  # fmt: skip
    assert to_text(mg.parameter(1.0, "learning rate") ** 2) == "(learning rate)²"
    names = ["W1", "dW1", "σ", "cost", "∂J/∂W1", "a b", "x^2_{}"]
    names += [r"\Gamma", r"∂J/∂\theta1", "W1 [2]", "∂J/∂a [2]"]
    assert [latex_name(name) for name in names] == [
        "W_{1}", "dW_{1}", r"\sigma", r"\mathit{cost}", r"\frac{\partial J}{\partial W_{1}}", r"\text{a b}",
        r"\text{x\textasciicircum 2\_\{\}}", r"\Gamma", r"\frac{\partial J}{\partial \theta_{1}}", r"W_{1}\,[2]",
        r"\frac{\partial J}{\partial a\,[2]}",
    ]  # fmt: skip
    assert latex_words("2⁵⁰ paths → ✓") == r"\text{2}^{50}\text{ paths }\to \text{ }\checkmark "
