"""Formulas in ASCII are Python: evaluated over NumPy they give the value, and names are spelled as Python takes them."""

import ast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minigraph as mg
from minigraph.core.node import Role
from minigraph.core.operators import OPERATIONS
from minigraph.core.pulling import ancestors
from minigraph.formulas import call, enclosed, phrase, symbol, to_ascii, to_text
from minigraph.formulas.ascii_printer import RESERVED
from minigraph.formulas.spelling import ascii_names
from minigraph.testing import graphs

a, b = mg.parameter([1.0, 2.0, 3.0], "a"), mg.parameter([2.0, 1.0, 3.0], "b")
X, s = mg.data(np.ones((2, 3)), "X"), mg.data(2.0, "s")
GRADIENT = symbol("∂J/∂Z1", (2, 3))


def shaped(x, *shape):
    return np.reshape(x, shape[0])


def product_of_others(x, axis=None):
    result = np.empty(np.shape(x))
    axes = range(np.ndim(x)) if axis is None else axis
    for index in np.ndindex(result.shape):
        masked = np.array(x, float)
        masked[index] = 1
        result[index] = np.prod(masked[tuple(slice(None) if i in axes else p for i, p in enumerate(index))])
    return result


def sums_from_end(x, axis=(0,)):
    return np.flip(np.cumsum(np.flip(x, axis), axis[0]), axis)


def placed(x, index, shape):
    zeros = np.zeros(shape)
    np.add.at(zeros, eval(f"np.s_[{index}]", {"np": np}), x)  # what the printer wrote
    return zeros


def added_at(x, index, shape):
    zeros = np.zeros(shape)
    np.add.at(zeros, index, x)
    return zeros


class Index:
    """What an index is, with whole numbers for floats."""

    def __getitem__(self, index):
        parts = index if isinstance(index, tuple) else (index,)
        return tuple(np.asarray(part, int) if np.asarray(part).dtype.kind == "f" else part for part in parts)


class ByIndex(ast.NodeTransformer):
    """Each index of the formula as `Index` gives it."""

    def visit_Subscript(self, node):
        self.generic_visit(node)
        if not (isinstance(node.value, ast.Name) and node.value.id == "index"):
            node.slice = ast.Subscript(ast.Name("index", ast.Load()), node.slice, ast.Load())
        return node


def sum_of_products(*operands_and_subscripts, sizes=()):
    """An einsum of any kind: every product there is, added where its letters say."""
    *operands, subscripts = operands_and_subscripts
    inputs, _, output = subscripts.partition("->")
    terms = inputs.split(",")
    sizes = dict(sizes)
    for term, x in zip(terms, operands, strict=True):
        sizes |= dict(zip(term, np.shape(x), strict=True))
    result = np.zeros([sizes[letter] for letter in output])
    for places in np.ndindex(*sizes.values()):
        at = dict(zip(sizes, places, strict=True))
        factors = [np.asarray(x)[tuple(at[letter] for letter in term)] for term, x in zip(terms, operands, strict=True)]
        result[tuple(at[letter] for letter in output)] += np.prod(factors)
    return result


def softmax(z, axis=0):
    e = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


