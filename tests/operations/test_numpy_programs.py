"""Programs as people write them for HIPS autograd and micrograd: the same function runs on NumPy's arrays and on nodes."""

import math

import numpy as np
import pytest

import minigraph as mg

A = np.array([[0.5, 1.2, 2.0], [1.5, 0.7, 0.9]])
V = np.array([0.4, 1.1, 2.3])


def taylor_sine(x):
    answer = term = x
    i = 0
    while i < 12:
        i += 1
        term = -term * x * x / ((2 * i + 1) * (2 * i))
        answer = answer + term
    return np.sum(answer)


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)


def log_gaussian(x):
    mu, sigma = x[0], x[1]
    return np.sum(-0.5 * np.log(2 * np.pi) - np.log(sigma) - 0.5 * ((A - mu) / sigma) ** 2)


def logsumexp_by_hand(x):
    top = np.max(x)
    return top + np.log(np.sum(np.exp(x - top)))


def attention(x):
    scores = x @ x.T / np.sqrt(x.shape[-1])
    weights = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    weights = weights / np.sum(weights, axis=-1, keepdims=True)
    return np.sum((weights @ x) ** 2)


def standardized(x):
    return np.sum(x * ((x - np.mean(x, axis=0)) / (np.std(x, axis=0) + 1e-3)) ** 3)


def newton(x):
    y = x
    for _ in range(6):
        y = 0.5 * (y + x / y)
    return np.sum(y)


def rnn(x):
    h = np.zeros(2)
    for t in range(3):
        h = np.tanh(x[:, t] + 0.5 * h)
    return np.sum(h)


def pairwise_distances(x):
    difference = np.expand_dims(x, 0) - np.expand_dims(x, 1)
    return np.sum(np.sqrt(np.sum(difference**2, axis=2) + 1.0))


def micrograd_readme(x):
    a, b = x[0], x[1]
    c = a + b
    d = a * b + b**3
    c = c + c + 1
    c = c + 1 + c + (-a)
    d = d + d * 2 + np.maximum(b + a, 0)
    d = d + 3 * d + np.maximum(b - a, 0)
    e = c - d
    f = e**2
    return f / 2.0 + 10.0 / f


MATRIX = {
    "power of two arrays": lambda x: np.sum(x ** (x + 1)),
    "power of a number": lambda x: np.sum(2.0**x),
    "power of a row": lambda x: np.sum(x ** x[:1]),
    "np.power": lambda x: np.sum(np.power(x, x[0] - 0.3)),
    "root by power": lambda x: np.sum(x**0.5) ** (1 / 3),
    "geometric mean": lambda x: np.prod(x) ** (1 / x.size),
    "softplus": lambda x: np.sum(np.logaddexp(0.0, x)),
    "log1p expm1": lambda x: np.sum(np.log1p(np.expm1(x) ** 2)),
    "huber": lambda x: np.sum(np.where(np.ones((2, 3)) * [1, 0, 1] > 0, 0.5 * x**2, np.abs(x) - 0.5)),
    "clip": lambda x: np.sum(np.clip(x, 0.6, 1.4) * x),
    "min max": lambda x: np.max(x) * np.min(x) + np.sum(np.minimum(x, 1.0) * np.maximum(x, 0.8)),
    "cumsum": lambda x: np.sum(np.cumsum(x, axis=1) ** 2),
    "var std": lambda x: np.var(x) + np.sum(np.std(x, axis=1, ddof=1)),
    "norm": lambda x: np.linalg.norm(x) + np.sum(np.linalg.norm(x, axis=0)),
    "einsum": lambda x: np.einsum("ij,kj,k->", x, x, x[:, 0]),
    "outer dot": lambda x: np.sum(np.outer(x[0], x[1]) ** 2) + np.dot(x[0], x[1]),
    "stack": lambda x: np.sum(np.stack([x, x**2], axis=1)[:, 1] * np.vstack([x[1], x[0]])),
    "hstack": lambda x: np.sum(np.hstack([x, x * 2]) ** 2),
    "repeat tile": lambda x: np.sum(np.repeat(x, 2, axis=0)[1:3] * np.tile(x, (1, 2))[:, :3]),
    "swapaxes": lambda x: np.sum(np.swapaxes(x, 0, 1) @ x),
    "batched product": lambda x: np.sum(np.matmul(np.stack([x, x]), np.swapaxes(np.stack([x, 2 * x]), 1, 2))),
    "trigonometry": lambda x: np.sum(np.sin(x) * np.cos(x) + np.tan(x / 3) + np.arctan(x) - np.arccos(x / 3)),
    "arcsine": lambda x: np.sum(np.arcsin(x / 3) ** x),
    "hyperbolic": lambda x: np.sum(np.sinh(x) / np.cosh(x)),
    "ravel": lambda x: np.sum(np.ravel(x)[::2] ** np.ravel(x)[1::2]),
    "squeeze": lambda x: np.sum(np.squeeze(x[:1]) * np.expand_dims(x[0], 0)),
    "attention": attention, "standardized": standardized, "newton": newton, "rnn": rnn, "distances": pairwise_distances,
    "taylor": taylor_sine,
}  # fmt: skip
VECTOR = {
    "rosenbrock": rosenbrock, "log gaussian": log_gaussian, "logsumexp": logsumexp_by_hand, "readme": micrograd_readme,
    "tower": lambda x: x[0] ** x[1] ** x[2],
    "compound interest": lambda x: 100 * (1 + x[0] / 12) ** (12 * x[1]),
    "entropy": lambda x: -np.sum(x / np.sum(x) * np.log(x / np.sum(x))),
    "weibull": lambda x: np.log(x[0]) + (x[0] - 1) * np.log(x[1]) - x[1] ** x[0],
    "sum of nodes": lambda x: sum(a**b for a, b in zip(x, x[::-1], strict=True)),
    "polynomial": lambda x: sum(c * 1.3**k for k, c in enumerate(x)),
}  # fmt: skip
PROGRAMS = {**{name: (f, A) for name, f in MATRIX.items()}, **{name: (f, V) for name, f in VECTOR.items()}}


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_for_peers(name) -> None:
    function, given = PROGRAMS[name]
    x = mg.parameter(given, "x")
    y = function(x)
    assert math.isclose(float(y), float(function(given)), rel_tol=1e-13)
    gradient = mg.grad(y, x).value
    step = 1e-5
    for place in np.ndindex(given.shape):
        around = []
        for sign in (1, -1):
            moved = given.copy()
            moved[place] += sign * step
            around.append(float(function(moved)))
        assert math.isclose(gradient[place], (around[0] - around[1]) / (2 * step), rel_tol=1e-6, abs_tol=1e-8)
    value, compiled = mg.compile([y, mg.grad(y, x)])()
    np.testing.assert_allclose(value, float(y), rtol=1e-13)
    np.testing.assert_allclose(compiled, gradient, rtol=1e-12, atol=1e-14)
