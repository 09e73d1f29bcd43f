"""`mg.parse`: what the language means, and that whatever is not in it is refused at its character."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.core.node import Node
from minigraph.core.operators import OPERATIONS
from minigraph.formulas import to_text
from minigraph.parsing import parse_value
from minigraph.parsing.expression import DEEPEST, Parser


def result(text, **values):
    return next(reversed(mg.parse(text, **values).values()))


@pytest.mark.parametrize(
    "text",
    ["1 + 2*3", "1 - 2*3", "7 - 6/3 - 1", "(1 + 2)*3", "2**3**2", "-2**2", "2**-1", "--3", "+4", "-(1 - 2)", "8/4/2", "2*-3",
     "9**(1/2)", "9**-(1/2)", "2**(3 - 1)**2", "2**-2**2", "4**(2*3/(1 + 3))", "(1/2)**2",
     "1 - 2 - 3", "6/2*3", "1e3 + .5 + 2.", "-2*-3", "2**2*3", "((((5))))", "1\n+\t2", "1 - -1", "3 - +2"],
)  # fmt: skip
def test_operators_bind_as_in_python(text):
    assert float(result(text)) == eval(f"({text})")


def test_an_exponent_is_one_number_and_what_is_outside_of_it_stays_a_graph():
    nodes = mg.parse("u = x**(1/2); v = power(x, 1/2); w = x**-(1/2) * (1/2)", x=4.0)
    assert [to_text(nodes[name].formula()) for name in "uvw"] == ["x^(0.5)", "x^(0.5)", "x^(−0.5)·(1/2)"]
    assert [float(nodes[name]) for name in "uvw"] == [2.0, 2.0, 0.25]


@pytest.mark.parametrize(
    ("text", "written", "value"),
    [
        ("a ** b", "a^b", 9.0),
        ("power(a, b)", "a^b", 9.0),
        ("a ** b ** 2", "a^(b²)", 81.0),
        ("2 ** (1 - b)", "2^(1 − b)", 0.5),
        ("2 ** -b", "2^(−b)", 0.25),
        ("2 ** sqrt(4) + 0*b", "2^√(4) + 0·b", 4.0),
        ("a ** (b * (1/2))", "a^(b·0.5)", 3.0),
        ("(a*b) ** (b/2 - 1) * b", "(a·b)^(b/2 − 1)·b", 2.0),
    ],
)
def test_an_exponent_may_be_a_graph(text, written, value):
    node = mg.parse(text, **{name: start for name, start in (("a", 3), ("b", 2)) if name in text})["J"]
    assert to_text(node.formula()) == written
    assert float(node) == value


def test_an_exponent_may_be_a_list():
    assert mg.parse("a ** [1, 2]", a=3)["J"].value.tolist() == [3, 9]


class Sums:
    """Random arithmetic as text; Python's own parser is the oracle."""

    numbers = st.integers(0, 9).map(str) | st.floats(0.5, 9).map(lambda x: f"{x:.3f}")
    texts = st.recursive(
        numbers,
        lambda inner: st.one_of(
            st.tuples(inner, st.sampled_from(["+", "-", "*", " / ", " - "]), inner).map("".join),
            inner.map(lambda text: f"({text})"),
            inner.map(lambda text: f"-{text}"),
            st.tuples(inner.map(lambda text: f"({text})"), st.sampled_from(["**2", "**1", "**0", "**(3 - 1)"])).map("".join),
        ),
        max_leaves=12,
    )


@given(Sums.texts)
def test_random_arithmetic_is_what_python_makes_of_it(text):
    try:
        expected = float(eval(text))
    except ZeroDivisionError:
        return
    value = float(result(text))
    assert value == pytest.approx(expected, rel=1e-12)


def test_named_steps_and_roles():
    nodes = mg.parse("z = w*x + b; a = sigmoid(z); L = bce(a, y)", w=0.4, x=mg.data(1.5), b=0.1, y=mg.data(1.0))
    assert [to_text(node.formula()) for node in nodes.values()] == ["w", "x", "b", "y", "w·x + b", "σ(z)", "BCE(a, y)"]
    assert [node.role.value for node in nodes.values()] == ["parameter", "data", "parameter", "data", *["operation"] * 3]
    assert [node.name for node in nodes.values()] == list(nodes) == ["w", "x", "b", "y", "z", "a", "L"]
    assert mg.grad(nodes["L"], nodes["w"]).value == pytest.approx((1 / (1 + math.exp(-0.7)) - 1) * 1.5)


