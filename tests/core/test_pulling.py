"""Values are pulled: fresh at every read, evaluated once, sound after an exception, never changed once handed out."""

from typing import Any

import numpy as np
import pytest

import minigraph as mg
from minigraph.core.pulling import Clock, ancestors


class Counting(mg.Elementwise):
    """x + 1, counting its evaluations; fails when told to."""

    def __init__(self) -> None:
        self.evaluations = 0
        self.fail = False

    def forward(self, x: Any) -> Any:
        if self.fail:
            raise RuntimeError("out of luck")
        self.evaluations += 1
        return x + 1

    def derivatives(self, result: mg.Node, x: mg.Node) -> Any:
        return [mg.Identity()]


def test_like_a_spreadsheet() -> None:
    a, b, c = mg.parameter(5.0, "a"), mg.parameter(3.0, "b"), mg.parameter(2.0, "c")
    u = (b * c).named("u")
    v = (a + u).named("v")
    J = (3 * v).named("J")
    assert float(J) == 33
    a.value = 5.001
    assert float(J) == pytest.approx(33.003, abs=1e-12)
    assert float(u) == 6
    b.value, c.value = 1.0, 1.0
    assert (float(v), float(u), float(J)) == (6.001, 1, pytest.approx(18.003, abs=1e-12))


def test_gradients_are_fresh_too() -> None:
    x = mg.parameter(2.0, "x")
    slope = mg.grad(x**3, x)
    assert float(slope) == 12
    x.value = 3.0
    assert float(slope) == 27


def test_nothing_is_evaluated_before_it_is_read_and_then_once() -> None:
    op = Counting()
    x = mg.data(1.0, "x")
    y = op(x)
    J = y * y + y
    assert op.evaluations == 0
    assert (float(J), float(J), float(y)) == (6, 6, 2)
    assert op.evaluations == 1
    x.value = 2.0
    x.value = 3.0
    assert op.evaluations == 1
    assert (float(y), float(J), op.evaluations) == (4, 20, 2)


def test_only_what_depends_on_the_change_is_evaluated() -> None:
    left, right = Counting(), Counting()
    a, b = mg.data(1.0), mg.data(1.0)
    J = left(a) * right(b)
    for value in (2.0, 3.0, 4.0):
        a.value = value
        assert float(J) == (value + 1) * 2
    assert (left.evaluations, right.evaluations) == (3, 1)


def test_an_assignment_elsewhere_evaluates_nothing() -> None:
    op, other = Counting(), mg.data(1.0)
    y = op(mg.data(1.0))
    for value in (1.0, 2.0, 3.0):
        other.value = value
        assert float(y) == 2
    assert op.evaluations == 1


def test_a_branch_that_was_not_read_for_a_while_is_fresh_when_read() -> None:
    x = mg.data(1.0, "x")
    middle = x * 10
    left, right = middle + 1, middle + 2
    assert (float(left), float(right)) == (11, 12)
    x.value = 2.0
    assert float(left) == 21  # middle is evaluated for the left branch
    x.value = 2.0
    assert float(middle) == 20
    assert float(right) == 22


def test_a_leaf_assigned_back_and_forth() -> None:
    x = mg.data(1.0)
    y = x + 1
    read = []
    for value in (1.0, 2.0, 1.0, 1.0, 3.0):
        x.value = value
        read.append(float(y))
    assert read == [2, 3, 2, 2, 4]


def test_arrays_handed_out_never_change() -> None:
    x = mg.data([1.0, 2.0], "x")
    nodes = [x, x + 1, x.reshape(2, 1), x[::-1], mg.identity(x), mg.broadcast_to(x, (2, 2))]
    before = [node.value for node in nodes]
    copies = [array.copy() for array in before]
    assert not any(array.flags.writeable for array in before)
    x.value = [5.0, 6.0]
    for node in nodes:
        assert node.value[0] is not None
    assert all(np.array_equal(array, kept) for array, kept in zip(before, copies, strict=True))
    assert nodes[2].value.tolist() == [[5], [6]]


