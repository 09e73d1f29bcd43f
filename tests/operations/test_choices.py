"""`where`, `clip`, `minimum` and `detach` at the points where they decide: ties, bounds, masks, what is held fixed."""

from typing import Any

import numpy as np
import pytest

import minigraph as mg

inf, nan = np.inf, np.nan


def gradients(J: mg.Node, *leaves: mg.Node) -> list[Any]:
    return [g.value.tolist() for g in mg.grad(J, list(leaves), allow_unused=True)]


def test_ties_of_minimum_share_equally_at_infinity_too() -> None:
    a, b = mg.parameter([1.0, 2.0, 2.0, inf, -inf, 0.0]), mg.parameter([2.0, 1.0, 2.0, inf, -inf, -0.0])
    assert gradients(mg.minimum(a, b).sum(), a, b) == [[1, 0, 0.5, 0.5, 0.5, 0.5], [0, 1, 0.5, 0.5, 0.5, 0.5]]


def test_clip_on_its_bounds_and_beyond() -> None:
    x = mg.parameter([-inf, -1.0, 0.0, 0.5, 1.0, 2.0, inf], "x")
    low, high = mg.parameter(0.0, "low"), mg.parameter(1.0, "high")
    y = mg.clip(x, low, high)
    assert y.value.tolist() == [0, 0, 0, 0.5, 1, 1, 1]
    assert gradients(y.sum(), x, low, high) == [[0, 0, 0.5, 1, 0.5, 0, 0], 2.5, 2.5]


def test_clip_with_bounds_that_cross_is_numpys() -> None:
    assert mg.clip([0.0, 5.0], 3.0, 1.0).value.tolist() == np.clip([0.0, 5.0], 3.0, 1.0).tolist() == [1, 1]


def test_a_mask_of_any_kind() -> None:
    a, b = mg.parameter([1.0, 2.0, 3.0], "a"), mg.parameter([10.0, 20.0, 30.0], "b")
    for mask in (np.array([True, False, True]), [1, 0, 1], [-1e-300, -0.0, inf], mg.data([2.0, 0.0, 5e-324], "M")):
        y = mg.where(mask, a, b)
        assert y.value.tolist() == [1, 20, 3]
        assert gradients(y.sum(), a, b) == [[1, 0, 1], [0, 1, 0]]
        assert mg.compile(y)().tolist() == [1, 20, 3]


def test_a_mask_that_changes_is_followed_and_never_differentiated() -> None:
    x, M = mg.parameter([1.0, -2.0], "x"), mg.data([1.0, 0.0], "M")
    J = mg.where(M, x**2, 5 * x).sum().named("J")
    assert gradients(J, x, M) == [[2, 5], [0, 0]]
    M.value = [0.0, 1.0]
    assert gradients(J, x, M) == [[5, -4], [0, 0]]
    live = mg.where(mg.relu(x), x**2, 5 * x).sum()
    assert gradients(live, x) == [[2, 5]]
    x.value = [-1.0, 2.0]
    assert gradients(live, x) == [[5, 4]]
    program = mg.compile(J, inputs=[M])
    assert program(np.array([1.0, 0.0])) == 1 + 10 and program(np.array([0.0, 1.0])) == -5 + 4


def test_what_is_not_chosen_does_not_count() -> None:
    x = mg.parameter([0.0, 4.0], "x")
    y = mg.where(x.value > 0, mg.sqrt(x) + mg.log(x), -1.0)
    assert y.value.tolist() == [-1, 2 + np.log(4.0)]
    assert mg.jvp(y, x, [1.0, 1.0]).value.tolist() == [0, 0.5]
    chosen_before = mg.log(mg.where(x.value > 0, x, 1.0))
    assert gradients(chosen_before.sum(), x) == [[0, 0.25]]
    assert np.isnan(gradients(y.sum(), x)[0]).tolist() == [True, False]  # 0 · (1/0), as the docs say


def test_upstream_infinities_stay_with_what_is_chosen() -> None:
    a, b = mg.parameter([1.0, 2.0], "a"), mg.parameter([3.0, 4.0], "b")
    y = mg.where([True, False], a, b)
    found = [g.value.tolist() for g in mg.grad(y, [a, b], seed=[inf, -inf])]
    assert found == [[inf, 0], [0, -inf]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_mask_does_not_decide_the_precision(dtype: Any) -> None:
    a, b = mg.parameter(np.ones(2, dtype)), np.zeros(2, dtype)
    for mask in (np.array([True, False]), mg.data([1.0, 0.0]), mg.data(np.array([1.0, 0.0], np.float32)), [1, 0]):
        assert mg.where(mask, a, 0.0).dtype == mg.where(mask, a, b).dtype == mg.where(mask, b, 0.0).dtype == dtype
    assert mg.where([nan, 0.0], 1.0, 2.0).value.tolist()[1] == 2


def test_detach_is_the_value_and_no_derivative() -> None:
    x = mg.parameter([2.0, 3.0], "x")
    J = (mg.detach(x) * x + mg.detach(x**2)).sum()
    assert J.value == 2 * 13
    assert gradients(J, x) == [[2, 3]]
    assert gradients(mg.grad(J, x).sum(), x) == [[0, 0]]
    assert mg.jvp(J, x, [1.0, 1.0]).value == 5
    x.value = [5.0, 1.0]
    assert gradients(J, x) == [[5, 1]] and mg.compile([J, mg.grad(J, x)])()[1].tolist() == [5, 1]


def test_detach_keeps_its_bits_and_says_so_in_pictures() -> None:
    x = mg.parameter([-0.0, nan, inf], "x")
    assert mg.detach(x).value.tobytes() == x.value.tobytes() == mg.compile(mg.detach(x))().tobytes()
    J = (mg.detach(x).named("t") * x).sum()
    forward, both = (mg.draw(J, direction).source for direction in ("forward", "both"))
    for source in (forward, both):
        lines = [line for line in source.splitlines() if "held fixed" in line]
        assert len(lines) == 1
        assert source.count("style=dashed") == 1
    free = mg.draw((x * x).sum(), "both").source
    assert "held fixed" not in free and "style=dashed" not in free


def test_pictures_cut_a_mask_off() -> None:
    x, M = mg.parameter([1.0, 2.0], "x"), mg.data([1.0, 0.0], "M")
    J = mg.where(M, x, 2 * x).sum()
    assert mg.draw(J, "both").source.count("held fixed") == 1
    assert "held fixed" not in mg.draw(mg.where([True, False], x, 2 * x).sum(), "both").source  # a number is fixed anyway
    assert "[M ≠ 0]" in mg.draw(J, "backward").source and "[M = 0]" in mg.draw(J, "backward").source
    assert "[M[i] ≠ 0]" in str(mg.explain(J, wrt=x))