NUMPY = {
    "abs": np.abs, "sqrt": np.sqrt, "exp": np.exp, "log": np.log, "tanh": np.tanh, "sign": np.sign, "maximum": np.maximum,
    "sin": np.sin, "cos": np.cos, "tan": np.tan, "arcsin": np.arcsin, "arccos": np.arccos, "arctan": np.arctan,
    "sinh": np.sinh, "cosh": np.cosh, "expm1": np.expm1, "log1p": np.log1p, "logaddexp": np.logaddexp,
    "log_sigmoid": lambda z: -np.logaddexp(0, -z),
    "minimum": np.minimum, "where": np.where, "detach": lambda x: x,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)), "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z, slope=0.01: np.where(z > 0, z, slope * z), "softplus": lambda z: np.logaddexp(0, z),
    "softmax": softmax, "log_softmax": lambda z, axis=0: np.log(softmax(z, axis)),
    "bce": lambda p, y: -(y * np.log(p) + (1 - y) * np.log(1 - p)),
    "cross_entropy": lambda p, y: -(y * np.log(p)).sum(0, keepdims=True),
    "sum": np.sum, "mean": np.mean, "max": np.max, "min": np.min, "prod": np.prod, "cumsum": np.cumsum,
    "prod_of_others": product_of_others, "cumsum_from_end": sums_from_end,
    "stack": lambda *parts, axis: np.stack(parts, axis),
    "norm": lambda x, axis=None, keepdims=False: np.sqrt(np.sum(np.square(x), axis=axis, keepdims=keepdims)),
    "logsumexp": lambda x, axis=None, keepdims=False: np.log(np.sum(np.exp(x), axis=axis, keepdims=keepdims)),
    "concatenate": lambda *parts, axis: np.concatenate(parts, axis),
    "rowsum": lambda x: np.sum(x, 1, keepdims=True), "columnsum": lambda x: np.sum(x, 0, keepdims=True),
    "repeat": np.broadcast_to, "reshape": shaped, "transpose": np.transpose, "place": placed,
    "add_at": added_at, "index": Index(), "einsum": sum_of_products,
    "one_hot": lambda labels, classes: 1.0 * (np.arange(classes).reshape(-1, 1) == np.reshape(labels, (1, -1))),
    "inf": np.inf, "nan": np.nan,
}  # fmt: skip


