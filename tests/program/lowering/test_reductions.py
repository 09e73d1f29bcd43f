"""Products, norms, powers, running sums and what joins arrays, in programs: the graph's numbers, without calls of Python."""

import numpy as np
import pytest

import minigraph as mg
from minigraph.operations.reductions import ProductOfOthers
from minigraph.program.lowering.table import lowering_of

VALUES = np.array([[[0.5, -1.5], [2.0, 0.0], [0.25, 3.0]], [[1.0, -0.75], [0.0, 2.5], [-2.0, 1.25]]])
OPERATIONS = {
    "min": lambda x: mg.min(x, 1),
    "prod": lambda x: mg.prod(x, (0, 2)),
    "prod of all": mg.prod,
    "prod of seven": lambda x: mg.prod(mg.ravel(x)[:7]),
    "prod of two": lambda x: mg.prod(x[..., :2], 2),  # of one factor there is one other, and no other of that
    "prod of one": lambda x: mg.prod(x[:1], 0),
    "cumsum": lambda x: mg.cumsum(x, 1),
    "cumsum of all": mg.cumsum,
    "var": lambda x: mg.var(x, 0, ddof=1),
    "std": lambda x: mg.std(x, 1, True),
    "norm": lambda x: mg.norm(x, (0, 1)),
    "norm of all": mg.norm,
    "norm at 0": lambda x: mg.norm(x * 0, 1),
    "logsumexp": lambda x: mg.logsumexp(x, 1, True),
    "logsumexp of all": lambda x: mg.logsumexp(x, (0, 2)),
    "stack": lambda x: mg.stack([x, 2 * x], -1),
    "vstack": lambda x: mg.vstack([x, x]),
    "hstack": lambda x: mg.hstack([x, x]),
    "repeat": lambda x: mg.repeat(x, 2, 1),
    "repeat unequally": lambda x: mg.repeat(x, [1, 2, 0], 1),
    "tile": lambda x: mg.tile(x, (2, 1)),
    "squeeze": lambda x: mg.squeeze(x[None]),
    "expand_dims": lambda x: mg.expand_dims(x, (0, 2)),
    "swapaxes": lambda x: mg.swapaxes(x, 0, 2),
}
JOINING = {"stack", "vstack", "hstack", "repeat unequally"}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("name", OPERATIONS)
def test_values_and_derivatives(name, dtype):
    x = mg.parameter(VALUES.astype(dtype), "x")
    y = OPERATIONS[name](x)
    J = (y * np.linspace(0.5, 1.5, y.size, dtype=dtype).reshape(y.shape) * y).sum()
    nodes = [y, mg.grad(J, x), mg.hvp(J, x, np.ones_like(VALUES, dtype))]
    for backend in ("numpy", "auto"):
        program = mg.compile(nodes, backend=backend)
        for own, node in zip(program(), nodes, strict=True):
            np.testing.assert_allclose(
                own, node.value, rtol=1e-12 if dtype == np.float64 else 3e-5, atol=1e-6 if dtype == np.float32 else 1e-14
            )
    forward = mg.compile(y).machine.instructions.step
    assert name in JOINING or "forward" not in [instruction.function for instruction in forward]


@pytest.mark.parametrize("shape", [(0, 3), (3, 0)])
def test_nothing_is_written_for_no_entries(shape):
    x = mg.parameter(np.zeros(shape), "x")
    for node in (mg.prod(x, 0), ProductOfOthers((0,))(x), mg.norm(x, 0), mg.logsumexp(x, 0)):
        assert lowering_of(node.op).expansion(node.op, x) is None or (node.op.name == "norm" and shape == (3, 0))


def test_very_large_and_small_numbers_are_looked_after():
    for scale in (1e200, 1e-200, 1e-310):
        x = mg.parameter(np.array([3.0, 4.0]) * scale, "x")
        assert mg.compile(mg.norm(x))() == pytest.approx(5 * scale, rel=1e-14)


def test_a_power_of_0_needs_no_help_of_the_graph():
    a, b = mg.parameter([0.0, 2.0], "a"), mg.parameter([2.0, 0.5], "b")
    nodes = [a**b, *mg.grad((a**b).sum(), [a, b])]
    program = mg.compile(nodes)
    for own, node in zip(program(), nodes, strict=True):
        np.testing.assert_allclose(own, node.value, rtol=1e-14)
    assert "not finite" not in program.report()
