"""Functions of NumPy that are operations put together: the numbers are NumPy's, the derivatives those of differences."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigraph as mg
from minigraph.operations.numpy_names import numpy_names

RNG = np.random.default_rng(11)
V, W = RNG.normal(size=4), RNG.normal(size=4)
M, N = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 4))
S = RNG.normal(size=(2, 3, 4))
POSITIVE = RNG.uniform(0.5, 2, (2, 3))

CASES: list[tuple[Any, list[Any], dict[str, Any]]] = [
    (np.reciprocal, [POSITIVE], {}),
    (np.fabs, [M], {}),
    (np.log2, [POSITIVE], {}),
    (np.log10, [POSITIVE], {}),
    (np.exp2, [M], {}),
    (np.radians, [M], {}),
    (np.deg2rad, [M], {}),
    (np.degrees, [M], {}),
    (np.rad2deg, [V], {}),
    (np.moveaxis, [S, 0, -1], {}),
    (np.moveaxis, [S, (0, 1), (2, 0)], {}),
    (np.moveaxis, [S, [2, 0], [0, 1]], {}),
    (np.flip, [S], {}),
    (np.flip, [M, 1], {}),
    (np.flip, [S], {"axis": (0, -1)}),
    (np.flipud, [M], {}),
    (np.fliplr, [M], {}),
    (np.roll, [V, 1], {}),
    (np.roll, [V, -5], {}),
    (np.roll, [M, 2], {}),
    (np.roll, [M, 1], {"axis": 1}),
    (np.roll, [M, (1, 2)], {"axis": (0, 1)}),
    (np.roll, [M, 1], {"axis": (0, 1)}),
    (np.roll, [M, 4], {"axis": 1}),
    (np.roll, [np.zeros((0, 2)), 1], {"axis": 0}),
    (np.split, [V, 2], {}),
    (np.split, [N, 4], {"axis": 1}),
    (np.split, [N, [1, 1, 3]], {}),
    (np.split, [V, [2, 9]], {}),
    (np.array_split, [V, 3], {}),
    (np.array_split, [M, 5], {"axis": 0}),
    (np.vsplit, [N, 2], {}),
    (np.hsplit, [N, [1]], {}),
    (np.hsplit, [V, 2], {}),
    (np.atleast_1d, [np.float64(2.5)], {}),
    (np.atleast_1d, [V], {}),
    (np.atleast_2d, [np.float64(2.5)], {}),
    (np.atleast_2d, [V], {}),
    (np.atleast_2d, [S], {}),
    (np.atleast_2d, [V, M], {}),
    (np.column_stack, [[V, W]], {}),
    (np.column_stack, [(N, V, N)], {}),
    (np.append, [V, W], {}),
    (np.append, [V, 3.0], {}),
    (np.append, [M, N], {}),
    (np.append, [M, N], {"axis": 0}),
    (np.pad, [V, 2], {}),
    (np.pad, [M, (1, 2)], {}),
    (np.pad, [M, ((0, 1), (2, 0))], {"constant_values": 7.5}),
    (np.pad, [M, 1], {"mode": "constant", "constant_values": (1, 2)}),
    (np.diagonal, [M], {}),
    (np.diagonal, [M, 2], {}),
    (np.diagonal, [M, -1], {}),
    (np.diagonal, [M, 9], {}),
    (np.diagonal, [S, 1], {"axis1": 2, "axis2": 0}),
    (np.trace, [N], {}),
    (np.trace, [M, 1], {}),
    (np.trace, [S], {"axis1": 1, "axis2": 2}),
    (np.diag, [N], {}),
    (np.diag, [M, -2], {}),
    (np.diag, [V], {}),
    (np.diag, [V, 1], {}),
    (np.diag, [V], {"k": -2}),
    (np.tril, [M], {}),
    (np.tril, [S, 1], {}),
    (np.triu, [M, -1], {}),
    (np.triu, [N], {"k": 2}),
    (np.diff, [V], {}),
    (np.diff, [M], {"axis": 0}),
    (np.diff, [S, 2], {}),
    (np.diff, [V, 0], {}),
    (np.inner, [V, W], {}),
    (np.inner, [M, N], {}),
    (np.inner, [S, V], {}),
    (np.inner, [2.5, V], {}),
    (np.vdot, [M, M[::-1]], {}),
    (np.tensordot, [M, N, 1], {}),
    (np.tensordot, [S, S], {"axes": 3}),
    (np.tensordot, [V, W, 0], {}),
    (np.tensordot, [S, M, ((1, 2), (0, 1))], {}),
    (np.tensordot, [S, N, [-1, 0]], {}),
    (np.tensordot, [M, S], {"axes": ([0, 1], [1, 2])}),
    (np.kron, [V, W], {}),
    (np.kron, [M, N], {}),
    (np.kron, [V, M], {}),
    (np.kron, [2.5, V], {}),
]  # fmt: skip
NO_NODES: list[tuple[Any, list[Any], dict[str, Any]]] = [
    (np.shape, [S], {}),
    (np.ndim, [S], {}),
    (np.size, [S], {}),
    (np.size, [S], {"axis": -1}),
    (np.zeros_like, [M], {}),
    (np.zeros_like, [M], {"dtype": bool}),
    (np.ones_like, [V], {}),
    (np.full_like, [M, 2.5], {}),
    (np.full_like, [M, 2.5], {"dtype": np.float32}),
]


def named(row: tuple[Any, list[Any], dict[str, Any]]) -> str:
    function, operands, options = row
    shapes = [np.shape(x) if isinstance(x, np.ndarray | float) else x for x in operands]
    return f"{function.__name__} {shapes} {options}"[:60]


def is_operand(x: Any) -> bool:
    return isinstance(x, np.ndarray | float)


def on_nodes(function: Callable[..., Any], operands: list[Any], options: dict[str, Any]) -> tuple[Any, list[mg.Node]]:
    """What the function gives where arrays are nodes, and these nodes."""
    leaves: list[mg.Node] = []

    def leaf(x: Any) -> Any:
        if isinstance(x, list | tuple) and any(map(is_operand, x)) and not all(isinstance(y, float) for y in x):
            return type(x)(map(leaf, x))
        if is_operand(x):
            leaves.append(mg.parameter(x))
            return leaves[-1]
        return x

    return function(*map(leaf, operands), **options), leaves


@pytest.mark.parametrize(("function", "operands", "options"), CASES, ids=map(named, CASES))
def test_numbers_are_those_of_numpy_and_derivatives_those_of_differences(
    function: Callable[..., Any], operands: list[Any], options: dict[str, Any]
) -> None:
    given, leaves = on_nodes(function, operands, options)
    expected = function(*operands, **options)
    many = isinstance(expected, list | tuple)
    found, wanted = (list(given), list(expected)) if many else ([given], [expected])
    assert [x.shape for x in found] == [np.shape(x) for x in wanted]
    for mine, theirs in zip(found, wanted, strict=True):
        np.testing.assert_allclose(mine.value, theirs, rtol=1e-13)
    weights = np.random.default_rng(3)
    J = mg.sum(mg.concatenate([mg.ravel(mg.tanh(x)) * weights.normal(size=x.size) for x in found]))
    if J.value != 0:
        assert mg.check_gradients(J, leaves)


@pytest.mark.parametrize(("function", "operands", "options"), NO_NODES, ids=map(named, NO_NODES))
def test_numbers_about_an_array_are_no_nodes(
    function: Callable[..., Any], operands: list[Any], options: dict[str, Any]
) -> None:
    given = function(mg.parameter(operands[0]), *operands[1:], **options)
    expected = function(*operands, **options)
    assert type(given) is type(expected)
    np.testing.assert_array_equal(given, expected)
    assert getattr(given, "dtype", None) == getattr(expected, "dtype", None)


def test_an_array_as_full_of_a_node_as_it_can_be() -> None:
    c = mg.parameter(2.0, "c")
    filled = np.full_like(mg.data(M), c)
    assert filled.shape == (3, 4)
    assert mg.grad(filled.sum(), c).value == 12
    assert np.empty_like(c).shape == ()


def test_every_one_of_them_is_tried() -> None:
    assert set(numpy_names()) == {function for function, *_ in CASES + NO_NODES} | {np.empty_like}


def test_a_triangle_takes_nothing_of_the_rest_with_it() -> None:
    x = mg.parameter([[1.0, np.inf], [np.nan, 2.0]])
    assert np.tril(x)[0, 1].value == 0
    assert np.triu(x)[1, 0].value == 0
    assert mg.grad(np.triu(x)[1].sum(), x).value.tolist() == [[0, 0], [0, 1]]


def test_the_dtype_stays() -> None:
    x = mg.parameter(M.astype(np.float32))
    kept = [
        np.flip(x),
        np.roll(x, 1),
        np.pad(x, 1),
        np.triu(x),
        np.diff(x),
        np.kron(x, x),
        np.tensordot(x, x),
        np.log2(x * x),
    ]
    assert {node.dtype for node in kept} == {np.dtype(np.float32)}
    assert np.zeros_like(x).dtype == np.float32


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: np.moveaxis(mg.data(S, "S"), (0, 0), (1, 2)), "np.moveaxis: 'S' is (2, 3, 4): (0, 0) to (1, 2): each axis"),
    (lambda: np.moveaxis(mg.data(S, "S"), 3, 0), "axis 3 does not exist: it has 3 axes"),
    (lambda: np.flip(mg.data(M, "M"), 2), "np.flip: 'M' is (3, 4): axis 2 does not exist"),
    (lambda: np.roll(mg.data(M), 0.5), "np.roll: the shift is a whole number"),
    (lambda: np.split(mg.data(M, "M"), 2), "np.split: 'M' is (3, 4): axis 0 has 3 places, which can't be cut into 2 equal"),
    (lambda: np.array_split(mg.data(M, "M"), 0), "which can't be cut into 0 equal parts."),
    (lambda: np.pad(mg.data(M), 1, mode="edge"), "np.pad of a node puts one number around it"),
    (lambda: np.pad(mg.data(M), -1), "np.pad: a width is 0 or more, not -1."),
    (lambda: np.diag(mg.data(S, "S")), "np.diag: 'S' is (2, 3, 4): a vector is made a diagonal"),
    (lambda: np.diff(mg.data(V), -1), "np.diff: n is how often differences are taken, 0 or more, not -1."),
    (lambda: np.diff(mg.data(V), prepend=0), "np.diff of a node takes n, axis, but not prepend."),
    (lambda: np.tensordot(mg.data(M, "M"), mg.data(V, "V"), 2), "np.tensordot: 'V' is (4,): axis 1 does not exist"),
    (lambda: np.tensordot(mg.data(M), mg.data(M), 1), "the axes (1,) and (0,) have sizes [4] and [3], which differ."),
    (lambda: mg.flip, "module 'minigraph' has no attribute 'flip': use np.flip(node)."),
    (lambda: mg.data(V).flip(), "'Node' object has no attribute 'flip': use np.flip(node)."),
]  # fmt: skip


@pytest.mark.parametrize(("act", "message"), REFUSED, ids=[row[1][-40:] for row in REFUSED])
def test_what_is_refused_says_why(act: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError), match=re.escape(message)):
        act()
