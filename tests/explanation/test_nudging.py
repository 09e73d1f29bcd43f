import numpy as np
import pytest

import minigraph as mg


def test_leaves_and_intermediate_nodes(chain):
    told = mg.nudge(chain.J, chain.v)
    assert (told.slope, told.predicted) == (3.0, pytest.approx(0.003))
    assert told.actual == pytest.approx(0.003)
    assert told.confirmed and not told.kinks
    assert repr(told) == str(told)
    assert str(told).splitlines() == [
        "nudge: v + 0.001 moves J by 0.003 = 3 × 0.001 ✓",
        "  J: 33 → 33.003",
        "predicted: ∂J/∂v × 0.001 = 3 × 0.001 = 0.003; actual: 0.003",
    ]
    assert [node.name for node, _, _ in mg.nudge(chain.J, chain.c).moved] == ["u", "v", "J"]
    assert float(chain.J) == 33.0


def test_a_step_back():
    x = mg.parameter(2.0, "x")
    assert mg.nudge((5 * x).named("J"), x, by=-0.001).line("J", "x") == "x − 0.001 moves J by −0.005 = 5 × (−0.001) ✓"


def test_curvature_is_told_from_a_wrong_slope():
    x = mg.parameter(0.0, "x")
    told = mg.nudge((x * x).named("J"), x)
    assert told.confirmed
    assert "curvature: halve the step and it is a quarter" in str(told)

    class Wrong(mg.Elementwise):
        def forward(self, x):
            return 3 * x

        def derivatives(self, y, x):
            return [mg.Scale(mg.data(2.0))]

    told = mg.nudge(Wrong()(x).named("J"), x)
    assert not told.confirmed
    assert str(told).splitlines()[0] == "nudge: x + 0.001 moves J by 0.003 ≠ 2 × 0.001 ✗"


@pytest.mark.parametrize("start, jump", [(0.0, "0 → 1"), (-0.0005, "0 → 1"), (0.0005, "0 → 1")])
def test_kinks_are_flagged_on_both_sides(start, jump):
    x = mg.parameter(start, "x")
    told = mg.nudge(mg.relu(x).named("J"), x)
    assert told.kinks == (f"[x > 0] jumps {jump}",)
    assert not told.confirmed
    assert "there is a kink: [x > 0] jumps 0 → 1" in str(told)


def test_kinks_in_arrays_name_the_entry():
    x = mg.parameter([1.0, 0.0, 0.0], "x")
    assert mg.nudge(mg.relu(x).sum().named("J"), x).kinks == ("[x > 0] jumps 0 → 1 at entry [1] and at 1 more",)
    assert mg.nudge(mg.relu(x).sum().named("J"), x, entry=(0,)).kinks == ()
    y = mg.parameter([2.0, 2.0], "y")
    assert "jumps" in str(mg.nudge(mg.max(y).named("J"), y, entry=(0,)))


def test_arrays_move_as_a_whole_or_one_entry(net):
    told = mg.nudge(net.J, net.W1, by=1e-6)
    assert told.slope == pytest.approx(mg.grad(net.J, net.W1).value.sum())
    assert "∂J/∂W1, summed over its entries, ×" in str(told)
    told = mg.nudge(net.J, net.W1, by=1e-6, entry=(-1, 0))
    assert told.entry == (3, 0)
    assert told.slope == pytest.approx(mg.grad(net.J, net.W1).value[3, 0])
    assert "W1[3, 0] + 1e−6" in str(told)
    assert "  Z1: 7 of 28 entries move; most [3, " in str(told)


def test_many_nodes_that_move_are_cut():
    node = x = mg.parameter(1.0, "x")
    for i in range(12):
        node = (node * 2).named(f"n{i}")
    assert "  … and 4 more" in str(mg.nudge(node, x))


def test_steps_through_which_nothing_flows():
    x = mg.parameter(2.0, "x")
    told = mg.nudge((mg.sign(x) + 1).named("J"), x)
    assert (told.slope, told.actual, told.confirmed) == (0.0, 0.0, True)
    assert mg.nudge((x * 2).named("J"), x, by=0.0).confirmed


