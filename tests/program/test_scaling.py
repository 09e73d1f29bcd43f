"""Numbers move to the end of linear operations and meet there: the same value, with fewer multiplications."""

import numpy as np
import pytest

import minigraph as mg


def operands():
    random = np.random.default_rng(11)
    return [mg.parameter(random.uniform(0.5, 2, (3, 3)), name) for name in "ab"]


def twice(a):
    return 2 * a


# What is computed, and with how many numbers a step multiplies (or divides) for it.
CASES = {
    "multiples of multiples": (lambda a, b: 2 * (a / 4) * 3 + b, 1),
    "a product of multiples": (lambda a, b: (2 * a) * (3 * b), 1),
    "a matrix product of multiples": (lambda a, b: (2 * a) @ (0.5 * b).T, 0),
    "a multiple by a multiple": (lambda a, b: (2 * a) / (3 * b), 2),
    "a multiple by itself": (lambda a, b: twice(a) / twice(a) + b, 1),
    "the square of a multiple": (lambda a, b: twice(a) * twice(a) * b, 1),
    "a sum of equal multiples": (lambda a, b: mg.tanh(2 * a + 2 * b), 1),
    "a difference of equal multiples": (lambda a, b: mg.tanh(2 * a - 2 * b), 1),
    "a sum of unequal multiples": (lambda a, b: mg.tanh(2 * a + 3 * b), 2),
    "a sum with one multiple": (lambda a, b: mg.tanh(2 * a + b), 1),
    "under what is not linear": (lambda a, b: mg.tanh(2 * a) * b, 1),
    "beside what is not linear": (lambda a, b: mg.tanh(a) * (2 * b) * 3, 1),
    "the opposite": (lambda a, b: mg.tanh(-a) * (-b), 0),
}


@pytest.mark.parametrize("name", CASES)
def test_the_value_stays_and_the_numbers_meet(name):
    build, numbers = CASES[name]
    node = build(*operands())
    program = mg.compile(node)
    np.testing.assert_allclose(program(), node.value, rtol=1e-15)
    assert program.source.count("(number_") + program.source.count("(two") + program.source.count(", number_") == numbers, (
        program.source
    )
