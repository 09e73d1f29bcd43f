"""Activations, steps and choices in programs: the graph's numbers, and without calls of Python."""

from itertools import product

import numpy as np
import pytest

import minigraph as mg
from minigraph.operations.activations import Share
from minigraph.operations.choices import Step
from minigraph.program.lowering.activations import LARGEST_APART

HEIGHTS = (0.0, 0.5, 1.0, 2.0, -1.0)
AROUND = np.array([-3.0, -0.25, -0.0, 0.0, 0.75, 2.0])
ACTIVATIONS = {
    "sigmoid": mg.sigmoid,
    "relu": mg.relu,
    "leaky_relu": mg.leaky_relu,
    "softplus": mg.softplus,
    "log_sigmoid": mg.log_sigmoid,
    "tanh": mg.tanh,
    "the share of one": lambda x: Share()(x, 0.5 - x),
    "the larger": lambda x: mg.maximum(x, 0.25 * x),
    "a choice": lambda x: mg.where(np.tile([1.0, 0.0], x.size // 2), x, 2 * x),
}


@pytest.mark.parametrize("backend", ["numpy", "auto"])
@pytest.mark.parametrize("repeats", [1, LARGEST_APART])
def test_steps_of_any_heights(backend, repeats):
    x = mg.data(np.tile(AROUND, repeats), "x")
    for heights in product(HEIGHTS, repeat=3) if repeats == 1 else [(0.0, 0.0, 1.0), (0.5, 0.5, 1.0), (1.0, 1.0, 0.0)]:
        node = Step(*heights)(x)
        np.testing.assert_array_equal(mg.compile(node, backend=backend)(), node.value, err_msg=str(heights))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_derivatives_by_instructions_alone(name, dtype):
    x = mg.parameter(AROUND.astype(dtype), "x")
    y = ACTIVATIONS[name](x)
    nodes = [y, mg.grad(y, x, seed=np.ones(y.shape))]
    program = mg.compile(nodes)
    for own, node in zip(program(), nodes, strict=True):
        np.testing.assert_allclose(own, node.value, rtol=1e-14 if dtype == np.float64 else 1e-6)
    assert "forward" not in {instruction.function for instruction in program.machine.instructions.step}


def test_a_mask_is_looked_at_for_nan_only_where_it_may_have_one():
    x = mg.parameter(AROUND, "x")
    kept, spoilt = (mg.compile(mg.where([1.0, 0.0, 1.0, 0.0, 1.0, last], x, -x)) for last in (0.0, np.nan))
    assert [len(program.machine.instructions.step) for program in (kept, spoilt)] == [2, 4]
    np.testing.assert_array_equal(kept(), [-3.0, 0.25, -0.0, 0.0, 0.75, -2.0])
    np.testing.assert_array_equal(spoilt(), [-3.0, 0.25, -0.0, 0.0, 0.75, np.nan])