def test_a_step_without_a_name_is_J_and_a_semicolon_may_end_the_text():
    assert list(mg.parse("u = 2*a; u + 1;", a=1)) == ["a", "u", "J"]


def test_steps_that_only_repeat_are_nodes_of_their_own():
    nodes = mg.parse("u = a; v = u; c = 3; [1, 2]", a=5.0)
    assert [nodes[name].value.tolist() for name in "uvcJ"] == [5.0, 5.0, 3.0, [1.0, 2.0]]
    assert nodes["u"].inputs == (nodes["a"],)


def test_matrices_transposes_and_options():
    assert result("W @ x.T + [[1], [2]]", W=[[1, 0], [0, 1]], x=[[3, 4]]).value.tolist() == [[4], [6]]
    assert result("sum(W, axis=1, keepdims=True)", W=[[1, 2], [3, 4]]).value.tolist() == [[3], [7]]
    assert result("mean(W, axis=None)", W=[[1, 2], [3, 4]]).value == 2.5
    assert result("softmax([[0], [0]], axis=-2)").value.tolist() == [[0.5], [0.5]]
    assert result("reshape(x, [2, 1])", x=[1, 2]).shape == (2, 1)
    assert result("concatenate([a, b, a], axis=0)", a=[1], b=[2]).value.tolist() == [1, 2, 1]
    assert result("(a + b).T.T", a=[[1, 2]], b=1).value.tolist() == [[2, 3]]


def test_the_subscripts_of_einsum():
    values = {"A": [[1, 2]], "B": [[3], [4]]}
    for text in ("einsum('ij,jk->ik', A, B)", 'einsum("ij,jk", A, B)', "einsum('ij,jk->ik', A, B) * 1"):
        assert result(text, **values).value.tolist() == [[11]]


def test_every_public_operation_can_be_called():
    assert set(Parser("1", {}).operations) == set(OPERATIONS) & set(mg.__all__) > {"sigmoid", "bce", "sum", "exp"}
    assert result("relu(a) * maximum(a, 1) + sqrt(abs(a))", a=4.0).value == 18


def test_a_node_keeps_its_own_name():
    x = mg.data(2.0, "features")
    nodes = mg.parse("x*x", x=x)
    assert nodes["x"] is x
    assert x.name == "features"


REFUSED = [
    ("3(a+b)", 1, "only an operation can be called. To multiply write *."),
    ("(a)(b)", 3, "only an operation can be called"),
    ("a(b)", 1, "only an operation can be called"),
    ("2a", 1, "To multiply write *"),
    ("a b", 2, "To multiply write *; steps are separated by ';'"),
    ("a + b = 3", 6, "only a name can stand before '='"),
    ("a +", 3, "the end stands where a number, a name or '(' should"),
    ("a + *b", 4, "'*' stands where a number"),
    ("(a", 2, "the end stands where ')' should close the parenthesis"),
    ("a)", 1, "After 'a' comes ')'"),
    ("sum(a b)", 6, "'b' stands where ',' should separate the arguments"),
    ("sum(a,", 6, "the end stands where a number"),
    ("sum(a, axis=b)", 12, "'b' stands where a number or a list of numbers should"),
    ("relu(at_zero=1, a)", 16, "operands come before options"),
    ("relu(a, slope=2)", 0, "unexpected keyword argument 'slope'"),
    ("sum(a, axis=3)", 0, "axis 3 does not exist"),
    ("[1, 2", 5, "',' should separate the entries"),
    ("[]", 1, "']' stands where"),
    ("[a, 1] + 2", 7, "a matrix holds numbers. To join nodes write concatenate([a, b])."),
    ("[[1], [2, 3]] + a", 14, "not a regular array"),
    ("a' * b'", 1, "A transpose is written .T."),
    ("a + 'b'", 4, "text in quotes is for the subscripts of einsum"),
    ("relu('a')", 0, "relu"),
    ("einsum('ij', a)", 0, "einsum: 'a' is (): 'ij' has 2 letters"),
    ("einsum('i->j', a)", 0, "einsum: 'i->j': the result has j, but no operand has it."),
    ("a^2", 1, "a power is written **"),
    ("a·b", 1, "a product is written *"),
    ("2 − 1", 2, "a minus is written -"),
    ("a.real", 1, "after a point there can be only T"),
    ("a.__class__", 1, "after a point"),
    ("a % 2", 2, "'%' is not part of the language: there are numbers, names, + - * / @ ** ( ) [ ] , ; ="),
    ("__import__('os')", 0, "there is no operation '__import__'"),
    ("lambda: 1", 6, "':' is not part of the language"),
    ("eval(a)", 0, "there is no operation 'eval'"),
    ("sigmod(a)", 0, "there is no operation 'sigmod'. Is 'sigmoid' meant?"),
    ("Sigmoid(a)", 0, "there is no operation 'Sigmoid'. Is 'sigmoid' meant?"),
    ("sigmoid", 0, "'sigmoid' is an operation: write sigmoid(…)"),
    ("c + 1", 0, "'c' has no value. Give it one, c=…, or make it a step before."),
    ("u = v; v = a", 4, "'v' has no value"),
    ("u = 1; u = 2", 7, "'u' has a value already"),
    ("a = 3", 0, "'a' has a value already"),
    ("a; b", 3, "'J' is taken"),
    ("", 0, "here a step is missing"),
    ("a;;b", 2, "here a step is missing"),
    ("a @ b", 2, "matmul: 'a' is () and 'b' is ()"),
    ("2 ** (0 - 1) ** 0.5", 13, "power: this exponent is not a real number"),
    ("2 ** 9 ** 999", 7, "power: this exponent is not a real number"),
    ("2 ** 0 ** -1", 7, "power: this exponent is not a real number"),
    ("2 ** (1/0)", 7, "power: this exponent is not a real number"),
    ("2 ** (1e308*9)", 11, "power: this exponent is not a real number"),
    ("2 ** (1@2)", 7, "power: this exponent is not a real number"),
    ("a\n + ?", 5, "'?' is not part of the language"),
    ("(" * 99, DEEPEST, "nested more than 60 deep"),
    ("[" * 99, DEEPEST, "nested more than 60 deep"),
    ("-" * 99 + "a", DEEPEST, "nested more than 60 deep"),
    ("1" + "**1" * 99, 3 * DEEPEST, "nested more than 60 deep"),
]


