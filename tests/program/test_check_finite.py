"""Programs under check_finite: a NaN of their own is none, one that the graph has is named."""

import numpy as np
import pytest

import minigraph as mg


def test_under_check_finite_a_nan_of_the_programs_own_is_none():
    x = mg.parameter(np.full(3, 1e306), "x")
    step = mg.compile((x / 1000).sum().named("J"), updates={x: x * 1.5})
    with mg.check_finite():
        costs = [*step.repeat(3), step()]
    np.testing.assert_allclose(costs, 3e303 * 1.5 ** np.arange(4), rtol=1e-14)
    np.testing.assert_allclose(x.value, np.full(3, 1e306 * 1.5**4))
    assert "finite  " not in step.report()


@pytest.mark.parametrize("how", ["call", "repeat"])
def test_under_check_finite_what_is_hidden_at_the_end_is_named(how):
    x, w = mg.data([0.0, 1.0], "x"), mg.parameter([1.0], "w")
    step = mg.compile(mg.tanh(mg.log(x).named("l")).sum() * w, updates={w: w - 1.0})
    with mg.check_finite(), pytest.raises(mg.NonFiniteError, match=r"step 0: 'l' is .*-inf at entry \(0,\)"):
        step() if how == "call" else step.repeat(3)
    assert w.value.tolist() == [1.0]


def test_under_check_finite_an_operation_that_is_not_pure_names_a_leaf_that_is_not_finite():
    class Noise(mg.Elementwise):
        pure = False

        def forward(self, x):
            return x * 1.0

        def derivatives(self, y, x):
            return [mg.Identity()]

    w = mg.parameter([np.nan], "w")
    step = mg.compile(Noise()(w).sum(), updates={w: w * 1.0})
    with mg.check_finite(), pytest.raises(mg.NonFiniteError, match=r"step 0: 'w' is \(1,\): its value is nan"):
        step()
