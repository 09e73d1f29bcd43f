"""Cases of operations that work entry by entry."""

from collections.abc import Iterator
from typing import Any

import mpmath
import numpy as np
from oracles import by_entry, cross_entropy, exact, sigmoid

import minigraph as mg
from minigraph.core.operators import OPERATIONS
from tests.operations.cases.case import MASK, SAME, Case, Shape, binary, case, unary


def chosen(mask: Any, a: Shape, b: Shape) -> Case:
    """`where` with a mask, which is no operand that is differentiated."""
    truth = np.asarray(mask.value if isinstance(mask, mg.Node) else mask, float)
    oracle = by_entry(lambda m, p, q: p if m else q)
    return case("where", lambda p, q: oracle(truth, p, q), a, b, call=lambda p, q: mg.where(mask, p, q), label=truth.shape)


def entry_by_entry() -> Iterator[Case]:
    yield from binary("add", lambda a, b: a + b)
    yield from binary("subtract", lambda a, b: a - b)
    yield from binary("multiply", lambda a, b: a * b)
    yield from binary("divide", lambda a, b: a / b)
    yield from binary("maximum", lambda a, b: a if a > b else b)
    yield from binary("minimum", lambda a, b: a if a < b else b)
    yield from unary("clip", lambda x: min(max(x, -0.25), 0.5), call=lambda x: mg.clip(x, -0.25, 0.5), label="both")
    yield from unary("clip", lambda x: min(x, 0.5), call=lambda x: mg.clip(x, max=0.5), label="above")
    yield from unary("clip", lambda x: max(x, -0.25), call=lambda x: mg.clip(x, -0.25), label="below")
    yield case("clip", by_entry(lambda x, low, high: min(max(x, low), high)), (2, 3), (2, 1), (3,))
    yield from binary("squared_error", lambda a, y: (a - y) ** 2 / 2, SAME)
    yield from binary("bce", cross_entropy, SAME, ("unit", "unit"))
    yield from binary("bce_with_logits", lambda z, y: cross_entropy(sigmoid(z), y), SAME, ("real", "unit"))
    yield from unary("negative", lambda x: -x)
    yield from unary("exp", mpmath.exp)
    yield from unary("log", mpmath.log, "positive")
    yield from unary("expm1", mpmath.expm1)
    yield from unary("log1p", mpmath.log1p, "positive")
    yield from unary("sin", mpmath.sin)
    yield from unary("cos", mpmath.cos)
    yield from unary("tan", mpmath.tan)
    yield from unary("arcsin", mpmath.asin, "unit")
    yield from unary("arccos", mpmath.acos, "unit")
    yield from unary("arctan", mpmath.atan)
    yield from unary("sinh", mpmath.sinh)
    yield from unary("cosh", mpmath.cosh)
    yield from unary("log_sigmoid", lambda z: mpmath.log(sigmoid(z)))
    yield from binary("logaddexp", lambda a, b: mpmath.log(mpmath.exp(a) + mpmath.exp(b)))
    yield from unary("sqrt", mpmath.sqrt, "positive")
    yield from unary("square", lambda x: x * x)
    yield from unary("abs", lambda x: x if x > 0 else -x)
    yield from unary("sign", lambda x: 1 if x > 0 else -1)
    yield from unary("identity", lambda x: x)
    twice = lambda x: x * mg.detach(mg.parameter(x.dtype.type(2)))  # noqa: E731
    yield from unary("detach", lambda x: 2 * x, call=twice, label="of a factor")
    for mask, pairs in (
        (MASK[0], [((), ()), ((3,), ()), ((3,), (3,)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((1, 1), (0, 3))]),
        (mg.data([[2.0], [0.0]]), [((), ()), ((3,), ()), ((2, 3), (2, 3)), ((2, 1), (3,)), ((0,), (2, 1))]),
        (True, [((), ()), ((2, 3), (3,)), ((0, 3), (3,))]),
    ):  # fmt: skip
        for pair in pairs:
            yield chosen(mask, *pair)
    yield from unary("sigmoid", sigmoid)
    yield from unary("tanh", mpmath.tanh)
    yield from unary("softplus", lambda z: mpmath.log(1 + mpmath.exp(z)))
    yield from unary("relu", lambda z: z if z > 0 else 0)
    for s in (0.01, 0.3, -0.5, 2.0):
        call = lambda z, s=s: mg.leaky_relu(z, s)  # noqa: E731
        yield from unary("leaky_relu", lambda z, s=s: z if z > 0 else s * z, call=call, label=s)
    yield from binary("power", lambda a, b: a**b, domains=("positive", "real"))
    for constant in (2.0, 0.5):
        yield from unary("power", lambda x, c=constant: exact(c) ** x, call=lambda x, c=constant: c**x, label=f"{constant}ˣ")
    yield from unary("power", lambda x: x**3, call=lambda x: x ** mg.parameter(x.dtype.type(3)), label="³ as a node")
    for p in (-2, -1, 0, 1, 2, 3, 4):
        yield from unary("power", lambda x, p=p: x**p, call=lambda x, p=p: mg.power(x, p), label=p)
    for p in (-0.5, 0.5, 1.5, 2.5):
        yield from unary("power", lambda x, p=p: x ** exact(p), "positive", call=lambda x, p=p: x**p, label=p)
    yield from unary("cast", lambda x: x, call=lambda x: OPERATIONS["cast"](x, np.dtype(np.float64)))