def test_reading_twice_gives_the_same_array() -> None:
    y = mg.data([1.0, 2.0]) + 1
    assert y.value is y.value


def test_an_exception_on_the_way_leaves_a_sound_graph() -> None:
    op = Counting()
    x = mg.data(1.0, "x")
    before = x * 2
    J = op(before) + before
    op.fail = True
    for _ in range(2):
        with pytest.raises(RuntimeError, match="out of luck"):
            float(J)
    assert float(before) == 2
    op.fail = False
    assert float(J) == 5
    op.fail = True
    x.value = 2.0
    with pytest.raises(RuntimeError):
        float(J)
    x.value = 3.0
    op.fail = False
    assert float(J) == 13


def test_an_exception_says_where_it_came_from() -> None:
    op = Counting()
    op.fail = True
    x = mg.data([1.0, 2.0], "x")
    y = op(x).named("y")
    with pytest.raises(RuntimeError, match="out of luck") as caught:
        y.value  # noqa: B018
    assert caught.value.__notes__ == [f"in counting for 'y' of 'x' is (2,), made at {y.made_at}"]


def test_a_refused_assignment_changes_nothing() -> None:
    x = mg.data([1.0, 2.0])
    y = x + 1
    first = y.value
    with pytest.raises(mg.ShapeError):
        x.value = [1.0]
    assert y.value is first


def test_a_domain_error_heals_with_the_leaf() -> None:
    p = mg.data(1.5, "p")
    J = mg.bce(p, 1.0)
    with pytest.raises(mg.DomainError):
        float(J)
    p.value = 1.0
    assert float(J) == 0


class Reading(mg.Elementwise):
    """Reads another node in its forward rule, which starts a pull inside a pull."""

    def __init__(self, other: mg.Node) -> None:
        self.other = other

    def forward(self, x: Any) -> Any:
        return x + self.other.value


def test_a_forward_rule_may_read_another_node() -> None:
    x = mg.data(1.0)
    op = Counting()
    shared = op(x)
    y = Reading(shared)(x) + shared
    assert float(y) == 5
    assert op.evaluations == 1


def test_no_floating_point_warning_comes_out_of_a_pull() -> None:
    y = mg.log(mg.data(0.0)) + mg.exp(mg.data(1e4)) + mg.data(0.0) / 0.0
    assert np.isnan(y.value)
    with np.errstate(all="raise"):
        assert np.isinf(mg.exp(mg.data(1e5)).value)


@pytest.mark.parametrize(
    ("forward", "value"),
    [(lambda x: float(x) * 2, 6.0), (lambda x: [[x]], None), (lambda x: x > 2, 1.0), (lambda x: np.int64(7), 7.0)],
)
def test_what_a_forward_rule_may_return(forward: Any, value: float | None) -> None:
    op = type("Own", (mg.Elementwise,), {"forward": lambda self, x: forward(x)})()
    node = op(mg.data(3.0, "x"))
    if value is None:
        message = r"an unnamed own made at .* is \(\), but own\.forward gave a value of shape \(1, 1\)\. "
        with pytest.raises(
            mg.ShapeError, match=message + r"Its shape rule \(Own\.shape\) and its forward rule disagree\."
        ) as caught:
            node.value  # noqa: B018
        assert caught.value.op is op
        assert caught.value.operands == node.inputs
    else:
        assert node.value == value
        assert type(node.value) is np.float64


def test_ancestors_are_in_topological_order() -> None:
    x = mg.data(1.0)
    a, b = x + 1, x + 2
    c = b * a
    d = c + x
    assert ancestors([d]) == sorted({x, a, b, c, d, *a.inputs, *b.inputs}, key=lambda node: node.number)
    assert ancestors([d], stop=lambda node: node is c) == [x, c, d]
    assert ancestors([]) == []
    assert ancestors([x, x]) == [x]


def test_time_advances_with_assignments_only() -> None:
    x = mg.data(1.0)
    before = Clock.time
    float(x * 2)
    assert Clock.time == before
    x.value = 2.0
    assert Clock.time == before + 1