def test_float32_graphs():
    x = mg.parameter(np.float32(3.0), "x", dtype=np.float32)
    assert mg.nudge((x * x).named("J"), x, by=0.01).confirmed


def test_what_is_refused(chain):
    with pytest.raises(mg.ShapeError, match=r"nudge: .* not a scalar"):
        mg.nudge(chain.a * [1.0, 2.0], chain.a)
    with pytest.raises(ValueError, match="does not depend on"):
        mg.nudge(chain.J, mg.parameter(1.0, "other"))
    x = mg.parameter([1.0, 2.0], "x")
    with pytest.raises(IndexError, match="it has no entry \\[3\\]"):
        mg.nudge(x.sum(), x, entry=(3,))


def test_explanations_step_to_the_side_that_is_allowed():
    p, y = mg.parameter(1.0, "p"), mg.data(1.0, "y")
    assert "nudge: p − 0.001 moves" in str(mg.explain(mg.bce(p, y).named("L"), p))

    class Picky(mg.Elementwise):
        def forward(self, x):
            if x != 2:
                raise mg.DomainError("only 2 is allowed")
            return x

        def derivatives(self, y, x):
            return [mg.Identity()]

    x = mg.parameter(2.0, "x")
    assert "nudge: not possible here. picky" in str(mg.explain(Picky()(x).named("J"), x))


def test_explanations_take_a_smaller_step_where_a_kink_is_near():
    x = mg.parameter(0.0005, "x")
    assert "nudge: x + 1e−5 moves J by 1e−5 = 1 × 1e−5 ✓" in str(mg.explain(mg.relu(x).named("J"), x))
    x = mg.parameter(0.0, "x")
    assert "there is a kink" in str(mg.explain(mg.relu(x).named("J"), x))


class Parabola(mg.Elementwise):
    """c x², with a derivative that is right for factor 1."""

    def __init__(self, c, factor):
        self.c, self.factor = c, factor

    def forward(self, x):
        return self.c * x**2

    def derivatives(self, result, x):
        return [mg.Scale(2 * self.c * self.factor * x)]


@pytest.mark.parametrize("c", [1e-200, 1e-20, 1e-8, 1.0, 1e20, 1e200])
def test_a_wrong_slope_is_seen_in_a_cost_of_any_size(c):
    x = mg.parameter(3.0, "x")
    with np.errstate(all="raise"):
        for factor, right in ((1.0, True), (-1.0, False), (1.01, False), (0.0, False), (2.0, False)):
            found = mg.nudge(Parabola(c, factor)(x).named("J"), x, by=1e-4)
            assert found.confirmed == right and not found.hidden
            assert ("✓" in str(found)) == right


def test_what_rounding_hides_is_not_confirmed():
    x = mg.parameter(3.0, "x")
    for factor in (1.0, -1.0, 0.5):
        found = mg.nudge((1e8 + Parabola(1e-12, factor)(x)).named("J"), x)
        assert found.hidden and not found.confirmed and "✓" not in str(found)
        assert "that is less than the rounding of J" in str(found)
    assert mg.nudge((1e8 + 0 * x).named("J"), x).confirmed
    cancels = mg.nudge(((x + 1e9) - 1e9).named("J"), x)
    assert cancels.confirmed and cancels.rounding > 1e-7


def test_what_is_detached_is_held_fixed():
    x = mg.parameter(2.0, "x")
    cut = mg.detach((x**2).named("y"))
    told = mg.nudge((cut * x).named("J"), x)
    assert told.confirmed and told.held == ("detach(y)",) and not told.kinks
    assert told.actual == pytest.approx(0.004)
    assert str(told).splitlines()[0] == "nudge: with detach(y) held fixed, x + 0.001 moves J by 0.004 = 4 × 0.001 ✓"
    assert mg.nudge((cut * x).named("J"), cut).held == ()