def evaluated(text, **values):
    """The value of a formula that NumPy works out; nothing but formulas is let in."""
    tree = ast.parse(text, mode="eval")
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert names <= {*NUMPY, *values}, f"{names - {*NUMPY, *values}} in {text}"
    tree = ast.fix_missing_locations(ByIndex().visit(tree))
    return eval(compile(tree, "formula", "eval"), {"__builtins__": {}, **NUMPY, **values})


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (3 * (s + s), "3*(s + s)"),
        (-a - (b - a), "-a - (b - a)"),
        (a * b / (b * a), "(a * b)/(b * a)"),
        (a * (b / a), "a * (b/a)"),
        (a**2 - a**-1 + a**0.5, "a**2 - a**-1 + a**0.5"),
        ((a + b) ** 2, "(a + b)**2"),
        (X @ a, "X @ a"),
        ((X.T @ X).T, "(X.T @ X).T"),
        (mg.sigmoid(X) * mg.relu(X), "sigmoid(X) * relu(X)"),
        (mg.leaky_relu(a, 0.2), "leaky_relu(a, slope=0.2)"),
        (mg.log_softmax(X, 1), "log_softmax(X, axis=1)"),
        (abs(a) + mg.sqrt(a), "abs(a) + sqrt(a)"),
        (mg.maximum(a, b), "maximum(a, b)"),
        (X.max(axis=0), "max(X, axis=(0,))"),
        (X.sum(), "sum(X)"),
        (X.mean(keepdims=True), "mean(X, keepdims=True)"),
        (X.sum(1, keepdims=True), "sum(X, axis=(1,), keepdims=True)"),
        (mg.logsumexp(X, 1, keepdims=True), "logsumexp(X, axis=1, keepdims=True)"),
        (mg.norm(X, 0, keepdims=True), "norm(X, axis=(0,), keepdims=True)"),
        (mg.prod(X, 0, keepdims=True), "prod(X, axis=(0,), keepdims=True)"),
        (mg.squared_error(a, b), "0.5*(a - b)**2"),
        (mg.bce(a, b), "bce(a, b)"),
        (X.reshape(3, -1), "reshape(X, (3, 2))"),
        (mg.broadcast_to(a, (2, 3)), "repeat(a, (2, 3))"),
        (mg.transpose(X, (0, 1)), "transpose(X, axes=(0, 1))"),
        (mg.concatenate([a, b]), "concatenate(a, b, axis=0)"),
        (X[:, 1:2], "X[:, 1:2]"),
        (OPERATIONS["scatter"](s, (1,), (3,)), "place(s, '1', (3,))"),
        (s * (1 / 3) - np.sqrt(3.0), "s*(1/3) - sqrt(3)"),
        (s * 1e-12, "s*1e-12"),
        (s * -np.inf, "s*(-inf)"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_forms(node, text):
    assert to_ascii(node.formula()) == text


@pytest.mark.parametrize(
    ("local", "text"),
    [
        (mg.MatMulLeft(X.T), "X @ dZ1"),
        (mg.MatMulRight(X.T), "dZ1 @ X"),
        (mg.Scale(X), "dZ1 * X"),
        (mg.Negation(), "-dZ1"),
        (mg.relu(X).op.derivatives(X, X)[0], "dZ1 * (X > 0)"),
        (mg.leaky_relu(X).op.derivatives(X, X)[0], "dZ1 * ((X > 0) + 0.01*(X <= 0))"),
        (X.sum(1).op.derivatives(X, X)[0], "repeat(reshape(dZ1, (2, 1)), (2, 3))"),
        (mg.softmax(X).op.derivatives(X, X)[0], "X * (dZ1 - sum(X * dZ1, axis=0, keepdims=True))"),
        (mg.compose(mg.Scale(X), mg.MatMulLeft(X.T)), "X @ (dZ1 * X)"),
    ],
)  # fmt: skip
def test_maps(local, text):
    upstream = symbol("∂J/∂Z1", (2,)) if "repeat" in text else GRADIENT
    assert to_ascii(local.notation(upstream)) == text


def test_words_are_calls():
    assert to_ascii(phrase("row sum of", GRADIENT)) == to_ascii(phrase("Σ over examples of", GRADIENT)) == "rowsum(dZ1)"
    assert to_ascii(phrase("the cube of", symbol("x"))) == "the_cube(x)"
    assert to_ascii(call("arc tan", symbol("x"), options="in degrees")) == "arc_tan(x, 'in degrees')"
    assert to_ascii(enclosed("⟨", symbol("x"), "⟩")) == "<(x)"
    assert to_ascii(mg.LinearMap().notation(symbol("x"))) == "LinearMap.T(x)"
    assert to_ascii(X.reshape(3, 2), budget=7) == "reshape..."


def test_names():
    spell = ascii_names("J", RESERVED)
    names = {
        "W1": "W1", "∂J/∂W1": "dW1", "dW1": "dW1_2", "∂u/∂b": "du_db", "∂(∂J/∂b)/∂b": "ddb_db", "σ": "sigma",
        "θ₁": "theta1", "λ": "lambda_", "ŷ": "yhat", "a [1]": "a_1", "a_1": "a_1_2", "2x": "x2x", "−": "minus",
        "sum": "sum_2", "größe": None,
    }  # fmt: skip
    for name, expected in names.items():
        assert spell(name).isidentifier() and spell(name).isascii()
        assert expected is None or spell(name) == expected
    assert len({spell(name) for name in names}) == len(names)
    assert to_ascii(symbol("∂L/∂W1"), root="L") == "dW1"
    assert to_ascii(symbol("∂L/∂W1")) == "dL_dW1"
    assert to_ascii(a + b, names={a: "s1"}) == "s1 + b"


@given(st.lists(st.text(min_size=1, max_size=6), unique=True, max_size=6))
def test_no_two_names_become_one(names):
    spell = ascii_names("J", RESERVED)
    spelled = [spell(name) for name in names]
    assert len(set(spelled)) == len(names) and all(name.isidentifier() and name.isascii() for name in spelled)
    assert [spell(name) for name in names] == spelled


def test_an_exponent_may_be_a_formula():
    assert to_ascii((a**b).formula(), spell=str) == "a**b"
    assert to_ascii((a ** (b + 1)).formula(), spell=str) == "a**(b + 1)"


def test_roots_of_whole_numbers():
    assert to_ascii((a * np.sqrt(3)).formula(), spell=str) == "a*sqrt(3)"


def test_the_largest_of_one_operand_is_max_however_it_is_written():
    assert to_ascii(mg.max(a).formula(), spell=str) == "max(a)"
    assert to_ascii(mg.maximum(a, b).formula(), spell=str) == "maximum(a, b)"


@given(graph=graphs(max_operations=5))
def test_every_formula_and_every_local_derivative_evaluates_to_its_value(graph):
    nodes = ancestors([graph.root])
    names = {node: f"c{node.number}" for node in nodes if node.role is Role.LITERAL and node.shape}
    values = {names.get(node) or node.name: node.value for node in nodes if node.op is None and (node.shape or node.name)}
    for node in nodes:
        if node.op is None:
            continue
        text = to_ascii(node.formula(), exact=True, names=names, spell=str)
        found = evaluated(text, **values)
        assert np.shape(found) == node.shape, text
        np.testing.assert_allclose(found, node.value, rtol=1e-9, atol=1e-12)
        upstream = mg.data(np.linspace(0.5, 1.5, node.size).reshape(node.shape), "G")
        for local in node.op.derivatives(node, *node.inputs):
            if local is None:
                continue
            pulled = local.pull(upstream)
            more = {f"c{x.number}": x.value for x in ancestors([pulled]) if x.role is Role.LITERAL and x.shape}
            called = {x: f"c{x.number}" for x in ancestors([pulled]) if x.role is Role.LITERAL and x.shape}
            m = {x.name: x.value for x in ancestors([pulled]) if x.name == "m"}
            text = to_ascii(local.notation(upstream), exact=True, names=names | called, spell=str, budget=100_000)
            found = evaluated(text, G=upstream.value, **values | more | m)
            expected = np.broadcast_to(found, pulled.shape) if np.ndim(found) == 0 else np.reshape(found, pulled.shape)
            np.testing.assert_allclose(expected, pulled.value, rtol=1e-9, atol=1e-12, err_msg=text)


def test_an_explanation_in_ascii():
    W1, W2 = mg.parameter(np.eye(2), "W1"), mg.parameter([[1.0, 2.0]], "W2")
    b1, x = mg.parameter([[0.5], [0.25]], "b1"), mg.data([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], "X")
    A1 = mg.sigmoid((W1 @ x + b1).named("Z1")).named("A1")
    J = ((W2 @ A1).named("Z2")).sum().named("J")
    told = mg.explain(J, b1).ascii
    assert told.isascii()
    assert "  db1 = rowsum(dZ1), because b1 (2, 1) was broadcast to (2, 3)\n" in told
    assert "  dA1 = W2.T @ dZ2   (2, 1)*(1, 3) -> (2, 3)\n" in told
    assert mg.explain(J, W2, entry=(0, 1)).ascii.isascii()
    assert "dW2[0, i] = sum_p(dZ2[0, p] * A1[i, p])" in mg.explain(J, W2).ascii
    u = (mg.parameter(3.0, "θ") * 2).named("u")
    assert "dtheta = du * du_dtheta = 2*u * 2" in mg.explain((u**2).named("L"), u.inputs[0]).ascii
    assert mg.why_shape(A1).ascii.isascii()


def test_the_sign_of_a_sum_over_nothing():
    from minigraph.formulas.tree import index_sum

    assert to_ascii(index_sum([], symbol("x"), -1)) == "-x"
    assert to_ascii(index_sum(["p"], symbol("x"), -1)) == "-sum_p(x)"
    assert to_text(index_sum(["p", "r"], symbol("x"), -1)) == "−ΣₚΣᵣ x".replace("ₚΣ", "ₚ Σ")