@pytest.mark.parametrize(("text", "position", "message"), REFUSED, ids=lambda value: str(value)[:20])
def test_what_is_not_in_the_language_is_refused_at_its_character(text, position, message):
    with pytest.raises(mg.ParseError) as caught:
        mg.parse(text, a=1.0, b=2.0)
    assert message in str(caught.value)
    assert caught.value.position == position
    assert caught.value.text == text


def test_the_caret_stands_below_the_character():
    with pytest.raises(mg.ParseError) as caught:
        mg.parse("u = 2;\nv = u + ?")
    assert str(caught.value).splitlines()[-2:] == ["    v = u + ?", "            ^"]
    with pytest.raises(mg.ParseError) as caught:
        mg.parse("1 + " * 100 + "?")
    shown, caret = str(caught.value).splitlines()[-2:]
    assert shown[caret.index("^")] == "?"
    assert shown.startswith("    …")


def test_values_that_are_not_used_or_no_numbers_are_refused():
    with pytest.raises(ValueError, match="no step uses 'b', 'c' of 'a'"):
        mg.parse("a", a=1, b=2, c=3)
    with pytest.raises(mg.ParseError, match="the value of 'a'") as caught:
        mg.parse("1 + a", a="text")
    assert caught.value.position == 4


@given(st.text(st.sampled_from("ab1.+-*/@()[],;= Texpsumin'\"\\\n∂σ_%"), max_size=30) | st.text(max_size=20))
def test_any_text_makes_nodes_or_a_parse_error(text):
    try:
        nodes = mg.parse(text, a=mg.data(1.0))
    except ValueError as error:
        assert isinstance(error, mg.ParseError) or "no step uses 'a'" in str(error)
        assert not isinstance(error, mg.ParseError) or 0 <= error.position <= len(text)
    else:
        assert all(isinstance(node, Node) for node in nodes.values())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("-2.5", -2.5),
        ("+1e-3", 0.001),
        ("[1, -2]", [1, -2]),
        ("[[1,2],[3,4]]", [[1, 2], [3, 4]]),
        ("1" * 20, 1e19 / 0.9),
    ],
)
def test_values_of_the_command_line(text, value):
    assert parse_value(text) == (pytest.approx(value) if isinstance(value, float) else value)


@pytest.mark.parametrize("text", ["", "x", "1 2", "[1", "1+1", "sum(1)", "--1"])
def test_what_is_no_value_is_refused(text):
    with pytest.raises(mg.ParseError):
        parse_value(text)


def test_long_sums_are_read_without_recursion():
    assert float(result(" + ".join(["a"] * 5000), a=1.0)) == 5000


def test_numbers_of_any_length():
    assert np.isfinite(float(result("1" * 300)))
