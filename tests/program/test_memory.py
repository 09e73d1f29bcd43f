"""What lives where: results over dying operands, buffers used again, and nothing written over that is still read."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.operations.choices import Larger
from minigraph.program.memory import CACHE_LINE, empty


def leaves():
    random = np.random.default_rng(21)
    A = mg.parameter(random.standard_normal((4, 5)), "A")
    S = mg.parameter(random.standard_normal((4, 4)), "S")
    row = mg.parameter(random.standard_normal((1, 5)), "row")
    single = mg.parameter(random.standard_normal((4, 5)).astype(np.float32), "single")
    return A, S, row, single


# A graph, and the buffers that it takes.
CASES = {
    "one after the other": (lambda A, S, row, single: mg.tanh(mg.exp(mg.square(A))), 1),
    "the second operand": (lambda A, S, row, single: A - mg.exp(A), 1),
    "read twice by one": (lambda A, S, row, single: mg.multiply(x := mg.exp(A), x), 1),
    "read later": (lambda A, S, row, single: mg.tanh(x := mg.exp(A)) + mg.sqrt(x), 2),
    "a smaller operand that is repeated": (lambda A, S, row, single: A + mg.exp(row), 2),
    "an operand of one row that grows": (lambda A, S, row, single: mg.exp(row) - row, 1),
    "a part of a dying array": (lambda A, S, row, single: mg.tanh(mg.exp(A)[1:3]), 2),
    "all of a dying array in another shape": (lambda A, S, row, single: mg.tanh(mg.exp(A).reshape((2, 10))), 1),
    "a dying array and its transpose": (lambda A, S, row, single: (x := mg.exp(S)) - x.T, 1),
    "a dying transpose": (lambda A, S, row, single: mg.tanh(mg.exp(A).T), 2),
    "another precision": (lambda A, S, row, single: A + mg.exp(single), 2),
    "a product does not write over its operand": (lambda A, S, row, single: mg.exp(S) @ mg.exp(S + 1), 3),
    "an array that has become free": (lambda A, S, row, single: mg.exp(mg.exp(S) @ A) @ mg.exp(A.T), 3),
    "scratch that has become free": (lambda A, S, row, single: Larger()(A, row) + Larger()(row, mg.exp(A)), 4),
}


@pytest.mark.parametrize("name", CASES)
def test_values_and_buffers(name):
    build, buffers = CASES[name]
    node = build(*leaves()).sum(axis=0)  # an output of its own is computed in its row
    program = mg.compile(node)
    for _ in range(2):
        np.testing.assert_allclose(program(), node.value, rtol=3e-7 if name == "another precision" else 1e-14, atol=1e-15)
    apart = mg.compile(node, without=["reuse"])
    np.testing.assert_array_equal(apart(), program())
    assert program.machine.instructions.owned == buffers <= apart.machine.instructions.owned, program.source


def test_the_report_says_what_is_saved():
    A, *_ = leaves()
    program = mg.compile(mg.tanh(mg.exp(A)).sum(axis=0))
    assert "1 buffers of 160 bytes; memory used again: 160 bytes" in program.report()


@pytest.mark.parametrize("size", range(1, 12))
def test_arrays_begin_on_a_cache_line(size):
    array = empty((size, 3), np.float32)
    assert (
        array.ctypes.data % CACHE_LINE == 0
        and array.shape == (size, 3)
        and array.dtype == np.float32
        and array.flags.c_contiguous
    )


def descent(change, **more):
    """A step in which something is done with the gradients of W and b, which lie in one array; more leaves."""
    random = np.random.default_rng(3)
    W, b = mg.parameter(random.standard_normal((3, 5)), "W"), mg.parameter(random.standard_normal((3, 1)), "b")
    J = mg.mean(mg.square(mg.tanh(W @ random.standard_normal((5, 7)) + b)))
    by_w, by_b = mg.grad(J, [W, b])
    state = {mg.data(0.0, name): following(by_w) for name, following in more.items()}
    return J, {W: W - change(by_w), b: b - change(by_b), **state}


# What is done with all gradients, and what of it lies in their memory.
DESCENTS = {
    "a multiple": (lambda g: 0.5 * g, ["multiply_gradients"]),
    "a multiple of a multiple": (lambda g: 0.25 * (2.0 * g), ["multiply_gradients", "multiply_gradients_2"]),
    "a product with what is made of it": (lambda g: g * mg.square(g), ["multiply_gradients"]),
    "what needs more memory": (lambda g: (x := mg.tanh(0.5 * g + 1.0)) * mg.exp(x), ["multiply_gradients"]),
    "what is not 0 where they are": (lambda g: 0.1 * mg.exp(g), []),
}


@pytest.mark.parametrize("backend", ["numpy", "auto"])
@pytest.mark.parametrize("name", DESCENTS)
def test_multiples_of_all_gradients_are_written_over_them(name, backend):
    change, over = DESCENTS[name]
    J, updates = descent(change)
    program = mg.compile(J, updates=updates, without=["stack"], backend=backend)
    wanted = [J.value, *(new.value for new in updates.values())]
    found = [program(), *(leaf.value for leaf in updates)]
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)
    buffers = program.machine.instructions.buffers
    inside = {place for place in buffers if place.name == "gradients"}
    for place in buffers:
        inside |= {place} if place.base in inside else set()
    assert [place.name for place in buffers if place in inside] == ["gradients", *over], program.source


@pytest.mark.parametrize("backend", ["numpy", "auto"])
def test_what_is_read_in_parts_is_not_written_over(backend):
    J, updates = descent(lambda g: 0.5 * g, largest=lambda g: mg.tanh(mg.sqrt(mg.exp(mg.max(mg.square(g))))))
    program = mg.compile(J, updates=updates, without=["stack"], backend=backend)
    for _ in range(3):
        wanted = [J.value, *(new.value for new in updates.values())]
        found = [program(), *(leaf.value for leaf in updates)]
        for one, other in zip(found, wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-14)


@pytest.mark.parametrize("backend", ["numpy", "auto"])
def test_a_rate_that_was_nan_leaves_nothing_between_the_parts(backend):
    rate = mg.data(np.nan, "rate")
    J, updates = descent(lambda g: rate * g)
    program = mg.compile(J, updates=updates, without=["stack"], backend=backend)
    start = [leaf.value for leaf in updates]
    program()
    assert all(np.isnan(leaf.value).all() for leaf in updates)
    for leaf, value in zip(updates, start, strict=True):
        leaf.value = value
    rate.value = 0.5
    for _ in range(2):
        wanted = [J.value, *(new.value for new in updates.values())]
        for one, other in zip([program(), *(leaf.value for leaf in updates)], wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-14)
    assert "1 step was not finite" in program.report()
