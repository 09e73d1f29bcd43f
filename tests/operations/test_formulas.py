"""How operations and their derivatives are written, in text and in LaTeX."""

from typing import Any

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.operators import OPERATIONS
from minigraph.formulas import phrase, to_latex, to_text
from minigraph.operations.arithmetic import Accumulate
from minigraph.operations.choices import Equal

a, b = mg.parameter([1.0, 2.0, 3.0], "a"), mg.parameter([2.0, 1.0, 3.0], "b")
X, s = mg.data(np.ones((2, 3)), "X"), mg.data(2.0, "s")
G = mg.data([1.0, 1.0, 1.0], "G")

FORMULAS = [
    (a + b, "a + b", "a + b"),
    (a - b, "a − b", "a - b"),
    (a - (b - a), "a − (b − a)", r"a - \left(b - a\right)"),
    (a * b, "a ⊙ b", r"a \odot b"),
    (s * b, "s·b", r"s \cdot b"),
    (3 * (a + b), "3(a + b)", r"3\left(a + b\right)"),
    (a / b, "a/b", r"\frac{a}{b}"),
    (-a, "−a", "-a"),
    (a**2, "a²", "a^{2}"),
    (a**3, "a³", "a^{3}"),
    (a**10, "a^10", "a^{10}"),
    (a**-1, "a^(−1)", "a^{-1}"),
    (a**0.5, "a^(0.5)", "a^{0.5}"),
    (mg.exp(a), "exp(a)", r"\exp\left(a\right)"),
    (mg.log(a), "log(a)", r"\log\left(a\right)"),
    (mg.log1p(a), "log1p(a)", r"\operatorname{log1p}\left(a\right)"),
    (mg.expm1(a), "expm1(a)", r"\operatorname{expm1}\left(a\right)"),
    (mg.logaddexp(a, b), "logaddexp(a, b)", r"\operatorname{logaddexp}\left(a, b\right)"),
    (mg.log_sigmoid(a), "log σ(a)", r"\log\sigma\left(a\right)"),
    (mg.sin(a), "sin(a)", r"\sin\left(a\right)"),
    (mg.arctan(a), "arctan(a)", r"\arctan\left(a\right)"),
    (mg.cosh(a), "cosh(a)", r"\cosh\left(a\right)"),
    (mg.sqrt(a), "√(a)", r"\sqrt{a}"),
    (mg.square(a), "a²", "a^{2}"),
    (abs(a), "|a|", r"\left|a\right|"),
    (mg.sign(a), "sign(a)", r"\operatorname{sign}\left(a\right)"),
    (mg.maximum(a, b), "max(a, b)", r"\max\left(a, b\right)"),
    (mg.minimum(a, b), "min(a, b)", r"\min\left(a, b\right)"),
    (mg.clip(a, 0, 1), "min(max(a, 0), 1)", r"\min\left(\max\left(a, 0\right), 1\right)"),
    (mg.where(s, a, b), "where(s, a, b)", r"\operatorname{where}\left(s, a, b\right)"),
    (mg.detach(a), "detach(a)", r"\operatorname{detach}\left(a\right)"),
    (a**b, "a^b", "a^{b}"),
    (2**a, "2^a", "2^{a}"),
    (-(a ** (b + 1)), "−a^(b + 1)", "-a^{b + 1}"),
    ((a * b) ** -s * s, "(a ⊙ b)^(−s)·s", r"\left(a \odot b\right)^{-s} \cdot s"),
    ((a**b) ** (s**2), "(a^b)^(s²)", r"\left(a^{b}\right)^{s^{2}}"),
    (Equal()(a, b), "[a = b]", r"\left[a = b\right]"),
    (Accumulate()(a, b, a), "a + b + a", "a + b + a"),
    (mg.identity(a), "a", "a"),
    (mg.sigmoid(a), "σ(a)", r"\sigma\left(a\right)"),
    (mg.tanh(a), "tanh(a)", r"\tanh\left(a\right)"),
    (mg.relu(a), "ReLU(a)", r"\operatorname{ReLU}\left(a\right)"),
    (mg.leaky_relu(a), "leaky ReLU(a)", r"\operatorname{leaky ReLU}\left(a\right)"),
    (mg.leaky_relu(a, 0.2), "leaky ReLU(a; slope 0.2)", r"\operatorname{leaky ReLU}\left(a;\ \text{slope 0.2}\right)"),
    (mg.softplus(a), "softplus(a)", r"\operatorname{softplus}\left(a\right)"),
    (mg.softmax(X), "softmax(X)", r"\operatorname{softmax}\left(X\right)"),
    (mg.log_softmax(X, 1), "log softmax(X; axis 1)", r"\operatorname{log softmax}\left(X;\ \text{axis 1}\right)"),
    (mg.bce(a, b), "BCE(a, b)", r"\operatorname{BCE}\left(a, b\right)"),
    (mg.bce_with_logits(a, b), "BCE(σ(a), b)", r"\operatorname{BCE}\left(\sigma\left(a\right), b\right)"),
    (mg.squared_error(a, b), "½·(a − b)²", r"\tfrac{1}{2} \cdot \left(a - b\right)^{2}"),
    (
        mg.cross_entropy_with_logits(X, X),
        "CE(softmax(X), X)",
        r"\operatorname{CE}\left(\operatorname{softmax}\left(X\right), X\right)",
    ),
    (X.sum(), "sum X", r"\text{sum }X"),
    (X.sum(np.int64(1)), "sum(X; axis 1)", r"\operatorname{sum}\left(X;\ \text{axis 1}\right)"),
    (X.max(np.array([0, 1])), "max(X; axes 0, 1)", r"\max\left(X;\ \text{axes 0, 1}\right)"),
    (X.mean(), "mean X", r"\text{mean }X"),
    (X.reshape(3, -1), "X as 3×2", to_latex(phrase("", X, "as 3×2"))),
    (X.T, "Xᵀ", r"X^{\top}"),
    (mg.transpose(X, (0, 1)), "transpose(X; axes (0, 1))", r"\operatorname{transpose}\left(X;\ \text{axes (0, 1)}\right)"),
    (mg.broadcast_to(a, (2, 3)), "a repeated to 2×3", to_latex(phrase("", a, "repeated to 2×3"))),
    (mg.concatenate([a, b]), "concatenate(a, b; axis 0)", r"\operatorname{concatenate}\left(a, b;\ \text{axis 0}\right)"),
    (X[:, 1:2], "X[:, 1:2]", "X[:, 1:2]"),
    (X[..., None], "X[..., None]", "X[..., None]"),
    (X[::-1], "X[::-1]", "X[::-1]"),
    (a[[0, 2]], "a[[0, 2]]", "a[[0, 2]]"),
    (a[[0] * 12], f"a[{[0] * 12}]", f"a[{[0] * 12}]"),
    (a[[0] * 13], "a[13 entries]", "a[13 entries]"),
    (X @ a, "X a", r"X \, a"),
    (
        OPERATIONS["scatter"](s, (1,), (3,)),
        "s placed at [1] in zeros 3",
        to_latex(phrase("", s, "placed at [1] in zeros 3")),
    ),
    (OPERATIONS["cast"](a, np.dtype(np.float32)), "a", "a"),
]


