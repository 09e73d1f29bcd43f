"""Formulas mean what the graph computes: SymPy differentiates the forward formula and finds the local derivative."""

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy.parsing.sympy_parser import implicit_multiplication, parse_expr, standard_transformations

import minigraph as mg
from minigraph.core.node import literal
from minigraph.formulas import to_text

A, B = 0.4, 0.7

FUNCTIONS = {
    "sigma": lambda z: 1 / (1 + sympy.exp(-z)),
    "softplus": lambda z: sympy.log(1 + sympy.exp(z)),
    "BCE": lambda p, y: -(y * sympy.log(p) + (1 - y) * sympy.log(1 - p)),
    "max": sympy.Max,
    "exp": sympy.exp, "log": sympy.log, "sqrt": sympy.sqrt, "tanh": sympy.tanh,
}  # fmt: skip

OPERATIONS = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negative": lambda a, b: -a,
    "square": lambda a, b: mg.square(a),
    "cube": lambda a, b: a**3,
    "inverse power": lambda a, b: a**-2,
    "fractional power": lambda a, b: a**0.5,
    "exp": lambda a, b: mg.exp(a),
    "log": lambda a, b: mg.log(a),
    "sqrt": lambda a, b: mg.sqrt(a),
    "sigmoid": lambda a, b: mg.sigmoid(a),
    "tanh": lambda a, b: mg.tanh(a),
    "softplus": lambda a, b: mg.softplus(a),
    "bce": lambda a, b: mg.bce(a, b),
    "bce_with_logits": lambda a, b: mg.bce_with_logits(a, b),
    "squared_error": lambda a, b: mg.squared_error(a, b),
}


def read(text):
    """A formula as SymPy understands it."""
    for ours, theirs in zip("σ·−^²³√½", ("sigma", "*", "-", "**", "**2", "**3", "sqrt", "0.5"), strict=True):
        text = text.replace(ours, theirs)
    names = {**FUNCTIONS, "a1": sympy.Symbol("a1"), "b1": sympy.Symbol("b1")}
    return parse_expr(text, names, transformations=(*standard_transformations, implicit_multiplication))


def at(formula):
    return float(formula.subs({"a1": A, "b1": B}).evalf(30))


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_derivative_of_the_forward_formula_is_the_local_derivative(name):
    a, b = mg.parameter(A, "a1"), mg.parameter(B, "b1")
    node = OPERATIONS[name](a, b)
    formula = read(to_text(node.formula()))
    assert at(formula) == pytest.approx(float(node), rel=1e-12)
    for leaf, local in zip(node.inputs, node.op.derivatives(node, *node.inputs), strict=True):
        pulled = local.pull(literal(1.0))
        differentiated = at(sympy.diff(formula, leaf.name)) if leaf.name else 0.0
        assert float(pulled) == pytest.approx(differentiated, rel=1e-10)
        assert at(read(to_text(pulled.formula()))) == pytest.approx(differentiated, rel=1e-10)


@given(st.data())
def test_products_in_explanations(data):
    a, b = mg.parameter(A, "a1"), mg.parameter(B, "b1")
    smooth = [key for key in OPERATIONS if "bce" not in key]
    node = a
    for _ in range(data.draw(st.integers(1, 2))):
        node = mg.softplus(OPERATIONS[data.draw(st.sampled_from(smooth))](node, b))
    J = node.named("J")
    lines = str(mg.explain(J, a)).splitlines()
    head = lines[0].partition(" at ")[0].partition(" = ")[2]
    expected = at(sympy.diff(read(head), "a1"))
    told = next(line for line in lines if line.startswith("∂J/∂a1 = "))
    product = told.split(" = ")[1].split(" ≈ ")[0]
    assert at(read(product)) == pytest.approx(expected, rel=1e-9)
    assert float(mg.grad(J, a)) == pytest.approx(expected, rel=1e-9)