@pytest.mark.parametrize(("node", "text", "latex"), FORMULAS, ids=[row[1] for row in FORMULAS])
def test_formula(node: mg.Node, text: str, latex: str) -> None:
    assert to_text(node.formula()) == text
    assert to_latex(node.formula()) == latex


STEPS: list[tuple[mg.Node, str]] = [
    (mg.relu(a), "G ⊙ [a > 0]"),
    (mg.relu(a, at_zero=1.0), "G ⊙ [a ≥ 0]"),
    (mg.relu(a, at_zero=0.5), "G ⊙ ([a > 0] + 0.5[a = 0])"),
    (mg.leaky_relu(a), "G ⊙ ([a > 0] + 0.01[a ≤ 0])"),
    (mg.leaky_relu(a, at_zero=1.0), "G ⊙ ([a ≥ 0] + 0.01[a < 0])"),
    (mg.leaky_relu(a, at_zero=0.5), "G ⊙ ([a > 0] + 0.5[a = 0] + 0.01[a < 0])"),
    (mg.leaky_relu(a, 0), "G ⊙ [a > 0]"),
    (mg.leaky_relu(a, 0, at_zero=1.0), "G ⊙ [a ≥ 0]"),
    (mg.maximum(a, b), "G ⊙ ([a > b] + 0.5[a = b])"),
    (mg.sin(a), "G ⊙ cos(a)"),
    (mg.cos(a), "G ⊙ (−sin(a))"),
    (mg.tan(a).named("t"), "G ⊙ (1 + t²)"),
    (mg.arcsin(a), "G ⊙ (1/√(1 − a²))"),
    (mg.logaddexp(a, b), "G ⊙ σ(a − b)"),
    (mg.log_sigmoid(a), "G ⊙ σ(−a)"),
    (mg.minimum(a, b), "G ⊙ ([b > a] + 0.5[b = a])"),
    (a**b, "G ⊙ b ⊙ a^(b − 1)"),
    (abs(a), "G ⊙ sign(a)"),
    (mg.sigmoid(a).named("A"), "G ⊙ A ⊙ (1 − A)"),
]


@pytest.mark.parametrize(("node", "text"), STEPS, ids=[row[1] for row in STEPS])
def test_a_derivative_by_its_first_operand(node: mg.Node, text: str) -> None:
    local: Any = node.op.derivatives(node, *node.inputs)[0]
    assert to_text(local.notation(G)) == text


def test_the_mean_over_columns_writes_their_number_as_m() -> None:
    row, column = mg.parameter(np.ones((1, 4)), "L"), mg.parameter(np.ones((4, 1)), "C")
    single, pair = mg.parameter(np.ones((1, 1)), "S"), mg.parameter(np.ones((1, 2)), "P")
    written = {}
    for node in (row.mean(), row.mean(axis=1), row.mean(axis=0), column.mean(), single.mean(), pair.mean()):
        (local,) = node.op.derivatives(node, *node.inputs)
        written[to_text(node.formula())] = to_text(local.notation(mg.data(np.ones(node.shape), "G")))
    assert written["mean L"] == "(G·(1/m)) repeated to 1×4"
    assert "1/m" in written["mean(L; axis 1)"]
    assert "1/m" in written["mean P"]
    assert all("1/m" not in written[text] for text in ("mean(L; axis 0)", "mean C", "mean S"))
